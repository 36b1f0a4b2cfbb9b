"""An index of sitemaps is a feed: its newest sitemaps are read, up to a cap."""

from __future__ import annotations

import pytest

from model.errors import FeedFault, FetchError
from model.records import FeedKind
from monitor.fetching import Fetcher
from monitor.parsing import parse_feed
from monitor.sitemap_index import MOST_CHILDREN, with_children
from tests.builders import NOON, a_feed
from tests.fakes.clock import FakeClock
from tests.fakes.feed_server import FeedServer

HEAD = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"


def index(*children):
    inside = "".join(
        f"<sitemap><loc>{loc}</loc>{f'<lastmod>{when}</lastmod>' if when else ''}</sitemap>"
        for loc, when in children
    )
    return f"<?xml version='1.0'?><sitemapindex {HEAD}>{inside}</sitemapindex>"


def sitemap(*names):
    inside = "".join(
        f"<url><loc>https://x.example.org/{name}</loc><lastmod>2026-11-{day:02}T08:00:00Z</lastmod>"
        "<n:news xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
        f"<n:title>港湾 {name}</n:title></n:news></url>"
        for day, name in enumerate(names, start=1)
    )
    return f"<urlset {HEAD}>{inside}</urlset>"


@pytest.fixture
def server():
    with FeedServer() as server:
        yield server


@pytest.fixture
async def read(server):
    """Return a function that reads the feed at /index once."""
    async with Fetcher(FakeClock(), user_agent="test", allow_private=("127.0.0.1",)) as fetcher:

        async def parse(feed, answer):
            return parse_feed(feed, answer.body, answer.content_type, answer.url, NOON)

        async def once(**more):
            feed = a_feed(url=server.url("/index"), kind=FeedKind.SITEMAP, **more)
            return await with_children(fetcher, feed, await fetcher.fetch(feed), parse)

        yield once


def asked(server):
    return [path for path, _ in server.requests]


async def test_its_newest_sitemaps_are_read_and_no_more_than_the_cap(read, server):
    names = [f"/s-{number}.xml" for number in range(10)]
    server.put("/index", index(*((name, f"2026-11-{n + 1:02}") for n, name in enumerate(names))))
    for name in names:
        server.put(name, sitemap(name[1:]))
    _, parsed = await read()
    assert asked(server) == ["/index", *reversed(names[-MOST_CHILDREN:])]
    assert [each.title for each in parsed.articles] == [
        f"港湾 {name[1:]}" for name in reversed(names[-MOST_CHILDREN:])
    ]
    assert (parsed.warning, parsed.is_sitemap) == (None, True)


async def test_it_is_asked_for_anew_each_time_whatever_it_says_of_itself(read, server):
    server.put("/index", index(("/a.xml", "")))
    server.put("/a.xml", sitemap("one"))
    answer, _ = await read()
    assert (answer.validators.etag, answer.validators.body_hash) == (None, None)


async def test_an_index_in_an_index_is_read_and_a_circle_ends(read, server):
    server.put("/index", index(("/inner", "2026-11-24"), ("/old.xml", "2020-01-01")))
    server.put("/inner", index(("/new.xml", "2026-11-24"), ("/index", "2026-11-23")))
    server.put("/new.xml", sitemap("new"))
    server.put("/old.xml", sitemap("old"))
    _, parsed = await read()
    assert asked(server) == ["/index", "/inner", "/new.xml", "/old.xml"]
    assert {each.title for each in parsed.articles} == {"港湾 new", "港湾 old"}


async def test_one_that_fails_is_a_warning_and_the_others_are_read(read, server):
    server.put("/index", index(("/a.xml", "2026-11-24"), ("/gone.xml", "2026-11-23")))
    server.put("/a.xml", sitemap("one"))
    _, parsed = await read()
    assert len(parsed.articles) == 1
    assert (parsed.fault, "404" in parsed.warning) == (FeedFault.NOT_FOUND, True)


async def test_when_all_fail_the_feed_fails(read, server):
    server.put("/index", index(("/a.xml", ""), ("http://169.254.169.254/b.xml", "2026-11-24")))
    with pytest.raises(FetchError) as caught:
        await read()
    assert caught.value.fault is FeedFault.FORBIDDEN_ADDRESS


async def test_sitemaps_with_nothing_in_them_are_a_warning(read, server):
    server.put("/index", index(("/a.xml", "")))
    server.put("/a.xml", sitemap())
    _, parsed = await read()
    assert (parsed.fault, parsed.articles) == (FeedFault.EMPTY, ())


async def test_an_index_that_names_nothing_is_a_warning(read, server):
    server.put("/index", index())
    _, parsed = await read()
    assert (parsed.fault, parsed.children) == (FeedFault.EMPTY, ())
