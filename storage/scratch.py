"""A database of one's own to try things in: a file that goes away, its developments in memory too.

Whoever replays years of articles asks for a commitment's recent developments at every hit; from
memory that costs no rows.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from model.records import CommitmentId, Development, DevelopmentId
from storage.database import Database, open_database
from storage.developments import Developments
from storage.unit_of_work import UnitOfWork


class Scratch:
    """A scratch database that nobody else writes to."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._memory = _Memory()

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """Begin a transaction; left without an error it is made permanent."""
        with UnitOfWork(self._database, writes=True) as work:
            work.developments = _Remembered(work._connection, self._memory)
            yield work
            work.commit()

    @contextmanager
    def savepoint(self, work: UnitOfWork) -> Iterator[None]:
        """Undo what is done in the block, in memory too, when an exception leaves it."""
        self._memory.replaced.clear()
        try:
            with work.savepoint():
                yield
        except BaseException:
            self._memory.undo()
            raise


class _Memory:
    """The developments by id and by commitment, and what they were before the last savepoint."""

    def __init__(self) -> None:
        self.known: dict[DevelopmentId, Development] = {}
        self.of: dict[CommitmentId, dict[DevelopmentId, Development]] = defaultdict(dict)
        self.replaced: list[tuple[Development, Development | None]] = []

    def put(self, development: Development) -> None:
        self.replaced.append((development, self.known.get(development.id)))
        self._set(development)

    def undo(self) -> None:
        for development, before in reversed(self.replaced):
            if before is not None:
                self._set(before)
            else:
                del self.known[development.id]
                del self.of[development.commitment_id][development.id]
        self.replaced.clear()

    def _set(self, development: Development) -> None:
        self.known[development.id] = development
        self.of[development.commitment_id][development.id] = development


class _Remembered(Developments):
    """The developments, written to the database and read from memory."""

    def __init__(self, connection: Connection, memory: _Memory) -> None:
        super().__init__(connection)
        self._memory = memory

    def add(self, development: Development) -> DevelopmentId:
        """Store a new development; the id in the record is ignored."""
        number = super().add(development)
        self._memory.put(replace(development, id=number))
        return number

    def save(self, development: Development) -> None:
        """Store what became of a development."""
        super().save(development)
        self._memory.put(development)

    def get(self, development_id: DevelopmentId, *, lock: bool = False) -> Development:
        """Return a development; raise MissingRecordError."""
        known = self._memory.known.get(development_id)
        return super().get(development_id, lock=lock) if known is None else known

    def recent(
        self, commitment_id: CommitmentId, since: datetime, limit: int = 200
    ) -> tuple[Development, ...]:
        """Return a commitment's developments seen since a moment, newest first."""
        every = self._memory.of[commitment_id].values()
        seen = [each for each in every if each.last_seen_at >= since]
        seen.sort(key=lambda each: (each.last_seen_at, each.id), reverse=True)
        return tuple(seen[:limit])


@contextmanager
def scratch_database() -> Iterator[Scratch]:
    """Make a scratch database, and remove it."""
    with tempfile.TemporaryDirectory(prefix="pledgewatch-scratch-") as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'scratch.db'}")
        try:
            database.upgrade()
            yield Scratch(database)
        finally:
            database.close()
