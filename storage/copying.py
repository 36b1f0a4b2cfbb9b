"""A whole database into an empty one of either kind, verified row by row.

All of it is one transaction of the target: it holds everything afterwards, or nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Row,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DataError

from model.errors import DatabaseUnusableError
from storage.database import Database, explain, explained
from storage.search_index import SearchIndex
from storage.search_schema import empty_index
from storage.tables import metadata, search_documents, search_pending, search_state

AT_ONCE = 500  # rows
LARGEST_SUM = 1 << 256
# Made anew in the target: the words are kept there in its own way.
MADE_ANEW = (search_documents, search_pending, search_state)

Progress = Callable[[str, int, int], None]  # table, rows copied, rows there are


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """One table as it was copied."""

    table: str
    rows: int
    digest: str  # of all its rows, in whatever order


def copied_tables() -> tuple[Table, ...]:
    """Return the tables that are copied, each behind those it points at."""
    return tuple(each for each in metadata.sorted_tables if each not in MADE_ANEW)


def copy_database(
    source: Database, target: Database, told: Progress, *, replace: bool = False
) -> tuple[Copied, ...]:
    """Copy everything and verify it; raise DatabaseUnusableError and leave the target as it was.

    The target has to be empty, or to be replaced. Whoever looks at the source meanwhile may write.
    """
    source.require_current()
    if target.revision() is None:
        target.upgrade()
    target.require_current()
    with explained(source), explained(target), _snapshot(source) as old, target.writing() as new:
        if replace:
            _empty(new)
        _require_empty(new, target)
        copied = tuple(_copy(old, new, table, target, told) for table in copied_tables())
        for each in copied:
            _verify(new, each)
        _set_sequences(new)
        SearchIndex(new).add_missing()
        new.commit()
    target.analyse()
    return copied


def _snapshot(database: Database) -> Connection:
    """Return a connection that sees one moment throughout."""
    connection = database.reading()
    if database.kind == "postgresql":
        return connection.execution_options(isolation_level="REPEATABLE READ")
    return connection


def _require_empty(connection: Connection, database: Database) -> None:
    filled = [each.name for each in copied_tables() if _count(connection, each)]
    if filled:
        raise DatabaseUnusableError(
            f"{database!r} is not empty ({', '.join(filled)}): name one that is."
        )


def _empty(connection: Connection) -> None:
    empty_index(connection)
    for table in reversed(metadata.sorted_tables):
        connection.execute(delete(table))


def _copy(
    old: Connection, new: Connection, table: Table, target: Database, told: Progress
) -> Copied:
    count, total, done = _count(old, table), 0, 0
    with _rows(old, table) as rows:
        for batch in _batches(rows):
            try:
                new.execute(insert(table), [dict(row._mapping) for row in batch])
            except DataError as error:
                said = explain(target, str(error.orig))
                where = f"{table.name}, in one of the rows behind the first {done:,}"
                raise DatabaseUnusableError(f"{said}: {where}") from error
            total = (total + sum(map(_digest, batch))) % LARGEST_SUM
            done += len(batch)
            told(table.name, done, count)
    return Copied(table=table.name, rows=done, digest=f"{total:064x}")


def _verify(connection: Connection, copied: Copied) -> None:
    """Read a table back; raise DatabaseUnusableError where it is not what was written."""
    table = metadata.tables[copied.table]
    count, total = 0, 0
    with _rows(connection, table) as rows:
        for row in rows:
            count += 1
            total = (total + _digest(row)) % LARGEST_SUM
    if (count, f"{total:064x}") != (copied.rows, copied.digest):
        raise DatabaseUnusableError(
            f"The copy of {copied.table} is not what was read ({count:,} of {copied.rows:,} rows): "
            "nothing was stored."
        )


def _rows(connection: Connection, table: Table) -> CursorResult[Any]:
    """Read a table in order, without holding all of it."""
    options = {"stream_results": True, "yield_per": AT_ONCE}
    ordered = select(table).order_by(*table.primary_key.columns)
    return connection.execute(ordered, execution_options=options)


def _batches(rows: Iterable[Row[Any]]) -> Iterator[list[Row[Any]]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, AT_ONCE)):
        yield batch


def _digest(row: Row[Any]) -> int:
    """Return a number for a row's contents: the sum over all rows does not ask for an order."""
    contents = json.dumps(list(row), sort_keys=True, default=_plain)
    return int.from_bytes(hashlib.sha256(contents.encode()).digest())


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    raise TypeError(type(value).__name__)


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def counted(database: Database) -> dict[str, int]:
    """Return how many rows each table holds."""
    with explained(database), database.reading() as connection:
        return {each.name: _count(connection, each) for each in metadata.sorted_tables}


def sequences(connection: Connection) -> Iterator[tuple[Table, str, str]]:
    """Yield each table whose numbers PostgreSQL counts up, with its column and sequence."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        for column in table.primary_key.columns:
            name = connection.execute(
                text("SELECT pg_get_serial_sequence(:table, :column)"),
                {"table": table.name, "column": column.name},
            ).scalar()
            if name is not None:
                yield table, column.name, name


def _set_sequences(connection: Connection) -> None:
    """Let the next number be behind the last one copied."""
    for table, column, name in list(sequences(connection)):
        last = connection.execute(select(func.max(table.c[column]))).scalar()
        connection.execute(
            text("SELECT setval(CAST(:name AS regclass), :value, :used)"),
            {"name": name, "value": last or 1, "used": last is not None},
        )


def is_empty(database: Database) -> bool:
    """Tell whether a database has no schema yet, or nothing in it."""
    if database.revision() is None:
        return True
    with explained(database), database.reading() as connection:
        there = set(inspect(connection).get_table_names())
        return not any(_count(connection, each) for each in copied_tables() if each.name in there)
