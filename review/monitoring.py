"""What machines ask: whether the program lives, whether it is ready, what it counts."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from model.errors import PledgewatchError
from review.desk import Desk
from storage.unit_of_work import reading

STALE = timedelta(hours=1)  # without any poll for so long the program is not ready


def routes(desk: Desk) -> list[Route]:
    """Return the routes. Handlers are plain functions: Starlette runs them in threads."""

    def health(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    def ready(request: Request) -> Response:
        found = _look(desk)
        good = all(value in {"ok", "off"} for value in found.values())
        return JSONResponse(found, status_code=200 if good else 503)

    def metrics(request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/health", health), Route("/ready", ready), Route("/metrics", metrics)]


def _look(desk: Desk) -> dict[str, str]:
    try:
        with reading(desk.database) as work:
            states = work.feeds.all()
    except PledgewatchError as error:
        return {"database": type(error).__name__, "poll": "unknown", "telegram": desk.telegram()}
    polled = max((each.last_polled_at for each in states if each.last_polled_at), default=None)
    fresh = polled is not None and desk.now() - polled <= STALE
    return {
        "database": "ok",
        "poll": "ok" if fresh else "no feed was polled within the hour",
        "telegram": desk.telegram(),
    }
