"""The marks by which a feed's entries are known again; an index that nothing asks goes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"


def upgrade() -> None:
    """Add the marks; drop the index."""
    op.add_column("feed_states", sa.Column("marks", sa.LargeBinary()))
    op.drop_index("ix_articles_text_hash", table_name="articles")


def downgrade() -> None:
    """Put everything back."""
    op.create_index("ix_articles_text_hash", "articles", ["text_hash"])
    op.drop_column("feed_states", "marks")
