"""One conditional GET, politely and safely. The only module that imports aiohttp."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from model.clock import Clock
from model.errors import FeedFault, FetchError
from model.records import Feed, FeedState, Validators
from monitor.addresses import AddressGuard
from monitor.places import Backlog, Places
from monitor.politeness import Hints, hints_of, retry_after
from monitor.unpacking import Inflater, too_large
from monitor.urls import DEFAULT_PORTS, host_key, without_secrets

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
)
PERMANENT = frozenset({301, 308})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Words of pages that want a browser, in small letters.
_CHALLENGES = (
    b"cf-chl",
    b"cf_chl",
    b"challenge-platform",
    b"just a moment...",
    b"_incapsula_resource",
    b"px-captcha",
    b"captcha-delivery",
    b"attention required! | cloudflare",
    b"ddos protection by",
    b"sucuri_cloudproxy",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one answer may cost."""

    at_once: int = 64  # requests in flight, over all hosts
    patience: timedelta = timedelta(seconds=2)  # then a request makes room for another
    slow: int = 192  # requests that did, at most
    backlog: int = 32  # answers not parsed or stored yet; then nothing more is asked
    connect: timedelta = timedelta(seconds=10)
    read: timedelta = timedelta(seconds=20)  # between two pieces
    total: timedelta = timedelta(seconds=60)  # from the first byte asked to the last received
    wire_bytes: int = 15_000_000
    body_bytes: int = 30_000_000  # after decompression
    redirects: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer with a body."""

    body: bytes
    content_type: str | None
    url: str  # where it came from in the end
    validators: Validators
    hints: Hints
    moved_to: str | None  # the new address, where every hop was permanent


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """Nothing has changed: the server said so, or the body is the same."""

    hints: Hints
    validators: Validators
    moved_to: str | None = None


class _ForbiddenAddressError(OSError):
    """A connection that the guard refuses."""


class _GuardedResolver(AbstractResolver):
    """Resolves names, and refuses answers that may not be connected to.

    aiohttp connects to exactly what this returns, so a name cannot change its answer in between.
    """

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._inner = ThreadedResolver()
        self._let_through: set[tuple[str, int]] = set()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        kept = [each for each in found if self._guard.allows(host, port, each["host"])]
        if not kept:
            raise _ForbiddenAddressError(f"{host} is at {found[0]['host'] if found else '?'}")
        self._let_through.update((each["host"], port) for each in kept)
        return kept

    async def refuses(self, host: str, port: int) -> bool:
        """Tell whether a host that a proxy would be sent to has an address that is not public.

        The proxy connects, not we; a name that only it can resolve is left to it.
        """
        try:
            found = await self._inner.resolve(host, port)
        except OSError:
            return False
        return not all(self._guard.allows(host, port, each["host"]) for each in found)

    def socket(self, address_info: aiohttp.AddrInfoType) -> socket.socket:
        """Return a socket for an address; refuse one that came past `resolve` and is not public.

        aiohttp resolves no host that it reads as an address: this is the last gate before it.
        """
        family, kind, protocol, _, address = address_info
        host, port = str(address[0]), int(address[1])
        if (host, port) not in self._let_through and not self._guard.allows(host, port, host):
            raise _ForbiddenAddressError(host)
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        await self._inner.close()


class Fetcher:
    """Fetches feeds; use as an async context manager."""

    def __init__(
        self,
        clock: Clock,
        *,
        user_agent: str,
        allow_private: tuple[str, ...] = (),
        limits: Limits | None = None,
    ) -> None:
        self._clock = clock
        self._user_agent = user_agent
        self._guard = AddressGuard(allow_private)
        self._limits = limits or Limits()
        limits = self._limits
        self._places = Places(limits.at_once, limits.patience, limits.slow)
        self.backlog = Backlog(limits.backlog)
        self._hosts: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._session: aiohttp.ClientSession | None = None
        self._resolver: _GuardedResolver | None = None

    async def __aenter__(self) -> Self:
        limits = self._limits
        self._resolver = resolver = _GuardedResolver(self._guard)
        connector = aiohttp.TCPConnector(
            resolver=resolver,
            socket_factory=resolver.socket,
            limit=limits.at_once + limits.slow,
            limit_per_host=1,
            use_dns_cache=True,
            ttl_dns_cache=60,
            keepalive_timeout=10,  # each idle connection takes as much room as a small feed
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,  # inflated by hand, up to a bound
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=None,
                connect=limits.connect.total_seconds(),
                sock_connect=limits.connect.total_seconds(),
                sock_read=limits.read.total_seconds(),
            ),
            headers={
                "User-Agent": self._user_agent,
                "Accept": ACCEPT,
                "Accept-Encoding": "gzip, deflate",
            },
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def user_agent(self) -> str:
        """Return what we call ourselves."""
        return self._user_agent

    async def fetch(
        self, feed: Feed, state: FeedState | None = None, *, body_bytes: int | None = None
    ) -> Fetched | NotModified:
        """Ask for a feed, with what we know of it; raise FetchError naming the fault.

        `body_bytes` bounds this answer more tightly than the limits do.
        """
        url = (state.url if state else None) or feed.url
        validators = state.validators if state else Validators()
        return await self._ask(feed, url, validators, body_bytes)

    async def fetch_at(self, feed: Feed, url: str) -> Fetched | NotModified:
        """Ask for another address on a feed's behalf, as `fetch` does."""
        return await self._ask(feed, url, Validators(), None)

    async def _ask(
        self, feed: Feed, url: str, validators: Validators, most: int | None
    ) -> Fetched | NotModified:
        try:
            return await self._follow(feed, url, validators, most)
        except FetchError:
            raise
        except TimeoutError as error:
            raise FetchError(FeedFault.TIMEOUT, "the server took too long") from error
        except (aiohttp.ClientError, OSError, ValueError, UnicodeError) as error:
            raise _explained(error) from error

    async def _follow(
        self, feed: Feed, url: str, validators: Validators, most: int | None
    ) -> Fetched | NotModified:
        """Go from hop to hop by hand: each is checked, and told permanent from temporary."""
        permanent, seen, first = True, {url}, url
        for _ in range(self._limits.redirects + 1):
            self._check(url)
            if feed.proxy is not None:
                await self._check_behind_proxy(url)
            host = host_key(url)
            # They may hold a key: no other host than the feed's own is given them.
            own = feed.headers if url == feed.url or host == host_key(feed.url) else ()
            async with self._slot(host), self._get(feed, url, own, validators) as answer:
                if answer.status in REDIRECTS and answer.headers.get("Location"):
                    permanent = permanent and answer.status in PERMANENT
                    target = urljoin(url, answer.headers["Location"].strip())
                else:
                    moved = url if permanent and url != first else None
                    return await self._read(answer, url, validators, moved, most)
            if target in seen:
                raise FetchError(FeedFault.REDIRECT_LOOP, "the redirects go in a circle")
            seen.add(target)
            url = target
        raise FetchError(FeedFault.REDIRECT_LOOP, f"more than {self._limits.redirects} redirects")

    def _check(self, url: str) -> None:
        """Refuse what is no web address, and literal addresses that may not be asked."""
        try:
            parts = URL(url)  # as the client reads it: it takes 。for a dot, and ① for 1
            port = parts.port or 0
        except (ValueError, IndexError) as error:  # the latter over `http://[::1]:8@/`
            raise FetchError(FeedFault.BAD_URL, "the address cannot be read") from error
        if parts.scheme not in DEFAULT_PORTS or not parts.raw_host:
            message = f"{without_secrets(url)} is no http or https address"
            raise FetchError(FeedFault.BAD_URL, message)
        host = parts.raw_host
        if ":" in host or host.replace(".", "").isdigit() or host.lower().startswith("0x"):
            literal = _literal(host)
            if literal is None or not self._guard.allows(host, port, literal):
                raise _forbidden(host)

    async def _check_behind_proxy(self, url: str) -> None:
        """Refuse to send a proxy where we would not go ourselves."""
        parts = URL(url)
        host, port = parts.raw_host or "", parts.port or 0
        if self._resolver is not None and await self._resolver.refuses(host, port):
            raise _forbidden(host)

    @asynccontextmanager
    async def _slot(self, host: str) -> AsyncIterator[None]:
        """Wait for the host, then for a place among all requests; only then the deadline runs.

        In this order a hanging host holds one place, however many of its feeds wait.
        """
        deadline = self._limits.total.total_seconds()
        async with self._hosts[host]:
            await self.backlog.low()
            give_back = await self._places.take()
            try:
                async with asyncio.timeout(deadline):
                    yield
            finally:
                give_back()

    def _get(
        self, feed: Feed, url: str, own: Iterable[tuple[str, str]], validators: Validators
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        assert self._session is not None
        headers = dict(own)
        if validators.etag:
            headers["If-None-Match"] = validators.etag
        if validators.last_modified:
            headers["If-Modified-Since"] = validators.last_modified
        return self._session.get(url, headers=headers, allow_redirects=False, proxy=feed.proxy)

    async def _read(
        self,
        answer: aiohttp.ClientResponse,
        url: str,
        validators: Validators,
        moved_to: str | None,
        most: int | None,
    ) -> Fetched | NotModified:
        hints = hints_of(answer.headers)
        if answer.status == 304:
            return NotModified(hints=hints, validators=validators, moved_to=moved_to)
        if answer.status != 200:
            raise await self._refusal(answer)
        body = await self._body(answer, most or self._limits.body_bytes)
        if b"<rss" not in body[:2000] and _is_challenge(body):
            raise FetchError(FeedFault.CHALLENGE, "a page that wants a browser", status=200)
        digest = hashlib.sha256(body).hexdigest()
        found = Validators(
            etag=_clean(answer.headers.get("ETag")),
            last_modified=_clean(answer.headers.get("Last-Modified")),
            body_hash=digest,
        )
        if digest == validators.body_hash:
            return NotModified(hints=hints, validators=found, moved_to=moved_to)
        return Fetched(
            body=body,
            content_type=answer.headers.get("Content-Type"),
            url=url,
            validators=found,
            hints=hints,
            moved_to=moved_to,
        )

    async def _refusal(self, answer: aiohttp.ClientResponse) -> FetchError:
        status = answer.status
        wait = retry_after(answer.headers.get("Retry-After"), self._clock.now())
        if status in {403, 429, 503}:
            head = await answer.content.read(20_000)
            if _is_challenge(head) or "cf-mitigated" in answer.headers:
                message = f"a page that wants a browser (HTTP {status})"
                return FetchError(FeedFault.CHALLENGE, message, status=status, retry_after=wait)
        fault = _fault_of(status, wait)
        message = f"the server answered {status} {answer.reason or ''}".strip()
        return FetchError(fault, message, status=status, retry_after=wait)

    async def _body(self, answer: aiohttp.ClientResponse, most: int) -> bytes:
        """Read the whole body, inflating it piece by piece, up to the bounds."""
        inflater = Inflater(answer.headers.get("Content-Encoding"), most)
        received = 0
        async for piece in answer.content.iter_chunked(65_536):
            received += len(piece)
            if received > self._limits.wire_bytes:
                raise too_large(self._limits.wire_bytes)
            inflater.feed(piece)
        return inflater.finish()


def _is_challenge(body: bytes) -> bool:
    """Tell whether a page wants a browser; a pattern would take ten times as long."""
    head = body[:20_000].lower()
    return any(words in head for words in _CHALLENGES)


def _forbidden(host: str) -> FetchError:
    message = (
        f"{host} is not a public address; "
        "PLEDGEWATCH_ALLOW_PRIVATE names hosts that may be fetched all the same"
    )
    return FetchError(FeedFault.FORBIDDEN_ADDRESS, message)


def _literal(host: str) -> str | None:
    """Return a host that is written as numbers as a plain address, as the system reads it."""
    if ":" in host:
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host))  # decimal, octal, hex and short forms too
    except (OSError, ValueError):  # a null in it
        return None


def _clean(value: str | None) -> str | None:
    """Return a validator as it may be sent back; None for one that could not."""
    return value if value and value.isprintable() and len(value) <= 1000 else None


def _fault_of(status: int, wait: timedelta | None) -> FeedFault:
    named = {
        401: FeedFault.UNAUTHORIZED,
        403: FeedFault.UNAUTHORIZED,
        404: FeedFault.NOT_FOUND,
        410: FeedFault.GONE,
        429: FeedFault.RATE_LIMITED,
    }
    if status in named:
        return named[status]
    if status == 503 and wait is not None:
        return FeedFault.RATE_LIMITED
    return FeedFault.SERVER_ERROR if status >= 500 else FeedFault.HTTP_ERROR


def _explained(error: Exception) -> FetchError:
    """Turn aiohttp's errors into ours. The texts name no address: it may hold a password."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _ForbiddenAddressError):
            return _forbidden(str(cause))
        cause = cause.__cause__ or cause.__context__
    kinds: Mapping[type[Exception], tuple[FeedFault, str]] = {
        aiohttp.ClientConnectorCertificateError: (FeedFault.TLS, "its certificate is not valid"),
        aiohttp.ClientConnectorSSLError: (FeedFault.TLS, "no secure connection could be made"),
        aiohttp.ClientConnectorDNSError: (FeedFault.DNS, "the host's name is not known"),
        aiohttp.ServerTimeoutError: (FeedFault.TIMEOUT, "the server took too long"),
        aiohttp.ClientConnectorError: (FeedFault.REFUSED, "no connection could be made"),
        aiohttp.InvalidURL: (FeedFault.BAD_URL, "the address cannot be read"),
        aiohttp.ClientPayloadError: (FeedFault.RESET, "the answer ends before its end"),
        aiohttp.ServerDisconnectedError: (FeedFault.RESET, "the server hung up"),
        aiohttp.ClientOSError: (FeedFault.RESET, "the connection broke"),
        aiohttp.ClientResponseError: (FeedFault.HTTP_ERROR, "the answer is no HTTP"),
        ssl.SSLError: (FeedFault.TLS, "no secure connection could be made"),
        socket.gaierror: (FeedFault.DNS, "the host's name is not known"),
        ConnectionError: (FeedFault.RESET, "the connection broke"),
    }
    for kind, (fault, message) in kinds.items():
        if isinstance(error, kind):
            return FetchError(fault, message)
    return FetchError(FeedFault.HTTP_ERROR, f"the answer cannot be used ({type(error).__name__})")
