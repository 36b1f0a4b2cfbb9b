"""`watchlist diff`, `history` and `rollback`: the versions of the watchlist."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from model.clock import SystemClock
from model.desk import ChangeKind, EntryChange, FieldChange
from model.errors import WatchlistError
from model.records import Watchlist
from model.watchlist import read_watchlist
from model.watchlist_changes import compare_texts
from monitor.extraction import check_selector
from monitor.matching import check_query
from pledgewatch.cli_review import actor_of, name_option
from pledgewatch.console import Desk, json_option, out, pass_desk, print_json, print_table, shown
from pledgewatch.watchlist_desk import FileWatchlistDesk
from pledgewatch.watchlist_files import read_files, taken_apart
from storage.unit_of_work import reading

SIGNS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.CHANGED: "~"}
STYLES = {ChangeKind.ADDED: "green", ChangeKind.REMOVED: "red", ChangeKind.CHANGED: "yellow"}


@contextmanager
def watchlist_desk(desk: Desk) -> Iterator[FileWatchlistDesk]:
    """Open the watchlist with its database; raise DatabaseUnusableError."""
    database = desk.database()
    try:
        yield FileWatchlistDesk(desk.settings, database, SystemClock())
    finally:
        database.close()


def is_number(name: str) -> bool:
    """Tell whether an argument means a version: a number that is no file's name."""
    return name.isascii() and name.isdigit() and not Path(name).exists()


def version_text(desk: Desk, number: int) -> str:
    """Return the text of a version; raise MissingRecordError."""
    database = desk.database()
    try:
        with reading(database) as work:
            return work.watchlists.get(number).text
    finally:
        database.close()


def read_path(desk: Desk, path: Path) -> Watchlist:
    """Read a file or folder; raise WatchlistError."""
    loaded = read_watchlist(
        path,
        allowed_hosts=desk.settings.allow_private,
        check_query=check_query,
        check_selector=check_selector,
    )
    if loaded.watchlist is None:
        raise WatchlistError(loaded.problems)
    return loaded.watchlist


def _files(desk: Desk, name: str) -> Sequence[tuple[str, str]]:
    """Return the texts of a version, a file or a folder; raise where it is no good watchlist."""
    if is_number(name):
        return tuple(taken_apart(version_text(desk, int(name)), name).items())
    read_path(desk, Path(name))
    return tuple(read_files(Path(name)).items())


@click.command("diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@json_option
@pass_desk
def diff_command(desk: Desk, before: str, after: str, as_json: bool) -> None:
    """Show what changes from A to B, entry by entry: files, folders, or numbers of versions.

    Example: pledgewatch watchlist diff 3 watchlist.yaml
    """
    changes = compare_texts(_files(desk, before), _files(desk, after))
    if as_json:
        print_json({"before": before, "after": after, "changes": change_facts(changes)})
    else:
        print_changes(changes)


def change_facts(changes: Sequence[EntryChange]) -> list[dict[str, object]]:
    """Return changes as plain values."""
    return [dataclasses.asdict(each) for each in changes]


def print_changes(changes: Sequence[EntryChange]) -> None:
    """Print what changed, for a person."""
    for change in changes:
        kind = change.part.removesuffix("s")
        head = f"{SIGNS[change.kind]} {kind} {change.id}: {change.kind}"
        out.print(shown(head), style=STYLES[change.kind], markup=False)
        for field in change.fields if change.kind is ChangeKind.CHANGED else ():
            for sign, value in _lines(field):
                out.print(shown(f"    {field.name} {sign} {value}"), markup=False)
    out.print(_summary(changes))


def _lines(field: FieldChange) -> Iterator[tuple[str, str]]:
    """Yield what went and what came: of a list the items, else the whole value."""
    if field.added or field.removed:
        yield from (("-", each) for each in field.removed)
        yield from (("+", each) for each in field.added)
        return
    if field.before is not None:
        yield "-", field.before
    if field.after is not None:
        yield "+", field.after


def _summary(changes: Sequence[EntryChange]) -> str:
    if not changes:
        return "Nothing changes."
    counts = [
        f"{sum(each.kind is kind for each in changes)} {kind}"
        for kind in ChangeKind
        if any(each.kind is kind for each in changes)
    ]
    return f"{', '.join(counts)}."


@click.command("history")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000))
@json_option
@pass_desk
def history_command(desk: Desk, limit: int, as_json: bool) -> None:
    """List the versions that were accepted, newest first.

    Example: pledgewatch watchlist history --limit 5
    """
    with watchlist_desk(desk) as tools:
        versions = tools.history(limit)
        changes = {each.number: tools.changes(each.number) for each in versions}
    if as_json:
        print_json(
            [
                {**dataclasses.asdict(each), "changes": change_facts(changes[each.number])}
                for each in versions
            ]
        )
        return
    print_table(
        ("version", "accepted (UTC)", "by", "changed", "contents"),
        (
            (
                f"{each.number}{' (in use)' if each.is_current else ''}",
                each.accepted_at,
                each.author,
                _in_short(changes[each.number]),
                each.version[:12],
            )
            for each in versions
        ),
        empty="No version was accepted yet: `pledgewatch run` accepts the file as it is.",
    )


def _in_short(changes: Sequence[EntryChange]) -> str:
    names = [f"{SIGNS[each.kind]}{each.id}" for each in changes]
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more


@click.command("rollback")
@click.argument("number", type=click.IntRange(1), metavar="N")
@name_option
@json_option
@pass_desk
def rollback_command(desk: Desk, number: int, name: str | None, as_json: bool) -> None:
    """Put version N in use again, as a new version; the file is replaced.

    Example: pledgewatch watchlist rollback 3
    """
    with watchlist_desk(desk) as tools:
        accepted = tools.rollback(number, actor_of(name))
        changes = tools.changes(accepted)
    if as_json:
        print_json({"version": accepted, "text_of": number, "changes": change_facts(changes)})
        return
    print_changes(changes)
    out.print(f"Version {accepted} has the text of version {number} and is in use.", markup=False)
