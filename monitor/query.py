"""The expert's query language: parsed once, evaluated on an article. Pure.

``AND``, ``OR``, ``NOT`` (``A NOT B`` is ``A AND NOT B``), ``NEAR/n``, brackets, "quotes", ``*``
and ``?`` inside words, fields ``title:``, ``source:``, ``lang:``. NEAR binds first, then NOT, AND,
OR. The words are those of the Lucene query language
(https://lucene.apache.org/core/9_0_0/queryparser/).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from model.records import ArticlePart
from monitor.phrases import Phrase, compile_wild

_LEXEMES = re.compile(
    r"""\s*(?:(?P<near>NEAR/(?P<n>\d{1,3}))(?=[\s("])
    |(?P<word>(?:AND|OR|NOT)(?=[\s()"]|$))
    |(?P<bracket>[()])
    |(?P<field>(?:title|source|lang):)
    |"(?P<quoted>[^"]*)"
    |(?P<plain>[^\s()"]+))""",
    re.VERBOSE,
)
_SIGNS = str.maketrans("“”＂（）：　", '"""(): ')  # as a Chinese keyboard writes them
_FIELD = re.compile(r"[A-Za-z]+:")


class QueryError(ValueError):
    """A query that cannot be read; the text points at the character."""

    def __init__(self, query: str, place: int, what: str) -> None:
        super().__init__(f"{what} at character {place + 1}\n  {query}\n  {' ' * place}^")


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A phrase to find, in the title alone or anywhere."""

    phrase: Phrase
    part: ArticlePart | None = None  # None: anywhere


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


Node = Leaf | Field | Near | Not | And | Or


class Span(NamedTuple):
    """One occurrence: part, first and last token."""

    part: ArticlePart
    first: int
    last: int


class Asked(NamedTuple):
    """What an article says to a query's phrases and fields."""

    stands: Callable[[Leaf], bool]
    spans: Callable[[Leaf], Sequence[Span]]
    field: Callable[[Field], bool]


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
        self._lexemes = list(self._lex(query.translate(_SIGNS)))
        self._next = 0
        self._scope: str | None = None  # the field whose bracket is open

    def _lex(self, query: str) -> Iterator[_Lexeme]:
        place, end = 0, len(query.rstrip())
        while place < end:
            found = _LEXEMES.match(query, place)
            if found is None:
                at = place + len(query[place:]) - len(query[place:].lstrip())
                what = "a quote that is never closed" if query[at] == '"' else "an odd sign"
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
            raise QueryError(self._query, left.place, self._what_is_left(left))
        if _only_excludes(node):
            raise QueryError(self._query, 0, "NOT alone finds everything: say what to find")
        return node

    def _what_is_left(self, left: _Lexeme) -> str:
        if left.text == ")":
            return "a bracket too many"
        for word in (left.text, self._lexemes[self._next - 1].text):
            if word in {"and", "or", "not"}:
                return f"two terms without an operator (write {word.upper()} in capitals)"
            if word.upper().startswith("NEAR"):
                return "two terms without an operator (NEAR is written NEAR/5)"
        return "two terms without AND or OR"

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
        if found.kind == "field":
            return self._field(found)
        if found.kind == "bracket" and found.text == "(":
            return self._bracket(found)
        if found.kind in {"quoted", "plain"}:
            self._next += 1
            return self._leaf(found)
        raise QueryError(self._query, found.place, f"{found.text!r} where a term should be")

    def _bracket(self, opened: _Lexeme) -> Node:
        self._next += 1
        node = self._or()
        if not self._takes("bracket", ")"):
            raise QueryError(self._query, opened.place, "a bracket that is never closed")
        return node

    def _field(self, name: _Lexeme) -> Node:
        self._next += 1
        outer, self._scope = self._scope, name.text
        value = self._peek()
        if value is None or value.kind not in {"quoted", "plain", "bracket"} or value.text == ")":
            raise QueryError(self._query, name.place, f"{name.text} without a value")
        node = self._atom()
        self._scope = outer
        return node

    def _leaf(self, found: _Lexeme) -> Leaf | Field:
        if self._scope in {"source:", "lang:"}:
            return Field(self._scope.rstrip(":"), found.text)
        if found.kind == "plain" and (field := _FIELD.match(found.text)):
            what = f"no field {field[0]} (there are title:, source: and lang:)"
            raise QueryError(self._query, found.place, what)
        try:
            phrase = compile_wild(found.text)
        except ValueError as error:
            raise QueryError(self._query, found.place, str(error)) from error
        if not phrase.elements:
            raise QueryError(self._query, found.place, "a term without a letter or digit")
        return Leaf(phrase, ArticlePart.TITLE if self._scope == "title:" else None)


def _may_be_near(node: Node) -> bool:
    if isinstance(node, Or):
        return all(_may_be_near(part) for part in node.parts)
    return isinstance(node, Leaf | Near)


def _only_excludes(node: Node) -> bool:
    if isinstance(node, And):
        return all(_only_excludes(part) for part in node.parts)
    if isinstance(node, Or):
        return any(_only_excludes(part) for part in node.parts)
    return isinstance(node, Not | Field)


def inner_nodes(node: Node) -> tuple[Node, ...]:
    """Return the nodes right below one."""
    if isinstance(node, And | Or):
        return node.parts
    if isinstance(node, Near):
        return node.left, node.right
    return (node.inner,) if isinstance(node, Not) else ()


def leaves(node: Node, *, excluded: bool = True) -> Iterator[Leaf]:
    """Return a query's phrases, those under NOT only if `excluded`."""
    if isinstance(node, Leaf):
        yield node
    if excluded or not isinstance(node, Not):
        for inner in inner_nodes(node):
            yield from leaves(inner, excluded=excluded)


def rarest_clause(node: Node, often: Callable[[Leaf], float]) -> tuple[Leaf, ...]:
    """Return phrases of which one stands in every article that the query holds for.

    None where there is no such set: the article must be looked at in any case.
    """
    if isinstance(node, Leaf):
        return (node,)
    if isinstance(node, Or):
        every = [rarest_clause(part, often) for part in node.parts]
        return tuple(leaf for each in every for leaf in each) if all(every) else ()
    if isinstance(node, And | Near):
        sides = [rarest_clause(inner, often) for inner in inner_nodes(node)]
        return min(filter(None, sides), key=lambda each: sum(map(often, each)), default=())
    return ()


def holds(node: Node, asked: Asked) -> bool:
    """Tell whether a query holds for an article."""
    if isinstance(node, Leaf):
        return asked.stands(node)
    if isinstance(node, And):
        return all(holds(part, asked) for part in node.parts)
    if isinstance(node, Or):
        return any(holds(part, asked) for part in node.parts)
    if isinstance(node, Not):
        return not holds(node.inner, asked)
    return asked.field(node) if isinstance(node, Field) else bool(_spans(node, asked))


def _spans(node: Node, asked: Asked) -> Sequence[Span]:
    """Return where a phrase, or sides near one another, stand."""
    if isinstance(node, Leaf):
        return asked.spans(node) if asked.stands(node) else ()
    if isinstance(node, Near):
        sides = (node.left, node.right)
        if not all(any(map(asked.stands, leaves(side))) for side in sides):
            return ()  # where a side is missing, nothing has to be counted
        return _near(_spans(node.left, asked), _spans(node.right, asked), node.within)
    return [span for inner in inner_nodes(node) for span in _spans(inner, asked)]


def _near(left: Sequence[Span], right: Sequence[Span], within: int) -> list[Span]:
    """Return the spans of either side that have one of the other near, in one merged pass."""
    kept: set[Span] = set()
    marked = sorted([(span, 0) for span in left] + [(span, 1) for span in right])
    for place, (span, side) in enumerate(marked):
        for other, other_side in marked[place + 1 :]:
            if other.part is not span.part or other.first > span.last + within + 1:
                break
            if other_side != side and other.first > span.last:
                kept |= {span, other}
    return sorted(kept)
