"""Run migrations on the connection that `storage.database` hands over."""

from __future__ import annotations

from alembic import context

from storage.tables import metadata


def run() -> None:
    """Migrate in the caller's transaction; SQLite needs tables rebuilt to change them."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


run()
