"""One pledge: what was promised, what became of it, what was not found, and how well we looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.responses import Response

from model.dates import first_day
from model.ledger import Step, Verdict
from model.records import (
    Commitment,
    CommitmentId,
    Stage,
    TermRole,
)
from model.standing import Standing
from model.timeline import Event, Timeline
from review.asking import Ask, RefusedError
from review.ledgers import Evidence, evidence_of, ladder
from review.overview import Shown, day_asked, end_of, overview
from review.timelines import lay_out
from storage.looking import Looked
from storage.unit_of_work import UnitOfWork, reading


def pledge_page(ask: Ask) -> Response:
    """Show one pledge as it stood at the end of a day."""
    return show_pledge(ask)


def show_pledge(ask: Ask, *, problems: Sequence[str] = ()) -> Response:
    """Return a pledge's page; with problems, where a decision on it was refused."""
    as_of = day_asked(ask)
    with reading(ask.desk.database) as work:
        commitment = _commitment(ask, work)
        seen = overview(ask, work, as_of, only=commitment)
        decisions = work.decisions.of_commitment(commitment.id)
        found = evidence_of(work, commitment, decisions, end_of(as_of, ask.now))
        since = ask.now - timedelta(days=commitment.quiet_days)
        read = work.coverage.articles_since(since)
        hits = work.hits.count(commitment.id)
    shown = seen.shown[0]
    standing = shown.row.standing
    return ask.page(
        "pledge.html",
        status=400 if problems else 200,
        problems=problems,
        verdicts=tuple(Verdict),
        pledges=ask.watchlist.commitments,
        pledge=commitment,
        retired=ask.watchlist.commitment(commitment.id) is None,
        shown=shown,
        row=shown.row,
        standing=standing,
        as_of=as_of,
        evidence=found,
        rungs=ladder(ask, commitment, standing, found),
        said=sorted(commitment.said, key=lambda each: each.date),
        clauses=_clauses(commitment, standing),
        figure=_figure(ask, shown, found, seen.looked, as_of),
        events=_events(ask, commitment, standing, found),
        looked=seen.looked,
        read=read,
        hits=hits,
        names=sum(term.role is not TermRole.DECOY for term in commitment.terms),
        longest_gap=_longest(seen.looked, commitment, as_of),
    )


def _commitment(ask: Ask, work: UnitOfWork) -> Commitment:
    """Return the pledge that the address names; one that left the watchlist keeps its page."""
    name = CommitmentId(ask.request.path_params["pledge"])
    commitment = ask.watchlist.commitment(name)
    if commitment is not None:
        return commitment
    if work.developments.listed(commitment_id=name, limit=1):
        return Commitment(id=name, title=name)
    raise RefusedError(404, "error.no_pledge")


def _clauses(
    commitment: Commitment, standing: Standing
) -> tuple[tuple[str, str, str, Stage | None], ...]:
    stages = dict(standing.clause_stages)
    return tuple(
        (each.id, each.text, each.done_when, stages.get(each.id)) for each in commitment.clauses
    )


def _longest(looked: Looked, commitment: Commitment, today: date) -> tuple[date, date] | None:
    first = today - timedelta(days=commitment.quiet_days)
    gaps = looked.gaps(first, today)
    return max(gaps, key=lambda gap: gap[1] - gap[0], default=None)


# --- the timeline, and the same as a table --------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One event of the timeline in words."""

    when: str  # EDTF
    clause: str
    event: str
    status: str


def _events(
    ask: Ask, commitment: Commitment, standing: Standing, found: Sequence[Evidence]
) -> tuple[TableRow, ...]:
    rows = [
        TableRow(
            when=step.date or "",
            clause=", ".join(step.clauses) or "–",
            event=_step_words(ask, step),
            status=ask.say("step.confirmed"),
        )
        for step in standing.steps
        if step.date
    ]
    rows += [
        TableRow(
            when=each.when,
            clause="–",
            event=each.development.headline,
            status=ask.say("step.suggested"),
        )
        for each in found
        if each.waits
    ]
    return tuple(sorted(rows, key=lambda row: row.when))


def _step_words(ask: Ask, step: Step) -> str:
    words = ask.say(f"milestone.{step.milestone}")
    return f"{words}: {step.text}" if step.text else words


def _figure(
    ask: Ask, shown: Shown, found: Sequence[Evidence], looked: Looked, today: date
) -> Timeline:
    suggested = [
        Event(day=first_day(each.when), lane=0, label=_suggested(ask, each), confirmed=False)
        for each in found
        if each.waits
    ]
    return lay_out(shown.row, suggested, looked, today, ask.language)


def _suggested(ask: Ask, each: Evidence) -> str:
    found = each.development
    if found.setback is not None:
        return ask.say(f"setback.{found.setback}") + "?"
    if found.milestone is None:
        return ""
    words = ask.say(f"milestone.{found.milestone}")
    return f"{words}?" if found.stage is None else f"{found.stage.level} {words}?"
