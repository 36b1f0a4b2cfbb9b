"""What happened to one address: seen, revised, matched, folded, told, and why not."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from model.records import Alert, Article, Hit, StoredArticle, Watchlist
from monitor.matching import compile_watchlist
from monitor.stages import suggest
from monitor.urls import canonical_url
from storage.database import Database
from storage.unit_of_work import UnitOfWork, reading


class Step(TypedDict):
    """One thing that happened, or that did not."""

    at: str | None  # None: it is so now, or never happened
    what: str


class Story(TypedDict):
    """Everything we know of one address."""

    url: str
    seen: bool
    steps: list[Step]


def explain_url(database: Database, watchlist: Watchlist, url: str) -> Story:
    """Tell the story of an address, step by step."""
    with reading(database) as work:
        found = {each.id: each for each in (*work.articles.by_url(url), *_canonical(work, url))}
        steps = [step for stored in found.values() for step in _steps(work, watchlist, stored)]
        if not found:
            steps = _never_seen(work)
    return Story(url=url, seen=bool(found), steps=steps)


def _canonical(work: UnitOfWork, url: str) -> tuple[StoredArticle, ...]:
    return work.articles.by_url(canonical_url(url))


def _never_seen(work: UnitOfWork) -> list[Step]:
    states = work.feeds.all()
    answered = [state for state in states if state.last_success_at is not None]
    said = f"not seen in any feed ({len(answered)} of {len(states)} feeds have answered so far)"
    steps = [Step(at=None, what=said)]
    steps += [
        Step(at=_at(state.last_polled_at), what=f"{state.feed_id} fails: {state.last_error}")
        for state in states
        if state.consecutive_failures
    ]
    return steps


def _steps(work: UnitOfWork, watchlist: Watchlist, stored: StoredArticle) -> list[Step]:
    article = stored.article
    steps = [
        Step(at=_at(each.first_seen_at), what=f"seen in {each.feed_id} as {each.entry_id}")
        for each in work.articles.sightings(stored.id)
    ]
    published = _at(article.published_at) or "without a date"
    steps.append(
        Step(
            at=_at(article.fetched_at),
            what=f"stored as article {stored.id}, revision {stored.revision}, "
            f"published {published}, {article.language}: {article.title}",
        )
    )
    hits = work.hits.of_article(stored.id)
    for hit in hits:
        steps += _hit_steps(work, hit)
    if not hits:
        steps.append(Step(at=None, what=_why_not(watchlist, article)))
    return steps


def _hit_steps(work: UnitOfWork, hit: Hit) -> list[Step]:
    words = ", ".join(sorted({f"“{match.quote}”" for match in hit.matches}))
    suggestion = hit.suggestion
    what = f"matched {hit.commitment_id} by {words}: {suggestion.relation}; {suggestion.why}"
    steps = [Step(at=_at(hit.found_at), what=what)]
    if hit.development_id is None:
        return steps
    development = work.developments.get(hit.development_id)
    steps.append(
        Step(
            at=_at(development.last_seen_at),
            what=f"part of F{development.id}: {development.hit_count} articles, "
            f"{development.origin_count} origins, "
            + (f"reviewed: {development.outcome}" if development.outcome else "unreviewed"),
        )
    )
    alerts = work.outbox.of_development(development.id)
    for alert in alerts:
        steps += _alert_steps(work, alert)
    if not alerts:
        steps.append(Step(at=None, what=f"told nobody: {_why_silent(hit)}"))
    return steps


def _alert_steps(work: UnitOfWork, alert: Alert) -> list[Step]:
    deliveries = work.deliveries.of_alert(alert.id)
    states = [delivery.state for delivery in deliveries]
    counted = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    return [
        Step(
            at=_at(alert.raised_at),
            what=f"alert {alert.id} ({alert.reason}): {counted or 'nobody wanted it, or waits'}",
        )
    ]


def _why_silent(hit: Hit) -> str:
    if hit.suggestion.relation != "follow_up":
        return f"a {hit.suggestion.relation} is kept and counted, and rings for nobody"
    return "it was history when its feed was first read, or an older commitment's back-fill"


def _why_not(watchlist: Watchlist, article: Article) -> str:
    """Say why an article has no hit, by matching it again with today's watchlist."""
    found = compile_watchlist(watchlist).find(article)
    if not found:
        return "no term of any pledge stands in it"
    for each in found:
        if suggest(article, each) is None:
            return f"names {each.commitment.id}, but is older than the pledge"
    names = ", ".join(each.commitment.id for each in found)
    return f"today's watchlist finds {names}; the one it was read with did not"


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%d %H:%M")
