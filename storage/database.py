"""Engines for SQLite (WAL) and PostgreSQL, migrations, backup, and the one owner.

SQLite transactions that write begin with BEGIN IMMEDIATE: a transaction that read first and writes
later would otherwise fail at once when another one wrote in between, busy timeout or not
(https://www.sqlite.org/lang_transaction.html, "Read transactions versus write transactions").
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from model.errors import DatabaseUnusableError
from storage.search_schema import create_triggers

BUSY_TIMEOUT_SECONDS = 30
LOCK_KEY = 0x706C6564  # "pled": our advisory lock on PostgreSQL
WRITE = "pledgewatch_write"  # execution option of connections that will write


class Database:
    """An engine, what kind it is, and the schema it carries."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.kind = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"

    @property
    def path(self) -> Path | None:
        """Return the file of an SQLite database; None for PostgreSQL."""
        if self.kind != "sqlite" or self.engine.url.database is None:
            return None
        return Path(self.engine.url.database)

    def __repr__(self) -> str:
        return f"Database({self.engine.url.render_as_string(hide_password=True)})"

    def writing(self) -> Connection:
        """Return a connection whose transaction may write."""
        return self.engine.connect().execution_options(**{WRITE: True})

    def reading(self) -> Connection:
        """Return a connection whose transaction only reads."""
        return self.engine.connect()

    def revision(self) -> str | None:
        """Return the schema's revision; None for an empty database."""
        with explained(self), self.reading() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def is_current(self) -> bool:
        """Tell whether the schema is the one this program was written for."""
        return self.revision() == newest_revision()

    def upgrade(self, to: str = "head") -> None:
        """Bring the schema up to date; raise DatabaseUnusableError for one from a newer version."""
        revision = self.revision()
        if revision is not None and revision not in revisions():
            raise DatabaseUnusableError(
                f"The database is from a newer version of Pledgewatch (schema {revision}, "
                f"newest known here {newest_revision()}): upgrade Pledgewatch, or restore a backup."
            )
        config = _config()
        with explained(self), self.writing() as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, to)
            except CommandError as error:
                raise DatabaseUnusableError(f"The database cannot be upgraded: {error}") from error
            if self.kind == "sqlite" and sqlalchemy.inspect(connection).has_table("search_pending"):
                create_triggers(connection)  # a migration that rebuilt a table took them with it
            connection.commit()

    def require_current(self) -> None:
        """Raise DatabaseUnusableError, saying what to do, unless the schema is up to date."""
        revision = self.revision()
        if revision == newest_revision():
            return
        if revision is not None and revision not in revisions():
            raise DatabaseUnusableError(
                f"The database is from a newer version of Pledgewatch (schema {revision}): "
                "upgrade Pledgewatch, or restore a backup."
            )
        state = "is empty" if revision is None else f"is at schema {revision}"
        raise DatabaseUnusableError(f"The database {state}: run `pledgewatch db upgrade` first.")

    @contextmanager
    def owner(self) -> Iterator[bool]:
        """Hold the right to poll and send, which one process has at a time; False: another has it.

        The lock is the operating system's (SQLite) or the server's (PostgreSQL): it is free again
        the moment its holder dies, however it dies.
        """
        held = self._file_owner() if self.kind == "sqlite" else self._server_owner()
        with held as ours:
            yield ours

    @contextmanager
    def _file_owner(self) -> Iterator[bool]:
        lock = FileLock(f"{self.path}.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        except OSError as error:
            raise DatabaseUnusableError(f"Cannot write beside {self.path}: {error}") from error
        try:
            yield True
        finally:
            lock.release()

    @contextmanager
    def _server_owner(self) -> Iterator[bool]:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            taken = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({LOCK_KEY})").scalar()
            try:
                yield bool(taken)
            finally:
                if taken:
                    connection.exec_driver_sql(f"SELECT pg_advisory_unlock({LOCK_KEY})")

    def backup(self, target: Path) -> None:
        """Copy a running SQLite database whole and consistent (SQLite's online backup)."""
        path = self._sqlite_file()
        partial = target.with_name(target.name + ".part")
        partial.unlink(missing_ok=True)
        try:
            with (
                closing(sqlite3.connect(path)) as source,
                closing(sqlite3.connect(partial)) as copy,
            ):
                source.backup(copy)
        except sqlite3.Error as error:
            partial.unlink(missing_ok=True)
            raise DatabaseUnusableError(f"The backup to {target} failed: {error}") from error
        partial.replace(target)

    def restore(self, source: Path) -> None:
        """Put a backup in this SQLite database's place; what was there is kept as `.before`."""
        path = self._sqlite_file()
        check_backup(source)
        if path.exists():
            self.backup(path.with_name(path.name + ".before"))
        partial = path.with_name(path.name + ".part")
        try:
            shutil.copyfile(source, partial)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise DatabaseUnusableError(
                f"{source} cannot be put in the place of {path}: {error}. Nothing was changed."
            ) from error
        self.engine.dispose()
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        partial.replace(path)

    def _sqlite_file(self) -> Path:
        if self.path is None:
            raise DatabaseUnusableError(f"{self!r} is no file: see `storage.backups`.")
        return self.path

    def compact(self) -> int:
        """Give what an SQLite file no longer needs back to the disk; return how many bytes."""
        path = self._sqlite_file()
        try:
            with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                before = path.stat().st_size
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise DatabaseUnusableError(explain(self, str(error))) from error
        return before - path.stat().st_size

    def spare(self) -> int:
        """Return how many bytes of an SQLite file stand empty and are used again; else 0."""
        if self.kind != "sqlite":
            return 0
        with explained(self), self.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
            size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        return int(pages * size)

    def check(self) -> tuple[str, ...]:
        """Return what is wrong with the file as such; nothing for a sound one."""
        if self.kind != "sqlite":
            return ()
        with explained(self), self.reading() as connection:
            found = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check")]
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        problems = [line for line in found if line != "ok"]
        problems += [f"{row[0]} row {row[1]} points at a missing {row[2]}" for row in broken]
        return tuple(problems)

    def analyse(self) -> None:
        """Let the database look at what it holds, so that it chooses its indexes well."""
        with explained(self), self.writing() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open a database by its URL; raise DatabaseUnusableError with what is wrong and what to do."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUnusableError(
            "The database URL cannot be read; it looks like sqlite:///pledgewatch.db "
            "or postgresql://user:password@host/name"
        ) from error
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return Database(_sqlite_engine(parsed))
    if kind in {"postgresql", "postgres"}:
        with_driver = parsed.set(drivername="postgresql+psycopg")
        return Database(sqlalchemy.create_engine(with_driver, pool_pre_ping=True, pool_size=10))
    raise DatabaseUnusableError(f"Databases of kind {kind!r} are not known: sqlite or postgresql")


def _sqlite_engine(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise DatabaseUnusableError("SQLite needs a file: sqlite:///pledgewatch.db")
    folder = Path(url.database).resolve().parent
    if not folder.is_dir():
        raise DatabaseUnusableError(f"The folder {folder} for the database does not exist")
    engine = sqlalchemy.create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": BUSY_TIMEOUT_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_SECONDS * 1000)}")
        cursor.execute("PRAGMA foreign_keys = ON")
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            cursor.execute("PRAGMA query_only = ON")  # a read-only file: reading still works
        # A crash of the process loses nothing; a power cut may lose the newest transactions whole.
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


@contextmanager
def explained(database: Database) -> Iterator[None]:
    """Turn the database driver's errors into ours, saying what to do."""
    try:
        yield
    except DBAPIError as error:
        raise DatabaseUnusableError(explain(database, str(error.orig))) from error


def explain(database: Database, text: str) -> str:
    """Say in a sentence what a driver's error means and what to do."""
    where = repr(database)
    low = text.lower()
    for sign, advice in (
        ("database is locked", "another process holds it for writing; stop that one or wait"),
        ("readonly", "the file or its folder is read-only; give this user the right to write"),
        ("read-only", "the file or its folder is read-only; give this user the right to write"),
        ("query_only", "the file or its folder is read-only; give this user the right to write"),
        ("is full", "the disk is full; make room, nothing that was stored is lost"),
        ("no space left", "the disk is full; make room, nothing that was stored is lost"),
        ("disk i/o", "the disk does not answer as it should; check it and make room"),
        ("not a database", "the file is no SQLite database; restore a backup or name another file"),
        ("malformed", "the file is damaged; restore a backup (pledgewatch db restore FILE)"),
        ("unable to open", "the file cannot be opened; check its path and rights"),
        ("password authentication", "user or password is wrong in PLEDGEWATCH_DATABASE_URL"),
        ("connection refused", "no PostgreSQL server answers there"),
        ("does not exist", "it is not there; create it first"),
    ):
        if sign in low:
            return f"{where}: {text.strip()} ({advice})"
    return f"{where}: {text.strip()}"


def check_backup(source: Path) -> None:
    """Raise DatabaseUnusableError unless this file is a sound database of ours."""
    if not source.is_file():
        raise DatabaseUnusableError(f"There is no backup at {source}")
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            ours = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise DatabaseUnusableError(f"{source} is not a backup of Pledgewatch: {error}") from error
    if not sound or ours is None:
        raise DatabaseUnusableError(f"{source} is damaged: nothing was changed")


def revisions() -> tuple[str, ...]:
    """Return every revision that this program knows, the first one first."""
    return tuple(reversed([script.revision for script in _scripts().walk_revisions()]))


def newest_revision() -> str:
    """Return the revision that this program was written for."""
    head = _scripts().get_current_head()
    if head is None:
        raise DatabaseUnusableError("This installation carries no migrations: install it again")
    return head


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
