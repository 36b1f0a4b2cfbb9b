"""The versions of the watchlist that were accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

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


class Watchlists(Repository):
    """The accepted versions."""

    def current(self) -> WatchlistVersion | None:
        """Return the version accepted last; None before the first."""
        row = self._connection.execute(
            select(watchlist_versions).order_by(watchlist_versions.c.number.desc()).limit(1)
        ).first()
        return None if row is None else WatchlistVersion(**row._mapping)

    def accept(self, *, version: str, text: str, author: str, now: datetime) -> int:
        """Store a version and return its number; the current one again keeps its number."""
        current = self.current()
        if current is not None and current.version == version:
            return current.number
        result = self._connection.execute(
            insert(watchlist_versions).values(
                version=version, text=text, author=author, accepted_at=now
            )
        )
        key: Any = result.inserted_primary_key
        return int(key[0])
