"""How fast we may speak: overall without burst, in a private chat, in a group.

Telegram's limits are in its FAQ (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this):
about 30 a second overall, 1 a second in a chat, 20 a minute in a group. We stay below each.

What counts is when a message arrives, and that lies somewhere between the moment we let it go and
the moment it is answered. So two things hold: turns come one after the other, after a stall a bit
closer but never at once; and no more than 30 are ever under way or answered in the last second.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import IntEnum

from model.records import ChatId, ChatKind

OVERALL = 25.0  # a second
MOST_ARRIVING = 30  # in any second
CLOSEST = 0.85  # of the usual time between two turns, after a stall
MOST_BEHIND = 1.0  # seconds of a stall that are made up for; a longer one is over
PRIVATE_BURST, PRIVATE_EVERY = 3, 1.0  # messages, seconds
GROUP_MOST, GROUP_SPAN = 18, 60.0  # messages, seconds
REMEMBERED = 20_000  # chats

Sleep = Callable[[float], Awaitable[None]]
Waiter = tuple["Priority", int, asyncio.Future[None]]


class Priority(IntEnum):
    """What goes first where many wait for their turn."""

    ANSWER = 0  # somebody asked and looks at the screen
    PRESSING = 1  # decisions, stages, notices to admins
    NEWS = 2
    LATER = 3  # digests, more outlets


class Limiter:
    """Lets one message after the other go; waiting for one chat keeps nobody else."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        overall: float = OVERALL,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._step = 1.0 / overall
        self._most = MOST_ARRIVING * overall / OVERALL
        self._next = self._last = 0.0
        self._sent: OrderedDict[ChatId, deque[float]] = OrderedDict()
        self._queue: list[Waiter] = []
        self._numbers = itertools.count()
        self._conductor: asyncio.Task[None] | None = None
        self._crowded = asyncio.Lock()
        self._under_way = 0
        self._held = 0  # how many have had their turn and wait for room
        self._answered: deque[float] = deque()
        self.resting = 0  # how many wait for their own chat, not for a turn

    async def acquire(
        self, chat_id: ChatId, kind: ChatKind, priority: Priority = Priority.NEWS
    ) -> None:
        """Wait until a message may go to this chat, and for its turn among all."""
        if kind is ChatKind.TERMINAL:
            return
        while (wait := self._wait_for(chat_id, kind)) > 0:
            self.resting += 1
            try:
                await self._sleep(wait)
            finally:
                self.resting -= 1
        asked = self._now()
        self._note(chat_id, asked)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (priority, next(self._numbers), turn))
        if self._conductor is None or self._conductor.done():
            self._conductor = asyncio.create_task(self._conduct())
        await turn
        self._moved(chat_id, asked, self._now())

    async def _conduct(self) -> None:
        """Give out turns; who goes first is decided when a turn comes, not when it was asked."""
        self._next = max(self._next, self._now())  # nothing waited: nothing is made up for
        while self._queue:
            wait = max(self._next, self._last + CLOSEST * self._step) - self._now()
            if wait > 0:
                await self._sleep(wait)
            while self._held:  # else answers would wait behind what was let go already
                await self._sleep(self._step / 2)
            _, _, turn = heapq.heappop(self._queue)
            if turn.done():
                continue  # whoever waited was stopped
            self._last = self._now()
            self._next = max(self._next, self._last - MOST_BEHIND) + self._step
            turn.set_result(None)

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Hold while a message is with Telegram: from before the request to after the answer."""
        self._held += 1
        try:
            async with self._crowded:
                while self._under_way + self._lately() >= self._most:
                    await self._sleep(self._step / 2)
                self._under_way += 1
        finally:
            self._held -= 1
        try:
            yield
        finally:
            self._under_way -= 1
            self._answered.append(self._now())

    def _lately(self) -> int:
        """Return how many were answered in the last second."""
        while self._answered and self._answered[0] <= self._now() - 1:
            self._answered.popleft()
        return len(self._answered)

    def _wait_for(self, chat_id: ChatId, kind: ChatKind) -> float:
        """Return how long this chat has to wait for itself."""
        times = self._sent.get(chat_id)
        if not times:
            return 0.0
        now = self._now()
        if kind is ChatKind.PRIVATE:
            most, span = PRIVATE_BURST, PRIVATE_BURST * PRIVATE_EVERY
        else:
            most, span = GROUP_MOST, GROUP_SPAN
        while times and times[0] <= now - span:
            times.popleft()
        return 0.0 if len(times) < most else times[-most] + span - now

    def _note(self, chat_id: ChatId, now: float) -> None:
        times = self._sent.setdefault(chat_id, deque())
        times.append(now)
        self._sent.move_to_end(chat_id)
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)

    def _moved(self, chat_id: ChatId, asked: float, left: float) -> None:
        """Count a message from when it left, where it had to wait for its turn."""
        times = self._sent.get(chat_id)
        if times and asked in times:
            times.remove(asked)
            times.append(left)
