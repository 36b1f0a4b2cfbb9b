"""The hours in which we looked, counted once: the record of coverage grows by every feed and hour.

An hour that is over is settled: how many feeds were observed in it, and of how many, is written
down and stays so, whatever the watchlist says later. Only the newest hours are counted from the
record itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, or_, select

from model.feed_health import ENOUGH_FEEDS, HOUR, REACH, CoverageHour, floor_hour, observed_of
from model.records import Feed, FeedId
from storage.repository import Repository
from storage.tables import coverage, observed_hours

STILL_COMING = HOUR  # so long after its end an hour may still be written to


@dataclass(frozen=True, slots=True)
class Asked:
    """The feeds that count, and how far an answer of one of them may count."""

    feed_ids: frozenset[FeedId]
    reach: timedelta


def asked(feeds: Iterable[Feed]) -> Asked:
    """Return which of a watchlist's feeds count: those that are not paused."""
    active = [each for each in feeds if not each.paused]
    longest = max((each.poll_every_max for each in active), default=timedelta(0))
    return Asked(frozenset(each.id for each in active), REACH * longest + HOUR)


class Observed(Repository):
    """The observed hours."""

    def hours(self, of: Asked, since: datetime, until: datetime) -> dict[datetime, bool]:
        """Return for each hour up to that of `until` whether four fifths of the feeds were seen."""
        settled = self._connection.execute(
            select(observed_hours).where(
                observed_hours.c.hour >= since, observed_hours.c.hour <= until
            )
        )
        found = {row.hour: row.feeds >= ENOUGH_FEEDS * row.asked for row in settled}
        begin = max(self.settled_until() or since, floor_hour(since))
        counts = self._counted(of, begin, floor_hour(until) + HOUR)
        enough = ENOUGH_FEEDS * len(of.feed_ids)
        return found | {hour: count >= enough for hour, count in counts.items()}

    def settled_until(self) -> datetime | None:
        """Return the first hour that is not settled; None where none is."""
        newest: datetime | None = self._connection.execute(
            select(func.max(observed_hours.c.hour))
        ).scalar()
        return None if newest is None else newest + HOUR

    def settle(self, of: Asked, now: datetime, most: int = 24) -> bool:
        """Settle the oldest hours that are over; False where none is left."""
        begin = self.settled_until() or self._began()
        last = floor_hour(now - STILL_COMING)
        if begin is None or begin >= last:
            return False
        end = min(begin + HOUR * most, last)
        counts = self._counted(of, begin, end)
        rows = [
            {"hour": hour, "feeds": counts.get(hour, 0), "asked": len(of.feed_ids)}
            for hour in (begin + HOUR * n for n in range((end - begin) // HOUR))
        ]
        self._connection.execute(insert(observed_hours), rows)
        return end < last

    def _began(self) -> datetime | None:
        first: datetime | None = self._connection.execute(
            select(func.min(coverage.c.hour))
        ).scalar()
        return first

    def _counted(self, of: Asked, begin: datetime, end: datetime) -> dict[datetime, int]:
        """Count the observed feeds of each hour that is on record between two moments."""
        if begin >= end:
            return {}
        columns = coverage.c
        rows = self._connection.execute(
            select(columns.feed_id, columns.hour, columns.answers, columns.covers_until)
            .where(columns.hour >= begin - of.reach, columns.hour < end)
            .where(or_(columns.hour >= begin, columns.covers_until > begin))
            .order_by(columns.hour)
        )
        by_feed: defaultdict[FeedId, list[CoverageHour]] = defaultdict(list)
        counts: defaultdict[datetime, int] = defaultdict(int)
        for feed_id, hour, answers, covers_until in rows:
            if feed_id in of.feed_ids:
                each = CoverageHour(
                    feed_id=feed_id,
                    hour=hour,
                    polls=answers,
                    answers=answers,
                    articles=0,
                    covers_until=covers_until,
                )
                by_feed[feed_id].append(each)
                if hour >= begin:
                    counts[hour] += 0
        for own in by_feed.values():
            for hour in observed_of(own):
                if begin <= hour < end:
                    counts[hour] += 1
        return dict(counts)
