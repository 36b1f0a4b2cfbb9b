"""Bytes to articles, routed by content. The only module that imports feedparser."""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

import feedparser

from model.errors import FeedFault, ParseError
from model.records import Article, Feed, FeedKind
from monitor.cleaning import MOST_ENTRIES, clean
from monitor.decoding import decode, without_bad_references, without_declaration
from monitor.entries import Entry, unpack_marks, without_known
from monitor.extraction import page_items
from monitor.fast_feeds import read_plain_feed
from monitor.sitemaps import child_sitemaps, is_index, sitemap_entries

MOST_INFLATED = 50_000_000  # bytes of a feed stored compressed

_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[<>]*(\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_ROOT = re.compile(r"<\s*([A-Za-z_][\w.:-]*)")
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_FEED_ROOTS = frozenset({"rss", "feed", "rdf:rdf", "rdf", "channel", "urlset"})
_CLOSED = re.compile(r"</(?:rss|feed|rdf:RDF|RDF)\s*>\s*(?:<!--.*)?$", re.DOTALL | re.IGNORECASE)
_PADDING = "\ufeff \t\r\n\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """What one answer held."""

    articles: tuple[Article, ...]  # those whose mark was not known
    entries: int = 0  # the others counted too
    marks: bytes = b""  # of all entries
    title: str = ""
    hints: tuple[tuple[str, str], ...] = ()  # what the feed says of its pace
    warning: str | None = None  # an answer with nothing in it, or cut off
    fault: FeedFault | None = None  # the warning's kind
    children: tuple[str, ...] = ()  # of an index: its sitemaps, the newest first
    is_sitemap: bool = False


def parse_feed(
    feed: Feed,
    body: bytes,
    content_type: str | None,
    url: str,
    now: datetime,
    known: bytes = b"",
) -> ParsedFeed:
    """Read articles out of an answer; raise ParseError with what it was instead of a feed.

    `known` are the marks of an earlier answer's entries: what has not changed since is left out.
    """
    inflated = _inflate(body)
    if not inflated.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise ParseError(FeedFault.EMPTY, "the answer is empty")
    marks = unpack_marks(known)
    sliced = None if feed.kind is FeedKind.PAGE else without_known(inflated, marks, MOST_ENTRIES)
    read = _read(feed, inflated if sliced is None else sliced.body, content_type)
    if sliced is not None and len(read.entries) != len(sliced.fresh):
        sliced, read = None, _read(feed, inflated, content_type)  # it does not fall into its items
    if read.children is not None:
        return _index(read.children)
    cleaned = clean(feed, read.entries, url, now, marks, sliced)
    parsed = ParsedFeed(
        articles=cleaned.articles,
        entries=cleaned.entries,
        marks=cleaned.marks,
        title=read.title,
        hints=read.hints,
        is_sitemap=read.is_sitemap,
    )
    if not cleaned.entries:
        warning = (
            "the selectors catch nothing" if feed.kind is FeedKind.PAGE else "it has no entries"
        )
        return replace(parsed, warning=f"the feed answers, but {warning}", fault=FeedFault.EMPTY)
    if read.cut:
        warning = "the feed is cut off or broken; what could be read was kept"
        return replace(parsed, warning=warning, fault=FeedFault.TRUNCATED)
    return parsed


def _index(children: Sequence[str]) -> ParsedFeed:
    """Return the sitemaps that an index names; by itself it has no articles."""
    said = "it is an index of sitemaps" if children else "it is an index that names no sitemap"
    return ParsedFeed(
        articles=(),
        children=tuple(children),
        is_sitemap=True,
        warning=said,
        fault=FeedFault.EMPTY,
    )


def _inflate(body: bytes) -> bytes:
    """Unpack a body that is gzip though nobody said so, up to a bound."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            inflated = file.read(MOST_INFLATED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ParseError(FeedFault.BAD_ENCODING, "it is gzip, and broken") from error
    if len(inflated) > MOST_INFLATED:
        raise ParseError(FeedFault.TOO_LARGE, "unpacked it is too large")
    return inflated


class _Read(NamedTuple):
    """What a document holds, before its entries are cleaned."""

    entries: list[Entry]
    title: str = ""
    hints: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    is_sitemap: bool = False
    children: list[str] | None = None  # of an index of sitemaps


def _read(feed: Feed, body: bytes, content_type: str | None) -> _Read:
    """Read a document, whichever it is."""
    text, charset = decode(body, content_type, feed.encoding)
    plain = charset == "utf-8" and body.startswith(b"<")
    text = text.lstrip(_PADDING)
    if feed.kind is FeedKind.PAGE and feed.page is not None:
        items = page_items(text, feed.page)
        return _Read([Entry(id="", **each) for each in items], feed.title)
    if feed.kind is not FeedKind.PAGE and is_index(text):
        children = [each.url for each in child_sitemaps(_without_doctype(text))]
        return _Read([], children=children)
    if text.startswith(("{", "[")):
        return _read_json(text)
    return _read_xml(text, body if plain else None)


# --- JSON --------------------------------------------------------------------


def _read_json(text: str) -> _Read:
    """Read JSON Feed (https://jsonfeed.org/version/1.1) and RSS-in-JSON (rss.channel.item)."""
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ParseError(FeedFault.NOT_A_FEED, "it begins like JSON, and is broken") from error
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        items = [each for each in value["items"] if isinstance(each, dict)]
        return _Read([_json_entry(each) for each in items], _string(value.get("title")))
    channel = value.get("rss", {}).get("channel") if isinstance(value, dict) else None
    if isinstance(channel, dict) and isinstance(channel.get("item"), list):
        items = [each for each in channel["item"] if isinstance(each, dict)]
        return _Read([_rss_json_entry(each) for each in items], _string(channel.get("title")))
    raise ParseError(FeedFault.NOT_A_FEED, "it is JSON, and no JSON Feed")


def _json_entry(item: Mapping[str, Any]) -> Entry:
    link = _string(item.get("url")) or _string(item.get("external_url"))
    body = _string(item.get("content_html")) or _string(item.get("content_text"))
    return Entry(
        id=_string(item.get("id")) or link,
        link=link,
        title=_string(item.get("title")),
        body=body or _string(item.get("summary")),
        date=_string(item.get("date_published")) or _string(item.get("date_modified")),
    )


def _rss_json_entry(item: Mapping[str, Any]) -> Entry:
    guid = item.get("guid")
    identity = _string(guid.get("#value")) if isinstance(guid, dict) else _string(guid)
    return Entry(
        id=identity,
        link=_string(item.get("link")),
        title=_string(item.get("title")),
        body=_string(item.get("description")),
        date=_string(item.get("pubDate")),
    )


def _string(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


# --- XML ---------------------------------------------------------------------


def _read_xml(text: str, utf8: bytes | None) -> _Read:
    """Read XML; `utf8` are its bytes as they came, where they are that."""
    text = _without_doctype(without_declaration(text).lstrip())
    root = _root(text)
    if root == "urlset":
        entries = [Entry(**each) for each in sitemap_entries(text)]
        return _Read(entries, cut=not text.rstrip().endswith(f"</{root}>"), is_sitemap=True)
    if root not in _FEED_ROOTS:
        if _HTML.search(text[:3000]):
            raise ParseError(FeedFault.HTML, "it is a web page, not a feed")
        raise ParseError(FeedFault.NOT_A_FEED, "it is neither RSS, Atom, JSON Feed nor a sitemap")
    body = text.encode("utf-8", "replace") if utf8 is None else utf8
    fast = read_plain_feed(body, MOST_ENTRIES * 2)
    if fast is not None:
        return _Read(fast.entries, fast.title, fast.hints)
    return _read_tolerantly(text)


def _read_tolerantly(text: str) -> _Read:
    """Read with feedparser, which goes on where a feed is broken, for much more CPU."""
    try:
        parsed = feedparser.parse(
            io.BytesIO(without_bad_references(text).encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        # It takes nearly everything; names and namespaces of broken characters it does not.
        raise ParseError(FeedFault.NOT_A_FEED, "it is broken beyond reading") from error
    entries = [_xml_entry(each) for each in parsed.entries[: MOST_ENTRIES * 2]]
    cut = bool(parsed.bozo) and not _CLOSED.search(text[-400:])
    hints = tuple(
        (name, str(parsed.feed[key]))
        for name, key in (
            ("ttl", "ttl"),
            ("updatePeriod", "sy_updateperiod"),
            ("updateFrequency", "sy_updatefrequency"),
        )
        if parsed.feed.get(key)
    )
    return _Read(entries, str(parsed.feed.get("title", "")), hints, cut)


def _without_doctype(text: str) -> str:
    """Drop a DOCTYPE; refuse one that defines entities (bombs, and files from outside)."""
    found = _DOCTYPE.search(text[:20_000])
    if _ENTITY.search(text[:100_000]):
        raise ParseError(FeedFault.UNSAFE_XML, "it defines XML entities, which no feed needs")
    return text if found is None or _HTML.match(found[0]) else text.replace(found[0], "", 1)


def _root(text: str) -> str:
    """Return the name of the first element, in small letters and without a foreign prefix."""
    for found in _ROOT.finditer(text[:5000]):
        name = found[1].lower()
        return name if name in _FEED_ROOTS else name.rpartition(":")[2]
    return ""


def _xml_entry(entry: Mapping[str, Any]) -> Entry:
    contents = [_string(each.get("value")) for each in entry.get("content", ())]
    bodies = [*contents, _string(entry.get("summary"))]
    source = entry.get("source")
    outlet = _string(source.get("title")) if isinstance(source, Mapping) else ""
    link = _string(entry.get("link")) or _link_of(entry)
    identity = _string(entry.get("id"))
    names = ("published", "updated", "created", "expired")
    dates = (_string(entry[name]) for name in names if name in entry)
    return Entry(
        id=identity,
        link=link or (identity if identity.startswith(("http://", "https://")) else ""),
        title=_string(entry.get("title")),
        body=max(bodies, key=len, default=""),
        date=next(filter(None, dates), ""),
        outlet=outlet or _string(entry.get("news_source")),
    )


def _link_of(entry: Mapping[str, Any]) -> str:
    links: Sequence[Mapping[str, Any]] = entry.get("links", ())
    return next((_string(each.get("href")) for each in links if each.get("href")), "")
