"""How a feed stands, and what proves that we looked: facts for lists, pages and notices. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from model.errors import FeedFault, advice_on
from model.records import Feed, FeedHealth, FeedId, FeedState, Language

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REACH = 2  # an answer counts for so many of its feed's intervals
ENOUGH_FEEDS = 0.8  # of those not paused have to be observed for an hour to count as observed
SHARE_OVER = timedelta(days=30)
LOOK_BACK = timedelta(days=60)  # what a feed usually brings is read from so much of its record
USUAL_FROM = timedelta(days=14)  # a younger record says nothing of what is usual
SHORTEST_SILENCE = timedelta(days=1)
LONGER_THAN_EVER = 1.5  # times its longest silence so far
MISSED = 8  # so many articles should have come meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageHour:
    """One feed in one hour."""

    feed_id: FeedId
    hour: datetime  # its beginning
    polls: int
    answers: int  # with entries, or a 304
    articles: int  # new ones
    covers_until: datetime | None = None  # how far its last answer counts; None: none came


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageDay:
    """One feed on one day (UTC): a row of coverage.csv (domain.md, section 5)."""

    day: date
    feed_id: FeedId
    polls: int
    failures: int
    articles_seen: int
    hours_unobserved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReport:
    """How one feed stands, in facts that a list or a page shows."""

    feed: Feed
    state: FeedHealth
    fault: FeedFault | None
    answer: str  # its last answer, in words
    advice: str | None  # what to do; None where nothing is wrong
    last_success_at: datetime | None
    last_entry_at: datetime | None
    share_healthy: float | None  # of the hours of 30 days; None: not on record
    usual_volume: float | None  # articles a day; None: too little is on record
    gap: timedelta | None  # how long it has brought nothing
    longest_gap: timedelta | None  # before the present one


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageReport:
    """What all feeds of one language come to."""

    language: Language
    feeds: int  # not paused
    healthy: int
    last_success_at: datetime | None
    share_healthy: float | None  # the mean of its feeds'
    usual_volume: float | None = None  # articles a day, of the feeds of which it is known
    silent: int = 0  # feeds that answer, and bring nothing for far longer than ever


def health_of(
    feed: Feed, state: FeedState | None, hours: Sequence[CoverageHour], now: datetime
) -> FeedReport:
    """Return how a feed stands; `hours` are its own, of the last 60 days or so, in order."""
    usual, gap, longest = _volume(hours, state)
    health = FeedHealth.NEW if state is None else state.health
    fault = FeedFault(state.fault) if state is not None and state.fault else None
    answer = _in_words(state)
    if health is FeedHealth.HEALTHY and is_silent(usual, gap, longest):
        health, fault = FeedHealth.WARNING, FeedFault.SILENT
        answer = f"nothing new for {_days(gap)} days; it used to bring {usual:.3g} articles a day"
    return FeedReport(
        feed=feed,
        state=health,
        fault=fault,
        answer=answer,
        advice=advice_on(fault),
        last_success_at=None if state is None else state.last_success_at,
        last_entry_at=None if state is None else state.last_entry_at,
        share_healthy=share_observed(hours, now),
        usual_volume=usual,
        gap=gap,
        longest_gap=longest,
    )


def by_language(reports: Iterable[FeedReport]) -> tuple[LanguageReport, ...]:
    """Return what the feeds of each language come to; paused ones are left out."""
    found: defaultdict[Language, list[FeedReport]] = defaultdict(list)
    for each in reports:
        if not each.feed.paused:
            found[each.feed.language].append(each)
    return tuple(_together(language, found[language]) for language in sorted(found))


def _together(language: Language, reports: Sequence[FeedReport]) -> LanguageReport:
    shares = [each.share_healthy for each in reports if each.share_healthy is not None]
    answered = [each.last_success_at for each in reports if each.last_success_at is not None]
    volumes = [each.usual_volume for each in reports if each.usual_volume is not None]
    return LanguageReport(
        language=language,
        feeds=len(reports),
        healthy=sum(each.state is FeedHealth.HEALTHY for each in reports),
        last_success_at=max(answered, default=None),
        share_healthy=sum(shares) / len(shares) if shares else None,
        usual_volume=sum(volumes) if volumes else None,
        silent=sum(each.fault is FeedFault.SILENT for each in reports),
    )


def _in_words(state: FeedState | None) -> str:
    if state is None or state.last_polled_at is None:
        return "never polled"
    if state.last_error:
        return state.last_error + _drift(state)
    return "new entries" if state.last_entry_at == state.last_polled_at else "nothing new"


def _drift(state: FeedState) -> str:
    """Say since when a page stands where a feed was."""
    if state.fault != FeedFault.HTML or state.last_success_at is None:
        return ""
    return f"; until {state.last_success_at:%Y-%m-%d} it was a feed"


def _days(gap: timedelta | None) -> str:
    return f"{(gap or timedelta(0)) / DAY:.2g}"


# --- what a feed usually brings ------------------------------------------------


def _volume(
    hours: Sequence[CoverageHour], state: FeedState | None
) -> tuple[float | None, timedelta | None, timedelta | None]:
    """Return articles a day, the present gap and the longest one before it.

    The first day is left out: it brought what the feed had in stock. The gap ends with the last
    answer, so that an outage of ours or theirs is no silence.
    """
    if state is None or not hours:
        return None, None, None
    begin = hours[0].hour + DAY
    news = [each for each in hours if each.articles and each.hour >= begin]
    last = state.last_entry_at
    gap = None
    if last is not None and state.last_success_at is not None:
        gap = max(state.last_success_at - last, timedelta(0))
    if not news or news[-1].hour - begin < USUAL_FROM - DAY:
        return None, gap, None
    usual = sum(each.articles for each in news) / ((news[-1].hour + HOUR - begin) / DAY)
    moments = [begin, *(each.hour for each in news)]
    longest = max(after - before for before, after in pairwise(moments))
    return usual, gap, longest


def is_silent(usual: float | None, gap: timedelta | None, longest: timedelta | None) -> bool:
    """Tell whether a feed that answers brings nothing for far longer than it ever did."""
    if usual is None or gap is None or longest is None:
        return False
    return (
        gap >= max(SHORTEST_SILENCE, longest * LONGER_THAN_EVER) and usual * (gap / DAY) >= MISSED
    )


# --- what was observed ---------------------------------------------------------


def share_observed(hours: Sequence[CoverageHour], now: datetime) -> float | None:
    """Return the share of the last 30 days' hours (or of the record's) in which a feed answered."""
    recent = [each for each in hours if each.hour > now - SHARE_OVER]
    if not recent:
        return None
    asked = (floor_hour(now) - recent[0].hour) // HOUR + 1
    covered = observed_of(hours)
    return sum(recent[0].hour + HOUR * n in covered for n in range(asked)) / asked


def observed_of(hours: Iterable[CoverageHour]) -> frozenset[datetime]:
    """Return the hours in which one feed was answered within twice its interval."""
    covered: set[datetime] = set()
    for each in hours:
        if not each.answers:
            continue
        until = max(each.covers_until or each.hour, each.hour + HOUR)
        hour = each.hour
        while hour < until:
            covered.add(hour)
            hour += HOUR
    return frozenset(covered)


def observed_hours(hours: Iterable[CoverageHour], feeds: int) -> dict[datetime, bool]:
    """Return for each hour on record whether four fifths of so many feeds were observed in it."""
    by_feed: defaultdict[FeedId, list[CoverageHour]] = defaultdict(list)
    observed: defaultdict[datetime, int] = defaultdict(int)
    for each in hours:
        by_feed[each.feed_id].append(each)
        observed[each.hour] += 0
    for own in by_feed.values():
        for hour in observed_of(own):
            observed[hour] += 1
    return {hour: count >= ENOUGH_FEEDS * feeds for hour, count in observed.items()}


def coverage_days(hours: Sequence[CoverageHour], now: datetime) -> tuple[CoverageDay, ...]:
    """Return one feed's record by day, from its first hour to now; hours to come do not count."""
    if not hours:
        return ()
    covered = observed_of(hours)
    by_day: defaultdict[date, list[CoverageHour]] = defaultdict(list)
    for each in hours:
        by_day[each.hour.date()].append(each)
    first, last = hours[0].hour, floor_hour(now)
    days = (last.date() - first.date()).days + 1
    return tuple(
        _coverage_day(first.date() + DAY * number, hours[0].feed_id, by_day, covered, first, last)
        for number in range(days)
    )


def _coverage_day(
    day: date,
    feed_id: FeedId,
    by_day: dict[date, list[CoverageHour]],
    covered: frozenset[datetime],
    first: datetime,
    last: datetime,
) -> CoverageDay:
    own = by_day.get(day, [])
    begin = datetime.combine(day, time(0), UTC)
    of_day = [begin + HOUR * number for number in range(24)]
    polls = sum(each.polls for each in own)
    return CoverageDay(
        day=day,
        feed_id=feed_id,
        polls=polls,
        failures=polls - sum(each.answers for each in own),
        articles_seen=sum(each.articles for each in own),
        hours_unobserved=sum(first <= hour <= last and hour not in covered for hour in of_day),
    )


def floor_hour(moment: datetime) -> datetime:
    """Return the beginning of an hour."""
    return moment.replace(minute=0, second=0, microsecond=0)
