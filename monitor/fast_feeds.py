"""The fast way through plain, well-formed RSS, RDF and Atom. Pure.

Expat, which the tolerant parser asks first as well, reads the document; a table for each format
says which elements mean what. It takes only what it reads exactly as the tolerant parser does, and
says None to anything else: fields that stand twice or hold markup, elements that could change a
field there, what is not well-formed.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from monitor.entries import Entry

_ATOM = "{http://www.w3.org/2005/Atom}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_RSS1 = "{http://purl.org/rss/1.0/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_SYNDICATION = "{http://purl.org/rss/1.0/modules/syndication/}"
_HINTS = {
    "ttl": "ttl",
    f"{_SYNDICATION}updatePeriod": "updatePeriod",
    f"{_SYNDICATION}updateFrequency": "updateFrequency",
}

# Names that mean something to the tolerant parser, under one prefix or another, or that it keeps
# its own findings under. An element of any other name changes nothing that is read here.
_MEANINGFUL = frozenset(
    "abstract author block body browserfriendly category channel cloud content contributor "
    "copyright created creator credit date description email enclosure encoded entry "
    "errorreportsto expirationdate expired explicit feed fullitem generator generatoragent group "
    "guid guidislink height homepage href icon id image info issued item items keywords language "
    "lastbuilddate license line link links managingeditor media_content media_credit "
    "media_license media_player media_rating media_restriction media_thumbnail modified name "
    "newlocation news_source owner player point polygon pos poslist pubdate published publisher "
    "rating rdf restriction rights rss source subject subtitle summary svg tagline tags textinput "
    "thumbnail title ttl updated updatefrequency updateperiod uri url valid webmaster where "
    "width".split()
)
# Of those, what does not touch an entry's id, link, title, text, date or source.
_HARMLESS = frozenset(
    {"category", "author", "enclosure", f"{_ATOM}category", f"{_ATOM}rights", f"{_ATOM}icon"}
    | {f"{_DC}{name}" for name in ("creator", "subject", "publisher", "rights", "language")}
    | {f"{_MEDIA}{name}" for name in ("thumbnail", "content", "keywords", "credit", "rating")}
    | {f"{_ITUNES}{name}" for name in ("author", "explicit", "block", "keywords", "image")}
)
# Elements that may hold others, and which.
_HOLDS: dict[str, frozenset[str]] = {
    "image": frozenset({"title", "link", "url", "description", "width", "height"}),
    "skipHours": frozenset({"hour"}),
    "skipDays": frozenset({"day"}),
    f"{_ATOM}author": frozenset({f"{_ATOM}name", f"{_ATOM}email", f"{_ATOM}uri"}),
    f"{_ITUNES}owner": frozenset({f"{_ITUNES}name", f"{_ITUNES}email"}),
    f"{_ITUNES}category": frozenset({f"{_ITUNES}category"}),
    f"{_RSS1}items": frozenset({f"{_RDF}Seq"}),
    "textInput": frozenset({"title", "link", "description", "name"}),
    f"{_RSS1}textinput": frozenset(
        {f"{_RSS1}title", f"{_RSS1}link", f"{_RSS1}description", f"{_RSS1}name"}
    ),
    f"{_RSS1}image": frozenset({f"{_RSS1}title", f"{_RSS1}link", f"{_RSS1}url"}),
}
_OF_FEED = (
    _HARMLESS
    | frozenset(
        "link description language copyright lastBuildDate pubDate generator managingEditor "
        "webMaster cloud rating".split()
    )
    | {f"{_DC}date", f"{_DC}source", f"{_DC}description", f"{_ATOM}link"}
    | {f"{_ITUNES}subtitle", f"{_ITUNES}summary"}
    | {
        "{http://rssnamespace.org/feedburner/ext/1.0}info",
        "{http://webns.net/mvcb/}generatorAgent",
        "{http://webns.net/mvcb/}errorReportsTo",
        "{http://backend.userland.com/creativeCommonsRssModule}license",
    }
)
_TYPES = frozenset({"text", "html", "text/html", "text/plain"})
_TYPED = frozenset({"title", "description", "content"})
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

_BASES = frozenset({"base", "{http://www.w3.org/XML/1998/namespace}base"})

# Characters that are mended there, plain or as references: no document may hold them.
_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")
_CONTROL_REFERENCE = re.compile(rb"&#(?:12[7-9]|1[3-5][0-9]|[xX]0*(?:7[fF]|[89][0-9a-fA-F]));")
# What UTF-8 that was encoded twice begins with.
_TWICE_ENCODED = re.compile(rb"\xc3[\x80-\xb7]")
_TWICE_ENCODED_REFERENCE = re.compile(rb"&#(?:19[2-9]|2[0-4][0-9]|[xX]0*[c-fC-F])")
_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")


@dataclass(frozen=True, slots=True, kw_only=True)
class FastFeed:
    """What a plain feed holds."""

    entries: list[Entry]
    title: str
    hints: tuple[tuple[str, str], ...]


class _Format(NamedTuple):
    """What a format's elements mean."""

    item: str
    title: str  # the feed's
    of_feed: frozenset[str]  # beside the items, and without meaning here
    fields: Mapping[str, str]
    link: str = ""  # an element whose attributes are a link
    about: str = ""  # an attribute of the item that is its id


_RSS_FORMAT = _Format(
    item="item",
    title="title",
    of_feed=_OF_FEED,
    fields={
        "title": "title",
        "link": "link",
        "guid": "id",
        "description": "description",
        _CONTENT: "content",
        "pubDate": "published",
        f"{_DC}date": "updated",
        "source": "outlet",
    },
)
_RDF_FORMAT = _Format(
    item=f"{_RSS1}item",
    title=f"{_RSS1}title",
    of_feed=_OF_FEED | {f"{_RSS1}link", f"{_RSS1}description"},
    fields={
        f"{_RSS1}title": "title",
        f"{_RSS1}link": "link",
        f"{_RSS1}description": "description",
        _CONTENT: "content",
        f"{_DC}date": "updated",
    },
    about=f"{_RDF}about",
)
_ATOM_FORMAT = _Format(
    item=f"{_ATOM}entry",
    title=f"{_ATOM}title",
    of_feed=_OF_FEED
    | {f"{_ATOM}{name}" for name in "id updated published subtitle generator logo".split()},
    fields={
        f"{_ATOM}title": "title",
        f"{_ATOM}id": "id",
        f"{_ATOM}summary": "description",
        f"{_ATOM}content": "content",
        f"{_ATOM}published": "published",
        f"{_ATOM}updated": "updated",
    },
    link=f"{_ATOM}link",
)


def read_plain_feed(body: bytes, most: int) -> FastFeed | None:
    """Read the first `most` items of UTF-8; None where the tolerant parser should look."""
    refers = b"&#" in body
    if b"\x7f" in body or (b"\xc2" in body and _CONTROL.search(body)):
        return None
    if b"<!DOCTYPE" in body[:2000] or (refers and _CONTROL_REFERENCE.search(body)):
        return None
    try:
        # Whatever is declared: it was found to be UTF-8. Expat loads nothing from outside.
        root = ET.fromstring(body, parser=ET.XMLParser(encoding="utf-8"))  # noqa: S314
    except (ET.ParseError, ValueError, LookupError):
        return None
    parts = _parts(root)
    if parts is None or not _BASES.isdisjoint(root.attrib):
        return None
    mends = (b"\xc3" in body and _TWICE_ENCODED.search(body)) or (
        refers and _TWICE_ENCODED_REFERENCE.search(body)
    )
    form, elements = parts
    return _Reader(form, mends=bool(mends)).feed(elements, most)


def _parts(root: ET.Element) -> tuple[_Format, Iterable[ET.Element]] | None:
    """Return a document's format and what stands beside its items, with them."""
    if root.tag == "rss":
        plain = len(root) == 1 and root[0].tag == "channel" and _BASES.isdisjoint(root[0].attrib)
        return (_RSS_FORMAT, root[0]) if plain else None
    if root.tag == f"{_RDF}RDF":
        channels = [each for each in root if each.tag == f"{_RSS1}channel"]
        if len(channels) != 1 or not _BASES.isdisjoint(channels[0].attrib):
            return None
        return _RDF_FORMAT, (*channels[0], *(each for each in root if each is not channels[0]))
    return (_ATOM_FORMAT, root) if root.tag == f"{_ATOM}feed" else None


class _Reader:
    """Reads the elements of one document."""

    def __init__(self, form: _Format, *, mends: bool) -> None:
        self._form = form
        self._mends = mends  # some text in it may have been encoded twice

    def feed(self, elements: Iterable[ET.Element], most: int) -> FastFeed | None:
        """Return what a feed holds; None for anything that is not plain."""
        form = self._form
        about: dict[str, str] = {}
        entries: list[Entry] = []
        for element in elements:
            if element.tag == form.item:
                entry = self._entry(element)
                if entry is None:
                    return None
                entries.append(entry)
            elif element.tag == form.title or element.tag in _HINTS:
                if element.tag in about or not _is_text(element, "title"):
                    return None
                about[element.tag] = self._text(element)
            elif element.tag not in form.of_feed and not _changes_nothing(element):
                return None
        hints = tuple((name, about[tag]) for tag, name in _HINTS.items() if about.get(tag))
        return FastFeed(entries=entries[:most], title=about.get(form.title, ""), hints=hints)

    def _entry(self, item: ET.Element) -> Entry | None:
        form = self._form
        if item.attrib and not item.attrib.keys() <= {form.about, _LANGUAGE}:
            return None
        found: dict[str, str] = {}
        links: list[str] = []
        slot_of = form.fields.get
        for child in item:
            tag = child.tag
            slot = slot_of(tag)
            if slot is not None:
                if slot in found or ((len(child) or child.attrib) and not _is_text(child, slot)):
                    return None
                text = child.text
                found[slot] = self._mended(text.strip()) if text else ""
            elif tag == form.link:
                if child.text or len(child) or "href" not in child.attrib:
                    return None
                if _is_alternate(child):
                    links.append(child.attrib["href"])
            elif (tag not in _HARMLESS or len(child)) and not _changes_nothing(child):
                return None
        link = links[-1] if links else _unreferenced(found.get("link", ""))
        if not link or ":///" in link or ":///" in found.get("id", ""):
            return None  # addresses that the tolerant parser finds or mends
        return _entry_of(found, link, item.get(form.about, ""))

    def _text(self, element: ET.Element) -> str:
        return self._mended((element.text or "").strip())

    def _mended(self, text: str) -> str:
        """Return a field as the tolerant parser does: UTF-8 that was encoded twice is undone."""
        if not self._mends or text.isascii():
            return text
        try:
            return text.encode("iso-8859-1").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            return text


def _entry_of(found: Mapping[str, str], link: str, about: str) -> Entry:
    content, description = found.get("content", ""), found.get("description", "")
    return Entry(
        found.get("id") or about,
        link,
        found.get("title", ""),
        content if len(content) >= len(description) else description,
        found.get("published") or found.get("updated", ""),
        found.get("outlet", ""),
    )


def _unreferenced(link: str) -> str:
    """Return a link whose parameters were taken for entities, as they were meant."""
    return _REFERENCE.sub(r"&\1", link.replace("&amp;", "&")) if "&" in link else link


def _is_text(element: ET.Element, slot: str) -> bool:
    """Tell whether a field holds text alone, and no attribute that says how to read it."""
    if len(element):
        return False
    return not element.attrib or all(
        _is_plain_attribute(name, value, slot) for name, value in element.attrib.items()
    )


def _is_plain_attribute(name: str, value: str, slot: str) -> bool:
    if name == "type":
        return slot in _TYPED and value.lower() in _TYPES
    return (name.lower(), slot) in {("ispermalink", "id"), ("url", "outlet")} or name == _LANGUAGE


def _is_alternate(link: ET.Element) -> bool:
    """Tell whether a link leads to the page of an entry."""
    kind = link.get("type", "text/html").lower()
    return link.get("rel", "alternate").lower() == "alternate" and kind in {
        "text/html",
        "html",
        "xhtml",
        "application/xhtml+xml",
    }


def _changes_nothing(element: ET.Element) -> bool:
    """Tell whether an element means nothing to the tolerant parser, nor what stands in it."""
    inside = _HOLDS.get(element.tag)
    if inside is not None:
        return all(each.tag in inside for each in element)
    return not len(element) and _local_name(element.tag) not in _MEANINGFUL


@lru_cache(maxsize=1024)
def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2].lower()
