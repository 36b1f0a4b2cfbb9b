"""What the exports are made of, read as it stood at the end of a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time

from model.ledger import in_effect
from model.records import (
    ArticlePart,
    Commitment,
    CommitmentId,
    Decision,
    DecisionId,
    Development,
    DevelopmentId,
    HitId,
    Outcome,
    Relation,
    Report,
    Watchlist,
)
from storage.board import Row, board
from storage.looking import Looked
from storage.unit_of_work import UnitOfWork

# Of one event there is one row, and what is not about the pledge is no follow-up of it.
BESIDE = frozenset({Outcome.SPLIT, Outcome.VERDICT})  # these say nothing of what it is
AT_ONCE = 500
AROUND = 32  # characters before and behind a quote: enough to find it again, not the article
LEFT_OUT = frozenset({Outcome.REJECTED, Outcome.JOINED, Outcome.MOVED, Outcome.SPLIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One development as it stood: what is known of it, who decided, how many tell it."""

    development: Development
    lead: Report | None  # without its text
    quote: tuple[str, str, str]  # what led to it, between what stands before and behind
    decision: Decision | None  # the one that stood; None: unreviewed then
    taken: tuple[Decision, ...]  # all on it until then, oldest first
    hits: int
    origins: int

    @property
    def outcome(self) -> Outcome | None:
        """Return what was decided; unsure is not decided."""
        decided = self.decision is not None and self.decision.outcome is not Outcome.UNSURE
        return self.decision.outcome if decided and self.decision is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Everything that the files are made of."""

    watchlist: Watchlist
    as_of: date
    until: datetime  # the end of that day, or now
    rows: tuple[Row, ...]
    decisions: Mapping[CommitmentId, Sequence[Decision]]  # taken by then, oldest first
    told: tuple[Told, ...]  # the newest first
    reviewers: Mapping[str, str] = field(default_factory=dict)  # what each is called here
    reissued: Mapping[DecisionId, int] = field(default_factory=dict)

    def commitments(self) -> tuple[Commitment, ...]:
        """Return the pledges, in the order of the watchlist."""
        return tuple(row.commitment for row in self.rows)


def end_of(day: date, now: datetime) -> datetime:
    """Return the moment up to which a day is looked at: its end, or now."""
    return min(now, datetime.combine(day, time.max, UTC))


def extract(
    work: UnitOfWork,
    watchlist: Watchlist,
    now: datetime,
    *,
    as_of: date | None = None,
    ids: Iterable[DevelopmentId] | None = None,
    looked: Looked | None = None,
    names: bool = False,
) -> Extract:
    """Read everything as it stood; `names` shows who decided by name.

    `ids` are the developments to tell of; None: those that somebody decided on.
    """
    day = min(as_of or now.date(), now.date())
    until = end_of(day, now)
    every = work.decisions.all()
    decisions: dict[CommitmentId, list[Decision]] = {}
    for each in every:
        if each.decided_at.date() <= day:
            decisions.setdefault(each.commitment_id, []).append(each)
    corrected = [each.id for taken in decisions.values() for each in taken if each.id is not None]
    if ids is None:
        ids = {each.development_id for each in every if each.development_id is not None}
    return Extract(
        watchlist=watchlist,
        as_of=day,
        until=until,
        rows=board(work, watchlist, until, looked),
        decisions=decisions,
        told=told_of(work, decisions, until, ids),
        reviewers=_reviewers(every, names=names),
        reissued=work.deliveries.reissued(corrected),
    )


def _reviewers(decisions: Sequence[Decision], *, names: bool) -> dict[str, str]:
    """Return what each who decided is called: by name, or for the public by number."""
    actors = list(dict.fromkeys(each.actor for each in decisions))
    return {
        actor: actor if names else f"Reviewer {number}" for number, actor in enumerate(actors, 1)
    }


def told_of(
    work: UnitOfWork,
    decisions: Mapping[CommitmentId, Sequence[Decision]],
    until: datetime,
    ids: Iterable[DevelopmentId],
) -> tuple[Told, ...]:
    """Return what became of these developments; of each article's text only a quote is kept."""
    stood, taken = _decided(decisions, until.date())
    told: list[Told] = []
    wanted = sorted(ids)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        known = [each for each in work.developments.chosen(some) if each.first_seen_at <= until]
        leads, found = work.developments.leads(some), work.hits.found_by(some)
        told += (
            _one(each, leads.get(each.id), stood, taken, found.get(each.id, {}), until)
            for each in known
        )
    kept = [each for each in told if _is_follow_up(each)]
    return tuple(sorted(kept, key=lambda each: each.development.first_seen_at, reverse=True))


def _decided(
    decisions: Mapping[CommitmentId, Sequence[Decision]], day: date
) -> tuple[dict[DevelopmentId, Decision], dict[DevelopmentId, list[Decision]]]:
    """Return the decision that stood on each development, and all that were taken on it."""
    stood: dict[DevelopmentId, Decision] = {}
    taken: dict[DevelopmentId, list[Decision]] = {}
    for of_one in decisions.values():
        for each in of_one:
            if each.development_id is not None:
                taken.setdefault(each.development_id, []).append(each)
        for each in in_effect(of_one, day):
            if each.development_id is not None and each.outcome not in BESIDE:
                stood[each.development_id] = each
    return stood, taken


def _one(
    development: Development,
    lead: Report | None,
    stood: Mapping[DevelopmentId, Decision],
    taken: Mapping[DevelopmentId, Sequence[Decision]],
    found: Mapping[HitId, datetime],
    until: datetime,
) -> Told:
    by_then = sum(moment <= until for moment in found.values())
    whole = by_then == len(found)
    hits = development.hit_count if whole else by_then
    return Told(
        development=development,
        lead=None if lead is None else replace(lead, article=replace(lead.article, text="")),
        quote=("", "", "") if lead is None else quoted(lead),
        decision=stood.get(development.id),
        taken=tuple(taken.get(development.id, ())),
        hits=hits,
        origins=min(development.origin_count, max(hits, 1)),
    )


def _is_follow_up(told: Told) -> bool:
    """Tell whether a development has a row: news, or decided to be about the pledge."""
    if told.outcome is not None:
        return told.outcome not in LEFT_OUT
    return told.development.relation is Relation.FOLLOW_UP


def quoted(report: Report) -> tuple[str, str, str]:
    """Return the words that led to the suggestion, with what stands around them."""
    marks = [(each.part, each.start, each.end) for each in report.hit.suggestion.triggers]
    marks += [(each.part, each.start, each.end) for each in report.hit.matches]
    for part, start, end in marks:
        text = report.article.title if part is ArticlePart.TITLE else report.article.text
        if 0 <= start < end <= len(text):
            return text[max(0, start - AROUND) : start], text[start:end], text[end : end + AROUND]
    return "", "", ""
