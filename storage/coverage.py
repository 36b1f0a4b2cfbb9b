"""What proves that we looked: polls and answers for each feed and hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select

from model.feed_health import CoverageHour, floor_hour
from model.records import FeedId
from storage.bulk import moment, put_many
from storage.repository import Repository
from storage.tables import coverage, observed_hours

AT_ONCE = 500  # feeds in one question: databases bound how many values it may hold


_COLUMNS = ("feed_id", "hour", "polls", "answers", "articles", "covers_until")
_CHANGES = {
    **{name: f"old.{name} + new.{name}" for name in ("polls", "answers", "articles")},
    "covers_until": "coalesce(new.covers_until, old.covers_until)",
}


class Look(NamedTuple):
    """One poll, as proof that we looked."""

    feed_id: FeedId
    at: datetime
    answered: bool
    articles: int
    covers_until: datetime | None = None  # an answer counts until then


class Coverage(Repository):
    """The coverage record."""

    def record(
        self,
        feed_id: FeedId,
        at: datetime,
        *,
        answered: bool,
        articles: int,
        covers_until: datetime | None = None,
    ) -> None:
        """Count one poll into its hour; an answer counts until `covers_until`."""
        self.record_all([Look(feed_id, at, answered, articles, covers_until)])

    def record_all(self, looks: Sequence[Look]) -> None:
        """Count polls into their hours, in one statement."""
        connection = self._connection
        rows = [
            (
                each.feed_id,
                moment(connection, floor_hour(each.at)),
                1,
                int(each.answered),
                each.articles,
                moment(connection, each.covers_until if each.answered else None),
            )
            for each in looks
        ]
        put_many(connection, "coverage", _COLUMNS, rows, ("feed_id", "hour"), _CHANGES)

    def began(self) -> datetime | None:
        """Return the first hour in which anything was polled; None before that."""
        of_feeds = self._connection.execute(select(func.min(coverage.c.hour))).scalar()
        settled = self._connection.execute(select(func.min(observed_hours.c.hour))).scalar()
        return min((each for each in (of_feeds, settled) if each is not None), default=None)

    def articles_since(self, moment: datetime) -> int:
        """Return how many new articles were read since a moment."""
        statement = select(func.coalesce(func.sum(coverage.c.articles), 0))
        return int(
            self._connection.execute(statement.where(coverage.c.hour >= moment)).scalar_one()
        )

    def since(self, moment: datetime) -> tuple[CoverageHour, ...]:
        """Return the hours since a moment, by feed and hour."""
        return self._read(select(coverage).where(coverage.c.hour >= moment))

    def between(self, since: datetime, until: datetime) -> tuple[CoverageHour, ...]:
        """Return the hours from a moment to another one, by feed and hour."""
        chosen = (coverage.c.hour >= since) & (coverage.c.hour < until)
        return self._read(select(coverage).where(chosen))

    def of_feeds(
        self, feed_ids: Collection[FeedId], since: datetime
    ) -> dict[FeedId, list[CoverageHour]]:
        """Return the hours of these feeds since a moment, in order."""
        found: defaultdict[FeedId, list[CoverageHour]] = defaultdict(list)
        ids = sorted(feed_ids)
        for start in range(0, len(ids), AT_ONCE):
            chosen = coverage.c.feed_id.in_(ids[start : start + AT_ONCE])
            for each in self._read(select(coverage).where(chosen, coverage.c.hour >= since)):
                found[each.feed_id].append(each)
        return found

    def _read(self, statement: Select[tuple[object, ...]]) -> tuple[CoverageHour, ...]:
        rows = self._connection.execute(statement.order_by(coverage.c.feed_id, coverage.c.hour))
        return tuple(CoverageHour(**row._mapping) for row in rows)
