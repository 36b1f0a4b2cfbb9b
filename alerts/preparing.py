"""What one delivery says now: read from the database at the moment it goes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.digests import (
    Bundle,
    DigestView,
    Entry,
    Part,
    Waiting,
    next_digest,
    render_digest,
    today_in,
)
from alerts.messages import AlertView, Message, message, render_alert, render_stage_news
from alerts.notices import NOTICES, OF_OURSELVES, render_notice
from alerts.review_cards import SETTLED, Decided, decision_row, with_review_row
from alerts.routing import EDITED, STAGE_NEWS, UPDATES, is_muted, narrowest
from alerts.silence import render_reminder, render_silence
from model.ledger import in_effect
from model.records import (
    Alert,
    AlertId,
    AlertReason,
    Ambiguity,
    ChatId,
    ChatKind,
    Commitment,
    Delivery,
    DeliveryId,
    DeliveryState,
    Development,
    DevelopmentId,
    FeedHealth,
    Outcome,
    Relation,
    Role,
    Stage,
    Subscriber,
    Subscription,
    Watchlist,
)
from model.standing import standing
from storage.unit_of_work import UnitOfWork

RoleOf = Callable[[int], Role]
LONG_SILENCE = 30  # days, from which on a digest names it
UNWANTED = frozenset({Outcome.REJECTED, Outcome.RESTATEMENT, Outcome.JOINED})
TAKEN_BACK = frozenset({AlertReason.CORRECTED, AlertReason.REOPENED})  # they tell just that


def nobody(user_id: int) -> Role:
    """Return the role of everybody where no roles are given."""
    return Role.SUBSCRIBER


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One message, and the deliveries that it carries: one, or a digest's."""

    delivery: Delivery  # the first of them, with what was tried for any
    carries: tuple[DeliveryId, ...]
    alert: Alert
    message: Message
    edits: int | None = None  # the message to change; None: a new one
    reply_to: int | None = None
    digest: bool = False  # it is never edited


class Views:
    """Keeps what an alert is rendered from while it goes to many chats, until anything changes."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._view: AlertView | None = None

    def of(
        self,
        work: UnitOfWork,
        alert: Alert,
        commitment: Commitment,
        development: Development,
        now: datetime,
    ) -> AlertView:
        """Return an alert's view, gathered anew where its development or a decision is new."""
        key = (alert.id, development, work.decisions.last_number(), now.date())
        view = self._view
        if view is None or key != self._key or view.commitment is not commitment:
            view = view_of(work, alert, commitment, development, now)
            self._key, self._view = key, view
        return view


def prepare_bundle(
    work: UnitOfWork,
    watchlist: Watchlist,
    bundle: Bundle,
    zone: str,
    now: datetime,
    role_of: RoleOf = nobody,
    views: Views | None = None,
) -> tuple[Prepared, ...]:
    """Return the messages of what goes out together; drop what is no longer wanted."""
    waiting = []
    for each in bundle.waiting:
        delivery = work.deliveries.get(each.delivery.id)
        why = _unwanted(work, watchlist, each.alert, delivery.chat_id, now)
        if delivery.state is not DeliveryState.PENDING:
            continue
        if why is not None:
            work.deliveries.drop([delivery.id], why)
            continue
        waiting.append(Waiting(delivery, each.alert))
    if not waiting:
        return ()
    subscriber = work.subscribers.get(waiting[0].delivery.chat_id)
    assert subscriber is not None  # without one all of it is unwanted
    fresh = Bundle(bundle.kind, tuple(waiting))
    if bundle.kind is None:
        kept = views or Views()
        return _prepare_one(work, watchlist, waiting[0], subscriber, zone, now, role_of, kept)
    until = next_digest(fresh, subscriber, zone, now)
    if until > now:
        ids = [each.delivery.id for each in waiting]
        work.deliveries.postpone(
            ids, until, ambiguity=Ambiguity.NONE, error="joined to the next digest"
        )
        return ()
    return _prepare_digest(work, watchlist, fresh, subscriber, zone, now)


def _unwanted(
    work: UnitOfWork, watchlist: Watchlist, alert: Alert, chat_id: ChatId, now: datetime
) -> str | None:
    """Return why something that waited is not told after all."""
    if work.subscribers.get(chat_id) is None:
        return "the subscriber is no more"
    if alert.feed_id is not None:
        return None if watchlist.feed(alert.feed_id) else "the feed is no more"
    if alert.reason in OF_OURSELVES | {AlertReason.STILL_WATCHING}:
        return None
    commitment = watchlist.commitment(alert.commitment_id)
    if commitment is None:
        return "the pledge is no more"
    if alert.reason in UPDATES:
        return None
    if narrowest(commitment, work.subscribers.subscriptions(chat_id)) is None:
        return "unsubscribed before it went"
    if is_muted(commitment, work.subscribers.mutes(chat_id), now):
        return "muted before it went"
    if alert.reason is AlertReason.REMINDER and work.developments.listed(
        commitment_id=commitment.id,
        relation=Relation.FOLLOW_UP,
        since=alert.raised_at,
        limit=1,
    ):
        return "news came in the meantime"
    if alert.development_id is None or alert.reason in TAKEN_BACK:
        return None
    outcome = work.developments.get(alert.development_id).outcome
    return f"reviewed before it went: {outcome}" if outcome in UNWANTED else None


def _prepare_one(
    work: UnitOfWork,
    watchlist: Watchlist,
    waiting: Waiting,
    subscriber: Subscriber,
    default_zone: str,
    now: datetime,
    role_of: RoleOf,
    views: Views,
) -> tuple[Prepared, ...]:
    delivery = replace(waiting.delivery, attempts=waiting.delivery.attempts + 1)
    alert, zone = waiting.alert, subscriber.timezone or default_zone
    plain = Prepared(delivery=delivery, carries=(delivery.id,), alert=alert, message=message(()))
    feed = None if alert.feed_id is None else watchlist.feed(alert.feed_id)
    if alert.reason in NOTICES:
        return (replace(plain, message=render_notice(alert, feed, subscriber.language, zone)),)
    commitment = watchlist.commitment(alert.commitment_id)
    if commitment is None:
        return ()
    if alert.development_id is None:
        stage = stage_before(work, commitment, now)
        render = render_reminder if alert.reason is AlertReason.REMINDER else render_silence
        said = render(alert, commitment, stage, subscriber.language)
        return (replace(plain, message=said),)
    development = work.developments.get(alert.development_id)
    updates = alert.reason in UPDATES
    reasons = EDITED if updates else None
    told = work.deliveries.messages(development.id, reasons, delivery.chat_id)
    if updates and not told:
        work.deliveries.drop([delivery.id], "the message it would change is gone")
        return ()
    view = views.of(work, alert, commitment, development, now)
    said = _render(view, subscriber, zone)
    if alert.reason not in STAGE_NEWS and reviews(subscriber, role_of):
        decided = decided_on(work, development.id, now)
        said = with_review_row(said, decision_row(development, decided, subscriber.language))
    if updates:
        return (replace(plain, message=said, edits=told[0].message_id),)
    return (replace(plain, message=said, reply_to=told[-1].message_id if told else None),)


def _prepare_digest(
    work: UnitOfWork,
    watchlist: Watchlist,
    bundle: Bundle,
    subscriber: Subscriber,
    default_zone: str,
    now: datetime,
) -> tuple[Prepared, ...]:
    assert bundle.kind is not None
    subscriptions = work.subscribers.subscriptions(subscriber.chat_id)
    ids = {feed.id for feed in watchlist.feeds if not feed.paused}
    states = [state for state in work.feeds.all() if state.feed_id in ids]
    view = DigestView(
        kind=bundle.kind,
        entries=tuple(_entry(work, watchlist, each, now) for each in bundle.waiting),
        following=sum(narrowest(each, subscriptions) is not None for each in watchlist.commitments),
        feeds_answering=sum(state.health is FeedHealth.HEALTHY for state in states),
        feeds=len(ids),
        today=today_in(subscriber.timezone or default_zone, now),
        longest=_longest_silence(work, watchlist, subscriber, subscriptions, now),
    )
    carried = {each.delivery.id: each for each in bundle.waiting}
    return tuple(
        _carrying(part, [carried[each] for each in part.delivery_ids])
        for part in render_digest(view, subscriber.language)
    )


def _longest_silence(
    work: UnitOfWork,
    watchlist: Watchlist,
    subscriber: Subscriber,
    subscriptions: Sequence[Subscription],
    now: datetime,
) -> tuple[str, int] | None:
    """Return which followed pledge was not reported on for longest, and for how many days."""
    spoken = work.hits.last_seen([Relation.FOLLOW_UP, Relation.RESTATEMENT])
    followed = [
        (spoken[each.id], each)
        for each in watchlist.commitments
        if each.id in spoken and narrowest(each, subscriptions) is not None
    ]
    if not followed:
        return None
    last, commitment = min(followed, key=lambda found: found[0])
    days = (now - last).days
    return (commitment.title_in(subscriber.language), days) if days >= LONG_SILENCE else None


def _carrying(part: Part, waiting: Sequence[Waiting]) -> Prepared:
    """Return one message of a digest; what was tried for any of it counts for all."""
    deliveries = [each.delivery for each in waiting]
    once = any(each.ambiguity is Ambiguity.ONCE for each in deliveries)
    first = replace(
        deliveries[0],
        attempts=max(each.attempts for each in deliveries) + 1,
        ambiguity=Ambiguity.ONCE if once else deliveries[0].ambiguity,
    )
    return Prepared(
        delivery=first,
        carries=part.delivery_ids,
        alert=waiting[0].alert,
        message=part.message,
        digest=True,
    )


def _entry(work: UnitOfWork, watchlist: Watchlist, waiting: Waiting, now: datetime) -> Entry:
    alert = waiting.alert
    commitment = watchlist.commitment(alert.commitment_id)
    entry = Entry(delivery_id=waiting.delivery.id, alert=alert, commitment=commitment)
    if commitment is None:
        return entry
    entry = replace(entry, stage=stage_before(work, commitment, now))
    if alert.development_id is None:
        return entry
    return replace(
        entry,
        development=work.developments.get(alert.development_id),
        reports=work.developments.reports(alert.development_id),
    )


def _render(view: AlertView, subscriber: Subscriber, zone: str) -> Message:
    if view.reason in STAGE_NEWS:
        return render_stage_news(view, subscriber.language, zone)
    return render_alert(view, subscriber.language, zone)


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
        joined_to=development.joined_to,
        facts=alert.facts,
    )


def view_of_development(
    work: UnitOfWork, commitment: Commitment, development: Development, now: datetime
) -> AlertView:
    """Gather what a development's alert would be rendered from, whether it was raised or not."""
    alert = Alert(
        id=AlertId(0),
        key="",
        development_id=development.id,
        commitment_id=commitment.id,
        reason=AlertReason.NEW_DEVELOPMENT,
        raised_at=now,
    )
    return view_of(work, alert, commitment, development, now)


def reviews(subscriber: Subscriber, role_of: RoleOf) -> bool:
    """Tell whether a chat's alerts carry the analysts' buttons."""
    if subscriber.kind is ChatKind.PRIVATE:
        return role_of(subscriber.chat_id) is not Role.SUBSCRIBER
    return subscriber.reviews


def decided_on(work: UnitOfWork, development_id: DevelopmentId, now: datetime) -> Decided | None:
    """Return the decision on a development that stands; None where none does."""
    every = work.decisions.of_development(development_id)
    standing_ones = [each for each in in_effect(every, now.date()) if each.outcome in SETTLED]
    if not standing_ones:
        return None
    last = standing_ones[-1]
    assert last.id is not None
    name = work.people.name(last.actor)
    return Decided(id=last.id, outcome=last.outcome, by=name, actor=last.actor, at=last.decided_at)


def stage_before(work: UnitOfWork, commitment: Commitment, now: datetime) -> Stage | None:
    """Return the stage that is confirmed so far."""
    decisions = work.decisions.of_commitment(commitment.id)
    return standing(commitment, decisions, now.date()).stage
