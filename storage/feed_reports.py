"""How the feeds stand, read in one go: for lists, pages and checks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from model.feed_health import LOOK_BACK, FeedReport, health_of
from model.records import Feed
from storage.unit_of_work import UnitOfWork


def feed_reports(work: UnitOfWork, feeds: Iterable[Feed], now: datetime) -> tuple[FeedReport, ...]:
    """Return how each of these feeds stands, in their order."""
    wanted = tuple(feeds)
    states = {state.feed_id: state for state in work.feeds.all()}
    hours = work.coverage.of_feeds([feed.id for feed in wanted], now - LOOK_BACK)
    return tuple(
        health_of(feed, states.get(feed.id), hours.get(feed.id, ()), now) for feed in wanted
    )
