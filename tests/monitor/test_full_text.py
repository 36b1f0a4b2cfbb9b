"""The page behind an entry is read where the feed says too little: once, and politely."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from model.clock import SystemClock
from model.records import FeedId, FullText, Language, Term
from monitor.fetching import Fetcher, Limits
from monitor.full_text import FullTextReader
from monitor.matching import compile_watchlist
from monitor.page_text import read_page
from monitor.pipeline import Context
from monitor.polling import Poller
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_commitment, a_feed, a_watchlist
from tests.fakes.feed_server import FeedServer, rss

SAYS = {
    "en": (
        "Talks on coastal towns end",
        "Ministers met for two days in the port city and spoke about storms and quay walls. "
        "At the end of the meeting the charter of the Harbour Resilience Fund was signed by "
        "twelve states, and its secretariat will open next to the old customs house.",
        "Harbour Resilience Fund",
    ),
    "zh-Hans": (
        "沿海城镇会谈结束",
        "部长们在港口城市会谈两天，讨论了风暴与码头护墙的修缮安排。会议结束时，十二个国家正式签署了"
        "港湾韧性基金章程，秘书处将设在旧海关大楼旁边，首任秘书长同日获得任命，工作随即展开。"
        "与会者还参观了新建的防波堤，并听取了当地居民的意见和建议。",
        "港湾韧性基金",
    ),
    "zh-Hant": (
        "沿海城鎮會談結束",
        "部長們在港口城市會談兩天，討論了風暴與碼頭護牆的修繕安排。會議結束時，十二個國家正式簽署了"
        "港灣韌性基金章程，秘書處將設在舊海關大樓旁邊，首任秘書長同日獲得任命，工作隨即展開。"
        "與會者還參觀了新建的防波堤，並聽取了當地居民的意見和建議。",
        "港灣韌性基金",
    ),
}


def page(title, text, charset="utf-8", head=""):
    return (
        f"<!doctype html><html><head><meta charset='{charset}'><title>{title} | Example</title>"
        f"<meta property='og:title' content='{title}'>{head}</head><body>"
        "<nav><a href='/'>Home</a><a href='/about'>About us</a></nav>"
        f"<article><h1>{title}</h1><p>{text}</p><p>{text[:60]}</p></article>"
        "<footer>All rights reserved</footer></body></html>"
    ).encode(charset)


@pytest.fixture
def server():
    with FeedServer(sites=2) as server:
        yield server


@pytest.fixture
async def poll(database, server):
    """Return a function that polls the feed at /feed once, as `run` would."""
    writer = ThreadPoolExecutor(max_workers=1)
    clock = SystemClock()
    limits = Limits(read=timedelta(seconds=0.5), total=timedelta(seconds=1))
    async with Fetcher(
        clock,
        user_agent="Pledgewatch/test (contact: nobody)",
        allow_private=(f"127.0.0.1:{server.ports[0]}", f"127.0.0.1:{server.ports[1]}"),
        limits=limits,
    ) as fetcher:
        pages = FullTextReader(database, fetcher, clock)
        fund = a_commitment(terms=tuple(Term(text=each[2]) for each in SAYS.values()))
        pollers = []

        async def once(**more):
            feed = a_feed(url=server.url("/feed"), **more)
            watchlist = a_watchlist(commitments=(fund,), feeds=(feed,))
            context = Context(watchlist=watchlist, matcher=compile_watchlist(watchlist))
            with begin(database) as work:
                work.feeds.ensure((feed,), clock.now())
                work.commit()
            with reading(database) as work:
                state = work.feeds.get(feed.id)
            poller = Poller(database, fetcher, lambda: context, clock, writer, pages)
            pollers.append(poller)
            (result,) = await poller.poll([(feed, state)])
            return result

        yield once
        for poller in pollers:
            poller.close()
        pages.close()
    writer.shutdown()


def feed_of(server, *paths, text="Ministers met.", site=0, **more):
    now = format_datetime(datetime.now(UTC))
    return server.put(
        "/feed",
        rss(
            *(
                {
                    "title": "Talks end",
                    "link": server.url(path, site),
                    "date": now,
                    "text": text,
                    **more,
                }
                for path in paths
            )
        ),
    )


def stored(database):
    with reading(database) as work:
        return [each.article for each in work.articles.batch(NOON - timedelta(days=9000), 0, 100)]


@pytest.mark.parametrize("language", SAYS)
async def test_a_pledge_named_only_on_the_page_is_found(poll, server, database, language):
    title, text, name = SAYS[language]
    feed_of(server, "/1", title=title, text=text[:8])
    server.put("/1", page(title, text))
    result = await poll(language=Language(language))
    assert result.hits == 1
    (article,) = stored(database)
    assert name in article.text
    assert "All rights" not in article.text
    assert article.language == language


async def test_a_page_is_fetched_once_and_its_article_rings_once(poll, server, database):
    title, text, _ = SAYS["en"]
    feed_of(server, "/1", title=title)
    server.put("/1", page(title, text))
    results = [await poll()]
    server.put("/feed", server.pages["/feed"].body + b"<!-- another byte -->")
    results.append(await poll())
    server.put("/feed", server.pages["/feed"].body + b"<!-- and one more -->")
    results.append(await poll())
    assert [each.new_articles for each in results] == [1, 0, 0]
    assert len(server.asked("/1")) == 1
    assert len(server.asked("/robots.txt")) == 1
    with reading(database) as work:
        assert work.hits.count() == 1
        assert len(work.outbox.of_development(1)) == 1


async def test_an_edited_entry_is_one_revision_with_its_page_and_no_second_alert(
    poll, server, database
):
    title, text, name = SAYS["en"]
    feed_of(server, "/1", title=title)
    server.put("/1", page(title, text))
    await poll()
    feed_of(server, "/1", title=f"{title} early")
    server.put("/1", page(f"{title} early", text))
    await poll()
    (article,) = stored(database)
    assert article.title.endswith("early")
    assert name in article.text
    with reading(database) as work:
        assert len(work.outbox.of_development(1)) == 1


async def test_what_robots_txt_forbids_is_not_asked_for(poll, server, database):
    title, text, _ = SAYS["en"]
    server.put("/robots.txt", "User-agent: pledgewatch\nDisallow: /private\n")
    feed_of(server, "/private/1", "/open/2")
    server.put("/private/1", page(title, text))
    server.put("/open/2", page(title, text))
    await poll()
    assert server.asked("/private/1") == []
    assert len(server.asked("/open/2")) == 1
    assert server.asked("/open/2")[0]["User-Agent"].startswith("Pledgewatch/")
    assert len(stored(database)) == 2


@pytest.mark.parametrize(("status", "asked"), [(404, 1), (403, 1), (500, 0), (503, 0), (429, 0)])
async def test_a_robots_txt_that_is_absent_allows_and_one_that_fails_does_not(
    poll, server, database, status, asked
):
    feed_of(server, "/1")
    server.put("/robots.txt", "no", status=status)
    server.put("/1", page(*SAYS["en"][:2]))
    await poll()
    assert len(server.asked("/1")) == asked
    assert len(stored(database)) == 1


async def _hang(_):
    await asyncio.sleep(30)
    return web.Response()


async def _flood(request):
    answer = web.StreamResponse(headers={"Content-Type": "text/html"})
    await answer.prepare(request)
    for _ in range(8):
        await answer.write(b"<p>word</p>" * 100_000)
    return answer


FAILURES = {
    "missing": {"status": 404},
    "broken": {"status": 500},
    "limited": {"status": 429, "headers": {"Retry-After": "60"}},
    "picture": {"body": b"\x89PNG", "headers": {"Content-Type": "image/png"}},
    "empty": {"body": b""},
    "inside": {"status": 302, "headers": {"Location": "http://169.254.169.254/latest"}},
    "hang": {"handler": _hang},
    "flood": {"handler": _flood},
}


@pytest.mark.parametrize("name", FAILURES)
async def test_a_page_that_fails_never_costs_its_article(poll, server, database, name):
    feed_of(server, "/1", text="The Harbour Resilience Fund opened its first office.")
    given = dict(FAILURES[name])
    if "handler" in given:
        server.misbehave("/1", given["handler"])
    else:
        server.put("/1", given.pop("body", b"no"), **given)
    result = await poll()
    assert (result.new_articles, result.hits) == (1, 1)
    (article,) = stored(database)
    assert article.text == "The Harbour Resilience Fund opened its first office."


async def test_a_feed_that_says_enough_is_left_at_that_and_false_asks_for_nothing(poll, server):
    feed_of(server, "/1", text="A long report about quay walls and storms. " * 20)
    await poll()
    feed_of(server, "/2", text="Short.")
    await poll(id=FeedId("never"), full_text=FullText.NEVER)
    assert server.asked("/1") == server.asked("/2") == []


async def test_true_asks_for_every_page(poll, server):
    feed_of(server, "/1", text="A long report about quay walls and storms. " * 20)
    server.put("/1", page(*SAYS["en"][:2]))
    await poll(full_text=FullText.ALWAYS)
    assert len(server.asked("/1")) == 1


async def test_pages_of_one_host_are_asked_one_at_a_time_up_to_a_cap(poll, server, database):
    paths = [f"/a/{number}" for number in range(25)]
    feed_of(server, *paths)
    for path in paths:
        server.put(path, page(*SAYS["en"][:2]))
    await poll()
    assert sum(path.startswith("/a/") for path, _ in server.requests) == 10
    assert server.most_in_flight == 1
    assert len(stored(database)) == 25


async def test_a_crawl_delay_is_kept_to(poll, server):
    server.put("/robots.txt", "User-agent: *\nCrawl-delay: 30\n")
    feed_of(server, "/1", "/2")
    server.put("/1", page(*SAYS["en"][:2]))
    server.put("/2", page(*SAYS["en"][:2]))
    await poll()
    assert len(server.asked("/1")) + len(server.asked("/2")) == 1


async def test_a_feeds_headers_go_to_its_own_host_alone(poll, server):
    server.put("/1", page(*SAYS["en"][:2]))
    feed_of(server, "/1")
    await poll(headers=(("X-Key", "secret"),))
    feed_of(server, "/1?other", site=1)
    await poll(headers=(("X-Key", "secret"),))
    assert [headers.get("X-Key") for headers in server.asked("/1")] == ["secret", None]


async def test_a_date_the_feed_lacks_is_taken_from_the_page(poll, server, database):
    server.put("/feed", rss({"title": "Talks end", "link": server.url("/1")}))
    stamp = "<meta property='article:published_time' content='2026-03-05T10:00:00+08:00'>"
    server.put("/1", page(*SAYS["en"][:2], head=stamp))
    await poll()
    (article,) = stored(database)
    assert article.published_at == datetime(2026, 3, 5, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "charset"), [("zh-Hans", "gb18030"), ("zh-Hant", "big5"), ("en", "utf-8")]
)
def test_a_page_is_read_in_its_own_charset(language, charset):
    title, text, name = SAYS[language]
    body = page(title, text, charset)
    read = read_page(body, "text/html", encoding=None, timezone=None, now=NOON)
    assert name in read.text
    assert read.title == title


@pytest.mark.parametrize("language", SAYS)
def test_behind_the_extractor_stand_the_densest_block_and_the_description(language):
    _, text, name = SAYS[language]
    plain = f"<html><body><div><a href='/'>Home</a></div><div>{text}</div></body></html>"
    head = f"<meta name='description' content='{text}'>"
    bare = f"<html><head>{head}</head><body><script>app()</script></body></html>"
    for body in (plain, bare):
        read = read_page(body.encode(), None, encoding=None, timezone=None, now=NOON)
        assert name in read.text
