"""Feeds added to the text of `watchlist.yaml`; what stands there stays as it is. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from model.records import Language, PageSelectors
from model.watchlist_yaml import read_yaml

LONGEST_ID, LONGEST_TITLE = 48, 120
_OTHER = re.compile(r"[^a-z0-9]+")
_USELESS = frozenset("www feeds feed rss news com org net co uk cn hk tw gov the of and a".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFeed:
    """A feed that may be added."""

    id: str
    url: str
    title: str
    language: Language
    kind: str = "feed"
    page: PageSelectors | None = None
    group: str = ""  # a folder that it stood in; becomes a comment


def feed_id(title: str, url: str, taken: Collection[str]) -> str:
    """Return an id that is free: of the title's Latin letters, else of the host's name."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    name = _OTHER.sub("-", plain.lower()).strip("-")
    if len(name) < 3 or sum(map(str.isalpha, name)) < 3:
        host = (urlsplit(url).hostname or "feed").lower()
        kept = [each for each in host.split(".") if each not in _USELESS]
        name = _OTHER.sub("-", "-".join(kept or [host]).lower()).strip("-")
    name = (name if len(name) >= 3 else f"feed-{name}".strip("-"))[: LONGEST_ID - 4].strip("-")
    number, found = 1, name
    while found in taken or found == "all":
        number += 1
        found = f"{name}-{number}"
    return found


def feed_line(feed: NewFeed) -> str:
    """Return the entry of a feed as one line of the watchlist, without its dash."""
    kind = "" if feed.kind == "feed" else f", kind: {feed.kind}"
    title = _quoted("".join(each if each.isprintable() else " " for each in feed.title))
    about = f"id: {feed.id}, url: {_quoted(feed.url)}, title: {title}"
    page = "" if feed.page is None else f", page: {{{_selectors(feed.page)}}}"
    return f"{{{about}, language: {feed.language}{kind}{page}}}"


def _selectors(page: PageSelectors) -> str:
    named = {"item": page.item, "title": page.title, "link": page.link, "date": page.date}
    return ", ".join(f"{name}: {_quoted(value)}" for name, value in named.items() if value)


def _quoted(text: str) -> str:
    """Return a text as YAML in double quotes; JSON's way to write one is YAML's too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f")


def add_feeds(text: str, feeds: Sequence[NewFeed]) -> str:
    """Return the text of a watchlist file with these feeds behind those it has.

    Raises ValueError where the file is not one that feeds can be added to.
    """
    if "\r\n" in text and text.count("\n") == text.count("\r\n"):
        return add_feeds(text.replace("\r\n", "\n"), feeds).replace("\n", "\r\n")
    document = read_yaml("watchlist", text)
    root = document.root
    if document.problems and any(not each.warning for each in document.problems):
        raise ValueError(str(document.problems[0]))
    if root is None:
        return _ended(text) + "feeds:\n" + "".join(_lines(feeds, "  "))
    if not isinstance(root, MappingNode) or root.flow_style:
        raise ValueError("the file is no mapping in lines")
    found = _value_of(root, "feeds")
    if found is None:
        return _ended(text) + "feeds:\n" + "".join(_lines(feeds, "  "))
    if isinstance(found, SequenceNode) and found.value and not found.flow_style:
        return _behind(text, found, feeds)
    return _in_place_of(text, found, feeds)


def _value_of(root: MappingNode, name: str) -> Node | None:
    return next((value for key, value in root.value if key.value == name), None)


def _behind(text: str, found: SequenceNode, feeds: Sequence[NewFeed]) -> str:
    lines = text.splitlines(keepends=True)
    indent = " " * (found.start_mark.column)
    after = _last_line(found.value[-1]) + 1
    head = "".join(lines[:after])
    return _ended(head) + "".join(_lines(feeds, indent)) + "".join(lines[after:])


def _in_place_of(text: str, found: Node, feeds: Sequence[NewFeed]) -> str:
    """Write a list in lines where `feeds` is empty; go on with one in brackets."""
    if isinstance(found, MappingNode) or (
        isinstance(found, ScalarNode) and found.value not in {"", "null", "~"}
    ):
        raise ValueError("`feeds` is no list")
    if isinstance(found, SequenceNode) and found.value:
        end = found.value[-1].end_mark.index
        entries = "".join(f",\n  {feed_line(each)}" for each in feeds)
        return text[:end] + entries + text[end:]
    before, after = text[: found.start_mark.index], text[found.end_mark.index :]
    rest, newline, following = after.partition("\n")
    lines = "".join(_lines(feeds, "  "))
    return f"{before.rstrip()}{rest.rstrip()}{newline or chr(10)}{lines}{following}"


def _last_line(node: Node) -> int:
    """Return the line in which an entry ends: its own end mark stands behind comments."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end: int = node.end_mark.line
    return end - 1 if node.end_mark.column == 0 and end > node.start_mark.line else end


def _lines(feeds: Iterable[NewFeed], indent: str) -> Iterable[str]:
    group = ""
    for each in feeds:
        if each.group != group:
            group = each.group
            if group:
                shown = "".join(letter if letter.isprintable() else " " for letter in group)
                yield f"{indent}# {shown[:LONGEST_TITLE]}\n"
        yield f"{indent}- {feed_line(each)}\n"


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
