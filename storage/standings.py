"""What follows from a commitment's decisions, worked out once until one is added.

Pages ask for the standing of every commitment at each look, and decisions are few between two
looks. Those that `Decisions.all` returns are the same objects as long as they are the same rows, so
the last one and their number tell whether anything was added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from model.ledger import in_effect
from model.records import Commitment, CommitmentId, Decision
from model.standing import Standing, Watch, standing

MOST_WATCHES = 8  # of one commitment: pages and clocks look at it with different ones


@dataclass(slots=True)
class _Known:
    """What was worked out from one commitment's decisions on a day."""

    count: int
    last: Decision | None
    today: date
    effective: tuple[Decision, ...]
    commitment: Commitment | None = None
    stands: dict[Watch | None, Standing] = field(default_factory=dict)
    mistaken: frozenset[str] | None = None  # None: not asked for yet


class Standings:
    """Remembers what follows from the decisions of one database."""

    def __init__(self) -> None:
        self._known: dict[CommitmentId, _Known] = {}

    def effective(
        self, commitment_id: CommitmentId, decisions: Sequence[Decision], today: date
    ) -> tuple[Decision, ...]:
        """Return which of a commitment's decisions stand at the end of a day, oldest first."""
        return self._of(commitment_id, decisions, today).effective

    def standing(
        self,
        commitment: Commitment,
        decisions: Sequence[Decision],
        today: date,
        watch: Watch | None = None,
    ) -> Standing:
        """Return where a commitment stands at the end of a day."""
        known = self._of(commitment.id, decisions, today)
        if known.commitment is not commitment or len(known.stands) >= MOST_WATCHES:
            known.commitment, known.stands = commitment, {}
        if watch not in known.stands:
            known.stands[watch] = standing(commitment, decisions, today, watch=watch)
        return known.stands[watch]

    def mistaken(
        self,
        commitment_id: CommitmentId,
        decisions: Sequence[Decision],
        today: date,
        find: Callable[[Sequence[Decision]], frozenset[str]],
    ) -> frozenset[str]:
        """Return the terms that only ever named something else; `find` reads them."""
        known = self._of(commitment_id, decisions, today)
        if known.mistaken is None:
            known.mistaken = find(known.effective)
        return known.mistaken

    def _of(
        self, commitment_id: CommitmentId, decisions: Sequence[Decision], today: date
    ) -> _Known:
        last = decisions[-1] if decisions else None
        known = self._known.get(commitment_id)
        if (
            known is None
            or known.last is not last
            or known.count != len(decisions)
            or known.today != today
        ):
            effective = tuple(in_effect(decisions, today))
            known = _Known(count=len(decisions), last=last, today=today, effective=effective)
            self._known[commitment_id] = known
        return known
