"""What proves that we looked: polls and answers for each feed and hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, func, select

from model.feed_health import CoverageHour, floor_hour
from model.records import FeedId
from storage.repository import Repository
from storage.tables import coverage, observed_hours

AT_ONCE = 500  # feeds in one question: databases bound how many values it may hold


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
        until = covers_until if answered else None
        statement = self._insert(coverage).values(
            feed_id=feed_id,
            hour=floor_hour(at),
            polls=1,
            answers=int(answered),
            articles=articles,
            covers_until=until,
        )
        changes = {
            "polls": coverage.c.polls + 1,
            "answers": coverage.c.answers + int(answered),
            "articles": coverage.c.articles + articles,
        }
        if until is not None:
            changes["covers_until"] = statement.excluded.covers_until
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["feed_id", "hour"], set_=changes)
        )

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
