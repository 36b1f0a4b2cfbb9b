"""Asking feeds, and reading files, from the command line."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from model.clock import Clock
from model.errors import DatabaseUnusableError, FeedFault, ParseError
from model.records import Article, Feed, FeedId, FeedState, Language, Watchlist
from monitor.evaluation import ArticleLineError, article_from_json
from monitor.full_text import FullTextReader
from monitor.matching import compile_watchlist
from monitor.parsing import parse_feed
from monitor.pipeline import Context, process_article
from monitor.polling import Poller, Progress
from monitor.storing import PollOutcome, PollResult
from monitor.urls import canonical_url
from pledgewatch.maintenance import prepare_database
from pledgewatch.settings import Settings
from pledgewatch.sources import fetcher_for
from storage.articles import Arrival
from storage.database import Database
from storage.unit_of_work import UnitOfWork, begin, reading

PATIENCE = timedelta(seconds=120)  # for a running process that was asked to poll
LOOK_AGAIN = 0.3  # seconds


async def poll_feeds(
    settings: Settings, feeds: Sequence[Feed], clock: Clock, told: Progress
) -> tuple[PollResult, ...]:
    """Poll feeds now; while another process runs on this database, ask that one to."""
    database = prepare_database(settings.database_url, clock.now())
    try:
        with database.owner() as ours:
            if not ours:
                return await _ask_the_running(database, feeds, clock, told)
            return await _poll_here(settings, database, feeds, clock, told)
    finally:
        database.close()


async def _poll_here(
    settings: Settings,
    database: Database,
    feeds: Sequence[Feed],
    clock: Clock,
    told: Progress,
) -> tuple[PollResult, ...]:
    from pledgewatch.app import compile_context, loader

    context = compile_context(loader(settings)(settings.watchlist))
    with begin(database) as work:
        work.feeds.ensure(context.watchlist.feeds, clock.now())
        work.commit()
    with reading(database) as work:
        states = [(feed, state) for feed in feeds if (state := work.feeds.get(feed.id))]
    with ThreadPoolExecutor(max_workers=1) as writer:
        async with fetcher_for(settings, clock) as fetcher:
            pages = FullTextReader(database, fetcher, clock)
            poller = Poller(database, fetcher, lambda: context, clock, writer, pages)
            try:
                return await poller.poll(states, told)
            finally:
                poller.close()
                pages.close()


async def _ask_the_running(
    database: Database, feeds: Sequence[Feed], clock: Clock, told: Progress
) -> tuple[PollResult, ...]:
    asked_at = clock.now()
    ids = [feed.id for feed in feeds]
    with begin(database) as work:
        work.feeds.request(ids, asked_at)
        before = _articles_counted(work, asked_at)
        work.commit()
    waiting, results = set(ids), []
    while waiting and clock.now() - asked_at < PATIENCE:
        await asyncio.sleep(LOOK_AGAIN)
        with reading(database) as work:
            states = {state.feed_id: state for state in work.feeds.all()}
            counted = _articles_counted(work, asked_at)
        for feed_id in sorted(waiting):
            state = states.get(feed_id)
            if state is None or state.requested_at is not None:
                continue
            if state.last_polled_at is None or state.last_polled_at < asked_at:
                continue
            waiting.discard(feed_id)
            results.append(_seen(state, counted[feed_id] - before[feed_id]))
            told(results[-1])
    if waiting:
        raise DatabaseUnusableError(
            f"`pledgewatch run` was asked to poll and has not polled {', '.join(sorted(waiting))}"
        )
    return tuple(results)


def _articles_counted(work: UnitOfWork, since: datetime) -> Counter[FeedId]:
    """Return how many new articles each feed brought since the beginning of an hour."""
    counted: Counter[FeedId] = Counter()
    for hour in work.coverage.since(since.replace(minute=0, second=0, microsecond=0)):
        counted[hour.feed_id] += hour.articles
    return counted


def _seen(state: FeedState, new: int) -> PollResult:
    """Return what another process's poll brought, as far as the feed's state tells."""
    outcome = PollOutcome.NEW if new else PollOutcome.NOTHING_NEW
    if state.consecutive_failures:
        outcome = PollOutcome.FAILED
    return PollResult(
        feed_id=state.feed_id,
        outcome=outcome,
        new_articles=new,
        fault=FeedFault(state.fault) if state.fault else None,
        error=state.last_error,
    )


# --- files -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """What one file brought."""

    file: Path
    articles: int
    new: int
    hits: int
    problems: tuple[str, ...]


def ingest_files(
    database: Database,
    watchlist: Watchlist,
    files: Sequence[Path],
    feed_id: str | None,
    clock: Clock,
    *,
    tell: bool,
) -> Iterator[Ingested]:
    """Store the articles of files, one transaction a file."""
    context = Context(watchlist=watchlist, matcher=compile_watchlist(watchlist))
    for file in files:
        problems: list[str] = []
        articles = list(_articles(file, watchlist, feed_id, clock, problems))
        now, new, hits = clock.now(), 0, 0
        with begin(database) as work:
            for article in articles:
                done = process_article(article, context, work, now, tell=tell)
                new += done.arrival is Arrival.NEW
                hits += len(done.hits)
            work.commit()
        yield Ingested(
            file=file, articles=len(articles), new=new, hits=hits, problems=tuple(problems)
        )


def _articles(
    file: Path,
    watchlist: Watchlist,
    feed_id: str | None,
    clock: Clock,
    problems: list[str],
) -> Iterator[Article]:
    body = file.read_bytes()
    if file.suffix in {".jsonl", ".ndjson"} or _is_json_lines(body):
        yield from _from_lines(body, feed_id, clock, problems)
        return
    feed = watchlist.feed(FeedId(feed_id)) if feed_id else None
    feed = feed or Feed(
        id=FeedId(feed_id or "ingested"), url="", title=file.stem, language=Language.UNKNOWN
    )
    try:
        yield from parse_feed(feed, body, None, feed.url, clock.now()).articles
    except ParseError as error:
        problems.append(f"{error.fault}: {error.message}")


def _is_json_lines(body: bytes) -> bool:
    first, _, rest = body.strip().partition(b"\n")
    if not first.startswith(b"{") or not first.rstrip().endswith(b"}"):
        return False
    try:
        value = json.loads(first)
    except ValueError:
        return False
    return isinstance(value, dict) and "id" in value and (not rest or rest.lstrip()[:1] == b"{")


def _from_lines(
    body: bytes, feed_id: str | None, clock: Clock, problems: list[str]
) -> Iterator[Article]:
    for number, line in enumerate(body.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            article = article_from_json(json.loads(line))
        except (ArticleLineError, ValueError, RecursionError) as error:
            problems.append(f"line {number}: {error}")
            continue
        yield replace(
            article,
            feed_id=FeedId(feed_id or article.feed_id or "ingested"),
            canonical_url=canonical_url(article.url),
            fetched_at=clock.now(),
        )
