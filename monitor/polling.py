"""One poll: what is due, several feeds at once, one at a time for each host."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from model.clock import Clock
from model.errors import DatabaseUnusableError, FeedError, FeedFault, ParseError
from model.feed_health import REACH
from model.records import Article, Feed, FeedHealth, FeedId, FeedState, Hit, Validators
from monitor.fetching import Fetched, Fetcher, NotModified
from monitor.full_text import FullTextReader
from monitor.metrics import ARTICLES, FAULTS, HITS, POLL_SECONDS, POLLS
from monitor.parsing import ParsedFeed, parse_feed
from monitor.pipeline import Context, process_article, store_quiet
from monitor.politeness import after_failure, after_success, host_wait
from monitor.sitemap_index import with_children
from monitor.urls import host_key
from storage.articles import Arrival
from storage.database import Database
from storage.unit_of_work import UnitOfWork, begin, reading

logger = logging.getLogger(__name__)

FRESH = timedelta(hours=48)  # a feed's first poll tells only of what is younger
PARSE_DEADLINE = timedelta(seconds=30)
PARSERS = 2  # threads
DUE_AT_ONCE = 2_000  # feeds looked up in one go


class PollOutcome(StrEnum):
    """How one poll of one feed went."""

    NEW = "new"
    NOTHING_NEW = "nothing_new"
    NOT_MODIFIED = "not_modified"
    WARNING = "warning"  # it answered, with nothing in it
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """What one poll of one feed brought."""

    feed_id: FeedId
    outcome: PollOutcome
    new_articles: int = 0
    hits: int = 0
    follow_ups: int = 0
    fault: FeedFault | None = None
    error: str | None = None
    entries: int = 0


Progress = Callable[[PollResult], None]


class Poller:
    """Polls feeds; fetching is asynchronous, storing happens in one writer thread."""

    def __init__(
        self,
        database: Database,
        fetcher: Fetcher,
        context: Callable[[], Context],
        clock: Clock,
        writer: ThreadPoolExecutor,
        full_text: FullTextReader | None = None,
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._context = context
        self._clock = clock
        self._writer = writer
        self._full_text = full_text  # None: what feeds say is all there is
        self._parsers = ThreadPoolExecutor(max_workers=PARSERS, thread_name_prefix="parse")
        self._parsing = asyncio.Semaphore(
            PARSERS
        )  # the deadline runs for those at work, not in line
        self._busy: set[FeedId] = set()
        self._tasks: set[asyncio.Task[PollResult]] = set()

    def close(self) -> None:
        """Let the parsing threads go."""
        self._parsers.shutdown(wait=False, cancel_futures=True)

    async def poll_due(self, told: Progress | None = None) -> tuple[PollResult, ...]:
        """Poll every feed whose time has come, and wait for all of them."""
        return await self.poll(await self._find_due(), told)

    async def start_due(self) -> None:
        """Begin to poll what is due; a feed that hangs keeps no other feed waiting."""
        for feed, state in await self._find_due():
            self._begin(feed, state)

    async def poll(
        self, feeds: Sequence[tuple[Feed, FeedState]], told: Progress | None = None
    ) -> tuple[PollResult, ...]:
        """Poll these feeds at once; raise DatabaseUnusableError if nothing can be stored."""
        tasks = [self._begin(feed, state) for feed, state in feeds]
        if told is not None:
            for task in tasks:
                task.add_done_callback(partial(_tell, told))
        return tuple(await asyncio.gather(*tasks))

    async def finish(self, patience: timedelta = timedelta(seconds=5)) -> None:
        """Give polls in flight a while to end, then leave the rest: they are due again."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks.copy(), timeout=patience.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _find_due(self) -> list[tuple[Feed, FeedState]]:
        states = await asyncio.to_thread(self._due, self._clock.now())
        feeds = {feed.id: feed for feed in self._context().watchlist.feeds}
        return [
            (feeds[state.feed_id], state)
            for state in states
            if state.feed_id in feeds
            and state.feed_id not in self._busy
            and (not feeds[state.feed_id].paused or state.requested_at is not None)
        ]

    def _due(self, now: datetime) -> tuple[FeedState, ...]:
        with reading(self._database) as work:
            return work.feeds.due(now, DUE_AT_ONCE)

    def _begin(self, feed: Feed, state: FeedState) -> asyncio.Task[PollResult]:
        self._busy.add(feed.id)
        task = asyncio.create_task(self.poll_feed(feed, state))
        self._tasks.add(task)
        task.add_done_callback(partial(self._ended, feed.id))
        return task

    def _ended(self, feed_id: FeedId, task: asyncio.Task[PollResult]) -> None:
        self._tasks.discard(task)
        self._busy.discard(feed_id)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("nothing can be stored", extra={"feed": feed_id, "why": str(error)})

    async def poll_feed(self, feed: Feed, state: FeedState) -> PollResult:
        """Fetch, parse and store one feed; everything it brings is one transaction."""
        started = time.monotonic()
        try:
            result = await self._poll(feed, state)
        except FeedError as error:
            result = await self._in_writer(self._store_failure, feed, state, error)
        except DatabaseUnusableError:
            raise
        except Exception as error:
            # The edge: a mistake of ours with one feed must not stop the others.
            logger.exception("polling failed", extra={"feed": feed.id})
            fault = FeedError(FeedFault.INTERNAL, f"a mistake of ours: {type(error).__name__}")
            result = await self._in_writer(self._store_failure, feed, state, fault)
        _count(result, time.monotonic() - started)
        return result

    async def _poll(self, feed: Feed, state: FeedState) -> PollResult:
        answer = await self._fetcher.fetch(feed, state)
        if isinstance(answer, NotModified):
            return await self._in_writer(self._store_unchanged, feed, state, answer)
        answer, parsed = await with_children(self._fetcher, feed, answer, self._parse)
        if self._full_text is not None:
            matcher = self._context().matcher
            articles = await self._full_text.complete(feed, parsed.articles, matcher)
            parsed = replace(parsed, articles=articles)
        return await self._in_writer(self._store, feed, state, answer, parsed)

    async def _parse(self, feed: Feed, answer: Fetched) -> ParsedFeed:
        """Parse off the event loop, up to a deadline."""
        now = self._clock.now()
        loop = asyncio.get_running_loop()
        async with self._parsing:
            parsing = loop.run_in_executor(
                self._parsers, parse_feed, feed, answer.body, answer.content_type, answer.url, now
            )
            try:
                return await asyncio.wait_for(parsing, PARSE_DEADLINE.total_seconds())
            except TimeoutError as error:
                message = "it takes too long to read"
                raise ParseError(FeedFault.TOO_SLOW_TO_PARSE, message) from error

    async def _in_writer(
        self, function: Callable[..., PollResult], *arguments: object
    ) -> PollResult:
        """Run a storing function in the one thread that writes."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, function, *arguments)

    # --- storing: in the writer thread, one transaction each ----------------------

    def _store(
        self, feed: Feed, state: FeedState, answer: Fetched, parsed: ParsedFeed
    ) -> PollResult:
        """Store what is new, the validators with it: if an entry fails they are left out."""
        now, context = self._clock.now(), self._context()
        first = state.last_success_at is None
        with begin(self._database) as work:
            fresh = _unknown(work, feed, parsed.articles)
            alone = store_quiet(fresh, context, work)
            arrived = len(fresh) - len(alone)
            hits: list[Hit] = []
            failed: list[str] = []
            for article in alone:
                try:
                    with work.savepoint():
                        done = process_article(
                            article, context, work, now, tell=_is_told(article, now, first=first)
                        )
                except DatabaseUnusableError:
                    raise
                except Exception as error:
                    # The edge: one entry that fails is rolled back alone, and comes again.
                    logger.exception("an entry failed", extra={"feed": feed.id})
                    failed.append(f"{article.entry_id[:80]}: {type(error).__name__}")
                else:
                    arrived += done.arrival is Arrival.NEW
                    hits += done.hits
            changed = _after_answer(feed, state, answer, parsed, now, arrived, failed)
            work.feeds.save(changed)
            work.coverage.record(
                feed.id,
                now,
                answered=bool(parsed.articles),
                articles=arrived,
                covers_until=_covers_until(changed, now),
            )
            work.commit()
        return _answered(feed, parsed, arrived, hits, failed)

    def _store_unchanged(self, feed: Feed, state: FeedState, answer: NotModified) -> PollResult:
        now = self._clock.now()
        hints = (*state.hints, *answer.hints)  # the feed's own words stand in no 304
        interval, next_poll_at = after_success(
            feed, state.interval, news=False, hints=hints, now=now, chance=_chance()
        )
        hollow = state.fault == FeedFault.EMPTY
        warned = state.health is FeedHealth.WARNING  # the same empty body is still empty
        changed = replace(
            state,
            validators=answer.validators,
            url=_moved(feed, state, answer.moved_to),
            interval=interval,
            next_poll_at=next_poll_at,
            health=FeedHealth.WARNING if warned else FeedHealth.HEALTHY,
            fault=state.fault if warned else None,
            last_error=state.last_error if warned else None,
            consecutive_failures=0,
            last_polled_at=now,
            last_success_at=now,
            requested_at=None,
        )
        with begin(self._database) as work:
            work.feeds.save(changed)
            work.coverage.record(
                feed.id,
                now,
                answered=not hollow,
                articles=0,
                covers_until=_covers_until(changed, now),
            )
            work.commit()
        return PollResult(feed_id=feed.id, outcome=PollOutcome.NOT_MODIFIED)

    def _store_failure(self, feed: Feed, state: FeedState, error: FeedError) -> PollResult:
        now = self._clock.now()
        failures = state.consecutive_failures + 1
        gone = error.fault is FeedFault.GONE
        changed = replace(
            state,
            health=FeedHealth.GONE if gone else FeedHealth.FAILING,
            fault=error.fault,
            last_error=error.message,
            consecutive_failures=failures,
            last_polled_at=now,
            next_poll_at=after_failure(
                feed, error.fault, failures, error.retry_after, now, _chance()
            ),
            requested_at=None,
        )
        with begin(self._database) as work:
            work.feeds.save(changed)
            if error.retry_after is not None:
                self._hold_host(work, changed, feed, now)
            work.coverage.record(feed.id, now, answered=False, articles=0)
            work.commit()
        return PollResult(
            feed_id=feed.id, outcome=PollOutcome.FAILED, fault=error.fault, error=error.message
        )

    def _hold_host(self, work: UnitOfWork, state: FeedState, feed: Feed, now: datetime) -> None:
        """Let all feeds of a host wait, once several of them were told to."""
        host = host_key(state.url or feed.url)
        states = {each.feed_id: each for each in work.feeds.all()}
        feeds = {
            each.id: states[each.id]
            for each in self._context().watchlist.feeds
            if each.id in states and host_key(states[each.id].url or each.url) == host
        }
        until = host_wait(feeds.values(), now)
        if until is not None:
            work.feeds.hold(feeds, until)
            logger.warning("a host asks to be left alone", extra={"host": host, "until": until})


def _covers_until(state: FeedState, now: datetime) -> datetime:
    """Return how long an answer proves that we looked (domain.md, 3.2): twice the interval."""
    return now + REACH * state.interval


def _tell(told: Progress, task: asyncio.Task[PollResult]) -> None:
    if not task.cancelled() and task.exception() is None:
        told(task.result())


def _chance() -> float:
    return random.random()  # noqa: S311 - spreads polls, keeps no secret


def _unknown(work: UnitOfWork, feed: Feed, articles: Sequence[Article]) -> list[Article]:
    """Return the entries that are new here or changed, oldest first: news is told in order."""
    known = work.articles.known(feed.id, [article.entry_id for article in articles])
    fresh = [
        article
        for article in articles
        if article.entry_id not in known or known[article.entry_id][1] != article.text_hash
    ]
    return sorted(fresh, key=lambda article: article.published_at or article.fetched_at)


def _is_told(article: Article, now: datetime, *, first: bool) -> bool:
    """Tell whether an entry is news: on a feed's first poll only what is dated and fresh."""
    if not first:
        return True
    return article.published_at is not None and now - article.published_at <= FRESH


def _after_answer(
    feed: Feed,
    state: FeedState,
    answer: Fetched,
    parsed: ParsedFeed,
    now: datetime,
    arrived: int,
    failed: Sequence[str],
) -> FeedState:
    hints = (*answer.hints, *parsed.hints)
    interval, next_poll_at = after_success(
        feed, state.interval, news=arrived > 0, hints=hints, now=now, chance=_chance()
    )
    warning = parsed.warning
    fault = parsed.fault
    if failed:
        warning, fault = f"{len(failed)} entries failed, first {failed[0]}", FeedFault.INTERNAL
    return replace(
        state,
        validators=Validators() if failed else answer.validators,
        url=_moved(feed, state, answer.moved_to),
        hints=hints,
        interval=interval,
        next_poll_at=next_poll_at,
        health=FeedHealth.WARNING if warning else FeedHealth.HEALTHY,
        fault=fault if warning else None,
        last_error=warning,
        consecutive_failures=0,
        last_polled_at=now,
        last_success_at=now,
        last_entry_at=now if arrived else state.last_entry_at,
        requested_at=None,
    )


def _moved(feed: Feed, state: FeedState, moved_to: str | None) -> str | None:
    """Return where a feed moved for good; None while it is where the watchlist says."""
    url = moved_to or state.url
    return None if url == feed.url else url


def _answered(
    feed: Feed, parsed: ParsedFeed, arrived: int, hits: Sequence[Hit], failed: Sequence[str]
) -> PollResult:
    outcome = PollOutcome.NEW if arrived else PollOutcome.NOTHING_NEW
    error = parsed.warning
    if failed:
        error = f"{len(failed)} entries failed: {failed[0]}"
    return PollResult(
        feed_id=feed.id,
        outcome=PollOutcome.WARNING if error else outcome,
        new_articles=arrived,
        hits=len(hits),
        follow_ups=sum(hit.suggestion.relation == "follow_up" for hit in hits),
        fault=FeedFault.INTERNAL if failed else parsed.fault,
        error=error,
        entries=len(parsed.articles),
    )


def _count(result: PollResult, seconds: float) -> None:
    POLLS.labels(outcome=result.outcome).inc()
    POLL_SECONDS.observe(seconds)
    ARTICLES.inc(result.new_articles)
    if result.follow_ups:
        HITS.labels(relation="follow_up").inc(result.follow_ups)
    if result.fault is not None:
        FAULTS.labels(fault=result.fault).inc()
    logger.info(
        "polled",
        extra={
            "feed": result.feed_id,
            "outcome": result.outcome,
            "new_articles": result.new_articles,
            "hits": result.hits,
            **({"fault": result.fault, "error": result.error} if result.fault else {}),
        },
    )
