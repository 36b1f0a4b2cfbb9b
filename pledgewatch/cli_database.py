"""`pledgewatch db …`: database care."""

from __future__ import annotations

from pathlib import Path

import click

from model.errors import DatabaseUnusableError
from pledgewatch.console import NO, Desk, out, pass_desk
from storage.database import Database, newest_revision, open_database
from storage.unit_of_work import reading


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

    Example: pledgewatch db backup pledgewatch-monday.db
    """
    database = desk.database()
    if not file.resolve().parent.is_dir():
        raise DatabaseUnusableError(f"The folder {file.resolve().parent} does not exist")
    database.backup(file)
    out.print(f"{file}: {file.stat().st_size:,} bytes.")


@database_commands.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_desk
def restore(desk: Desk, file: Path) -> None:
    """Put a backup in the database's place; what was there is kept beside it.

    Example: pledgewatch db restore pledgewatch-monday.db
    """
    database = open_database(desk.settings.database_url)
    with database.owner() as ours:
        if not ours:
            raise DatabaseUnusableError("`pledgewatch run` uses this database: stop it first.")
        database.restore(file)
    database.upgrade()
    out.print(f"{database!r} is as {file} was. What was there before: {database.path}.before")


@database_commands.command()
@pass_desk
def check(desk: Desk) -> None:
    """Look for damage, and for decisions and audit rows that somebody changed.

    Example: pledgewatch db check
    """
    problems = find_damage(desk.database())
    for problem in problems:
        out.print(problem, markup=False)
    if problems:
        raise SystemExit(NO)
    out.print("The database is sound; every decision and audit row fits its seal.")


def find_damage(database: Database) -> tuple[str, ...]:
    """Return what is wrong with the file, with the chain of decisions and with the audit's."""
    with reading(database) as work:
        sealed = {"decision": work.decisions.tampered(), "audit row": work.audit.tampered()}
    changed = tuple(
        f"{what} {each} does not fit its seal: it was changed"
        for what, rows in sealed.items()
        for each in rows
    )
    return database.check() + changed
