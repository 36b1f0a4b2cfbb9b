"""How a feed stands, from its state and its record alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from model.errors import FeedFault
from model.feed_health import (
    CoverageHour,
    by_language,
    coverage_days,
    health_of,
    is_silent,
    observed_hours,
    observed_of,
)
from model.records import FeedHealth, FeedId, FeedState, Language
from tests.builders import NOON, a_feed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEED = a_feed()


def hours(count, *, articles=0, answers=1, reach=HOUR, feed_id=FEED.id, end=NOON):
    """Return so many hours up to `end`, each with one poll."""
    return [
        CoverageHour(
            feed_id=FeedId(feed_id),
            hour=end - HOUR * (count - 1 - number),
            polls=1,
            answers=answers,
            articles=articles,
            covers_until=end - HOUR * (count - 1 - number) + reach if answers else None,
        )
        for number in range(count)
    ]


def a_state(**changes):
    values = {
        "feed_id": FEED.id,
        "next_poll_at": NOON,
        "health": FeedHealth.HEALTHY,
        "last_polled_at": NOON,
        "last_success_at": NOON,
        "last_entry_at": NOON,
    }
    return FeedState(**values | changes)


def test_a_feed_that_was_never_polled_is_new_and_nothing_is_claimed_of_it():
    report = health_of(FEED, None, [], NOON)
    assert (report.state, report.answer) == (FeedHealth.NEW, "never polled")
    assert (report.share_healthy, report.usual_volume, report.gap) == (None, None, None)


def test_a_failing_feed_has_its_fault_and_what_to_do():
    state = a_state(health=FeedHealth.FAILING, fault="gone", last_error="the server answered 410")
    report = health_of(FEED, state, hours(5, answers=0), NOON)
    assert report.fault is FeedFault.GONE
    assert report.answer == "the server answered 410"
    assert "Remove the feed" in report.advice
    assert report.share_healthy == 0


@pytest.mark.parametrize(
    ("gap", "longest", "usual", "silent"),
    [
        (3 * DAY, 10 * HOUR, 12.0, True),
        (20 * HOUR, 4 * HOUR, 12.0, False),  # under a day
        (3 * DAY, 2.5 * DAY, 12.0, False),  # it rests at weekends
        (4 * DAY, 2.5 * DAY, 12.0, True),
        (6 * DAY, DAY, 1.0, False),  # six are too few to be missed
        (None, DAY, 12.0, False),
        (3 * DAY, DAY, None, False),  # too little on record
    ],
)
def test_only_a_silence_longer_than_ever_is_one(gap, longest, usual, silent):
    assert is_silent(usual, gap, longest) is silent


def test_months_of_twelve_a_day_and_three_days_of_nothing_are_a_warning():
    known = [
        *hours(60 * 24, articles=1, end=NOON - 3 * DAY),
        *hours(3 * 24, articles=0),
    ]
    report = health_of(FEED, a_state(last_entry_at=NOON - 3 * DAY), known, NOON)
    assert (report.state, report.fault) == (FeedHealth.WARNING, FeedFault.SILENT)
    assert report.answer == "nothing new for 3 days; it used to bring 24 articles a day"
    assert report.gap == 3 * DAY
    assert report.longest_gap == HOUR


def test_an_outage_is_no_silence():
    known = [*hours(60 * 24, articles=1, end=NOON - 3 * DAY), *hours(3 * 24, answers=0)]
    state = a_state(last_entry_at=NOON - 3 * DAY, last_success_at=NOON - 3 * DAY)
    assert health_of(FEED, state, known, NOON).fault is None


def test_what_a_new_feed_had_in_stock_is_not_its_usual_volume():
    stock = [*hours(1, articles=500, end=NOON - 20 * DAY), *hours(20 * 24, articles=1)]
    report = health_of(FEED, a_state(), stock, NOON)
    assert report.usual_volume == pytest.approx(24, rel=0.05)


def test_an_answer_counts_for_twice_the_interval_and_never_for_less_than_its_hour():
    (short,) = hours(1, reach=timedelta(minutes=10))
    (long,) = hours(1, reach=HOUR * 5 + timedelta(minutes=1))
    assert observed_of([short]) == {NOON}
    assert observed_of([long]) == {NOON + HOUR * number for number in range(6)}
    assert observed_of(hours(3, answers=0)) == frozenset()


def test_an_hour_is_observed_when_four_fifths_of_the_feeds_are():
    five = [each for number in range(4) for each in hours(2, feed_id=f"feed-{number}")]
    down = hours(2, feed_id="feed-4", answers=0)
    assert observed_hours(five + down, 5) == {NOON - HOUR: True, NOON: True}
    assert observed_hours(five[:6] + down, 5) == {NOON - HOUR: False, NOON: False}


def test_a_day_counts_its_unobserved_hours_from_the_first_poll_to_now():
    known = [*hours(6, end=NOON - DAY), *hours(6)]
    first, second = coverage_days(known, NOON)
    assert (first.polls, first.failures, first.articles_seen) == (6, 0, 0)
    assert first.hours_unobserved == 11  # 13:00 to 23:00; before 07:00 nobody watched
    assert second.hours_unobserved == 7  # 00:00 to 06:00; after 12:00 nothing is due yet
    assert coverage_days([], NOON) == ()


def test_the_feeds_of_a_language_are_summed_up():
    chinese = a_feed(id=FeedId("ribao"), language=Language.CHINESE_SIMPLIFIED)
    paused = a_feed(id=FeedId("paused"), paused=True)
    failing = a_state(health=FeedHealth.FAILING, fault="dns", last_error="not known")
    reports = [
        health_of(FEED, a_state(), hours(4), NOON),
        health_of(a_feed(id=FeedId("two")), failing, hours(4, answers=0), NOON),
        health_of(chinese, a_state(), hours(4), NOON),
        health_of(paused, None, [], NOON),
    ]
    english, simplified = by_language(reports)
    assert (english.language, english.feeds, english.healthy) == (Language.ENGLISH, 2, 1)
    assert english.share_healthy == 0.5
    assert (simplified.feeds, simplified.healthy, simplified.share_healthy) == (1, 1, 1.0)
    assert (english.usual_volume, english.silent) == (None, 0)


def test_usual_volumes_of_a_language_add_up_and_silent_feeds_are_counted():
    reports = [
        replace(health_of(FEED, a_state(), hours(4), NOON), usual_volume=volume, fault=fault)
        for volume, fault in ((12.0, None), (3.0, FeedFault.SILENT), (None, None))
    ]
    (english,) = by_language(reports)
    assert (english.usual_volume, english.silent) == (15.0, 1)


def test_a_page_where_a_feed_was_says_since_when():
    state = a_state(health=FeedHealth.FAILING, fault=FeedFault.HTML, last_error="it is a web page")
    report = health_of(FEED, state, hours(4), NOON)
    assert (
        report.answer == f"it is a web page; until {state.last_success_at:%Y-%m-%d} it was a feed"
    )
    never = replace(state, last_success_at=None)
    assert health_of(FEED, never, hours(4), NOON).answer == "it is a web page"
