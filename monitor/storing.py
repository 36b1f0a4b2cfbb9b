"""What polls brought, stored: all that waits in one transaction, in the one thread that writes.

A poll that finds nothing costs no transaction of its own. What one poll brought is stored whole or
not at all, validators and marks with the articles; where polls cannot be stored together, each is
stored alone.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate, takewhile

from model.clock import Clock
from model.errors import DatabaseUnusableError, FeedError, FeedFault
from model.records import Article, Feed, FeedId, FeedState, Hit, Relation, Watchlist
from monitor.fetching import Fetched, NotModified
from monitor.parsing import ParsedFeed
from monitor.pipeline import Context, process_article, store_quiet
from monitor.politeness import host_wait
from monitor.poll_states import after_answer, after_fault, after_unchanged, covers_until
from monitor.urls import host_key
from storage.articles import Arrival
from storage.coverage import Look
from storage.database import Database
from storage.unit_of_work import UnitOfWork, begin

logger = logging.getLogger(__name__)

FRESH = timedelta(hours=48)  # a feed's first poll tells only of what is younger
TOGETHER, ARTICLES = 128, 600  # polls in one transaction, and their articles
GATHERING = timedelta(milliseconds=100)  # how long a poll waits for others to be stored with
TRIED_ALONE = 2  # polls, before a database is taken to be unusable

NOTHING = ParsedFeed(articles=())


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """One poll that waits to be stored: what the server answered, or how it failed."""

    feed: Feed
    state: FeedState  # before
    answer: Fetched | NotModified | FeedError
    parsed: ParsedFeed = NOTHING

    @property
    def is_first(self) -> bool:
        """Tell whether the feed never answered before."""
        return self.state.last_success_at is None


@dataclass(slots=True)
class _Brought:
    """What became of one poll's articles."""

    arrived: int = 0
    hits: list[Hit] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class PollStore:
    """Stores polls; many that come at once share a transaction."""

    def __init__(
        self,
        database: Database,
        context: Callable[[], Context],
        clock: Clock,
        writer: ThreadPoolExecutor,
        under_way: Callable[[], int],
    ) -> None:
        self._database = database
        self._context = context
        self._clock = clock
        self._writer = writer
        self._under_way = under_way  # polls that have not ended, those that wait here included
        self._waiting: list[tuple[Polled, asyncio.Future[PollResult]]] = []
        self._enough = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None

    async def store(self, polled: Polled) -> PollResult:
        """Store one poll; raise what kept it from being stored."""
        stored: asyncio.Future[PollResult] = asyncio.get_running_loop().create_future()
        self._waiting.append((polled, stored))
        if self._is_enough():
            self._enough.set()
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await stored

    async def _write(self) -> None:
        """Store all that waits, and what comes meanwhile."""
        while self._waiting:
            self._enough.clear()
            if not self._is_enough():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._enough.wait(), GATHERING.total_seconds())
            batch = self._take()
            for (_, stored), result in zip(batch, await self._stored(batch), strict=True):
                if stored.done():  # cancelled: the poll is stored all the same
                    continue
                if isinstance(result, Exception):
                    stored.set_exception(result)
                else:
                    stored.set_result(result)
        self._writing = None

    def _take(self) -> list[tuple[Polled, asyncio.Future[PollResult]]]:
        """Take what fits into one transaction out of what waits."""
        articles = accumulate(len(polled.parsed.articles) for polled, _ in self._waiting)
        fitting = max(sum(1 for _ in takewhile(lambda count: count <= ARTICLES, articles)), 1)
        batch = self._waiting[: min(fitting, TOGETHER)]
        self._waiting = self._waiting[len(batch) :]
        return batch

    def _is_enough(self) -> bool:
        """Tell whether a transaction is full, or nobody is on the way who could be waited for."""
        if len(self._waiting) >= min(TOGETHER, self._under_way()):
            return True
        return sum(len(polled.parsed.articles) for polled, _ in self._waiting) >= ARTICLES

    async def _stored(
        self, batch: Sequence[tuple[Polled, object]]
    ) -> Sequence[PollResult | Exception]:
        polls = [polled for polled, _ in batch]
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self._writer, store_polls, self._database, self._context(), self._clock, polls
            )
        except Exception as error:  # noqa: BLE001 - the edge: handed to each of those who wait
            return [error] * len(polls)


# --- in the thread that writes -----------------------------------------------------


def store_polls(
    database: Database, context: Context, clock: Clock, polls: Sequence[Polled]
) -> list[PollResult | Exception]:
    """Store polls in one transaction, or each in its own; what cannot be stored is an error."""
    try:
        return list(_store(database, context, clock.now(), polls))
    except Exception as error:  # noqa: BLE001 - the edge: given back for each poll
        if len(polls) == 1:
            return [error]
        logger.warning("polls could not be stored together; each is stored alone")
    results: list[PollResult | Exception] = []
    for polled in polls:
        if len(results) == TRIED_ALONE and all(_is_unusable(each) for each in results):
            return [*results, *[results[0]] * (len(polls) - TRIED_ALONE)]
        results += store_polls(database, context, clock, [polled])
    return results


def _is_unusable(result: PollResult | Exception) -> bool:
    return isinstance(result, DatabaseUnusableError)


def _store(
    database: Database, context: Context, now: datetime, polls: Sequence[Polled]
) -> Iterator[PollResult]:
    """Store what is new, the validators with it: where an entry failed they are left out."""
    with begin(database) as work:
        brought = _store_articles(work, context, now, polls)
        states = [
            _state_after(polled, each, now) for polled, each in zip(polls, brought, strict=True)
        ]
        work.feeds.save_all(states)
        looks = zip(polls, states, brought, strict=True)
        work.coverage.record_all([_look(*each, now) for each in looks])
        for polled, state in zip(polls, states, strict=True):
            if isinstance(polled.answer, FeedError) and polled.answer.retry_after is not None:
                _hold_host(work, context.watchlist, polled.feed, state, now)
        work.commit()
    for polled, each in zip(polls, brought, strict=True):
        yield _result(polled, each)


def _store_articles(
    work: UnitOfWork, context: Context, now: datetime, polls: Sequence[Polled]
) -> list[_Brought]:
    """Store what names no commitment in one batch, and the rest one by one, oldest first."""
    articles = [each for polled in polls for each in polled.parsed.articles]
    if not articles:
        return [_Brought() for _ in polls]
    quiet, others = store_quiet(articles, context, work)
    by_feed: dict[FeedId, list[Article]] = {polled.feed.id: [] for polled in polls}
    for article in others:
        by_feed[article.feed_id].append(article)
    counted = dict.fromkeys(by_feed, 0)
    for article in quiet:
        counted[article.feed_id] += 1
    return [
        _store_one_by_one(
            work, context, now, polled, by_feed[polled.feed.id], counted[polled.feed.id]
        )
        for polled in polls
    ]


def _store_one_by_one(
    work: UnitOfWork,
    context: Context,
    now: datetime,
    polled: Polled,
    articles: Sequence[Article],
    arrived: int,
) -> _Brought:
    brought = _Brought(arrived=arrived)
    for article in sorted(articles, key=lambda each: each.published_at or each.fetched_at):
        tell = _is_told(article, now, first=polled.is_first)
        try:
            with work.savepoint():
                done = process_article(article, context, work, now, tell=tell)
        except DatabaseUnusableError:
            raise
        except Exception as error:
            # The edge: one entry that fails is rolled back alone, and comes again.
            logger.exception("an entry failed", extra={"feed": polled.feed.id})
            brought.failed.append(f"{article.entry_id[:80]}: {type(error).__name__}")
        else:
            brought.arrived += done.arrival is Arrival.NEW
            brought.hits += done.hits
    return brought


def _is_told(article: Article, now: datetime, *, first: bool) -> bool:
    """Tell whether an entry is news: on a feed's first poll only what is dated and fresh."""
    if not first:
        return True
    return article.published_at is not None and now - article.published_at <= FRESH


def _state_after(polled: Polled, brought: _Brought, now: datetime) -> FeedState:
    feed, state, answer = polled.feed, polled.state, polled.answer
    chance = random.random()  # noqa: S311 - spreads polls, keeps no secret
    if isinstance(answer, FeedError):
        return after_fault(feed, state, answer, now, chance)
    if isinstance(answer, NotModified):
        return after_unchanged(feed, state, answer, now, chance)
    return after_answer(
        feed, state, answer, polled.parsed, now, chance, brought.arrived, brought.failed
    )


def _look(polled: Polled, state: FeedState, brought: _Brought, now: datetime) -> Look:
    """Return what a poll proves: an answer with nothing in it is none."""
    if isinstance(polled.answer, FeedError):
        return Look(polled.feed.id, now, answered=False, articles=0)
    if isinstance(polled.answer, NotModified):
        answered = polled.state.fault != FeedFault.EMPTY
    else:
        answered = polled.parsed.entries > 0
    return Look(polled.feed.id, now, answered, brought.arrived, covers_until(state, now))


def _hold_host(
    work: UnitOfWork, watchlist: Watchlist, feed: Feed, state: FeedState, now: datetime
) -> None:
    """Let all feeds of a host wait, once several of them were told to."""
    host = host_key(state.url or feed.url)
    states = {each.feed_id: each for each in work.feeds.all()}
    feeds = {
        each.id: states[each.id]
        for each in watchlist.feeds
        if each.id in states and host_key(states[each.id].url or each.url) == host
    }
    until = host_wait(feeds.values(), now)
    if until is not None:
        work.feeds.hold(feeds, until)
        logger.warning("a host asks to be left alone", extra={"host": host, "until": until})


def _result(polled: Polled, brought: _Brought) -> PollResult:
    answer, parsed = polled.answer, polled.parsed
    if isinstance(answer, FeedError):
        return PollResult(
            feed_id=polled.feed.id,
            outcome=PollOutcome.FAILED,
            fault=answer.fault,
            error=answer.message,
        )
    if isinstance(answer, NotModified):
        return PollResult(feed_id=polled.feed.id, outcome=PollOutcome.NOT_MODIFIED)
    outcome = PollOutcome.NEW if brought.arrived else PollOutcome.NOTHING_NEW
    failed = brought.failed
    error = f"{len(failed)} entries failed: {failed[0]}" if failed else parsed.warning
    return PollResult(
        feed_id=polled.feed.id,
        outcome=PollOutcome.WARNING if error else outcome,
        new_articles=brought.arrived,
        hits=len(brought.hits),
        follow_ups=sum(hit.suggestion.relation is Relation.FOLLOW_UP for hit in brought.hits),
        fault=FeedFault.INTERNAL if failed else parsed.fault,
        error=error,
        entries=parsed.entries,
    )
