"""Hits: one article that speaks of one commitment, with the evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    cast,
    extract,
    func,
    insert,
    literal,
    select,
    update,
)

from model.records import (
    ArticleId,
    CommitmentId,
    DevelopmentId,
    Hit,
    HitId,
    Outcome,
    Relation,
)
from storage.repository import Repository
from storage.rows import dump, hit_of
from storage.tables import Moment, articles, developments, hits, suggestions

IN_ONE_QUERY = 500
NOT_ABOUT_IT = (Outcome.REJECTED, Outcome.MOVED)


class Hits(Repository):
    """The hits."""

    def add(self, hit: Hit) -> HitId | None:
        """Store a hit; None where this article has one for this commitment already."""
        found = self._add(hits, _values(hit), ["commitment_id", "article_id"])
        return None if found is None else HitId(found)

    def replace(self, hit_id: HitId, hit: Hit) -> None:
        """Put a newer finding in a hit's place; the suggestion it had is kept."""
        before = self._connection.execute(
            select(hits.c.suggestion, hits.c.watchlist_version).where(hits.c.id == hit_id)
        ).one()
        self._connection.execute(
            insert(suggestions).values(
                hit_id=hit_id,
                watchlist_version=before.watchlist_version,
                suggestion=before.suggestion,
                replaced_at=hit.found_at,
            )
        )
        values = _values(hit)
        del values["found_at"], values["development_id"]
        self._connection.execute(update(hits).where(hits.c.id == hit_id).values(values))

    def place(self, hit_id: HitId, development_id: DevelopmentId) -> None:
        """Put a hit into a development."""
        self._connection.execute(
            update(hits).where(hits.c.id == hit_id).values(development_id=development_id)
        )

    def of_development(self, development_id: DevelopmentId) -> tuple[Hit, ...]:
        """Return the hits of one development, oldest first; those joined to it not included."""
        rows = self._connection.execute(
            select(hits).where(hits.c.development_id == development_id).order_by(hits.c.id)
        )
        return tuple(hit_of(row) for row in rows)

    def found_by(
        self, development_ids: Collection[DevelopmentId]
    ) -> dict[DevelopmentId, dict[HitId, datetime]]:
        """Return the hits of these developments, and when each was found."""
        found: defaultdict[DevelopmentId, dict[HitId, datetime]] = defaultdict(dict)
        ids = sorted(development_ids)
        for start in range(0, len(ids), IN_ONE_QUERY):
            rows = self._connection.execute(
                select(hits.c.development_id, hits.c.id, hits.c.found_at).where(
                    hits.c.development_id.in_(ids[start : start + IN_ONE_QUERY])
                )
            )
            for row in rows:
                found[DevelopmentId(row[0])][HitId(row[1])] = row[2]
        return found

    def of_article(self, article_id: ArticleId) -> tuple[Hit, ...]:
        """Return the hits of one article, one for each commitment it speaks of."""
        rows = self._connection.execute(
            select(hits).where(hits.c.article_id == article_id).order_by(hits.c.id)
        )
        return tuple(hit_of(row) for row in rows)

    def last_seen(
        self,
        relations: Collection[Relation],
        until: datetime | None = None,
        apart_from: Collection[DevelopmentId] | None = None,
    ) -> dict[CommitmentId, datetime]:
        """Return for each commitment when such a hit was last found, until a moment if given.

        `apart_from` are developments that turned out to be about something else; None: those that
        analysts say so of today.
        """
        mistaken: Any = apart_from
        if apart_from is None:
            mistaken = select(developments.c.id).where(developments.c.outcome.in_(NOT_ABOUT_IT))
        statement = (
            select(hits.c.commitment_id, func.max(hits.c.found_at))
            .where(
                hits.c.relation.in_(relations),
                func.coalesce(hits.c.development_id, 0).not_in(mistaken),
            )
            .group_by(hits.c.commitment_id)
        )
        if until is not None:
            statement = statement.where(hits.c.found_at <= until)
        rows = self._connection.execute(statement)
        return {CommitmentId(row[0]): row[1] for row in rows}

    def by_week(self, since: datetime, until: datetime) -> dict[CommitmentId, Counter[int]]:
        """Return how many hits were published in each week after `since`, 0 for the first."""
        begin = datetime.combine(since.date() + timedelta(days=1), time(0), UTC)
        if self._connection.dialect.name == "sqlite":
            days = func.julianday(hits.c.published_at) - func.julianday(literal(begin, Moment))
            week: Any = cast(days / 7, Integer)
        else:
            seconds = extract("epoch", hits.c.published_at) - begin.timestamp()
            week = func.floor(seconds / timedelta(days=7).total_seconds())
        rows = self._connection.execute(
            select(hits.c.commitment_id, week.label("week"), func.count())
            .where(hits.c.published_at >= begin)
            .where(hits.c.found_at > since, hits.c.found_at <= until)
            .group_by(hits.c.commitment_id, "week")
        )
        found: dict[CommitmentId, Counter[int]] = {}
        for commitment_id, number, count in rows:
            found.setdefault(CommitmentId(commitment_id), Counter())[int(number)] += count
        return found

    def count(self, commitment_id: CommitmentId | None = None) -> int:
        """Return how many hits are stored, of one commitment if given."""
        statement = select(func.count()).select_from(hits)
        if commitment_id is not None:
            statement = statement.where(hits.c.commitment_id == commitment_id)
        return int(self._connection.execute(statement).scalar_one())


def _values(hit: Hit) -> dict[str, Any]:
    return {
        "commitment_id": hit.commitment_id,
        "article_id": hit.article_id,
        "development_id": hit.development_id,
        "relation": hit.suggestion.relation,
        "score": hit.score,
        "matches": [dump(match) for match in hit.matches],
        "suggestion": dump(hit.suggestion),
        "watchlist_version": hit.watchlist_version,
        "found_at": hit.found_at,
        "language": _of_article(hit, articles.c.language),
        "feed_id": _of_article(hit, articles.c.feed_id),
        "published_at": _of_article(
            hit, func.coalesce(articles.c.published_at, articles.c.fetched_at)
        ),
    }


def _of_article(hit: Hit, column: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Return what the history filters by, read from the hit's article."""
    return select(column).where(articles.c.id == hit.article_id).scalar_subquery()
