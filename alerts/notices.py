"""What admins are told of feeds: one message when one breaks, one when it works again. Pure."""

from __future__ import annotations

from datetime import datetime

from alerts.markup import line, text_of
from alerts.messages import MOST_WHY, Message, message
from alerts.texts import moment_in, say
from model.records import Alert, AlertReason, Feed, Language

NOTICES = frozenset({AlertReason.FEED_BROKEN, AlertReason.FEED_RECOVERED})


def render_notice(alert: Alert, feed: Feed, language: Language, zone: str) -> Message:
    """Return what an admin reads: which feed, since when, what is wrong, and what to do."""
    facts = dict(alert.facts)
    since = moment_in(datetime.fromisoformat(facts["since"]), zone, language)
    name = text_of(feed.title, MOST_WHY, bold=True)  # no link: an address may hold a password
    if alert.reason is AlertReason.FEED_RECOVERED:
        return message(
            [
                line("✅ ", say(language, "feed.recovered"), name),
                line(say(language, "feed.was_down", since=since)),
            ]
        )
    fault, error = facts["fault"], facts.get("error", "")
    return message(
        [
            line("🔌 ", say(language, "feed.broken"), name),
            line(say(language, "feed.since", since=since), say(language, f"fault.{fault}")),
            line(text_of(f"{fault}: {error}", MOST_WHY, italic=True)),
            line(say(language, "feed.advice"), say(language, f"advice.{fault}")),
        ]
    )
