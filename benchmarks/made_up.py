"""A made-up load for the matcher whose truth is known exactly, by the way it is made.

Words are invented, Chinese characters real, some far more common than others, as in language. An
article is made of tokens, each with its plain spelling, its spelling on the page (plural, tense,
capitals, traditional twin) and what stands before it (space, dash, quote, or a sign that breaks a
phrase). Terms are looked for among the plain spellings, by tuple, so that what stands there by
chance is counted too; nothing of the matcher is used.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate

import opencc

from model.records import (
    Article,
    ArticlePart,
    Commitment,
    CommitmentId,
    FeedId,
    Language,
    Term,
    Watchlist,
)
from model.words import SAME_INSIDE, SAME_PHRASES

ENGLISH_WORDS, HAN_CHARACTERS = 30_000, 3_500
BYTES = 3_100  # of an article
NOW = datetime(2026, 11, 24, tzinfo=UTC)
PLURALS = ("", "", "s", "ed", "ing")
OTHER_WORDS = ("ation", "er", "ist", "ment")  # no endings of the same word
JOINS = (" ", " ", " ", " ", "-", " – ", "\n", " “", "” ")
BREAKS = (", ", ". ", "; ", ": ", " / ", "\n\n", "! ", " & ")
JOINS_ZH = ("", "", "", "", " ", "—", "·", "“", "《")
BREAKS_ZH = ("，", "。", "；", "：", "、", "\n\n")
_SPELLED_TWICE = re.compile("is[eia]|iz|our|[sey]$|ed$|ing$")

Tokens = tuple[str, ...]
Found = set[tuple[str, str, str, int, int]]  # commitment, term, part, start and end


@dataclass(slots=True)
class Token:
    """A word or a Han character: as it is, on the page, and what stands before it."""

    plain: str
    shown: str
    before: str = " "
    breaks: bool = False


@dataclass(slots=True)
class Rule:
    """A commitment: a phrase, or a query of phrases of one language."""

    kind: str  # alias, near, not, any
    phrases: tuple[Tokens, ...]
    within: int = 0

    def query(self) -> str:
        first, *rest = (f'"{written(each)}"' for each in self.phrases)
        if self.kind == "near":
            return f"{first} NEAR/{self.within} {rest[0]}"
        return (
            f"{first} NOT {rest[0]}" if self.kind == "not" else f"{first} AND ({' OR '.join(rest)})"
        )


@dataclass(slots=True)
class Load:
    """A watchlist, articles, and what is to be found in each."""

    watchlist: Watchlist
    terms: list[str]
    phrases: dict[str, list[str]]  # of each commitment
    articles: list[Article] = field(default_factory=list)
    truth: list[Found] = field(default_factory=list)


def written(phrase: Tokens) -> str:
    return ("" if is_chinese(phrase) else " ").join(phrase)


def is_chinese(phrase: Tokens) -> bool:
    return not phrase[0].isascii()


class Words:
    """The vocabulary."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.english = self._english_words()
        self.twins = _twins()
        self.han = self.random.sample(sorted(self.twins), HAN_CHARACTERS)
        self._english_weights = _zipf(len(self.english))
        self._han_weights = _zipf(len(self.han))

    def _english_words(self) -> list[str]:
        starts = "b br c ch d dr f fl g gr h j k l m n p pl qu r s st t tr v w y z".split()
        middles = "a e i o u ai ea ou".split()
        ends = " n r l m t d k nd rt lm".split(" ")
        found: dict[str, None] = {}
        while len(found) < ENGLISH_WORDS:
            word = "".join(
                self.random.choice(starts) + self.random.choice(middles) + self.random.choice(ends)
                for _ in range(self.random.choice((2, 2, 3, 3, 4)))
            )
            if not _SPELLED_TWICE.search(word):
                found[word] = None
        return list(found)

    def common(self, count: int, *, chinese: bool) -> list[str]:
        words, weights = (
            (self.han, self._han_weights) if chinese else (self.english, self._english_weights)
        )
        return self.random.choices(words, cum_weights=weights, k=count)

    def phrase(self) -> Tokens:
        """Return a name: one word or two of any kind, the rest common ones."""
        chinese = self.random.random() < 0.5
        length = self.random.randint(4, 8) if chinese else self.random.randint(2, 4)
        rare = length // 2
        units = self.random.sample(self.han if chinese else self.english, rare)
        units += self.common(length - rare, chinese=chinese)
        self.random.shuffle(units)
        return tuple(units)


def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 10) for rank in range(count)))


def _twins() -> dict[str, str]:
    """Return simplified characters with the traditional one, itself where there is no other."""
    simpler, fuller = opencc.OpenCC("t2s"), opencc.OpenCC("s2t")
    never = set("".join("".join(each) for each in (*SAME_PHRASES, *SAME_INSIDE)))
    twins = {}
    for each in map(chr, range(0x4E00, 0x4E00 + 9000)):
        full = fuller.convert(each)
        if each in never or simpler.convert(each) != each or len(full) != 1:
            continue
        back = simpler.convert(full) == each and unicodedata.normalize("NFKC", full) == full
        twins[each] = full if back else each
    return twins


class Maker:
    """Makes a load of so many terms."""

    def __init__(self, words: Words, size: int) -> None:
        self.words, self.random = words, words.random
        self.rules = list(self._rules(size))
        self._where: dict[Tokens, list[tuple[int, int]]] = {}  # phrase -> rule, place in it
        for number, rule in enumerate(self.rules):
            for place, phrase in enumerate(rule.phrases):
                self._where.setdefault(phrase, []).append((number, place))
        self._starts = {phrase[:2] for phrase in self._where}

    def _rules(self, size: int) -> Iterator[Rule]:
        left = size
        while left > 0:
            kind = self.random.choice(("alias",) * 7 + ("near", "not", "any"))
            count = min({"alias": 1, "any": 3}.get(kind, 2), left)
            phrases = [self.words.phrase()]
            while len(phrases) < count:
                other = self.words.phrase()
                if is_chinese(other) == is_chinese(phrases[0]):
                    phrases.append(other)
            kind = "alias" if count < 2 else "not" if kind == "any" and count < 3 else kind
            yield Rule(kind, tuple(phrases), within=self.random.randint(2, 9))
            left -= count

    def load(self, articles: int, planted: float = 0.5) -> Load:
        commitments, terms, phrases = [], [], {}
        for number, rule in enumerate(self.rules):
            phrases[f"c{number}"] = [written(each) for each in rule.phrases]
            terms += phrases[f"c{number}"]
            alias = rule.kind == "alias"
            commitments.append(
                Commitment(
                    id=CommitmentId(f"c{number}"),
                    title=f"Made up {number}",
                    terms=(Term(text=terms[-1]),) if alias else (),
                    query=None if alias else rule.query(),
                )
            )
        load = Load(
            Watchlist(commitments=tuple(commitments), feeds=(), version="made-up"), terms, phrases
        )
        for number in range(articles):
            self._add(load, number, planted)
        return load

    def _add(self, load: Load, number: int, planted: float) -> None:
        chinese = number % 2 == 1
        title = self._text(chinese=chinese, size=60)
        text = self._text(chinese=chinese, size=BYTES - 60)
        if self.random.random() < 0.2:
            self._abbreviate(text)
        if self.random.random() < planted:
            self._plant(text if self.random.random() < 0.8 else title, chinese=chinese)
        if self.random.random() < planted:
            self._plant(text, chinese=chinese, spoilt=True)
        parts = {ArticlePart.TITLE: title, ArticlePart.TEXT: text}
        language = Language.CHINESE_SIMPLIFIED if chinese else Language.ENGLISH
        load.articles.append(
            Article(
                feed_id=FeedId("made-up"),
                entry_id=str(number),
                url="",
                title=_page(title),
                text=_page(text),
                language=language,
                published_at=None,
                fetched_at=NOW,
            )
        )
        load.truth.append(self.truth(parts))

    def _text(self, *, chinese: bool, size: int) -> list[Token]:
        tokens: list[Token] = []
        for each in self.words.common(size // 3, chinese=chinese):
            tokens.append(self._plainly(each, breaks=self.random.random() < 0.08))
            size -= len((tokens[-1].before + tokens[-1].shown).encode())
            if size <= 0:
                break
        return tokens

    def _abbreviate(self, tokens: list[Token]) -> None:
        """Put an abbreviation in brackets in, as articles have; phrases may go on behind one."""
        place = self.random.randrange(len(tokens))
        tokens[place:place] = [Token("abcd", "(ABCD)", ". ", breaks=True)]
        tokens[place + 1 : place + 2] = [self._token("rest", breaks=True)]

    def _plainly(self, plain: str, *, breaks: bool) -> Token:
        """Return a token of running text: mostly as everybody writes it."""
        if self.random.random() < 0.15:
            return self._token(plain, breaks=breaks)
        ends = (". ", ", ") if plain.isascii() else ("。", "，")
        before = self.random.choice(ends) if breaks else " " if plain.isascii() else ""
        return Token(plain, plain, before, breaks)

    def _token(self, plain: str, *, breaks: bool = False) -> Token:
        choose = self.random.choice
        if plain.isascii():
            shown = plain + choose(PLURALS)
            shown = choose((shown, shown, shown.title(), shown.upper()))
            return Token(plain, shown, choose(BREAKS if breaks else JOINS), breaks)
        shown = self.words.twins.get(plain, plain) if self.random.random() < 0.5 else plain
        return Token(plain, shown, choose(BREAKS_ZH if breaks else JOINS_ZH), breaks)

    def _plant(self, tokens: list[Token], *, chinese: bool, spoilt: bool = False) -> None:
        """Put in what a commitment asks for, or what only looks like it."""
        rules = [self.random.choice(self.rules) for _ in range(20)]
        rule = next((each for each in rules if is_chinese(each.phrases[0]) == chinese), None)
        if rule is None:
            return
        pieces = [self._spelled(rule.phrases[0])]
        second = rule.kind in {"near", "any"} or (rule.kind == "not" and self.random.random() < 0.3)
        if second:
            pieces.append(self._spelled(self.random.choice(rule.phrases[1:])))
            self.random.shuffle(pieces)
        if spoilt:
            self._spoil(pieces[0], chinese=chinese)
        count = rule.within + self.random.randint(-2, 1) if rule.kind == "near" else 3
        between = [self._token(each) for each in self.words.common(count, chinese=chinese)]
        added = [*pieces[0], *(between + pieces[1] if second else ())]
        place = self.random.randrange(1, len(tokens))
        added[0].before, added[0].breaks = self._break(chinese=chinese)
        tokens[place].before, tokens[place].breaks = self._break(chinese=chinese)
        tokens[place:place] = added

    def _break(self, *, chinese: bool) -> tuple[str, bool]:
        return self.random.choice(BREAKS_ZH if chinese else BREAKS), True

    def _spelled(self, phrase: Tokens) -> list[Token]:
        return [self._token(each) for each in phrase]

    def _spoil(self, tokens: list[Token], *, chinese: bool) -> None:
        """Make a look-alike: another word, another order, or a sign in between."""
        which = self.random.randrange(len(tokens))
        how = self.random.choice(("sign", "word", "order", "more"))
        if how == "sign":
            place = max(which, 1)
            tokens[place].before, tokens[place].breaks = self._break(chinese=chinese)
        elif how == "order":
            tokens[0], tokens[-1] = tokens[-1], tokens[0]
        elif how == "more" or chinese:
            tokens[which : which + (how == "word")] = self._spelled(
                tuple(self.words.common(1, chinese=chinese))
            )
        else:
            plain = tokens[which].plain
            other = self.random.choice((f"un{plain}", plain + self.random.choice(OTHER_WORDS)))
            tokens[which] = Token(other, other, tokens[which].before, tokens[which].breaks)

    # --- truth ---------------------------------------------------------------------------

    def truth(self, parts: dict[ArticlePart, list[Token]]) -> Found:
        spots: dict[int, dict[int, list[tuple[str, int, int, int, int]]]] = {}
        for part, tokens in parts.items():
            ends = list(accumulate(len(each.before) + len(each.shown) for each in tokens))
            for first, last in self._stretches(tokens):
                phrase = tuple(each.plain for each in tokens[first:last])
                start, end = ends[first] - len(tokens[first].shown), ends[last - 1]
                for number, place in self._where.get(phrase, ()):
                    seen = spots.setdefault(number, {}).setdefault(place, [])
                    seen.append((part.value, first, last - 1, start, end))
        found: Found = set()
        for number, by_place in spots.items():
            rule = self.rules[number]
            if _holds(rule, by_place):
                told = [0] if rule.kind == "not" else list(by_place)
                found |= {
                    (f"c{number}", written(rule.phrases[place]), part, start, end)
                    for place in told
                    for part, _, _, start, end in by_place.get(place, ())
                }
        return found

    def _stretches(self, tokens: list[Token]) -> Iterator[tuple[int, int]]:
        for first in range(len(tokens) - 1):
            if (tokens[first].plain, tokens[first + 1].plain) in self._starts:
                for last in range(first + 2, min(first + 9, len(tokens) + 1)):
                    if tokens[last - 1].breaks:
                        break
                    yield first, last


def _holds(rule: Rule, spots: dict[int, list[tuple[str, int, int, int, int]]]) -> bool:
    if rule.kind == "alias":
        return True
    if rule.kind == "not":
        return 0 in spots and 1 not in spots
    if rule.kind == "any":
        return 0 in spots and len(spots) > 1
    return any(
        one[0] == other[0]
        and (0 < other[1] - one[2] <= rule.within + 1 or 0 < one[1] - other[2] <= rule.within + 1)
        for one in spots.get(0, ())
        for other in spots.get(1, ())
    )


def _page(tokens: list[Token]) -> str:
    return "".join(each.before + each.shown for each in tokens)
