"""What a watchlist makes of one text: its hits and why, and what was nearly one. Stores nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from model.desk import Hindrance, NearMiss, Trial, TrialHit
from model.records import (
    Article,
    Commitment,
    CommitmentId,
    FeedId,
    Term,
    TermRole,
    Watchlist,
)
from model.text import detect_language
from monitor.fetching import Fetched
from monitor.matching import CommitmentMatch, Matcher, compile_watchlist
from monitor.page_text import read_page
from monitor.pipeline import LOOK_BACK, steps_before
from monitor.scoring import score_match
from monitor.stages import suggest
from storage.unit_of_work import UnitOfWork

LONGEST = 100_000  # characters of a text


def article_of_text(text: str, now: datetime) -> Article:
    """Read a text as an article: its first line is the title."""
    title, _, rest = text.strip()[:LONGEST].partition("\n")
    return _article("", title.strip(), rest.strip(), None, now)


def article_of_page(address: str, answer: Fetched, now: datetime) -> Article:
    """Read a page as an article."""
    page = read_page(answer.body, answer.content_type, encoding=None, timezone=None, now=now)
    return _article(address.strip(), page.title, page.text, page.published_at, now)


def _article(url: str, title: str, text: str, published: datetime | None, now: datetime) -> Article:
    whole = f"{title}\n{text}"
    return Article(
        feed_id=FeedId(""),
        entry_id="trial",
        url=url,
        title=title,
        text=text,
        language=detect_language(whole),
        published_at=published,
        fetched_at=now,
        canonical_url=url,
        text_hash=hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def try_article(
    article: Article, watchlist: Watchlist, matcher: Matcher, work: UnitOfWork, now: datetime
) -> Trial:
    """Say what an article would be stored as, and what nearly matched."""
    hits, misses = [], []
    found = matcher.find(article)
    for each in found:
        hit = _hit(article, each, work, now)
        if hit is None:
            misses.append(_near_miss(each, Hindrance.OLDER))
        else:
            hits.append(hit)
    named = {each.commitment.id for each in found}
    misses += _near_misses(article, watchlist, named)
    return Trial(
        title=article.title,
        text=article.text,
        url=article.url or None,
        language=article.language,
        published_at=article.published_at,
        hits=tuple(hits),
        near_misses=tuple(misses),
    )


def _hit(
    article: Article, found: CommitmentMatch, work: UnitOfWork, now: datetime
) -> TrialHit | None:
    commitment = found.commitment
    recent = work.developments.recent(commitment.id, now - LOOK_BACK)
    suggestion = suggest(article, found, steps_before(found, recent), now)
    if suggestion is None:
        return None
    return TrialHit(
        commitment_id=commitment.id,
        title=commitment.title,
        suggestion=suggestion,
        score=score_match(article, found),
        matches=found.matches,
    )


def _near_miss(found: CommitmentMatch, hindrance: Hindrance) -> NearMiss:
    return NearMiss(
        commitment_id=found.commitment.id,
        title=found.commitment.title,
        hindrance=hindrance,
        matches=found.matches,
    )


def _near_misses(
    article: Article, watchlist: Watchlist, named: set[CommitmentId]
) -> Iterator[NearMiss]:
    """Yield the commitments that only one thing keeps from being named, each once."""
    variants: list[Commitment] = []
    hindrances: list[Hindrance] = []
    for commitment in watchlist.commitments:
        for hindrance, variant in _variants(commitment) if commitment.id not in named else ():
            variants.append(variant)
            hindrances.append(hindrance)
    matcher = compile_watchlist(replace(watchlist, commitments=tuple(variants)))
    told: set[CommitmentId] = set()
    for found in matcher.find(article):
        if found.commitment.id not in told:
            told.add(found.commitment.id)
            place = next(i for i, each in enumerate(variants) if each is found.commitment)
            yield _near_miss(found, hindrances[place])


def _variants(commitment: Commitment) -> Iterator[tuple[Hindrance, Commitment]]:
    """Yield the commitment without one of the things that can keep it from being named."""
    if commitment.paused:
        yield Hindrance.PAUSED, replace(commitment, paused=False)
        return
    kept = tuple(each for each in commitment.terms if each.role is not TermRole.DECOY)
    if len(kept) < len(commitment.terms):
        yield Hindrance.DECOY, replace(commitment, terms=kept)
    strong = tuple(_as_strong(each) for each in commitment.terms)
    if strong != commitment.terms:
        yield Hindrance.CONTEXT, replace(commitment, terms=strong)


def _as_strong(term: Term) -> Term:
    return replace(term, role=TermRole.ALIAS) if term.role is TermRole.WEAK_ALIAS else term
