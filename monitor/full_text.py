"""`FullTextReader.complete`: the page behind an entry, where the feed gives too little.

It stands between parsing and storing: an article that got its text is matched with it, once, and
rings once. Whatever goes wrong with a page, the entry is stored as the feed gave it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from model.clock import Clock
from model.errors import FeedFault, FetchError
from model.records import Article, Feed, FeedId, FullText
from model.text import detect_language
from monitor.fetching import Fetched, Fetcher
from monitor.matching import Matcher
from monitor.metrics import PAGES
from monitor.page_text import PageText, read_page
from monitor.robots import Robots
from monitor.scoring import score_match
from monitor.urls import host_key
from storage.database import Database
from storage.unit_of_work import UnitOfWork, reading

logger = logging.getLogger(__name__)

MOST_PAGES = {FullText.AUTO: 10, FullText.ALWAYS: 40}  # of one poll
PATIENCE = timedelta(seconds=10)  # for all pages of one poll: news does not wait for them
READING = timedelta(seconds=5)  # for one page, once it is here
MOST_BYTES = 3_000_000  # of one page
SHORT = 400  # letters, a Han character counted as three: less says too little to be judged by
WEAK = 0.75  # a match below this score wants more evidence
FRESH = timedelta(hours=48)
RESTS = timedelta(hours=1)  # for a host that cannot be reached
MOST_REMEMBERED = 500  # pages
MOST_HOSTS = 5_000
OPAQUE = frozenset({"news.google.com"})  # pages that only lead elsewhere, by script
ACCEPT = ("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1")
_HTML = re.compile(rb"<!doctype\s+html|<html", re.IGNORECASE)
_HAN = re.compile("[\u3400-\u9fff]")


class FullTextReader:
    """Fetches articles' pages, politely and never twice."""

    def __init__(self, database: Database, fetcher: Fetcher, clock: Clock) -> None:
        self._database = database
        self._fetcher = fetcher
        self._clock = clock
        self._robots = Robots(fetcher, clock)
        self._readers = ThreadPoolExecutor(max_workers=1, thread_name_prefix="page")
        self._pages: OrderedDict[tuple[str, str], PageText | None] = OrderedDict()
        self._known: dict[FeedId, frozenset[int]] = {}  # entries that the database has
        self._rests: OrderedDict[str, datetime] = OrderedDict()  # hosts, and until when
        self._hosts: dict[str, asyncio.Lock] = {}

    def close(self) -> None:
        """Let the reading thread go."""
        self._readers.shutdown(wait=False, cancel_futures=True)

    async def complete(
        self, feed: Feed, articles: tuple[Article, ...], matcher: Matcher
    ) -> tuple[Article, ...]:
        """Return the articles, those that need it with the text of their page."""
        if feed.full_text is FullText.NEVER:
            return articles
        unseen = self._unseen(feed, articles)
        if not unseen:
            return articles
        wanted = await asyncio.to_thread(self._choose, feed, unseen, matcher)
        found: dict[str, Article] = {}
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await asyncio.gather(*(self._complete_one(feed, each, found) for each in wanted))
        except TimeoutError:
            PAGES.labels(outcome="late").inc(len(wanted) - len(found))
        return tuple(found.get(each.entry_id, each) for each in articles)

    # --- choosing -----------------------------------------------------------------

    def _unseen(self, feed: Feed, articles: Sequence[Article]) -> list[Article]:
        """Return what the database was not found to have; remembered, so a poll costs nothing."""
        known = self._known.get(feed.id, frozenset())
        self._known[feed.id] = known.intersection(map(_mark, articles))  # what left the feed, goes
        return [each for each in articles if _mark(each) not in known]

    def _choose(self, feed: Feed, articles: Sequence[Article], matcher: Matcher) -> list[Article]:
        """Return the articles whose page is wanted, the most needed first, up to the cap."""
        with reading(self._database) as work:
            seen = work.articles.known(feed.id, [each.entry_id for each in articles])
            here = [
                each
                for each in articles
                if each.entry_id in seen and seen[each.entry_id][1] == each.text_hash
            ]
            self._known[feed.id] |= frozenset(map(_mark, here))
            fresh = [
                each
                for each in articles
                if each not in here and _has_page(each) and not _is_stored(work, each)
            ]
        now = self._clock.now()
        ranked = [(rank, each) for each in fresh if (rank := _need(feed, each, matcher, now))]
        ranked.sort(key=lambda pair: (pair[0], pair[1].published_at or now), reverse=True)
        return [each for _, each in ranked[: MOST_PAGES[feed.full_text]]]

    # --- fetching -----------------------------------------------------------------

    async def _complete_one(self, feed: Feed, article: Article, found: dict[str, Article]) -> None:
        page = await self._page(feed, article)
        if page is not None:
            found[article.entry_id] = completed(article, page, feed)

    async def _page(self, feed: Feed, article: Article) -> PageText | None:
        key = (article.canonical_url, article.text_hash)
        if key in self._pages:
            return self._pages[key]
        try:
            page = await self._ask(feed, article.url)
            outcome = "none" if page is None else "read"
        except FetchError as error:
            self._rest(article.url, error)
            page, outcome = None, "failed"
        except Exception:
            # The edge: a page that trips us must not cost the entry.
            logger.exception("reading a page failed", extra={"feed": feed.id})
            page, outcome = None, "failed"
        PAGES.labels(outcome=outcome).inc()
        self._pages[key] = page
        while len(self._pages) > MOST_REMEMBERED:
            self._pages.popitem(last=False)
        return page

    async def _ask(self, feed: Feed, url: str) -> PageText | None:
        """Fetch and read one page; None where we may not, or not now."""
        host = host_key(url)
        lock = self._hosts.setdefault(host, asyncio.Lock())
        async with lock:  # a page at a time, so that the host's pause can be kept
            if self._rests.get(host, self._clock.now()) > self._clock.now():
                return None
            if not await self._robots.allows(url, feed.proxy):
                return None
            answer = await self._fetcher.fetch(_as_feed(feed, url), body_bytes=MOST_BYTES)
            pause = await self._robots.pause(url, feed.proxy)
            if pause:
                self._hold(host, self._clock.now() + pause)
        if not isinstance(answer, Fetched) or not await self._may_keep(feed, url, answer.url):
            return None
        if not _is_page(answer):
            return None
        read = partial(
            read_page,
            answer.body,
            answer.content_type,
            encoding=None if host_key(answer.url) != host_key(feed.url) else feed.encoding,
            timezone=feed.timezone,
            now=self._clock.now(),
        )
        reading_it = asyncio.get_running_loop().run_in_executor(self._readers, read)
        return await asyncio.wait_for(reading_it, READING.total_seconds())

    async def _may_keep(self, feed: Feed, asked: str, came_from: str) -> bool:
        """Ask the host that a redirect led to as well."""
        if host_key(asked) == host_key(came_from):
            return True
        return await self._robots.allows(came_from, feed.proxy)

    def _rest(self, url: str, error: FetchError) -> None:
        """Leave a host alone that cannot be reached, or says that we ask too much."""
        unreachable = error.status is None and error.fault is not FeedFault.TOO_LARGE
        if unreachable or error.retry_after or (error.status or 0) in {403, 429, 503}:
            self._hold(host_key(url), self._clock.now() + (error.retry_after or RESTS))

    def _hold(self, host: str, until: datetime) -> None:
        self._rests[host] = until
        while len(self._rests) > MOST_HOSTS:
            gone, _ = self._rests.popitem(last=False)
            self._hosts.pop(gone, None)


def completed(article: Article, page: PageText, feed: Feed) -> Article:
    """Return an article with its page's text, where that says more.

    The hash stays the feed's: as long as the feed says the same, the article is the same.
    """
    text = page.text if len(page.text) > len(article.text) else article.text
    title = article.title or page.title
    return replace(
        article,
        title=title,
        text=text,
        language=detect_language(f"{title}\n{text}", feed.language),
        published_at=article.published_at or page.published_at,
    )


def size(text: str) -> int:
    """Return how much a text says: letters, a Han character counted as three."""
    return len(text) + 2 * len(_HAN.findall(text[: SHORT * 2]))


def _need(feed: Feed, article: Article, matcher: Matcher, now: datetime) -> int:
    """Return how much an article needs its page; 0: not at all."""
    found = matcher.find(article)
    short = size(article.text) < SHORT
    weak = bool(found) and max(score_match(article, each) for each in found) < WEAK
    if weak or (found and short):
        return 3 if weak else 2
    fresh = article.published_at is None or now - article.published_at <= FRESH
    return int(feed.full_text is FullText.ALWAYS or (short and fresh))


def _mark(article: Article) -> int:
    return hash((article.entry_id, article.text_hash))


def _is_stored(work: UnitOfWork, article: Article) -> bool:
    """Tell whether storing it will change nothing: another feed's, or word for word the same."""
    stored = work.articles.by_url(article.canonical_url or article.url)
    if not stored:
        return False
    first = stored[0].article
    return first.feed_id != article.feed_id or first.text_hash == article.text_hash


def _has_page(article: Article) -> bool:
    return bool(article.url) and urlsplit(article.url).hostname not in OPAQUE


def _is_page(answer: Fetched) -> bool:
    """Tell whether an answer is a page; one that does not say its type is looked at."""
    kind = (answer.content_type or "").partition(";")[0].strip().lower()
    if kind in {"", "application/octet-stream"}:
        return _HTML.search(answer.body[:1000]) is not None
    return kind in {"text/html", "application/xhtml+xml", "text/plain", "application/xml"}


def _as_feed(feed: Feed, url: str) -> Feed:
    """Return a page as something to fetch; the feed's own headers go to its own host only."""
    own: Iterable[tuple[str, str]] = feed.headers if host_key(url) == host_key(feed.url) else ()
    headers = (*(each for each in own if each[0].lower() != "accept"), ACCEPT)
    return replace(feed, url=url, headers=headers)
