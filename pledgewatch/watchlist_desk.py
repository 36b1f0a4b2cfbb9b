"""The watchlist for those who edit it, on the file and the database: `model.desk.WatchlistDesk`.

An edit becomes a version first and the file second, in one transaction that is undone where the
file cannot be replaced. The running program sees the new file within seconds (live.py) and looks
through the stored articles for what is new.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date
from pathlib import Path

from model.clock import Clock
from model.desk import (
    AcceptedVersion,
    Backtest,
    Drafted,
    Edit,
    EntryChange,
    Progress,
    RulePrecision,
    Trial,
    WatchlistText,
)
from model.errors import ConflictError, MissingRecordError, Problem, WatchlistError
from model.precision import figures, standing_decisions, tally
from model.records import Role, Watchlist
from model.rule_edits import propose
from model.watchlist import LoadedWatchlist, read_texts
from model.watchlist_changes import compare_texts
from model.watchlist_edits import edit_text, holds
from monitor.documents import Document, DocumentError, read_document
from monitor.extraction import check_selector
from monitor.matching import Matcher, check_query, compile_watchlist
from pledgewatch.backtest import run_backtest
from pledgewatch.drafts import drafted, fetch_document, fetch_page, is_address
from pledgewatch.settings import Settings
from pledgewatch.trying import article_of_page, article_of_text, try_article
from pledgewatch.watchlist_files import (
    Files,
    is_file_name,
    joined,
    like,
    read_files,
    replace_file,
    revision,
    set_aside,
    split,
    taken_apart,
)
from storage.database import Database
from storage.unit_of_work import UnitOfWork, begin, reading

logger = logging.getLogger(__name__)

FROM_THE_FILE = "file"  # author of what somebody edited outside of the program
PROPOSAL_DAYS = 90  # a proposed edit is tried on the articles of so many days


class FileWatchlistDesk:
    """`WatchlistDesk` on one file or a folder of files; safe to use from several threads."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._compiled: Matcher | None = None

    @property
    def path(self) -> Path:
        """Return the file or folder."""
        return self._settings.watchlist

    # --- the text -----------------------------------------------------------------

    def text(self, file: str | None = None) -> WatchlistText:
        """Return what stands on the disk now."""
        files = self._files()
        name = self._chosen(files, file)
        loaded = self._read(files)
        version = loaded.watchlist.version if loaded.watchlist else None
        with reading(self._database) as work:
            current = work.watchlists.current()
        is_accepted = current is not None and current.text == self._joined(files)
        return WatchlistText(
            text=files[name],
            file=name,
            files=tuple(files),
            revision=revision(files[name]),
            version=version,
            number=current.number if current is not None and is_accepted else None,
        )

    def edited(self, *edits: Edit) -> WatchlistText:
        """Return the file that holds the entry with edits made; nothing is stored."""
        files = self._files()
        name = next(
            (name for name, text in files.items() if any(holds(name, text, e) for e in edits)),
            next(iter(files)),
        )
        text = files[name]
        for edit in edits:
            text = edit_text(name, text, edit)
        return replace(self.text(name), text=text)

    def check(self, text: str, file: str | None = None) -> tuple[Problem, ...]:
        """Return every problem of a text, warnings too."""
        return self._read(self._with(text, file)).problems

    def diff(self, text: str, file: str | None = None) -> tuple[EntryChange, ...]:
        """Return what a text changes in what is on the disk, entry by entry."""
        after = self._with(text, file)
        self._watchlist(after)
        return compare_texts(self._files().items(), after.items())

    # --- versions -----------------------------------------------------------------

    def accept(
        self, text: str, actor: str, *, based_on: str | None = None, file: str | None = None
    ) -> int:
        """Put a text in use and return its version's number."""
        with begin(self._database) as work:
            work.watchlists.lock()
            before = self._files()
            name = self._chosen(before, file)
            if based_on is not None and revision(before.get(name, "")) != based_on:
                raise ConflictError(
                    f"{name} was changed by somebody else since you opened it; "
                    "look at what stands there now and make your edit again."
                )
            after = self._with(text, file, before)
            return self._put_in_use(work, before, after, actor, "watchlist.accepted")

    def rollback(self, number: int, actor: str) -> int:
        """Put a version's text in use again, as a new version; return its number."""
        with begin(self._database) as work:
            work.watchlists.lock()
            before = self._files()
            stored = work.watchlists.get(number)
            after = split(stored.text, self.path.name, folder=self.path.is_dir())
            return self._put_in_use(work, before, after, actor, "watchlist.rolled_back")

    def _put_in_use(
        self, work: UnitOfWork, before: Files, after: Files, actor: str, action: str
    ) -> int:
        """Store a version and replace what differs on the disk; commits."""
        watchlist = self._watchlist(after)
        now = self._clock.now()
        previous = self._keep_what_is_there(work, before)
        number = work.watchlists.accept(
            version=watchlist.version, text=self._joined(after), author=actor, now=now
        )
        if number != previous:
            was = None if previous is None else str(previous)
            work.audit.add(actor, Role.ADMIN, action, self.path.name, was, str(number), now)
        try:
            self._write(before, after)
            work.commit()
        except BaseException:
            self._write(after, before)  # the version was not stored: what was there goes on
            raise
        logger.info("the watchlist was edited", extra={"actor": actor, "number": number})
        return number

    def _keep_what_is_there(self, work: UnitOfWork, files: Files) -> int | None:
        """Remember a file that nobody accepted yet, so that one can go back to it."""
        loaded = self._read(files)
        if loaded.watchlist is not None:
            return work.watchlists.accept(
                version=loaded.watchlist.version,
                text=self._joined(files),
                author=FROM_THE_FILE,
                now=self._clock.now(),
            )
        current = work.watchlists.current()
        return None if current is None else current.number

    def _write(self, before: Files, after: Files) -> None:
        """Replace what differs; files of a folder that are no longer there are set aside."""
        for name, text in after.items():
            if before.get(name) != text:
                replace_file(self._file(name), text)
        for name in before:
            if name not in after:
                set_aside(self._file(name))

    def history(self, limit: int = 50) -> tuple[AcceptedVersion, ...]:
        """Return the accepted versions, newest first."""
        with reading(self._database) as work:
            versions = work.watchlists.listed(limit)
            current = work.watchlists.current()
        return tuple(
            AcceptedVersion(
                number=each.number,
                version=each.version,
                author=each.author,
                accepted_at=each.accepted_at,
                is_current=current is not None and each.number == current.number,
            )
            for each in versions
        )

    def changes(self, number: int, since: int | None = None) -> tuple[EntryChange, ...]:
        """Return what a version changed since another one (None: the one before it)."""
        with reading(self._database) as work:
            after = work.watchlists.get(number)
            before = work.watchlists.before(number) if since is None else work.watchlists.get(since)
        name = self.path.name
        old = {} if before is None else taken_apart(before.text, name)
        return compare_texts(old.items(), taken_apart(after.text, name).items())

    # --- what it would find -------------------------------------------------------

    def backtest(
        self,
        text: str,
        progress: Progress | None = None,
        *,
        days: int | None = None,
        file: str | None = None,
    ) -> Backtest:
        """Replay the stored articles (of the last `days`) under a text."""
        return self.backtest_of(self._watchlist(self._with(text, file)), progress, days=days)

    def backtest_of(
        self, watchlist: Watchlist, progress: Progress | None = None, *, days: int | None = None
    ) -> Backtest:
        """Replay the stored articles under a watchlist, against the one in use."""
        return run_backtest(
            self._database,
            self.in_use(),
            watchlist,
            now=self._clock.now(),
            days=days,
            progress=progress,
        )

    def backtest_proposed(
        self, rule: RulePrecision, progress: Progress | None = None, *, days: int = PROPOSAL_DAYS
    ) -> Backtest:
        """Replay the stored articles under the edit that is proposed for a rule."""
        if rule.proposed is None:
            raise MissingRecordError(f"No edit is proposed for {rule.rule_id}")
        edited = self.edited(*rule.proposed.edits)
        return self.backtest(edited.text, progress, days=days, file=edited.file)

    def in_use(self) -> Watchlist:
        """Return the version accepted last; the file where none was, or it cannot be read now."""
        with reading(self._database) as work:
            current = work.watchlists.current()
        stored = None if current is None else stored_watchlist(current.text, self._settings)
        return stored or self._watchlist(self._files())

    def try_text(self, text: str) -> Trial:
        """Say what an address, or a text, would match and why; raise FetchError."""
        now, watchlist = self._clock.now(), self.in_use()
        if is_address(text):
            article = article_of_page(text, fetch_page(self._settings, self._clock, text), now)
        else:
            article = article_of_text(text, now)
        with reading(self._database) as work:
            return try_article(article, watchlist, self._matcher(watchlist), work, now)

    def _matcher(self, watchlist: Watchlist) -> Matcher:
        matcher = self._compiled
        if matcher is None or matcher.watchlist_version != watchlist.version:
            matcher = self._compiled = compile_watchlist(watchlist)
        return matcher

    def draft(self, document: str, written: date | None = None) -> Drafted:
        """Propose entries from an address or a text; raise FetchError, or MissingRecordError."""
        source = document.strip() if is_address(document) else None
        try:
            read: Document = (
                fetch_document(self._settings, self._clock, source)
                if source
                else read_document(document.encode("utf-8", "replace"))
            )
        except DocumentError as error:
            raise MissingRecordError(f"Nothing can be drafted: {error}") from error
        return drafted(read, source, self._clock.now().date(), written)

    def precision(self) -> tuple[RulePrecision, ...]:
        """Return how often each rule was right, the weakest first, with what would help it."""
        watchlist = self.in_use()
        with reading(self._database) as work:
            standing = standing_decisions(work.decisions.all(), self._clock.now().date())
            tallies = tally(work.rules.hits(), standing, watchlist)
            weak = {key.id: (key, told) for key, told in tallies.items() if told.is_weak}
            judged = {hit.id for _, told in weak.values() for hit in told.judged}
            texts = work.rules.texts(judged)
        rows = figures(tallies, watchlist)
        proposals = {
            name: propose(
                key,
                told,
                watchlist.commitment(key.commitment_id) if key.commitment_id else None,
                texts,
            )
            for name, (key, told) in weak.items()
        }
        return tuple(replace(each, proposed=proposals.get(each.rule_id)) for each in rows)

    # --- reading ------------------------------------------------------------------

    def _files(self) -> dict[str, str]:
        """Return the texts on the disk; raise WatchlistError where they cannot be read."""
        try:
            files = read_files(self.path)
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(self.path, str(error)) from error
        if not files:
            raise _unreadable(self.path, "there is no *.yaml file in this folder")
        return files

    def _chosen(self, files: Files, file: str | None) -> str:
        """Return the name of the file that is meant; raise MissingRecordError."""
        if file is None:
            return next(iter(files))
        if file not in files and not (self.path.is_dir() and is_file_name(file)):
            raise MissingRecordError(
                f"{file} is no file of the watchlist; it has {', '.join(files)}"
            )
        return file

    def _with(self, text: str, file: str | None, files: Files | None = None) -> dict[str, str]:
        """Return the files with one text in its file's place."""
        files = self._files() if files is None else files
        name = self._chosen(files, file)
        return dict(sorted({**files, name: like(text, files.get(name))}.items()))

    def _file(self, name: str) -> Path:
        return self.path / name if self.path.is_dir() else self.path

    def _joined(self, files: Files) -> str:
        return joined(files, folder=self.path.is_dir())

    def _read(self, files: Files) -> LoadedWatchlist:
        return _checked(files, self._settings)

    def _watchlist(self, files: Files) -> Watchlist:
        """Return the watchlist; raise WatchlistError with every problem."""
        loaded = self._read(files)
        if loaded.watchlist is None:
            raise WatchlistError(loaded.problems)
        return loaded.watchlist


def stored_watchlist(text: str, settings: Settings) -> Watchlist | None:
    """Return the watchlist of a version's text; None where today's rules refuse it."""
    return _checked(taken_apart(text, settings.watchlist.name), settings).watchlist


def readable_version(text: str, settings: Settings) -> Watchlist:
    """Return the watchlist of a version's text; raise WatchlistError."""
    loaded = _checked(taken_apart(text, settings.watchlist.name), settings)
    if loaded.watchlist is None:
        raise WatchlistError(loaded.problems)
    return loaded.watchlist


def _checked(files: Files, settings: Settings) -> LoadedWatchlist:
    return read_texts(
        files.items(),
        allowed_hosts=settings.allow_private,
        check_query=check_query,
        check_selector=check_selector,
    )


def _unreadable(path: Path, why: str) -> WatchlistError:
    return WatchlistError((Problem(file=str(path), line=1, column=1, message=why),))
