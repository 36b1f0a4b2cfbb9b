"""What keeps the database well: made ready at the start, indexed for search, copied every night."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from model.errors import DatabaseUnusableError
from model.records import AlertReason, CommitmentId, Watchlist
from storage.database import Database, newest_revision, open_database
from storage.observed import asked
from storage.pruning import Freed
from storage.search_index import Searched
from storage.unit_of_work import begin, reading

logger = logging.getLogger(__name__)

KEPT_BACKUPS = 7
ENOUGH_SPACE = 500_000_000  # bytes that should be free beside a database
MOST_STALE = 0.3  # of the search index may be of texts that have changed or gone
INDEXED_AT_ONCE = 100  # articles in one transaction: about 50 ms, so nobody waits long behind it


def prepare_database(url: str, now: datetime) -> Database:
    """Open the database and, if it is SQLite, bring it up to date after copying it.

    A PostgreSQL database is never changed unasked: raise DatabaseUnusableError naming the command.
    """
    database = open_database(url)
    before = database.revision()
    if before == newest_revision():
        return database
    if database.path is None:
        database.require_current()
    if before is not None and database.path is not None:
        copy = database.path.with_name(f"{database.path.name}.before-{before}-{now:%Y%m%d%H%M%S}")
        database.backup(copy)
        logger.info("copied the database before changing it", extra={"copy": str(copy)})
    database.upgrade()
    return database


def watch_space(database: Database, now: datetime) -> bool:
    """Tell the admins, once a day, when the disk of an SQLite database is nearly full."""
    path = database.path
    if path is None:
        return False  # a PostgreSQL server's disk is not ours to see
    free = shutil.disk_usage(path.resolve().parent).free
    if free >= max(ENOUGH_SPACE, 2 * path.stat().st_size):
        return False
    logger.warning("the disk is nearly full", extra={"free": free})
    with begin(database) as work:
        raised = work.outbox.add(
            key=f"{AlertReason.DISK_FULL}.{now.date()}",
            commitment_id=CommitmentId(""),
            development_id=None,
            reason=AlertReason.DISK_FULL,
            raised_at=now,
            facts={"free": f"{free / 1e6:,.0f} MB"},
        )
        work.commit()
    return raised is not None


def back_up_nightly(database: Database, now: datetime) -> Path | None:
    """Copy an SQLite database into `backups/` beside it, and keep the newest seven."""
    path = database.path
    if path is None:
        return None
    folder = path.resolve().parent / "backups"
    folder.mkdir(exist_ok=True)
    needed, free = path.stat().st_size, shutil.disk_usage(folder).free
    if free < needed * 2:
        raise DatabaseUnusableError(
            f"No nightly backup: {folder} has {free:,} bytes free, {needed * 2:,} are wanted."
        )
    target = folder / f"{path.stem}-{now:%Y-%m-%d}.db"
    database.backup(target)
    for old in sorted(folder.glob(f"{path.stem}-????-??-??.db"))[:-KEPT_BACKUPS]:
        old.unlink()
    logger.info("backed up the database", extra={"file": str(target)})
    return target


def index_some(database: Database) -> bool:
    """Index some of the articles that wait to be found by search; False where none is left."""
    with begin(database) as work:
        count = work.search_index.catch_up(INDEXED_AT_ONCE)
        work.commit()
    return count == INDEXED_AT_ONCE


def index_missing(database: Database) -> int:
    """Let articles that the index knows nothing of wait for it; there should be none."""
    with begin(database) as work:
        count = work.search_index.add_missing()
        work.commit()
    if count:
        logger.warning("articles were missing in the search index", extra={"articles": count})
    return count


def settle_some(database: Database, watchlist: Watchlist, now: datetime) -> bool:
    """Count the observed feeds of some hours that are over; False where none is left."""
    with begin(database) as work:
        more = work.observed.settle(asked(watchlist.feeds), now)
        work.commit()
    return more


def index_for(database: Database, patience: timedelta) -> Searched:
    """Index what waits for a while at most; return how far the search looks then."""
    with reading(database) as work:
        searched = work.search_index.searched()
    if not searched.waiting:
        return searched
    end = time.monotonic() + patience.total_seconds()
    try:
        while index_some(database) and time.monotonic() < end:
            pass
    except DatabaseUnusableError as error:  # read-only, full or busy: searching still works
        logger.warning("cannot index", extra={"why": str(error)})
    with reading(database) as work:
        return work.search_index.searched()


def prune(
    database: Database, before: datetime, told: Callable[[Freed], None] = lambda freed: None
) -> Freed:
    """Take away what is older than a moment and may go, a batch at a time; return what went.

    Others may use the database meanwhile. An index that is mostly of texts that are gone is
    emptied, and filled again by whoever indexes next.
    """
    freed = Freed()
    while True:
        with begin(database) as work:
            some = work.pruning.free_texts(before)
            work.commit()
        if not some:
            break
        freed += some
        told(freed)
    with begin(database) as work:
        freed += work.pruning.free_records(before)
        if work.search_index.stale_share() > MOST_STALE:
            work.search_index.rebuild()
        work.commit()
    return freed
