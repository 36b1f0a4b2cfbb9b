"""Which development a hit joins, and whether that is worth telling. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
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
from monitor.fingerprints import same_story, same_text, title_keys

SAME_EVENT = timedelta(days=3)  # reports of one step this far apart are of one event
SAME_DAY = timedelta(days=1)  # undated reports of one step
FEWEST_SHARED = 3  # hashes or pairs of words from which two articles are looked at
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
    written = article.published_at or hit.found_at
    copied = next((each for each in recent if _is_copy(article, mark, each, written)), None)
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


def _is_copy(
    article: Article, mark: Sequence[int], development: Development, written: datetime
) -> bool:
    if same_text(mark, development.signature):
        return True
    return _near(written, development, CLOSE) and same_story(
        article.title, mark, development.headline, development.signature
    )


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
    """Folds articles by story as they come, across commitments: one dispatch and its rewrites.

    Candidates share a hash of their signatures or a pair of words of their titles, so the work
    grows with what is alike and not with all that was seen.
    """

    _seen: list[_Story] = field(default_factory=list)
    _by_hash: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _by_title: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, article_id: str, article: Article, mark: tuple[int, ...]) -> str:
        """Return the id of the first article that tells the same story: its own if none."""
        story = _Story(article_id, article.title, mark, article.published_at)
        rare = title_keys(article.title)
        for place in sorted(self._candidates(mark, rare)):
            if _is_one_story(story, self._seen[place]):
                story = replace(story, first_id=self._seen[place].first_id)
                break
        for each in mark:
            self._by_hash[each].append(len(self._seen))
        for key in rare:
            self._by_title[key].append(len(self._seen))
        self._seen.append(story)
        return story.first_id

    def _candidates(self, mark: Sequence[int], keys: Collection[str]) -> set[int]:
        shared = Counter(place for each in mark for place in self._by_hash.get(each, ()))
        found = {place for place, count in shared.items() if count >= FEWEST_SHARED}
        alike = Counter(place for key in keys for place in self._by_title.get(key, ()))
        fewest = min(FEWEST_SHARED, len(keys))
        return found | {place for place, count in alike.items() if count >= fewest}


@dataclass(frozen=True, slots=True)
class _Story:
    first_id: str
    title: str
    mark: tuple[int, ...]
    at: datetime | None


def _is_one_story(one: _Story, other: _Story) -> bool:
    if same_text(one.mark, other.mark):
        return True
    close = one.at is None or other.at is None or abs(one.at - other.at) <= CLOSE
    return close and same_story(one.title, one.mark, other.title, other.mark)
