"""What every repository stands on: one connection, and inserts that may be repeated."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

SEAL_OF_NOTHING = "0" * 64  # what the first row of a sealed table stands on


def seal(previous: str, values: Mapping[str, Any]) -> str:
    """Return the SHA-256 over the seal of the row before and this row's contents."""
    contents = json.dumps([previous, values], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(contents.encode()).hexdigest()


class Repository:
    """One table's (or a few tables') records, in the transaction of its unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        if self._connection.dialect.name == "sqlite":
            return sqlite.insert(table)
        return postgresql.insert(table)

    def _put(self, table: Table, values: Mapping[str, Any], keys: Sequence[str]) -> None:
        """Insert a row, or update the one that has these keys."""
        statement = self._insert(table).values(**values)
        changes = {name: statement.excluded[name] for name in values if name not in keys}
        if changes:
            statement = statement.on_conflict_do_update(index_elements=list(keys), set_=changes)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=list(keys))
        self._connection.execute(statement)

    def _add(self, table: Table, values: Mapping[str, Any], keys: Sequence[str]) -> int | None:
        """Insert a row and return its id; None where one with these keys is there already."""
        statement = (
            self._insert(table)
            .values(**values)
            .on_conflict_do_nothing(index_elements=list(keys))
            .returning(table.c.id)
        )
        row = self._connection.execute(statement).first()
        return None if row is None else int(row[0])

    def _serialise(self, table: Table) -> None:
        """Wait until nobody else adds to a table; until the end of this transaction.

        A row sealed with the hash of the last needs to know which one is the last. On SQLite a
        transaction that writes is alone anyway.
        """
        if self._connection.dialect.name == "postgresql":
            key = zlib.crc32(table.name.encode())
            self._connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({key})")
