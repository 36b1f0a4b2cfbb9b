"""The review queue in the chat: one card after the other; what is skipped is not lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alerts import answers, menus
from alerts.answers import button
from alerts.messages import Message, render_alert
from alerts.office import Answer, Asker, Office
from alerts.preparing import decided_on, view_of_development
from alerts.review_cards import decision_row, queue_card, with_review_row
from alerts.reviewing import only_analysts
from alerts.texts import say
from model.records import ChatKind, Language
from model.urgency import QueueItem
from storage.queueing import Wanted, listed
from storage.unit_of_work import UnitOfWork, begin, reading


class ReviewQueue:
    """The cards, and which groups review."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def review(self, asker: Asker, words: Sequence[str]) -> Answer:
        """Show the first card of the queue; in a group, let alerts carry the buttons or not."""
        word = words[0].lower() if words else ""
        if word in {"on", "off"}:
            return self._in_group(asker, on=word == "on")
        return self._card(asker, 0)

    def _in_group(self, asker: Asker, *, on: bool) -> Answer:
        office, language = self._office, self._office.language(asker)
        if asker.kind is ChatKind.PRIVATE:
            return Answer(message=answers.plain(language, "review.private"))
        with begin(office.database) as work:
            subscriber = office.known(work, asker)
            work.subscribers.save(replace(subscriber, reviews=on))
            work.audit.add(
                actor=asker.actor,
                role=office.role(asker),
                action="review_group",
                subject=str(asker.chat_id),
                before="on" if subscriber.reviews else "off",
                after="on" if on else "off",
                now=office.clock.now(),
            )
            work.commit()
        return Answer(message=answers.plain(language, "review.on" if on else "review.off"))

    def next_card(self, asker: Asker, number: str, skipped: str) -> Answer:
        """Show the card after one: what was decided has left the queue, what was skipped stays."""
        refused = only_analysts(self._office, asker)
        if refused is not None:
            return refused
        passed = menus.from_base36(skipped)
        if passed is None:
            return replace(self._card(asker, 0), replaces=True)
        here = f"F{menus.from_base36(number)}"
        with reading(self._office.database) as work:
            waits = not number or any(each.key == here for each in self._queue(work, asker))
        return replace(self._card(asker, passed + 1 if waits else passed), replaces=waits)

    def _queue(self, work: UnitOfWork, asker: Asker) -> tuple[QueueItem, ...]:
        office = self._office
        wanted = Wanted(viewer=asker.actor)
        return listed(work, office.watchlist(), office.clock.now(), wanted)

    def _card(self, asker: Asker, place: int) -> Answer:
        office, language = self._office, self._office.language(asker)
        with reading(office.database) as work:
            items = self._queue(work, asker)
            if not items:
                return Answer(message=answers.plain(language, "review.done"))
            if place >= len(items):
                again = button(say(language, "button.from_the_start"), menus.QUEUE)
                said = answers.plain(language, "review.all_skipped", n=len(items))
                return Answer(message=Message(said.html, said.plain, (again,)))
            message = self._shown(work, asker, items[place], language)
        return Answer(message=queue_card(message, items[place], place, len(items), language))

    def _shown(
        self, work: UnitOfWork, asker: Asker, item: QueueItem, language: Language
    ) -> Message:
        """Return the alert of a card's development, or what a clock says of its pledge."""
        office = self._office
        commitment = office.watchlist().commitment(item.commitment_id)
        if item.development is None or commitment is None:
            title = commitment.title_in(language) if commitment else item.commitment_id
            facts = dict(item.facts)
            kind = facts.pop("kind", "review")
            return answers.plain(language, f"review.clock.{kind}", title=title, **facts)
        now, development = office.clock.now(), item.development
        subscriber = work.subscribers.get(asker.chat_id)
        zone = (subscriber.timezone if subscriber else None) or office.zone
        view = view_of_development(work, commitment, development, now)
        row = decision_row(development, decided_on(work, development.id, now), language)
        return with_review_row(render_alert(view, language, zone), row)
