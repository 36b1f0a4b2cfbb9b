"""What the chat keeps: review groups, names, proposed edits, topics; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from model.records import (
    AlertReason,
    ChatId,
    ChatKind,
    CommitmentId,
    DeliveryMode,
    Subscriber,
    Subscription,
)
from storage.deliveries import NewDelivery
from storage.unit_of_work import begin, reading
from tests.builders import NOON

GROUP, ANN, BOB = ChatId(-9), ChatId(1), ChatId(2)


def an_alert(work, key, reason=AlertReason.QUIET):
    return work.outbox.add(
        key=key,
        commitment_id=CommitmentId("harbour-fund"),
        development_id=None,
        reason=reason,
        raised_at=NOON,
    )


def test_a_group_reviews_until_it_does_not(any_database):
    group = Subscriber(chat_id=GROUP, kind=ChatKind.GROUP)
    with begin(any_database) as work:
        work.subscribers.save(group)
        assert work.subscribers.get(GROUP).reviews is False
        work.subscribers.save(replace(group, reviews=True))
        work.commit()
    with reading(any_database) as work:
        assert work.subscribers.get(GROUP).reviews is True


def test_people_are_called_as_they_were_met_last(any_database):
    with begin(any_database) as work:
        assert work.people.name("telegram:7001") == "7001"
        work.people.meet("telegram:7001", "Ann", NOON)
        work.people.meet("telegram:7001", "Ann B.", NOON)
        assert work.people.name("telegram:7001") == "Ann B."
        assert work.people.name("local:desk") == "desk"


def test_a_proposed_edit_is_kept_for_a_week(any_database):
    given = {"actor": "telegram:1", "file": "w.yaml", "based_on": "r", "text": "feeds: []\n"}
    with begin(any_database) as work:
        first = work.proposed_edits.add(**given, now=NOON)
        second = work.proposed_edits.add(**given, now=NOON + timedelta(days=6))
        work.proposed_edits.accept(first, 12)
        assert work.proposed_edits.get(first).accepted_as == 12
        work.proposed_edits.drop(second)
        assert work.proposed_edits.get(second) is None
        third = work.proposed_edits.add(**given, now=NOON + timedelta(days=8))
        assert work.proposed_edits.get(first) is None
        assert work.proposed_edits.get(third).text == given["text"]


def test_what_went_to_a_lost_topic_goes_to_the_group(any_database):
    with begin(any_database) as work:
        work.subscribers.save(Subscriber(chat_id=GROUP, kind=ChatKind.GROUP))
        for target, topic in (("all", 7), ("coast", 8)):
            work.subscribers.subscribe(Subscription(chat_id=GROUP, target=target, topic_id=topic))
        alert = an_alert(work, "quiet.1")
        mode = DeliveryMode.IMMEDIATE
        work.deliveries.add(alert, [NewDelivery(chat_id=GROUP, mode=mode, due_at=NOON, topic_id=7)])
        work.subscribers.leave_topic(GROUP, 7)
        topics = {each.target: each.topic_id for each in work.subscribers.subscriptions(GROUP)}
        assert topics == {"all": None, "coast": 8}
        assert [each.topic_id for each in work.deliveries.of_chat(GROUP)] == [None]


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_what_presses_is_due_first_and_digests_last(any_database, limit):
    with begin(any_database) as work:
        for chat in (ANN, BOB):
            work.subscribers.save(Subscriber(chat_id=chat))
        wanted = [
            (ANN, "later", AlertReason.MORE_OUTLETS, DeliveryMode.IMMEDIATE, 0),
            (ANN, "digest", AlertReason.NEW_DEVELOPMENT, DeliveryMode.DAILY_DIGEST, 1),
            (BOB, "news", AlertReason.NEW_DEVELOPMENT, DeliveryMode.IMMEDIATE, 2),
            (BOB, "decided", AlertReason.DECIDED, DeliveryMode.IMMEDIATE, 3),
        ]
        for chat, key, reason, mode, minute in wanted:
            due = NOON + timedelta(minutes=minute)
            alert = an_alert(work, key, reason)
            work.deliveries.add(alert, [NewDelivery(chat_id=chat, mode=mode, due_at=due)])
        found = work.deliveries.due(
            NOON + timedelta(hours=1),
            limit,
            first={AlertReason.DECIDED},
            last={AlertReason.MORE_OUTLETS},
        )
        keys = [work.outbox.get(each.alert_id).key for each in found]
    assert keys == ["decided", "news", "later", "digest"][:limit]
