"""How texts and searches are cut into words, the same for every database. Pure.

A text is folded (width, case, accents, traditional to simplified) and cut into words: a Latin word
or number in one spelling, or one Han character. Beside the words stand *pairs*, two words that
follow each other: a Chinese word of two characters is one look-up, a phrase is a row of pairs.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from model.characters import HAN, JOIN, WORD
from model.text import Folded, fold
from model.words import SAME_INSIDE, SAME_PHRASES
from model.words import spelled as spell

VERSION = "1"  # of the cutting: an index made by another one is made anew
MOST_WORDS = 16_000  # of one article; PostgreSQL keeps no place beyond 16,383
LONGEST_WORD = 60
MOST_TERMS = 20  # of one search
MOST_ALTERNATIVES = 12
JOINER = "·"  # between the words of a pair: folding leaves it out, so no word holds it
NO_PAIR = JOINER  # where two words stand in a row and are none

_WORD = re.compile(b"%c+|%c" % (WORD, HAN))
_JOINING = bytes([JOIN])
_QUOTED = re.compile(r"[\"“”„«「『《＂]([^\"“”„«»「」『』《》＂]*)[\"“”»」』》＂]")
_SPACES = re.compile(r"\s+")

Phrase = tuple[str, ...]  # folded words that have to follow each other
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Word:
    """One folded word of a text."""

    text: str
    start: int  # in the folded text
    end: int
    han: bool
    apart: bool  # a sign stands before it that joins nothing


@dataclass(frozen=True, slots=True)
class Indexed:
    """What an index keeps of an article."""

    words: tuple[str, ...]  # each once
    pairs: tuple[str, ...]  # in order, NO_PAIR where none is


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: any of these phrases."""

    shown: str  # as it was read: for "Read as …"
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What a search asks for: an article has to have every term."""

    terms: tuple[Term, ...]


# --- texts ---------------------------------------------------------------------------------


def index_article(title: str, text: str) -> Indexed:
    """Return the words and pairs by which an article is found."""
    words: dict[str, None] = {}
    pairs: list[str] = []
    left = MOST_WORDS
    for part in (title, text):
        found = _words(fold(part), left)
        left -= len(found)
        words.update(dict.fromkeys(each.text for each in found))
        pairs += (_pair(*two) for two in itertools.pairwise(found))
        pairs.append(NO_PAIR)
    return Indexed(tuple(words), tuple(pairs[:-1]))


def han_pairs(indexed: Indexed) -> tuple[str, ...]:
    """Return the pairs of two Han characters, each once: all that a lean index keeps of them."""
    return tuple(dict.fromkeys(each for each in indexed.pairs if is_han_pair(each)))


def is_han_pair(pair: str) -> bool:
    """Tell whether a pair is of two Han characters."""
    return len(pair) == 3 and pair[0] > "\u2fff" and pair[2] > "\u2fff"


def _words(folded: Folded, most: int = MOST_WORDS) -> list[Word]:
    chars = folded.chars
    found: list[Word] = []
    before = 0
    for place in _WORD.finditer(folded.marks):
        if len(found) == most:
            break
        start, end = place.span()
        han = folded.marks[start] == HAN
        text = chars[start] if han else spelled(chars[start : min(end, start + LONGEST_WORD)])
        found.append(Word(text, start, end, han, bool(folded.marks[before:start].strip(_JOINING))))
        before = end
    return found


@lru_cache(maxsize=1 << 16)
def spelled(word: str) -> str:
    """Return a word in its one spelling: organisation is organization."""
    return spell(word)


def _follows(first: Word, second: Word) -> bool:
    """Tell whether two neighbours read as one: a sign between Han characters keeps them apart."""
    return not (first.han and second.han and second.apart)


def _pair(first: Word, second: Word) -> str:
    return first.text + JOINER + second.text if _follows(first, second) else NO_PAIR


# --- searches ------------------------------------------------------------------------------


def read_query(text: str) -> Query:
    """Read what somebody typed: words, quoted phrases; all of them are wanted."""
    terms: list[Term] = []
    place = 0
    for quoted in _QUOTED.finditer(text):
        terms += _plain(text[place : quoted.start()])
        terms += _phrases(quoted[1])
        place = quoted.end()
    terms += _plain(text[place:])
    once = {term.phrases: term for term in terms}
    return Query(tuple(once.values())[:MOST_TERMS])


def _phrases(text: str) -> Iterator[Term]:
    """Read what stands in quotes: one phrase, cut only where signs part Han characters."""
    current: list[str] = []
    before: Word | None = None
    for word in _words(fold(text)):
        if before is not None and not _follows(before, word):
            yield _term(tuple(current))
            current = []
        current.append(word.text)
        before = word
    if current:
        yield _term(tuple(current))


def _plain(text: str) -> Iterator[Term]:
    """Read words without quotes: what is written in one piece is a phrase, the rest is not."""
    pieces = [piece for chunk in _SPACES.split(text) for piece in _pieces(chunk)]
    place = 0
    while place < len(pieces):
        length = _known_phrase(pieces[place:])
        yield _term(tuple(word for piece in pieces[place : place + length] for word in piece))
        place += length


def _pieces(chunk: str) -> Iterator[Phrase]:
    current: list[str] = []
    for word in _words(fold(chunk)):
        if current and word.apart:
            yield tuple(current)
            current = []
        current.append(word.text)
    if current:
        yield tuple(current)


def _known_phrase(pieces: Sequence[Phrase]) -> int:
    """Return how many pieces from the first on make a phrase that has other spellings."""
    for length in range(min(len(pieces), _alike().longest), 1, -1):
        if tuple(word for piece in pieces[:length] for word in piece) in _alike().groups:
            return length
    return 1


def _term(phrase: Phrase) -> Term:
    found = {phrase: None}
    for known in tuple(found):
        for other in _respelled(known):
            if len(found) < MOST_ALTERNATIVES:
                found[other] = None
    return Term(_written(phrase), tuple(found))


def _respelled(phrase: Phrase) -> Iterator[Phrase]:
    """Return a phrase with each part that has other spellings in one of those."""
    alike = _alike()
    for start in range(len(phrase)):
        for end in range(min(len(phrase), start + alike.longest), start, -1):
            part = phrase[start:end]
            others = alike.groups.get(part, ())
            if end - start < len(phrase):
                others = (*others, *alike.inside.get(part, ()))
            for other in others:
                if other != part:
                    yield phrase[:start] + other + phrase[end:]


def _written(phrase: Phrase) -> str:
    """Write a phrase down: Latin words apart, Han characters together."""
    text = phrase[0]
    for before, word in itertools.pairwise(phrase):
        text += word if before[-1] > "\u2fff" or word[0] > "\u2fff" else f" {word}"
    return text


@dataclass(frozen=True, slots=True)
class _Alike:
    groups: dict[Phrase, tuple[Phrase, ...]]  # everywhere
    inside: dict[Phrase, tuple[Phrase, ...]]  # only as part of a longer phrase
    longest: int


@cache
def _alike() -> _Alike:
    """Return the spellings that count as one, by each of them; made once, never at import."""
    always, inside = [_group(each) for each in SAME_PHRASES], []
    for group in map(_group, SAME_INSIDE):
        touching = [each for each in always if each & group]
        if touching:  # AI and 人工智能: somebody who looks for one wants the other
            always = [each for each in always if not each & group] + [group.union(*touching)]
        else:
            inside.append(group)
    found = _Alike(_by_member(always), _by_member(inside), 0)
    longest = max(map(len, (*found.groups, *found.inside)))
    return _Alike(found.groups, found.inside, longest)


def _group(spellings: Iterable[str]) -> frozenset[Phrase]:
    return frozenset(tuple(word.text for word in _words(fold(each))) for each in spellings)


def _by_member(groups: Iterable[frozenset[Phrase]]) -> dict[Phrase, tuple[Phrase, ...]]:
    return {member: tuple(sorted(group)) for group in groups for member in group}


# --- what was found --------------------------------------------------------------------------


def matches(title: str, text: str, query: Query) -> bool:
    """Tell whether an article has every term of a search."""
    parts = [_words(fold(part)) for part in (title, text)]
    return all(
        any(next(_places(words, phrase), None) for words in parts for phrase in term.phrases)
        for term in query.terms
    )


def highlights(text: str, query: Query) -> tuple[Span, ...]:
    """Return where a search's words stand in a text, in order and without overlaps."""
    folded = fold(text)
    words = _words(folded)
    spans = sorted(
        folded.span(words[first].start, words[last].end)
        for term in query.terms
        for phrase in term.phrases
        for first, last in _places(words, phrase)
    )
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _places(words: Sequence[Word], phrase: Phrase) -> Iterator[Span]:
    """Find a phrase; each place is its first and its last word."""
    for first, last in enumerate(range(len(phrase) - 1, len(words))):
        if words[first].text == phrase[0] and _is_at(words[first : last + 1], phrase):
            yield first, last


def _is_at(words: Sequence[Word], phrase: Phrase) -> bool:
    same = all(word.text == each for word, each in zip(words, phrase, strict=True))
    return same and all(_follows(*two) for two in itertools.pairwise(words))
