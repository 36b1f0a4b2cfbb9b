"""How we have looked: the record of coverage, read in one go for all commitments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from model.feed_health import floor_hour, observed_hours
from model.records import Commitment, CommitmentId, FeedHealth, Relation, Watchlist
from model.standing import Watch
from storage.unit_of_work import UnitOfWork

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONGEST = timedelta(days=30)  # looked at in any case: claims of "overdue" rest on so much


@dataclass(frozen=True, slots=True, kw_only=True)
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
        good = sum(ok for hour, ok in self.observed.items() if first < hour <= now)
        return good / (span / HOUR)

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
    active = {feed.id for feed in watchlist.feeds if not feed.paused}
    longest = max((each.quiet_days for each in watchlist.commitments), default=0)
    span = max(timedelta(days=longest), LONGEST)
    hours = [each for each in work.coverage.since(now - span - DAY) if each.feed_id in active]
    began = work.coverage.began()
    states = [each for each in work.feeds.all() if each.feed_id in active]
    return Looked(
        observed=observed_hours(hours, len(active)),
        since=None if began is None else began.date(),
        feeds=len(active),
        answering=sum(each.health is FeedHealth.HEALTHY for each in states),
        spoken=work.hits.last_seen([Relation.FOLLOW_UP, Relation.RESTATEMENT]),
    )
