"""One table from every code point to what it folds to: width, case, accents, script. Pure.

Made once, in about a tenth of a second, from Unicode's NFKC and case folding and OpenCC's table of
traditional characters; never at import.
"""

from __future__ import annotations

import ctypes
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import opencc
from numpy.typing import NDArray

# Kinds of characters. SPECIAL ones fold to none or to several.
BREAK, WORD, HAN, JOIN, SPECIAL = 0, 1, 3, 4, 5

# Characters that the news uses for one another and OpenCC leaves apart.
SAME_HAN = str.maketrans(
    "瞭著祇衹衞敍枱粧簷濶塲汚産説眞擧黒戸価徳歩県覚伝侭渖稆缐讬谘迳钜锺镟馀麹麺暱幺潀痺睪颚鲶緪",
    "了着只只卫叙台妆檐阔场污产说真举黑户价德步县觉传尽沈穞线托咨径巨钟旋余曲面昵么潨痹睾腭鲇縆",
)
JOINERS = frozenset(
    "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"  # dashes
    "·•‧∙⋅・･᛫"  # middle dots
    "'‘’‚‛ʼ＇`´′"  # apostrophes
    '"“”„‟«»‹›《》〈〉「」『』〝〞〟＂″'  # quotes
)
_HAN_SPANS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))
_LETTER_SPANS = ((0xA000, 0xA640), (0xAC00, 0xD7A4))  # Yi and Korean: letters that stay as they are
_OTHER_SPANS = (
    (0x20, 0x3400), (0xA640, 0xAC00), (0xFB00, 0x10000), (0x1D400, 0x1D800), (0x1F100, 0x1F200),
    (0xE0000, 0xE0200),
)  # fmt: skip


# What tells a language by its characters: each class is a sum of these.
SCRIPT_SIGNS = LATIN, HAN_LETTER, KANA_OR_HANGUL, LETTER, SIMPLIFIED, TRADITIONAL = (
    1, 2, 4, 8, 16, 32,
)  # fmt: skip
_FOREIGN_SPANS = ((0x3040, 0x3100), (0xAC00, 0xD7A4))


@dataclass(frozen=True, slots=True)
class Characters:
    """What every code point folds to, and of which kind that is."""

    folds: NDArray[np.uint32]
    kinds: NDArray[np.uint8]
    bytes: NDArray[np.uint8]  # a byte for each, never 0: letters and digits themselves
    several: dict[int, str]  # folds to none, or to more than one


@lru_cache(maxsize=8192)
def is_han(character: str) -> bool:
    """Tell whether a character is a Chinese one."""
    code = ord(character)
    return code == 0x3007 or any(first <= code < end for first, end in _HAN_SPANS)


@cache
def characters() -> Characters:
    """Return the table."""
    folds = np.arange(0x110000, dtype=np.uint32)
    kinds = np.full(0x110000, BREAK, dtype=np.uint8)
    for kind, spans in ((WORD, _LETTER_SPANS), (HAN, _HAN_SPANS)):
        for first, end in spans:
            kinds[first:end] = kind
    folded = _folded_han() | _folded_others()
    single = {code: text for code, text in folded.items() if len(text) == 1}
    folds[list(single)] = [ord(text) for text in single.values()]
    kinds[list(single)] = [_kind(text) for text in single.values()]
    several = {code: text for code, text in folded.items() if len(text) != 1}
    kinds[list(several)] = SPECIAL
    for sign in JOINERS:
        several.pop(ord(sign), None)
        folds[ord(sign)], kinds[ord(sign)] = ord(sign), JOIN
    kinds[[ord(space) for space in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85"]] = JOIN
    table = Characters(folds, kinds, _bytes()[folds], several)
    for each in (table.folds, table.kinds, table.bytes):
        each.setflags(write=False)
    _give_back_memory()
    return table


def _bytes() -> NDArray[np.uint8]:
    """Return a byte for every folded code point; those that are no letters of ours share them."""
    own = [code for code in range(1, 128) if chr(code).isalnum()]
    others = np.array([code for code in range(1, 256) if code not in own], dtype=np.uint8)
    found = others[np.arange(0x110000) % len(others)]
    found[own] = own
    return found


def _folded_han() -> dict[int, str]:
    codes = [code for first, end in _HAN_SPANS for code in range(first, end)]
    # One call for all: a call apiece takes a second.
    text = simplified(unicodedata.normalize("NFKC", "\n".join(map(chr, codes))))
    folded = zip(codes, text.split("\n"), strict=True)
    return {code: each for code, each in folded if each != chr(code)}


def simplified(text: str) -> str:
    """Return a text in simplified characters, one for one (no phrases across line breaks)."""
    return str(opencc.OpenCC("t2s").convert(text)).translate(SAME_HAN)


def _folded_others() -> dict[int, str]:
    codes = [code for first, end in _OTHER_SPANS for code in range(first, end)]
    text = unicodedata.normalize("NFKC", "\n".join(map(chr, codes))).casefold()
    plain = [_plain(each) for each in unicodedata.normalize("NFKC", text).split("\n")]
    return dict(zip(codes, simplified("\n".join(plain)).split("\n"), strict=True))


def _plain(folded: str) -> str:
    """Drop accents from Latin letters, and signs that are never seen."""
    if folded.isascii():
        return "." if folded == "..." else folded  # an ellipsis is one sign
    apart = unicodedata.normalize("NFD", folded)
    return "".join(each for each in (apart if apart[0].isascii() else folded) if _is_seen(each))


def _is_seen(character: str) -> bool:
    code = ord(character)
    if 0x300 <= code < 0x370 or 0xFE00 <= code < 0xFE10 or 0xE0100 <= code < 0xE01F0:
        return False  # accents, variation selectors
    return unicodedata.category(character) != "Cf"


def _kind(folded: str) -> int:
    if folded.isalnum():
        return HAN if folded > "\u2fff" and is_han(folded) else WORD
    if folded.isspace():
        return JOIN
    return WORD if unicodedata.category(folded) in {"Mn", "Mc"} else BREAK


def script_marks() -> tuple[frozenset[str], frozenset[str]]:
    """Return the characters that only simplified, and only traditional text is written with."""
    every = [chr(code) for code in range(0x4E00, 0x9FB0)]
    joined = "\n".join(every)
    simpler = opencc.OpenCC("t2s").convert(joined).split("\n")
    fuller = opencc.OpenCC("s2t").convert(joined).split("\n")
    simple = {each for each, other in zip(every, fuller, strict=True) if each != other}
    full = {each for each, other in zip(every, simpler, strict=True) if each != other}
    return frozenset(simple - full), frozenset(full - simple)


@cache
def writing() -> NDArray[np.uint8]:
    """Return the class of every code point, for telling a text's language."""
    classes = np.zeros(0x110000, dtype=np.uint8)
    for first, end in (*_HAN_SPANS, *_LETTER_SPANS):
        classes[first:end] = LETTER
    for first, end in (*_OTHER_SPANS, (0x10000, 0x20000)):
        letters = (chr(code).isalpha() for code in range(first, end))
        classes[first:end][np.fromiter(letters, dtype=bool)] = LETTER
    classes[[*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)]] = LATIN
    classes[0x3007] |= HAN_LETTER
    for sign, spans in ((HAN_LETTER, _HAN_SPANS), (KANA_OR_HANGUL, _FOREIGN_SPANS)):
        for first, end in spans:
            classes[first:end] |= sign
    for sign, marks in zip((SIMPLIFIED, TRADITIONAL), script_marks(), strict=True):
        classes[list(map(ord, marks))] |= sign
    classes.setflags(write=False)
    _give_back_memory()
    return classes


def _give_back_memory() -> None:
    """Return what a table's making took, 25 MB for OpenCC's words alone; glibc would keep it."""
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
