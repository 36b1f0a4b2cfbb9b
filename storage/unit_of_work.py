"""One transaction and the repositories that share it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from model.errors import DatabaseUnusableError
from storage.articles import Articles
from storage.audit import Audit
from storage.coverage import Coverage
from storage.database import Database, explain, explained
from storage.decisions import Decisions
from storage.deliveries import Deliveries
from storage.developments import Developments
from storage.feeds import Feeds
from storage.history import History
from storage.hits import Hits
from storage.invitations import Invitations
from storage.logins import Logins, Sessions
from storage.observed import Observed
from storage.outbox import Outbox
from storage.people import People
from storage.proposed_edits import ProposedEdits
from storage.pruning import Pruning
from storage.queue import Queue
from storage.rules import Rules
from storage.search_index import SearchIndex
from storage.subscribers import Subscribers
from storage.views import Views
from storage.watchlists import Watchlists


class UnitOfWork:
    """One transaction; rolls back unless `commit()` was called.

    The driver's errors leave the block as DatabaseUnusableError, saying what to do.
    """

    def __init__(self, database: Database, *, writes: bool) -> None:
        self._database = database
        self._writes = writes

    def __enter__(self) -> Self:
        with explained(self._database):
            opened = self._database.writing() if self._writes else self._database.reading()
            self._connection: Connection = opened
            self._transaction = opened.begin()
        self.feeds = Feeds(opened)
        self.articles = Articles(opened)
        self.hits = Hits(opened)
        self.history = History(opened)
        self.search_index = SearchIndex(opened)
        self.pruning = Pruning(opened)
        self.developments = Developments(opened)
        self.outbox = Outbox(opened)
        self.subscribers = Subscribers(opened)
        self.invitations = Invitations(opened)
        self.people = People(opened)
        self.proposed_edits = ProposedEdits(opened)
        self.deliveries = Deliveries(opened)
        self.decisions = Decisions(opened)
        self.queue = Queue(opened)
        self.audit = Audit(opened)
        self.logins = Logins(opened)
        self.sessions = Sessions(opened)
        self.views = Views(opened)
        self.watchlists = Watchlists(opened)
        self.rules = Rules(opened)
        self.coverage = Coverage(opened)
        self.observed = Observed(opened)
        return self

    def commit(self) -> None:
        """Make everything so far permanent; nothing may follow in this unit of work."""
        with explained(self._database):
            self._transaction.commit()

    def savepoint(self) -> AbstractContextManager[object]:
        """Return a context that, left by an exception, undoes what was done in it."""
        return self._connection.begin_nested()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._transaction.is_active:
                self._transaction.rollback()
        finally:
            self._connection.close()
        if isinstance(error, DBAPIError):
            raise DatabaseUnusableError(explain(self._database, str(error.orig))) from error


def begin(database: Database) -> UnitOfWork:
    """Begin a transaction that writes."""
    return UnitOfWork(database, writes=True)


def reading(database: Database) -> UnitOfWork:
    """Begin a transaction that only reads: one snapshot throughout."""
    return UnitOfWork(database, writes=False)
