"""Where terms may stand in an article: one scan for the anchors of all of them. Pure.

The only module that imports hyperscan (https://intel.github.io/hyperscan/): many literals are
found in one pass over the text, at a cost that hardly grows with their number.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import hyperscan
import numpy as np

from model.text import INSIDE
from monitor.phrases import POSSESSIVE, Anchor, Phrase, View

User = tuple[int, Phrase, Anchor]  # a phrase by its number, and one of its anchors
NOTHING: tuple[User, ...] = ()
MANY = 24  # anchors in an article from which they are looked at together


class AnchorIndex:
    """The anchors of numbered phrases."""

    def __init__(self, phrases: Iterable[tuple[int, Phrase]]) -> None:
        users: dict[str, _Users] = defaultdict(_Users)
        for number, phrase in phrases:
            for anchor in phrase.anchors:
                users[anchor.literal].add((number, phrase, anchor))
        self._users = list(users.values())
        self._lengths = [len(literal) for literal in users]
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
        found = self._scan(data)
        if not found:
            return
        plain = len(data) == len(view.chars)
        ends = [
            end if plain else len(data[:end].decode("utf-8", "surrogatepass")) for _, end in found
        ]
        literals = [each for each, _ in found]
        look = _look_at_each if len(found) < MANY else _look_at_all
        places = [end - self._lengths[each] for end, each in zip(ends, literals, strict=True)]
        for which, place, behind, ahead in look(view, places, ends):
            for number, phrase, anchor in self._users[literals[which]].fitting(behind, ahead):
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


Look = tuple[
    int, int, str, str
]  # which anchor, where, the letters that the units around begin with


def _look_at_each(view: View, places: Sequence[int], ends: Sequence[int]) -> Iterator[Look]:
    """Return the anchors that begin a unit, with the letters around."""
    for which, (place, end) in enumerate(zip(places, ends, strict=True)):
        if view.marks[place] != INSIDE:
            before = view.first_letter(view.unit_before(place))
            yield which, place, before, view.first_letter(view.unit_end(end - 1))


def _look_at_all(view: View, places: Sequence[int], ends: Sequence[int]) -> Iterator[Look]:
    """Do the same for many at once: a word that many terms are anchored at is met often."""
    marks = np.frombuffer(view.marks, dtype=np.uint8)
    units = np.append(np.flatnonzero(marks != INSIDE), len(marks))
    unit = np.searchsorted(units, places)
    codes = np.append(view.folded.codes, np.uint32(0))
    lone = np.append(np.diff(units) == 1, False)
    codes[units[:-1][lone[:-1] & (codes[units[:-1]] == ord("s"))]] = ord(POSSESSIVE)
    ahead = codes[units[np.searchsorted(units, ends)]]
    behind = np.where(unit > 0, codes[units[unit - 1]], 0)
    for which in np.flatnonzero(units[unit] == places).tolist():
        yield which, places[which], chr(behind[which]), chr(ahead[which])


class _Users:
    """Those who look for one literal, by the letter that must stand around it."""

    __slots__ = ("_ahead", "_any", "_behind")

    def __init__(self) -> None:
        self._ahead: dict[str, list[User]] = {}
        self._behind: dict[str, list[User]] = {}
        self._any: list[User] = []

    def add(self, user: User) -> None:
        anchor = user[2]
        if anchor.ahead:
            self._ahead.setdefault(anchor.ahead, []).append(user)
        elif anchor.behind:
            self._behind.setdefault(anchor.behind, []).append(user)
        else:
            self._any.append(user)

    def fitting(self, behind: str, ahead: str) -> Sequence[User]:
        """Return those whom the letters around suit; a lone s suits all."""
        if POSSESSIVE in (ahead, behind):
            every = (*self._ahead.values(), *self._behind.values(), self._any)
            return [user for users in every for user in users]
        ahead_users = self._ahead.get(ahead, NOTHING) if self._ahead else NOTHING
        behind_users = self._behind.get(behind, NOTHING) if self._behind else NOTHING
        return (*ahead_users, *behind_users, *self._any)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
