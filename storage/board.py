"""The board: where each pledge stands, from storage and watchlist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from model.ledger import in_effect
from model.records import (
    Commitment,
    Decision,
    Development,
    DevelopmentId,
    Outcome,
    Relation,
    Watchlist,
)
from model.standing import Attention, Standing, Watch, standing
from storage.hits import NOT_ABOUT_IT
from storage.looking import Looked, ObservedDays
from storage.standings import Standings
from storage.unit_of_work import UnitOfWork

WEEKS = 52
WEEK = timedelta(days=7)
FOLLOW_UPS = 50  # of one pledge, that a row looks at


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One pledge on the board."""

    commitment: Commitment
    standing: Standing
    attention: Attention
    last_follow_up: Development | None
    suggested: Development | None  # the newest unreviewed follow-up that tells a stage
    days_since: int | None  # since anybody spoke of it
    watch: Watch
    unreviewed: int = 0  # follow-ups that wait for an analyst
    weeks: tuple[int, ...] = ()  # hits of the last 52 weeks, oldest first
    confirmed_on: tuple[date, ...] = ()  # when follow-ups were confirmed, of those weeks
    looked_at: bool = False  # decided on within the last week


def board(
    work: UnitOfWork, watchlist: Watchlist, now: datetime, looked: Looked | None = None
) -> tuple[Row, ...]:
    """Return every pledge with where it stands at a moment, in the order of the watchlist.

    As many questions to the database for a thousand pledges as for one, but for those that promise
    a number.
    """
    if looked is None:
        longest = max((each.quiet_days for each in watchlist.commitments), default=0)
        span = timedelta(days=longest + 1)
        looked = ObservedDays().looked(work, watchlist.feeds, now, span)
    weeks = work.hits.by_week(now - WEEK * WEEKS, now)
    decisions = work.decisions.by_commitment()
    memo = work.decisions.standings()
    mistaken = [
        each.development_id
        for commitment in watchlist.commitments
        for each in memo.effective(commitment.id, decisions.get(commitment.id, ()), now.date())
        if each.development_id is not None and each.outcome in NOT_ABOUT_IT
    ]
    relations = [Relation.FOLLOW_UP, Relation.RESTATEMENT]
    seen = work.hits.last_seen(relations, until=now, apart_from=mistaken)
    newest = work.developments.newest(Relation.FOLLOW_UP, now, FOLLOW_UPS)
    counted = {
        each.id: _counted(work, newest.get(each.id, ()), decisions.get(each.id, ()), now.date())
        for each in watchlist.commitments
        if any(clause.target is not None for clause in each.clauses)
    }
    return tuple(
        _row(
            memo,
            each,
            decisions.get(each.id, ()),
            newest.get(each.id, ()),
            seen.get(each.id),
            weeks.get(each.id, Counter()),
            looked,
            counted.get(each.id, {}),
            now,
        )
        for each in watchlist.commitments
    )


def watch_of(commitment: Commitment, last: datetime | None, looked: Looked, today: date) -> Watch:
    """Return what the clocks of a commitment need to know of our looking."""
    return Watch(
        since=looked.since,
        last_seen_on=None if last is None else last.date(),
        observed_share=looked.share(commitment.quiet_days, today),
    )


def _row(
    memo: Standings,
    commitment: Commitment,
    decisions: Sequence[Decision],
    found: Sequence[Development],
    last: datetime | None,
    weeks: Counter[int],
    looked: Looked,
    counted: Mapping[DevelopmentId, int],
    now: datetime,
) -> Row:
    today = now.date()
    watch = watch_of(commitment, last, looked, today)
    known = _outcomes(memo.effective(commitment.id, decisions, today))
    if counted:
        stands = standing(commitment, decisions, today, watch=watch, counted=counted)
    else:
        stands = memo.standing(commitment, decisions, today, watch)
    waiting = [each for each in found if known.get(each.id) in (None, Outcome.UNSURE)]
    return Row(
        commitment=commitment,
        standing=stands,
        attention=stands.attention,
        last_follow_up=next((e for e in found if known.get(e.id) not in NO_FOLLOW_UP), None),
        suggested=next((each for each in waiting if each.stage), None),
        days_since=None if last is None else (now - last).days,
        unreviewed=len(waiting),
        weeks=tuple(weeks.get(number, 0) for number in range(WEEKS)),
        confirmed_on=tuple(
            each.first_seen_at.date()
            for each in found
            if known.get(each.id) is Outcome.CONFIRMED and now - each.first_seen_at < WEEK * WEEKS
        ),
        watch=watch,
        looked_at=any(now - WEEK <= each.decided_at <= now for each in decisions),
    )


def _counted(
    work: UnitOfWork, found: Sequence[Development], decisions: Sequence[Decision], today: date
) -> dict[DevelopmentId, int]:
    """Return what confirmed developments report of a number that was promised."""
    known = _outcomes(in_effect(decisions, today))
    confirmed = [each.id for each in found if known.get(each.id) is Outcome.CONFIRMED]
    reports = [report for each in confirmed for report in work.developments.reports(each, 1)]
    return {
        report.hit.development_id: report.hit.suggestion.done
        for report in reports
        if report.hit.development_id is not None and report.hit.suggestion.done is not None
    }


NO_FOLLOW_UP = frozenset({Outcome.REJECTED, Outcome.RESTATEMENT, Outcome.JOINED, Outcome.MOVED})


def _outcomes(effective: Iterable[Decision]) -> dict[int, Outcome]:
    """Return what stands decided of each development."""
    return {
        each.development_id: each.outcome for each in effective if each.development_id is not None
    }
