"""Sitemaps, news sitemaps and their indexes (https://www.sitemaps.org/protocol.html). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from monitor.decoding import without_bad_references
from monitor.feed_dates import EARLIEST, moment_of

_INDEX = re.compile(r"<\s*(?:[A-Za-z][\w-]*:)?sitemapindex[\s>]")
_ABOVE = re.compile(r"<!--.*?-->|<[?!][^>]*>", re.DOTALL)
_MONTH = re.compile(r"(?<!\d)(20\d\d)[-_/]?(0[1-9]|1[0-2])(?:[-_/]?([0-3]\d))?(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSitemap:
    """One sitemap that an index names."""

    url: str
    changed: str  # as the index says it; may be empty


def is_index(text: str) -> bool:
    """Tell whether a document is an index of sitemaps, by its first element."""
    return _INDEX.match(_ABOVE.sub("", text[:5000]).lstrip("\ufeff \t\r\n\x00")) is not None


def child_sitemaps(text: str) -> tuple[ChildSitemap, ...]:
    """Return what an index names, the newest first.

    What says when it changed comes first; then what has a month or day in its name; among equals
    what is called news, and then the order of the index.
    """
    children = [
        ChildSitemap(url=found["loc"], changed=found.get("lastmod", ""))
        for found in _elements(text, "sitemap")
    ]
    return tuple(sorted(dict.fromkeys(children), key=_age, reverse=True))


def _age(child: ChildSitemap) -> tuple[float, str, bool]:
    moment = moment_of(child.changed) or EARLIEST
    stamps = _MONTH.findall(child.url)
    return moment.timestamp(), "".join(stamps[-1]) if stamps else "", "news" in child.url.lower()


def sitemap_entries(text: str) -> list[dict[str, str]]:
    """Return the addresses of a sitemap as entries; a news sitemap gives titles and dates too."""
    return [
        {
            "id": found["loc"],
            "link": found["loc"],
            "title": found.get("title", ""),
            "body": found.get("keywords", ""),
            "date": found.get("publication_date") or found.get("lastmod", ""),
            "outlet": found.get("name", ""),
        }
        for found in _elements(text, "url")
    ]


def _elements(text: str, wanted: str) -> list[dict[str, str]]:
    """Return the fields of each element of this name that has an address.

    The parser expands no entity, loads nothing, and goes on behind broken markup.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        body = without_bad_references(text).encode("utf-8", "replace")
        root = etree.fromstring(body, parser=parser)
    except etree.XMLSyntaxError:  # nothing that it could go on from
        return []
    if root is None:
        return []
    found = []
    for element in root:
        if _name(element) == wanted:
            fields = {_name(each): (each.text or "").strip() for each in _texts(element)}
            if fields.get("loc"):
                found.append(fields)
    return found


def _texts(element: etree._Element) -> list[etree._Element]:
    """Return what stands under an entry, images left out: their titles are not the article's."""
    kept = []
    for child in element:
        name = _name(child)
        if name == "news":
            kept += [each for each in child.iter() if isinstance(each.tag, str)]
        elif name not in {"", "image", "video"}:
            kept.append(child)
    return kept


def _name(element: etree._Element) -> str:
    """Return a name without its namespace; of a comment, none. Broken markup has odd names."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
