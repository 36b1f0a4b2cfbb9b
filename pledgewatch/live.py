"""The watchlist in use: read at the start, read again when its files change.

A broken edit never replaces a working watchlist: the old one goes on, and the problems are told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from model.errors import WatchlistError
from model.records import CommitmentId, Watchlist
from model.watchlist_changes import changed_commitments
from monitor.pipeline import Context

logger = logging.getLogger(__name__)

Stamp = tuple[tuple[str, int, int], ...]  # name, modification time in ns, size of each file


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """What a changed file brought: the new context and the commitments to look for again."""

    context: Context
    changed: tuple[CommitmentId, ...]


class LiveWatchlist:
    """Holds the context in use; `check()` may be called from any thread, one at a time."""

    def __init__(
        self,
        path: Path,
        load: Callable[[Path], Watchlist],
        compile_watchlist: Callable[[Watchlist], Context],
    ) -> None:
        self._path = path
        self._load = load
        self._compile = compile_watchlist
        self._stamp = stamp(path)
        self.problems: tuple[str, ...] = ()  # of the last edit, while it is not in use
        self.context = compile_watchlist(load(path))

    def check(self) -> Swap | None:
        """Read the files again if they changed; None where nothing new is in use."""
        now = stamp(self._path)
        if now == self._stamp:
            return None
        self._stamp = now
        before = self.context.watchlist
        try:
            watchlist = self._load(self._path)
        except WatchlistError as error:
            self.problems = tuple(str(problem) for problem in error.problems)
            logger.error(  # noqa: TRY400 - the file is wrong, not the program
                "the watchlist was changed and cannot be used; the one before goes on",
                extra={"problems": len(error.problems), "first": self.problems[0]},
            )
            return None
        self.problems = ()
        if watchlist.version == before.version:
            return None
        self.context = self._compile(watchlist)
        changed = changed_commitments(before.commitments, watchlist.commitments)
        logger.info(
            "the watchlist was changed and is in use",
            extra={
                "version": watchlist.version[:12],
                "commitments": len(watchlist.commitments),
                "feeds": len(watchlist.feeds),
                "changed": len(changed),
            },
        )
        return Swap(context=self.context, changed=changed)


def stamp(path: Path) -> Stamp:
    """Return what changes when somebody edits the file, or a file of the folder."""
    files = sorted(path.glob("*.y*ml")) if path.is_dir() else [path]
    marks = []
    for file in files:
        try:
            facts = file.stat()
        except OSError:  # being replaced at this moment, or gone: a change either way
            marks.append((file.name, 0, 0))
        else:
            marks.append((file.name, facts.st_mtime_ns, facts.st_size))
    return tuple(marks)
