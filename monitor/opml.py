"""OPML, the lists of feeds that readers exchange (http://opml.org/spec2.opml). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from model.errors import FeedFault, ParseError
from model.records import Feed, FeedKind, Language
from monitor.decoding import decode, without_bad_references, without_declaration
from monitor.urls import absolute, canonical_url

MOST_FEEDS = 20_000
LONGEST = 300  # characters of a title or folder
_DOCTYPE = re.compile(r"\s*<!DOCTYPE\s[^\[<>]*(\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_SCRIPTS = {
    "zh-hant": Language.CHINESE_TRADITIONAL,
    "zh-tw": Language.CHINESE_TRADITIONAL,
    "zh-hk": Language.CHINESE_TRADITIONAL,
    "zh-mo": Language.CHINESE_TRADITIONAL,
    "zh": Language.CHINESE_SIMPLIFIED,
    "en": Language.ENGLISH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of a list."""

    url: str
    title: str
    language: Language | None  # None: the list does not say
    folders: tuple[str, ...] = ()  # the outermost first


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """What a list holds: its feeds, each once, and how many entries are no web feeds."""

    feeds: tuple[Outline, ...]
    skipped: int


def read_opml(body: bytes) -> Outlines:
    """Read a list; raise ParseError where it is none.

    No entity is expanded and nothing is loaded; broken markup is read as far as it goes.
    """
    decoded = without_bad_references(decode(body, None)[0].lstrip("\ufeff \t\r\n\x00"))
    text = without_declaration(decoded)
    if "<!entity" in text[:100_000].lower():
        raise ParseError(FeedFault.UNSAFE_XML, "it defines XML entities, which no list needs")
    head = _DOCTYPE.match(text, 0, 5000)
    root = _tree(text if head is None else text[head.end() :])
    if root is None or _name(root) != "opml":
        raise ParseError(FeedFault.NOT_A_FEED, "it is no OPML")
    found: dict[str, Outline] = {}
    skipped = 0
    for element in root.iter("{*}outline"):
        address = _attribute(element, "xmlurl")
        url = _web_address(address)
        if url and len(found) < MOST_FEEDS:
            found.setdefault(canonical_url(url), _outline(element, url))
        elif address:
            skipped += 1
    return Outlines(feeds=tuple(found.values()), skipped=skipped)


def _tree(text: str) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _web_address(address: str) -> str:
    """Return an address to ask; its user and password stay, for the feed wants them."""
    if "\ufffd" in address:  # half of it was lost on the way
        return ""
    return "".join(address.split()) if absolute("", address) else ""


def _outline(element: etree._Element, url: str) -> Outline:
    title = _attribute(element, "title") or _attribute(element, "text")
    above = [_folder(each) for each in element.iterancestors() if _name(each) == "outline"]
    return Outline(
        url=url,
        title=title[:LONGEST],
        language=_language(_attribute(element, "language")),
        folders=tuple(each for each in reversed(above) if each),
    )


def _folder(element: etree._Element) -> str:
    return (_attribute(element, "title") or _attribute(element, "text"))[:LONGEST]


def _attribute(element: etree._Element, name: str) -> str:
    """Return an attribute whatever the case of its name: programs write xmlUrl and xmlurl."""
    value = next((value for key, value in element.items() if key.lower() == name), "")
    return " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())


def _language(tag: str) -> Language | None:
    tag = tag.lower().replace("_", "-")
    return next((each for name, each in _SCRIPTS.items() if f"{tag}-".startswith(f"{name}-")), None)


def write_opml(feeds: Sequence[Feed], title: str, now: datetime) -> str:
    """Return a list of feeds, by language; pages are left out: no other reader can take them.

    A list is made to be handed on: user and password of an address are left out too.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    for language in dict.fromkeys(feed.language for feed in feeds):
        own = [each for each in feeds if each.language is language and is_exportable(each)]
        folder = etree.SubElement(body, "outline", text=str(language)) if own else body
        for feed in own:
            etree.SubElement(
                folder,
                "outline",
                type="rss",
                text=_valid(feed.title),
                title=_valid(feed.title),
                xmlUrl=absolute("", feed.url),
                language=str(feed.language),
            )
    text = etree.tostring(root, encoding="unicode", pretty_print=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'


def is_exportable(feed: Feed) -> bool:
    """Tell whether another reader can take a feed: sitemaps and selectors are ours alone."""
    return feed.kind is FeedKind.FEED


def _valid(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)
