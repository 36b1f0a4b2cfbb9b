"""The real python-telegram-bot against a Bot API server on loopback: faults, limits, commands."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from alerts.desk import CommandDesk
from alerts.dispatching import Dispatcher, route_outbox
from alerts.limits import Limiter
from alerts.telegram_commands import TelegramBot
from model.clock import SystemClock
from model.errors import BotRefusedError
from model.records import (
    AlertReason,
    ChatId,
    ChatKind,
    CommitmentId,
    DeliveryState,
    Development,
    DevelopmentId,
    Milestone,
    Outcome,
    Relation,
    Stage,
    Subscriber,
    Subscription,
)
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_commitment, a_feed, a_hit, a_watchlist, an_article
from tests.fakes.telegram_server import TOKEN, Fault, TelegramServer

FUND = CommitmentId("harbour-fund")
ANN, BOB, GROUP = 5001, 5002, -9001


class QuickClock(SystemClock):
    """The machine's clock, that can be set ahead."""

    def __init__(self):
        self.ahead = timedelta(0)

    def now(self):
        return super().now() + self.ahead


@pytest.fixture
def server():
    with TelegramServer() as server:
        yield server


@pytest.fixture
def clock():
    return QuickClock()


def bot_with(database, server, clock, **more):
    """Return a bot that is not connected, with a watchlist of one pledge and one feed."""
    watchlist = a_watchlist(commitments=(a_commitment(tags=("coast",)),))
    desk = CommandDesk(database, lambda: watchlist, clock, "UTC")
    bot = TelegramBot(TOKEN, server.url, desk, Limiter(overall=1000), clock, **more)
    bot.watchlist = watchlist
    return bot


@pytest.fixture
async def bot(database, server, clock):
    bot = bot_with(database, server, clock)
    writer = ThreadPoolExecutor(max_workers=1)
    bot.dispatcher = Dispatcher(
        database,
        lambda: bot.watchlist,
        bot.sender,
        clock,
        writer,
        "UTC",
        Limiter(overall=1000),
    )
    await bot.connect()
    yield bot
    await bot.stop()
    writer.shutdown()


def subscribe(database, *chats):
    with begin(database) as work:
        for chat in chats:
            kind = ChatKind.PRIVATE if chat > 0 else ChatKind.GROUP
            work.subscribers.save(Subscriber(chat_id=ChatId(chat), kind=kind))
            work.subscribers.subscribe(Subscription(chat_id=ChatId(chat), target="all"))
        work.commit()


def tell(database, bot, clock, number=1, title="Fund opens"):
    """Raise an alert on a new development, and route it."""
    with begin(database) as work:
        work.feeds.ensure([a_feed()], NOON)
        _, article_id = work.articles.arrive(an_article(number=number, title=title))
        hit_id = work.hits.add(a_hit(article_id=article_id))
        development_id = work.developments.add(
            Development(
                id=DevelopmentId(0),
                commitment_id=FUND,
                relation=Relation.FOLLOW_UP,
                headline=title,
                lead_article_id=article_id,
                milestone=Milestone.OPERATING,
                setback=None,
                stage=Stage.OPERATING,
                outcome=None,
                event_date=None,
                place=None,
                hit_count=1,
                origin_count=1,
                first_seen_at=clock.now(),
                last_seen_at=clock.now(),
                revision=1,
            )
        )
        work.hits.place(hit_id, development_id)
        raise_alert(work, development_id, AlertReason.NEW_DEVELOPMENT, 1, clock)
        work.commit()
    route_outbox(database, bot.watchlist, "UTC", clock.now())
    return development_id


def raise_alert(work, development_id, reason, revision, clock):
    work.outbox.add(
        key=f"development.{development_id}.{revision}",
        commitment_id=FUND,
        development_id=development_id,
        reason=reason,
        raised_at=clock.now(),
    )


def counts(database):
    with reading(database) as work:
        return work.deliveries.counts()


async def test_everybody_is_told_once(bot, server, database, clock):
    subscribe(database, ANN, BOB, GROUP)
    tell(database, bot, clock)
    assert await bot.dispatcher.send_due() == 3
    assert await bot.dispatcher.send_due() == 0
    assert {message.chat_id for message in server.messages} == {ANN, BOB, GROUP}


async def test_a_429_parks_one_chat_while_others_go_on(bot, server, database, clock):
    subscribe(database, ANN, BOB)
    slow_down = Fault(status=429, description="Too Many Requests", retry_after=120)
    server.answer_next("sendMessage", slow_down, chat_id=ANN)
    tell(database, bot, clock, 1)
    await bot.dispatcher.send_due()
    tell(database, bot, clock, 2, "Fund grows")
    await bot.dispatcher.send_due()
    assert len(server.of_chat(BOB)) == 2
    assert server.of_chat(ANN) == []
    clock.ahead = timedelta(seconds=125)
    await bot.dispatcher.send_due()
    assert [m.shown.split("\n")[1] for m in server.of_chat(ANN)] == [
        "Follow-up: Fund opens",
        "Follow-up: Fund grows",
    ]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=403, description="Forbidden: bot was blocked by the user"),
        Fault(status=403, description="Forbidden: user is deactivated"),
        Fault(status=403, description="Forbidden: bot was kicked from the group chat"),
    ],
    ids=["blocked", "deactivated", "kicked"],
)
async def test_a_chat_that_is_gone_is_left_alone(bot, server, database, clock, fault):
    subscribe(database, ANN, BOB)
    server.answer_next("sendMessage", fault, chat_id=ANN)
    tell(database, bot, clock)
    await bot.dispatcher.send_due()
    tell(database, bot, clock, 2, "Fund grows")
    await bot.dispatcher.send_due()
    assert len(server.of_chat(BOB)) == 2
    assert server.calls["sendMessage"] == 3
    with reading(database) as work:
        assert work.subscribers.get(ChatId(ANN)).blocked_at is not None


async def test_a_chat_that_is_not_found_is_believed_gone_the_second_time(
    bot, server, database, clock
):
    subscribe(database, ANN, BOB)
    not_found = Fault(status=400, description="Bad Request: chat not found")
    server.answer_next("sendMessage", not_found, chat_id=ANN)
    server.answer_next("sendMessage", not_found, not_found, chat_id=BOB)
    tell(database, bot, clock)
    await bot.dispatcher.send_due()
    clock.ahead = timedelta(seconds=80)
    assert await bot.dispatcher.send_due() == 1
    with reading(database) as work:
        assert work.subscribers.get(ChatId(ANN)).blocked_at is None
        assert work.subscribers.get(ChatId(BOB)).blocked_at is not None


@pytest.mark.parametrize(
    "fault",
    [
        Fault(drop=True, accept=True),
        Fault(body="<html>captive portal</html>", accept=True),
        Fault(body='{"ok": tr', accept=True),
    ],
    ids=["reset", "portal", "cut"],
)
async def test_what_may_have_arrived_is_sent_at_most_once_more(bot, server, database, clock, fault):
    subscribe(database, ANN)
    server.answer_next("sendMessage", fault)
    tell(database, bot, clock)
    await bot.dispatcher.send_due()
    assert await bot.dispatcher.send_due() == 0  # it waits a minute
    clock.ahead = timedelta(seconds=80)
    assert await bot.dispatcher.send_due() == 1
    assert len(server.of_chat(ANN)) == 2
    assert counts(database) == {DeliveryState.SENT: 1}


async def test_a_minute_of_502_loses_nothing_and_doubles_nothing(bot, server, database, clock):
    subscribe(database, ANN, BOB, GROUP)
    server.outage = Fault(status=502, body="<html>Bad Gateway</html>")
    tell(database, bot, clock)
    for seconds in range(0, 60, 4):
        clock.ahead = timedelta(seconds=seconds)
        await bot.dispatcher.send_due()
    tries = server.calls["sendMessage"]
    assert server.messages == []
    server.outage = None
    for seconds in range(60, 140, 4):
        clock.ahead = timedelta(seconds=seconds)
        await bot.dispatcher.send_due()
    assert sorted(each.chat_id for each in server.messages) == [GROUP, ANN, BOB]
    assert tries <= 3 * 5  # with longer and longer waits between


async def test_a_text_that_telegram_refuses_goes_as_plain_text(bot, server, database, clock):
    subscribe(database, ANN)
    server.answer_next(
        "sendMessage", Fault(status=400, description="Bad Request: can't parse entities")
    )
    tell(database, bot, clock)
    await bot.dispatcher.send_due()
    (message,) = server.of_chat(ANN)
    assert "<b>" not in message.text


async def test_a_group_that_moved_is_followed(bot, server, database, clock):
    subscribe(database, GROUP)
    moved = Fault(
        status=400, description="Bad Request: group chat was upgraded", migrate_to=-100777
    )
    server.answer_next("sendMessage", moved)
    tell(database, bot, clock)
    await bot.dispatcher.send_due()
    await bot.dispatcher.send_due()
    assert len(server.of_chat(-100777)) == 1
    with reading(database) as work:
        assert work.subscribers.get(ChatId(GROUP)) is None


async def test_a_revoked_token_stops_sending_without_a_storm(bot, server, database, clock):
    subscribe(database, ANN, BOB)
    server.token_valid = False
    tell(database, bot, clock)
    for _ in range(5):
        await bot.dispatcher.send_due()
    assert server.calls["sendMessage"] <= 2
    assert bot.dispatcher.refused is not None
    assert counts(database) == {DeliveryState.PENDING: 2}


async def test_what_was_in_flight_at_a_crash_is_sent_again_once(bot, server, database, clock):
    subscribe(database, ANN)
    tell(database, bot, clock)
    with begin(database) as work:
        (delivery,) = work.deliveries.due(clock.now(), 10)
        work.deliveries.start([delivery.id])
        work.commit()
    assert await bot.dispatcher.recover() == 1
    assert await bot.dispatcher.send_due() == 1
    assert await bot.dispatcher.recover() == 0


async def test_more_outlets_edit_the_alert_after_a_pause(bot, server, database, clock):
    subscribe(database, ANN)
    development_id = tell(database, bot, clock)
    await bot.dispatcher.send_due()
    with begin(database) as work:
        _, article_id = work.articles.arrive(an_article(number=7, outlet="Sample Daily"))
        work.hits.place(work.hits.add(a_hit(article_id=article_id)), development_id)
        raise_alert(work, development_id, AlertReason.MORE_OUTLETS, 2, clock)
        work.commit()
    route_outbox(database, bot.watchlist, "UTC", clock.now())
    await bot.dispatcher.send_due()
    (message,) = server.of_chat(ANN)
    assert message.edits == []
    clock.ahead = timedelta(minutes=3)
    await bot.dispatcher.send_due()
    (message,) = server.of_chat(ANN)
    assert len(message.edits) == 1
    assert "Also reported by 1 outlet: Sample Daily" in message.shown
    assert message.markup["inline_keyboard"]


async def test_what_was_rejected_before_it_went_is_not_sent(bot, server, database, clock):
    from dataclasses import replace

    subscribe(database, ANN)
    development_id = tell(database, bot, clock)
    with begin(database) as work:
        found = work.developments.get(development_id)
        work.developments.save(replace(found, outcome=Outcome.REJECTED))
        work.commit()
    assert await bot.dispatcher.send_due() == 0
    assert counts(database) == {DeliveryState.DROPPED: 1}


# --- commands ----------------------------------------------------------------------


@pytest.fixture
async def listening(bot):
    await bot.start()
    return bot


async def answer_to(server, chat, text, **more):
    before = len(server.of_chat(chat))
    server.says(chat, text, **more)
    deadline = time.monotonic() + 10
    while len(server.of_chat(chat)) == before:
        assert time.monotonic() < deadline, f"no answer to {text}"
        await asyncio.sleep(0.01)
    return server.of_chat(chat)[-1].shown


async def test_a_chat_that_blocks_the_bot_and_comes_back(listening, server, database):
    await answer_to(server, ANN, "/subscribe all")
    server.leaves(ANN)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with reading(database) as work:
            if work.subscribers.get(ChatId(ANN)).blocked_at is not None:
                break
        await asyncio.sleep(0.01)
    server.chats_that_block.clear()
    await answer_to(server, ANN, "/start")
    with reading(database) as work:
        assert work.subscribers.get(ChatId(ANN)).blocked_at is None


async def test_a_wrong_token_is_refused_at_the_start(database, server, clock):
    desk = CommandDesk(database, a_watchlist, clock, "UTC")
    bot = TelegramBot("1:wrong", server.url, desk, Limiter(), clock)
    with pytest.raises(BotRefusedError, match="BotFather"):
        await bot.start()
    await bot.stop()
