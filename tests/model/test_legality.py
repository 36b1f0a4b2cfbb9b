"""Which decision may be taken, and what stands against it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from model.legality import Refusal, refusals
from model.records import (
    Clause,
    Decision,
    DecisionId,
    DevelopmentId,
    Due,
    HitId,
    Known,
    Milestone,
    Outcome,
    Role,
    Setback,
)
from tests.builders import a_commitment

TODAY = date(2026, 11, 24)
CLAUSES = (
    Clause(id="opened", text="It opens", done_when="Users"),
    Clause(id="projects", text="Twenty", done_when="Twenty", target=20),
)
PLEDGE = a_commitment(
    clauses=CLAUSES,
    known=(Known(date="2026-07-16", milestone=Milestone.SIGNED),),
    due=Due(date="2026-01"),
)


def a_decision(outcome: Outcome, number: int | None = None, **changes: Any) -> Decision:
    values: dict[str, Any] = {
        "id": None if number is None else DecisionId(number),
        "commitment_id": "harbour-fund",
        "actor": "telegram:42",
        "role": Role.ANALYST,
        "outcome": outcome,
        "decided_at": datetime(2026, 11, 24, 9, tzinfo=UTC),
        "development_id": DevelopmentId(7),
    }
    return Decision(**values | changes)


def confirming(**changes: Any) -> Decision:
    values: dict[str, Any] = {
        "milestone": Milestone.UNVEILED,
        "milestone_date": "2026-11-20",
        "quote": "opened its doors",
    }
    return a_decision(Outcome.CONFIRMED, **values | changes)


DELIVERED = tuple(
    a_decision(
        Outcome.CONFIRMED,
        number,
        development_id=DevelopmentId(number),
        milestone=Milestone.DELIVERED,
        milestone_date="2026-11-01",
        clause_ids=(clause,),
    )
    for number, clause in ((1, "opened"), (2, "projects"))
)
JUDGED = a_decision(Outcome.VERDICT, 3, verdict="withdrawn", note="The ministry said so.")


def test_a_confirmed_dated_milestone_is_legal() -> None:
    assert refusals(confirming(), PLEDGE, (), TODAY) == ()


def verdict(word: str | None, **more: Any) -> Decision:
    return a_decision(Outcome.VERDICT, verdict=word, **more)


R = Refusal
CASES: dict[str, tuple[Decision, tuple[Decision, ...], tuple[Refusal, ...]]] = {
    # who
    "a machine decides": (confirming(actor="rules-1"), (), (R.MACHINE,)),
    "a person without a name": (confirming(actor="local:"), (), (R.MACHINE,)),
    "an admin": (confirming(actor="local:ada", role=Role.ADMIN), (), ()),
    "a subscriber": (confirming(role=Role.SUBSCRIBER), (), (R.NO_RIGHT,)),
    # what
    "another pledge": (confirming(commitment_id="other"), (), (R.OTHER_PLEDGE,)),
    "a clause that is not there": (confirming(clause_ids=("gone",)), (), (R.UNKNOWN_CLAUSE,)),
    "all of its clauses": (confirming(clause_ids=("opened", "projects")), (), ()),
    "nothing confirmed": (confirming(milestone=None), (), (R.NO_MILESTONE,)),
    "nothing to show for it": (
        confirming(milestone_date=None, quote=""),
        (),
        (R.NO_EVIDENCE,),
    ),
    "a place alone": (confirming(milestone_date=None, quote="", place="Porto"), (), ()),
    "an article alone": (confirming(milestone_date=None, quote="", hit_ids=(HitId(1),)), (), ()),
    "a party joins, nothing to show": (
        confirming(milestone=Milestone.PARTY_JOINED, milestone_date=None, quote=""),
        (),
        (),
    ),
    "no date": (confirming(milestone_date="soon"), (), (R.BAD_DATE,)),
    "tomorrow": (confirming(milestone_date="2026-11-25"), (), (R.FUTURE_DATE,)),
    "today": (confirming(milestone_date="2026-11-24"), (), ()),
    "this year": (confirming(milestone_date="2026"), (), ()),
    # setbacks
    "a setback": (a_decision(Outcome.SETBACK, setback=Setback.POSTPONED), (), ()),
    "a setback of no kind": (a_decision(Outcome.SETBACK), (), (R.NO_SETBACK,)),
    "a reversal": (
        a_decision(
            Outcome.SETBACK,
            setback=Setback.CANCELLED,
            milestone=Milestone.COMMITTED,
            milestone_date="2026-11-01",
        ),
        (),
        (),
    ),
    "a reversal without a date": (
        a_decision(Outcome.SETBACK, setback=Setback.CANCELLED, milestone=Milestone.COMMITTED),
        (),
        (R.NO_EVIDENCE,),
    ),
    "a postponement that would lower the stage": (
        a_decision(
            Outcome.SETBACK,
            setback=Setback.POSTPONED,
            milestone=Milestone.COMMITTED,
            milestone_date="2026-11-01",
        ),
        (),
        (R.NO_EVIDENCE,),
    ),
    # rejections and restatements
    "not this pledge": (a_decision(Outcome.REJECTED, reason=1), (), ()),
    "not this pledge, for no reason": (a_decision(Outcome.REJECTED), (), (R.NO_REASON,)),
    "not this pledge, for a reason of restatements": (
        a_decision(Outcome.REJECTED, reason=4),
        (),
        (R.NO_REASON,),
    ),
    "other, without words": (a_decision(Outcome.REJECTED, reason=9), (), (R.NO_NOTE,)),
    "other, in words": (a_decision(Outcome.REJECTED, reason=9, note="A joke."), (), ()),
    "nothing new": (a_decision(Outcome.RESTATEMENT), (), ()),
    "nothing new after all, for no reason": (
        a_decision(Outcome.RESTATEMENT),
        (confirming(id=DecisionId(1)),),
        (R.NO_REASON,),
    ),
    "nothing new after all, for a reason": (
        a_decision(Outcome.RESTATEMENT, reason=4),
        (confirming(id=DecisionId(1)),),
        (),
    ),
    "less than was confirmed, for no reason": (
        confirming(milestone=Milestone.PREPARING),
        (confirming(id=DecisionId(1)),),
        (R.NO_REASON,),
    ),
    # corrections and undo
    "a correction of a decision": (
        a_decision(Outcome.CORRECTED, undoes=DecisionId(1), reason=7),
        (confirming(id=DecisionId(1)),),
        (),
    ),
    "a correction of what the file knows": (
        a_decision(Outcome.CORRECTED, milestone=Milestone.SIGNED, note="It was a draft."),
        (),
        (),
    ),
    "a correction for no reason": (
        a_decision(Outcome.CORRECTED, milestone=Milestone.SIGNED),
        (),
        (R.NO_REASON,),
    ),
    "a correction of nothing": (
        a_decision(Outcome.CORRECTED, milestone=Milestone.DELIVERED, reason=7),
        (),
        (R.NOTHING_TO_CORRECT,),
    ),
    "a correction of a rejection": (
        a_decision(Outcome.CORRECTED, undoes=DecisionId(1), reason=7),
        (a_decision(Outcome.REJECTED, 1, reason=1),),
        (R.NOTHING_TO_CORRECT,),
    ),
    "a correction of what was never decided": (
        a_decision(Outcome.CORRECTED, undoes=DecisionId(9), reason=7),
        (confirming(id=DecisionId(1)),),
        (R.NOTHING_TO_CORRECT,),
    ),
    "a correction of an unsure look at a milestone": (
        a_decision(Outcome.CORRECTED, undoes=DecisionId(1), reason=7),
        (a_decision(Outcome.UNSURE, 1, milestone=Milestone.SIGNED),),
        (R.NOTHING_TO_CORRECT,),
    ),
    "an undo": (
        a_decision(Outcome.UNDONE, undoes=DecisionId(1)),
        (confirming(id=DecisionId(1)),),
        (),
    ),
    "an undo of nothing": (a_decision(Outcome.UNDONE), (), (R.NOTHING_TO_UNDO,)),
    "an undo of what is not there": (
        a_decision(Outcome.UNDONE, undoes=DecisionId(9)),
        (confirming(id=DecisionId(1)),),
        (R.NOTHING_TO_UNDO,),
    ),
    "an undo of what was undone": (
        a_decision(Outcome.UNDONE, undoes=DecisionId(1)),
        (confirming(id=DecisionId(1)), a_decision(Outcome.UNDONE, 2, undoes=DecisionId(1))),
        (R.NOTHING_TO_UNDO,),
    ),
    "an undo of an undo": (
        a_decision(Outcome.UNDONE, undoes=DecisionId(2)),
        (confirming(id=DecisionId(1)), a_decision(Outcome.UNDONE, 2, undoes=DecisionId(1))),
        (),
    ),
    # to others
    "moved": (a_decision(Outcome.MOVED, other_id="ferry-line"), (), ()),
    "moved nowhere": (a_decision(Outcome.MOVED), (), (R.NO_TARGET,)),
    "moved to itself": (a_decision(Outcome.MOVED, other_id="harbour-fund"), (), (R.NO_TARGET,)),
    "joined": (a_decision(Outcome.JOINED, other_id="8"), (), ()),
    "joined with itself": (a_decision(Outcome.JOINED, other_id="7"), (), (R.NO_TARGET,)),
    # verdicts
    "no verdict": (verdict(None), (), (R.NO_VERDICT,)),
    "no verdict that we know": (verdict("broken"), (), (R.NO_VERDICT,)),
    "delivered": (verdict("delivered"), DELIVERED, ()),
    "delivered, one clause open": (verdict("delivered"), DELIVERED[:1], (R.CLAUSES_OPEN,)),
    "late, one clause open": (verdict("delivered_late"), DELIVERED[:1], (R.CLAUSES_OPEN,)),
    "in part": (verdict("delivered_in_part"), DELIVERED[:1], ()),
    "in part, nothing delivered": (verdict("delivered_in_part"), (), (R.CLAUSES_OPEN,)),
    "replaced": (verdict("replaced", other_id="harbour-bank"), (), ()),
    "replaced by nothing": (verdict("replaced"), (), (R.NO_TARGET,)),
    "withdrawn": (verdict("withdrawn", note="The ministry said so."), (), ()),
    "withdrawn, without words": (verdict("withdrawn"), (), (R.NO_NOTE,)),
    "not delivered, overdue": (verdict("not_delivered", note="31 of 33 sources."), (), ()),
    "not delivered, delivered": (
        verdict("not_delivered", note="31 of 33 sources."),
        DELIVERED,
        (R.NOT_OVERDUE,),
    ),
    "open, never closed": (verdict("open", note="New evidence."), (), (R.ALREADY_OPEN,)),
    "reopened": (verdict("open", note="New evidence."), (JUDGED,), ()),
    # the rest needs nothing
    "unsure": (a_decision(Outcome.UNSURE), (), ()),
}


@pytest.mark.parametrize(("decision", "before", "expected"), CASES.values(), ids=CASES)
def test_what_stands_against_a_decision(
    decision: Decision, before: tuple[Decision, ...], expected: tuple[Refusal, ...]
) -> None:
    assert refusals(decision, PLEDGE, before, TODAY) == expected


def test_everything_that_stands_against_a_decision_is_told_at_once() -> None:
    wrong = confirming(actor="rules-1", role=Role.SUBSCRIBER, milestone=None, milestone_date="soon")
    found = refusals(wrong, PLEDGE, (), TODAY)
    assert set(found) == {R.MACHINE, R.NO_RIGHT, R.BAD_DATE, R.NO_MILESTONE}


def test_without_a_date_a_pledge_is_never_found_undelivered() -> None:
    undated = a_commitment()
    assert refusals(verdict("not_delivered", note="Nothing."), undated, (), TODAY) == (
        R.NOT_OVERDUE,
    )


def test_every_refusal_has_a_case() -> None:
    told = {refusal for _, _, expected in CASES.values() for refusal in expected}
    assert told == set(Refusal)
