"""How the vocabulary is written down: phrases a line, read as patterns. Pure.

English, on case-folded text at word boundaries: `sign*` is sign, signs, signed; `a/b` either word;
`…` up to eight words; `N` a number. Chinese, on simplified text: `…` up to 24 characters of
one clause, `a/b` either; `N` a number; `!x` not followed by x.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

_GAP = r"(?:[^\s,;:.()]+ ){0,8}?"
_GAP_ZH = r"[^,;:。!?()]{0,24}?"
_NUMBER = (
    r"(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|dozens?)"
)
_NUMBER_ZH = r"\d[\d,.]*[万千百]?[余多]?|[一二两三四五六七八九十百千万]+[余多]?"


class Pattern:
    """Phrases of one language; made into an expression when they are first looked for."""

    def __init__(self, *expressions: str) -> None:
        self._expressions = expressions

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile("|".join(self._expressions))

    def search(self, text: str) -> re.Match[str] | None:
        """Return the first place where one of the phrases stands."""
        return self._compiled.search(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Return every place."""
        return self._compiled.finditer(text)


def english(lines: str) -> Pattern:
    """Read English phrases."""
    return Pattern(*(rf"\b{_english_line(line)}\b" for line in _lines(lines)))


def chinese(lines: str) -> Pattern:
    """Read Chinese phrases."""
    return Pattern(*(_chinese_line(line) for line in _lines(lines)))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[\n;]", text) if line.strip()]


def _english_line(line: str) -> str:
    parts = []
    for word in line.split():
        if word == "…":
            parts.append(_GAP)
        else:
            options = "|".join(_english_word(each) for each in word.split("/"))
            parts.append(f"(?:{options}) ")
    return "".join(parts).rstrip()


def _english_word(word: str) -> str:
    if word == "N":
        return _NUMBER
    if not word.endswith("*"):
        return re.escape(word).replace(r"\-", "[- ]").replace("_", " ")
    verb = re.escape(word[:-1]).replace("_", " ")
    if verb.endswith("e"):
        return f"{verb}[sd]?"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return f"{verb[:-1]}(?:y|ies|ied)"
    return f"{verb}(?:e?s|ed)?"


def _chinese_line(line: str) -> str:
    pieces = []
    for piece in line.split():
        kept, _, without = piece.partition("!")
        gap = _GAP_ZH if kept.startswith("…") else ""
        words = kept.lstrip("…").split("/")
        options = "|".join(_NUMBER_ZH if each == "N" else re.escape(each) for each in words)
        pieces.append(
            f"{gap}(?:{options})" + (f"(?!{without.replace('/', '|')})" if without else "")
        )
    return "".join(pieces)
