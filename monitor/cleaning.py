"""Entries to articles: markup gone, dates and addresses read, language told. Pure.

Most entries of most answers stood in the answer before. They are known by their marks and left out
before anything is done with them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from model.records import Article, Feed
from model.text import detect_language
from monitor.entries import Entry, mark, pack_marks, unpack_marks
from monitor.extraction import one_line, plain_text
from monitor.feed_dates import AHEAD, EARLIEST, read_date
from monitor.plain_dates import read_plain_date
from monitor.urls import read_link

MOST_ENTRIES = 500  # the newest of a huge feed
LONGEST_TITLE, LONGEST_TEXT = 2_000, 100_000  # characters
_OUTLET_TAIL = re.compile(r"\s+[-–—|]\s+([^-–—|]{2,60})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What became of an answer's entries."""

    articles: tuple[Article, ...]  # of those that were not known
    entries: int
    marks: bytes


def clean(feed: Feed, entries: Sequence[Entry], base: str, now: datetime, known: bytes) -> Cleaned:
    """Return the articles of the entries that are new or changed, and the marks of all."""
    newest = _newest(feed, entries, now)
    marks = [mark(each) for each in newest]
    before = unpack_marks(known)
    fresh = [each not in before for each in marks]
    articles = tuple(_articles(feed, newest, fresh, base, now))
    said = len(newest) if not all(fresh) else len(articles)  # a known one said something
    return Cleaned(articles=articles, entries=said, marks=pack_marks(marks))


def _newest(feed: Feed, entries: Sequence[Entry], now: datetime) -> Sequence[Entry]:
    if len(entries) <= MOST_ENTRIES:
        return entries
    floor = now.replace(year=1990)
    dated = [(_date(entry.date, feed.timezone, now) or floor, entry) for entry in entries]
    dated.sort(key=lambda each: each[0], reverse=True)
    return [entry for _, entry in dated[:MOST_ENTRIES]]


def _articles(
    feed: Feed, entries: Sequence[Entry], fresh: Sequence[bool], base: str, now: datetime
) -> Iterator[Article]:
    seen: set[str] = set()
    for entry, is_fresh in zip(entries, fresh, strict=True):
        if not is_fresh:
            seen.add(_identity(entry, "", "") if entry.id else _known_identity(entry, base))
            continue
        article = _article(feed, entry, base, now)
        if article is None:
            continue
        if article.entry_id in seen:  # one id for two articles: a feed's mistake, not a repetition
            article = replace(article, entry_id=f"{article.entry_id}#{article.canonical_url}")
        if article.entry_id not in seen:
            seen.add(article.entry_id)
            yield article


def _article(feed: Feed, entry: Entry, base: str, now: datetime) -> Article | None:
    """Clean one entry; None where it says nothing at all."""
    title = one_line(entry.title)[:LONGEST_TITLE]
    text = plain_text(entry.body)[:LONGEST_TEXT]
    link, canonical = read_link(base, entry.link)
    if not title and not text and not link:
        return None
    outlet = one_line(entry.outlet) or None if entry.outlet else None
    if outlet is not None and "news.google." in link:
        title = _OUTLET_TAIL.sub("", title) if title.endswith(outlet) else title
    whole = f"{title}\n{text}"
    return Article(
        feed_id=feed.id,
        entry_id=_identity(entry, canonical, title),
        url=link,
        title=title,
        text=text,
        language=detect_language(whole, feed.language),
        published_at=_date(entry.date, feed.timezone, now),
        fetched_at=now,
        outlet=outlet,
        canonical_url=canonical,
        text_hash=_hash(whole),
    )


def _date(raw: str, zone: str | None, now: datetime) -> datetime | None:
    """Return when an entry is dated, where that can be believed."""
    moment = read_plain_date(raw)
    if moment is not None and EARLIEST <= moment <= now + AHEAD:
        return moment
    return read_date(raw, zone, now)


def _identity(entry: Entry, canonical: str, title: str) -> str:
    return (entry.id.strip() or canonical or f"{title}|{entry.date}")[:1000]


def _known_identity(entry: Entry, base: str) -> str:
    """Return the identity of an entry that has no id of its own."""
    return _identity(entry, read_link(base, entry.link)[1], one_line(entry.title)[:LONGEST_TITLE])


def _hash(whole: str) -> str:
    """Return what changes when an article is edited."""
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
