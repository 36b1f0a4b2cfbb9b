"""What found each hit, and the texts around it: what the precision of rules is told from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import func, select

from model.precision import RuleHit
from model.records import CommitmentId, DevelopmentId, FeedId, Hit, HitId, Outcome
from storage.repository import Repository
from storage.rows import hit_of, load_match, optional
from storage.tables import articles, developments, hits

IN_ONE_QUERY = 500
AT_ONCE = 1000  # rows that are held at a time


class Rules(Repository):
    """Hits, seen from the rules that found them."""

    def hits(self) -> Iterator[RuleHit]:
        """Yield every stored hit, oldest first."""
        statement = (
            select(
                hits.c.id,
                hits.c.commitment_id,
                hits.c.development_id,
                hits.c.matches,
                articles.c.feed_id,
            )
            .join(articles, articles.c.id == hits.c.article_id)
            .order_by(hits.c.id)
        )
        for row in self._connection.execute(statement.execution_options(yield_per=AT_ONCE)):
            placed = row.development_id
            yield RuleHit(
                id=HitId(row.id),
                commitment_id=CommitmentId(row.commitment_id),
                development_id=None if placed is None else DevelopmentId(placed),
                feed_id=FeedId(row.feed_id),
                matches=tuple(load_match(value) for value in row.matches),
            )

    def texts(self, hit_ids: Collection[HitId]) -> dict[HitId, tuple[str, str]]:
        """Return title and text of the articles of hits."""
        wanted = list(hit_ids)
        found: dict[HitId, tuple[str, str]] = {}
        for start in range(0, len(wanted), IN_ONE_QUERY):
            rows = self._connection.execute(
                select(hits.c.id, articles.c.title, articles.c.text)
                .join(articles, articles.c.id == hits.c.article_id)
                .where(hits.c.id.in_(wanted[start : start + IN_ONE_QUERY]))
            )
            found |= {HitId(row.id): (row.title, row.text) for row in rows}
        return found

    def of_commitments(
        self, commitment_ids: Collection[CommitmentId], since: datetime | None = None
    ) -> Iterator[tuple[Hit, Outcome | None]]:
        """Yield the hits of commitments in articles fetched since a moment, with what was decided.

        The outcome is that of the hit's development; None: nobody decided.
        """
        statement = (
            select(hits, developments.c.outcome)
            .join(articles, articles.c.id == hits.c.article_id)
            .outerjoin(developments, developments.c.id == hits.c.development_id)
            .where(hits.c.commitment_id.in_(commitment_ids))
            .order_by(hits.c.id)
        )
        if since is not None:
            statement = statement.where(articles.c.fetched_at >= since)
        for row in self._connection.execute(statement.execution_options(yield_per=AT_ONCE)):
            yield hit_of(row), optional(Outcome, row.outcome)

    def article_count(self, since: datetime | None = None) -> int:
        """Return how many articles are stored that were fetched since a moment."""
        statement = select(func.count()).select_from(articles)
        if since is not None:
            statement = statement.where(articles.c.fetched_at >= since)
        return int(self._connection.execute(statement).scalar_one())
