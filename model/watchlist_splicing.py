"""Places in the text of a watchlist, found by its parsed nodes, and changes made there. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from model.errors import MissingRecordError

_PLAIN = re.compile(r"[A-Za-z\u3400-\u9fff][\w\u3400-\u9fff-]*(?: [\w\u3400-\u9fff-]+)*")
_WORDS_OF_YAML = frozenset("y n yes no on off true false null".split())
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


@dataclass(slots=True)
class Source:
    """A text with its nodes: finds places and changes them."""

    text: str
    root: MappingNode

    @property
    def line_end(self) -> str:
        """Return how lines end in this text."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def entry(self, part: str, name: str) -> MappingNode:
        """Return an entry's mapping; raise MissingRecordError."""
        listed = value_of(self.root, part)
        for each in listed.value if isinstance(listed, SequenceNode) else ():
            found = value_of(each, "id") if isinstance(each, MappingNode) else None
            if isinstance(found, ScalarNode) and found.value == name:
                return each  # type: ignore[no-any-return]  # PyYAML's nodes are not typed
        raise MissingRecordError(f"There is no {name} in {part}")

    def spliced(self, start: int, end: int, new: str) -> str:
        """Return the text with a piece of it replaced."""
        return self.text[:start] + new + self.text[end:]

    def behind(self, node: Node, new: str) -> str:
        """Return the text with lines after the one on which a node ends."""
        end = _last_leaf(node).end_mark.index
        if end and self.text[end - 1] == "\n":  # a block scalar ends behind its line
            return self.spliced(end, end, new + self.line_end)
        line = self.text.find("\n", end)
        if line < 0:
            return self.text + self.line_end + new + self.line_end
        return self.spliced(line + 1, line + 1, new + self.line_end)

    def appended(self, items: SequenceNode, new: str) -> str:
        """Return the text with an item more at the end of a list."""
        if not items.value:  # only [] is empty
            return self.spliced(items.start_mark.index, items.end_mark.index, f"[{new}]")
        last = items.value[-1]
        if items.flow_style:
            end = last.end_mark.index
            return self.spliced(end, end, f", {new}")
        return self.behind(last, " " * items.start_mark.column + f"- {new}")

    def with_field(self, mapping: MappingNode, name: str, new: str) -> str:
        """Return the text with a field set, in its place or as the last one."""
        value = value_of(mapping, name)
        if value is not None:
            return self.spliced(value.start_mark.index, value.end_mark.index, new)
        last = mapping.value[-1][1]
        if mapping.flow_style:
            end = last.end_mark.index
            return self.spliced(end, end, f", {name}: {new}")
        indent = " " * mapping.value[0][0].start_mark.column
        return self.behind(last, f"{indent}{name}: {new}")

    def without(self, parent: CollectionNode, index: int) -> str:
        """Return the text without one item of a list or one field of a mapping."""
        spans = [span_of(each) for each in parent.value]
        start, end = spans[index]
        if not parent.flow_style:
            return self._without_lines(parent, index)
        if index + 1 < len(spans):
            end = spans[index + 1][0]
        elif index:
            start = spans[index - 1][1]
        return self.spliced(start, end, "")

    def _without_lines(self, parent: CollectionNode, index: int) -> str:
        start, end = span_of(parent.value[index])
        line = self.text.rfind("\n", 0, start) + 1
        if index == 0 and self.text[line:start].strip(" -"):
            line = start  # the parent begins on this line
        stop = end if self.text[end - 1] == "\n" else self.text.find("\n", end) + 1
        return self.spliced(line, stop or len(self.text), "")


def value_of(mapping: MappingNode, name: str) -> Node | None:
    """Return a field's node; None where it is not there."""
    return next((value for key, value in mapping.value if key.value == name), None)


def span_of(item: Node | tuple[Node, Node]) -> tuple[int, int]:
    """Return where an item of a list, or a field of a mapping, begins and ends."""
    first, last = item if isinstance(item, tuple) else (item, item)
    return int(first.start_mark.index), int(_last_leaf(last).end_mark.index)


def _last_leaf(node: Node) -> Node:
    """Return what a node ends with: a block collection itself ends before the next thing."""
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_leaf(last[1] if isinstance(last, tuple) else last)
    return node


def flow(value: object) -> str:
    """Return a value in one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {flow(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return quoted(value)
    return json.dumps(value)


def quoted(text: str) -> str:
    """Return a text as it is where YAML takes it for a text, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS_OF_YAML:
        return text
    return _ESCAPED.sub(
        lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False)
    )
