"""The review queue as somebody sees it: what waits, in order, without what sleeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

from model.ledger import ABOUT_THE_EVENT
from model.records import (
    Commitment,
    CommitmentId,
    Decision,
    DevelopmentId,
    HitId,
    Outcome,
    Relation,
    Tier,
    Watchlist,
)
from model.standing import Standing, Watch
from model.urgency import (
    Candidate,
    QueueItem,
    Urgency,
    clock_items,
    in_order,
    is_look_alike,
    next_occasion,
    urgency_of,
    weight_of,
)
from storage.queue import Card, Snooze
from storage.unit_of_work import UnitOfWork

LOOKED_FOR = timedelta(days=30)  # so old a decision may be, for hits it did not see to count


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cards to show; what is None does not matter."""

    commitment_id: CommitmentId | None = None
    urgency: Urgency | None = None
    assignee: str | None = None
    viewer: str | None = None  # who looks: what they asked a second opinion on is hidden
    asleep: bool = False  # show what sleeps instead


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every card is looked at with, read once."""

    commitments: Mapping[CommitmentId, Commitment]
    decisions: Mapping[CommitmentId, Sequence[Decision]]
    effective: Mapping[CommitmentId, Sequence[Decision]]  # not undone
    stands: Mapping[CommitmentId, Standing]
    mistaken: Mapping[CommitmentId, frozenset[str]]


def listed(
    work: UnitOfWork, watchlist: Watchlist, now: datetime, wanted: Wanted | None = None
) -> tuple[QueueItem, ...]:
    """Return the cards of the queue, the most urgent first."""
    wanted = wanted or Wanted()
    desk = _desk(work, watchlist, now)
    cards, opened = work.queue.cards(), work.queue.opened_by(now)
    items = [
        _done_to(item, cards.get(item.key), opened.get(item.key, ()))
        for item in (
            *_developments(work, desk),
            *_unseen(work, desk, now),
            *_clocks(work, watchlist, desk, now),
        )
    ]
    awake = _Awake(work, cards, now)
    return in_order(item for item in items if _is_wanted(item, wanted, asleep=awake.sleeps(item)))


def left(
    work: UnitOfWork, watchlist: Watchlist, now: datetime, wanted: Wanted | None = None
) -> int:
    """Return how many cards are left today."""
    return len(listed(work, watchlist, now, wanted))


def snooze(
    work: UnitOfWork,
    watchlist: Watchlist,
    item: QueueItem,
    kind: Snooze,
    *,
    actor: str,
    now: datetime,
    until: datetime | None = None,
) -> datetime | None:
    """Let a card sleep and return until when; None: until a hit comes, or no occasion is ahead."""
    commitment = watchlist.commitment(item.commitment_id)
    if kind is Snooze.OCCASION and commitment is not None:
        day = next_occasion(commitment, now.date())
        until = None if day is None else datetime.combine(day, time(0), UTC)
    if kind in {Snooze.DATE, Snooze.OCCASION} and until is None:
        return None
    work.queue.snooze(item.key, kind, until=until, actor=actor, now=now)
    return until


def _desk(work: UnitOfWork, watchlist: Watchlist, now: datetime) -> _Desk:
    today = now.date()
    decisions = work.decisions.by_commitment()
    memo = work.decisions.standings()
    commitments = {each.id: each for each in watchlist.commitments}
    return _Desk(
        commitments=commitments,
        decisions=decisions,
        effective={
            each.id: memo.effective(each.id, decisions.get(each.id, ()), today)
            for each in watchlist.commitments
        },
        stands={
            each.id: memo.standing(each, decisions.get(each.id, ()), today)
            for each in watchlist.commitments
        },
        mistaken={
            number: memo.mistaken(number, taken, today, partial(_mistaken, work))
            for number, taken in decisions.items()
        },
    )


def _mistaken(work: UnitOfWork, decisions: Sequence[Decision]) -> frozenset[str]:
    """Return the terms of a commitment that only ever named something else."""
    wrong: set[DevelopmentId] = set()
    right: set[DevelopmentId] = set()
    for each in decisions:
        if each.development_id is None or each.outcome not in ABOUT_THE_EVENT:
            continue
        if is_look_alike(each):
            wrong.add(each.development_id)
        elif each.outcome is not Outcome.REJECTED:
            right.add(each.development_id)
    if not wrong:
        return frozenset()
    terms = work.queue.terms_of(wrong | right)
    return frozenset[str]().union(*(terms.get(each, ()) for each in wrong)) - frozenset[
        str
    ]().union(*(terms.get(each, ()) for each in right))


def _developments(work: UnitOfWork, desk: _Desk) -> Iterator[QueueItem]:
    for candidate in work.queue.candidates(desk.commitments):
        commitment_id = candidate.development.commitment_id
        urgency = urgency_of(
            candidate, desk.stands[commitment_id], desk.mistaken.get(commitment_id, frozenset())
        )
        item = _item(candidate, urgency)
        if candidate.development.outcome is Outcome.UNSURE:
            item = replace(item, second_asked_by=_doubted_by(candidate, desk))
        yield item


def _doubted_by(candidate: Candidate, desk: _Desk) -> str | None:
    """Return who decided on a development last."""
    taken = reversed(desk.decisions.get(candidate.development.commitment_id, ()))
    mine = (each.actor for each in taken if each.development_id == candidate.development.id)
    return next(mine, None)


def _item(candidate: Candidate, urgency: Urgency) -> QueueItem:
    development = candidate.development
    return QueueItem(
        key=f"F{development.id}",
        urgency=urgency,
        commitment_id=development.commitment_id,
        development=development,
        weight=weight_of(candidate),
        since=development.last_seen_at,
        novelty=candidate.novelty,
        tier=candidate.tier,
    )


def _unseen(work: UnitOfWork, desk: _Desk, now: datetime) -> Iterator[QueueItem]:
    """Return a card for each decided development with hits that came while somebody decided."""
    seen: defaultdict[DevelopmentId, set[HitId]] = defaultdict(set)
    decided_at: dict[DevelopmentId, datetime] = {}
    for commitment_id in desk.commitments:
        for each in desk.effective[commitment_id]:
            if each.development_id is None or each.outcome not in ABOUT_THE_EVENT:
                continue
            seen[each.development_id] |= set(each.hit_ids)
            if now - each.decided_at <= LOOKED_FOR:
                decided_at[each.development_id] = each.decided_at
    for number, found in work.hits.found_by(decided_at).items():
        missed = [
            hit_id
            for hit_id, found_at in found.items()
            if hit_id not in seen[number] and found_at <= decided_at[number]
        ]
        if missed:
            development = work.developments.get(number)
            yield QueueItem(
                key=f"F{number}",
                urgency=Urgency.NEW,
                commitment_id=development.commitment_id,
                development=development,
                since=development.last_seen_at,
                unseen=tuple(sorted(missed)),
            )


def _clocks(
    work: UnitOfWork, watchlist: Watchlist, desk: _Desk, now: datetime
) -> Iterator[QueueItem]:
    began = work.coverage.began()
    spoken = work.hits.last_seen([Relation.FOLLOW_UP, Relation.RESTATEMENT])
    memo = work.decisions.standings()
    for commitment in watchlist.commitments:
        last = spoken.get(commitment.id)
        watch = Watch(
            since=None if began is None else began.date(),
            last_seen_on=None if last is None else last.date(),
        )
        taken = desk.decisions.get(commitment.id, ())
        stands = memo.standing(commitment, taken, now.date(), watch)
        effective = desk.effective[commitment.id]
        yield from clock_items(commitment, stands, effective, watch, now.date())


def _done_to(item: QueueItem, card: Card | None, opened: tuple[str, ...]) -> QueueItem:
    if card is None:
        return replace(item, opened_by=opened)
    return replace(
        item,
        opened_by=opened,
        assignee=card.assignee,
        second_asked_by=card.second_asked_by or item.second_asked_by,
    )


class _Awake:
    """Tells which cards sleep; what wakes them is read when the first one asks."""

    def __init__(self, work: UnitOfWork, cards: Mapping[str, Card], now: datetime) -> None:
        self._work = work
        self._cards = cards
        self._now = now
        self._last: dict[Snooze, dict[CommitmentId, datetime]] = {}

    def sleeps(self, item: QueueItem) -> bool:
        """Tell whether a card sleeps."""
        card = self._cards.get(item.key)
        if card is None or card.snooze is None or card.snoozed_at is None:
            return False
        if card.snoozed_until is not None:
            return self._now < card.snoozed_until
        if card.snooze not in self._last:
            tier = Tier.A if card.snooze is Snooze.TIER_A else None
            self._last[card.snooze] = self._work.queue.last_hits(tier=tier)
        last = self._last[card.snooze].get(item.commitment_id)
        return last is None or last <= card.snoozed_at


def _is_wanted(item: QueueItem, wanted: Wanted, *, asleep: bool) -> bool:
    if asleep is not wanted.asleep:
        return False
    if wanted.commitment_id is not None and item.commitment_id != wanted.commitment_id:
        return False
    if wanted.urgency is not None and item.urgency is not wanted.urgency:
        return False
    if wanted.assignee is not None and item.assignee != wanted.assignee:
        return False
    return wanted.viewer is None or item.second_asked_by != wanted.viewer
