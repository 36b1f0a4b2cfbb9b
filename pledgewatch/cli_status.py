"""`status` and `doctor`: where the pledges stand, and how the program is."""

from __future__ import annotations

import asyncio

import click
from rich.markup import escape

from alerts.telegram_commands import ask_who_we_are
from model.clock import SystemClock
from model.errors import MissingRecordError
from pledgewatch.console import (
    OUTSIDE,
    Desk,
    json_option,
    out,
    pass_desk,
    print_json,
    print_table,
)
from pledgewatch.doctor import Verdict, examine
from storage.board import Row, board
from storage.unit_of_work import reading

MARKS = {Verdict.GOOD: "[green]good[/green]", Verdict.LOOK: "[yellow]look[/yellow]"} | {
    Verdict.BAD: "[red]bad[/red] "
}


@click.command()
@click.argument("commitment", required=False)
@json_option
@pass_desk
def status(desk: Desk, commitment: str | None, as_json: bool) -> None:
    """Show the board: stage, schedule, attention, last follow-up.

    Example: pledgewatch status waico
    """
    watchlist = desk.watchlist()
    with reading(desk.database()) as work:
        rows = board(work, watchlist, SystemClock().now())
    if commitment is not None:
        rows = tuple(row for row in rows if row.commitment.id == commitment)
        if not rows:
            raise MissingRecordError(f"There is no commitment {commitment}")
    if as_json:
        print_json([row_facts(row) for row in rows])
    else:
        print_board(rows)


def print_board(rows: tuple[Row, ...]) -> None:
    """Print pledges as a table, the furthest first."""
    ordered = sorted(
        rows, key=lambda row: -(row.standing.stage.level if row.standing.stage else -1)
    )
    print_table(
        ("pledge", "stage", "suggested", "schedule", "attention", "last follow-up", "days"),
        (
            (
                row.commitment.id + (" (paused)" if row.commitment.paused else ""),
                row.standing.stage,
                f"{row.suggested.stage} (F{row.suggested.id})" if row.suggested else None,
                row.standing.schedule,
                row.attention,
                row.last_follow_up.headline[:60] if row.last_follow_up else None,
                row.days_since,
            )
            for row in ordered
        ),
        empty="The watchlist has no pledges.",
    )


def row_facts(row: Row) -> dict[str, object]:
    """Return one pledge as plain values."""
    last = row.last_follow_up
    return {
        "id": row.commitment.id,
        "title": row.commitment.title,
        "stage": row.standing.stage,
        "lowest_stage": row.standing.lowest_stage,
        "suggested_stage": row.suggested.stage if row.suggested else None,
        "schedule": row.standing.schedule,
        "days_left": row.standing.days_left,
        "attention": row.attention,
        "setback": row.standing.setback,
        "verdict": row.standing.verdict,
        "pledged_on": row.commitment.pledged_on,
        "last_follow_up": None
        if last is None
        else {"id": f"F{last.id}", "headline": last.headline, "seen_at": last.first_seen_at},
        "days_since": row.days_since,
        "steps": [
            {"date": step.date, "milestone": step.milestone, "stage": step.stage}
            for step in row.standing.steps
        ],
    }


@click.command()
@pass_desk
def doctor(desk: Desk) -> None:
    """Look at settings, watchlist, database, feeds, Telegram, clock and disk.

    Example: pledgewatch doctor
    """
    settings = desk.settings

    def ask() -> tuple[str, str | None]:
        return asyncio.run(ask_who_we_are(settings.telegram_token or "", settings.telegram_api))

    bad = False
    for finding in examine(settings, ask, SystemClock().now()):
        out.print(f"{MARKS[finding.verdict]}  {finding.about:10} {escape(finding.says)}")
        bad = bad or finding.verdict is Verdict.BAD
    if bad:
        raise SystemExit(OUTSIDE)
