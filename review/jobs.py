"""What takes longer than a page may: a backtest runs on, its page may be left, the result waits."""

from __future__ import annotations

import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from model.desk import Backtest, Progress
from model.errors import PledgewatchError

logger = logging.getLogger(__name__)

KEPT = 20


@dataclass(slots=True)
class Job:
    """One backtest: the text it is of, how far it is, and what came out."""

    id: str
    text: str
    actor: str
    based_on: str
    file: str | None
    done: int = 0
    whole: int = 0
    result: Backtest | None = None
    problem: str | None = None  # why it ended without a result

    @property
    def ended(self) -> bool:
        """Tell whether there is nothing more to wait for."""
        return self.result is not None or self.problem is not None

    def advance(self, done: int, whole: int) -> None:
        """Note how far it is."""
        self.done, self.whole = done, whole


class Jobs:
    """The backtests of this process, the newest last; one at a time runs."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._running = threading.Lock()

    def start(self, job: Job, run: Callable[[str, Progress], Backtest]) -> None:
        """Run a backtest beside everything else."""
        with self._lock:
            self._jobs[job.id] = job
            while len(self._jobs) > KEPT:
                self._jobs.popitem(last=False)
        threading.Thread(target=self._run, args=(job, run), daemon=True).start()

    def _run(self, job: Job, run: Callable[[str, Progress], Backtest]) -> None:
        with self._running:
            try:
                job.result = run(job.text, job.advance)
            except PledgewatchError as error:
                job.problem = str(error)
            except Exception:
                logger.exception("a backtest broke off")
                job.problem = "internal"

    def get(self, number: str) -> Job | None:
        """Return a backtest; None where it is unknown, or long ago."""
        with self._lock:
            return self._jobs.get(number)

    def tested(self, text: str) -> Job | None:
        """Return the newest finished backtest of exactly this text; None where there is none."""
        with self._lock:
            found = [job for job in self._jobs.values() if job.text == text and job.result]
        return found[-1] if found else None


def new_job(text: str, actor: str, based_on: str, file: str | None) -> Job:
    """Return a backtest that has not begun."""
    return Job(id=secrets.token_urlsafe(9), text=text, actor=actor, based_on=based_on, file=file)
