"""The match history: every hit with its article and development, by what one looks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, or_, select

from model.records import CommitmentId, Development, Relation, Report
from storage.repository import Repository
from storage.rows import development_of, report_of, stored_article
from storage.tables import articles, developments, feed_states, hits

UNREVIEWED = "unreviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for; what is None does not matter."""

    commitment_id: CommitmentId | None = None
    relation: Relation | None = None
    review: str | None = None  # UNREVIEWED or an outcome
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None  # in title or text


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One hit as the history shows it."""

    report: Report
    development: Development


class History(Repository):
    """Looks through what was found."""

    def search(self, search: Search, limit: int = 50) -> tuple[HistoryRow, ...]:
        """Return the hits that a search asks for, newest first."""
        statement = (
            select(hits.c.id, hits.c.article_id, hits.c.development_id)
            .join(articles, articles.c.id == hits.c.article_id)
            .join(developments, developments.c.id == hits.c.development_id)
            .where(*_conditions(search))
            .order_by(hits.c.found_at.desc(), hits.c.id.desc())
            .limit(limit)
        )
        found = self._connection.execute(statement).all()
        hit_rows = self._rows(hits, [row.id for row in found])
        texts = self._rows(articles, [row.article_id for row in found])
        events = self._rows(developments, [row.development_id for row in found])
        named = {row.feed_id: row for row in self._connection.execute(select(feed_states)).all()}
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

    def _rows(self, table: Table, ids: list[int]) -> dict[int, Row[Any]]:
        rows = self._connection.execute(select(table).where(table.c.id.in_(set(ids))))
        return {row.id: row for row in rows}


def _conditions(search: Search) -> Iterator[ColumnElement[bool]]:
    columns = hits.c
    if search.commitment_id is not None:
        yield columns.commitment_id == search.commitment_id
    if search.relation is not None:
        yield columns.relation == search.relation
    if search.review == UNREVIEWED:
        yield developments.c.outcome.is_(None)
    elif search.review is not None:
        yield developments.c.outcome == search.review
    if search.since is not None:
        yield columns.found_at >= search.since
    if search.until is not None:
        yield columns.found_at < search.until
    if search.language is not None:
        yield articles.c.language == search.language
    if search.text is not None:
        yield or_(
            articles.c.title.icontains(search.text, autoescape=True),
            articles.c.text.icontains(search.text, autoescape=True),
        )
