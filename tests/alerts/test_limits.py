"""The pace: by what could have arrived in any second, whatever stalls on either side."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random

import pytest

from alerts.limits import Limiter, Priority
from model.records import ChatId, ChatKind


class Simulated:
    """Time that passes only while everybody sleeps."""

    def __init__(self):
        self.time = 0.0
        self._sleepers = []
        self._count = 0

    def now(self):
        return self.time

    async def sleep(self, seconds):
        self._count += 1
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.time + max(seconds, 0), self._count, woken))
        await woken

    async def run(self, work):
        """Run to the end, jumping from one sleeper to the next."""
        working = asyncio.ensure_future(work)
        while not working.done():
            for _ in range(20):
                await asyncio.sleep(0)
            if self._sleepers and not working.done():
                at, _, woken = heapq.heappop(self._sleepers)
                self.time = max(self.time, at)
                if not woken.done():
                    woken.set_result(None)
        return working.result()


@pytest.fixture
def simulated():
    return Simulated()


def most_in_a_second(times):
    times = sorted(times)
    return max(sum(start <= at < start + 1 for at in times) for start in times)


async def fan_out(simulated, chats, latency):
    """Send to so many chats; return when each message arrived, and how long it took."""
    limiter = Limiter(now=simulated.now, sleep=simulated.sleep)
    arrived = []

    async def send(chat):
        await limiter.acquire(ChatId(chat), ChatKind.PRIVATE)
        async with limiter.under_way():
            there, back = latency(simulated.time)
            await simulated.sleep(there)
            arrived.append(simulated.time)
            await simulated.sleep(back)

    await simulated.run(asyncio.gather(*(send(chat) for chat in range(1, chats + 1))))
    return arrived


async def test_all_is_sent_at_the_allowed_rate_without_burst(simulated):
    arrived = await fan_out(simulated, 500, lambda now: (0.01, 0.01))
    assert most_in_a_second(arrived) <= 27
    assert 500 / (arrived[-1] - arrived[0]) >= 0.95 * 25


async def test_a_stall_on_the_way_does_not_bunch(simulated):
    """What left before a stall and what leaves after it arrive together: they are counted."""

    def stalls(now):  # nothing gets through from the 3rd to the 5th second
        return (max(5.0 - now, 0.0) if 3.0 <= now < 5.0 else 0.02, 0.02)

    assert most_in_a_second(await fan_out(simulated, 300, stalls)) <= 30


@pytest.mark.parametrize("seed", range(5))
async def test_no_second_holds_more_than_thirty_whatever_the_network_does(simulated, seed):
    chance = random.Random(seed)
    arrived = await fan_out(
        simulated, 250, lambda now: (chance.expovariate(4), chance.expovariate(4))
    )
    assert most_in_a_second(arrived) <= 30


async def test_after_a_stall_of_ours_turns_come_closer_but_never_at_once(simulated):
    limiter = Limiter(now=simulated.now, sleep=simulated.sleep)
    left = []

    async def go(chat):
        await limiter.acquire(ChatId(chat), ChatKind.PRIVATE)
        left.append(simulated.time)
        if len(left) == 50:
            simulated.time += 10.0  # the process stood still

    await simulated.run(asyncio.gather(*(go(chat) for chat in range(1, 200))))
    assert most_in_a_second(left) <= 30
    assert min(after - at for at, after in itertools.pairwise(left)) >= 0.85 / 25 - 1e-9
    assert left[-1] - left[50] >= (149 - 25) / 25  # one second is made up for, not ten


async def test_after_a_pause_nothing_is_made_up_for(simulated):
    limiter = Limiter(now=simulated.now, sleep=simulated.sleep)
    left = []

    async def go(chat):
        await limiter.acquire(ChatId(chat), ChatKind.PRIVATE)
        left.append(simulated.time)

    await simulated.run(go(1))
    simulated.time += 60.0
    await simulated.run(asyncio.gather(*(go(chat) for chat in range(2, 60))))
    assert most_in_a_second(left) <= 26


async def test_answers_go_first_then_what_presses_then_news_then_the_rest(simulated):
    limiter = Limiter(now=simulated.now, sleep=simulated.sleep)
    order = []

    async def go(chat, priority):
        await limiter.acquire(ChatId(chat), ChatKind.PRIVATE, priority)
        order.append(priority)

    wanted = [Priority.LATER, Priority.NEWS, Priority.PRESSING, Priority.ANSWER] * 5
    waiting = [go(number, each) for number, each in enumerate(wanted, 1)]
    await simulated.run(asyncio.gather(*waiting))
    assert order[1:] == sorted(order[1:])  # the first was alone when its turn came


async def test_an_answer_does_not_wait_behind_a_slow_network(simulated):
    """A fan-out that is held back by slow answers keeps people who ask waiting for little more."""
    limiter = Limiter(now=simulated.now, sleep=simulated.sleep)
    waited = []

    async def send(chat, priority=Priority.NEWS, at=0.0):
        await simulated.sleep(at)
        asked = simulated.time
        await limiter.acquire(ChatId(chat), ChatKind.PRIVATE, priority)
        async with limiter.under_way():
            if priority is Priority.ANSWER:
                waited.append(simulated.time - asked)
            await simulated.sleep(0.8)

    fan_out = [send(chat) for chat in range(1, 300)]
    people = [send(1000 + n, Priority.ANSWER, at=3.0 + n) for n in range(8)]
    await simulated.run(asyncio.gather(*fan_out, *people))
    assert max(waited) <= 1.0


async def test_a_waiting_group_keeps_nobody_else(simulated):
    limiter = Limiter(now=simulated.now, sleep=simulated.sleep)
    times = {"group": [], "person": []}

    async def many(name, chat, kind, count):
        for _ in range(count):
            await limiter.acquire(ChatId(chat), kind)
            times[name].append(simulated.time)

    await simulated.run(
        asyncio.gather(
            many("group", -1, ChatKind.GROUP, 40), many("person", 1, ChatKind.PRIVATE, 30)
        )
    )
    assert times["person"][-1] <= 31  # one a second
    assert times["group"][-1] >= 120
    assert max(sum(s <= at < s + 60 for at in times["group"]) for s in times["group"]) <= 18


async def test_whoever_gives_up_waiting_holds_up_nobody(simulated):
    limiter = Limiter(now=simulated.now, sleep=simulated.sleep)
    left = []

    async def go(chat):
        await limiter.acquire(ChatId(chat), ChatKind.PRIVATE)
        left.append(chat)

    tasks = [asyncio.ensure_future(go(chat)) for chat in range(1, 6)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await simulated.run(asyncio.gather(*tasks, return_exceptions=True))
    assert left == [1, 2, 4, 5]
