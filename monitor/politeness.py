"""When to ask a server again. Pure.

The interval adapts inside the bounds of `every`: shorter when news came, longer when none did,
never shorter than server and feed say. Refusals stretch it beyond the bounds, and never for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from model.errors import FeedFault
from model.records import Feed, FeedState

LONGEST_WAIT = timedelta(hours=24)  # whatever a server asks for, we look once a day
GONE_WAIT = timedelta(days=7)  # a feed that is gone is looked at once a week all the same
FIRST_RETRY = timedelta(minutes=5)
SEVERAL = 2  # feeds of one host that are told to wait let all of its feeds wait
FASTER, SLOWER = 0.5, 1.5
JITTER = 0.1  # share of the wait that chance adds, so that feeds do not march in step
PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}  # hours

Hints = tuple[tuple[str, str], ...]


def after_success(
    feed: Feed, interval: timedelta, *, news: bool, hints: Hints, now: datetime, chance: float
) -> tuple[timedelta, datetime]:
    """Return the new interval and when to poll next; `chance` is a number from 0 to 1."""
    if feed.poll_every_min == feed.poll_every_max:
        return feed.poll_every_min, now + feed.poll_every_min
    adapted = interval * (FASTER if news else SLOWER)
    asked = _asked_for(dict(hints), now)
    adapted = max(adapted, asked)
    adapted = min(max(adapted, feed.poll_every_min), feed.poll_every_max)
    wait = adapted * (1 + JITTER * chance)
    return adapted, now + wait


def after_failure(
    feed: Feed,
    fault: FeedFault,
    failures: int,
    retry_after: timedelta | None,
    now: datetime,
    chance: float,
) -> datetime:
    """Return when to try again after the `failures`-th failure in a row (from 1).

    Doubles from the shorter of five minutes and the feed's own interval, to a day; a Retry-After
    is obeyed up to a day, and never undercut.
    """
    if fault is FeedFault.GONE:
        wait = GONE_WAIT
    else:
        first = min(FIRST_RETRY, max(feed.poll_every_min, timedelta(seconds=1)))
        wait = min(first * 2 ** min(failures - 1, 20), LONGEST_WAIT)
    if retry_after is not None:
        wait = max(wait, min(retry_after, LONGEST_WAIT))
    return now + wait * (1 + JITTER * chance)


def host_wait(states: Iterable[FeedState], now: datetime) -> datetime | None:
    """Return until when a host's feeds wait; None unless several of them were told to.

    One feed that is refused says nothing of the others; two do. The earliest of their times is
    taken: a host that lets one in again is asked for the others too.
    """
    told = [
        each.next_poll_at
        for each in states
        if each.fault == FeedFault.RATE_LIMITED and each.next_poll_at > now
    ]
    return min(told) if len(told) >= SEVERAL else None


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header (RFC 9110, section 10.2.3): seconds or a date; None for neither."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST_WAIT.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return min(max(moment - now, timedelta(0)), LONGEST_WAIT)


def hints_of(headers: Mapping[str, str]) -> Hints:
    """Return what an answer's headers say of how long it stays fresh (RFC 9111)."""
    found = []
    for part in headers.get("Cache-Control", "").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() in {"max-age", "s-maxage"} and value.strip('"').isdigit():
            found.append(("max-age", value.strip('"')[:9]))
    if not found and headers.get("Expires"):
        found.append(("expires", headers["Expires"]))
    return tuple(found)


def _asked_for(hints: Mapping[str, str], now: datetime) -> timedelta:
    """Return the longest wait that server or feed ask for; no more than a day."""
    waits = [timedelta(0)]
    if hints.get("max-age", "").isdigit():
        waits.append(timedelta(seconds=int(hints["max-age"])))
    if "expires" in hints:
        waits.append(retry_after(hints["expires"], now) or timedelta(0))
    if hints.get("ttl", "").strip().isdigit():
        waits.append(timedelta(minutes=int(hints["ttl"].strip()[:6])))
    period = PERIODS.get(hints.get("updatePeriod", "").strip().lower())
    if period is not None:
        times = hints.get("updateFrequency", "1").strip()
        waits.append(timedelta(hours=period) / max(1, int(times) if times.isdigit() else 1))
    return min(max(waits), LONGEST_WAIT)
