"""How we have looked: the record of coverage, read in one go for all commitments."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from model.feed_health import floor_hour
from model.records import Commitment, CommitmentId, FeedHealth, Relation, Watchlist
from model.standing import Watch
from storage.observed import asked
from storage.unit_of_work import UnitOfWork

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONGEST = timedelta(days=30)  # looked at in any case: claims of "overdue" rest on so much


@dataclass(frozen=True, kw_only=True)
class Looked:
    """How we have looked."""

    observed: Mapping[datetime, bool]
    since: date | None  # None: nothing was ever polled
    feeds: int  # not paused
    answering: int
    spoken: Mapping[CommitmentId, datetime]  # the last follow-up or restatement

    def share(self, span: timedelta, now: datetime) -> float:
        """Return how much of the last days was observed."""
        first = floor_hour(now) - span
        good = bisect_right(self._good, now) - bisect_right(self._good, first)
        return good / (span / HOUR)

    @cached_property
    def _good(self) -> list[datetime]:
        """Return the observed hours in order: every commitment asks for a share of them."""
        return sorted(hour for hour, ok in self.observed.items() if ok)

    def watch(self, commitment: Commitment, now: datetime) -> Watch:
        """Return what the clocks of a commitment need to know."""
        last = self.spoken.get(commitment.id)
        return Watch(
            since=self.since,
            last_seen_on=None if last is None else last.date(),
            observed_share=min(1.0, self.share(timedelta(days=commitment.quiet_days), now)),
        )

    def facts(self, commitment: Commitment) -> dict[str, str]:
        """Return what bounds every claim."""
        last = self.spoken.get(commitment.id)
        known = {} if last is None else {"last": last.date().isoformat()}
        return {"ok": str(self.answering), "all": str(self.feeds), **known}


def looked(work: UnitOfWork, watchlist: Watchlist, now: datetime) -> Looked:
    """Return how we have looked until now."""
    of = asked(watchlist.feeds)
    longest = max((each.quiet_days for each in watchlist.commitments), default=0)
    span = max(timedelta(days=longest), LONGEST)
    began = work.coverage.began()
    states = [each for each in work.feeds.all() if each.feed_id in of.feed_ids]
    return Looked(
        observed=work.observed.hours(of, now - span - DAY, now),
        since=None if began is None else began.date(),
        feeds=len(of.feed_ids),
        answering=sum(each.health is FeedHealth.HEALTHY for each in states),
        spoken=work.hits.last_seen([Relation.FOLLOW_UP, Relation.RESTATEMENT]),
    )
