"""What the program answers over HTTP: whether it lives, whether it is ready, what it counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model.errors import PledgewatchError, SettingsError
from storage.database import Database
from storage.unit_of_work import reading

STALE = timedelta(hours=1)  # without any poll for so long the program is not ready
HEADERS = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the answers depend on."""

    database: Database
    now: Callable[[], datetime]
    telegram: Callable[[], str]  # "ok", "off" or what is wrong


def create_app(watched: Watched) -> Starlette:
    """Return the application. Handlers are plain functions: Starlette runs them in threads."""

    def health(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    def ready(request: Request) -> Response:
        found = _look(watched)
        good = all(value in {"ok", "off"} for value in found.values())
        return JSONResponse(found, status_code=200 if good else 503)

    def metrics(request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/ready", ready),
            Route("/metrics", metrics),
        ],
        middleware=[Middleware(SecurityHeaders)],
    )


def _look(watched: Watched) -> dict[str, str]:
    try:
        with reading(watched.database) as work:
            states = work.feeds.all()
    except PledgewatchError as error:
        return {"database": type(error).__name__, "poll": "unknown", "telegram": watched.telegram()}
    polled = max((each.last_polled_at for each in states if each.last_polled_at), default=None)
    fresh = polled is not None and watched.now() - polled <= STALE
    return {
        "database": "ok",
        "poll": "ok" if fresh else "no feed was polled within the hour",
        "telegram": watched.telegram(),
    }


class SecurityHeaders:
    """Adds the headers that keep an answer from being framed, sniffed or stored."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await self._app(scope, receive, send_with_headers)


class WebServer:
    """Serves an application on the running event loop, without touching signals."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        self._server = _QuietServer(
            uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False)
        )
        self._where = f"{host}:{port}"
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start serving; raise SettingsError where the port is taken."""
        self._task = asyncio.create_task(self._server.serve())
        while not self._server.started:
            if self._task.done():
                raise SettingsError(
                    (
                        f"PLEDGEWATCH_REVIEW_PORT: {self._where} cannot be listened on; "
                        "another program may use it",
                    )
                )
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Stop serving; what is being answered is answered first."""
        if self._task is not None:
            self._server.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)


class _QuietServer(uvicorn.Server):
    """uvicorn without its signal handlers and without its exit."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Leave signals to the program."""
        return nullcontext()

    async def startup(self, sockets: object = None) -> None:
        """Start listening; a taken port ends `serve` instead of the process."""
        try:
            await super().startup(sockets)  # type: ignore[arg-type]
        except SystemExit:
            self.should_exit = True
