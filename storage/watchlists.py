"""The versions of the watchlist that were accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from model.errors import MissingRecordError
from storage.repository import Repository
from storage.tables import watchlist_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchlistVersion:
    """One accepted state of the file, whole."""

    number: int
    version: str  # digest of the contents
    text: str
    author: str
    accepted_at: datetime
    applied_at: datetime | None  # when the stored articles were looked through; None: not yet


class Watchlists(Repository):
    """The accepted versions."""

    def lock(self) -> None:
        """Let nobody else accept a version until this transaction ends."""
        self._serialise(watchlist_versions)

    def current(self) -> WatchlistVersion | None:
        """Return the version accepted last; None before the first."""
        newest = select(watchlist_versions).order_by(watchlist_versions.c.number.desc())
        row = self._connection.execute(newest.limit(1)).first()
        return None if row is None else _version(row)

    def get(self, number: int) -> WatchlistVersion:
        """Return a version; raise MissingRecordError."""
        row = self._connection.execute(
            select(watchlist_versions).where(watchlist_versions.c.number == number)
        ).first()
        if row is None:
            raise MissingRecordError(
                f"There is no version {number} of the watchlist; "
                "`pledgewatch watchlist history` names them"
            )
        return _version(row)

    def before(self, number: int) -> WatchlistVersion | None:
        """Return the version that one took the place of; None for the first."""
        row = self._connection.execute(
            select(watchlist_versions)
            .where(watchlist_versions.c.number < number)
            .order_by(watchlist_versions.c.number.desc())
            .limit(1)
        ).first()
        return None if row is None else _version(row)

    def listed(self, limit: int) -> tuple[WatchlistVersion, ...]:
        """Return the versions, newest first."""
        rows = self._connection.execute(
            select(watchlist_versions).order_by(watchlist_versions.c.number.desc()).limit(limit)
        )
        return tuple(_version(row) for row in rows)

    def applied(self) -> WatchlistVersion | None:
        """Return the newest version for which the stored articles were looked through."""
        row = self._connection.execute(
            select(watchlist_versions)
            .where(watchlist_versions.c.applied_at.is_not(None))
            .order_by(watchlist_versions.c.number.desc())
            .limit(1)
        ).first()
        return None if row is None else _version(row)

    def mark_applied(self, version: str, now: datetime) -> None:
        """Note that the stored articles were looked through for these contents."""
        self._connection.execute(
            update(watchlist_versions)
            .where(watchlist_versions.c.version == version)
            .where(watchlist_versions.c.applied_at.is_(None))
            .values(applied_at=now)
        )

    def accept(self, *, version: str, text: str, author: str, now: datetime) -> int:
        """Store a version and return its number; the current text again keeps its number."""
        current = self.current()
        if current is not None and (current.version, current.text) == (version, text):
            return current.number
        result = self._connection.execute(
            insert(watchlist_versions).values(
                version=version, text=text, author=author, accepted_at=now
            )
        )
        key: Any = result.inserted_primary_key
        return int(key[0])


def _version(row: Row[Any]) -> WatchlistVersion:
    return WatchlistVersion(**row._mapping)
