"""Which development a hit joins, and whether that is worth telling. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from model.dates import first_day
from model.records import (
    AlertReason,
    Article,
    Development,
    DevelopmentId,
    Hit,
    Milestone,
    Outcome,
    Relation,
)
from monitor.fingerprints import same_text, same_title

SAME_EVENT = timedelta(days=3)  # reports of one step this far apart are of one event
SAME_DAY = timedelta(days=1)  # undated reports of one step
CLOSE = timedelta(days=14)  # near-duplicates further apart are a repost, and join all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a hit belongs."""

    joins: DevelopmentId | None  # None: it opens one
    new_origin: bool  # another text than those it joins: told independently
    reason: AlertReason | None  # None: nothing to tell


def place_hit(
    hit: Hit, article: Article, mark: Sequence[int], recent: Sequence[Development]
) -> Placement:
    """Choose a hit's development among a commitment's recent ones (newest first).

    A near-duplicate joins whatever it repeats; a report in other words, or another language, joins
    when it tells the same step or setback of the same days.
    """
    copied = next((each for each in recent if _is_copy(article, mark, each)), None)
    joined = copied or next((each for each in recent if _is_same_event(hit, article, each)), None)
    if joined is None:
        return Placement(joins=None, new_origin=True, reason=_reason_to_open(hit))
    return Placement(
        joins=joined.id, new_origin=copied is None, reason=_reason_to_join(hit, joined)
    )


def _reason_to_open(hit: Hit) -> AlertReason | None:
    return AlertReason.NEW_DEVELOPMENT if _is_news(hit) else None


def _reason_to_join(hit: Hit, joined: Development) -> AlertReason | None:
    if not _is_news(hit):
        return None
    if joined.relation is not Relation.FOLLOW_UP:
        return AlertReason.NEW_DEVELOPMENT  # what was a repetition turns out to be a step
    return AlertReason.MORE_OUTLETS if joined.told else None


def _is_news(hit: Hit) -> bool:
    return hit.suggestion.relation is Relation.FOLLOW_UP


def _is_copy(article: Article, mark: Sequence[int], development: Development) -> bool:
    return same_text(mark, development.signature) or same_title(article.title, development.headline)


def _is_same_event(hit: Hit, article: Article, development: Development) -> bool:
    suggestion = hit.suggestion
    if not _is_news(hit) or development.relation is not Relation.FOLLOW_UP:
        return False
    if development.outcome is Outcome.REJECTED:
        return False
    if suggestion.setback != development.setback or not _same_step(
        suggestion.milestone, development.milestone
    ):
        return False
    if suggestion.milestone is None and suggestion.setback is None:
        return False
    if suggestion.event_date and development.event_date:
        apart = first_day(suggestion.event_date) - first_day(development.event_date)
        return abs(apart) <= SAME_DAY
    written = article.published_at or hit.found_at
    return _near(written, development, SAME_EVENT)


def _same_step(one: Milestone | None, other: Milestone | None) -> bool:
    """Tell whether two milestones may be told of one event: unveiled and opened often are."""
    if one is other:
        return True
    together = (
        {Milestone.UNVEILED, Milestone.OPERATING, Milestone.ESTABLISHED},
        {Milestone.SIGNED, Milestone.ESTABLISHED},
        {Milestone.PROPOSED, Milestone.COMMITTED},
    )
    return any(one in each and other in each for each in together)


def _near(moment: datetime, development: Development, distance: timedelta) -> bool:
    return development.first_seen_at - distance <= moment <= development.last_seen_at + distance


@dataclass(slots=True)
class Stories:
    """Folds articles by story as they come, across commitments: one dispatch and its rewrites."""

    _seen: list[tuple[str, str, tuple[int, ...], datetime | None]] = field(default_factory=list)

    def add(self, article_id: str, article: Article, mark: tuple[int, ...]) -> str:
        """Return the id of the first article that tells the same story: its own if none."""
        for known_id, title, known, at in self._seen:
            close = (
                at is None
                or article.published_at is None
                or abs(at - article.published_at) <= CLOSE
            )
            if same_text(mark, known) or (close and same_title(article.title, title)):
                return known_id
        self._seen.append((article_id, article.title, mark, article.published_at))
        return article_id
