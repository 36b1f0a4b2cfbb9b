"""Alembic migrations, oldest first; each has an upgrade test on both databases."""
