"""The tables. Private to `storage/`.

SQLAlchemy Core, not the ORM: rows go in and out in batches, and nothing outside may hold one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

# SQLite only counts an INTEGER primary key up by itself.
BigId = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime in and out, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Turn an aware moment into what the database keeps."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Give the moment its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

feed_states = Table(
    "feed_states",
    metadata,
    Column("feed_id", Text, primary_key=True),
    Column("title", Text, nullable=False, server_default=""),  # as the watchlist has it
    Column("tier", Text, nullable=False, server_default="f"),
    Column("next_poll_at", Moment, nullable=False, index=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", Text),
    Column("url", Text),
    Column("health", Text, nullable=False),
    Column("interval_seconds", Float, nullable=False),
    Column("last_polled_at", Moment),
    Column("last_success_at", Moment),
    Column("last_entry_at", Moment),
    Column("consecutive_failures", Integer, nullable=False, server_default="0"),
    Column("fault", Text),
    Column("last_error", Text),
    Column("hints", JSON, nullable=False),
    Column("requested_at", Moment),
)

articles = Table(
    "articles",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("feed_id", Text, nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("url", Text, nullable=False, index=True),
    Column("canonical_url", Text, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("outlet", Text),
    Column("published_at", Moment),
    Column("fetched_at", Moment, nullable=False, index=True),
    Column("text_hash", Text, nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("feed_id", "entry_id"),
)

# Every place where an article was seen: the same one comes back under other ids and in other feeds.
sightings = Table(
    "sightings",
    metadata,
    Column("feed_id", Text, primary_key=True),
    Column("entry_id", Text, primary_key=True),
    Column("article_id", BigId, ForeignKey("articles.id"), nullable=False, index=True),
    Column("text_hash", Text, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
)

# What an article said before it was changed; the newest revision stands in `articles`.
article_revisions = Table(
    "article_revisions",
    metadata,
    Column("article_id", BigId, ForeignKey("articles.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_hash", Text, nullable=False),
    Column("replaced_at", Moment, nullable=False),
)

developments = Table(
    "developments",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("commitment_id", Text, nullable=False),
    Column("relation", Text, nullable=False),
    Column("headline", Text, nullable=False),
    Column("lead_article_id", BigId, ForeignKey("articles.id"), nullable=False),
    Column("milestone", Text),
    Column("setback", Text),
    Column("stage", Text),
    Column("outcome", Text),
    Column("event_date", Text),
    Column("place", Text),
    Column("hit_count", Integer, nullable=False),
    Column("origin_count", Integer, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("told", Boolean, nullable=False),
    Index("ix_developments_commitment_seen", "commitment_id", "last_seen_at"),
)

hits = Table(
    "hits",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("commitment_id", Text, nullable=False),
    Column("article_id", BigId, ForeignKey("articles.id"), nullable=False, index=True),
    Column("development_id", BigId, ForeignKey("developments.id"), index=True),
    Column("relation", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("matches", JSON, nullable=False),
    Column("suggestion", JSON, nullable=False),
    Column("watchlist_version", Text, nullable=False),
    Column("found_at", Moment, nullable=False),
    UniqueConstraint("commitment_id", "article_id"),
    Index("ix_hits_commitment_found", "commitment_id", "found_at"),
)

# What was suggested before the rules, the watchlist or the article changed.
suggestions = Table(
    "suggestions",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("hit_id", BigId, ForeignKey("hits.id"), nullable=False, index=True),
    Column("watchlist_version", Text, nullable=False),
    Column("suggestion", JSON, nullable=False),
    Column("replaced_at", Moment, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("commitment_id", Text, nullable=False, index=True),
    Column("development_id", BigId, ForeignKey("developments.id"), index=True),
    Column("hit_ids", JSON, nullable=False),
    Column("clause_ids", JSON, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Integer),
    Column("milestone", Text),
    Column("milestone_date", Text),
    Column("place", Text),
    Column("setback", Text),
    Column("verdict", Text),
    Column("other_id", Text),
    Column("quote", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("undoes", BigId, ForeignKey("decisions.id")),
    Column("decided_at", Moment, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("commitment_id", Text, nullable=False),
    Column("development_id", BigId, ForeignKey("developments.id"), index=True),
    Column("reason", Text, nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("routed_at", Moment, index=True),
    Column("feed_id", Text, index=True),  # only of a notice about a feed
    Column("facts", JSON),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("timezone", Text),
    Column("digest_at", Text, nullable=False),
    Column("quiet_from", Text),
    Column("quiet_until", Text),
    Column("stage_changes_override", Boolean, nullable=False),
    Column("started_at", Moment),
    Column("blocked_at", Moment),
    Column("not_before", Moment),
    Column("invited", Boolean, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("chat_id", BigInteger, ForeignKey("subscribers.chat_id"), primary_key=True),
    Column("target", Text, primary_key=True),
    Column("level", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("languages", JSON, nullable=False),
    Column("lowest_tier", Text),
    Column("topic_id", BigInteger),
    Column("since", Moment),
)

mutes = Table(
    "mutes",
    metadata,
    Column("chat_id", BigInteger, ForeignKey("subscribers.chat_id"), primary_key=True),
    Column("commitment_id", Text, primary_key=True),
    Column("until", Moment),
)

# One-time invitations, for bots that are not open to everybody.
invitations = Table(
    "invitations",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("made_by", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("used_at", Moment),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("alert_id", BigId, ForeignKey("outbox.id"), nullable=False),
    Column("chat_id", BigInteger, ForeignKey("subscribers.chat_id"), nullable=False, index=True),
    Column("mode", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("topic_id", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("ambiguity", Text, nullable=False),
    Column("sent_at", Moment),
    Column("message_id", BigInteger),
    Column("edited_at", Moment),
    Column("last_error", Text),
    UniqueConstraint("alert_id", "chat_id"),
    Index("ix_deliveries_state_due", "state", "due_at"),
)

watchlist_versions = Table(
    "watchlist_versions",
    metadata,
    Column("number", BigId, primary_key=True, autoincrement=True),
    Column("version", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("accepted_at", Moment, nullable=False),
    Column("applied_at", Moment),  # when the stored articles were looked through
)

# One row a feed and hour: what proves that we looked.
coverage = Table(
    "coverage",
    metadata,
    Column("feed_id", Text, primary_key=True),
    Column("hour", Moment, primary_key=True),
    Column("polls", Integer, nullable=False),
    Column("answers", Integer, nullable=False),
    Column("articles", Integer, nullable=False),
    Column("covers_until", Moment),
)
