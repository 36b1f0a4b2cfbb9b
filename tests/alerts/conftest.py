"""A bot that listens to a Bot API server on loopback."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.desk import CommandDesk
from alerts.limits import Limiter
from alerts.telegram_commands import TelegramBot
from model.clock import SystemClock
from model.records import CommitmentId, Known, Language, Milestone, Role, Saying
from tests.builders import a_commitment, a_watchlist
from tests.fakes.telegram_server import TOKEN, TelegramServer

ANALYST, SECOND_ANALYST, ADMIN = 7001, 7002, 7003
ROLES = {ANALYST: Role.ANALYST, SECOND_ANALYST: Role.ANALYST, ADMIN: Role.ADMIN}


class QuickClock(SystemClock):
    """The machine's clock, that can be set ahead."""

    def __init__(self):
        self.ahead = timedelta(0)

    def now(self):
        return super().now() + self.ahead


@pytest.fixture
def talk_clock():
    return QuickClock()


@pytest.fixture
def talk_server():
    with TelegramServer() as server:
        yield server


@pytest.fixture
def pledges():
    """Three pledges, two of them of one tag."""
    titles = (
        (Language.CHINESE_SIMPLIFIED, "港口基金"),
        (Language.CHINESE_TRADITIONAL, "港口基金會"),
    )
    return a_watchlist(
        commitments=(
            a_commitment(
                tags=("coast",),
                titles=titles,
                said=(Saying(date="2026-01-10"),),
                known=(Known(date="2026-02-01", milestone=Milestone.PREPARING),),
            ),
            a_commitment(id=CommitmentId("river-school"), title="River school", tags=("coast",)),
            a_commitment(id=CommitmentId("solar-road"), title="Solar road", tags=("energy",)),
        )
    )


@pytest.fixture
async def talking(database, talk_server, talk_clock, pledges):
    """A bot that listens, open to everybody."""
    bot = bot_of(database, talk_server, talk_clock, pledges)
    await bot.start()
    yield bot
    await bot.stop()


@pytest.fixture
async def invited_bot(database, talk_server, talk_clock, pledges):
    """A bot that listens, by invitation."""
    bot = bot_of(database, talk_server, talk_clock, pledges, invited_only=True)
    await bot.start()
    yield bot
    await bot.stop()


def bot_of(database, server, clock, watchlist, **more):
    """Return a bot that is not started."""
    desk = CommandDesk(
        database,
        lambda: watchlist,
        clock,
        "UTC",
        role_of=lambda user: ROLES.get(user, Role.SUBSCRIBER),
        desk_url="https://pledges.example.org",
        **more,
    )
    limiter = Limiter(overall=1000)
    return TelegramBot(TOKEN, server.url, desk, limiter, clock, staff=frozenset(ROLES))
