"""A whole run of 200 feeds while a third of them fail, each in its own way."""

from __future__ import annotations

import asyncio
import io
import json
import os
import socket
import ssl
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which

import pytest
from click.testing import CliRunner
from rich.console import Console

from model.errors import ADVICE
from model.records import FeedHealth
from monitor.fetching import Limits
from pledgewatch import app
from pledgewatch.cli import main
from pledgewatch.settings import Part, Settings
from storage.database import open_database
from storage.unit_of_work import reading
from tests.fakes.clock import ShiftedClock
from tests.fakes.faults import GOOD, in_turn, kinds
from tests.fakes.feed_server import FeedServer, rss

FEEDS = 200
PACE = 0.8  # share of their pace that healthy feeds keep
LEVEL = 1.1  # memory after the tenth poll over memory after the third
SECOND = timedelta(seconds=1)
QUICK = Limits(
    connect=SECOND, read=SECOND / 2, total=SECOND, wire_bytes=2_000_000, body_bytes=5_000_000
)
OPENSSL = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=nobody")
HEAD = """
commitments:
  - id: harbour-fund
    title: {en: Harbour Resilience Fund, zh-Hans: 港湾韧性基金, zh-Hant: 港灣韌性基金}
    kind: body
    said: [{date: "2025-03-14", text: A fund for coastal towns.}]
    aliases: [Harbour Resilience Fund, 港湾韧性基金]
feeds:
"""


@pytest.fixture
def canary():
    """A server of a network that nobody may ask."""
    with FeedServer(host="127.0.0.2") as server:
        yield server


@pytest.fixture
def untrusted(tmp_path):
    """A server whose certificate nobody signed; None where none can be made."""
    if which("openssl") is None:
        yield None
        return
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [*OPENSSL, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
        timeout=60,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with FeedServer(tls=context) as server:
        yield server


@pytest.fixture
def server():
    with FeedServer(sites=FEEDS) as server:
        yield server


@pytest.fixture
def names(monkeypatch):
    """Two names of nowhere: one that is not known, one that moves to a closed network."""
    resolve = socket.getaddrinfo
    answers = {"rebound.invalid": "127.0.0.2"}

    def getaddrinfo(host, *more, **named):
        if isinstance(host, str) and host.endswith(".invalid"):
            if host not in answers:
                raise socket.gaierror(socket.EAI_NONAME, "not known")
            host = answers[host]
        return resolve(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def settings_for(folder: Path, feeds: dict[str, str]) -> Settings:
    folder.mkdir()
    path = folder / "watchlist.yaml"
    lines = (
        f'  - {{id: {name}, url: "{url}", title: "{name}", language: en, every: 1s}}\n'
        for name, url in feeds.items()
    )
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    return Settings(
        watchlist=path,
        database_url=f"sqlite:///{folder}/pledgewatch.db",
        allow_private=("127.0.0.1",),
        roles=frozenset({Part.POLL, Part.SEND}),
    )


async def until(condition, seconds=60.0):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


def resident() -> int:
    """Return how many bytes this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def news_of(name):
    """Return a healthy feed: twenty entries, one of them new each time."""

    def body(turn):
        return rss(
            *(
                {
                    "title": f"Council of {name} meets for the {number}th time",
                    "link": f"https://{name}.example.org/{number}",
                    "text": f"The minutes of meeting {number} were read and approved.",
                }
                for number in range(turn + 20, turn, -1)
            )
        )

    return in_turn(body)


class Running:
    """A whole program at work, as `pledgewatch run` starts it."""

    def __init__(self, settings, clock, server, healthy):
        self._stop = asyncio.Event()
        console = Console(file=io.StringIO())
        self._task = asyncio.create_task(
            app.run(settings, self._stop, console, clock=clock, limits=QUICK)
        )
        self._server, self._healthy = server, frozenset(healthy)
        self._start = len(server.requests)

    def polls(self) -> dict[str, int]:
        counted = dict.fromkeys(self._healthy, 0)
        for path, _ in self._server.requests[self._start :]:
            if path[1:] in counted:
                counted[path[1:]] += 1
        return counted

    async def polled(self, times: int) -> float:
        """Wait until the middle healthy feed was polled so often; return when that was."""

        def enough():
            if self._task.done():
                self._task.result()  # it could not start: say why
            return sorted(self.polls().values())[len(self._healthy) // 2] >= times

        await until(enough)
        return time.monotonic()

    async def pace(self, first: int, last: int) -> float:
        """Return the polls a second of all healthy feeds between these two."""
        begun, before = await self.polled(first), sum(self.polls().values())
        ended, after = await self.polled(last), sum(self.polls().values())
        return (after - before) / (ended - begun)

    async def end(self) -> None:
        self._stop.set()
        await self._task


async def alone(folder, clock, server, healthy) -> float:
    """Return the pace of the healthy feeds with no others beside them."""
    running = Running(settings_for(folder, healthy), clock, server, healthy)
    pace = await running.pace(2, 7)
    await running.end()
    return pace


async def listed(settings, monkeypatch) -> dict[str, dict[str, object]]:
    """Return what `feeds list --json` says, by feed."""
    monkeypatch.setenv("PLEDGEWATCH_WATCHLIST", str(settings.watchlist))
    monkeypatch.setenv("PLEDGEWATCH_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PLEDGEWATCH_ALLOW_PRIVATE", "127.0.0.1")
    shown = await asyncio.to_thread(CliRunner().invoke, main, ["feeds", "list", "--json"])
    assert shown.exit_code == 0, shown.output
    return {each["id"]: each for each in json.loads(shown.stdout)}


def with_faults(server, faulty) -> dict[str, str]:
    """Put the failing feeds on the server; return their addresses by name."""
    urls = {}
    for site, kind in enumerate(faulty):
        urls[kind.name] = server.url(f"/{kind.name}", site)
        server.misbehave(f"/{kind.name}", kind.handler)
    return urls


def with_healthy(server, first) -> dict[str, str]:
    """Put the healthy feeds on the sites that are left."""
    urls = {f"h-{site}": server.url(f"/h-{site}", site) for site in range(first, FEEDS)}
    for name in urls:
        server.misbehave(f"/{name}", news_of(name))
    return urls


def not_healthy(database) -> set[str]:
    with reading(database) as work:
        states = work.feeds.all()
    return {state.feed_id for state in states if state.health is not FeedHealth.HEALTHY}


def articles(database) -> Counter[str]:
    """Return how many articles each feed brought in all."""
    counted: Counter[str] = Counter()
    with reading(database) as work:
        for hour in work.coverage.since(datetime(2020, 1, 1, tzinfo=UTC)):
            counted[hour.feed_id] += hour.articles
    return counted


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads its memory from /proc")
async def test_two_hundred_feeds_of_which_many_fail(
    tmp_path, server, canary, untrusted, names, monkeypatch
):
    clock = ShiftedClock()
    monkeypatch.setattr(app, "POLL_TICK", app.POLL_TICK / 4)
    faulty = kinds(canary.url(""), None if untrusted is None else untrusted.url(""))
    assert len(faulty) >= 35
    failing, healthy = with_faults(server, faulty), with_healthy(server, len(faulty))
    undisturbed = await alone(tmp_path / "alone", clock, server, healthy)

    settings = settings_for(tmp_path / "together", failing | healthy)
    running = Running(settings, clock, server, healthy)
    await running.polled(3)
    memory = resident()
    disturbed = await running.pace(4, 10)
    memory_after = resident()
    shown = await listed(settings, monkeypatch)

    for kind in faulty:
        facts = shown[kind.name]
        assert (facts["state"], facts["fault"]) == (kind.health, kind.fault), facts
        assert facts["advice"] == (None if kind.fault is None else ADVICE[kind.fault])
    assert {name for name in healthy if shown[name]["state"] != FeedHealth.HEALTHY} == set()
    assert disturbed >= PACE * undisturbed, (disturbed, undisturbed)
    assert memory_after <= LEVEL * memory, (memory_after, memory)

    for kind in faulty:
        if kind.fault is not None:
            server.put(f"/{kind.name}", GOOD)
    clock.advance(days=8)  # a feed that is gone is looked at once a week
    database = open_database(settings.database_url)
    await until(lambda: not not_healthy(database), 30)
    await running.end()
    found = articles(database)
    database.close()
    told = {kind.name: found[kind.name] for kind in faulty if kind.articles}
    assert told == {kind.name: kind.articles for kind in faulty if kind.articles}
    assert canary.requests == []
