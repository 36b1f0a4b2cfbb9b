"""The year before the tour: invented articles read on their days, coverage kept, decisions taken.

What the desk shows of it came about as it would have: by the pipeline, by the rules of a decision,
each at its own moment. The people who decide are invented too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

from model.records import (
    Article,
    Decision,
    Development,
    Feed,
    FeedId,
    Milestone,
    Outcome,
    Role,
    Watchlist,
)
from model.text import detect_language
from monitor.pipeline import Context, process_article
from storage.database import Database
from storage.deciding import decide
from storage.unit_of_work import UnitOfWork, begin

DAY = timedelta(days=1)
DAYS = 360
GAPS = {FeedId("sample-daily"): range(75, 103), FeedId("yangben-wanbao"): range(75, 103)}
REVIEWER = "local:Reviewer A"
LATER = timedelta(hours=5)  # so long after an article somebody decides


def fill_history(database: Database, context: Context, now: datetime) -> None:
    """Store an invented year; nobody is told of it."""
    with begin(database) as work:
        work.feeds.ensure(context.watchlist.feeds, now)
        for feed in context.watchlist.feeds:
            _cover(work, feed, now)
        for entry in _entries():
            _play(work, context, entry, now)
        waiting = work.outbox.unrouted(10_000)
        work.outbox.mark_routed([alert.id for alert in waiting], now)
        work.commit()


def _cover(work: UnitOfWork, feed: Feed, now: datetime) -> None:
    """Let a feed have answered every day but those on which it was down."""
    for days in range(DAYS, 0, -1):
        at = now - DAY * days
        up = days not in GAPS.get(feed.id, ())
        busy = (days * 7 + len(feed.id)) % 5 + 3
        work.coverage.record(
            feed.id, at, answered=up, articles=busy if up else 0, covers_until=at + DAY
        )


def _entries() -> Iterator[Mapping[str, Any]]:
    text = resources.files("pledgewatch").joinpath("demo_data", "history.json")
    found = json.loads(text.read_text(encoding="utf-8"))
    yield from sorted(found, key=lambda entry: -entry["days"])


def _play(work: UnitOfWork, context: Context, entry: Mapping[str, Any], now: datetime) -> None:
    at = now - DAY * entry["days"]
    number = f"{entry['feed']}-{entry['days']}"
    url = f"https://{entry['feed']}.example.org/{entry['days']}"
    article = Article(
        feed_id=FeedId(entry["feed"]),
        entry_id=number,
        url=url,
        canonical_url=url,
        title=entry["title"],
        text=entry["text"],
        language=detect_language(entry["title"]),
        published_at=at,
        fetched_at=at,
        text_hash=number,
    )
    done = process_article(article, context, work, at, tell=False)
    if "decide" not in entry:
        return
    for hit in done.hits:
        if hit.development_id is not None:
            development = work.developments.get(hit.development_id)
            _decide(work, context.watchlist, development, entry, at + LATER)


def _decide(
    work: UnitOfWork,
    watchlist: Watchlist,
    found: Development,
    entry: Mapping[str, Any],
    at: datetime,
) -> None:
    kind, _, reason = entry["decide"].partition("-")
    outcome = Outcome.REJECTED if reason in {"1", "2", "8"} else Outcome.RESTATEMENT
    milestone: Milestone | None = None
    if kind == "confirm" and found.milestone is not None:
        milestone = Milestone(entry.get("milestone", found.milestone))
        outcome = Outcome.CONFIRMED
    decision = Decision(
        commitment_id=found.commitment_id,
        development_id=found.id,
        actor=REVIEWER,
        role=Role.ANALYST,
        outcome=outcome,
        reason=int(reason) if reason else None,
        milestone=milestone,
        milestone_date=found.first_seen_at.date().isoformat() if milestone else None,
        place=found.place,
        decided_at=at,
    )
    decide(work, watchlist, decision)
