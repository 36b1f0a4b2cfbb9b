"""The expert's query language: parsed once, evaluated on an article's tokens. Pure.

``AND``, ``OR``, ``NOT`` (``A NOT B`` is ``A AND NOT B``), ``NEAR/n``, brackets, "quotes", ``*``
and ``?`` inside words, fields ``title:``, ``source:``, ``lang:``. NEAR binds first, then NOT, AND,
OR. The words are those of the Lucene query language (https://lucene.apache.org/core/9_0_0/queryparser/).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate

from model.records import ArticlePart
from model.text import fold_phrase

_LEXEMES = re.compile(
    r"""\s*(?:(?P<near>NEAR/(?P<n>\d{1,3}))(?=[\s("])
    |(?P<word>(?:AND|OR|NOT)(?=[\s()]|$))
    |(?P<bracket>[()])
    |(?P<field>(?:title|source|lang):)
    |"(?P<quoted>[^"]*)"
    |(?P<plain>[^\s()"]+))""",
    re.VERBOSE,
)


class QueryError(ValueError):
    """A query that cannot be read; the text points at the character."""

    def __init__(self, query: str, place: int, what: str) -> None:
        super().__init__(f"{what} at character {place + 1}\n  {query}\n  {' ' * place}^")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow one another; a word with * or ? is a pattern."""

    text: str
    words: tuple[str, ...]
    patterns: tuple[re.Pattern[str] | None, ...]
    part: ArticlePart | None = None  # title: only there


@dataclass(frozen=True, slots=True)
class Field:
    """A condition on where the article comes from."""

    name: str  # "source" or "lang"
    value: str


@dataclass(frozen=True, slots=True)
class Near:
    """Two sides at most `within` tokens apart, in either order."""

    left: Node
    right: Node
    within: int


@dataclass(frozen=True, slots=True)
class Not:
    """The article does not hold it."""

    inner: Node


@dataclass(frozen=True, slots=True)
class And:
    """The article holds all of it."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """The article holds one of it."""

    parts: tuple[Node, ...]


Node = Phrase | Field | Near | Not | And | Or


@dataclass(frozen=True, slots=True)
class Span:
    """One occurrence: part, first and last token."""

    phrase: Phrase
    part: ArticlePart
    first: int
    last: int


Find = Callable[[Phrase], Sequence[Span]]
FieldHolds = Callable[[Field], bool]


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str
    text: str
    place: int


def parse_query(query: str) -> Node:
    """Parse a query; raise QueryError pointing at the character."""
    return _Parser(query).parse()


class _Parser:
    """Recursive descent over the lexemes."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._lexemes = list(self._lex())
        self._next = 0

    def _lex(self) -> Iterator[_Lexeme]:
        place, end = 0, len(self._query.rstrip())
        while place < end:
            found = _LEXEMES.match(self._query, place)
            if found is None:
                at = place + len(self._query[place:]) - len(self._query[place:].lstrip())
                what = "a quote that is never closed" if self._query[at] == '"' else "an odd sign"
                raise QueryError(self._query, at, what)
            kind = found.lastgroup or ""
            if found["near"]:
                yield _Lexeme("near", found["n"], found.start("near"))
            else:
                yield _Lexeme(kind, found[kind], found.start(kind))
            place = found.end()

    def parse(self) -> Node:
        if not self._lexemes:
            raise QueryError(self._query, 0, "an empty query")
        node = self._or()
        left = self._peek()
        if left is not None:
            what = "a bracket too many" if left.text == ")" else "two terms without AND or OR"
            raise QueryError(self._query, left.place, what)
        if _only_excludes(node):
            raise QueryError(self._query, 0, "NOT alone finds everything: say what to find")
        return node

    def _peek(self) -> _Lexeme | None:
        return self._lexemes[self._next] if self._next < len(self._lexemes) else None

    def _takes(self, kind: str, text: str | None = None) -> _Lexeme | None:
        found = self._peek()
        if found is None or found.kind != kind or (text is not None and found.text != text):
            return None
        self._next += 1
        return found

    def _or(self) -> Node:
        parts = [self._and()]
        while self._takes("word", "OR"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Node:
        parts = [self._not()]
        while True:
            found = self._peek()
            excludes = found is not None and (found.kind, found.text) == ("word", "NOT")
            if self._takes("word", "AND") or excludes:
                parts.append(self._not())
            else:
                break
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self) -> Node:
        if self._takes("word", "NOT"):
            return Not(self._not())
        return self._near()

    def _near(self) -> Node:
        left = self._atom()
        while found := self._takes("near"):
            right = self._atom()
            for side in (left, right):
                if not _may_be_near(side):
                    what = "a side of NEAR is a phrase, or phrases joined with OR"
                    raise QueryError(self._query, found.place, what)
            left = Near(left, right, int(found.text))
        return left

    def _atom(self) -> Node:
        found = self._peek()
        if found is None:
            raise QueryError(self._query, len(self._query.rstrip()), "something is missing")
        if self._takes("bracket", "("):
            node = self._or()
            if not self._takes("bracket", ")"):
                raise QueryError(self._query, found.place, "a bracket that is never closed")
            return node
        self._next += 1
        if found.kind == "field":
            return self._field(found)
        if found.kind in {"quoted", "plain"}:
            return self._phrase(found, None)
        raise QueryError(self._query, found.place, f"{found.text!r} where a term should be")

    def _field(self, name: _Lexeme) -> Node:
        value = self._takes("quoted") or self._takes("plain")
        if value is None:
            raise QueryError(self._query, name.place, f"{name.text} without a value")
        if name.text == "title:":
            return self._phrase(value, ArticlePart.TITLE)
        return Field(name.text.rstrip(":"), value.text)

    def _phrase(self, found: _Lexeme, part: ArticlePart | None) -> Phrase:
        words: list[str] = []
        patterns: list[re.Pattern[str] | None] = []
        for word in found.text.split():
            if "*" in word or "?" in word:
                if len(word.strip("*?")) < 2:
                    raise QueryError(self._query, found.place, "a wildcard needs two letters")
                words.append(word.casefold())
                patterns.append(re.compile(translate(word.casefold())))
            else:
                folded = fold_phrase(word)
                words += folded
                patterns += [None] * len(folded)
        if not words:
            raise QueryError(self._query, found.place, "a term without a letter or digit")
        return Phrase(found.text, tuple(words), tuple(patterns), part)


def _may_be_near(node: Node) -> bool:
    if isinstance(node, Or):
        return all(_may_be_near(part) for part in node.parts)
    return isinstance(node, Phrase | Near)


def _only_excludes(node: Node) -> bool:
    if isinstance(node, And):
        return all(_only_excludes(part) for part in node.parts)
    if isinstance(node, Or):
        return any(_only_excludes(part) for part in node.parts)
    return isinstance(node, Not | Field)


def evaluate(node: Node, find: Find, field_holds: FieldHolds) -> tuple[Span, ...] | None:
    """Return every occurrence of every phrase not under NOT; None where it does not hold."""
    if isinstance(node, Phrase):
        return tuple(find(node)) or None
    if isinstance(node, Field):
        return () if field_holds(node) else None
    if isinstance(node, Not):
        return () if evaluate(node.inner, find, field_holds) is None else None
    if isinstance(node, Near):
        return _near_spans(node, find, field_holds)
    found = [evaluate(part, find, field_holds) for part in node.parts]
    held = [spans for spans in found if spans is not None]
    if isinstance(node, And) and len(held) < len(found):
        return None
    return tuple(span for spans in held for span in spans) if held else None


def _near_spans(node: Near, find: Find, field_holds: FieldHolds) -> tuple[Span, ...] | None:
    left = evaluate(node.left, find, field_holds) or ()
    right = evaluate(node.right, find, field_holds) or ()
    kept: dict[Span, None] = {}
    for one in left:
        for other in right:
            if one.part is other.part and _gap(one, other) <= node.within and one != other:
                kept[one] = kept[other] = None
    return tuple(kept) or None


def _gap(one: Span, other: Span) -> int:
    """Return how many tokens stand between two spans; overlapping ones are never near."""
    if one.last < other.first:
        return other.first - one.last - 1
    if other.last < one.first:
        return one.first - other.last - 1
    return 10**9
