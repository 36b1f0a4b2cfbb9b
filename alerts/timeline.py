"""A pledge's timeline as a picture: a lane a clause, what is confirmed and what is not. Pure.

Where the system has no font for Han characters the picture speaks Latin, and the words stand in the
caption below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from babel.dates import get_month_names

from alerts.texts import edtf_day, say
from model.dates import first_day, last_day
from model.drawing import Words, as_png, draws_han, fitting
from model.ledger import Step, clause_names
from model.records import Commitment, Development, Language
from model.standing import Standing
from model.timeline import Event, Facts, Mark, timeline

MOST_LANES = 8
LOCALES = {
    Language.ENGLISH: "en",
    Language.CHINESE_SIMPLIFIED: "zh_Hans",
    Language.CHINESE_TRADITIONAL: "zh_Hant",
}
LONG_AGO = timedelta(days=36_500)  # before we watched, nothing was observed


def draw(
    commitment: Commitment,
    stands: Standing,
    suggested: Sequence[Development],
    language: Language,
    today: date,
    watched_since: date | None,
) -> bytes:
    """Return the timeline as a PNG."""
    words = language if draws_han() else Language.ENGLISH
    lanes = clause_names(commitment)[:MOST_LANES]
    events = [
        Event(day=first_day(step.date), lane=lane, label=_label(step, words), confirmed=True)
        for step in stands.steps
        if step.date
        for lane, name in enumerate(lanes)
        if not step.clauses or name in step.clauses
    ]
    events += [Event(day=_day_of(e), lane=0, label="", confirmed=False) for e in suggested]
    since = watched_since or today
    months = get_month_names("abbreviated", locale=LOCALES[words])
    facts = Facts(
        lanes=fitting(lanes),
        events=events,
        marks=_marks(commitment, today, words),
        gaps=[(since - LONG_AGO, since - timedelta(days=1))],
        today=today,
        months=[months[number] for number in range(1, 13)],
    )
    return as_png(timeline(facts), _words(commitment, words))


def _label(step: Step, language: Language) -> str:
    return "" if step.stage is None else say(language, f"stage.{step.stage}")


def _day_of(development: Development) -> date:
    seen = development.first_seen_at.date()
    return first_day(development.event_date) if development.event_date else seen


def _marks(commitment: Commitment, today: date, language: Language) -> list[Mark]:
    """Return today, the pledge and the due date, which stand across all lanes."""
    marks = [Mark(day=today, label=say(language, "timeline.today"), kind="f-today")]
    if commitment.pledged_on is not None:
        day = first_day(commitment.pledged_on)
        marks.append(Mark(day=day, label=say(language, "timeline.pledged"), kind="f-pledged"))
    if commitment.due is not None:
        when = edtf_day(commitment.due.date, language)
        label = f"{say(language, 'timeline.due')} {when}"
        marks.append(Mark(day=last_day(commitment.due.date), label=label, kind="f-due"))
    return marks


def _words(commitment: Commitment, language: Language) -> Words:
    return Words(
        title=commitment.title_in(language),
        confirmed=say(language, "timeline.confirmed"),
        suggested=say(language, "timeline.suggested"),
        unobserved=say(language, "timeline.unobserved"),
    )
