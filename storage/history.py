"""The match history: every hit with its article and development, by what one looks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnClause,
    ColumnElement,
    Row,
    Select,
    Table,
    column,
    func,
    literal,
    null,
    select,
    table,
    text,
    tuple_,
    union_all,
)

from model.errors import MissingRecordError
from model.records import (
    CommitmentId,
    Development,
    DevelopmentId,
    FeedId,
    HitId,
    Relation,
    Report,
    StoredArticle,
)
from storage.repository import Repository
from storage.rows import development_of, report_of, stored_article
from storage.search_index import finds_exactly, full_query, lean_query
from storage.search_schema import ARTICLES, HITS
from storage.search_words import Query, matches, read_query
from storage.tables import articles, developments, feed_states, hits, search_documents

UNREVIEWED = "unreviewed"
READ_AGAIN = 500  # articles looked through for one that has a phrase, and not just its words


class Order(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for; what is None does not matter."""

    commitment_id: CommitmentId | None = None
    commitment_ids: tuple[CommitmentId, ...] | None = None  # any of them: a tag's
    relation: Relation | None = None
    review: str | None = None  # UNREVIEWED or an outcome
    language: str | None = None
    feed_id: FeedId | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None  # words and quoted phrases, in title or text


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One hit as the history shows it."""

    report: Report
    development: Development


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One choice by which a search can be narrowed, and how many hits it leaves."""

    value: str
    hits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How a search's hits fall; each counts as if nothing of its own kind had been chosen."""

    hits: int
    developments: int
    pledges: tuple[Count, ...]
    relations: tuple[Count, ...]
    decisions: tuple[Count, ...]
    languages: tuple[Count, ...]
    sources: tuple[Count, ...]
    months: tuple[Count, ...]  # of finding, as 2026-11; the newest first


class History(Repository):
    """Looks through what was found."""

    def search(
        self,
        search: Search,
        limit: int = 50,
        after: HitId | None = None,
        order: Order = Order.NEWEST,
    ) -> tuple[HistoryRow, ...]:
        """Return the hits that a search asks for, those that follow `after` in this order."""
        place = tuple_(hits.c.found_at, hits.c.id)
        statement = self._chosen(search, hits.c.id, hits.c.article_id, hits.c.development_id)
        if after is not None:
            begin = tuple_(*self._place(after))
            statement = statement.where(place < begin if order is Order.NEWEST else place > begin)
        columns = (hits.c.found_at, hits.c.id)
        by = [each.desc() for each in columns] if order is Order.NEWEST else columns
        with self._by_words(search.text):
            found = self._connection.execute(statement.order_by(*by).limit(limit)).all()
        return self._read(found)

    def development_ids(self, search: Search) -> tuple[DevelopmentId, ...]:
        """Return the developments that a search's hits belong to, by their number."""
        statement = self._chosen(search, hits.c.development_id).distinct()
        rows = self._connection.execute(statement.order_by(hits.c.development_id))
        return tuple(DevelopmentId(row[0]) for row in rows)

    def facets(self, search: Search) -> Facets:
        """Count a search's hits by pledge, relation, decision, language, source and month."""
        chosen = self._with_words(search.text)
        with self._by_words(search.text):
            rows = self._connection.execute(union_all(*_counts(chosen, search))).all()
        four = [row for row in rows if row.kind == "four"]
        by_kind = {
            name: _ranked((row[1 + place], row.hits) for row in four if fits(row, search, name))
            for place, name in enumerate(_FOUR)
        }
        others = {
            kind: _ranked((row[1], row.hits) for row in rows if row.kind == kind)
            for kind in ("source", "month")
        }
        return Facets(
            hits=sum(row.hits for row in four if fits(row, search)),
            developments=next(row.hits for row in rows if row.kind == "developments"),
            pledges=by_kind["pledge"],
            relations=by_kind["relation"],
            decisions=by_kind["decision"],
            languages=by_kind["language"],
            sources=others["source"],
            months=tuple(sorted(others["month"], key=lambda count: count.value, reverse=True)),
        )

    @contextmanager
    def _by_words(self, words: str | None) -> Iterator[None]:
        """Let PostgreSQL look words up in their index, however frequent they are.

        It takes a table's size for what reading it costs; the words of each article are kept
        beside the table, so that to read them all takes ten times as long as the index.
        """
        if words is None or self._connection.dialect.name == "sqlite":
            yield
            return
        self._connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        yield
        self._connection.exec_driver_sql("SET LOCAL enable_seqscan = on")

    def _with_words(self, words: str | None) -> CTE:
        """Return the hits with these words, found once for all that is counted of them."""
        month = (
            func.substr(hits.c.found_at, 1, 7)
            if self._connection.dialect.name == "sqlite"
            else func.to_char(func.timezone("UTC", hits.c.found_at), "YYYY-MM")
        )
        columns = hits.c
        return self._chosen(
            Search(text=words),
            columns.commitment_id,
            columns.relation,
            columns.language,
            columns.feed_id,
            columns.found_at,
            columns.development_id,
            func.coalesce(developments.c.outcome, UNREVIEWED).label("decision"),
            month.label("month"),
            counted=True,
        ).cte("chosen")

    def articles(self, words: str, limit: int = 50) -> tuple[StoredArticle, ...]:
        """Return the newest articles with these words, also those that name no pledge."""
        query = read_query(words)
        if not query.terms:
            return ()
        statement = (
            select(articles)
            .where(articles.c.id.in_(self._article_ids(query, ARTICLES)))
            .order_by(articles.c.id.desc())
        )
        if finds_exactly(query):
            rows = self._connection.execute(statement.limit(limit))
            return tuple(stored_article(row) for row in rows)
        rows = self._connection.execute(statement.limit(max(limit, READ_AGAIN)))
        found = (stored_article(row) for row in rows)
        fitting = (each for each in found if matches(each.article.title, each.article.text, query))
        return tuple(islice(fitting, limit))

    def _place(self, hit_id: HitId) -> tuple[datetime, HitId]:
        """Return where a hit stands in the order of the history."""
        statement = select(hits.c.found_at).where(hits.c.id == hit_id)
        found_at: datetime | None = self._connection.execute(statement).scalar()
        if found_at is None:
            raise MissingRecordError(f"There is no hit {hit_id}")
        return found_at, hit_id

    def _read(self, found: Sequence[Row[Any]]) -> tuple[HistoryRow, ...]:
        hit_rows = self._rows(hits, [row.id for row in found])
        texts = self._rows(articles, [row.article_id for row in found])
        events = self._rows(developments, [row.development_id for row in found])
        feeds = {row.feed_id for row in texts.values()}
        sources = select(feed_states).where(feed_states.c.feed_id.in_(feeds))
        named = {row.feed_id: row for row in self._connection.execute(sources)}
        return tuple(
            HistoryRow(
                report=report_of(
                    hit_rows[row.id],
                    stored_article(texts[row.article_id]).article,
                    named.get(texts[row.article_id].feed_id),
                ),
                development=development_of(events[row.development_id]),
            )
            for row in found
        )

    def _rows(self, of: Table, ids: list[int]) -> dict[int, Row[Any]]:
        rows = self._connection.execute(select(of).where(of.c.id.in_(set(ids))))
        return {row.id: row for row in rows}

    def _chosen(
        self, search: Search, *columns: ColumnElement[Any], counted: bool = False
    ) -> Select[Any]:
        """Select columns of the hits that a search asks for; `counted`, with their developments."""
        statement: Select[Any] = select(*columns).select_from(hits)
        statement = statement.where(hits.c.development_id.is_not(None))
        if search.review is not None or counted:
            statement = statement.join(developments, developments.c.id == hits.c.development_id)
        if search.text is not None:
            query = read_query(search.text)
            wanted = self._article_ids(query, HITS, whole=counted) if query.terms else ()
            # `+ 0` keeps SQLite from fetching each hit by its article: reading the history's index
            # in order, and looking each hit up among those found, ends with the first page.
            sqlite = self._connection.dialect.name == "sqlite"
            article_id = hits.c.article_id + 0 if sqlite else hits.c.article_id
            statement = statement.where(article_id.in_(wanted))
        return statement.where(*_conditions(search, hits.c, developments.c.outcome))

    def _article_ids(self, query: Query, index: str, *, whole: bool = False) -> Select[Any]:
        """Return a statement for the articles that an index finds.

        `whole`: all of them are wanted, not just those of the first page.
        """
        sqlite = self._connection.dialect.name == "sqlite"
        number: ColumnClause[int] = column("rowid" if sqlite else "number")
        words = table(index, number)
        read = full_query if index == HITS else lean_query
        condition = (
            text(f"{index} MATCH :words")
            if sqlite
            else text(f"{index}.words @@ CAST(:words AS tsquery)")
        )
        condition = condition.bindparams(words=read(query, sqlite=sqlite))
        if not whole:
            return (
                select(search_documents.c.article_id)
                .join(words, words.c[number.name] == search_documents.c.number)
                .where(condition)
            )
        found = (
            select(number)
            .select_from(words)
            .where(condition)
            .cte("found")
            .prefix_with("MATERIALIZED", dialect="postgresql")
        )
        return select(search_documents.c.article_id).join(
            found, found.c[number.name] == search_documents.c.number
        )


# What is counted together: few choices each, so few rows come back.
_FOUR = ("pledge", "relation", "decision", "language")


def _counts(chosen: CTE, search: Search) -> Iterator[Select[Any]]:
    """Return what counts the chosen hits; each kind as if nothing of it had been chosen."""
    columns = chosen.c
    four = (columns.commitment_id, columns.relation, columns.decision, columns.language)
    reviewed = func.nullif(columns.decision, UNREVIEWED)

    def count(kind: str, by: tuple[Any, ...], without: Search, number: Any) -> Select[Any]:
        filled = (*by, *(null() for _ in range(len(four) - len(by))))
        statement = select(literal(kind).label("kind"), *filled, number.label("hits"))
        return statement.where(*_conditions(without, columns, reviewed)).group_by(*by)

    wide = replace(
        search, commitment_id=None, commitment_ids=None, relation=None, review=None, language=None
    )
    yield count("four", four, wide, func.count())
    yield count("source", (columns.feed_id,), replace(search, feed_id=None), func.count())
    yield count("month", (columns.month,), replace(search, since=None, until=None), func.count())
    distinct = func.count(columns.development_id.distinct())
    yield count("developments", (), search, distinct)


def fits(row: Any, search: Search, but: str | None = None) -> bool:
    """Tell whether a counted row is among those a search asks for, one kind of choice aside."""
    pledge, relation, decision, language = row[1], row[2], row[3], row[4]
    wrong = {
        "pledge": search.commitment_id not in (None, pledge)
        or (search.commitment_ids is not None and pledge not in search.commitment_ids),
        "relation": search.relation not in (None, relation),
        "decision": search.review not in (None, decision),
        "language": search.language not in (None, language),
    }
    return not any(each for name, each in wrong.items() if name != but)


def _ranked(counted: Iterable[tuple[str | None, int]]) -> tuple[Count, ...]:
    """Add up what belongs together; the most frequent first."""
    found: Counter[str] = Counter()
    for value, count in counted:
        if value is not None:
            found[value] += count
    ranked = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Count(value=value, hits=count) for value, count in ranked)


def _conditions(
    search: Search, columns: Any, outcome: ColumnElement[Any]
) -> Iterator[ColumnElement[bool]]:
    if search.commitment_id is not None:
        yield columns.commitment_id == search.commitment_id
    if search.commitment_ids is not None:
        yield columns.commitment_id.in_(search.commitment_ids)
    if search.relation is not None:
        yield columns.relation == search.relation
    if search.review == UNREVIEWED:
        yield outcome.is_(None)
    elif search.review is not None:
        yield outcome == search.review
    if search.since is not None:
        yield columns.found_at >= search.since
    if search.until is not None:
        yield columns.found_at < search.until
    if search.language is not None:
        yield columns.language == search.language
    if search.feed_id is not None:
        yield columns.feed_id == search.feed_id
