"""`run` and `demo`: everything at once, and the tour."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from model.clock import SystemClock
from model.watchlist import load_watchlist
from pledgewatch.app import Summary, run
from pledgewatch.cli_history import print_history
from pledgewatch.cli_status import print_board
from pledgewatch.console import Desk, out, pass_desk
from pledgewatch.demo import demo_feeds, write_watchlist
from pledgewatch.observability import set_up_logging
from pledgewatch.settings import Part, Settings
from storage.board import board
from storage.database import open_database
from storage.history import Search
from storage.unit_of_work import reading

STOPS = (signal.SIGINT, signal.SIGTERM)


@click.command("run")
@click.option("--once", is_flag=True, help="One round: poll, route, send, print, exit.")
@pass_desk
def run_command(desk: Desk, once: bool) -> None:
    """Poll, match, store and tell, until stopped.

    Example: pledgewatch run
    """
    summary = asyncio.run(until_stopped(desk.settings, Console(highlight=False), once=once))
    if summary is not None:
        print_summary(summary)
    else:
        click.echo("Stopped.")


async def until_stopped(
    settings: Settings, console: Console, *, once: bool = False
) -> Summary | None:
    """Run until a signal comes; a second one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if stop.is_set():
            sys.exit(130)
        stop.set()

    for each in STOPS:
        loop.add_signal_handler(each, asked)
    try:
        if not once:
            return await run(settings, stop, console)
        return await _once_unless_stopped(settings, stop, console)
    finally:
        for each in STOPS:
            loop.remove_signal_handler(each)


async def _once_unless_stopped(
    settings: Settings, stop: asyncio.Event, console: Console
) -> Summary | None:
    working = asyncio.ensure_future(run(settings, stop, console, once=True))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not working.done():
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        return None
    return await working


def print_summary(summary: Summary) -> None:
    """Print what one round did."""
    failed = [result for result in summary.polls if result.fault is not None]
    for result in failed:
        out.print(f"{result.feed_id}: {result.fault}: {result.error}", style="yellow", markup=False)
    new = sum(result.new_articles for result in summary.polls)
    hits = sum(result.hits for result in summary.polls)
    out.print(
        f"{len(summary.polls)} feeds polled ({len(failed)} with trouble), {new} new articles, "
        f"{hits} hits, {summary.routed} alerts, {summary.sent} messages sent."
    )


@click.command()
def demo() -> None:
    """Take the tour: invented feeds on loopback, alerts here, a history and a board. Offline.

    Example: pledgewatch demo
    """
    set_up_logging(Settings().log, (), level=40)
    clock = SystemClock()
    console = Console(highlight=False)
    console.rule("Pledgewatch: three invented pledges, four invented feeds, no network")
    with tempfile.TemporaryDirectory() as folder, demo_feeds(clock.now()) as port:
        path = write_watchlist(Path(folder), port)
        settings = replace(
            Settings(),
            watchlist=path,
            database_url=f"sqlite:///{folder}/demo.db",
            allow_private=("127.0.0.1",),
            roles=frozenset({Part.POLL, Part.SEND}),
        )
        console.print(
            "\n[bold]1. The feeds are polled, and alerts appear as they would arrive[/]\n"
        )
        summary = asyncio.run(run(settings, asyncio.Event(), console, once=True))
        if summary is not None:
            print_summary(summary)
        database = open_database(settings.database_url)
        watchlist = load_watchlist(path, allowed_hosts=settings.allow_private)
        with reading(database) as work:
            found = work.history.search(Search(), 50)
            rows = board(work, watchlist, clock.now())
        database.close()
    console.print("\n[bold]2. Everything found is kept, with why it did or did not ring[/]\n")
    print_history(found)
    console.print("\n[bold]3. The board: where each pledge stands[/]\n")
    print_board(rows)
    console.print(
        "\nSo it goes with real feeds: edit watchlist.yaml, then `pledgewatch run`.", style="bold"
    )
