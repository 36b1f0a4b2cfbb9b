"""An article's words with what was found in them marked: name, trigger, new fact. Pure.

Offsets are code points of the original, so a mark stands on the characters that were printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from model.records import Article, ArticlePart, Hit, Report

SHORTEST, LONGEST = 60, 320  # characters of a quote: enough to judge, not the article
ORDER = ("", "fact", "name", "trigger", "find")  # where two fall together, the later one shows
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words, and how it is marked; an empty kind is not."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text to be marked."""

    start: int
    end: int
    kind: str


def marked(text: str, spans: Iterable[Span], start: int = 0, end: int | None = None) -> list[Piece]:
    """Cut a text (or a part of it) into pieces at its spans; nothing is lost or added."""
    stop = len(text) if end is None else min(end, len(text))
    kinds = [""] * max(stop - start, 0)
    for span in sorted(spans, key=lambda each: ORDER.index(each.kind)):
        for at in range(max(span.start, start), min(span.end, stop)):
            kinds[at - start] = span.kind
    pieces: list[Piece] = []
    begin = 0
    for at in range(1, len(kinds) + 1):
        if at == len(kinds) or kinds[at] != kinds[begin]:
            pieces.append(Piece(text[start + begin : start + at], kinds[begin]))
            begin = at
    return pieces


def spans_of(hit: Hit, article: Article, part: ArticlePart) -> list[Span]:
    """Return everything that is to be marked in an article's title or text."""
    text = _part(article, part)
    spans = [Span(e.start, e.end, "name") for e in hit.matches if e.part is part]
    spans += [Span(e.start, e.end, "trigger") for e in hit.suggestion.triggers if e.part is part]
    for words in _facts(hit):
        at = text.find(words)
        if at >= 0:
            spans.append(Span(at, at + len(words), "fact"))
    return spans


def title_of(report: Report) -> list[Piece]:
    """Return a report's headline, marked."""
    spans = spans_of(report.hit, report.article, ArticlePart.TITLE)
    return marked(report.article.title, spans)


def text_of(article: Article, hits: Iterable[Hit]) -> list[list[Piece]]:
    """Return an article's whole text by paragraphs, marked with what all its hits found."""
    spans = [span for hit in hits for span in spans_of(hit, article, ArticlePart.TEXT)]
    paragraphs, start = [], 0
    for line in article.text.split("\n"):
        if line.strip():
            paragraphs.append(marked(article.text, spans, start, start + len(line)))
        start += len(line) + 1
    return paragraphs


def quote(report: Report) -> list[Piece]:
    """Return the sentence or so that the finding rests on, marked; empty where only a title is."""
    text = report.article.text
    spans = spans_of(report.hit, report.article, ArticlePart.TEXT)
    core = _core(spans)
    if core is None:
        return []
    start, end = _around(text, core.start, core.end)
    pieces = marked(text, spans, start, end)
    before = [Piece(ELLIPSIS)] if start > 0 and text[start - 1] != "\n" else []
    after = [Piece(ELLIPSIS)] if end < len(text) and text[end] != "\n" else []
    return [*before, *pieces, *after]


def _core(spans: list[Span]) -> Span | None:
    """Return what a quote is about: the words that led to the suggestion, or else the name."""
    for kind in ("trigger", "name"):
        found = [span for span in spans if span.kind == kind]
        if found:
            return min(found, key=lambda span: span.start)
    return None


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the paragraph around a place, cut at sentences where it is long."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    if last - first <= LONGEST:
        return first, last
    first = max(first, _after_sentence(text, first, start))
    last = min(last, first + LONGEST)
    ends = [at + 1 for at in range(end, last) if text[at] in ".。!！?？"]
    far_enough = [at for at in ends if at - first >= SHORTEST]
    return first, far_enough[-1] if far_enough else last


def _after_sentence(text: str, first: int, start: int) -> int:
    """Return where the sentence begins that holds `start`; near enough to it in any case."""
    for at in range(start - 1, max(first, start - LONGEST // 2), -1):
        if text[at] in "。！？" or (text[at] in ".!?" and text[at + 1 : at + 2].isspace()):
            return at + 1 + (text[at + 1 : at + 2].isspace())
    return max(first, start - LONGEST // 2)


def _facts(hit: Hit) -> Iterator[str]:
    suggestion = hit.suggestion
    for words in (suggestion.place, *suggestion.parties):
        if words:
            yield words


def _part(article: Article, part: ArticlePart) -> str:
    return article.title if part is ArticlePart.TITLE else article.text
