"""What we remember of each feed between two polls."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from model.records import Feed, FeedHealth, FeedId, FeedState, Validators
from storage.bulk import moment, put_many
from storage.repository import Repository
from storage.tables import feed_states


class Feeds(Repository):
    """The feeds' states."""

    def ensure(self, feeds: Iterable[Feed], now: datetime) -> None:
        """Give every feed a state, due at once; title and tier follow the watchlist."""
        for feed in feeds:
            statement = self._insert(feed_states).values(
                feed_id=feed.id,
                title=feed.title,
                tier=feed.tier,
                next_poll_at=now,
                health=FeedHealth.NEW,
                interval_seconds=feed.poll_every_min.total_seconds(),
                hints=[],
            )
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["feed_id"], set_={"title": feed.title, "tier": feed.tier}
                )
            )

    def get(self, feed_id: FeedId) -> FeedState | None:
        """Return one feed's state; None for a feed that was never seen."""
        row = self._connection.execute(
            select(feed_states).where(feed_states.c.feed_id == feed_id)
        ).first()
        return None if row is None else _state(row)

    def all(self) -> tuple[FeedState, ...]:
        """Return every state, also of feeds that left the watchlist."""
        rows = self._connection.execute(select(feed_states).order_by(feed_states.c.feed_id))
        return tuple(_state(row) for row in rows)

    def due(self, now: datetime, limit: int) -> tuple[FeedState, ...]:
        """Return the states whose time has come or whose poll was asked for, longest due first."""
        rows = self._connection.execute(
            select(feed_states)
            .where(or_(feed_states.c.next_poll_at <= now, feed_states.c.requested_at.is_not(None)))
            .order_by(feed_states.c.next_poll_at)
            .limit(limit)
        )
        return tuple(_state(row) for row in rows)

    def save(self, state: FeedState) -> None:
        """Store a state; a request for a poll is thereby answered."""
        self.save_all([state])

    def save_all(self, states: Sequence[FeedState]) -> None:
        """Store states, in one statement."""
        rows = [_row(self._connection, each) for each in states]
        put_many(self._connection, "feed_states", _COLUMNS, rows, ("feed_id",))

    def hold(self, feed_ids: Collection[FeedId], until: datetime) -> None:
        """Let these feeds wait at least until then."""
        chosen = feed_states.c.feed_id.in_(feed_ids) & (feed_states.c.next_poll_at < until)
        self._connection.execute(update(feed_states).where(chosen).values(next_poll_at=until))

    def request(self, feed_ids: Collection[FeedId], now: datetime) -> None:
        """Ask the running process to poll these feeds now."""
        self._connection.execute(
            update(feed_states).where(feed_states.c.feed_id.in_(feed_ids)).values(requested_at=now)
        )


_COLUMNS = (
    "feed_id",
    "next_poll_at",
    "etag",
    "last_modified",
    "body_hash",
    "url",
    "health",
    "interval_seconds",
    "last_polled_at",
    "last_success_at",
    "last_entry_at",
    "consecutive_failures",
    "fault",
    "last_error",
    "hints",
    "requested_at",
    "marks",
)


def _row(connection: Connection, state: FeedState) -> tuple[Any, ...]:
    """Return a state's values in the order of the columns."""
    return (
        state.feed_id,
        moment(connection, state.next_poll_at),
        state.validators.etag,
        state.validators.last_modified,
        state.validators.body_hash,
        state.url,
        state.health.value,
        state.interval.total_seconds(),
        moment(connection, state.last_polled_at),
        moment(connection, state.last_success_at),
        moment(connection, state.last_entry_at),
        state.consecutive_failures,
        state.fault,
        state.last_error,
        json.dumps([list(hint) for hint in state.hints]) if state.hints else "[]",
        moment(connection, state.requested_at),
        state.marks or None,
    )


def _state(row: Row[Any]) -> FeedState:
    return FeedState(
        feed_id=FeedId(row.feed_id),
        next_poll_at=row.next_poll_at,
        validators=Validators(
            etag=row.etag, last_modified=row.last_modified, body_hash=row.body_hash
        ),
        url=row.url,
        health=FeedHealth(row.health),
        interval=timedelta(seconds=row.interval_seconds),
        last_polled_at=row.last_polled_at,
        last_success_at=row.last_success_at,
        last_entry_at=row.last_entry_at,
        consecutive_failures=row.consecutive_failures,
        fault=row.fault,
        last_error=row.last_error,
        hints=tuple((name, value) for name, value in row.hints),
        requested_at=row.requested_at,
        marks=row.marks or b"",
    )
