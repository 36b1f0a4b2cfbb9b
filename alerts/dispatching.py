"""From the deliveries to a chat.

It may be stopped at any line and started again. A delivery is noted as begun before the network
is used, and as sent right after: so a crash in between sends one message twice, and loses none.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from alerts.choosing import TERMINAL, route_outbox
from alerts.digests import Bundle, Waiting, bundles
from alerts.limits import Limiter, Priority
from alerts.messages import Message
from alerts.metrics import SENT, TROUBLE
from alerts.notices import NOTICES
from alerts.noting import Notes
from alerts.preparing import Prepared, RoleOf, nobody
from alerts.retries import Verdict, decide
from alerts.routing import STAGE_NEWS
from model.clock import Clock
from model.errors import (
    BotRefusedError,
    ChatMovedError,
    DeliveryError,
)
from model.records import (
    AlertReason,
    ChatId,
    ChatKind,
    Watchlist,
)
from storage.database import Database
from storage.unit_of_work import reading

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

__all__ = ["TERMINAL", "Dispatcher", "Sender", "route_outbox"]

SENT_AT_ONCE = (
    100  # chats that wait for a turn: four seconds' worth, so that what presses is soon in
)
LEAST_AT_ONCE = 10
REFUSED_PAUSE = timedelta(minutes=5)  # between tries while Telegram does not know the token
PRESSING = NOTICES | STAGE_NEWS | {AlertReason.DECIDED}
LATER = frozenset({AlertReason.MORE_OUTLETS})


class Sender(Protocol):
    """What carries messages to chats."""

    async def send(
        self,
        chat_id: ChatId,
        message: Message,
        *,
        topic_id: int | None = None,
        reply_to: int | None = None,
        plain: bool = False,
    ) -> int | None:
        """Send a message and return its id; raise DeliveryError."""
        ...

    async def edit(self, chat_id: ChatId, message_id: int, message: Message) -> None:
        """Change a message that was sent; raise DeliveryError."""
        ...

    def serves(self, chat_id: ChatId) -> bool:
        """Tell whether this sender is the one for a chat."""
        ...


# --- deliveries to the sender ------------------------------------------------------


class Dispatcher:
    """Sends what is due: in order inside a chat, fair between chats, one in flight a chat."""

    def __init__(
        self,
        database: Database,
        watchlist: Callable[[], Watchlist],
        sender: Sender,
        clock: Clock,
        writer: ThreadPoolExecutor,
        default_zone: str = "UTC",
        limiter: Limiter | None = None,
        role_of: RoleOf = nobody,
    ) -> None:
        self._database = database
        self._notes = Notes(database, watchlist, clock, default_zone, role_of)
        self._sender = sender
        self._clock = clock
        self._writer = writer
        self._zone = default_zone
        self.limiter = limiter or Limiter()
        self.refused: str | None = None  # why nothing can be sent at all
        self._refused_at: datetime | None = None
        self._closed_until: datetime | None = None
        self._busy: set[ChatId] = set()
        self._tasks: set[asyncio.Task[int]] = set()

    async def recover(self) -> int:
        """Let go again what was in flight when the process died; return how many."""
        return await self._write(self._notes.release_interrupted)

    async def send_due(self) -> int:
        """Send everything that is due now and wait for it; return how many messages went out."""
        tasks = await self.start_due()
        return sum(await asyncio.gather(*tasks))

    async def start_due(self) -> list[asyncio.Task[int]]:
        """Begin to send what is due; a chat that has to wait keeps no other chat waiting."""
        if self._closed_until is not None and self._clock.now() < self._closed_until:
            return []
        self._closed_until = None  # one is tried: another token's time may have come
        by_chat = await asyncio.to_thread(self._due, tuple(self._busy))
        started = []
        for chat_id, (kind, waiting) in by_chat.items():
            if not self._sender.serves(chat_id) or chat_id in self._busy:
                continue
            self._busy.add(chat_id)
            task = asyncio.create_task(self._send_to_chat(chat_id, kind, waiting))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
            started.append(task)
        return started

    def _ended(self, task: asyncio.Task[int]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("sending to a chat failed", exc_info=task.exception())

    async def finish(self, patience: timedelta = timedelta(seconds=5)) -> None:
        """Give messages in flight a while to end, then let the rest wait for the next start."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks.copy(), timeout=patience.total_seconds())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _due(self, busy: Sequence[ChatId]) -> dict[ChatId, tuple[ChatKind, tuple[Bundle, ...]]]:
        """Return what is due now, by chat, in the messages that it goes out in."""
        now = self._clock.now()
        waiting_for_a_turn = len(self._busy) - self.limiter.resting
        room = max(SENT_AT_ONCE - waiting_for_a_turn, LEAST_AT_ONCE)
        found: dict[ChatId, tuple[ChatKind, tuple[Bundle, ...]]] = {}
        with reading(self._database) as work:
            due = work.deliveries.due(now, room, busy, first=PRESSING, last=LATER)
            chats = tuple(dict.fromkeys(each.chat_id for each in due))
            subscribers = work.subscribers.some(chats)
            waiting = work.deliveries.due_of_chats(chats, now)
            ids = {each.alert_id for every in waiting.values() for each in every}
            alerts = {each: work.outbox.get(each) for each in ids}
        for chat_id in chats:
            subscriber = subscribers[chat_id]
            each_with_alert = [Waiting(each, alerts[each.alert_id]) for each in waiting[chat_id]]
            together = bundles(each_with_alert, subscriber, self._zone, now)
            found[chat_id] = (subscriber.kind, together)
        return found

    async def _send_to_chat(
        self, chat_id: ChatId, kind: ChatKind, waiting: Sequence[Bundle]
    ) -> int:
        """Send one chat's messages in order; the first that has to wait keeps the others."""
        sent = 0
        try:
            for place, bundle in enumerate(waiting):
                priority = min(priority_of(each) for each in waiting[place:])
                await self.limiter.acquire(chat_id, kind, priority)
                if self._closed_until is not None:
                    break
                prepared = await self._write(self._notes.prepare, bundle)
                for number, part in enumerate(prepared):
                    if number:
                        await self.limiter.acquire(chat_id, kind, priority)
                        await self._write(self._notes.begin, part)
                    if not await self._attempt(part):
                        return sent
                    sent += 1
        finally:
            self._busy.discard(chat_id)
        return sent

    async def _attempt(self, prepared: Prepared, *, plain: bool = False) -> bool:
        """Send one message; False where the chat has to wait."""
        delivery, message = prepared.delivery, prepared.message
        assert message is not None
        try:
            async with self.limiter.under_way():
                message_id = await self._hand_over(prepared, message, plain=plain)
        except BotRefusedError as error:
            await self._close(prepared, str(error))
            return False
        except ChatMovedError as error:
            await self._write(self._notes.moved, prepared, ChatId(error.new_chat_id), str(error))
            return False
        except DeliveryError as error:
            return await self._trouble(prepared, error, plain=plain)
        self.refused = self._refused_at = None
        await self._write(self._notes.sent, prepared, message_id)
        SENT.labels(reason=prepared.alert.reason).inc()
        logger.info(
            "sent",
            extra={
                "delivery": delivery.id,
                "chat": delivery.chat_id,
                "reason": prepared.alert.reason,
                "attempts": delivery.attempts,
            },
        )
        return True

    async def _close(self, prepared: Prepared, why: str) -> None:
        """Stop sending for a while, because Telegram does not know us."""
        now = self._clock.now()
        self.refused = why
        self._refused_at = self._refused_at or now
        self._closed_until = now + REFUSED_PAUSE
        await self._write(self._notes.refused_bot, prepared.carries, why, self._refused_at)
        logger.error("Telegram refuses the bot: nothing is sent", extra={"why": why})

    async def _hand_over(self, prepared: Prepared, message: Message, *, plain: bool) -> int | None:
        """Give one message to the sender; return its id, None for an edit."""
        delivery = prepared.delivery
        if prepared.edits is not None:
            await self._sender.edit(delivery.chat_id, prepared.edits, message)
            return None
        return await self._sender.send(
            delivery.chat_id,
            message,
            topic_id=delivery.topic_id,
            reply_to=prepared.reply_to,
            plain=plain,
        )

    async def _trouble(self, prepared: Prepared, error: DeliveryError, *, plain: bool) -> bool:
        delivery = prepared.delivery
        decision = decide(error, delivery, self._clock.now(), random.random())  # noqa: S311
        kind = type(error).__name__
        TROUBLE.labels(error=kind).inc()
        logger.warning(
            "not sent",
            extra={
                "delivery": delivery.id,
                "chat": delivery.chat_id,
                "error": kind,
                "verdict": decision.verdict,
            },
        )
        told = f"{kind}: {error}"
        if decision.verdict is Verdict.NO_TOPIC:
            await self._write(self._notes.lost_topic, prepared)
            whole = replace(prepared, delivery=replace(delivery, topic_id=None))
            return await self._attempt(whole, plain=plain)
        if decision.verdict is Verdict.PLAIN and not plain and prepared.edits is None:
            await self._write(self._notes.refused_text, prepared, told)
            return await self._attempt(prepared, plain=True)
        await self._write(self._notes.trouble, prepared, decision, told)
        return decision.verdict in {Verdict.GIVE_UP, Verdict.PLAIN, Verdict.FORGET}

    async def _write(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Run a storing function in the one thread that writes."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, function, *arguments)


def priority_of(bundle: Bundle) -> Priority:
    """Return what goes before what: digests and more outlets can wait."""
    reason = bundle.waiting[0].alert.reason
    if bundle.kind is not None or reason in LATER:
        return Priority.LATER
    return Priority.PRESSING if reason in PRESSING else Priority.NEWS
