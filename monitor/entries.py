"""One item of a feed before it is cleaned, and the mark by which it is known again. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

MARK_BYTES = 8  # two entries of one feed share a mark once in 10^17


class Entry(NamedTuple):
    """One item as its format gives it."""

    id: str
    link: str
    title: str  # may hold markup
    body: str  # may hold markup
    date: str  # raw
    outlet: str = ""


def mark(entry: Entry) -> bytes:
    """Return what stays the same as long as a feed says the same of an entry."""
    told = "\x00".join(entry).encode("utf-8", "surrogatepass")
    return hashlib.sha256(told).digest()[:MARK_BYTES]


def pack_marks(marks: Iterable[bytes]) -> bytes:
    """Return the marks of one answer's entries as they are kept until the next."""
    return b"".join(marks)


def unpack_marks(packed: bytes) -> frozenset[bytes]:
    """Return the marks that were kept."""
    return frozenset(
        [packed[start : start + MARK_BYTES] for start in range(0, len(packed), MARK_BYTES)]
    )
