"""What an analyst should look at first: the order of the review queue. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from model.dates import last_day
from model.ledger import Verdict
from model.records import (
    Commitment,
    CommitmentId,
    Decision,
    Development,
    HitId,
    Outcome,
    Relation,
    Tier,
)
from model.standing import (
    Schedule,
    Standing,
    Watch,
    missed_occasions,
    occasions_ahead,
)

FAINT = 0.5  # below it only a group speaks for the pledge, and late in the text
LOOK_ALIKE = frozenset({1, 2})  # reasons of a rejection: another body, a collision of words
WEIGHT = {Tier.A: 5, Tier.B: 4, Tier.C: 3, Tier.F: 3, Tier.D: 2, Tier.E: 1}


class Urgency(StrEnum):
    """Why a card is in the queue, the most urgent first."""

    CONTRADICTION = "contradiction"  # a setback where something is confirmed
    STAGE = "stage"  # it would change a stage
    CLOCK = "clock"  # a date or an occasion passed, or nobody looked for long
    NEW = "new"  # by novelty and tier
    DECOY = "decoy"  # named by nothing but what was mistaken before
    AUDIT = "audit"  # a sample of what the rules thought nothing new

    @property
    def rank(self) -> int:
        """Return 0 for the most urgent."""
        return tuple(Urgency).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A development that waits for a decision, with what its place depends on."""

    development: Development
    novelty: tuple[str, ...]
    tier: Tier  # of the source it leads with
    score: float
    terms: frozenset[str]  # what named the pledge in its lead


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """One card of the review queue."""

    key: str  # "F42"; of a clock: "overdue.waico.2027"
    urgency: Urgency
    commitment_id: CommitmentId
    development: Development | None = None  # None: about the commitment itself
    weight: int = 0  # novelty × tier
    since: datetime | None = None  # when it came up
    novelty: tuple[str, ...] = ()
    tier: Tier | None = None
    facts: tuple[tuple[str, str], ...] = ()  # what a clock tells
    unseen: tuple[HitId, ...] = ()  # hits that came while somebody decided
    assignee: str | None = None
    second_asked_by: str | None = None  # wants somebody else's opinion
    opened_by: tuple[str, ...] = ()  # who has it open now


def urgency_of(candidate: Candidate, stands: Standing, mistaken: Collection[str]) -> Urgency:
    """Return why a development should be looked at; `mistaken` are terms that misled before."""
    development = candidate.development
    if development.relation is not Relation.FOLLOW_UP:
        return Urgency.AUDIT
    if development.setback is not None and stands.steps:
        return Urgency.CONTRADICTION
    reached = -1 if stands.stage is None else stands.stage.level
    if development.stage is not None and development.stage.level > reached:
        return Urgency.STAGE
    misled = bool(candidate.terms) and candidate.terms <= set(mistaken)
    return Urgency.DECOY if misled or candidate.score < FAINT else Urgency.NEW


def weight_of(candidate: Candidate) -> int:
    """Return novelty × tier: more new facts from a better source come first."""
    return (1 + len(candidate.novelty)) * WEIGHT[candidate.tier]


def in_order(items: Iterable[QueueItem]) -> tuple[QueueItem, ...]:
    """Return cards with the most urgent first, the newest first of equals."""
    return tuple(
        sorted(
            items,
            key=lambda item: (
                item.urgency.rank,
                -item.weight,
                -(item.since.timestamp() if item.since else 0),
                item.key,
            ),
        )
    )


def clock_items(
    commitment: Commitment,
    stands: Standing,
    effective: Sequence[Decision],
    watch: Watch,
    today: date,
) -> Iterator[QueueItem]:
    """Return what time alone puts into the queue, until somebody decides on the commitment."""
    if stands.verdict is not Verdict.OPEN or commitment.paused:
        return
    decided_on = max((each.decided_at.date() for each in effective), default=date.min)
    found = False
    if stands.schedule is Schedule.OVERDUE and commitment.due is not None:
        over = last_day(commitment.due.date) + commitment.due.grace
        if decided_on <= over:
            found = True
            yield _clock(commitment, "overdue", commitment.due.date, ("date", commitment.due.date))
    for occasion in missed_occasions(commitment, watch, today):
        if decided_on < occasion.passed_on:
            found = True
            key = f"{occasion.name}.{occasion.first_day}"
            yield _clock(commitment, "occasion", key, ("name", occasion.name))
    if stands.review_due and not found:
        since = decided_on if decided_on > date.min else watch.since
        yield _clock(commitment, "review", str(since), ("since", str(since)))


def _clock(commitment: Commitment, kind: str, key: str, fact: tuple[str, str]) -> QueueItem:
    return QueueItem(
        key=f"{kind}.{commitment.id}.{key}",
        urgency=Urgency.CLOCK,
        commitment_id=commitment.id,
        facts=(("kind", kind), fact),
    )


def next_occasion(commitment: Commitment, today: date) -> date | None:
    """Return the day after the next occasion; None where none is ahead."""
    ahead = occasions_ahead(commitment, today)
    return ahead[0].last_day + timedelta(days=1) if ahead else None


def is_look_alike(decision: Decision) -> bool:
    """Tell whether a rejection says that the words meant something else."""
    return decision.outcome is Outcome.REJECTED and decision.reason in LOOK_ALIKE
