"""Where terms may stand in an article: one scan for the anchors of all of them. Pure.

The only module that imports hyperscan (https://intel.github.io/hyperscan/): many literals are
found in one pass over the text, at a cost that hardly grows with their number.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import hyperscan

from model.text import INSIDE
from monitor.phrases import Anchor, Phrase, View


class AnchorIndex:
    """The anchors of numbered phrases."""

    def __init__(self, phrases: Iterable[tuple[int, Phrase]]) -> None:
        users: dict[str, list[tuple[int, Phrase, Anchor]]] = defaultdict(list)
        for number, phrase in phrases:
            for anchor in phrase.anchors:
                users[anchor.literal].append((number, phrase, anchor))
        self._users = list(users.values())
        self._literals = list(users)
        self._database: hyperscan.Database | None = None
        self._local = threading.local()
        if users:
            self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
            self._database.compile(
                expressions=[_bytes(literal) for literal in users],
                ids=list(range(len(users))),
                elements=len(users),
                flags=0,
                literal=True,
            )

    def spans(self, view: View) -> Iterator[tuple[int, tuple[int, int]]]:
        """Return every phrase's number and place (original offsets) in a text."""
        data = _bytes(view.chars)
        plain = len(data) == len(view.chars)
        for found, end in self._scan(data):
            behind = end if plain else len(data[:end].decode("utf-8", "surrogatepass"))
            place = behind - len(self._literals[found])
            if view.marks[place] == INSIDE:
                continue
            for number, phrase, anchor in self._users[found]:
                span = view.place_at(phrase, anchor, place)
                if span is not None:
                    yield number, span

    def _scan(self, data: bytes) -> Sequence[tuple[int, int]]:
        if self._database is None or not data:
            return ()
        scratch = getattr(self._local, "scratch", None)
        if scratch is None:  # one a thread: the library forbids sharing it
            scratch = self._local.scratch = hyperscan.Scratch(self._database)
        found: list[tuple[int, int]] = []

        def note(literal: int, _from: int, to: int, _flags: int, _context: object) -> None:
            found.append((literal, to))

        self._database.scan(data, match_event_handler=note, scratch=scratch)
        return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
