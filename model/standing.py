"""Decisions and clocks to stage, schedule and attention. Pure.

The stage is derived: the highest gate that a confirmed milestone reaches (docs/glossary.md). What a
machine suggests never counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from model.dates import last_day
from model.records import (
    Commitment,
    CommitmentId,
    CommitmentKind,
    Decision,
    Milestone,
    Outcome,
    Setback,
    Stage,
)

DUE_SOON = timedelta(days=60)
WELL_OBSERVED = 0.8  # share of the time that has to be observed before silence says anything

REACHES: dict[Milestone, Stage | None] = {
    Milestone.PROPOSED: Stage.FLOATED,
    Milestone.COMMITTED: Stage.COMMITTED,
    Milestone.PLAN_PUBLISHED: Stage.COMMITTED,
    Milestone.CONSULTING: Stage.COMMITTED,
    Milestone.PREPARING: Stage.PREPARING,
    Milestone.PLACE_DECIDED: Stage.PREPARING,
    Milestone.SIGNED: Stage.AGREED,
    Milestone.IN_FORCE: Stage.AGREED,
    Milestone.ESTABLISHED: Stage.ESTABLISHED,
    Milestone.UNVEILED: Stage.ESTABLISHED,
    Milestone.OPERATING: Stage.OPERATING,
    Milestone.DELIVERED: Stage.DELIVERED,
    Milestone.PARTY_JOINED: None,
}


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
class Step:
    """One confirmed milestone."""

    date: str | None  # EDTF; None: nobody knows
    milestone: Milestone
    stage: Stage | None
    clauses: tuple[str, ...]  # none: all of them
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a commitment stands on a day."""

    commitment_id: CommitmentId
    stage: Stage | None  # None: not even floated, as far as anybody confirmed
    lowest_stage: Stage | None  # of its clauses
    schedule: Schedule
    days_left: int | None  # to the due date, negative after it; None: undated
    setback: Setback | None
    verdict: str | None
    steps: tuple[Step, ...]  # oldest first


def stage_of(milestone: Milestone, kind: CommitmentKind) -> Stage | None:
    """Return the stage that a milestone reaches; None for one that moves none."""
    if kind is CommitmentKind.DOCUMENT and milestone is Milestone.PLAN_PUBLISHED:
        return Stage.ESTABLISHED  # a document exists once it is published
    return REACHES[milestone]


def standing(commitment: Commitment, decisions: Sequence[Decision], today: date) -> Standing:
    """Fold what is known and what was decided into where a commitment stands."""
    valid = tuple(_not_undone(decisions))
    steps = tuple(sorted(_steps(commitment, valid), key=lambda step: step.date or "9999"))
    stages = _clause_stages(commitment, steps)
    reached = [stage for stage in stages.values() if stage is not None]
    whole = len(reached) == len(stages)
    highest = max(reached, key=lambda stage: stage.level, default=None)
    if highest is Stage.DELIVERED and any(each is not Stage.DELIVERED for each in stages.values()):
        highest = Stage.OPERATING
    setbacks = [each.setback for each in valid if each.outcome is Outcome.SETBACK]
    verdicts = [each.verdict for each in valid if each.outcome is Outcome.VERDICT]
    schedule, days_left = schedule_on(commitment, highest, today)
    return Standing(
        commitment_id=commitment.id,
        stage=highest,
        lowest_stage=min(reached, key=lambda stage: stage.level) if whole and reached else None,
        schedule=schedule,
        days_left=days_left,
        setback=setbacks[-1] if setbacks else None,
        verdict=verdicts[-1] if verdicts else None,
        steps=steps,
    )


def schedule_on(
    commitment: Commitment, stage: Stage | None, today: date
) -> tuple[Schedule, int | None]:
    """Return how a commitment stands against its date, and the days left."""
    if commitment.due is None:
        return Schedule.UNDATED, None
    due = last_day(commitment.due.date)
    left = (due - today).days
    if stage is not Stage.DELIVERED and today > due + commitment.due.grace:
        return Schedule.OVERDUE, left
    soon = due - DUE_SOON <= today and stage is not Stage.DELIVERED
    return (Schedule.DUE_SOON if soon else Schedule.ON_TIME), left


def attention_on(
    commitment: Commitment,
    last_seen: date | None,
    watching_since: date | None,
    observed_share: float,
    today: date,
) -> Attention:
    """Return whether a commitment is spoken of; a silence counts only where we looked."""
    quiet_after = timedelta(days=commitment.quiet_days)
    if last_seen is not None and today - last_seen <= quiet_after:
        return Attention.ACTIVE
    watched = watching_since is not None and today - watching_since >= quiet_after
    if not watched or observed_share < WELL_OBSERVED:
        return Attention.UNOBSERVED
    return Attention.QUIET


def _not_undone(decisions: Sequence[Decision]) -> Iterator[Decision]:
    undone = {each.undoes for each in decisions if each.undoes is not None}
    return (
        each for each in decisions if each.id not in undone and each.outcome is not Outcome.UNDONE
    )


def _steps(commitment: Commitment, decisions: Sequence[Decision]) -> Iterator[Step]:
    for known in commitment.known:
        yield Step(
            date=known.date,
            milestone=known.milestone,
            stage=stage_of(known.milestone, commitment.kind),
            clauses=known.clauses,
            text=known.text,
        )
    for decision in decisions:
        if decision.outcome is Outcome.CONFIRMED and decision.milestone is not None:
            yield Step(
                date=decision.milestone_date,
                milestone=decision.milestone,
                stage=stage_of(decision.milestone, commitment.kind),
                clauses=decision.clause_ids,
                text=decision.quote or None,
            )


def _clause_stages(commitment: Commitment, steps: Sequence[Step]) -> dict[str, Stage | None]:
    """Return how far each clause has come: a milestone that names none moves all, up to 5."""
    stages: dict[str, Stage | None] = dict.fromkeys(
        [clause.id for clause in commitment.clauses] or ["main"]
    )
    for step in steps:
        if step.stage is None:
            continue
        reached = step.stage
        if not step.clauses and reached is Stage.DELIVERED and len(stages) > 1:
            reached = Stage.OPERATING
        for clause in step.clauses or tuple(stages):
            before = stages.get(clause)
            if clause in stages and (before is None or reached.level > before.level):
                stages[clause] = reached
    return stages
