"""What time alone raises: silence, a date that passed, an occasion that passed, a week of watching.

Each claim is raised once, with the coverage behind it; where we did not look, nothing is said.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from model.dates import last_day
from model.records import (
    AlertReason,
    Commitment,
    CommitmentId,
    Watchlist,
)
from model.standing import (
    WELL_OBSERVED,
    Attention,
    Schedule,
    Standing,
    Verdict,
    missed_occasions,
    standing,
)
from storage.database import Database
from storage.unit_of_work import UnitOfWork, begin, reading
from storage.watching import Looked, looked

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


def watch_clocks(database: Database, watchlist: Watchlist, now: datetime) -> tuple[Claim, ...]:
    """Raise what time alone makes worth telling; return what was raised now."""
    with reading(database) as work:
        looking = looked(work, watchlist, now)
        claims = [
            claim
            for commitment in watchlist.commitments
            if not commitment.paused
            for claim in claims_of(
                commitment, _standing(work, commitment, looking, now), looking, now
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


def _standing(work: UnitOfWork, commitment: Commitment, looking: Looked, now: datetime) -> Standing:
    decisions = work.decisions.of_commitment(commitment.id)
    return standing(commitment, decisions, now.date(), watch=looking.watch(commitment, now))


# --- decisions: pure -----------------------------------------------------------------


def claims_of(
    commitment: Commitment, stands: Standing, looking: Looked, now: datetime
) -> Iterator[Claim]:
    """Return what may be claimed of a commitment today; the keys let each be told once."""
    if stands.verdict is not Verdict.OPEN or not looking.feeds:
        return
    if looking.answering < WELL_OBSERVED * looking.feeds:
        return  # feeds are unwell: no claim rests on them
    yield from _quiet(commitment, stands, looking, now)
    yield from _overdue(commitment, stands, looking, now)
    yield from _occasions(commitment, looking, now)


def _quiet(
    commitment: Commitment, stands: Standing, looking: Looked, now: datetime
) -> Iterator[Claim]:
    if stands.attention is not Attention.QUIET:
        return
    last = looking.spoken.get(commitment.id)
    since = last.date() if last is not None else looking.since
    if since is None:
        return
    # Of the time before we watched we know nothing: it is no part of the silence.
    watched = max(since, looking.since or since)
    days = min((now.date() - watched).days, commitment.quiet_days)
    yield Claim(
        key=f"quiet.{commitment.id}.{since}",
        commitment_id=commitment.id,
        reason=AlertReason.QUIET,
        facts={**looking.facts(commitment), "days": str(days)},
    )


def _overdue(
    commitment: Commitment, stands: Standing, looking: Looked, now: datetime
) -> Iterator[Claim]:
    if stands.schedule is not Schedule.OVERDUE or commitment.due is None:
        return
    due = commitment.due.date
    span = min(OVERDUE_SEEN, max(commitment.due.grace, DAY))
    if looking.since is None or now.date() - looking.since < span:
        return
    if looking.share(span, now) < WELL_OBSERVED:
        return
    yield Claim(
        key=f"overdue.{commitment.id}.{due}",
        commitment_id=commitment.id,
        reason=AlertReason.OVERDUE,
        facts={
            **looking.facts(commitment),
            "days": str((now.date() - last_day(due)).days),
            "days_watched": str(span.days),
            "date": due,
        },
    )


def _occasions(commitment: Commitment, looking: Looked, now: datetime) -> Iterator[Claim]:
    watch = looking.watch(commitment, now)
    for occasion in missed_occasions(commitment, watch, now.date()):
        begun = datetime.combine(occasion.first_day, time(0), UTC)
        over = datetime.combine(occasion.passed_on, time(0), UTC)
        hours = [ok for hour, ok in looking.observed.items() if begun <= hour < over]
        if sum(hours) < WELL_OBSERVED * ((over - begun) / HOUR):
            continue
        yield Claim(
            key=f"occasion.{commitment.id}.{occasion.name}.{occasion.first_day}",
            commitment_id=commitment.id,
            reason=AlertReason.OCCASION_PASSED,
            facts={**looking.facts(commitment), "name": occasion.name},
        )


def weekly_claim(now: datetime) -> list[Claim]:
    """Return the week's word that we still watch: raised from Saturday on, for Monday's digest."""
    if now.weekday() < SATURDAY:
        return []
    year, week, _ = now.isocalendar()
    key = f"watching.{year}-W{week:02}"
    return [Claim(key=key, commitment_id=NOWHERE, reason=AlertReason.STILL_WATCHING, facts={})]
