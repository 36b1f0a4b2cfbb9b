"""Backups: one file (an SQLite database) for both kinds of database, restored into either."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from model.errors import DatabaseUnusableError
from storage.copying import Progress, copy_database, is_empty
from storage.database import Database, check_backup, open_database


def back_up(database: Database, file: Path, told: Progress) -> None:
    """Copy a database, while it is in use, to a file; one that is there already is replaced."""
    if database.path is not None:
        database.backup(file)
        return
    partial = file.with_name(file.name + ".part")
    partial.unlink(missing_ok=True)
    copy = open_database(f"sqlite:///{partial}")
    try:
        copy_database(database, copy, told)
    except DatabaseUnusableError:
        copy.close()
        _remove(partial)
        raise
    copy.close()  # the last connection takes the write-ahead log into the file
    partial.replace(file)


def restore(database: Database, file: Path, told: Progress) -> Path | None:
    """Put a backup in a database's place; return where what was there is kept.

    Nobody else may use the database meanwhile. Restored whole, or left as it was.
    """
    if database.path is not None:
        database.restore(file)
        database.upgrade()
        return database.path.with_name(database.path.name + ".before")
    check_backup(file)
    before = None
    if not is_empty(database):
        before = file.with_name(file.name + ".before")
        back_up(database, before, told)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "restoring.db"
        try:
            shutil.copyfile(file, copy)
        except OSError as error:
            raise DatabaseUnusableError(f"{file} cannot be copied: {error}") from error
        source = open_database(f"sqlite:///{copy}")
        try:
            source.upgrade()  # a backup may be of an older version
            database.upgrade()
            copy_database(source, database, told, replace=True)
        finally:
            source.close()
    return before


def _remove(partial: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal", ".lock"):
        partial.with_name(partial.name + suffix).unlink(missing_ok=True)
