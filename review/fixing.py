"""One press to mend a problem of the watchlist, where its advice says what to write. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from model.errors import Problem

_MEANT = re.compile(r"did you mean `([^`]+)`\?")
_WRITE = re.compile(r'(?:^|\b)write ("[^"]+")')
_WORD = re.compile(r"""["']?[^\s,\[\]{}:"'#]+["']?""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What is written in place of what."""

    line: int  # from 1
    start: int  # in the line, from 0
    before: str
    after: str


def fix_of(problem: Problem, text: str) -> Fix | None:
    """Return what mends a problem; None where its advice leaves a choice."""
    advice = problem.suggestion or ""
    found = _MEANT.search(advice) or _WRITE.search(advice)
    lines = text.split("\n")
    if found is None or not 1 <= problem.line <= len(lines):
        return None
    line, start = lines[problem.line - 1], problem.column - 1
    word = _WORD.match(line, start)
    if word is None or word[0] == found[1]:
        return None
    return Fix(line=problem.line, start=start, before=word[0], after=found[1])


def mended(text: str, fix: Fix) -> str:
    """Return the text with a fix made; unchanged where the words are no longer there."""
    lines = text.split("\n")
    line = lines[fix.line - 1] if fix.line <= len(lines) else ""
    end = fix.start + len(fix.before)
    if line[fix.start : end] != fix.before:
        return text
    lines[fix.line - 1] = line[: fix.start] + fix.after + line[end:]
    return "\n".join(lines)


def caret(problem: Problem, text: str) -> tuple[str, str]:
    """Return the line of a problem and the carets that stand under it."""
    lines = text.split("\n")
    line = lines[problem.line - 1].rstrip() if problem.line <= len(lines) else ""
    word = _WORD.match(line, problem.column - 1)
    width = len(word[0]) if word else 1
    return line, " " * (problem.column - 1) + "^" * width
