"""What became of a pledge: its follow-ups with their decisions, and the stages it may reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from model.ledger import Step, in_effect
from model.records import (
    Commitment,
    Decision,
    Development,
    Outcome,
    Relation,
    Report,
    Stage,
)
from model.standing import Standing
from review.asking import Ask
from review.evidence import Piece, quote
from storage.unit_of_work import UnitOfWork

SHOWN = 40  # developments on one page; all are in the history
HIDDEN = frozenset(
    {Outcome.REJECTED, Outcome.RESTATEMENT, Outcome.JOINED, Outcome.MOVED, Outcome.SPLIT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One development as the page tells it."""

    development: Development
    report: Report | None
    quote: Sequence[Piece]
    decision: Decision | None  # the one that stands; None: unreviewed
    when: str  # EDTF

    @property
    def struck(self) -> bool:
        """Tell whether it was confirmed once and is no more."""
        return self.decision is not None and self.decision.outcome is Outcome.CORRECTED

    @property
    def waits(self) -> bool:
        """Tell whether an analyst has still to decide."""
        return self.decision is None or self.decision.outcome is Outcome.UNSURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One stage of the ladder, as far as it is reached."""

    stage: Stage
    kind: str  # "done", "maybe", "skipped" or empty
    milestone: str | None
    date: str | None
    note: str


def evidence_of(
    work: UnitOfWork,
    commitment: Commitment,
    decisions: Sequence[Decision],
    until: datetime,
    *,
    limit: int = SHOWN,
) -> list[Evidence]:
    """Return a pledge's follow-ups with the decisions that stood at a moment, newest first."""
    stands = {each.development_id: each for each in in_effect(decisions, until.date())}
    listed = work.developments.listed(
        commitment_id=commitment.id, relation=Relation.FOLLOW_UP, until=until, limit=5 * limit
    )
    shown = [each for each in listed if not _is_hidden(stands.get(each.id))][:limit]
    found = [_piece_of_evidence(work, each, stands.get(each.id)) for each in shown]
    return sorted(found, key=lambda each: each.when, reverse=True)


def _is_hidden(decision: Decision | None) -> bool:
    return decision is not None and decision.outcome in HIDDEN


def _piece_of_evidence(
    work: UnitOfWork, development: Development, decision: Decision | None
) -> Evidence:
    report = next(iter(work.developments.reports(development.id, 1)), None)
    return Evidence(
        development=development,
        report=report,
        quote=quote(report) if report is not None else (),
        decision=decision,
        when=_when(development, decision),
    )


def _when(development: Development, decision: Decision | None) -> str:
    if decision is not None and decision.milestone_date:
        return decision.milestone_date
    return development.event_date or development.first_seen_at.date().isoformat()


def ladder(
    ask: Ask, commitment: Commitment, standing: Standing, found: Sequence[Evidence]
) -> tuple[Rung, ...]:
    """Return the seven stages: what is confirmed, what is suggested, what was skipped."""
    reached = standing.stage.level if standing.stage else -1
    steps: dict[Stage, Step] = {}
    for step in standing.steps:
        if step.stage is not None:
            steps.setdefault(step.stage, step)
    waiting = {each.development.stage: each for each in found if each.waits}
    return tuple(_rung(ask, stage, steps.get(stage), waiting, reached) for stage in Stage)


def _rung(
    ask: Ask,
    stage: Stage,
    step: Step | None,
    waiting: dict[Stage | None, Evidence],
    reached: int,
) -> Rung:
    if step is not None:
        note = ask.say("step.confirmed")
        return Rung(stage=stage, kind="done", milestone=step.milestone, date=step.date, note=note)
    if stage in waiting:
        each = waiting[stage]
        milestone = each.development.milestone
        note = ask.say("step.suggested")
        return Rung(stage=stage, kind="maybe", milestone=milestone, date=each.when, note=note)
    skipped = stage.level < reached
    note = ask.say("step.skipped") if skipped else ask.say(f"stage.what.{stage}")
    kind = "skipped" if skipped else ""
    return Rung(stage=stage, kind=kind, milestone=None, date=None, note=note)
