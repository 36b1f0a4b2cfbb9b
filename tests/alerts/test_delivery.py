"""Delivery in hard situations: the real library against a Bot API server on loopback."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.choosing import route_outbox
from alerts.dispatching import Dispatcher
from alerts.limits import Limiter
from model.records import AlertReason, ChatId, ChatKind, DeliveryMode, DeliveryState, Mute, Outcome
from storage.unit_of_work import begin, reading
from tests.alerts.talking import press, until
from tests.alerts.test_telegram import (
    ANN,
    BOB,
    GROUP,
    bot,
    bot_with,
    clock,
    counts,
    raise_alert,
    server,
    subscribe,
    tell,
)
from tests.builders import a_feed, a_hit, an_article
from tests.fakes.telegram_server import Fault

__all__ = ["bot", "clock", "server"]  # fixtures

CHANNEL, ADMIN = -1007, 9001


def change(database, chat, **settings):
    """Change a chat's settings, and those of its subscription."""
    with begin(database) as work:
        subscription = settings.pop("subscription", {})
        subscriber = work.subscribers.get(ChatId(chat))
        work.subscribers.save(replace(subscriber, **settings))
        (one,) = work.subscribers.subscriptions(ChatId(chat))
        work.subscribers.subscribe(replace(one, **subscription))
        work.commit()


async def test_one_story_reaches_300_at_the_pace_that_telegram_takes(bot, server, database, clock):
    subscribe(database, *range(6000, 6300))
    bot.dispatcher.limiter = Limiter()
    tell(database, bot, clock)
    while counts(database).get(DeliveryState.PENDING):
        await bot.dispatcher.send_due()
    times = sorted(message.at for message in server.messages)
    assert len({message.chat_id for message in server.messages}) == len(times) == 300
    assert max(sum(start <= at < start + 1 for at in times) for start in times) <= 30
    assert server.refused == []


async def test_fifty_stories_to_one_group_come_at_18_a_minute_in_order(
    bot, server, database, clock
):
    passed = [0.0]

    async def sleep(seconds):
        passed[0] += seconds

    bot.dispatcher.limiter = Limiter(now=lambda: passed[0], sleep=sleep)
    subscribe(database, GROUP)
    for number in range(1, 51):
        tell(database, bot, clock, number, f"Story {number:02}")
    assert await bot.dispatcher.send_due() == 50
    told = [message.shown.split("\n")[1] for message in server.of_chat(GROUP)]
    assert told == [f"Follow-up: Story {number:02}" for number in range(1, 51)]
    assert passed[0] >= 120  # 18 at once, 18 a minute later, 14 after two


async def test_a_chat_parked_by_a_429_stays_so_over_a_restart(bot, server, database, clock):
    subscribe(database, ANN, BOB)
    slow_down = Fault(status=429, description="Too Many Requests", retry_after=120)
    server.answer_next("sendMessage", slow_down, chat_id=ANN)
    tell(database, bot, clock)
    await bot.dispatcher.send_due()
    with ThreadPoolExecutor(max_workers=1) as writer:
        again = Dispatcher(database, lambda: bot.watchlist, bot.sender, clock, writer)
        await again.recover()
        assert await again.send_due() == 0
        assert (len(server.of_chat(ANN)), len(server.of_chat(BOB))) == (0, 1)
        clock.ahead = timedelta(seconds=125)
        assert await again.send_due() == 1
    assert len(server.of_chat(ANN)) == 1


async def test_a_kicked_bot_leaves_the_group_alone(bot, server, database, clock):
    subscribe(database, GROUP)
    kicked = Fault(status=403, description="Forbidden: bot was kicked from the supergroup chat")
    server.answer_next("sendMessage", kicked)
    tell(database, bot, clock)
    await bot.dispatcher.send_due()
    with reading(database) as work:
        assert work.subscribers.get(ChatId(GROUP)).blocked_at is not None


@pytest.mark.parametrize(
    "title",
    [
        "<b>&amp;</i> <script> ]]> \x00\x1b[31m \u202e 港口",
        "港口基金" * 2_000,
        "👩\u200d👩\u200d👧" * 900,
        '"><a href="javascript:alert(1)">x</a>',
    ],
    ids=["markup", "huge Chinese", "huge emoji", "a link"],
)
async def test_hostile_and_huge_titles_arrive(bot, server, database, clock, title):
    subscribe(database, ANN)
    tell(database, bot, clock, title=title)
    assert await bot.dispatcher.send_due() == 1
    assert server.refused == []
    assert "javascript:" not in str(server.messages[0].markup)


async def test_a_new_stage_replies_to_the_first_message(bot, server, database, clock):
    subscribe(database, ANN)
    development_id = tell(database, bot, clock)
    await bot.dispatcher.send_due()
    with begin(database) as work:
        found = work.developments.get(development_id)
        work.developments.save(replace(found, outcome=Outcome.CONFIRMED))
        raise_alert(work, development_id, AlertReason.STAGE_CHANGED, 2, clock)
        work.commit()
    route_outbox(database, bot.watchlist, "UTC", clock.now())
    await bot.dispatcher.send_due()
    first, second = server.of_chat(ANN)
    assert second.reply_to == first.message_id
    assert "stage is now operating" in second.shown


async def test_a_deleted_topic_is_told_in_the_group_from_then_on(bot, server, database, clock):
    subscribe(database, GROUP, ADMIN)
    change(database, GROUP, subscription={"topic_id": 7})
    tell(database, bot, clock, 1, "Fund opens")
    await bot.dispatcher.send_due()
    server.lost_topics.add(7)
    for number in (2, 3):
        tell(database, bot, clock, number, f"Story {number}")
        await bot.dispatcher.send_due()
        route_outbox(database, bot.watchlist, "UTC", clock.now(), {ADMIN})
        await bot.dispatcher.send_due()
    assert [each.topic for each in server.of_chat(GROUP)] == [7, None, None]
    assert len(server.refused) == 1  # it is not tried there again
    notices = [each for each in server.of_chat(ADMIN) if "closed or deleted" in each.shown]
    assert len(notices) == 1


async def test_the_waiting_of_one_chat_is_not_lost_with_a_topic(bot, server, database, clock):
    subscribe(database, GROUP)
    change(database, GROUP, subscription={"topic_id": 7})
    server.lost_topics.add(7)
    for number in range(1, 4):
        tell(database, bot, clock, number, f"Story {number}")
    assert await bot.dispatcher.send_due() == 3
    assert [each.topic for each in server.of_chat(GROUP)] == [None, None, None]


@pytest.mark.parametrize("seed", range(3))
async def test_a_bad_network_loses_nothing_and_doubles_at_most_once_a_fault(
    database, server, clock, seed
):
    """Resets, cut bodies, pages in the place of answers and slow answers, in random order."""
    chance = random.Random(seed)
    faults = [
        Fault(drop=True, accept=True),
        Fault(drop=True),
        Fault(body='{"ok": tr', accept=True),
        Fault(body="<html>Log in to the network</html>", accept=True),
        Fault(body="<html>Log in to the network</html>"),
        Fault(delay=3, accept=True),
        Fault(status=502, body="<html>Bad Gateway</html>", accept=True),
        Fault(status=500, description="Internal Server Error"),
        Fault(status=429, description="Too Many Requests", retry_after=7),
    ]
    chats = range(6000, 6027)
    accepted = Counter()
    for chat in chats:
        fault = chance.choice(faults)
        server.answer_next("sendMessage", fault, chat_id=chat)
        accepted[chat] = int(fault.accept)
    bot = bot_with(database, server, clock, patience=timedelta(seconds=0.5))
    await bot.connect()
    with ThreadPoolExecutor(max_workers=1) as writer:
        bot.dispatcher = Dispatcher(
            database, lambda: bot.watchlist, bot.sender, clock, writer, limiter=Limiter(overall=500)
        )
        subscribe(database, *chats)
        tell(database, bot, clock)
        for seconds in range(0, 200, 10):
            clock.ahead = timedelta(seconds=seconds)
            await bot.dispatcher.send_due()
    await bot.stop()
    told = Counter(each.chat_id for each in server.messages)
    assert {chat: told[chat] for chat in chats} == {chat: 1 + accepted[chat] for chat in chats}
    assert counts(database) == {DeliveryState.SENT: len(chats)}


async def test_three_more_outlets_within_a_minute_are_one_silent_edit(bot, server, database, clock):
    subscribe(database, ANN)
    development_id = tell(database, bot, clock)
    await bot.dispatcher.send_due()
    before = server.of_chat(ANN)[0].markup
    for number, outlet in enumerate(("Sample Daily", "示例日报", "Example Times"), 2):
        with begin(database) as work:
            _, article_id = work.articles.arrive(an_article(number=number, outlet=outlet))
            work.hits.place(work.hits.add(a_hit(article_id=article_id)), development_id)
            raise_alert(work, development_id, AlertReason.MORE_OUTLETS, number, clock)
            work.commit()
        clock.ahead += timedelta(seconds=15)
        route_outbox(database, bot.watchlist, "UTC", clock.now())
        await bot.dispatcher.send_due()
    for _ in range(20):
        clock.ahead += timedelta(seconds=20)
        await bot.dispatcher.send_due()
    (message,) = server.of_chat(ANN)
    assert server.calls["sendMessage"] == 1
    assert len(message.edits) == 1
    assert "Also reported by 3 outlets" in message.shown
    assert message.markup == before


async def test_a_message_that_somebody_deleted_is_not_sent_again(bot, server, database, clock):
    subscribe(database, ANN)
    development_id = tell(database, bot, clock)
    await bot.dispatcher.send_due()
    server.messages.clear()
    for revision in (2, 3):
        with begin(database) as work:
            raise_alert(work, development_id, AlertReason.DECIDED, revision, clock)
            work.commit()
        route_outbox(database, bot.watchlist, "UTC", clock.now())
        await bot.dispatcher.send_due()
    assert server.messages == []
    assert server.calls["editMessageText"] == 1


async def test_what_presses_overtakes_a_fan_out(bot, server, database, clock):
    subscribe(database, *range(6000, 6200), ADMIN)
    bot.dispatcher.limiter = Limiter(overall=100)
    tell(database, bot, clock)
    tasks = await bot.dispatcher.start_due()
    with begin(database) as work:
        work.outbox.add_notice(
            feed_id=a_feed().id,
            reason=AlertReason.FEED_RECOVERED,
            facts={"since": clock.now().isoformat()},
            raised_at=clock.now(),
        )
        work.commit()
    route_outbox(database, bot.watchlist, "UTC", clock.now(), {ADMIN})
    tasks += await bot.dispatcher.start_due()
    while counts(database).get(DeliveryState.PENDING):
        tasks += await bot.dispatcher.start_due()
        await asyncio.sleep(0.05)
    await asyncio.gather(*tasks)
    places = [n for n, each in enumerate(server.messages) if each.chat_id == ADMIN]
    assert places[0] < 60


async def test_admins_are_told_of_what_was_given_up_and_can_send_it_again(
    bot, server, database, clock
):
    subscribe(database, ANN, ADMIN)
    refused = Fault(status=400, description="Bad Request: message is too long")
    server.answer_next("sendMessage", refused, refused, chat_id=ANN)
    tell(database, bot, clock)
    await bot.dispatcher.send_due()
    assert counts(database)[DeliveryState.FAILED] == 1
    route_outbox(database, bot.watchlist, "UTC", clock.now(), {ADMIN})
    await bot.dispatcher.send_due()
    notices = [each.shown for each in server.of_chat(ADMIN)[1:]]
    assert any("did not take the text of #F1" in each for each in notices)
    assert any("outbox retry" in each for each in notices)
    with begin(database) as work:
        assert work.deliveries.retry(None, clock.now()) == 1
        work.commit()
    assert await bot.dispatcher.send_due() == 1
    assert len(server.of_chat(ANN)) == 1


async def test_a_new_token_tells_the_admins_that_the_old_one_was_refused(
    bot, server, database, clock
):
    subscribe(database, ADMIN)
    server.token_valid = False
    tell(database, bot, clock)
    for _ in range(10):
        await bot.dispatcher.send_due()
        clock.ahead += timedelta(seconds=20)
    assert server.calls["sendMessage"] == 1  # within five minutes it is tried once
    server.token_valid = True
    clock.ahead += timedelta(minutes=5)
    route_outbox(database, bot.watchlist, "UTC", clock.now(), {ADMIN})
    await bot.dispatcher.send_due()
    assert bot.dispatcher.refused is None
    shown = [each.shown for each in server.of_chat(ADMIN)]
    assert any("Telegram refused this bot since" in each for each in shown)
    assert any("Fund opens" in each for each in shown)


async def test_a_channel_is_told(bot, server, database, clock):
    subscribe(database, CHANNEL)
    change(database, CHANNEL, kind=ChatKind.CHANNEL)
    tell(database, bot, clock)
    assert await bot.dispatcher.send_due() == 1


async def test_a_daily_digest_is_one_message_and_is_not_doubled(bot, server, database, clock):
    subscribe(database, ANN)
    change(database, ANN, subscription={"mode": DeliveryMode.DAILY_DIGEST})
    for number in range(1, 4):
        tell(database, bot, clock, number, f"Story {number}")
    assert await bot.dispatcher.send_due() == 0
    clock.ahead = timedelta(hours=24)
    with reading(database) as work:
        due = work.deliveries.next_due_at()
    clock.ahead = due - clock.now() + clock.ahead + timedelta(minutes=1)
    assert await bot.dispatcher.send_due() == 1
    assert await bot.dispatcher.send_due() == 0
    (message,) = server.of_chat(ANN)
    assert all(f"Story {number}" in message.shown for number in range(1, 4))
    assert counts(database) == {DeliveryState.SENT: 3}


async def test_more_than_ten_after_a_downtime_come_as_one_message(bot, server, database, clock):
    subscribe(database, ANN)
    for number in range(1, 13):
        tell(database, bot, clock, number, f"Story {number}.")
    clock.ahead = timedelta(hours=5)
    assert await bot.dispatcher.send_due() == 1
    (message,) = server.of_chat(ANN)
    assert "While the bot was away" in message.shown
    assert counts(database) == {DeliveryState.SENT: 12}


async def test_what_was_muted_while_it_waited_is_not_told(bot, server, database, clock):
    subscribe(database, ANN)
    tell(database, bot, clock)
    with begin(database) as work:
        pledge = bot.watchlist.commitments[0].id
        work.subscribers.mute(Mute(chat_id=ChatId(ANN), commitment_id=pledge, until=None))
        work.commit()
    assert await bot.dispatcher.send_due() == 0
    assert counts(database) == {DeliveryState.DROPPED: 1}


async def test_an_announced_migration_takes_subscriptions_and_deliveries_along(
    bot, server, database, clock
):
    subscribe(database, GROUP)
    tell(database, bot, clock)
    await bot.start()
    server.says(GROUP, "", migrate_to_chat_id=-100777)
    await until(lambda: _is_known(database, -100777), "the group moved")
    assert await bot.dispatcher.send_due() == 1
    assert (len(server.of_chat(GROUP)), len(server.of_chat(-100777))) == (0, 1)


def _is_known(database, chat):
    with reading(database) as work:
        return work.subscribers.get(ChatId(chat)) is not None


async def test_a_silence_comes_back_after_thirty_days_unless_there_is_news(
    bot, server, database, clock
):
    subscribe(database, ANN, BOB)
    with begin(database) as work:
        work.outbox.add(
            key="quiet.harbour-fund",
            commitment_id=bot.watchlist.commitments[0].id,
            development_id=None,
            reason=AlertReason.QUIET,
            raised_at=clock.now(),
            facts={"ok": "3", "all": "3", "days": "60"},
        )
        work.commit()
    route_outbox(database, bot.watchlist, "UTC", clock.now())
    await bot.dispatcher.send_due()
    await bot.start()
    (silence,) = server.of_chat(ANN)
    for _ in range(2):  # pressed twice, reminded once
        assert "I will come back to it on" in await press(server, silence, "Remind in 30 days")
    clock.ahead = timedelta(days=30, minutes=1)
    assert await bot.dispatcher.send_due() == 1
    assert "no follow-up was found since" in server.of_chat(ANN)[-1].shown
    assert len(server.of_chat(BOB)) == 1
    await press(server, server.of_chat(ANN)[-1], "Remind in 30 days")
    tell(database, bot, clock)
    await bot.dispatcher.send_due()
    before = len(server.of_chat(ANN))
    clock.ahead += timedelta(days=31)
    assert await bot.dispatcher.send_due() == 0
    assert len(server.of_chat(ANN)) == before
