"""From the outbox to a chat: alerts to deliveries, deliveries to the sender.

Both may be stopped at any line and started again. A delivery is noted as begun before the network
is used, and as sent right after: so a crash in between sends one message twice, and loses none.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from alerts.limits import Limiter
from alerts.messages import Message
from alerts.metrics import ROUTED, SENT, TROUBLE
from alerts.notices import NOTICES
from alerts.preparing import Prepared, prepare
from alerts.retries import Decision, Verdict, decide
from alerts.routing import UPDATES, News, recipients
from model.clock import Clock
from model.errors import (
    BotRefusedError,
    ChatMovedError,
    DeliveryError,
)
from model.records import (
    Alert,
    AlertReason,
    Ambiguity,
    ChatId,
    ChatKind,
    Delivery,
    DeliveryId,
    DeliveryMode,
    DeliveryState,
    Mute,
    Subscriber,
    Subscription,
    Watchlist,
)
from storage.database import Database
from storage.deliveries import NewDelivery
from storage.unit_of_work import UnitOfWork, begin, reading

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

TERMINAL = ChatId(0)
EDIT_PAUSE = timedelta(minutes=2)  # between two changes of one message, the sending counted
ROUTED_AT_ONCE = 200
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


# --- alerts to deliveries --------------------------------------------------------


def route_outbox(
    database: Database,
    watchlist: Watchlist,
    default_zone: str,
    now: datetime,
    admins: Collection[int] = (),
) -> int:
    """Turn alerts into deliveries, in one transaction; return how many alerts were routed."""
    with begin(database) as work:
        alerts = work.outbox.unrouted(ROUTED_AT_ONCE)
        if not alerts:
            return 0
        audience = (
            work.subscribers.active(),
            work.subscribers.subscriptions(),
            work.subscribers.mutes(),
        )
        for alert in alerts:
            if alert.reason in NOTICES:
                _route_notice(work, alert, audience[0], admins, now)
            elif alert.reason in UPDATES:
                _route_update(work, alert, now)
            else:
                _route_news(work, alert, watchlist, audience, default_zone, now)
            ROUTED.labels(reason=alert.reason).inc()
        work.outbox.mark_routed([alert.id for alert in alerts], now)
        work.commit()
    return len(alerts)


def _route_news(
    work: UnitOfWork,
    alert: Alert,
    watchlist: Watchlist,
    audience: tuple[Sequence[Subscriber], Sequence[Subscription], Sequence[Mute]],
    default_zone: str,
    now: datetime,
) -> None:
    commitment = watchlist.commitment(alert.commitment_id)
    if commitment is None:
        return  # it left the watchlist in the meantime: kept in the history, told to nobody
    news = News(
        alert=alert, commitment=commitment, relation=None, languages=frozenset(), best_tier=None
    )
    if alert.development_id is not None:
        reports = work.developments.reports(alert.development_id)
        news = replace(
            news,
            relation=work.developments.get(alert.development_id).relation,
            languages=frozenset(report.article.language for report in reports),
            best_tier=min((report.tier for report in reports), default=None),
        )
    subscribers, subscriptions, mutes = audience
    told = recipients(news, subscribers, subscriptions, mutes, default_zone, now)
    work.deliveries.add(
        alert.id,
        [
            NewDelivery(
                chat_id=each.chat_id, mode=each.mode, due_at=each.due_at, topic_id=each.topic_id
            )
            for each in told
        ],
    )


def _route_notice(
    work: UnitOfWork,
    alert: Alert,
    subscribers: Sequence[Subscriber],
    admins: Collection[int],
    now: datetime,
) -> None:
    """Tell the admins, and the terminal while it stands in for Telegram."""
    told = [each.chat_id for each in subscribers if each.chat_id in {TERMINAL, *admins}]
    work.deliveries.add(
        alert.id,
        [NewDelivery(chat_id=chat, mode=DeliveryMode.IMMEDIATE, due_at=now) for chat in told],
    )


def _route_update(work: UnitOfWork, alert: Alert, now: datetime) -> None:
    """Let every chat that got the alert see it changed; what still waits is rendered anew."""
    if alert.development_id is None:
        return
    waiting = {
        delivery.chat_id
        for delivery in work.deliveries.of_development(alert.development_id)
        if delivery.state is DeliveryState.PENDING
    }
    newest: dict[ChatId, Delivery] = {}
    for delivery in work.deliveries.messages(alert.development_id):
        newest.setdefault(delivery.chat_id, delivery)
    at_once = alert.reason is AlertReason.DECIDED
    work.deliveries.add(
        alert.id,
        [
            NewDelivery(
                chat_id=chat_id,
                mode=DeliveryMode.IMMEDIATE,
                due_at=now if at_once else _next_edit(delivery, now),
                topic_id=delivery.topic_id,
            )
            for chat_id, delivery in newest.items()
            if chat_id not in waiting and chat_id != TERMINAL
        ],
    )


def _next_edit(delivery: Delivery, now: datetime) -> datetime:
    last = max(filter(None, (delivery.sent_at, delivery.edited_at)), default=now)
    return max(now, last + EDIT_PAUSE)


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
            for delivery in open_ones:
                work.deliveries.postpone(
                    delivery.id, now, ambiguity=Ambiguity.ONCE, error="in flight at a crash"
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

    def _due(self) -> dict[ChatId, tuple[ChatKind, list[Delivery]]]:
        found: dict[ChatId, tuple[ChatKind, list[Delivery]]] = {}
        with reading(self._database) as work:
            for delivery in work.deliveries.due(
                self._clock.now(), SENT_AT_ONCE, leaving_out=tuple(self._busy)[:SENT_AT_ONCE]
            ):
                if delivery.chat_id not in found:
                    subscriber = work.subscribers.get(delivery.chat_id)
                    kind = subscriber.kind if subscriber else ChatKind.PRIVATE
                    found[delivery.chat_id] = (kind, [])
                found[delivery.chat_id][1].append(delivery)
        for _, waiting in found.values():
            waiting.sort(key=lambda delivery: delivery.id)  # as raised, whenever they were tried
        return found

    async def _send_to_chat(
        self, chat_id: ChatId, kind: ChatKind, waiting: Sequence[Delivery]
    ) -> int:
        """Send one chat's messages in order; the first that has to wait keeps the others."""
        sent = 0
        try:
            for delivery in waiting:
                if self.refused is not None:
                    break
                await self.limiter.acquire(chat_id, kind)
                prepared = await self._write(self._prepare, delivery.id)
                if prepared is None or prepared.message is None:
                    continue
                if not await self._attempt(prepared):
                    break
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
            await self._write(self._let_wait, delivery.id, str(error))
            logger.error("Telegram refuses the bot: nothing is sent", extra={"why": str(error)})  # noqa: TRY400
            return False
        except ChatMovedError as error:
            await self._write(self._move, delivery, error)
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
        await self._write(self._note_trouble, delivery, decision, f"{kind}: {error}")
        return decision.verdict in {Verdict.GIVE_UP, Verdict.PLAIN}

    async def _write(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Run a storing function in the one thread that writes."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, function, *arguments)

    # --- storing: in the writer thread, one transaction each ----------------------

    def _prepare(self, delivery_id: DeliveryId) -> Prepared | None:
        """Render a delivery and note that it begins; None where it is no longer wanted."""
        now = self._clock.now()
        with begin(self._database) as work:
            delivery = work.deliveries.get(delivery_id)
            if delivery.state is not DeliveryState.PENDING:
                return None
            prepared = prepare(work, self._watchlist(), delivery, self._zone, now)
            if prepared.message is None:
                work.deliveries.drop([delivery_id], prepared.dropped or "nothing to say")
            else:
                work.deliveries.start(delivery_id)
            work.commit()
        attempts = delivery.attempts + 1
        return replace(prepared, delivery=replace(delivery, attempts=attempts))

    def _note_sent(self, prepared: Prepared, message_id: int | None) -> None:
        now = self._clock.now()
        with begin(self._database) as work:
            work.deliveries.sent(prepared.delivery.id, message_id, now)
            if prepared.edits is not None and prepared.alert.development_id is not None:
                for each in work.deliveries.messages(prepared.alert.development_id):
                    if each.chat_id == prepared.delivery.chat_id:
                        work.deliveries.edited(each.id, now)
            work.commit()

    def _note_trouble(self, delivery: Delivery, decision: Decision, error: str) -> None:
        now = self._clock.now()
        with begin(self._database) as work:
            if decision.verdict is Verdict.PARK:
                work.subscribers.park(delivery.chat_id, decision.until)
                work.deliveries.postpone(
                    delivery.id, decision.until, ambiguity=_kept(delivery), error=error
                )
            elif decision.verdict is Verdict.RETRY:
                # The whole chat waits, so that what comes later does not overtake.
                work.subscribers.park(delivery.chat_id, decision.until)
                work.deliveries.postpone(
                    delivery.id, decision.until, ambiguity=decision.ambiguity, error=error
                )
            elif decision.verdict is Verdict.GONE:
                work.deliveries.failed(delivery.id, error)
                work.subscribers.block(delivery.chat_id, now)
            else:
                work.deliveries.failed(delivery.id, error)
            work.commit()

    def _let_wait(self, delivery_id: DeliveryId, error: str) -> None:
        with begin(self._database) as work:
            work.deliveries.postpone(
                delivery_id, self._clock.now(), ambiguity=Ambiguity.NONE, error=error
            )
            work.commit()

    def _move(self, delivery: Delivery, error: ChatMovedError) -> None:
        with begin(self._database) as work:
            work.deliveries.postpone(
                delivery.id, self._clock.now(), ambiguity=Ambiguity.NONE, error=str(error)
            )
            work.subscribers.move(delivery.chat_id, ChatId(error.new_chat_id))
            work.commit()


def _kept(delivery: Delivery) -> Ambiguity:
    return Ambiguity.ONCE if delivery.ambiguity is Ambiguity.ONCE else Ambiguity.NONE
