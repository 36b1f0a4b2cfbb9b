"""From a form to a decision: what an analyst pressed, in the words of the audit. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from model.records import (
    Commitment,
    Decision,
    Development,
    DevelopmentId,
    HitId,
    Milestone,
    Outcome,
    Report,
    Setback,
)
from review.asking import Ask

LONGEST_NOTE, LONGEST_PLACE = 2000, 200
REASONS = range(1, 10)
REJECTS = frozenset({1, 2, 8, 9})  # the others say: it is this pledge, and nothing new


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """What was asked for, about what."""

    what: str  # "confirm", "reject-2", …
    ask: Ask
    commitment: Commitment
    development: Development | None
    lead: Report | None
    hit_ids: tuple[HitId, ...]


def decision_of(pressed: Pressed) -> Decision | None:
    """Return the decision that a button stands for; None where it stands for none."""
    what, _, number = pressed.what.partition("-")
    if what == "reject" and number.isdecimal() and int(number) in REASONS:
        return _with_reason(pressed, int(number))
    make = BUTTONS.get(pressed.what)
    return None if make is None else make(pressed)


def _base(pressed: Pressed, outcome: Outcome, **facts: object) -> Decision:
    ask = pressed.ask
    values: dict[str, object] = {
        "commitment_id": pressed.commitment.id,
        "development_id": None if pressed.development is None else pressed.development.id,
        "hit_ids": pressed.hit_ids,
        "actor": ask.visitor.actor,
        "role": ask.visitor.role,
        "outcome": outcome,
        "decided_at": ask.now,
        "note": ask.field("note")[:LONGEST_NOTE],
    }
    return Decision(**values | facts)  # type: ignore[arg-type]


def _confirm(pressed: Pressed) -> Decision:
    """Take the suggestion as it stands: a setback where it is one, else its milestone."""
    found = pressed.development
    if found is None:
        return _base(pressed, Outcome.CONFIRMED)
    facts: dict[str, object] = {"place": found.place, "quote": _quote(pressed)}
    if found.setback is not None:
        return _base(pressed, Outcome.SETBACK, setback=found.setback, **facts)
    return _base(
        pressed,
        Outcome.CONFIRMED,
        milestone=found.milestone,
        milestone_date=found.event_date,
        **facts,
    )


def _confirm_changed(pressed: Pressed) -> Decision:
    ask = pressed.ask
    clauses = [each for each in ask.form.getlist("clause") if isinstance(each, str)]
    return _base(
        pressed,
        Outcome.CONFIRMED,
        milestone=_choice(Milestone, ask.field("milestone")),
        milestone_date=ask.field("date") or None,
        place=ask.field("place")[:LONGEST_PLACE] or None,
        clause_ids=tuple(clauses),
        quote=_quote(pressed),
    )


def _set_back(pressed: Pressed) -> Decision:
    chosen = _choice(Setback, pressed.ask.field("setback"))
    if chosen is None and pressed.development is not None:
        chosen = pressed.development.setback
    date = pressed.ask.field("setback_date") or None
    return _base(
        pressed, Outcome.SETBACK, setback=chosen, milestone_date=date, quote=_quote(pressed)
    )


def _with_reason(pressed: Pressed, reason: int) -> Decision:
    outcome = Outcome.REJECTED if reason in REJECTS else Outcome.RESTATEMENT
    note = pressed.ask.field("reject_note")[:LONGEST_NOTE]
    return _base(pressed, outcome, reason=reason, note=note)


def _split(pressed: Pressed) -> Decision:
    """Take the chosen hits out; that they are another event is remembered."""
    chosen = [each for each in pressed.ask.form.getlist("hit") if isinstance(each, str)]
    ids = tuple(HitId(int(each)) for each in chosen if each.isdecimal())
    return _base(pressed, Outcome.SPLIT, hit_ids=ids)


def _judge(pressed: Pressed) -> Decision:
    ask = pressed.ask
    successor = ask.field("successor") or None
    return _base(pressed, Outcome.VERDICT, verdict=ask.field("verdict") or None, other_id=successor)


def _choice(kind: type[Milestone] | type[Setback], text: str) -> object:
    return kind(text) if text in tuple(kind) else None


def _quote(pressed: Pressed) -> str:
    """Return the words that the finding rests on, to the letter."""
    if pressed.lead is None:
        return ""
    triggers = pressed.lead.hit.suggestion.triggers
    matches = pressed.lead.hit.matches
    return " … ".join([*(each.quote for each in matches[:1]), *(e.quote for e in triggers[:1])])


BUTTONS: dict[str, Callable[[Pressed], Decision]] = {
    "confirm": _confirm,
    "confirm-changed": _confirm_changed,
    "restatement": lambda pressed: _base(pressed, Outcome.RESTATEMENT),
    "setback": _set_back,
    "join": lambda pressed: _base(
        pressed, Outcome.JOINED, other_id=pressed.ask.field("join_to").upper() or None
    ),
    "split": _split,
    "move": lambda pressed: _base(
        pressed, Outcome.MOVED, other_id=pressed.ask.field("move_to") or None
    ),
    "unsure": lambda pressed: _base(pressed, Outcome.UNSURE),
    "verdict": _judge,
}


def development_in(text: str) -> DevelopmentId | None:
    """Read a card's key: `F42`; None for a clock's."""
    number = text.removeprefix("F")
    is_one = text.startswith("F") and number.isascii() and number.isdecimal() and len(number) < 16
    return DevelopmentId(int(number)) if is_one else None
