"""Groups that review, how the people who decide are called, and edits that wait to be accepted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the mark of a review group, the names, and the proposed edits."""
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
    op.create_table(
        "proposed_edits",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_as", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_edits")),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("proposed_edits")
    op.drop_table("people")
    op.drop_column("subscribers", "reviews")
