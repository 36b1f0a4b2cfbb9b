"""Which development a hit joins, and whether that is worth telling. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import combinations

from model.dates import first_day
from model.records import (
    AlertReason,
    Article,
    Decision,
    DecisionId,
    Development,
    DevelopmentId,
    Hit,
    Milestone,
    Outcome,
    Relation,
)
from monitor.fingerprints import (
    SAME_TEXT,
    SIZE,
    containment,
    same_story,
    same_text,
    title_keys,
)
from monitor.headlines import (
    counts,
    has_han,
    holds_headline,
    notions,
    other_place,
    same_act,
    same_headline,
)

SAME_EVENT = timedelta(days=3)  # reports of one step this far apart are of one event
SAME_DAY = timedelta(days=1)  # undated reports of one step
FEWEST_SHARED = 3  # pairs of words from which two headlines are looked at
LATEST = 40  # articles with a hash or a pair of words that are looked at: many share common phrases
SHORT = 900  # letters, three to a Han character: below it headline, numbers and events decide
MOST_NOTIONS = 12  # notions of a headline that it is looked up by
FEW_NOTIONS = 4  # of a headline that another holds, where the texts share a number too
CLOSE = timedelta(days=14)  # near-duplicates further apart are a repost, and join all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a hit belongs."""

    joins: DevelopmentId | None  # None: it opens one
    new_origin: bool  # another text than those it joins: told independently
    reason: AlertReason | None  # None: nothing to tell


def place_hit(
    hit: Hit,
    article: Article,
    mark: Sequence[int],
    recent: Sequence[Development],
    apart: Collection[DevelopmentId] = (),
) -> Placement:
    """Choose a hit's development among a commitment's recent ones (newest first).

    A near-duplicate joins what it repeats most of; a report in other words, or another language,
    joins when it tells the same step or setback of the same days and place. What an analyst told
    `apart` from the hit is no choice.
    """
    written = article.published_at or hit.found_at
    open_to_it = [each for each in recent if each.id not in apart]
    copied = _copied(hit, article, mark, open_to_it, written)
    joined = copied or next(
        (each for each in open_to_it if _is_same_event(hit, article, each)), None
    )
    if joined is None:
        return Placement(joins=None, new_origin=True, reason=_reason_to_open(hit))
    return Placement(
        joins=joined.id, new_origin=copied is None, reason=_reason_to_join(hit, joined)
    )


@dataclass(frozen=True, slots=True)
class Folds:
    """What analysts decided on folds: which developments are two, and which are one."""

    told_apart: frozenset[frozenset[DevelopmentId]] = frozenset()
    joined: Mapping[DevelopmentId, DevelopmentId] = field(default_factory=dict)

    def apart_from(self, development_id: DevelopmentId | None) -> frozenset[DevelopmentId]:
        """Return the developments that one must not be folded with again."""
        pairs = [each for each in self.told_apart if development_id in each]
        return frozenset(one for pair in pairs for one in pair if one != development_id)

    def target(self, development_id: DevelopmentId) -> DevelopmentId:
        """Return the development that one was joined to, and that one in turn; itself if none."""
        passed = {development_id}
        while (following := self.joined.get(development_id)) and following not in passed:
            development_id = following
            passed.add(following)
        return development_id


def folds(decisions: Iterable[Decision]) -> Folds:
    """Read the splits and joins that stand out of decisions, oldest first."""
    every = list(decisions)
    undone: set[DecisionId | None] = set()
    for each in reversed(every):
        if each.outcome is Outcome.UNDONE and each.id not in undone:
            undone.add(each.undoes)
    apart: set[frozenset[DevelopmentId]] = set()
    joined: dict[DevelopmentId, DevelopmentId] = {}
    for each in every:
        other = _other(each)
        if each.id in undone or each.development_id is None or other is None:
            continue
        pair = frozenset((each.development_id, other))
        if each.outcome is Outcome.SPLIT:
            apart.add(pair)
            if joined.get(each.development_id) == other:
                del joined[each.development_id]
        elif each.outcome is Outcome.JOINED:
            apart.discard(pair)
            joined[each.development_id] = other
    return Folds(frozenset(apart), joined)


def _other(decision: Decision) -> DevelopmentId | None:
    number = (decision.other_id or "").removeprefix("F")
    return DevelopmentId(int(number)) if number.isdecimal() else None


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


def _copied(
    hit: Hit,
    article: Article,
    mark: Sequence[int],
    recent: Sequence[Development],
    written: datetime,
) -> Development | None:
    """Return what an article repeats: the most of it, the newest of equals."""
    texts = [each for each in recent if same_text(mark, each.signature)]
    if texts:
        return max(texts, key=lambda each: containment(mark, each.signature))
    return next((each for each in recent if _is_titled(hit, article, mark, each, written)), None)


def _is_titled(
    hit: Hit, article: Article, mark: Sequence[int], development: Development, written: datetime
) -> bool:
    """Tell whether the headlines show one dispatch, and nothing speaks against it."""
    if not _near(written, development, CLOSE) or _tells_another_step(hit, development):
        return False
    if same_story(article.title, mark, development.headline, development.signature):
        return True
    short = min(len(mark), len(development.signature)) < SIZE
    return short and _same_words(article.title, development.headline)


def _same_words(one: str, other: str) -> bool:
    """Tell whether two headlines of one script say the same; across scripts it is a report."""
    return has_han(one) == has_han(other) and same_headline(one, other)


def _tells_another_step(hit: Hit, development: Development) -> bool:
    told = hit.suggestion
    if not _is_news(hit) or development.relation is not Relation.FOLLOW_UP:
        return False
    if told.setback != development.setback:
        return True
    return bool(told.milestone and development.milestone) and not _same_step(
        told.milestone, development.milestone
    )


def _is_same_event(hit: Hit, article: Article, development: Development) -> bool:
    suggestion = hit.suggestion
    written = article.published_at or hit.found_at
    if _is_translated(hit, article, development, written):
        return True
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
    if other_place(suggestion.place, development.place):
        return False
    if suggestion.event_date and development.event_date:
        apart = first_day(suggestion.event_date) - first_day(development.event_date)
        return abs(apart) <= SAME_DAY
    return _near(written, development, SAME_EVENT)


def _is_translated(hit: Hit, article: Article, development: Development, written: datetime) -> bool:
    """Tell whether a headline is that of a development in another language."""
    if not _near(written, development, SAME_EVENT) or _tells_another_step(hit, development):
        return False
    if development.outcome is Outcome.REJECTED:
        return False
    return same_headline(article.title, development.headline)


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


Event = tuple[str, str]  # a commitment, and the step or setback that is told of it


@dataclass(slots=True)
class Stories:
    """Folds articles by story as they come, across commitments: one dispatch and its rewrites.

    Candidates share hashes of their signatures, pairs of words of their titles or an event, so the
    work grows with what is alike and not with all that was seen.
    """

    _seen: list[_Story] = field(default_factory=list)
    _by_hash: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    _by_key: dict[object, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(
        self,
        article_id: str,
        article: Article,
        mark: tuple[int, ...],
        named: Collection[str] = (),
        events: Collection[Event] = (),
    ) -> str:
        """Return the id of the first article that tells the same story: its own if none.

        `named` are the commitments the article names, `events` what it says has happened to them.
        """
        story = _Story(article_id, article, mark, frozenset(named), frozenset(events))
        keys = _story_keys(story)
        same = self._copied(story) or self._retold(story, keys)
        if same is not None:
            story = replace(story, first_id=same.first_id)
        for each in mark:
            self._by_hash[each].append(len(self._seen))
        for key in keys:
            self._by_key[key].append(len(self._seen))
        self._seen.append(story)
        return story.first_id

    def _copied(self, story: _Story) -> _Story | None:
        """Return the article that has most of the text in common; None where none has enough."""
        shared = Counter(
            place for each in story.mark for place in self._by_hash.get(each, ())[-LATEST:]
        )
        near = [place for place, _ in shared.most_common(LATEST)]
        alike = ((containment(story.mark, self._seen[place].mark), -place) for place in near)
        most, place = max(alike, default=(0.0, 0))
        return self._seen[-place] if most >= SAME_TEXT else None

    def _retold(self, story: _Story, keys: Collection[object]) -> _Story | None:
        """Return the first article that tells the same, by its headline or its event."""
        alike = Counter(place for key in keys for place in self._by_key.get(key, ())[-LATEST:])
        fewest = min(FEWEST_SHARED, len(keys))
        places = sorted(place for place, count in alike.items() if count >= fewest)
        return next(
            (self._seen[place] for place in places if _is_retold(story, self._seen[place])), None
        )


@dataclass(frozen=True, slots=True)
class _Story:
    first_id: str
    article: Article
    mark: tuple[int, ...]
    named: frozenset[str]
    events: frozenset[Event]

    @property
    def title(self) -> str:
        return self.article.title

    @property
    def is_long(self) -> bool:
        return len(self.article.text) > (SHORT if self.script == "en" else SHORT / 3)

    @property
    def script(self) -> str:
        return self.article.language[:2]

    @property
    def counts(self) -> frozenset[str]:
        return frozenset() if self.is_long else counts(f"{self.title}\n{self.article.text}")


def _story_keys(story: _Story) -> frozenset[object]:
    pairs = combinations(sorted(notions(story.title))[:MOST_NOTIONS], 2)
    events = ((event, count) for event in story.events for count in story.counts)
    return frozenset((*title_keys(story.title), *pairs, *events))


def _is_retold(one: _Story, other: _Story) -> bool:
    apart = _apart(one.article, other.article)
    if apart is not None and apart > CLOSE:
        return False
    if same_story(one.title, one.mark, other.title, other.mark):
        return True
    if one.named != other.named:
        return False  # a page that tells of another pledge besides is more than a copy
    if one.is_long and other.is_long and one.script == other.script:
        return False  # of long texts the text itself decides
    if same_headline(one.title, other.title):
        return True
    dated = apart is not None and apart <= SAME_EVENT
    near = apart is None or dated
    if near and holds_headline(one.title, other.title) and same_act(one.title, other.title):
        return True
    if not one.counts & other.counts:
        return False
    if apart is None and holds_headline(one.title, other.title, FEW_NOTIONS):
        return True
    return dated and not one.events.isdisjoint(other.events)


def _apart(one: Article, other: Article) -> timedelta | None:
    if one.published_at is None or other.published_at is None:
        return None
    return abs(one.published_at - other.published_at)
