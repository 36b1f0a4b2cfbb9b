"""Decisions and clocks to stage, schedule, attention and verdict. Pure.

The stage is derived: the highest gate that a confirmed milestone reaches (docs/glossary.md). What a
machine suggests never counts. State is a fold over the decisions, so where a pledge stood on any
day is the same question with another `today`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from model.dates import first_day, last_day
from model.ledger import (
    Ledger,
    Step,
    Verdict,
    in_effect,
    lowest_stage,
    stage_of,
    stage_of_all,
)
from model.records import (
    Commitment,
    CommitmentId,
    Decision,
    DevelopmentId,
    Milestone,
    Occasion,
    Setback,
    Stage,
)

__all__ = [
    "Attention",
    "PassedOccasion",
    "Schedule",
    "Standing",
    "Step",
    "Verdict",
    "Watch",
    "attention_on",
    "missed_occasions",
    "occasions_ahead",
    "occasions_passed",
    "review_due",
    "schedule_on",
    "stage_of",
    "standing",
]

DUE_SOON = timedelta(days=60)
OCCASION_OVER = timedelta(days=14)  # so long after its last day an occasion has passed
WELL_OBSERVED = 0.8  # share of the time that has to be observed before silence says anything


class Schedule(StrEnum):
    """How a commitment stands against its date."""

    UNDATED = "undated"
    ON_TIME = "on_time"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


class Attention(StrEnum):
    """Whether anyone has spoken lately, and whether we looked."""

    ACTIVE = "active"
    QUIET = "quiet"
    UNOBSERVED = "unobserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What the clocks need to know of our looking."""

    since: date | None = None  # when we began; None: never polled
    last_seen_on: date | None = None  # the last follow-up or restatement; None: none yet
    observed_share: float = 0.0  # of the last `quiet_days`, 0.0 to 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOccasion:
    """One time of an event at which silence is news."""

    name: str
    first_day: date
    last_day: date
    passed_on: date  # from then on it counts as passed
    expect: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a commitment stands on a day."""

    commitment_id: CommitmentId
    stage: Stage | None  # None: not even floated, as far as anybody confirmed
    lowest_stage: Stage | None  # of its clauses; None: one of them has reached none
    clause_stages: tuple[tuple[str, Stage | None], ...] = ()
    schedule: Schedule
    days_left: int | None  # to the due date, negative after it; None: undated
    attention: Attention = Attention.UNOBSERVED
    setback: Setback | None
    verdict: Verdict = Verdict.OPEN
    review_due: bool = False
    steps: tuple[Step, ...]  # oldest first
    struck_steps: tuple[Step, ...] = ()  # once confirmed, corrected since
    last_milestone: Milestone | None = None
    last_milestone_date: str | None = None  # EDTF
    count_done: int | None = None  # None: nobody counted, or there is nothing to count
    count_target: int | None = None  # None: nothing to count, or several things


def standing(
    commitment: Commitment,
    decisions: Sequence[Decision],
    today: date,
    *,
    watch: Watch | None = None,
    counted: Mapping[DevelopmentId, int] | None = None,
) -> Standing:
    """Fold what is known and what was decided until the end of `today` into where it stands.

    `decisions` are the commitment's own, oldest first. `counted` is what a development reports of a
    number promised ("8 of 20": 8); it counts once that development is confirmed.
    """
    valid = tuple(in_effect(decisions, today))
    ledger = Ledger(commitment)
    ledger.fold(valid, today)
    stages = ledger.clause_stages()
    stage = stage_of_all(stages)
    looked = watch or Watch()
    schedule, days_left = schedule_on(commitment, stage, today)
    steps = tuple(entry.step for entry in sorted(ledger.live, key=lambda entry: entry.order))
    done, target = ledger.count(counted or {})
    return Standing(
        commitment_id=commitment.id,
        stage=stage,
        lowest_stage=lowest_stage(stages),
        clause_stages=tuple(stages.items()),
        schedule=schedule,
        days_left=days_left,
        attention=attention_on(
            commitment, looked.last_seen_on, looked.since, looked.observed_share, today
        ),
        setback=ledger.setback,
        verdict=ledger.verdict,
        review_due=ledger.verdict is Verdict.OPEN and review_due(commitment, valid, looked, today),
        steps=steps,
        struck_steps=tuple(ledger.struck),
        last_milestone=steps[-1].milestone if steps else None,
        last_milestone_date=steps[-1].date if steps else None,
        count_done=done,
        count_target=target,
    )


# --- the clocks ------------------------------------------------------------------


def schedule_on(
    commitment: Commitment, stage: Stage | None, today: date
) -> tuple[Schedule, int | None]:
    """Return how a commitment stands against its date, and the days left."""
    if commitment.due is None:
        return Schedule.UNDATED, None
    due = last_day(commitment.due.date)
    left = (due - today).days
    if stage is Stage.DELIVERED:
        return Schedule.ON_TIME, left
    if today - due > commitment.due.grace:
        return Schedule.OVERDUE, left
    return (Schedule.DUE_SOON if due - today <= DUE_SOON else Schedule.ON_TIME), left


def attention_on(
    commitment: Commitment,
    last_seen: date | None,
    watching_since: date | None,
    observed_share: float,
    today: date,
) -> Attention:
    """Return whether a commitment is spoken of; a silence counts only where we looked.

    `last_seen` is the last follow-up or restatement.
    """
    quiet_after = timedelta(days=commitment.quiet_days)
    if last_seen is not None and today - last_seen <= quiet_after:
        return Attention.ACTIVE
    watched = watching_since is not None and today - watching_since >= quiet_after
    if not watched or observed_share < WELL_OBSERVED:
        return Attention.UNOBSERVED
    return Attention.QUIET


def occasions_passed(commitment: Commitment, today: date) -> tuple[PassedOccasion, ...]:
    """Return the occasions that have passed, a yearly one by its last time; oldest first."""
    pledged_on = commitment.pledged_on
    since = date.min if pledged_on is None else first_day(pledged_on)
    passed = [
        each
        for occasion in commitment.occasions
        if (each := _last_time(occasion, today)) is not None and each.last_day >= since
    ]
    return tuple(sorted(passed, key=lambda each: each.passed_on))


def _last_time(occasion: Occasion, today: date) -> PassedOccasion | None:
    if occasion.date is not None:
        dates = [occasion.date]
    else:
        dates = [f"{year}-{occasion.month:02}" for year in (today.year, today.year - 1)]
    for when in dates:
        last = last_day(when)
        if today - last >= OCCASION_OVER:
            return PassedOccasion(
                name=occasion.name,
                first_day=first_day(when),
                last_day=last,
                passed_on=last + OCCASION_OVER,
                expect=occasion.expect,
            )
    return None


def occasions_ahead(commitment: Commitment, today: date) -> tuple[PassedOccasion, ...]:
    """Return each occasion's next time that is not over yet, the soonest first."""
    ahead = []
    for occasion in commitment.occasions:
        if occasion.date is not None:
            dates = [occasion.date]
        else:
            dates = [f"{year}-{occasion.month:02}" for year in (today.year, today.year + 1)]
        when = next((each for each in dates if last_day(each) >= today), None)
        if when is not None:
            ahead.append(
                PassedOccasion(
                    name=occasion.name,
                    first_day=first_day(when),
                    last_day=last_day(when),
                    passed_on=last_day(when) + OCCASION_OVER,
                    expect=occasion.expect,
                )
            )
    return tuple(sorted(ahead, key=lambda each: each.last_day))


def missed_occasions(
    commitment: Commitment, watch: Watch, today: date
) -> tuple[PassedOccasion, ...]:
    """Return the occasions that passed in silence while we watched."""
    if watch.since is None:
        return ()
    return tuple(
        each
        for each in occasions_passed(commitment, today)
        if each.first_day >= watch.since
        and (watch.last_seen_on is None or watch.last_seen_on < each.first_day)
    )


def review_due(
    commitment: Commitment, decisions: Sequence[Decision], watch: Watch, today: date
) -> bool:
    """Tell whether an analyst should look: long no decision, or an occasion passed in silence."""
    decided_on = max((each.decided_at.date() for each in decisions), default=None)
    looked_on = decided_on or watch.since
    if looked_on is None:
        return False
    if today - looked_on >= timedelta(days=commitment.review_days):
        return True
    missed = missed_occasions(commitment, watch, today)
    return any(decided_on is None or decided_on < each.passed_on for each in missed)
