"""Looking at feeds without storing anything: check, preview, discover."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from model.clock import Clock
from model.errors import FeedError, FeedFault
from model.records import Article, Feed
from monitor.discovery import Discovery, FoundFeed
from monitor.fetching import Fetched, Fetcher, NotModified
from monitor.parsing import ParsedFeed, parse_feed
from monitor.polling import Progress
from monitor.robots import Robots
from monitor.sitemap_index import with_children
from monitor.storing import PollOutcome, PollResult
from pledgewatch.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a feed, or its selectors, catch now."""

    feed: Feed
    came_from: str  # the address it came from in the end
    parsed: ParsedFeed


def fetcher_for(settings: Settings, clock: Clock) -> Fetcher:
    """Return what asks servers, as the settings say."""
    return Fetcher(clock, user_agent=settings.user_agent, allow_private=settings.allow_private)


async def check_feeds(
    settings: Settings, feeds: Sequence[Feed], clock: Clock, told: Progress
) -> tuple[PollResult, ...]:
    """Fetch and parse feeds, and store nothing."""

    async def check(feed: Feed, fetcher: Fetcher) -> PollResult:
        try:
            answer = await fetcher.fetch(feed)
            result = await _checked(fetcher, feed, answer, clock)
        except FeedError as error:
            result = PollResult(
                feed_id=feed.id,
                outcome=PollOutcome.FAILED,
                fault=error.fault,
                error=error.message,
            )
        told(result)
        return result

    async with fetcher_for(settings, clock) as fetcher:
        return tuple(await asyncio.gather(*(check(feed, fetcher) for feed in feeds)))


async def _checked(
    fetcher: Fetcher, feed: Feed, answer: Fetched | NotModified, clock: Clock
) -> PollResult:
    if isinstance(answer, NotModified):
        return PollResult(feed_id=feed.id, outcome=PollOutcome.NOT_MODIFIED)
    _, parsed = await _parsed(fetcher, feed, answer, clock)
    return PollResult(
        feed_id=feed.id,
        outcome=PollOutcome.WARNING if parsed.warning else PollOutcome.NEW,
        entries=len(parsed.articles),
        fault=parsed.fault,
        error=parsed.warning,
    )


async def _parsed(
    fetcher: Fetcher, feed: Feed, answer: Fetched, clock: Clock
) -> tuple[Fetched, ParsedFeed]:
    async def parse(feed: Feed, answer: Fetched) -> ParsedFeed:
        return await asyncio.to_thread(
            parse_feed, feed, answer.body, answer.content_type, answer.url, clock.now()
        )

    return await with_children(fetcher, feed, answer, parse)


async def preview_feed(settings: Settings, feed: Feed, clock: Clock) -> Preview:
    """Fetch and read one feed; raise FeedError."""
    async with fetcher_for(settings, clock) as fetcher:
        answer = await fetcher.fetch_at(feed, feed.url)
        if isinstance(answer, NotModified):  # an answer to a question that was not asked
            return Preview(feed=feed, came_from=feed.url, parsed=ParsedFeed(articles=()))
        whole, parsed = await _parsed(fetcher, feed, answer, clock)
    return Preview(feed=feed, came_from=whole.url, parsed=parsed)


def missing(article: Article) -> tuple[str, ...]:
    """Return which parts an article lacks; the text of a page's entry is rarely there."""
    parts = {
        "title": article.title,
        "link": article.url,
        "date": article.published_at,
        "text": article.text,
    }
    return tuple(name for name, value in parts.items() if not value)


async def discover_feeds(settings: Settings, url: str, clock: Clock) -> tuple[FoundFeed, ...]:
    """Return the feeds of a site; raise FeedError where it cannot be reached."""
    async with fetcher_for(settings, clock) as fetcher:
        discovery = Discovery(fetcher, Robots(fetcher, clock), clock)
        try:
            found = await discovery.discover(url if "://" in url else f"https://{url}")
        except FeedError as error:
            if "://" in url or error.fault not in {FeedFault.REFUSED, FeedFault.TLS}:
                raise
            found = await discovery.discover(f"http://{url}")
    return tuple(replace(each, title=" ".join(each.title.split())) for each in found)
