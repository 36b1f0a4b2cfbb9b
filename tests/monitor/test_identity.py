"""Feeds lie about what is new: an article that comes again is known again, and rings once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime

import pytest

from model.records import AlertReason, FeedId, Relation, Term
from monitor.fetching import Fetcher
from monitor.matching import compile_watchlist
from monitor.pipeline import Context
from monitor.polling import Poller
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_commitment, a_feed, a_watchlist
from tests.fakes.clock import FakeClock
from tests.fakes.feed_server import FeedServer, rss

NAMES = {"en": "Harbour Resilience Fund", "zh-Hans": "港湾韧性基金", "zh-Hant": "港灣韌性基金"}
SIGNED = {
    "en": "Twelve states sign the charter of the Harbour Resilience Fund",
    "zh-Hans": "十二国签署港湾韧性基金章程",
    "zh-Hant": "十二國簽署港灣韌性基金章程",
}
TEXT = {
    "en": "The charter of the Harbour Resilience Fund was signed on Tuesday by twelve states.",
    "zh-Hans": "十二个国家周二在波尔图正式签署了港湾韧性基金章程。",
    "zh-Hant": "十二個國家週二在波爾圖正式簽署了港灣韌性基金章程。",
}
OPENED = {
    "en": " The Harbour Resilience Fund was suspended on Wednesday.",
    "zh-Hans": "周三，港湾韧性基金被叫停。",
    "zh-Hant": "週三，港灣韌性基金被叫停。",
}


@pytest.fixture
def server():
    with FeedServer(sites=2) as server:
        yield server


@pytest.fixture
async def poll(database, server):
    """Return a function that polls feeds of the server, an hour after the last time."""
    writer = ThreadPoolExecutor(max_workers=1)
    clock = FakeClock(NOON)
    async with Fetcher(clock, user_agent="test", allow_private=("127.0.0.1",)) as fetcher:
        pollers = []

        async def once(*names):
            clock.advance(hours=1)
            feeds = tuple(
                a_feed(id=FeedId(name), url=server.url(f"/{name}", site))
                for site, name in enumerate(names or ("world",))
            )
            fund = a_commitment(terms=tuple(Term(text=each) for each in NAMES.values()))
            watchlist = a_watchlist(commitments=(fund,), feeds=feeds)
            context = Context(watchlist=watchlist, matcher=compile_watchlist(watchlist))
            with begin(database) as work:
                work.feeds.ensure(feeds, clock.now())
                work.commit()
            with reading(database) as work:
                states = [(feed, work.feeds.get(feed.id)) for feed in feeds]
            poller = Poller(database, fetcher, lambda: context, clock, writer)
            pollers.append(poller)
            return await poller.poll(states)

        yield once
        for poller in pollers:
            poller.close()
    writer.shutdown()


def item(language, **changes):
    return {
        "title": SIGNED[language],
        "link": "https://x.example.org/1",
        "guid": "one",
        "date": format_datetime(NOON - timedelta(hours=1)),
        "text": TEXT[language],
    } | changes


def facts(database):
    """Return how many articles and developments there are, how many rang, the first's revision."""
    with reading(database) as work:
        articles = work.articles.batch(NOON - timedelta(days=900), 0, 100)
        developments = work.developments.listed(limit=100)
        alerts = [each for one in developments for each in work.outbox.of_development(one.id)]
    rings = [each for each in alerts if each.reason is not AlertReason.MORE_OUTLETS]
    return len(articles), len(developments), len(rings), articles[0].revision


AGAIN = {
    "the same": {},
    "another guid": {"guid": "two"},
    "tracked link": {"guid": "two", "link": "https://www.x.example.org/1/?utm_source=rss#top"},
    "plain http": {"guid": "two", "link": "http://x.example.org/1"},
    "a new date": {"date": format_datetime(NOON + timedelta(minutes=30))},
    "no guid at all": {"guid": ""},
    "date and guid": {"guid": "9", "date": format_datetime(NOON + timedelta(minutes=30))},
}


@pytest.mark.parametrize("language", SIGNED)
@pytest.mark.parametrize("again", AGAIN)
async def test_what_comes_again_is_no_news(poll, server, database, language, again):
    server.put("/world", rss())
    await poll()
    server.put("/world", rss(item(language)))
    await poll()
    assert facts(database) == (1, 1, 1, 1)
    server.put("/world", rss(item(language, **AGAIN[again])))
    (result,) = await poll()
    assert (result.new_articles, result.hits) == (0, 0)
    assert facts(database) == (1, 1, 1, 1)


@pytest.mark.parametrize("language", SIGNED)
async def test_an_edited_title_is_a_revision_that_rings_for_nobody(
    poll, server, database, language
):
    server.put("/world", rss(item(language)))
    await poll()
    server.put("/world", rss(item(language, title=f"{SIGNED[language]} (2)")))
    await poll()
    assert facts(database) == (1, 1, 1, 2)
    with reading(database) as work:
        (article,) = work.articles.batch(NOON - timedelta(days=9), 0, 9)
        (before,) = work.articles.revisions(article.id)
    assert (before.number, before.title) == (1, SIGNED[language])
    assert article.article.title == f"{SIGNED[language]} (2)"


@pytest.mark.parametrize("language", SIGNED)
async def test_an_edit_with_a_new_fact_rings_again(poll, server, database, language):
    server.put("/world", rss(item(language)))
    await poll()
    new = OPENED[language].strip()
    server.put("/world", rss(item(language, title=new, text=new)))
    await poll()
    articles, _, alerts, revision = facts(database)
    assert (articles, alerts, revision) == (1, 2, 2)


@pytest.mark.parametrize("language", SIGNED)
async def test_a_repost_under_another_address_joins_what_was_told(poll, server, database, language):
    server.put("/world", rss(item(language)))
    await poll()
    repost = item(language, guid="two", link="https://x.example.org/again")
    server.put("/world", rss(repost, item(language)))
    await poll()
    assert facts(database)[:3] == (2, 1, 1)


@pytest.mark.parametrize("language", SIGNED)
async def test_the_same_address_in_another_feed_is_one_article_seen_twice(
    poll, server, database, language
):
    server.put("/world", rss(item(language)))
    server.put("/other", rss(item(language, guid="other", text="Short.")))
    await poll("world", "other")
    assert facts(database) == (1, 1, 1, 1)
    with reading(database) as work:
        (article,) = work.articles.batch(NOON - timedelta(days=9), 0, 9)
        assert {each.feed_id for each in work.articles.sightings(article.id)} == {"world", "other"}
        (hit,) = work.hits.of_article(article.id)
    assert hit.suggestion.relation is Relation.FOLLOW_UP


async def test_one_guid_for_two_articles_costs_none(poll, server, database):
    other = item("en", title="Something else entirely", link="https://x.example.org/2", text="y")
    server.put("/world", rss(item("en"), other))
    await poll()
    assert facts(database)[0] == 2
