"""The JSON API, the files and the feeds: which address answers what. Routes and their document."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from model.records import Role
from review import api_deciding, api_exports, api_reading, columns
from review import api_models as models
from review.api_calling import ApiError, Endpoint, endpoint_of, told
from review.api_exports import (
    ATOM,
    CSV,
    JSON,
    LINKED,
    PNG,
    SVG,
    csv_file,
    json_file,
    timeline_file,
)
from review.desk import Desk
from review.openapi import document

Answer = Callable[[Request], Awaitable[Response]]
ANYBODY, ANALYST = Role.SUBSCRIBER, Role.ANALYST
ROOTS = ("/api/v1", "/exports")  # nothing else stands below these


class Anything(Convertor[str]):
    """Any part of an address, slashes and line breaks too: `path` stops at the latter."""

    regex = r"(?s:.*)"

    def convert(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Return it as it is."""
        return value


register_url_convertor("any", Anything())
COMMITMENT = ("commitment", models.SLUG)
CARD = ("key", models.KEY)
TAG = ("tag", r"[^/\u0000-\u001f]{1,100}")
READING: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/me",
        needs=ANYBODY,
        says="Who is asking",
        answer=api_reading.me,
        gives=models.Me,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/commitments",
        needs=ANYBODY,
        says="Every pledge, as it stood at the end of a day",
        answer=api_reading.commitments,
        gives=models.CommitmentsOut,
        takes=models.AsOf,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/commitments/{commitment}",
        needs=ANYBODY,
        says="One pledge whole",
        answer=api_reading.commitment,
        gives=models.CommitmentOut,
        takes=models.AsOf,
        fails=(404,),
        where=(COMMITMENT,),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/developments",
        needs=ANYBODY,
        says="What happened to the pledges, the newest first",
        answer=api_reading.developments,
        gives=models.FollowUpsOut,
        takes=models.Page,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/developments/{development}",
        needs=ANYBODY,
        says="One development with its articles (quoted) and decisions",
        answer=api_reading.development,
        gives=models.DevelopmentOut,
        fails=(404,),
        where=(("development", models.DEVELOPMENT),),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/queue",
        needs=ANALYST,
        says="The review queue, the most urgent first",
        answer=api_reading.queue,
        gives=models.QueueOut,
        takes=models.QueueFilters,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/decisions",
        needs=ANALYST,
        says="Decisions, the newest first",
        answer=api_reading.decisions,
        gives=models.DecisionsOut,
        takes=models.DecisionFilters,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/history",
        needs=ANALYST,
        says="The match history, by the filters of its page",
        answer=api_reading.history,
        gives=models.HistoryOut,
        takes=models.HistoryPage,
        fails=(404,),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/articles/{article}",
        needs=ANALYST,
        says="One article whole",
        answer=api_reading.article,
        gives=models.ArticleOut,
        fails=(404,),
        where=(("article", models.NUMBER),),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/feeds",
        needs=ANYBODY,
        says="How the feeds stand; addresses and faults are for analysts",
        answer=api_reading.feeds,
        gives=models.FeedsOut,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/coverage",
        needs=ANYBODY,
        says="How we looked, by feed and day",
        answer=api_reading.coverage,
        gives=models.CoverageOut,
        takes=models.Days,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/quality",
        needs=ANALYST,
        says="How often each term, query and feed was right",
        answer=api_reading.quality,
        gives=models.QualityOut,
    ),
)
DECIDING: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/api/v1/decisions",
        needs=ANALYST,
        says="Take a decision; 409 names who was faster, 422 what stands against it",
        answer=api_deciding.decide,
        gives=models.DecisionOut,
        takes=models.DecisionIn,
        status=201,
        fails=(404, 409),
    ),
    Endpoint(
        method="POST",
        path="/api/v1/decisions/undo",
        needs=ANALYST,
        says="Take a decision back: the one named, or your newest that stands",
        answer=api_deciding.undo,
        gives=models.DecisionOut,
        takes=models.UndoIn,
        status=201,
        fails=(404,),
    ),
    *(
        Endpoint(
            method="POST",
            path=f"/api/v1/queue/{{key:any}}/{word}",
            needs=ANALYST,
            says=says,
            answer=answer,
            gives=models.Done,
            takes=takes,
            fails=(404,),
            where=(CARD,),
        )
        for word, says, answer, takes in (
            ("snooze", "Let a card sleep", api_deciding.snooze, models.SnoozeIn),
            ("wake", "Let a card come back at once", api_deciding.wake, models.Nothing),
            ("assign", "Give a card to somebody", api_deciding.assign, models.AssignIn),
            ("second", "Ask for a second opinion", api_deciding.ask_second, models.Nothing),
            ("open", "Note that you have a card open", api_deciding.open_card, models.Nothing),
        )
    ),
)


def _files() -> Iterator[Endpoint]:
    takes: dict[str, type[models.Given] | None] = {"coverage": models.DayFiles, "rules": None}
    for sheet in columns.SHEETS:
        for ending, make, media in (("csv", csv_file, CSV), ("json", json_file, JSON)):
            yield Endpoint(
                method="GET",
                path=f"/exports/{sheet.name}.{ending}",
                needs=ANALYST if sheet is columns.RULES else ANYBODY,
                says=sheet.says,
                answer=make(sheet),
                gives=media,
                takes=takes.get(sheet.name, models.FileFilters),
            )
    yield Endpoint(
        method="GET",
        path="/exports/datapackage.json",
        needs=ANYBODY,
        says="What the files hold (Frictionless Data Package)",
        answer=api_exports.package,
        gives=JSON,
    )
    for ending, media in (("svg", SVG), ("png", PNG)):
        yield Endpoint(
            method="GET",
            path=f"/exports/timelines/{{commitment}}.{ending}",
            needs=ANYBODY,
            says="One pledge's timeline, a lane for each clause",
            answer=timeline_file(ending),
            gives=media,
            takes=models.TimelineOptions,
            fails=(404,),
            where=(COMMITMENT,),
        )
    yield Endpoint(
        method="GET",
        path="/exports/commitments/{commitment}.jsonld",
        needs=ANYBODY,
        says="One pledge as linked data (schema.org)",
        answer=api_exports.linked,
        gives=LINKED,
        takes=models.AsOf,
        fails=(404,),
        where=(COMMITMENT,),
    )


FEEDS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/feeds/all.atom",
        needs=ANYBODY,
        says="Confirmed follow-ups of every pledge",
        answer=api_exports.feed_of_all,
        gives=ATOM,
    ),
    Endpoint(
        method="GET",
        path="/feeds/commitment/{commitment}.atom",
        needs=ANYBODY,
        says="Confirmed follow-ups of one pledge",
        answer=api_exports.feed_of_commitment,
        gives=ATOM,
        fails=(404,),
        where=(COMMITMENT,),
    ),
    Endpoint(
        method="GET",
        path="/feeds/tag/{tag}.atom",
        needs=ANYBODY,
        says="Confirmed follow-ups of the pledges with a tag",
        answer=api_exports.feed_of_tag,
        gives=ATOM,
        fails=(404,),
        where=(TAG,),
    ),
)

ENDPOINTS: tuple[Endpoint, ...] = (*READING, *DECIDING, *_files(), *FEEDS)


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes; the API and the files answer what they do not know as a problem."""
    by_path: dict[str, dict[str, Answer]] = {"/api/v1/openapi.json": {"GET": _describe}}
    for each in ENDPOINTS:
        by_path.setdefault(each.path, {})[each.method] = endpoint_of(desk, each)
    found: list[BaseRoute] = [Route(path, Address(ways)) for path, ways in by_path.items()]
    found += [Route(f"{root}/{{rest:any}}", Address({})) for root in ROOTS]
    return found


class Address:
    """One address with all its methods; what it is not asked for rightly it tells as a problem."""

    def __init__(self, ways: Mapping[str, Answer]) -> None:
        self._ways = ways

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        request = Request(scope, receive, send)
        answer = self._ways.get("GET" if request.method == "HEAD" else request.method, self._not)
        await (await answer(request))(scope, receive, send)

    async def _not(self, request: Request) -> Response:
        if not self._ways:
            return told(ApiError(404, "There is nothing at this address.").problem)
        allowed = ", ".join(sorted(self._ways))
        return told(ApiError(405, f"Here one may {allowed}.").problem, {"Allow": allowed})


async def _describe(request: Request) -> Response:
    return JSONResponse(document(ENDPOINTS))
