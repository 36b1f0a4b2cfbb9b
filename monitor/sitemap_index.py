"""`with_children`: an index of sitemaps, read through to its newest sitemaps.

An index is asked for anew at each poll: many give no time, or the same all day, while the sitemaps
that it names change.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from model.errors import FeedError, FeedFault, FetchError
from model.records import Article, Feed, FeedKind, Validators
from monitor.cleaning import MOST_ENTRIES
from monitor.fetching import Fetched, Fetcher, NotModified
from monitor.parsing import ParsedFeed
from monitor.urls import absolute

MOST_CHILDREN = 4  # sitemaps of one poll, whatever the index names
DEEPEST = 2  # indexes above a sitemap

Parse = Callable[[Feed, Fetched], Awaitable[ParsedFeed]]


async def with_children(
    fetcher: Fetcher, feed: Feed, answer: Fetched, parse: Parse
) -> tuple[Fetched, ParsedFeed]:
    """Parse an answer; of an index also its newest sitemaps, one after the other.

    Raises the first error where none of them can be read.
    """
    parsed = await parse(feed, answer)
    if not parsed.children:
        return answer, parsed
    found: list[ParsedFeed] = []
    errors: list[FeedError] = []
    ahead = [(url, 1) for url in _addresses(parsed, answer)]
    asked: set[str] = {answer.url}
    while ahead and len(asked) <= MOST_CHILDREN:
        url, depth = ahead.pop(0)
        if url in asked:
            continue
        asked.add(url)
        try:
            child = await _fetch(fetcher, feed, url)
            inside = await parse(feed, child)
        except FeedError as error:
            errors.append(error)
            continue
        if inside.children and depth < DEEPEST:  # its newest stand before what is older here
            ahead = [(each, depth + 1) for each in _addresses(inside, child)] + ahead
        found.append(inside)
    if errors and not any(each.entries for each in found):
        raise errors[0]
    return replace(answer, validators=Validators()), _together(parsed, found, errors)


def _addresses(parsed: ParsedFeed, answer: Fetched) -> list[str]:
    joined = (absolute(answer.url, each) for each in parsed.children)
    return [each for each in joined if each]


async def _fetch(fetcher: Fetcher, feed: Feed, url: str) -> Fetched:
    """Fetch a child; the feed's own headers go to its own host only, as for any hop."""
    child = replace(feed, kind=FeedKind.SITEMAP, page=None)
    answer = await fetcher.fetch_at(child, url)
    if isinstance(answer, NotModified):
        raise FetchError(FeedFault.HTTP_ERROR, "it says that nothing changed, and was not asked")
    return answer


def _together(
    index: ParsedFeed, found: Sequence[ParsedFeed], errors: Sequence[FeedError]
) -> ParsedFeed:
    articles: dict[str, Article] = {}
    for parsed in found:
        for article in parsed.articles:
            articles.setdefault(article.entry_id, article)
    newest = sorted(articles.values(), key=_newest, reverse=True)[:MOST_ENTRIES]
    whole = replace(
        index,
        articles=tuple(newest),
        entries=sum(each.entries for each in found),
        marks=b"".join(each.marks for each in found),
        warning=None,
        fault=None,
    )
    if errors:
        first = errors[0]
        said = f"{len(errors)} of the sitemaps that it names cannot be read: {first.message}"
        return replace(whole, warning=said, fault=first.fault)
    if not whole.entries:
        said = "the feed answers, but the sitemaps that it names have no entries"
        return replace(whole, warning=said, fault=FeedFault.EMPTY)
    cut = next((each for each in found if each.fault is FeedFault.TRUNCATED), None)
    return whole if cut is None else replace(whole, warning=cut.warning, fault=cut.fault)


def _newest(article: Article) -> float:
    return article.published_at.timestamp() if article.published_at else 0.0
