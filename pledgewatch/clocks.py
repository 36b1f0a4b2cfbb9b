"""What time alone raises: silence, a date that passed, an occasion that passed, a week of watching.

Each claim is raised once, with the coverage behind it; where we did not look, nothing is said.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from model.dates import last_day
from model.feed_health import floor_hour, observed_hours
from model.records import (
    AlertReason,
    Commitment,
    CommitmentId,
    FeedHealth,
    Relation,
    Watchlist,
)
from model.standing import (
    WELL_OBSERVED,
    Attention,
    Schedule,
    Standing,
    Verdict,
    Watch,
    missed_occasions,
    standing,
)
from storage.database import Database
from storage.unit_of_work import UnitOfWork, begin, reading

logger = logging.getLogger(__name__)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OVERDUE_SEEN = timedelta(days=30)  # so much observed time a claim of "overdue" rests on, at most
SATURDAY = 5
NOWHERE = CommitmentId("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing that time alone makes worth telling."""

    key: str
    commitment_id: CommitmentId
    reason: AlertReason
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How we have looked: the record of coverage, read once for all commitments."""

    observed: Mapping[datetime, bool]
    since: date | None
    feeds: int
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


def watch_clocks(database: Database, watchlist: Watchlist, now: datetime) -> tuple[Claim, ...]:
    """Raise what time alone makes worth telling; return what was raised now."""
    with reading(database) as work:
        looked = _looked(work, watchlist, now)
        claims = [
            claim
            for commitment in watchlist.commitments
            if not commitment.paused
            for claim in claims_of(
                commitment, _standing(work, commitment, looked, now), looked, now
            )
        ]
    claims += weekly_claim(now)
    raised = []
    with begin(database) as work:
        for claim in claims:
            found = work.outbox.add(
                key=claim.key,
                commitment_id=claim.commitment_id,
                development_id=None,
                reason=claim.reason,
                raised_at=now,
                facts=claim.facts,
            )
            if found is not None:
                raised.append(claim)
        work.commit()
    for claim in raised:
        logger.info("%s", claim.reason, extra={"commitment": claim.commitment_id})
    return tuple(raised)


def _looked(work: UnitOfWork, watchlist: Watchlist, now: datetime) -> Looked:
    active = {feed.id for feed in watchlist.feeds if not feed.paused}
    longest = max((each.quiet_days for each in watchlist.commitments), default=0)
    span = max(timedelta(days=longest), OVERDUE_SEEN)
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


def _standing(work: UnitOfWork, commitment: Commitment, looked: Looked, now: datetime) -> Standing:
    decisions = work.decisions.of_commitment(commitment.id)
    return standing(commitment, decisions, now.date(), watch=looked.watch(commitment, now))


# --- decisions: pure -----------------------------------------------------------------


def claims_of(
    commitment: Commitment, stands: Standing, looked: Looked, now: datetime
) -> Iterator[Claim]:
    """Return what may be claimed of a commitment today; the keys let each be told once."""
    if stands.verdict is not Verdict.OPEN or not looked.feeds:
        return
    if looked.answering < WELL_OBSERVED * looked.feeds:
        return  # feeds are unwell: no claim rests on them
    yield from _quiet(commitment, stands, looked, now)
    yield from _overdue(commitment, stands, looked, now)
    yield from _occasions(commitment, looked, now)


def _quiet(
    commitment: Commitment, stands: Standing, looked: Looked, now: datetime
) -> Iterator[Claim]:
    if stands.attention is not Attention.QUIET:
        return
    last = looked.spoken.get(commitment.id)
    since = last.date() if last is not None else looked.since
    if since is None:
        return
    # Of the time before we watched we know nothing: it is no part of the silence.
    watched = max(since, looked.since or since)
    days = min((now.date() - watched).days, commitment.quiet_days)
    yield Claim(
        key=f"quiet.{commitment.id}.{since}",
        commitment_id=commitment.id,
        reason=AlertReason.QUIET,
        facts={**looked.facts(commitment), "days": str(days)},
    )


def _overdue(
    commitment: Commitment, stands: Standing, looked: Looked, now: datetime
) -> Iterator[Claim]:
    if stands.schedule is not Schedule.OVERDUE or commitment.due is None:
        return
    due = commitment.due.date
    span = min(OVERDUE_SEEN, max(commitment.due.grace, DAY))
    if looked.since is None or now.date() - looked.since < span:
        return
    if looked.share(span, now) < WELL_OBSERVED:
        return
    yield Claim(
        key=f"overdue.{commitment.id}.{due}",
        commitment_id=commitment.id,
        reason=AlertReason.OVERDUE,
        facts={
            **looked.facts(commitment),
            "days": str((now.date() - last_day(due)).days),
            "days_watched": str(span.days),
            "date": due,
        },
    )


def _occasions(commitment: Commitment, looked: Looked, now: datetime) -> Iterator[Claim]:
    watch = looked.watch(commitment, now)
    for occasion in missed_occasions(commitment, watch, now.date()):
        begun = datetime.combine(occasion.first_day, time(0), UTC)
        over = datetime.combine(occasion.passed_on, time(0), UTC)
        hours = [ok for hour, ok in looked.observed.items() if begun <= hour < over]
        if sum(hours) < WELL_OBSERVED * ((over - begun) / HOUR):
            continue
        yield Claim(
            key=f"occasion.{commitment.id}.{occasion.name}.{occasion.first_day}",
            commitment_id=commitment.id,
            reason=AlertReason.OCCASION_PASSED,
            facts={**looked.facts(commitment), "name": occasion.name},
        )


def weekly_claim(now: datetime) -> list[Claim]:
    """Return the week's word that we still watch: raised from Saturday on, for Monday's digest."""
    if now.weekday() < SATURDAY:
        return []
    year, week, _ = now.isocalendar()
    key = f"watching.{year}-W{week:02}"
    return [Claim(key=key, commitment_id=NOWHERE, reason=AlertReason.STILL_WATCHING, facts={})]
