"""The outbox: alerts, written in the transaction of what caused them, waiting to be routed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update

from model.errors import MissingRecordError
from model.records import Alert, AlertId, AlertReason, CommitmentId, DevelopmentId, FeedId
from storage.repository import Repository
from storage.tables import outbox


class Outbox(Repository):
    """The alerts."""

    def add(
        self,
        *,
        key: str,
        commitment_id: CommitmentId,
        development_id: DevelopmentId | None,
        reason: AlertReason,
        raised_at: datetime,
        facts: Mapping[str, str] | None = None,
    ) -> AlertId | None:
        """Raise an alert; None where one with this key was raised before."""
        values = {
            "key": key,
            "commitment_id": commitment_id,
            "development_id": development_id,
            "reason": reason,
            "raised_at": raised_at,
            "facts": dict(facts) if facts else None,
        }
        found = self._add(outbox, values, ["key"])
        return None if found is None else AlertId(found)

    def add_notice(
        self,
        *,
        feed_id: FeedId,
        reason: AlertReason,
        facts: Mapping[str, str],
        raised_at: datetime,
    ) -> AlertId | None:
        """Raise a notice about a feed; None where it was raised before."""
        values = {
            "key": f"feed.{feed_id}.{reason}.{raised_at:%Y%m%dT%H%M%SZ}",
            "commitment_id": "",
            "feed_id": feed_id,
            "reason": reason,
            "facts": dict(facts),
            "raised_at": raised_at,
        }
        found = self._add(outbox, values, ["key"])
        return None if found is None else AlertId(found)

    def last_notices(self) -> dict[FeedId, Alert]:
        """Return the last notice about each feed that there was one about."""
        newest = (
            select(func.max(outbox.c.id))
            .where(outbox.c.feed_id.is_not(None))
            .group_by(outbox.c.feed_id)
        )
        rows = self._connection.execute(select(outbox).where(outbox.c.id.in_(newest)))
        return {FeedId(row.feed_id): _alert(row) for row in rows}

    def get(self, alert_id: AlertId) -> Alert:
        """Return an alert; raise MissingRecordError."""
        row = self._connection.execute(select(outbox).where(outbox.c.id == alert_id)).first()
        if row is None:
            raise MissingRecordError(f"There is no alert {alert_id}")
        return _alert(row)

    def by_key(self, key: str) -> Alert | None:
        """Return the alert with this key; None where none was raised."""
        row = self._connection.execute(select(outbox).where(outbox.c.key == key)).first()
        return None if row is None else _alert(row)

    def unrouted(self, limit: int) -> tuple[Alert, ...]:
        """Return the alerts nobody was chosen for yet, oldest first."""
        rows = self._connection.execute(
            select(outbox).where(outbox.c.routed_at.is_(None)).order_by(outbox.c.id).limit(limit)
        )
        return tuple(_alert(row) for row in rows)

    def mark_routed(self, alert_ids: Collection[AlertId], now: datetime) -> None:
        """Note that everybody who should be told has a delivery."""
        self._connection.execute(
            update(outbox).where(outbox.c.id.in_(alert_ids)).values(routed_at=now)
        )

    def of_development(self, development_id: DevelopmentId) -> tuple[Alert, ...]:
        """Return the alerts of a development, oldest first."""
        rows = self._connection.execute(
            select(outbox).where(outbox.c.development_id == development_id).order_by(outbox.c.id)
        )
        return tuple(_alert(row) for row in rows)

    def waiting(self) -> int:
        """Return how many alerts are not routed yet."""
        statement = select(func.count()).select_from(outbox).where(outbox.c.routed_at.is_(None))
        return int(self._connection.execute(statement).scalar_one())


def _alert(row: Row[Any]) -> Alert:
    development = row.development_id
    return Alert(
        id=AlertId(row.id),
        key=row.key,
        commitment_id=CommitmentId(row.commitment_id),
        development_id=None if development is None else DevelopmentId(development),
        reason=AlertReason(row.reason),
        raised_at=row.raised_at,
        feed_id=None if row.feed_id is None else FeedId(row.feed_id),
        facts=tuple((row.facts or {}).items()),
    )
