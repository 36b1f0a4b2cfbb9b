"""`watchlist backtest`: the stored articles once more, under a changed watchlist.

What is predicted is what a real run stores: the articles go through `pipeline.find_hits` itself, in
the order in which they came, at the time at which they came, in a scratch database. Only the
commitments that the edit touches are matched. They are replayed under the watchlist of before as
well: what both find alike is no work of the edit.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from model.desk import (
    Backtest,
    ChangeKind,
    CommitmentBacktest,
    Finding,
    HitChange,
    Progress,
)
from model.errors import DatabaseUnusableError
from model.records import (
    AlertReason,
    Article,
    ArticleId,
    CommitmentId,
    DevelopmentId,
    Hit,
    Outcome,
    StoredArticle,
    Watchlist,
)
from model.watchlist_changes import read_by
from monitor.developments import folds
from monitor.matching import Matcher, compile_watchlist
from monitor.pipeline import LOOKED_AT_TOGETHER, Step, find_hits
from storage.database import Database
from storage.scratch import Scratch, scratch_database
from storage.unit_of_work import UnitOfWork, reading

logger = logging.getLogger(__name__)

BATCH = 1000  # articles that are held at a time
EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
COUNTED = timedelta(days=90)  # alerts a week are those of the last ninety days
WEEK = timedelta(days=7)
MOST_ALERTS = 1_000_000

Pair = tuple[CommitmentId, ArticleId]


def run_backtest(
    database: Database,
    before: Watchlist,
    after: Watchlist,
    *,
    now: datetime,
    days: int | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Replay the stored articles (of the last `days`) under two watchlists, and compare."""
    started = time.monotonic()
    affected = _affected(before, after)
    since = None if days is None else now - timedelta(days=days)
    with reading(database) as work, _replays(before, after, affected) as (old, new):
        total = work.rules.article_count(since)
        stored = _stored(work, affected, since)
        looked = _Looked(kept_for={article for _, article in stored})
        if affected:
            _look_through(work, (old, new), looked, since, total, progress)
        sides = _Sides(stored, old.finish(looked), new.finish(looked), looked)
    titles = {each.id: each.title for each in (*before.commitments, *after.commitments)}
    found = tuple(_compare(name, titles[name], kind, sides) for name, kind in affected.items())
    return Backtest(
        version_before=before.version,
        version_after=after.version,
        articles=total,
        since=since,
        weeks=looked.weeks,
        seconds=round(time.monotonic() - started, 3),
        commitments=found,
    )


def _affected(before: Watchlist, after: Watchlist) -> dict[CommitmentId, ChangeKind]:
    """Return the commitments that are found or read in another way, in the order of the file."""
    old = {each.id: read_by(each) for each in before.commitments}
    new = {each.id: read_by(each) for each in after.commitments}
    found = {
        name: ChangeKind.CHANGED if name in old else ChangeKind.ADDED
        for name, each in new.items()
        if old.get(name) != each
    }
    return found | {name: ChangeKind.REMOVED for name in old if name not in new}


# --- replaying ----------------------------------------------------------------------------


@dataclass(slots=True)
class _Looked:
    """What is kept of the articles: those that have a hit, without their text, and their time."""

    kept_for: Collection[ArticleId] = ()  # those that have a stored hit
    articles: dict[ArticleId, Article] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def weeks(self) -> float:
        """Return over how many weeks alerts are counted; a short history counts as one."""
        if self.first is None or self.last is None:
            return 1.0
        return max(min(self.last - self.first, COUNTED) / WEEK, 1.0)

    def note(self, stored: StoredArticle) -> None:
        if stored.id in self.kept_for:
            self.keep(stored)
        moment = _moment(stored.article)
        self.first = moment if self.first is None else min(self.first, moment)
        self.last = moment if self.last is None else max(self.last, moment)

    def keep(self, stored: StoredArticle) -> None:
        self.articles[stored.id] = replace(stored.article, text="")


def _moment(article: Article) -> datetime:
    """Return when an article was news: a history that was filled in later counts by its dates."""
    if article.published_at is None:
        return article.fetched_at
    return min(article.published_at, article.fetched_at)


@dataclass(slots=True)
class _Replayed:
    """What one watchlist finds."""

    hits: dict[Pair, Hit]
    alerts: Mapping[CommitmentId, int]  # within the weeks that are counted


class _Replay:
    """One watchlist over all articles, in a scratch database of its own."""

    def __init__(self, matcher: Matcher, scratch: Scratch) -> None:
        self._matcher = matcher
        self._scratch = scratch
        self._hits: dict[Pair, Hit] = {}
        self._opened: dict[DevelopmentId, Article] = {}  # what an alert would ring for

    def read(self, batch: Sequence[StoredArticle]) -> list[StoredArticle]:
        """Store what is found in a batch; return the articles in which something is."""
        found = [
            each
            for start in range(0, len(batch), LOOKED_AT_TOGETHER)
            for each in self._found(batch[start : start + LOOKED_AT_TOGETHER])
        ]
        if found:
            with self._scratch.begin() as work:
                for each in found:
                    self._try(work, each)
        return found

    def _found(self, few: Sequence[StoredArticle]) -> list[StoredArticle]:
        """Return the articles in which something is; most are told to be silent together."""
        if self._matcher.is_silent([each.article for each in few]):
            return []
        return [each for each in few if self._matcher.find(each.article)]

    def _try(self, work: UnitOfWork, stored: StoredArticle) -> None:
        """Process an article; one that fails is left out, as a poll would leave it out."""
        try:
            with self._scratch.savepoint(work):
                self._process(work, stored)
        except DatabaseUnusableError:
            raise
        except Exception:
            logger.exception("an article failed in a backtest", extra={"article": stored.id})

    def _process(self, work: UnitOfWork, stored: StoredArticle) -> None:
        article = replace(stored.article, canonical_url="")  # the database knew who is who
        work.articles.add_new([article])
        known = work.articles.known(article.feed_id, [article.entry_id])
        number = known[article.entry_id][0]
        step = Step(work=work, now=article.fetched_at, tell=True)
        for hit in find_hits(step, article, number, self._matcher):
            self._hits[hit.commitment_id, stored.id] = hit
            if hit.development_id is not None:
                self._opened.setdefault(hit.development_id, article)

    def finish(self, looked: _Looked) -> _Replayed:
        """Return what was found, and how many alerts were raised in the weeks that count."""
        since = EARLIEST if looked.last is None else looked.last - COUNTED
        counts: dict[CommitmentId, int] = {}
        with self._scratch.begin() as work:
            for alert in work.outbox.unrouted(MOST_ALERTS):
                if alert.reason is not AlertReason.NEW_DEVELOPMENT or not alert.development_id:
                    continue
                if _moment(self._opened[alert.development_id]) >= since:
                    counts[alert.commitment_id] = counts.get(alert.commitment_id, 0) + 1
        return _Replayed(self._hits, counts)


@contextmanager
def _replays(
    before: Watchlist, after: Watchlist, affected: Collection[CommitmentId]
) -> Iterator[tuple[_Replay, _Replay]]:
    with scratch_database() as old, scratch_database() as new:
        yield _replay(before, affected, old), _replay(after, affected, new)


def _replay(watchlist: Watchlist, affected: Collection[CommitmentId], scratch: Scratch) -> _Replay:
    chosen = tuple(each for each in watchlist.commitments if each.id in affected)
    return _Replay(compile_watchlist(replace(watchlist, commitments=chosen)), scratch)


def _look_through(
    work: UnitOfWork,
    replays: Sequence[_Replay],
    looked: _Looked,
    since: datetime | None,
    total: int,
    progress: Progress | None,
) -> None:
    done, after = 0, 0
    while batch := work.articles.batch(since or EARLIEST, after, BATCH):
        after = batch[-1].id
        for each in batch:
            looked.note(each)
        for replay in replays:
            for each in replay.read(batch):
                looked.keep(each)
        done += len(batch)
        if progress is not None:
            progress(min(done, total), total)


# --- comparing ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Stored:
    """A hit as the database has it, with what was decided on it."""

    hit: Hit
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class _Sides:
    """What is stored, what the old watchlist finds, and what the new one does."""

    stored: Mapping[Pair, _Stored]
    old: _Replayed
    new: _Replayed
    looked: _Looked


def _stored(
    work: UnitOfWork, affected: Collection[CommitmentId], since: datetime | None
) -> dict[Pair, _Stored]:
    found = list(work.rules.of_commitments(affected, since))
    outcomes = {hit.development_id: outcome for hit, outcome in found}
    joined = {name: folds(work.decisions.of_commitment(name)) for name in affected}
    stored: dict[Pair, _Stored] = {}
    for hit, outcome in found:
        if outcome is Outcome.JOINED and hit.development_id is not None:
            target = joined[hit.commitment_id].target(hit.development_id)
            outcome = outcomes.get(target)
        stored[hit.commitment_id, hit.article_id] = _Stored(hit, outcome)
    return stored


def _compare(name: CommitmentId, title: str, kind: ChangeKind, sides: _Sides) -> CommitmentBacktest:
    stored, old, new = (
        {article for commitment, article in each if commitment == name}
        for each in (sides.stored, sides.old.hits, sides.new.hits)
    )
    gained = [_change(sides, (name, each), by_this_edit=each not in old) for each in new - stored]
    lost = [_change(sides, (name, each), by_this_edit=each in old) for each in stored - new]
    reread = [
        _change(sides, (name, each), reread=True)
        for each in stored & old & new
        if _reads_otherwise(sides, (name, each))
    ]
    return CommitmentBacktest(
        commitment_id=name,
        title=title,
        kind=kind,
        hits_before=len(stored),
        hits_after=len(new),
        kept=len(stored & new),
        gained=_sorted(gained),
        lost=_sorted(lost),
        changed=_sorted(reread),
        alerts_a_week_before=_a_week(sides.old, name, sides.looked),
        alerts_a_week_after=_a_week(sides.new, name, sides.looked),
    )


def _reads_otherwise(sides: _Sides, pair: Pair) -> bool:
    before, after = sides.old.hits[pair].suggestion, sides.new.hits[pair].suggestion
    return before.relation is not after.relation


def _change(
    sides: _Sides, pair: Pair, *, by_this_edit: bool = True, reread: bool = False
) -> HitChange:
    known = sides.stored.get(pair)
    before = sides.old.hits[pair] if reread else known.hit if known else None
    after = sides.new.hits.get(pair)
    article = sides.looked.articles[pair[1]]
    return HitChange(
        commitment_id=pair[0],
        article_id=pair[1],
        title=article.title,
        url=article.url,
        feed_id=article.feed_id,
        published_at=article.published_at,
        fetched_at=article.fetched_at,
        before=_finding(before),
        after=_finding(after),
        hit_id=known.hit.id if known else None,
        development_id=known.hit.development_id if known else None,
        outcome=known.outcome if known else None,
        by_this_edit=by_this_edit,
    )


def _finding(hit: Hit | None) -> Finding | None:
    if hit is None:
        return None
    told = hit.suggestion
    return Finding(
        relation=told.relation,
        milestone=told.milestone,
        setback=told.setback,
        quotes=tuple(dict.fromkeys(match.quote for match in hit.matches)),
    )


def _sorted(changes: Iterable[HitChange]) -> tuple[HitChange, ...]:
    """Return confirmed ones first, then the newest."""
    newest_first = sorted(changes, key=lambda each: (each.fetched_at, each.article_id))[::-1]
    return tuple(sorted(newest_first, key=lambda each: not each.was_confirmed))


def _a_week(replayed: _Replayed, name: CommitmentId, looked: _Looked) -> float:
    return round(replayed.alerts.get(name, 0) / looked.weeks, 2)
