"""When to try again and when to give up. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from model.errors import (
    AmbiguousSendError,
    DeliveryError,
    MessageGoneError,
    MessageRefusedError,
    RateLimitedError,
    RecipientGoneError,
    RecipientUnknownError,
    TemporarySendError,
    TopicGoneError,
)
from model.records import Ambiguity, Delivery

AFTER_AMBIGUOUS = timedelta(seconds=60)
AFTER_UNKNOWN = timedelta(seconds=60)
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=5)
MOST_ATTEMPTS = 300  # a day and more at the longest wait: an outage of Telegram's loses nothing
JITTER = 0.2


class Verdict(StrEnum):
    """What becomes of a delivery that failed."""

    RETRY = "retry"
    PARK = "park"  # the whole chat waits
    GONE = "gone"  # the chat refused us
    PLAIN = "plain"  # once more, without markup
    GIVE_UP = "give_up"
    NO_TOPIC = "no_topic"  # once more, to the whole group
    FORGET = "forget"  # there is nothing left to change


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, and until when to wait."""

    verdict: Verdict
    until: datetime
    ambiguity: Ambiguity = Ambiguity.NONE


def decide(error: DeliveryError, delivery: Delivery, now: datetime, chance: float) -> Decision:
    """Return what becomes of a delivery after an error; `chance` is a number from 0 to 1.

    A request that certainly did not go out is tried again and again; one that may have arrived is
    tried once more after a minute, and then waits for a person.
    """
    spread = 1 + JITTER * chance
    if isinstance(error, RateLimitedError):
        return Decision(Verdict.PARK, now + error.retry_after + timedelta(seconds=chance))
    if isinstance(error, TopicGoneError):
        return Decision(Verdict.NO_TOPIC, now)
    if isinstance(error, MessageGoneError):
        return Decision(Verdict.FORGET, now)
    if isinstance(error, RecipientUnknownError) and delivery.attempts < 2:
        return Decision(Verdict.RETRY, now + AFTER_UNKNOWN * spread, _kept(delivery))
    if isinstance(error, RecipientGoneError):
        return Decision(Verdict.GONE, now)
    if isinstance(error, MessageRefusedError):
        return Decision(Verdict.PLAIN, now)
    if isinstance(error, AmbiguousSendError):
        if delivery.ambiguity is Ambiguity.ONCE:
            return Decision(Verdict.GIVE_UP, now)
        return Decision(Verdict.RETRY, now + AFTER_AMBIGUOUS * spread, Ambiguity.ONCE)
    if isinstance(error, TemporarySendError) and delivery.attempts < MOST_ATTEMPTS:
        wait = min(FIRST_RETRY * 2 ** min(delivery.attempts, 10), LONGEST_RETRY)
        return Decision(Verdict.RETRY, now + wait * spread, _kept(delivery))
    return Decision(Verdict.GIVE_UP, now)


def _kept(delivery: Delivery) -> Ambiguity:
    """Keep what an earlier attempt left open."""
    return Ambiguity.ONCE if delivery.ambiguity is Ambiguity.ONCE else Ambiguity.NONE
