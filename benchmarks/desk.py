"""How long the review pages wait for the database of a large newsroom, while polls are stored.

    python -m benchmarks.desk [--articles 1000000] [--hits 50000] [--rounds 40] [--most MS]
    python -m benchmarks.desk --database URL ...     # fill it where it is empty, keep it

Without `--database`, a throw-away SQLite database and, where PostgreSQL is installed, a throw-away
PostgreSQL are filled and measured. Prints one table for each: the median and the 95th percentile of
each way to read, in milliseconds, while one thread stores polls and indexes them, and the 95th of
the CPU that our own thread took (with SQLite that is all of it, so it does not depend on what else
the machine does); beside them the same words by `LIKE`, as the history was searched before it had
an index. Exit code 1 where a 95th
percentile is over MS (150), or where "database is locked" was met.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import func, or_, select

from benchmarks.newsroom import FEEDS, NOW, RARE, Writer, a_newsroom, fill
from model.errors import DatabaseUnusableError
from model.records import CommitmentId, FeedId, Relation
from pledgewatch.maintenance import index_some, settle_some
from storage.board import board
from storage.database import Database, open_database
from storage.history import UNREVIEWED, Search
from storage.queueing import listed
from storage.tables import articles, hits
from storage.unit_of_work import UnitOfWork, begin, reading
from tests.fakes import postgres

SEARCHES = (
    "上海", "合", "AI", "cooperation organization", '"cooperation organization"',
    "人工智慧合作組織", "的", "government",
    RARE["en"], RARE["zh"], "上海 AI", "the", "Shanghai minister 2026",
)  # fmt: skip
WATCHLIST = a_newsroom()
PAUSE = 0.05  # between two polls that are stored: twenty a second


@dataclass(slots=True)
class Polls:
    """What the writer did meanwhile."""

    stored: int = 0
    errors: list[str] = field(default_factory=list)


def write_polls(database: Database, stop: threading.Event, polls: Polls) -> None:
    """Store polls as the poller does, each with two new articles, and index them."""
    writer = Writer(random.Random(time.time_ns()))
    number = 10_000_000 + int(time.time())
    while not stop.wait(PAUSE):
        number += 2
        fresh = [
            replace(writer.article(each, hit=False), fetched_at=NOW)
            for each in (number, number + 1)
        ]
        try:
            with begin(database) as work:
                work.articles.add_new(work.articles.sift(fresh)[0])
                feed = FeedId(f"feed-{number % FEEDS}")
                work.coverage.record(feed, NOW, answered=True, articles=2, covers_until=NOW)
                work.commit()
            if number % 20 == 0:
                index_some(database)
        except DatabaseUnusableError as error:
            polls.errors.append(str(error))
        polls.stored += 1


@contextmanager
def polling(database: Database) -> Iterator[Polls]:
    """Store polls while the block runs."""
    stop, polls = threading.Event(), Polls()
    thread = threading.Thread(target=write_polls, args=(database, stop, polls))
    thread.start()
    try:
        yield polls
    finally:
        stop.set()
        thread.join()


def ways_to_read() -> dict[str, list[Callable[[UnitOfWork], object]]]:
    """Return what the pages ask, each with its variations."""

    def search(text: str | None, **wanted: object) -> Callable[[UnitOfWork], object]:
        return lambda work: work.history.search(Search(text=text, **wanted), 50)

    def page(text: str | None) -> Callable[[UnitOfWork], object]:
        def read(work: UnitOfWork) -> None:
            work.history.search(Search(text=text), 50)
            work.history.facets(Search(text=text))
            work.search_index.searched()

        return read

    def pledge(number: int) -> Callable[[UnitOfWork], object]:
        def read(work: UnitOfWork) -> None:
            chosen = CommitmentId(f"pledge-{number}")
            work.decisions.of_commitment(chosen)
            for each in work.developments.listed(commitment_id=chosen, limit=20):
                work.developments.reports(each.id, 10)

        return read

    def next_page(text: str) -> Callable[[UnitOfWork], object]:
        def read(work: UnitOfWork) -> None:
            after = work.history.search(Search(), 50)[-1].report.hit.id
            work.history.search(Search(text=text), 50, after)

        return read

    browse = [
        search(None),
        search(None, relation=Relation.FOLLOW_UP),
        search(None, review=UNREVIEWED),
    ]
    return {
        "search, first page": [search(text) for text in SEARCHES],
        "history without words": browse,
        "search, a later page": [next_page(text) for text in SEARCHES],
        "history page with facets": [page(text) for text in (None, *SEARCHES)],
        "articles that name no pledge": [
            lambda work, text=text: work.history.articles(text, 20) for text in SEARCHES
        ],
        "board": [lambda work: board(work, WATCHLIST, NOW)],
        "queue": [lambda work: listed(work, WATCHLIST, NOW)],
        "pledge": [pledge(number) for number in (0, 1, 7, 30)],
    }


def by_like(text: str) -> Callable[[UnitOfWork], object]:
    """Return the search that has no index: what the history did before."""
    condition = or_(
        articles.c.title.icontains(text, autoescape=True),
        articles.c.text.icontains(text, autoescape=True),
    )
    statement = (
        select(func.count())
        .select_from(hits)
        .join(articles, articles.c.id == hits.c.article_id)
        .where(condition)
    )
    return lambda work: work._connection.execute(statement).scalar()


def measure(
    database: Database, ways: list[Callable[[UnitOfWork], object]], rounds: int
) -> tuple[list[float], list[float]]:
    """Return milliseconds and those of CPU, each way in turn, without the first look at each."""
    for read in ways:
        with reading(database) as work:
            read(work)
    taken, used = [], []
    for number in range(max(rounds, len(ways))):
        before, cpu = time.perf_counter(), time.thread_time()
        with reading(database) as work:
            ways[number % len(ways)](work)
        taken.append((time.perf_counter() - before) * 1000)
        used.append((time.thread_time() - cpu) * 1000)
    return taken, used


def percentile(taken: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(taken, n=20, method="inclusive")[-1] if len(taken) > 1 else taken[0]


def print_line(name: str, taken: list[float], used: list[float], mark: str = "") -> None:
    """Print one line of the table."""
    figures = statistics.median(taken), percentile(taken), percentile(used)
    print(f"{name:32}" + "".join(f"{each:10.1f}" for each in figures) + mark, flush=True)


def report(database: Database, rounds: int, most: float) -> bool:
    """Measure and print; tell whether every bound was kept."""
    with reading(database) as work:
        searched = work.search_index.searched()
        count = work.hits.count()
    print(f"\n{database.kind}: {searched.articles:,} articles, {count:,} hits")
    print(f"{'':32}{'median ms':>10}{'p95 ms':>10}{'p95 CPU':>10}")
    good = True
    with polling(database) as polls:
        for name, ways in ways_to_read().items():
            taken, used = measure(database, ways, rounds)
            p95 = percentile(taken)
            good = good and p95 <= most
            print_line(name, taken, used, "" if p95 <= most else "   over")
        like = [by_like(text) for text in ("上海", "AI", "cooperation organization")]
        print_line("the same words by LIKE", *measure(database, like, 6))
    locked = [each for each in polls.errors if "locked" in each]
    print(
        f"{polls.stored} polls stored meanwhile, {len(polls.errors)} errors, {len(locked)} locked"
    )
    return good and not polls.errors


def prepare(database: Database, wanted: argparse.Namespace) -> None:
    """Fill an empty database, index it, and settle its hours."""
    database.upgrade()
    with reading(database) as work:
        filled = work.hits.count() > 0
    if not filled:
        started = time.monotonic()
        fill(database, wanted.articles, wanted.hits, lambda what: print(f"  {what}", flush=True))
        print(f"  filled in {time.monotonic() - started:.0f} s", flush=True)
    started = time.monotonic()
    while index_many(database):
        pass
    while settle_some(database, WATCHLIST, NOW):
        pass
    database.analyse()
    print(f"  indexed and settled in {time.monotonic() - started:.0f} s", flush=True)


def index_many(database: Database) -> int:
    """Index more at once than the running program does: nobody waits here."""
    with begin(database) as work:
        count = work.search_index.catch_up(2_000)
        work.commit()
    return count


def main() -> int:
    """Fill, measure, print; 1 where a bound is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--hits", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--most", type=float, default=150.0)
    parser.add_argument("--database", action="append", default=[], metavar="URL")
    wanted = parser.parse_args()
    good = True
    for url in wanted.database:
        good = _one(url, wanted) and good
    if not wanted.database:
        with tempfile.TemporaryDirectory(prefix="pledgewatch-desk-") as folder:
            good = _one(f"sqlite:///{Path(folder) / 'desk.db'}", wanted)
        programs = postgres.find_programs()
        if programs is None:
            print(postgres.HINT)
        else:
            with postgres.cluster(programs) as address:
                good = _one(f"{address}/postgres", wanted) and good
    return 0 if good else 1


def _one(url: str, wanted: argparse.Namespace) -> bool:
    database = open_database(url)
    try:
        prepare(database, wanted)
        return report(database, wanted.rounds, wanted.most)
    finally:
        database.close()


if __name__ == "__main__":
    sys.exit(main())
