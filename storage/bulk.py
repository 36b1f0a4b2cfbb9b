"""Many rows in one statement, past what an insert costs one by one. Private to `storage/`.

The driver is given plain tuples: a poll writes hundreds of rows, and building each from a statement
takes several times as long as writing it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row

IN_ONE_STATEMENT = 250  # rows looked up at once; SQLite takes 32,766 parameters

_MICRO, _LONG = "microseconds", len("2026-11-24 08:00:00.000000")

Values = tuple[Any, ...]


def insert_many(
    connection: Connection, table: str, columns: tuple[str, ...], rows: Sequence[Values]
) -> None:
    """Insert rows, each the values of the columns in order."""
    if rows:
        connection.exec_driver_sql(_insert(table, columns, _mark(connection)), list(rows))


def put_many(
    connection: Connection,
    table: str,
    columns: tuple[str, ...],
    rows: Sequence[Values],
    keys: tuple[str, ...],
    changes: Mapping[str, str] | None = None,
) -> None:
    """Insert rows; where one has these keys already, change it.

    `changes` are SQL for each column that changes, `new` and `old` being the two rows; without it
    all columns beside the keys take the new values.
    """
    if not rows:
        return
    wanted = changes or {name: f"new.{name}" for name in columns if name not in keys}
    assigned = ", ".join(
        f"{name} = {sql.replace('new.', 'excluded.').replace('old.', f'{table}.')}"
        for name, sql in wanted.items()
    )
    insert = _insert(table, columns, _mark(connection))
    conflict = f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {assigned}"
    connection.exec_driver_sql(insert + conflict, list(rows))


def look_up(
    connection: Connection,
    select: str,
    table: str,
    columns: tuple[str, ...],
    wanted: Sequence[Values],
) -> list[Row[*tuple[Any, ...]]]:
    """Return `select` of the rows whose columns have one of the wanted values."""
    found: list[Row[*tuple[Any, ...]]] = []
    names = [f"wanted_{name}" for name in columns]
    joined = " AND ".join(
        f"{table}.{name} = {wanted}" for name, wanted in zip(columns, names, strict=True)
    )
    marks = f"({', '.join([_mark(connection)] * len(columns))})"
    for start in range(0, len(wanted), IN_ONE_STATEMENT):
        some = wanted[start : start + IN_ONE_STATEMENT]
        # Names of ours alone; the values are parameters.
        statement = (
            f"WITH wanted({', '.join(names)}) AS (VALUES {', '.join([marks] * len(some))}) "  # noqa: S608
            f"SELECT {select} FROM wanted JOIN {table} ON {joined}"
        )
        values = tuple(value for each in some for value in each)
        found += connection.exec_driver_sql(statement, values).all()
    return found


def moment(connection: Connection, value: datetime | None) -> datetime | str | None:
    """Return a moment as a column of moments takes it from the driver."""
    if value is None or connection.dialect.name != "sqlite":
        return value
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat(" ", _MICRO)[:_LONG]


def _mark(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


@lru_cache(maxsize=64)
def _insert(table: str, columns: tuple[str, ...], mark: str) -> str:
    marks = ", ".join([mark] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
