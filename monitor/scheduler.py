"""When things run. The only module that imports APScheduler (3.11, in memory)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

logger = logging.getLogger(__name__)

Job = Callable[[], Awaitable[object]]


class Schedule:
    """Runs named jobs on the event loop: never twice at once, late ones once, failed ones again."""

    def __init__(self, timezone: str = "UTC") -> None:
        self._scheduler = AsyncIOScheduler(
            timezone=timezone,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._running: set[asyncio.Task[object]] = set()

    def every(self, name: str, interval: timedelta, job: Job) -> None:
        """Run a job now and then every so often; a run that lasts longer is waited for."""
        trigger = IntervalTrigger(seconds=interval.total_seconds())
        self._scheduler.add_job(self._guarded(name, job), trigger, id=name)

    def daily(self, name: str, hour: int, job: Job) -> None:
        """Run a job once a day at this hour of the schedule's zone."""
        self._scheduler.add_job(self._guarded(name, job), CronTrigger(hour=hour), id=name)

    def _guarded(self, name: str, job: Job) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            task = asyncio.current_task()
            if task is not None:
                self._running.add(task)
            try:
                await job()
            except Exception:
                # The edge: a job that fails must not kill the others.
                logger.exception("a job failed and will run again", extra={"job": name})
            finally:
                if task is not None:
                    self._running.discard(task)

        return run

    def start(self) -> None:
        """Start the clock."""
        self._scheduler.start()

    async def stop(self, patience: timedelta = timedelta(seconds=10)) -> None:
        """Start nothing more, give running jobs a while to end, then cancel them."""
        self._scheduler.pause()
        if self._running:
            _, late = await asyncio.wait(self._running.copy(), timeout=patience.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
