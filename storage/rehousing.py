"""Hits that go elsewhere: split off into another development, moved to another pledge, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from model.records import (
    AlertReason,
    CommitmentId,
    Decision,
    Development,
    DevelopmentId,
    Hit,
    HitId,
    Outcome,
    Relation,
)
from storage.unit_of_work import UnitOfWork


def development_number(text: str | None) -> DevelopmentId | None:
    """Read a development's number as people write it: `F42` or `42`; None for anything else."""
    number = (text or "").strip().removeprefix("F")
    return DevelopmentId(int(number)) if number.isascii() and number.isdecimal() else None


def split_off(work: UnitOfWork, decision: Decision, development: Development | None) -> Decision:
    """Make the development that a split's hits go to, where none is named."""
    if decision.outcome is not Outcome.SPLIT or decision.other_id or development is None:
        return decision
    chosen = [
        each for each in work.hits.of_development(development.id) if each.id in decision.hit_ids
    ]
    number = _open_with(work, development, chosen, decision.decided_at)
    _put(work, decision.hit_ids, development.id, number)
    return replace(decision, other_id=f"F{number}")


def _open_with(
    work: UnitOfWork, source: Development, hits: Sequence[Hit], now: datetime
) -> DevelopmentId:
    """Open a development for hits that an analyst takes out of another one."""
    order = tuple(Relation)
    lead = max(hits, key=lambda each: (order.index(each.suggestion.relation), each.score))
    article = work.articles.get(lead.article_id).article
    told = lead.suggestion
    return work.developments.add(
        replace(
            source,
            commitment_id=lead.commitment_id,
            relation=told.relation,
            headline=article.title,
            lead_article_id=lead.article_id,
            milestone=told.milestone,
            setback=told.setback,
            stage=told.stage,
            outcome=None,
            event_date=told.event_date,
            place=told.place,
            hit_count=len(hits),
            origin_count=1,
            first_seen_at=min(each.found_at for each in hits),
            last_seen_at=now,
            revision=1,
            joined_to=None,
            came_from=source.id,
        )
    )


def _put(
    work: UnitOfWork, hit_ids: Sequence[HitId], source: DevelopmentId, target: DevelopmentId
) -> None:
    """Take hits out of one development and put them into another, and count both again."""
    for each in hit_ids:
        work.hits.place(each, target)
    for number in (source, target):
        development = work.developments.get(number, lock=True)
        held = len(work.developments.hit_ids(number))
        work.developments.save(
            replace(
                development,
                hit_count=held,
                origin_count=min(development.origin_count, max(held, 1)),
            )
        )


def follow_hits(work: UnitOfWork, before: Sequence[Decision], decision: Decision) -> None:
    """Let hits follow a move to another pledge, and come back with an undo."""
    assert decision.development_id is not None
    if decision.outcome is Outcome.MOVED:
        _move_out(work, decision)
        return
    if decision.outcome is not Outcome.UNDONE:
        return
    taken = next((each for each in before if each.id == decision.undoes), None)
    if taken is None:
        return
    if taken.outcome is Outcome.MOVED:
        _call_back(work, decision, taken)
    elif taken.outcome is Outcome.SPLIT:
        _heal(work, decision.development_id, taken)


def _move_out(work: UnitOfWork, decision: Decision) -> None:
    """Open the same event under the other pledge; what was found there already stays there."""
    assert decision.development_id is not None
    source = work.developments.get(decision.development_id)
    there = CommitmentId(decision.other_id or "")
    copied = []
    for each in work.hits.of_development(source.id):
        copy = replace(each, id=None, commitment_id=there, development_id=None)
        number = work.hits.add(copy)
        if number is not None:
            copied.append(replace(copy, id=number))
    if not copied:
        return
    opened = _open_with(work, source, copied, decision.decided_at)
    for each in copied:
        assert each.id is not None
        work.hits.place(each.id, opened)
    if source.told:
        work.outbox.add(
            key=f"development.{opened}.1",
            commitment_id=there,
            development_id=opened,
            reason=AlertReason.NEW_DEVELOPMENT,
            raised_at=decision.decided_at,
        )


def _call_back(work: UnitOfWork, decision: Decision, taken: Decision) -> None:
    """Let what a move opened elsewhere go, unless somebody has decided on it there."""
    assert decision.development_id is not None
    for each in work.developments.moved_out_of(decision.development_id):
        if each.commitment_id != taken.other_id or each.outcome is not None:
            continue
        gone = replace(each, outcome=Outcome.MOVED, revision=each.revision + 1)
        work.developments.save(gone)
        work.outbox.add(
            key=f"decided.{decision.id}.{each.id}",
            commitment_id=each.commitment_id,
            development_id=each.id,
            reason=AlertReason.DECIDED,
            raised_at=decision.decided_at,
        )


def _heal(work: UnitOfWork, source: DevelopmentId, taken: Decision) -> None:
    """Put the hits of a split back; what it opened stays as an empty door to where they are."""
    opened = development_number(taken.other_id)
    shells = [each.id for each in work.developments.moved_out_of(source)]
    if opened is None or opened not in shells:
        return
    _put(work, work.developments.hit_ids(opened), opened, source)
    shell = work.developments.get(opened, lock=True)
    work.developments.save(
        replace(shell, outcome=Outcome.JOINED, joined_to=source, revision=shell.revision + 1)
    )
