"""The rules of the storage, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from model.errors import MissingRecordError
from model.records import (
    AlertReason,
    Ambiguity,
    ArticleId,
    ChatId,
    CommitmentId,
    Decision,
    DeliveryMode,
    DeliveryState,
    DevelopmentId,
    FeedHealth,
    FeedId,
    Milestone,
    Mute,
    Outcome,
    Relation,
    Role,
    Subscriber,
    Subscription,
    Validators,
)
from storage.articles import Arrival
from storage.deliveries import NewDelivery
from storage.history import Search
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_development, a_feed, a_hit, a_suggestion, an_article

FUND = CommitmentId("harbour-fund")
ANN, BOB, GROUP = ChatId(1), ChatId(2), ChatId(-100)


@pytest.fixture
def stored(any_database):
    """One article with its hit, development and alert, and two chats."""
    with begin(any_database) as work:
        work.feeds.ensure([a_feed()], NOON)
        _, article_id = work.articles.arrive(an_article())
        hit_id = work.hits.add(a_hit(article_id=article_id))
        development_id = work.developments.add(a_development(lead_article_id=article_id))
        work.hits.place(hit_id, development_id)
        alert_id = raise_alert(work, development_id)
        for chat in (ANN, BOB):
            work.subscribers.save(Subscriber(chat_id=chat))
        work.commit()
    return any_database, article_id, hit_id, development_id, alert_id


def raise_alert(work, development_id):
    return work.outbox.add(
        key="development.1.1",
        commitment_id=FUND,
        development_id=development_id,
        reason=AlertReason.NEW_DEVELOPMENT,
        raised_at=NOON,
    )


def deliver(work, alert_id, *chats):
    wanted = [NewDelivery(chat_id=chat, mode=DeliveryMode.IMMEDIATE, due_at=NOON) for chat in chats]
    work.deliveries.add(alert_id, wanted)


def test_what_is_not_committed_is_not_there(any_database):
    with begin(any_database) as work:
        work.articles.arrive(an_article())
    with reading(any_database) as work:
        assert work.articles.by_url("https://news.example.org/1") == ()


def test_a_savepoint_undoes_one_entry_and_leaves_the_others(any_database):
    with begin(any_database) as work:
        work.articles.arrive(an_article(number=1))
        with pytest.raises(RuntimeError), work.savepoint():
            work.articles.arrive(an_article(number=2))
            raise RuntimeError
        work.articles.arrive(an_article(number=3))
        work.commit()
    with reading(any_database) as work:
        known = work.articles.known(FeedId("example-world"), ["entry-1", "entry-2", "entry-3"])
    assert set(known) == {"entry-1", "entry-3"}


@pytest.mark.parametrize("title", ["<b>&", "世界人工智能合作组织", "世界人工智慧合作組織"])
def test_an_article_comes_back_as_it_was(any_database, title):
    article = an_article(title=title, outlet="示例日报")
    with begin(any_database) as work:
        _, article_id = work.articles.arrive(article)
        work.commit()
    with reading(any_database) as work:
        assert work.articles.get(article_id).article == article


@pytest.mark.parametrize(
    ("again", "arrival"),
    [
        ({}, Arrival.KNOWN),
        ({"entry_id": "another"}, Arrival.KNOWN),
        ({"feed_id": FeedId("daily"), "entry_id": "x", "text_hash": "y"}, Arrival.KNOWN),
        ({"title": "Corrected", "text_hash": "y"}, Arrival.REVISED),
        ({"number": 2}, Arrival.NEW),
    ],
    ids=["same entry", "changed guid", "other feed", "edited", "another"],
)
def test_an_entry_arrives_as_what_it_is(any_database, again, arrival):
    with begin(any_database) as work:
        work.articles.arrive(an_article())
        assert work.articles.arrive(an_article(**again))[0] is arrival


def test_every_place_of_an_article_and_every_revision_is_kept(any_database):
    with begin(any_database) as work:
        _, article_id = work.articles.arrive(an_article())
        work.articles.arrive(an_article(feed_id=FeedId("daily"), entry_id="x"))
        work.articles.arrive(an_article(title="Corrected", text_hash="y"))
        assert len(work.articles.sightings(article_id)) == 2
        stored = work.articles.get(article_id)
    assert (stored.revision, stored.article.title) == (2, "Corrected")


def test_the_four_rules_of_uniqueness_hold(stored):
    database, article_id, _, development_id, alert_id = stored
    with begin(database) as work:
        assert work.hits.add(a_hit(article_id=article_id)) is None
        assert raise_alert(work, development_id) is None
        deliver(work, alert_id, ANN, BOB)
        deliver(work, alert_id, ANN)
        assert len(work.deliveries.of_alert(alert_id)) == 2
        assert work.articles.arrive(an_article())[0] is Arrival.KNOWN


def test_a_replaced_hit_keeps_its_place_and_its_first_moment(stored):
    database, article_id, hit_id, development_id, _ = stored
    later = a_hit(
        article_id=article_id,
        suggestion=a_suggestion(why="again"),
        found_at=NOON + timedelta(hours=1),
    )
    with begin(database) as work:
        work.hits.replace(hit_id, later)
        (hit,) = work.hits.of_article(article_id)
    assert (hit.suggestion.why, hit.development_id, hit.found_at) == ("again", development_id, NOON)


def test_a_development_comes_back_as_it_was(stored):
    database, article_id, _, development_id, _ = stored
    with reading(database) as work:
        found = work.developments.get(development_id)
        (report,) = work.developments.reports(development_id)
    assert found == replace(a_development(lead_article_id=article_id), id=development_id)
    assert report.feed_title == "Example World"
    assert report.hit.matches == a_hit().matches


def test_an_alert_is_routed_once(stored):
    database, *_, alert_id = stored
    with begin(database) as work:
        assert [alert.id for alert in work.outbox.unrouted(10)] == [alert_id]
        work.outbox.mark_routed([alert_id], NOON)
        assert work.outbox.unrouted(10) == ()


def test_blocked_parked_and_future_deliveries_are_not_due(stored):
    database, *_, alert_id = stored
    with begin(database) as work:
        deliver(work, alert_id, ANN, BOB)
        work.subscribers.park(ANN, NOON + timedelta(minutes=2))
        assert [each.chat_id for each in work.deliveries.due(NOON, 10)] == [BOB]
        assert work.deliveries.due(NOON - timedelta(seconds=1), 10) == ()
        assert work.deliveries.due(NOON, 10, leaving_out=[BOB]) == ()
        work.subscribers.block(BOB, NOON)
        assert work.deliveries.due(NOON, 10) == ()
        assert work.deliveries.next_due_at() == NOON + timedelta(minutes=2)
        later = work.deliveries.due(NOON + timedelta(minutes=2), 10)
        assert [each.chat_id for each in later] == [ANN]
        assert work.deliveries.counts()[DeliveryState.DROPPED] == 1


def test_a_delivery_goes_from_pending_to_sent(stored):
    database, *_, development_id, alert_id = stored
    with begin(database) as work:
        deliver(work, alert_id, ANN)
        (delivery,) = work.deliveries.due(NOON, 10)
        work.deliveries.start([delivery.id])
        (flying,) = work.deliveries.interrupted()
        assert (flying.attempts, flying.ambiguity) == (1, Ambiguity.STARTED)
        work.deliveries.sent([delivery.id], 77, NOON)
        assert work.deliveries.interrupted() == ()
        (message,) = work.deliveries.messages(development_id)
        assert (message.message_id, message.state) == (77, DeliveryState.SENT)


def test_failed_deliveries_can_be_tried_again(stored):
    database, *_, alert_id = stored
    with begin(database) as work:
        deliver(work, alert_id, ANN, BOB)
        first, second = work.deliveries.of_alert(alert_id)
        work.deliveries.failed([first.id], "no")
        work.deliveries.failed([second.id], "no")
        assert work.deliveries.retry([first.id], NOON) == 1
        assert work.deliveries.retry(None, NOON) == 1
        assert len(work.deliveries.due(NOON, 10)) == 2


def test_a_group_that_moves_takes_everything_along(stored):
    database, *_, alert_id = stored
    with begin(database) as work:
        for chat in (GROUP, ANN):
            work.subscribers.save(Subscriber(chat_id=chat))
            work.subscribers.subscribe(Subscription(chat_id=chat, target="all"))
        work.subscribers.subscribe(Subscription(chat_id=GROUP, target="coast"))
        work.subscribers.mute(Mute(chat_id=GROUP, commitment_id=FUND, until=None))
        deliver(work, alert_id, GROUP, ANN)
        work.subscribers.move(GROUP, ANN)
        work.subscribers.move(GROUP, ANN)  # harmless again
        assert work.subscribers.get(GROUP) is None
        assert {each.target for each in work.subscribers.subscriptions(ANN)} == {"all", "coast"}
        assert [mute.chat_id for mute in work.subscribers.mutes()] == [ANN]
        assert len(work.deliveries.of_alert(alert_id)) == 1
        work.commit()


def test_forgetting_a_chat_deletes_everything_about_it(stored):
    database, *_, alert_id = stored
    with begin(database) as work:
        work.subscribers.subscribe(Subscription(chat_id=ANN, target="all"))
        work.subscribers.mute(Mute(chat_id=ANN, commitment_id=FUND, until=None))
        deliver(work, alert_id, ANN)
        work.subscribers.forget(ANN)
        assert work.subscribers.get(ANN) is None
        assert work.subscribers.subscriptions(ANN) == ()
        assert work.deliveries.of_alert(alert_id) == ()


def a_decision(**changes):
    values = {
        "commitment_id": FUND,
        "actor": "local:ann",
        "role": Role.ANALYST,
        "outcome": Outcome.CONFIRMED,
        "decided_at": NOON,
        "milestone": Milestone.OPERATING,
        "milestone_date": "2026-11-24",
    }
    return Decision(**values | changes)


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE decisions SET note = 'x' WHERE note = '1'", 1),
        ("DELETE FROM decisions WHERE note = '1'", 2),
    ],
    ids=["changed", "deleted"],
)
def test_tampering_with_a_decision_is_found(any_database, tampering, found):
    with begin(any_database) as work:
        ids = [work.decisions.add(a_decision(note=str(number))) for number in range(3)]
        assert work.decisions.tampered() == ()
        work.commit()
    with any_database.writing() as connection:
        connection.exec_driver_sql(tampering)
        connection.commit()
    with reading(any_database) as work:
        assert work.decisions.tampered() == (ids[found],)


def test_a_feeds_state_comes_back_as_it_was(any_database):
    feed = FeedId("example-world")
    with begin(any_database) as work:
        work.feeds.ensure([a_feed()], NOON)
        state = replace(
            work.feeds.get(feed),
            validators=Validators(etag='"x"', last_modified="then", body_hash="h"),
            health=FeedHealth.FAILING,
            fault="dns",
            last_error="no such host",
            consecutive_failures=3,
            hints=(("ttl", "60"),),
            next_poll_at=NOON + timedelta(hours=1),
        )
        work.feeds.save(state)
        assert work.feeds.get(feed) == state
        assert work.feeds.due(NOON, 10) == ()
        work.feeds.request([feed], NOON)
        assert len(work.feeds.due(NOON, 10)) == 1


def test_coverage_counts_up_within_its_hour(any_database):
    feed = FeedId("example-world")
    with begin(any_database) as work:
        work.coverage.record(feed, NOON, answered=True, articles=2)
        work.coverage.record(feed, NOON + timedelta(minutes=59), answered=False, articles=0)
        work.coverage.record(feed, NOON + timedelta(minutes=60), answered=True, articles=1)
        first, second = work.coverage.since(NOON)
    assert (first.polls, first.answers, first.articles) == (2, 1, 2)
    assert (second.polls, second.answers, second.articles) == (1, 1, 1)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), 1),
        (Search(commitment_id=FUND, relation=Relation.FOLLOW_UP, review="unreviewed"), 1),
        (Search(review="confirmed"), 0),
        (Search(language="en", text="dakar"), 1),
        (Search(text="100%"), 0),
        (Search(since=NOON, until=NOON + timedelta(days=1)), 1),
        (Search(since=NOON + timedelta(seconds=1)), 0),
    ],
)
def test_the_history_is_searched(stored, search, found):
    database, *_ = stored
    with begin(database) as work:
        assert work.search_index.catch_up() == 1
        work.commit()
    with reading(database) as work:
        assert len(work.history.search(search)) == found


def test_a_missing_record_says_so(any_database):
    with reading(any_database) as work:
        with pytest.raises(MissingRecordError, match="article 99"):
            work.articles.get(ArticleId(99))
        with pytest.raises(MissingRecordError, match="F99"):
            work.developments.get(DevelopmentId(99))


def test_one_process_owns_the_database(any_database):
    with any_database.owner() as first:
        assert first
        with any_database.owner() as second:
            assert not second
    with any_database.owner() as third:
        assert third
