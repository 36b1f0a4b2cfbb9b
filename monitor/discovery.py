"""`discover`: the feeds of a site, found as a person would look for them.

In this order: what the page names in its head, what it links to, the places where feeds usually
are, and the sitemaps that robots.txt names. Each is asked, one at a time, and only what holds
articles is told. Guessed places are left alone where robots.txt says so.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree

from model.clock import Clock
from model.errors import FeedError, FeedFault, FetchError
from model.records import Article, Feed, FeedId, FeedKind, Language, PageSelectors
from monitor.decoding import decode
from monitor.fetching import Fetched, Fetcher, NotModified
from monitor.page_guess import FEWEST, guess_selectors
from monitor.parsing import ParsedFeed, parse_feed
from monitor.robots import Robots
from monitor.sitemap_index import with_children
from monitor.urls import absolute, canonical_url, host_key

MOST_ASKED = 24  # addresses of one site
MOST_LINKS = 12  # that merely look like feeds
MOST_SITEMAPS = 6
MOST_MARKUP = 1_000_000  # characters of a page
FEED_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/json",
        "application/xml",
        "text/xml",
    }
)
USUAL_PLACES = (
    "feed", "rss", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed.json", "feeds",
    "sitemap-news.xml", "news-sitemap.xml", "sitemap_news.xml",
)  # fmt: skip
_LOOKS_LIKE = re.compile(
    r"(?:^|[/._=-])(?:rss|feeds?|atom|rdf)(?:[/._?-]|\d*$)|\.(?:rss|atom|rdf)(?:$|\?)",
    re.IGNORECASE,
)
_SAYS = re.compile(r"\b(?:RSS|Atom)\b|订阅|訂閱")
# What tells us about the site's own server, so that no other place of it will do better.
_UNREACHABLE = frozenset(
    {
        FeedFault.DNS,
        FeedFault.REFUSED,
        FeedFault.TLS,
        FeedFault.FORBIDDEN_ADDRESS,
        FeedFault.BAD_URL,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that may be a feed, and why it may."""

    url: str
    why: str
    guessed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed of the site, as it answered."""

    url: str
    why: str
    title: str
    kind: FeedKind
    language: Language
    entries: int
    titled: int  # entries with a title; a plain sitemap has none
    newest: datetime | None
    page: PageSelectors | None = None  # only for a page, guessed


def feed_links(markup: str, base: str) -> list[Candidate]:
    """Return the feeds that a page names, then the links on it that look like feeds. Pure."""
    root = _tree(markup)
    if root is None:
        return []
    base = next((absolute(base, each.get("href", "")) for each in root.iter("base")), "") or base
    named = [
        Candidate(url=url, why="the page names it")
        for link in root.iter("link")
        if _is_alternate(link) and (url := absolute(base, link.get("href") or ""))
    ]
    linked = [
        Candidate(url=url, why="the page links to it")
        for link in root.iter("a")
        if _looks_like_a_feed(link) and (url := absolute(base, link.get("href") or ""))
    ]
    return [*named, *linked[:MOST_LINKS]]


def _tree(markup: str) -> etree._Element | None:
    parser = etree.HTMLParser(recover=True, no_network=True, huge_tree=False)
    try:
        parser.feed(markup[:MOST_MARKUP])
        return parser.close()
    except (etree.LxmlError, ValueError, LookupError, AssertionError):
        return None


def _is_alternate(link: etree._Element) -> bool:
    relations = (link.get("rel") or "").lower().split()
    kind = (link.get("type") or "").partition(";")[0].strip().lower()
    return ("alternate" in relations and kind in FEED_TYPES) or "feed" in relations


def _looks_like_a_feed(link: etree._Element) -> bool:
    address = (link.get("href") or "")[:2000]
    if address.startswith(("#", "mailto:", "javascript:")):
        return False
    said = "".join(link.itertext())[:100]
    path = address.partition("//")[2].partition("/")[2] if "//" in address else address
    return bool(_LOOKS_LIKE.search(path) or _SAYS.search(said))


def usual_places(url: str) -> Iterator[Candidate]:
    """Yield where feeds usually are: beside a page, then at the top of its site. Pure."""
    path = urlsplit(url).path
    folder = path if path.endswith("/") else path.rpartition("/")[0] + "/"
    if len(folder) > 1:
        for name in ("feed", "rss.xml"):
            yield Candidate(url=absolute(url, folder + name), why="a usual place", guessed=True)
    for name in USUAL_PLACES:
        yield Candidate(url=absolute(url, f"/{name}"), why="a usual place", guessed=True)


class Discovery:
    """Looks for the feeds of one site."""

    def __init__(self, fetcher: Fetcher, robots: Robots, clock: Clock) -> None:
        self._fetcher = fetcher
        self._robots = robots
        self._clock = clock

    async def discover(self, url: str) -> tuple[FoundFeed, ...]:
        """Return the site's feeds, the surest first; the address itself, where it is a feed.

        Raises FeedError where the site cannot be reached at all.
        """
        itself = Candidate(url=url, why="the address itself")
        pages: list[tuple[str, str]] = []
        found = await self._look_at(itself, url, pages)
        if found is not None:
            return (found,)
        if urlsplit(url).path not in {"", "/"}:
            await self._look_at(itself, absolute(url, "/"), pages)
        candidates = [each for base, markup in pages for each in feed_links(markup, base)]
        candidates += usual_places(pages[0][0] if pages else url)
        candidates += await self._sitemaps(url)
        found_feeds = await self._ask_all(_distinct(candidates))
        if any(each.titled for each in found_feeds) or not pages:
            return found_feeds
        guessed = await asyncio.to_thread(guess_page, *pages[0], self._clock.now())
        return found_feeds if guessed is None else (guessed, *found_feeds)

    async def _look_at(
        self, itself: Candidate, address: str, pages: list[tuple[str, str]]
    ) -> FoundFeed | None:
        """Ask for a page; a feed is returned, a page is put to the others."""
        try:
            answer = await self._fetch(address)
        except FetchError as error:
            if error.fault in _UNREACHABLE and address == itself.url:
                raise
            return None
        if address == itself.url:
            try:
                return await self._read(itself, answer)
            except FeedError:
                pass
        pages.append((answer.url, decode(answer.body, answer.content_type)[0]))
        return None

    async def _fetch(self, url: str) -> Fetched:
        answer = await self._fetcher.fetch(_as_feed(url))
        if isinstance(answer, NotModified):
            raise FetchError(FeedFault.HTTP_ERROR, "it says that nothing changed")
        return answer

    async def _sitemaps(self, url: str) -> list[Candidate]:
        named = await self._robots.sitemaps(url)
        news_first = sorted(named, key=lambda each: "news" not in each.lower())
        found = (absolute(url, each) for each in news_first[:MOST_SITEMAPS])
        return [Candidate(url=each, why="robots.txt names it") for each in found if each]

    async def _ask_all(self, candidates: Sequence[Candidate]) -> tuple[FoundFeed, ...]:
        found: list[FoundFeed] = []
        known: list[frozenset[str]] = []
        for each in candidates[:MOST_ASKED]:
            if each.guessed and not await self._robots.allows(each.url):
                continue
            try:
                answer = await self._fetch(each.url)
                articles: list[Article] = []
                feed = await self._read(each, answer, articles)
            except FeedError:
                continue
            inside = frozenset(article.canonical_url or article.title for article in articles)
            if feed is not None and inside not in known:  # the same in another format
                known.append(inside)
                found.append(feed)
        return tuple(sorted(found, key=lambda each: each.titled == 0))

    async def _read(
        self, candidate: Candidate, answer: Fetched, articles: list[Article] | None = None
    ) -> FoundFeed | None:
        """Read an answer; None where it holds nothing. Raises FeedError where it is no feed."""

        async def parse(feed: Feed, answer: Fetched) -> ParsedFeed:
            now = self._clock.now()
            return parse_feed(feed, answer.body, answer.content_type, answer.url, now)

        whole, parsed = await with_children(self._fetcher, _as_feed(candidate.url), answer, parse)
        if not parsed.articles:
            return None
        if articles is not None:
            articles += parsed.articles
        return FoundFeed(
            url=whole.moved_to or candidate.url,
            why=candidate.why,
            title=parsed.title or urlsplit(candidate.url).hostname or "",
            kind=FeedKind.SITEMAP if parsed.is_sitemap else FeedKind.FEED,
            language=_language(parsed.articles),
            entries=len(parsed.articles),
            titled=sum(bool(each.title) for each in parsed.articles),
            newest=max((a.published_at for a in parsed.articles if a.published_at), default=None),
        )


def guess_page(url: str, markup: str, now: datetime) -> FoundFeed | None:
    """Return a page read by guessed selectors; None where it has no list of headlines. Pure."""
    root = _tree(markup)
    selectors = None if root is None else guess_selectors(root, markup[:MOST_MARKUP], url, now)
    if root is None or selectors is None:
        return None
    feed = replace(_as_feed(url), kind=FeedKind.PAGE, page=selectors)
    articles = parse_feed(
        feed, markup.encode("utf-8", "replace"), "charset=utf-8", url, now
    ).articles
    if len(articles) < FEWEST:
        return None
    return FoundFeed(
        url=url,
        why="its list of headlines; look at it with `feeds preview`",
        title=" ".join("".join(next(root.iter("title"), root).itertext()).split())[:120],
        kind=FeedKind.PAGE,
        language=_language(articles),
        entries=len(articles),
        titled=sum(bool(each.title) for each in articles),
        newest=max((each.published_at for each in articles if each.published_at), default=None),
        page=selectors,
    )


def _distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return each address once, the first reason kept; only web addresses."""
    found: dict[str, Candidate] = {}
    for each in candidates:
        key = canonical_url(each.url)
        if key and host_key(each.url):
            found.setdefault(key, each)
    return list(found.values())


def _language(articles: Sequence[Article]) -> Language:
    """Return what most entries are written in; unknown where none is above two thirds."""
    (language, count), *_ = Counter(each.language for each in articles).most_common(1)
    return language if count * 3 >= len(articles) * 2 else Language.UNKNOWN


def _as_feed(url: str) -> Feed:
    return Feed(id=FeedId("discovery"), url=url, title="", language=Language.UNKNOWN)
