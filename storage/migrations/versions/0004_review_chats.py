"""Groups that review, and how the people who decide are called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the mark of a review group, and the names."""
    op.add_column(
        "subscribers", sa.Column("reviews", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "people",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", name=op.f("pk_people")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("people")
    op.drop_column("subscribers", "reviews")
