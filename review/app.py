"""The review desk over HTTP: which address is answered by what, and who may ask. Routes only."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from model.records import Role
from review import (
    api,
    monitoring,
    pages_article,
    pages_board,
    pages_bulk,
    pages_history,
    pages_login,
    pages_pledge,
    pages_queue,
)
from review.asking import Ask, Handler, RefusedError, guarded
from review.desk import Desk
from review.headers import SecurityHeaders
from review.server import WebServer

__all__ = ["Desk", "WebServer", "create_app"]

ANYBODY, ANALYST, ADMIN = Role.SUBSCRIBER, Role.ANALYST, Role.ADMIN

# address, method, who may ask, what answers
PAGES: tuple[tuple[str, str, Role, Handler], ...] = (
    ("/", "GET", ANYBODY, pages_board.board_page),
    ("/pledges/{pledge}", "GET", ANYBODY, pages_pledge.pledge_page),
    ("/queue", "GET", ANALYST, pages_queue.queue_page),
    ("/queue/decide", "POST", ANALYST, pages_queue.decide_one),
    ("/queue/undo", "POST", ANALYST, pages_queue.undo_last),
    ("/queue/bulk", "POST", ANALYST, pages_bulk.preview_page),
    ("/queue/bulk/apply", "POST", ANALYST, pages_bulk.apply),
    ("/history", "GET", ANALYST, pages_history.history_page),
    ("/history/views", "POST", ANALYST, pages_history.save_view),
    ("/articles/{article}", "GET", ANALYST, pages_article.article_page),
    ("/login", "GET", ANYBODY, pages_login.login_page),
    ("/login", "POST", ANYBODY, pages_login.use_link),
    ("/account", "GET", ANALYST, pages_login.account_page),
    ("/logout", "POST", ANALYST, pages_login.leave),
)


def create_app(desk: Desk, more: Iterable[BaseRoute] = ()) -> Starlette:
    """Return the application; `more` are routes that come before the pages."""
    pages = [
        Route(address, guarded(desk, handler, needs), methods=[method])
        for address, method, needs, handler in PAGES
    ]
    return Starlette(
        routes=[
            *monitoring.routes(desk),
            *api.routes(desk),
            *more,
            Mount("/static", CachedFiles(packages=[("review", "static")])),
            *pages,
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={HTTPException: _not_here(desk)},  # type: ignore[dict-item]
    )


def _not_here(desk: Desk) -> object:
    """Return what answers an address that nothing else does, as a page."""

    async def answer(request: Request, error: HTTPException) -> Response:
        def refuse(ask: Ask) -> Response:
            key = "error.no_page" if error.status_code == 404 else "error.wrong_way"
            raise RefusedError(404 if error.status_code == 404 else 400, key)

        return await guarded(desk, refuse)(request)

    return answer


class CachedFiles(StaticFiles):
    """Files whose address changes with their contents: kept by browsers for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file, and with how long it may be kept."""
        answer = await super().get_response(path, scope)
        if answer.status_code == 200:
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer
