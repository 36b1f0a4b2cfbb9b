"""Valid records; say only what matters to the test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from model.records import (
    Article,
    ArticleId,
    ArticlePart,
    Commitment,
    CommitmentId,
    Development,
    DevelopmentId,
    Feed,
    FeedId,
    Hit,
    Language,
    Milestone,
    Relation,
    Stage,
    Suggestion,
    Term,
    TermMatch,
    TermRole,
    Trigger,
    Watchlist,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def a_feed(**changes: Any) -> Feed:
    values: dict[str, Any] = {
        "id": FeedId("example-world"),
        "url": "http://127.0.0.1:1/feed.xml",
        "title": "Example World",
        "language": Language.ENGLISH,
    }
    return Feed(**values | changes)


def an_article(**changes: Any) -> Article:
    number = changes.pop("number", 1)
    values: dict[str, Any] = {
        "feed_id": FeedId("example-world"),
        "entry_id": f"entry-{number}",
        "url": f"https://news.example.org/{number}",
        "title": "Harbour Resilience Fund opens its first office",
        "text": "The Harbour Resilience Fund opened its first office in Dakar on Friday.",
        "language": Language.ENGLISH,
        "published_at": NOON,
        "fetched_at": NOON,
        "canonical_url": f"https://news.example.org/{number}",
        "text_hash": f"hash-{number}",
    }
    return Article(**values | changes)


def a_commitment(**changes: Any) -> Commitment:
    values: dict[str, Any] = {
        "id": CommitmentId("harbour-fund"),
        "title": "Harbour fund",
        "terms": (Term(text="Harbour Resilience Fund"),),
    }
    return Commitment(**values | changes)


def a_watchlist(**changes: Any) -> Watchlist:
    values: dict[str, Any] = {
        "commitments": (a_commitment(),),
        "feeds": (a_feed(),),
        "version": "test",
    }
    return Watchlist(**values | changes)


def a_match(**changes: Any) -> TermMatch:
    values: dict[str, Any] = {
        "term": "Harbour Resilience Fund",
        "role": TermRole.ALIAS,
        "part": ArticlePart.TITLE,
        "start": 0,
        "end": 23,
        "quote": "Harbour Resilience Fund",
    }
    return TermMatch(**values | changes)


def a_suggestion(**changes: Any) -> Suggestion:
    values: dict[str, Any] = {
        "relation": Relation.FOLLOW_UP,
        "milestone": Milestone.OPERATING,
        "stage": Stage.OPERATING,
        "confidence": 0.8,
        "triggers": (Trigger(quote="opens", part=ArticlePart.TITLE, start=24, end=29),),
        "why": "“opens” beside the pledge's name, not hedged",
        "why_zh": "承诺名称旁出现“opens”，未见保留语气",
        "rules": "test",
    }
    return Suggestion(**values | changes)


def a_hit(**changes: Any) -> Hit:
    values: dict[str, Any] = {
        "commitment_id": CommitmentId("harbour-fund"),
        "article_id": ArticleId(1),
        "matches": (a_match(),),
        "score": 0.9,
        "suggestion": a_suggestion(),
        "watchlist_version": "test",
        "found_at": NOON,
    }
    return Hit(**values | changes)


def a_development(**changes):
    values = {
        "id": DevelopmentId(0),
        "commitment_id": CommitmentId("harbour-fund"),
        "relation": Relation.FOLLOW_UP,
        "headline": "Fund opens",
        "lead_article_id": ArticleId(1),
        "milestone": Milestone.OPERATING,
        "setback": None,
        "stage": Stage.OPERATING,
        "outcome": None,
        "event_date": "2026-11-24",
        "place": None,
        "hit_count": 1,
        "origin_count": 1,
        "first_seen_at": NOON,
        "last_seen_at": NOON,
        "revision": 1,
        "signature": (1, 2**63, 3),
        "told": True,
    }
    return Development(**values | changes)
