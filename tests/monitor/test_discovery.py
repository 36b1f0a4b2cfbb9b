"""Feeds of a site are found where a person would look, and only what answers is told."""

from __future__ import annotations

import pytest

from model.clock import SystemClock
from model.errors import FeedFault, FetchError
from model.records import FeedKind, Language
from monitor.discovery import MOST_ASKED, Discovery, feed_links
from monitor.fetching import Fetcher
from monitor.robots import Robots
from tests.fakes.feed_server import FeedServer, rss

HOME = "https://x.example.org/a/"


@pytest.fixture
def server():
    with FeedServer() as server:
        server.put("/robots.txt", "User-agent: *\nDisallow:\n")
        yield server


@pytest.fixture
async def discover(server):
    clock = SystemClock()
    async with Fetcher(clock, user_agent="Pledgewatch/1", allow_private=("127.0.0.1",)) as fetcher:

        async def run(path="/"):
            url = path if "://" in path else server.url(path)
            return await Discovery(fetcher, Robots(fetcher, clock), clock).discover(url)

        yield run


def feed(name, title="Quay", count=2):
    return rss(
        *(
            {"title": f"{title} {n}", "link": f"https://x.example.org/{name}/{n}"}
            for n in range(count)
        ),
        title=f"Feed {name}",
    )


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<link rel='alternate' type='application/rss+xml' href='/rss'>", ["https://x.example.org/rss"]),
        (
            "<LINK REL='Alternate' TYPE='application/atom+xml; charset=utf-8' HREF='atom.xml'>",
            ["https://x.example.org/a/atom.xml"],
        ),
        (
            "<link rel='alternate' type='application/feed+json' href='//y.example.org/f.json'>",
            ["https://y.example.org/f.json"],
        ),
        (
            "<base href='https://y.example.org/b/'><link rel=feed href=f>",
            ["https://y.example.org/b/f"],
        ),
        ("<link rel='alternate' hreflang='zh' href='/zh/'>", []),
        ("<link rel='stylesheet' type='text/css' href='/rss.css'>", []),
        ("<a href='/news/rss.xml'>here</a>", ["https://x.example.org/news/rss.xml"]),
        ("<a href='/x'>订阅</a><a href='/y'>RSS</a>", ["https://x.example.org/x", "https://x.example.org/y"]),
        ("<a href='/feedback'>tell us</a><a href='javascript:rss()'>RSS</a>", []),
        ("<link rel=alternate type=text/xml href='http://['>", []),
    ],
)  # fmt: skip
def test_what_a_page_names_and_links_to(markup, expected):
    assert [each.url for each in feed_links(f"<html><head>{markup}", HOME)] == expected


async def test_the_address_of_a_feed_is_the_feed(discover, server):
    server.put("/rss", feed("one"))
    (found,) = await discover("/rss")
    assert (found.url, found.why) == (server.url("/rss"), "the address itself")
    assert (found.title, found.entries, found.kind) == ("Feed one", 2, FeedKind.FEED)
    assert [path for path, _ in server.requests] == ["/rss"]


@pytest.mark.parametrize(
    ("language", "title"),
    [
        (Language.ENGLISH, "Minister opens the harbour wall"),
        (Language.CHINESE_SIMPLIFIED, "部长宣布港湾护墙开工"),
        (Language.CHINESE_TRADITIONAL, "部長宣布港灣護牆動工"),
    ],
)
async def test_a_feed_is_told_with_its_language(discover, server, language, title):
    server.put("/", "<html><link rel='alternate' type='application/rss+xml' href='/f'></html>")
    server.put("/f", feed("f", title))
    (found,) = await discover()
    assert (found.language, found.why) == (language, "the page names it")


async def test_usual_places_are_tried_and_a_forbidden_one_is_left_alone(discover, server):
    server.put("/robots.txt", "User-agent: *\nDisallow: /rss.xml\nSitemap: /s.xml\n")
    server.put("/", "<html><p>No feed is named here</html>")
    server.put("/feed", feed("one"))
    server.put("/rss.xml", feed("two"))
    (found,) = await discover()
    assert (found.url, found.why) == (server.url("/feed"), "a usual place")
    assert server.asked("/rss.xml") == []


async def test_the_same_articles_in_another_format_are_told_once(discover, server):
    links = "".join(
        f"<link rel='alternate' type='application/rss+xml' href='{each}'>"
        for each in ("/a", "/b", "/c")
    )
    server.put("/", f"<html>{links}</html>")
    server.put("/a", feed("one"))
    server.put("/b", feed("one"))
    server.put("/c", feed("two"))
    assert [each.title for each in await discover()] == ["Feed one", "Feed two"]


async def test_a_dead_feed_leads_to_what_its_site_has_now(discover, server):
    server.put("/", "<html><link rel='alternate' type='application/rss+xml' href='/new'></html>")
    server.put("/new", feed("new"))
    (found,) = await discover("/old/rss")
    assert found.url == server.url("/new")


async def test_sitemaps_of_robots_txt_come_last_and_say_whether_they_have_titles(discover, server):
    head = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
    server.put("/robots.txt", f"Sitemap: {server.url('/map.xml')}\n")
    server.put("/", "<html><a href='/rss'>RSS</a></html>")
    server.put("/rss", feed("one"))
    server.put(
        "/map.xml", f"<sitemapindex {head}><sitemap><loc>/s.xml</loc></sitemap></sitemapindex>"
    )
    server.put("/s.xml", f"<urlset {head}><url><loc>https://x.example.org/9</loc></url></urlset>")
    first, second = await discover()
    assert (first.kind, second.kind) == (FeedKind.FEED, FeedKind.SITEMAP)
    assert (second.why, second.titled, second.entries) == ("robots.txt names it", 0, 1)


async def test_a_site_without_feeds_has_none_and_is_asked_a_bounded_number_of_times(
    discover, server
):
    links = "".join(f"<a href='/rss/{number}'>RSS</a>" for number in range(500))
    server.put("/", f"<html>{links}</html>")
    assert await discover() == ()
    assert len(server.requests) <= MOST_ASKED + 2


async def test_a_hostile_page_leads_nowhere_else(discover, server):
    closed = "<link rel='alternate' type='application/rss+xml' href='http://169.254.169.254/rss'>"
    server.put("/", f"<html>{closed}</html>")
    assert await discover() == ()


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://nowhere.invalid/", "ftp://x.example.org/"]
)
async def test_a_site_that_cannot_be_reached_is_named(discover, url):
    with pytest.raises(FetchError) as caught:
        await discover(url)
    assert caught.value.fault in {FeedFault.FORBIDDEN_ADDRESS, FeedFault.DNS, FeedFault.BAD_URL}
