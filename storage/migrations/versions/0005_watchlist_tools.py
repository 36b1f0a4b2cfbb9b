"""Remember for which versions of the watchlist the stored articles were looked through."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the moment; what was accepted until now counts as done."""
    op.add_column(
        "watchlist_versions", sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.execute("UPDATE watchlist_versions SET applied_at = accepted_at")
