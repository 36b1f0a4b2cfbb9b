"""`watchlist.yaml`: load it, and find every problem with its line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from model.errors import Problem, WatchlistError
from model.records import Watchlist
from model.watchlist_checks import Check, Entry, Outside, check_entry, compare
from model.watchlist_records import commitment_record, feed_record
from model.watchlist_schema import CommitmentModel, FeedModel, WatchlistModel, watchlist_schema
from model.watchlist_wording import AN_ENTRY, explain
from model.watchlist_yaml import Document, read_yaml

__all__ = [
    "LoadedWatchlist",
    "load_watchlist",
    "read_texts",
    "read_watchlist",
    "watchlist_schema",
]

PARTS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("commitments", CommitmentModel),
    ("feeds", FeedModel),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedWatchlist:
    """What reading brought: a watchlist unless something is wrong, and everything that is odd."""

    watchlist: Watchlist | None
    problems: tuple[Problem, ...]  # warnings too


def load_watchlist(
    path: Path,
    *,
    allowed_hosts: Collection[str] = (),
    check_query: Check | None = None,
    check_selector: Check | None = None,
) -> Watchlist:
    """Load a file or a folder; raise WatchlistError with every problem.

    `allowed_hosts` may be polled more often than once a minute.
    """
    loaded = read_watchlist(
        path,
        allowed_hosts=allowed_hosts,
        check_query=check_query,
        check_selector=check_selector,
    )
    if loaded.watchlist is None:
        raise WatchlistError(loaded.problems)
    return loaded.watchlist


def read_watchlist(
    path: Path,
    *,
    allowed_hosts: Collection[str] = (),
    check_query: Check | None = None,
    check_selector: Check | None = None,
) -> LoadedWatchlist:
    """Read a file, or every `*.yaml` of a folder, and check the whole."""
    problems: list[Problem] = []
    files = tuple(_texts(path, problems))
    return read_texts(
        files,
        allowed_hosts=allowed_hosts,
        check_query=check_query,
        check_selector=check_selector,
        problems=problems,
    )


def read_texts(
    files: Iterable[tuple[str, str]],
    *,
    allowed_hosts: Collection[str] = (),
    check_query: Check | None = None,
    check_selector: Check | None = None,
    problems: Iterable[Problem] = (),
) -> LoadedWatchlist:
    """Check texts, each with its file's name, as one watchlist; `problems` were found before."""
    outside = Outside(
        allowed_hosts=allowed_hosts, check_query=check_query, check_selector=check_selector
    )
    reading = _Reading(problems=list(problems))
    for file, text in files:
        reading.read(read_yaml(file, text))
    reading.problems += compare(reading.commitments, reading.feeds, outside)
    found = tuple(sorted(reading.problems, key=lambda each: (each.file, each.line, each.column)))
    if any(not problem.warning for problem in found):
        return LoadedWatchlist(watchlist=None, problems=found)
    return LoadedWatchlist(watchlist=reading.watchlist(), problems=found)


def _texts(path: Path, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    """Yield the name and text of each file; what cannot be read becomes a problem."""
    files = [path]
    if path.is_dir():
        files = sorted(each for each in path.iterdir() if each.suffix in {".yaml", ".yml"})
        if not files:
            problems.append(
                _file_problem(
                    path,
                    "there is no *.yaml file in this folder",
                    "put one into it, or name a file",
                )
            )
    for file in files:
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            advice = "PLEDGEWATCH_WATCHLIST names another"
            problems.append(_file_problem(file, "there is no such file", advice))
        except UnicodeDecodeError as error:
            problems.append(_not_utf8(file, error))
        except OSError as error:
            advice = "check the name and who may read it"
            problems.append(_file_problem(file, f"cannot be read: {error.strerror}", advice))
        else:
            yield str(file), text


def _file_problem(
    file: Path, message: str, suggestion: str, line: int = 1, column: int = 1
) -> Problem:
    return Problem(file=str(file), line=line, column=column, message=message, suggestion=suggestion)


def _not_utf8(file: Path, error: UnicodeDecodeError) -> Problem:
    before = error.object[: error.start].decode("utf-8")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return _file_problem(
        file,
        f"this is not UTF-8: a byte {error.object[error.start]:#04x} stands here",
        "store the file as UTF-8",
        line,
        column,
    )


@dataclass(slots=True)
class _Reading:
    """Collects the entries of all files."""

    problems: list[Problem] = field(default_factory=list)
    commitments: list[Entry] = field(default_factory=list)
    feeds: list[Entry] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def read(self, document: Document) -> None:
        """Check one file by itself."""
        found: list[Problem] = []
        value = document.value
        if document.root is None:
            if not document.problems:
                advice = "it holds `commitments:` and `feeds:`; either may be []"
                found.append(document.problem((), "the file is empty", suggestion=advice))
        elif not isinstance(value, dict):
            advice = "it begins with `commitments:` or `feeds:`"
            found.append(document.problem((), "the file is no mapping", suggestion=advice))
        else:
            self.values.append(value)
            found += _head_problems(document, value)
            for (name, model), entries in zip(PARTS, (self.commitments, self.feeds), strict=True):
                found += _read_part(document, name, model, entries)
        self.problems += _without_echoes(document, found)

    def watchlist(self) -> Watchlist:
        """Return the whole, which has no problem."""
        contents = json.dumps(self.values, sort_keys=True, ensure_ascii=False)
        return Watchlist(
            commitments=tuple(
                commitment_record(each.model, each.line) for each in self.commitments
            ),
            feeds=tuple(feed_record(each.model, each.line) for each in self.feeds),
            version=hashlib.sha256(contents.encode()).hexdigest(),
        )


def _head_problems(document: Document, value: dict[str, Any]) -> list[Problem]:
    parts = {name for name, _ in PARTS}
    head = {name: [] if name in parts else each for name, each in value.items()}
    try:
        WatchlistModel.model_validate(head)
    except ValidationError as error:
        return [explain(document, (), each, head) for each in error.errors()]
    return []


def _read_part(
    document: Document, name: str, model: type[BaseModel], entries: list[Entry]
) -> Iterator[Problem]:
    """Check one of the file's lists, and put what can be compared later into `entries`."""
    assert isinstance(document.value, dict)
    value = document.value.get(name)
    if value is None:
        return
    if not isinstance(value, list):
        yield document.problem((name,), f"`{name}` is a list", suggestion=AN_ENTRY)
        return
    for index, each in enumerate(value):
        entry, problems = check_entry(document, (name, index), model, each)
        yield from problems
        if entry is not None:
            entries.append(entry)


def _without_echoes(document: Document, found: Sequence[Problem]) -> Iterator[Problem]:
    """Yield what YAML did to a value and what the model says of it, once for each place."""
    wrong = {(each.line, each.column) for each in found}
    for each in document.problems:
        if not (each.warning and (each.line, each.column) in wrong):
            yield each
    for each in found:
        if (each.line, each.column) not in document.trapped:
            yield each
