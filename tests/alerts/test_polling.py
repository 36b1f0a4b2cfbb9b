"""The long poll where it hurts: it hangs, somebody else polls, the token is revoked."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from alerts.telegram_polling import LongPoll
from tests.alerts.talking import until, write
from tests.alerts.test_telegram import ANN, bot_with, clock, server
from tests.fakes.telegram_server import Fault

__all__ = ["clock", "server"]  # fixtures

SHORT = timedelta(seconds=0.3)


@pytest.fixture
async def polling(database, server, clock):
    """Return bots that poll impatiently."""
    bots = []

    async def start(**more):
        poll = LongPoll(poll_for=SHORT, refused_pause=more.pop("pause", timedelta(seconds=1)))
        bot = bot_with(database, server, clock, poll=poll, **more)
        bots.append(bot)
        await bot.start()
        return bot

    yield start
    for each in bots:
        await each.stop()


async def test_hung_polls_are_noticed_and_begun_anew(polling, server, caplog):
    await polling()
    server.answer_next("getUpdates", *[Fault(delay=600)] * 2)
    await until(lambda: "begun anew" in caplog.text, "the watchdog")
    assert "Pledgewatch" in (await write(server, ANN, "/status")).shown


async def test_two_pollers_are_named_and_one_goes_on_when_the_other_stops(polling, server, caplog):
    first, second = await polling(), await polling()
    await until(lambda: "stop one of the two" in caplog.text, "409 is told")
    assert first.poll.conflict or second.poll.conflict
    await second.stop()
    await until(lambda: not first.poll.conflict, "the other one polls again")
    assert "Pledgewatch" in (await write(server, ANN, "/status")).shown
    assert caplog.text.count("stop one of the two") <= 4  # told, not repeated at every poll


async def test_a_revoked_token_ends_the_polls_without_a_storm(polling, server):
    bot = await polling(pause=timedelta(seconds=0.5))
    server.token_valid = False
    await until(lambda: bot.poll.refused, "the token is refused")
    asked = sum(server.calls.values())
    await asyncio.sleep(1.2)
    assert sum(server.calls.values()) - asked <= 8
    server.token_valid = True
    await until(lambda: not bot.poll.refused, "the token is taken again")
    assert "Pledgewatch" in (await write(server, ANN, "/status")).shown


async def test_a_bot_stops_while_its_token_is_refused(polling, server):
    bot = await polling(pause=timedelta(minutes=5))
    server.token_valid = False
    await until(lambda: bot.poll.refused, "the token is refused")
    await asyncio.wait_for(bot.stop(), timeout=10)


async def test_what_was_typed_while_we_were_down_for_days_is_not_answered(polling, server, clock):
    await polling()
    clock.ahead = timedelta(hours=25)
    server.says(ANN, "/status")
    clock.ahead = timedelta(hours=25)
    server.says(ANN, "/nonsense")
    await asyncio.sleep(0.5)
    clock.ahead = timedelta(0)
    await write(server, ANN, "/help")
    assert len(server.of_chat(ANN)) == 1
