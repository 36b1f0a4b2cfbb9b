"""The feeds that `benchmarks.polling` polls: a host for each on loopback, with news.

Every feed has 40 entries of about 1.2 kB, an ETag, and 50 to 300 ms of latency. From the second
poll on, every fifth feed has one entry more; the others answer 304. In the second poll, that of
every 50th feed is a follow-up of a pledge of its own; five feeds on, the same story is told again,
and ten feeds on stands what only looks like it. Under `/faulty/` every 20th feed hangs, drips or
sends a bomb.
"""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
import random
import time
from collections import Counter, defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache

from aiohttp import web

ENTRIES = 40
PLANTED, FAULTY = 50, 20  # every so many feeds
LATENCY = (0.05, 0.30)  # seconds
POOL = 500  # different feeds; with more, texts come again under other addresses
ENGLISH = (
    "ministers harbour trade report market rain season city council plan water school budget "
    "train bridge farmers prices talks opens visit results"
).split()
CHINESE = "报道 会议 城市 经济 合作 铁路 港口 学校 项目 天气 部长 价格 市场 讨论 结果 访问".split()
SYLLABLES = "ba be bi bo da de di do ka ke ki ko la le li lo ma me mi mo na ne ni no".split()


def pledge_name(number: int) -> str:
    """Return the name of the pledge that a planted feed follows up: a word that nobody uses."""
    base = len(SYLLABLES)
    digits = (number % base, number // base % base, number // base**2 % base)
    return "".join(SYLLABLES[each] for each in digits).capitalize() + "vara Fund"


def planted(number: int) -> str | None:
    """Return the title that a feed's entry of the second poll has; None: any title."""
    step = number % PLANTED
    if step in (0, 5):
        return f"{pledge_name(number - step)} charter signed by seven states"
    if step == 10:
        return f"{pledge_name(number - step).replace(' Fund', 'n Foundation')} opens an office"
    return None


@lru_cache(maxsize=POOL)
def item_texts(number: int) -> list[tuple[str, str]]:
    """Return titles and texts of a feed's entries, the later polls' included."""
    chance = random.Random(number)
    words = (ENGLISH, CHINESE, ENGLISH + CHINESE)[number % 3]
    length = 150 if number % 3 == 0 else 200
    return [
        (" ".join(chance.choices(words, k=8)), " ".join(chance.choices(words, k=length)))
        for _ in range(ENTRIES + 4)
    ]


def feed_body(number: int, extra: int, now: datetime) -> bytes:
    """Return one feed with its entries; `extra` entries stand on top of the first ones."""
    items = []
    for entry, (title, text) in enumerate(item_texts(number % POOL)[: ENTRIES + extra]):
        if entry == ENTRIES:
            title = planted(number) or title
            if number % PLANTED == 5:  # word for word
                text = item_texts((number - 5) % POOL)[entry][1]
        date = format_datetime(now - timedelta(minutes=7 * (ENTRIES - entry)))
        items.append(
            f"<item><title>{title}</title><link>https://n{number}.example.org/{entry}</link>"
            f"<guid>{number}-{entry}</guid><pubDate>{date}</pubDate>"
            f"<description>&lt;p&gt;{text}&lt;/p&gt;</description></item>\n"
        )
    body = "".join(reversed(items))
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed {number}</title>'
        f"{body}</channel></rss>"
    ).encode()


def address(number: int, port: int, kind: str) -> str:
    """Return a feed's address: a host of its own on loopback."""
    return f"http://127.0.{1 + number // 250}.{1 + number % 250}:{port}/{kind}/{number}"


def is_faulty(number: int) -> bool:
    """Tell whether a feed misbehaves under `/faulty/`."""
    return number % FAULTY == 7


class Feeds:
    """The server's pages, and what they saw."""

    def __init__(self, feeds: int) -> None:
        self.now = datetime.now(UTC) - timedelta(minutes=5)
        self.kept = {number: feed_body(number, 0, self.now) for number in range(min(feeds, 1000))}
        self.asked: Counter[tuple[str, int]] = Counter()
        self.flying: Counter[tuple[str, int]] = Counter()
        self.seen: dict[str, Counter[str]] = defaultdict(Counter)
        self.served: dict[str, dict[int, float]] = defaultdict(dict)  # planted, and when
        self.bomb = gzip.compress(b"<rss>" + b" " * 100_000_000)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        kind, number = request.match_info["kind"], int(request.match_info["number"])
        self.flying[kind, number] += 1
        most = max(self.seen[kind]["in flight"], self.flying[kind, number])
        self.seen[kind]["in flight"] = most
        try:
            if kind == "faulty" and is_faulty(number):
                return await self.misbehave(request, number)
            await asyncio.sleep(random.uniform(*LATENCY))
            return self.respond(request, kind, number)
        finally:
            self.flying[kind, number] -= 1

    def respond(self, request: web.Request, kind: str, number: int) -> web.Response:
        round_number = self.asked[kind, number]
        self.asked[kind, number] += 1
        extra = min(round_number, 4) if number % 5 == 0 else 0
        etag = f'"{number}-{extra}"'
        if round_number > 0 and not extra:
            self.seen[kind]["unchanged"] += 1
        if request.headers.get("If-None-Match") == etag:
            self.seen[kind]["304"] += 1
            return web.Response(status=304, headers={"ETag": etag})
        body = self.kept.get(number) if not extra else None
        if round_number == 1 and number % PLANTED == 0:
            self.served[kind][number] = time.time()
        return web.Response(
            body=body or feed_body(number, extra, self.now),
            content_type="application/rss+xml",
            headers={"ETag": etag},
        )

    async def misbehave(self, request: web.Request, number: int) -> web.StreamResponse:
        """Hang, drip, or send what unpacks to a hundred megabytes."""
        way = number // FAULTY % 3
        if way == 2:
            return web.Response(body=self.bomb, headers={"Content-Encoding": "gzip"})
        if way == 0:
            await asyncio.sleep(90)
        answer = web.StreamResponse()
        with suppress(ConnectionError):  # nobody waits for ever
            await answer.prepare(request)
            for _ in range(180):
                await answer.write(b"<rss>")
                await asyncio.sleep(0.5)
        return answer

    async def tell(self, _request: web.Request) -> web.Response:
        return web.json_response({"seen": self.seen, "served": self.served})


def serve(port_pipe: multiprocessing.connection.Connection, feeds: int) -> None:
    """Serve in a process of its own until it is ended."""

    async def main() -> None:
        pages = Feeds(feeds)
        app = web.Application()
        app.router.add_get("/seen", pages.tell)
        app.router.add_get("/{kind}/{number}", pages.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "0.0.0.0", 0, backlog=1024).start()
        port_pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(main())
