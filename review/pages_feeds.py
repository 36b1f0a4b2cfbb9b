"""Feeds and coverage: what we can see now, and when we could not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.responses import Response

from model.feed_health import CoverageDay, CoverageHour, FeedReport, by_language, coverage_days
from model.records import Feed, FeedHealth, FeedId
from model.standing import Attention
from model.text import fold_characters
from review.asking import Ask, RefusedError
from review.overview import Overview, overview
from storage.feed_reports import feed_reports
from storage.unit_of_work import begin, reading

STRIP = 30  # days
WORST = {
    FeedHealth.FAILING: 0,
    FeedHealth.GONE: 1,
    FeedHealth.WARNING: 2,
    FeedHealth.NEW: 3,
    FeedHealth.HEALTHY: 4,
}
GOOD, SLOW, FAILED, NOT_POLLED = "good", "slow", "failed", "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """One feed with its last 30 days."""

    report: FeedReport
    days: tuple[tuple[int, str], ...]  # x and what the day was
    counts: Mapping[str, int]
    new_today: int
    hides: tuple[str, ...]  # pledges of which nothing can be said while it fails


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch of time that was not observed, told by the pledges it hides."""

    first: date
    last: date
    pledges: tuple[str, ...]


def feeds_page(ask: Ask) -> Response:
    """Show every feed, the worst first, and what our gaps hide."""
    feeds = [each for each in ask.watchlist.feeds if not each.paused]
    since = ask.now - timedelta(days=STRIP)
    with reading(ask.desk.database) as work:
        reports = feed_reports(work, ask.watchlist.feeds, ask.now)
        hours = work.coverage.of_feeds([each.id for each in feeds], since)
        seen = overview(ask, work, ask.now.date())
        polled = max((s.last_polled_at for s in work.feeds.all() if s.last_polled_at), default=None)
        read = work.coverage.articles_since(ask.now - timedelta(days=1))
    hidden = tuple(
        each.row.commitment.title_in(ask.language)
        for each in seen.shown
        if each.row.attention is Attention.UNOBSERVED
    )
    rows = [_row(each, hours.get(each.feed.id, ()), hidden, ask) for each in reports]
    return ask.page(
        "feeds.html",
        rows=sorted((row for row in rows if _fits(ask, row.report.feed)), key=_worst),
        total=len(rows),
        by_language=by_language(reports),
        seen=seen,
        hidden=hidden,
        gaps=_gaps(seen, hidden, ask.now.date()),
        polled=polled,
        read=read,
        unobserved=_share_unobserved(seen, ask.now.date()),
        strip=STRIP,
    )


def _fits(ask: Ask, feed: Feed) -> bool:
    text = fold_characters(f"{feed.id} {feed.title} {feed.url} {feed.language}")
    return all(word in text for word in fold_characters(ask.query("q")).split())


def _worst(row: FeedRow) -> tuple[bool, int, str]:
    return row.report.feed.paused, WORST[row.report.state], row.report.feed.id


def _row(
    report: FeedReport, hours: Sequence[CoverageHour], hidden: tuple[str, ...], ask: Ask
) -> FeedRow:
    days = {each.day: each for each in coverage_days(hours, ask.now)}
    today = ask.now.date()
    kinds = [_kind(days.get(today - timedelta(days=STRIP - 1 - n))) for n in range(STRIP)]
    failing = report.state in (FeedHealth.FAILING, FeedHealth.GONE)
    new = days.get(today)
    return FeedRow(
        report=report,
        days=tuple((6 * number, kind) for number, kind in enumerate(kinds)),
        counts={kind: kinds.count(kind) for kind in (GOOD, SLOW, FAILED, NOT_POLLED)},
        new_today=0 if new is None else new.articles_seen,
        hides=hidden if failing else (),
    )


def _kind(day: CoverageDay | None) -> str:
    if day is None or not day.polls:
        return NOT_POLLED if day is None or day.hours_unobserved else GOOD
    if day.failures >= day.polls:
        return FAILED
    return SLOW if day.failures or day.hours_unobserved > 4 else GOOD


def _share_unobserved(seen: Overview, today: date) -> float | None:
    """Return the share of the last days that was not observed; None before the first whole day."""
    since = seen.looked.since
    days = 0 if since is None else min(STRIP, (today - since).days)
    return 1 - seen.looked.share(days, today) if days else None


def _gaps(seen: Overview, hidden: tuple[str, ...], today: date) -> tuple[Gap, ...]:
    """Return the gaps of the last 120 days since we began, newest first."""
    if seen.looked.since is None:
        return ()
    whole = seen.looked.since + timedelta(days=1)  # the first day began somewhere in it
    found = seen.looked.gaps(max(whole, today - timedelta(days=120)), today)
    return tuple(Gap(first=a, last=b, pledges=hidden) for a, b in reversed(found))[:6]


def poll_now(ask: Ask) -> Response:
    """Ask the running process to poll a feed now."""
    feed = ask.watchlist.feed(FeedId(ask.field("feed")))
    if feed is None:
        raise RefusedError(404, "error.no_record")
    with begin(ask.desk.database) as work:
        work.feeds.request([feed.id], ask.now)
        work.audit.add(
            ask.visitor.actor, ask.visitor.role, "feed.poll", feed.id, None, None, ask.now
        )
        work.commit()
    return ask.go(f"/feeds?asked={feed.id}")
