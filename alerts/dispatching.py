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
from datetime import timedelta
from typing import Protocol, TypeVar

from alerts.choosing import TERMINAL, route_outbox
from alerts.digests import Bundle, Waiting, bundles
from alerts.limits import Limiter
from alerts.messages import Message
from alerts.metrics import SENT, TROUBLE
from alerts.preparing import Prepared, prepare_bundle
from alerts.retries import Decision, Verdict, decide
from model.clock import Clock
from model.errors import (
    BotRefusedError,
    ChatMovedError,
    DeliveryError,
)
from model.records import (
    Ambiguity,
    ChatId,
    ChatKind,
    Delivery,
    DeliveryId,
    Subscriber,
    Watchlist,
)
from storage.database import Database
from storage.unit_of_work import begin, reading

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

__all__ = ["TERMINAL", "Dispatcher", "Sender", "route_outbox"]

SENT_AT_ONCE = 400


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
    ) -> None:
        self._database = database
        self._watchlist = watchlist
        self._sender = sender
        self._clock = clock
        self._writer = writer
        self._zone = default_zone
        self.limiter = limiter or Limiter()
        self.refused: str | None = None  # why nothing can be sent at all
        self._busy: set[ChatId] = set()
        self._tasks: set[asyncio.Task[int]] = set()

    async def recover(self) -> int:
        """Let go again what was in flight when the process died; return how many."""
        return await self._write(self._release_interrupted)

    def _release_interrupted(self) -> int:
        now = self._clock.now()
        with begin(self._database) as work:
            open_ones = work.deliveries.interrupted()
            ids = [delivery.id for delivery in open_ones]
            work.deliveries.postpone(
                ids, now, ambiguity=Ambiguity.ONCE, error="in flight at a crash"
            )
            work.commit()
        return len(open_ones)

    async def send_due(self) -> int:
        """Send everything that is due now and wait for it; return how many messages went out."""
        tasks = await self.start_due()
        return sum(await asyncio.gather(*tasks))

    async def start_due(self) -> list[asyncio.Task[int]]:
        """Begin to send what is due; a chat that has to wait keeps no other chat waiting."""
        if self.refused is not None:
            return []
        by_chat = await asyncio.to_thread(self._due)
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

    def _due(self) -> dict[ChatId, tuple[ChatKind, tuple[Bundle, ...]]]:
        """Return what is due now, by chat, in the messages that it goes out in."""
        now = self._clock.now()
        found: dict[ChatId, tuple[ChatKind, tuple[Bundle, ...]]] = {}
        with reading(self._database) as work:
            due = work.deliveries.due(now, SENT_AT_ONCE, tuple(self._busy)[:SENT_AT_ONCE])
            alerts = {each: work.outbox.get(each) for each in {each.alert_id for each in due}}
            for chat_id in dict.fromkeys(each.chat_id for each in due):
                subscriber = work.subscribers.get(chat_id) or Subscriber(chat_id=chat_id)
                waiting = []
                for each in work.deliveries.due_of_chat(chat_id, now):
                    if each.alert_id not in alerts:
                        alerts[each.alert_id] = work.outbox.get(each.alert_id)
                    waiting.append(Waiting(each, alerts[each.alert_id]))
                together = bundles(waiting, subscriber, self._zone, now)
                found[chat_id] = (subscriber.kind, together)
        return found

    async def _send_to_chat(
        self, chat_id: ChatId, kind: ChatKind, waiting: Sequence[Bundle]
    ) -> int:
        """Send one chat's messages in order; the first that has to wait keeps the others."""
        sent = 0
        try:
            for bundle in waiting:
                if self.refused is not None:
                    break
                await self.limiter.acquire(chat_id, kind)
                prepared = await self._write(self._prepare, bundle)
                for number, part in enumerate(prepared):
                    if number:
                        await self.limiter.acquire(chat_id, kind)
                        await self._write(self._begin, part)
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
            if prepared.edits is not None:
                await self._sender.edit(delivery.chat_id, prepared.edits, message)
                message_id: int | None = None
            else:
                message_id = await self._sender.send(
                    delivery.chat_id,
                    message,
                    topic_id=delivery.topic_id,
                    reply_to=prepared.reply_to,
                    plain=plain,
                )
        except BotRefusedError as error:
            self.refused = str(error)
            await self._write(self._let_wait, prepared.carries, str(error))
            logger.error("Telegram refuses the bot: nothing is sent", extra={"why": str(error)})  # noqa: TRY400
            return False
        except ChatMovedError as error:
            await self._write(self._move, prepared, error)
            return False
        except DeliveryError as error:
            return await self._trouble(prepared, error, plain=plain)
        await self._write(self._note_sent, prepared, message_id)
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
        if decision.verdict is Verdict.PLAIN and not plain and prepared.edits is None:
            return await self._attempt(prepared, plain=True)
        await self._write(self._note_trouble, prepared, decision, f"{kind}: {error}")
        return decision.verdict in {Verdict.GIVE_UP, Verdict.PLAIN}

    async def _write(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Run a storing function in the one thread that writes."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, function, *arguments)

    # --- storing: in the writer thread, one transaction each ----------------------

    def _prepare(self, bundle: Bundle) -> tuple[Prepared, ...]:
        """Render what goes out together; the first message of it is noted as begun."""
        now = self._clock.now()
        with begin(self._database) as work:
            prepared = prepare_bundle(work, self._watchlist(), bundle, self._zone, now)
            if prepared:
                work.deliveries.start(prepared[0].carries)
            work.commit()
        return prepared

    def _begin(self, prepared: Prepared) -> None:
        with begin(self._database) as work:
            work.deliveries.start(prepared.carries)
            work.commit()

    def _note_sent(self, prepared: Prepared, message_id: int | None) -> None:
        now = self._clock.now()
        with begin(self._database) as work:
            work.deliveries.sent(prepared.carries, message_id, now)
            if prepared.edits is not None and prepared.alert.development_id is not None:
                for each in work.deliveries.messages(prepared.alert.development_id):
                    if each.chat_id == prepared.delivery.chat_id:
                        work.deliveries.edited(each.id, now)
            work.commit()

    def _note_trouble(self, prepared: Prepared, decision: Decision, error: str) -> None:
        now = self._clock.now()
        delivery, carried = prepared.delivery, prepared.carries
        with begin(self._database) as work:
            if decision.verdict in {Verdict.PARK, Verdict.RETRY}:
                # The whole chat waits, so that what comes later does not overtake.
                parked = decision.verdict is Verdict.PARK
                work.subscribers.park(delivery.chat_id, decision.until)
                work.deliveries.postpone(
                    carried,
                    decision.until,
                    ambiguity=_kept(delivery) if parked else decision.ambiguity,
                    error=error,
                )
            else:
                work.deliveries.failed(carried, error)
                if decision.verdict is Verdict.GONE:
                    work.subscribers.block(delivery.chat_id, now)
            work.commit()

    def _let_wait(self, delivery_ids: Sequence[DeliveryId], error: str) -> None:
        with begin(self._database) as work:
            work.deliveries.postpone(
                delivery_ids, self._clock.now(), ambiguity=Ambiguity.NONE, error=error
            )
            work.commit()

    def _move(self, prepared: Prepared, error: ChatMovedError) -> None:
        with begin(self._database) as work:
            work.deliveries.postpone(
                prepared.carries, self._clock.now(), ambiguity=Ambiguity.NONE, error=str(error)
            )
            work.subscribers.move(prepared.delivery.chat_id, ChatId(error.new_chat_id))
            work.commit()


def _kept(delivery: Delivery) -> Ambiguity:
    return Ambiguity.ONCE if delivery.ambiguity is Ambiguity.ONCE else Ambiguity.NONE
