"""Edits of the watchlist that wait in a chat to be accepted."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from storage.repository import Repository
from storage.tables import proposed_edits

KEPT = timedelta(days=7)
NUMBERS = 2**40


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedText:
    """A whole file of the watchlist as somebody wants it."""

    id: int
    actor: str
    file: str
    based_on: str  # revision of the file that was edited
    text: str
    proposed_at: datetime
    accepted_as: int | None  # number of the version; None: not accepted


class ProposedEdits(Repository):
    """The edits that wait; those of last week are forgotten."""

    def add(self, *, actor: str, file: str, based_on: str, text: str, now: datetime) -> int:
        """Keep an edit and return its number: a random one, so that no old button means it."""
        table = proposed_edits
        self._connection.execute(delete(table).where(table.c.proposed_at < now - KEPT))
        number = secrets.randbelow(NUMBERS) + 1
        self._connection.execute(
            insert(table).values(
                id=number, actor=actor, file=file, based_on=based_on, text=text, proposed_at=now
            )
        )
        return number

    def get(self, number: int) -> ProposedText | None:
        """Return an edit; None where it was forgotten."""
        row = self._connection.execute(
            select(proposed_edits).where(proposed_edits.c.id == number)
        ).first()
        return None if row is None else ProposedText(**row._mapping)

    def accept(self, number: int, version: int) -> None:
        """Note that an edit is in use, and as which version."""
        self._connection.execute(
            update(proposed_edits).where(proposed_edits.c.id == number).values(accepted_as=version)
        )

    def drop(self, number: int) -> None:
        """Forget an edit that nobody wants."""
        self._connection.execute(delete(proposed_edits).where(proposed_edits.c.id == number))
