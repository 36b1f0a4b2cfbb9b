"""Where a pledge stands: from milestones, decisions and clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from model.ledger import in_effect
from model.records import (
    Clause,
    CommitmentKind,
    Decision,
    DecisionId,
    DevelopmentId,
    Due,
    Known,
    Milestone,
    Occasion,
    Outcome,
    Role,
    Saying,
    Setback,
    Stage,
)
from model.standing import (
    Attention,
    Schedule,
    Standing,
    Verdict,
    Watch,
    attention_on,
    missed_occasions,
    occasions_passed,
    stage_of,
    standing,
)
from tests.builders import a_commitment

TODAY = date(2026, 11, 24)
M, K, S = Milestone, CommitmentKind, Stage


def a_decision(number: int, outcome: Outcome = Outcome.CONFIRMED, **changes: Any) -> Decision:
    values: dict[str, Any] = {
        "id": DecisionId(number),
        "commitment_id": "harbour-fund",
        "actor": "local:ada",
        "role": Role.ANALYST,
        "outcome": outcome,
        "decided_at": datetime(2026, 10, 1, 12, tzinfo=UTC) + timedelta(days=number),
        "development_id": DevelopmentId(number),
    }
    return Decision(**values | changes)


def confirmed(number: int, milestone: Milestone, when: str | None = None, **more: Any) -> Decision:
    return a_decision(number, milestone=milestone, milestone_date=when, **more)


def clauses(*names: str) -> tuple[Clause, ...]:
    return tuple(Clause(id=name, text=name, done_when=name) for name in names)


def after(*decisions: Decision, today: date = TODAY, **commitment: Any) -> Standing:
    return standing(a_commitment(**commitment), decisions, today)


# --- which stage a milestone reaches -------------------------------------------

REACHED = {
    M.PROPOSED: S.FLOATED,
    M.COMMITTED: S.COMMITTED,
    M.PLAN_PUBLISHED: S.COMMITTED,
    M.CONSULTING: S.COMMITTED,
    M.PREPARING: S.PREPARING,
    M.PLACE_DECIDED: S.PREPARING,
    M.SIGNED: S.AGREED,
    M.IN_FORCE: S.AGREED,
    M.ESTABLISHED: S.ESTABLISHED,
    M.UNVEILED: S.ESTABLISHED,
    M.OPERATING: S.OPERATING,
    M.DELIVERED: S.DELIVERED,
    M.PARTY_JOINED: None,
}
EXCEPTIONS = {
    (M.PLAN_PUBLISHED, K.DOCUMENT): S.ESTABLISHED,
    (M.IN_FORCE, K.DOCUMENT): S.ESTABLISHED,
}


@pytest.mark.parametrize("kind", K)
@pytest.mark.parametrize("milestone", M)
def test_each_milestone_reaches_its_stage(milestone: Milestone, kind: CommitmentKind) -> None:
    expected = EXCEPTIONS.get((milestone, kind), REACHED[milestone])
    assert stage_of(milestone, kind) is expected


def test_a_treaty_in_force_is_no_body_yet_until_it_has_met() -> None:
    in_force = confirmed(1, M.IN_FORCE, "2026-10-01")
    met = confirmed(2, M.ESTABLISHED, "2026-11-01")
    assert after(in_force, kind=K.BODY).stage is S.AGREED
    assert after(in_force, met, kind=K.BODY).stage is S.ESTABLISHED


# --- the fold --------------------------------------------------------------------


def test_without_any_milestone_there_is_no_stage() -> None:
    stands = after()
    assert (stands.stage, stands.lowest_stage, stands.steps) == (None, None, ())
    assert stands.clause_stages == (("main", None),)
    assert stands.verdict is Verdict.OPEN


def test_what_the_file_knows_is_where_the_ledger_begins() -> None:
    known = (Known(date="2026-07-16", milestone=M.SIGNED), Known(date="2025", milestone=M.PROPOSED))
    stands = after(known=known)
    assert stands.stage is S.AGREED
    assert [step.milestone for step in stands.steps] == [M.PROPOSED, M.SIGNED]
    assert (stands.last_milestone, stands.last_milestone_date) == (M.SIGNED, "2026-07-16")


def test_a_confirmed_milestone_raises_the_stage_over_any_number_of_gates() -> None:
    assert after(confirmed(1, M.PROPOSED), confirmed(2, M.OPERATING)).stage is S.OPERATING


def test_order_is_by_gate_not_by_calendar() -> None:
    late = confirmed(1, M.SIGNED, "2026-05-01"), confirmed(2, M.PREPARING, "2026-09-01")
    stands = after(*late)
    assert stands.stage is S.AGREED
    assert stands.last_milestone is M.PREPARING  # the last to happen, though not the highest


def test_a_milestone_without_a_date_is_placed_on_the_day_of_its_decision() -> None:
    undated, dated = confirmed(1, M.SIGNED), confirmed(2, M.PREPARING, "2026-09-01")
    assert [step.milestone for step in after(undated, dated).steps] == [M.PREPARING, M.SIGNED]


def test_a_party_that_joins_is_a_step_that_moves_no_stage() -> None:
    stands = after(confirmed(1, M.SIGNED, "2026-07-16"), confirmed(2, M.PARTY_JOINED, "2026-07-31"))
    assert stands.stage is S.AGREED
    assert stands.last_milestone is M.PARTY_JOINED
    assert stands.steps[-1].stage is None


@pytest.mark.parametrize(
    "outcome", [o for o in Outcome if o not in (Outcome.CONFIRMED, Outcome.UNDONE)]
)
def test_only_a_confirmation_raises_a_stage(outcome: Outcome) -> None:
    assert after(a_decision(1, outcome, milestone=M.OPERATING)).stage is None


def test_a_decision_that_confirms_nothing_changes_nothing() -> None:
    assert after(a_decision(1)).stage is None


# --- clauses -----------------------------------------------------------------------


def test_a_milestone_moves_the_clauses_it_names() -> None:
    stands = after(
        confirmed(1, M.SIGNED, clause_ids=("opened",)), clauses=clauses("opened", "projects")
    )
    assert stands.clause_stages == (("opened", S.AGREED), ("projects", None))
    assert stands.stage is S.AGREED
    assert stands.lowest_stage is None


def test_the_stage_is_the_highest_clauses_and_the_lowest_stands_beside_it() -> None:
    rows = (
        confirmed(1, M.SIGNED, clause_ids=("opened",)),
        confirmed(2, M.OPERATING, clause_ids=("projects",)),
    )
    stands = after(*rows, clauses=clauses("opened", "projects"))
    assert (stands.stage, stands.lowest_stage) == (S.OPERATING, S.AGREED)


def test_a_milestone_that_names_no_clause_moves_all_of_them() -> None:
    stands = after(confirmed(1, M.SIGNED), clauses=clauses("opened", "projects"))
    assert stands.lowest_stage is stands.stage is S.AGREED


@pytest.mark.parametrize("names", [(), ("opened",), ("opened", "projects")], ids=len)
def test_a_milestone_that_names_no_clause_moves_none_beyond_operating(names: tuple[str]) -> None:
    stands = after(confirmed(1, M.DELIVERED), clauses=clauses(*names))
    assert stands.stage is stands.lowest_stage is S.OPERATING


def test_delivered_is_said_only_where_every_clause_is() -> None:
    both = {"clauses": clauses("opened", "projects")}
    first = confirmed(1, M.DELIVERED, clause_ids=("opened",))
    second = confirmed(2, M.DELIVERED, clause_ids=("projects",))
    assert after(first, **both).stage is S.OPERATING
    assert after(first, **both).clause_stages == (("opened", S.DELIVERED), ("projects", None))
    assert after(first, second, **both).stage is S.DELIVERED


def test_the_one_clause_of_a_pledge_without_clauses_is_called_main() -> None:
    assert after(confirmed(1, M.DELIVERED, clause_ids=("main",))).stage is S.DELIVERED


def test_a_clause_that_left_the_file_moves_nothing() -> None:
    stands = after(confirmed(1, M.SIGNED, clause_ids=("gone",)), clauses=clauses("opened"))
    assert stands.stage is None
    assert [step.milestone for step in stands.steps] == [M.SIGNED]


# --- undo, corrections, later decisions ---------------------------------------------


def test_an_undo_takes_a_decision_back() -> None:
    signed = confirmed(1, M.SIGNED)
    assert after(signed, a_decision(2, Outcome.UNDONE, undoes=signed.id)).stage is None


def test_an_undo_that_is_undone_lets_the_decision_stand_again() -> None:
    rows = (
        confirmed(1, M.SIGNED),
        a_decision(2, Outcome.UNDONE, undoes=DecisionId(1)),
        a_decision(3, Outcome.UNDONE, undoes=DecisionId(2)),
    )
    assert after(*rows).stage is S.AGREED
    assert [each.id for each in in_effect(rows, TODAY)] == [1]


def test_an_undo_leaves_the_other_decisions_alone() -> None:
    rows = (
        confirmed(1, M.SIGNED),
        confirmed(2, M.OPERATING),
        a_decision(3, Outcome.UNDONE, undoes=DecisionId(2)),
    )
    assert after(*rows).stage is S.AGREED


def test_a_correction_strikes_a_decision_out_and_keeps_it_to_be_seen() -> None:
    rows = (
        confirmed(1, M.SIGNED),
        confirmed(2, M.OPERATING, "2026-10-03"),
        a_decision(3, Outcome.CORRECTED, undoes=DecisionId(2), reason=7),
    )
    stands = after(*rows)
    assert stands.stage is S.AGREED
    assert [step.milestone for step in stands.struck_steps] == [M.OPERATING]
    assert [step.milestone for step in stands.steps] == [M.SIGNED]


def test_a_correction_strikes_out_what_the_file_knows_too() -> None:
    known = (Known(date="2025-05", milestone=M.PROPOSED), Known(date="2026", milestone=M.SIGNED))
    correction = a_decision(1, Outcome.CORRECTED, milestone=M.SIGNED, milestone_date="2026")
    stands = after(correction, known=known)
    assert stands.stage is S.FLOATED
    assert [step.milestone for step in stands.struck_steps] == [M.SIGNED]


def test_a_correction_by_milestone_strikes_out_the_last_one_alone() -> None:
    rows = (
        confirmed(1, M.SIGNED, "2026-05"),
        confirmed(2, M.SIGNED, "2026-07"),
        a_decision(3, Outcome.CORRECTED, milestone=M.SIGNED, reason=7),
    )
    stands = after(*rows)
    assert [step.date for step in stands.steps] == ["2026-05"]
    assert [step.date for step in stands.struck_steps] == ["2026-07"]


def test_a_correction_that_names_a_decision_strikes_out_no_other() -> None:
    rows = (
        confirmed(1, M.SIGNED),
        confirmed(2, M.OPERATING),
        a_decision(3, Outcome.CORRECTED, undoes=DecisionId(1), reason=7),
    )
    known = (Known(date="2025", milestone=M.PROPOSED),)
    stands = after(*rows, known=known)
    assert [step.milestone for step in stands.steps] == [M.PROPOSED, M.OPERATING]


def test_a_correction_of_another_date_strikes_nothing_out() -> None:
    known = (Known(date="2026", milestone=M.SIGNED),)
    correction = a_decision(1, Outcome.CORRECTED, milestone=M.SIGNED, milestone_date="2025")
    assert after(correction, known=known).stage is S.AGREED


@pytest.mark.parametrize(
    "later",
    [Outcome.REJECTED, Outcome.RESTATEMENT, Outcome.MOVED, Outcome.SETBACK],
)
def test_a_later_decision_on_the_same_development_takes_the_place_of_the_first(
    later: Outcome,
) -> None:
    event = DevelopmentId(7)
    rows = (
        confirmed(1, M.SIGNED, development_id=event),
        a_decision(2, later, development_id=event, reason=1, setback=Setback.POSTPONED),
    )
    assert after(*rows).stage is None


def test_a_confirmation_decided_again_counts_once() -> None:
    event = DevelopmentId(7)
    rows = (
        confirmed(1, M.OPERATING, development_id=event),
        confirmed(2, M.SIGNED, "2026-09", development_id=event),
    )
    stands = after(*rows)
    assert stands.stage is S.AGREED
    assert [step.date for step in stands.steps] == ["2026-09"]


@pytest.mark.parametrize("later", [Outcome.JOINED, Outcome.SPLIT, Outcome.UNSURE])
def test_what_is_done_with_a_development_leaves_its_milestone_standing(later: Outcome) -> None:
    event = DevelopmentId(7)
    rows = (
        confirmed(1, M.SIGNED, development_id=event),
        a_decision(2, later, development_id=event),
    )
    assert after(*rows).stage is S.AGREED


def test_the_page_of_an_earlier_day_is_the_fold_until_that_day() -> None:
    rows = (
        confirmed(1, M.SIGNED),  # decided on 2 October
        confirmed(2, M.OPERATING),
        a_decision(3, Outcome.UNDONE, undoes=DecisionId(2)),
    )
    by_day = {
        day: after(
            *rows, today=date(2026, 10, day), known=(Known(date="2026", milestone=M.PROPOSED),)
        )
        for day in (1, 2, 3, 4)
    }
    assert [each.stage for each in by_day.values()] == [S.FLOATED, S.AGREED, S.OPERATING, S.AGREED]


def test_what_the_file_knows_of_a_later_day_had_not_happened_yet() -> None:
    known = (Known(date="2026-07-16", milestone=M.SIGNED),)
    assert after(known=known, today=date(2026, 7, 15)).stage is None
    assert after(known=known, today=date(2026, 7, 16)).stage is S.AGREED


# --- setbacks and reversals -----------------------------------------------------------


def setback(number: int, which: Setback = Setback.POSTPONED, **more: Any) -> Decision:
    return a_decision(number, Outcome.SETBACK, setback=which, **more)


def test_a_setback_is_shown_and_leaves_the_stage() -> None:
    stands = after(confirmed(1, M.SIGNED, "2026-07-16"), setback(2))
    assert (stands.stage, stands.setback) == (S.AGREED, Setback.POSTPONED)


def test_the_latest_setback_counts() -> None:
    assert after(setback(1), setback(2, Setback.SUSPENDED)).setback is Setback.SUSPENDED


def test_a_step_after_a_setback_shows_that_it_goes_on() -> None:
    later = confirmed(2, M.OPERATING, "2026-11-20")
    assert after(setback(1, milestone_date="2026-10-01"), later).setback is None


ENDS = {
    "on the same day": ("2026-10-01", "2026-10-01", True),
    "the day before": ("2026-10-01", "2026-09-30", False),
    "in the same month": ("2026-10", "2026-10-05", True),
    "some day of the month in which it was": ("2026-10-20", "2026-10", True),
    "the month before": ("2026-10", "2026-09-30", False),
}


@pytest.mark.parametrize(("setback_date", "step_date", "ends"), ENDS.values(), ids=ENDS)
def test_a_setback_ends_with_a_step_that_may_have_come_after_it(
    setback_date: str, step_date: str, ends: bool
) -> None:
    rows = setback(1, milestone_date=setback_date), confirmed(2, M.OPERATING, step_date)
    assert (after(*rows).setback is None) is ends


def test_a_step_shows_the_words_that_were_quoted() -> None:
    quoted, silent = confirmed(1, M.SIGNED, quote="was signed"), confirmed(2, M.OPERATING)
    assert [step.text for step in after(quoted, silent).steps] == ["was signed", None]


def test_an_older_step_found_later_does_not_end_a_setback() -> None:
    older = confirmed(2, M.SIGNED, "2026-07-16")
    assert after(setback(1, milestone_date="2026-10-01"), older).setback is Setback.POSTPONED


def test_a_party_that_joins_does_not_end_a_setback() -> None:
    joined = confirmed(2, M.PARTY_JOINED, "2026-11-20")
    assert after(setback(1, milestone_date="2026-10-01"), joined).setback is Setback.POSTPONED


def test_an_undone_setback_is_none() -> None:
    assert after(setback(1), a_decision(2, Outcome.UNDONE, undoes=DecisionId(1))).setback is None


def test_a_reversal_takes_the_stage_back_to_an_earlier_step() -> None:
    dissolved = setback(3, Setback.CANCELLED, milestone=M.COMMITTED, milestone_date="2026-11-01")
    rows = (confirmed(1, M.SIGNED, "2026-07-16"), confirmed(2, M.OPERATING, "2026-10-03"))
    stands = after(*rows, dissolved)
    assert (stands.stage, stands.setback) == (S.COMMITTED, Setback.CANCELLED)
    assert stands.struck_steps == ()  # it was true then
    assert after(*rows, dissolved, confirmed(4, M.SIGNED, "2026-11-20")).stage is S.AGREED


@pytest.mark.parametrize(
    "changes",
    [
        {"setback": Setback.POSTPONED, "milestone": M.COMMITTED, "milestone_date": "2026-11-01"},
        {"setback": Setback.CANCELLED, "milestone": M.COMMITTED},
        {"setback": Setback.CANCELLED, "milestone_date": "2026-11-01"},
    ],
    ids=["only postponed", "no date", "no step to fall back to"],
)
def test_no_other_setback_lowers_a_stage(changes: dict[str, Any]) -> None:
    fell = a_decision(2, Outcome.SETBACK, **changes)
    assert after(confirmed(1, M.OPERATING, "2026-10-03"), fell).stage is S.OPERATING


def test_a_verdict_stands_until_it_is_reopened() -> None:
    judged = a_decision(1, Outcome.VERDICT, verdict="withdrawn")
    reopened = a_decision(2, Outcome.VERDICT, verdict="open")
    assert after(judged).verdict is Verdict.WITHDRAWN
    assert after(judged, reopened).verdict is Verdict.OPEN
    assert after(judged, a_decision(2, Outcome.VERDICT, verdict="nonsense")).verdict == "withdrawn"


# --- counts ----------------------------------------------------------------------------

TWENTY = (Clause(id="projects", text="Twenty", done_when="In use", target=20, unit="projects"),)


def test_the_latest_number_of_a_confirmed_development_counts() -> None:
    rows = (
        confirmed(1, M.OPERATING, "2026-10-20"),
        confirmed(2, M.OPERATING, "2026-09-01"),
        a_decision(3, Outcome.REJECTED, reason=1),
    )
    counted = {DevelopmentId(1): 8, DevelopmentId(2): 5, DevelopmentId(3): 19}
    stands = standing(a_commitment(clauses=TWENTY), rows, TODAY, counted=counted)
    assert (stands.count_done, stands.count_target) == (8, 20)


def test_a_number_that_nobody_confirmed_is_none() -> None:
    stands = standing(a_commitment(clauses=TWENTY), (), TODAY, counted={DevelopmentId(1): 8})
    assert (stands.count_done, stands.count_target) == (None, 20)


def test_two_things_to_count_are_not_one_number() -> None:
    both = (*TWENTY, Clause(id="places", text="Places", done_when="Trained", target=500))
    stands = standing(a_commitment(clauses=both), (), TODAY)
    assert (stands.count_done, stands.count_target) == (None, None)


# --- schedule ---------------------------------------------------------------------------

END_OF_2027 = Due(date="2027", grace=timedelta(days=30))
SCHEDULES = {
    "no date": (None, date(2026, 1, 1), Schedule.UNDATED, None),
    "far away": (END_OF_2027, date(2027, 1, 1), Schedule.ON_TIME, 364),
    "61 days before": (END_OF_2027, date(2027, 10, 31), Schedule.ON_TIME, 61),
    "60 days before": (END_OF_2027, date(2027, 11, 1), Schedule.DUE_SOON, 60),
    "the last day": (END_OF_2027, date(2027, 12, 31), Schedule.DUE_SOON, 0),
    "in the days of grace": (END_OF_2027, date(2028, 1, 30), Schedule.DUE_SOON, -30),
    "the grace has passed": (END_OF_2027, date(2028, 1, 31), Schedule.OVERDUE, -31),
    "no grace": (Due(date="2027-05", grace=timedelta()), date(2027, 6, 1), Schedule.OVERDUE, -1),
    "a month means its last day": (Due(date="2027-02"), date(2027, 2, 28), Schedule.DUE_SOON, 0),
}


@pytest.mark.parametrize(("due", "today", "schedule", "left"), SCHEDULES.values(), ids=SCHEDULES)
def test_a_pledge_is_measured_against_its_date(
    due: Due | None, today: date, schedule: Schedule, left: int | None
) -> None:
    stands = after(today=today, due=due)
    assert (stands.schedule, stands.days_left) == (schedule, left)


def test_a_delivered_pledge_is_never_overdue() -> None:
    done = confirmed(1, M.DELIVERED, clause_ids=("main",))
    assert after(done, due=Due(date="2020")).schedule is Schedule.ON_TIME
    almost = confirmed(1, M.OPERATING)
    assert after(almost, due=Due(date="2020")).schedule is Schedule.OVERDUE


# --- attention ----------------------------------------------------------------------------


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


ATTENTION = {
    "spoken of today": (TODAY, days_ago(1), 0.0, Attention.ACTIVE),
    "spoken of 60 days ago": (days_ago(60), days_ago(90), 1.0, Attention.ACTIVE),
    "silent for 61 days, and we looked": (days_ago(61), days_ago(90), 1.0, Attention.QUIET),
    "silent, observed four fifths": (days_ago(61), days_ago(90), 0.8, Attention.QUIET),
    "silent, observed less": (days_ago(61), days_ago(90), 0.79, Attention.UNOBSERVED),
    "never spoken of, watched for long": (None, days_ago(60), 0.9, Attention.QUIET),
    "never spoken of, watched for a day less": (None, days_ago(59), 1.0, Attention.UNOBSERVED),
    "a fresh install": (None, TODAY, 1.0, Attention.UNOBSERVED),
    "never polled": (None, None, 0.0, Attention.UNOBSERVED),
}


@pytest.mark.parametrize(("seen", "since", "share", "expected"), ATTENTION.values(), ids=ATTENTION)
def test_silence_counts_only_where_we_looked(
    seen: date | None, since: date | None, share: float, expected: Attention
) -> None:
    commitment = a_commitment(quiet_days=60)
    assert attention_on(commitment, seen, since, share, TODAY) is expected
    watch = Watch(since=since, last_seen_on=seen, observed_share=share)
    assert standing(commitment, (), TODAY, watch=watch).attention is expected


def test_who_says_nothing_of_the_watch_claims_no_silence() -> None:
    assert after().attention is Attention.UNOBSERVED


# --- occasions and reviews -------------------------------------------------------------------

SUMMIT = Occasion(name="Annual summit", month=9)
FORUM = Occasion(name="Forum", date="2026-11-03", expect="a word")
OCCASIONS = {
    "13 days after a month": (SUMMIT, date(2026, 10, 13), date(2025, 9, 30)),
    "14 days after a month": (SUMMIT, date(2026, 10, 14), date(2026, 9, 30)),
    "early in the next year": (SUMMIT, date(2027, 2, 1), date(2026, 9, 30)),
    "13 days after a day": (FORUM, date(2026, 11, 16), None),
    "14 days after a day": (FORUM, date(2026, 11, 17), date(2026, 11, 3)),
    "a year later it is still that day": (FORUM, date(2027, 12, 1), date(2026, 11, 3)),
    "December, asked in January": (
        Occasion(name="Congress", month=12),
        date(2027, 1, 14),
        date(2026, 12, 31),
    ),
}


@pytest.mark.parametrize(("occasion", "today", "last"), OCCASIONS.values(), ids=OCCASIONS)
def test_an_occasion_passes_fourteen_days_after_its_last_day(
    occasion: Occasion, today: date, last: date | None
) -> None:
    passed = occasions_passed(a_commitment(occasions=(occasion,)), today)
    assert [each.last_day for each in passed] == ([] if last is None else [last])


def test_an_occasion_before_the_pledge_says_nothing() -> None:
    commitment = a_commitment(occasions=(SUMMIT,), said=(Saying(date="2026-10-01"),))
    assert occasions_passed(commitment, TODAY) == ()


@pytest.mark.parametrize(
    ("said", "passed"),
    [("2026-09-30", True), ("2026-10-01", False), ("2026-09", True), ("2026", True)],
)
def test_an_occasion_counts_from_the_first_day_on_which_it_may_have_been_said(
    said: str, passed: bool
) -> None:
    commitment = a_commitment(occasions=(SUMMIT,), said=(Saying(date=said),))
    assert bool(occasions_passed(commitment, TODAY)) is passed


def test_a_passed_occasion_says_when_and_what_was_expected() -> None:
    passed = occasions_passed(a_commitment(occasions=(FORUM,)), TODAY)[0]
    assert (passed.first_day, passed.passed_on) == (date(2026, 11, 3), date(2026, 11, 17))
    assert (passed.name, passed.expect) == ("Forum", "a word")


MISSED = {
    "watched, nothing came": (date(2026, 8, 1), None, True),
    "something came before it": (date(2026, 8, 1), date(2026, 8, 31), True),
    "something came during it": (date(2026, 8, 1), date(2026, 9, 10), False),
    "something came after it": (date(2026, 8, 1), date(2026, 11, 1), False),
    "watched from its first day": (date(2026, 9, 1), None, True),
    "watched only from its second day": (date(2026, 9, 2), None, False),
    "something came on its first day": (date(2026, 8, 1), date(2026, 9, 1), False),
    "never watched": (None, None, False),
}


@pytest.mark.parametrize(("since", "seen", "missed"), MISSED.values(), ids=MISSED)
def test_an_occasion_is_missed_only_while_we_watched(
    since: date | None, seen: date | None, missed: bool
) -> None:
    commitment = a_commitment(occasions=(SUMMIT,))
    watch = Watch(since=since, last_seen_on=seen)
    assert bool(missed_occasions(commitment, watch, TODAY)) is missed
    assert standing(commitment, (), TODAY, watch=watch).review_due is missed


def test_a_decision_after_a_missed_occasion_settles_it() -> None:
    commitment = a_commitment(occasions=(SUMMIT,))
    watch = Watch(since=date(2026, 8, 1))
    # It passed on 14 October.
    for number, due in ((12, True), (13, False), (14, False)):
        looked = a_decision(number, Outcome.RESTATEMENT)  # decided `number` days after 1 October
        stands = standing(commitment, [a_decision(1), looked], TODAY, watch=watch)
        assert stands.review_due is due, looked.decided_at


REVIEWS = {
    "179 days since the last decision": (179, None, False),
    "180 days since the last decision": (180, None, True),
    "never decided, watched for 180 days": (None, 180, True),
    "never decided, watched for 179 days": (None, 179, False),
    "never decided, never watched": (None, None, False),
}


@pytest.mark.parametrize(("decided", "watched", "due"), REVIEWS.values(), ids=REVIEWS)
def test_a_review_is_due_when_nobody_decided_for_long(
    decided: int | None, watched: int | None, due: bool
) -> None:
    moment = datetime(2026, 11, 24, 8, tzinfo=UTC) - timedelta(days=decided or 0)
    rows = [] if decided is None else [a_decision(1, Outcome.RESTATEMENT, decided_at=moment)]
    watch = Watch(since=None if watched is None else days_ago(watched))
    assert standing(a_commitment(), rows, TODAY, watch=watch).review_due is due


def test_a_pledge_that_has_ended_needs_no_review() -> None:
    ended = a_decision(
        1, Outcome.VERDICT, verdict="withdrawn", decided_at=datetime(2025, 1, 1, tzinfo=UTC)
    )
    assert not after(ended).review_due


@st.composite
def decisions(draw: st.DrawFn) -> list[Decision]:
    """Any decisions, most of them on a handful of developments."""
    rows = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        outcome = draw(st.sampled_from(Outcome))
        changes = {
            "milestone": draw(st.none() | st.sampled_from(Milestone)),
            "milestone_date": draw(st.none() | st.sampled_from(["2025", "2026-07", "2026-10-09"])),
            "clause_ids": draw(st.sampled_from([(), ("opened",), ("gone",)])),
            "setback": draw(st.none() | st.sampled_from(Setback)),
            "verdict": draw(st.none() | st.sampled_from(Verdict)),
            "development_id": DevelopmentId(draw(st.integers(1, 3))),
            "undoes": draw(st.none() | st.integers(1, number).map(DecisionId)),
        }
        rows.append(a_decision(number, outcome, **changes))
    return rows


@given(decisions(), st.sampled_from(Outcome))
def test_whatever_was_decided_an_undo_brings_back_where_it_stood(
    rows: list[Decision], outcome: Outcome
) -> None:
    assume(outcome is not Outcome.UNDONE)
    before = after(*rows, clauses=clauses("opened", "projects"))
    number = len(rows) + 1
    last = a_decision(number, outcome, milestone=M.OPERATING, setback=Setback.POSTPONED)
    undo = a_decision(number + 1, Outcome.UNDONE, undoes=last.id)
    assert after(*rows, last, undo, clauses=clauses("opened", "projects")) == before


@given(decisions())
def test_whatever_was_decided_the_stage_is_no_lower_than_the_lowest(rows: list[Decision]) -> None:
    stands = after(*rows, clauses=clauses("opened", "projects"))
    if stands.stage is None:
        assert stands.lowest_stage is None
    elif stands.lowest_stage is not None:
        assert stands.lowest_stage.level <= stands.stage.level
    assert (stands.stage is S.DELIVERED) == (stands.lowest_stage is S.DELIVERED)
