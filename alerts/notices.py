"""What admins are told: a feed that breaks or works again, and what hinders the program. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from alerts.markup import Block, line, marked, text_of
from alerts.messages import MOST_WHY, Message, message
from alerts.texts import moment_in, say
from model.records import Alert, AlertReason, Feed, Language

OF_FEEDS = frozenset({AlertReason.FEED_BROKEN, AlertReason.FEED_RECOVERED})
OF_OURSELVES = frozenset(
    {
        AlertReason.BOT_REFUSED,
        AlertReason.TEXT_REFUSED,
        AlertReason.GIVEN_UP,
        AlertReason.TOPIC_LOST,
        AlertReason.DISK_FULL,
    }
)
NOTICES = OF_FEEDS | OF_OURSELVES


def render_notice(alert: Alert, feed: Feed | None, language: Language, zone: str) -> Message:
    """Return what an admin reads: what is wrong, since when, and what to do."""
    facts = dict(alert.facts)
    if feed is not None:
        return message(_of_feed(alert, feed, facts, language, zone))
    return message(_of_us(alert, facts, language, zone))


def _of_feed(
    alert: Alert, feed: Feed, facts: Mapping[str, str], language: Language, zone: str
) -> list[Block]:
    since = moment_in(datetime.fromisoformat(facts["since"]), zone, language)
    name = text_of(feed.title, MOST_WHY, bold=True)  # no link: an address may hold a password
    if alert.reason is AlertReason.FEED_RECOVERED:
        return [
            line("✅ ", say(language, "feed.recovered"), name),
            line(say(language, "feed.was_down", since=since)),
        ]
    fault, error = facts["fault"], facts.get("error", "")
    return [
        line("🔌 ", say(language, "feed.broken"), name),
        line(say(language, "feed.since", since=since), say(language, f"fault.{fault}")),
        line(text_of(f"{fault}: {error}", MOST_WHY, italic=True)),
        line(say(language, "feed.advice"), *marked(say(language, f"advice.{fault}"))),
    ]


def _of_us(alert: Alert, facts: Mapping[str, str], language: Language, zone: str) -> list[Block]:
    reason = alert.reason
    if reason is AlertReason.DISK_FULL:
        told = say(language, "notice.disk_full", free=facts["free"])
    elif reason is AlertReason.BOT_REFUSED:
        since = moment_in(datetime.fromisoformat(facts["since"]), zone, language)
        told = say(language, "notice.bot_refused", since=since)
    else:
        about, chat = facts.get("about", ""), facts.get("chat", "")
        told = say(language, f"notice.{reason}", about=about, chat=chat)
    error = facts.get("error") or facts.get("why", "")
    return [
        line("⚙️ ", told),
        *([line(text_of(error, MOST_WHY, italic=True))] if error else []),
        line(say(language, "feed.advice"), *marked(say(language, f"notice.{reason}.advice"))),
    ]
