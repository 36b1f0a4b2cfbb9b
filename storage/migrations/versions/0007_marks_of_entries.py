"""The marks by which a feed's entries are known again; what made storing articles slow goes.

An index that nothing asks, and on SQLite the trigger that let each new article wait for the search:
the program does that itself, for many articles at once.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"


def upgrade() -> None:
    """Add the marks; drop index and trigger."""
    op.add_column("feed_states", sa.Column("marks", sa.LargeBinary()))
    op.drop_index("ix_articles_text_hash", table_name="articles")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER IF EXISTS search_article_added")


def downgrade() -> None:
    """Put everything back."""
    op.create_index("ix_articles_text_hash", "articles", ["text_hash"])
    op.drop_column("feed_states", "marks")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER search_article_added AFTER INSERT ON articles BEGIN "
            "INSERT INTO search_pending (article_id) VALUES (NEW.id) "
            "ON CONFLICT (article_id) DO NOTHING; END"
        )
