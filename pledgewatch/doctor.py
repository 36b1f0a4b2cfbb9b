"""`pledgewatch doctor`: looks at everything the program stands on, and says what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path

from model.errors import PledgewatchError
from model.records import FeedHealth
from model.watchlist import read_watchlist
from monitor.extraction import check_selector
from monitor.matching import check_query
from pledgewatch.maintenance import ENOUGH_SPACE
from pledgewatch.settings import Settings
from storage.database import newest_revision, open_database
from storage.unit_of_work import reading

CLOCK_TOLERANCE = timedelta(minutes=2)


class Verdict(StrEnum):
    """How one thing stands."""

    GOOD = "good"
    LOOK = "look"  # works, but somebody should know
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at."""

    about: str
    verdict: Verdict
    says: str


AskTelegram = Callable[[], tuple[str, str | None]]  # the bot's name, the server's Date header


def examine(settings: Settings, ask_telegram: AskTelegram, now: datetime) -> Iterator[Finding]:
    """Look at settings, watchlist, database, feeds, Telegram, clock and disk, in this order."""
    yield Finding(about="settings", verdict=Verdict.GOOD, says="every PLEDGEWATCH_* is understood")
    yield _watchlist(settings)
    yield from _database(settings, now)
    yield from _telegram(settings, ask_telegram, now)
    yield _disk(settings)


def _watchlist(settings: Settings) -> Finding:
    loaded = read_watchlist(
        settings.watchlist,
        allowed_hosts=settings.allow_private,
        check_query=check_query,
        check_selector=check_selector,
    )
    wrong = [problem for problem in loaded.problems if not problem.warning]
    if loaded.watchlist is None or wrong:
        first = f"; the first: {wrong[0]}" if wrong else ""
        says = f"{len(wrong)} problems{first}; `pledgewatch watchlist check` names them all"
        return Finding(about="watchlist", verdict=Verdict.BAD, says=says)
    counts = f"{len(loaded.watchlist.commitments)} commitments, {len(loaded.watchlist.feeds)} feeds"
    return Finding(about="watchlist", verdict=Verdict.GOOD, says=counts)


def _database(settings: Settings, now: datetime) -> Iterator[Finding]:
    try:
        database = open_database(settings.database_url)
        if database.path is not None and not database.path.exists():
            says = f"not there yet: `pledgewatch run` makes {database.path}"
            yield Finding(about="database", verdict=Verdict.LOOK, says=says)
            return
        revision = database.revision()
        if revision != newest_revision():
            database.require_current()
        with reading(database) as work:
            states = work.feeds.all()
            hits = work.hits.count()
    except PledgewatchError as error:
        yield Finding(about="database", verdict=Verdict.BAD, says=str(error))
        return
    says = f"{database!r}, schema {revision}, {hits} hits"
    yield Finding(about="database", verdict=Verdict.GOOD, says=says)
    failing = [state for state in states if state.health in (FeedHealth.FAILING, FeedHealth.GONE)]
    answered = [state for state in states if state.last_success_at is not None]
    polled = max((each.last_polled_at for each in states if each.last_polled_at), default=None)
    if not states:
        yield Finding(about="feeds", verdict=Verdict.LOOK, says="none was polled yet")
        return
    age = f", last poll {(now - polled).total_seconds() / 60:.0f} minutes ago" if polled else ""
    says = f"{len(answered)} of {len(states)} have answered, {len(failing)} fail now{age}"
    verdict = Verdict.LOOK if failing or not answered else Verdict.GOOD
    advice = "; `pledgewatch feeds list` says why" if failing else ""
    yield Finding(about="feeds", verdict=verdict, says=says + advice)


def _telegram(settings: Settings, ask_telegram: AskTelegram, now: datetime) -> Iterator[Finding]:
    if settings.telegram_token is None:
        says = "no token: alerts go to the terminal; PLEDGEWATCH_TELEGRAM_TOKEN=… changes that"
        yield Finding(about="telegram", verdict=Verdict.LOOK, says=says)
        return
    try:
        name, date = ask_telegram()
    except PledgewatchError as error:
        yield Finding(about="telegram", verdict=Verdict.BAD, says=str(error))
        return
    yield Finding(about="telegram", verdict=Verdict.GOOD, says=f"the bot is @{name}")
    if date is None:
        return
    off = abs(parsedate_to_datetime(date) - now)
    good = off <= CLOCK_TOLERANCE
    says = f"{off.total_seconds():.0f} s from Telegram's" + ("" if good else ": set it right")
    yield Finding(about="clock", verdict=Verdict.GOOD if good else Verdict.BAD, says=says)


def _disk(settings: Settings) -> Finding:
    path = open_database(settings.database_url).path
    folder = Path.cwd() if path is None else path.resolve().parent
    free = shutil.disk_usage(folder).free
    says = f"{free / 1e9:.1f} GB free in {folder}"
    if free < ENOUGH_SPACE:
        return Finding(about="disk", verdict=Verdict.BAD, says=says + ": make room")
    return Finding(about="disk", verdict=Verdict.GOOD, says=says)
