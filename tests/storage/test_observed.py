"""Observed hours: settled once, they are what the whole record says."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from model.feed_health import floor_hour, observed_hours
from model.records import FeedId
from storage.observed import asked
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_feed

HOUR = timedelta(hours=1)
FEEDS = [
    a_feed(id=FeedId(f"feed-{number}"), poll_every_max=timedelta(hours=6)) for number in range(5)
]
PAUSED = a_feed(id=FeedId("paused"), paused=True)


@pytest.fixture
def looked_for_days(any_database):
    """Five feeds that were polled for six days, with failures and gaps, and a paused one."""
    chance = random.Random(3)
    with begin(any_database) as work:
        for feed in (*FEEDS, PAUSED):
            at = NOON - timedelta(days=6)
            while at < NOON:
                interval = timedelta(hours=chance.choice([0.5, 1, 3, 6]))
                work.coverage.record(
                    feed.id,
                    at,
                    answered=chance.random() < 0.9,
                    articles=1,
                    covers_until=at + 2 * interval,
                )
                at += interval * chance.choice([1, 1, 1, 1, 4])
        work.commit()
    return any_database


def from_the_record(work, since):
    hours = [each for each in work.coverage.since(since) if each.feed_id != PAUSED.id]
    found = observed_hours(hours, len(FEEDS))
    return {hour for hour, ok in found.items() if ok and since + 12 * HOUR <= hour <= NOON}


def from_the_settled(work, since, now=NOON):
    found = work.observed.hours(asked([*FEEDS, PAUSED]), since, now)
    return {hour for hour, ok in found.items() if ok and since + 12 * HOUR <= hour <= NOON}


@pytest.mark.parametrize("days", [1, 3, 7])
@pytest.mark.parametrize("settled", ["nothing", "some", "all"])
def test_settling_changes_no_answer(looked_for_days, settled, days):
    since = NOON - timedelta(days=days)
    with begin(looked_for_days) as work:
        expected = from_the_record(work, since)
        more = settled != "nothing"
        while more:
            more = work.observed.settle(asked([*FEEDS, PAUSED]), NOON, most=17)
            more = more and settled == "all"
        work.commit()
    with reading(looked_for_days) as work:
        assert expected
        assert from_the_settled(work, since) == expected
        if settled == "all":
            assert work.observed.settled_until() == floor_hour(NOON) - HOUR


def test_what_was_settled_stays_whatever_the_watchlist_says_later(looked_for_days):
    with begin(looked_for_days) as work:
        while work.observed.settle(asked([*FEEDS, PAUSED]), NOON):
            pass
        before = work.observed.hours(asked(FEEDS), NOON - timedelta(days=7), NOON - 3 * HOUR)
        many = [*FEEDS, *(a_feed(id=FeedId(f"new-{n}")) for n in range(90))]
        after = work.observed.hours(asked(many), NOON - timedelta(days=7), NOON - 3 * HOUR)
    old = NOON - 3 * HOUR
    assert {hour: ok for hour, ok in after.items() if hour < old} == {
        hour: ok for hour, ok in before.items() if hour < old
    }


def test_nothing_is_settled_before_anything_was_polled(any_database):
    with begin(any_database) as work:
        assert work.observed.settle(asked(FEEDS), NOON) is False
        assert work.observed.hours(asked(FEEDS), NOON - timedelta(days=1), NOON) == {}
