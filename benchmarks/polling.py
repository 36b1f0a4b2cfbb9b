"""Poll 1,000 feeds from loopback: CPU a feed beside a fetch-only loop, and memory over ten polls.

Run: .venv/bin/python benchmarks/polling.py [--feeds 1000] [--polls 10]

The server runs in a process of its own and gives each feed a host of its own (127.0.x.y), 40
entries of about 1.2 kB, an ETag, and 20 to 60 ms of latency. From the second poll on, every fifth
feed has one new entry, some of which are follow-ups; the others answer 304.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import aiohttp
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1]))

from model.clock import SystemClock
from model.records import (
    Commitment,
    CommitmentId,
    Feed,
    FeedId,
    Language,
    Term,
    Watchlist,
)
from monitor.fetching import Fetcher
from monitor.matching import compile_watchlist
from monitor.pipeline import Context
from monitor.polling import Poller
from storage.database import open_database
from storage.unit_of_work import begin, reading

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
    asked: dict[int, int] = {}

    async def answer(request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        await asyncio.sleep(random.uniform(0.02, 0.06))
        if request.match_info["kind"] == "plain":
            return web.Response(body=first[number], content_type="application/rss+xml")
        round_number = asked[number] = asked.get(number, -1) + 1
        extra = round_number if number % 5 == 0 else 0
        etag = f'"{number}-{extra}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        body = first[number] if not extra else feed_body(number, extra, now)
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": etag})

    async def main() -> None:
        app = web.Application()
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


async def fetch_only(feeds: int, port: int) -> float:
    """Return the CPU seconds a feed that fetching alone costs."""
    gate = asyncio.Semaphore(64)
    connector = aiohttp.TCPConnector(limit=64)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def get(number: int) -> None:
            async with gate, session.get(address(number, port, "plain")) as answer:
                await answer.read()

        before = time.process_time()
        await asyncio.gather(*(get(number) for number in range(feeds)))
        return (time.process_time() - before) / feeds


def a_watchlist(feeds: int, port: int) -> Watchlist:
    """Return a watchlist of one pledge and all the feeds."""
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


async def poll_rounds(feeds: int, polls: int, port: int, folder: Path) -> Iterator[tuple]:
    """Poll everything several times; return seconds, CPU a feed, new articles, hits, memory."""
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
                started, before = time.perf_counter(), time.process_time()
                results = await poller.poll(due)
                cpu = (time.process_time() - before) / feeds
                rows.append(
                    (
                        time.perf_counter() - started,
                        cpu,
                        sum(result.new_articles for result in results),
                        sum(result.hits for result in results),
                        sum(result.fault is not None for result in results),
                        resident(),
                    )
                )
            poller.close()
    database.close()
    return iter(rows)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--polls", type=int, default=10)
    given = options.parse_args()
    mine, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, given.feeds), daemon=True)
    server.start()
    port = mine.recv()
    floor = asyncio.run(fetch_only(given.feeds, port))
    print(f"fetch only: {floor * 1000:.2f} ms CPU a feed\n")
    print("poll  seconds  CPU ms a feed  over fetch only  new articles  hits  failed  resident MB")
    with tempfile.TemporaryDirectory() as folder:
        rows = list(asyncio.run(poll_rounds(given.feeds, given.polls, port, Path(folder))))
    for number, (seconds, cpu, new, hits, failed, memory) in enumerate(rows, start=1):
        print(
            f"{number:4}  {seconds:7.1f}  {cpu * 1000:13.2f}  {cpu / floor:15.1f}  {new:12}  "
            f"{hits:4}  {failed:6}  {memory:11.0f}"
        )
    if len(rows) >= 10:
        print(f"\nresident after the tenth poll over the third: {rows[9][5] / rows[2][5]:.2f}")
    server.terminate()


if __name__ == "__main__":
    main()
