"""What one delivery says now: read from the database at the moment it goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts.messages import AlertView, Message, render_alert, render_stage_change
from alerts.notices import render_notice
from alerts.routing import UPDATES
from model.records import (
    Alert,
    AlertReason,
    Commitment,
    Delivery,
    Development,
    Outcome,
    Stage,
    Subscriber,
    Watchlist,
)
from model.standing import standing
from storage.unit_of_work import UnitOfWork

UNWANTED = frozenset({Outcome.REJECTED, Outcome.RESTATEMENT, Outcome.JOINED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A delivery with what is to be said, or the reason to say nothing."""

    delivery: Delivery
    alert: Alert
    message: Message | None
    dropped: str | None = None  # why nothing is said
    edits: int | None = None  # the message to change; None: a new one
    reply_to: int | None = None


def prepare(
    work: UnitOfWork, watchlist: Watchlist, delivery: Delivery, zone: str, now: datetime
) -> Prepared:
    """Return what a delivery says, to whom it answers, or why it is dropped."""
    alert = work.outbox.get(delivery.alert_id)
    subscriber = work.subscribers.get(delivery.chat_id)
    commitment = watchlist.commitment(alert.commitment_id)

    def dropped(why: str) -> Prepared:
        return Prepared(delivery=delivery, alert=alert, message=None, dropped=why)

    if alert.feed_id is not None:
        feed = watchlist.feed(alert.feed_id)
        if subscriber is None or feed is None:
            return dropped("the feed or the admin is no more")
        notice = render_notice(alert, feed, subscriber.language, subscriber.timezone or zone)
        return Prepared(delivery=delivery, alert=alert, message=notice)
    if subscriber is None or commitment is None or alert.development_id is None:
        return dropped("the pledge or the subscriber is no more")
    development = work.developments.get(alert.development_id)
    told = [
        each
        for each in work.deliveries.messages(development.id)
        if each.chat_id == delivery.chat_id and each.id != delivery.id
    ]
    if alert.reason in UPDATES and not told:
        return dropped("the message it would change is gone")
    if alert.reason not in UPDATES and development.outcome in UNWANTED:
        return dropped(f"reviewed before it went: {development.outcome}")
    view = view_of(work, alert, commitment, development, now)
    message = _render(view, subscriber, zone)
    if alert.reason in UPDATES:
        return Prepared(delivery=delivery, alert=alert, message=message, edits=told[0].message_id)
    return Prepared(
        delivery=delivery,
        alert=alert,
        message=message,
        reply_to=told[-1].message_id if told else None,
    )


def _render(view: AlertView, subscriber: Subscriber, zone: str) -> Message:
    if view.reason is AlertReason.STAGE_CHANGED:
        return render_stage_change(view, subscriber.language)
    return render_alert(view, subscriber.language, subscriber.timezone or zone)


def view_of(
    work: UnitOfWork,
    alert: Alert,
    commitment: Commitment,
    development: Development,
    now: datetime,
) -> AlertView:
    """Gather everything that an alert is rendered from."""
    previous = work.developments.previous_follow_up(commitment.id, development.id)
    return AlertView(
        reason=alert.reason,
        commitment=commitment,
        development=development,
        reports=work.developments.reports(development.id),
        stage_before=stage_before(work, commitment, now),
        previous_at=None if previous is None else previous.first_seen_at,
        now=now,
    )


def stage_before(work: UnitOfWork, commitment: Commitment, now: datetime) -> Stage | None:
    """Return the stage that is confirmed so far."""
    decisions = work.decisions.of_commitment(commitment.id)
    return standing(commitment, decisions, now.date()).stage
