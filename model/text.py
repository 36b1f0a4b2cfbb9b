"""Folding: spellings brought together, with offsets back to the original. Pure.

A token is a run of letters and digits, or one Han character. Folding takes NFKC without accents,
case folding and traditional to simplified characters, each code point through one table, so an
article takes microseconds. White space, hyphens, dashes, middle dots, apostrophes and quotes are
left out; every other sign stays and keeps the tokens around it apart.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.characters import (
    BREAK,
    CODE,
    JOIN,
    KIND,
    SCRIPT_SIGNS,
    SPECIAL,
    WORD,
    characters,
    writing,
)
from model.records import Language

INSIDE, START, ALONE = 1, 2, 3  # marks, beside BREAK: within a word, its first letter, Han
_TOKEN = re.compile(rb"\x02\x01*|\x03")
_BLANK_LINE = re.compile(r"\n[^\S\n]*(?=\n)")
_SAMPLE = 1500  # characters that tell a text's language
_LATIN = re.compile("[A-Za-z]")
# Every class of characters is a sum of signs; a row for each sign, over all classes.
_CLASSES = 2 * max(SCRIPT_SIGNS)
_SUMS = np.array([[bool(each & sign) for each in range(_CLASSES)] for sign in SCRIPT_SIGNS], int)


@dataclass(frozen=True, slots=True)
class Token:
    """One folded token and where it stands in the original (code points)."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Folded:
    """A text as it is compared: `chars`, what each of them is, and where it stood."""

    original: str
    codes: NDArray[np.uint32] = field(repr=False)
    marks: bytes = field(repr=False)
    origin: NDArray[np.intp] = field(repr=False)

    @cached_property
    def chars(self) -> str:
        """Return the folded characters without what joins tokens."""
        return self.codes.tobytes().decode("utf-32-le", "surrogatepass")

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens in order."""
        chars = self.chars
        return tuple(
            Token(chars[start:end], *self.span(start, end))
            for start, end in (found.span() for found in _TOKEN.finditer(self.marks))
        )

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where folded characters `start` to `end` stand in the original."""
        first, last = int(self.origin[start]), int(self.origin[end - 1]) + 1
        while last < len(self.original) and unicodedata.combining(self.original[last]):
            last += 1
        return first, last

    def token_end(self, start: int) -> int:
        """Return where the token that begins at a folded character ends."""
        found = _TOKEN.match(self.marks, start)
        return found.end() if found else start

    @cached_property
    def numbers(self) -> NDArray[np.intp]:
        """Return for each folded character which token it belongs to, counted from 0."""
        marks = np.frombuffer(self.marks, dtype=np.uint8)
        return np.cumsum(marks >= START) - 1

    def paragraph(self, place: int) -> int:
        """Return which line of the original a folded character stands in, counted from 0."""
        return bisect_right(self._line_ends, int(self.origin[place]))

    @cached_property
    def _line_ends(self) -> list[int]:
        return [found.start() for found in re.finditer("\n", self.original)]


def fold(text: str) -> Folded:
    """Fold a text."""
    packed = characters().packed.take(_codes(text))
    where: NDArray[np.intp] | None = None
    dots = _dots_in_acronyms(text, packed)
    if len(dots) or SPECIAL in _kinds(packed).tobytes():
        packed, where = _rewritten(text, packed, dots)
    for found in _BLANK_LINE.finditer(text):
        place = found.start() if where is None else int(np.searchsorted(where, found.start()))
        packed[place] = ord("\n") | BREAK << KIND
    marks = _kinds(packed).copy()
    kept = np.flatnonzero(marks != JOIN)
    words = marks == WORD
    marks[1:] += words[1:] & ~words[:-1]
    marks[:1] += words[:1]
    return Folded(
        original=text,
        codes=packed.take(kept) & np.uint32(CODE),
        marks=marks.take(kept).tobytes(),
        origin=kept if where is None else where[kept],
    )


def _kinds(packed: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return the top byte of each packed value."""
    return packed.view(np.uint8)[3::4] if sys.byteorder == "little" else packed.view(np.uint8)[::4]


def fold_phrase(text: str) -> tuple[str, ...]:
    """Return a term's tokens, folded."""
    return tuple(token.text for token in fold(text).tokens)


def fold_characters(text: str) -> str:
    """Return a text of the same length, each character folded where one stands for one.

    For patterns that look at words and signs in place: an offset into the result is an offset
    into the original.
    """
    codes = _codes(text)
    packed = characters().packed.take(codes)
    folded = np.where(_kinds(packed) >= JOIN, codes, packed & np.uint32(CODE)).astype(np.uint32)
    return folded.tobytes().decode("utf-32-le", "surrogatepass")


def _codes(text: str) -> NDArray[np.unsignedinteger]:
    data = text.encode("utf-16-le", "surrogatepass")
    if len(data) == 2 * len(text):
        return np.frombuffer(data, dtype="<u2")
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _dots_in_acronyms(text: str, packed: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return the dots of A.I. and U.N.: they stand behind single letters, two or more in a row."""
    between = text.split(".")[1:-1]
    if not any(len(each) == 1 for each in between):
        return np.empty(0, dtype=np.intp)
    dots = np.flatnonzero(packed == (ord(".") | BREAK << KIND))
    dots = dots[dots > 0]
    words = _kinds(packed) == WORD
    single = words[dots - 1] & ~(words[dots - 2] & (dots > 1))
    dots = dots[single]
    near = np.diff(dots) == 2
    if not near.any():
        return np.empty(0, dtype=np.intp)
    chosen = np.zeros(len(dots), dtype=bool)
    chosen[1:] |= near
    chosen[:-1] |= near
    return np.asarray(dots[chosen], dtype=np.intp)


def _rewritten(
    text: str, packed: NDArray[np.uint32], dots: NDArray[np.intp]
) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """Write out the characters that fold to none or to several, with where each came from."""
    table = characters()
    specials = np.flatnonzero(packed >= SPECIAL << KIND)
    written = {int(place): table.several.get(ord(text[place]), "") for place in specials}
    written |= dict.fromkeys(map(int, dots), "")
    counts = np.ones(len(packed), dtype=np.intp)
    counts[list(written)] = [len(each) for each in written.values()]
    where = np.repeat(np.arange(len(packed)), counts)
    packed = packed[where]
    ends = np.cumsum(counts)
    for place, each in written.items():
        if each:
            packed[ends[place] - len(each) : ends[place]] = table.packed[_codes(each)]
    return packed, where


def detect_language(text: str, hint: Language | None = None) -> Language:
    """Return a text's language by its script; the hint decides where the script does not."""
    text = text[:_SAMPLE]
    if text.isascii():
        return Language.ENGLISH if _LATIN.search(text) else hint or Language.UNKNOWN
    counts = np.bincount(writing().take(_codes(text)), minlength=_CLASSES)
    latin, han, foreign, letters, simplified, traditional = (_SUMS @ counts).tolist()
    letters += latin
    if not letters:
        return hint or Language.UNKNOWN
    if foreign > max(2, 0.1 * (han + foreign)):
        return Language.UNKNOWN
    if han and han * 3 >= letters * 0.6:  # a Han character weighs a short word
        return _script(simplified, traditional, hint)
    if latin * 2 > letters:
        return Language.ENGLISH if hint in (None, Language.UNKNOWN) or han == 0 else hint
    return Language.UNKNOWN


def _script(simplified: int, traditional: int, hint: Language | None) -> Language:
    if simplified != traditional:
        more = simplified > traditional
        return Language.CHINESE_SIMPLIFIED if more else Language.CHINESE_TRADITIONAL
    chinese = (Language.CHINESE_SIMPLIFIED, Language.CHINESE_TRADITIONAL)
    return hint if hint in chinese else Language.CHINESE_SIMPLIFIED
