"""The match history: every article that named a pledge, found by its words, narrowed by counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from model.records import CommitmentId, FeedId, HitId, Language, Relation
from review.asking import Ask, RefusedError
from review.evidence import ELLIPSIS, Piece, Span, marked, quote
from storage.history import UNREVIEWED, Facets, HistoryRow, Order, Search
from storage.search_words import Query, highlights, read_query
from storage.unit_of_work import begin, reading
from storage.views import SavedView

PAGE = 30
SNIPPET = 90  # characters on each side of what was found
KINDS = ("tag", "pledge", "relation", "decision", "language", "source", "since", "until")
LONGEST_NAME, LONGEST_QUERY, MOST_VIEWS = 60, 2000, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One hit with the found words marked."""

    row: HistoryRow
    title: Sequence[Piece]
    snippet: Sequence[Piece]
    same: bool  # of the same development as the one before


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value by which the results can be narrowed."""

    value: str
    label: str
    count: int | None
    address: str
    chosen: bool


def history_page(ask: Ask) -> Response:
    """Show the hits that the address asks for, with the counts that narrow them."""
    search = _search(ask)
    order = Order.OLDEST if ask.query("sort") == Order.OLDEST else Order.NEWEST
    query = read_query(search.text or "")
    with reading(ask.desk.database) as work:
        rows = work.history.search(search, PAGE + 1, after=_after(ask), order=order)
        facets = work.history.facets(search)
        views = work.views.of_actor(ask.visitor.actor, "history")
        indexed = work.search_index.searched()
    shown = rows[:PAGE]
    older = shown[-1].report.hit.id if len(rows) > PAGE else None
    return ask.page(
        "history.html",
        results=_results(shown, query),
        terms=[term.shown for term in query.terms],
        facets=facets,
        choices=_choices(ask, facets),
        chips=_chips(ask),
        views=views,
        older=None if older is None else _address(ask, after=str(older)),
        first=_address(ask, after=None) if ask.query("after") else None,
        indexed=indexed,
        now_query=_address(ask, after=None).partition("?")[2],
    )


def _search(ask: Ask) -> Search:
    tag, relation = ask.query("tag"), ask.query("relation")
    until = _day(ask, "until")
    tagged = tuple(each.id for each in ask.watchlist.commitments if tag in each.tags)
    return Search(
        commitment_id=CommitmentId(ask.query("pledge")) if ask.query("pledge") else None,
        commitment_ids=tagged if tag else None,
        relation=Relation(relation) if relation in tuple(Relation) else None,
        review=ask.query("decision") or None,
        language=ask.query("language") or None,
        feed_id=FeedId(ask.query("source")) if ask.query("source") else None,
        since=_day(ask, "since"),
        until=None if until is None else until + timedelta(days=1),
        text=ask.query("q") or None,
    )


def _day(ask: Ask, name: str) -> datetime | None:
    text = ask.query(name)
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(0), UTC)
    except ValueError:
        raise RefusedError(400, "error.no_date") from None


def _after(ask: Ask) -> HitId | None:
    text = ask.query("after")
    return HitId(int(text)) if text.isascii() and text.isdecimal() and len(text) < 16 else None


# --- what is shown of one hit ----------------------------------------------------------


def _results(rows: Sequence[HistoryRow], query: Query) -> list[Result]:
    found: list[Result] = []
    for row in rows:
        before = found[-1].row.development.id if found else None
        title = row.report.article.title
        spans = [Span(start, end, "find") for start, end in highlights(title, query)]
        found.append(
            Result(
                row=row,
                title=marked(title, spans),
                snippet=snippet(row, query),
                same=row.development.id == before,
            )
        )
    return found


def snippet(row: HistoryRow, query: Query) -> Sequence[Piece]:
    """Return the words around the first that was found; without a search, those that matched."""
    text = row.report.article.text
    spans = [Span(start, end, "find") for start, end in highlights(text, query)]
    if not spans:
        return quote(row.report)
    start = max(0, spans[0].start - SNIPPET)
    end = min(len(text), spans[0].end + 2 * SNIPPET)
    start = text.rfind("\n", start, spans[0].start) + 1 or start
    stop = text.find("\n", spans[0].end, end)
    end = end if stop < 0 else stop
    before = [Piece(ELLIPSIS)] if start > 0 else []
    after = [Piece(ELLIPSIS)] if end < len(text) else []
    return [*before, *marked(text, spans, start, end), *after]


# --- narrowing -------------------------------------------------------------------------


def _choices(ask: Ask, facets: Facets) -> list[tuple[str, list[Choice]]]:
    titles = {str(each.id): each.title_in(ask.language) for each in ask.watchlist.commitments}
    feeds = {str(each.id): each.title for each in ask.watchlist.feeds}
    tags = sorted({tag for each in ask.watchlist.commitments for tag in each.tags})
    counted = {
        "pledge": [(e.value, titles.get(e.value, e.value), e.hits) for e in facets.pledges],
        "relation": [(e.value, ask.say(f"relation.{e.value}"), e.hits) for e in facets.relations],
        "decision": [(e.value, _decision(ask, e.value), e.hits) for e in facets.decisions],
        "language": [(e.value, _language(ask, e.value), e.hits) for e in facets.languages],
        "source": [(e.value, feeds.get(e.value, e.value), e.hits) for e in facets.sources],
    }
    found = [("tag", [_choice(ask, "tag", tag, tag, None) for tag in tags])]
    found += [
        (kind, [_choice(ask, kind, value, label, count) for value, label, count in rows])
        for kind, rows in counted.items()
    ]
    return [(kind, choices) for kind, choices in found if choices]


def _choice(ask: Ask, kind: str, value: str, label: str, count: int | None) -> Choice:
    chosen = ask.query(kind) == value
    address = _address(ask, **{kind: None if chosen else value, "after": None})
    return Choice(value=value, label=label, count=count, address=address, chosen=chosen)


def _decision(ask: Ask, value: str) -> str:
    return ask.say("outcome.none") if value == UNREVIEWED else ask.say(f"outcome.{value}")


def _language(ask: Ask, value: str) -> str:
    return ask.say(f"language.{value}") if value in tuple(Language) else value


def _chips(ask: Ask) -> list[tuple[str, str, str]]:
    """Return what is in use: its kind, its value in words, and the address without it."""
    titles = {str(each.id): each.title_in(ask.language) for each in ask.watchlist.commitments}
    feeds = {str(each.id): each.title for each in ask.watchlist.feeds}
    found = []
    for kind in KINDS:
        value = ask.query(kind)
        if not value:
            continue
        words = {
            "pledge": titles.get(value, value),
            "relation": ask.say(f"relation.{value}") if value in tuple(Relation) else value,
            "decision": _known_decision(ask, value),
            "language": _language(ask, value),
            "source": feeds.get(value, value),
        }.get(kind, value)
        found.append((kind, words, _address(ask, **{kind: None, "after": None})))
    return found


def _known_decision(ask: Ask, value: str) -> str:
    known = value == UNREVIEWED or f"outcome.{value}" in ask.texts
    return _decision(ask, value) if known else value


def _address(ask: Ask, **changes: str | None) -> str:
    pairs = [
        (name, value)
        for name, value in ask.request.query_params.multi_items()
        if name not in changes and name != "lang" and value
    ]
    pairs += [(name, value) for name, value in changes.items() if value is not None]
    return f"/history?{urlencode(pairs)}" if pairs else "/history"


# --- saved views -----------------------------------------------------------------------


def save_view(ask: Ask) -> Response:
    """Keep the filters in use under a name, or forget a name."""
    name = ask.field("name")[:LONGEST_NAME]
    query = ask.field("query")[:LONGEST_QUERY]
    with begin(ask.desk.database) as work:
        if ask.field("forget"):
            work.views.remove(ask.visitor.actor, "history", ask.field("forget"))
        elif name and len(work.views.of_actor(ask.visitor.actor, "history")) < MOST_VIEWS:
            view = SavedView(
                actor=ask.visitor.actor,
                page="history",
                name=name,
                query=query,
                saved_at=ask.now,
            )
            work.views.save(view)
        work.commit()
    return ask.go(f"/history?{query}" if query else "/history")
