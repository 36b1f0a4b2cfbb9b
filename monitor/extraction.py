"""HTML to plain text, and to entries by selectors. The only module that imports BeautifulSoup."""

from __future__ import annotations

import html
import re
import warnings
from collections import Counter
from collections.abc import Iterator

import soupsieve
from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning
from bs4.element import NavigableString, PreformattedString, Tag
from lxml import etree
from soupsieve import SelectorSyntaxError

from model.records import PageSelectors
from monitor.plain_html import is_plain, read_plain_html, spaced

MOST_ITEMS = 1_000  # entries of a page
MOST_WITHIN = 20  # entries that one may hold
LONGEST = 200_000  # characters of markup; the rest of an entry adds nothing to match
UNSEEN = ("script", "style", "noscript", "template", "iframe", "object", "svg", "head", "form")
_UNSEEN = frozenset(UNSEEN)
BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header hr li main ol p pre section table td th tr ul".split()
)
_MARKUP = re.compile(r"<[a-zA-Z!/?]|&[#a-zA-Z]")
# Pieces of whole documents: each parser has its own idea of where a second head belongs.
_DOCUMENT = re.compile(r"</?(?:html|head|body|title|meta|link|base|frameset)[\s/>]", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def plain_text(markup: str) -> str:
    """Return text without markup: paragraphs are lines, scripts and styles are gone."""
    markup = markup[:LONGEST]
    if not _MARKUP.search(markup):
        return tidy(markup)
    if "<" not in markup:
        return tidy(html.unescape(markup))
    plain = read_plain_html(markup)
    if plain is not None:
        return plain
    root = None if _DOCUMENT.search(markup) else _tree(markup)
    return _text_of_soup(markup) if root is None else tidy("".join(_pieces(root)))


def _tree(markup: str) -> etree._Element | None:
    """Return the tree of HTML, read as BeautifulSoup has it read; None where that fails."""
    # as BeautifulSoup has it: else what is nested 250 deep loses its text, and nobody is told
    parser = etree.HTMLParser(recover=True, no_network=True, huge_tree=True)
    try:
        parser.feed(markup)
        return parser.close()
    except (etree.LxmlError, ValueError, LookupError, AssertionError):
        return None


def _pieces(root: etree._Element) -> Iterator[str]:
    """Return the texts of a tree in order, with a line break where a block begins or ends."""
    ahead: list[etree._Element | str] = [root]
    while ahead:
        node = ahead.pop()
        if isinstance(node, str):
            yield node
            continue
        if not isinstance(node.tag, str):
            continue
        block = node.tag in BLOCKS
        if block:
            yield "\n"
        inside: list[etree._Element | str] = [node.text.replace("\n", " ")] if node.text else []
        for child in node:
            if child.tag not in _UNSEEN:
                inside.append(child)
            if child.tail:
                inside.append(child.tail.replace("\n", " "))
        if block and inside and isinstance(inside[-1], str):
            inside.append("\n")
        ahead.extend(reversed(inside))


def _soup(markup: str) -> BeautifulSoup:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)  # titles look like paths
        return BeautifulSoup(markup, "lxml")


def _text_of_soup(markup: str) -> str:
    """Return the same by BeautifulSoup, which reads what the plain parser refuses."""
    soup = _soup(markup)
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
    return plain_text(markup).replace("\n", " ")


def tidy(text: str) -> str:
    """Return text with single spaces and line breaks, without control characters."""
    if is_plain(text):
        return spaced(text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    lines = [" ".join(line.split()) for line in _CONTROL.sub("", text).split("\n")]
    return "\n".join([line for line in lines if line])


def check_selector(selector: str) -> str | None:
    """Return what is wrong with a CSS selector; None where nothing is."""
    try:
        soupsieve.compile(selector)
    except (SelectorSyntaxError, ValueError) as error:
        return str(error).partition("\n")[0].rstrip(".:")
    return None


def page_items(markup: str, selectors: PageSelectors) -> list[dict[str, str]]:
    """Return title, link, body and date of each entry that the selectors find on a page."""
    soup = _soup(markup)
    return [
        {
            "title": _picked(item, selectors.title),
            "link": _address(item, selectors.link),
            "body": _picked(item, selectors.text) if selectors.text else "",
            "date": _picked(item, selectors.date) if selectors.date else "",
        }
        for item in _items(soup, selectors.item)
    ]


def _items(soup: BeautifulSoup, selector: str) -> list[Tag]:
    """Return the entries of a page, up to a bound; what holds many of them is a list, not one.

    Else a page of lists within lists is read once for each of them, which takes minutes.
    """
    found = list(soup.select(selector, limit=MOST_ITEMS))
    within = Counter(id(parent) for item in found for parent in item.parents)
    return [item for item in found if within[id(item)] <= MOST_WITHIN]


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


# --- article pages: what stands beside trafilatura, which page_text.py asks first ---------------

_DATES = (
    'meta[property="article:published_time"]',
    'meta[name="pubdate"]',
    'meta[name="publishdate"]',
    'meta[name="PubDate"]',
    'meta[itemprop="datePublished"]',
    'meta[name="date"]',
)
_LINKED_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_DESCRIPTIONS = ('meta[property="og:description"]', 'meta[name="description"]')


def page_facts(markup: str) -> dict[str, str]:
    """Return title, description and raw date of an article's page, as its head gives them."""
    soup = _soup(markup[: 2 * LONGEST])
    linked = _LINKED_DATE.search(markup)
    stamp = soup.select_one("article time[datetime], time[datetime][pubdate]")
    date = _meta(soup, _DATES) or (linked[1] if linked else "")
    title = _meta(soup, ('meta[property="og:title"]',))
    if not title and soup.title is not None:
        title = soup.title.get_text(" ", strip=True)
    return {
        "title": " ".join(title.split()),
        "description": tidy(_meta(soup, _DESCRIPTIONS)),
        "date": date or (str(stamp["datetime"]) if stamp is not None else ""),
    }


def _meta(soup: BeautifulSoup, selectors: tuple[str, ...]) -> str:
    for selector in selectors:
        found = soup.select_one(selector)
        value = found.get("content") if found is not None else None
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def densest_block(markup: str) -> str:
    """Return the text of the block that holds most words of its own, links not counted."""
    soup = _soup(markup[: 2 * LONGEST])
    for unseen in soup.find_all((*UNSEEN, "nav", "footer", "aside")):
        unseen.decompose()
    blocks = soup.find_all(("article", "main", "section", "div", "td"))
    best = max(blocks, key=_own_words, default=None)
    return plain_text(str(best)) if best is not None and _own_words(best) else ""


def _own_words(block: Tag) -> int:
    own = 0
    for child in block.children:
        if isinstance(child, Tag):
            if child.name in {"p", "span", "font", "b", "strong"}:
                linked = sum(len(link.get_text()) for link in child.find_all("a"))
                own += len(child.get_text()) - linked
        elif not isinstance(child, PreformattedString):
            own += len(str(child).strip())
    return own
