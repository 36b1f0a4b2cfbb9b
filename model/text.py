"""Folding: spellings brought together, with offsets back to the original. Pure.

A token is a run of letters and digits, or one Han character. Folding takes NFKC without accents,
case folding and traditional to simplified characters, each code point through one table, so an
article takes microseconds. White space, hyphens, dashes, middle dots, apostrophes and quotes join
tokens; every other sign keeps the tokens around it apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from model.characters import (
    BREAK,
    HAN,
    JOIN,
    SCRIPT_SIGNS,
    SPECIAL,
    WORD,
    characters,
    is_han,
    writing,
)
from model.records import Language
from model.words import HEAD

APOSTROPHES = "'’＇"  # what may stand before a possessive s
_TOKEN = re.compile(rb"\x01+|\x03")
_BLANK_LINE = re.compile(r"\n(?=[^\S\n]*\n)")  # nothing goes on over one
_ACRONYM = re.compile(r"\.[^.]\.")
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


@dataclass(eq=False)
class Heads:
    """The first letters of each word, all Han characters and signs, without what joins them.

    A byte for each, to look for names in: a possessive s, which may stand within one, is left out.
    """

    data: bytes
    places: NDArray[np.intp] = field(repr=False)  # of each, among the folded characters


@dataclass(eq=False)
class Folded:
    """A text as it is compared: code points, each of a kind, those that join tokens among them."""

    original: str
    codes: NDArray[np.intp] = field(repr=False)  # not folded one by one yet
    kinds: NDArray[np.uint8] = field(repr=False)
    marks: bytes = field(repr=False)  # the kinds again
    where: NDArray[np.intp] | None = field(repr=False)  # in the original; None: one for one

    @cached_property
    def chars(self) -> str:
        """Return the folded characters."""
        return _text(characters().folds.take(self.codes))

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Return the tokens in order."""
        chars = self.chars
        return tuple(
            Token(chars[start:end], *self.span(start, end))
            for start, end in (found.span() for found in _TOKEN.finditer(self.marks))
        )

    @cached_property
    def numbers(self) -> NDArray[np.intp]:
        """Return for each character which token it belongs to, counted from 0."""
        words = self.kinds == WORD
        begins = words | (self.kinds == HAN)
        begins[1:] ^= words[1:] & words[:-1]
        return np.cumsum(begins) - 1

    def heads(self) -> Heads:
        """Return the first letters of each word: half of an English text."""
        kept = self.kinds != JOIN
        if len(kept) > HEAD:
            words = self.kinds == WORD
            pairs = words[1:] & words[:-1]
            kept[HEAD:] ^= pairs[3:] & pairs[1:-2] & words[:-HEAD]  # five letters in a row
        for place in _possessives(self.original):
            kept[self.place(place)] = False
        places = kept.nonzero()[0]
        return Heads(characters().bytes.take(self.codes.take(places)).tobytes(), places)

    def place(self, original: int) -> int:
        """Return which folded character one of the original is."""
        return original if self.where is None else int(self.where.searchsorted(original))

    def stood(self, place: int) -> int:
        """Return where a folded character stood in the original."""
        return place if self.where is None else int(self.where[place])

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where folded characters `start` to `end` stand in the original."""
        last = self.stood(end - 1) + 1
        while last < len(self.original) and unicodedata.combining(self.original[last]):
            last += 1
        return self.stood(start), last

    def without(self, spans: Iterable[tuple[int, int]]) -> Folded:
        """Return the text with parts of the original left out, as if they only joined tokens."""
        kinds = self.kinds.copy()
        for start, end in spans:
            kinds[self.place(start) : self.place(end)] = JOIN
        return Folded(self.original, self.codes, kinds, kinds.tobytes(), self.where)


def fold(text: str) -> Folded:
    """Fold a text."""
    table = characters()
    codes, where = _codes(text), None
    kinds = table.kinds.take(codes)
    dots = _dots_in_acronyms(text, kinds)
    if len(dots) or SPECIAL in kinds.tobytes():
        codes, where = _rewritten(text, codes, kinds, dots)
        kinds = table.kinds.take(codes)
    for found in _BLANK_LINE.finditer(text):
        place = found.start()
        kinds[place if where is None else where.searchsorted(place)] = BREAK
    return Folded(text, codes, kinds, kinds.tobytes(), where)


def fold_phrase(text: str) -> tuple[str, ...]:
    """Return a term's tokens, folded."""
    return tuple(token.text for token in fold(text).tokens)


def fold_characters(text: str) -> str:
    """Return a text of the same length, each character folded where one stands for one.

    For patterns that look at words and signs in place: an offset into the result is an offset
    into the original.
    """
    codes, table = _codes(text), characters()
    folded = np.where(table.kinds.take(codes) >= JOIN, codes, table.folds.take(codes))
    return _text(folded.astype(np.uint32))


def _text(codes: NDArray[np.uint32]) -> str:
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def _codes(text: str) -> NDArray[np.intp]:
    data = text.encode("utf-16-le", "surrogatepass")
    if len(data) == 2 * len(text):
        return np.frombuffer(data, dtype="<u2").astype(np.intp)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.intp)


@cache
def head_bytes(heads: str) -> bytes:
    """Return folded first letters of words as they stand among an article's."""
    return characters().bytes.take(_codes(heads)).tobytes()


def _possessives(text: str) -> Iterator[int]:
    """Return where a lone s stands behind an apostrophe."""
    for sign in APOSTROPHES:
        place = text.find(sign)
        while place >= 0:
            letter, following = text[place + 1 : place + 2], text[place + 2 : place + 3]
            if letter in {"s", "S"} and (not following.isalnum() or is_han(following)):
                yield place + 1
            place = text.find(sign, place + 1)


def _dots_in_acronyms(text: str, kinds: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return the dots of A.I. and U.N.: they stand behind single letters, two or more in a row."""
    if not _ACRONYM.search(text):
        return np.empty(0, dtype=np.intp)
    dots = np.array([found.start() for found in re.finditer(r"\.", text)], dtype=np.intp)
    dots = dots[dots > 0]
    words = kinds == WORD
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
    text: str, codes: NDArray[np.intp], kinds: NDArray[np.uint8], dots: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Write out the characters that fold to none or to several, with where each came from."""
    several = characters().several
    specials = np.flatnonzero(kinds == SPECIAL)
    written = {int(place): several.get(ord(text[place]), "") for place in specials}
    written |= dict.fromkeys(map(int, dots), "")
    counts = np.ones(len(codes), dtype=np.intp)
    counts[list(written)] = [len(each) for each in written.values()]
    where = np.repeat(np.arange(len(codes)), counts)
    codes = codes[where]
    ends = np.cumsum(counts)
    for place, each in written.items():
        if each:
            codes[ends[place] - len(each) : ends[place]] = _codes(each)
    return codes, where


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
