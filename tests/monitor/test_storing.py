"""Polls that wait together are stored together; what cannot be is stored alone."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import FeedError, FeedFault
from model.records import FeedHealth, FeedId, FeedState, Term, Validators
from monitor import storing
from monitor.fetching import Fetched, NotModified
from monitor.matching import compile_watchlist
from monitor.parsing import ParsedFeed
from monitor.pipeline import Context
from monitor.storing import Polled, PollOutcome, PollStore, store_polls
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_commitment, a_feed, a_watchlist, an_article

FEEDS = tuple(a_feed(id=FeedId(f"feed-{number}")) for number in range(6))
WATCHLIST = a_watchlist(feeds=FEEDS)
CONTEXT = Context(watchlist=WATCHLIST, matcher=compile_watchlist(WATCHLIST))
ANSWER = Fetched(
    body=b"",
    content_type=None,
    url="http://x.example.org/",
    validators=Validators(etag='"new"'),
    hints=(),
    moved_to=None,
)
QUIET = {"title": "Council meets", "text": "The council met on the quay."}
BAD = "\ud800"  # no database takes half a character


def polled(number, *articles, **changes):
    feed = FEEDS[number]
    state = FeedState(feed_id=feed.id, next_poll_at=NOON, last_success_at=NOON, marks=b"old")
    mine = tuple(replace(each, feed_id=feed.id) for each in articles)
    parsed = ParsedFeed(articles=mine, entries=len(mine), marks=b"new")
    values = {"feed": feed, "state": state, "answer": ANSWER, "parsed": parsed}
    return Polled(**values | changes)


def store(database, clock, *polls):
    return store_polls(database, CONTEXT, clock, polls)


def states(database):
    with reading(database) as work:
        return {state.feed_id: state for state in work.feeds.all()}


@pytest.fixture
def begun(monkeypatch):
    """Count the transactions that are begun."""
    counted = []

    def counting(database):
        counted.append(database)
        return begin(database)

    monkeypatch.setattr(storing, "begin", counting)
    return counted


def test_many_polls_share_a_transaction(any_database, clock, begun):
    unchanged = NotModified(hints=(), validators=Validators(etag='"same"'))
    results = store(
        any_database,
        clock,
        polled(0, an_article(number=1, **QUIET), an_article(number=2)),
        polled(1, answer=unchanged, parsed=ParsedFeed(articles=())),
        polled(2, answer=FeedError(FeedFault.TIMEOUT, "slow"), parsed=ParsedFeed(articles=())),
    )
    assert len(begun) == 1
    assert [each.outcome for each in results] == [
        PollOutcome.NEW,
        PollOutcome.NOT_MODIFIED,
        PollOutcome.FAILED,
    ]
    assert (results[0].new_articles, results[0].hits, results[0].follow_ups) == (2, 1, 1)
    found = states(any_database)
    assert found["feed-0"].validators.etag == '"new"'
    assert [found[f"feed-{number}"].marks for number in range(3)] == [b"new", b"old", b"old"]
    assert found["feed-2"].health is FeedHealth.FAILING
    with reading(any_database) as work:
        hours = work.coverage.of_feeds(found, NOON - timedelta(days=1))
        assert [hours[each.id][0].answers for each in FEEDS[:3]] == [1, 1, 0]
        assert work.outbox.waiting() == 1


def test_an_entry_that_fails_is_rolled_back_alone_and_comes_again(any_database, clock):
    good, bad = an_article(number=1, **QUIET), an_article(number=2, title=BAD, text="")
    (result,) = store(any_database, clock, polled(0, good, bad))
    assert (result.outcome, result.new_articles) == (PollOutcome.WARNING, 1)
    assert "entry-2" in result.error
    state = states(any_database)["feed-0"]
    assert (state.validators, state.marks) == (Validators(), b"old")
    with reading(any_database) as work:
        assert set(work.articles.known(FeedId("feed-0"), ["entry-1", "entry-2"])) == {"entry-1"}


def test_a_poll_that_cannot_be_stored_keeps_no_other_from_it(any_database, clock, begun):
    unstorable = polled(1)
    unstorable = replace(unstorable, state=replace(unstorable.state, url=BAD))
    results = store(any_database, clock, polled(0, an_article()), unstorable, polled(2))
    assert len(begun) == 4
    assert results[0].new_articles == 1
    assert isinstance(results[1], UnicodeEncodeError)
    assert set(states(any_database)) == {"feed-0", "feed-2"}


def test_a_database_that_takes_nothing_is_not_asked_for_each_poll(database, clock, begun):
    database.close()
    database.path.unlink()
    database.path.mkdir()
    results = store(database, clock, *(polled(number) for number in range(6)))
    assert [type(each).__name__ for each in results] == ["DatabaseUnusableError"] * 6
    assert len(begun) == 1 + storing.TRIED_ALONE


def test_one_article_of_two_feeds_is_stored_once(any_database, clock):
    results = store(
        any_database,
        clock,
        polled(0, an_article(**QUIET)),
        polled(1, an_article(entry_id="elsewhere", **QUIET)),
    )
    assert sum(each.new_articles for each in results) == 1
    with reading(any_database) as work:
        (found,) = work.articles.by_url("https://news.example.org/1")
        assert len(work.articles.sightings(found.id)) == 2


def test_new_articles_wait_for_the_search(any_database, clock):
    store(any_database, clock, polled(0, an_article(number=1, **QUIET), an_article(number=2)))
    with begin(any_database) as work:
        assert work.search_index.searched().waiting == 2


async def test_who_comes_at_once_waits_for_the_others(database, clock, begun):
    with ThreadPoolExecutor(max_workers=1) as writer:
        keeper = PollStore(database, lambda: CONTEXT, clock, writer, lambda: len(FEEDS))
        polls = [polled(number) for number in range(len(FEEDS))]
        results = await asyncio.gather(*(keeper.store(each) for each in polls))
        alone = PollStore(database, lambda: CONTEXT, clock, writer, lambda: 1000)
        late = await alone.store(polled(0))
    assert [each.feed_id for each in results] == [each.id for each in FEEDS]
    assert late.feed_id == "feed-0"
    assert len(begun) == 2


async def test_a_poll_that_is_given_up_keeps_nobody_from_being_stored(database, clock):
    with ThreadPoolExecutor(max_workers=1) as writer:
        keeper = PollStore(database, lambda: CONTEXT, clock, writer, lambda: 2)
        given_up = asyncio.create_task(keeper.store(polled(0)))
        await asyncio.sleep(0)
        given_up.cancel()
        result = await keeper.store(polled(1))
    assert result.feed_id == "feed-1"
    assert set(states(database)) == {"feed-0", "feed-1"}


NAMES = ("Harbour Resilience Fund", "HRF", "Lake Office", "港湾基金")
PIECES = st.sampled_from(
    ["Harbour Resilience Fund", "harbour resilience", "Fund", "H.R.", "F.", "(HRF)", "Lake (AI)",
     "Office", "港湾", "基金", "\n", "\n\n", "–", "'s", "of"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=5).map(" ".join)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_what_is_silent_together_names_nothing_alone(texts):
    commitment = a_commitment(terms=tuple(Term(text=name) for name in NAMES))
    matcher = compile_watchlist(a_watchlist(commitments=(commitment,)))
    articles = [an_article(title=title, text=text) for title, text in texts]
    if matcher.is_silent(articles):
        assert not any(matcher.find(each) for each in articles)
