"""Who is told, and when: subscriptions, mutes, quiet hours. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from model.records import (
    Alert,
    AlertReason,
    ChatId,
    Commitment,
    DeliveryMode,
    Language,
    Level,
    Mute,
    Relation,
    Subscriber,
    Subscription,
    Tier,
)

ALL = "all"
# Updates of what was sent go to whoever got it, not to whoever subscribes.
UPDATES = frozenset({AlertReason.MORE_OUTLETS, AlertReason.DECIDED})
EDITED = frozenset({AlertReason.NEW_DEVELOPMENT})  # what updates change; replies stay as they are
STAGE_NEWS = frozenset({AlertReason.STAGE_CHANGED, AlertReason.CORRECTED, AlertReason.REOPENED})
CLOCK_NEWS = frozenset({AlertReason.QUIET, AlertReason.OVERDUE, AlertReason.OCCASION_PASSED})
RANK = {tier: rank for rank, tier in enumerate((Tier.A, Tier.B, Tier.C, Tier.D, Tier.E))} | {
    Tier.F: 2  # not judged ranks with c
}


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What the choice of recipients depends on."""

    alert: Alert
    commitment: Commitment
    relation: Relation | None  # None: about the commitment itself
    languages: frozenset[Language]  # in which it was reported
    best_tier: Tier | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody who is to be told, and when."""

    chat_id: ChatId
    mode: DeliveryMode
    due_at: datetime
    topic_id: int | None


def recipients(
    news: News,
    subscribers: Iterable[Subscriber],
    subscriptions: Iterable[Subscription],
    mutes: Iterable[Mute],
    default_zone: str,
    now: datetime,
) -> tuple[Recipient, ...]:
    """Return who is told of this: everybody once, by the narrowest subscription."""
    by_chat: dict[ChatId, list[Subscription]] = defaultdict(list)
    for subscription in subscriptions:
        by_chat[subscription.chat_id].append(subscription)
    muted = {mute.chat_id for mute in mutes if is_muted(news.commitment, [mute], now)}
    return tuple(_chosen(news, subscribers, by_chat, muted, default_zone, now))


def _chosen(
    news: News,
    subscribers: Iterable[Subscriber],
    by_chat: Mapping[ChatId, Sequence[Subscription]],
    muted: set[ChatId],
    default_zone: str,
    now: datetime,
) -> Iterator[Recipient]:
    for subscriber in subscribers:
        if subscriber.blocked_at is not None or subscriber.chat_id in muted:
            continue
        chosen = narrowest(news.commitment, by_chat.get(subscriber.chat_id, ()))
        if chosen is None or not _wants(chosen, news):
            continue
        yield Recipient(
            chat_id=subscriber.chat_id,
            mode=chosen.mode,
            due_at=due_at(subscriber, chosen.mode, news.alert.reason, default_zone, now),
            topic_id=chosen.topic_id,
        )


def is_muted(commitment: Commitment, mutes: Iterable[Mute], now: datetime) -> bool:
    """Tell whether one chat's mutes silence a pledge now."""
    return any(
        mute.commitment_id == commitment.id and (mute.until is None or mute.until > now)
        for mute in mutes
    )


def narrowest(commitment: Commitment, subscriptions: Sequence[Subscription]) -> Subscription | None:
    """Return the subscription that decides: the pledge's own, then a tag's, then all."""
    by_target = {subscription.target: subscription for subscription in subscriptions}
    for target in (commitment.id, *commitment.tags, ALL):
        if target in by_target:
            return by_target[target]
    return None


def _wants(subscription: Subscription, news: News) -> bool:
    if subscription.since is not None and news.alert.raised_at < subscription.since:
        return False
    if news.alert.reason in CLOCK_NEWS or news.alert.reason in STAGE_NEWS:
        return True
    if subscription.level is Level.STAGE_CHANGES:
        return False
    if news.relation is not Relation.FOLLOW_UP and subscription.level is not Level.EVERYTHING:
        return False
    if subscription.languages and not news.languages & set(subscription.languages):
        return False
    lowest = subscription.lowest_tier
    return lowest is None or news.best_tier is None or RANK[news.best_tier] <= RANK[lowest]


def weekly_readers(
    alert: Alert,
    subscribers: Iterable[Subscriber],
    subscriptions: Iterable[Subscription],
    default_zone: str,
    now: datetime,
) -> tuple[Recipient, ...]:
    """Return who takes weekly digests: they are told that we still watch."""
    weekly: dict[ChatId, Subscription] = {}
    for each in subscriptions:
        new = each.since is not None and alert.raised_at < each.since
        if each.mode is DeliveryMode.WEEKLY_DIGEST and not new:
            weekly.setdefault(each.chat_id, each)
    mode = DeliveryMode.WEEKLY_DIGEST
    return tuple(
        Recipient(
            chat_id=each.chat_id,
            mode=mode,
            due_at=due_at(each, mode, alert.reason, default_zone, now),
            topic_id=weekly[each.chat_id].topic_id,
        )
        for each in subscribers
        if each.blocked_at is None and each.chat_id in weekly
    )


def due_at(
    subscriber: Subscriber,
    mode: DeliveryMode,
    reason: AlertReason,
    default_zone: str,
    now: datetime,
) -> datetime:
    """Return when a delivery is due: now, at the end of quiet hours, or with the next digest."""
    zone = ZoneInfo(subscriber.timezone or default_zone)
    if mode is DeliveryMode.IMMEDIATE:
        override = subscriber.stage_changes_override and reason in STAGE_NEWS
        return now if override else _after_quiet_hours(subscriber, zone, now)
    local = now.astimezone(zone)
    days = 0
    if mode is DeliveryMode.WEEKLY_DIGEST:
        days = -local.weekday() % 7
    at = _at(local.date() + timedelta(days=days), subscriber.digest_at, zone)
    if at <= now:
        step = 7 if mode is DeliveryMode.WEEKLY_DIGEST else 1
        at = _at(local.date() + timedelta(days=days + step), subscriber.digest_at, zone)
    return at


def _after_quiet_hours(subscriber: Subscriber, zone: ZoneInfo, now: datetime) -> datetime:
    start, end = subscriber.quiet_from, subscriber.quiet_until
    if start is None or end is None or start == end:
        return now
    local = now.astimezone(zone)
    clock = local.time()
    crosses_midnight = start > end
    quiet = (clock >= start or clock < end) if crosses_midnight else start <= clock < end
    if not quiet:
        return now
    day = local.date() + timedelta(days=1 if crosses_midnight and clock >= start else 0)
    return _at(day, end, zone)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return a local time as a moment in UTC.

    A time that daylight saving skips becomes the moment the clocks jump to; of one that comes
    twice, the first counts (PEP 495: fold=0 reads a skipped time by the offset before the jump).
    """
    return datetime.combine(day, clock, zone).astimezone(UTC)
