"""A pledge's timeline as a file: the facts of an extract, put where they are drawn. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from babel.dates import get_month_names

from model.dates import first_day, last_day
from model.drawing import Words, fitting
from model.ledger import Step, clause_names
from model.records import Commitment, Language
from model.timeline import Event, Facts, Mark, Timeline, timeline
from review.exports import what_happened
from review.extract import Extract, Told
from review.texts import edtf, say
from storage.board import Row
from storage.looking import Looked

LOCALES = {
    Language.ENGLISH: "en",
    Language.CHINESE_SIMPLIFIED: "zh_Hans",
    Language.CHINESE_TRADITIONAL: "zh_Hant",
}
OCCASIONS = timedelta(days=900)  # occasions that long ago are not drawn
BEFORE = timedelta(days=60)


def timeline_of(found: Extract, row: Row, looked: Looked, language: Language) -> Timeline:
    """Return a pledge's timeline as it stood."""
    commitment = row.commitment
    suggested = [_suggested(each, language) for each in found.told if _waits(each, commitment)]
    return lay_out(row, suggested, looked, found.as_of, language)


def lay_out(
    row: Row, suggested: Sequence[Event], looked: Looked, today: date, language: Language
) -> Timeline:
    """Return the timeline of a pledge with its confirmed steps and what is suggested."""
    commitment = row.commitment
    lanes = clause_names(commitment)
    events = [
        Event(day=first_day(step.date), lane=lane, label=_step(step, language), confirmed=True)
        for step in row.standing.steps
        if step.date
        for lane, name in enumerate(lanes)
        if not step.clauses or name in step.clauses
    ]
    events += suggested
    first = min([today, *(each.day for each in events), *_pledged(commitment)])
    months = get_month_names("abbreviated", locale=LOCALES[language])
    whole = [say(language, "timeline.whole")]
    return timeline(
        Facts(
            lanes=fitting(lanes) if commitment.clauses else whole,
            events=events,
            marks=_marks(commitment, first, today, language),
            gaps=looked.gaps(first - BEFORE, today),
            today=today,
            months=[months[number] for number in range(1, 13)],
        )
    )


def words_of(commitment: Commitment, language: Language) -> Words:
    """Return what is written around it."""
    return Words(
        title=commitment.title_in(language),
        confirmed=say(language, "step.confirmed"),
        suggested=say(language, "step.suggested"),
        unobserved=say(language, "timeline.unobserved"),
    )


def _waits(told: Told, commitment: Commitment) -> bool:
    own = told.development.commitment_id == commitment.id
    return own and told.outcome is None


def _step(step: Step, language: Language) -> str:
    words = say(language, f"milestone.{step.milestone}")
    return words if step.stage is None else f"{step.stage.level} {words}"


def _suggested(told: Told, language: Language) -> Event:
    milestone, setback, when, _ = what_happened(told)
    label = ""
    if setback is not None:
        label = say(language, f"setback.{setback}") + "?"
    elif milestone is not None:
        label = say(language, f"milestone.{milestone}") + "?"
    day = first_day(when) if when else told.development.first_seen_at.date()
    return Event(day=day, lane=0, label=label, confirmed=False)


def _pledged(commitment: Commitment) -> list[date]:
    return [first_day(commitment.pledged_on)] if commitment.pledged_on else []


def _marks(commitment: Commitment, first: date, today: date, language: Language) -> list[Mark]:
    marks = [Mark(day=today, label=say(language, "timeline.today"), kind="f-today")]
    pledged = say(language, "timeline.pledged")
    marks += [Mark(day=day, label=pledged, kind="f-pledged") for day in _pledged(commitment)]
    if commitment.due is not None:
        label = say(language, "timeline.due", date=edtf(commitment.due.date, language))
        marks.append(Mark(day=last_day(commitment.due.date), label=label, kind="f-due"))
    for each in commitment.occasions:
        years = range(first.year, today.year + 2)
        days = [date(year, each.month or 1, 1) for year in years]
        if each.date:
            days = [first_day(each.date)]
        marks += [
            Mark(day=day, label=each.name, kind="f-occ")
            for day in days
            if day >= max(first, today - OCCASIONS)
        ]
    return marks
