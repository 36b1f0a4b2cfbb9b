"""What one watchlist changes against another: entry by entry, field by field. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from model.desk import ChangeKind, EntryChange, FieldChange
from model.records import Commitment, CommitmentId
from model.watchlist_yaml import read_yaml

PARTS = ("commitments", "feeds")
SECRET = frozenset({"headers", "proxy"})  # fields of a feed that may hold a password
HIDDEN = "(hidden)"

Files = Iterable[tuple[str, str]]  # names and texts
Values = Mapping[str, Any]  # one entry as the file has it


def compare_texts(before: Files, after: Files) -> tuple[EntryChange, ...]:
    """Return what changes between two watchlists that have no problems, in their order."""
    old, new = _entries(before), _entries(after)
    changes = []
    for part in PARTS:
        was, is_now = old[part], new[part]
        changes += [
            _change(part, name, was.get(name), values)
            for name, values in is_now.items()
            if was.get(name) != values
        ]
        changes += [
            _change(part, name, values, None) for name, values in was.items() if name not in is_now
        ]
    return tuple(changes)


def _entries(files: Files) -> dict[str, dict[str, Values]]:
    """Return the entries of each part by their ids."""
    found: dict[str, dict[str, Values]] = {part: {} for part in PARTS}
    for name, text in files:
        contents = read_yaml(name, text).value
        if not isinstance(contents, dict):
            continue
        for part in PARTS:
            entries = contents.get(part)
            for values in entries if isinstance(entries, list) else ():
                if isinstance(values, dict):
                    found[part][str(values.get("id"))] = values
    return found


def _change(part: str, name: str, before: Values | None, after: Values | None) -> EntryChange:
    kind = ChangeKind.CHANGED
    if before is None or after is None:
        kind = ChangeKind.ADDED if before is None else ChangeKind.REMOVED
    return EntryChange(
        part=part,
        id=name,
        title=_title(after or before or {}) or name,
        kind=kind,
        fields=tuple(_fields(before or {}, after or {})),
    )


def _title(values: Values) -> str:
    title = values.get("title")
    return str(title.get("en", "")) if isinstance(title, dict) else str(title or "")


def _fields(before: Values, after: Values) -> Iterator[FieldChange]:
    for name in dict.fromkeys((*after, *before)):
        old, new = before.get(name), after.get(name)
        if name == "id" or old == new:
            continue
        yield FieldChange(
            name=name,
            before=None if old is None else _shown(name, old),
            after=None if new is None else _shown(name, new),
            added=tuple(_items_beyond(new, old)),
            removed=tuple(_items_beyond(old, new)),
        )


def _shown(name: str, value: object) -> str:
    return HIDDEN if name in SECRET else _text(value)


def _text(value: object) -> str:
    """Return a value in one line: texts as they are, the rest as YAML reads it too."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _items_beyond(value: object, other: object) -> Iterator[str]:
    """Yield the items of one list that another (or nothing) has not."""
    if isinstance(value, list):
        known = other if isinstance(other, list) else []
        yield from (_text(each) for each in value if each not in known)


def changed_commitments(
    before: Sequence[Commitment], after: Sequence[Commitment]
) -> tuple[CommitmentId, ...]:
    """Return the commitments that are new, or that other articles would be found for."""
    known = {each.id: found_by(each) for each in before}
    return tuple(each.id for each in after if known.get(each.id) != found_by(each))


def found_by(commitment: Commitment) -> tuple[object, ...]:
    """Return what decides which articles are hits: the words, and the day of the pledge."""
    return (
        commitment.terms,
        commitment.context,
        commitment.groups,
        commitment.query,
        commitment.paused,
        commitment.pledged_on,
    )


def read_by(commitment: Commitment) -> Commitment:
    """Return what decides how a hit is read: all but its place, its clocks and its tags."""
    return replace(commitment, line=0, due=None, occasions=(), quiet_days=0, review_days=0, tags=())
