"""An article cut into sentences and clauses that keep their place in the original. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from model.characters import is_han
from model.records import Article, ArticlePart, TermMatch
from model.text import fold_characters

CLAUSE_ENDS = re.compile(r"[,，;；:：—–()（）]| but | while | although | whereas |但")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: folded characters of the same length as the original's."""

    part: ArticlePart
    start: int  # in the original
    original: str
    folded: str  # case-folded, simplified
    number: int  # 0 is the title, 1 the first of the text
    matches: tuple[TermMatch, ...]  # those that stand in it

    @property
    def chinese(self) -> bool:
        """Tell which of the two vocabularies to look with."""
        return any(is_han(each) for each in self.folded)

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """Return the bounds of the clause around a span of this sentence."""
        first, last = 0, len(self.folded)
        for found in CLAUSE_ENDS.finditer(self.folded):
            if found.end() <= start:
                first = found.end()
            elif found.start() >= end:
                last = found.start()
                break
        return first, last


def cut(article: Article, matches: Sequence[TermMatch]) -> tuple[Sentence, ...]:
    """Return the title and the sentences of the text, each with the matches that stand in it."""
    found = []
    if article.title:
        found.append((ArticlePart.TITLE, 0, article.title))
    found += [(ArticlePart.TEXT, start, text) for start, text in _sentences(article.text)]
    return tuple(
        Sentence(
            part=part,
            start=start,
            original=text,
            folded=fold_characters(text).lower(),
            number=number if article.title else number + 1,
            matches=tuple(
                match
                for match in matches
                if match.part is part and start <= match.start < start + len(text)
            ),
        )
        for number, (part, start, text) in enumerate(found)
    )


_END = re.compile(
    r"[。！？；!?;]+[”’」』）)]*|\n|(?<!\b[A-Z])(?<!\bMr|\bMs|\bDr|\bSt|\bNo|\bvs)(?<!\bJan|\bFeb|\bAug|\bSep|\bOct|\bNov|\bDec|\bGen|\bSen|\bMrs)"
    r"(?<!\bSept|\bProf)\.(?=[\s\"”’)]|$)[\"”’)]*"
)


def _sentences(text: str) -> list[tuple[int, str]]:
    found, start = [], 0
    for end in (each.end() for each in _END.finditer(text)):
        if text[start:end].strip():
            found.append((start, text[start:end]))
        start = end
    if text[start:].strip():
        found.append((start, text[start:]))
    return found
