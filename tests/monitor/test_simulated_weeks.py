"""Weeks of polling in seconds: real HTTP, the real poller, a clock that jumps to what is due."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from aiohttp import web

from model.errors import FeedFault
from model.feed_health import coverage_days, floor_hour, health_of
from model.records import AlertReason, FeedHealth, FeedId
from monitor.fetching import Fetcher, Limits
from monitor.health import watch_health
from monitor.matching import compile_watchlist
from monitor.pipeline import Context
from monitor.politeness import JITTER, LONGEST_WAIT
from monitor.polling import Poller
from storage.unit_of_work import begin, reading
from tests.builders import a_feed, a_watchlist
from tests.fakes.clock import FakeClock
from tests.fakes.faults import CHALLENGE, PAGE
from tests.fakes.feed_server import FeedServer, rss

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUICK = Limits(connect=timedelta(seconds=1), read=timedelta(seconds=1), total=timedelta(seconds=1))
BROKEN, RECOVERED = AlertReason.FEED_BROKEN, AlertReason.FEED_RECOVERED


class Site:
    """One feed on the web: publishes by the clock, fails when told to, remembers who asked."""

    def __init__(self, clock, name, *, per_day=4.0, until=None, headers=None, head="", items=20):
        self.clock, self.name = clock, name
        self.begin, self.per_day, self.until = clock.now(), per_day, until
        self.headers, self.head = headers or {}, head
        self.items = items
        self.trouble = []  # (from, until, status, body, headers)
        self.log = []  # (when, whether it was well answered)

    def fails(self, start, end, status=500, body=b"", headers=None):
        self.trouble.append((self.begin + start, self.begin + end, status, body, headers or {}))

    async def answer(self, request):
        now = self.clock.now()
        for start, end, status, body, headers in self.trouble:
            if start <= now < end:
                self.log.append((now, False))
                return web.Response(status=status, body=body, headers=headers)
        self.log.append((now, True))
        etag = f'"{self.published(now)}"'
        headers = {"ETag": etag} | {
            name: value(now) if callable(value) else value for name, value in self.headers.items()
        }
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=self.body(self.published(now)), headers=headers)

    def published(self, now):
        now = now if self.until is None else min(now, self.begin + self.until)
        return int((now - self.begin) / DAY * self.per_day)

    def body(self, last):
        items = (
            {
                "title": f"{self.name} reports the {number}th matter",
                "link": f"https://{self.name}.example.org/{number}",
                "date": format_datetime(self.begin + DAY * number / self.per_day),
            }
            for number in range(last, max(last - self.items, -1), -1)
        )
        return rss(*items).replace("<channel>", f"<channel>{self.head}", 1).encode()

    def waits(self, since=timedelta(0)):
        moments = [when for when, _ in self.log if when >= self.begin + since]
        return [after - before for before, after in pairwise(moments)]


class Weeks:
    """A poller and its sites, run by a clock that jumps from one due poll to the next."""

    def __init__(self, database, clock, server, fetcher, writer):
        self.database, self.clock, self.server = database, clock, server
        self._fetcher, self._writer = fetcher, writer
        self.feeds, self.sites, self.intervals, self.notices = {}, {}, {}, []
        self.begin, self.poller = clock.now(), None

    def add(self, name, *, host=None, feed=None, **site):
        made = Site(self.clock, name, **site)
        self.sites[name] = made
        port = len(self.feeds) if host is None else host
        values = {"poll_every_min": HOUR, "poll_every_max": 6 * HOUR} | (feed or {})
        url = self.server.url(f"/{name}", port)
        self.feeds[name] = a_feed(id=FeedId(name), title=name, url=url, **values)
        self.server.misbehave(f"/{name}", made.answer)
        return made

    def stop(self):
        if self.poller is not None:
            self.poller.close()

    def start(self):
        self.stop()
        self.watchlist = a_watchlist(feeds=tuple(self.feeds.values()))
        context = Context(watchlist=self.watchlist, matcher=compile_watchlist(self.watchlist))
        with begin(self.database) as work:
            work.feeds.ensure(self.watchlist.feeds, self.clock.now())
            work.commit()
        self.poller = Poller(
            self.database, self._fetcher, lambda: context, self.clock, self._writer
        )

    async def run(self, span):
        """Poll whatever is due until this much later; look at health every hour."""
        end = self.clock.now() + span
        look = floor_hour(self.clock.now()) + HOUR
        while True:
            due = min(state.next_poll_at for state in self.states().values())
            moment = min(max(due, self.clock.now()), look, end)
            self.clock.advance(seconds=(moment - self.clock.now()).total_seconds())
            if moment == end:
                return
            if moment == look:
                self.notices += watch_health(self.database, self.watchlist, moment)
                look += HOUR
            for result in await self.poller.poll_due():
                states = self.states()
                self.intervals[result.feed_id, moment] = states[result.feed_id].interval

    def states(self):
        with reading(self.database) as work:
            return {state.feed_id: state for state in work.feeds.all()}

    def told(self, name):
        return [each.reason for each in self.notices if each.feed_id == name]

    def report(self, name):
        with reading(self.database) as work:
            hours = work.coverage.of_feeds([FeedId(name)], self.begin - HOUR)[FeedId(name)]
        return health_of(self.feeds[name], self.states()[name], hours, self.clock.now())


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def weeks(database, clock):
    writer = ThreadPoolExecutor(max_workers=1)
    allowed = ("127.0.0.1",)
    with FeedServer(sites=10) as server:
        async with Fetcher(
            clock, user_agent="test", allow_private=allowed, limits=QUICK
        ) as fetcher:
            made = Weeks(database, clock, server, fetcher, writer)
            yield made
            made.stop()
    writer.shutdown()


# --- how often -------------------------------------------------------------------


async def test_the_interval_follows_the_feed_inside_the_bounds_of_every(weeks):
    bounds = {"poll_every_min": 15 * MINUTE, "poll_every_max": 6 * HOUR}
    busy = weeks.add("busy", per_day=144, feed=bounds)
    steady = weeks.add("steady", per_day=6, feed=bounds)
    sleepy = weeks.add("sleepy", per_day=0.2, feed=bounds)
    kept = weeks.add("kept", per_day=0.2, feed={"poll_every_min": HOUR, "poll_every_max": HOUR})
    weeks.start()
    await weeks.run(7 * DAY)
    for site in (busy, steady, sleepy):
        assert min(site.waits()) >= 15 * MINUTE
        assert max(site.waits()) <= 6 * HOUR * (1 + JITTER)
    assert _mean(busy) < 20 * MINUTE
    assert 1.5 * _mean(busy) < _mean(steady) < 4 * HOUR
    assert _mean(sleepy) > 5 * HOUR
    assert set(kept.waits()) == {HOUR}
    assert len(set(sleepy.waits(3 * DAY))) > 5, "chance spreads the polls"


def _mean(site):
    waits = site.waits(3 * DAY)
    return sum(waits, timedelta(0)) / len(waits)


@pytest.mark.parametrize(
    ("site", "least"),
    [
        ({"headers": {"Cache-Control": "public, max-age=7200"}}, 2 * HOUR),
        ({"headers": {"Expires": lambda now: format_datetime(now + 3 * HOUR)}}, 3 * HOUR),
        ({"head": "<ttl>180</ttl>"}, 3 * HOUR),
        ({"head": "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>6"
          "</sy:updateFrequency>"}, 4 * HOUR),
        ({"headers": {"Cache-Control": "max-age=864000"}}, 6 * HOUR),
    ],
    ids=["max-age", "expires", "ttl", "updatePeriod", "beyond the bounds"],
)  # fmt: skip
async def test_a_feed_is_asked_no_more_often_than_it_and_its_server_say(weeks, site, least):
    bounds = {"poll_every_min": 15 * MINUTE, "poll_every_max": 6 * HOUR}
    asked = weeks.add("asked", per_day=144, feed=bounds, **site)
    weeks.start()
    await weeks.run(3 * DAY)
    assert least - timedelta(seconds=1) <= min(asked.waits())
    assert max(asked.waits()) <= 6 * HOUR * (1 + JITTER)


async def test_a_304_does_not_forget_what_the_feed_said_of_its_pace(weeks):
    bounds = {"poll_every_min": 15 * MINUTE, "poll_every_max": 6 * HOUR}
    asked = weeks.add("asked", per_day=0.1, head="<ttl>240</ttl>", feed=bounds)
    weeks.start()
    await weeks.run(DAY)
    assert min(asked.waits()) >= 4 * HOUR


async def test_retry_after_holds_one_feed_and_the_host_when_several_are_told(weeks):
    every = {"poll_every_min": 15 * MINUTE, "poll_every_max": 15 * MINUTE}
    first = weeks.add("first", host=0, feed=every)
    second = weeks.add("second", host=0, feed=every)
    third = weeks.add("third", host=0, feed=every)
    other = weeks.add("other", host=1, feed=every)
    later = {"Retry-After": str(3 * 3600)}
    first.fails(6 * HOUR, 6.5 * HOUR, 429, headers=later)
    first.fails(24 * HOUR, 24.5 * HOUR, 429, headers=later)
    second.fails(24 * HOUR, 24.5 * HOUR, 429, headers=later)
    weeks.start()
    await weeks.run(2 * DAY)
    alone = (5 * HOUR, 12 * HOUR)
    both = (23 * HOUR, 30 * HOUR)
    assert _longest(first, *alone) >= 3 * HOUR
    assert _longest(second, *alone) == _longest(third, *alone) == 15 * MINUTE
    for site in (first, second, third):
        assert _longest(site, *both) >= 2.4 * HOUR
    assert _longest(other, timedelta(0), 2 * DAY) == 15 * MINUTE


def _longest(site, begin, end):
    moments = [when for when, _ in site.log if begin <= when - site.begin <= end]
    return max(after - before for before, after in pairwise(moments))


@pytest.mark.parametrize("status", [404, 410, 500])
async def test_no_feed_is_ever_given_up(weeks, status):
    site = weeks.add("dead")
    site.fails(DAY, 30 * DAY, status)
    weeks.start()
    await weeks.run(30 * DAY)
    cap = LONGEST_WAIT if status != 410 else 7 * DAY
    waits = site.waits(2 * DAY)
    assert max(waits) <= cap * (1 + JITTER)
    assert len(waits) >= (20 if status != 410 else 2)
    await weeks.run(cap * (1 + JITTER))
    assert weeks.states()["dead"].health is FeedHealth.HEALTHY


# --- what admins are told ----------------------------------------------------------


async def test_admins_are_told_once_when_a_feed_breaks_and_once_when_it_works_again(weeks):
    down = weeks.add("down")
    down.fails(3 * DAY, 6 * DAY, 500)
    drifts = weeks.add("drifts")
    drifts.fails(3 * DAY, 6 * DAY, 200, PAGE.encode())
    challenged = weeks.add("challenged")
    challenged.fails(3 * DAY, 6 * DAY, 403, CHALLENGE.encode())
    hollow = weeks.add("hollow")
    hollow.fails(3 * DAY, 6 * DAY, 200, rss().encode())
    gone = weeks.add("gone")
    gone.fails(3 * DAY, 6 * DAY, 410)
    blip = weeks.add("blip")
    blip.fails(3 * DAY, 3 * DAY + HOUR, 503)
    weeks.add("well")
    weeks.start()
    await weeks.run(5 * DAY)
    ill = ("down", "drifts", "challenged", "hollow", "gone")
    assert {name: weeks.told(name) for name in ill} == {name: [BROKEN] for name in ill}
    assert {each.feed_id: each.facts["fault"] for each in weeks.notices} == {
        "down": FeedFault.SERVER_ERROR,
        "drifts": FeedFault.HTML,
        "challenged": FeedFault.CHALLENGE,
        "hollow": FeedFault.EMPTY,
        "gone": FeedFault.GONE,
    }
    await weeks.run(12 * DAY)
    assert {name: weeks.told(name) for name in ill} == {name: [BROKEN, RECOVERED] for name in ill}
    assert weeks.told("blip") == weeks.told("well") == []
    with reading(weeks.database) as work:
        kept = [alert.reason for alert in work.outbox.unrouted(100)]
    assert Counter(kept) == {BROKEN: 5, RECOVERED: 5}


async def test_a_feed_that_comes_and_goes_is_one_notice(weeks):
    watched = {"poll_every_min": 15 * MINUTE, "poll_every_max": HOUR}
    flapping = weeks.add("flapping", feed=watched)
    seldom = weeks.add("seldom")  # is asked so seldom that it may seem steady for a while
    for site in (flapping, seldom):
        for turn in range(48):
            start = DAY + turn * 7 * HOUR
            site.fails(start, start + 4 * HOUR)
    weeks.start()
    await weeks.run(14 * DAY)
    assert weeks.told("flapping") == [BROKEN]
    await weeks.run(10 * DAY)
    assert weeks.told("flapping") == [BROKEN, RECOVERED]
    assert 2 <= len(weeks.told("seldom")) <= 6
    assert weeks.told("seldom")[-1] is RECOVERED


async def test_when_nothing_can_be_reached_no_single_feed_is_blamed(weeks):
    for number in range(5):
        weeks.add(f"feed-{number}")
    weeks.start()
    await weeks.run(2 * DAY)
    for name, feed in weeks.feeds.items():  # our own line is down: nothing listens there
        weeks.feeds[name] = replace(feed, url="http://127.0.0.1:1/")
    weeks.start()
    await weeks.run(DAY)
    assert all(each.fault == FeedFault.REFUSED for each in weeks.states().values())
    assert weeks.notices == []


async def test_a_feed_that_falls_silent_is_a_warning_and_a_quiet_one_is_not(weeks):
    silent = weeks.add("silent", per_day=12, until=30 * DAY)
    weeks.add("weekly", per_day=1 / 7)
    weeks.add("steady", per_day=12)
    weeks.start()
    await weeks.run(30 * DAY)
    assert weeks.report("silent").state is FeedHealth.HEALTHY
    assert weeks.report("silent").usual_volume == pytest.approx(12, rel=0.1)
    assert weeks.notices == []
    await weeks.run(3 * DAY)
    report = weeks.report("silent")
    assert (report.state, report.fault) == (FeedHealth.WARNING, FeedFault.SILENT)
    assert "12 articles a day" in report.answer
    assert report.gap == pytest.approx(3 * DAY, abs=8 * HOUR)
    assert [each.feed_id for each in weeks.notices] == ["silent"]
    assert weeks.report("weekly").state is weeks.report("steady").state is FeedHealth.HEALTHY
    silent.until = None
    await weeks.run(3 * DAY)
    assert weeks.told("silent") == [BROKEN, RECOVERED]
    assert len(weeks.notices) == 2


# --- what proves that we looked ------------------------------------------------------


async def test_the_record_is_what_the_server_did_hour_by_hour(weeks, clock):
    bounds = {"poll_every_min": 15 * MINUTE, "poll_every_max": 3 * HOUR}
    down = weeks.add("down", feed=bounds)
    down.fails(2 * DAY, 2.5 * DAY, 500)
    down.fails(4 * DAY, 4 * DAY + 40 * MINUTE, 200, rss().encode())
    busy = weeks.add("busy", per_day=48, items=80, feed=bounds)
    weeks.start()
    await weeks.run(3 * DAY)
    clock.advance(hours=31)  # nobody ran us
    await weeks.run(3 * DAY)
    for site in (down, busy):
        _compare(weeks, site, clock.now())


def _compare(weeks, site, now):
    feed_id = FeedId(site.name)
    with reading(weeks.database) as work:
        hours = work.coverage.of_feeds([feed_id], weeks.begin - HOUR)[feed_id]
    polls = Counter(floor_hour(when) for when, _ in site.log)
    answers = Counter(floor_hour(when) for when, well in site.log if well)
    assert {each.hour: each.polls for each in hours} == dict(polls)
    assert {each.hour: each.answers for each in hours if each.answers} == dict(answers)
    assert sum(each.articles for each in hours) == site.published(site.log[-1][0]) + 1
    days = coverage_days(hours, now)
    by_day = Counter(when.date() for when, _ in site.log)
    failed = Counter(when.date() for when, well in site.log if not well)
    assert {each.day: each.polls for each in days if each.polls} == dict(by_day)
    assert {each.day: each.failures for each in days if each.failures} == dict(failed)
    unobserved = _unobserved(weeks, site, now)
    assert {each.day: each.hours_unobserved for each in days if each.hours_unobserved} == unobserved
    assert sum(unobserved.values()) > 0


def _unobserved(weeks, site, now):
    """Count the hours of each day that no answer within twice its interval reaches."""
    proofs = [
        (when, max(when + 2 * weeks.intervals[site.name, when], floor_hour(when) + HOUR))
        for when, well in site.log
        if well
    ]
    hour, missed = floor_hour(site.log[0][0]), Counter()
    while hour <= now:
        seen = any(floor_hour(when) <= hour < until for when, until in proofs)
        missed[hour.date()] += not seen
        hour += HOUR
    return {day: count for day, count in missed.items() if count}
