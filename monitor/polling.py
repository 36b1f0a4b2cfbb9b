"""One poll: what is due, several feeds at once, one at a time for each host."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from model.characters import writing
from model.clock import Clock
from model.errors import DatabaseUnusableError, FeedError, FeedFault, ParseError
from model.records import Feed, FeedId, FeedState
from monitor.fetching import Fetched, Fetcher, NotModified
from monitor.full_text import FullTextReader
from monitor.metrics import ARTICLES, FAULTS, HITS, POLL_SECONDS, POLLS
from monitor.parsing import ParsedFeed, parse_feed
from monitor.pipeline import Context
from monitor.sitemap_index import with_children
from monitor.storing import Polled, PollOutcome, PollResult, PollStore
from monitor.urls import host_key
from storage.database import Database
from storage.unit_of_work import reading

logger = logging.getLogger(__name__)

PARSE_DEADLINE = timedelta(seconds=30)
PARSERS = 2  # threads
DUE_AT_ONCE = 2_000  # feeds looked up in one go
UNDER_WAY = 320  # polls begun at a time, of those asked for together
_POLLS = {outcome: POLLS.labels(outcome=outcome) for outcome in PollOutcome}


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
        self._full_text = full_text  # None: what feeds say is all there is
        self._parsers = ThreadPoolExecutor(max_workers=PARSERS, thread_name_prefix="parse")
        self._parsing = asyncio.Semaphore(
            PARSERS
        )  # the deadline runs for those at work, not in line
        self._busy: set[FeedId] = set()
        self._tasks: set[asyncio.Task[PollResult]] = set()
        writing()  # made here once, and not by two parsing threads at a time
        self._store = PollStore(database, context, clock, writer, lambda: len(self._tasks))

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
        room = asyncio.Semaphore(UNDER_WAY)
        tasks: dict[int, asyncio.Task[PollResult]] = {}
        unstored: list[asyncio.Task[PollResult]] = []

        def ended(task: asyncio.Task[PollResult]) -> None:
            room.release()
            if not task.cancelled() and task.exception() is not None:
                unstored.append(task)
            elif told is not None:
                _tell(told, task)

        for place in _by_turns(feeds):
            await room.acquire()
            if unstored:
                break
            tasks[place] = self._begin(*feeds[place])
            tasks[place].add_done_callback(ended)
        return tuple(await asyncio.gather(*(tasks[place] for place in sorted(tasks))))

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
        """Fetch, parse and store one feed; everything it brings is in one transaction."""
        started = time.monotonic()
        try:
            result = await self._poll(feed, state)
        except FeedError as error:
            result = await self._store.store(Polled(feed=feed, state=state, answer=error))
        except DatabaseUnusableError:
            raise
        except Exception as error:
            # The edge: a mistake of ours with one feed must not stop the others.
            logger.exception("polling failed", extra={"feed": feed.id})
            fault = FeedError(FeedFault.INTERNAL, f"a mistake of ours: {type(error).__name__}")
            result = await self._store.store(Polled(feed=feed, state=state, answer=fault))
        _count(result, time.monotonic() - started)
        return result

    async def _poll(self, feed: Feed, state: FeedState) -> PollResult:
        answer = await self._fetcher.fetch(feed, state)
        if isinstance(answer, NotModified):
            return await self._store.store(Polled(feed=feed, state=state, answer=answer))
        parse = partial(self._parse, state.marks)
        answer, parsed = await with_children(self._fetcher, feed, answer, parse)
        answer = replace(answer, body=b"")  # it is not held until all is stored
        if self._full_text is not None:
            matcher = self._context().matcher
            articles = await self._full_text.complete(feed, parsed.articles, matcher)
            parsed = replace(parsed, articles=articles)
        polled = Polled(feed=feed, state=state, answer=answer, parsed=parsed)
        with self._fetcher.backlog.held():
            return await self._store.store(polled)

    async def _parse(self, marks: bytes, feed: Feed, answer: Fetched) -> ParsedFeed:
        """Parse off the event loop, up to a deadline; entries with these marks are left out."""
        body, kind, url, now = answer.body, answer.content_type, answer.url, self._clock.now()
        loop = asyncio.get_running_loop()
        with self._fetcher.backlog.held():
            async with self._parsing:
                parsing = loop.run_in_executor(
                    self._parsers, parse_feed, feed, body, kind, url, now, marks
                )
                try:
                    return await asyncio.wait_for(parsing, PARSE_DEADLINE.total_seconds())
                except TimeoutError as error:
                    message = "it takes too long to read"
                    raise ParseError(FeedFault.TOO_SLOW_TO_PARSE, message) from error


def _by_turns(feeds: Sequence[tuple[Feed, FeedState]]) -> list[int]:
    """Return the order to begin in: one feed of each host, then a second, and so on.

    A host with many feeds is asked for one at a time: they must not take all the room.
    """
    turns: Counter[str] = Counter()
    order = []
    for place, (feed, state) in enumerate(feeds):
        url = state.url or feed.url
        try:
            host = host_key(url)
        except ValueError:  # no address; fetching will say so
            host = url
        order.append((turns[host], place))
        turns[host] += 1
    return [place for _, place in sorted(order)]


def _tell(told: Progress, task: asyncio.Task[PollResult]) -> None:
    if not task.cancelled() and task.exception() is None:
        told(task.result())


def _count(result: PollResult, seconds: float) -> None:
    _POLLS[result.outcome].inc()
    POLL_SECONDS.observe(seconds)
    if result.new_articles:
        ARTICLES.inc(result.new_articles)
    if result.follow_ups:
        HITS.labels(relation="follow_up").inc(result.follow_ups)
    if result.fault is not None:
        FAULTS.labels(fault=result.fault).inc()
    if not logger.isEnabledFor(logging.INFO):
        return
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
