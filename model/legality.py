"""Which decision may be taken, and what stands against it. Pure.

Only what would make the ledger wrong is refused here. Thin evidence is no reason to refuse: it is a
warning that asks for a note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from enum import StrEnum

from model.dates import first_day, is_edtf
from model.ledger import (
    Verdict,
    clause_names,
    corrects,
    in_effect,
    is_reversal,
    stage_of,
)
from model.records import Commitment, Decision, Outcome, Role, Stage
from model.standing import Schedule, Standing, standing

PEOPLE = re.compile(r"telegram:-?[0-9]+|local:\S.*")  # nobody else decides
REJECTIONS = frozenset({1, 2, 8, 9})
OTHER = 9  # the reason that wants words
DONE = frozenset({Verdict.DELIVERED, Verdict.DELIVERED_LATE})


class Refusal(StrEnum):
    """Why a decision cannot be taken."""

    MACHINE = "machine"  # only a person decides
    NO_RIGHT = "no_right"  # subscribers do not
    OTHER_PLEDGE = "other_pledge"  # it is about another commitment
    UNKNOWN_CLAUSE = "unknown_clause"
    NO_MILESTONE = "no_milestone"  # something was confirmed, and nobody says what
    NO_EVIDENCE = "no_evidence"  # no date, no place, no quoted words, no article
    BAD_DATE = "bad_date"  # no day, month or year
    FUTURE_DATE = "future_date"  # what will be has not been
    NO_SETBACK = "no_setback"
    NO_REASON = "no_reason"
    NO_NOTE = "no_note"  # words are needed
    NO_TARGET = "no_target"  # no development or pledge to go to, or itself
    NOTHING_TO_CORRECT = "nothing_to_correct"
    NOTHING_TO_UNDO = "nothing_to_undo"
    NO_VERDICT = "no_verdict"  # none, or none that we know
    ALREADY_OPEN = "already_open"
    CLAUSES_OPEN = "clauses_open"  # not every clause is delivered; for a part: none is
    NOT_OVERDUE = "not_overdue"  # the date and its grace have not passed


def refusals(
    decision: Decision, commitment: Commitment, decisions: Sequence[Decision], today: date
) -> tuple[Refusal, ...]:
    """Return everything that stands against a decision; nothing: it may be taken.

    `decisions` are the ones on this commitment so far, oldest first.
    """
    found = [*_person(decision), *_frame(decision, commitment, today)]
    check = CHECKS.get(decision.outcome)
    if check is not None:
        found += check(decision, commitment, decisions, today)
    return tuple(dict.fromkeys(found))


def _person(decision: Decision) -> Iterator[Refusal]:
    if PEOPLE.fullmatch(decision.actor) is None:
        yield Refusal.MACHINE
    if decision.role not in (Role.ANALYST, Role.ADMIN):
        yield Refusal.NO_RIGHT


def _frame(decision: Decision, commitment: Commitment, today: date) -> Iterator[Refusal]:
    if decision.commitment_id != commitment.id:
        yield Refusal.OTHER_PLEDGE
    if not set(decision.clause_ids) <= set(clause_names(commitment)):
        yield Refusal.UNKNOWN_CLAUSE
    if decision.milestone_date is not None:
        if not is_edtf(decision.milestone_date):
            yield Refusal.BAD_DATE
        elif first_day(decision.milestone_date) > today:
            yield Refusal.FUTURE_DATE


def _confirming(
    decision: Decision, commitment: Commitment, decisions: Sequence[Decision], today: date
) -> Iterator[Refusal]:
    if decision.milestone is None:
        yield Refusal.NO_MILESTONE
        return
    shown = decision.milestone_date, decision.place, decision.quote, decision.hit_ids
    if stage_of(decision.milestone, commitment.kind) is not None and not any(shown):
        yield Refusal.NO_EVIDENCE
    yield from _lowering(decision, commitment, decisions, today)


def _lowering(
    decision: Decision, commitment: Commitment, decisions: Sequence[Decision], today: date
) -> Iterator[Refusal]:
    """A stage goes down for a reason that is written down."""
    before = standing(commitment, decisions, today).stage
    after = standing(commitment, [*decisions, decision], today).stage
    falls = before is not None and (after is None or after.level < before.level)
    if falls and decision.reason is None and not decision.note.strip():
        yield Refusal.NO_REASON


def _setting_back(
    decision: Decision, commitment: Commitment, decisions: Sequence[Decision], today: date
) -> Iterator[Refusal]:
    if decision.setback is None:
        yield Refusal.NO_SETBACK
    elif decision.milestone is not None and not is_reversal(decision):
        yield Refusal.NO_EVIDENCE  # a stage goes down by a dated event alone


def _rejecting(
    decision: Decision, commitment: Commitment, decisions: Sequence[Decision], today: date
) -> Iterator[Refusal]:
    if decision.reason not in REJECTIONS:
        yield Refusal.NO_REASON
    if decision.reason == OTHER and not decision.note.strip():
        yield Refusal.NO_NOTE


def _correcting(
    decision: Decision, commitment: Commitment, decisions: Sequence[Decision], today: date
) -> Iterator[Refusal]:
    if decision.reason is None and not decision.note.strip():
        yield Refusal.NO_REASON
    before = standing(commitment, decisions, today)
    confirmed = [each for each in in_effect(decisions, today) if each.milestone is not None]
    if decision.undoes is not None:
        found = any(
            each.id == decision.undoes and each.outcome in (Outcome.CONFIRMED, Outcome.SETBACK)
            for each in confirmed
        )
    else:
        found = any(corrects(decision, step, None) for step in before.steps)
    if not found:
        yield Refusal.NOTHING_TO_CORRECT


def _undoing(
    decision: Decision, commitment: Commitment, decisions: Sequence[Decision], today: date
) -> Iterator[Refusal]:
    without = tuple(in_effect(decisions, today))
    with_it = tuple(in_effect([*decisions, decision], today))
    if decision.undoes is None or without == with_it:
        yield Refusal.NOTHING_TO_UNDO


def _sending(
    decision: Decision, commitment: Commitment, decisions: Sequence[Decision], today: date
) -> Iterator[Refusal]:
    own = commitment.id if decision.outcome is Outcome.MOVED else str(decision.development_id)
    if not decision.other_id or decision.other_id == own:
        yield Refusal.NO_TARGET


def _judging(
    decision: Decision, commitment: Commitment, decisions: Sequence[Decision], today: date
) -> Iterator[Refusal]:
    if decision.verdict not in tuple(Verdict):
        yield Refusal.NO_VERDICT
        return
    verdict = Verdict(decision.verdict)
    stands = standing(commitment, decisions, today)
    if verdict is Verdict.OPEN and stands.verdict is Verdict.OPEN:
        yield Refusal.ALREADY_OPEN
    if verdict in DONE | {Verdict.DELIVERED_IN_PART} and not _is_done(verdict, stands):
        yield Refusal.CLAUSES_OPEN
    if verdict is Verdict.REPLACED and decision.other_id in (None, "", commitment.id):
        yield Refusal.NO_TARGET
    if verdict is Verdict.NOT_DELIVERED and stands.schedule is not Schedule.OVERDUE:
        yield Refusal.NOT_OVERDUE
    if verdict in NEED_WORDS and not (decision.note.strip() or decision.quote.strip()):
        yield Refusal.NO_NOTE


# Somebody's act or an absence is told in words.
NEED_WORDS = frozenset(
    {Verdict.WITHDRAWN, Verdict.THWARTED, Verdict.NOT_DELIVERED, Verdict.UNTESTABLE, Verdict.OPEN}
)


def _is_done(verdict: Verdict, stands: Standing) -> bool:
    delivered = [stage is Stage.DELIVERED for _, stage in stands.clause_stages]
    return all(delivered) if verdict in DONE else any(delivered)


Checking = Callable[[Decision, Commitment, Sequence[Decision], date], Iterator[Refusal]]
CHECKS: dict[Outcome, Checking] = {
    Outcome.CONFIRMED: _confirming,
    Outcome.RESTATEMENT: _lowering,
    Outcome.SETBACK: _setting_back,
    Outcome.REJECTED: _rejecting,
    Outcome.CORRECTED: _correcting,
    Outcome.UNDONE: _undoing,
    Outcome.JOINED: _sending,
    Outcome.SPLIT: _sending,
    Outcome.MOVED: _sending,
    Outcome.VERDICT: _judging,
}
