"""One request to a page: who asks, in which language, and how it is answered."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from model.errors import ConflictError, DatabaseUnusableError, MissingRecordError
from model.records import Language, Role, Watchlist
from review.auth import VISITOR, Visitor, cookie_name, form_is_ours, new_secret, set_cookie
from review.desk import Desk
from review.rendering import render
from review.sessions import visitor_of
from review.texts import LANGUAGES, catalogue, language_for, say
from storage.queueing import Wanted, left
from storage.unit_of_work import reading

logger = logging.getLogger(__name__)

LANGUAGE = "language"
LONGEST_BODY = 4_000_000  # bytes: a watchlist, whole
A_YEAR = timedelta(days=365)


class RefusedError(Exception):
    """A request that is answered with an error page: its status and the text that explains it."""

    def __init__(
        self, status: int, key: str, *, wait: timedelta | None = None, **values: object
    ) -> None:
        super().__init__(key)
        self.status = status
        self.key = key
        self.wait = wait
        self.values = values


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request, with everything that a page needs to answer it."""

    desk: Desk
    request: Request
    visitor: Visitor
    language: Language
    now: datetime
    form: FormData = field(default_factory=FormData)

    @property
    def watchlist(self) -> Watchlist:
        """Return the watchlist in use."""
        return self.desk.watchlist()

    def say(self, key: str, **values: object) -> str:
        """Return a text in the visitor's language."""
        return say(self.language, key, **values)

    @property
    def texts(self) -> dict[str, str]:
        """Return every text in the visitor's language."""
        return catalogue(self.language)

    def query(self, name: str) -> str:
        """Return one value of the address, stripped; empty where it is not there."""
        return self.request.query_params.get(name, "").strip()

    def filters(self, *names: str) -> str:
        """Return some of the address's values as an address goes on with them, `?` included."""
        pairs = [(name, self.query(name)) for name in names if self.query(name)]
        return f"?{urlencode(pairs)}" if pairs else ""

    def all_of(self, name: str) -> tuple[str, ...]:
        """Return every value that the address gives for a name, empty ones left out."""
        return tuple(value for value in self.request.query_params.getlist(name) if value)

    def field(self, name: str) -> str:
        """Return one field of the form, stripped; empty where it is not there."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def waiting(self) -> int:
        """Return how many cards wait for this person; counted at most every few seconds."""
        actor = self.visitor.actor
        return self.desk.counts.get(actor, self.now, lambda: self._count())

    def _count(self) -> int:
        with reading(self.desk.database) as work:
            return left(work, self.watchlist, self.now, Wanted(viewer=self.visitor.actor))

    def number(self, name: str) -> int:
        """Return a number of the path; raise RefusedError (404) for anything else."""
        text = str(self.request.path_params[name]).upper().removeprefix("F")
        if not (text.isascii() and text.isdecimal() and len(text) <= 15):
            raise RefusedError(404, "error.no_page")
        return int(text)

    def page(self, template: str, *, status: int = 200, **values: object) -> Response:
        """Return a page."""
        return HTMLResponse(render(self, template, values), status_code=status)

    def go(self, path: str) -> Response:
        """Return the answer to a form that was taken: look there."""
        return RedirectResponse(path, status_code=303)


Handler = Callable[[Ask], Response]


def guarded(
    desk: Desk, handler: Handler, needs: Role = Role.SUBSCRIBER
) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that lets a plain function answer, in a thread, for those who may."""

    async def endpoint(request: Request) -> Response:
        form = await _form(request)
        return await run_in_threadpool(_answer, desk, handler, needs, request, form)

    return endpoint


async def _form(request: Request) -> FormData | None:
    """Read a form; None where it is too large. What is no form is an empty one."""
    if request.method != "POST":
        return FormData()
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LONGEST_BODY:
        return None
    try:
        return await request.form(max_files=0, max_fields=1000, max_part_size=LONGEST_BODY)
    except HTTPException:
        return FormData()


def _answer(
    desk: Desk, handler: Handler, needs: Role, request: Request, form: FormData | None
) -> Response:
    ask = Ask(
        desk=desk,
        request=request,
        visitor=Visitor(form_secret=new_secret(), is_new=True),
        language=_language(request),
        now=desk.now(),
    )
    try:
        ask = replace(ask, visitor=visitor_of(desk, request, ask.now), form=form or FormData())
        answer = _checked(ask, handler, needs, too_large=form is None)
    except Exception as error:  # noqa: BLE001 - the edge: what breaks is told as a page
        answer = refuse(ask, error)
    _remember(ask, answer)
    return answer


def _checked(ask: Ask, handler: Handler, needs: Role, *, too_large: bool) -> Response:
    if too_large:
        raise RefusedError(413, "error.too_large")
    if not ask.visitor.may(needs):
        if not ask.visitor.actor and ask.request.method == "GET":
            return ask.go("/login?next=" + _own_address(ask.request))
        raise RefusedError(403, f"error.needs_{needs}")
    if ask.request.method == "POST" and not form_is_ours(
        ask.request, ask.visitor, ask.field("form_token")
    ):
        raise RefusedError(403, "error.foreign_form")
    return handler(ask)


def _own_address(request: Request) -> str:

    query = f"?{request.url.query}" if request.url.query else ""
    return quote(request.url.path + query, safe="")


def _remember(ask: Ask, answer: Response) -> None:
    """Give a new visitor the cookie that their forms are checked against; keep the language."""
    if ask.visitor.is_new:
        set_cookie(ask.request, answer, VISITOR, ask.visitor.form_secret)
    if ask.query("lang"):
        set_cookie(ask.request, answer, LANGUAGE, ask.language, A_YEAR)


def _language(request: Request) -> Language:

    given = request.query_params.get("lang") or request.cookies.get(cookie_name(request, LANGUAGE))
    if given in LANGUAGES:
        return Language(given)
    return language_for(request.headers.get("accept-language"))


# --- errors: one template, never a trace ----------------------------------------------


def refuse(ask: Ask, error: Exception) -> Response:
    """Return the page that tells of an error: what was stored, and one way on."""
    if isinstance(error, RefusedError):
        answer = error_page(ask, error.status, error.key, error.values)
        if error.wait is not None:
            answer.headers["Retry-After"] = str(int(error.wait.total_seconds()) + 1)
        return answer
    if isinstance(error, MissingRecordError):
        return error_page(ask, 404, "error.no_record", {})
    if isinstance(error, ConflictError):
        return error_page(ask, 409, "error.conflict", {})
    reference = f"{secrets.token_hex(2)}-{secrets.token_hex(1)}".upper()
    logger.error("a page could not be answered", exc_info=error, extra={"ref": reference})
    if isinstance(error, DatabaseUnusableError):
        return error_page(ask, 503, "error.database", {"reference": reference})
    return error_page(ask, 500, "error.broken", {"reference": reference})


def error_page(ask: Ask, status: int, key: str, values: Mapping[str, object]) -> Response:
    """Return the page of one error."""
    text = ask.say(key, **values)
    titled = f"error.title.{status}" if status in TITLED else "error.title.500"
    return ask.page(
        "error.html",
        status=status,
        code=status,
        title=ask.say(titled),
        text=text,
        waiting=None,  # what broke may be what would be counted
    )


TITLED = frozenset({400, 403, 404, 409, 413, 429, 500, 503})
