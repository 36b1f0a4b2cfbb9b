"""Selectors for a page without a feed, guessed from its longest list of headlines. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from lxml import etree

from model.records import PageSelectors
from monitor.extraction import check_selector, page_items
from monitor.feed_dates import read_date
from monitor.urls import absolute

FEWEST = 5  # entries that make a list
HEADLINE = 12  # letters at least, a Han character counted as two
LONGEST_DATE = 40  # characters
LEVELS = 3  # how far above its link an entry may begin
MOST_LINKS = 3_000
_ASIDE = frozenset({"nav", "header", "footer", "aside", "form"})
_NAME = re.compile(r"[A-Za-z][\w-]*")
_HAN = re.compile("[\u3400-\u9fff]")

Key = tuple[str, str]


def guess_selectors(
    root: etree._Element, markup: str, base: str, now: datetime
) -> PageSelectors | None:
    """Return selectors that catch a page's headlines; None where there is no list of them."""
    groups: defaultdict[Key, dict[etree._Element, int]] = defaultdict(dict)
    for link, size in _headlines(root, base):
        for item in _above(link):
            parent = item.getparent()
            if parent is not None and next(item.iter("a"), None) is link:
                groups[_name(parent), _name(item)].setdefault(item, size)
    best = max(groups.items(), key=_weight, default=None)
    if best is None or len(best[1]) < FEWEST:
        return None
    (parent_name, item_name), items = best
    found = PageSelectors(
        item=f"{parent_name} > {item_name}", title="a", link="a", date=_date_of(list(items), now)
    )
    if check_selector(found.item) is not None or check_selector(found.date or "a") is not None:
        return None  # names of broken markup
    return found if len(page_items(markup, found)) >= FEWEST else None


def _weight(group: tuple[Key, dict[etree._Element, int]]) -> tuple[bool, int, int]:
    """Return what makes a list the one: enough entries, most words, entries that hold most.

    What holds the headline alone leaves out the date beside it.
    """
    items = group[1]
    return len(items) >= FEWEST, sum(items.values()), sum(len(list(each.iter())) for each in items)


def _headlines(root: etree._Element, base: str) -> Iterator[tuple[etree._Element, int]]:
    for number, link in enumerate(root.iter("a")):
        text = " ".join("".join(link.itertext()).split())[:300]
        size = len(text) + len(_HAN.findall(text))
        if number >= MOST_LINKS:
            return
        if size >= HEADLINE and absolute(base, link.get("href") or "") and not _is_aside(link):
            yield link, size


def _is_aside(link: etree._Element) -> bool:
    return any(each.tag in _ASIDE for each in link.iterancestors())


def _above(link: etree._Element) -> Iterator[etree._Element]:
    for level, each in enumerate(link.iterancestors()):
        if level >= LEVELS or each.tag in {"body", "html"}:
            return
        yield each


def _name(element: etree._Element) -> str:
    """Return a selector for elements like this one: its tag, and its id or first class."""
    tag = str(element.tag)
    first = next(iter((element.get("class") or "").split()), "")
    if _NAME.fullmatch(first):
        return f"{tag}.{first}"
    return f"{tag}#{element.get('id')}" if _NAME.fullmatch(element.get("id") or "") else tag


def _date_of(items: Sequence[etree._Element], now: datetime) -> str | None:
    """Return a selector of what holds a date in most entries."""
    found: defaultdict[str, int] = defaultdict(int)
    for item in items[:20]:
        for each in {_name(inside) for inside in item.iter() if _is_date(inside, now)}:
            found[each] += 1
    most = max(found, key=lambda name: found[name], default=None)
    return most if most is not None and found[most] * 2 > len(items[:20]) else None


def _is_date(element: etree._Element, now: datetime) -> bool:
    if not isinstance(element.tag, str) or element.tag == "a":
        return False
    text = element.get("datetime") or " ".join((element.text or "").split())
    digits = any(each.isdigit() for each in text)
    return digits and len(text) <= LONGEST_DATE and read_date(text, None, now) is not None
