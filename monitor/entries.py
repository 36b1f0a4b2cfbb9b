"""One item of a feed before it is cleaned, and the mark by which it is known again. Pure.

Most items of most answers stood in the answer before. A mark holds what an item said, as a hash of
its bytes or of its fields, and which entry it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

_CONTENTS, _IDENTITY = 8, 4  # bytes; two items of one feed say the same once in 10^16
MARK = _CONTENTS + _IDENTITY
_SPACE = frozenset(b" \t\r\n")


class Entry(NamedTuple):
    """One item as its format gives it."""

    id: str
    link: str
    title: str  # may hold markup
    body: str  # may hold markup
    date: str  # raw
    outlet: str = ""


def contents_of(entry: Entry) -> bytes:
    """Return what stays the same as long as a feed says the same of an entry."""
    return _contents("\x00".join(entry).encode("utf-8", "surrogatepass"))


def _contents(said: bytes) -> bytes:
    return hashlib.sha256(said).digest()[:_CONTENTS]


def identity_of(entry_id: str) -> bytes:
    """Return which entry a mark is of."""
    return hashlib.sha256(entry_id.encode("utf-8", "surrogatepass")).digest()[:_IDENTITY]


def unpack_marks(packed: bytes) -> dict[bytes, bytes]:
    """Return the identity for each contents, out of marks put together."""
    marks = (packed[start : start + MARK] for start in range(0, len(packed), MARK))
    return {each[:_CONTENTS]: each[_CONTENTS:] for each in marks}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sliced:
    """A document without the items that are known, by their bytes."""

    body: bytes
    fresh: list[bytes]  # the contents of the items left
    known: dict[bytes, bytes]  # those left out: identity for each contents


def without_known(body: bytes, marks: Mapping[bytes, bytes], most: int) -> Sliced | None:
    """Leave known items out of an RSS or Atom document; None where it does not fall into items.

    Whether it truly did is seen when it is read: each item left must give one entry.
    """
    name = b"item" if b"</item>" in body else b"entry"
    *parts, tail = body.split(b"</%s>" % name)
    if not 0 < len(parts) <= most:
        return None
    begins = [part.find(b"<" + name) for part in parts]
    items = [part[begin:] for part, begin in zip(parts, begins, strict=True)]
    between = [part[:begin] for part, begin in zip(parts, begins, strict=True)]
    if min(begins) < 0 or not all(_SPACE.issuperset(each) for each in between[1:]):
        return None
    contents = [_contents(each) for each in items]
    end = b"</%s>" % name
    left = [item + end for item, each in zip(items, contents, strict=True) if each not in marks]
    return Sliced(
        body=b"".join([between[0], *left, tail]),
        fresh=[each for each in contents if each not in marks],
        known={each: marks[each] for each in contents if each in marks},
    )


def pack_marks(known: Mapping[bytes, bytes], fresh: Iterable[tuple[bytes, str]]) -> bytes:
    """Put together the marks of one answer; of a fresh entry its contents and its id are given."""
    return b"".join(
        [contents + identity for contents, identity in known.items()]
        + [contents + identity_of(entry_id) for contents, entry_id in fresh]
    )
