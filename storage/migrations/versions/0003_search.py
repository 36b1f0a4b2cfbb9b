"""Full-text search over all articles, and what the review pages look things up by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.search_schema import create_index_tables, create_triggers

revision = "0003"
down_revision = "0002"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables and indexes; every article that is there already waits to be indexed."""
    op.create_table(
        "search_documents",
        sa.Column("number", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("article_id", BIG_ID, nullable=False),
        sa.Column("has_hits", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_search_documents_article_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_documents")),
        sa.UniqueConstraint("article_id", name=op.f("uq_search_documents_article_id")),
    )
    op.create_table(
        "search_pending",
        sa.Column("article_id", BIG_ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_search_pending_article_id")
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_search_pending")),
    )
    op.create_table(
        "search_state",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_search_state")),
    )
    op.add_column("hits", sa.Column("language", sa.Text(), nullable=True))
    op.add_column("hits", sa.Column("feed_id", sa.Text(), nullable=True))
    op.add_column("hits", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    connection = op.get_bind()
    for name, value in (
        ("language", "language"),
        ("feed_id", "feed_id"),
        ("published_at", "coalesce(published_at, fetched_at)"),
    ):
        connection.exec_driver_sql(
            f"UPDATE hits SET {name} = "
            f"(SELECT {value} FROM articles WHERE articles.id = hits.article_id)"
        )
    op.create_index("ix_hits_published", "hits", ["published_at", "commitment_id", "found_at"])
    op.create_index(
        "ix_hits_history",
        "hits",
        [
            "found_at",
            "id",
            "commitment_id",
            "relation",
            "language",
            "feed_id",
            "article_id",
            "development_id",
        ],
    )
    op.create_index(
        "ix_developments_relation_seen",
        "developments",
        ["relation", "commitment_id", "last_seen_at"],
    )
    op.create_table(
        "observed_hours",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("feeds", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", name=op.f("pk_observed_hours")),
    )
    op.create_index("ix_coverage_hour", "coverage", ["hour"])
    create_index_tables(connection)
    create_triggers(connection)
    connection.exec_driver_sql("INSERT INTO search_pending (article_id) SELECT id FROM articles")
