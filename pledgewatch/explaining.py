"""What happened to one address: seen, revised, matched, folded, told, and why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypedDict

from alerts.routing import narrowest
from model.records import (
    Alert,
    Article,
    Commitment,
    Delivery,
    DeliveryState,
    Development,
    Feed,
    FeedId,
    Hit,
    Relation,
    StoredArticle,
    Watchlist,
)
from monitor.storing import FRESH
from monitor.urls import canonical_url, host_key, unwrap
from pledgewatch.near_misses import why_no_hit
from storage.articles import Revision, Sighting
from storage.database import Database
from storage.unit_of_work import UnitOfWork, reading

MOST_SIGHTINGS = 50
UNROUTED = 10_000  # alerts looked through


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
    asked = (url, unwrap(url), canonical_url(url))
    with reading(database) as work:
        found = {each.id: each for one in asked if one for each in work.articles.by_url(one)}
        steps = [step for stored in found.values() for step in _steps(work, watchlist, stored)]
        if not found:
            steps = list(_never_seen(work, watchlist, url))
    return Story(url=url, seen=bool(found), steps=steps)


# --- not seen --------------------------------------------------------------------


def _never_seen(work: UnitOfWork, watchlist: Watchlist, url: str) -> Iterator[Step]:
    states = {state.feed_id: state for state in work.feeds.all()}
    answered = [state for state in states.values() if state.last_success_at is not None]
    yield _step(
        None, f"not seen in any feed ({len(answered)} of {len(states)} feeds have answered so far)"
    )
    own = [feed for feed in watchlist.feeds if _site(feed.url) == _site(url)]
    if not own:
        yield _step(None, f"no feed of {_site(url) or 'such a site'} is in the watchlist")
    for feed in own:
        state = states.get(feed.id)
        if state is None or state.last_polled_at is None:
            yield _step(None, f"{feed.id} of this site was not polled yet")
        elif not state.consecutive_failures:
            news = _at(state.last_entry_at) or "never"
            yield _step(
                state.last_success_at, f"{feed.id} of this site answered; its last news: {news}"
            )
    for state in states.values():
        if state.consecutive_failures:
            since = f", {state.consecutive_failures} times in a row"
            yield _step(state.last_polled_at, f"{state.feed_id} fails{since}: {state.last_error}")


def _site(url: str) -> str:
    """Return the host, without what stands before its own name: feeds often have another."""
    try:
        host = host_key(url).rpartition(":")[0]
    except ValueError:
        return ""
    for each in ("www.", "feeds.", "feed.", "rss."):
        host = host.removeprefix(each)
    return host


# --- seen ------------------------------------------------------------------------


def _steps(work: UnitOfWork, watchlist: Watchlist, stored: StoredArticle) -> Iterator[Step]:
    article = stored.article
    timed = [
        *_seen(work.articles.sightings(stored.id), watchlist, article),
        (article.fetched_at, _stored(stored)),
        *_revised(work.articles.revisions(stored.id)[::-1], stored),
    ]
    for moment, what in sorted(timed, key=lambda each: each[0]):
        yield _step(moment, what)
    hits = work.hits.of_article(stored.id)
    for hit in hits:
        yield from _hit_steps(work, watchlist, stored, hit)
    if not hits:
        for why in why_no_hit(watchlist, article):
            yield _step(None, why)


def _seen(
    sightings: Sequence[Sighting], watchlist: Watchlist, article: Article
) -> Iterator[tuple[datetime, str]]:
    feeds: dict[FeedId, Feed] = {feed.id: feed for feed in watchlist.feeds}
    for each in sightings[:MOST_SIGHTINGS]:
        feed = feeds.get(each.feed_id)
        named = f" ({feed.title})" if feed is not None else ""
        again = "" if each.first_seen_at <= article.fetched_at else "again "
        yield each.first_seen_at, f"{again}seen in {each.feed_id}{named} as {each.entry_id}"


def _stored(stored: StoredArticle) -> str:
    article = stored.article
    published = _at(article.published_at) or "without a date"
    return (
        f"stored as article {stored.id}, revision {stored.revision}, published {published}, "
        f"{article.language}, {len(article.text)} letters of text: {article.title}"
    )


def _revised(before: Sequence[Revision], stored: StoredArticle) -> Iterator[tuple[datetime, str]]:
    """Yield when it was edited, and what of it."""
    if not before:
        return
    after = [(each.title, each.text) for each in before[1:]]
    after.append((stored.article.title, stored.article.text))
    for each, (title, text) in zip(before, after, strict=True):
        changed = []
        if each.title != title:
            changed.append(f"title was: {each.title}")
        if each.text != text:
            changed.append(f"text of {len(each.text)} letters became one of {len(text)}")
        what = "; ".join(changed) or "only its date or marks"
        yield each.replaced_at, f"edited: revision {each.number + 1}; {what}"


# --- hit, folded, told -------------------------------------------------------------


def _hit_steps(
    work: UnitOfWork, watchlist: Watchlist, stored: StoredArticle, hit: Hit
) -> Iterator[Step]:
    words = ", ".join(sorted({f"“{match.quote}”" for match in hit.matches}))
    suggestion = hit.suggestion
    what = f"matched {hit.commitment_id} by {words}: {suggestion.relation}; {suggestion.why}"
    yield _step(hit.found_at, what)
    if hit.development_id is None:
        return
    development = work.developments.get(hit.development_id)
    yield _fold_step(work, development, stored, hit)
    for decision in work.decisions.of_development(development.id):
        yield _step(
            decision.decided_at,
            f"F{development.id} was decided: {decision.outcome} ({decision.actor})",
        )
    alerts = work.outbox.of_development(development.id)
    for alert in alerts:
        yield _alert_step(work, watchlist, alert)
    if not any(alert.raised_at >= hit.found_at for alert in alerts):
        yield _step(None, _why_silent(hit, stored, development, alerts))


def _fold_step(work: UnitOfWork, development: Development, stored: StoredArticle, hit: Hit) -> Step:
    counted = f"{development.hit_count} articles, {development.origin_count} origins, " + (
        f"reviewed: {development.outcome}" if development.outcome else "unreviewed"
    )
    if development.first_seen_at >= hit.found_at or development.hit_count == 1:
        return _step(development.first_seen_at, f"opened F{development.id}: {counted}")
    lead = work.articles.get(development.lead_article_id).article
    told_by = (
        "this article leads it"
        if development.lead_article_id == stored.id
        else (f"led by “{lead.title}” ({lead.feed_id})")
    )
    opened = f"of {_at(development.first_seen_at)}"
    return _step(hit.found_at, f"folded into F{development.id} {opened}, {told_by}: {counted}")


def _alert_step(work: UnitOfWork, watchlist: Watchlist, alert: Alert) -> Step:
    deliveries = work.deliveries.of_alert(alert.id)
    if deliveries:
        told = _told(deliveries)
    elif any(each.id == alert.id for each in work.outbox.unrouted(UNROUTED)):
        told = "waits to be routed"
    else:
        told = _why_nobody(work, watchlist.commitment(alert.commitment_id))
    return _step(alert.raised_at, f"alert {alert.id} ({alert.reason}): {told}")


def _told(deliveries: Sequence[Delivery]) -> str:
    """Say to how many it went, when, and why not to the others."""
    words = []
    sent = [each.sent_at for each in deliveries if each.sent_at is not None]
    if sent:
        span = f" at {_at(min(sent))}" if len(sent) == 1 else f" from {_at(min(sent))}"
        words.append(f"{len(sent)} sent{span}")
    waiting = [each.due_at for each in deliveries if each.state is DeliveryState.PENDING]
    if waiting:
        words.append(f"{len(waiting)} pending, the next due {_at(min(waiting))}")
    for state in (DeliveryState.FAILED, DeliveryState.DROPPED):
        whys = Counter(each.last_error or "no reason" for each in deliveries if each.state is state)
        words += [f"{count} {state} ({why})" for why, count in whys.most_common(5)]
    return ", ".join(words)


def _why_nobody(work: UnitOfWork, commitment: Commitment | None) -> str:
    subscribers = {each.chat_id for each in work.subscribers.active()}
    if commitment is None:
        return "told nobody: the pledge is no longer in the watchlist"
    following = {
        each.chat_id
        for each in work.subscribers.subscriptions()
        if each.chat_id in subscribers and narrowest(commitment, [each]) is not None
    }
    muted = {
        each.chat_id for each in work.subscribers.mutes() if each.commitment_id == commitment.id
    }
    told = f"told nobody: {len(following)} of {len(subscribers)} subscribers follow {commitment.id}"
    if following:
        told += f", {len(following & muted)} of them muted it; the others' settings leave this out"
    return told


def _why_silent(
    hit: Hit, stored: StoredArticle, development: Development, alerts: Sequence[Alert]
) -> str:
    """Say why this report raised nothing itself."""
    relation, article = hit.suggestion.relation, stored.article
    if relation is not Relation.FOLLOW_UP:
        return f"rang for nobody: a {relation} is kept and counted"
    if alerts:
        return f"rang for nobody: F{development.id} had been told, and this adds no new fact"
    if hit.found_at > article.fetched_at and not stored.revision > 1:
        return "told nobody: found in stored articles after the watchlist was changed"
    if article.published_at is None or article.fetched_at - article.published_at > FRESH:
        return "told nobody: it was history when its feed was first read"
    return "told nobody: stored in silence, by `ingest` or a feed's first poll"


def _step(moment: datetime | None, what: str) -> Step:
    return Step(at=_at(moment), what=what)


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%d %H:%M")
