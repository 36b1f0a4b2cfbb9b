"""One request: what is sent along, to whom, and by which way."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from aiohttp import web

from model.clock import SystemClock
from model.errors import FeedFault, FetchError
from monitor.fetching import Fetched, Fetcher, Limits
from tests.builders import a_feed
from tests.fakes.feed_server import FeedServer, rss

QUICK = Limits(read=timedelta(seconds=1), total=timedelta(seconds=3))
GOOD = rss({"title": "Quay", "link": "https://x.example.org/1"})
OWN = (
    ("User-Agent", "Mozilla/5.0 (compatible; Pledgewatch; +https://pledges.example.org)"),
    ("Cookie", "session=abc; region=cn"),
    ("Accept-Language", "zh-CN"),
)


@pytest.fixture
def server():
    with FeedServer(sites=2) as server:
        yield server


@pytest.fixture
async def fetcher():
    async with Fetcher(
        SystemClock(),
        user_agent="Pledgewatch/test (+https://pledges.example.org)",
        allow_private=("127.0.0.1",),
        limits=QUICK,
    ) as fetcher:
        yield fetcher


async def test_a_server_is_told_who_asks(fetcher, server):
    await fetcher.fetch(a_feed(url=server.put("/feed", GOOD)))
    (sent,) = server.asked("/feed")
    assert sent["User-Agent"] == "Pledgewatch/test (+https://pledges.example.org)"
    assert "application/rss+xml" in sent["Accept"]
    assert "Cookie" not in sent


async def test_a_feed_may_have_its_own_user_agent_and_cookies(fetcher, server):
    await fetcher.fetch(a_feed(url=server.put("/feed", GOOD), headers=OWN))
    (sent,) = server.asked("/feed")
    assert {name: sent[name] for name, _ in OWN} == dict(OWN)


async def test_own_headers_are_not_sent_to_another_host(fetcher, server):
    server.put("/there", GOOD)
    elsewhere = server.url("/there", site=1)

    async def leads(_):
        return web.Response(status=302, headers={"Location": elsewhere, "Set-Cookie": "a=b"})

    feed = a_feed(url=server.misbehave("/feed", leads), headers=OWN)
    await fetcher.fetch(feed)
    (sent,) = server.asked("/there")
    assert "Cookie" not in sent
    assert sent["User-Agent"].startswith("Pledgewatch/")


async def test_a_cookie_that_a_server_sets_is_not_kept(fetcher, server):
    feed = a_feed(url=server.put("/feed", GOOD, headers={"Set-Cookie": "tracking=1"}))
    await fetcher.fetch(feed)
    await fetcher.fetch(feed)
    assert all("Cookie" not in sent for sent in server.asked("/feed"))


async def test_user_and_password_of_an_address_are_sent_as_such_and_never_told(fetcher, server):
    url = server.put("/feed", GOOD).replace("//", "//reader:hunter2@")
    answer = await fetcher.fetch(a_feed(url=url))
    (sent,) = server.asked("/feed")
    assert sent["Authorization"].startswith("Basic ")
    assert isinstance(answer, Fetched)
    server.pages.clear()
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(a_feed(url=url))
    assert "hunter2" not in str(caught.value)


def test_a_feeds_headers_and_proxy_are_not_in_what_is_printed_of_it():
    feed = a_feed(headers=OWN, proxy="http://me:hunter2@proxy.example.org:3128")
    assert "session=abc" not in repr(feed)
    assert "hunter2" not in repr(feed)


class TestBehindAProxy:
    """The proxy is a server on loopback: it answers whatever it is asked for."""

    async def test_it_is_asked_for_the_whole_address(self, fetcher, server):
        server.put("/feed", GOOD)
        feed = a_feed(url="http://nowhere.invalid/feed", proxy=server.url("/", site=1))
        answer = await fetcher.fetch(feed)
        assert isinstance(answer, Fetched)
        (sent,) = server.asked("/feed")
        assert sent["Host"] == "nowhere.invalid"

    async def test_it_is_not_sent_where_we_would_not_go(self, fetcher, server, monkeypatch):
        server.put("/secret", GOOD)
        resolve = socket.getaddrinfo

        def getaddrinfo(host, *more, **named):
            return resolve("10.0.0.1" if host == "inner.invalid" else host, *more, **named)

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        for url in ("http://10.0.0.1/secret", "http://inner.invalid/secret", "http://[::1]/secret"):
            with pytest.raises(FetchError) as caught:
                await fetcher.fetch(a_feed(url=url, proxy=server.url("/", site=1)))
            assert caught.value.fault is FeedFault.FORBIDDEN_ADDRESS
        assert server.asked("/secret") == []

    async def test_its_redirects_are_guarded_too(self, fetcher, server):
        async def leads(_):
            return web.Response(status=302, headers={"Location": "http://169.254.169.254/secret"})

        server.misbehave("/feed", leads)
        feed = a_feed(url="http://nowhere.invalid/feed", proxy=server.url("/", site=1))
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(feed)
        assert caught.value.fault is FeedFault.FORBIDDEN_ADDRESS
        assert server.asked("/secret") == []


async def test_a_redirect_to_an_address_that_trips_the_client_is_named(fetcher, server):
    async def leads(_):
        return web.Response(status=302, headers={"Location": "http://[::ffff:127.0.0.1]:8@/"})

    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(a_feed(url=server.misbehave("/feed", leads)))
    assert caught.value.fault is FeedFault.BAD_URL
