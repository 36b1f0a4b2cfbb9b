"""One pledge: what was promised, what became of it, what was not found, and how well we looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel.dates import get_month_names
from starlette.responses import Response

from model.dates import first_day, last_day
from model.ledger import Step, clause_names, in_effect
from model.records import (
    Commitment,
    CommitmentId,
    Decision,
    Development,
    Language,
    Outcome,
    Relation,
    Report,
    Stage,
    TermRole,
)
from model.standing import Standing
from model.timeline import Event, Facts, Mark, Timeline, timeline
from review.asking import Ask, RefusedError
from review.evidence import Piece, quote
from review.overview import Shown, day_asked, end_of, overview
from review.texts import edtf
from storage.looking import Looked
from storage.unit_of_work import UnitOfWork, reading

SHOWN = 40  # developments on one page; all are in the history
HIDDEN = frozenset(
    {Outcome.REJECTED, Outcome.RESTATEMENT, Outcome.JOINED, Outcome.MOVED, Outcome.SPLIT}
)
MARK_SPAN = timedelta(days=900)  # occasions that long ago are not drawn
LOCALES = {
    Language.ENGLISH: "en",
    Language.CHINESE_SIMPLIFIED: "zh_Hans",
    Language.CHINESE_TRADITIONAL: "zh_Hant",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One development as the page tells it."""

    development: Development
    report: Report | None
    quote: Sequence[Piece]
    decision: Decision | None  # the one that stands; None: unreviewed
    when: str  # EDTF

    @property
    def struck(self) -> bool:
        """Tell whether it was confirmed once and is no more."""
        return self.decision is not None and self.decision.outcome is Outcome.CORRECTED

    @property
    def waits(self) -> bool:
        """Tell whether an analyst has still to decide."""
        return self.decision is None or self.decision.outcome is Outcome.UNSURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One stage of the ladder, as far as it is reached."""

    stage: Stage
    kind: str  # "done", "maybe", "skipped" or empty
    milestone: str | None
    date: str | None
    note: str


def pledge_page(ask: Ask) -> Response:
    """Show one pledge as it stood at the end of a day."""
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


def evidence_of(
    work: UnitOfWork,
    commitment: Commitment,
    decisions: Sequence[Decision],
    until: datetime,
    *,
    limit: int = SHOWN,
) -> list[Evidence]:
    """Return a pledge's follow-ups with the decisions that stood at a moment, newest first."""
    stands = {each.development_id: each for each in in_effect(decisions, until.date())}
    listed = work.developments.listed(
        commitment_id=commitment.id, relation=Relation.FOLLOW_UP, until=until, limit=5 * limit
    )
    shown = [each for each in listed if not _is_hidden(stands.get(each.id))][:limit]
    found = [_piece_of_evidence(work, each, stands.get(each.id)) for each in shown]
    return sorted(found, key=lambda each: each.when, reverse=True)


def _is_hidden(decision: Decision | None) -> bool:
    return decision is not None and decision.outcome in HIDDEN


def _piece_of_evidence(
    work: UnitOfWork, development: Development, decision: Decision | None
) -> Evidence:
    report = next(iter(work.developments.reports(development.id, 1)), None)
    return Evidence(
        development=development,
        report=report,
        quote=quote(report) if report is not None else (),
        decision=decision,
        when=_when(development, decision),
    )


def _when(development: Development, decision: Decision | None) -> str:
    if decision is not None and decision.milestone_date:
        return decision.milestone_date
    return development.event_date or development.first_seen_at.date().isoformat()


def ladder(
    ask: Ask, commitment: Commitment, standing: Standing, found: Sequence[Evidence]
) -> tuple[Rung, ...]:
    """Return the seven stages: what is confirmed, what is suggested, what was skipped."""
    reached = standing.stage.level if standing.stage else -1
    steps: dict[Stage, Step] = {}
    for step in standing.steps:
        if step.stage is not None:
            steps.setdefault(step.stage, step)
    waiting = {each.development.stage: each for each in found if each.waits}
    return tuple(_rung(ask, stage, steps.get(stage), waiting, reached) for stage in Stage)


def _rung(
    ask: Ask,
    stage: Stage,
    step: Step | None,
    waiting: dict[Stage | None, Evidence],
    reached: int,
) -> Rung:
    if step is not None:
        note = ask.say("step.confirmed")
        return Rung(stage=stage, kind="done", milestone=step.milestone, date=step.date, note=note)
    if stage in waiting:
        each = waiting[stage]
        milestone = each.development.milestone
        note = ask.say("step.suggested")
        return Rung(stage=stage, kind="maybe", milestone=milestone, date=each.when, note=note)
    skipped = stage.level < reached
    note = ask.say("step.skipped") if skipped else ask.say(f"stage.what.{stage}")
    kind = "skipped" if skipped else ""
    return Rung(stage=stage, kind=kind, milestone=None, date=None, note=note)


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
    commitment, standing = shown.row.commitment, shown.row.standing
    lanes = clause_names(commitment)
    events = [
        Event(day=first_day(step.date), lane=lane, label=_short(ask, step), confirmed=True)
        for step in standing.steps
        if step.date
        for lane, name in enumerate(lanes)
        if not step.clauses or name in step.clauses
    ]
    events += [
        Event(day=first_day(each.when), lane=0, label=_suggested(ask, each), confirmed=False)
        for each in found
        if each.waits
    ]
    first = min((each.day for each in events), default=today)
    if commitment.pledged_on:
        first = min(first, first_day(commitment.pledged_on))
    return timeline(
        Facts(
            lanes=[_lane(commitment, name, ask) for name in lanes],
            events=events,
            marks=_marks(ask, commitment, first, today),
            gaps=looked.gaps(max(first - timedelta(days=60), date(1990, 1, 1)), today),
            today=today,
            months=[
                get_month_names("abbreviated", locale=LOCALES[ask.language])[n] for n in MONTHS
            ],
        )
    )


MONTHS = range(1, 13)


def _lane(commitment: Commitment, name: str, ask: Ask) -> str:
    if not commitment.clauses:
        return ask.say("timeline.whole")
    return name if len(name) <= 20 else name[:19] + "…"


def _short(ask: Ask, step: Step) -> str:
    words = ask.say(f"milestone.{step.milestone}")
    return words if step.stage is None else f"{step.stage.level} {words}"


def _suggested(ask: Ask, each: Evidence) -> str:
    found = each.development
    if found.setback is not None:
        return ask.say(f"setback.{found.setback}") + "?"
    if found.milestone is None:
        return ""
    words = ask.say(f"milestone.{found.milestone}")
    return f"{words}?" if found.stage is None else f"{found.stage.level} {words}?"


def _marks(ask: Ask, commitment: Commitment, first: date, today: date) -> list[Mark]:
    marks = [Mark(day=today, label=ask.say("timeline.today"), kind="f-today")]
    if commitment.pledged_on:
        day = first_day(commitment.pledged_on)
        marks.append(Mark(day=day, label=ask.say("timeline.pledged"), kind="f-pledged"))
    if commitment.due is not None:
        day = last_day(commitment.due.date)
        label = ask.say("timeline.due", date=edtf(commitment.due.date, ask.language))
        marks.append(Mark(day=day, label=label, kind="f-due"))
    for each in commitment.occasions:
        days = (
            [first_day(each.date)]
            if each.date
            else [date(year, each.month or 1, 1) for year in range(first.year, today.year + 2)]
        )
        marks += [
            Mark(day=day, label=each.name, kind="f-occ")
            for day in days
            if first <= day and today - MARK_SPAN <= day
        ]
    return marks
