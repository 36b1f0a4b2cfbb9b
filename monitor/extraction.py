"""HTML to plain text, and to entries by selectors. The only module that imports BeautifulSoup."""

from __future__ import annotations

import html
import re
import warnings

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning
from bs4.element import NavigableString, PreformattedString, Tag

from model.records import PageSelectors

LONGEST = 200_000  # characters of markup; the rest of an entry adds nothing to match
UNSEEN = ("script", "style", "noscript", "template", "iframe", "object", "svg", "head", "form")
BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header hr li main ol p pre section table td th tr ul".split()
)
_MARKUP = re.compile(r"<[a-zA-Z!/?]|&[#a-zA-Z]")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def plain_text(markup: str) -> str:
    """Return text without markup: paragraphs are lines, scripts and styles are gone."""
    markup = markup[:LONGEST]
    if not _MARKUP.search(markup):
        return tidy(markup)
    if "<" not in markup:
        return tidy(html.unescape(markup))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)  # titles look like paths
        soup = BeautifulSoup(markup, "lxml")
    for unseen in soup.find_all(UNSEEN):
        unseen.decompose()
    pieces: list[str] = []
    for node in soup.descendants:
        if isinstance(node, Tag):
            if node.name in BLOCKS:
                pieces.append("\n")
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            pieces.append(str(node).replace("\n", " "))
            if _ends_block(node):
                pieces.append("\n")
    return tidy("".join(pieces))


def _ends_block(node: NavigableString) -> bool:
    parent = node.parent
    return parent is not None and parent.name in BLOCKS and node.next_sibling is None


def one_line(markup: str) -> str:
    """Return a title as one line of plain text."""
    return " ".join(plain_text(markup).split())


def tidy(text: str) -> str:
    """Return text with single spaces and line breaks, without control characters."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " "))
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def page_items(markup: str, selectors: PageSelectors) -> list[dict[str, str]]:
    """Return title, link, body and date of each entry that the selectors find on a page."""
    soup = BeautifulSoup(markup, "lxml")
    return [
        {
            "title": _picked(item, selectors.title),
            "link": _address(item, selectors.link),
            "body": _picked(item, selectors.text) if selectors.text else "",
            "date": _picked(item, selectors.date) if selectors.date else "",
        }
        for item in soup.select(selectors.item)
    ]


def _picked(item: Tag, selector: str) -> str:
    found = item.select_one(selector)
    if found is None:
        return ""
    stamp = found.get("datetime")  # <time datetime="…"> says it better than its text
    return stamp if isinstance(stamp, str) and stamp else found.get_text(" ", strip=True)


def _address(item: Tag, selector: str) -> str:
    found = item if item.name == "a" and selector == "a" else item.select_one(selector)
    link = found.get("href") if found is not None else None
    return link if isinstance(link, str) else ""
