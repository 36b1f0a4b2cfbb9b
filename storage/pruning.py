"""What may go after a time: texts that named no pledge, and records that nobody asks for again.

Never hits, decisions, developments, articles with hits or any revision of them; and of an article
without a hit only its text, so that an entry that a feed still lists is known when it comes again.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, or_, select, update

from model.records import ArticleId, DeliveryState, Outcome
from storage.repository import Repository
from storage.search_index import SearchIndex
from storage.tables import (
    article_revisions,
    articles,
    coverage,
    deliveries,
    developments,
    hits,
    logins,
    observed_hours,
    outbox,
    queue_opens,
    sessions,
    sightings,
)

ENDED = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.DROPPED)
# A correction of these is told to whoever was told: who that was must stay known.
MAY_BE_CORRECTED = (Outcome.CONFIRMED, Outcome.SETBACK, Outcome.UNSURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freed:
    """What went, or would go."""

    texts: int = 0
    characters: int = 0  # of those texts
    revisions: int = 0
    sightings: int = 0
    deliveries: int = 0
    coverage: int = 0
    sign_ins: int = 0

    def __add__(self, other: Freed) -> Freed:
        values = {
            each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)
        }
        return Freed(**values)

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))


class Pruning(Repository):
    """Takes away what is older than a moment and may go."""

    def would_free(self, before: datetime) -> Freed:
        """Count what would go."""
        texts, characters = self._connection.execute(
            select(func.count(), func.coalesce(func.sum(func.length(articles.c.text)), 0)).where(
                self._quiet(before), articles.c.text != ""
            )
        ).one()
        chosen = self._chosen(before)
        counts = {
            name: sum(self._count(table, condition) for table, condition in tables)
            for name, tables in chosen.items()
        }
        return Freed(texts=texts, characters=characters, **counts)

    def free_texts(self, before: datetime, limit: int = 500) -> Freed:
        """Take away some texts; what was freed is nothing where none is left."""
        rows = self._connection.execute(
            select(articles.c.id, func.length(articles.c.text).label("length"))
            .where(self._quiet(before), articles.c.text != "")
            .order_by(articles.c.fetched_at)
            .limit(limit)
        ).all()
        ids = [ArticleId(row.id) for row in rows]
        SearchIndex(self._connection).forget(ids)
        self._connection.execute(update(articles).where(articles.c.id.in_(ids)).values(text=""))
        return Freed(texts=len(rows), characters=sum(row.length for row in rows))

    def free_records(self, before: datetime) -> Freed:
        """Take away what stands beside the texts."""
        counts = {
            name: sum(self._delete(table, condition) for table, condition in tables)
            for name, tables in self._chosen(before).items()
        }
        return Freed(**counts)

    def _chosen(self, before: datetime) -> dict[str, list[tuple[Table, ColumnElement[bool]]]]:
        quiet = select(articles.c.id).where(self._quiet(before))
        return {
            "revisions": [(article_revisions, article_revisions.c.article_id.in_(quiet))],
            "sightings": [
                (
                    sightings,
                    and_(
                        sightings.c.first_seen_at < before,
                        sightings.c.article_id.in_(quiet.where(articles.c.canonical_url != "")),
                    ),
                )
            ],
            "deliveries": [(deliveries, self._told_long_ago(before))],
            "coverage": [(coverage, self._settled(before))],
            "sign_ins": [
                (logins, logins.c.expires_at < before),
                (sessions, sessions.c.seen_at < before),
                (queue_opens, queue_opens.c.opened_at < before),
            ],
        }

    def _quiet(self, before: datetime) -> ColumnElement[bool]:
        """Articles of then that name no pledge and lead no development."""
        return and_(
            articles.c.fetched_at < before,
            ~exists().where(hits.c.article_id == articles.c.id),
            ~exists().where(developments.c.lead_article_id == articles.c.id),
        )

    def _told_long_ago(self, before: datetime) -> ColumnElement[bool]:
        """Deliveries that ended, but those of what may still be corrected."""
        lasting = (
            exists()
            .where(outbox.c.id == deliveries.c.alert_id)
            .where(developments.c.id == outbox.c.development_id)
            .where(developments.c.outcome.in_(MAY_BE_CORRECTED))
        )
        return and_(
            deliveries.c.state.in_(ENDED),
            deliveries.c.due_at < before,
            or_(deliveries.c.sent_at.is_(None), deliveries.c.sent_at < before),
            ~lasting,
        )

    def _settled(self, before: datetime) -> ColumnElement[bool]:
        """Hours by feed whose count over all feeds is kept."""
        settled = select(func.max(observed_hours.c.hour)).scalar_subquery()
        return and_(coverage.c.hour < before, coverage.c.hour < settled)

    def _count(self, table: Table, condition: ColumnElement[bool]) -> int:
        statement = select(func.count()).select_from(table).where(condition)
        return int(self._connection.execute(statement).scalar_one())

    def _delete(self, table: Table, condition: ColumnElement[bool]) -> int:
        return int(self._connection.execute(delete(table).where(condition)).rowcount)
