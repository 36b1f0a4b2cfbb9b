"""The board: as many questions for many pledges as for one, and the same answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy

from model.records import CommitmentId, Decision, DecisionId, Milestone, Outcome, Role, Stage
from model.standing import Attention
from storage.board import board
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_commitment, a_hit, a_watchlist, an_article
from tests.storage.test_repositories import a_development


def test_a_row_says_stage_attention_last_follow_up_and_suggestion(any_database):
    watchlist = pledges(2)
    with begin(any_database) as work:
        for number, pledge in enumerate(watchlist.commitments[:1]):
            follow_up(work, pledge.id, number)
        newer = replace_outcome(work, follow_up(work, watchlist.commitments[0].id, 9))
        work.commit()
    with reading(any_database) as work:
        first, second = board(work, watchlist, NOON)
    assert first.standing.stage is Stage.OPERATING
    assert first.attention is Attention.ACTIVE
    assert first.last_follow_up.id == newer
    assert first.suggested.id == newer - 1
    assert first.days_since == 0
    assert (second.last_follow_up, second.suggested, second.days_since) == (None, None, None)
    assert second.attention is Attention.UNOBSERVED


def test_many_pledges_take_as_many_questions_as_one(any_database):
    watchlist = pledges(30)
    with begin(any_database) as work:
        for number, pledge in enumerate(watchlist.commitments):
            replace_outcome(work, follow_up(work, pledge.id, number))
        work.commit()
    questions(any_database, watchlist)  # decisions that were read before are not read again
    one = questions(any_database, replace(watchlist, commitments=watchlist.commitments[:1]))
    assert questions(any_database, watchlist) == one


def pledges(count):
    return a_watchlist(
        commitments=tuple(
            a_commitment(id=CommitmentId(f"pledge-{number}")) for number in range(count)
        )
    )


def follow_up(work, pledge, number):
    _, article_id = work.articles.arrive(an_article(number=number))
    seen_at = NOON - timedelta(hours=10 - number % 10)
    development_id = work.developments.add(
        a_development(commitment_id=pledge, lead_article_id=article_id, last_seen_at=seen_at)
    )
    hit = a_hit(commitment_id=pledge, article_id=article_id, found_at=seen_at)
    work.hits.place(work.hits.add(hit), development_id)
    return development_id


def replace_outcome(work, development_id):
    development = work.developments.get(development_id)
    work.developments.save(replace(development, outcome=Outcome.CONFIRMED))
    work.decisions.add(
        Decision(
            id=DecisionId(0),
            commitment_id=development.commitment_id,
            development_id=development_id,
            actor="local:ann",
            role=Role.ANALYST,
            outcome=Outcome.CONFIRMED,
            milestone=Milestone.OPERATING,
            milestone_date="2026-11-23",
            decided_at=NOON,
        )
    )
    return development_id


def questions(database, watchlist):
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    sqlalchemy.event.listen(database.engine, "before_cursor_execute", note)
    try:
        with reading(database) as work:
            assert len(board(work, watchlist, NOON)) == len(watchlist.commitments)
    finally:
        sqlalchemy.event.remove(database.engine, "before_cursor_execute", note)
    return len(asked)
