"""What a command or a button does, and the answer to it: no Telegram here."""

from __future__ import annotations

from collections.abc import Callable

from alerts import answers, menus
from alerts.administering import Administering
from alerts.editing import Editing
from alerts.looking import Looking
from alerts.messages import Message
from alerts.office import Answer, Asker, Office
from alerts.review_queue import ReviewQueue
from alerts.reviewing import Reviewing
from alerts.settings_menu import SettingsMenu
from alerts.subscribing import Subscribing
from alerts.texts import say
from model.clock import Clock
from model.desk import WatchlistDesk
from model.records import ChatId, Language, Role, Watchlist
from storage.database import Database
from storage.unit_of_work import begin

__all__ = ["Answer", "Asker", "CommandDesk"]


class CommandDesk:
    """Carries commands out; each is one transaction, and safe to repeat."""

    def __init__(
        self,
        database: Database,
        watchlist: Callable[[], Watchlist],
        clock: Clock,
        zone: str,
        *,
        invited_only: bool = False,
        role_of: Callable[[int], Role] = lambda user_id: Role.SUBSCRIBER,
        desk_url: str = "http://127.0.0.1:8080",
        watchlist_desk: WatchlistDesk | None = None,
    ) -> None:
        self.office = Office(
            database=database,
            watchlist=watchlist,
            clock=clock,
            zone=zone,
            invited_only=invited_only,
            role_of=role_of,
            desk_url=desk_url,
            desk=watchlist_desk,
        )
        self._subscribing = Subscribing(self.office)
        self._settings = SettingsMenu(self.office)
        self._looking = Looking(self.office)
        self._reviewing = Reviewing(self.office)
        self._queue = ReviewQueue(self.office)
        self._administering = Administering(self.office)
        self._editing = Editing(self.office)

    def language(self, asker: Asker) -> Language:
        """Return the language to answer in."""
        return self.office.language(asker)

    def text(self, asker: Asker, key: str) -> str:
        """Return one plain text in the chat's language."""
        return say(self.language(asker), key)

    # --- commands -------------------------------------------------------------------

    def run(self, command: str, asker: Asker, words: list[str], text: str = "") -> Answer:
        """Carry a command out; one that is not for this person is unknown to them.

        `text` is what followed the command, with its line breaks.
        """
        self._meet(asker)
        if not menus.may(self.office.role(asker), menus.needed_role(command)):
            return self.unknown(asker, command)
        whole = " ".join(words)
        found = self._of_everybody(asker, words, whole).get(command)
        if found is None:
            found = self._of_staff(asker, words, text or whole).get(command)
        return self.unknown(asker, command) if found is None else _answer(found())

    def _of_everybody(
        self, asker: Asker, words: list[str], whole: str
    ) -> dict[str, Callable[[], Answer | Message]]:
        first = words[0] if words else ""
        name, span = _name_and_span(words)
        subscribing, settings, looking = self._subscribing, self._settings, self._looking
        return {
            "start": lambda: self.start(asker, first),
            "subscribe": lambda: subscribing.subscribe(asker, whole),
            "unsubscribe": lambda: subscribing.unsubscribe(asker, whole),
            "list": lambda: settings.following(asker),
            "status": lambda: looking.status(asker, whole),
            "history": lambda: looking.history(asker, whole),
            "digest": lambda: settings.digest(asker, words),
            "quiet": lambda: settings.quiet(asker, words),
            "mute": lambda: subscribing.mute(asker, name, span),
            "unmute": lambda: subscribing.unmute(asker, whole),
            "lang": lambda: subscribing.lang(asker, whole),
            "export": lambda: subscribing.export(asker),
            "forget": lambda: subscribing.forget(asker),
            "help": lambda: looking.help(asker, first),
        }

    def _of_staff(
        self, asker: Asker, words: list[str], text: str
    ) -> dict[str, Callable[[], Answer | Message]]:
        administering, editing = self._administering, self._editing
        return {
            "review": lambda: self._queue.review(asker, words),
            "weblogin": lambda: administering.weblogin(asker),
            "invite": lambda: administering.invite(asker),
            "feeds": lambda: administering.feeds(asker, " ".join(words)),
            "test": lambda: administering.test(asker, text),
            "watch": lambda: self._of_watchlist(asker, lambda: editing.watch(asker, text)),
            "reload": lambda: self._of_watchlist(asker, lambda: editing.reload(asker)),
        }

    def _of_watchlist(self, asker: Asker, found: Callable[[], Answer]) -> Answer:
        if self.office.desk is None:
            return Answer(message=answers.plain(self.language(asker), "desk.missing"))
        return found()

    def start(self, asker: Asker, payload: str) -> Answer:
        """Say what this is; a payload follows a pledge, shows a development, or lets in."""
        if payload.startswith("d_"):
            shown = self._looking.development(asker, payload[2:])
            if shown is not None:
                return Answer(message=shown)
        return self._subscribing.start(asker, payload)

    def unknown(self, asker: Asker, command: str = "") -> Answer:
        """Return the answer to a command that nobody taught us, with the nearest there are."""
        office = self.office
        said = answers.unknown_command(command, office.role(asker), self.language(asker))
        return Answer(message=said)

    def refusal(self, asker: Asker) -> Answer:
        """Return what somebody is told who may not change a group's settings."""
        said = self.text(asker, "group.admins")
        return Answer(message=Message(said, said), notice=said, stop=True)

    # --- buttons --------------------------------------------------------------------

    def press(self, asker: Asker, data: str) -> Answer:
        """Do what a button says; whatever it holds was written by us, or by nobody we know."""
        self._meet(asker)
        action, first, rest = (data + "::").split(":", 2)
        rest = rest.rstrip(":")
        found = self._of_buttons(asker, first, rest).get(action)
        if found is None:
            said = self.text(asker, "button.old")
            return Answer(notice=said, stop=True)
        return _answer(found())

    def _of_buttons(
        self, asker: Asker, first: str, rest: str
    ) -> dict[str, Callable[[], Answer | Message]]:
        subscribing, settings, looking = self._subscribing, self._settings, self._looking
        return {
            menus.SUBSCRIBE: lambda: subscribing.subscribe(asker, first),
            menus.UNSUBSCRIBE: lambda: self._pressed_stop(asker, first, rest),
            menus.MUTE: lambda: subscribing.pressed_mute(asker, first, rest),
            menus.UNMUTE: lambda: subscribing.pressed_unmute(asker, first),
            menus.STATUS: lambda: looking.status(asker, first),
            menus.HISTORY: lambda: looking.history(asker, first),
            menus.CHOOSE: lambda: Answer(
                message=subscribing.choose(asker, first), replaces=bool(first)
            ),
            menus.TAGS: lambda: subscribing.choose_tag(asker),
            menus.LANGUAGE: lambda: subscribing.pressed_language(asker, first),
            menus.OPTIONS: lambda: settings.pressed_option(asker, first, rest),
            menus.DIGEST: lambda: settings.pressed_digest(asker, first),
            menus.QUIET: lambda: settings.pressed_quiet(asker, first),
            menus.FORGET: lambda: subscribing.forget(asker, first),
            menus.REMIND: lambda: subscribing.remind(asker, first, rest),
            menus.CONFIRM: lambda: self._reviewing.confirm(asker, first, rest),
            menus.REFUSE: lambda: self._reviewing.refuse(asker, first, rest),
            menus.JOIN: lambda: self._reviewing.join(asker, first, rest),
            menus.UNDO: lambda: self._reviewing.take_back(asker, first),
            menus.BACK: lambda: self._reviewing.back(asker, first),
            menus.QUEUE: lambda: self._queue.next_card(asker, first, rest),
            menus.ADMIN: lambda: self._pressed_admin(asker, first, rest),
        }

    def _pressed_stop(self, asker: Asker, name: str, sure: str) -> Message:
        if sure == "n":
            return answers.plain(self.language(asker), "unsubscribe.kept")
        return self._subscribing.unsubscribe(asker, name, sure=sure == "y")

    def _pressed_admin(self, asker: Asker, action: str, rest: str) -> Answer:
        if self.office.role(asker) is not Role.ADMIN:
            return Answer(notice=self.text(asker, "admin.only"), stop=True)
        if action in {menus.PAUSE, menus.RESUME, menus.FEED}:
            return self._administering.pressed_feed(asker, action, rest)
        return self._of_watchlist(asker, lambda: self._editing.pressed(asker, action, rest))

    def _meet(self, asker: Asker) -> None:
        """Remember how an analyst is called: other analysts are told who decided."""
        office, user = self.office, asker.user_id
        if user is None or office.role(asker) is Role.SUBSCRIBER:
            return
        if not asker.user_name or office.names.get(user) == asker.user_name:
            return
        office.names[user] = asker.user_name
        with begin(office.database) as work:
            work.people.meet(asker.actor, asker.user_name, office.clock.now())
            work.commit()

    # --- what happens to chats ------------------------------------------------------

    def left(self, chat_id: ChatId) -> None:
        """Note that a chat blocked or removed the bot."""
        with begin(self.office.database) as work:
            if work.subscribers.get(chat_id) is not None:
                work.subscribers.block(chat_id, self.office.clock.now())
            work.commit()

    def moved(self, old: ChatId, new: ChatId) -> None:
        """Follow a group to its new id."""
        with begin(self.office.database) as work:
            work.subscribers.move(old, new)
            work.commit()


def _answer(given: Answer | Message) -> Answer:
    return Answer(message=given) if isinstance(given, Message) else given


def _name_and_span(words: list[str]) -> tuple[str, str]:
    """Return a name and, where the last of several words looks like one, a span like 7d."""
    if len(words) > 1 and words[-1][:1].isdecimal():
        return " ".join(words[:-1]), words[-1]
    return " ".join(words), ""
