"""`run`: everything at once."""

from __future__ import annotations

import asyncio
import signal
import sys

import click
from rich.console import Console

from pledgewatch.app import Summary, run
from pledgewatch.console import Desk, out, pass_desk
from pledgewatch.settings import Settings

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
