"""The review queue: its order, what sleeps and wakes, and who is at which card."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from model.records import (
    CommitmentId,
    Decision,
    Due,
    FeedId,
    Known,
    Milestone,
    Occasion,
    Outcome,
    Relation,
    Role,
    Setback,
    Stage,
    Tier,
)
from model.urgency import Urgency
from storage.deciding import decide, undo
from storage.queue import OPEN_FOR, Snooze
from storage.queueing import Wanted, left, listed, snooze
from storage.unit_of_work import begin, reading
from tests.builders import (
    NOON,
    a_commitment,
    a_development,
    a_feed,
    a_hit,
    a_match,
    a_suggestion,
    a_watchlist,
    an_article,
)

FUND = CommitmentId("harbour-fund")
AGREED = (Known(date="2026-02-01", milestone=Milestone.SIGNED),)
WATCHLIST = a_watchlist(
    commitments=(a_commitment(known=AGREED, occasions=(Occasion(name="Summit", date="2027-03"),)),)
)
ORGAN, WIRE = a_feed(id=FeedId("organ"), tier=Tier.A), a_feed(id=FeedId("wire"), tier=Tier.B)


@pytest.fixture
def database(any_database):
    with begin(any_database) as work:
        work.feeds.ensure([a_feed(), ORGAN, WIRE], NOON)
        work.commit()
    return any_database


class Desk:
    """Adds developments by what they tell, and lists the queue."""

    def __init__(self, database, watchlist=WATCHLIST):
        self.database, self.watchlist, self.number = database, watchlist, 0

    def add(self, *, feed="wire", score=0.9, novelty=(), term="Harbour Resilience Fund", **changes):
        self.number += 1
        values = {"milestone": None, "stage": None} | changes
        with begin(self.database) as work:
            _, article_id = work.articles.arrive(
                an_article(number=self.number, feed_id=FeedId(feed))
            )
            told = a_suggestion(novelty=novelty)
            hit = work.hits.add(
                a_hit(
                    article_id=article_id,
                    score=score,
                    suggestion=told,
                    matches=(a_match(term=term),),
                )
            )
            number = work.developments.add(a_development(lead_article_id=article_id, **values))
            work.hits.place(hit, number)
            work.commit()
        return number

    def hit(self, development_id, *, feed="wire", at=NOON):
        self.number += 1
        with begin(self.database) as work:
            _, article_id = work.articles.arrive(
                an_article(number=self.number, feed_id=FeedId(feed))
            )
            hit = work.hits.add(a_hit(article_id=article_id, found_at=at))
            work.hits.place(hit, development_id)
            work.commit()
        return hit

    def decide(self, number, outcome=Outcome.RESTATEMENT, at=NOON, **changes):
        decision = Decision(
            commitment_id=FUND,
            development_id=number,
            actor="local:ann",
            role=Role.ANALYST,
            outcome=outcome,
            decided_at=at,
            **changes,
        )
        with begin(self.database) as work:
            found = decide(work, self.watchlist, decision)
            work.commit()
        return found

    def items(self, at=NOON, **wanted):
        with reading(self.database) as work:
            return listed(work, self.watchlist, at, Wanted(**wanted))

    def keys(self, at=NOON, **wanted):
        return [item.key for item in self.items(at, **wanted)]

    def sleep(self, number, kind, until=None):
        (item,) = [each for each in self.items() if each.key == f"F{number}"]
        with begin(self.database) as work:
            found = snooze(
                work, self.watchlist, item, kind, actor="local:ann", now=NOON, until=until
            )
            work.commit()
        return found


def test_the_most_urgent_comes_first(database):
    watchlist = replace(
        WATCHLIST,
        commitments=(replace(WATCHLIST.commitments[0], due=Due(date="2026-09")),),
    )
    desk = Desk(database, watchlist)
    doubtful = desk.add(term="Harbour Fund Ltd")
    plain = desk.add()
    mistaken = desk.add(term="Harbour Fund Ltd", milestone=Milestone.PROPOSED)
    desk.decide(mistaken, Outcome.REJECTED, reason=1, at=NOON - timedelta(days=40))
    step = desk.add(milestone=Milestone.OPERATING, stage=Stage.OPERATING)
    denied = desk.add(setback=Setback.DENIED)
    best = desk.add(feed="organ", novelty=("date", "place"))
    known = desk.add(milestone=Milestone.SIGNED, stage=Stage.AGREED, novelty=("date",))
    items = desk.items()
    assert [(item.key, item.urgency) for item in items] == [
        (f"F{denied}", Urgency.CONTRADICTION),
        (f"F{step}", Urgency.STAGE),
        ("overdue.harbour-fund.2026-09", Urgency.CLOCK),
        (f"F{best}", Urgency.NEW),
        (f"F{known}", Urgency.NEW),
        (f"F{plain}", Urgency.NEW),
        (f"F{doubtful}", Urgency.DECOY),
    ]
    assert [item.weight for item in items[3:6]] == [15, 8, 4]


def test_of_what_is_nothing_new_one_in_a_hundred_comes_last(database):
    desk = Desk(database)
    numbers = [desk.add(relation=Relation.RESTATEMENT) for _ in range(110)]
    step = desk.add(stage=Stage.OPERATING)
    items = desk.items()
    assert (items[0].key, items[0].urgency) == (f"F{step}", Urgency.STAGE)
    assert 1 <= len(items[1:]) <= 3
    assert all(item.urgency is Urgency.AUDIT for item in items[1:])
    assert {item.development.id for item in items[1:]} <= set(numbers)
    assert desk.items() == items  # the same at each look


def test_a_decision_takes_its_card_away_and_an_undo_brings_it_back(database):
    desk = Desk(database)
    number = desk.add()
    with reading(database) as work:
        assert left(work, WATCHLIST, NOON) == 1
    desk.decide(number)
    assert desk.keys() == []
    with begin(database) as work:
        undo(work, WATCHLIST, None, actor="local:ann", role=Role.ANALYST, now=NOON)
        work.commit()
    assert desk.keys() == [f"F{number}"]


def test_a_hit_that_came_while_somebody_decided_opens_a_new_card(database):
    desk = Desk(database)
    number = desk.add()
    with reading(database) as work:
        seen = work.developments.hit_ids(number)
    late = desk.hit(number)
    desk.decide(number, hit_ids=seen)
    (item,) = desk.items()
    assert (item.key, item.unseen) == (f"F{number}", (late,))
    desk.hit(number, at=NOON + timedelta(hours=1))  # after it, a copy is no reason to look again
    assert desk.items()[0].unseen == (late,)
    with begin(database) as work:
        again = Decision(
            commitment_id=FUND,
            development_id=number,
            actor="local:ann",
            role=Role.ANALYST,
            outcome=Outcome.RESTATEMENT,
            decided_at=NOON + timedelta(hours=2),
        )
        decide(work, WATCHLIST, again, seen_revision=work.developments.get(number).revision)
        work.commit()
    assert desk.keys(NOON + timedelta(hours=2)) == []


def test_a_card_sleeps_until_its_date(database):
    desk = Desk(database)
    number = desk.add()
    until = NOON + timedelta(days=3)
    assert desk.sleep(number, Snooze.DATE, until) == until
    assert desk.keys() == []
    assert desk.keys(asleep=True) == [f"F{number}"]
    assert desk.keys(until) == [f"F{number}"]


def test_a_card_sleeps_until_the_next_occasion_is_over(database):
    desk = Desk(database)
    number = desk.add()
    assert desk.sleep(number, Snooze.OCCASION) == datetime(2027, 4, 1, tzinfo=UTC)
    assert desk.keys() == []
    assert f"F{number}" in desk.keys(datetime(2027, 4, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("kind", "feed", "wakes"),
    [
        (Snooze.NEXT_HIT, "wire", True),
        (Snooze.TIER_A, "wire", False),
        (Snooze.TIER_A, "organ", True),
    ],
)
def test_a_card_sleeps_until_a_hit(database, kind, feed, wakes):
    desk = Desk(database)
    number = desk.add()
    desk.sleep(number, kind)
    assert desk.keys(NOON + timedelta(days=300)) == []
    desk.hit(number, feed=feed, at=NOON + timedelta(hours=1))
    assert (desk.keys(NOON + timedelta(hours=2)) == [f"F{number}"]) is wakes


def test_a_decision_wakes_what_slept(database):
    desk = Desk(database)
    number = desk.add()
    desk.sleep(number, Snooze.NEXT_HIT)
    desk.decide(number)
    with begin(database) as work:
        undo(work, WATCHLIST, None, actor="local:ann", role=Role.ANALYST, now=NOON)
        work.commit()
    assert desk.keys() == [f"F{number}"]


def test_a_card_may_be_given_to_somebody(database):
    desk = Desk(database)
    mine, other = desk.add(), desk.add()
    with begin(database) as work:
        work.queue.assign(f"F{mine}", "local:bob")
        work.commit()
    assert desk.keys(assignee="local:bob") == [f"F{mine}"]
    assert set(desk.keys()) == {f"F{mine}", f"F{other}"}


def test_a_second_opinion_is_somebody_elses(database):
    desk = Desk(database)
    asked, unsure = desk.add(), desk.add()
    with begin(database) as work:
        work.queue.ask_second(f"F{asked}", "local:ann", NOON)
        work.commit()
    desk.decide(unsure, Outcome.UNSURE)
    assert desk.keys(viewer="local:ann") == []
    assert set(desk.keys(viewer="local:bob")) == {f"F{asked}", f"F{unsure}"}


def test_a_card_says_who_has_it_open(database):
    desk = Desk(database)
    number = desk.add()
    with begin(database) as work:
        work.queue.open(f"F{number}", "local:ann", NOON)
        work.queue.open(f"F{number}", "local:bob", NOON)
        work.queue.close(f"F{number}", "local:bob")
        work.commit()
    assert desk.items()[0].opened_by == ("local:ann",)
    assert desk.items(NOON + OPEN_FOR)[0].opened_by == ()


def test_a_look_at_a_pledge_answers_its_clock(database):
    watchlist = replace(
        WATCHLIST,
        commitments=(replace(WATCHLIST.commitments[0], due=Due(date="2026-09")),),
    )
    desk = Desk(database, watchlist)
    assert desk.keys() == ["overdue.harbour-fund.2026-09"]
    desk.decide(None, note="Asked the ministry.")
    assert desk.keys() == []


def test_what_left_the_watchlist_is_in_nobodys_queue(database):
    desk = Desk(database)
    desk.add()
    desk.watchlist = a_watchlist(commitments=())
    assert desk.keys() == []
