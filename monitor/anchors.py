"""Where terms may stand in an article: one scan for the anchors of all of them. Pure.

The only module that imports hyperscan (https://intel.github.io/hyperscan/): many literals are
found in one pass over the text, at a cost that hardly grows with their number. What is scanned
are the first letters of each word, so one literal spans a whole name whatever its endings, and is
met by chance so seldom that little is left to verify.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

import hyperscan

from model.words import HEAD
from monitor.phrases import Anchor, Phrase, View

User = tuple[int, Phrase, Anchor]  # a phrase by its number, and one of its anchors
FEW_WORDS = 300  # names of one word, up to which their first letters tell them apart well enough


class AnchorIndex:
    """The anchors of numbered phrases."""

    def __init__(self, phrases: Iterable[tuple[int, Phrase]]) -> None:
        users = list(_users(phrases))
        self.numbers = frozenset(user[0] for user in users)  # what is not found is not there
        words = [user for user in users if user[2].word]
        if len(words) <= FEW_WORDS:
            words = [user for user in words if not user[2].heads]
        chosen = set(map(id, words))
        self._words = _Literals(
            (user[2].word.encode("utf-8", "surrogatepass"), user) for user in words
        )
        self._heads = _Literals((user[2].heads, user) for user in users if id(user) not in chosen)
        self.reach = HEAD * max((user[1].longest for user in users), default=0)
        self._is_loose = any(user[1].longest > 1 for user in words)

    def spans(self, view: View) -> Iterator[tuple[int, tuple[int, int]]]:
        """Return every phrase's number and place (original offsets) in a text."""
        wanted = [
            (int(view.heads.places[head]), users)
            for head, users in self._heads.places(view.heads.data)
        ]
        if self._words:
            wanted += self._words.places_in(view.folded.chars)
        for place, users in wanted:
            if view.begins(place):
                for number, phrase, anchor in users:
                    span = view.place_at(phrase, anchor, place)
                    if span is not None:
                        yield number, span

    def may_stand_in(self, heads: bytes) -> bool:
        """Tell whether some phrase may stand among the first letters of words."""
        return self._is_loose or bool(self._heads.places(heads))


def _users(phrases: Iterable[tuple[int, Phrase]]) -> Iterator[User]:
    for number, phrase in phrases:
        for anchor in phrase.anchors:
            yield number, phrase, anchor


class _Literals:
    """Texts to look for, each with those who look for it."""

    def __init__(self, wanted: Iterable[tuple[bytes, User]]) -> None:
        users: dict[bytes, list[User]] = {}
        for literal, user in wanted:
            users.setdefault(literal, []).append(user)
        self._users = list(users.values())
        self._lengths = [len(literal) for literal in users]
        self._local = threading.local()
        self._database: hyperscan.Database | None = None
        if users:
            self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
            self._database.compile(
                expressions=list(users),
                ids=list(range(len(users))),
                elements=len(users),
                flags=0,
                literal=True,
            )

    def __bool__(self) -> bool:
        return self._database is not None

    def places(self, data: bytes) -> list[tuple[int, list[User]]]:
        """Return where the literals begin in some bytes, with who looks for each."""
        return [
            (end - self._lengths[literal], self._users[literal])
            for literal, end in self._scan(data)
        ]

    def places_in(self, text: str) -> list[tuple[int, list[User]]]:
        """Return where the literals begin in a text, counted in characters."""
        data = text.encode("utf-8", "surrogatepass")
        return [
            (len(data[:place].decode("utf-8", "surrogatepass")), users)
            for place, users in self.places(data)
        ]

    def _scan(self, data: bytes) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        if self._database is None or not data:
            return found
        scratch = getattr(self._local, "scratch", None)
        if scratch is None:  # one a thread: the library forbids sharing it
            scratch = self._local.scratch = hyperscan.Scratch(self._database)

        def note(literal: int, _from: int, to: int, _flags: int, _context: object) -> None:
            found.append((literal, to))

        self._database.scan(data, match_event_handler=note, scratch=scratch)
        return found
