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
    false,
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
    Column("marks", LargeBinary),  # of the last answer's entries
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
    Column("text_hash", Text, nullable=False),
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
    Column("joined_to", BigId, index=True),
    Column("came_from", BigId, index=True),
    Column("suggested", JSON),  # what a decision wrote over, to be put back by its undo
    Index("ix_developments_commitment_seen", "commitment_id", "last_seen_at"),
    Index("ix_developments_relation_seen", "relation", "commitment_id", "last_seen_at"),
    Index("ix_developments_outcome_relation", "outcome", "relation"),
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
    # Of the article: pages count and filter by them without reading texts.
    Column("language", Text),
    Column("feed_id", Text),
    Column("published_at", Moment),  # or when it was fetched
    UniqueConstraint("commitment_id", "article_id"),
    Index("ix_hits_commitment_found", "commitment_id", "found_at"),
    Index("ix_hits_published", "published_at", "commitment_id", "found_at"),
    Index(  # all that the history lists, filters and counts by
        "ix_hits_history",
        "found_at",
        "id",
        "commitment_id",
        "relation",
        "language",
        "feed_id",
        "article_id",
        "development_id",
    ),
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
    Column("commitment_rev", Text),
    Column("suggestion_id", Text),
    Column("stage_before", Text),
    Column("stage_after", Text),
    Column("verdict_before", Text),
    Column("verdict_after", Text),
    Column("rubric_version", Text),
    Column("app_version", Text),
)

# What was done to a card of the review queue; a card nobody touched has no row.
queue_items = Table(
    "queue_items",
    metadata,
    Column("key", Text, primary_key=True),  # "F42", or a clock's: "overdue.waico.2027"
    Column("snooze", Text),
    Column("snoozed_until", Moment),
    Column("snoozed_at", Moment),
    Column("snoozed_by", Text),
    Column("assignee", Text),
    Column("second_asked_by", Text),
    Column("second_asked_at", Moment),
)

# Who has a card open, so that two do not work on one.
queue_opens = Table(
    "queue_opens",
    metadata,
    Column("key", Text, primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("opened_at", Moment, nullable=False),
)

# What people did that is no decision: each row sealed with the hash of the one before.
admin_log = Table(
    "admin_log",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("actor", Text, nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

# One-time links to the review page, and what they open: only hashes are stored.
logins = Table(
    "logins",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("actor", Text, nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ended_at", Moment),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("page", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("query", Text, nullable=False),
    Column("saved_at", Moment, nullable=False),
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
    Column("reviews", Boolean, nullable=False, server_default=false()),
)

# Analysts and admins, as Telegram names them.
people = Table(
    "people",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("met_at", Moment, nullable=False),
)

# Edits of the watchlist that wait in a chat to be accepted: too long for a button.
proposed_edits = Table(
    "proposed_edits",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("actor", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("based_on", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("accepted_as", Integer),
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
    Index("ix_coverage_hour", "hour"),
)

# Hours that are over: in how many feeds we had looked, and how many were asked then.
observed_hours = Table(
    "observed_hours",
    metadata,
    Column("hour", Moment, primary_key=True),
    Column("feeds", Integer, nullable=False),
    Column("asked", Integer, nullable=False),
)

# What the search index holds. The words themselves are kept as each database can (0003): in
# `search_articles` for every article, in `search_hits` for those with hits, by number.
search_documents = Table(
    "search_documents",
    metadata,
    Column("number", BigId, primary_key=True, autoincrement=True),
    Column("article_id", BigId, ForeignKey("articles.id"), nullable=False, unique=True),
    Column("has_hits", Boolean, nullable=False),
)

# Articles that the index does not hold as they are now.
search_pending = Table(
    "search_pending",
    metadata,
    Column("article_id", BigId, ForeignKey("articles.id"), primary_key=True, autoincrement=False),
)

search_state = Table(
    "search_state",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
