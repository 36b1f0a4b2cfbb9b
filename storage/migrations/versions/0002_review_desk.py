"""The review desk: queue, audit, sign-in, saved views, and the whole row of a decision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OF_A_DECISION = (
    "commitment_rev",
    "suggestion_id",
    "stage_before",
    "stage_after",
    "verdict_before",
    "verdict_after",
    "rubric_version",
    "app_version",
)


def upgrade() -> None:
    """Make the tables, and add the columns."""
    for name in OF_A_DECISION:
        op.add_column("decisions", sa.Column(name, sa.Text(), nullable=True))
    _widen_developments()
    _make_queue()
    _make_admin_log()
    _make_sign_in()
    op.create_table(
        "saved_views",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "page", "name", name=op.f("pk_saved_views")),
    )


def _widen_developments() -> None:
    op.add_column("developments", sa.Column("joined_to", BIG_ID, nullable=True))
    op.add_column("developments", sa.Column("came_from", BIG_ID, nullable=True))
    op.add_column("developments", sa.Column("suggested", sa.JSON(), nullable=True))
    op.create_index(op.f("ix_developments_joined_to"), "developments", ["joined_to"])
    op.create_index(op.f("ix_developments_came_from"), "developments", ["came_from"])
    op.create_index("ix_developments_outcome_relation", "developments", ["outcome", "relation"])


def _make_queue() -> None:
    op.create_table(
        "queue_items",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("snooze", sa.Text(), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_by", sa.Text(), nullable=True),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("second_asked_by", sa.Text(), nullable=True),
        sa.Column("second_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_queue_items")),
    )
    op.create_table(
        "queue_opens",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "actor", name=op.f("pk_queue_opens")),
    )


def _make_admin_log() -> None:
    op.create_table(
        "admin_log",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_log")),
    )
    op.create_index(op.f("ix_admin_log_at"), "admin_log", ["at"])
    op.create_index(op.f("ix_admin_log_actor"), "admin_log", ["actor"])


def _make_sign_in() -> None:
    op.create_table(
        "logins",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_logins")),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_actor"), "sessions", ["actor"])
