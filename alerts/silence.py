"""What clocks raise: silence, a date that passed, an occasion that passed. Pure.

Each claim carries the coverage behind it: in how many of the feeds we looked, and until when.
"""

from __future__ import annotations

from alerts import menus
from alerts.markup import Block, Piece, line, text_of
from alerts.messages import MOST_HEADLINE, Button, Keyboard, Message, message
from alerts.texts import day, edtf_day, gap, say, say_count, space_before, stage_name
from model.dates import last_day
from model.records import Alert, AlertReason, Commitment, Language, Stage

MARKS = {
    AlertReason.QUIET: "⏳",
    AlertReason.OVERDUE: "❗",
    AlertReason.OCCASION_PASSED: "📅",
}


def clock_line(alert: Alert, language: Language) -> tuple[Piece | str, ...]:
    """Return the one sentence that a clock has to say, bounded by what we looked at."""
    facts = dict(alert.facts)
    numbers = {"ok": facts.get("ok", "0"), "all": facts.get("all", "0")}
    if alert.reason is AlertReason.OVERDUE:
        date = edtf_day(facts.get("date", ""), language)
        return (say(language, "silence.overdue", n=facts.get("days", ""), date=date),)
    if alert.reason is AlertReason.OCCASION_PASSED:
        name = facts.get("name", "")
        return (say(language, "silence.occasion", name=name, **numbers),)
    return (say(language, "silence.quiet", n=facts.get("days", ""), **numbers),)


def render_silence(
    alert: Alert, commitment: Commitment, stage: Stage | None, language: Language
) -> Message:
    """Return the message of a clock: what passed, what we looked at, where the pledge stands."""
    facts = dict(alert.facts)
    title = text_of(commitment.title_in(language), MOST_HEADLINE, bold=True)
    mark = MARKS.get(alert.reason, "⏳")
    found = say(
        language,
        "silence.found",
        n=facts.get("days_watched", facts.get("days", "")),
        ok=facts.get("ok", "0"),
        all=facts.get("all", "0"),
    )
    blocks: list[Block | None] = [
        line(f"{mark} ", title),
        line(*clock_line(alert, language)),
        line(found) if alert.reason is AlertReason.OVERDUE else None,
        line(say(language, "silence.last", date=edtf_day(facts["last"], language)))
        if "last" in facts
        else None,
        _due_line(alert, commitment, language),
        _stage_line(stage, language),
        line(say(language, "silence.bot")),
    ]
    return message(blocks, _buttons(commitment, language))


def render_reminder(
    alert: Alert, commitment: Commitment, stage: Stage | None, language: Language
) -> Message:
    """Return what a chat wanted to be reminded of: that nothing came since it asked."""
    asked = day(alert.raised_at.date(), language)
    title = text_of(commitment.title_in(language), MOST_HEADLINE, bold=True)
    blocks = [
        line("💤 ", title),
        line(say(language, "remind.now", date=asked)),
        _stage_line(stage, language),
    ]
    return message(blocks, _buttons(commitment, language))


def _buttons(commitment: Commitment, language: Language) -> Keyboard:
    remind = Button(say(language, "button.remind"), data=f"{menus.REMIND}:{commitment.id}:30")
    return (
        (Button(say(language, "button.history"), data=f"{menus.HISTORY}:{commitment.id}"), remind),
        (Button(say(language, "button.mute"), data=f"{menus.MUTE}:{commitment.id}"),),
    )


def _due_line(alert: Alert, commitment: Commitment, language: Language) -> Block | None:
    """Return by when it is due and how long that is; a date that passed is told already."""
    if commitment.due is None or alert.reason is AlertReason.OVERDUE:
        return None
    label = say(language, "status.due")
    left = (last_day(commitment.due.date) - alert.raised_at.date()).days
    date = edtf_day(commitment.due.date, language)
    told = say_count(language, "silence.days_left", left) if left >= 0 else ""
    return line(Piece(label, bold=True), f"{gap(label)}{date}{told}")


def _stage_line(stage: Stage | None, language: Language) -> Block | None:
    if stage is None:
        return None
    label, note = say(language, "alert.stage"), say(language, "alert.confirmed")
    shown = f"{gap(label)}{stage_name(stage, language)}{space_before(note)}"
    return line(Piece(label, bold=True), shown, Piece(note, italic=True))
