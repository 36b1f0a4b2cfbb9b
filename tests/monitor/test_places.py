"""A slow request makes room for others; while answers wait, nothing more is asked."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from monitor.places import Backlog, Places

SOON = timedelta(milliseconds=10)


async def test_a_place_is_waited_for():
    places = Places(1, timedelta(hours=1), slow=5)
    give_back = await places.take()
    second = asyncio.create_task(places.take())
    await asyncio.sleep(0.03)
    assert not second.done()
    give_back()
    await second


async def test_a_slow_request_gives_its_place_up_so_often_and_no_more():
    places = Places(1, SOON, slow=2)
    slow = [await places.take() for _ in range(3)]
    fourth = asyncio.create_task(places.take())
    await asyncio.sleep(0.05)
    assert not fourth.done()  # two wait without a place, and the third keeps its own
    slow[0]()  # it had none to give back
    await asyncio.sleep(0.05)
    assert not fourth.done()
    slow[2]()
    await fourth


@pytest.mark.parametrize("most", [1, 2])
async def test_nothing_is_asked_while_answers_wait(most):
    backlog = Backlog(most)
    held = [backlog.held() for _ in range(most)]
    for each in held:
        await backlog.low()
        each.__enter__()
    waiting = asyncio.create_task(backlog.low())
    await asyncio.sleep(0)
    assert not waiting.done()
    held[0].__exit__(None, None, None)
    await waiting
