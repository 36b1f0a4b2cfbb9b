"""Health, readiness and metrics over real HTTP."""

from __future__ import annotations

import socket
from datetime import timedelta

import aiohttp
import pytest

from model.errors import SettingsError
from model.records import FeedId
from review.app import Desk, WebServer, create_app
from storage.unit_of_work import begin
from tests.builders import NOON, a_feed, a_watchlist


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
async def ask(database):
    port = free_port()
    state = {"telegram": "off"}
    desk = Desk(
        database=database,
        watchlist=a_watchlist,
        now=lambda: NOON,
        telegram=lambda: state["telegram"],
    )
    server = WebServer(create_app(desk), "127.0.0.1", port)
    await server.start()
    async with aiohttp.ClientSession() as session:

        async def get(path, telegram="off"):
            state["telegram"] = telegram
            async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.status, await answer.text(), answer.headers

        get.port = port
        yield get
    await server.stop()


def polled(database, at):
    from dataclasses import replace

    with begin(database) as work:
        work.feeds.ensure([a_feed()], NOON)
        state = work.feeds.get(FeedId("example-world"))
        work.feeds.save(replace(state, last_polled_at=at))
        work.commit()


async def test_it_lives(ask):
    status, text, headers = await ask("/health")
    assert (status, text) == (200, "ok\n")
    assert "default-src 'none'" in headers["Content-Security-Policy"]


async def test_it_is_ready_when_everything_is_well(ask, database):
    assert (await ask("/ready"))[0] == 503
    polled(database, NOON - timedelta(minutes=5))
    assert (await ask("/ready"))[0] == 200
    status, text, _ = await ask("/ready", telegram="the token is refused")
    assert status == 503
    assert "the token is refused" in text
    polled(database, NOON - timedelta(hours=3))
    assert (await ask("/ready"))[0] == 503


async def test_metrics_are_prometheus_text(ask):
    status, text, _ = await ask("/metrics")
    assert status == 200
    assert "# TYPE" in text


async def test_nothing_else_is_there(ask):
    status, text, _ = await ask("/somewhere")
    assert status == 404
    assert "There is no such page" in text


async def test_a_port_that_is_taken_is_named(ask, database):
    desk = Desk(database=database, watchlist=a_watchlist, now=lambda: NOON, telegram=lambda: "off")
    second = WebServer(create_app(desk), "127.0.0.1", ask.port)
    with pytest.raises(SettingsError, match="PLEDGEWATCH_REVIEW_PORT"):
        await second.start()
    await second.stop()
