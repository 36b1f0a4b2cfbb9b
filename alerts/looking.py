"""Where a pledge stands, what became of it, and whether the program is well: nothing changes."""

from __future__ import annotations

from alerts import answers, menus
from alerts.answers import Health, Told
from alerts.messages import Message, render_alert
from alerts.office import Answer, Asker, Office
from alerts.preparing import decided_on, view_of_development
from alerts.review_cards import decision_row, with_review_row
from alerts.targets import find_pledge
from alerts.texts import say
from alerts.timeline import draw
from model.errors import MissingRecordError
from model.records import (
    ChatId,
    CommitmentId,
    DevelopmentId,
    FeedHealth,
    Language,
    Relation,
    Role,
)
from model.standing import standing
from storage.unit_of_work import UnitOfWork, reading

DRAWN = 60  # follow-ups that a picture shows


class Looking:
    """Answers that change nothing."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def status(self, asker: Asker, name: str) -> Answer:
        """Say and draw where a pledge stands; without a name, say how the program is."""
        office = self._office
        language = office.language(asker)
        if not name:
            health = answers.health(self._health(asker.chat_id), office.zone, language)
            return Answer(message=health)
        commitment = find_pledge(name, office.watchlist())
        if commitment is None:
            return Answer(message=self._unknown(name, menus.STATUS, language))
        now = office.clock.now()
        with reading(office.database) as work:
            decisions = work.decisions.of_commitment(commitment.id)
            told = self._told(work, commitment.id, DRAWN)
            since = work.coverage.began()
        stands = standing(commitment, decisions, now.date())
        said = answers.where_it_stands(commitment, stands, told[0] if told else None, language)
        picture = draw(
            commitment,
            stands,
            [each.development for each in told if each.development.outcome is None],
            language,
            now.date(),
            None if since is None else since.date(),
        )
        return Answer(message=said, picture=picture)

    def _health(self, chat_id: ChatId) -> Health:
        watchlist = self._office.watchlist()
        ids = {feed.id for feed in watchlist.feeds}
        with reading(self._office.database) as work:
            states = [state for state in work.feeds.all() if state.feed_id in ids]
            following = len(work.subscribers.subscriptions(chat_id))
        return Health(
            commitments=len(watchlist.commitments),
            feeds=len(watchlist.feeds),
            answering=sum(state.health is FeedHealth.HEALTHY for state in states),
            last_poll_at=max((s.last_polled_at for s in states if s.last_polled_at), default=None),
            following=following,
        )

    def history(self, asker: Asker, name: str) -> Message:
        """Show a pledge's follow-ups, newest first."""
        language = self._office.language(asker)
        if not name:
            return answers.plain(language, "history.usage")
        commitment = find_pledge(name, self._office.watchlist())
        if commitment is None:
            return self._unknown(name, menus.HISTORY, language)
        with reading(self._office.database) as work:
            told = self._told(work, commitment.id, answers.SHOWN)
        return answers.history(commitment, told, language)

    def _told(self, work: UnitOfWork, commitment_id: CommitmentId, limit: int) -> list[Told]:
        found = work.developments.listed(
            commitment_id=commitment_id, relation=Relation.FOLLOW_UP, limit=limit
        )
        return [
            Told(development=each, lead=next(iter(work.developments.reports(each.id, 1)), None))
            for each in found
        ]

    def development(self, asker: Asker, name: str) -> Message | None:
        """Show one development, as its alert would; None where there is none of that number."""
        office = self._office
        number = name.strip().upper().lstrip("#").removeprefix("F")
        if not number.isascii() or not number.isdecimal() or len(number) > 15:
            return None
        with reading(office.database) as work:
            try:
                development = work.developments.get(DevelopmentId(int(number)))
            except MissingRecordError:
                return None
            commitment = office.watchlist().commitment(development.commitment_id)
            if commitment is None:
                return None
            now = office.clock.now()
            view = view_of_development(work, commitment, development, now)
            decided = decided_on(work, development.id, now)
            subscriber = work.subscribers.get(asker.chat_id)
        language = office.language(asker)
        zone = subscriber.timezone if subscriber and subscriber.timezone else office.zone
        shown = render_alert(view, language, zone)
        if office.role(asker) is not Role.SUBSCRIBER:
            shown = with_review_row(shown, decision_row(development, decided, language))
        follow = answers.button(
            say(language, "button.follow"), f"{menus.SUBSCRIBE}:{commitment.id}"
        )
        rows = (*shown.buttons, follow) if follow else shown.buttons
        return Message(shown.html, shown.plain, rows)

    def help(self, asker: Asker, command: str) -> Message:
        """Show all commands, or one whole."""
        wanted = command.strip().lstrip("/").lower() or None
        office = self._office
        return answers.help_text(office.language(asker), wanted, office.role(asker))

    def _unknown(self, name: str, action: str, language: Language) -> Message:
        watchlist = self._office.watchlist()
        return answers.unknown_name(name, action, watchlist, language, pledges_only=True)
