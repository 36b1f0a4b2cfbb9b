"""What is said of a silence, bounded by how we looked. Pure.

Never "no progress", never "stalled": only what we looked at, until when, and what was not found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from model.dates import last_day
from model.records import Commitment
from model.standing import (
    Attention,
    PassedOccasion,
    Schedule,
    Standing,
    Verdict,
    Watch,
    occasions_passed,
)

Say = Callable[..., str]
Day = Callable[[date], str]
RECENT = timedelta(days=400)  # an occasion of years ago is no news


class Looked(Protocol):
    """How we have looked."""

    @property
    def since(self) -> date | None:
        """Return when we began; None: never polled."""

    @property
    def feeds(self) -> int:
        """Return how many feeds are not paused."""

    @property
    def answering(self) -> int:
        """Return how many of them answer."""

    def share(self, days: int, today: date) -> float:
        """Return how much of the last days was observed."""

    def observed(self, first: date, last: date) -> bool:
        """Tell whether a stretch of days was observed well enough to speak of silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What bounds every claim about one pledge."""

    commitment: Commitment
    standing: Standing
    watch: Watch
    looked: Looked
    today: date


def silence(bounds: Bounds, say: Say, day: Day) -> str | None:
    """Return what may be said of a pledge's silence; None while it is spoken of."""
    if bounds.standing.attention is Attention.ACTIVE:
        return None
    if bounds.standing.attention is Attention.QUIET:
        return say("claim.quiet", date=day(bounds.today), **_sources(bounds.looked))
    since = bounds.looked.since
    if since is None:
        return say("claim.never")
    days = bounds.commitment.quiet_days
    if (bounds.today - since).days < days:
        return say("claim.young", date=day(since))
    share = round(100 * bounds.looked.share(days, bounds.today))
    return say("claim.unobserved", share=share, days=days)


def overdue(bounds: Bounds, say: Say, day: Day) -> str | None:
    """Return what may be said of a date that passed; None where none did, or all is done."""
    due = bounds.commitment.due
    past = bounds.standing.schedule is Schedule.OVERDUE and due is not None
    if not past or due is None or bounds.standing.verdict is not Verdict.OPEN:
        return None
    since = last_day(due.date)
    if not bounds.looked.observed(max(since, bounds.today - timedelta(days=30)), bounds.today):
        days = bounds.commitment.quiet_days
        share = round(100 * bounds.looked.share(days, bounds.today))
        return say("claim.unobserved", share=share, days=days)
    sources = _sources(bounds.looked)
    return say("claim.overdue", date=day(since), today=day(bounds.today), **sources)


def occasions(bounds: Bounds, say: Say, day: Day) -> tuple[str, ...]:
    """Return what may be said of occasions that passed without a word, oldest first."""
    found = []
    for each in occasions_passed(bounds.commitment, bounds.today):
        if bounds.today - each.last_day > RECENT or _spoken(bounds.watch, each):
            continue
        since = bounds.looked.since
        if since is None or each.first_day < since:
            continue  # of the time before we watched nothing is said, not even that
        facts = {"name": each.name, "date": day(each.last_day)}
        if bounds.looked.observed(each.first_day, each.passed_on):
            found.append(say("claim.occasion", **facts, **_sources(bounds.looked)))
        else:
            found.append(say("claim.occasion_unobserved", **facts))
    return tuple(found)


def all_of(bounds: Bounds, say: Say, day: Day) -> tuple[str, ...]:
    """Return everything that may be said: the silence, the date, the occasions."""
    single = (silence(bounds, say, day), overdue(bounds, say, day))
    return tuple(each for each in single if each is not None) + occasions(bounds, say, day)


def _spoken(watch: Watch, occasion: PassedOccasion) -> bool:
    return watch.last_seen_on is not None and watch.last_seen_on >= occasion.first_day


def _sources(looked: Looked) -> dict[str, int]:
    return {"ok": looked.answering, "all": looked.feeds}
