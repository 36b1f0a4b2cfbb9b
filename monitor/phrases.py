"""Phrases: terms as sequences of folded tokens, and whether one begins at a place. Pure.

A phrase matches when its tokens follow one another with nothing between them but what folding
leaves out. A sign inside the term ("A/RES/79/325") may stand between them too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cache

from model.characters import BREAK, is_han
from model.text import INSIDE, START, Folded, fold, fold_characters
from model.words import SAME_INSIDE, SAME_PHRASES, stable_prefix, stems

NEVER_RARE = 1e6  # of a phrase without an anchor
POSSESSIVE = "'"  # stands for a lone s, which may be one
LONGEST_RUN = 8  # Han characters looked for at once
_POSSESSIVE = re.compile(r"(?<=\w)['’＇]s\b")
_UNIT = re.compile(rb"\x02\x01*|[\x00\x03]")
_REST = re.compile(rb"\x01*")


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
    """Characters that stand in every occurrence, and how many units may stand before them.

    `ahead` and `behind` are the first letters of the units around it, "" where they may differ:
    most places are ruled out by a look at them.
    """

    literal: str
    nearest: int
    farthest: int
    ahead: str = ""
    behind: str = ""


Option = tuple[Anchor, ...]  # one of these stands in every occurrence


@dataclass(frozen=True, slots=True)
class Phrase:
    """One term, compiled; in every occurrence stands one of its anchors (none: look anywhere)."""

    text: str
    elements: Elements
    anchors: tuple[Anchor, ...]
    often: float  # how often an anchor is met in an article, roughly
    case_sensitive: bool = False


class View:
    """A folded text, read unit by unit: words, Han characters and signs."""

    def __init__(self, folded: Folded) -> None:
        self.folded = folded
        self.chars = folded.chars
        self.marks = folded.marks

    def places(self, phrase: Phrase) -> Iterator[tuple[int, int]]:
        """Return where a phrase stands: original offsets, in order."""
        found = set()
        if phrase.elements and not phrase.anchors:
            found = {span for span in self._anywhere(phrase) if span is not None}
        for anchor in phrase.anchors:
            place = self.chars.find(anchor.literal)
            while place >= 0:
                if self.marks[place] != INSIDE and self._fits(anchor, place):
                    span = self.place_at(phrase, anchor, place)
                    if span is not None:
                        found.add(span)
                place = self.chars.find(anchor.literal, place + 1)
        yield from sorted(found)

    def _anywhere(self, phrase: Phrase) -> Iterator[tuple[int, int] | None]:
        for unit in _UNIT.finditer(self.marks):
            last = self.match(unit.start(), phrase.elements)
            if last > 0:
                yield self._span(phrase, unit.start(), last)

    def place_at(self, phrase: Phrase, anchor: Anchor, place: int) -> tuple[int, int] | None:
        """Return where a phrase stands around its anchor, which begins a unit; None: nowhere."""
        first = place
        for before in range(anchor.farthest + 2):  # one more: a possessive s
            if before >= anchor.nearest:
                last = self.match(first, phrase.elements)
                if last > place:
                    return self._span(phrase, first, last)
            first = self.unit_before(first)
            if first < 0:
                return None
        return None

    def _fits(self, anchor: Anchor, place: int) -> bool:
        """Tell at a glance whether the units around an anchor may be the phrase's."""
        if anchor.ahead:
            behind = self.unit_end(place + len(anchor.literal) - 1)
            return self.first_letter(behind) in (anchor.ahead, POSSESSIVE)
        if anchor.behind:
            return self.first_letter(self.unit_before(place)) in (anchor.behind, POSSESSIVE)
        return True

    def first_letter(self, place: int) -> str:
        """Return the letter that a unit begins with; "" beyond the text."""
        if not 0 <= place < len(self.chars):
            return ""
        letter = self.chars[place]
        return POSSESSIVE if letter == "s" and self.unit_end(place) == place + 1 else letter

    def unit_end(self, place: int) -> int:
        """Return where the unit ends that a place is in."""
        if self.marks[place] in (INSIDE, START):
            rest = _REST.match(self.marks, place + 1)
            return rest.end() if rest else place + 1
        return place + 1

    def unit_before(self, place: int) -> int:
        """Return where the unit before a place begins; -1 where there is none."""
        before = place - 1
        if before >= 0 and self.marks[before] == INSIDE:
            return self.marks.rfind(b"\x02", 0, before)
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
        chars, length = self.chars, len(self.chars)
        number, place = 0, start
        while number < len(elements):
            if place >= length:
                return -1
            element = elements[number]
            if isinstance(element, str):
                if chars[place] == element:
                    place += 1
                elif element.isalnum():
                    return -1
            else:
                end = self._element_end(place, element)
                if end < 0:
                    end = self.unit_end(place)
                    if place == start or not self._is_possessive(place, end):
                        return -1
                    number -= 1
                place = end
            number += 1
        return place

    def _element_end(self, start: int, element: Word | Wild | Either) -> int:
        """Return the place behind an element that stands at a unit; -1 where it does not."""
        if isinstance(element, Either):
            ends = (self.match(start, option) for option in element.options)
            return next((end for end in ends if end >= 0), -1)
        end = self.unit_end(start)
        text = self.chars[start:end]
        if self.marks[start] == BREAK:
            return -1
        if isinstance(element, Word):
            same = text == element.text or not element.stems.isdisjoint(stems(text))
            return end if same else -1
        return end if element.pattern.match(text) else -1

    def _is_possessive(self, start: int, end: int) -> bool:
        if self.chars[start:end] != "s":
            return False
        return self.folded.original[self.folded.origin[start] - 1] in "'’＇"


def plain(text: str) -> str:
    """Return a text in ordinary width and spacing, its case kept."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


# --- terms to phrases ----------------------------------------------------------------


def compile_phrases(terms: Sequence[tuple[str, bool]]) -> list[Phrase]:
    """Compile terms, each with whether its case counts; a term of signs alone matches nowhere."""
    every = [_elements(each) for each in _units([text for text, _ in terms])] if terms else []
    choices = [_choices(elements) for elements in every]
    shared = Counter(anchor.literal for each in choices for option in each for anchor in option)
    return [
        _phrase(text, elements, _rarest(options, shared), case_sensitive=case_sensitive)
        for (text, case_sensitive), elements, options in zip(terms, every, choices, strict=True)
    ]


def _phrase(
    text: str, elements: Elements, anchors: Option, *, case_sensitive: bool = False
) -> Phrase:
    often = sum(_met(each, Counter()) for each in anchors) if anchors else NEVER_RARE
    return Phrase(text, elements, anchors, often, case_sensitive)


def compile_wild(text: str) -> Phrase:
    """Compile a phrase that may hold * and ?; raise ValueError where one stands for too much."""
    elements: list[Element] = []
    for word in text.split():
        if "*" in word or "?" in word:
            elements += _wild(word)
        else:
            elements += _elements(_units([word])[0])
    choices = _choices(tuple(elements))
    return _phrase(text, tuple(elements), _rarest(choices, Counter()))


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


def _choices(elements: Elements) -> list[Option]:
    """Return the ways to anchor a phrase."""
    options: list[Option] = []
    nearest = farthest = place = 0
    while place < len(elements):
        element = elements[place]
        run = _han_run(elements, place)
        if run:
            literal = "".join(str(each) for each in elements[place : place + run])
            options.append((_anchor(elements, place, run, literal, nearest, farthest),))
        elif isinstance(element, Word) or (isinstance(element, Wild) and len(element.prefix) > 1):
            options.append((_anchor(elements, place, 1, element.prefix, nearest, farthest),))
        elif isinstance(element, Either):
            options.append(_either_anchors(element, nearest, farthest))
        for passed in elements[place : place + max(run, 1)]:
            least, most = _lengths(passed)
            nearest, farthest = nearest + least, farthest + most
        place += max(run, 1)
    return [option for option in options if option]


def _anchor(
    elements: Elements, place: int, count: int, literal: str, nearest: int, farthest: int
) -> Anchor:
    ahead = _first_letter(elements[place + count : place + count + 1])
    behind = _first_letter(elements[place - 1 : place]) if place and not ahead else ""
    return Anchor(literal, nearest, farthest, ahead, behind)


def _first_letter(elements: Elements) -> str:
    """Return the letter that an element begins with in all of its forms; "" where they differ."""
    if not elements:
        return ""
    (element,) = elements
    if isinstance(element, str):
        return element if element.isalnum() else ""
    return "" if isinstance(element, Either) else element.prefix[:1]


def _han_run(elements: Elements, place: int) -> int:
    length = 0
    for element in elements[place : place + LONGEST_RUN]:
        if not (isinstance(element, str) and element.isalnum()):
            break
        length += 1
    return length


def _either_anchors(element: Either, nearest: int, farthest: int) -> Option:
    return tuple(
        Anchor(anchor.literal, nearest + anchor.nearest, farthest + anchor.farthest)
        for option in element.options
        for anchor in _rarest(_choices(option), Counter())
    )


def _lengths(element: Element) -> tuple[int, int]:
    if isinstance(element, Either):
        sizes = [len(option) for option in element.options]
        return min(sizes), max(sizes)
    return (1, 1) if not isinstance(element, str) or element.isalnum() else (0, 1)


def _rarest(options: Sequence[Option], shared: Counter[str]) -> Option:
    """Choose the anchor that is met least: long, rare in the language, and not in other terms."""
    return min(options, key=lambda option: sum(_met(each, shared) for each in option), default=())


def _met(anchor: Anchor, shared: Counter[str]) -> float:
    literal = anchor.literal
    if literal[0] > "\u2fff":
        often = 8.0 / 8.0 ** min(len(literal) - 1, 4)
    else:
        often = 6.0 / max(len(literal), 1) + (2.0 if literal in COMMON else 0.0)
    return often * (1 + shared[literal] / 4)


COMMON = frozenset(
    stable_prefix(word)
    for word in (
        "the of and to in a for on with at from by is as that it its global world international "
        "national new state states united nations cooperation development government country "
        "countries china chinese plan agreement organization center meeting summit minister "
        "president said will year years people million percent company market economic policy "
        "digital technology intelligence artificial ai project program public security group "
        "african africa european union russia russian american forum bank trade energy"
    ).split()
)
