"""The ledger of a commitment: which milestones stand confirmed, and how far they bring it. Pure.

Decisions are only ever added. What one of them changes is found by reading all of them again: an
undo takes one back, a correction strikes a step out, a later decision on the same development takes
the place of the earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from model.dates import first_day, last_day
from model.records import (
    Commitment,
    CommitmentKind,
    Decision,
    DecisionId,
    DevelopmentId,
    Known,
    Milestone,
    Outcome,
    Setback,
    Stage,
)

RUBRIC = "1"  # version of these rules; every decision remembers it
MAIN = "main"  # the one clause of a pledge that names none

REACHES: dict[Milestone, Stage | None] = {
    Milestone.PROPOSED: Stage.FLOATED,
    Milestone.COMMITTED: Stage.COMMITTED,
    Milestone.PLAN_PUBLISHED: Stage.COMMITTED,
    Milestone.CONSULTING: Stage.COMMITTED,
    Milestone.PREPARING: Stage.PREPARING,
    Milestone.PLACE_DECIDED: Stage.PREPARING,
    Milestone.SIGNED: Stage.AGREED,
    Milestone.IN_FORCE: Stage.AGREED,  # a body in force exists once it has met: `established`
    Milestone.ESTABLISHED: Stage.ESTABLISHED,
    Milestone.UNVEILED: Stage.ESTABLISHED,
    Milestone.OPERATING: Stage.OPERATING,
    Milestone.DELIVERED: Stage.DELIVERED,
    Milestone.PARTY_JOINED: None,
}
# A document exists once it is published, and it is once it is in force.
REACHES_OF_KIND: dict[tuple[CommitmentKind, Milestone], Stage] = {
    (CommitmentKind.DOCUMENT, Milestone.PLAN_PUBLISHED): Stage.ESTABLISHED,
    (CommitmentKind.DOCUMENT, Milestone.IN_FORCE): Stage.ESTABLISHED,
}
REVERSALS = frozenset({Setback.CANCELLED, Setback.REPLACED})
# A later one of these on the same development takes the place of an earlier one.
ABOUT_THE_EVENT = frozenset(
    {
        Outcome.CONFIRMED,
        Outcome.RESTATEMENT,
        Outcome.SETBACK,
        Outcome.REJECTED,
        Outcome.MOVED,
    }
)


class Verdict(StrEnum):
    """How a commitment ended."""

    OPEN = "open"
    DELIVERED = "delivered"
    DELIVERED_LATE = "delivered_late"
    DELIVERED_IN_PART = "delivered_in_part"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    THWARTED = "thwarted"
    NOT_DELIVERED = "not_delivered"
    UNTESTABLE = "untestable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One confirmed milestone."""

    date: str | None  # EDTF; None: nobody knows
    milestone: Milestone
    stage: Stage | None  # None: it moves none
    clauses: tuple[str, ...]  # none: all of them
    text: str | None
    setback: Setback | None = None  # set where the pledge fell back to this step


def stage_of(milestone: Milestone, kind: CommitmentKind) -> Stage | None:
    """Return the stage that a milestone reaches; None for one that moves none."""
    return REACHES_OF_KIND.get((kind, milestone), REACHES[milestone])


def in_effect(decisions: Sequence[Decision], today: date) -> Iterator[Decision]:
    """Yield what was decided until the end of a day and not undone by then, oldest first.

    An undo may be undone: then the first decision stands again.
    """
    until = [each for each in decisions if each.decided_at.date() <= today]
    undone: set[DecisionId] = set()
    kept: list[Decision] = []
    for each in reversed(until):
        if each.id is not None and each.id in undone:
            continue
        if each.outcome is Outcome.UNDONE:
            if each.undoes is not None:
                undone.add(each.undoes)
        else:
            kept.append(each)
    return reversed(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A step with what it came from."""

    step: Step
    order: str  # sorts by date; a step without one by the day on which it was decided
    decision: Decision | None = None  # None: known from the file

    @property
    def development_id(self) -> DevelopmentId | None:
        """Return the development it was confirmed for; None where there is none."""
        return None if self.decision is None else self.decision.development_id


@dataclass(slots=True)
class Ledger:
    """The steps that stand, while decision after decision is read."""

    commitment: Commitment
    live: list[Entry] = field(default_factory=list)
    struck: list[Step] = field(default_factory=list)
    setback: Setback | None = None
    setback_decision: Decision | None = None
    verdict: Verdict = Verdict.OPEN

    def fold(self, decisions: Iterable[Decision], today: date) -> None:
        """Read what the file knows, then the decisions, oldest first."""
        for known in sorted(self.commitment.known, key=lambda each: each.date):
            if first_day(known.date) <= today:
                self.live.append(self._known(known))
        for decision in decisions:
            self._read(decision)

    def clause_stages(self) -> dict[str, Stage | None]:
        """Return how far each clause has come: a step that names none moves all, up to 5."""
        stages: dict[str, Stage | None] = dict.fromkeys(clause_names(self.commitment))
        for entry in self.live:
            reached = entry.step.stage
            if reached is None:
                continue
            if not entry.step.clauses and reached is Stage.DELIVERED:
                reached = Stage.OPERATING
            for clause in entry.step.clauses or tuple(stages):
                if clause in stages:
                    falls = entry.step.setback is not None
                    stages[clause] = _moved(stages[clause], reached, falls=falls)
        return stages

    def count(self, counted: Mapping[DevelopmentId, int]) -> tuple[int | None, int | None]:
        """Return how many are done, and of how many; None unless exactly one thing is counted."""
        targets = [each.target for each in self.commitment.clauses if each.target is not None]
        if len(targets) != 1:
            return None, None
        told = [
            counted[entry.development_id]
            for entry in sorted(self.live, key=lambda entry: entry.order)
            if entry.development_id is not None and entry.development_id in counted
        ]
        return (told[-1] if told else None), targets[0]

    def _read(self, decision: Decision) -> None:
        if decision.outcome in ABOUT_THE_EVENT:
            self._replace(decision)
        if decision.outcome is Outcome.CONFIRMED and decision.milestone is not None:
            self.live.append(self._confirmed(decision, decision.milestone))
            self._end_setback(decision)
        elif decision.outcome is Outcome.SETBACK:
            self.setback, self.setback_decision = decision.setback, decision
            if is_reversal(decision) and decision.milestone is not None:
                self.live.append(self._confirmed(decision, decision.milestone))
        elif decision.outcome is Outcome.CORRECTED:
            self._strike(decision)
        elif decision.outcome is Outcome.VERDICT and decision.verdict in tuple(Verdict):
            self.verdict = Verdict(decision.verdict)

    def _replace(self, decision: Decision) -> None:
        """Take back what was said of the same development before."""
        if decision.development_id is None:
            return
        for entry in [e for e in self.live if e.development_id == decision.development_id]:
            self._remove(entry)
        before = self.setback_decision
        if before is not None and before.development_id == decision.development_id:
            self.setback, self.setback_decision = None, None

    def _strike(self, decision: Decision) -> None:
        """Take out the step that a correction names: by its decision, or by milestone and date."""
        for entry in reversed(self.live):
            if corrects(decision, entry.step, entry.decision):
                self._remove(entry)
                return

    def _remove(self, entry: Entry) -> None:
        self.live.remove(entry)
        self.struck.append(entry.step)

    def _end_setback(self, decision: Decision) -> None:
        """A step that comes after a setback shows that it goes on; an older one does not."""
        before = self.setback_decision
        if before is None or decision.milestone is None:
            return
        moves = stage_of(decision.milestone, self.commitment.kind) is not None
        if moves and last_day(_when(decision)) >= first_day(_when(before)):
            self.setback, self.setback_decision = None, None

    def _known(self, known: Known) -> Entry:
        step = Step(
            date=known.date,
            milestone=known.milestone,
            stage=stage_of(known.milestone, self.commitment.kind),
            clauses=known.clauses,
            text=known.text,
        )
        return Entry(step=step, order=known.date)

    def _confirmed(self, decision: Decision, milestone: Milestone) -> Entry:
        step = Step(
            date=decision.milestone_date,
            milestone=milestone,
            stage=stage_of(milestone, self.commitment.kind),
            clauses=decision.clause_ids,
            text=decision.quote or None,
            setback=decision.setback if decision.outcome is Outcome.SETBACK else None,
        )
        return Entry(step=step, order=_when(decision), decision=decision)


def clause_names(commitment: Commitment) -> tuple[str, ...]:
    """Return the ids of its clauses; one, `main`, where it names none."""
    return tuple(clause.id for clause in commitment.clauses) or (MAIN,)


def is_reversal(decision: Decision) -> bool:
    """Tell whether a setback takes the pledge back to an earlier step: dissolved, denounced."""
    return decision.setback in REVERSALS and None not in (
        decision.milestone,
        decision.milestone_date,
    )


def corrects(decision: Decision, step: Step, confirmed_by: Decision | None) -> bool:
    """Tell whether a correction means this step; what the file knows has no decision to name."""
    if decision.undoes is not None:
        return confirmed_by is not None and confirmed_by.id == decision.undoes
    same_date = decision.milestone_date in (None, step.date)
    return decision.milestone is step.milestone and same_date


def _when(decision: Decision) -> str:
    return decision.milestone_date or decision.decided_at.date().isoformat()


def _moved(before: Stage | None, reached: Stage, *, falls: bool) -> Stage | None:
    if before is None:
        return None if falls else reached
    keep = min if falls else max
    return keep(before, reached, key=lambda stage: stage.level)


def stage_of_all(stages: Mapping[str, Stage | None]) -> Stage | None:
    """Return the highest clause's stage; delivered only where every clause is."""
    reached = [stage for stage in stages.values() if stage is not None]
    highest = max(reached, key=lambda stage: stage.level, default=None)
    if highest is Stage.DELIVERED and any(each is not Stage.DELIVERED for each in stages.values()):
        return Stage.OPERATING
    return highest


def lowest_stage(stages: Mapping[str, Stage | None]) -> Stage | None:
    """Return the stage of the clause that is least far; None where one has reached none."""
    reached = [stage for stage in stages.values() if stage is not None]
    if len(reached) < len(stages):
        return None
    return min(reached, key=lambda stage: stage.level)
