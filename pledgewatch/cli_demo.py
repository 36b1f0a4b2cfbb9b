"""`demo`: the tour, offline, on invented pledges; it ends at a review desk that is filled."""

from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from model.clock import Clock, SystemClock
from model.records import Role
from model.watchlist import load_watchlist
from pledgewatch.app import Summary, compile_context, run
from pledgewatch.cli_history import print_history
from pledgewatch.cli_run import print_summary, until_stopped
from pledgewatch.cli_status import print_board
from pledgewatch.demo import demo_feeds, write_watchlist
from pledgewatch.demo_history import fill_history
from pledgewatch.observability import set_up_logging
from pledgewatch.settings import Part, Settings
from storage.board import board
from storage.database import open_database
from storage.history import Search
from storage.unit_of_work import begin, reading


@click.command()
@click.option(
    "--stay/--no-stay",
    default=None,
    help="Keep the review desk open until Ctrl-C; the default in a terminal.",
)
def demo(stay: bool | None) -> None:
    """Take the tour: invented feeds on loopback, alerts here, and a review desk. Offline.

    Example: pledgewatch demo
    """
    set_up_logging(Settings().log, (), level=40)
    clock, console = SystemClock(), Console(highlight=False)
    console.rule("Pledgewatch: six invented pledges, four invented feeds, no network")
    with demo_installation(clock) as settings:
        console.print(
            "\n[bold]1. The feeds are polled, and alerts appear as they would arrive[/]\n"
        )
        summary = poll_once(settings, console, clock)
        if summary is not None:
            print_summary(summary)
        index_all(settings)
        _print_what_is_kept(settings, console, clock)
        console.print("\n[bold]4. The review desk: decide, search, change the watchlist[/]\n")
        if sys.stdout.isatty() if stay is None else stay:
            _open_desk(settings, console, clock)
        else:
            console.print("In a terminal it opens here, filled with an invented year.")
    console.print(
        "\nSo it goes with real feeds: edit watchlist.yaml, then `pledgewatch run`.", style="bold"
    )


@contextmanager
def demo_installation(clock: Clock) -> Iterator[Settings]:
    """Give the settings of an installation with invented feeds and a year behind it."""
    with tempfile.TemporaryDirectory() as folder, demo_feeds(clock.now()) as port:
        path = write_watchlist(Path(folder), port)
        settings = replace(
            Settings(),
            watchlist=path,
            database_url=f"sqlite:///{folder}/demo.db",
            allow_private=("127.0.0.1",),
            roles=frozenset({Part.POLL, Part.SEND}),
        )
        database = open_database(settings.database_url)
        with closing(database):
            database.upgrade()
            context = compile_context(load_watchlist(path, allowed_hosts=settings.allow_private))
            fill_history(database, context, clock.now())
        yield settings


def poll_once(settings: Settings, console: Console, clock: Clock) -> Summary | None:
    """Do one round of everything."""
    return asyncio.run(run(settings, asyncio.Event(), console, once=True, clock=clock))


def index_all(settings: Settings) -> None:
    """Read every article into the search index."""
    with closing(open_database(settings.database_url)) as database, begin(database) as work:
        while work.search_index.catch_up():
            pass
        work.commit()


def _print_what_is_kept(settings: Settings, console: Console, clock: Clock) -> None:
    watchlist = load_watchlist(settings.watchlist, allowed_hosts=settings.allow_private)
    with closing(open_database(settings.database_url)) as database, reading(database) as work:
        found = work.history.search(Search(), 16)
        rows = board(work, watchlist, clock.now())
    console.print("\n[bold]2. Everything found is kept, with why it did or did not ring[/]\n")
    print_history(found)
    console.print("\n[bold]3. The board: where each pledge stands[/]\n")
    print_board(rows)


def _open_desk(settings: Settings, console: Console, clock: Clock) -> None:
    """Serve the desk on a free port of this machine until somebody has seen enough."""
    settings = replace(settings, roles=frozenset({Part.REVIEW}), review_port=_free_port())
    with closing(open_database(settings.database_url)) as database, begin(database) as work:
        token = work.logins.new("local:you", Role.ADMIN, clock.now())
        work.commit()
    console.print(f"Sign in once, within five minutes: {settings.desk_url}/login?token={token}\n")
    asyncio.run(until_stopped(settings, console))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
