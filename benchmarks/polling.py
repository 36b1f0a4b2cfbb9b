"""Poll 1,000 feeds from loopback: ours beside a fetch-only loop and `reader`, and the goals.

Run: .venv/bin/python benchmarks/polling.py [--feeds 1000] [--polls 3] [--without-reader]

The server and each client run in a process of their own. The server gives each feed a host of its
own (127.0.x.y), 40 entries of about 1.2 kB, an ETag, and 20 to 60 ms of latency. From the second
poll on, every fifth feed has one new entry, some of which are follow-ups; the others answer 304.
Each client is asked the same; ours matches and stores what it reads.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import multiprocessing
import random
import re
import resource
import sys
import tempfile
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1]))

if TYPE_CHECKING:  # what ours needs is loaded in its own process only: the others stay small
    from model.records import Watchlist

ENTRIES = 40
WORDS = (
    "ministers harbour trade report market rain season city council plan water school budget "
    "train bridge farmers prices talks 报道 会议 城市 经济 合作 铁路 港口 学校 项目 天气"
).split()


def feed_body(number: int, extra: int, now: datetime) -> bytes:
    """Return one feed with its entries; `extra` entries stand on top of the first ones."""
    chance = random.Random(number)
    items = []
    for entry in range(ENTRIES + extra):
        text = " ".join(chance.choices(WORDS, k=150))
        title = " ".join(chance.choices(WORDS, k=8))
        if entry >= ENTRIES and number % 50 == 0:
            title = f"Harbour Resilience Fund {number} charter signed {entry}"
        items.append(
            f"<item><title>{title}</title><link>https://n{number}.example.org/{entry}</link>"
            f"<guid>{number}-{entry}</guid><pubDate>{format_datetime(now)}</pubDate>"
            f"<description>&lt;p&gt;{text}&lt;/p&gt;</description></item>"
        )
    body = "".join(reversed(items))
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed {number}</title>'
        f"{body}</channel></rss>"
    ).encode()


def serve(port_pipe: multiprocessing.connection.Connection, feeds: int) -> None:
    """Serve in a process of its own until it is ended."""
    now = datetime.now(UTC) - timedelta(minutes=5)
    first = {number: feed_body(number, 0, now) for number in range(feeds)}
    asked: Counter[tuple[str, int]] = Counter()
    flying: Counter[tuple[str, int]] = Counter()
    seen: dict[str, Counter[str]] = defaultdict(Counter)

    async def answer(request: web.Request) -> web.Response:
        kind, number = request.match_info["kind"], int(request.match_info["number"])
        flying[kind, number] += 1
        seen[kind]["in flight"] = max(seen[kind]["in flight"], flying[kind, number])
        try:
            await asyncio.sleep(random.uniform(0.02, 0.06))
            return respond(request, kind, number)
        finally:
            flying[kind, number] -= 1

    def respond(request: web.Request, kind: str, number: int) -> web.Response:
        round_number = asked[kind, number]
        asked[kind, number] += 1
        extra = round_number if number % 5 == 0 else 0
        etag = f'"{number}-{extra}"'
        seen[kind]["unchanged"] += round_number > 0 and not extra
        if request.headers.get("If-None-Match") == etag:
            seen[kind]["304"] += 1
            return web.Response(status=304, headers={"ETag": etag})
        body = first[number] if not extra else feed_body(number, extra, now)
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": etag})

    async def tell(_request: web.Request) -> web.Response:
        return web.json_response(seen)

    async def main() -> None:
        app = web.Application()
        app.router.add_get("/seen", tell)
        app.router.add_get("/{kind}/{number}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "0.0.0.0", 0).start()
        port_pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(main())


def address(number: int, port: int, kind: str) -> str:
    """Return a feed's address: a host of its own on loopback."""
    return f"http://127.0.{1 + number // 250}.{1 + number % 250}:{port}/{kind}/{number}"


@dataclass(frozen=True, slots=True)
class Round:
    """One poll of all feeds by one client."""

    seconds: float
    cpu: float  # seconds a feed
    resident: float  # MB
    new: int = 0
    hits: int = 0
    failed: int = 0


@dataclass
class Stopwatch:
    """Times one round."""

    feeds: int
    wall: float = field(default_factory=time.perf_counter)
    cpu: float = field(default_factory=time.process_time)

    def stop(self, new: int = 0, hits: int = 0, failed: int = 0) -> Round:
        """Return what the round took."""
        cpu = (time.process_time() - self.cpu) / self.feeds
        return Round(time.perf_counter() - self.wall, cpu, resident(), new, hits, failed)


def run_floor(feeds: int, polls: int, port: int, _folder: Path) -> list[Round]:
    """Fetch all feeds, offering the ETag, and do nothing with them."""
    return asyncio.run(fetch_only(feeds, polls, port))


async def fetch_only(feeds: int, polls: int, port: int) -> list[Round]:
    """Return what fetching alone takes."""
    gate = asyncio.Semaphore(64)
    tags: dict[int, str] = {}
    rounds = []
    connector = aiohttp.TCPConnector(limit=64)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def get(number: int) -> None:
            headers = {"If-None-Match": tags[number]} if number in tags else {}
            async with gate, session.get(address(number, port, "floor"), headers=headers) as answer:
                await answer.read()
                tags[number] = answer.headers["ETag"]

        for _ in range(polls):
            watch = Stopwatch(feeds)
            await asyncio.gather(*(get(number) for number in range(feeds)))
            rounds.append(watch.stop())
    return rounds


def run_reader(feeds: int, polls: int, port: int, folder: Path) -> list[Round]:
    """Poll the same by `reader`, with 64 workers."""
    # reader's own copy of feedparser asks for sgmllib, which feedparser ships under this name.
    sys.modules.setdefault("sgmllib", importlib.import_module("feedparser_sgmllib"))
    from reader import make_reader

    reader = make_reader(f"{folder}/reader.db", search_enabled=False)
    for number in range(feeds):
        reader.add_feed(address(number, port, "reader"))
    rounds = []
    for _ in range(polls):
        watch = Stopwatch(feeds)
        reader.update_feeds(workers=64, scheduled=False)
        rounds.append(watch.stop())
    reader.close()
    return rounds


def run_ours(feeds: int, polls: int, port: int, folder: Path) -> list[Round]:
    """Poll, match and store."""
    return asyncio.run(poll_rounds(feeds, polls, port, folder))


def a_watchlist(feeds: int, port: int) -> Watchlist:
    """Return a watchlist of one pledge and all the feeds."""
    from model.records import Commitment, CommitmentId, Feed, FeedId, Language, Term, Watchlist

    fund = Commitment(
        id=CommitmentId("harbour-fund"),
        title="Fund",
        terms=(Term(text="Harbour Resilience Fund"),),
    )
    return Watchlist(
        commitments=(fund,),
        feeds=tuple(
            Feed(
                id=FeedId(f"feed-{number}"),
                url=address(number, port, "feed"),
                title=f"Feed {number}",
                language=Language.ENGLISH,
                poll_every_min=timedelta(0),
                poll_every_max=timedelta(0),
            )
            for number in range(feeds)
        ),
        version="benchmark",
    )


def resident() -> float:
    """Return this process's resident size in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def poll_rounds(feeds: int, polls: int, port: int, folder: Path) -> list[Round]:
    """Poll everything several times; return seconds, CPU a feed, new articles, hits, memory."""
    from model.clock import SystemClock
    from monitor.fetching import Fetcher
    from monitor.matching import compile_watchlist
    from monitor.pipeline import Context
    from monitor.polling import Poller
    from storage.database import open_database
    from storage.unit_of_work import begin, reading

    watchlist = a_watchlist(feeds, port)
    context = Context(watchlist=watchlist, matcher=compile_watchlist(watchlist))
    database = open_database(f"sqlite:///{folder}/bench.db")
    database.upgrade()
    clock = SystemClock()
    with begin(database) as work:
        work.feeds.ensure(watchlist.feeds, clock.now())
        work.commit()
    rows = []
    with ThreadPoolExecutor(max_workers=1) as writer:
        async with Fetcher(
            clock, user_agent="benchmark", allow_private=("127.0.0.0/8",)
        ) as fetcher:
            poller = Poller(database, fetcher, lambda: context, clock, writer)
            for _ in range(polls):
                with reading(database) as work:
                    states = {state.feed_id: state for state in work.feeds.all()}
                due = [(feed, states[feed.id]) for feed in watchlist.feeds]
                watch = Stopwatch(feeds)
                results = await poller.poll(due)
                rows.append(
                    watch.stop(
                        sum(result.new_articles for result in results),
                        sum(result.hits for result in results),
                        sum(result.fault is not None for result in results),
                    )
                )
            poller.close()
    database.close()
    return rows


CLIENTS = {"fetch only": run_floor, "reader": run_reader, "ours": run_ours}


def peak() -> float:
    """Return the most this process ever held, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1000


def client(
    pipe: multiprocessing.connection.Connection, name: str, feeds: int, polls: int, port: int
) -> None:
    """Run one client in a process of its own and send back its rounds and its peak."""
    with tempfile.TemporaryDirectory() as folder:
        rounds = CLIENTS[name](feeds, polls, port, Path(folder))
    pipe.send((rounds, peak()))


def measure(name: str, feeds: int, polls: int, port: int) -> tuple[list[Round], float]:
    """Return a client's rounds and its peak."""
    process = multiprocessing.get_context("spawn")
    mine, theirs = process.Pipe()
    worker = process.Process(target=client, args=(theirs, name, feeds, polls, port))
    worker.start()
    theirs.close()
    found = mine.recv()
    worker.join()
    return found


def goals(
    found: dict[str, tuple[list[Round], float]], seen: dict[str, dict[str, int]], feeds: int
) -> Iterator[tuple[str, str, float, bool]]:
    """Yield each goal with its bound, what was measured, and whether it is met."""
    (ours, memory), (floor, floor_memory) = found["ours"], found["fetch only"]
    for which, most, least, share in ((0, 5, 0.7, 1 / 6), (1, 2.5, 0.9, 1 / 8)):
        poll = ("first", "second")[which]
        value = ours[which].cpu / floor[which].cpu
        yield f"CPU over fetch only, {poll} poll", f"<= {most}", value, value <= most
        if "reader" in found:
            value = ours[which].cpu / found["reader"][0][which].cpu
            yield f"CPU over reader, {poll} poll", f"<= {share:.3f}", value, value <= share
        value = floor[which].seconds / ours[which].seconds
        yield f"feeds a second over fetch only, {poll}", f">= {least}", value, value >= least
    value = memory / floor_memory
    yield "peak memory over fetch only", "<= 3", value, value <= 3
    value = seen["feed"]["304"] / seen["feed"]["unchanged"]
    yield "304s where nothing changed", ">= 0.99", value, value >= 0.99
    planted = (feeds + 49) // 50 * (len(ours) - 1)
    value = sum(each.hits for each in ours) / planted
    yield "planted follow-ups found", "= 1", value, value == 1
    value = seen["feed"]["in flight"]
    yield "requests in flight to one host", "= 1", value, value == 1


def main() -> None:
    """Print what each client took, and the goals."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--polls", type=int, default=3, help="at least 2")
    options.add_argument("--without-reader", action="store_true")
    given = options.parse_args()
    mine, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, given.feeds), daemon=True)
    server.start()
    port = mine.recv()
    names = [each for each in CLIENTS if each != "reader" or not given.without_reader]
    found = {name: measure(name, given.feeds, max(given.polls, 2), port) for name in names}
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/seen") as answer:
        seen = json.load(answer)
    server.terminate()
    print("client      poll  seconds  CPU ms a feed  resident MB  new articles  hits  failed")
    for name, (rounds, _) in found.items():
        for number, each in enumerate(rounds, start=1):
            print(
                f"{name:10}  {number:4}  {each.seconds:7.1f}  {each.cpu * 1000:13.2f}  "
                f"{each.resident:11.0f}  {each.new:12}  {each.hits:4}  {each.failed:6}"
            )
    print(f"\n{'goal':42}  {'bound':>9}  measured")
    for goal, bound, value, met in goals(found, seen, given.feeds):
        print(f"{goal:42}  {bound:>9}  {value:8.2f}  {'met' if met else 'not met'}")


if __name__ == "__main__":
    main()
