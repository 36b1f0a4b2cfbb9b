"""What proves that we looked: polls and answers for each feed and hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from model.records import FeedId
from storage.repository import Repository
from storage.tables import coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageHour:
    """One feed in one hour."""

    feed_id: FeedId
    hour: datetime  # its beginning
    polls: int
    answers: int  # with entries, or a 304
    articles: int  # new ones


class Coverage(Repository):
    """The coverage record."""

    def record(self, feed_id: FeedId, at: datetime, *, answered: bool, articles: int) -> None:
        """Count one poll into its hour."""
        statement = self._insert(coverage).values(
            feed_id=feed_id,
            hour=at.replace(minute=0, second=0, microsecond=0),
            polls=1,
            answers=int(answered),
            articles=articles,
        )
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["feed_id", "hour"],
                set_={
                    "polls": coverage.c.polls + 1,
                    "answers": coverage.c.answers + int(answered),
                    "articles": coverage.c.articles + articles,
                },
            )
        )

    def since(self, moment: datetime) -> tuple[CoverageHour, ...]:
        """Return the hours since a moment, by feed and hour."""
        rows = self._connection.execute(
            select(coverage)
            .where(coverage.c.hour >= moment)
            .order_by(coverage.c.feed_id, coverage.c.hour)
        )
        return tuple(CoverageHour(**row._mapping) for row in rows)
