"""Alerts to deliveries: the outbox is read, recipients are chosen, deliveries are stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.metrics import ROUTED
from alerts.notices import NOTICES
from alerts.routing import EDITED, UPDATES, News, Recipient, recipients, weekly_readers
from model.records import (
    Alert,
    AlertReason,
    Ambiguity,
    ChatId,
    Delivery,
    DeliveryMode,
    DeliveryState,
    Mute,
    Subscriber,
    Subscription,
    Watchlist,
)
from storage.database import Database
from storage.deliveries import NewDelivery
from storage.unit_of_work import UnitOfWork, begin

TERMINAL = ChatId(0)
EDIT_PAUSE = timedelta(minutes=2)  # between two changes of one message, the sending counted
ROUTED_AT_ONCE = 200


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
            elif alert.reason is AlertReason.STILL_WATCHING:
                watched = weekly_readers(alert, audience[0], audience[1], default_zone, now)
                _store(work, alert, watched)
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
    _store(work, alert, told)


def _store(work: UnitOfWork, alert: Alert, told: Sequence[Recipient]) -> None:
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
    """Let every chat that got the alert see it changed; what still waits is rendered anew.

    What is with Telegram at this moment was rendered already: it is changed right after.
    """
    if alert.development_id is None:
        return
    newest: dict[ChatId, Delivery] = {}
    for delivery in work.deliveries.messages(alert.development_id, EDITED):
        newest.setdefault(delivery.chat_id, delivery)
    at_once = alert.reason is AlertReason.DECIDED
    reasons = {each.id: each.reason for each in work.outbox.of_development(alert.development_id)}
    waiting = set()
    for delivery in work.deliveries.of_development(alert.development_id):
        reason = reasons[delivery.alert_id]
        if delivery.state is not DeliveryState.PENDING or reason not in EDITED | UPDATES:
            continue
        if delivery.ambiguity is Ambiguity.STARTED and reason in EDITED:
            newest.setdefault(delivery.chat_id, delivery)
        elif not (at_once and reason in UPDATES):  # a decision overtakes other edits
            waiting.add(delivery.chat_id)
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
