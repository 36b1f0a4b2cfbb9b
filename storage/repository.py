"""What every repository stands on: one connection, and inserts that may be repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


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
