"""What everybody at the desk works with: who asks, what is answered, and where things are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from alerts.messages import Keyboard, Message
from alerts.texts import language_of
from model.clock import Clock
from model.desk import WatchlistDesk
from model.records import ChatId, ChatKind, Language, Role, Subscriber, Watchlist
from storage.database import Database
from storage.unit_of_work import UnitOfWork, reading


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as Telegram tells it."""

    chat_id: ChatId
    kind: ChatKind
    language_code: str | None
    topic_id: int | None = None
    user_id: int | None = None  # None: a channel, or an administrator who stays anonymous
    user_name: str = ""
    bot: str = ""  # our own name, for links

    @property
    def actor(self) -> str:
        """Return how the audit names who asks."""
        return f"telegram:{self.user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said back, and where."""

    message: Message | None = None
    replaces: bool = False  # in place of the message whose button was pressed
    row: Keyboard | None = None  # takes the place of the rows with one of `group`'s buttons
    group: frozenset[str] = frozenset()
    notice: str | None = None  # shown over the chat to whoever pressed
    stop: bool = False  # the notice has to be put away by hand
    picture: bytes | None = None  # PNG, above the message's text
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The database, the watchlist in use, the time, and who may what."""

    database: Database
    watchlist: Callable[[], Watchlist]
    clock: Clock
    zone: str
    invited_only: bool = False
    desk_url: str = "http://127.0.0.1:8080"  # where the review page is
    desk: WatchlistDesk | None = None  # None: this process cannot edit the watchlist
    role_of: Callable[[int], Role] = lambda user_id: Role.SUBSCRIBER
    names: dict[int, str] = field(default_factory=dict)  # of people, as far as we met them

    def role(self, asker: Asker) -> Role:
        """Return what the person who asks may do; chats have no roles."""
        return Role.SUBSCRIBER if asker.user_id is None else self.role_of(asker.user_id)

    def language(self, asker: Asker) -> Language:
        """Return the language to answer in."""
        with reading(self.database) as work:
            known = work.subscribers.get(asker.chat_id)
        return known.language if known else language_of(asker.language_code)

    def known(self, work: UnitOfWork, asker: Asker) -> Subscriber:
        """Return the chat's settings, made or revived."""
        before = work.subscribers.get(asker.chat_id)
        if before is None:
            before = Subscriber(
                chat_id=asker.chat_id,
                kind=asker.kind,
                language=language_of(asker.language_code),
                started_at=self.clock.now(),
            )
        subscriber = replace(before, blocked_at=None)
        work.subscribers.save(subscriber)
        return subscriber

    def may_enter(self, before: Subscriber | None, asker: Asker) -> bool:
        """Tell whether a chat may subscribe: where the bot is by invitation, only the invited."""
        if not self.invited_only or (before is not None and before.invited):
            return True
        return self.role(asker) is not Role.SUBSCRIBER
