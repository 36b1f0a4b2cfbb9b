"""One card of the review queue with everything a decision rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.ledger import in_effect
from model.records import (
    Commitment,
    Decision,
    Development,
    DevelopmentId,
    Relation,
    Report,
    Stage,
    TermRole,
)
from model.standing import Standing, standing
from model.urgency import QueueItem
from review.asking import Ask
from review.evidence import Piece, quote, title_of
from review.evidence_rule import Rule, rule
from review.ledgers import Rung, evidence_of, ladder
from storage.unit_of_work import UnitOfWork

IN_FULL = 3  # sources shown with their words; the rest is one key away
NEIGHBOURS = 8  # developments of the same pledge offered as "the same event"
LAST_DECISIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One report with its words."""

    report: Report
    title: Sequence[Piece]
    quote: Sequence[Piece]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card."""

    item: QueueItem
    commitment: Commitment
    standing: Standing
    development: Development | None
    sources: tuple[Source, ...]  # the best first; those with words in full
    others: tuple[Report, ...]
    rule: Rule | None  # None: it would reach no stage
    moves_to: Stage | None  # the stage it would reach; None: none above the present one
    rungs: tuple[Rung, ...]
    look_alikes: tuple[tuple[str, str | None], ...]
    last_decisions: tuple[Decision, ...]
    neighbours: tuple[Development, ...]
    told: int  # chats that have been told

    @property
    def lead(self) -> Report | None:
        """Return the report that the suggestion comes from."""
        return self.sources[0].report if self.sources else None

    @property
    def hit_ids(self) -> tuple[int, ...]:
        """Return every hit the analyst sees."""
        reports = [*(each.report for each in self.sources), *self.others]
        return tuple(each.hit.id for each in reports if each.hit.id is not None)


def card_of(ask: Ask, work: UnitOfWork, item: QueueItem) -> Card | None:
    """Return a card whole; None where its pledge has left the watchlist."""
    commitment = ask.watchlist.commitment(item.commitment_id)
    if commitment is None:
        return None
    decisions = work.decisions.of_commitment(commitment.id)
    stands = standing(commitment, decisions, ask.now.date())
    development = item.development
    reports = () if development is None else work.developments.reports(development.id, 200)
    reached = -1 if stands.stage is None else stands.stage.level
    stage = None if development is None else development.stage
    valid = [
        each for each in in_effect(decisions, ask.now.date()) if each.development_id is not None
    ]
    return Card(
        item=item,
        commitment=commitment,
        standing=stands,
        development=development,
        sources=tuple(
            Source(report=each, title=title_of(each), quote=quote(each))
            for each in reports[:IN_FULL]
        ),
        others=reports[IN_FULL:],
        rule=rule(stage, development, reports) if development and stage else None,
        moves_to=stage if stage is not None and stage.level > reached else None,
        rungs=ladder(
            ask, commitment, stands, evidence_of(work, commitment, decisions, ask.now, limit=12)
        ),
        look_alikes=tuple(
            (term.text, term.why) for term in commitment.terms if term.role is TermRole.DECOY
        ),
        last_decisions=tuple(reversed(valid[-LAST_DECISIONS:])),
        neighbours=_neighbours(work, commitment, development),
        told=0 if development is None else _told(work, development.id),
    )


def _neighbours(
    work: UnitOfWork, commitment: Commitment, development: Development | None
) -> tuple[Development, ...]:
    if development is None:
        return ()
    found = work.developments.listed(
        commitment_id=commitment.id, relation=Relation.FOLLOW_UP, limit=NEIGHBOURS * 2
    )
    others = [e for e in found if e.id != development.id and e.joined_to is None]
    return tuple(others[:NEIGHBOURS])


def _told(work: UnitOfWork, development_id: DevelopmentId) -> int:
    return len({each.chat_id for each in work.deliveries.messages(development_id)})
