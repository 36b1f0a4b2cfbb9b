"""The desk: what the pages and the API are given to answer with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from model.desk import WatchlistDesk
from model.records import Role, Watchlist
from review.auth import Attempts
from review.jobs import Jobs
from storage.database import Database
from storage.looking import ObservedDays

COUNTED_FOR = timedelta(seconds=5)


class Counts:
    """Numbers that every page shows and that need not be counted for every page."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[datetime, int]] = {}

    def get(self, name: str, now: datetime, count: Callable[[], int]) -> int:
        """Return a number, counted again where it is older than a few seconds."""
        known = self._known.get(name)
        if known is None or abs(now - known[0]) >= COUNTED_FOR:
            known = now, count()
            self._known[name] = known
        return known[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a handler may use; one for the whole process."""

    database: Database
    watchlist: Callable[[], Watchlist]
    now: Callable[[], datetime]
    telegram: Callable[[], str]  # "ok", "off" or what is wrong
    public_url: str | None = None  # None: only known under the address it was asked by
    bot: Callable[[], str | None] = lambda: None  # the bot's name, once it is known
    tools: WatchlistDesk | None = None  # what needs a matcher; None: not on this machine
    role_of: Callable[[int], Role] | None = None  # of a Telegram user, by the settings of today
    attempts: Attempts = field(default_factory=Attempts)  # to sign in
    jobs: Jobs = field(default_factory=Jobs)
    counts: Counts = field(default_factory=Counts)
    observed: ObservedDays = field(default_factory=ObservedDays)

    def role_now(self, actor: str, given: Role) -> Role:
        """Return what somebody may do today: who lost a role in the settings has lost it here."""
        kind, _, number = actor.partition(":")
        if kind != "telegram" or self.role_of is None or not number.isdecimal():
            return given
        return self.role_of(int(number))
