"""Poll 1,000 feeds from loopback: ours beside a fetch-only loop and `reader`, and the goals.

Run: .venv/bin/python -m benchmarks.polling [--feeds 1000] [--many 10000] [--without-reader]

The server (`polling_server`) and each client run in a process of their own. Each client is asked
the same; ours matches and stores what it reads. Then ours alone once more with a twentieth of the
feeds faulty, and with many feeds (`--many 0` leaves that out).
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import multiprocessing
import re
import resource
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from benchmarks.polling_server import PLANTED, address, is_faulty, pledge_name, serve

if TYPE_CHECKING:  # what ours needs is loaded in its own process only: the others stay small
    from model.records import Watchlist


@dataclass(frozen=True, slots=True)
class Round:
    """One poll of all feeds by one client."""

    seconds: float
    cpu: float  # seconds a feed
    resident: float  # MB
    new: int = 0
    hits: int = 0
    failed: int = 0
    healthy_seconds: float = 0.0  # until the last feed that is well was polled
    stored: dict[int, float] = field(default_factory=dict)  # planted feeds, and when


@dataclass
class Stopwatch:
    """Times one round."""

    feeds: int
    wall: float = field(default_factory=time.perf_counter)
    cpu: float = field(default_factory=time.process_time)

    def stop(self, **found: Any) -> Round:
        """Return what the round took."""
        cpu = (time.process_time() - self.cpu) / self.feeds
        return Round(time.perf_counter() - self.wall, cpu, resident(), **found)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one client took."""

    rounds: list[Round]
    peak: float  # MB
    told: dict[str, int] = field(default_factory=dict)  # alerts of each pledge


# --- the clients -------------------------------------------------------------------


async def run_floor(feeds: int, polls: int, port: int, _folder: Path, _kind: str) -> Measured:
    """Fetch all feeds, offering the ETag, and do nothing with them."""
    gate = asyncio.Semaphore(64)
    tags: dict[int, str] = {}
    rounds = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as session:

        async def get(number: int) -> None:
            headers = {"If-None-Match": tags[number]} if number in tags else {}
            async with gate, session.get(address(number, port, "floor"), headers=headers) as answer:
                await answer.read()
                tags[number] = answer.headers["ETag"]

        for _ in range(polls):
            watch = Stopwatch(feeds)
            await asyncio.gather(*(get(number) for number in range(feeds)))
            rounds.append(watch.stop())
    return Measured(rounds, peak())


async def run_reader(feeds: int, polls: int, port: int, folder: Path, _kind: str) -> Measured:
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
    return Measured(rounds, peak())


def a_watchlist(feeds: int, port: int, kind: str) -> Watchlist:
    """Return all the feeds, and a pledge for each planted one."""
    from model.records import Commitment, CommitmentId, Feed, FeedId, Language, Term, Watchlist

    return Watchlist(
        commitments=tuple(
            Commitment(
                id=CommitmentId(f"fund-{number}"),
                title=pledge_name(number),
                terms=(Term(text=pledge_name(number)),),
            )
            for number in range(0, feeds, PLANTED)
        ),
        feeds=tuple(
            Feed(
                id=FeedId(f"feed-{number}"),
                url=address(number, port, kind),
                title=f"Feed {number}",
                language=Language.ENGLISH,
                poll_every_min=timedelta(0),
                poll_every_max=timedelta(0),
            )
            for number in range(feeds)
        ),
        version="benchmark",
    )


async def run_ours(feeds: int, polls: int, port: int, folder: Path, kind: str) -> Measured:
    """Poll, match and store; count the alerts that were raised."""
    from model.clock import SystemClock
    from model.records import AlertReason
    from monitor.fetching import Fetcher
    from monitor.matching import compile_watchlist
    from monitor.pipeline import Context
    from monitor.polling import Poller
    from storage.database import open_database
    from storage.unit_of_work import begin, reading

    watchlist = a_watchlist(feeds, port, kind)
    context = Context(watchlist=watchlist, matcher=compile_watchlist(watchlist))
    database = open_database(f"sqlite:///{folder}/bench.db")
    database.upgrade()
    clock = SystemClock()
    with begin(database) as work:
        work.feeds.ensure(watchlist.feeds, clock.now())
        work.commit()
    rounds = []
    with ThreadPoolExecutor(max_workers=1) as writer:
        async with Fetcher(
            clock, user_agent="benchmark", allow_private=("127.0.0.0/8",)
        ) as fetcher:
            poller = Poller(database, fetcher, lambda: context, clock, writer)
            for _ in range(polls):
                with reading(database) as work:
                    states = {state.feed_id: state for state in work.feeds.all()}
                due = [(feed, states[feed.id]) for feed in watchlist.feeds]
                rounds.append(await one_round(poller, due, kind))
            poller.close()
    alerts: dict[str, int] = {}
    with reading(database) as work:
        for alert in work.outbox.unrouted(10 * feeds):
            rings = alert.reason is AlertReason.NEW_DEVELOPMENT  # others edit what was sent
            alerts[alert.commitment_id] = alerts.get(alert.commitment_id, 0) + rings
    database.close()
    return Measured(rounds, peak(), alerts)


async def one_round(poller: Any, due: Sequence[Any], kind: str) -> Round:
    """Poll all feeds once; wait for those that are well."""
    ended: dict[int, tuple[float, Any]] = {}
    healthy = {number for number in range(len(due)) if kind != "faulty" or not is_faulty(number)}
    done = asyncio.Event()

    def tell(result: Any) -> None:
        ended[int(result.feed_id.removeprefix("feed-"))] = (time.time(), result)
        if healthy <= ended.keys():
            done.set()

    watch, begun = Stopwatch(len(due)), time.time()
    polling = asyncio.create_task(poller.poll(due, tell))
    await done.wait()
    if len(healthy) < len(due):
        await poller.finish(timedelta(0))
    await asyncio.gather(polling, return_exceptions=True)
    results = {number: result for number, (_, result) in ended.items()}
    return watch.stop(
        new=sum(each.new_articles for each in results.values()),
        hits=sum(each.hits for each in results.values()),
        failed=sum(each.fault is not None for each in results.values()),
        healthy_seconds=max(ended[number][0] for number in healthy) - begun,
        stored={
            number: ended[number][0]
            for number, each in results.items()
            if each.hits and number % PLANTED == 0
        },
    )


CLIENTS = {"fetch only": run_floor, "reader": run_reader, "ours": run_ours}


def resident() -> float:
    """Return this process's resident size in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def peak() -> float:
    """Return the most this process ever held, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1000


def client(
    pipe: multiprocessing.connection.Connection,
    name: str,
    feeds: int,
    polls: int,
    port: int,
    kind: str,
) -> None:
    """Run one client in a process of its own and send back what it took."""
    with tempfile.TemporaryDirectory() as folder:
        pipe.send(asyncio.run(CLIENTS[name](feeds, polls, port, Path(folder), kind)))


def measure(name: str, feeds: int, polls: int, port: int, kind: str) -> Measured:
    """Return what a client took."""
    process = multiprocessing.get_context("spawn")
    mine, theirs = process.Pipe()
    worker = process.Process(target=client, args=(theirs, name, feeds, polls, port, kind))
    worker.start()
    theirs.close()
    found: Measured = mine.recv()
    worker.join()
    return found


# --- the goals ---------------------------------------------------------------------

Goal = tuple[str, str, float, bool]


def goals(found: dict[str, Measured], seen: dict[str, Any], feeds: int) -> Iterator[Goal]:
    """Yield each goal with its bound, what was measured, and whether it is met."""
    ours, floor = found["ours"], found["fetch only"]
    yield from costs(found)
    value = ours.peak / floor.peak
    yield "peak memory over fetch only", "<= 3", value, value <= 3
    if "many" in found:
        value = found["many"].peak / ours.peak
        yield "peak memory, many feeds over these", "<= 1.5", value, value <= 1.5
    value = seen["seen"]["feed"]["304"] / seen["seen"]["feed"]["unchanged"]
    yield "304s where nothing changed", ">= 0.99", value, value >= 0.99
    value = ours.rounds[1].healthy_seconds / found["faulty"].rounds[1].healthy_seconds
    yield "pace with 5 % faulty over none, second", ">= 0.8", value, value >= 0.8
    yield from news(ours, seen, feeds)
    value = seen["seen"]["feed"]["in flight"]
    yield "requests in flight to one host", "= 1", value, value == 1


def costs(found: dict[str, Measured]) -> Iterator[Goal]:
    """Yield what a feed costs beside the others."""
    ours, floor = found["ours"].rounds, found["fetch only"].rounds
    for which, most, least, share in ((0, 5, 0.7, 1 / 6), (1, 2.5, 0.9, 1 / 8)):
        poll = ("first", "second")[which]
        value = ours[which].cpu / floor[which].cpu
        yield f"CPU over fetch only, {poll} poll", f"<= {most}", value, value <= most
        if "reader" in found:
            value = ours[which].cpu / found["reader"].rounds[which].cpu
            yield f"CPU over reader, {poll} poll", f"<= {share:.3f}", value, value <= share
        value = floor[which].seconds / ours[which].seconds
        yield f"feeds a second over fetch only, {poll}", f">= {least}", value, value >= least


def news(ours: Measured, seen: dict[str, Any], feeds: int) -> Iterator[Goal]:
    """Yield what became of what was planted."""
    pledges = len(range(0, feeds, PLANTED))
    value = len(ours.told) / pledges
    yield "planted follow-ups found", "= 1", value, value == 1
    value = sum(ours.told.values()) - len(ours.told)
    yield "look-alikes and doubles told", "= 0", value, value == 0
    served = {int(number): at for number, at in seen["served"]["feed"].items()}
    waits = sorted(at - served[number] for number, at in ours.rounds[1].stored.items())
    value = waits[int(0.95 * (len(waits) - 1))] if waits else float("inf")
    yield "served to alert raised, p95, seconds", "<= 2", value, value <= 2


def main() -> None:
    """Print what each client took, and the goals."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--polls", type=int, default=3, help="at least 2")
    options.add_argument("--many", type=int, default=10_000, help="feeds to compare memory; 0: not")
    options.add_argument("--without-reader", action="store_true")
    given = options.parse_args()
    mine, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, given.feeds), daemon=True)
    server.start()
    port = mine.recv()
    polls = max(given.polls, 2)
    found = {}
    for name in CLIENTS:
        if name != "reader" or not given.without_reader:
            found[name] = measure(name, given.feeds, polls, port, "feed")
    found["faulty"] = measure("ours", given.feeds, 2, port, "faulty")
    if given.many:
        found["many"] = measure("ours", given.many, 2, port, "many")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/seen") as answer:
        seen = json.load(answer)
    server.terminate()
    report(found, list(goals(found, seen, given.feeds)))


def report(found: dict[str, Measured], rows: Sequence[Goal]) -> None:
    """Print the tables."""
    print("client      poll  seconds  CPU ms a feed  resident MB  new articles  hits  failed")
    for name, measured in found.items():
        for number, each in enumerate(measured.rounds, start=1):
            print(
                f"{name:10}  {number:4}  {each.seconds:7.1f}  {each.cpu * 1000:13.2f}  "
                f"{each.resident:11.0f}  {each.new:12}  {each.hits:4}  {each.failed:6}"
            )
    print(f"\n{'goal':42}  {'bound':>9}  measured")
    for goal, bound, value, met in rows:
        print(f"{goal:42}  {bound:>9}  {value:8.2f}  {'met' if met else 'not met'}")
    print("two workers over one: not built, one process polls a database")
    print("kill -9: tests/end_to_end/test_kill.py")


if __name__ == "__main__":
    main()
