"""“Why did I not get this?” has an answer for every way an article can go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from model.records import (
    CommitmentId,
    DeliveryMode,
    FeedHealth,
    FeedId,
    Subscriber,
    Subscription,
    Term,
    TermRole,
)
from monitor.matching import compile_watchlist
from monitor.pipeline import Context, process_article
from pledgewatch.explaining import explain_url
from storage.deliveries import NewDelivery
from storage.unit_of_work import begin
from tests.builders import NOON, a_commitment, a_feed, a_watchlist, an_article

FUND = a_commitment(
    terms=(
        Term(text="Harbour Resilience Fund"),
        Term(text="港湾韧性基金"),
        Term(text="harbour facility", role=TermRole.WEAK_ALIAS),
        Term(text="Old Harbour Resilience Fund", role=TermRole.DECOY),
    ),
    context=(("coast",),),
)
LANE = a_commitment(
    id=CommitmentId("lane"), title="Lane", terms=(Term(text="Green Lane Scheme"),), paused=True
)
WATCHLIST = a_watchlist(commitments=(FUND, LANE))
URL = "https://news.example.org/1"


def put(database, article, *, now=NOON, tell=True, watchlist=WATCHLIST):
    context = Context(watchlist=watchlist, matcher=compile_watchlist(watchlist))
    with begin(database) as work:
        done = process_article(article, context, work, now, tell=tell)
        work.commit()
    return done


def told(database, url=URL, watchlist=WATCHLIST):
    """Return the story as lines, times first."""
    story = explain_url(database, watchlist, url)
    return [f"{step['at'] or '-'} {step['what']}" for step in story["steps"]]


def line(database, part, **more):
    found = [each for each in told(database, **more) if part in each]
    assert found, told(database, **more)
    return found[0]


def test_a_story_begins_with_where_and_when_it_was_seen(database):
    put(database, an_article())
    put(
        database,
        an_article(feed_id=FeedId("other"), entry_id="x", fetched_at=NOON + timedelta(hours=2)),
        now=NOON + timedelta(hours=2),
    )
    first, stored, again, *_ = told(database)
    assert first == "2026-11-24 12:00 seen in example-world (Example World) as entry-1"
    assert stored.startswith(
        "2026-11-24 12:00 stored as article 1, revision 1, published 2026-11-24"
    )
    assert again == "2026-11-24 14:00 again seen in other as x"


def test_an_address_is_known_by_all_its_spellings(database):
    put(database, an_article())
    for url in (
        "http://www.news.example.org/1/?utm_source=x",
        "https://www.google.com/url?q=https%3A%2F%2Fnews.example.org%2F1",
    ):
        assert explain_url(database, WATCHLIST, url)["seen"]


def test_every_revision_has_its_time_and_what_was_changed(database):
    put(database, an_article(title="Fund opens office", text="One."))
    later = NOON + timedelta(hours=3)
    edited = an_article(
        title="Fund opens first office", text="One. Two.", text_hash="b", fetched_at=later
    )
    put(database, edited, now=later)
    assert line(database, "edited") == (
        "2026-11-24 15:00 edited: revision 2; title was: Fund opens office; "
        "text of 4 letters became one of 9"
    )


@pytest.mark.parametrize(
    ("title", "why"),
    [
        (
            "Nothing to see",
            "no term of any pledge stands in it (a title of 14 and a text of 1 letters",
        ),
        ("A harbour facility is planned", "only by the weak alias “harbour facility”"),
        ("Old Harbour Resilience Fund closes", "only inside a decoy: “Harbour Resilience Fund”"),
        ("Green Lane Scheme signed", "names lane by “Green Lane Scheme”, which is paused"),
    ],
)
def test_why_nothing_matched(database, title, why):
    put(database, an_article(title=title, text="."))
    assert why in line(database, why[:20])


def test_what_a_newer_watchlist_finds_is_said(database):
    put(database, an_article(), watchlist=a_watchlist(commitments=()))
    assert line(database, "today's watchlist") == (
        "- today's watchlist finds harbour-fund; the one it was read with did not"
    )


def test_what_opened_a_development_and_what_was_folded_into_it(database):
    put(database, an_article())
    copy = an_article(number=2, feed_id=FeedId("other"), fetched_at=NOON + timedelta(hours=1))
    put(database, copy, now=NOON + timedelta(hours=1))
    assert "opened F1" in line(database, "F1: 2 articles")
    folded = line(database, "folded into", url="https://news.example.org/2")
    assert folded.startswith("2026-11-24 13:00 folded into F1 of 2026-11-24 12:00, led by “Harbour")
    assert "(example-world): 2 articles" in folded


def subscribe(database, *chats):
    with begin(database) as work:
        for chat in chats:
            work.subscribers.save(Subscriber(chat_id=chat, started_at=NOON))
            work.subscribers.subscribe(Subscription(chat_id=chat, target="all"))
        work.commit()


def deliver(database, alert_id, *chats):
    with begin(database) as work:
        wanted = [
            NewDelivery(chat_id=chat, mode=DeliveryMode.IMMEDIATE, due_at=NOON, topic_id=None)
            for chat in chats
        ]
        work.deliveries.add(alert_id, wanted)
        work.outbox.mark_routed([alert_id], NOON)
        deliveries = work.deliveries.of_alert(alert_id)
        work.commit()
    return deliveries


def test_to_how_many_it_was_told_and_why_not_to_the_others(database):
    put(database, an_article())
    assert "waits to be routed" in line(database, "alert 1")
    subscribe(database, 1, 2, 3)
    first, second, _ = deliver(database, 1, 1, 2, 3)
    with begin(database) as work:
        work.deliveries.sent([first.id], 9, NOON + timedelta(minutes=1))
        work.deliveries.failed([second.id], "the chat is gone")
        work.commit()
    assert line(database, "alert 1") == (
        "2026-11-24 12:00 alert 1 (new_development): 1 sent at 2026-11-24 12:01, "
        "1 pending, the next due 2026-11-24 12:00, 1 failed (the chat is gone)"
    )


def test_an_alert_that_nobody_wanted_says_who_follows(database):
    put(database, an_article())
    deliver(database, 1)
    assert "told nobody: 0 of 0 subscribers follow harbour-fund" in line(database, "alert 1")


@pytest.mark.parametrize(
    ("changes", "more", "why"),
    [
        ({"title": "What is the Harbour Resilience Fund?", "text": ""}, {}, "is kept and counted"),
        ({"published_at": NOON - timedelta(days=9)}, {"tell": False}, "it was history"),
        ({}, {"tell": False}, "stored in silence"),
    ],
)
def test_why_it_rang_for_nobody(database, changes, more, why):
    put(database, an_article(**changes), **more)
    assert why in line(database, "nobody:")


def test_an_address_nobody_saw_names_its_sites_feeds_and_what_fails(database):
    feed = a_feed(url="https://feeds.news.example.org/rss")
    watchlist = replace(
        WATCHLIST, feeds=(feed, a_feed(id=FeedId("down"), url="https://y.example.org/"))
    )
    with begin(database) as work:
        work.feeds.ensure(watchlist.feeds, NOON)
        up, down = (work.feeds.get(each.id) for each in watchlist.feeds)
        work.feeds.save(
            replace(up, health=FeedHealth.HEALTHY, last_polled_at=NOON, last_success_at=NOON)
        )
        work.feeds.save(
            replace(down, last_polled_at=NOON, consecutive_failures=3, last_error="no answer")
        )
        work.commit()
    lines = told(database, "https://www.news.example.org/9", watchlist)
    assert lines[0] == "- not seen in any feed (1 of 2 feeds have answered so far)"
    assert "2026-11-24 12:00 example-world of this site answered; its last news: never" in lines
    assert "2026-11-24 12:00 down fails, 3 times in a row: no answer" in lines
    elsewhere = told(database, "https://else.example.org/", watchlist)
    assert "- no feed of else.example.org is in the watchlist" in elsewhere
