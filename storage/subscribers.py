"""Chats, what they want to hear, and what they do not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select, update

from model.records import (
    ChatId,
    ChatKind,
    CommitmentId,
    DeliveryMode,
    DeliveryState,
    Language,
    Level,
    Mute,
    Subscriber,
    Subscription,
    Tier,
)
from storage.repository import Repository
from storage.rows import optional
from storage.tables import deliveries, mutes, subscribers, subscriptions


class Subscribers(Repository):
    """The chats with their subscriptions and mutes."""

    def get(self, chat_id: ChatId) -> Subscriber | None:
        """Return a chat's settings; None for a chat that never said /start."""
        row = self._connection.execute(
            select(subscribers).where(subscribers.c.chat_id == chat_id)
        ).first()
        return None if row is None else _subscriber(row)

    def everybody(self) -> tuple[Subscriber, ...]:
        """Return every chat, also those that have left, in the order of their coming."""
        rows = self._connection.execute(
            select(subscribers).order_by(subscribers.c.started_at, subscribers.c.chat_id)
        )
        return tuple(_subscriber(row) for row in rows)

    def some(self, chat_ids: Collection[ChatId]) -> dict[ChatId, Subscriber]:
        """Return these chats' settings."""
        rows = self._connection.execute(
            select(subscribers).where(subscribers.c.chat_id.in_(chat_ids))
        )
        return {ChatId(row.chat_id): _subscriber(row) for row in rows}

    def active(self) -> tuple[Subscriber, ...]:
        """Return the chats that have not refused us."""
        rows = self._connection.execute(
            select(subscribers)
            .where(subscribers.c.blocked_at.is_(None))
            .order_by(subscribers.c.chat_id)
        )
        return tuple(_subscriber(row) for row in rows)

    def save(self, subscriber: Subscriber) -> None:
        """Store a chat's settings."""
        self._put(subscribers, _values(subscriber), ["chat_id"])

    def subscribe(self, subscription: Subscription) -> None:
        """Store a subscription, in the place of the one with the same target."""
        values = {
            "chat_id": subscription.chat_id,
            "target": subscription.target,
            "level": subscription.level,
            "mode": subscription.mode,
            "languages": list(subscription.languages),
            "lowest_tier": subscription.lowest_tier,
            "topic_id": subscription.topic_id,
            "since": subscription.since,
        }
        self._put(subscriptions, values, ["chat_id", "target"])

    def unsubscribe(self, chat_id: ChatId, target: str) -> bool:
        """Remove one subscription; False where there was none."""
        result = self._connection.execute(
            delete(subscriptions).where(
                subscriptions.c.chat_id == chat_id, subscriptions.c.target == target
            )
        )
        return result.rowcount > 0

    def subscriptions(self, chat_id: ChatId | None = None) -> tuple[Subscription, ...]:
        """Return one chat's subscriptions, or everybody's."""
        statement = select(subscriptions).order_by(subscriptions.c.chat_id, subscriptions.c.target)
        if chat_id is not None:
            statement = statement.where(subscriptions.c.chat_id == chat_id)
        return tuple(_subscription(row) for row in self._connection.execute(statement))

    def mute(self, mute: Mute) -> None:
        """Store a mute, in the place of the one for the same commitment."""
        values = {
            "chat_id": mute.chat_id,
            "commitment_id": mute.commitment_id,
            "until": mute.until,
        }
        self._put(mutes, values, ["chat_id", "commitment_id"])

    def unmute(self, chat_id: ChatId, commitment_id: CommitmentId) -> bool:
        """Remove a mute; False where there was none."""
        result = self._connection.execute(
            delete(mutes).where(mutes.c.chat_id == chat_id, mutes.c.commitment_id == commitment_id)
        )
        return result.rowcount > 0

    def mutes(self, chat_id: ChatId | None = None) -> tuple[Mute, ...]:
        """Return one chat's mutes, or everybody's."""
        statement = select(mutes).order_by(mutes.c.chat_id, mutes.c.commitment_id)
        if chat_id is not None:
            statement = statement.where(mutes.c.chat_id == chat_id)
        return tuple(
            Mute(
                chat_id=ChatId(row.chat_id),
                commitment_id=CommitmentId(row.commitment_id),
                until=row.until,
            )
            for row in self._connection.execute(statement)
        )

    def park(self, chat_id: ChatId, until: datetime) -> None:
        """Leave one chat alone until a moment, because Telegram said so."""
        self._change(chat_id, not_before=until)

    def block(self, chat_id: ChatId, at: datetime) -> None:
        """Note that a chat refused us, and drop what waits for it."""
        self._change(chat_id, blocked_at=at)
        self._drop_waiting(deliveries.c.chat_id == chat_id)

    def move(self, old: ChatId, new: ChatId) -> None:
        """Follow a group to its new id, in every table; safe to repeat."""
        before = self.get(old)
        if before is None or old == new:
            return
        if self.get(new) is None:
            row = _values(before) | {"chat_id": new}
            self._put(subscribers, row, ["chat_id"])
        for table in (subscriptions, mutes, deliveries):
            self._connection.execute(
                update(table).where(table.c.chat_id == old, ~_there(table, new)).values(chat_id=new)
            )
            self._connection.execute(delete(table).where(table.c.chat_id == old))
        self._connection.execute(delete(subscribers).where(subscribers.c.chat_id == old))

    def leave_topic(self, chat_id: ChatId, topic_id: int) -> None:
        """Let what went to one topic of a group go to the group."""
        for table in (subscriptions, deliveries):
            self._connection.execute(
                update(table)
                .where(table.c.chat_id == chat_id, table.c.topic_id == topic_id)
                .values(topic_id=None)
            )

    def forget(self, chat_id: ChatId) -> None:
        """Delete everything about a chat."""
        for table in (subscriptions, mutes, deliveries, subscribers):
            self._connection.execute(delete(table).where(table.c.chat_id == chat_id))

    def _change(self, chat_id: ChatId, **values: Any) -> None:
        self._connection.execute(
            update(subscribers).where(subscribers.c.chat_id == chat_id).values(**values)
        )

    def _drop_waiting(self, condition: ColumnElement[bool]) -> None:
        self._connection.execute(
            update(deliveries)
            .where(condition, deliveries.c.state == DeliveryState.PENDING)
            .values(state=DeliveryState.DROPPED, last_error="the chat refused us")
        )


def _there(table: Any, new: ChatId) -> ColumnElement[bool]:
    """Tell whether the new chat has a row of the same meaning already."""
    key = {"subscriptions": "target", "mutes": "commitment_id", "deliveries": "alert_id"}
    other = table.alias()
    name = key[table.name]
    found: ColumnElement[bool] = (
        select(other.c.chat_id)
        .where(other.c.chat_id == new, other.c[name] == table.c[name])
        .exists()
    )
    return found


def _clock(value: str | None) -> time | None:
    return None if value is None else time.fromisoformat(value)


def _values(subscriber: Subscriber) -> dict[str, Any]:
    quiet_from, quiet_until = subscriber.quiet_from, subscriber.quiet_until
    return {
        "chat_id": subscriber.chat_id,
        "kind": subscriber.kind,
        "language": subscriber.language,
        "timezone": subscriber.timezone,
        "digest_at": subscriber.digest_at.isoformat("minutes"),
        "quiet_from": None if quiet_from is None else quiet_from.isoformat("minutes"),
        "quiet_until": None if quiet_until is None else quiet_until.isoformat("minutes"),
        "stage_changes_override": subscriber.stage_changes_override,
        "started_at": subscriber.started_at,
        "blocked_at": subscriber.blocked_at,
        "not_before": subscriber.not_before,
        "invited": subscriber.invited,
        "reviews": subscriber.reviews,
    }


def _subscriber(row: Row[Any]) -> Subscriber:
    return Subscriber(
        chat_id=ChatId(row.chat_id),
        kind=ChatKind(row.kind),
        language=Language(row.language),
        timezone=row.timezone,
        digest_at=time.fromisoformat(row.digest_at),
        quiet_from=_clock(row.quiet_from),
        quiet_until=_clock(row.quiet_until),
        stage_changes_override=row.stage_changes_override,
        started_at=row.started_at,
        blocked_at=row.blocked_at,
        not_before=row.not_before,
        invited=row.invited,
        reviews=row.reviews,
    )


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        chat_id=ChatId(row.chat_id),
        target=row.target,
        level=Level(row.level),
        mode=DeliveryMode(row.mode),
        languages=tuple(Language(value) for value in row.languages),
        lowest_tier=optional(Tier, row.lowest_tier),
        topic_id=row.topic_id,
        since=row.since,
    )
