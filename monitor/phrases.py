"""Phrases: terms as sequences of folded tokens, and whether one begins at a place. Pure.

A phrase matches when its tokens follow one another with nothing between them but what folding
leaves out. A sign inside the term ("A/RES/79/325") may stand between them too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from itertools import groupby
from typing import TypeVar

from model.characters import BREAK, JOIN, WORD, is_han
from model.text import APOSTROPHES, Folded, fold, fold_characters, head_bytes
from model.words import HEAD, SAME_INSIDE, SAME_PHRASES, heads, stable_prefix, stems

NEVER_RARE = 1e6  # of a phrase without an anchor
LONGEST_RUN = 8  # units looked for at once
MOST_ANCHORS = 32  # spellings of one phrase that are looked for
_POSSESSIVE = re.compile(r"(?<=\w)['’＇]s\b")
_UNIT = re.compile(rb"\x01+|[\x00\x03]")
_WORD = re.compile(rb"\x01+")


Text = TypeVar("Text", str, bytes)


class Word:
    """A Latin word, in any of its forms."""

    __slots__ = ("prefix", "stems", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.stems = stems(text)
        self.prefix = stable_prefix(text)


class Wild:
    """A word with * or ?."""

    __slots__ = ("pattern", "prefix")

    def __init__(self, text: str) -> None:
        self.pattern = re.compile(translate(text))
        self.prefix = re.split(r"[*?]", text, maxsplit=1)[0]


class Either:
    """Phrases of one meaning: any of them."""

    __slots__ = ("options",)

    def __init__(self, options: Iterable[Elements]) -> None:
        self.options = tuple(sorted(options, key=len, reverse=True))


Element = str | Word | Wild | Either  # a string is one Han character, or a sign
Elements = tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Anchor:
    """What stands in every occurrence: the first letters of units that follow one another.

    `word` is more of the letters, where it is one word alone; without `heads` it is all there is.
    """

    heads: bytes
    nearest: int  # units that stand before, in its phrase
    farthest: int
    word: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One term, compiled; in every occurrence stands one of its anchors (none: look anywhere)."""

    text: str
    elements: Elements
    anchors: tuple[Anchor, ...]
    often: float  # how often an anchor is met in an article, roughly
    case_sensitive: bool = False

    @property
    def longest(self) -> int:
        """Return how many units it may take."""
        return sum(_lengths(each)[1] for each in self.elements)

    def may_stand_in(self, heads: bytes) -> bool:
        """Tell whether one of its anchors stands among the first letters of words."""
        for anchor in self.anchors:
            if anchor.heads in heads:
                return True
        return not self.anchors


class View:
    """A folded text, read unit by unit: words, Han characters and signs."""

    def __init__(self, folded: Folded) -> None:
        self.folded = folded
        self.heads = folded.heads()
        self.marks = folded.marks

    def places(self, phrase: Phrase) -> Iterator[tuple[int, int]]:
        """Return where a phrase stands: original offsets, in order."""
        if not phrase.anchors:
            found = set(self._anywhere(phrase)) if phrase.elements else set()
        else:
            found = {
                self.place_at(phrase, anchor, place)
                for anchor in phrase.anchors
                for place in self._anchored(anchor)
            }
        yield from sorted(each for each in found if each is not None)

    def _anchored(self, anchor: Anchor) -> Iterator[int]:
        if anchor.heads:
            found = _every(self.heads.data, anchor.heads)
            places: Iterator[int] = (int(self.heads.places[place]) for place in found)
        else:
            places = _every(self.folded.chars, anchor.word)
        return (place for place in places if self.begins(place))

    def begins(self, place: int) -> bool:
        """Tell whether a unit begins at a place."""
        return not place or self.marks[place] != WORD or self.marks[place - 1] != WORD

    def heads_around(self, spans: Sequence[tuple[int, int]], reach: int) -> bytes:
        """Return the heads before and behind parts of the original, as if those were not there."""
        data, folded = self.heads.data, self.folded
        ends = [folded.place(each) for span in spans for each in span]
        ends = self.heads.places.searchsorted(ends).tolist()
        return b"\0".join(
            data[max(first - reach, 0) : first] + data[last : last + reach]
            for first, last in zip(ends[::2], ends[1::2], strict=True)
        )

    def _anywhere(self, phrase: Phrase) -> Iterator[tuple[int, int] | None]:
        for unit in _UNIT.finditer(self.marks):
            last = self.match(unit.start(), phrase.elements)
            if last > 0:
                yield self._span(phrase, unit.start(), last)

    def place_at(self, phrase: Phrase, anchor: Anchor, place: int) -> tuple[int, int] | None:
        """Return where a phrase stands around its anchor, which begins a unit; None: nowhere."""
        first = place
        most = anchor.farthest + 1 if anchor.farthest else 0  # one more: a possessive s
        for before in range(most + 1):
            if before >= anchor.nearest:
                last = self.match(first, phrase.elements)
                if last > place:
                    return self._span(phrase, first, last)
            first = self.unit_before(first)
            if first < 0:
                return None
        return None

    def unit_end(self, place: int) -> int:
        """Return where the unit ends that begins at a place."""
        if self.marks[place] != WORD:
            return place + 1
        word = _WORD.match(self.marks, place)
        return word.end() if word else place + 1

    def unit_behind(self, end: int) -> int:
        """Return where the unit begins that follows one that ends at a place."""
        marks = self.marks
        while end < len(marks) and marks[end] == JOIN:
            end += 1
        return end

    def unit_before(self, place: int) -> int:
        """Return where the unit before a place begins; -1 where there is none."""
        marks, before = self.marks, place - 1
        while before >= 0 and marks[before] == JOIN:
            before -= 1
        while before > 0 and marks[before] == marks[before - 1] == WORD:
            before -= 1
        return before

    def _span(self, phrase: Phrase, first: int, last: int) -> tuple[int, int] | None:
        span = self.folded.span(first, last)
        if phrase.case_sensitive and plain(self.folded.original[slice(*span)]) != plain(
            phrase.text
        ):
            return None
        return span

    def match(self, start: int, elements: Elements) -> int:
        """Return the place behind a phrase that begins at a unit; -1 where it does not."""
        chars = self.folded.chars
        length = len(chars)
        number, end = 0, start
        while number < len(elements):
            place = self.unit_behind(end)
            if place >= length:
                return -1
            element = elements[number]
            number += 1
            if isinstance(element, str):
                if chars[place] == element:
                    end = place + 1
                elif element.isalnum():
                    return -1
            else:
                last = self._element_end(place, element)
                if last < 0:
                    last = self.unit_end(place)
                    if place == start or not self._is_possessive(place, last):
                        return -1
                    number -= 1
                end = last
        return end

    def _element_end(self, start: int, element: Word | Wild | Either) -> int:
        """Return the place behind an element that stands at a unit; -1 where it does not."""
        if isinstance(element, Either):
            ends = (self.match(start, option) for option in element.options)
            return next((end for end in ends if end >= 0), -1)
        if not self.folded.chars.startswith(element.prefix, start):
            return -1  # most words are ruled out by a look
        end = self.unit_end(start)
        text = self.folded.chars[start:end]
        if self.marks[start] == BREAK:
            return -1
        if isinstance(element, Word):
            same = text == element.text or not element.stems.isdisjoint(stems(text))
            return end if same else -1
        return end if element.pattern.match(text) else -1

    def _is_possessive(self, start: int, end: int) -> bool:
        if self.folded.chars[start:end] != "s":
            return False
        return self.folded.original[self.folded.stood(start) - 1] in APOSTROPHES


def _every(text: Text, part: Text) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def plain(text: str) -> str:
    """Return a text in ordinary width and spacing, its case kept."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


# --- terms to phrases ----------------------------------------------------------------


def compile_phrases(terms: Sequence[tuple[str, bool]]) -> list[Phrase]:
    """Compile terms, each with whether its case counts; a term of signs alone matches nowhere."""
    every = _units([text for text, _ in terms]) if terms else []
    return [
        _phrase(text, _elements(units), case_sensitive=case_sensitive)
        for (text, case_sensitive), units in zip(terms, every, strict=True)
    ]


def _phrase(text: str, elements: Elements, *, case_sensitive: bool = False) -> Phrase:
    often, anchors = min(_options(elements), default=(NEVER_RARE, ()), key=lambda each: each[0])
    return Phrase(text, elements, anchors, often, case_sensitive)


def compile_wild(text: str) -> Phrase:
    """Compile a phrase that may hold * and ?; raise ValueError where one stands for too much."""
    elements: list[Element] = []
    for is_wild, words in groupby(text.split(), lambda word: "*" in word or "?" in word):
        if is_wild:
            elements += (each for word in words for each in _wild(word))
        else:  # together: "artificial intelligence" is AI here too
            elements += _elements(_units([" ".join(words)])[0])
    return _phrase(text, tuple(elements))


def _wild(word: str) -> Iterator[Element]:
    for piece in re.findall(r"[^\u3400-\u9fff]+|[\u3400-\u9fff]", fold_characters(word)):
        if len(piece) == 1 and is_han(piece):
            yield piece
        elif piece.strip("*"):
            letters = sum(each.isalnum() for each in piece)
            if letters < 2 and not re.fullmatch(r"\?+", piece):
                raise ValueError("a wildcard needs two letters")
            yield Wild(piece)


def _units(texts: Sequence[str]) -> list[list[str]]:
    """Return each text's folded words, Han characters and signs: all folded in one go."""
    joined = "\n\n".join(" ".join(_POSSESSIVE.sub("", text).split()) for text in texts)
    folded = fold(joined)
    units: list[list[str]] = [[]]
    for found in _UNIT.finditer(folded.marks):
        unit = folded.chars[found.start() : found.end()]
        if unit == "\n":
            units.append([])
        else:
            units[-1].append(unit)
    return units + [[] for _ in range(len(texts) - len(units))]


def _elements(units: Sequence[str]) -> Elements:
    """Return a term's elements: signs at its ends dropped, phrases of one meaning put together."""
    first = next((place for place, unit in enumerate(units) if unit.isalnum()), len(units))
    last = next((place for place in range(len(units), first, -1) if units[place - 1].isalnum()), 0)
    units = units[first:last]
    elements: list[Element] = []
    place = 0
    while place < len(units):
        length, element = _same(units, place)
        elements.append(element)
        place += length
    return tuple(elements)


def _same(units: Sequence[str], place: int) -> tuple[int, Element]:
    """Return how many units one element takes, and the element."""
    for phrase, either, inside in _same_phrases().get(units[place], ()):
        length = len(phrase)
        if tuple(units[place : place + length]) == phrase and (length < len(units) or not inside):
            return length, either
    return 1, _element(units[place])


@cache
def _element(unit: str) -> Element:
    return unit if len(unit) == 1 and (is_han(unit) or not unit.isalnum()) else Word(unit)


@cache
def _same_phrases() -> dict[str, list[tuple[tuple[str, ...], Either, bool]]]:
    """Return what stands for what, by first unit; inside a longer phrase first, then longest."""
    rules: dict[str, list[tuple[tuple[str, ...], Either, bool]]] = {}
    for group, inside in [(each, True) for each in SAME_INSIDE] + [
        (each, False) for each in SAME_PHRASES
    ]:
        phrases = [tuple(units) for units in _units(group)]
        either = Either(tuple(_element(unit) for unit in phrase) for phrase in phrases)
        for phrase in phrases:
            rules.setdefault(phrase[0], []).append((phrase, either, inside))
    return {
        first: sorted(each, key=lambda rule: (not rule[2], -len(rule[0])))
        for first, each in rules.items()
    }


# --- anchors ---------------------------------------------------------------------------


def _options(elements: Elements) -> Iterator[tuple[float, tuple[Anchor, ...]]]:
    """Return the ways to anchor a phrase, each with how often it is met: one for each stretch of
    units whose first letters are known, and one for each word.
    """
    nearest = farthest = place = 0
    while place < len(elements):
        run, often, literals = _run(elements, place)
        if run:
            word = _letters(elements[place]) if run == 1 else ""
            longer = word if len(word) > HEAD else ""
            yield often, tuple(Anchor(each, nearest, farthest, longer) for each in literals)
        elif word := _letters(elements[place]):
            yield PER_ARTICLE * _met((head_bytes(word),)), (Anchor(b"", nearest, farthest, word),)
        for passed in elements[place : place + max(run, 1)]:
            least, most = _lengths(passed)
            nearest, farthest = nearest + least, farthest + most
        place += max(run, 1)


def _run(elements: Elements, place: int) -> tuple[int, float, list[bytes]]:
    """Return how many units from a place on are looked for, how often they are met, and how."""
    literals, often, count = [b""], PER_ARTICLE, 0
    for element in elements[place : place + LONGEST_RUN]:
        more = _element_heads(element)
        optional = not count and b"" in more
        if not more or optional or (count and len(literals) * len(more) > MOST_ANCHORS):
            break
        literals = [one + other for one in literals for other in more]
        often *= _met(more)
        count += 1
    return count, often, literals


@cache
def _element_heads(element: Element) -> tuple[bytes, ...]:
    """Return what the first letters of an element may be; none where nobody knows."""
    if isinstance(element, Either):
        runs = [(option, _run(option, 0)) for option in element.options]
        known = all(count == len(option) for option, (count, _, _) in runs)
        return tuple(each for _, (_, _, literals) in runs for each in literals) if known else ()
    if isinstance(element, str):
        found: tuple[str, ...] = (element,) if element.isalnum() else (element, "")
    elif isinstance(element, Wild):
        found = (element.prefix[:HEAD],) if len(element.prefix) >= HEAD else ()
    else:  # a possessive s is no head
        found = heads(element.text) if element.text != "s" else ("s", "")
    return tuple(map(head_bytes, found))


def _letters(element: Element) -> str:
    """Return the letters that a word begins with in all of its forms."""
    if isinstance(element, Word | Wild) and len(element.prefix) > 1:
        return element.prefix
    return ""


def _lengths(element: Element) -> tuple[int, int]:
    if isinstance(element, Either):
        sizes = [len(option) for option in element.options]
        return min(sizes), max(sizes)
    return (1, 1) if not isinstance(element, str) or element.isalnum() else (0, 1)


@cache
def _met(heads: tuple[bytes, ...]) -> float:
    """Return the share of an article's units that begin in one of these ways, roughly."""
    return sum(map(_share, heads))


def _share(head: bytes) -> float:
    if len(head) == 1 and not head.isalnum():
        return 1 / 150  # one Han character
    return (0.02 if head in COMMON else 0.001) if len(head) >= HEAD else 0.1 / 3 ** len(head)


PER_ARTICLE = 400.0  # units
COMMON = frozenset(
    word[:HEAD].encode()
    for word in (
        "the of and to in a for on with at from by is as that it its global world international "
        "national new state states united nations cooperation development government country "
        "countries china chinese plan agreement organization center meeting summit minister "
        "president said will year years people million percent company market economic policy "
        "digital technology intelligence artificial ai project program public security group "
        "african africa european union russia russian american forum bank trade energy"
    ).split()
)
