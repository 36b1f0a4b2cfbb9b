"""What admins are told of feeds, in their language, and nobody else."""

from __future__ import annotations

import pytest

from alerts.digests import Bundle, Waiting
from alerts.dispatching import route_outbox
from alerts.notices import render_notice
from alerts.preparing import prepare_bundle
from alerts.texts import catalogue
from model.errors import ADVICE, FeedFault
from model.records import (
    Alert,
    AlertId,
    AlertReason,
    ChatId,
    CommitmentId,
    FeedId,
    Language,
    Subscriber,
    Subscription,
)
from storage.unit_of_work import begin
from tests.builders import NOON, a_feed, a_watchlist

ADMIN, READER, STRANGER = ChatId(1001), ChatId(4711), ChatId(1002)
FACTS = {"fault": "not_found", "error": "the server answered 404", "since": NOON.isoformat()}
FEED = a_feed(title="Example <World>")


def an_alert(reason=AlertReason.FEED_BROKEN, **facts):
    return Alert(
        id=AlertId(1),
        key="feed.example-world",
        development_id=None,
        commitment_id=CommitmentId(""),
        reason=reason,
        raised_at=NOON,
        feed_id=FeedId("example-world"),
        facts=tuple((FACTS | facts).items()),
    )


@pytest.mark.parametrize(
    ("language", "broken", "advice"),
    [
        (Language.ENGLISH, "Feed broken: Example <World>", "What to do: Look for the feed's new"),
        (Language.CHINESE_SIMPLIFIED, "来源失效：Example <World>", "处理办法：用 feeds discover"),
        (Language.CHINESE_TRADITIONAL, "來源失效：Example <World>", "處理方式：用 feeds discover"),
    ],
)
def test_a_broken_feed_is_told_with_what_to_do(language, broken, advice):
    message = render_notice(an_alert(), FEED, language, "UTC")
    assert broken in message.plain
    assert advice in message.plain
    assert "404" in message.plain
    assert "2026" in message.plain
    assert "<World>" not in message.html


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.ENGLISH, "Feed works again: Example <World>"),
        (Language.CHINESE_SIMPLIFIED, "来源恢复正常：Example <World>"),
        (Language.CHINESE_TRADITIONAL, "來源恢復正常：Example <World>"),
    ],
)
def test_a_feed_that_works_again_is_told_with_since_when_it_was_broken(language, words):
    message = render_notice(an_alert(AlertReason.FEED_RECOVERED), FEED, language, "UTC")
    assert words in message.plain
    assert "2026" in message.plain


@pytest.mark.parametrize("fault", FeedFault)
def test_every_fault_has_its_words_and_the_english_advice_is_the_one_of_the_list(fault):
    assert catalogue(Language.ENGLISH)[f"advice.{fault}"] == ADVICE[fault]
    for language in (Language.CHINESE_SIMPLIFIED, Language.CHINESE_TRADITIONAL):
        message = render_notice(an_alert(fault=fault), FEED, language, "UTC")
        assert catalogue(language)[f"fault.{fault}"] in message.plain


@pytest.fixture
def outbox(any_database):
    """A database with an admin, a reader of everything, and a notice that waits."""
    with begin(any_database) as work:
        for chat in (ADMIN, READER):
            work.subscribers.save(Subscriber(chat_id=chat, started_at=NOON))
            work.subscribers.subscribe(Subscription(chat_id=chat, target="all"))
        work.outbox.add_notice(
            feed_id=FEED.id, reason=AlertReason.FEED_BROKEN, facts=FACTS, raised_at=NOON
        )
        work.commit()
    return any_database


def test_only_admins_who_talk_to_the_bot_are_told(outbox):
    watchlist = a_watchlist(feeds=(FEED,))
    assert route_outbox(outbox, watchlist, "UTC", NOON, frozenset({ADMIN, STRANGER})) == 1
    with begin(outbox) as work:
        (delivery,) = work.deliveries.due(NOON, 10)
        (prepared,) = prepare_bundle(work, watchlist, alone(work, delivery), "UTC", NOON)
        assert work.outbox.last_notices()[FEED.id].facts == tuple(FACTS.items())
    assert delivery.chat_id == ADMIN
    assert "Feed broken" in prepared.message.plain
    assert route_outbox(outbox, watchlist, "UTC", NOON, frozenset({ADMIN})) == 0


def alone(work, delivery):
    return Bundle(None, (Waiting(delivery, work.outbox.get(delivery.alert_id)),))


def test_a_notice_of_a_feed_that_left_the_watchlist_is_dropped(outbox):
    watchlist = a_watchlist(feeds=())
    route_outbox(outbox, watchlist, "UTC", NOON, frozenset({ADMIN}))
    with begin(outbox) as work:
        (delivery,) = work.deliveries.due(NOON, 10)
        assert prepare_bundle(work, watchlist, alone(work, delivery), "UTC", NOON) == ()


def test_the_same_notice_is_kept_once(outbox):
    with begin(outbox) as work:
        again = work.outbox.add_notice(
            feed_id=FEED.id, reason=AlertReason.FEED_BROKEN, facts=FACTS, raised_at=NOON
        )
        work.commit()
    assert again is None
