"""An article cut into sentences and clauses that keep their place in the original. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from model.records import Article, ArticlePart, TermMatch, TermRole
from model.text import fold_characters

LONGEST = 2000  # characters of a sentence; a text without full stops is cut up

_HAN = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"\w")
_ENDS = re.compile(
    r"[。！？；!?]+[”’」』）)\"]*|\n+|;"
    r"|(?<!\b[A-Za-z])(?<!\bMr|\bMs|\bDr|\bSt|\bNo|\bvs|\bal)(?<!\b[A-Z]\.[A-Z])"
    r"(?<!\bMrs|\bJan|\bFeb|\bAug|\bSep|\bOct|\bNov|\bDec|\bGen|\bSen|\bRep|\bGov|\bInc|\bLtd)"
    r"(?<!\bSept|\bProf)\.(?=[\s\"”’)]|$)[\"”’)]*"
)
_CLAUSE_ENDS = re.compile(
    r",(?!\d{3}\b)|;|:(?!\d)|[()]|——|(?<=[a-z])—(?=[a-z])|(?<=\s)[–—-](?=\s)"
    r"|\b(?:but|while|although|whereas|though)\b"
    r"|\band (?=(?:will|would|is|are|was|were|has|have|had|can|could|may|might|said|says|that)\b)"
    r"|但是?|不过"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence, by offsets into it."""

    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """One sentence: folded characters of the same length as the original's."""

    part: ArticlePart
    start: int  # in the original
    original: str
    folded: str  # case-folded, simplified
    number: int  # 0 is the title, 1 the first of the text
    matches: tuple[TermMatch, ...]  # those that stand in it

    @cached_property
    def chinese(self) -> bool:
        """Tell which of the two vocabularies to look with."""
        return len(_HAN.findall(self.folded)) * 4 > len(self.folded)

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """Return the clauses; a sign inside a term ends none."""
        names = [self.place(match) for match in self.matches]
        ends = [
            found.end()
            for found in _CLAUSE_ENDS.finditer(self.folded)
            if not any(start < found.start() < end for start, end in names)
        ]
        return tuple(
            Clause(start, end)
            for start, end in pairwise([0, *ends, len(self.folded)])
            if self.folded[start:end].strip()
        )

    @cached_property
    def unnamed(self) -> str:
        """Return the folded characters with those of names put out: a name hedges nothing."""
        text = self.folded
        for match in self.matches:
            if match.role is TermRole.ALIAS:
                start, end = self.place(match)
                text = text[:start] + _LETTER.sub(_put_out, text[start:end]) + text[end:]
        return text

    def place(self, match: TermMatch) -> tuple[int, int]:
        """Return where a match stands in this sentence."""
        return match.start - self.start, match.end - self.start

    def clause_at(self, place: int) -> Clause:
        """Return the clause that holds a place."""
        return next(
            (each for each in self.clauses if each.start <= place < each.end), self.clauses[-1]
        )


def _put_out(letter: re.Match[str]) -> str:
    return "某" if _HAN.match(letter[0]) else "x"


def cut(article: Article, matches: Sequence[TermMatch]) -> tuple[Sentence, ...]:
    """Return the title and the sentences of the text, each with the matches that stand in it."""
    found = [(ArticlePart.TITLE, 0, article.title)] if article.title.strip() else []
    found += [(ArticlePart.TEXT, start, text) for start, text in _sentences(article.text)]
    return _numbered(found, matches, first=0 if article.title.strip() else 1)


def cut_text(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text that is no article."""
    return _numbered([(ArticlePart.TEXT, *each) for each in _sentences(text)], (), first=1)


def _numbered(
    found: Sequence[tuple[ArticlePart, int, str]], matches: Sequence[TermMatch], *, first: int
) -> tuple[Sentence, ...]:
    by_part = {
        part: sorted((each for each in matches if each.part is part), key=_start)
        for part in ArticlePart
    }
    return tuple(
        Sentence(
            part=part,
            start=start,
            original=text,
            folded=fold_characters(text),
            number=number,
            matches=_within(by_part[part], start, start + len(text)),
        )
        for number, (part, start, text) in enumerate(found, start=first)
    )


def _start(match: TermMatch) -> int:
    return match.start


def _within(matches: Sequence[TermMatch], start: int, end: int) -> tuple[TermMatch, ...]:
    first = bisect_left(matches, start, key=_start)
    return tuple(matches[first : bisect_left(matches, end, key=_start)])


def _sentences(text: str) -> list[tuple[int, str]]:
    found, start = [], 0
    ends = [each.end() for each in _ENDS.finditer(text)]
    for end in [*ends, len(text)]:
        while end - start > LONGEST:
            found.append((start, text[start : start + LONGEST]))
            start += LONGEST
        if text[start:end].strip():
            found.append((start, text[start:end]))
        start = end
    return found
