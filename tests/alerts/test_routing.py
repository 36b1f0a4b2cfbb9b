"""Routing over weeks of random subscriptions, mutes, quiet hours, zones and daylight-saving days.

A simple oracle, written apart from the code, says who is to be told of what; a simulated clock
plays what the dispatcher does with what is due.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.digests import Waiting, bundles, next_digest
from alerts.routing import News, is_muted, narrowest, recipients
from model.records import (
    Alert,
    AlertId,
    AlertReason,
    ChatId,
    CommitmentId,
    Delivery,
    DeliveryId,
    DeliveryMode,
    DeliveryState,
    DevelopmentId,
    Language,
    Level,
    Mute,
    Relation,
    Subscriber,
    Subscription,
    Tier,
)
from tests.builders import a_commitment

ANN = ChatId(5001)
PLEDGES = (
    a_commitment(tags=("coast",)),
    a_commitment(id=CommitmentId("river-school"), title="River school", tags=("coast", "school")),
    a_commitment(id=CommitmentId("solar-road"), title="Solar road"),
)
ZONES = ("UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "Europe/Dublin")
# Each stretch of three weeks holds a change of the clocks somewhere above.
STARTS = (datetime(2026, 2, 27, tzinfo=UTC), datetime(2026, 10, 20, tzinfo=UTC))
STEP, SPAN = timedelta(minutes=30), timedelta(days=21)
ORDER = "abcde"  # tiers, the best first; f ranks with c

clocks = st.times().map(lambda each: each.replace(second=0, microsecond=0))
minutes = st.integers(0, int(SPAN.total_seconds()) // 60 - 20 * 60)


def subscription(target):
    return st.builds(
        Subscription,
        chat_id=st.just(ANN),
        target=st.just(target),
        level=st.sampled_from(Level),
        mode=st.sampled_from(DeliveryMode),
        languages=st.sampled_from([(), (Language.ENGLISH,), (Language.CHINESE_SIMPLIFIED,)]),
        lowest_tier=st.sampled_from([None, *Tier]),
    )


targets = ("harbour-fund", "river-school", "coast", "school", "all")
subscriptions_ = st.lists(st.sampled_from(targets), unique=True).flatmap(
    lambda chosen: st.tuples(*(subscription(each) for each in chosen))
)
subscribers = st.builds(
    Subscriber,
    chat_id=st.just(ANN),
    timezone=st.sampled_from(ZONES),
    digest_at=clocks,
    quiet_from=st.none() | clocks,
    quiet_until=st.none() | clocks,
    stage_changes_override=st.booleans(),
)
told = st.tuples(
    minutes,
    st.sampled_from(PLEDGES),
    st.sampled_from(
        [
            AlertReason.NEW_DEVELOPMENT,
            AlertReason.STAGE_CHANGED,
            AlertReason.QUIET,
            AlertReason.OVERDUE,
        ]
    ),
    st.sampled_from([Relation.FOLLOW_UP, Relation.RESTATEMENT]),
    st.sampled_from([Language.ENGLISH, Language.CHINESE_SIMPLIFIED]),
    st.sampled_from(Tier),
)
muting = st.tuples(st.sampled_from(PLEDGES), minutes, st.none() | st.integers(1, 14 * 24 * 60))


# --- the oracle: who asked for what, in the plainest words ----------------------------


def asked_for(pledge, reason, relation, language, tier, chosen):
    """Return the subscription that asked for it; None where none did."""
    by_target = {each.target: each for each in chosen}
    wanted = [pledge.id, *pledge.tags, "all"]
    deciding = next((by_target[name] for name in wanted if name in by_target), None)
    if deciding is None:
        return None
    if reason is not AlertReason.NEW_DEVELOPMENT:
        return deciding
    if deciding.level is Level.STAGE_CHANGES:
        return None
    if relation is Relation.RESTATEMENT and deciding.level is Level.DEVELOPMENTS:
        return None
    if deciding.languages and language not in deciding.languages:
        return None
    if deciding.lowest_tier is not None:
        rank = {name: n for n, name in enumerate(ORDER)} | {"f": 2}
        if rank[tier] > rank[deciding.lowest_tier]:
            return None
    return deciding


def is_quiet(subscriber, moment):
    """Tell whether the wall clock stands inside the quiet hours."""
    start, end = subscriber.quiet_from, subscriber.quiet_until
    if start is None or end is None or start == end:
        return False
    clock = moment.astimezone(ZoneInfo(subscriber.timezone)).time().replace(tzinfo=None)
    inside = time(0) <= clock < end or clock >= start
    return inside if start > end else start <= clock < end


def news_of(number, at, pledge, reason, relation, language, tier):
    about = reason in {AlertReason.NEW_DEVELOPMENT, AlertReason.STAGE_CHANGED}
    alert = Alert(
        id=AlertId(number),
        key=str(number),
        development_id=DevelopmentId(number) if about else None,
        commitment_id=pledge.id,
        reason=reason,
        raised_at=at,
    )
    return News(
        alert=alert,
        commitment=pledge,
        relation=relation if about else None,
        languages=frozenset({language}) if about else frozenset(),
        best_tier=tier if about else None,
    )


def play(start, subscriber, chosen, mutes, events):
    """Play the weeks: route what is raised, send what is due; return when what was told, how."""
    pending: list[Waiting] = []
    sent: list[tuple[AlertId, datetime, object]] = []
    dropped: list[AlertId] = []
    left = sorted(events, key=lambda event: event[0])
    now, number = start, 0
    while now < start + SPAN + timedelta(days=9):
        while left and start + timedelta(minutes=left[0][0]) <= now:
            _, *what = left.pop(0)
            number += 1
            news = news_of(number, now, *what)
            active = [each[1] for each in mutes if each[0] <= now]
            for each in recipients(news, [subscriber], chosen, active, "UTC", now):
                delivery = Delivery(
                    id=DeliveryId(number),
                    alert_id=news.alert.id,
                    chat_id=each.chat_id,
                    mode=each.mode,
                    state=DeliveryState.PENDING,
                    due_at=each.due_at,
                )
                pending.append(Waiting(delivery, news.alert))
        due = [each for each in pending if each.delivery.due_at <= now]
        active = [each[1] for each in mutes if each[0] <= now]
        for bundle in bundles(due, subscriber, "UTC", now):
            assert next_digest(bundle, subscriber, "UTC", now) == now  # nothing is late here
            for each in bundle.waiting:
                pending.remove(each)
                pledge = next(p for p in PLEDGES if p.id == each.alert.commitment_id)
                if is_muted(pledge, active, now) or narrowest(pledge, chosen) is None:
                    dropped.append(each.alert.id)
                else:
                    sent.append((each.alert.id, now, bundle.kind))
        now += STEP
    return sent, dropped, pending


@settings(max_examples=60, deadline=None)
@given(
    start=st.sampled_from(STARTS),
    subscriber=subscribers,
    chosen=subscriptions_,
    muted=st.lists(muting, max_size=3),
    events=st.lists(told, max_size=12),
)
def test_nobody_is_told_twice_or_unasked_and_nothing_due_is_forgotten(
    start, subscriber, chosen, muted, events
):
    mutes = []
    for pledge, at, length in muted:
        begun = start + timedelta(minutes=at)
        until = None if length is None else begun + timedelta(minutes=length)
        mutes.append((begun, Mute(chat_id=ANN, commitment_id=pledge.id, until=until)))
    sent, dropped, pending = play(start, subscriber, chosen, mutes, events)
    assert pending == []  # nothing waits for ever
    assert all(count == 1 for count in Counter([each[0] for each in sent] + dropped).values())
    at = {alert_id: (moment, kind) for alert_id, moment, kind in sent}
    for number, event in enumerate(sorted(events, key=lambda each: each[0]), 1):
        _, pledge, reason, *_ = event
        raised = next_step(start, event[0])
        deciding = asked_for(*event[1:], chosen)
        told_at, kind = at.get(AlertId(number), (None, None))
        silenced = [
            mute
            for begun, mute in mutes
            if mute.commitment_id == pledge.id
            and begun <= (told_at or start + SPAN + timedelta(days=9))
            and (mute.until is None or mute.until > raised)
        ]
        if deciding is None:
            assert told_at is None, "told what nobody asked for"
        elif told_at is None:
            assert silenced, "forgotten"
        else:
            muted_now = [m for m in silenced if m.until is None or m.until > told_at]
            assert not muted_now, "told although muted"
            check_time(subscriber, deciding, reason, raised, told_at, kind)


def next_step(start, minutes):
    """Return when the simulated clock sees it."""
    steps = -(-minutes // int(STEP.total_seconds() // 60))
    return start + steps * STEP


def check_time(subscriber, deciding, reason, raised, told_at, kind):
    """Hold the moment to what the subscriber asked for, by the wall clock."""
    if deciding.mode is DeliveryMode.IMMEDIATE:
        rings = subscriber.stage_changes_override and reason is AlertReason.STAGE_CHANGED
        if rings or not is_quiet(subscriber, raised):
            assert told_at == raised
            return
        waited = (raised + STEP * n for n in range(1, 60))
        ends = next(moment for moment in waited if not is_quiet(subscriber, moment))
        assert abs(told_at - ends) <= timedelta(hours=1)  # an hour where the clocks change
        return
    days = 7 if deciding.mode is DeliveryMode.WEEKLY_DIGEST else 1
    assert kind is not None
    assert timedelta(0) <= told_at - raised <= timedelta(days=days, hours=2)
    zone = ZoneInfo(subscriber.timezone)
    if days == 7:
        assert (told_at - STEP).astimezone(zone).weekday() in {6, 0}
        assert told_at.astimezone(zone).weekday() in {0, 1}
