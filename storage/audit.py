"""What people did that is no decision: append-only, each row sealed with the hash of the last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, insert, select

from model.records import Role
from storage.repository import SEAL_OF_NOTHING, Repository, seal
from storage.tables import admin_log


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One thing that somebody did."""

    id: int
    at: datetime
    actor: str
    role: Role
    action: str  # "login.made", "watchlist.accepted", …
    subject: str  # what it was done to
    before: str | None  # None: there was nothing, or nothing to tell
    after: str | None


class Audit(Repository):
    """The log of deeds."""

    def add(
        self,
        actor: str,
        role: Role,
        action: str,
        subject: str,
        before: str | None,
        after: str | None,
        now: datetime,
    ) -> int:
        """Append a row and return its number."""
        self._serialise(admin_log)
        last = self._connection.execute(
            select(admin_log.c.hash).order_by(admin_log.c.id.desc()).limit(1)
        ).scalar()
        values = {
            "at": now.astimezone(UTC),
            "actor": actor,
            "role": role,
            "action": action,
            "subject": subject,
            "before": before,
            "after": after,
        }
        previous = last or SEAL_OF_NOTHING
        values |= {"previous_hash": previous, "hash": seal(previous, values)}
        result = self._connection.execute(insert(admin_log).values(values))
        key: Any = result.inserted_primary_key
        return int(key[0])

    def listed(
        self,
        *,
        actor: str | None = None,
        action: str | None = None,
        since: datetime | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> tuple[AuditRow, ...]:
        """Return rows, newest first; what is None does not matter, `before` is a row's number."""
        statement = select(admin_log)
        if actor is not None:
            statement = statement.where(admin_log.c.actor == actor)
        if action is not None:
            statement = statement.where(admin_log.c.action == action)
        if since is not None:
            statement = statement.where(admin_log.c.at >= since)
        if before is not None:
            statement = statement.where(admin_log.c.id < before)
        rows = self._connection.execute(statement.order_by(admin_log.c.id.desc()).limit(limit))
        return tuple(_row(row) for row in rows)

    def tampered(self) -> tuple[int, ...]:
        """Return the rows whose contents or predecessor do not fit their seal."""
        previous, broken = SEAL_OF_NOTHING, []
        for row in self._connection.execute(select(admin_log).order_by(admin_log.c.id)):
            values = dict(row._mapping)
            kept = {name: values.pop(name) for name in ("id", "previous_hash", "hash")}
            if kept["previous_hash"] != previous or kept["hash"] != seal(previous, values):
                broken.append(int(kept["id"]))
            previous = kept["hash"]
        return tuple(broken)


def _row(row: Row[Any]) -> AuditRow:
    return AuditRow(
        id=row.id,
        at=row.at,
        actor=row.actor,
        role=Role(row.role),
        action=row.action,
        subject=row.subject,
        before=row.before,
        after=row.after,
    )
