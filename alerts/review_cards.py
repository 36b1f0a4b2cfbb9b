"""What analysts see in the chat: the buttons under an alert, and the queue's cards. Pure.

Buttons hold the number of a development and what is decided; what stands is looked up when one is
pressed, so an old button, a second press or a restart changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alerts import menus
from alerts.markup import BLANK, Piece, cut, line
from alerts.messages import Button, Keyboard, Message, message
from alerts.texts import day, say, say_count
from model.records import DecisionId, Development, Language, Outcome
from model.urgency import QueueItem

# What stands under an alert as decided; who is unsure leaves it open.
SETTLED = frozenset(
    {
        Outcome.CONFIRMED,
        Outcome.RESTATEMENT,
        Outcome.SETBACK,
        Outcome.REJECTED,
        Outcome.JOINED,
        Outcome.MOVED,
    }
)
# Why something is no follow-up: the reason in the ledger, by the words on the button.
REASONS = {4: "nothing_new", 5: "only_planned", 7: "old_news", 1: "not_this"}
OTHERS = 5  # developments that a duplicate may be of
SETBACK = "s"  # on the button that confirms a setback, where a stage stands on others
MOST_LABEL = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision that stands, and how the analyst is called."""

    id: DecisionId
    outcome: Outcome
    by: str
    actor: str
    at: datetime


def with_review_row(message: Message, rows: Keyboard) -> Message:
    """Return a message with the analysts' buttons below the first row."""
    return replace(message, buttons=(*message.buttons[:1], *rows, *message.buttons[1:]))


def decision_row(development: Development, decided: Decided | None, language: Language) -> Keyboard:
    """Return what may be decided, or what was and its way back."""
    if decided is not None:
        return (undo_button(decided, language),)
    number = menus.to_base36(development.id)
    confirm = Button(
        say(language, "button.confirm"), data=f"{menus.CONFIRM}:{number}:{suggested(development)}"
    )
    refuse = Button(say(language, "button.refuse"), data=f"{menus.REFUSE}:{number}")
    join = Button(say(language, "button.duplicate"), data=f"{menus.JOIN}:{number}")
    # Without a milestone or a setback there is nothing that could be confirmed.
    confirms = development.milestone is not None or development.setback is not None
    return ((confirm, refuse), (join,)) if confirms else ((refuse, join),)


def suggested(development: Development) -> str:
    """Return what a button to confirm holds: the stage that was shown, as a digit."""
    if development.setback is not None:
        return SETBACK
    return "" if development.stage is None else str(development.stage.level)


def undo_button(decided: Decided, language: Language) -> tuple[Button, ...]:
    """Return the one button under what was decided: by whom, and its way back."""
    said = say(language, f"decided.{decided.outcome}", by=cut(decided.by, 24))
    label = say(language, "button.undo_decision", what=said)
    return (Button(label, data=f"{menus.UNDO}:{menus.to_base36(decided.id)}"),)


def why_not(development: Development, language: Language) -> Keyboard:
    """Return the question why something is no follow-up."""
    number = menus.to_base36(development.id)
    choices = [
        Button(say(language, f"why_not.{name}"), data=f"{menus.REFUSE}:{number}:{reason}")
        for reason, name in REASONS.items()
    ]
    return (tuple(choices[:2]), tuple(choices[2:]), _back(number, language))


def which_other(
    development: Development, others: Sequence[Development], language: Language
) -> Keyboard:
    """Return the pledge's newest other developments: the event is the same as one of them."""
    number = menus.to_base36(development.id)
    rows = [
        (
            Button(
                cut(f"#F{each.id} {_when(each, language)} {each.headline}", MOST_LABEL),
                data=f"{menus.JOIN}:{number}:{menus.to_base36(each.id)}",
            ),
        )
        for each in others[:OTHERS]
    ]
    return (*rows, _back(number, language))


def _when(development: Development, language: Language) -> str:
    return day(development.first_seen_at.date(), language)


def _back(number: str, language: Language) -> tuple[Button, ...]:
    return (Button(say(language, "button.back"), data=f"{menus.BACK}:{number}"),)


def queue_card(
    shown: Message, item: QueueItem, place: int, left: int, language: Language
) -> Message:
    """Return a card of the queue: how many are left, why it is there, and the way on."""
    head = say_count(language, "review.left", left)
    why = say(language, f"urgency.{item.urgency}")
    top = message([line(Piece(f"{head} · {why}", italic=True)), BLANK])
    number = "" if item.development is None else menus.to_base36(item.development.id)
    data = f"{menus.QUEUE}:{number}:{menus.to_base36(place)}"
    onward = (Button(say(language, "button.next_card"), data=data),)
    kept = shown.buttons[:-1] if item.development is not None else shown.buttons  # no mute here
    return Message(f"{top.html}\n{shown.html}", f"{top.plain}\n{shown.plain}", (*kept, onward))
