"""How many requests are in flight, and how many answers wait to be worked on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta


class Places:
    """So many requests at once. One that takes long gives its place to another, up to a bound."""

    def __init__(self, at_once: int, patience: timedelta, slow: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._patience = patience.total_seconds()
        self._most_slow = slow
        self._slow: set[object] = set()  # requests without a place

    async def take(self) -> Callable[[], None]:
        """Wait for a place; return what gives it back. It may be given up meanwhile."""
        await self._free.acquire()
        request = object()
        waiting = asyncio.get_running_loop().call_later(self._patience, self._give_up, request)

        def give_back() -> None:
            waiting.cancel()
            if request in self._slow:
                self._slow.discard(request)
            else:
                self._free.release()

        return give_back

    def _give_up(self, request: object) -> None:
        if len(self._slow) < self._most_slow:
            self._slow.add(request)
            self._free.release()


class Backlog:
    """The answers that wait to be parsed or stored: while there are many, nothing is asked."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._low = asyncio.Event()
        self._low.set()

    async def low(self) -> None:
        """Wait until there is room."""
        while not self._low.is_set():
            await self._low.wait()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Count one answer while it is worked on."""
        self._held += 1
        if self._held >= self._most:
            self._low.clear()
        try:
            yield
        finally:
            self._held -= 1
            if self._held < self._most:
                self._low.set()
