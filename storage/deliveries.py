"""Deliveries: one alert for one chat, and how it went."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, or_, select, update

from model.errors import MissingRecordError
from model.records import (
    AlertId,
    AlertReason,
    Ambiguity,
    ChatId,
    DecisionId,
    Delivery,
    DeliveryId,
    DeliveryMode,
    DeliveryState,
    DevelopmentId,
)
from storage.repository import Repository
from storage.tables import deliveries, outbox, subscribers


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """Somebody who is to be told of an alert, and when."""

    chat_id: ChatId
    mode: DeliveryMode
    due_at: datetime
    topic_id: int | None = None


class Deliveries(Repository):
    """The deliveries."""

    def add(self, alert_id: AlertId, wanted: Iterable[NewDelivery]) -> int:
        """Store deliveries of an alert; those that are there already stay as they are."""
        values = [
            {
                "alert_id": alert_id,
                "chat_id": each.chat_id,
                "mode": each.mode,
                "state": DeliveryState.PENDING,
                "due_at": each.due_at,
                "topic_id": each.topic_id,
                "attempts": 0,
                "ambiguity": Ambiguity.NONE,
            }
            for each in wanted
        ]
        if not values:
            return 0
        statement = self._insert(deliveries).on_conflict_do_nothing(
            index_elements=["alert_id", "chat_id"]
        )
        return self._connection.execute(statement, values).rowcount

    def due(
        self,
        now: datetime,
        limit: int,
        leaving_out: Collection[ChatId] = (),
        *,
        first: Collection[AlertReason] = (),
        last: Collection[AlertReason] = (),
    ) -> tuple[Delivery, ...]:
        """Return what is to be sent now, by reason, then by due time; digests come last.

        Blocked and parked chats are left out.
        """
        later = outbox.c.reason.in_(last) | (deliveries.c.mode != DeliveryMode.IMMEDIATE)
        rank = case((outbox.c.reason.in_(first), 0), (later, 2), else_=1)
        rows = self._connection.execute(
            select(deliveries)
            .join(subscribers, subscribers.c.chat_id == deliveries.c.chat_id)
            .join(outbox, outbox.c.id == deliveries.c.alert_id)
            .where(
                deliveries.c.state == DeliveryState.PENDING,
                deliveries.c.due_at <= now,
                deliveries.c.chat_id.not_in(leaving_out),
                subscribers.c.blocked_at.is_(None),
                or_(subscribers.c.not_before.is_(None), subscribers.c.not_before <= now),
            )
            .order_by(rank, deliveries.c.due_at, deliveries.c.id)
            .limit(limit)
        )
        return tuple(_delivery(row) for row in rows)

    def due_of_chats(
        self, chat_ids: Collection[ChatId], now: datetime
    ) -> dict[ChatId, list[Delivery]]:
        """Return what is to be sent to these chats now, in the order it was raised."""
        rows = self._connection.execute(
            select(deliveries)
            .where(
                deliveries.c.chat_id.in_(chat_ids),
                deliveries.c.state == DeliveryState.PENDING,
                deliveries.c.due_at <= now,
            )
            .order_by(deliveries.c.id)
        )
        found: dict[ChatId, list[Delivery]] = {chat_id: [] for chat_id in chat_ids}
        for row in rows:
            found[ChatId(row.chat_id)].append(_delivery(row))
        return found

    def next_due_at(self) -> datetime | None:
        """Return when the next delivery may go out; None where nothing waits."""
        waits_until = case(
            (subscribers.c.not_before > deliveries.c.due_at, subscribers.c.not_before),
            else_=deliveries.c.due_at,
        )
        row = self._connection.execute(
            select(waits_until.label("at"))
            .join(subscribers, subscribers.c.chat_id == deliveries.c.chat_id)
            .where(deliveries.c.state == DeliveryState.PENDING, subscribers.c.blocked_at.is_(None))
            .order_by("at")
            .limit(1)
        ).first()
        return None if row is None else row[0]

    def start(self, delivery_ids: Collection[DeliveryId]) -> None:
        """Note that an attempt begins; to be committed before the network is used."""
        self._change(
            deliveries.c.id.in_(delivery_ids),
            attempts=deliveries.c.attempts + 1,
            ambiguity=Ambiguity.STARTED,
        )

    def sent(
        self, delivery_ids: Collection[DeliveryId], message_id: int | None, at: datetime
    ) -> None:
        """Note that a message reached its chat; with an id it can be edited and replied to."""
        self._change(
            deliveries.c.id.in_(delivery_ids),
            state=DeliveryState.SENT,
            message_id=message_id,
            sent_at=at,
            ambiguity=Ambiguity.NONE,
            last_error=None,
        )

    def postpone(
        self,
        delivery_ids: Collection[DeliveryId],
        due_at: datetime,
        *,
        ambiguity: Ambiguity,
        error: str,
    ) -> None:
        """Try a delivery again later."""
        self._change(
            deliveries.c.id.in_(delivery_ids),
            due_at=due_at,
            ambiguity=ambiguity,
            last_error=error,
        )

    def failed(self, delivery_ids: Collection[DeliveryId], error: str) -> None:
        """Give a delivery up; it stays visible and can be sent again by hand."""
        self._change(
            deliveries.c.id.in_(delivery_ids), state=DeliveryState.FAILED, last_error=error
        )

    def drop(self, delivery_ids: Collection[DeliveryId], why: str) -> None:
        """Leave out deliveries that are no longer wanted."""
        self._change(deliveries.c.id.in_(delivery_ids), state=DeliveryState.DROPPED, last_error=why)

    def call_back(self, alert_id: AlertId, why: str) -> bool:
        """Leave out what has not gone yet of an alert; tell whether anything of it went."""
        of_it = deliveries.c.alert_id == alert_id
        waits = deliveries.c.state == DeliveryState.PENDING
        self._change(of_it & waits, state=DeliveryState.DROPPED, last_error=why)
        sent = select(func.count()).where(of_it, deliveries.c.state == DeliveryState.SENT)
        return bool(self._connection.execute(sent).scalar_one())

    def reissued(self, decision_ids: Iterable[int]) -> dict[DecisionId, int]:
        """Return how many chats were told of the corrections that these decisions are."""
        keys = {f"{AlertReason.CORRECTED}.{each}": DecisionId(each) for each in decision_ids}
        rows = self._connection.execute(
            select(outbox.c.key, func.count())
            .join(deliveries, deliveries.c.alert_id == outbox.c.id)
            .where(
                outbox.c.reason == AlertReason.CORRECTED,
                deliveries.c.state == DeliveryState.SENT,
            )
            .group_by(outbox.c.key)
        )
        return {keys[row[0]]: int(row[1]) for row in rows if row[0] in keys}

    def edited(self, delivery_id: DeliveryId, at: datetime) -> None:
        """Note when a message that was sent was last changed."""
        self._change(deliveries.c.id == delivery_id, edited_at=at)

    def forget_message(self, delivery_id: DeliveryId) -> None:
        """Note that somebody deleted the message: it cannot be edited any more."""
        self._change(deliveries.c.id == delivery_id, message_id=None)

    def interrupted(self) -> tuple[Delivery, ...]:
        """Return what was in flight when the process died."""
        rows = self._connection.execute(
            select(deliveries).where(
                deliveries.c.state == DeliveryState.PENDING,
                deliveries.c.ambiguity == Ambiguity.STARTED,
            )
        )
        return tuple(_delivery(row) for row in rows)

    def get(self, delivery_id: DeliveryId) -> Delivery:
        """Return a delivery; raise MissingRecordError."""
        row = self._connection.execute(
            select(deliveries).where(deliveries.c.id == delivery_id)
        ).first()
        if row is None:
            raise MissingRecordError(f"There is no delivery {delivery_id}")
        return _delivery(row)

    def of_alert(self, alert_id: AlertId) -> tuple[Delivery, ...]:
        """Return the deliveries of one alert."""
        rows = self._connection.execute(
            select(deliveries).where(deliveries.c.alert_id == alert_id).order_by(deliveries.c.id)
        )
        return tuple(_delivery(row) for row in rows)

    def of_chat(self, chat_id: ChatId) -> tuple[Delivery, ...]:
        """Return everything that was or will be sent to one chat."""
        rows = self._connection.execute(
            select(deliveries).where(deliveries.c.chat_id == chat_id).order_by(deliveries.c.id)
        )
        return tuple(_delivery(row) for row in rows)

    def of_development(self, development_id: DevelopmentId) -> tuple[Delivery, ...]:
        """Return the deliveries of every alert of a development, oldest first."""
        rows = self._connection.execute(
            select(deliveries)
            .join(outbox, outbox.c.id == deliveries.c.alert_id)
            .where(outbox.c.development_id == development_id)
            .order_by(deliveries.c.id)
        )
        return tuple(_delivery(row) for row in rows)

    def messages(
        self,
        development_id: DevelopmentId,
        reasons: Collection[AlertReason] | None = None,
        chat_id: ChatId | None = None,
    ) -> tuple[Delivery, ...]:
        """Return what was sent of a development for these reasons, to this chat, newest first.

        Only what can still be edited and replied to; None: any.
        """
        statement = (
            select(deliveries)
            .join(outbox, outbox.c.id == deliveries.c.alert_id)
            .where(
                outbox.c.development_id == development_id,
                deliveries.c.state == DeliveryState.SENT,
                deliveries.c.message_id.is_not(None),
            )
            .order_by(deliveries.c.id.desc())
        )
        if reasons is not None:
            statement = statement.where(outbox.c.reason.in_(reasons))
        if chat_id is not None:
            statement = statement.where(deliveries.c.chat_id == chat_id)
        return tuple(_delivery(row) for row in self._connection.execute(statement))

    def listed(self, states: Collection[DeliveryState], limit: int = 200) -> tuple[Delivery, ...]:
        """Return deliveries in these states, oldest first."""
        rows = self._connection.execute(
            select(deliveries)
            .where(deliveries.c.state.in_(states))
            .order_by(deliveries.c.id)
            .limit(limit)
        )
        return tuple(_delivery(row) for row in rows)

    def counts(self) -> dict[DeliveryState, int]:
        """Return how many deliveries stand in each state."""
        rows = self._connection.execute(
            select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
        )
        return {DeliveryState(row[0]): row[1] for row in rows}

    def retry(self, delivery_ids: Collection[DeliveryId] | None, now: datetime) -> int:
        """Let failed deliveries be tried again, these or all; return how many."""
        condition: ColumnElement[bool] = deliveries.c.state == DeliveryState.FAILED
        if delivery_ids is not None:
            condition = condition & deliveries.c.id.in_(delivery_ids)
        return self._change(
            condition,
            state=DeliveryState.PENDING,
            due_at=now,
            attempts=0,
            ambiguity=Ambiguity.NONE,
        )

    def _change(self, condition: ColumnElement[bool], **values: Any) -> int:
        result = self._connection.execute(update(deliveries).where(condition).values(**values))
        return result.rowcount


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=DeliveryId(row.id),
        alert_id=AlertId(row.alert_id),
        chat_id=ChatId(row.chat_id),
        mode=DeliveryMode(row.mode),
        state=DeliveryState(row.state),
        due_at=row.due_at,
        topic_id=row.topic_id,
        attempts=row.attempts,
        ambiguity=Ambiguity(row.ambiguity),
        sent_at=row.sent_at,
        message_id=row.message_id,
        edited_at=row.edited_at,
        last_error=row.last_error,
    )
