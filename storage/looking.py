"""How well we looked, day by day: what every claim of silence rests on."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from model.feed_health import HOUR, floor_hour
from model.records import Feed, FeedHealth, FeedId
from model.standing import WELL_OBSERVED
from storage.observed import Asked, asked
from storage.unit_of_work import UnitOfWork

DAY = timedelta(days=1)
AT_ONCE = timedelta(days=28)  # so much of the record is read in one go
STILL_CHANGES = timedelta(days=2)  # an answer of yesterday may reach into today


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How we have looked: the share of each day that was observed, and who answers now."""

    shares: Mapping[date, float]  # 0.0 to 1.0; days before the record began are missing
    since: date | None  # None: never polled
    feeds: int  # not paused
    answering: int

    def share(self, days: int, today: date) -> float:
        """Return how much of the last days was observed."""
        span = [today - DAY * number for number in range(max(days, 1))]
        return sum(self.shares.get(day, 0.0) for day in span) / len(span)

    def observed(self, first: date, last: date) -> bool:
        """Tell whether a stretch of days was observed well enough to speak of silence."""
        days = (last - first).days + 1
        return self.share(days, last) >= WELL_OBSERVED

    def gaps(self, first: date, last: date) -> tuple[tuple[date, date], ...]:
        """Return the stretches of days that were not observed, oldest first."""
        found: list[tuple[date, date]] = []
        for number in range((last - first).days + 1):
            day = first + DAY * number
            if self.shares.get(day, 0.0) >= WELL_OBSERVED:
                continue
            if found and found[-1][1] == day - DAY:
                found[-1] = (found[-1][0], day)
            else:
                found.append((day, day))
        return tuple(found)


class ObservedDays:
    """Remembers the days that are over: a year of hourly rows is not read for every page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = asked(())
        self._shares: dict[date, float] = {}

    def looked(
        self, work: UnitOfWork, feeds: Iterable[Feed], now: datetime, span: timedelta
    ) -> Looked:
        """Return how we have looked at these feeds for so long; paused ones do not count."""
        of = asked(feeds)
        began = work.coverage.began()
        with self._lock:
            if of != self._asked:
                self._asked, self._shares = of, {}
            if began is not None:
                self._fill(work, max(began, now - span), now)
            shares = dict(self._shares)
        return Looked(
            shares={day: share for day, share in shares.items() if day <= now.date()},
            since=None if began is None or began > now else began.date(),
            feeds=len(of.feed_ids),
            answering=_answering(work, of.feed_ids, now),
        )

    def _fill(self, work: UnitOfWork, first: datetime, now: datetime) -> None:
        today = now.date()
        days = [first.date() + DAY * n for n in range((today - first.date()).days + 1)]
        missing = [day for day in days if day not in self._shares or today - day <= STILL_CHANGES]
        while missing:
            begin = missing[0]
            chosen = [day for day in missing if day - begin < AT_ONCE]
            self._shares.update(_shares(work, self._asked, chosen, now))
            missing = missing[len(chosen) :]


def _shares(work: UnitOfWork, of: Asked, days: list[date], now: datetime) -> dict[date, float]:
    begin, end = _midnight(days[0]), _midnight(days[-1]) + DAY
    # an answer of the days before may reach into the first one
    observed = work.observed.hours(of, begin - STILL_CHANGES, end - HOUR)
    found = {}
    for day in days:
        of_day = [_midnight(day) + HOUR * number for number in range(24)]
        past = [hour for hour in of_day if hour <= floor_hour(now)]
        found[day] = sum(observed.get(hour, False) for hour in past) / max(len(past), 1)
    return found


def _answering(work: UnitOfWork, feeds: frozenset[FeedId], now: datetime) -> int:
    """Return how many of the feeds answer; those whose answers reach to `now`."""
    states = [state for state in work.feeds.all() if state.feed_id in feeds]
    return sum(
        state.health is FeedHealth.HEALTHY
        and state.last_success_at is not None
        and state.last_success_at <= now
        for state in states
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)
