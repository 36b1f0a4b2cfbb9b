"""`pledgewatch watchlist …`: the file that says what we follow."""

from __future__ import annotations

import dataclasses
import difflib
from pathlib import Path

import click

from model.errors import MissingRecordError
from model.records import Commitment, Feed, TermRole, Watchlist
from model.watchlist import read_watchlist, watchlist_schema
from monitor.extraction import check_selector
from monitor.matching import check_query
from pledgewatch.cli_backtest import backtest_command, precision_command
from pledgewatch.cli_draft import draft_command
from pledgewatch.cli_versions import diff_command, history_command, rollback_command
from pledgewatch.console import (
    NO,
    Desk,
    json_option,
    out,
    pass_desk,
    print_json,
    print_table,
)

file_argument = click.argument("file", type=click.Path(path_type=Path), required=False)


@click.group("watchlist")
def watchlist_commands() -> None:
    """Check, show, compare, try and change the watchlist."""


for command in (
    draft_command,
    diff_command,
    history_command,
    rollback_command,
    backtest_command,
    precision_command,
):
    watchlist_commands.add_command(command)


@watchlist_commands.command()
@file_argument
@json_option
@pass_desk
def check(desk: Desk, file: Path | None, as_json: bool) -> None:
    """Name every problem of the watchlist (or of FILE) with its line.

    Example: pledgewatch watchlist check draft.yaml
    """
    path = file or desk.settings.watchlist
    loaded = read_watchlist(
        path,
        allowed_hosts=desk.settings.allow_private,
        check_query=check_query,
        check_selector=check_selector,
    )
    wrong = [problem for problem in loaded.problems if not problem.warning]
    if as_json:
        print_json(
            {
                "ok": not wrong,
                "problems": [
                    {
                        "file": each.file,
                        "line": each.line,
                        "column": each.column,
                        "message": each.message,
                        "suggestion": each.suggestion,
                        "warning": each.warning,
                    }
                    for each in loaded.problems
                ],
            }
        )
    else:
        for problem in loaded.problems:
            style = "yellow" if problem.warning else "red"
            out.print(str(problem), style=style, markup=False)
        _print_verdict(path, len(wrong), loaded.watchlist)
    if wrong:
        raise SystemExit(NO)


def _print_verdict(path: Path, wrong: int, watchlist: Watchlist | None) -> None:
    if wrong or watchlist is None:
        out.print(f"{path}: {wrong} {'problem' if wrong == 1 else 'problems'}; not usable.")
    else:
        out.print(
            f"{path}: {len(watchlist.commitments)} commitments and {len(watchlist.feeds)} feeds, "
            "no problem."
        )


@watchlist_commands.command()
@click.argument("commitment", required=False)
@json_option
@pass_desk
def show(desk: Desk, commitment: str | None, as_json: bool) -> None:
    """Show what is followed, or one commitment whole.

    Example: pledgewatch watchlist show waico
    """
    watchlist = desk.watchlist()
    chosen = [each for each in watchlist.commitments if commitment in (None, each.id)]
    if not chosen:
        near = difflib.get_close_matches(
            commitment or "", [each.id for each in watchlist.commitments], n=1
        )
        hint = f"; did you mean {near[0]}?" if near else ""
        raise MissingRecordError(f"There is no commitment {commitment}{hint}")
    if as_json:
        print_json(
            {
                "version": watchlist.version,
                "commitments": [dataclasses.asdict(each) for each in chosen],
                "feeds": [] if commitment else [_feed_facts(each) for each in watchlist.feeds],
            }
        )
    elif commitment is not None:
        _print_commitment(chosen[0])
    else:
        _print_watchlist(watchlist)


def _feed_facts(feed: Feed) -> dict[str, object]:
    facts = dataclasses.asdict(feed)
    del facts["headers"], facts["proxy"]  # they may hold secrets
    facts["poll_every_min"] = feed.poll_every_min.total_seconds()
    facts["poll_every_max"] = feed.poll_every_max.total_seconds()
    return facts


def _print_watchlist(watchlist: Watchlist) -> None:
    print_table(
        ("pledge", "title", "pledged", "due", "terms", "decoys", "tags"),
        (
            (
                each.id,
                each.title + (" (paused)" if each.paused else ""),
                each.pledged_on,
                each.due.date if each.due else None,
                sum(term.role is not TermRole.DECOY for term in each.terms),
                sum(term.role is TermRole.DECOY for term in each.terms),
                ", ".join(each.tags),
            )
            for each in watchlist.commitments
        ),
        empty="No commitments yet.",
    )
    out.print()
    print_table(
        ("feed", "title", "language", "tier", "address"),
        (
            (
                each.id,
                each.title + (" (paused)" if each.paused else ""),
                each.language,
                each.tier,
                each.url,
            )
            for each in watchlist.feeds
        ),
        empty="No feeds yet.",
    )
    out.print(f"\nversion {watchlist.version}", markup=False)


def _print_commitment(commitment: Commitment) -> None:
    out.print(commitment.title, style="bold", markup=False)
    for language, title in commitment.titles:
        out.print(f"  {language:8} {title}", markup=False)
    facts = (
        ("kind", commitment.kind),
        ("promisor", ", ".join(commitment.promisor)),
        ("to", ", ".join(commitment.counterparties)),
        ("due", commitment.due.date if commitment.due else "undated"),
        ("tags", ", ".join(commitment.tags)),
    )
    for name, value in facts:
        if value:
            out.print(f"  {name:8} {value}", markup=False)
    for saying in commitment.said:
        place = f" in {saying.where}" if saying.where else ""
        out.print(f"  said     {saying.date}{place}: {saying.text or ''}", markup=False)
    for known in commitment.known:
        out.print(f"  known    {known.date}: {known.milestone} {known.text or ''}", markup=False)
    for term in commitment.terms:
        out.print(f"  {term.role:10} {term.text}", markup=False)


@watchlist_commands.command()
def schema() -> None:
    """Print the JSON Schema of the file, for editors.

    Example: pledgewatch watchlist schema > watchlist.schema.json
    """
    print_json(watchlist_schema())
