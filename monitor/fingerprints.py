"""Near-duplicates: the same wire story in many feeds. Pure.

A signature is the smallest hashes of a text's shingles (a bottom-k sketch, Broder 1997): 4 Han or
16 Latin characters of folded text, so one rule serves three scripts. From two sketches it can be
told how much of the shorter text stands in the longer: outlets cut the tail. Texts too short for
that are compared by their titles.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.characters import HAN as KIND_HAN
from model.characters import WORD, characters
from model.text import fold, fold_phrase
from model.words import stems
from monitor.headlines import tells_apart

SIZE = 128  # hashes in a signature
HAN, LATIN = 4, 16  # characters in a shingle
FEWEST = 24  # shingles; under this a text is too short to have a signature
COMPARED = 12  # hashes of the shorter text that must be comparable
SAME_TEXT = 0.6  # share of the shorter text from which two texts are one
OTHER_TEXT = 0.35  # under this share two short texts are two, although their titles are alike
SAME_TITLE = 0.6  # share of tokens from which two titles are one

_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd; fixed: signatures are stored and compared for years
_MIX = np.uint64(0xD6E8FEB86659FD93)
_AHEAD = frozenset({"将", "拟", "will", "to", "upcoming"})  # words of a title about what is to come


def signature(title: str, text: str) -> tuple[int, ...]:
    """Return a text's signature: at most `SIZE` numbers, sorted; empty where it is too short."""
    hashes = np.unique(_shingles(f"{title}\n\n{text}"))
    if len(hashes) < FEWEST:
        return ()
    return tuple(hashes[:SIZE].tolist())


def similarity(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the estimated share of common shingles, 0.0 to 1.0; 0.0 without signatures."""
    left, right = _comparable(one, other)
    return len(left & right) / len(left | right) if left or right else 0.0


def containment(one: Sequence[int], other: Sequence[int]) -> float:
    """Return how much of the shorter text stands in the longer, 0.0 to 1.0, estimated."""
    if not one or not other:
        return 0.0
    bound = _bound(one, other)
    fewest = min(bisect_right(one, bound), bisect_right(other, bound))
    return len(set(one).intersection(other)) / fewest if fewest >= COMPARED else 0.0


def same_text(one: Sequence[int], other: Sequence[int]) -> bool:
    """Tell whether two signatures are of one text and its rewrites."""
    return containment(one, other) >= SAME_TEXT


def same_title(one: str, other: str) -> bool:
    """Tell whether two headlines are one: most of the tokens and pairs are common."""
    words, others = _words(one), _words(other)
    if words == others:
        return bool(words)
    if tells_apart(one, other) or _tells_apart(words) != _tells_apart(others):
        return False
    left, right = _pairs(words), _pairs(others)
    if min(len(left), len(right)) < 6:
        return False
    return len(left & right) / len(left | right) >= SAME_TITLE


def title_keys(title: str) -> frozenset[str]:
    """Return what titles that may be one have in common, to look candidates up by."""
    words = _words(title)
    return _pairs(words) - set(words) if len(words) > 3 else frozenset((" ".join(words),))


def same_story(
    title: str, mark: Sequence[int], other_title: str, other_mark: Sequence[int]
) -> bool:
    """Tell whether two articles of the same days tell one story: by text, else by title."""
    if same_text(mark, other_mark):
        return True
    if not same_title(title, other_title):
        return False
    if _words(title) == _words(other_title) or not (mark and other_mark):
        return True
    if min(len(mark), len(other_mark)) >= SIZE:
        return False  # of long texts the text itself decides
    return containment(mark, other_mark) >= OTHER_TEXT


def _comparable(one: Sequence[int], other: Sequence[int]) -> tuple[set[int], set[int]]:
    """Return both texts' hashes below the bound up to which both are known in full."""
    if not one or not other:
        return set(), set()
    bound = _bound(one, other)
    return {each for each in one if each <= bound}, {each for each in other if each <= bound}


def _bound(one: Sequence[int], other: Sequence[int]) -> int:
    bounds = [each[-1] for each in (one, other) if len(each) >= SIZE]
    return min(bounds, default=max(one[-1], other[-1]))


@lru_cache(maxsize=1 << 12)
def _words(title: str) -> tuple[str, ...]:
    return tuple(min(stems(word), key=len) for word in fold_phrase(title) if word != "s")


@lru_cache(maxsize=1 << 12)
def _pairs(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(words) | {f"{a} {b}" for a, b in pairwise(words)}


@lru_cache(maxsize=1 << 12)
def _tells_apart(words: tuple[str, ...]) -> frozenset[str]:
    """Return the words that make a headline another one: numbers, and what is still ahead."""
    return frozenset(word for word in words if word.isdecimal() or word in _AHEAD)


def _shingles(text: str) -> NDArray[np.uint64]:
    """Return hashes of overlapping runs: of 4 where the text is Chinese, of 16 elsewhere."""
    folded = fold(text)
    kinds = folded.kinds
    kept = ((kinds == KIND_HAN) | (kinds == WORD)).nonzero()[0]
    codes = characters().folds.take(folded.codes.take(kept)).astype(np.uint64)
    length = HAN if np.count_nonzero(kinds == KIND_HAN) * 3 > len(codes) else LATIN
    count = len(codes) - length + 1
    if count < 1:
        return np.empty(0, dtype=np.uint64)
    hashes = np.zeros(count, dtype=np.uint64)
    for place in range(length):
        hashes = hashes * _BASE + codes[place : place + count]
    hashes = (hashes ^ (hashes >> np.uint64(32))) * _MIX
    return hashes >> np.uint64(32)
