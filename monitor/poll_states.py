"""What a feed's state is after a poll. Pure; `chance` is a number from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from model.errors import FeedError, FeedFault
from model.feed_health import REACH
from model.records import Feed, FeedHealth, FeedState, Validators
from monitor.fetching import Fetched, NotModified
from monitor.parsing import ParsedFeed
from monitor.politeness import after_failure, after_success


def after_answer(
    feed: Feed,
    state: FeedState,
    answer: Fetched,
    parsed: ParsedFeed,
    now: datetime,
    chance: float,
    arrived: int,
    failed: Sequence[str],
) -> FeedState:
    """Return the state after an answer with a body.

    Where an entry failed, validators are left out and the marks stay the old ones: it comes again.
    """
    hints = (*answer.hints, *parsed.hints)
    interval, next_poll_at = after_success(
        feed, state.interval, news=arrived > 0, hints=hints, now=now, chance=chance
    )
    warning = parsed.warning
    fault = parsed.fault
    if failed:
        warning, fault = f"{len(failed)} entries failed, first {failed[0]}", FeedFault.INTERNAL
    return replace(
        state,
        validators=Validators() if failed else answer.validators,
        marks=state.marks if failed else parsed.marks,
        url=_moved(feed, state, answer.moved_to),
        hints=hints,
        interval=interval,
        next_poll_at=next_poll_at,
        health=FeedHealth.WARNING if warning else FeedHealth.HEALTHY,
        fault=fault if warning else None,
        last_error=warning,
        consecutive_failures=0,
        last_polled_at=now,
        last_success_at=now,
        last_entry_at=now if arrived else state.last_entry_at,
        requested_at=None,
    )


def after_unchanged(
    feed: Feed, state: FeedState, answer: NotModified, now: datetime, chance: float
) -> FeedState:
    """Return the state after an answer that nothing has changed."""
    hints = (*state.hints, *answer.hints)  # the feed's own words stand in no 304
    interval, next_poll_at = after_success(
        feed, state.interval, news=False, hints=hints, now=now, chance=chance
    )
    warned = state.health is FeedHealth.WARNING  # the same empty body is still empty
    return replace(
        state,
        validators=answer.validators,
        url=_moved(feed, state, answer.moved_to),
        interval=interval,
        next_poll_at=next_poll_at,
        health=FeedHealth.WARNING if warned else FeedHealth.HEALTHY,
        fault=state.fault if warned else None,
        last_error=state.last_error if warned else None,
        consecutive_failures=0,
        last_polled_at=now,
        last_success_at=now,
        requested_at=None,
    )


def after_fault(
    feed: Feed, state: FeedState, error: FeedError, now: datetime, chance: float
) -> FeedState:
    """Return the state after a poll that failed."""
    failures = state.consecutive_failures + 1
    gone = error.fault is FeedFault.GONE
    return replace(
        state,
        health=FeedHealth.GONE if gone else FeedHealth.FAILING,
        fault=error.fault,
        last_error=error.message,
        consecutive_failures=failures,
        last_polled_at=now,
        next_poll_at=after_failure(feed, error.fault, failures, error.retry_after, now, chance),
        requested_at=None,
    )


def covers_until(state: FeedState, now: datetime) -> datetime:
    """Return how long an answer proves that we looked (domain.md, 3.2): twice the interval."""
    return now + REACH * state.interval


def _moved(feed: Feed, state: FeedState, moved_to: str | None) -> str | None:
    """Return where a feed moved for good; None while it is where the watchlist says."""
    url = moved_to or state.url
    return None if url == feed.url else url
