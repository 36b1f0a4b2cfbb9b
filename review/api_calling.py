"""One call of the API: who asks, what was given, and every answer that is no success as JSON.

What goes wrong is told as a problem (RFC 9457). What a call may be given is a pydantic model, the
same that the OpenAPI document is made of.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from model.errors import (
    ConflictError,
    DatabaseUnusableError,
    DecisionRefusedError,
    MissingRecordError,
    WatchlistError,
)
from model.records import Role, Watchlist
from review.api_models import Nothing, Problem, decision_out
from review.auth import Visitor, form_is_ours
from review.desk import Desk
from review.sessions import visitor_of

logger = logging.getLogger(__name__)

LONGEST_BODY = 100_000  # bytes
PROBLEM = "application/problem+json"
FORM_TOKEN = "x-form-token"  # noqa: S105 - a header's name
Given = TypeVar("Given", bound=BaseModel)


class ApiError(Exception):
    """A call that cannot be answered: its status and why."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:  # noqa: ANN401
        super().__init__(detail)
        self.problem = Problem(
            title=HTTPStatus(status).phrase, status=status, detail=detail, **more
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call, with everything that an answer needs."""

    desk: Desk
    request: Request
    visitor: Visitor
    now: datetime
    path: Mapping[str, str]
    given: BaseModel = field(default_factory=Nothing)  # the query, or the body of a POST

    @property
    def watchlist(self) -> Watchlist:
        """Return the watchlist in use."""
        return self.desk.watchlist()

    @property
    def site(self) -> str:
        """Return our own address, without a slash at its end."""
        return self.desk.public_url or str(self.request.base_url).rstrip("/")

    @property
    def knows_names(self) -> bool:
        """Tell whether names of analysts are shown to whoever asks."""
        return self.visitor.may(Role.ANALYST)

    def ask(self, kind: type[Given]) -> Given:
        """Return what was given, as the model that the endpoint names."""
        assert isinstance(self.given, kind)
        return self.given


Answering = Callable[[Call], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address of the API: who may ask, what may be given, what comes back."""

    method: str
    path: str  # from the root of the site
    needs: Role
    says: str
    answer: Answering
    gives: type[BaseModel] | str  # a model (JSON), or the media type of a file
    takes: type[BaseModel] | None = None  # the query; of a POST the body
    status: int = 200
    fails: tuple[int, ...] = ()  # besides those that any call may end with
    where: tuple[tuple[str, str], ...] = ()  # parts of the path, with the pattern they follow


def endpoint_of(desk: Desk, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers an endpoint's calls; its handler is a plain function, in a thread."""

    async def answer(request: Request) -> Response:
        try:
            body = await _body(request) if endpoint.method == "POST" else b""
        except ApiError as error:
            return told(error.problem)
        return await run_in_threadpool(_answer, desk, endpoint, request, body)

    return answer


async def _body(request: Request) -> bytes:
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LONGEST_BODY:
        raise ApiError(413, f"Send at most {LONGEST_BODY} bytes, and say how many.")
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise ApiError(415, "Send JSON: Content-Type: application/json.")
    return await request.body()


def _answer(desk: Desk, endpoint: Endpoint, request: Request, body: bytes) -> Response:
    try:
        now = desk.now()
        visitor = visitor_of(desk, request, now)
        _require(request, visitor, endpoint)
        call = Call(
            desk=desk,
            request=request,
            visitor=visitor,
            now=now,
            path=_path(request, endpoint),
            given=_given(request, endpoint, body),
        )
        return endpoint.answer(call)
    except Exception as error:  # noqa: BLE001 - the edge: what breaks is told as a problem
        return told(problem_of(error))


def _require(request: Request, visitor: Visitor, endpoint: Endpoint) -> None:
    if not visitor.may(endpoint.needs):
        if not visitor.actor:
            raise ApiError(401, "Sign in first: /login.")
        raise ApiError(403, f"This is for the role {endpoint.needs}.")
    if endpoint.method == "POST":
        token = request.headers.get(FORM_TOKEN, "")
        if not token.isascii() or not form_is_ours(request, visitor, token):
            raise ApiError(403, "Send the form_token of /api/v1/me as X-Form-Token.")


def _path(request: Request, endpoint: Endpoint) -> Mapping[str, str]:
    for name, pattern in endpoint.where:
        if re.fullmatch(pattern, str(request.path_params[name])) is None:
            raise ApiError(404, f"There is no {name} {str(request.path_params[name])[:80]!r}.")
    return {name: str(value) for name, value in request.path_params.items()}


def _given(request: Request, endpoint: Endpoint, body: bytes) -> BaseModel:
    if endpoint.takes is None:
        if request.query_params:
            raise ApiError(422, "This address takes no query.")
        return Nothing()
    try:
        if endpoint.method == "POST":
            return endpoint.takes.model_validate_json(body)
        return endpoint.takes.model_validate(_query(request))
    except ValidationError as error:
        wrong = [
            f"{'.'.join(str(part) for part in each['loc']) or 'body'}: {each['msg']}"
            for each in error.errors(include_url=False, include_context=False)
        ]
        raise ApiError(422, "; ".join(wrong)[:2000]) from None


def _query(request: Request) -> dict[str, object]:
    """Return the query; what is given twice is a list, which no model takes."""
    found: dict[str, object] = {}
    for name in dict.fromkeys(request.query_params.keys()):
        values = request.query_params.getlist(name)
        found[name] = values[0] if len(values) == 1 else values
    return found


# --- what goes wrong -----------------------------------------------------------------------


def problem_of(error: Exception) -> Problem:
    """Return an error as the problem that the caller is told."""
    if isinstance(error, ApiError):
        return error.problem
    if isinstance(error, MissingRecordError):
        return ApiError(404, str(error)).problem
    if isinstance(error, ConflictError):
        other = None if error.other is None else decision_out(error.other)
        return ApiError(409, str(error), other=other).problem
    if isinstance(error, DecisionRefusedError):
        return ApiError(422, str(error), refusals=[str(each) for each in error.refusals]).problem
    reference = f"{secrets.token_hex(2)}-{secrets.token_hex(1)}".upper()
    logger.error("a call could not be answered", exc_info=error, extra={"ref": reference})
    if isinstance(error, DatabaseUnusableError | WatchlistError):
        return ApiError(503, "Out of order for now.", reference=reference).problem
    return ApiError(500, "Our mistake; the log has it.", reference=reference).problem


def told(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as an answer."""
    more = dict(headers or {})
    if problem.status == HTTPStatus.UNAUTHORIZED:
        more["WWW-Authenticate"] = 'Cookie realm="Pledgewatch"'
    whole = problem.model_dump(mode="json")
    content = {name: value for name, value in whole.items() if value is not None}
    return JSONResponse(content, problem.status, more, media_type=PROBLEM)


def given_json(model: BaseModel, status: int = 200) -> Response:
    """Return a model as an answer."""
    return JSONResponse(model.model_dump(mode="json"), status)
