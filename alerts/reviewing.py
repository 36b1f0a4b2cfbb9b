"""Analysts decide in the chat, by the buttons under an alert or a card of the queue.

The role is looked up at every press. The first to decide wins; whoever comes second is told who it
was. What a decision means for messages that were sent is the outbox's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts import menus
from alerts.messages import Keyboard
from alerts.office import Answer, Asker, Office
from alerts.preparing import decided_on
from alerts.review_cards import OTHERS, REASONS, decision_row, suggested, which_other, why_not
from alerts.texts import moment_in, say
from model.errors import ConflictError, DecisionRefusedError, MissingRecordError
from model.records import (
    Decision,
    DecisionId,
    Development,
    DevelopmentId,
    Language,
    Outcome,
    Report,
    Role,
)
from storage.deciding import decide, undo
from storage.unit_of_work import UnitOfWork, begin, reading

REJECTED_FOR = frozenset({1})  # reasons that say "not this pledge"; the others: nothing new


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to decide."""

    outcome: Outcome
    reason: int | None = None
    other_id: str | None = None
    shown: str | None = None  # what the button confirms, as it was suggested then


class Reviewing:
    """Decisions by button."""

    def __init__(self, office: Office) -> None:
        self._office = office

    # --- under an alert -------------------------------------------------------------

    def confirm(self, asker: Asker, number: str, shown: str) -> Answer:
        """Confirm what was suggested, if it is suggested still."""
        return self._decide(asker, number, Wish(outcome=Outcome.CONFIRMED, shown=shown))

    def refuse(self, asker: Asker, number: str, reason: str) -> Answer:
        """Ask why it is no follow-up; with a reason, decide so."""
        if not reason:
            return self._ask(asker, number, why=True)
        code = int(reason) if reason.isascii() and reason.isdecimal() else 0
        if code not in REASONS:
            return self._old(asker)
        rejected = code in REJECTED_FOR
        outcome = Outcome.REJECTED if rejected else Outcome.RESTATEMENT
        return self._decide(asker, number, Wish(outcome=outcome, reason=code))

    def join(self, asker: Asker, number: str, other: str) -> Answer:
        """Ask which event it is the same as; with one, decide so."""
        if not other:
            return self._ask(asker, number, why=False)
        target = menus.from_base36(other)
        if target is None:
            return self._old(asker)
        return self._decide(asker, number, Wish(outcome=Outcome.JOINED, other_id=f"F{target}"))

    def back(self, asker: Asker, number: str) -> Answer:
        """Show again what may be decided, or what was."""
        return self._look(asker, number) or self._old(asker)

    def take_back(self, asker: Asker, number: str) -> Answer:
        """Undo a decision, by a new row that says so."""
        refused = only_analysts(self._office, asker)
        decision_id = menus.from_base36(number)
        if refused is not None or decision_id is None:
            return refused or self._old(asker)
        office, language = self._office, self._office.language(asker)
        now = office.clock.now()
        with begin(office.database) as work:
            try:
                taken = work.decisions.get(DecisionId(decision_id))
                undo(
                    work,
                    office.watchlist(),
                    taken.id,
                    actor=asker.actor,
                    role=office.role(asker),
                    now=now,
                )
            except MissingRecordError:
                return Answer(notice=say(language, "button.old"), stop=True)
            except DecisionRefusedError:
                return self._stands(work, taken, asker, language)
            assert taken.development_id is not None
            row = self._row(work, taken.development_id, language, now)
            work.commit()
        return Answer(row=row, group=menus.OF_ANALYSTS, notice=say(language, "review.undone"))

    def _stands(
        self, work: UnitOfWork, taken: Decision, asker: Asker, language: Language
    ) -> Answer:
        """Say that there is nothing to undo, and show what stands now."""
        said = say(language, "review.undone_before")
        if taken.development_id is None:
            return Answer(notice=said, stop=True)
        row = self._row(work, taken.development_id, language, self._office.clock.now())
        return Answer(row=row, group=menus.OF_ANALYSTS, notice=said, stop=True)

    def _decide(self, asker: Asker, number: str, wish: Wish) -> Answer:
        refused = only_analysts(self._office, asker)
        if refused is not None:
            return refused
        office, language = self._office, self._office.language(asker)
        now = office.clock.now()
        with begin(office.database) as work:
            development = _development(work, number)
            if development is None:
                return self._old(asker)
            if wish.shown is not None and _changed(work, development, wish.shown, now):
                row = self._row(work, development.id, language, now)
                changed = say(language, "review.changed")
                return Answer(row=row, group=menus.OF_ANALYSTS, notice=changed, stop=True)
            reports = work.developments.reports(development.id)
            decision = _decision(development, reports, wish, asker, office.role(asker), now)
            try:
                decide(work, office.watchlist(), decision)
            except ConflictError as error:
                return self._second(work, development.id, error, asker, language)
            except DecisionRefusedError as error:
                why = [say(language, f"refusal.{each}") for each in error.refusals]
                said = say(language, "review.refused", why=say(language, "alert.comma").join(why))
                return Answer(notice=said, stop=True)
            except MissingRecordError:
                return Answer(notice=say(language, "button.gone"), stop=True)
            decided = decided_on(work, development.id, now)
            row = self._row(work, development.id, language, now)
            work.commit()
        assert decided is not None
        said = say(language, f"decided.{decided.outcome}", by=decided.by)
        return Answer(row=row, group=menus.OF_ANALYSTS, notice=said)

    def _second(
        self,
        work: UnitOfWork,
        development_id: DevelopmentId,
        error: ConflictError,
        asker: Asker,
        language: Language,
    ) -> Answer:
        """Say who was first, and when; the buttons show what stands."""
        now = self._office.clock.now()
        row = self._row(work, development_id, language, now)
        if error.other is None:
            said = say(language, "review.changed")
            return Answer(row=row, group=menus.OF_ANALYSTS, notice=said, stop=True)
        other = error.other
        mine = other.actor == asker.actor
        said = say(
            language,
            "review.by_you" if mine else "review.first",
            what=say(language, f"decided.{other.outcome}", by=work.people.name(other.actor)),
            when=self._when(work, asker, other.decided_at, language),
        )
        return Answer(row=row, group=menus.OF_ANALYSTS, notice=said, stop=True)

    def _when(self, work: UnitOfWork, asker: Asker, at: datetime, language: Language) -> str:
        """Return the time of a day that is today, else day and time."""
        subscriber = work.subscribers.get(asker.chat_id)
        zone = (subscriber.timezone if subscriber else None) or self._office.zone
        here, today = at.astimezone(ZoneInfo(zone)), self._office.clock.now()
        if here.date() == today.astimezone(ZoneInfo(zone)).date():
            return f"{here:%H:%M}"
        return moment_in(at, zone, language)

    def _ask(self, asker: Asker, number: str, *, why: bool) -> Answer:
        """Put a question in the place of the buttons; of what is decided, show that instead."""
        refused = only_analysts(self._office, asker)
        if refused is not None:
            return refused
        office, language = self._office, self._office.language(asker)
        with reading(office.database) as work:
            development = _development(work, number)
            if development is None:
                return self._old(asker)
            if decided_on(work, development.id, office.clock.now()) is not None:
                row = self._row(work, development.id, language, office.clock.now())
            elif why:
                row = why_not(development, language)
            else:
                recent = work.developments.listed(
                    commitment_id=development.commitment_id, limit=OTHERS + 1
                )
                others = [each for each in recent if each.id != development.id]
                if not others:
                    return Answer(notice=say(language, "review.no_other"), stop=True)
                row = which_other(development, others, language)
        return Answer(row=row, group=menus.OF_ANALYSTS)

    def _look(self, asker: Asker, number: str) -> Answer | None:
        refused = only_analysts(self._office, asker)
        if refused is not None:
            return refused
        with reading(self._office.database) as work:
            development = _development(work, number)
            if development is None:
                return None
            language = self._office.language(asker)
            row = self._row(work, development.id, language, self._office.clock.now())
        return Answer(row=row, group=menus.OF_ANALYSTS)

    def _row(
        self, work: UnitOfWork, development_id: DevelopmentId, language: Language, now: datetime
    ) -> Keyboard:
        development = work.developments.get(development_id)
        return decision_row(development, decided_on(work, development_id, now), language)

    def _old(self, asker: Asker) -> Answer:
        return Answer(notice=say(self._office.language(asker), "button.old"), stop=True)


def only_analysts(office: Office, asker: Asker) -> Answer | None:
    """Return what somebody is told who may not decide; None: they may."""
    if office.role(asker) is not Role.SUBSCRIBER:
        return None
    return Answer(notice=say(office.language(asker), "review.only_analysts"), stop=True)


def _development(work: UnitOfWork, number: str) -> Development | None:
    """Return the development that a button means; None where there is none of that number."""
    found = menus.from_base36(number)
    if found is None:
        return None
    try:
        return work.developments.get(DevelopmentId(found))
    except MissingRecordError:
        return None


def _changed(work: UnitOfWork, development: Development, shown: str, now: datetime) -> bool:
    """Tell whether something else is suggested than the button says, and nobody has decided."""
    if decided_on(work, development.id, now) is not None:
        return False  # who was first is told instead
    return suggested(development) != shown


def _decision(
    development: Development,
    reports: Sequence[Report],
    wish: Wish,
    asker: Asker,
    role: Role,
    now: datetime,
) -> Decision:
    """Return the decision that a button stands for, with the evidence that was shown."""
    decision = Decision(
        commitment_id=development.commitment_id,
        development_id=development.id,
        actor=asker.actor,
        role=role,
        outcome=wish.outcome,
        reason=wish.reason,
        other_id=wish.other_id,
        decided_at=now,
    )
    if wish.outcome is not Outcome.CONFIRMED:
        return decision
    quotes = [each.quote for report in reports[:1] for each in report.hit.suggestion.triggers]
    decision = replace(decision, quote=" … ".join(quotes), milestone_date=development.event_date)
    if development.setback is not None:
        return replace(decision, outcome=Outcome.SETBACK, setback=development.setback)
    return replace(decision, milestone=development.milestone, place=development.place)
