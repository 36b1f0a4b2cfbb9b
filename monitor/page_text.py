"""An article's page to its text, title and date. Pure. The only module that imports trafilatura."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from monitor.decoding import decode
from monitor.extraction import densest_block, page_facts, tidy
from monitor.feed_dates import read_date

LONGEST_TEXT = 100_000  # characters, as of a feed's entry
LEAST = 80  # characters; less is a caption or a cookie notice, and the next way is tried
for _name in ("trafilatura", "htmldate", "courlan"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # it logs each page it finds no text in


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What an article's page says."""

    text: str
    title: str
    published_at: datetime | None  # None where the page gives no date that can be believed


def read_page(
    body: bytes,
    content_type: str | None,
    *,
    encoding: str | None,
    timezone: str | None,
    now: datetime,
) -> PageText:
    """Read a page: trafilatura, then the densest block, then the description in its head."""
    markup, _ = decode(body, content_type, encoding)
    facts = page_facts(markup)
    text = _main_text(markup)
    if len(text) < LEAST:
        text = max(text, densest_block(markup), key=len)
    if len(text) < LEAST:
        text = max(text, facts["description"], key=len)
    return PageText(
        text=text[:LONGEST_TEXT],
        title=facts["title"],
        published_at=read_date(facts["date"], timezone, now),
    )


def _main_text(markup: str) -> str:
    import trafilatura  # takes a third of a second: only a process that reads pages pays it

    found = trafilatura.extract(
        markup.encode("utf-8", "replace"), fast=True, include_comments=False, include_tables=True
    )
    return tidy(found or "")
