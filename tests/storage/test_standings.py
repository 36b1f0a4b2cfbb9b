"""Decisions read once, and what follows from them worked out once: never anything stale."""

from __future__ import annotations

import pytest
import sqlalchemy

from model.records import (
    CommitmentId,
    Decision,
    DecisionId,
    Milestone,
    Outcome,
    Role,
    Stage,
)
from model.standing import Watch
from storage.tables import decisions
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_commitment

FUND = CommitmentId("harbour-fund")
TODAY = NOON.date()


def decide(work, milestone=Milestone.SIGNED, outcome=Outcome.CONFIRMED, undoes=None):
    return work.decisions.add(
        Decision(
            id=DecisionId(0),
            commitment_id=FUND,
            actor="local:ann",
            role=Role.ANALYST,
            outcome=outcome,
            milestone=milestone,
            milestone_date="2026-11-20",
            undoes=undoes,
            decided_at=NOON,
        )
    )


def stage(work):
    taken = work.decisions.by_commitment().get(FUND, ())
    return work.decisions.standings().standing(a_commitment(), taken, TODAY).stage


def test_a_new_decision_and_its_undoing_are_seen_at_once(any_database):
    with begin(any_database) as work:
        assert stage(work) is None
        number = decide(work)
        assert stage(work) is Stage.AGREED
        work.commit()
    with begin(any_database) as work:
        decide(work, Milestone.OPERATING)
        assert stage(work) is Stage.OPERATING
        work.commit()
    with begin(any_database) as work:
        decide(work, None, Outcome.UNDONE, undoes=DecisionId(number + 1))
        assert stage(work) is Stage.AGREED
        work.commit()
    with reading(any_database) as work:
        assert len(work.decisions.all()) == 3
        assert stage(work) is Stage.AGREED


def test_what_was_rolled_back_is_forgotten(any_database):
    with begin(any_database) as work:
        decide(work)
        work.commit()
    with pytest.raises(RuntimeError), begin(any_database) as work:
        decide(work, Milestone.OPERATING)
        assert stage(work) is Stage.OPERATING
        raise RuntimeError
    with begin(any_database) as work:
        assert stage(work) is Stage.AGREED
        decide(work, Milestone.ESTABLISHED)  # may have the number of the one rolled back
        assert stage(work) is Stage.ESTABLISHED
        work.commit()


def test_only_what_came_since_is_read(any_database):
    with begin(any_database) as work:
        for _ in range(3):
            decide(work)
        work.commit()
    with reading(any_database) as work:
        first = work.decisions.all()
        again = work.decisions.all()
    assert all(one is other for one, other in zip(first, again, strict=True))


def test_a_database_put_in_its_place_is_read_anew(any_database):
    with begin(any_database) as work:
        decide(work)
        assert stage(work) is Stage.AGREED
        work.commit()
    with begin(any_database) as work:
        work._connection.execute(sqlalchemy.delete(decisions))
        decide(work, Milestone.OPERATING)
        work.commit()
    with reading(any_database) as work:
        assert stage(work) is Stage.OPERATING


def test_another_commitment_or_watch_is_another_answer(any_database):
    with begin(any_database) as work:
        decide(work)
        taken = work.decisions.by_commitment()[FUND]
        memo = work.decisions.standings()
        plain = memo.standing(a_commitment(), taken, TODAY)
        watched = memo.standing(a_commitment(), taken, TODAY, Watch(last_seen_on=TODAY))
        shorter = memo.standing(a_commitment(quiet_days=1), taken, TODAY)
        tomorrow = memo.standing(a_commitment(), taken, TODAY.replace(day=1))
    assert plain.attention is not watched.attention
    assert shorter is not plain
    assert tomorrow.stage is None
