"""Developments: one event in the life of a commitment, told by its hits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, or_, select, update

from model.errors import MissingRecordError
from model.records import (
    Article,
    ArticleId,
    CommitmentId,
    Development,
    DevelopmentId,
    HitId,
    Milestone,
    Outcome,
    Relation,
    Report,
    Setback,
    Stage,
    Tier,
)
from storage.repository import Repository
from storage.rows import hit_of, optional, pack_signature, stored_article, unpack_signature
from storage.tables import articles, developments, feed_states, hits


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which developments to list; what is None does not matter."""

    commitment_id: CommitmentId | None = None
    relation: Relation | None = None
    review: str | None = None  # "unreviewed" or an outcome
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None  # in headline or article, by plain comparison


class Developments(Repository):
    """The developments."""

    def add(self, development: Development) -> DevelopmentId:
        """Store a new development; the id in the record is ignored."""
        result = self._connection.execute(insert(developments).values(_values(development)))
        key: Any = result.inserted_primary_key
        return DevelopmentId(int(key[0]))

    def save(self, development: Development) -> None:
        """Store what became of a development."""
        self._connection.execute(
            update(developments)
            .where(developments.c.id == development.id)
            .values(_values(development))
        )

    def get(self, development_id: DevelopmentId) -> Development:
        """Return a development; raise MissingRecordError."""
        row = self._connection.execute(
            select(developments).where(developments.c.id == development_id)
        ).first()
        if row is None:
            raise MissingRecordError(f"There is no development F{development_id}")
        return _development(row)

    def recent(
        self, commitment_id: CommitmentId, since: datetime, limit: int = 200
    ) -> tuple[Development, ...]:
        """Return a commitment's developments seen since a moment, newest first."""
        rows = self._connection.execute(
            select(developments)
            .where(
                developments.c.commitment_id == commitment_id, developments.c.last_seen_at >= since
            )
            .order_by(developments.c.last_seen_at.desc(), developments.c.id.desc())
            .limit(limit)
        )
        return tuple(_development(row) for row in rows)

    def listed(self, search: Search, limit: int = 20) -> tuple[Development, ...]:
        """Return the developments that a search asks for, newest first."""
        statement = select(developments).distinct()
        for condition in _conditions(search):
            statement = statement.where(condition)
        if search.language is not None or search.text is not None:
            statement = statement.join(hits, hits.c.development_id == developments.c.id).join(
                articles, articles.c.id == hits.c.article_id
            )
        rows = self._connection.execute(
            statement.order_by(developments.c.last_seen_at.desc(), developments.c.id.desc()).limit(
                limit
            )
        )
        return tuple(_development(row) for row in rows)

    def previous_follow_up(
        self, commitment_id: CommitmentId, before: DevelopmentId
    ) -> Development | None:
        """Return the follow-up that was seen before this development; None for the first."""
        row = self._connection.execute(
            select(developments)
            .where(
                developments.c.commitment_id == commitment_id,
                developments.c.relation == Relation.FOLLOW_UP,
                developments.c.id < before,
            )
            .order_by(developments.c.id.desc())
            .limit(1)
        ).first()
        return None if row is None else _development(row)

    def reports(self, development_id: DevelopmentId, limit: int = 50) -> tuple[Report, ...]:
        """Return a development's hits with their articles: the lead, then by tier and time."""
        found = self._connection.execute(
            select(hits).where(hits.c.development_id == development_id)
        ).all()
        texts = {
            row.id: stored_article(row).article
            for row in self._connection.execute(
                select(articles).where(articles.c.id.in_([row.article_id for row in found]))
            )
        }
        sources = {
            row.feed_id: row
            for row in self._connection.execute(
                select(feed_states.c.feed_id, feed_states.c.title, feed_states.c.tier).where(
                    feed_states.c.feed_id.in_({article.feed_id for article in texts.values()})
                )
            )
        }
        lead = self.get(development_id).lead_article_id
        reports = [_report(row, texts[row.article_id], sources) for row in found]
        reports.sort(key=lambda report: _order(report, lead))
        return tuple(reports[:limit])

    def hit_ids(self, development_id: DevelopmentId) -> tuple[HitId, ...]:
        """Return the hits of a development, oldest first."""
        rows = self._connection.execute(
            select(hits.c.id).where(hits.c.development_id == development_id).order_by(hits.c.id)
        )
        return tuple(HitId(row[0]) for row in rows)


def _report(row: Row[Any], article: Article, sources: Mapping[Any, Row[Any, Any, Any]]) -> Report:
    source = sources.get(article.feed_id)
    return Report(
        hit=hit_of(row),
        article=article,
        feed_title=article.feed_id if source is None else source.title or article.feed_id,
        tier=Tier.F if source is None else Tier(source.tier),
    )


def _order(report: Report, lead: ArticleId) -> tuple[bool, str, datetime]:
    tier = Tier.C if report.tier is Tier.F else report.tier  # not judged ranks with c
    return report.hit.article_id != lead, tier, report.hit.found_at


def _conditions(search: Search) -> Iterator[ColumnElement[bool]]:
    columns = developments.c
    if search.commitment_id is not None:
        yield columns.commitment_id == search.commitment_id
    if search.relation is not None:
        yield columns.relation == search.relation
    if search.review == "unreviewed":
        yield columns.outcome.is_(None)
    elif search.review is not None:
        yield columns.outcome == search.review
    if search.since is not None:
        yield columns.last_seen_at >= search.since
    if search.until is not None:
        yield columns.first_seen_at < search.until
    if search.language is not None:
        yield articles.c.language == search.language
    if search.text is not None:
        yield or_(
            developments.c.headline.icontains(search.text, autoescape=True),
            articles.c.title.icontains(search.text, autoescape=True),
            articles.c.text.icontains(search.text, autoescape=True),
        )


def _values(development: Development) -> dict[str, Any]:
    values = {field.name: getattr(development, field.name) for field in fields(Development)}
    del values["id"]
    values["signature"] = pack_signature(development.signature)
    return values


def _development(row: Row[Any]) -> Development:
    return Development(
        id=DevelopmentId(row.id),
        commitment_id=CommitmentId(row.commitment_id),
        relation=Relation(row.relation),
        headline=row.headline,
        lead_article_id=ArticleId(row.lead_article_id),
        milestone=optional(Milestone, row.milestone),
        setback=optional(Setback, row.setback),
        stage=optional(Stage, row.stage),
        outcome=optional(Outcome, row.outcome),
        event_date=row.event_date,
        place=row.place,
        hit_count=row.hit_count,
        origin_count=row.origin_count,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        revision=row.revision,
        signature=unpack_signature(row.signature),
        told=row.told,
    )
