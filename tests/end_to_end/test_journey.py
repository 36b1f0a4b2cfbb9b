"""All of it: a feed server and a Telegram server on loopback, and the whole program between."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from rich.console import Console

from model.clock import SystemClock
from pledgewatch.app import program, run
from pledgewatch.settings import Part, Settings
from storage.database import open_database
from storage.unit_of_work import reading
from tests.alerts.talking import buttons
from tests.fakes.feed_server import FeedServer, rss
from tests.fakes.telegram_server import TOKEN, TelegramServer

READER = 4711
WATCHLIST = """
commitments:
  - id: harbour-fund
    title: {{en: Harbour Resilience Fund, zh-Hans: 港湾韧性基金, zh-Hant: 港灣韌性基金}}
    kind: body
    said: [{{date: "2025-03-14", text: A fund for coastal towns.}}]
    aliases: [Harbour Resilience Fund, 港湾韧性基金]
    decoys: [Harbour Resilience Fund Run]
feeds:
  - {{id: world, url: "{world}", title: Example World, language: en, every: 1s}}
  - {{id: ribao, url: "{ribao}", title: 示例日报, language: zh-Hans, every: 1s}}
"""


@pytest.fixture
def feeds():
    with FeedServer() as server:
        yield server


@pytest.fixture
def telegram():
    with TelegramServer() as server:
        yield server


@pytest.fixture
def settings(tmp_path, feeds, telegram):
    feeds.put("/world.xml", rss())
    feeds.put("/ribao.xml", rss())
    path = tmp_path / "watchlist.yaml"
    path.write_text(
        WATCHLIST.format(world=feeds.url("/world.xml"), ribao=feeds.url("/ribao.xml")),
        encoding="utf-8",
    )
    return Settings(
        watchlist=path,
        database_url=f"sqlite:///{tmp_path}/pledgewatch.db",
        telegram_token=TOKEN,
        telegram_api=telegram.url,
        allow_private=("127.0.0.1",),
        roles=frozenset({Part.POLL, Part.SEND, Part.BOT}),
    )


def an_item(title, text, number, **more):
    return {
        "title": title,
        "text": text,
        "link": f"https://news.example.org/{number}",
        "date": format_datetime(datetime.now(UTC)),
        **more,
    }


async def until(condition, seconds=15.0):
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def quiet_console():
    return Console(file=io.StringIO())


async def test_a_follow_up_on_the_web_reaches_a_subscriber_once(settings, feeds, telegram):
    stop = asyncio.Event()
    running = asyncio.create_task(run(settings, stop, quiet_console()))
    telegram.says(READER, "/subscribe all")
    await until(lambda: telegram.of_chat(READER))
    feeds.put(
        "/world.xml",
        rss(
            an_item(
                "Twelve states sign charter of the Harbour Resilience Fund",
                "Twelve states signed the charter of the Harbour Resilience Fund in Port Laval.",
                1,
            ),
            an_item("Runners at the Harbour Resilience Fund Run", "A race along the quay.", 2),
        ),
    )
    await until(lambda: len(telegram.of_chat(READER)) == 2)
    feeds.put(
        "/ribao.xml",
        rss(an_item("十二国签署港湾韧性基金章程", "十二国在拉瓦尔港签署港湾韧性基金章程。", 3)),
    )
    database = open_database(settings.database_url)

    def two_hits():
        with reading(database) as work:
            return work.hits.count() == 2

    await until(two_hits)
    stop.set()
    await running
    _, alert = telegram.of_chat(READER)
    assert "Harbour Resilience Fund" in alert.shown
    assert "agreed" in alert.shown
    assert "Unreviewed" in alert.shown
    assert telegram.refused == []
    with reading(database) as work:
        (development,) = work.developments.listed()
    assert (development.hit_count, development.origin_count) == (2, 2)
    database.close()


async def test_an_analyst_decides_in_the_chat_and_every_reader_sees_it(settings, feeds, telegram):
    analyst, admin = READER + 1, READER + 2
    staffed = replace(settings, analysts=frozenset({analyst}), admins=frozenset({admin}))
    stop = asyncio.Event()
    running = asyncio.create_task(run(staffed, stop, quiet_console()))
    for chat in (READER, analyst):
        telegram.says(chat, "/subscribe all")
        await until(lambda chat=chat: telegram.of_chat(chat))
    feeds.put(
        "/world.xml",
        rss(
            an_item(
                "Twelve states sign charter of the Harbour Resilience Fund",
                "Twelve states signed the charter of the Harbour Resilience Fund in Port Laval.",
                1,
            ),
        ),
    )
    await until(lambda: all(len(telegram.of_chat(chat)) == 2 for chat in (READER, analyst)))
    told, card = telegram.of_chat(READER)[1], telegram.of_chat(analyst)[1]
    pressed = next(data for text, data in buttons(card) if "Confirm" in text)
    assert "Confirm" not in str(told.markup)
    telegram.presses(card, pressed)
    await until(lambda: "agreed (confirmed)" in told.shown and "Undo" in str(card.markup))
    await until(lambda: len(telegram.of_chat(READER)) == 3)
    assert "stage is now agreed" in telegram.of_chat(READER)[2].shown
    telegram.says(admin, "/watch show harbour-fund")
    await until(lambda: telegram.of_chat(admin))
    assert "Harbour Resilience Fund Run" in telegram.of_chat(admin)[0].shown
    telegram.says(admin, "/feeds")
    await until(lambda: len(telegram.of_chat(admin)) == 2)
    feed_page = telegram.of_chat(admin)[1]
    telegram.presses(feed_page, "1a:p:ribao")
    await until(lambda: "paused: true" in staffed.watchlist.read_text())
    stop.set()
    await running
    assert telegram.refused == []


async def test_the_first_poll_tells_only_what_is_fresh(settings, feeds, telegram):
    old = format_datetime(datetime(2025, 9, 1, tzinfo=UTC))
    feeds.put(
        "/world.xml",
        rss(
            an_item("States sign charter of the Harbour Resilience Fund", "Signed.", 1, date=old),
            an_item("Opening of the Harbour Resilience Fund delayed", "It was postponed.", 2),
        ),
    )
    async with program(settings, quiet_console(), SystemClock()) as parts:
        summary = await parts.one_round()
    assert sum(result.hits for result in summary.polls) == 2
    assert summary.routed == 1


async def test_a_wrong_token_says_so_at_the_start(settings, telegram):
    from model.errors import BotRefusedError

    wrong = replace(settings, telegram_token="1:wrong")
    with pytest.raises(BotRefusedError, match="PLEDGEWATCH_TELEGRAM_TOKEN"):
        await run(wrong, asyncio.Event(), quiet_console())


async def test_without_a_token_alerts_appear_in_the_terminal(settings, feeds):
    feeds.put(
        "/ribao.xml",
        rss(an_item("港湾韧性基金正式启用", "港湾韧性基金周一正式启用。", 3)),
    )
    console = quiet_console()
    await run(replace(settings, telegram_token=None), asyncio.Event(), console, once=True)
    shown = console.file.getvalue()
    assert "港湾韧性基金正式启用" in shown
    assert "operating" in shown
