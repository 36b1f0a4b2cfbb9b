"""Entries to articles: markup gone, dates and addresses read, language told. Pure.

Most entries of most answers stood in the answer before. They are known by their marks and left out
before anything is done with them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from model.records import Article, Feed
from model.text import detect_language
from monitor.entries import Entry, Sliced, contents_of, identity_of, pack_marks
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


def clean(
    feed: Feed,
    entries: Sequence[Entry],
    base: str,
    now: datetime,
    marks: Mapping[bytes, bytes],
    sliced: Sliced | None,
) -> Cleaned:
    """Return the articles of the entries that are new or changed, and the marks of all.

    `sliced`: the document that the entries were read from, where known items were left out of it.
    """
    if sliced is not None:
        known, fresh = sliced.known, list(zip(sliced.fresh, entries, strict=True))
    else:
        told = [(contents_of(each), each) for each in _newest(feed, entries, now)]
        known = {contents: marks[contents] for contents, _ in told if contents in marks}
        fresh = [(contents, each) for contents, each in told if contents not in marks]
    found = list(_articles(feed, fresh, set(known.values()), base, now))
    return Cleaned(
        articles=tuple(article for _, _, article in found),
        entries=len(known) + len(found),
        marks=pack_marks(known, ((contents, entry_id) for contents, entry_id, _ in found)),
    )


def _newest(feed: Feed, entries: Sequence[Entry], now: datetime) -> Sequence[Entry]:
    if len(entries) <= MOST_ENTRIES:
        return entries
    floor = now.replace(year=1990)
    dated = [(_date(entry.date, feed.timezone, now) or floor, entry) for entry in entries]
    dated.sort(key=lambda each: each[0], reverse=True)
    return [entry for _, entry in dated[:MOST_ENTRIES]]


def _articles(
    feed: Feed,
    entries: Iterable[tuple[bytes, Entry]],
    known: Set[bytes],
    base: str,
    now: datetime,
) -> Iterator[tuple[bytes, str, Article]]:
    """Return each entry's contents and id with its article; `known` entries stand there too."""
    seen: set[str] = set()
    for contents, entry in entries:
        article = _article(feed, entry, base, now)
        if article is None:
            continue
        entry_id = article.entry_id
        # One id for two articles is a feed's mistake, not a repetition.
        if entry_id in seen or (known and identity_of(entry_id) in known):
            article = replace(article, entry_id=f"{entry_id}#{article.canonical_url}")
        if article.entry_id not in seen:
            seen.add(article.entry_id)
            yield contents, entry_id, article


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


def _hash(whole: str) -> str:
    """Return what changes when an article is edited."""
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
