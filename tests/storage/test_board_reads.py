"""What the board and the pages read, on each kind of database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from model.records import CommitmentId, Relation, Subscriber
from storage.board import board
from storage.looking import ObservedDays
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_feed, a_hit, a_suggestion, a_watchlist, an_article

DAY = timedelta(days=1)
FUND = CommitmentId("harbour-fund")


def found_on(work, number, at, published=None):
    _, article_id = work.articles.arrive(
        an_article(number=number, published_at=published, fetched_at=at)
    )
    suggestion = a_suggestion(relation=Relation.RESTATEMENT)
    work.hits.add(a_hit(article_id=article_id, found_at=at, suggestion=suggestion))
    return article_id


def test_hits_are_counted_in_the_weeks_of_their_publication(any_database):
    late_at_night = (NOON - 10 * DAY).replace(hour=23, minute=30)
    with begin(any_database) as work:
        found_on(work, 1, NOON, published=NOON)
        found_on(work, 2, NOON)  # no date given: when it was read
        found_on(work, 3, NOON, published=late_at_night)
        found_on(work, 4, NOON, published=NOON - 500 * DAY)  # older than the year shown
        work.commit()
    with reading(any_database) as work:
        weeks = work.hits.by_week(NOON - 364 * DAY, NOON)
    assert dict(weeks[FUND]) == {51: 2, 50: 1}


def test_the_board_of_a_day_knows_nothing_of_later_days(any_database):
    watchlist = a_watchlist()
    with begin(any_database) as work:
        found_on(work, 1, NOON - 30 * DAY)
        found_on(work, 2, NOON)
        work.commit()
    with reading(any_database) as work:
        (now,) = board(work, watchlist, NOON)
        (then,) = board(work, watchlist, NOON - 10 * DAY)
    assert (sum(now.weeks), now.days_since) == (2, 0)
    assert (sum(then.weeks), then.days_since) == (1, 20)


def test_a_day_is_observed_where_the_answers_of_the_day_before_reach_into_it(any_database):
    feed = a_feed()
    with begin(any_database) as work:
        for days in (3, 2, 0):
            at = NOON - DAY * days
            work.coverage.record(feed.id, at, answered=True, articles=2, covers_until=at + DAY)
        work.commit()
    days = ObservedDays()
    with reading(any_database) as work:
        looked = days.looked(work, [feed], NOON, 30 * DAY)
        assert work.coverage.articles_since(NOON - DAY) == 2
        paused = days.looked(work, [replace(feed, paused=True)], NOON, 30 * DAY)
    today = NOON.date()
    assert looked.since == today - 3 * DAY
    assert looked.shares[today - 2 * DAY] == 1.0
    assert (
        0.4 < looked.shares[today - DAY] < 0.6
    )  # half of it, by yesterday's answer of the day before
    assert looked.gaps(today - 2 * DAY, today - DAY) == ((today - DAY, today - DAY),)
    assert paused.feeds == 0


def test_an_article_keeps_what_it_said_before(any_database):
    with begin(any_database) as work:
        _, number = work.articles.arrive(an_article(title="First"))
        work.articles.arrive(an_article(title="Second", text_hash="other"))
        work.commit()
    with reading(any_database) as work:
        (before,) = work.articles.revisions(number)
        assert work.articles.get(number).article.title == "Second"
    assert (before.number, before.title) == (1, "First")


def test_chats_that_left_are_listed_too(any_database):
    with begin(any_database) as work:
        work.subscribers.save(Subscriber(chat_id=1, started_at=NOON))
        work.subscribers.save(Subscriber(chat_id=2, started_at=NOON - DAY, blocked_at=NOON))
        work.commit()
    with reading(any_database) as work:
        assert [each.chat_id for each in work.subscribers.everybody()] == [2, 1]
