"""Every way in which the open web has been seen to fail a feed reader, one handler each.

`kinds` gives a feed server's pages by name, with what the reader must call each of them. The names
are what a person would say; none of the bytes come from a real site.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count

from aiohttp import web

from model.errors import FeedFault
from model.records import FeedHealth
from tests.fakes.feed_server import Handler, rss

TITLE = {
    "en": "Harbour town council meets on the quay wall",
    "zh-Hans": "港湾市议会讨论码头护墙修缮与资金安排，居民表示欢迎",
    "zh-Hant": "港灣市議會討論碼頭護牆修繕與資金安排，居民表示歡迎",
}
GOOD = rss({"title": TITLE["en"], "link": "https://x.example.org/1", "guid": "one"})
SIX_MEGABYTES = b"<rss>" + b" " * 6_000_000
BOMB = (
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY a{n} '{('&a' + str(n - 1) + ';') * 10}'>" for n in range(1, 10))
    + "]><rss><channel><title>&a9;</title></channel></rss>"
).replace("&a0;", "&a;")
CHALLENGE = (
    "<html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/'></script>"
)
PAGE = "<!doctype html><html><body><h1>Harbour Times</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to fail: what the server does, and what a reader must make of it."""

    name: str
    handler: Handler
    fault: FeedFault | None = None  # None: it is read as if nothing were wrong
    health: FeedHealth = FeedHealth.HEALTHY
    articles: int | None = None  # how many there must be in the end; None: not asked


def says(
    body: bytes | str = b"", status: int = 200, headers: dict[str, str] | None = None
) -> Handler:
    """Answer with this, whatever is asked."""
    data = body.encode() if isinstance(body, str) else body

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=data, status=status, headers=headers or {})

    return answer


def leads(to: str, status: int = 302) -> Handler:
    """Send the reader elsewhere."""
    return says(status=status, headers={"Location": to})


def writes(raw: bytes) -> Handler:
    """Write these bytes to the wire and hang up, be they HTTP or not."""

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(raw)
        request.transport.close()
        return web.Response()

    return answer


def in_turn(bodies: Callable[[int], bytes | str], **headers: str) -> Handler:
    """Answer the first time with bodies(0), then with bodies(1), and so on."""
    turn = count()

    async def answer(_: web.Request) -> web.StreamResponse:
        body = bodies(next(turn))
        data = body.encode() if isinstance(body, str) else body
        return web.Response(body=data, headers=headers)

    return answer


async def hangs_before_headers(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def hangs_in_the_body(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b"<rss version='2.0'><channel>")
    await asyncio.sleep(30)
    return answer


async def drips(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    for _ in range(300):
        await answer.write(b"<rss>")
        await asyncio.sleep(0.1)
    return answer


async def floods(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    for _ in range(64):
        await answer.write(b"x" * 1_000_000)
    return answer


async def hangs_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def stops_in_the_body(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "100000"})
    await answer.prepare(request)
    await answer.write(b"<rss version='2.0'><channel>")
    assert request.transport is not None
    request.transport.close()
    return answer


def _one(where: str, **more: str) -> str:
    link = f"https://{where}.example.org/1"
    return rss({"title": TITLE["en"], "link": link, "guid": "one", **more})


def _atom() -> str:
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Example</title><entry><id>one</id>"
        f"<title>{TITLE['en']}</title><link href='https://formats.example.org/1'/></entry></feed>"
    )


def _index(child: str) -> str:
    head = "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
    return f"{head}<sitemap><loc>{child}</loc></sitemap></sitemapindex>"


def _json() -> str:
    item = {"id": "one", "url": "https://formats.example.org/1", "title": TITLE["en"]}
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": "Example", "items": [item]}
    )


def _another_format(turn: int) -> str:
    return (_one("formats"), _atom(), _json())[turn % 3]


def _charset(language: str, encoding: str, declared: str | None, said: str | None) -> Handler:
    body = rss({"title": TITLE[language], "link": f"https://x.example.org/{language}/{encoding}"})
    header = f' encoding="{declared}"' if declared else ""
    body = body.replace(' encoding="UTF-8"', header)
    headers = {"Content-Type": f"text/xml; charset={said}" if said else "text/xml"}
    return says(body.encode(encoding), headers=headers)


def _failing(name: str, fault: FeedFault, handler: Handler) -> Kind:
    health = FeedHealth.GONE if fault is FeedFault.GONE else FeedHealth.FAILING
    return Kind(name, handler, fault, health)


def statuses() -> Iterable[Kind]:
    """Yield the answers that are refusals."""
    later = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    limited, wrong = FeedFault.RATE_LIMITED, FeedFault.HTTP_ERROR
    yield _failing("status-400", wrong, says("no", 400))
    yield _failing("status-401", FeedFault.UNAUTHORIZED, says("no", 401))
    yield _failing("status-403", FeedFault.UNAUTHORIZED, says("no", 403))
    yield _failing("status-404", FeedFault.NOT_FOUND, says("no", 404))
    yield _failing("status-410", FeedFault.GONE, says("no", 410))
    yield _failing("status-418", wrong, says("no", 418))
    yield _failing("status-204", wrong, says(b"", 204))
    yield _failing("status-429-seconds", limited, says("no", 429, {"Retry-After": "120"}))
    yield _failing("status-429-date", limited, says("no", 429, {"Retry-After": later}))
    yield _failing("status-429-absurd", limited, says("no", 429, {"Retry-After": "9" * 40}))
    yield _failing("status-429-nonsense", limited, says("no", 429, {"Retry-After": "soon"}))
    yield _failing("status-500", FeedFault.SERVER_ERROR, says("no", 500))
    yield _failing("status-502", FeedFault.SERVER_ERROR, says("no", 502))
    yield _failing("status-503", FeedFault.SERVER_ERROR, says("no", 503))
    yield _failing("status-503-wait", limited, says("no", 503, {"Retry-After": "60"}))


def redirects(canary: str, tls: str | None) -> Iterable[Kind]:
    """Yield the ways to be sent elsewhere; `canary` must never be asked."""
    closed, port = FeedFault.FORBIDDEN_ADDRESS, canary.rpartition(":")[2]
    yield _failing("loop", FeedFault.REDIRECT_LOOP, leads("?"))
    yield _failing("redirect-private", closed, leads(f"{canary}/secret"))
    yield _failing("redirect-metadata", closed, leads("http://169.254.169.254/latest/meta-data"))
    yield _failing("redirect-decimal", closed, leads(f"http://2130706434:{port}/"))
    yield _failing("redirect-octal", closed, leads(f"http://0177.0.0.2:{port}/"))
    yield _failing("redirect-hexadecimal", closed, leads(f"http://0x7f000002:{port}/"))
    yield _failing("redirect-ideographic", closed, leads(f"http://127。0。0。2:{port}/"))
    yield _failing("redirect-circled", closed, leads(f"http://①②⑦.⓪.⓪.②:{port}/"))
    yield _failing("redirect-mapped", closed, leads(f"http://[::ffff:127.0.0.2]:{port}/"))
    yield _failing("redirect-ipv6", closed, leads(f"http://[::1]:{port}/"))
    yield _failing("redirect-odd-port", FeedFault.BAD_URL, leads("http://[::1]:8@/"))
    yield _failing("redirect-file", FeedFault.BAD_URL, leads("file:///etc/passwd"))
    yield _failing("redirect-gopher", FeedFault.BAD_URL, leads(f"gopher://127.0.0.2:{port}/"))
    yield _failing("redirect-closed-port", FeedFault.REFUSED, leads("http://127.0.0.1:1/"))
    yield _failing("redirect-no-name", FeedFault.DNS, leads("http://nowhere.invalid/"))
    yield _failing("redirect-rebinding", closed, leads(f"http://rebound.invalid:{port}/"))
    split = leads("/x%0d%0aSet-Cookie:a=b", 301)  # a page that is not there, and no second header
    yield _failing("redirect-injection", FeedFault.NOT_FOUND, split)
    if tls is not None:
        yield _failing("redirect-bad-certificate", FeedFault.TLS, leads(f"{tls}/"))


def wires() -> Iterable[Kind]:
    """Yield the connections that break, and answers that are not what they say."""
    many = "".join(f"X-{n}: {'y' * 500}\r\n" for n in range(400))
    yield _failing("hangs-before-headers", FeedFault.TIMEOUT, hangs_before_headers)
    yield _failing("hangs-in-the-body", FeedFault.TIMEOUT, hangs_in_the_body)
    yield _failing("drips", FeedFault.TIMEOUT, drips)
    yield _failing("reset-before-the-answer", FeedFault.RESET, hangs_up)
    yield _failing("reset-in-the-body", FeedFault.RESET, stops_in_the_body)
    yield _failing("short-body", FeedFault.RESET, writes(_http("Content-Length: 5000", GOOD[:99])))
    yield _failing("flood", FeedFault.TOO_LARGE, floods)
    yield _failing("gzip-bomb", FeedFault.TOO_LARGE, _packed("gzip", gzip.compress(SIX_MEGABYTES)))
    deflated = zlib.compress(SIX_MEGABYTES)
    yield _failing("deflate-bomb", FeedFault.TOO_LARGE, _packed("deflate", deflated))
    yield _failing("brotli-bomb", FeedFault.BAD_ENCODING, _packed("br", b"\xff\xff\xff\x03" * 9))
    yield _failing("broken-gzip", FeedFault.BAD_ENCODING, _packed("gzip", b"no gzip at all"))
    cut = gzip.compress(GOOD.encode() * 50)[:-30]
    yield _failing("cut-gzip", FeedFault.RESET, _packed("gzip", cut))
    yield _failing("no-http", FeedFault.HTTP_ERROR, writes(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"))
    huge = f"X-Huge: {'y' * 200_000}"
    yield _failing("huge-header", FeedFault.HTTP_ERROR, writes(_http(huge, GOOD)))
    yield _failing("headers-without-end", FeedFault.HTTP_ERROR, writes(_http(many.strip(), GOOD)))
    split = 'ETag: "a\x0bb"\r\nX-Sneaky: a\x00b'
    yield _failing("header-injection", FeedFault.HTTP_ERROR, writes(_http(split, GOOD)))


def _http(headers: str, body: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\n{headers}\r\nConnection: close\r\n\r\n{body}".encode()


def _packed(encoding: str, body: bytes) -> Handler:
    return says(body, headers={"Content-Encoding": encoding})


def bodies(canary: str) -> Iterable[Kind]:
    """Yield the bodies that are no feed, or a dangerous or broken one."""
    outside = f"<!DOCTYPE x [<!ENTITY f SYSTEM '{canary}/xxe'>]><rss><channel>&f;</channel></rss>"
    file = "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><rss><channel>&f;</channel></rss>"
    subset = f"<!DOCTYPE rss SYSTEM '{canary}/dtd'>" + _one("dtd").partition("?>")[2]
    whole = rss(*({"title": f"News {n}", "link": f"https://x.example.org/{n}"} for n in range(9)))
    warning, empty = FeedHealth.WARNING, FeedFault.EMPTY
    yield _failing("empty-body", empty, says(b""))
    yield _failing("blank-body", empty, says(b" \n\t "))
    yield Kind("no-entries", says(rss()), empty, warning, 0)
    yield Kind("truncated", says(whole[: len(whole) * 2 // 3]), FeedFault.TRUNCATED, warning)
    yield _failing("page-for-a-feed", FeedFault.HTML, says(PAGE))
    drift = in_turn(lambda turn: GOOD if turn == 0 else PAGE)
    yield _failing("drift-to-a-page", FeedFault.HTML, drift)
    yield _failing("challenge", FeedFault.CHALLENGE, says(CHALLENGE))
    yield _failing("challenge-403", FeedFault.CHALLENGE, says(CHALLENGE, 403))
    yield _failing("plain-text", FeedFault.NOT_A_FEED, says("not a feed at all"))
    yield _failing("other-json", FeedFault.NOT_A_FEED, says('{"hello": 1}'))
    yield _failing("deep-json", FeedFault.NOT_A_FEED, says("[" * 200_000))
    yield _failing("bytes", FeedFault.NOT_A_FEED, says(bytes(range(256)) * 40))
    yield _failing("xxe-network", FeedFault.UNSAFE_XML, says(outside))
    yield _failing("xxe-file", FeedFault.UNSAFE_XML, says(file))
    yield _failing("billion-laughs", FeedFault.UNSAFE_XML, says(BOMB))
    yield Kind("dtd-from-outside", says(subset), articles=1)
    deep = "<rss><channel>" + "<a>" * 50_000 + "</a>" * 50_000 + "</channel></rss>"
    yield _failing("index-private", FeedFault.FORBIDDEN_ADDRESS, says(_index(f"{canary}/map.xml")))
    yield Kind("index-circle", says(_index("?")), empty, warning, 0)
    names = "<rss xmlns:a='http://x/modul\ud800es/'><channel><item><title>x</title></item>"
    broken = names.encode("utf-8", "surrogatepass")
    yield Kind("broken-names", says(broken), FeedFault.TRUNCATED, warning, 1)
    yield Kind("deep-nesting", says(deep), empty, warning, 0)


def lies() -> Iterable[Kind]:
    """Yield the feeds that lie about charset, identity and dates: each is read all the same."""
    week = timedelta(days=7)

    def dated(turn: int) -> str:
        return _one("dated", date=format_datetime(datetime.now(UTC) + timedelta(minutes=turn)))

    ahead = format_datetime(datetime.now(UTC) + 52 * week)
    yield Kind("undeclared-gb18030", _charset("zh-Hans", "gb18030", None, None), articles=1)
    yield Kind("undeclared-big5", _charset("zh-Hant", "big5hkscs", None, None), articles=1)
    yield Kind("lying-charset", _charset("zh-Hans", "utf-8", "utf-8", "iso-8859-1"), articles=1)
    yield Kind("lying-declaration", _charset("en", "utf-8", "utf-16", None), articles=1)
    yield Kind("guid-changes", in_turn(lambda n: _one("guids", guid=f"id-{n}")), articles=1)
    yield Kind("re-dated", in_turn(dated), articles=1)
    yield Kind("future-date", says(_one("ahead", date=ahead)), articles=1)
    yield Kind("another-format", in_turn(_another_format), articles=1)
    yield Kind("no-guid", says(_one("nameless", guid="")), articles=1)


def kinds(canary: str, tls: str | None = None) -> tuple[Kind, ...]:
    """Return every kind; `canary` is a server nobody may ask, `tls` one with a bad certificate."""
    return (*statuses(), *redirects(canary, tls), *wires(), *bodies(canary), *lies())
