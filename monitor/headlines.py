"""What a headline says, in whichever language: common words of news brought to one notion. Pure.

`notions("Chinese government proposes World AI Organization")` and that of
`中国政府倡议成立世界人工智能组织` are nearly one set, so one dispatch can be known in two languages
without a model. Words that are not in the table stand for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from model.characters import is_han
from model.text import fold_phrase
from model.words import SAME_INSIDE, SAME_PHRASES, stems
from monitor.news_words import ACTS, CITIES, THINGS

FEWEST = 5  # notions from which a headline says enough to be compared by them
ALIKE = 0.75  # share of notions from which two headlines are one
WHOLE = 6  # notions of a headline that another may have in full, with more besides

_EMPTY = frozenset(
    "a an the of to in on at for by with from as and or is are was were be been it its s his their "
    "this that into over after amid says said say will between field fields more than up out off "
    "的 了 在 于 与 和 及 将 为 对 等 等等 上 在".split()
)
_DIGITS, _TIMES = "〇一二三四五六七八九", {"十": 10, "百": 100, "千": 1000}
_NUMERAL = re.compile(
    r"(?:第([一二三四五六七八九十百千廿卅]+)|([一二三四五六七八九十百千廿卅]{2,}))"
)
_ORDINAL = re.compile(r"\b(\d+)(?:st|nd|rd|th)\b")
_AHEAD = frozenset({"将", "拟", "will", "upcoming"})
_REMARK = re.compile(r"[(（\[【][^()（）\[\]【】]{0,24}[)）\]】]")  # (bilingual), (WAICO)
_COUNT = re.compile(r"(?<![\d.,/:-])\d{2,}(?![\d.,/:%-]*\d|[年月日号號]|th\b|st\b|nd\b|rd\b)")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATED = re.compile(rf"(?i)\b(?:{_MONTHS})[a-z]*\.?\s+\d+|\d+\s+(?:{_MONTHS})[a-z]*")


@lru_cache(maxsize=1 << 12)
def notions(title: str) -> frozenset[str]:
    """Return what a headline says: notions, numbers, and the words no table knows."""
    return frozenset(_notions(_tokens(title)))


@lru_cache(maxsize=1 << 12)
def counts(text: str) -> frozenset[str]:
    """Return the numbers of two figures and more in a text that are no dates."""
    found = _COUNT.findall(_DATED.sub(" ", text))
    return frozenset(each for each in found if not 1900 <= int(each) <= 2100)


def same_headline(one: str, other: str) -> bool:
    """Tell whether two headlines say one thing, in one language or in two."""
    left, right = notions(one), notions(other)
    if min(len(left), len(right)) < FEWEST or tells_apart(one, other):
        return False
    if left.isdisjoint(_table().acts) != right.isdisjoint(_table().acts):
        return False  # a document's name, and the news that it was adopted
    return len(left & right) >= ALIKE * len(left | right)


def holds_headline(one: str, other: str, fewest: int = WHOLE) -> bool:
    """Tell whether one of two headlines says all that the other says."""
    left, right = notions(one), notions(other)
    if min(len(left), len(right)) < fewest or tells_apart(one, other):
        return False
    return left <= right or right <= left


def same_act(one: str, other: str) -> bool:
    """Tell whether two headlines name an act in common."""
    return not _table().acts.isdisjoint(notions(one) & notions(other))


def tells_apart(one: str, other: str) -> bool:
    """Tell whether headlines, however alike, tell of two things: other numbers, or other acts."""
    left, right = notions(one), notions(other)
    if _numbers(left) != _numbers(right) and _numbers(left) and _numbers(right):
        return True
    if _ahead(one) != _ahead(other):
        return True
    acts, others = left & _table().acts, right & _table().acts
    return bool(acts and others) and not acts & others


def other_place(one: str | None, other: str | None) -> bool:
    """Tell whether two places cannot be one: two cities, or two names that no table knows.

    A city and its country, or a place and the occasion that met there, may be one.
    """
    if not one or not other:
        return False
    left, right = notions(one), notions(other)
    if left & right:
        return False
    cities = _table().cities
    if left & cities and right & cities:
        return True
    strange = [any(not each.startswith("=") for each in side) for side in (left, right)]
    return all(strange) and has_han(one) == has_han(other)


def has_han(text: str) -> bool:
    """Tell whether a text is Chinese, at least in part."""
    return any(map(is_han, text))


def _numbers(found: frozenset[str]) -> frozenset[str]:
    return frozenset(each for each in found if each.isdecimal())


def _ahead(title: str) -> bool:
    return not _AHEAD.isdisjoint(_tokens(title))


@lru_cache(maxsize=1 << 12)
def _tokens(title: str) -> tuple[str, ...]:
    plain = _REMARK.sub(" ", title)
    plain = plain if plain.strip() else title
    return fold_phrase(_ORDINAL.sub(r"\1", _NUMERAL.sub(_in_figures, plain)))


def _in_figures(found: re.Match[str]) -> str:
    """Return a Chinese number below 10,000 in figures, apart from what stands around it."""
    whole, last = 0, 0
    for each in found[1] or found[2]:
        if each in _TIMES:
            whole, last = whole + max(last, 1) * _TIMES[each], 0
        elif each in "廿卅":
            whole, last = whole + (20 if each == "廿" else 30), 0
        else:
            last = _DIGITS.index(each)
    return f" {whole + last} "


def _notions(tokens: tuple[str, ...]) -> Iterator[str]:
    place = 0
    while place < len(tokens):
        taken, notion = _known(tokens, place)
        if not taken and _is_han(tokens[place]):
            taken, notion = _unknown_run(tokens, place)
        elif not taken:
            taken, notion = 1, min(stems(tokens[place]), key=len)
        if notion not in _EMPTY and not (taken == 1 and tokens[place] in _EMPTY):
            yield notion
        place += taken


def _known(tokens: tuple[str, ...], place: int) -> tuple[int, str]:
    """Return how many tokens the longest word of the table takes here, and its notion."""
    words = _table().words
    for length in range(_table().longest, 0, -1):
        notion = words.get(tokens[place : place + length])
        if notion is not None:
            return length, notion
    if not _is_han(tokens[place]):
        for stem in stems(tokens[place]):
            notion = words.get((stem,))
            if notion is not None:
                return 1, notion
    return 0, ""


def _unknown_run(tokens: tuple[str, ...], place: int) -> tuple[int, str]:
    """Return two Han characters that no table knows as one word, or the one that is left."""
    pair = tokens[place : place + 2]
    if len(pair) == 2 and _is_han(pair[1]) and not _known(tokens, place + 1)[0]:
        return 2, "".join(pair)
    return 1, pair[0]


def _is_han(token: str) -> bool:
    return len(token) == 1 and is_han(token)


class _Table(NamedTuple):
    words: dict[tuple[str, ...], str]  # notion by word, as tokens
    acts: frozenset[str]
    cities: frozenset[str]
    longest: int  # word, in tokens


@cache
def _table() -> _Table:
    """Return the table of words, folded as headlines are."""
    words: dict[tuple[str, ...], str] = {}
    acts: set[str] = set()
    cities: set[str] = set()
    for lines in (ACTS, THINGS, CITIES):
        for line in filter(str.strip, lines.splitlines()):
            english, _, chinese = line.partition("|")
            name = f"={english.split()[0]}"
            for word in (*english.split(), *chinese.split()):
                words.setdefault(fold_phrase(word.replace("_", " ")), name)
            if lines is not THINGS:
                (acts if lines is ACTS else cities).add(name)
    for group in (*SAME_PHRASES, *SAME_INSIDE):  # 人工智慧 is 人工智能
        folded = [fold_phrase(each) for each in group]
        names = [words[each] for each in folded if each in words]
        words |= dict.fromkeys(folded, names[0]) if names else {}
    return _Table(words, frozenset(acts), frozenset(cities), max(map(len, words)))
