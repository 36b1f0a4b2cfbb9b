"""What a host lets us ask for, by its robots.txt (RFC 9309). The only module with protego."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from protego import Protego

from model.clock import Clock
from model.errors import FeedFault, FetchError
from model.records import Feed, FeedId, Language
from monitor.fetching import Fetched, Fetcher
from monitor.urls import host_key

KEPT = timedelta(days=1)  # RFC 9309, 2.4: no longer than a day
NOT_NOW = timedelta(hours=1)  # how long a host that could not say is left alone
MOST_BYTES = 512_000  # RFC 9309, 2.5: at least 500 kibibytes are read
MOST_HOSTS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one host said, and how long that holds; `parsed` None: everything or nothing."""

    until: datetime
    parsed: Protego | None
    allowed: bool = True  # where nothing was parsed

    def allows(self, url: str, user_agent: str) -> bool:
        """Tell whether an address may be asked for."""
        return self.allowed if self.parsed is None else self.parsed.can_fetch(url, user_agent)


class Robots:
    """The robots.txt of every host that is asked for pages, each fetched once a day."""

    def __init__(self, fetcher: Fetcher, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._rules: OrderedDict[str, Rules] = OrderedDict()
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def allows(self, url: str, proxy: str | None = None) -> bool:
        """Tell whether a page may be fetched; a host that cannot say now is left alone."""
        rules = await self._of(url, proxy)
        return rules.allows(url, self._fetcher.user_agent)

    async def pause(self, url: str, proxy: str | None = None) -> timedelta:
        """Return how long the host wants to be left alone between two pages."""
        rules = await self._of(url, proxy)
        delay = rules.parsed.crawl_delay(self._fetcher.user_agent) if rules.parsed else None
        return timedelta(seconds=min(max(delay or 0.0, 0.0), 3600.0))

    async def sitemaps(self, url: str, proxy: str | None = None) -> tuple[str, ...]:
        """Return the sitemaps that a host names."""
        rules = await self._of(url, proxy)
        return tuple(rules.parsed.sitemaps) if rules.parsed else ()

    async def _of(self, url: str, proxy: str | None) -> Rules:
        key = f"{urlsplit(url).scheme}://{host_key(url)}"
        async with self._asking[key]:
            rules = self._rules.get(key)
            if rules is None or rules.until <= self._clock.now():
                rules = await self._ask(url, proxy)
                self._rules[key] = rules
                self._rules.move_to_end(key)
        while len(self._rules) > MOST_HOSTS:
            oldest, _ = self._rules.popitem(last=False)
            self._asking.pop(oldest, None)
        return rules

    async def _ask(self, url: str, proxy: str | None) -> Rules:
        parts = urlsplit(url)
        address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "/robots.txt", "", ""))
        feed = Feed(
            id=FeedId("robots"), url=address, title="", language=Language.UNKNOWN, proxy=proxy
        )
        now = self._clock.now()
        try:
            answer = await self._fetcher.fetch(feed)
        except FetchError as error:
            if _is_absent(error):  # RFC 9309, 2.3.1.3: no rules, so everything is allowed
                return Rules(until=now + KEPT, parsed=None)
            wait = max(error.retry_after or NOT_NOW, NOT_NOW)  # 2.3.1.4: unreachable, so nothing is
            return Rules(until=now + min(wait, KEPT), parsed=None, allowed=False)
        body = answer.body if isinstance(answer, Fetched) else b""
        text = body[:MOST_BYTES].decode("utf-8-sig", "replace")
        return Rules(until=now + KEPT, parsed=Protego.parse(text))


def _is_absent(error: FetchError) -> bool:
    """Tell whether a host answered that it has no robots.txt: 2xx without a body, and 4xx."""
    if error.status is None or error.fault in {FeedFault.RATE_LIMITED, FeedFault.CHALLENGE}:
        return error.fault is FeedFault.CHALLENGE and error.status == 403
    return 200 < error.status < 300 or 400 <= error.status < 500
