"""Taking a decision, and taking one back: the row, and everything that follows from it.

What a decision changes is found by reading all decisions on its development again, so an undo needs
no record of its own: it adds a row, and what stands is worked out anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.metadata import version

from model.errors import ConflictError, DecisionRefusedError, MissingRecordError
from model.ledger import ABOUT_THE_EVENT, RUBRIC, Verdict, in_effect, stage_of
from model.legality import Refusal, refusals
from model.records import (
    AlertReason,
    Commitment,
    Decision,
    DecisionId,
    Development,
    DevelopmentId,
    Milestone,
    Outcome,
    Role,
    Setback,
    Stage,
    Watchlist,
)
from model.standing import Standing, standing
from storage.rehousing import development_number, follow_hits, split_off
from storage.rows import optional
from storage.unit_of_work import UnitOfWork

# These say what the development is; whoever says one second, without having seen the first, loses.
SETTLING = ABOUT_THE_EVENT | {Outcome.JOINED, Outcome.UNSURE}
SHOWN = SETTLING | {Outcome.CORRECTED}  # the last of these is the development's outcome
UNTOLD = frozenset({Outcome.UNSURE, Outcome.VERDICT})  # no message that was sent changes by them
SUGGESTED = ("milestone", "setback", "stage", "event_date", "place")


@dataclass(frozen=True, slots=True)
class _Change:
    """Where a commitment stood before and after a decision."""

    before: Standing
    after: Standing

    @property
    def falls(self) -> bool:
        return _level(self.after.stage) < _level(self.before.stage)

    @property
    def moves(self) -> bool:
        return self.after.stage is not self.before.stage

    @property
    def reopens(self) -> bool:
        return self.before.verdict is not Verdict.OPEN and self.after.verdict is Verdict.OPEN


def decide(
    work: UnitOfWork,
    watchlist: Watchlist,
    decision: Decision,
    *,
    seen_revision: int | None = None,
) -> DecisionId:
    """Take a decision, with all that follows from it; the caller commits.

    `seen_revision` is the development's, as the analyst saw it. Without one, only a development
    nobody has decided on can be. Raise DecisionRefusedError with everything that stands against it;
    ConflictError where somebody was faster, naming the decision; MissingRecordError.
    """
    work.decisions.lock()
    commitment = _commitment(watchlist, decision)
    before = work.decisions.of_commitment(commitment.id)
    development = _development(work, decision, before)
    if development is not None:
        decision = replace(decision, development_id=development.id)
        _require_unchanged(work, decision, development, seen_revision)
        decision = _seen(work, decision, development)
    today = decision.decided_at.date()
    against = refusals(_with_target(decision), commitment, before, today)
    against += _misplaced(work, watchlist, decision, development)
    if against:
        raise DecisionRefusedError(tuple(dict.fromkeys(against)))
    decision = split_off(work, decision, development)
    return _write(work, watchlist, commitment, before, decision)


def undo(
    work: UnitOfWork,
    watchlist: Watchlist,
    decision_id: DecisionId | None,
    *,
    actor: str,
    role: Role,
    now: datetime,
) -> DecisionId:
    """Take a decision back by a row that says so; the caller commits.

    Without an id it is the actor's newest that stands; MissingRecordError where there is none.
    """
    work.decisions.lock()
    taken = _last_of(work, actor, now) if decision_id is None else work.decisions.get(decision_id)
    commitment = watchlist.commitment(taken.commitment_id)
    if commitment is None:
        raise MissingRecordError(f"There is no commitment {taken.commitment_id} any more")
    before = work.decisions.of_commitment(commitment.id)
    reversal = Decision(
        commitment_id=commitment.id,
        development_id=taken.development_id,
        hit_ids=taken.hit_ids,
        actor=actor,
        role=role,
        outcome=Outcome.UNDONE,
        undoes=taken.id,
        decided_at=now,
    )
    against = refusals(reversal, commitment, before, now.date())
    if against:
        raise DecisionRefusedError(against)
    return _write(work, watchlist, commitment, before, reversal)


def _commitment(watchlist: Watchlist, decision: Decision) -> Commitment:
    commitment = watchlist.commitment(decision.commitment_id)
    if commitment is None:
        raise MissingRecordError(f"There is no commitment {decision.commitment_id}")
    return commitment


def _development(
    work: UnitOfWork, decision: Decision, before: Sequence[Decision]
) -> Development | None:
    """Return what a decision is about; a correction is about what the corrected one was."""
    number = decision.development_id
    if number is None and decision.outcome is Outcome.CORRECTED:
        corrected = next((each for each in before if each.id == decision.undoes), None)
        number = None if corrected is None else corrected.development_id
    return None if number is None else work.developments.get(number, lock=True)


def _last_of(work: UnitOfWork, actor: str, now: datetime) -> Decision:
    for each in work.decisions.of_actor(actor):
        if each.outcome is not Outcome.UNDONE and each in in_effect(
            work.decisions.of_commitment(each.commitment_id), now.date()
        ):
            return each
    raise MissingRecordError("There is no decision of yours to undo")


# --- what stands against it ------------------------------------------------------------


def _require_unchanged(
    work: UnitOfWork, decision: Decision, development: Development, seen: int | None
) -> None:
    """Raise ConflictError where the development is not what the analyst saw."""
    if seen == development.revision:
        return
    standing_ones = _standing_on(work, development.id, decision.decided_at)
    if seen is None:
        decided = [each for each in standing_ones if each.outcome is not Outcome.UNSURE]
        if decided and decision.outcome in SETTLING:
            raise _conflict(development, decided[-1])
        return
    if standing_ones:
        raise _conflict(development, standing_ones[-1])
    if not decision.hit_ids:
        raise ConflictError(f"F{development.id} has changed since it was looked at")


def _conflict(development: Development, other: Decision) -> ConflictError:
    when = other.decided_at.strftime("%Y-%m-%d %H:%M")
    return ConflictError(
        f"F{development.id} was decided by {other.actor} at {when} UTC: {other.outcome}", other
    )


def _standing_on(
    work: UnitOfWork, development_id: DevelopmentId, now: datetime
) -> tuple[Decision, ...]:
    """Return the decisions on a development that stand, oldest first."""
    kept: list[Decision] = []
    for each in in_effect(work.decisions.of_development(development_id), now.date()):
        if each.outcome is Outcome.SPLIT:  # it takes a join with the same one back
            kept = [one for one in kept if not _joins(one, each.other_id)]
        elif each.outcome in SHOWN:
            kept.append(each)
    return tuple(kept)


def _telling_where(decisions: Sequence[Decision], now: datetime) -> tuple[Decision, ...]:
    """Return what stands of decisions that say what a development is, or what was split off it."""
    stands = in_effect(decisions, now.date())
    return tuple(each for each in stands if each.outcome in SHOWN or each.outcome is Outcome.SPLIT)


def _joins(decision: Decision, other_id: str | None) -> bool:
    same = development_number(decision.other_id) == development_number(other_id)
    return decision.outcome is Outcome.JOINED and same


def _seen(work: UnitOfWork, decision: Decision, development: Development) -> Decision:
    """Name the hits that were seen: all there are, where the analyst named none."""
    if decision.hit_ids:
        return _answering(work, decision, development)
    ids = work.developments.hit_ids(development.id)
    return _answering(work, replace(decision, hit_ids=ids), development)


def _answering(work: UnitOfWork, decision: Decision, development: Development) -> Decision:
    """Name the suggestion that a decision answers: hit, rules and watchlist."""
    if decision.suggestion_id is not None:
        return decision
    hits = work.hits.of_development(development.id)
    lead = next((each for each in hits if each.article_id == development.lead_article_id), None)
    if lead is None:
        return decision
    answered = f"{lead.id}/{lead.suggestion.rules}/{lead.watchlist_version}"
    return replace(decision, suggestion_id=answered)


def _with_target(decision: Decision) -> Decision:
    """Let a split of hits that has no target yet pass for one that has: it is made afterwards."""
    if decision.outcome is Outcome.SPLIT and not decision.other_id and decision.hit_ids:
        return replace(decision, other_id="new")
    return decision


def _misplaced(
    work: UnitOfWork, watchlist: Watchlist, decision: Decision, development: Development | None
) -> tuple[Refusal, ...]:
    """Return what the storage knows to stand against a decision: its target is none."""
    if development is None:
        needs_one = decision.outcome in {Outcome.JOINED, Outcome.SPLIT, Outcome.MOVED}
        return (Refusal.NO_TARGET,) if needs_one else ()
    if development.commitment_id != decision.commitment_id:
        return (Refusal.OTHER_PLEDGE,)
    if decision.outcome is Outcome.MOVED:
        known = {each.id for each in watchlist.commitments}
        return () if decision.other_id in known else (Refusal.NO_TARGET,)
    if decision.outcome is Outcome.JOINED or (
        decision.outcome is Outcome.SPLIT and decision.other_id
    ):
        return () if _is_target(work, decision, development) else (Refusal.NO_TARGET,)
    if decision.outcome is Outcome.SPLIT:
        own = set(work.developments.hit_ids(development.id))
        named = set(decision.hit_ids)
        return () if named and named < own else (Refusal.NO_TARGET,)
    return ()


def _is_target(work: UnitOfWork, decision: Decision, development: Development) -> bool:
    other = development_number(decision.other_id)
    if other is None:
        return False
    try:
        target = work.developments.get(other)
    except MissingRecordError:
        return False
    if target.commitment_id != development.commitment_id:
        return False
    joins_own = other in work.developments.folded(development.id)
    return decision.outcome is Outcome.SPLIT or not joins_own


# --- what follows from it ---------------------------------------------------------------


def _write(
    work: UnitOfWork,
    watchlist: Watchlist,
    commitment: Commitment,
    before: Sequence[Decision],
    decision: Decision,
) -> DecisionId:
    """Append the row, bring its development in line, and raise what is to be told."""
    today = decision.decided_at.date()
    change = _Change(
        standing(commitment, before, today), standing(commitment, [*before, decision], today)
    )
    decision = replace(
        decision,
        commitment_rev=watchlist.version,
        stage_before=change.before.stage,
        stage_after=change.after.stage,
        verdict_before=change.before.verdict,
        verdict_after=change.after.verdict,
        rubric_version=RUBRIC,
        app_version=_app_version(),
    )
    number = work.decisions.add(decision)
    stored = replace(decision, id=number)
    if decision.development_id is not None:
        _settle(work, commitment, decision.development_id, decision.decided_at)
        about = work.decisions.of_development(decision.development_id)
        follow_hits(work, stored, _telling_where(about, decision.decided_at))
        work.queue.clear(f"F{decision.development_id}")
    _tell(work, stored, change)
    return number


@cache
def _app_version() -> str:
    return version("pledgewatch")


def _settle(
    work: UnitOfWork, commitment: Commitment, development_id: DevelopmentId, now: datetime
) -> None:
    """Bring a development in line with the decisions on it that stand."""
    development = work.developments.get(development_id, lock=True)
    decided = _standing_on(work, development_id, now)
    last = decided[-1] if decided else None
    target = last.other_id if last is not None and last.outcome is Outcome.JOINED else None
    joined_to = development_number(target)
    if joined_to != development.joined_to:
        _count(work, development.joined_to, development, -1)
        _count(work, joined_to, development, 1)
    facts = _facts(work, commitment, development, last)
    work.developments.save(
        replace(
            development,
            outcome=None if last is None else last.outcome,
            joined_to=joined_to,
            revision=development.revision + 1,
            milestone=optional(Milestone, facts["milestone"]),
            setback=optional(Setback, facts["setback"]),
            stage=optional(Stage, facts["stage"]),
            event_date=facts["event_date"],
            place=facts["place"],
        )
    )


def _count(work: UnitOfWork, target: DevelopmentId | None, joined: Development, sign: int) -> None:
    """Count what is joined, or no longer joined, into what it is joined to."""
    passed: set[DevelopmentId] = set()
    while target is not None and target not in passed:
        passed.add(target)
        other = work.developments.get(target, lock=True)
        work.developments.save(
            replace(
                other,
                hit_count=max(0, other.hit_count + sign * joined.hit_count),
                origin_count=max(0, other.origin_count + sign * joined.origin_count),
                last_seen_at=max(other.last_seen_at, joined.last_seen_at),
            )
        )
        target = other.joined_to


def _facts(
    work: UnitOfWork, commitment: Commitment, development: Development, last: Decision | None
) -> dict[str, str | None]:
    """Return what a development says now: what was confirmed, or else what was suggested."""
    kept = work.developments.suggested(development.id)
    suggested = kept or {name: getattr(development, name) for name in SUGGESTED}
    says = last is not None and last.outcome in {Outcome.CONFIRMED, Outcome.SETBACK}
    work.developments.keep_suggested(development.id, suggested if says else None)
    if last is None or not says:
        return suggested
    stage = None if last.milestone is None else stage_of(last.milestone, commitment.kind)
    return {
        "milestone": last.milestone,
        "setback": last.setback,
        "stage": stage,
        "event_date": last.milestone_date or suggested["event_date"],
        "place": last.place or suggested["place"],
    }


# --- what is told ---------------------------------------------------------------------------


def _tell(work: UnitOfWork, decision: Decision, change: _Change) -> None:
    """Raise the alerts of a decision: messages sent are edited, what was confirmed is corrected."""
    if decision.development_id is not None and decision.outcome not in UNTOLD:
        _raise(work, decision, AlertReason.DECIDED, change)
    if change.reopens:
        _raise(work, decision, AlertReason.REOPENED, change)
    if decision.outcome is Outcome.CORRECTED:
        _raise(work, decision, AlertReason.CORRECTED, change)
        return
    if not change.moves:
        return
    if decision.outcome is Outcome.UNDONE:
        if _was_told(work, decision) and change.falls:
            _raise(work, decision, AlertReason.CORRECTED, change)
    elif change.falls and decision.outcome is not Outcome.SETBACK:
        _raise(work, decision, AlertReason.CORRECTED, change)
    else:
        _raise(work, decision, AlertReason.STAGE_CHANGED, change)


def _was_told(work: UnitOfWork, decision: Decision) -> bool:
    """Tell whether the stage change that an undo takes back went out; what waits does not go."""
    alert = work.outbox.by_key(f"{AlertReason.STAGE_CHANGED}.{decision.undoes}")
    if alert is None:
        return False
    work.outbox.mark_routed([alert.id], decision.decided_at)
    return work.deliveries.call_back(alert.id, "the decision was undone before it went")


def _raise(work: UnitOfWork, decision: Decision, reason: AlertReason, change: _Change) -> None:
    facts = {
        "decision": str(decision.id),
        "outcome": decision.outcome,
        "stage_before": change.before.stage,
        "stage_after": change.after.stage,
        "verdict_before": change.before.verdict,
        "why": decision.note.strip(),
    }
    work.outbox.add(
        key=f"{reason}.{decision.id}",
        commitment_id=decision.commitment_id,
        development_id=decision.development_id,
        reason=reason,
        raised_at=decision.decided_at,
        facts={name: str(value) for name, value in facts.items() if value},
    )


def _level(stage: Stage | None) -> int:
    return -1 if stage is None else stage.level
