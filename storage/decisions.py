"""Analysts' decisions: append-only, each row sealed with the hash of the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Row, func, insert, select

from model.errors import MissingRecordError
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
    Stage,
)
from storage.repository import SEAL_OF_NOTHING, Repository, seal
from storage.rows import optional
from storage.standings import Standings
from storage.tables import decisions

# Kept since a decision's row is whole; where one is empty it is no part of the seal, so rows that
# were sealed before stay as they were sealed.
KEPT_SINCE = (
    "commitment_rev",
    "suggestion_id",
    "stage_before",
    "stage_after",
    "verdict_before",
    "verdict_after",
    "rubric_version",
    "app_version",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read of one database, up to a row and its seal."""

    taken: tuple[Decision, ...] = ()
    last: int = 0
    seal: str = SEAL_OF_NOTHING


_NOTHING_READ = _Read()
_READ: WeakKeyDictionary[Engine, _Read] = WeakKeyDictionary()
_STANDINGS: WeakKeyDictionary[Engine, Standings] = WeakKeyDictionary()


class Decisions(Repository):
    """The decisions."""

    def add(self, decision: Decision) -> DecisionId:
        """Append a decision; the id in the record is ignored."""
        self.lock()
        last = self._connection.execute(
            select(decisions.c.hash).order_by(decisions.c.id.desc()).limit(1)
        ).scalar()
        values = _values(decision)
        previous = last or SEAL_OF_NOTHING
        values |= {"previous_hash": previous, "hash": seal(previous, values)}
        result = self._connection.execute(insert(decisions).values(values))
        key: Any = result.inserted_primary_key
        return DecisionId(int(key[0]))

    def lock(self) -> None:
        """Wait until nobody else decides; until the end of this transaction."""
        self._serialise(decisions)

    def get(self, decision_id: DecisionId) -> Decision:
        """Return a decision; raise MissingRecordError."""
        found = self._where(decisions.c.id == decision_id)
        if not found:
            raise MissingRecordError(f"There is no decision {decision_id}")
        return found[0]

    def of_actor(self, actor: str, limit: int = 200) -> tuple[Decision, ...]:
        """Return somebody's decisions, newest first."""
        rows = self._connection.execute(
            select(decisions)
            .where(decisions.c.actor == actor)
            .order_by(decisions.c.id.desc())
            .limit(limit)
        )
        return tuple(_decision(row) for row in rows)

    def last_number(self) -> int:
        """Return the number of the last decision; 0 where there is none."""
        return int(self._connection.execute(select(func.max(decisions.c.id))).scalar() or 0)

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

    def newest(self, limit: int) -> tuple[Decision, ...]:
        """Return the decisions taken last, newest first."""
        rows = self._connection.execute(
            select(decisions).order_by(decisions.c.id.desc()).limit(limit)
        )
        return tuple(_decision(row) for row in rows)

    def count(self) -> int:
        """Return how many decisions there are."""
        return int(
            self._connection.execute(select(func.count()).select_from(decisions)).scalar_one()
        )

    def all(self) -> tuple[Decision, ...]:
        """Return every decision, oldest first.

        Rows are only ever added, and each is sealed over all before it: where the newest one that
        was read before still has its seal, only what came since is read.
        """
        known = _READ.get(self._connection.engine, _NOTHING_READ)
        if known.taken and self._seal_of(known.taken[-1]) != known.seal:
            known = _NOTHING_READ  # rolled back, restored or changed since
        rows = self._connection.execute(
            select(decisions).where(decisions.c.id > known.last).order_by(decisions.c.id)
        ).all()
        if rows:
            taken = known.taken + tuple(_decision(row) for row in rows)
            known = _Read(taken=taken, last=rows[-1].id, seal=rows[-1].hash)
            _READ[self._connection.engine] = known
        return known.taken

    def standings(self) -> Standings:
        """Return what was worked out from the decisions of this database."""
        return _STANDINGS.setdefault(self._connection.engine, Standings())

    def _seal_of(self, decision: Decision) -> str | None:
        seal_of = select(decisions.c.hash).where(decisions.c.id == decision.id)
        found: str | None = self._connection.execute(seal_of).scalar()
        return found

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
        "decided_at": decision.decided_at.astimezone(UTC),
        **{name: value for name in KEPT_SINCE if (value := getattr(decision, name)) is not None},
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
        commitment_rev=row.commitment_rev,
        suggestion_id=row.suggestion_id,
        stage_before=optional(Stage, row.stage_before),
        stage_after=optional(Stage, row.stage_after),
        verdict_before=row.verdict_before,
        verdict_after=row.verdict_after,
        rubric_version=row.rubric_version,
        app_version=row.app_version,
    )
