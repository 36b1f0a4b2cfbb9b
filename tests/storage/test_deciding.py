"""Taking decisions and taking them back, with all that follows, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from model.errors import ConflictError, DecisionRefusedError, MissingRecordError
from model.legality import Refusal
from model.records import (
    ChatId,
    Clause,
    CommitmentId,
    Decision,
    DeliveryMode,
    DeliveryState,
    Known,
    Milestone,
    Outcome,
    Relation,
    Role,
    Setback,
    Stage,
    Subscriber,
)
from model.standing import standing
from storage.database import open_database
from storage.deciding import decide, undo
from storage.deliveries import NewDelivery
from storage.unit_of_work import begin, reading
from tests.builders import (
    NOON,
    a_commitment,
    a_development,
    a_feed,
    a_hit,
    a_suggestion,
    a_watchlist,
    an_article,
)

FUND, SCHOOL = CommitmentId("harbour-fund"), CommitmentId("river-school")
WATCHLIST = a_watchlist(
    commitments=(
        a_commitment(known=(Known(date="2026-02-01", milestone=Milestone.PREPARING),)),
        a_commitment(id=SCHOOL, title="River school"),
    )
)
ANN = {"actor": "local:ann", "role": Role.ANALYST}


def a_decision(**changes):
    values = {
        "commitment_id": FUND,
        **ANN,
        "outcome": Outcome.CONFIRMED,
        "decided_at": NOON,
        "milestone": Milestone.OPERATING,
        "milestone_date": "2026-11-24",
    }
    if changes.get("outcome", Outcome.CONFIRMED) is not Outcome.CONFIRMED:
        values |= {"milestone": None, "milestone_date": None}
    return Decision(**values | changes)


def add_development(work, *numbers, **changes):
    """Store a development with one article and hit for each number."""
    ids = []
    development_id = None
    for number in numbers:
        _, article_id = work.articles.arrive(an_article(number=number))
        hit_id = work.hits.add(a_hit(article_id=article_id))
        if development_id is None:
            values = {"lead_article_id": article_id, "hit_count": len(numbers)} | changes
            development_id = work.developments.add(a_development(**values))
        work.hits.place(hit_id, development_id)
        ids.append(hit_id)
    work.outbox.add(
        key=f"development.{development_id}.1",
        commitment_id=FUND,
        development_id=development_id,
        reason="new_development",
        raised_at=NOON,
    )
    return development_id, tuple(ids)


@pytest.fixture
def desk(any_database):
    """Two developments of one pledge: the first with two hits."""
    with begin(any_database) as work:
        work.feeds.ensure([a_feed()], NOON)
        first, hits = add_development(work, 1, 2)
        second, _ = add_development(work, 3)
        work.commit()
    return any_database, first, second, hits


def take(database, decision, **more):
    with begin(database) as work:
        number = decide(work, WATCHLIST, decision, **more)
        work.commit()
    return number


def take_back(database, number=None, actor="local:ann", at=NOON):
    with begin(database) as work:
        found = undo(work, WATCHLIST, number, actor=actor, role=Role.ANALYST, now=at)
        work.commit()
    return found


def seen(database, development_id):
    with reading(database) as work:
        return work.developments.get(development_id)


def keys(database, development_id=None):
    with reading(database) as work:
        alerts = work.outbox.unrouted(100)
    return {
        each.key
        for each in alerts
        if not each.key.startswith("development.1") and not each.key.startswith("development.2")
    }


def test_a_confirmation_moves_the_stage_and_is_told(desk):
    database, first, _, hits = desk
    number = take(database, a_decision(development_id=first), seen_revision=1)
    after = seen(database, first)
    assert (after.outcome, after.revision) == (Outcome.CONFIRMED, 2)
    assert keys(database) == {f"decided.{number}", f"stage_changed.{number}"}
    with reading(database) as work:
        stored = work.decisions.get(number)
        alert = work.outbox.by_key(f"stage_changed.{number}")
        assert work.decisions.tampered() == ()
        assert standing(WATCHLIST.commitments[0], work.decisions.all(), NOON.date()).stage is (
            Stage.OPERATING
        )
    assert (stored.stage_before, stored.stage_after) == (Stage.PREPARING, Stage.OPERATING)
    assert (stored.verdict_before, stored.verdict_after) == ("open", "open")
    assert (stored.hit_ids, stored.commitment_rev, stored.rubric_version) == (hits, "test", "1")
    assert stored.suggestion_id == f"{hits[0]}/test/test"
    assert dict(alert.facts)["stage_before"] == "preparing"
    assert dict(alert.facts)["stage_after"] == "operating"


def test_a_decision_on_what_somebody_decided_names_the_first(desk):
    database, first, *_ = desk
    number = take(database, a_decision(development_id=first), seen_revision=1)
    for seen_revision in (None, 1):
        with pytest.raises(ConflictError, match="local:ann") as caught:
            take(
                database,
                a_decision(development_id=first, actor="local:bob"),
                seen_revision=seen_revision,
            )
        assert caught.value.other.id == number
    changed = a_decision(
        development_id=first, actor="local:bob", outcome=Outcome.RESTATEMENT, reason=4
    )
    take(database, changed, seen_revision=2)
    assert seen(database, first).outcome is Outcome.RESTATEMENT


def test_of_two_analysts_at_once_exactly_one_wins(desk):
    database, first, *_ = desk
    barrier, results = threading.Barrier(2), {}

    def analyst(name):
        own = open_database(database.engine.url.render_as_string(hide_password=False))
        barrier.wait()
        try:
            mine = a_decision(development_id=first, actor=f"local:{name}")
            results[name] = take(own, mine, seen_revision=1)
        except ConflictError as error:
            results[name] = error
        finally:
            own.close()

    threads = [threading.Thread(target=analyst, args=(name,)) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [name for name, each in results.items() if isinstance(each, int)]
    (loser,) = [each for each in results.values() if isinstance(each, ConflictError)]
    assert loser.other.actor == f"local:{winner}"
    with reading(database) as work:
        assert len(work.decisions.all()) == 1


def test_decisions_on_different_developments_at_once_stay_one_chain(desk):
    database, first, second, _ = desk
    barrier = threading.Barrier(2)

    def analyst(development_id):
        own = open_database(database.engine.url.render_as_string(hide_password=False))
        barrier.wait()
        take(own, a_decision(development_id=development_id), seen_revision=1)
        own.close()

    threads = [threading.Thread(target=analyst, args=(each,)) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(database) as work:
        assert len(work.decisions.all()) == 2
        assert work.decisions.tampered() == ()


def test_a_hit_that_came_meanwhile_is_no_conflict_for_who_names_the_hits_seen(desk):
    database, first, _, hits = desk
    with begin(database) as work:
        development = work.developments.get(first)
        work.developments.save(replace(development, revision=2))
        work.commit()
    with pytest.raises(ConflictError) as caught:
        take(database, a_decision(development_id=first), seen_revision=1)
    assert caught.value.other is None
    take(database, a_decision(development_id=first, hit_ids=hits), seen_revision=1)
    assert seen(database, first).outcome is Outcome.CONFIRMED


def test_an_undo_puts_everything_back_and_survives_a_restart(desk):
    database, first, *_ = desk
    before = seen(database, first)
    changed = a_decision(
        development_id=first, milestone=Milestone.SIGNED, milestone_date="2026-11-20", place="Dakar"
    )
    take(database, changed, seen_revision=1)
    assert (seen(database, first).stage, seen(database, first).place) == (Stage.AGREED, "Dakar")
    url = database.engine.url.render_as_string(hide_password=False)
    again = open_database(url)
    reversal = take_back(again)
    again.close()
    after = seen(database, first)
    same = ("outcome", "milestone", "stage", "event_date", "place", "setback", "hit_count")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    with reading(database) as work:
        stored = work.decisions.get(reversal)
    assert (stored.outcome, stored.stage_after) == (Outcome.UNDONE, Stage.PREPARING)
    with pytest.raises(MissingRecordError, match="of yours"):
        take_back(database)


def test_an_undo_goes_back_one_by_one_and_can_itself_be_undone(desk):
    database, first, second, _ = desk
    one = take(database, a_decision(development_id=first))
    two = take(database, a_decision(development_id=second, milestone=Milestone.SIGNED))
    back = take_back(database)
    assert seen(database, second).outcome is None
    take_back(database)
    assert seen(database, first).outcome is None
    take_back(database, back)
    assert seen(database, second).outcome is Outcome.CONFIRMED
    with reading(database) as work:
        assert [each.undoes for each in work.decisions.all()] == [None, None, two, one, back]


def test_an_undo_before_anybody_was_told_is_silent_and_after_it_a_correction(desk):
    database, first, *_ = desk
    number = take(database, a_decision(development_id=first))
    undone = take_back(database)
    assert keys(database) == {f"decided.{number}", f"decided.{undone}"}
    number = take(database, a_decision(development_id=first))
    with begin(database) as work:
        alert = work.outbox.by_key(f"stage_changed.{number}")
        for chat in (1, 2):
            work.subscribers.save(Subscriber(chat_id=ChatId(chat)))
        chats = [
            NewDelivery(chat_id=ChatId(chat), mode=DeliveryMode.IMMEDIATE, due_at=NOON)
            for chat in (1, 2)
        ]
        work.deliveries.add(alert.id, chats)
        told, waits = work.deliveries.of_alert(alert.id)
        work.deliveries.sent([told.id], 77, NOON)
        work.commit()
    undone = take_back(database)
    assert f"corrected.{undone}" in keys(database)
    with reading(database) as work:
        assert work.deliveries.get(waits.id).state is DeliveryState.DROPPED


def test_a_rejection_of_what_was_confirmed_is_a_correction(desk):
    database, first, *_ = desk
    take(database, a_decision(development_id=first))
    rejection = a_decision(development_id=first, outcome=Outcome.REJECTED, reason=1)
    number = take(database, rejection, seen_revision=2)
    assert f"corrected.{number}" in keys(database)
    assert f"stage_changed.{number}" not in keys(database)


def test_a_correction_strikes_a_step_of_its_development(desk):
    database, first, *_ = desk
    number = take(database, a_decision(development_id=first))
    mistake = a_decision(outcome=Outcome.CORRECTED, undoes=number, note="It was the signing.")
    corrected = take(database, mistake)
    assert seen(database, first).outcome is Outcome.CORRECTED
    assert f"corrected.{corrected}" in keys(database)
    with reading(database) as work:
        facts = dict(work.outbox.by_key(f"corrected.{corrected}").facts)
    assert (facts["stage_before"], facts["why"]) == ("operating", "It was the signing.")


def test_what_stands_against_a_decision_is_named_and_nothing_is_stored(desk):
    database, first, second, _ = desk
    cases = (
        (a_decision(development_id=first, actor="rules@1"), Refusal.MACHINE),
        (a_decision(development_id=first, role=Role.SUBSCRIBER), Refusal.NO_RIGHT),
        (a_decision(development_id=first, milestone=None), Refusal.NO_MILESTONE),
        (
            a_decision(development_id=first, outcome=Outcome.JOINED, other_id="F99"),
            Refusal.NO_TARGET,
        ),
        (
            a_decision(development_id=first, outcome=Outcome.JOINED, other_id=f"F{first}"),
            Refusal.NO_TARGET,
        ),
        (
            a_decision(development_id=first, outcome=Outcome.MOVED, other_id="nowhere"),
            Refusal.NO_TARGET,
        ),
        (
            a_decision(development_id=second, outcome=Outcome.SPLIT),
            Refusal.NO_TARGET,
        ),
        (a_decision(commitment_id=SCHOOL, development_id=first), Refusal.OTHER_PLEDGE),
    )
    for decision, refusal in cases:
        with pytest.raises(DecisionRefusedError) as caught:
            take(database, decision)
        assert refusal in caught.value.refusals
    with reading(database) as work:
        assert work.decisions.all() == ()
    assert seen(database, first).revision == 1


def test_what_is_joined_is_told_as_one_and_comes_apart_by_an_undo(desk):
    database, first, second, _ = desk
    take(database, a_decision(development_id=second, outcome=Outcome.JOINED, other_id=f"F{first}"))
    whole = seen(database, first)
    assert (whole.hit_count, whole.origin_count) == (3, 2)
    assert (seen(database, second).outcome, seen(database, second).joined_to) == (
        Outcome.JOINED,
        first,
    )
    with reading(database) as work:
        assert len(work.developments.reports(first)) == 3
    with pytest.raises(DecisionRefusedError):  # a ring has no end
        take(
            database,
            a_decision(development_id=first, outcome=Outcome.JOINED, other_id=f"F{second}"),
        )
    take_back(database)
    assert (seen(database, first).hit_count, seen(database, first).origin_count) == (2, 1)
    assert seen(database, second).joined_to is None


def test_a_split_takes_a_join_back_and_remembers_the_pair_as_two(desk):
    database, first, second, _ = desk
    take(database, a_decision(development_id=second, outcome=Outcome.JOINED, other_id=f"F{first}"))
    apart = a_decision(development_id=second, outcome=Outcome.SPLIT, other_id=f"F{first}")
    take(database, apart)
    assert seen(database, second).joined_to is None
    assert seen(database, second).outcome is None
    assert seen(database, first).hit_count == 2


def test_hits_split_off_open_a_development_and_come_back_by_an_undo(desk):
    database, first, _, hits = desk
    number = take(
        database, a_decision(development_id=first, outcome=Outcome.SPLIT, hit_ids=hits[1:])
    )
    with reading(database) as work:
        opened = work.decisions.get(number).other_id
        (split,) = work.developments.moved_out_of(first)
        assert opened == f"F{split.id}"
        assert work.developments.hit_ids(split.id) == hits[1:]
        assert (split.outcome, split.hit_count) == (None, 1)
        assert work.developments.get(first).hit_count == 1
    take_back(database)
    with reading(database) as work:
        assert work.developments.hit_ids(first) == hits
        assert work.developments.get(first).hit_count == 2
        shell = work.developments.get(split.id)
        assert (shell.outcome, shell.joined_to, shell.hit_count) == (Outcome.JOINED, first, 0)
        undone = work.decisions.newest(1)[0].id
    take_back(database, undone)
    with reading(database) as work:
        assert work.developments.hit_ids(split.id) == hits[1:]
        again = work.developments.get(split.id)
        assert (again.outcome, again.joined_to, again.hit_count) == (None, None, 1)
        assert work.developments.get(first).hit_count == 1


def test_what_belongs_to_another_pledge_opens_there_and_an_undo_calls_it_back(desk):
    database, first, *_ = desk
    take(database, a_decision(development_id=first, outcome=Outcome.MOVED, other_id=SCHOOL))
    with reading(database) as work:
        (moved,) = work.developments.listed(commitment_id=SCHOOL)
        assert (moved.outcome, moved.hit_count, moved.came_from) == (None, 2, first)
        assert work.outbox.by_key(f"development.{moved.id}.1").commitment_id == SCHOOL
    assert seen(database, first).outcome is Outcome.MOVED
    undone = take_back(database)
    assert seen(database, first).outcome is None
    assert seen(database, moved.id).outcome is Outcome.MOVED
    take_back(database, undone)
    assert seen(database, first).outcome is Outcome.MOVED
    assert seen(database, moved.id).outcome is None


def test_what_was_moved_and_is_decided_anew_is_let_go_there_unless_decided_there(desk):
    database, first, second, _ = desk
    for number in (first, second):
        take(database, a_decision(development_id=number, outcome=Outcome.MOVED, other_id=SCHOOL))
    with reading(database) as work:
        two, one = work.developments.listed(commitment_id=SCHOOL)
    take(database, a_decision(development_id=one.id, commitment_id=SCHOOL))
    for number in (first, second):
        take(database, a_decision(development_id=number), seen_revision=2)
    assert seen(database, one.id).outcome is Outcome.CONFIRMED
    assert seen(database, two.id).outcome is Outcome.MOVED


def test_a_setback_stands_on_the_development_and_goes_with_an_undo(desk):
    database, first, *_ = desk
    take(
        database,
        a_decision(development_id=first, outcome=Outcome.SETBACK, setback=Setback.POSTPONED),
    )
    after = seen(database, first)
    assert (after.setback, after.milestone, after.stage) == (Setback.POSTPONED, None, None)
    take_back(database)
    after = seen(database, first)
    assert (after.setback, after.milestone, after.stage) == (
        None,
        Milestone.OPERATING,
        Stage.OPERATING,
    )


def test_a_verdict_taken_back_is_told_as_reopened(any_database):
    watchlist = a_watchlist(
        commitments=(
            a_commitment(
                known=(Known(date="2026-02-01", milestone=Milestone.DELIVERED, clauses=("a",)),),
                clauses=(Clause(id="a", text="It opens.", done_when="It is open."),),
            ),
        )
    )
    with begin(any_database) as work:
        judged = a_decision(outcome=Outcome.VERDICT, verdict="delivered")
        decide(work, watchlist, judged)
        opened = a_decision(
            outcome=Outcome.VERDICT,
            verdict="open",
            note="It closed.",
            decided_at=NOON + timedelta(days=1),
        )
        number = decide(work, watchlist, opened)
        work.commit()
    assert keys(any_database) == {f"reopened.{number}"}


def test_unsure_asks_somebody_else_and_nobody_is_told(desk):
    database, first, *_ = desk
    take(database, a_decision(development_id=first, outcome=Outcome.UNSURE))
    assert seen(database, first).outcome is Outcome.UNSURE
    assert keys(database) == set()
    take(database, a_decision(development_id=first, actor="local:bob"))
    assert seen(database, first).outcome is Outcome.CONFIRMED


def test_the_suggestion_of_a_restatement_comes_back_too(any_database):
    with begin(any_database) as work:
        work.feeds.ensure([a_feed()], NOON)
        _, article_id = work.articles.arrive(an_article())
        told = a_suggestion(milestone=None, stage=None)
        hit = work.hits.add(a_hit(article_id=article_id, suggestion=told))
        number = work.developments.add(
            a_development(lead_article_id=article_id, milestone=None, stage=None)
        )
        work.hits.place(hit, number)
        decide(work, WATCHLIST, a_decision(development_id=number))
        undo(work, WATCHLIST, None, **ANN, now=NOON)
        decide(work, WATCHLIST, a_decision(development_id=number, milestone=Milestone.SIGNED))
        undo(work, WATCHLIST, None, **ANN, now=NOON)
        development = work.developments.get(number)
    assert (development.milestone, development.stage) == (None, None)


def test_a_decision_waits_for_the_poll_that_adds_to_its_development(desk):
    """Neither loses what the other wrote: the hit that came, nor the outcome."""
    database, first, _, hits = desk
    at_it, done = threading.Event(), threading.Event()

    def poll():
        own = open_database(database.engine.url.render_as_string(hide_password=False))
        with begin(own) as work:
            before = work.developments.get(first, lock=True)
            at_it.set()
            done.wait(0.3)  # the decision is asked for meanwhile
            work.developments.save(replace(before, hit_count=before.hit_count + 1))
            work.commit()
        own.close()

    thread = threading.Thread(target=poll)
    thread.start()
    at_it.wait(10)
    take(database, a_decision(development_id=first, hit_ids=hits), seen_revision=1)
    done.set()
    thread.join()
    after = seen(database, first)
    assert (after.hit_count, after.outcome) == (3, Outcome.CONFIRMED)


def test_what_is_not_about_the_pledge_is_no_word_on_it(desk):
    database, first, second, _ = desk

    def spoken():
        with reading(database) as work:
            return work.hits.last_seen(tuple(Relation))

    assert FUND in spoken()
    take(database, a_decision(development_id=first, outcome=Outcome.REJECTED, reason=1))
    assert FUND in spoken()
    moved = a_decision(development_id=second, outcome=Outcome.MOVED, other_id=SCHOOL)
    take(database, moved)
    assert set(spoken()) == {SCHOOL}
    take_back(database)
    assert FUND in spoken()
