"""Whatever a feed does to us has a name, costs nobody else anything, and passes."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from socket import AF_INET, AF_INET6, SOCK_STREAM

import pytest
from aiohttp import web

from model.clock import SystemClock
from model.errors import FeedFault
from model.records import FeedHealth, FeedId
from monitor.addresses import AddressGuard
from monitor.fetching import Fetcher, Limits, _GuardedResolver
from monitor.matching import compile_watchlist
from monitor.pipeline import Context
from monitor.polling import Poller
from monitor.storing import PollOutcome
from storage.unit_of_work import begin, reading
from tests.builders import a_feed, a_watchlist
from tests.fakes.feed_server import FeedServer, rss

QUICK = Limits(
    connect=timedelta(seconds=1),
    read=timedelta(seconds=0.5),
    total=timedelta(seconds=1),
    wire_bytes=1_000_000,
    body_bytes=2_000_000,
)
GOOD = rss({"title": "Harbour Resilience Fund charter signed", "link": "https://x.example.org/1"})


@pytest.fixture
def server():
    with FeedServer() as server:
        yield server


@pytest.fixture
async def poll(database, server):
    """Return a function that polls pages of the server at once, by their names."""
    writer = ThreadPoolExecutor(max_workers=1)
    clock = SystemClock()
    async with Fetcher(
        clock, user_agent="test", allow_private=("127.0.0.1", "localhost"), limits=QUICK
    ) as fetcher:
        pollers = []

        async def run(*names, **more):
            feeds = tuple(
                a_feed(id=FeedId(name), url=server.url(f"/{name}"), **more) for name in names
            )
            watchlist = a_watchlist(feeds=feeds)
            context = Context(watchlist=watchlist, matcher=compile_watchlist(watchlist))
            with begin(database) as work:
                work.feeds.ensure(feeds, clock.now())
                work.commit()
            poller = Poller(database, fetcher, lambda: context, clock, writer)
            pollers.append(poller)
            with reading(database) as work:
                states = [(feed, work.feeds.get(feed.id)) for feed in feeds]
            return {result.feed_id: result for result in await poller.poll(states)}

        yield run
        for poller in pollers:
            poller.close()
    writer.shutdown()


def state_of(database, name):
    with reading(database) as work:
        return work.feeds.get(FeedId(name))


async def drip(request):
    answer = web.StreamResponse()
    await answer.prepare(request)
    for _ in range(100):
        await answer.write(b"<rss>")
        await asyncio.sleep(0.2)
    return answer


async def hang(request):
    await asyncio.sleep(30)
    return web.Response()


async def stop_in_the_body(request):
    answer = web.StreamResponse(headers={"Content-Length": "100000"})
    await answer.prepare(request)
    await answer.write(b"<rss version='2.0'><channel>")
    request.transport.close()
    return answer


async def flood(request):
    answer = web.StreamResponse()
    await answer.prepare(request)
    for _ in range(64):
        await answer.write(b"x" * 1_000_000)
    return answer


def redirects(to):
    async def answer(request):
        return web.Response(status=302, headers={"Location": to})

    return answer


BOMB = (
    b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><rss/>"
)
OUTSIDE = b"<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><rss><channel>&f;</channel></rss>"
CHALLENGE = (
    b"<html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/'></script>"
)

PAGES = {
    "html": (b"<!doctype html><html><body>Hello</body></html>", FeedFault.HTML),
    "empty": (b"", FeedFault.EMPTY),
    "blank": (b"  \n ", FeedFault.EMPTY),
    "text": (b"not a feed at all", FeedFault.NOT_A_FEED),
    "json": (b'{"hello": 1}', FeedFault.NOT_A_FEED),
    "broken-json": (b'{"items": [', FeedFault.NOT_A_FEED),
    "bomb": (BOMB, FeedFault.UNSAFE_XML),
    "outside": (OUTSIDE, FeedFault.UNSAFE_XML),
    "challenge": (CHALLENGE, FeedFault.CHALLENGE),
}


@pytest.mark.parametrize("name", PAGES)
async def test_what_is_no_feed_is_named(poll, server, database, name):
    body, fault = PAGES[name]
    server.put(f"/{name}", body)
    result = (await poll(name))[name]
    assert (result.outcome, result.fault) == (PollOutcome.FAILED, fault)
    assert "\n" not in result.error
    state = state_of(database, name)
    assert state.health is FeedHealth.FAILING
    assert state.next_poll_at > state.last_polled_at


@pytest.mark.parametrize(
    ("status", "headers", "fault"),
    [
        (401, {}, FeedFault.UNAUTHORIZED),
        (403, {}, FeedFault.UNAUTHORIZED),
        (404, {}, FeedFault.NOT_FOUND),
        (410, {}, FeedFault.GONE),
        (418, {}, FeedFault.HTTP_ERROR),
        (429, {"Retry-After": "120"}, FeedFault.RATE_LIMITED),
        (500, {}, FeedFault.SERVER_ERROR),
        (502, {}, FeedFault.SERVER_ERROR),
        (503, {"Retry-After": "120"}, FeedFault.RATE_LIMITED),
    ],
)
async def test_every_refusal_has_its_name(poll, server, database, status, headers, fault):
    server.put("/refused", b"no", status=status, headers=headers)
    result = (await poll("refused"))["refused"]
    assert result.fault is fault
    state = state_of(database, "refused")
    if headers:
        assert state.next_poll_at - state.last_polled_at >= timedelta(seconds=120)
    if status == 410:
        assert state.health is FeedHealth.GONE


@pytest.mark.parametrize(
    ("handler", "fault"),
    [
        (drip, FeedFault.TIMEOUT),
        (hang, FeedFault.TIMEOUT),
        (stop_in_the_body, FeedFault.RESET),
        (flood, FeedFault.TOO_LARGE),
        (redirects("/bad"), FeedFault.REDIRECT_LOOP),
        (redirects("http://127.0.0.3:1/x"), FeedFault.FORBIDDEN_ADDRESS),
        (redirects("http://169.254.169.254/latest/meta-data"), FeedFault.FORBIDDEN_ADDRESS),
        (redirects("http://[::1]:1/x"), FeedFault.FORBIDDEN_ADDRESS),
        (redirects("http://[::ffff:10.0.0.1]/x"), FeedFault.FORBIDDEN_ADDRESS),
        (redirects("http://2130706435/x"), FeedFault.FORBIDDEN_ADDRESS),
        (redirects("http://0x7f000003/x"), FeedFault.FORBIDDEN_ADDRESS),
        (redirects("http://0177.0.0.3/x"), FeedFault.FORBIDDEN_ADDRESS),
        (redirects("http://127。0。0。3:1/x"), FeedFault.FORBIDDEN_ADDRESS),
        (redirects("http://①②⑦.⓪.⓪.③:1/x"), FeedFault.FORBIDDEN_ADDRESS),
        (redirects("http://127.0.0x3:1/x"), FeedFault.FORBIDDEN_ADDRESS),
        (redirects("//127。0。0。3:1/x"), FeedFault.FORBIDDEN_ADDRESS),
        (redirects("file:///etc/passwd"), FeedFault.BAD_URL),
        (redirects("gopher://x/"), FeedFault.BAD_URL),
        (redirects("http://127.0.0.1:1/x"), FeedFault.REFUSED),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
async def test_a_misbehaving_server_has_its_name(poll, server, handler, fault):
    server.misbehave("/bad", handler)
    result = (await poll("bad"))["bad"]
    assert result.fault is fault, result.error


@pytest.mark.parametrize(
    ("encoding", "body", "fault"),
    [
        ("gzip", gzip.compress(b"x" * 50_000_000), FeedFault.TOO_LARGE),
        ("deflate", zlib.compress(b"x" * 50_000_000), FeedFault.TOO_LARGE),
        ("gzip", b"no gzip at all", FeedFault.BAD_ENCODING),
        ("gzip", gzip.compress(GOOD.encode() * 50)[:-30], FeedFault.RESET),
        ("br", b"xx", FeedFault.BAD_ENCODING),
    ],
    ids=["gzip bomb", "deflate bomb", "no gzip", "cut gzip", "unasked"],
)
async def test_a_packed_answer_is_bounded(poll, server, encoding, body, fault):
    server.put("/packed", body, headers={"Content-Encoding": encoding})
    result = (await poll("packed"))["packed"]
    assert result.fault is fault, result.error


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
async def test_a_packed_feed_is_read(poll, server, encoding, pack):
    server.put("/packed", pack(GOOD.encode()), headers={"Content-Encoding": encoding})
    assert (await poll("packed"))["packed"].new_articles == 1


async def test_one_broken_feed_never_stops_another(poll, server, database):
    server.misbehave("/hangs", hang)
    server.put("/bomb", BOMB)
    server.put("/good", GOOD)
    results = await poll("hangs", "bomb", "good")
    assert results["good"].new_articles == 1
    assert results["good"].hits == 1
    assert results["hangs"].fault is FeedFault.TIMEOUT


async def test_a_feed_with_nothing_in_it_is_a_warning(poll, server, database):
    server.put("/hollow", rss())
    result = (await poll("hollow"))["hollow"]
    assert result.outcome is PollOutcome.WARNING
    assert state_of(database, "hollow").health is FeedHealth.WARNING


async def test_a_truncated_feed_keeps_what_could_be_read(poll, server, database):
    whole = rss(*({"title": f"News {n}", "link": f"https://x.example.org/{n}"} for n in range(9)))
    server.put("/cut", whole[: len(whole) * 2 // 3])
    result = (await poll("cut"))["cut"]
    assert result.fault is FeedFault.TRUNCATED
    assert 4 <= result.new_articles <= 6


@pytest.mark.parametrize(
    ("charset", "declared", "text"),
    [
        ("gb18030", "gb2312", "港湾韧性基金章程签署，各方表示欢迎并将继续合作"),
        ("gb18030", None, "港湾韧性基金章程签署，各方表示欢迎并将继续合作"),
        ("big5hkscs", "big5", "港灣韌性基金章程簽署，各方表示歡迎並將繼續合作"),
        ("big5hkscs", None, "港灣韌性基金章程簽署，各方表示歡迎並將繼續合作"),
        ("utf-8", "iso-8859-1", "港湾韧性基金章程签署 – Côte d’Ivoire"),
        ("cp1252", None, "Harbour fund – a café’s “promise” in Côte d’Ivoire"),
        ("utf-16", "utf-16", "港湾韧性基金章程签署"),
    ],
)
async def test_no_charset_turns_to_mojibake(poll, server, database, charset, declared, text):
    body = rss({"title": text, "link": "https://x.example.org/1"})
    header = f' encoding="{declared}"' if declared else ""
    body = body.replace(' encoding="UTF-8"', header)
    server.put("/charset", body.encode(charset))
    assert (await poll("charset"))["charset"].new_articles == 1
    with reading(database) as work:
        (article,) = work.articles.by_url("https://x.example.org/1")
    assert article.article.title == text


async def test_validators_are_sent_and_a_304_is_no_news(poll, server, database):
    server.put("/good", GOOD)
    first = (await poll("good"))["good"]
    second = (await poll("good"))["good"]
    assert (first.outcome, second.outcome) == (PollOutcome.NEW, PollOutcome.NOT_MODIFIED)
    assert "If-None-Match" in server.asked("/good")[1]


async def test_the_same_body_without_validators_is_not_parsed_again(poll, server):
    server.put("/good", GOOD, validators=False)
    await poll("good")
    assert (await poll("good"))["good"].outcome is PollOutcome.NOT_MODIFIED


async def test_a_feed_recovers_by_itself(poll, server, database):
    server.put("/feed", b"", status=500)
    await poll("feed")
    await poll("feed")
    assert state_of(database, "feed").consecutive_failures == 2
    server.put("/feed", GOOD)
    await poll("feed")
    state = state_of(database, "feed")
    assert (state.health, state.consecutive_failures, state.fault) == (FeedHealth.HEALTHY, 0, None)


async def test_only_permanent_redirects_are_remembered(poll, server, database):
    server.put("/new", GOOD)
    server.put("/moved", b"", status=301, headers={"Location": "/new"})
    server.put("/borrowed", b"", status=302, headers={"Location": "/new"})
    await poll("moved", "borrowed")
    assert state_of(database, "moved").url == server.url("/new")
    assert state_of(database, "borrowed").url is None


@pytest.mark.parametrize(("address", "family"), [("127.0.0.2", AF_INET), ("::1", AF_INET6)])
async def test_no_socket_is_made_for_an_address_that_came_past_the_resolver(address, family):
    gate = _GuardedResolver(AddressGuard(("127.0.0.1",)))
    with pytest.raises(OSError, match=address):
        gate.socket((family, SOCK_STREAM, 0, "", (address, 80)))
    gate.socket((AF_INET, SOCK_STREAM, 0, "", ("127.0.0.1", 80))).close()


async def test_one_host_is_asked_one_thing_at_a_time(poll, server):
    names = [f"feed-{number}" for number in range(8)]
    for name in names:
        server.put(f"/{name}", GOOD)
    await poll(*names)
    assert server.most_in_flight == 1


async def test_own_headers_go_to_the_feeds_own_host_only(poll, server):
    server.put("/x", GOOD)
    elsewhere = server.url("/x").replace("127.0.0.1", "localhost")
    server.put("/own", b"", status=302, headers={"Location": elsewhere})
    result = (await poll("own", headers=(("X-Key", "secret"),)))["own"]
    assert result.new_articles == 1, result.error
    assert server.asked("/own")[0]["X-Key"] == "secret"
    (headers,) = server.asked("/x")
    assert "X-Key" not in headers


async def test_an_index_of_sitemaps_is_polled_like_a_feed(poll, server, database):
    head = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"

    def sitemap(*names):
        inside = "".join(f"<url><loc>https://x.example.org/{each}</loc></url>" for each in names)
        return f"<urlset {head}>{inside}</urlset>"

    server.put(
        "/index", f"<sitemapindex {head}><sitemap><loc>/s.xml</loc></sitemap></sitemapindex>"
    )
    server.put("/s.xml", sitemap("one", "two"))
    assert (await poll("index"))["index"].new_articles == 2
    state = state_of(database, "index")
    assert (state.health, state.validators.body_hash) == (FeedHealth.HEALTHY, None)
    server.put("/s.xml", sitemap("one", "two", "three"))  # the index says nothing of it
    assert (await poll("index"))["index"].new_articles == 1
    assert (await poll("index"))["index"].outcome is PollOutcome.NOTHING_NEW
