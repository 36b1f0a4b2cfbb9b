"""The board: where each pledge stands, from storage and watchlist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from model.feed_health import observed_hours
from model.records import Commitment, CommitmentId, Development, Relation, Watchlist
from model.standing import Attention, Standing, attention_on, standing
from storage.unit_of_work import UnitOfWork

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One pledge on the board."""

    commitment: Commitment
    standing: Standing
    attention: Attention
    last_follow_up: Development | None
    suggested: Development | None  # the newest unreviewed follow-up that tells a stage
    days_since: int | None  # since anybody spoke of it


def board(work: UnitOfWork, watchlist: Watchlist, now: datetime) -> tuple[Row, ...]:
    """Return every pledge with where it stands, in the order of the watchlist."""
    seen = work.hits.last_seen([Relation.FOLLOW_UP, Relation.RESTATEMENT])
    hours = work.coverage.since(now - timedelta(days=130))
    watched_since = min((hour.hour.date() for hour in hours), default=None)
    active = [feed.id for feed in watchlist.feeds if not feed.paused]
    observed = observed_hours(hours, len(active))
    return tuple(
        _row(work, each, seen, watched_since, observed, now) for each in watchlist.commitments
    )


def _row(
    work: UnitOfWork,
    commitment: Commitment,
    seen: Mapping[CommitmentId, datetime],
    watched_since: date | None,
    observed: Mapping[datetime, bool],
    now: datetime,
) -> Row:
    decisions = work.decisions.of_commitment(commitment.id)
    found = work.developments.listed(
        commitment_id=commitment.id, relation=Relation.FOLLOW_UP, limit=10
    )
    last = seen.get(commitment.id)
    span = timedelta(days=commitment.quiet_days)
    good = sum(ok for hour, ok in observed.items() if now - span <= hour <= now)
    share = good / (span / HOUR)
    return Row(
        commitment=commitment,
        standing=standing(commitment, decisions, now.date()),
        attention=attention_on(
            commitment, last.date() if last else None, watched_since, share, now.date()
        ),
        last_follow_up=found[0] if found else None,
        suggested=next((each for each in found if each.stage and each.outcome is None), None),
        days_since=None if last is None else (now - last).days,
    )
