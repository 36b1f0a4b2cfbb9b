"""How fast we may speak: overall without burst, in a private chat, in a group.

Telegram's limits are in its FAQ (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this):
about 30 a second overall, 1 a second in a chat, 20 a minute in a group. We stay below each.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable

from model.records import ChatId, ChatKind

OVERALL = 25.0  # a second
PRIVATE_BURST, PRIVATE_EVERY = 3, 1.0  # messages, seconds
GROUP_MOST, GROUP_SPAN = 18, 60.0  # messages, seconds
REMEMBERED = 20_000  # chats

Sleep = Callable[[float], Awaitable[None]]


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
        self._next = 0.0
        self._sent: OrderedDict[ChatId, deque[float]] = OrderedDict()

    async def acquire(self, chat_id: ChatId, kind: ChatKind, *, first: bool = False) -> None:
        """Wait until a message may go to this chat; `first` is for answers to people.

        Answers go ahead of whatever waits for its turn, and are counted like everything else.
        """
        if kind is ChatKind.TERMINAL:
            return
        while (wait := self._wait_for(chat_id, kind)) > 0:
            await self._sleep(wait)
        now = self._now()
        self._note(chat_id, now)
        if first:
            self._next = max(self._next, now) + self._step
            return
        turn = max(self._next, now)
        self._next = turn + self._step
        if turn > now:
            await self._sleep(turn - now)

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
        return 0.0 if len(times) < most else times[0] + span - now

    def _note(self, chat_id: ChatId, now: float) -> None:
        times = self._sent.setdefault(chat_id, deque())
        times.append(now)
        self._sent.move_to_end(chat_id)
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)
