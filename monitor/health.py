"""When admins are told of a feed: once when it breaks, once when it works again.

A feed is broken when it has failed for two hours at least, is gone, gives nothing where it used to
give something, or is silent for far longer than ever. It works again when it has answered for six
hours without failing, so that one that comes and goes is one notice, not ten; one that breaks again
within a week has to be steady for four times as long, up to a week.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from model.errors import FeedFault
from model.feed_health import HOUR, LOOK_BACK, CoverageHour, FeedReport, health_of
from model.records import Alert, AlertReason, Feed, FeedHealth, FeedId, FeedState, Watchlist
from monitor.metrics import FEEDS
from storage.database import Database
from storage.unit_of_work import UnitOfWork, begin, reading

logger = logging.getLogger(__name__)

BROKEN_AFTER = timedelta(hours=2)
BROKEN_FAILURES = 3  # in a row
RECOVERED_AFTER, LONGEST_TRIAL = timedelta(hours=6), timedelta(days=7)
RECOVERED_ANSWERS = 2  # in a row
RELAPSE, HARDER = timedelta(days=7), 4
QUIET_AFTER_RECOVERY = timedelta(hours=24)  # what breaks again so soon is not told again so soon
TRIAL = "trial_hours"  # of a notice's facts
MAYBE_SILENT = timedelta(days=1)
# When most feeds fail like this at once, it is our own line that is down.
OUR_LINE = frozenset(
    {FeedFault.DNS, FeedFault.REFUSED, FeedFault.RESET, FeedFault.TIMEOUT, FeedFault.TLS}
)
FEWEST, MOST_SHARE = 4, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to tell the admins of a feed."""

    feed_id: FeedId
    reason: AlertReason
    facts: Mapping[str, str]


def watch_health(database: Database, watchlist: Watchlist, now: datetime) -> tuple[Notice, ...]:
    """Write what is due to be told of the feeds into the outbox, and return it."""
    with reading(database) as work:
        notices = _due(work, watchlist, now)
    if not notices:
        return ()
    with begin(database) as work:
        for each in notices:
            work.outbox.add_notice(
                feed_id=each.feed_id, reason=each.reason, facts=each.facts, raised_at=now
            )
        work.commit()
    for each in notices:
        logger.warning("%s", each.reason, extra={"feed": each.feed_id, **each.facts})
    return notices


def _due(work: UnitOfWork, watchlist: Watchlist, now: datetime) -> tuple[Notice, ...]:
    states = {state.feed_id: state for state in work.feeds.all()}
    feeds = [feed for feed in watchlist.feeds if not feed.paused and feed.id in states]
    for health in FeedHealth:
        FEEDS.labels(state=health).set(sum(states[feed.id].health is health for feed in feeds))
    if line_is_down([states[feed.id] for feed in feeds]):
        return ()
    told = work.outbox.last_notices()
    suspects = [feed for feed in feeds if _is_suspect(states[feed.id], told.get(feed.id), now)]
    hours = work.coverage.of_feeds([feed.id for feed in suspects], now - LOOK_BACK)
    found = (
        notice_of(feed, states[feed.id], hours[feed.id], told.get(feed.id), now)
        for feed in suspects
        if feed.id in hours
    )
    return tuple(each for each in found if each is not None)


def line_is_down(states: Collection[FeedState]) -> bool:
    """Tell whether so many feeds cannot be reached at once that the fault is on our side."""
    unreached = sum(
        state.health is FeedHealth.FAILING and state.fault in OUR_LINE for state in states
    )
    return unreached >= FEWEST and unreached > MOST_SHARE * len(states)


def _is_suspect(state: FeedState, told: Alert | None, now: datetime) -> bool:
    """Tell whether a feed's record is worth reading: few are, of many."""
    if state.health is not FeedHealth.HEALTHY or is_open(told):
        return True
    return state.last_entry_at is not None and now - state.last_entry_at >= MAYBE_SILENT


def is_open(told: Alert | None) -> bool:
    """Tell whether the admins were told that it broke, and not yet that it works again."""
    return told is not None and told.reason is AlertReason.FEED_BROKEN


def notice_of(
    feed: Feed, state: FeedState, hours: Sequence[CoverageHour], told: Alert | None, now: datetime
) -> Notice | None:
    """Return what is to be told of a feed now; None where nothing is."""
    report = health_of(feed, state, hours, now)
    if told is not None and is_open(told):
        if not _works_again(report, hours, _trial(told), now):
            return None
        facts = {name: value for name, value in told.facts if name in {"since", TRIAL}}
        return Notice(feed_id=feed.id, reason=AlertReason.FEED_RECOVERED, facts=facts)
    if told is not None and now - told.raised_at < QUIET_AFTER_RECOVERY:
        return None
    trial = RECOVERED_AFTER
    if told is not None and now - told.raised_at < RELAPSE:
        trial = min(_trial(told) * HARDER, LONGEST_TRIAL)
    since = _broken_since(report, state, hours, now)
    if since is None or report.fault is None:
        return None
    facts = {
        "fault": str(report.fault),
        "error": report.answer,
        "since": since.isoformat(),
        TRIAL: f"{trial / HOUR:g}",
    }
    return Notice(feed_id=feed.id, reason=AlertReason.FEED_BROKEN, facts=facts)


def _trial(told: Alert) -> timedelta:
    """Return how long a feed has to be steady to count as working again."""
    return float(dict(told.facts).get(TRIAL, RECOVERED_AFTER / HOUR)) * HOUR


def _broken_since(
    report: FeedReport, state: FeedState, hours: Sequence[CoverageHour], now: datetime
) -> datetime | None:
    """Return since when a feed is broken; None while it is not, or may be back in a moment."""
    if report.state is FeedHealth.GONE:
        return state.last_success_at or now
    if report.fault is FeedFault.SILENT:
        return state.last_entry_at
    failing = _failing_since(hours)
    if failing is None or now - failing < BROKEN_AFTER:
        return None
    if report.state is FeedHealth.FAILING and state.consecutive_failures >= BROKEN_FAILURES:
        return state.last_success_at or failing
    hollow = report.fault is FeedFault.EMPTY and state.last_entry_at is not None
    return failing if hollow else None


def _failing_since(hours: Sequence[CoverageHour]) -> datetime | None:
    """Return the first hour since which nothing was answered; None where something was."""
    since = None
    for each in reversed(hours):
        if each.answers:
            break
        since = each.hour
    return since


def _works_again(
    report: FeedReport, hours: Sequence[CoverageHour], trial: timedelta, now: datetime
) -> bool:
    well = report.state is FeedHealth.HEALTHY or report.fault is FeedFault.TRUNCATED
    failed = [number for number, each in enumerate(hours) if each.polls > each.answers]
    since = hours[failed[-1]].hour + HOUR if failed else hours[0].hour
    answers = sum(each.answers for each in hours[failed[-1] + 1 if failed else 0 :])
    return well and now - since >= trial and answers >= RECOVERED_ANSWERS
