"""`pledgewatch db …`: database care."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from model.clock import SystemClock
from model.errors import DatabaseUnusableError
from pledgewatch.console import (
    NO,
    Desk,
    err,
    json_option,
    out,
    pass_desk,
    print_json,
    print_table,
)
from pledgewatch.maintenance import index_for, prune
from storage import backups
from storage.checking import find_damage
from storage.copying import Copied, Progress, copy_database, counted
from storage.database import Database, newest_revision, open_database
from storage.unit_of_work import reading

LEAST_DAYS = 90  # a new commitment is looked for in the texts of so many days
DEFAULT_DAYS = 365


@click.group("db")
def database_commands() -> None:
    """Look after the database."""


@database_commands.command()
@pass_desk
def upgrade(desk: Desk) -> None:
    """Bring the schema up to date.

    Example: pledgewatch db upgrade
    """
    database = open_database(desk.settings.database_url)
    before = database.revision()
    database.upgrade()
    after = newest_revision()
    if before == after:
        out.print(f"{database!r} is up to date (schema {after}).")
    else:
        out.print(f"{database!r}: schema {before or 'empty'} -> {after}.")


@database_commands.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_desk
def backup(desk: Desk, file: Path) -> None:
    """Copy the database to FILE, while it is in use.

    The file is the same for SQLite and PostgreSQL, and can be restored into either.

    Example: pledgewatch db backup pledgewatch-monday.db
    """
    database = desk.database()
    if not file.resolve().parent.is_dir():
        raise DatabaseUnusableError(f"The folder {file.resolve().parent} does not exist")
    with _told() as told:
        backups.back_up(database, file, told)
    out.print(f"{file}: {file.stat().st_size:,} bytes.")


@database_commands.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_desk
def restore(desk: Desk, file: Path) -> None:
    """Put a backup in the database's place; what was there is kept in a file.

    Example: pledgewatch db restore pledgewatch-monday.db
    """
    database = open_database(desk.settings.database_url)
    with _alone(database), _told() as told:
        before = backups.restore(database, file, told)
    out.print(f"{database!r} is as {file} was.")
    if before is not None:
        out.print(f"What was there before: {before}")


@database_commands.command()
@click.argument("url")
@json_option
@pass_desk
def copy(desk: Desk, url: str, as_json: bool) -> None:
    """Copy everything into the empty database at URL, of either kind, and verify it.

    Example: pledgewatch db copy postgresql://USER:PASSWORD@HOST/pledgewatch
    """
    source, target = desk.database(), open_database(url)
    with closing(target), _alone(target), _told() as told:
        copied = copy_database(source, target, told)
    if as_json:
        print_json([asdict(each) for each in copied])
        return
    _print_copied(copied)
    out.print(
        f"{target!r} holds what {source!r} held, verified. To use it: PLEDGEWATCH_DATABASE_URL; "
        "`pledgewatch run` then makes its search index."
    )


def _print_copied(copied: tuple[Copied, ...]) -> None:
    print_table(
        ("table", "rows", "verified by (SHA-256)"),
        ((each.table, each.rows, each.digest[:16]) for each in copied),
        empty="",
    )


@database_commands.command("prune")
@click.option(
    "--days",
    type=click.IntRange(min=LEAST_DAYS),
    default=DEFAULT_DAYS,
    show_default=True,
    help="Keep what is younger.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.option(
    "--compact", is_flag=True, help="Give the room back to the disk (SQLite; stop `run`)."
)
@json_option
@pass_desk
def prune_command(desk: Desk, days: int, dry_run: bool, compact: bool, as_json: bool) -> None:
    """Take away old texts that named no pledge, and records that nobody asks for again.

    Hits, decisions, developments and articles with hits stay for ever, with all their revisions.

    Example: pledgewatch db prune --days 365 --dry-run
    """
    database = desk.database()
    before = SystemClock().now() - timedelta(days=days)
    if dry_run:
        with reading(database) as work:
            freed = work.pruning.would_free(before)
    else:
        freed = prune(database, before)
        index_for(database, timedelta(minutes=10))
    given_back = _compact(database) if compact and not dry_run else 0
    facts = asdict(freed) | {"dry_run": dry_run, "before": before, "given_back": given_back}
    if as_json:
        print_json(facts)
        return
    print_table(
        ("would go" if dry_run else "gone", "how many"),
        ((name.replace("_", " "), f"{count:,}") for name, count in asdict(freed).items()),
        empty="",
    )
    if given_back:
        out.print(f"{given_back:,} bytes were given back to the disk.")
    elif spare := database.spare():
        out.print(f"{spare:,} bytes of the file stand empty and are used again.")


def _compact(database: Database) -> int:
    if database.path is None:
        raise DatabaseUnusableError("PostgreSQL gives room back by itself (autovacuum).")
    with _alone(database):
        return database.compact()


@database_commands.command()
@json_option
@pass_desk
def check(desk: Desk, as_json: bool) -> None:
    """Look for damage: file, what points at what, decisions and audit, search; count the rows.

    Example: pledgewatch db check
    """
    database = desk.database()
    problems = find_damage(database)
    counts = counted(database)
    with reading(database) as work:
        waiting = work.search_index.searched().waiting
    if as_json:
        print_json({"problems": problems, "rows": counts, "waiting_for_search": waiting})
    else:
        print_table(("table", "rows"), counts.items(), empty="")
        for problem in problems:
            out.print(problem, markup=False)
        if waiting:
            out.print(f"{waiting:,} articles wait to be indexed: `pledgewatch run` does it.")
    if problems:
        raise SystemExit(NO)
    if not as_json:
        out.print("The database is sound; every decision and audit row fits its seal.")


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Hold the database while nobody else polls and sends with it."""
    with database.owner() as ours:
        if not ours:
            raise DatabaseUnusableError(f"`pledgewatch run` uses {database!r}: stop it first.")
        yield


@contextmanager
def _told() -> Iterator[Progress]:
    """Show how far each table is, on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(table: str, done: int, total: int) -> None:
            if table not in tasks:
                tasks[table] = bar.add_task(table, total=total)
            bar.update(tasks[table], completed=done)

        yield tell
