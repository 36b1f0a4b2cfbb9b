"""What stands in each file that can be taken out: records to rows. Pure.

The vocabularies of others are kept to: IATI's activity status, schema.org's action status, the
Admiralty code, CAMEO's root codes (docs/exports.md says which value stands for what).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise

from model.desk import RulePrecision
from model.feed_health import CoverageDay
from model.ledger import RUBRIC, Verdict
from model.precision import rule_row
from model.records import (
    Commitment,
    Decision,
    Language,
    Milestone,
    Outcome,
    Setback,
    Stage,
    Suggestion,
)
from model.standing import Standing, standing
from review.extract import Extract, Told
from review.tabular import Row
from storage.board import Row as BoardRow

LABELS = {
    Stage.FLOATED: "someone proposed it",
    Stage.COMMITTED: "the promisor said it will",
    Stage.PREPARING: "visible groundwork",
    Stage.AGREED: "binding text or contract",
    Stage.ESTABLISHED: "it exists",
    Stage.OPERATING: "it does something",
    Stage.DELIVERED: "every clause met",
}
PIPELINE, IMPLEMENTATION, FINALISATION, CLOSED, CANCELLED, SUSPENDED = range(1, 7)  # IATI
KEPT = frozenset({Verdict.DELIVERED, Verdict.DELIVERED_LATE, Verdict.DELIVERED_IN_PART})
BROKEN = frozenset({Verdict.WITHDRAWN, Verdict.THWARTED, Verdict.NOT_DELIVERED})
CAMEO = {
    Milestone.PROPOSED: "03",  # express intent to cooperate
    Milestone.COMMITTED: "03",
    Milestone.PLAN_PUBLISHED: "01",  # make a public statement
    Milestone.CONSULTING: "04",  # consult
    Milestone.PREPARING: "06",  # engage in material cooperation
    Milestone.PLACE_DECIDED: "05",  # engage in diplomatic cooperation
    Milestone.SIGNED: "05",
    Milestone.IN_FORCE: "05",
    Milestone.PARTY_JOINED: "05",
    Milestone.ESTABLISHED: "06",
    Milestone.UNVEILED: "06",
    Milestone.OPERATING: "06",
    Milestone.DELIVERED: "06",
}
CAMEO_OF_SETBACK = {
    Setback.POSTPONED: "12",  # reject
    Setback.DENIED: "12",
    Setback.DISPUTED: "11",  # disapprove
    Setback.SUSPENDED: "16",  # reduce relations
    Setback.CANCELLED: "16",
    Setback.REPLACED: "16",
}


# --- commitments ---------------------------------------------------------------------


def commitments(found: Extract) -> Iterator[Row]:
    """Return a row for each pledge."""
    for row in found.rows:
        told = [
            each
            for each in found.told
            if each.development.commitment_id == row.commitment.id
            and each.outcome in {Outcome.CONFIRMED, Outcome.SETBACK}
        ]
        yield {
            **_definition(row.commitment),
            **_state(row, found),
            "evidence_n": sum(each.hits for each in told),
            "independent_sources_n": sum(each.origins for each in told),
            "recommended_for_analysis": _is_testable(row) and bool(told),
            "testable": _is_testable(row),
            "commitment_rev": found.watchlist.version,
            "rubric_version": RUBRIC,
            "as_of": found.as_of,
        }


def _definition(commitment: Commitment) -> Row:
    titles = dict(commitment.titles)
    first = min(commitment.said, key=lambda each: each.date, default=None)
    due = commitment.due
    return {
        "id": commitment.id,
        "title_en": commitment.title,
        "title_zh_hans": titles.get(Language.CHINESE_SIMPLIFIED),
        "title_zh_hant": titles.get(Language.CHINESE_TRADITIONAL),
        "kind": commitment.kind,
        "promisor": commitment.promisor,
        "counterparties": commitment.counterparties,
        "said_on": first and first.date,
        "said_by": first and first.by,
        "said_where": first and first.where,
        "due_date": due and due.date,
        "due_basis": due and ("inferred" if due.inferred else "stated"),
    }


def _state(row: BoardRow, found: Extract) -> Row:
    stands = row.standing
    taken = found.decisions.get(row.commitment.id, ())
    return {
        "stage": stands.stage,
        "stage_label": stands.stage and LABELS[stands.stage],
        "activity_status_code": activity_status(stands),
        "action_status": action_status(stands),
        "schedule": stands.schedule,
        "attention": row.attention,
        "setback": stands.setback,
        "verdict": stands.verdict,
        "last_milestone": stands.last_milestone,
        "last_milestone_date": stands.last_milestone_date,
        "last_decision_at": max((each.decided_at for each in taken), default=None),
        "count_done": stands.count_done,
        "count_target": stands.count_target,
    }


def _is_testable(row: BoardRow) -> bool:
    return bool(row.commitment.clauses) and row.standing.verdict is not Verdict.UNTESTABLE


def activity_status(stands: Standing) -> int | None:
    """Return IATI's activity status; None before anything is confirmed."""
    if stands.verdict is not Verdict.OPEN:
        return CANCELLED if stands.verdict in BROKEN else CLOSED
    if stands.setback in {Setback.CANCELLED, Setback.REPLACED}:
        return CANCELLED
    if stands.setback is Setback.SUSPENDED:
        return SUSPENDED
    if stands.stage is None:
        return None
    if stands.stage is Stage.DELIVERED:
        return FINALISATION
    return IMPLEMENTATION if stands.stage.level >= Stage.ESTABLISHED.level else PIPELINE


def action_status(stands: Standing) -> str:
    """Return schema.org's ActionStatusType."""
    if stands.verdict in BROKEN:
        return "FailedActionStatus"
    if stands.verdict in KEPT or stands.stage is Stage.DELIVERED:
        return "CompletedActionStatus"
    begun = stands.stage is not None and stands.stage.level >= Stage.ESTABLISHED.level
    return "ActiveActionStatus" if begun else "PotentialActionStatus"


# --- follow-ups -----------------------------------------------------------------------


def followups(found: Extract) -> Iterator[Row]:
    """Return a row for each development, the newest first."""
    for told in found.told:
        yield {**_event(told), **_source(told), **_decision(told, found.reviewers)}


def _event(told: Told) -> Row:
    milestone, setback, when, place = what_happened(told)
    return {
        "followup_id": f"F{told.development.id}",
        "commitment_id": told.development.commitment_id,
        "clause_id": told.decision.clause_ids if told.decision is not None else (),
        "kind": kind_of(told),
        "milestone": setback or milestone,
        "event_date": when,
        "event_date_precision": when and {4: "year", 7: "month"}.get(len(when), "day"),
        "place": place,
        "cluster_size": told.hits,
        "cameo_root": _cameo(milestone, setback),
    }


def what_happened(
    told: Told,
) -> tuple[Milestone | None, Setback | None, str | None, str | None]:
    """Return milestone, setback, date and place: as confirmed, or else as suggested."""
    suggested = Suggestion(relation=told.development.relation)
    if told.lead is not None:
        suggested = told.lead.hit.suggestion
    decision = told.decision
    if decision is not None and told.outcome in {Outcome.CONFIRMED, Outcome.SETBACK}:
        when = decision.milestone_date or suggested.event_date
        return decision.milestone, decision.setback, when, decision.place or suggested.place
    return suggested.milestone, suggested.setback, suggested.event_date, suggested.place


def kind_of(told: Told) -> str:
    """Return what sort of follow-up a development is."""
    if told.outcome is Outcome.RESTATEMENT:
        return "restatement"
    _, setback, _, _ = what_happened(told)
    return "milestone" if setback is None else "setback"


def _cameo(milestone: Milestone | None, setback: Setback | None) -> str | None:
    if setback is not None:
        return CAMEO_OF_SETBACK[setback]
    return None if milestone is None else CAMEO[milestone]


def _source(told: Told) -> Row:
    lead = told.lead
    before, exact, after = told.quote
    article = None if lead is None else lead.article
    return {
        "headline": told.development.headline,
        "in_language": article and article.language,
        "publisher": lead and (lead.article.outlet or lead.feed_title),
        "author": None,  # feeds name the outlet; the writer is not kept
        "date_published": article and article.published_at,
        "reference_url": article and article.url,
        "archive_url": None,  # the text is kept as it was matched, no copy of the page
        "retrieved": article and article.fetched_at,
        "quote_exact": exact,
        "quote_prefix": before,
        "quote_suffix": after,
        "source_reliability": lead and lead.tier.upper(),
        "information_credibility": _credibility(told),
        "origin_id": f"A{told.development.lead_article_id}",
    }


def _credibility(told: Told) -> int:
    if told.outcome in {Outcome.CONFIRMED, Outcome.SETBACK}:
        return 1 if told.origins > 1 else 2
    return 3 if told.outcome is None else 6


def _decision(told: Told, reviewers: Mapping[str, str]) -> Row:
    decision = told.decision if told.outcome is not None else None
    return {
        "decided_by": decision and reviewers.get(decision.actor, ""),
        "decided_at": decision and decision.decided_at,
        "reason_code": decision and decision.reason,
    }


# --- changes --------------------------------------------------------------------------


def transitions(found: Extract) -> Iterator[Row]:
    """Return every change of stage, setback or verdict, oldest first."""
    changes = [
        change
        for commitment in found.commitments()
        for change in _changes(commitment, found.decisions.get(commitment.id, ()))
    ]
    for decision, what, before, after in sorted(changes, key=lambda each: each[0].id or 0):
        yield {
            "at": decision.decided_at,
            "commitment_id": decision.commitment_id,
            "field": what,
            "before": before,
            "after": after,
            "followup_id": decision.development_id and f"F{decision.development_id}",
            "actor": found.reviewers.get(decision.actor, ""),
            "reason_code": decision.reason,
            "undoes": decision.undoes,
        }


Change = tuple[Decision, str, str | None, str | None]


def _changes(commitment: Commitment, taken: Sequence[Decision]) -> Iterator[Change]:
    """Return what each decision changed, as it was written down when it was taken.

    A later rubric rewrites nothing; what an older version did not write down is worked out.
    """
    setbacks = _setbacks(commitment, taken)
    for number, each in enumerate(taken):
        for what, was, now in (
            *_written_down(commitment, taken, number),
            ("setback", *setbacks[number]),
        ):
            if was != now:
                yield each, what, was, now


def _written_down(
    commitment: Commitment, taken: Sequence[Decision], number: int
) -> tuple[tuple[str, str | None, str | None], ...]:
    decision = taken[number]
    if decision.rubric_version is not None:
        return (
            ("stage", decision.stage_before, decision.stage_after),
            ("verdict", decision.verdict_before, decision.verdict_after),
        )
    today = decision.decided_at.date()
    before, after = (standing(commitment, taken[:count], today) for count in (number, number + 1))
    return (
        ("stage", before.stage, after.stage),
        ("verdict", before.verdict, after.verdict),
    )


def _setbacks(
    commitment: Commitment, taken: Sequence[Decision]
) -> list[tuple[Setback | None, Setback | None]]:
    """Return the setback before and after each decision; most pledges never had one."""
    if not any(each.outcome is Outcome.SETBACK for each in taken):
        return [(None, None)] * len(taken)
    stood: list[Setback | None] = [None]
    stood += [
        standing(commitment, taken[: number + 1], each.decided_at.date()).setback
        for number, each in enumerate(taken)
    ]
    return list(pairwise(stood))


def corrections(found: Extract) -> Iterator[Row]:
    """Return what was said and taken back, the newest first."""
    known = {commitment.id for commitment in found.commitments()}
    rows = [
        (each, taken)
        for commitment_id, taken in found.decisions.items()
        if commitment_id in known
        for each in taken
        if is_correction(each, taken)
    ]
    for each, taken in sorted(rows, key=lambda row: row[0].id or 0, reverse=True):
        assert each.id is not None
        yield {
            "at": each.decided_at,
            "commitment_id": each.commitment_id,
            "was": _said(each, taken),
            "now": each.stage_after or "none",
            "why": each.note.strip() or (f"reason {each.reason}" if each.reason else each.outcome),
            "alerts_reissued": found.reissued.get(each.id, 0),
        }


def is_correction(decision: Decision, taken: Sequence[Decision]) -> bool:
    """Tell whether a decision takes back what was confirmed: struck, rejected or undone."""
    if decision.outcome is Outcome.CORRECTED:
        return True
    if decision.outcome in {Outcome.SETBACK, Outcome.VERDICT, Outcome.CONFIRMED}:
        return False
    before = -1 if decision.stage_before is None else decision.stage_before.level
    after = -1 if decision.stage_after is None else decision.stage_after.level
    return after < before and decision in taken


def _said(decision: Decision, taken: Sequence[Decision]) -> str:
    stage = decision.stage_before or "none"
    struck = next((each for each in taken if each.id == decision.undoes), decision)
    if struck.milestone is None:
        return stage
    when = f" {struck.milestone_date}" if struck.milestone_date else ""
    return f"{stage} ({struck.milestone}{when})"


# --- coverage and rules ------------------------------------------------------------------


def coverage(days: Sequence[CoverageDay]) -> Iterator[Row]:
    """Return a row for each feed and day."""
    for each in sorted(days, key=lambda each: (each.day, each.feed_id)):
        yield {
            "day": each.day,
            "source_id": each.feed_id,
            "polls": each.polls,
            "failures": each.failures,
            "articles_seen": each.articles_seen,
            "hours_unobserved": each.hours_unobserved,
        }


def rules(found: Sequence[RulePrecision]) -> Iterator[Row]:
    """Return a row for each term, query and feed."""
    for each in found:
        yield asdict(rule_row(each))


Rows = Callable[[Extract], Iterator[Row]]
FROM_EXTRACT: dict[str, Rows] = {
    "commitments": commitments,
    "followups": followups,
    "transitions": transitions,
    "corrections": corrections,
}
