"""The model's errors as problems that an admin understands, each with what to do. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from model.errors import Problem
from model.watchlist_schema import CommitmentModel, FeedModel, WatchlistModel
from model.watchlist_yaml import Document, Path

# How each field looks when it is right.
EXAMPLES = {
    "id": "id: harbour-fund",
    "title": "title: Harbour fund",
    "en": "title: {en: Harbour fund, zh-Hans: 港口基金}",
    "tags": "tags: [ports, training]",
    "promisor": "promisor: [Northland]",
    "counterparties": "counterparties: [island states]",
    "said": 'said: [{date: "2025-09-01", where: Porto, by: a minister, text: It will be built.}]',
    "known": 'known: [{date: "2025-09-01", milestone: signed, text: The charter was signed.}]',
    "milestone": "milestone: signed",
    "clauses": "clauses: [{id: opened, text: It opens., done_when: It takes its first users.}]",
    "done_when": "done_when: A named site takes its first users.",
    "text": "text: A few words.",
    "date": 'date: "2026-07-16", or 2026-07, or 2026',
    "due": "due: {date: 2027, basis: inferred, grace_days: 30}",
    "occasions": "occasions: [{name: Annual summit, month: 9}]",
    "name": "name: Annual summit",
    "aliases": "aliases: [Harbour Fund, 港口基金, {text: the fund, weak: true}]",
    "context": "context: [[Northland, 北国], [harbour, 港口]]",
    "groups": "groups: [{all_of: [[harbour, port], [fund]], within: 12}]",
    "all_of": "all_of: [[harbour, port], [fund, facility]]",
    "decoys": "decoys: [Harbour Fund of Towns, {text: 港口基金会, why: another body}]",
    "feeds": "feeds: [{id: example-world, url: …, title: Example World, language: en}]",
    "url": "url: https://news.example.org/rss",
    "language": "language: en, zh-Hans or zh-Hant",
    "page": "page: {item: ul.list li, title: a, link: a, date: span.date}",
    "item": "item: ul.list li",
    "link": "link: a",
    "headers": 'headers: {Accept-Language: "zh-CN"}',
    "paused": "paused: true",
    "quiet_days": "quiet_days: 60",
    "review_days": "review_days: 180",
    "within": "within: 12",
    "month": "month: 9 for September",
    "target": "target: 20",
    "grace_days": "grace_days: 30",
    "weak": "weak: true",
    "case": "case: true",
    "page.title": "title: a",
    "page.text": "text: p",
    "page.date": "date: span.date",
    "known.clauses": "clauses: [opened]",
    "every": 'every: 15m-6h, and a single number needs its unit, as in "90m"',
}
AN_ENTRY = "an entry begins with `- id:` and has its fields below"
# What people call a language, and what it is called here.
LANGUAGES = {
    "zh": "zh-Hans or zh-Hant",
    "zh-cn": "zh-Hans",
    "zh-sg": "zh-Hans",
    "cn": "zh-Hans",
    "chs": "zh-Hans",
    "chinese": "zh-Hans or zh-Hant",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
    "tw": "zh-Hant",
    "cht": "zh-Hant",
    "english": "en",
}
LONGEST_SHOWN = 60


def explain(document: Document, base: Path, error: ErrorDetails, value: object) -> Problem:
    """Return one of the model's errors as a problem with its line.

    `value` is what stands at `base`; the error's own place is counted from there.
    """
    steps = tuple(step for step in error["loc"] if not _is_internal(step))
    path, kind = (*base, *steps), error["type"]
    if kind == "extra_forbidden":
        message, suggestion = _unknown(steps, base, error["input"])
        return document.problem(path, message, suggestion=suggestion, at_key=True)
    if kind == "missing":
        name = str(steps[-1])
        whose = f" in {_subject(base, steps[:-1], value)}" if len(steps) > 1 else ""
        suggestion = f"write {_looks_like(steps) or name + ': …'}"
        return document.problem(
            (*base, *steps[:-1]), f"`{name}` is missing{whose}", suggestion=suggestion
        )
    subject = _subject(base, steps, value)
    message, advice = _wrong_value(kind, subject, error)
    return document.problem(path, message, suggestion=advice or _example(steps))


def near(word: str, known: Collection[str]) -> str | None:
    """Return "did you mean …?"; None where nothing comes close."""
    found = difflib.get_close_matches(word, list(known), n=1)
    return f"did you mean `{found[0]}`?" if found else None


def shown(given: object) -> str:
    """Return what somebody wrote, shortened."""
    text = str(given)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def _is_internal(step: str | int) -> bool:
    """Tell whether a step is pydantic's own, not one of the file."""
    return isinstance(step, str) and ("[" in step or step in {"function-before", "nullable"})


def _subject(base: Path, steps: Sequence[str | int], value: object) -> str:
    """Return what to call the place: `due`, not the `date` that a short form stands for."""
    there: object = value
    walked: list[str | int] = []
    for step in steps:
        is_field = isinstance(there, dict) and step in there
        is_item = isinstance(there, list) and isinstance(step, int) and step < len(there)
        if not (is_field or is_item):
            break
        there = there[step]  # type: ignore[index]  # one of the two, as was just checked
        walked.append(step)
    names = [step for step in walked if isinstance(step, str)]
    if not names:
        return "an entry" if base else "the file"
    return f"an entry of `{names[-1]}`" if isinstance(walked[-1], int) else f"`{names[-1]}`"


def _example(steps: Sequence[str | int]) -> str:
    for end in range(len(steps), 0, -1):
        found = _looks_like(steps[:end])
        if found is not None:
            return f"as in {found}"
    return AN_ENTRY


def _looks_like(steps: Sequence[str | int]) -> str | None:
    """Return how the field at the end looks; `title` in a page is another than elsewhere."""
    names = [step for step in steps if isinstance(step, str)]
    return EXAMPLES.get(".".join(names[-2:])) or EXAMPLES.get(str(steps[-1]))


def _unknown(steps: Path, base: Path, given: object) -> tuple[str, str]:
    name = str(steps[-1])
    inside = tuple(0 if isinstance(step, int) else step for step in steps[:-1])
    known = _fields_beside(inside, str(base[0]) if base else "")
    suggestion = near(name, known)
    if suggestion is None and given is None:
        suggestion = "quote a text that holds a comma"  # {text: one, two} has a field `two`
    return f"unknown field `{shown(name)}`", suggestion or f"known are {', '.join(known)}"


def _wrong_value(kind: str, subject: str, error: ErrorDetails) -> tuple[str, str | None]:
    given, context = error.get("input"), error.get("ctx", {})
    if kind in {"enum", "literal_error"}:
        allowed = _allowed(str(context.get("expected", "")))
        message = f"{subject}: {shown(given)!r} is not known"
        return message, _choose(str(given), allowed)
    if kind == "value_error":
        return _from_validator(subject, str(context.get("error", "is wrong")), given)
    if kind == "string_pattern_mismatch":
        least = 3 if "2,47" in str(context.get("pattern")) else 1
        rule = f"{least} to 48 small letters, digits and hyphens, beginning with no hyphen"
        return f"{subject}: {shown(given)!r} is no short name", f"write {rule}"
    if kind == "string_type":
        return _no_text(subject, given)
    if kind in {"greater_than_equal", "less_than_equal"}:
        bound = context.get("ge", context.get("le"))
        side = "at least" if "ge" in context else "at most"
        return f"{subject} is {shown(given)}; it is {side} {bound}", None
    if kind == "too_short":
        least = int(context.get("min_length", 1))
        return f"{subject} needs {least} {'entry' if least == 1 else 'entries'} at least", None
    return f"{subject} is {_SHOULD_BE.get(kind, 'wrong: ' + error['msg'])}", None


_SHOULD_BE = {
    "list_type": "a list: several things in [ ], or each on a line with `- `",
    "model_type": "a mapping: fields in { }, or each on a line",
    "dict_type": "a mapping: fields in { }, or each on a line",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
}


def _from_validator(subject: str, reason: str, given: object) -> tuple[str, str | None]:
    """Split "what is wrong; what to write" and say what was given, unless it says so itself."""
    wrong, _, advice = reason.partition("; ")
    text = shown(given)
    if not wrong.startswith(_VERBS):
        return f"{subject}: {wrong}", advice  # it says what was given
    if not text.strip() or not text.isprintable():
        return f"{subject} {wrong}", advice
    return f"{subject} ({text}) {wrong}", advice


_VERBS = ("is ", "holds ", "ends ")


def _no_text(subject: str, given: object) -> tuple[str, str]:
    if given is None:
        return f"{subject} is nothing", 'write a text, or remove it; "null" is a word in quotes'
    if isinstance(given, bool | int | float):
        word = str(given).lower() if isinstance(given, bool) else str(given)
        return f"{subject} is a text, and {word} is none", f'write "{word}"'
    return f"{subject} is a text, not a list or a mapping", "quote a text that holds brackets"


def _choose(given: str, allowed: Sequence[str]) -> str:
    if "zh-Hans" in allowed and given.lower() in LANGUAGES:
        return f"write {LANGUAGES[given.lower()]}"
    return near(given, allowed) or f"it is one of {', '.join(allowed)}"


def _allowed(expected: str) -> list[str]:
    return [part.strip(" '") for part in expected.replace(" or ", ", ").split(",") if part.strip()]


@cache
def _fields_beside(steps: tuple[str | int, ...], part: str) -> tuple[str, ...]:
    """Return the fields that a mapping may have where an unknown one stands."""
    schema = _schema(part)
    node: Any = schema
    for step in steps:
        node = _descend(schema, node, step)
    return tuple(_resolved(schema, node).get("properties", {}))


@cache
def _schema(part: str) -> dict[str, Any]:
    models: dict[str, type[BaseModel]] = {"commitments": CommitmentModel, "feeds": FeedModel}
    return models.get(part, WatchlistModel).model_json_schema(by_alias=True)


def _descend(schema: dict[str, Any], node: Any, step: str | int) -> Any:  # noqa: ANN401 - JSON
    node = _resolved(schema, node)
    return node.get("items", {}) if isinstance(step, int) else node["properties"].get(step, {})


def _resolved(schema: dict[str, Any], node: Any) -> Any:  # noqa: ANN401 - JSON
    """Follow references, and take the mapping or list among alternatives."""
    for _ in range(10):
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
        elif "anyOf" in node:
            choices = [_resolved(schema, each) for each in node["anyOf"]]
            node = next((each for each in choices if {"properties", "items"} & set(each)), {})
        else:
            break
    return node
