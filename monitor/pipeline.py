"""What happens to one article, in one transaction: the way from an entry to an alert."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from model.errors import DatabaseUnusableError
from model.records import (
    AlertReason,
    Article,
    ArticleId,
    CommitmentId,
    Development,
    DevelopmentId,
    Hit,
    Outcome,
    Relation,
    StoredArticle,
    Watchlist,
)
from monitor.developments import Folds, Placement, folds, place_hit
from monitor.fingerprints import signature
from monitor.matching import CommitmentMatch, Matcher
from monitor.scoring import score_match
from monitor.stages import LedgerEntry, suggest
from storage.articles import Arrival
from storage.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)

LOOKED_AT_TOGETHER, LOOKED_AT_ALONE = 40, 3  # articles
LOOK_BACK = timedelta(days=120)  # how far back a hit may join a development


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A watchlist with the matcher that was compiled from it; swapped as one."""

    watchlist: Watchlist
    matcher: Matcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The transaction one article is worked on in, when, and whether people are told."""

    work: UnitOfWork
    now: datetime
    tell: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """What became of one article."""

    arrival: Arrival
    article_id: ArticleId
    hits: tuple[Hit, ...] = ()


def process_article(
    article: Article, context: Context, work: UnitOfWork, now: datetime, *, tell: bool
) -> Processed:
    """Store an article with its hits, developments and alerts; the caller commits.

    `tell=False` stores in silence: history, not news. Logical pipeline::

        articles.arrive              known already? stop here
        | matcher.find               one match for each commitment named
        | stages.suggest             what it does for the commitment; older than the pledge: no hit
        | scoring.score_match
        | hits.add                   or replace, where the article was revised
        | developments.place_hit     join one, or open one
        | outbox.add                 only where there is a reason to tell
    """
    arrival, article_id = work.articles.arrive(article)
    if arrival is Arrival.KNOWN:
        return Processed(arrival=arrival, article_id=article_id)
    step = Step(work=work, now=now, tell=tell)
    known = arrival is not Arrival.NEW
    hits = find_hits(step, article, article_id, context.matcher, known=known)
    return Processed(arrival=arrival, article_id=article_id, hits=hits)


def store_quiet(
    articles: Sequence[Article], context: Context, work: UnitOfWork
) -> tuple[list[Article], list[Article]]:
    """Store, in one batch, the new articles that name no commitment; return them, and the others.

    What is known already is in neither. The others go through `process_article` one by one; so do
    all when the batch fails.
    """
    new, doubtful = work.articles.sift(articles)
    quiet = _quiet(new, context.matcher)
    try:
        with work.savepoint():
            work.articles.add_new(quiet)
    except DatabaseUnusableError:
        raise
    except Exception:  # noqa: BLE001 - the edge, as below
        # The edge: which entry fails is found, rolled back and named when each is stored alone.
        logger.warning("a batch of entries failed; each is stored alone")
        return [], [*new, *doubtful]
    done = set(map(id, quiet))
    return quiet, [*(each for each in new if id(each) not in done), *doubtful]


def _quiet(articles: list[Article], matcher: Matcher) -> list[Article]:
    """Return those that name no commitment: most are told so by one look at many together."""
    if not articles or (len(articles) <= LOOKED_AT_TOGETHER and _are_silent(articles, matcher)):
        return articles
    if len(articles) <= LOOKED_AT_ALONE:
        return [each for each in articles if _is_quiet(each, matcher)]
    half = min(len(articles) // 2, LOOKED_AT_TOGETHER)
    return _quiet(articles[:half], matcher) + _quiet(articles[half:], matcher)


def _are_silent(articles: Sequence[Article], matcher: Matcher) -> bool:
    try:
        return matcher.is_silent(articles)
    except Exception:  # noqa: BLE001 - the edge, as below
        return False


def _is_quiet(article: Article, matcher: Matcher) -> bool:
    try:
        return not matcher.find(article)
    except Exception:  # noqa: BLE001 - the edge, as below
        # The edge: the entry is stored alone, where its failure is named.
        return False


def find_hits(
    step: Step,
    article: Article,
    article_id: ArticleId,
    matcher: Matcher,
    only: Collection[CommitmentId] | None = None,
    *,
    known: bool = True,
) -> tuple[Hit, ...]:
    """Match a stored article (again), and store what was found; `only` names the commitments.

    `known=False`: it was stored just now, and has no hits.
    """
    found_now = [
        found for found in matcher.find(article) if only is None or found.commitment.id in only
    ]
    if not found_now:
        return ()
    before = (
        {hit.commitment_id: hit for hit in step.work.hits.of_article(article_id)} if known else {}
    )
    hits = []
    for found in found_now:
        recent = step.work.developments.recent(found.commitment.id, step.now - LOOK_BACK)
        hit = _hit(step, article, article_id, found, recent, matcher.watchlist_version)
        if hit is None:
            continue
        earlier = before.get(found.commitment.id)
        if earlier is None:
            hits.append(_add(step, hit, article, recent))
        else:
            hits.append(_replace(step, earlier, hit, article, recent))
    return tuple(hits)


def look_back(
    step: Step, stored: Iterable[StoredArticle], matcher: Matcher, only: Collection[CommitmentId]
) -> int:
    """Look for new or changed commitments in stored articles; return how many hits were added.

    What was found before stays as it is, and nobody is told.
    """
    added = 0
    silent = replace(step, tell=False)
    for each in stored:
        known = {hit.commitment_id for hit in step.work.hits.of_article(each.id)}
        wanted = set(only) - known
        if wanted:
            added += len(find_hits(silent, each.article, each.id, matcher, wanted))
    return added


def _hit(
    step: Step,
    article: Article,
    article_id: ArticleId,
    found: CommitmentMatch,
    recent: Sequence[Development],
    watchlist_version: str,
) -> Hit | None:
    suggestion = suggest(article, found, steps_before(found, recent), step.now)
    if suggestion is None:
        return None
    return Hit(
        commitment_id=found.commitment.id,
        article_id=article_id,
        matches=found.matches,
        score=score_match(article, found),
        suggestion=suggestion,
        watchlist_version=watchlist_version,
        found_at=step.now,
    )


def steps_before(found: CommitmentMatch, recent: Sequence[Development]) -> tuple[LedgerEntry, ...]:
    """Return what had happened before: what the watchlist knows, and what we saw."""
    known = [
        LedgerEntry(date=known.date, milestone=known.milestone) for known in found.commitment.known
    ]
    seen = [
        LedgerEntry(
            date=development.event_date or development.first_seen_at.date().isoformat(),
            milestone=development.milestone,
        )
        for development in recent
        if development.milestone is not None and development.outcome is not Outcome.REJECTED
    ]
    return (*known, *seen)


def _add(step: Step, hit: Hit, article: Article, recent: Sequence[Development]) -> Hit:
    """Store a new hit and put it into its development."""
    hit_id = step.work.hits.add(hit)
    stored = replace(hit, id=hit_id)
    mark = signature(article.title, article.text)
    told = _as_told(step, recent, _folds(step, hit, recent))
    placement = place_hit(stored, article, mark, told)
    return _place(step, stored, article, mark, placement)


def _folds(step: Step, hit: Hit, recent: Sequence[Development]) -> Folds:
    """Return what analysts decided on the folds of a commitment's developments."""
    return folds(step.work.decisions.of_commitment(hit.commitment_id)) if recent else Folds()


def _as_told(step: Step, recent: Sequence[Development], decided: Folds) -> list[Development]:
    """Return developments as analysts left them: joined ones are doors to what they joined.

    A development that was split is known again by its own lead, not by what led both.
    """
    split = {one for pair in decided.told_apart for one in pair}
    return [_one_as_told(step, each, decided, split) for each in recent]


def _one_as_told(
    step: Step, each: Development, decided: Folds, split: Collection[DevelopmentId]
) -> Development:
    target = each.joined_to or decided.target(each.id)
    if each.outcome is Outcome.JOINED and target != each.id:
        to = step.work.developments.get(decided.target(target))
        return replace(to, headline=each.headline, signature=each.signature)
    if each.id in split:
        lead = step.work.articles.get(each.lead_article_id).article
        return replace(each, signature=signature(lead.title, lead.text))
    return each


def _replace(
    step: Step, known: Hit, hit: Hit, article: Article, recent: Sequence[Development]
) -> Hit:
    """Put a revised article's finding in the old one's place; it rings only for a new fact."""
    assert known.id is not None
    step.work.hits.replace(known.id, hit)
    stored = replace(hit, id=known.id, development_id=known.development_id)
    if not _brings_a_new_fact(known, hit):
        return stored
    mark = signature(article.title, article.text)
    before = None
    if known.development_id is not None:
        before = step.work.developments.get(known.development_id, lock=True)
    others = [each for each in recent if each.id != known.development_id]
    decided = _folds(step, hit, recent)
    apart = decided.apart_from(known.development_id)
    placement = place_hit(stored, article, mark, _as_told(step, others, decided), apart)
    if before is not None and before.hit_count == 1 and placement.joins is None:
        return _retell(step, stored, article, mark, before)
    if before is not None:
        step.work.developments.save(replace(before, hit_count=max(before.hit_count - 1, 0)))
    return _place(step, stored, article, mark, placement)


def _retell(
    step: Step, hit: Hit, article: Article, mark: tuple[int, ...], before: Development
) -> Hit:
    """Bring a development that only this article tells up to what it says now."""
    opened = _opened(hit, article, mark, step.now, told=before.told or step.tell)
    development = replace(
        opened,
        id=before.id,
        first_seen_at=before.first_seen_at,
        revision=before.revision + 1,
        outcome=before.outcome,
    )
    step.work.developments.save(development)
    if step.tell:
        _raise(step, development, AlertReason.NEW_DEVELOPMENT)
    return hit


def _brings_a_new_fact(before: Hit, after: Hit) -> bool:
    if after.suggestion.relation is not Relation.FOLLOW_UP:
        return False
    facts = [
        (each.relation, each.milestone, each.setback, each.event_date)
        for each in (before.suggestion, after.suggestion)
    ]
    return facts[0] != facts[1]


def _place(
    step: Step, hit: Hit, article: Article, mark: tuple[int, ...], placement: Placement
) -> Hit:
    """Join or open the development, and raise an alert where there is a reason to tell."""
    assert hit.id is not None
    reason = placement.reason if step.tell else None
    if placement.joins is None:
        opened = _opened(hit, article, mark, step.now, told=reason is not None)
        development = replace(opened, id=step.work.developments.add(opened))
    else:
        before = step.work.developments.get(placement.joins, lock=True)
        if step.tell and reason is None and _was_never_told(before, hit):
            reason = AlertReason.NEW_DEVELOPMENT
        development = _joined(before, hit, article, placement, step.now, reason)
        step.work.developments.save(development)
    step.work.hits.place(hit.id, development.id)
    if reason is not None:
        _raise(step, development, reason)
    return replace(hit, development_id=development.id)


def _raise(step: Step, development: Development, reason: AlertReason) -> None:
    step.work.outbox.add(
        key=f"development.{development.id}.{development.revision}",
        commitment_id=development.commitment_id,
        development_id=development.id,
        reason=reason,
        raised_at=step.now,
    )


def _was_never_told(development: Development, hit: Hit) -> bool:
    """Tell whether news joins an event that was only stored, as history, when it was found."""
    return not development.told and hit.suggestion.relation is Relation.FOLLOW_UP


def _opened(
    hit: Hit, article: Article, mark: tuple[int, ...], now: datetime, *, told: bool
) -> Development:
    suggestion = hit.suggestion
    return Development(
        id=DevelopmentId(0),
        commitment_id=hit.commitment_id,
        relation=suggestion.relation,
        headline=article.title,
        lead_article_id=hit.article_id,
        milestone=suggestion.milestone,
        setback=suggestion.setback,
        stage=suggestion.stage,
        outcome=None,
        event_date=suggestion.event_date,
        place=suggestion.place,
        hit_count=1,
        origin_count=1,
        first_seen_at=now,
        last_seen_at=now,
        revision=1,
        signature=mark,
        told=told,
    )


def _joined(
    before: Development,
    hit: Hit,
    article: Article,
    placement: Placement,
    now: datetime,
    reason: AlertReason | None,
) -> Development:
    suggestion = hit.suggestion
    lifts = tuple(Relation).index(suggestion.relation) > tuple(Relation).index(before.relation)
    leads = lifts or before.lead_article_id == hit.article_id
    return replace(
        before,
        relation=suggestion.relation if lifts else before.relation,
        headline=article.title if leads else before.headline,
        lead_article_id=hit.article_id if leads else before.lead_article_id,
        milestone=suggestion.milestone if lifts else before.milestone or suggestion.milestone,
        setback=suggestion.setback if lifts else before.setback or suggestion.setback,
        stage=suggestion.stage if lifts else before.stage or suggestion.stage,
        event_date=before.event_date or suggestion.event_date,
        place=before.place or suggestion.place,
        hit_count=before.hit_count + 1,
        origin_count=before.origin_count + int(placement.new_origin),
        last_seen_at=now,
        revision=before.revision + int(reason is not None),
        told=before.told or reason is not None,
    )
