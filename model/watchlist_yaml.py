"""YAML to plain values that still know their line, with YAML's traps caught on the way. Pure.

PyYAML's C parser composes the nodes; values are built here: YAML 1.1 turns `no` and `on` into
booleans, `2025-09-01` into a date and `12:30` into a number (https://yaml.org/type/bool.html).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from model.errors import Problem

MOST_NODES = 5_000_000  # anchors that multiply would otherwise eat the memory
DEEPEST = 50

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]
Path = Sequence[str | int]

_BOOL, _INT, _FLOAT, _NULL, _TIME = (
    f"tag:yaml.org,2002:{name}" for name in ("bool", "int", "float", "null", "timestamp")
)
_PLAIN = frozenset((_BOOL, _INT, _FLOAT, _NULL, _TIME))
_KNOWN_TAGS = _PLAIN | {f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq", "value")}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BRACKET = re.compile(r"[\[\]{}]")
_FAR_IN = re.compile(rf"^[ \-?]{{{DEEPEST},}}", re.MULTILINE)


@dataclass(slots=True)
class Document:
    """One file, read: its value, where everything stands, and what is odd about it."""

    file: str
    value: Value = None
    problems: list[Problem] = field(default_factory=list)
    root: Node | None = None
    # Where YAML made something else of a value; what the model says there would be an echo.
    trapped: set[tuple[int, int]] = field(default_factory=set)

    def problem(
        self,
        path: Path,
        message: str,
        *,
        suggestion: str | None = None,
        warning: bool = False,
        at_key: bool = False,
    ) -> Problem:
        """Return a problem that stands where this path leads; the nearest place where it ends."""
        line, column = locate(self.root, path, at_key=at_key)
        return Problem(
            file=self.file,
            line=line,
            column=column,
            message=message,
            suggestion=suggestion,
            warning=warning,
        )


def read_yaml(file: str, text: str) -> Document:
    """Read one file; syntax errors and traps are among the document's problems."""
    document = Document(file=file)
    try:
        too_deep = _too_deep(text)
        document.root = yaml.compose(text, Loader=yaml.CSafeLoader) if too_deep is None else None
    except yaml.MarkedYAMLError as error:
        document.problems.append(_syntax_problem(file, text, error))
        return document
    except ReaderError as error:
        document.problems.append(_forbidden_character(file, text, error))
        return document
    if too_deep is not None:
        document.problems.append(_problem(file, too_deep, *_TOO_MUCH))
    elif document.root is not None:
        document.value = _Builder(document).build(document.root, 0)
    return document


_TOO_MUCH = (
    "this is nested too deeply, or too much for one file",
    f"nothing here needs more than a few levels; {DEEPEST} are read",
)


def _problem(file: str, place: tuple[int, int], message: str, suggestion: str | None) -> Problem:
    return Problem(
        file=file, line=place[0], column=place[1], message=message, suggestion=suggestion
    )


def _too_deep(text: str) -> tuple[int, int] | None:
    """Return where a text goes deeper than we read; composing such a one overflows the C stack.

    Brackets and indentation are counted first, blind to quotes: the parser itself is asked only
    where those look suspicious, for it costs as much as composing does.
    """
    depth = deepest = 0
    for bracket in _BRACKET.finditer(text):
        depth = depth + 1 if bracket.group() in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    if deepest <= DEEPEST and _FAR_IN.search(text) is None:
        return None
    try:
        return _deeper(text)
    except yaml.MarkedYAMLError as error:  # libyaml 0.2.6 has a bound of its own
        if error.problem is None or "nesting depth" not in error.problem:
            raise
        return _place(error.problem_mark)


def _deeper(text: str) -> tuple[int, int] | None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                return _place(event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _forbidden_character(file: str, text: str, error: ReaderError) -> Problem:
    before = text.encode()[: error.position].decode(errors="ignore")  # it counts bytes
    place = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    code = error.character if isinstance(error.character, int) else ord(error.character)
    return _problem(file, place, f"the control character U+{code:04X} stands here", "remove it")


# What the parser says, and what to do about it.
_ADVICE = (
    ("found another document", "keep one `---` at most; a folder may hold several files"),
    ("mapping values are not allowed", "quote a text that holds a colon"),
    ("undefined alias", "quote a text that begins with a sign"),
    ("cannot start any token", "quote a text that begins with a sign"),
    ("end of stream", "close the quote that opens here with \" or '"),
    ("']'", "close the bracket, and put a comma between entries"),
    ("'}'", "close the brace, and put a comma between fields"),
    ("flow node", "close the bracket that is still open"),
    ("expected key", "quote the whole text, or indent this line as the fields beside it"),
    ("'-' indicator", "indent the entries of one list alike"),
)
_OTHERWISE = "look at the indentation, brackets and quotes here and in the line above"


def _syntax_problem(file: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    place = _place(error.problem_mark or error.context_mark)
    rest = text.splitlines()[place[0] - 1 :]
    if error.context_mark and not "".join(rest).strip():
        place = _place(error.context_mark)  # what never ends is wrong where it begins
    here = rest[0] if rest else ""
    said = " ".join((error.problem or str(error)).split())
    both = f"{said} {error.context or ''}"
    if "\t" in here[: len(here) - len(here.lstrip())]:
        suggestion = "indent with spaces: YAML takes no tabs"
    else:
        suggestion = next((advice for words, advice in _ADVICE if words in both), _OTHERWISE)
    return _problem(file, place, f"broken YAML: {said}", suggestion)


def _place(mark: Any) -> tuple[int, int]:  # noqa: ANN401 - PyYAML has two classes of marks
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _Builder:
    """Turns nodes into values and notes the traps."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._count = 0

    def build(self, node: Node, depth: int) -> Value:
        self._count += 1
        if self._count > MOST_NODES or depth > DEEPEST:
            if self._count <= MOST_NODES + 1 or depth == DEEPEST + 1:
                self._trap(node, *_TOO_MUCH)
            return None
        if node.tag not in _KNOWN_TAGS:
            self._trap(node, f"the tag `{_short(node.tag)}` is not known here", "remove it")
            return None
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if isinstance(node, SequenceNode):
            return [self.build(each, depth + 1) for each in node.value]
        return self._mapping(node, depth)

    def _mapping(self, node: Node, depth: int) -> dict[str, Value]:
        built: dict[str, Value] = {}
        for key, value in node.value:
            name = self._key(key)
            if name is None:
                continue
            if name in built:
                self._note(key, f"`{name}` stands here twice", "keep one of them")
                continue
            built[name] = self.build(value, depth + 1)
        return built

    def _key(self, node: Node) -> str | None:
        if not isinstance(node, ScalarNode):
            self._note(node, "a field's name is one word", "quote a text that holds brackets")
            return None
        if node.tag == _BOOL and not node.style and node.value.lower() not in {"true", "false"}:
            self._note(node, f"YAML reads the name `{node.value}` as a boolean", "quote it")
            return None
        if node.value == "<<" and not node.style:
            self._note(node, "merge keys (<<) are not known here", "write the fields out")
            return None
        return str(node.value)

    def _scalar(self, node: ScalarNode) -> Value:
        text: str = node.value
        if node.style or node.tag not in _PLAIN:
            return text
        if node.tag == _NULL:
            return None
        if node.tag == _BOOL:
            return self._boolean(node, text)
        if node.tag == _TIME:
            if _DAY.fullmatch(text):
                self._note(node, f"read as the date {text}", f'write "{text}"', warning=True)
            return text
        if ":" in text:
            self._trap(node, f"YAML reads `{text}` as a number to the base 60", f'write "{text}"')
            return text
        return _number(text, whole=node.tag == _INT)

    def _boolean(self, node: ScalarNode, text: str) -> Value:
        plain = text.lower()
        if plain in {"true", "false"}:
            return plain == "true"
        meant = "true" if plain in {"yes", "on", "y"} else "false"
        advice = f'write "{text}" if the word is meant, else {meant}'
        self._trap(node, f"YAML reads `{text}` as a boolean", advice)
        return text

    def _trap(self, node: Node, message: str, suggestion: str) -> None:
        self._document.trapped.add((node.start_mark.line + 1, node.start_mark.column + 1))
        self._note(node, message, suggestion)

    def _note(
        self, node: Node, message: str, suggestion: str | None = None, *, warning: bool = False
    ) -> None:
        mark = node.start_mark
        self._document.problems.append(
            Problem(
                file=self._document.file,
                line=mark.line + 1,
                column=mark.column + 1,
                message=message,
                suggestion=suggestion,
                warning=warning,
            )
        )


def _short(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _number(text: str, *, whole: bool) -> Value:
    """Return a plain decimal number; anything else (0x1F, 1_000, .inf) stays text."""
    try:
        if whole and text.lstrip("+-").isdigit() and not text.lstrip("+-").startswith("0"):
            return int(text)
        return 0 if whole and text == "0" else text if whole else float(text)
    except ValueError:
        return text


def locate(root: Node | None, path: Path, *, at_key: bool = False) -> tuple[int, int]:
    """Return line and column (from 1) of what a path leads to, or of the last thing on its way."""
    node, place = root, root
    for step in path:
        key, value = _child(node, step)
        if value is None:
            break
        node, place = value, key if at_key and key is not None else value
    if place is None:
        return 1, 1
    return place.start_mark.line + 1, place.start_mark.column + 1


def _child(node: Node | None, step: str | int) -> tuple[Node | None, Node | None]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key, value
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None, None
