"""What time alone raises, and the coverage that it rests on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from model.records import AlertReason, Due, FeedHealth, Occasion
from pledgewatch.clocks import watch_clocks
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_commitment, a_feed, a_hit, a_watchlist, an_article

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def watched(database):
    """Return what lets a feed be answered in every hour of the last days."""

    def watch(days, *, gap=0, health=FeedHealth.HEALTHY, until=NOON):
        with begin(database) as work:
            work.feeds.ensure([a_feed()], until)
            (state,) = work.feeds.all()
            work.feeds.save(replace(state, health=health))
            for back in range(gap * 24, days * 24):
                at = until - back * HOUR
                work.coverage.record(
                    a_feed().id, at, answered=True, articles=0, covers_until=at + HOUR
                )
            work.commit()
        return database

    return watch


def reasons(claims):
    return [each.reason for each in claims]


def test_silence_is_claimed_once_where_we_looked(watched):
    watchlist = a_watchlist(commitments=(a_commitment(quiet_days=20),))
    database = watched(25)
    (claim,) = watch_clocks(database, watchlist, NOON)
    assert claim.reason is AlertReason.QUIET
    assert dict(claim.facts) == {"ok": "1", "all": "1", "days": "20"}
    assert watch_clocks(database, watchlist, NOON + timedelta(days=1)) == ()
    with reading(database) as work:
        (alert,) = work.outbox.unrouted(10)
    assert dict(alert.facts)["days"] == "20"


@pytest.mark.parametrize(
    "how",
    [
        {"days": 10},
        {"days": 25, "gap": 8},
        {"days": 25, "health": FeedHealth.FAILING},
    ],
    ids=["a fresh install", "down for a week", "feeds are unwell"],
)
def test_where_we_did_not_look_nothing_is_claimed(watched, how):
    watchlist = a_watchlist(commitments=(a_commitment(quiet_days=20, due=Due(date="2026-01-01")),))
    assert watch_clocks(watched(**how), watchlist, NOON) == ()


def test_a_pledge_that_is_spoken_of_is_not_silent(watched):
    database = watched(25)
    with begin(database) as work:
        _, article_id = work.articles.arrive(an_article())
        work.hits.add(a_hit(article_id=article_id, found_at=NOON - timedelta(days=3)))
        work.commit()
    watchlist = a_watchlist(commitments=(a_commitment(quiet_days=20),))
    assert watch_clocks(database, watchlist, NOON) == ()


def test_a_date_that_passed_is_claimed_after_its_grace(watched):
    database = watched(40)
    on_time = a_watchlist(commitments=(a_commitment(due=Due(date="2026-11-01")),))
    assert watch_clocks(database, on_time, NOON) == ()
    late = a_watchlist(commitments=(a_commitment(due=Due(date="2026-10-01")),))
    (claim,) = watch_clocks(database, late, NOON)
    assert claim.reason is AlertReason.OVERDUE
    assert (claim.facts["days"], claim.facts["days_watched"]) == ("54", "30")


def test_an_occasion_that_passed_in_silence_is_claimed(watched):
    occasion = Occasion(name="Annual summit", date="2026-11-05")
    watchlist = a_watchlist(commitments=(a_commitment(occasions=(occasion,)),))
    (claim,) = watch_clocks(watched(40), watchlist, NOON)
    assert claim.reason is AlertReason.OCCASION_PASSED
    assert claim.facts["name"] == "Annual summit"


def test_a_word_that_we_still_watch_is_raised_once_a_week(watched):
    database = watched(2, until=MONDAY)
    watchlist = a_watchlist(commitments=(a_commitment(),))
    days = [watch_clocks(database, watchlist, MONDAY + timedelta(days=n)) for n in range(14)]
    assert [len(each) for each in days] == [0, 0, 0, 0, 0, 1, 0] * 2
    assert reasons(days[5]) == [AlertReason.STILL_WATCHING]
