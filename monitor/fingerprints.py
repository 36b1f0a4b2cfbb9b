"""Near-duplicates: the same wire story in many feeds. Pure.

MinHash (Broder 1997) over character shingles of folded text: 4 Han or 16 Latin characters, so that
one rule serves three scripts. Texts too short for that are compared by the tokens of their titles.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from model.characters import is_han
from model.text import fold_phrase

SIZE = 128  # permutations
HAN, LATIN = 4, 16  # characters in a shingle
FEWEST = 24  # shingles; under this a text is too short to have a signature
SAME_TEXT = 0.5  # share of equal minima from which two texts are one
SAME_TITLE = 0.6  # share of tokens from which two titles are one

_PRIME = (1 << 61) - 1


def signature(title: str, text: str) -> tuple[int, ...]:
    """Return a text's signature, of `SIZE` numbers; empty where it is too short for one."""
    shingles = _shingles(f"{title}\n{text}")
    if len(shingles) < FEWEST:
        return ()
    values = np.array(list(shingles), dtype=np.uint64)
    slopes, offsets = _permutations()
    hashed = (values[:, None] * slopes[None, :] + offsets[None, :]) >> np.uint64(16)
    return tuple(int(each) for each in hashed.min(axis=0))


def resemblance(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the estimated share of common shingles, 0.0 to 1.0; 0.0 without signatures."""
    if not one or len(one) != len(other):
        return 0.0
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def same_text(one: Sequence[int], other: Sequence[int]) -> bool:
    """Tell whether two signatures are of one text and its rewrites."""
    return resemblance(one, other) >= SAME_TEXT


def same_title(one: str, other: str) -> bool:
    """Tell whether two headlines are one: most of the shorter's tokens and pairs are common."""
    left, right = _pairs(one), _pairs(other)
    if min(len(left), len(right)) < 4:
        return bool(left) and left == right
    return len(left & right) / len(left | right) >= SAME_TITLE


def _pairs(title: str) -> frozenset[str]:
    words = fold_phrase(title)
    return frozenset(words) | {f"{a} {b}" for a, b in pairwise(words)}


def _shingles(text: str) -> set[int]:
    """Return hashes of overlapping runs: of 4 where it is Chinese, of 16 elsewhere."""
    folded = " ".join(fold_phrase(text))
    han = sum(is_han(each) for each in folded)
    if han * 3 > len(folded) * 0.5:
        folded = folded.replace(" ", "")
        size = HAN
    else:
        size = LATIN
    return {crc32(folded[place : place + size].encode()) for place in range(len(folded) - size + 1)}


@cache
def _permutations() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    random = np.random.default_rng(20250726)  # fixed: signatures are stored and compared for years
    slopes = random.integers(1, _PRIME, SIZE, dtype=np.uint64) | np.uint64(1)
    return slopes, random.integers(0, _PRIME, SIZE, dtype=np.uint64)
