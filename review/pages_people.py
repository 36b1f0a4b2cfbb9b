"""For admins: who is told what, and who did what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from model.ledger import in_effect
from model.records import Decision, Outcome, Subscriber, Subscription
from review.asking import Ask
from storage.unit_of_work import reading

PAGE = 100
UNDONE_SOON = 500  # among so many of the newest an undo is looked for
CHECKED_UNASKED = 2000  # decisions whose seals are checked for every look at the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """One chat with what it wants to hear."""

    subscriber: Subscriber
    subscriptions: tuple[Subscription, ...]
    mutes: int


def subscribers_page(ask: Ask) -> Response:
    """Show every chat: what it follows, and whether we still reach it."""
    with reading(ask.desk.database) as work:
        everybody = work.subscribers.everybody()
        wishes = work.subscribers.subscriptions()
        mutes = work.subscribers.mutes()
        deliveries = work.deliveries.counts()
    chats = [
        Chat(
            subscriber=each,
            subscriptions=tuple(w for w in wishes if w.chat_id == each.chat_id),
            mutes=sum(mute.chat_id == each.chat_id for mute in mutes),
        )
        for each in everybody
    ]
    return ask.page(
        "subscribers.html",
        chats=chats[:500],
        total=len(chats),
        blocked=sum(each.blocked_at is not None for each in everybody),
        deliveries=deliveries,
        targets=_targets(ask, wishes),
    )


def _targets(ask: Ask, wishes: Iterable[Subscription]) -> list[tuple[str, int]]:
    """Return what is followed, and by how many chats; the most followed first."""
    counts: dict[str, int] = {}
    for each in wishes:
        counts[each.target] = counts.get(each.target, 0) + 1
    titles = {str(each.id): each.title_in(ask.language) for each in ask.watchlist.commitments}
    found = [(titles.get(target, target), count) for target, count in counts.items()]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:40]


def audit_page(ask: Ask) -> Response:
    """Show decisions and deeds, newest first, and whether their seals hold."""
    before = ask.query("before")
    page = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None
    with reading(ask.desk.database) as work:
        deeds = work.audit.listed(
            actor=ask.query("actor") or None,
            action=ask.query("action") or None,
            before=page,
            limit=PAGE + 1,
        )
        decisions = (
            work.decisions.of_actor(ask.query("actor"), PAGE)
            if ask.query("actor")
            else work.decisions.newest(PAGE)
        )
        latest = work.decisions.newest(UNDONE_SOON)
        total = work.decisions.count()
        checked = total <= CHECKED_UNASKED or bool(ask.query("check"))
        broken = (*work.decisions.tampered(), *work.audit.tampered()) if checked else ()
    shown = deeds[:PAGE]
    rest = [(n, ask.query(n)) for n in ("actor", "action") if ask.query(n)]
    older = urlencode([*rest, ("before", str(shown[-1].id))]) if len(deeds) > PAGE else None
    return ask.page(
        "audit.html",
        deeds=shown,
        decisions=decisions,
        taken_back=_taken_back(latest, ask),
        total=total,
        checked=checked,
        broken=broken,
        older=older,
    )


def _taken_back(latest: tuple[Decision, ...], ask: Ask) -> frozenset[int]:
    """Return the numbers of decisions that do not stand any more."""
    stands = {each.id for each in in_effect(latest[::-1], ask.now.date())}
    return frozenset(
        each.id
        for each in latest
        if each.id is not None and each.id not in stands and each.outcome is not Outcome.UNDONE
    )
