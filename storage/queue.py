"""The review queue's rows: what waits for a decision, and what was done to its cards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, and_, delete, func, or_, select

from model.records import CommitmentId, DevelopmentId, Outcome, Relation, Tier
from model.urgency import Candidate
from storage.repository import Repository
from storage.rows import development_of
from storage.tables import (
    articles,
    developments,
    feed_states,
    hits,
    queue_items,
    queue_opens,
)

OPEN_FOR = timedelta(minutes=15)  # so long after somebody opened a card they are at it
ONE_IN = 100  # of what the rules thought nothing new comes as the audit sample
MOST = 5000  # cards looked at
IN_ONE_QUERY = 500


class Snooze(StrEnum):
    """What a card sleeps until."""

    DATE = "date"
    NEXT_HIT = "next_hit"  # of its pledge
    TIER_A = "tier_a"  # a hit of its pledge in a party's own organ
    OCCASION = "occasion"  # the pledge's next one is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What was done to a card."""

    key: str
    snooze: Snooze | None = None  # None: it is awake
    snoozed_until: datetime | None = None  # None: it waits for a hit
    snoozed_at: datetime | None = None
    snoozed_by: str | None = None
    assignee: str | None = None
    second_asked_by: str | None = None
    second_asked_at: datetime | None = None


class Queue(Repository):
    """The cards of the queue."""

    def candidates(self, commitment_ids: Collection[CommitmentId]) -> tuple[Candidate, ...]:
        """Return the developments that wait for a decision, and the audit sample, newest first."""
        waits = or_(developments.c.outcome.is_(None), developments.c.outcome == Outcome.UNSURE)
        # Spread over the ids, the same on each database and at each look.
        sampled = (developments.c.id * 7919 % 10007) % ONE_IN == 0
        rows = self._connection.execute(
            select(
                developments, hits.c.suggestion, hits.c.score, hits.c.matches, feed_states.c.tier
            )
            .join(
                hits,
                and_(
                    hits.c.development_id == developments.c.id,
                    hits.c.article_id == developments.c.lead_article_id,
                ),
                isouter=True,
            )
            .join(articles, articles.c.id == developments.c.lead_article_id)
            .join(feed_states, feed_states.c.feed_id == articles.c.feed_id, isouter=True)
            .where(
                waits,
                or_(developments.c.relation == Relation.FOLLOW_UP, sampled),
                developments.c.commitment_id.in_(list(commitment_ids)),
            )
            .order_by(developments.c.last_seen_at.desc(), developments.c.id.desc())
            .limit(MOST)
        )
        return tuple(_candidate(row) for row in rows)

    def terms_of(
        self, development_ids: Collection[DevelopmentId]
    ) -> dict[DevelopmentId, frozenset[str]]:
        """Return the terms that named the pledge in these developments."""
        found: defaultdict[DevelopmentId, set[str]] = defaultdict(set)
        ids = sorted(development_ids)
        for start in range(0, len(ids), IN_ONE_QUERY):
            rows = self._connection.execute(
                select(hits.c.development_id, hits.c.matches).where(
                    hits.c.development_id.in_(ids[start : start + IN_ONE_QUERY])
                )
            )
            for row in rows:
                found[DevelopmentId(row[0])] |= {match["term"] for match in row[1]}
        return {number: frozenset(terms) for number, terms in found.items()}

    def last_hits(self, *, tier: Tier | None = None) -> dict[CommitmentId, datetime]:
        """Return when each commitment's last hit was found; with a tier, in sources of it."""
        statement = select(hits.c.commitment_id, func.max(hits.c.found_at))
        if tier is not None:
            statement = (
                statement.join(articles, articles.c.id == hits.c.article_id)
                .join(feed_states, feed_states.c.feed_id == articles.c.feed_id)
                .where(feed_states.c.tier == tier)
            )
        rows = self._connection.execute(statement.group_by(hits.c.commitment_id))
        return {CommitmentId(row[0]): row[1] for row in rows}

    # --- what was done to cards -----------------------------------------------------

    def cards(self) -> dict[str, Card]:
        """Return every card that something was done to."""
        rows = self._connection.execute(select(queue_items))
        return {row.key: _card(row) for row in rows}

    def snooze(
        self, key: str, kind: Snooze, *, until: datetime | None, actor: str, now: datetime
    ) -> None:
        """Let a card sleep; `until` is for a date and an occasion."""
        self._change(key, snooze=kind, snoozed_until=until, snoozed_at=now, snoozed_by=actor)

    def wake(self, key: str) -> None:
        """Let a card come back at once."""
        self._change(key, snooze=None, snoozed_until=None, snoozed_at=None, snoozed_by=None)

    def assign(self, key: str, assignee: str | None) -> None:
        """Give a card to somebody, or back to everybody."""
        self._change(key, assignee=assignee)

    def ask_second(self, key: str, actor: str, now: datetime) -> None:
        """Ask for somebody else's opinion: the card leaves the asker's own queue."""
        self._change(key, second_asked_by=actor, second_asked_at=now)

    def open(self, key: str, actor: str, now: datetime) -> None:
        """Note that somebody has a card open."""
        self._put(queue_opens, {"key": key, "actor": actor, "opened_at": now}, ["key", "actor"])

    def close(self, key: str, actor: str) -> None:
        """Note that somebody has left a card."""
        self._connection.execute(
            delete(queue_opens).where(queue_opens.c.key == key, queue_opens.c.actor == actor)
        )

    def opened_by(self, now: datetime) -> dict[str, tuple[str, ...]]:
        """Return who has which card open."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        rows = self._connection.execute(
            select(queue_opens)
            .where(queue_opens.c.opened_at > now - OPEN_FOR)
            .order_by(queue_opens.c.key, queue_opens.c.actor)
        )
        for row in rows:
            found[row.key].append(row.actor)
        return {key: tuple(actors) for key, actors in found.items()}

    def clear(self, key: str) -> None:
        """Forget what was done to a card: it was decided."""
        self._connection.execute(delete(queue_items).where(queue_items.c.key == key))
        self._connection.execute(delete(queue_opens).where(queue_opens.c.key == key))

    def _change(self, key: str, **values: Any) -> None:
        self._put(queue_items, {"key": key, **values}, ["key"])


def _candidate(row: Row[Any]) -> Candidate:
    suggestion: Mapping[str, Any] = row.suggestion or {}
    matches: list[Mapping[str, Any]] = row.matches or []
    return Candidate(
        development=development_of(row),
        novelty=tuple(suggestion.get("novelty", ())),
        tier=Tier.F if row.tier is None else Tier(row.tier),
        score=1.0 if row.score is None else row.score,
        terms=frozenset(match["term"] for match in matches),
    )


def _card(row: Row[Any]) -> Card:
    return Card(
        key=row.key,
        snooze=None if row.snooze is None else Snooze(row.snooze),
        snoozed_until=row.snoozed_until,
        snoozed_at=row.snoozed_at,
        snoozed_by=row.snoozed_by,
        assignee=row.assignee,
        second_asked_by=row.second_asked_by,
        second_asked_at=row.second_asked_at,
    )
