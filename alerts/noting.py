"""What is stored of a delivery: begun, sent, to wait, given up. One transaction each.

Everything here runs in the one thread that writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from alerts.digests import Bundle
from alerts.preparing import Prepared, RoleOf, Views, prepare_bundle
from alerts.retries import Decision, Verdict
from model.clock import Clock
from model.records import (
    AlertReason,
    Ambiguity,
    ChatId,
    CommitmentId,
    Delivery,
    DeliveryId,
    Watchlist,
)
from storage.database import Database
from storage.unit_of_work import UnitOfWork, begin

NOBODY = CommitmentId("")


class Notes:
    """Keeps the deliveries in line with what happened to them."""

    def __init__(
        self,
        database: Database,
        watchlist: Callable[[], Watchlist],
        clock: Clock,
        zone: str,
        role_of: RoleOf,
    ) -> None:
        self._database = database
        self._watchlist = watchlist
        self._clock = clock
        self._zone = zone
        self._role_of = role_of
        self._views = Views()

    def release_interrupted(self) -> int:
        """Let go again what was in flight when the process died; return how many."""
        with begin(self._database) as work:
            ids = [delivery.id for delivery in work.deliveries.interrupted()]
            work.deliveries.postpone(
                ids, self._clock.now(), ambiguity=Ambiguity.ONCE, error="in flight at a crash"
            )
            work.commit()
        return len(ids)

    def prepare(self, bundle: Bundle) -> tuple[Prepared, ...]:
        """Render what goes out together; the first message of it is noted as begun."""
        with begin(self._database) as work:
            now, watchlist = self._clock.now(), self._watchlist()
            prepared = prepare_bundle(
                work, watchlist, bundle, self._zone, now, self._role_of, self._views
            )
            if prepared:
                work.deliveries.start(prepared[0].carries)
            work.commit()
        return prepared

    def begin(self, prepared: Prepared) -> None:
        """Note that a message is about to be handed over."""
        with begin(self._database) as work:
            work.deliveries.start(prepared.carries)
            work.commit()

    def sent(self, prepared: Prepared, message_id: int | None) -> None:
        """Note that a message reached its chat; a digest is never edited."""
        now = self._clock.now()
        with begin(self._database) as work:
            kept = None if prepared.digest else message_id
            work.deliveries.sent(prepared.carries, kept, now)
            if prepared.edits is not None and prepared.alert.development_id is not None:
                for each in _messages(work, prepared):
                    work.deliveries.edited(each.id, now)
            work.commit()

    def trouble(self, prepared: Prepared, decision: Decision, error: str) -> None:
        """Note what becomes of a message that was not taken."""
        delivery, carried = prepared.delivery, prepared.carries
        now, verdict = self._clock.now(), decision.verdict
        with begin(self._database) as work:
            if verdict in {Verdict.PARK, Verdict.RETRY}:
                # The whole chat waits, so that what comes later does not overtake.
                parked = verdict is Verdict.PARK
                work.subscribers.park(delivery.chat_id, decision.until)
                work.deliveries.postpone(
                    carried,
                    decision.until,
                    ambiguity=_kept(delivery) if parked else decision.ambiguity,
                    error=error,
                )
            elif verdict is Verdict.FORGET:
                work.deliveries.drop(carried, "the message it would change is gone")
                _forget_message(work, prepared)
            else:
                work.deliveries.failed(carried, error)
                if verdict is Verdict.GONE:
                    work.subscribers.block(delivery.chat_id, now)
                else:
                    _raise_notice(work, AlertReason.GIVEN_UP, _facts(prepared, error), now)
            work.commit()

    def refused_text(self, prepared: Prepared, error: str) -> None:
        """Tell the admins that Telegram does not take a text of ours: it goes without markup."""
        with begin(self._database) as work:
            facts = _facts(prepared, error)
            _raise_notice(work, AlertReason.TEXT_REFUSED, facts, self._clock.now())
            work.commit()

    def lost_topic(self, prepared: Prepared) -> None:
        """Speak to the whole group from now on: its topic was closed or deleted."""
        delivery = prepared.delivery
        assert delivery.topic_id is not None
        with begin(self._database) as work:
            work.subscribers.leave_topic(delivery.chat_id, delivery.topic_id)
            facts = _facts(prepared, "")
            _raise_notice(work, AlertReason.TOPIC_LOST, facts, self._clock.now())
            work.commit()

    def refused_bot(self, delivery_ids: Sequence[DeliveryId], error: str, since: datetime) -> None:
        """Let a message wait for a better token; the admins are told once there is one."""
        now = self._clock.now()
        with begin(self._database) as work:
            work.deliveries.postpone(delivery_ids, now, ambiguity=Ambiguity.NONE, error=error)
            facts = {"since": since.isoformat(), "why": error}
            _raise_notice(work, AlertReason.BOT_REFUSED, facts, since)
            work.commit()

    def moved(self, prepared: Prepared, new: ChatId, error: str) -> None:
        """Follow a group to its new id."""
        with begin(self._database) as work:
            work.deliveries.postpone(
                prepared.carries, self._clock.now(), ambiguity=Ambiguity.NONE, error=error
            )
            work.subscribers.move(prepared.delivery.chat_id, new)
            work.commit()


def _forget_message(work: UnitOfWork, prepared: Prepared) -> None:
    for each in _messages(work, prepared):
        if each.message_id == prepared.edits:
            work.deliveries.forget_message(each.id)


def _messages(work: UnitOfWork, prepared: Prepared) -> tuple[Delivery, ...]:
    """Return what this chat was sent of the same development."""
    number = prepared.alert.development_id
    if number is None:
        return ()
    return work.deliveries.messages(number, chat_id=prepared.delivery.chat_id)


def _raise_notice(
    work: UnitOfWork, reason: AlertReason, facts: Mapping[str, str], now: datetime
) -> None:
    """Raise a notice to the admins: one of a kind a day, for the log has them all."""
    work.outbox.add(
        key=f"{reason}.{now.date()}",
        commitment_id=NOBODY,
        development_id=None,
        reason=reason,
        raised_at=now,
        facts=facts,
    )


def _facts(prepared: Prepared, error: str) -> dict[str, str]:
    number = prepared.alert.development_id
    told = f"#F{number}" if number is not None else str(prepared.alert.reason)
    return {"chat": str(prepared.delivery.chat_id), "about": told, "error": error}


def _kept(delivery: Delivery) -> Ambiguity:
    return Ambiguity.ONCE if delivery.ambiguity is Ambiguity.ONCE else Ambiguity.NONE
