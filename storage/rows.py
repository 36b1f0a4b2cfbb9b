"""Between rows and records: JSON columns and enums in both directions. Private to `storage/`."""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Row

from model.records import (
    Article,
    ArticleId,
    ArticlePart,
    CommitmentId,
    Development,
    DevelopmentId,
    FeedId,
    Hit,
    HitId,
    Language,
    Milestone,
    Outcome,
    Relation,
    Report,
    Setback,
    Stage,
    StoredArticle,
    Suggestion,
    TermMatch,
    TermRole,
    Tier,
    Trigger,
)

Choice = TypeVar("Choice", bound=StrEnum)


def optional(kind: type[Choice], value: str | None) -> Choice | None:
    """Turn a nullable column into a nullable choice."""
    return None if value is None else kind(value)


def dump(record: Any) -> Any:
    """Turn a record of plain values into what a JSON column takes."""
    return dataclasses.asdict(record)


def load_suggestion(value: Mapping[str, Any]) -> Suggestion:
    """Read a suggestion back; fields that an older version did not know keep their defaults."""
    known = {field.name for field in dataclasses.fields(Suggestion)}
    fields: dict[str, Any] = {name: each for name, each in value.items() if name in known}
    fields["relation"] = Relation(value["relation"])
    fields["milestone"] = optional(Milestone, value.get("milestone"))
    fields["setback"] = optional(Setback, value.get("setback"))
    fields["stage"] = optional(Stage, value.get("stage"))
    fields["triggers"] = tuple(
        Trigger(**{**trigger, "part": ArticlePart(trigger["part"])})
        for trigger in value.get("triggers", ())
    )
    for name in ("guards", "novelty", "parties"):
        fields[name] = tuple(value.get(name, ()))
    return Suggestion(**fields)


def load_match(value: Mapping[str, Any]) -> TermMatch:
    """Read one match of a hit back."""
    return TermMatch(
        **{**value, "role": TermRole(value["role"]), "part": ArticlePart(value["part"])}
    )


def pack_signature(signature: tuple[int, ...]) -> bytes:
    """Pack a near-duplicate signature: unsigned 64-bit integers in this machine's order."""
    return array("Q", signature).tobytes()


def unpack_signature(packed: bytes) -> tuple[int, ...]:
    """Unpack what `pack_signature` packed."""
    values = array("Q")
    values.frombytes(packed)
    return tuple(values)


def stored_article(row: Row[Any]) -> StoredArticle:
    """Read an article out of a row that has its columns."""
    return StoredArticle(
        id=ArticleId(row.id),
        revision=row.revision,
        article=Article(
            feed_id=FeedId(row.feed_id),
            entry_id=row.entry_id,
            url=row.url,
            canonical_url=row.canonical_url,
            title=row.title,
            text=row.text,
            language=Language(row.language),
            outlet=row.outlet,
            published_at=row.published_at,
            fetched_at=row.fetched_at,
            text_hash=row.text_hash,
        ),
    )


def hit_of(row: Row[Any]) -> Hit:
    """Read a hit out of a row that has its columns."""
    placed = row.development_id
    return Hit(
        id=HitId(row.id),
        commitment_id=CommitmentId(row.commitment_id),
        article_id=ArticleId(row.article_id),
        development_id=None if placed is None else DevelopmentId(placed),
        matches=tuple(load_match(value) for value in row.matches),
        score=row.score,
        suggestion=load_suggestion(row.suggestion),
        watchlist_version=row.watchlist_version,
        found_at=row.found_at,
    )


def report_of(hit: Row[Any], article: Article, source: Row[Any] | None) -> Report:
    """Put a hit's row together with its article and the feed's state (None: never polled)."""
    return Report(
        hit=hit_of(hit),
        article=article,
        feed_title=article.feed_id if source is None else source.title or article.feed_id,
        tier=Tier.F if source is None else Tier(source.tier),
    )


def development_of(row: Row[Any]) -> Development:
    """Read a development out of a row that has its columns."""
    return Development(
        id=DevelopmentId(row.id),
        commitment_id=CommitmentId(row.commitment_id),
        relation=Relation(row.relation),
        headline=row.headline,
        lead_article_id=ArticleId(row.lead_article_id),
        milestone=optional(Milestone, row.milestone),
        setback=optional(Setback, row.setback),
        stage=optional(Stage, row.stage),
        outcome=optional(Outcome, row.outcome),
        event_date=row.event_date,
        place=row.place,
        hit_count=row.hit_count,
        origin_count=row.origin_count,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        revision=row.revision,
        signature=unpack_signature(row.signature),
        told=row.told,
        joined_to=None if row.joined_to is None else DevelopmentId(row.joined_to),
        came_from=None if row.came_from is None else DevelopmentId(row.came_from),
    )
