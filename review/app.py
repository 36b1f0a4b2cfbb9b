"""The review desk over HTTP: which address is answered by what, and who may ask. Routes only."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from model.records import Role
from review import (
    api,
    monitoring,
    pages_article,
    pages_board,
    pages_bulk,
    pages_feeds,
    pages_history,
    pages_login,
    pages_people,
    pages_pledge,
    pages_quality,
    pages_queue,
    pages_ruling,
    pages_watchlist,
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
    ("/pledges/{pledge}/decide", "POST", ANALYST, pages_ruling.rule),
    ("/queue", "GET", ANALYST, pages_queue.queue_page),
    ("/queue/decide", "POST", ANALYST, pages_queue.decide_one),
    ("/queue/undo", "POST", ANALYST, pages_queue.undo_last),
    ("/queue/bulk", "POST", ANALYST, pages_bulk.preview_page),
    ("/queue/bulk/apply", "POST", ANALYST, pages_bulk.apply),
    ("/history", "GET", ANALYST, pages_history.history_page),
    ("/history/views", "POST", ANALYST, pages_history.save_view),
    ("/articles/{article}", "GET", ANALYST, pages_article.article_page),
    ("/watchlist", "GET", ANALYST, pages_watchlist.watchlist_page),
    ("/watchlist/file", "GET", ANALYST, pages_watchlist.download),
    ("/watchlist/check", "POST", ANALYST, pages_watchlist.check),
    ("/watchlist/fix", "POST", ANALYST, pages_watchlist.fix),
    ("/watchlist/propose", "POST", ANALYST, pages_watchlist.propose),
    ("/watchlist/draft", "GET", ANALYST, pages_watchlist.draft_page),
    ("/watchlist/draft", "POST", ANALYST, pages_watchlist.draft_page),
    ("/watchlist/try", "GET", ANALYST, pages_watchlist.try_page),
    ("/watchlist/try", "POST", ANALYST, pages_watchlist.try_page),
    ("/watchlist/backtest", "POST", ANALYST, pages_watchlist.start_backtest),
    ("/watchlist/backtests/{job}", "GET", ANALYST, pages_watchlist.backtest_page),
    ("/watchlist/accept", "POST", ADMIN, pages_watchlist.accept),
    ("/watchlist/versions/{version}", "GET", ANALYST, pages_watchlist.version_page),
    ("/watchlist/versions/{version}/rollback", "POST", ADMIN, pages_watchlist.roll_back),
    ("/feeds", "GET", ANALYST, pages_feeds.feeds_page),
    ("/feeds/poll", "POST", ANALYST, pages_feeds.poll_now),
    ("/quality", "GET", ANALYST, pages_quality.quality_page),
    ("/subscribers", "GET", ADMIN, pages_people.subscribers_page),
    ("/audit", "GET", ADMIN, pages_people.audit_page),
    ("/login", "GET", ANYBODY, pages_login.login_page),
    ("/login", "POST", ANYBODY, pages_login.use_link),
    ("/account", "GET", ANALYST, pages_login.account_page),
    ("/logout", "POST", ANALYST, pages_login.leave),
)


def create_app(desk: Desk) -> Starlette:
    """Return the application."""
    pages = [
        Route(address, guarded(desk, handler, needs), methods=[method])
        for address, method, needs, handler in PAGES
    ]
    return Starlette(
        routes=[
            *monitoring.routes(desk),
            *api.routes(desk),
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
