"""What is fed, and what must hold of each answer: named errors only, and the promises kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from unittest.mock import patch
from urllib.parse import urlsplit

from protego import Protego
from yarl import URL

from model.errors import FeedError, ParseError
from model.records import Feed, FeedKind, Language, PageSelectors
from model.watchlist_feeds import NewFeed, add_feeds, feed_id
from model.watchlist_yaml import read_yaml
from monitor import extraction, parsing
from monitor.addresses import AddressGuard
from monitor.cleaning import MOST_ENTRIES
from monitor.decoding import decode, without_declaration
from monitor.discovery import feed_links, guess_page
from monitor.extraction import densest_block, one_line, page_facts, plain_text
from monitor.feed_dates import AHEAD, EARLIEST, read_date
from monitor.fetching import _literal
from monitor.opml import read_opml, write_opml
from monitor.page_guess import FEWEST
from monitor.page_text import read_page
from monitor.parsing import parse_feed
from monitor.plain_dates import read_plain_date
from monitor.politeness import hints_of, retry_after
from monitor.sitemaps import child_sitemaps, is_index, sitemap_entries
from monitor.unpacking import Inflater
from monitor.urls import absolute, canonical_url, host_key, unwrap, without_secrets
from tests.builders import a_feed

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BASE = "https://feed.example.org/rss"
SELECTORS = PageSelectors(item="li", title="a", link="a", date=".date", text="p")
HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
Target = Callable[[bytes], None]


def feed(data: bytes) -> None:
    """Read a feed; what came out is clean, absolute, dated within reason, each id once."""
    try:
        parsed = parse_feed(a_feed(timezone="Asia/Shanghai"), data, None, BASE, NOW)
    except ParseError:
        return
    ids = [each.entry_id for each in parsed.articles]
    assert len(set(ids)) == len(ids) <= MOST_ENTRIES
    for each in parsed.articles:
        assert not HIDDEN.search(each.title), each.title
        assert not HIDDEN.search(each.text), each.text
        assert "\n" not in each.title
        assert not each.url or each.url.startswith(("http://", "https://")), each.url
        assert each.entry_id
        assert len(each.entry_id) <= 1000 + len(each.canonical_url) + 1
        assert each.published_at is None or EARLIEST <= each.published_at <= NOW + AHEAD


def both_ways(data: bytes) -> None:
    """Read a feed by the fast and by the tolerant way: the same, wherever the fast one answers."""
    assert _read(data) == _read(data, tolerant=True)


def _read(data: bytes, *, tolerant: bool = False) -> object:
    with ExitStack() as stack:
        if tolerant:
            stack.enter_context(patch.object(parsing, "read_plain_feed", lambda *_: None))
            _by_soup(stack)
        try:
            parsed = parse_feed(a_feed(), data, None, BASE, NOW)
        except ParseError as error:
            return error.fault
    return replace(parsed, marks=b"")  # of raw fields, which both spell differently


def _by_soup(stack: ExitStack) -> None:
    """Leave all cleaning to BeautifulSoup."""
    stack.enter_context(patch.object(extraction, "_tree", lambda _: None))
    stack.enter_context(patch.object(extraction, "read_plain_html", lambda _: None))


def page(data: bytes) -> None:
    """Read a page by selectors."""
    chosen = replace(a_feed(), kind=FeedKind.PAGE, page=SELECTORS)
    try:
        parse_feed(chosen, data, "text/html", BASE, NOW)
    except ParseError:
        return


def charset(data: bytes) -> None:
    """Decode: never fails, and what is clean UTF-8 stays as it is."""
    for said in (None, "text/xml; charset=gb2312", "text/html; charset=utf-16", "charset=\udcff"):
        text, name = decode(data, said)
        assert isinstance(text, str), name
        without_declaration(text)


def cleaning(data: bytes) -> None:
    """Clean markup: no control character, no direction mark is left."""
    text = decode(data, "text/html")[0]
    for found in (plain_text(text), one_line(text), densest_block(text)):
        assert not HIDDEN.search(found)
    with ExitStack() as stack:
        _by_soup(stack)
        slowly = plain_text(text)
    assert plain_text(text) == slowly
    for value in page_facts(text).values():
        assert isinstance(value, str)


def article_page(data: bytes) -> None:
    """Read an article's page."""
    found = read_page(data, "text/html", encoding=None, timezone="Asia/Shanghai", now=NOW)
    assert not HIDDEN.search(found.text)


def date(data: bytes) -> None:
    """Read a date: none, or one that can be believed, in UTC."""
    text = data.decode("utf-8", "replace")
    plainly = read_plain_date(text)
    if plainly is not None and EARLIEST <= plainly <= NOW + AHEAD:
        assert plainly == read_date(text, None, NOW)
    for zone in (None, "Asia/Shanghai"):
        found = read_date(text, zone, NOW)
        assert found is None or EARLIEST <= found <= NOW + AHEAD
        assert found is None or found.utcoffset() == UTC.utcoffset(None)


def address(data: bytes) -> None:
    """Read an address: only http(s) without a password comes out, canonical stays canonical."""
    text = data.decode("utf-8", "replace")
    joined = absolute(BASE, text)
    assert not joined or joined.startswith(("http://", "https://"))
    if joined:
        assert "@" not in urlsplit(joined).netloc, joined
        assert host_key(joined)
    once = canonical_url(joined)
    assert canonical_url(once) == once or unwrap(once) != once
    assert unwrap(unwrap(joined)) == unwrap(joined)
    without_secrets(text)
    _guarded(joined or text)


def _guarded(text: str) -> None:
    """Tell how the client reads a host; what is an address of our own network is never let by."""
    try:
        host = URL(text).raw_host or ""
    except (ValueError, IndexError):
        return
    literal = _literal(host)
    guard = AddressGuard()
    if literal is not None and literal.startswith(("127.", "10.", "192.168.", "169.254.")):
        assert not guard.allows(host, 80, literal)


def headers(data: bytes) -> None:
    """Read what an answer's head says of time."""
    text = data.decode("latin-1")
    waited = retry_after(text, NOW)
    assert waited is None or 0 <= waited.total_seconds() <= 86_400
    hints_of({"Cache-Control": text, "Expires": text})


def unpacking(data: bytes) -> None:
    """Undo a Content-Encoding piece by piece: never more than the bound comes out."""
    for name in ("gzip", "deflate", "", "br"):
        try:
            inflater = Inflater(name, 50_000)
            for start in range(0, len(data), 97):
                inflater.feed(data[start : start + 97])
            assert len(inflater.finish()) <= 50_000
        except FeedError:
            continue


def sitemap(data: bytes) -> None:
    """Read a sitemap, or an index of them."""
    text = decode(data, None)[0]
    for entry in sitemap_entries(text):
        assert entry["link"]
    if is_index(text):
        assert all(each.url for each in child_sitemaps(text))


def opml(data: bytes) -> None:
    """Read OPML; what was read can be written, and is read again as it was."""
    try:
        found = read_opml(data)
    except ParseError:
        return
    feeds = [
        Feed(id=f"f{n}", url=each.url, title=each.title, language=each.language or Language.UNKNOWN)
        for n, each in enumerate(found.feeds)
    ]
    again = read_opml(write_opml(feeds, "x", NOW).encode())
    assert len(again.feeds) == len(found.feeds)


def links(data: bytes) -> None:
    """Look for feeds on a page."""
    text = decode(data, "text/html")[0]
    for each in feed_links(text, BASE):
        assert each.url.startswith(("http://", "https://"))
    guessed = guess_page(BASE, text, NOW)
    assert guessed is None or guessed.entries >= FEWEST


def robots(data: bytes) -> None:
    """Read a robots.txt and ask it."""
    rules = Protego.parse(data.decode("utf-8-sig", "replace"))
    rules.can_fetch("https://x.example.org/a/b.php?x=1", "Pledgewatch")
    rules.crawl_delay("Pledgewatch")
    assert list(rules.sitemaps) is not None


def watchlist(data: bytes) -> None:
    """Add a feed to a file: what was there stays, and the new one is read as it was meant."""
    text = data.decode("utf-8", "replace")
    before = read_yaml("watchlist", text)
    had = before.value.get("feeds") if isinstance(before.value, dict) else None
    title = text[:40]
    new = NewFeed(
        id=feed_id(title, BASE, ()), url=BASE, title=title or "x", language=Language.ENGLISH
    )
    try:
        after = read_yaml("watchlist", add_feeds(text, [new]))
    except ValueError:
        return
    if any(not each.warning for each in after.problems) or not isinstance(after.value, dict):
        return  # the command refuses to write what cannot be read
    feeds = after.value["feeds"]
    assert isinstance(feeds, list), feeds
    kept = had if isinstance(had, list) else []
    assert feeds[:-1] == kept, (kept, feeds)
    assert feeds[-1]["url"] == BASE
    assert feeds[-1]["id"] == new.id


TARGETS: dict[str, tuple[str, Target]] = {
    "feed": ("feed", feed),
    "both_ways": ("feed", both_ways),
    "page": ("markup", page),
    "charset": ("feed", charset),
    "cleaning": ("markup", cleaning),
    "article_page": ("markup", article_page),
    "date": ("date", date),
    "address": ("address", address),
    "headers": ("date", headers),
    "unpacking": ("feed", unpacking),
    "sitemap": ("feed", sitemap),
    "opml": ("opml", opml),
    "links": ("markup", links),
    "robots": ("robots", robots),
    "watchlist": ("watchlist", watchlist),
}
