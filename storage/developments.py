"""Developments: one event in the life of a commitment, told by its hits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, null, select, update

from model.errors import MissingRecordError
from model.records import (
    ArticleId,
    CommitmentId,
    Development,
    DevelopmentId,
    HitId,
    Relation,
    Report,
    Tier,
)
from storage.repository import Repository
from storage.rows import development_of, pack_signature, report_of, stored_article
from storage.tables import articles, developments, feed_states, hits

IN_ONE_QUERY = 500


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

    def get(self, development_id: DevelopmentId, *, lock: bool = False) -> Development:
        """Return a development; raise MissingRecordError.

        With `lock` nobody else changes it until this transaction ends: for whoever saves it after.
        """
        statement = select(developments).where(developments.c.id == development_id)
        row = self._connection.execute(statement.with_for_update() if lock else statement).first()
        if row is None:
            raise MissingRecordError(f"There is no development F{development_id}")
        return development_of(row)

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
        return tuple(development_of(row) for row in rows)

    def listed(
        self,
        *,
        commitment_id: CommitmentId | None = None,
        relation: Relation | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 20,
    ) -> tuple[Development, ...]:
        """Return developments, newest first; what is None does not matter.

        `until` leaves out what was first seen after it.
        """
        statement = select(developments)
        if commitment_id is not None:
            statement = statement.where(developments.c.commitment_id == commitment_id)
        if relation is not None:
            statement = statement.where(developments.c.relation == relation)
        if since is not None:
            statement = statement.where(developments.c.last_seen_at >= since)
        if until is not None:
            statement = statement.where(developments.c.first_seen_at <= until)
        newest_first = (developments.c.last_seen_at.desc(), developments.c.id.desc())
        rows = self._connection.execute(statement.order_by(*newest_first).limit(limit))
        return tuple(development_of(row) for row in rows)

    def newest(
        self, relation: Relation, until: datetime, each: int
    ) -> dict[CommitmentId, tuple[Development, ...]]:
        """Return each commitment's newest developments of a relation, in one question."""
        order = (developments.c.last_seen_at.desc(), developments.c.id.desc())
        place = func.row_number().over(partition_by=developments.c.commitment_id, order_by=order)
        ranked = (
            select(developments.c.id, place.label("place"))
            .where(developments.c.relation == relation, developments.c.first_seen_at <= until)
            .subquery()
        )
        rows = self._connection.execute(
            select(developments)
            .join(ranked, ranked.c.id == developments.c.id)
            .where(ranked.c.place <= each)
            .order_by(*order)
        )
        found: defaultdict[CommitmentId, list[Development]] = defaultdict(list)
        for row in rows:
            found[CommitmentId(row.commitment_id)].append(development_of(row))
        return {commitment_id: tuple(newest) for commitment_id, newest in found.items()}

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
        return None if row is None else development_of(row)

    def reports(self, development_id: DevelopmentId, limit: int = 50) -> tuple[Report, ...]:
        """Return a development's hits with their articles: the lead, then by tier and time."""
        found = self._connection.execute(
            select(hits).where(hits.c.development_id.in_(self.folded(development_id)))
        ).all()
        texts = {
            row.id: stored_article(row).article
            for row in self._connection.execute(
                select(articles).where(articles.c.id.in_([row.article_id for row in found]))
            )
        }
        feeds = {article.feed_id for article in texts.values()}
        sources = self._connection.execute(
            select(feed_states).where(feed_states.c.feed_id.in_(feeds))
        )
        named = {row.feed_id: row for row in sources}
        lead = self.get(development_id).lead_article_id
        reports = [
            report_of(row, texts[row.article_id], named.get(texts[row.article_id].feed_id))
            for row in found
        ]
        reports.sort(key=lambda report: _order(report, lead))
        return tuple(reports[:limit])

    def chosen(self, development_ids: Collection[DevelopmentId]) -> tuple[Development, ...]:
        """Return these developments, by their number."""
        found: list[Development] = []
        ids = sorted(development_ids)
        for start in range(0, len(ids), IN_ONE_QUERY):
            some = developments.c.id.in_(ids[start : start + IN_ONE_QUERY])
            statement = select(developments).where(some).order_by(developments.c.id)
            found += [development_of(row) for row in self._connection.execute(statement)]
        return tuple(found)

    def leads(self, development_ids: Collection[DevelopmentId]) -> dict[DevelopmentId, Report]:
        """Return what these developments lead with: the report that stands on top."""
        found: dict[DevelopmentId, Report] = {}
        ids = sorted(development_ids)
        for start in range(0, len(ids), IN_ONE_QUERY):
            found |= self._leads(ids[start : start + IN_ONE_QUERY])
        return found

    def _leads(self, ids: Sequence[DevelopmentId]) -> dict[DevelopmentId, Report]:
        led = hits.c.article_id == developments.c.lead_article_id
        rows = self._connection.execute(
            select(hits)
            .join(developments, (developments.c.id == hits.c.development_id) & led)
            .where(developments.c.id.in_(ids))
        ).all()
        chosen = articles.c.id.in_([row.article_id for row in rows])
        texts = {
            row.id: stored_article(row).article
            for row in self._connection.execute(select(articles).where(chosen))
        }
        feeds = {article.feed_id for article in texts.values()}
        sources = self._connection.execute(
            select(feed_states).where(feed_states.c.feed_id.in_(feeds))
        )
        named = {row.feed_id: row for row in sources}
        return {
            DevelopmentId(row.development_id): report_of(
                row, texts[row.article_id], named.get(texts[row.article_id].feed_id)
            )
            for row in rows
        }

    def folded(self, development_id: DevelopmentId) -> tuple[DevelopmentId, ...]:
        """Return a development and all that analysts joined to it, and to those in turn."""
        found, latest = [development_id], [development_id]
        while latest:
            rows = self._connection.execute(
                select(developments.c.id)
                .where(developments.c.joined_to.in_(latest), developments.c.id.not_in(found))
                .order_by(developments.c.id)
            )
            latest = [DevelopmentId(row[0]) for row in rows]
            found += latest
        return tuple(found)

    def suggested(self, development_id: DevelopmentId) -> dict[str, str | None] | None:
        """Return what a decision wrote over; None where nothing was."""
        found: dict[str, str | None] | None = self._connection.execute(
            select(developments.c.suggested).where(developments.c.id == development_id)
        ).scalar()
        return found

    def keep_suggested(
        self, development_id: DevelopmentId, values: Mapping[str, str | None] | None
    ) -> None:
        """Remember what a decision writes over, so that its undo can put it back."""
        kept = None if values is None else dict(values)
        self._connection.execute(
            update(developments)
            .where(developments.c.id == development_id)
            .values(suggested=null() if kept is None else kept)
        )

    def moved_out_of(self, development_id: DevelopmentId) -> tuple[Development, ...]:
        """Return what analysts split or moved out of a development, oldest first."""
        rows = self._connection.execute(
            select(developments)
            .where(developments.c.came_from == development_id)
            .order_by(developments.c.id)
        )
        return tuple(development_of(row) for row in rows)

    def hit_ids(self, development_id: DevelopmentId) -> tuple[HitId, ...]:
        """Return the hits of a development, oldest first."""
        rows = self._connection.execute(
            select(hits.c.id).where(hits.c.development_id == development_id).order_by(hits.c.id)
        )
        return tuple(HitId(row[0]) for row in rows)


def _order(report: Report, lead: ArticleId) -> tuple[bool, str, datetime]:
    tier = Tier.C if report.tier is Tier.F else report.tier  # not judged ranks with c
    return report.hit.article_id != lead, tier, report.hit.found_at


def _values(development: Development) -> dict[str, Any]:
    values = {field.name: getattr(development, field.name) for field in fields(Development)}
    del values["id"]
    values["signature"] = pack_signature(development.signature)
    return values
