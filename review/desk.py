"""The desk: what the pages and the API are given to answer with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from model.records import Role, Watchlist
from storage.database import Database
from storage.looking import ObservedDays


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a handler may use; one for the whole process."""

    database: Database
    watchlist: Callable[[], Watchlist]
    now: Callable[[], datetime]
    telegram: Callable[[], str]  # "ok", "off" or what is wrong
    public_url: str | None = None  # None: only known under the address it was asked by
    bot: Callable[[], str | None] = lambda: None  # the bot's name, once it is known
    tools: object | None = None  # what needs a matcher; None: not on this machine
    role_of: Callable[[int], Role] | None = None  # of a Telegram user, by the settings of today
    observed: ObservedDays = field(default_factory=ObservedDays)

    def role_now(self, actor: str, given: Role) -> Role:
        """Return what somebody may do today: who lost a role in the settings has lost it here."""
        kind, _, number = actor.partition(":")
        if kind != "telegram" or self.role_of is None or not number.isdecimal():
            return given
        return self.role_of(int(number))
