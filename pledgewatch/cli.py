"""The command line: `pledgewatch …`. Thin: parse, call, print."""

from __future__ import annotations

import click

from pledgewatch.cli_database import database_commands
from pledgewatch.cli_demo import demo
from pledgewatch.cli_feeds import feed_commands, ingest, poll
from pledgewatch.cli_history import explain, history, outbox
from pledgewatch.cli_matching import evaluate, match_command
from pledgewatch.cli_publish import publish
from pledgewatch.cli_review import login, review
from pledgewatch.cli_run import run_command
from pledgewatch.cli_sources import source_commands
from pledgewatch.cli_status import doctor, status
from pledgewatch.cli_watchlist import watchlist_commands
from pledgewatch.console import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pledgewatch")
def main() -> None:
    """Watch the news for what became of public promises, and tell people.

    Example: pledgewatch run
    """


for command in (
    run_command,
    demo,
    poll,
    match_command,
    evaluate,
    ingest,
    history,
    status,
    explain,
    review,
    login,
    publish,
    watchlist_commands,
    feed_commands,
    outbox,
    database_commands,
    doctor,
):
    main.add_command(command)
for command in source_commands:
    feed_commands.add_command(command)
