"""Analysts' decisions: append-only, each row sealed with the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import Row, insert, select

from model.records import (
    CommitmentId,
    Decision,
    DecisionId,
    DevelopmentId,
    HitId,
    Milestone,
    Outcome,
    Role,
    Setback,
)
from storage.repository import Repository
from storage.rows import optional
from storage.tables import decisions

SEAL_OF_NOTHING = "0" * 64  # what the first row stands on


class Decisions(Repository):
    """The decisions."""

    def add(self, decision: Decision) -> DecisionId:
        """Append a decision; the id in the record is ignored."""
        last = self._connection.execute(
            select(decisions.c.hash).order_by(decisions.c.id.desc()).limit(1)
        ).scalar()
        values = _values(decision)
        previous = last or SEAL_OF_NOTHING
        values |= {"previous_hash": previous, "hash": seal(previous, values)}
        result = self._connection.execute(insert(decisions).values(values))
        key: Any = result.inserted_primary_key
        return DecisionId(int(key[0]))

    def of_commitment(self, commitment_id: CommitmentId) -> tuple[Decision, ...]:
        """Return a commitment's decisions, oldest first."""
        return self._where(decisions.c.commitment_id == commitment_id)

    def of_development(self, development_id: DevelopmentId) -> tuple[Decision, ...]:
        """Return a development's decisions, oldest first."""
        return self._where(decisions.c.development_id == development_id)

    def by_commitment(self) -> dict[CommitmentId, list[Decision]]:
        """Return every commitment's decisions, oldest first."""
        found: dict[CommitmentId, list[Decision]] = {}
        for decision in self.all():
            found.setdefault(decision.commitment_id, []).append(decision)
        return found

    def all(self) -> tuple[Decision, ...]:
        """Return every decision, oldest first."""
        return self._where(decisions.c.id > 0)

    def tampered(self) -> tuple[DecisionId, ...]:
        """Return the rows whose contents or predecessor do not fit their seal."""
        previous, broken = SEAL_OF_NOTHING, []
        for row in self._connection.execute(select(decisions).order_by(decisions.c.id)):
            if row.previous_hash != previous or row.hash != seal(previous, _values(_decision(row))):
                broken.append(DecisionId(row.id))
            previous = row.hash
        return tuple(broken)

    def _where(self, condition: Any) -> tuple[Decision, ...]:
        rows = self._connection.execute(select(decisions).where(condition).order_by(decisions.c.id))
        return tuple(_decision(row) for row in rows)


def seal(previous: str, values: dict[str, Any]) -> str:
    """Return the SHA-256 over the row before and this row's contents."""
    contents = json.dumps([previous, values], sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(contents.encode()).hexdigest()


def _values(decision: Decision) -> dict[str, Any]:
    return {
        "commitment_id": decision.commitment_id,
        "development_id": decision.development_id,
        "hit_ids": list(decision.hit_ids),
        "clause_ids": list(decision.clause_ids),
        "actor": decision.actor,
        "role": decision.role,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "milestone": decision.milestone,
        "milestone_date": decision.milestone_date,
        "place": decision.place,
        "setback": decision.setback,
        "verdict": decision.verdict,
        "other_id": decision.other_id,
        "quote": decision.quote,
        "note": decision.note,
        "undoes": decision.undoes,
        "decided_at": decision.decided_at,
    }


def _decision(row: Row[Any]) -> Decision:
    development = row.development_id
    return Decision(
        id=DecisionId(row.id),
        commitment_id=CommitmentId(row.commitment_id),
        development_id=None if development is None else DevelopmentId(development),
        hit_ids=tuple(HitId(value) for value in row.hit_ids),
        clause_ids=tuple(row.clause_ids),
        actor=row.actor,
        role=Role(row.role),
        outcome=Outcome(row.outcome),
        reason=row.reason,
        milestone=optional(Milestone, row.milestone),
        milestone_date=row.milestone_date,
        place=row.place,
        setback=optional(Setback, row.setback),
        verdict=row.verdict,
        other_id=row.other_id,
        quote=row.quote,
        note=row.note,
        undoes=None if row.undoes is None else DecisionId(row.undoes),
        decided_at=row.decided_at,
    )
