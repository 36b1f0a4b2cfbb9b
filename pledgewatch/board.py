"""The board: where each pledge stands, from storage and watchlist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from model.records import Commitment, CommitmentId, Decision, Development, Relation, Watchlist
from model.standing import Attention, Standing, standing
from storage.unit_of_work import UnitOfWork
from storage.watching import Looked, looked


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One pledge on the board."""

    commitment: Commitment
    standing: Standing
    attention: Attention
    last_follow_up: Development | None
    suggested: Development | None  # the newest unreviewed follow-up that tells a stage
    days_since: int | None  # since anybody spoke of it


def board(work: UnitOfWork, watchlist: Watchlist, now: datetime) -> tuple[Row, ...]:
    """Return every pledge with where it stands, in the order of the watchlist.

    As many questions to the database for a thousand pledges as for one.
    """
    looking = looked(work, watchlist, now)
    decisions: defaultdict[CommitmentId, list[Decision]] = defaultdict(list)
    for each in work.decisions.all():
        decisions[each.commitment_id].append(each)
    newest = work.developments.newest(Relation.FOLLOW_UP)
    return tuple(
        _row(each, decisions[each.id], newest.get(each.id, ()), looking, now)
        for each in watchlist.commitments
    )


def _row(
    commitment: Commitment,
    decisions: Sequence[Decision],
    found: Sequence[Development],
    looking: Looked,
    now: datetime,
) -> Row:
    last = looking.spoken.get(commitment.id)
    stands = standing(commitment, decisions, now.date(), watch=looking.watch(commitment, now))
    return Row(
        commitment=commitment,
        standing=stands,
        attention=stands.attention,
        last_follow_up=found[0] if found else None,
        suggested=next((each for each in found if each.stage and each.outcome is None), None),
        days_since=None if last is None else (now - last).days,
    )
