"""What every command shares: settings at hand, tables or JSON out, errors as exit codes.

Exit codes: 0 done; 1 the answer is "no"; 2 wrong use or unusable input; 3 something outside failed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from model.errors import (
    BotRefusedError,
    DatabaseUnusableError,
    DeliveryError,
    FeedError,
    MissingRecordError,
    PledgewatchError,
    SettingsError,
    WatchlistError,
    WatchlistUnwritableError,
)
from model.records import Watchlist
from model.watchlist import load_watchlist
from monitor.extraction import check_selector
from pledgewatch.observability import Redactor, set_up_logging
from pledgewatch.settings import Settings, load_settings
from storage.database import Database, open_database

NO, MISUSE, OUTSIDE = 1, 2, 3
WIDE = 200  # columns

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass(slots=True)
class Desk:
    """What a command works with; settings are read when first asked for."""

    _settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """Return the settings; raise SettingsError."""
        if self._settings is None:
            self._settings = load_settings(os.environ, Path.cwd())
            set_up_logging(self._settings.log, self._settings.secrets)
        return self._settings

    def watchlist(self, path: Path | None = None) -> Watchlist:
        """Return the watchlist; raise WatchlistError with every problem."""
        return load_watchlist(
            path or self.settings.watchlist,
            allowed_hosts=self.settings.allow_private,
            check_selector=check_selector,
        )

    def database(self) -> Database:
        """Return the database, which must be up to date; raise DatabaseUnusableError."""
        database = open_database(self.settings.database_url)
        if database.path is not None and not database.path.exists():
            raise DatabaseUnusableError(
                f"There is no database at {database.path} yet: "
                "`pledgewatch run` or `pledgewatch db upgrade` makes it."
            )
        database.require_current()
        return database


pass_desk = click.make_pass_decorator(Desk, ensure=True)


def words(values: Iterable[str]) -> click.Choice[str]:
    """Return a choice of words as they are written: click would offer an enum by its names."""
    return click.Choice([str(value) for value in values])


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class Commands(click.Group):
    """A group whose commands turn our errors into a sentence and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own type
        """Run a command."""
        try:
            return super().invoke(ctx)
        except PledgewatchError as error:
            tell_error(error)
            ctx.exit(exit_code(error))
        except BrokenPipeError:  # `… | head`: the reader has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


def exit_code(error: PledgewatchError) -> int:
    """Return what a command ends with after this error."""
    if isinstance(error, SettingsError | WatchlistError | BotRefusedError):
        return MISUSE
    if isinstance(error, MissingRecordError):
        return NO
    if isinstance(
        error, DatabaseUnusableError | FeedError | DeliveryError | WatchlistUnwritableError
    ):
        return OUTSIDE
    return MISUSE


def tell_error(error: PledgewatchError) -> None:
    """Print an error for a person, on standard error, without any secret."""
    redact = Redactor(())
    lines = redact(str(error)).splitlines() or [type(error).__name__]
    for line in lines:
        err.print(f"[red]{escape(line)}[/red]")
    if isinstance(error, WatchlistError):
        wrong = [problem for problem in error.problems if not problem.warning]
        err.print(f"{len(wrong)} {'problem' if len(wrong) == 1 else 'problems'} in the watchlist.")


def print_json(value: object) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Print rows for a person; say why there are none. Cells are foreign text: never markup."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    count = 0
    for row in rows:
        table.add_row(*(escape(shown(cell)) for cell in row))
        count += 1
    if count:
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = WIDE  # for files and pipes, which have no width of their own
        console.print(table)
    else:
        click.echo(empty)


def shown(cell: object) -> str:
    """Return a cell as text in one line: control characters would move the cursor."""
    if cell is None:
        return "–"
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    return "".join(each if each.isprintable() else " " for each in str(cell))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, frozenset | set | tuple):
        return list(value)
    return str(value)
