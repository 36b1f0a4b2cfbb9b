"""Articles in and results out as JSON lines, and how good the results are. Pure.

The shapes are those of `pledgewatch match` and `pledgewatch evaluate` (docs/quality.md).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

from model.dates import first_day, is_edtf
from model.records import (
    Article,
    FeedId,
    Language,
    Relation,
    Stage,
    Suggestion,
    TermRole,
    Watchlist,
)
from model.text import detect_language
from monitor.developments import Event, Stories
from monitor.fingerprints import signature
from monitor.matching import CommitmentMatch, Matcher
from monitor.scoring import score_match
from monitor.stages import suggest

READ_AT = datetime(1970, 1, 1, tzinfo=UTC)  # an article from a file was fetched at no time


class ArticleLineError(ValueError):
    """A line that is no article; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One hit outside of any database."""

    match: CommitmentMatch
    suggestion: Suggestion
    score: float


def article_from_json(given: object) -> Article:
    """Read an article; raise ArticleLineError saying what is wrong with the line."""
    if not isinstance(given, dict):
        raise ArticleLineError("an article is a JSON object")
    texts = {name: _text(given, name) for name in ("title", "text", "url", "lang", "source")}
    if not isinstance(given.get("id"), str) or not given["id"]:
        raise ArticleLineError("`id` is a text and is not empty")
    whole = f"{texts['title']}\n{texts['text']}"
    told = texts["lang"]
    known = {each.value for each in Language if each is not Language.UNKNOWN}
    return Article(
        feed_id=FeedId(texts["source"]),
        entry_id=given["id"],
        url=texts["url"],
        title=texts["title"],
        text=texts["text"],
        language=Language(told) if told in known else detect_language(whole),
        published_at=_moment(given.get("published")),
        fetched_at=READ_AT,
        canonical_url=texts["url"],
        text_hash=hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ArticleLineError(f"`{name}` is a text")
    return value


def _moment(value: object) -> datetime | None:
    """Read a date or a moment; noon stands for a day without a time."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        if is_edtf(value):
            return datetime.combine(first_day(value), time(12), UTC)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    raise ArticleLineError(
        f"`published` is no date like 2026-07-16 or 2026-07-16T09:30:00Z: {value!r}"
    )


def find(article: Article, matcher: Matcher) -> tuple[Found, ...]:
    """Match one article and say what it does for each commitment."""
    found = []
    for match in matcher.find(article):
        suggestion = suggest(article, match)
        if suggestion is not None:
            found.append(
                Found(match=match, suggestion=suggestion, score=score_match(article, match))
            )
    return tuple(found)


def what_is_told(found: Iterable[Found]) -> tuple[frozenset[str], frozenset[Event]]:
    """Return the commitments an article names, and the steps and setbacks it tells of them."""
    named, events = set(), set()
    for each in found:
        commitment, told = str(each.match.commitment.id), each.suggestion
        named.add(commitment)
        if told.relation is Relation.FOLLOW_UP and (told.milestone or told.setback):
            events.add((commitment, str(told.setback or told.milestone)))
    return frozenset(named), frozenset(events)


def result_row(
    article: Article, found: Iterable[Found], development: str | None = None
) -> dict[str, Any]:
    """Return one result line."""
    row: dict[str, Any] = {"id": article.entry_id, "hits": [_hit_row(each) for each in found]}
    if development is not None:
        row["development"] = development
    return row


def _hit_row(found: Found) -> dict[str, Any]:
    suggestion = found.suggestion
    return {
        "commitment": found.match.commitment.id,
        "relation": suggestion.relation,
        "milestone": suggestion.milestone,
        "setback": suggestion.setback,
        "stage": suggestion.stage,
        "score": found.score,
        "why": suggestion.why,
        "matches": [
            {
                "term": each.term,
                "part": each.part,
                "start": each.start,
                "end": each.end,
                "quote": each.quote,
            }
            for each in found.match.matches
        ],
    }


# --- how good it is --------------------------------------------------------------


@dataclass(slots=True)
class Count:
    """Right, wrong and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """Return the share of found ones that are right; None where nothing was found."""
        found = self.right + self.wrong
        return self.right / found if found else None

    @property
    def recall(self) -> float | None:
        """Return the share of labelled ones that were found; None where nothing is labelled."""
        labelled = self.right + self.missed
        return self.right / labelled if labelled else None

    @property
    def f1(self) -> float | None:
        """Return the harmonic mean of the two."""
        whole = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / whole if whole else None

    def facts(self) -> dict[str, float | int | None]:
        """Return the count as plain values."""
        return {
            "n": self.right + self.missed,
            "right": self.right,
            "wrong": self.wrong,
            "missed": self.missed,
            "precision": _rounded(self.precision),
            "recall": _rounded(self.recall),
            "f1": _rounded(self.f1),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


Confusion = Counter[tuple[str, str]]  # (labelled, found)


@dataclass(slots=True)
class Evaluation:
    """What came out of one labelled file. Rows in other languages are counted apart."""

    rows: int = 0
    about: Count = field(default_factory=Count)
    by_commitment: dict[str, Count] = field(default_factory=dict)
    by_language: dict[str, Count] = field(default_factory=dict)
    by_kind: dict[str, Count] = field(default_factory=dict)
    other: Count = field(default_factory=Count)
    substring: Count = field(default_factory=Count)  # baseline: titles and aliases as they stand
    keywords: Count = field(default_factory=Count)  # baseline: weak aliases too, without context
    relations: Confusion = field(default_factory=Counter)
    relations_by_kind: dict[str, Confusion] = field(default_factory=dict)
    stages: dict[str, Count] = field(default_factory=dict)
    stages_right: int = 0
    stages_labelled: int = 0
    stories: Count = field(default_factory=Count)  # pairs of articles in one story

    @property
    def relation_accuracy(self) -> float | None:
        """Return the share of right pairs that have the labelled relation."""
        return _share(self.relations, lambda labelled, found: labelled == found)

    @property
    def always_follow_up(self) -> float | None:
        """Return what calling everything a follow-up would score."""
        return _share(self.relations, lambda labelled, _: labelled == Relation.FOLLOW_UP)

    def relation_count(self, relation: Relation) -> Count:
        """Return right, wrong and missed of one relation, over pairs found and labelled."""
        count = Count()
        for (labelled, found), number in self.relations.items():
            if labelled == found == relation:
                count.right += number
            elif found == relation:
                count.wrong += number
            elif labelled == relation:
                count.missed += number
        return count

    @property
    def macro_f1(self) -> float | None:
        """Return the mean F1 of the three relations."""
        scores = [self.relation_count(each).f1 for each in Relation]
        return sum(each or 0.0 for each in scores) / len(scores) if self.relations else None

    @property
    def stage_accuracy(self) -> float | None:
        """Return the share of labelled follow-ups, found as such, whose stage is right."""
        return self.stages_right / self.stages_labelled if self.stages_labelled else None

    def facts(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "rows": self.rows,
            "about": self.about.facts(),
            "about_by_commitment": {
                name: each.facts() for name, each in self.by_commitment.items()
            },
            "about_by_language": {name: each.facts() for name, each in self.by_language.items()},
            "about_by_text_kind": {name: each.facts() for name, each in self.by_kind.items()},
            "about_other_languages": self.other.facts(),
            "baseline_substring": self.substring.facts(),
            "baseline_keywords": self.keywords.facts(),
            "relation": {
                "accuracy": _rounded(self.relation_accuracy),
                "macro_f1": _rounded(self.macro_f1),
                "always_follow_up_accuracy": _rounded(self.always_follow_up),
                "by_relation": {each: self.relation_count(each).facts() for each in Relation},
                "confusion": [
                    {"labelled": labelled, "found": found, "n": number}
                    for (labelled, found), number in sorted(self.relations.items())
                ],
                "accuracy_by_text_kind": {
                    name: _rounded(_share(each, lambda labelled, found: labelled == found))
                    for name, each in self.relations_by_kind.items()
                },
            },
            "stage": {
                "accuracy": _rounded(self.stage_accuracy),
                "n": self.stages_labelled,
                "by_stage": {name: each.facts() for name, each in self.stages.items()},
            },
            "stories": self.stories.facts(),
        }


def _share(confusion: Confusion, counts: Any) -> float | None:  # noqa: ANN401 - a test of two words
    whole = sum(confusion.values())
    right = sum(number for pair, number in confusion.items() if counts(*pair))
    return right / whole if whole else None


@dataclass(slots=True)
class Evaluator:
    """Takes labelled rows one by one."""

    watchlist: Watchlist
    matcher: Matcher
    result: Evaluation = field(default_factory=Evaluation)
    _stories: Stories = field(default_factory=Stories)
    _told: list[tuple[str | None, str]] = field(default_factory=list)  # labelled and found story

    def add(self, row: dict[str, Any]) -> None:
        """Match one labelled article and count; raise ArticleLineError for a bad line."""
        article = article_from_json(row)
        labels = _labels(row)
        found = {str(each.match.commitment.id): each for each in find(article, self.matcher)}
        self.result.rows += 1
        mark = signature(article.title, article.text)
        matches = tuple(found.values())
        story = self._stories.add(article.entry_id, article, mark, *what_is_told(matches))
        self._told.append((row.get("story"), story))
        other = row.get("lang") == "other"
        kind = str(row.get("text_kind") or "unknown")
        for commitment in sorted({*labels, *found}):
            for count in self._counts(commitment, article.language, kind, other=other):
                _count(count, labelled=commitment in labels, found=commitment in found)
        if not other:
            self._count_baseline(article, labels)
            for commitment, label in labels.items():
                if commitment in found:
                    self._count_relation(label, found[commitment].suggestion, kind)

    def _counts(
        self, commitment: str, language: Language, kind: str, *, other: bool
    ) -> tuple[Count, ...]:
        if other:
            return (self.result.other,)
        result = self.result
        return (
            result.about,
            result.by_commitment.setdefault(commitment, Count()),
            result.by_language.setdefault(language, Count()),
            result.by_kind.setdefault(kind, Count()),
        )

    def _count_baseline(self, article: Article, labels: Mapping[str, Any]) -> None:
        text = f"{article.title}\n{article.text}".lower()
        for commitment in self.watchlist.commitments:
            names = [commitment.title, *(title for _, title in commitment.titles)]
            names += [term.text for term in commitment.terms if term.role is TermRole.ALIAS]
            words = [term.text for term in commitment.terms if term.role is TermRole.WEAK_ALIAS]
            labelled = commitment.id in labels
            for count, sought in (
                (self.result.substring, names),
                (self.result.keywords, [*names, *words]),
            ):
                held = any(each.lower() in text for each in sought)
                _count(count, labelled=labelled, found=held)

    def _count_relation(self, label: Mapping[str, Any], suggestion: Suggestion, kind: str) -> None:
        pair = (str(label["relation"]), str(suggestion.relation))
        self.result.relations[pair] += 1
        self.result.relations_by_kind.setdefault(kind, Counter())[pair] += 1
        both = pair == (Relation.FOLLOW_UP, Relation.FOLLOW_UP)
        if both and label.get("stage") is not None:
            right = _same_stage(str(label["stage"]), suggestion.stage)
            self.result.stages_labelled += 1
            self.result.stages_right += right
            count = self.result.stages.setdefault(str(label["stage"]), Count())
            count.right += right
            count.missed += not right

    def finish(self) -> Evaluation:
        """Count the stories, and return the whole."""
        for place, (labelled, found) in enumerate(self._told):
            for other_labelled, other_found in self._told[:place]:
                same = labelled is not None and labelled == other_labelled
                if same or found == other_found:
                    _count(self.result.stories, labelled=same, found=found == other_found)
        return self.result


def _labels(row: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    labels = row.get("labels", [])
    if not isinstance(labels, list) or not all(
        isinstance(each, dict)
        and isinstance(each.get("commitment"), str)
        and each.get("relation") in set(Relation)
        for each in labels
    ):
        raise ArticleLineError('`labels` is a list of {"commitment", "relation", "stage"}')
    return {each["commitment"]: each for each in labels}


def _count(count: Count, *, labelled: bool, found: bool) -> None:
    count.right += labelled and found
    count.wrong += found and not labelled
    count.missed += labelled and not found


def _same_stage(labelled: str, found: Stage | None) -> bool:
    if labelled == "proposed":
        return found in {Stage.FLOATED, Stage.COMMITTED}
    return labelled == found
