"""The command line: `pledgewatch …`. Thin: parse, call, print."""

from __future__ import annotations

import click

from pledgewatch.cli_database import database_commands
from pledgewatch.cli_history import explain, history, outbox
from pledgewatch.cli_matching import evaluate, match_command
from pledgewatch.cli_watchlist import watchlist_commands
from pledgewatch.console import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pledgewatch")
def main() -> None:
    """Watch the news for what became of public promises, and tell people.

    Example: pledgewatch run
    """


main.add_command(match_command)
main.add_command(evaluate)
main.add_command(watchlist_commands)
main.add_command(history)
main.add_command(explain)
main.add_command(outbox)
main.add_command(database_commands)
