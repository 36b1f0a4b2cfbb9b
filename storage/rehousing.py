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


def follow_hits(work: UnitOfWork, decision: Decision, standing_ones: Sequence[Decision]) -> None:
    """Bring in line where the hits of a development are with the decisions on it that stand.

    A move or a split that no longer stands is called back; one that stands again is done again.
    """
    assert decision.development_id is not None
    source = work.developments.get(decision.development_id)
    outside = work.developments.moved_out_of(source.id)
    _follow_moves(work, decision, source, outside, standing_ones)
    splits = {
        development_number(each.other_id): each
        for each in standing_ones
        if each.outcome is Outcome.SPLIT
    }
    for each in outside:
        if each.commitment_id == source.commitment_id:
            _split_again_or_heal(work, source.id, each, splits.get(each.id))


def _follow_moves(
    work: UnitOfWork,
    decision: Decision,
    source: Development,
    outside: Sequence[Development],
    standing_ones: Sequence[Decision],
) -> None:
    """Open, take up or let go what a move put under another pledge; decided there, it stays."""
    says = [each for each in standing_ones if each.outcome is not Outcome.SPLIT]
    moved = says[-1].other_id if says and says[-1].outcome is Outcome.MOVED else None
    elsewhere = {e.commitment_id: e for e in outside if e.commitment_id != source.commitment_id}
    for there, opened in elsewhere.items():
        if there == moved and opened.outcome is Outcome.MOVED:
            _let_go(work, decision, opened, outcome=None)
        elif there != moved and opened.outcome is None:
            _let_go(work, decision, opened, outcome=Outcome.MOVED)
    if moved is not None and moved not in elsewhere:
        _move_out(work, source, CommitmentId(moved), decision.decided_at)


def _move_out(work: UnitOfWork, source: Development, there: CommitmentId, now: datetime) -> None:
    """Open the same event under the other pledge; what was found there already stays there."""
    copied = []
    for each in work.hits.of_development(source.id):
        copy = replace(each, id=None, commitment_id=there, development_id=None)
        number = work.hits.add(copy)
        if number is not None:
            copied.append(replace(copy, id=number))
    if not copied:
        return
    opened = _open_with(work, source, copied, now)
    for each in copied:
        assert each.id is not None
        work.hits.place(each.id, opened)
    if source.told:
        work.outbox.add(
            key=f"development.{opened}.1",
            commitment_id=there,
            development_id=opened,
            reason=AlertReason.NEW_DEVELOPMENT,
            raised_at=now,
        )


def _let_go(
    work: UnitOfWork, decision: Decision, opened: Development, *, outcome: Outcome | None
) -> None:
    """Let what a move opened elsewhere go, or take it up again; its messages are edited."""
    work.developments.save(replace(opened, outcome=outcome, revision=opened.revision + 1))
    work.outbox.add(
        key=f"decided.{decision.id}.{opened.id}",
        commitment_id=opened.commitment_id,
        development_id=opened.id,
        reason=AlertReason.DECIDED,
        raised_at=decision.decided_at,
    )


def _split_again_or_heal(
    work: UnitOfWork, source: DevelopmentId, opened: Development, split: Decision | None
) -> None:
    """Put a split's hits where they belong; taken back, it leaves an empty door to its source."""
    is_shell = opened.joined_to == source and opened.hit_count == 0
    if split is None and not is_shell:
        _put(work, work.developments.hit_ids(opened.id), opened.id, source)
        outcome, joined_to = Outcome.JOINED, source
    elif split is not None and is_shell:
        _put(work, split.hit_ids, source, opened.id)
        outcome, joined_to = None, None
    else:
        return
    shell = work.developments.get(opened.id, lock=True)
    work.developments.save(
        replace(shell, outcome=outcome, joined_to=joined_to, revision=shell.revision + 1)
    )
