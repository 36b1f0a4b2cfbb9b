"""Articles in and results out as JSON lines, and how good the results are. Pure.

The shapes are those of `pledgewatch match` and `pledgewatch evaluate` (docs/quality.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
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
from monitor.measures import Count, Told, rounded
from monitor.scoring import score_match
from monitor.stages import suggest

_NAMES = frozenset({TermRole.ALIAS, TermRole.WEAK_ALIAS})
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
class Ways:
    """One part of the pairs, counted for the matcher and for two plain ways beside it."""

    ours: Count = field(default_factory=Count)
    titles: Count = field(default_factory=Count)  # titles as they stand, whatever their case
    keywords: Count = field(default_factory=Count)  # titles and all aliases, without context


@dataclass(slots=True)
class Evaluation:
    """What came out of one labelled file. Rows in other languages are counted apart."""

    rows: int = 0
    all: Ways = field(default_factory=Ways)
    commitments: dict[str, Ways] = field(default_factory=dict)
    languages: dict[str, Ways] = field(default_factory=dict)
    kinds: dict[str, Ways] = field(default_factory=dict)
    other: Count = field(default_factory=Count)
    told: Told = field(default_factory=Told)
    told_by: dict[str, Told] = field(default_factory=dict)  # "language en", "text verbatim"
    stories: Count = field(default_factory=Count)  # pairs of articles in one story

    @property
    def about(self) -> Count:
        """Return whether articles were found to be about pledges, over all pairs."""
        return self.all.ours

    def facts(self) -> dict[str, Any]:
        """Return everything as plain values."""
        told = self.told
        return {
            "rows": self.rows,
            "about": self.about.facts(),
            "about_by_commitment": _facts(self.commitments),
            "about_by_language": _facts(self.languages),
            "about_by_text_kind": _facts(self.kinds),
            "about_other_languages": self.other.facts(),
            "baseline_substring": self.all.titles.facts(),
            "baseline_keywords": self.all.keywords.facts(),
            "baselines_by_commitment": _plain_facts(self.commitments),
            "baselines_by_language": _plain_facts(self.languages),
            "baselines_by_text_kind": _plain_facts(self.kinds),
            "relation": {
                "accuracy": rounded(told.accuracy),
                "macro_f1": rounded(told.macro_f1),
                "always_follow_up_accuracy": rounded(told.always_follow_up),
                "by_relation": {each: told.count(each).facts() for each in Relation},
                "confusion": [
                    {"labelled": labelled, "found": found, "n": number}
                    for (labelled, found), number in sorted(told.relations.items())
                ],
                "by_part": {name: each.facts() for name, each in sorted(self.told_by.items())},
            },
            "stage": {
                "accuracy": rounded(told.stage_accuracy),
                "n": told.stages_labelled,
                "by_stage": {name: each.facts() for name, each in told.stages.items()},
            },
            "stories": self.stories.facts(),
        }


def _facts(parts: Mapping[str, Ways]) -> dict[str, Any]:
    return {name: each.ours.facts() for name, each in parts.items()}


def _plain_facts(parts: Mapping[str, Ways]) -> dict[str, Any]:
    return {
        name: {"titles": each.titles.facts(), "keywords": each.keywords.facts()}
        for name, each in parts.items()
    }


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
        kind = str(row.get("text_kind") or "unknown")
        if row.get("lang") == "other":
            for commitment in {*labels, *found}:
                self.result.other.add(labelled=commitment in labels, found=commitment in found)
            return
        self._count_about(article, kind, labels, found)
        for commitment, label in labels.items():
            if commitment in found:
                parts = (f"language {article.language}", f"text {kind}")
                self._count_told(label, found[commitment].suggestion, parts)

    def _count_about(
        self, article: Article, kind: str, labels: Collection[str], found: Collection[str]
    ) -> None:
        result = self.result
        by_titles, by_keywords = self._plainly_found(article)
        for commitment in sorted({*labels, *found, *by_titles, *by_keywords}):
            labelled = commitment in labels
            for ways in (
                result.all,
                result.commitments.setdefault(commitment, Ways()),
                result.languages.setdefault(article.language, Ways()),
                result.kinds.setdefault(kind, Ways()),
            ):
                ways.ours.add(labelled=labelled, found=commitment in found)
                ways.titles.add(labelled=labelled, found=commitment in by_titles)
                ways.keywords.add(labelled=labelled, found=commitment in by_keywords)

    def _plainly_found(self, article: Article) -> tuple[set[str], set[str]]:
        """Return what a search for the titles, and for a list of keywords, would find."""
        text = f"{article.title}\n{article.text}".lower()
        by_titles, by_keywords = set(), set()
        for each in self.watchlist.commitments:
            titles = [each.title, *(title for _, title in each.titles)]
            names = [term.text for term in each.terms if term.role in _NAMES]
            if any(title.lower() in text for title in titles):
                by_titles.add(str(each.id))
            if any(name.lower() in text for name in (*titles, *names)):
                by_keywords.add(str(each.id))
        return by_titles, by_keywords

    def _count_told(
        self, label: Mapping[str, Any], suggestion: Suggestion, parts: Iterable[str]
    ) -> None:
        pair = (str(label["relation"]), str(suggestion.relation))
        staged = pair == (Relation.FOLLOW_UP, Relation.FOLLOW_UP) and label.get("stage") is not None
        by_part = self.result.told_by
        for told in (self.result.told, *(by_part.setdefault(each, Told()) for each in parts)):
            told.relations[pair] += 1
            if staged:
                right = _same_stage(str(label["stage"]), suggestion.stage)
                told.stages.setdefault(str(label["stage"]), Count()).add(labelled=True, found=right)

    def finish(self) -> Evaluation:
        """Count the stories, and return the whole."""
        for place, (labelled, found) in enumerate(self._told):
            for other_labelled, other_found in self._told[:place]:
                same = labelled is not None and labelled == other_labelled
                if same or found == other_found:
                    self.result.stories.add(labelled=same, found=found == other_found)
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


def _same_stage(labelled: str, found: Stage | None) -> bool:
    if labelled == "proposed":
        return found in {Stage.FLOATED, Stage.COMMITTED}
    return labelled == found
