"""YAML to plain values that still know their line, with YAML's traps caught on the way. Pure.

PyYAML's C parser composes the nodes; values are built here: YAML 1.1 turns `no` and `on` into
booleans, `2025-09-01` into a date and `12:30` into a number (https://yaml.org/type/bool.html).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from model.errors import Problem

MOST_NODES = 5_000_000  # anchors that multiply would otherwise eat the memory
DEEPEST = 50

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]
Path = Sequence[str | int]

_BOOL, _INT, _FLOAT, _NULL, _TIME = (
    f"tag:yaml.org,2002:{name}" for name in ("bool", "int", "float", "null", "timestamp")
)


@dataclass(slots=True)
class Document:
    """One file, read: its value, where everything stands, and what is odd about it."""

    file: str
    value: Value = None
    problems: list[Problem] = field(default_factory=list)
    root: Node | None = None

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
        document.root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        document.problems.append(_syntax_problem(file, text, error))
        return document
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        message = f"this is no YAML: {' '.join(str(error).split())}"
        document.problems.append(Problem(file=file, line=1, column=1, message=message))
        return document
    if document.root is not None:
        document.value = _Builder(document).build(document.root, 0)
    return document


def _syntax_problem(file: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    column = mark.column + 1 if mark else 1
    lines = text.splitlines()
    here = lines[line - 1] if line <= len(lines) else ""
    suggestion = None
    if "\t" in here[: len(here) - len(here.lstrip())]:
        suggestion = "indent with spaces: YAML takes no tabs"
    elif "mapping values are not allowed" in (error.problem or ""):
        suggestion = "quote a text that holds a colon"
    elif "undefined alias" in (error.problem or "") or "'@'" in (error.problem or ""):
        suggestion = "quote a text that begins with a sign"
    said = " ".join((error.problem or str(error)).split())
    return Problem(
        file=file, line=line, column=column, message=f"broken YAML: {said}", suggestion=suggestion
    )


class _Builder:
    """Turns nodes into values and notes the traps."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._count = 0

    def build(self, node: Node, depth: int) -> Value:
        self._count += 1
        if self._count > MOST_NODES or depth > DEEPEST:
            if self._count <= MOST_NODES + 1 or depth == DEEPEST + 1:
                self._note(node, "this is nested too deeply, or too much for one file")
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
            self._note(node, "a field's name is one word")
            return None
        if node.tag == _BOOL and not node.style and node.value.lower() not in {"true", "false"}:
            self._note(node, f"YAML reads the name `{node.value}` as a boolean", "quote it")
            return None
        if node.value == "<<" and node.style is None:
            self._note(node, "merge keys (<<) are not known here", "write the fields out")
            return None
        return str(node.value)

    def _scalar(self, node: ScalarNode) -> Value:
        text: str = node.value
        if node.style or node.tag not in (_BOOL, _INT, _FLOAT, _NULL, _TIME):
            return text
        if node.tag == _NULL:
            return None
        if node.tag == _BOOL:
            if text.lower() in {"true", "false"}:
                return text.lower() == "true"
            self._note(node, f"YAML reads `{text}` as a boolean", f'write "{text}", true or false')
            return text
        if node.tag == _TIME:
            self._note(node, f"read as the date {text}", f'write "{text}"', warning=True)
            return text
        if ":" in text:
            self._note(node, f"YAML reads `{text}` as a number to the base 60", f'write "{text}"')
            return text
        return _number(text, whole=node.tag == _INT)

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
