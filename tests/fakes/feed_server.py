"""A feed server on loopback, in a thread of its own, that can be told to misbehave."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Page:
    """One resource: a body with headers, or a handler that does what it likes."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    handler: Handler | None = None
    validators: bool = True


class FeedServer:
    """Serves pages by path and remembers every request; use as a context manager."""

    def __init__(
        self, sites: int = 1, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        """Listen on so many ports: each is a host of its own to whoever asks politely."""
        self._sites, self._host, self._tls = sites, host, tls
        self.ports: tuple[int, ...] = ()
        self.pages: dict[str, Page] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2
        )
        await runner.setup()
        for _ in range(self._sites):
            await web.TCPSite(runner, self._host, 0, ssl_context=self._tls).start()
        self.ports = tuple(address[1] for address in runner.addresses)
        self.port = self.ports[0]
        self._ready.set()
        await self._stopping.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path, dict(request.headers)))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            page = self.pages.get(request.path)
            if page is None:
                return web.Response(status=404)
            if page.handler is not None:
                return await page.handler(request)
            return self._plain(request, page)
        finally:
            self.in_flight -= 1

    def _plain(self, request: web.Request, page: Page) -> web.Response:
        headers = dict(page.headers)
        if page.validators and page.status == 200:
            headers["ETag"] = f'"{sha256(page.body).hexdigest()[:16]}"'
            if request.headers.get("If-None-Match") == headers["ETag"]:
                return web.Response(status=304, headers={"ETag": headers["ETag"]})
        return web.Response(body=page.body, status=page.status, headers=headers)

    def url(self, path: str, site: int = 0) -> str:
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{self._host}:{self.ports[site % len(self.ports)]}{path}"

    def put(self, path: str, body: bytes | str, **more: object) -> str:
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = Page(body=data, **more)  # type: ignore[arg-type]
        return self.url(path)

    def misbehave(self, path: str, handler: Handler) -> str:
        self.pages[path] = Page(handler=handler)
        return self.url(path)

    def asked(self, path: str) -> list[dict[str, str]]:
        return [headers for asked, headers in self.requests if asked == path]


def rss(*items: dict[str, str], title: str = "Example World") -> str:
    """Return RSS 2.0 with these items: title, link, guid, date, text."""
    from xml.sax.saxutils import escape

    rendered = "".join(
        "<item>"
        f"<title>{escape(item.get('title', ''))}</title>"
        f"<link>{escape(item.get('link', ''))}</link>"
        f"<guid isPermaLink='false'>{escape(item.get('guid', item.get('link', '')))}</guid>"
        + (f"<pubDate>{item['date']}</pubDate>" if "date" in item else "")
        + f"<description>{escape(item.get('text', ''))}</description>"
        "</item>"
        for item in items
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{escape(title)}</title>{rendered}</channel></rss>"
    )
