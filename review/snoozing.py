"""Letting a card sleep: until a date, a hit, a better source or an occasion."""

from __future__ import annotations

from datetime import UTC, datetime, time

from model.urgency import QueueItem
from review.asking import Ask
from storage.queue import Snooze
from storage.queueing import snooze
from storage.unit_of_work import UnitOfWork

SNOOZES = ("date", "next_hit", "tier_a", "occasion")


def put_to_sleep(ask: Ask, work: UnitOfWork, item: QueueItem) -> str | None:
    """Let a card sleep until what the form says; return the problem where it says nothing."""
    kind = ask.field("snooze") or "date"
    if kind not in SNOOZES:
        return "refusal.no_snooze"
    until = None
    if kind == "date":
        try:
            day = datetime.fromisoformat(ask.field("snooze_date")).date()
        except ValueError:
            return "refusal.bad_date"
        until = datetime.combine(day, time(6), UTC)
        if until <= ask.now:
            return "refusal.past_date"
    found = snooze(
        work,
        ask.watchlist,
        item,
        Snooze(kind),
        actor=ask.visitor.actor,
        now=ask.now,
        until=until,
    )
    return "refusal.no_occasion" if kind == "occasion" and found is None else None
