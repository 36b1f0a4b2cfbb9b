"""What a command does in the database, and the answer to it: no Telegram here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from alerts import answers
from alerts.answers import ALL, Health, Target, Told
from alerts.messages import Message
from alerts.texts import LANGUAGES, language_of, moment_in, say
from model.clock import Clock
from model.records import (
    ChatId,
    ChatKind,
    CommitmentId,
    FeedHealth,
    Language,
    Mute,
    Relation,
    Subscriber,
    Subscription,
    Watchlist,
)
from model.standing import standing
from storage.database import Database
from storage.unit_of_work import UnitOfWork, begin, reading

SPAN = re.compile(r"(\d{1,4})\s*([hdw])")
SPANS = {"h": "hours", "d": "days", "w": "weeks"}
LATEST = 3  # follow-ups shown after a subscription


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as Telegram tells it."""

    chat_id: ChatId
    kind: ChatKind
    language_code: str | None
    topic_id: int | None = None


class CommandDesk:
    """Carries commands out; each is one transaction, and safe to repeat."""

    def __init__(
        self,
        database: Database,
        watchlist: Callable[[], Watchlist],
        clock: Clock,
        zone: str,
        *,
        invited_only: bool = False,
    ) -> None:
        self._database = database
        self._watchlist = watchlist
        self._clock = clock
        self._zone = zone
        self._invited_only = invited_only

    def language(self, asker: Asker) -> Language:
        """Return the language to answer in."""
        with reading(self._database) as work:
            known = work.subscribers.get(asker.chat_id)
        return known.language if known else language_of(asker.language_code)

    def start(self, asker: Asker, payload: str = "") -> Message:
        """Say what this is; a payload `p_NAME` subscribes, says so and offers the way back."""
        with begin(self._database) as work:
            before = work.subscribers.get(asker.chat_id)
            if self._invited_only and (before is None or not before.invited):
                return answers.plain(language_of(asker.language_code), "invited.only")
            subscriber = self._known(work, asker)
            subscribed = bool(work.subscribers.subscriptions(asker.chat_id))
            work.commit()
        target = None
        if payload.startswith("p_"):
            target = answers.find_target(payload[2:], self._watchlist())
        if target is not None:
            return self.subscribe(asker, target.name)
        return answers.start(subscriber.language, known=subscribed)

    def _known(self, work: UnitOfWork, asker: Asker) -> Subscriber:
        """Return the chat's settings, made or revived."""
        now = self._clock.now()
        before = work.subscribers.get(asker.chat_id)
        if before is None:
            before = Subscriber(
                chat_id=asker.chat_id,
                kind=asker.kind,
                language=language_of(asker.language_code),
                started_at=now,
            )
        subscriber = replace(before, blocked_at=None)
        work.subscribers.save(subscriber)
        return subscriber

    def subscribe(self, asker: Asker, name: str) -> Message:
        """Follow a pledge, a tag or all, from now on."""
        language = self.language(asker)
        if not name:
            return answers.plain(language, "subscribe.usage")
        target = answers.find_target(name, self._watchlist())
        if target is None:
            return answers.unknown_name(name, "subscribe", self._watchlist(), language)
        with begin(self._database) as work:
            before = work.subscribers.get(asker.chat_id)
            if self._invited_only and (before is None or not before.invited):
                return answers.plain(language, "invited.only")
            self._known(work, asker)
            known = {each.target for each in work.subscribers.subscriptions(asker.chat_id)}
            for commitment in target.commitments:
                work.subscribers.unmute(asker.chat_id, commitment.id)
            if target.name not in known:
                work.subscribers.subscribe(
                    Subscription(
                        chat_id=asker.chat_id,
                        target=target.name,
                        topic_id=asker.topic_id,
                        since=self._clock.now(),
                    )
                )
            latest = self._latest(work, target)
            work.commit()
        key = "subscribe.known" if target.name in known else "subscribe.done"
        said = answers.plain(language, key, target=target.title(language), name=target.name)
        return said if not latest else self._with_latest(said, latest, language)

    def _latest(self, work: UnitOfWork, target: Target) -> list[Told]:
        if len(target.commitments) != 1:
            return []
        return self._told(work, target.commitments[0].id, LATEST)

    def _with_latest(self, said: Message, latest: list[Told], language: Language) -> Message:
        rows = answers.latest(latest, language)
        return Message(f"{said.html}\n\n{rows.html}", f"{said.plain}\n\n{rows.plain}")

    def unsubscribe(self, asker: Asker, name: str, *, sure: bool = False) -> Message:
        """Stop following; under "all" one pledge is left out, and all of it is asked about."""
        language = self.language(asker)
        if not name:
            return answers.plain(language, "unsubscribe.usage")
        target = answers.find_target(name, self._watchlist())
        if target is None:
            return answers.unknown_name(name, "unsubscribe", self._watchlist(), language)
        if target.name == ALL and not sure:
            return answers.ask_to_stop_all(language)
        with begin(self._database) as work:
            key = self._stop(work, asker.chat_id, target)
            work.commit()
        return answers.plain(language, key, target=target.title(language), name=target.name)

    def _stop(self, work: UnitOfWork, chat_id: ChatId, target: Target) -> str:
        followed = {each.target for each in work.subscribers.subscriptions(chat_id)}
        if target.name == ALL:
            for each in followed:
                work.subscribers.unsubscribe(chat_id, each)
            return "unsubscribe.all"
        removed = work.subscribers.unsubscribe(chat_id, target.name)
        wider = {ALL, *(tag for each in target.commitments for tag in each.tags)}
        if followed & (wider - {target.name}):
            for commitment in target.commitments:
                work.subscribers.mute(
                    Mute(chat_id=chat_id, commitment_id=commitment.id, until=None)
                )
            return "unsubscribe.left_out"
        return "unsubscribe.done" if removed else "unsubscribe.none"

    def following(self, asker: Asker) -> Message:
        """Show what the chat follows, and what else there is."""
        language = self.language(asker)
        with reading(self._database) as work:
            subscriptions = work.subscribers.subscriptions(asker.chat_id)
            now = self._clock.now()
            mutes = [
                each
                for each in work.subscribers.mutes(asker.chat_id)
                if each.until is None or each.until > now
            ]
        return answers.following(self._watchlist(), subscriptions, mutes, language)

    def status(self, asker: Asker, name: str) -> Message:
        """Say where a pledge stands; without a name, how the program is."""
        language = self.language(asker)
        if not name:
            return answers.health(self._health(asker.chat_id), self._zone, language)
        target = answers.find_target(name, self._watchlist())
        if target is None or len(target.commitments) != 1:
            return answers.unknown_name(name, "status", self._watchlist(), language)
        commitment = target.commitments[0]
        with reading(self._database) as work:
            decisions = work.decisions.of_commitment(commitment.id)
            latest = self._told(work, commitment.id, 1)
        stands = standing(commitment, decisions, self._clock.now().date())
        return answers.where_it_stands(commitment, stands, latest[0] if latest else None, language)

    def _health(self, chat_id: ChatId) -> Health:
        watchlist = self._watchlist()
        ids = {feed.id for feed in watchlist.feeds}
        with reading(self._database) as work:
            states = [state for state in work.feeds.all() if state.feed_id in ids]
            following = len(work.subscribers.subscriptions(chat_id))
        return Health(
            commitments=len(watchlist.commitments),
            feeds=len(watchlist.feeds),
            answering=sum(state.health is FeedHealth.HEALTHY for state in states),
            last_poll_at=max((s.last_polled_at for s in states if s.last_polled_at), default=None),
            following=following,
        )

    def history(self, asker: Asker, name: str) -> Message:
        """Show a pledge's follow-ups, newest first."""
        language = self.language(asker)
        if not name:
            return answers.plain(language, "history.usage")
        target = answers.find_target(name, self._watchlist())
        if target is None or len(target.commitments) != 1:
            return answers.unknown_name(name, "history", self._watchlist(), language)
        with reading(self._database) as work:
            told = self._told(work, target.commitments[0].id, answers.SHOWN)
        return answers.history(target.commitments[0], told, language)

    def _told(self, work: UnitOfWork, commitment_id: CommitmentId, limit: int) -> list[Told]:
        found = work.developments.listed(
            commitment_id=commitment_id, relation=Relation.FOLLOW_UP, limit=limit
        )
        return [
            Told(development=each, lead=next(iter(work.developments.reports(each.id, 1)), None))
            for each in found
        ]

    def mute(self, asker: Asker, name: str, span: str) -> Message:
        """Silence one pledge for a while, or until unmuted."""
        language = self.language(asker)
        if not name:
            return answers.plain(language, "mute.usage")
        target = answers.find_target(name, self._watchlist())
        if target is None or len(target.commitments) != 1:
            return answers.unknown_name(name, "mute", self._watchlist(), language)
        found = SPAN.fullmatch(span.strip().lower())
        if span and found is None and span != "0":
            return answers.plain(language, "mute.usage")
        now = self._clock.now()
        until = now + timedelta(**{SPANS[found[2]]: int(found[1])}) if found else None
        with begin(self._database) as work:
            self._known(work, asker)
            work.subscribers.mute(
                Mute(chat_id=asker.chat_id, commitment_id=target.commitments[0].id, until=until)
            )
            work.commit()
        key = "mute.forever" if until is None else "mute.done"
        when = "" if until is None else moment_in(until, self._zone, language)
        title = target.title(language)
        return answers.plain(language, key, target=title, name=target.name, when=when)

    def ask_how_long(self, asker: Asker, name: str) -> Message:
        """Ask how long to mute a pledge."""
        language = self.language(asker)
        target = answers.find_target(name, self._watchlist())
        if target is None:
            return answers.unknown_name(name, "mute", self._watchlist(), language)
        return answers.how_long(target, language)

    def unmute(self, asker: Asker, name: str) -> Message:
        """Let a muted pledge speak again."""
        language = self.language(asker)
        target = answers.find_target(name, self._watchlist()) if name else None
        if target is None or len(target.commitments) != 1:
            return answers.unknown_name(name, "unmute", self._watchlist(), language)
        with begin(self._database) as work:
            there = work.subscribers.unmute(asker.chat_id, target.commitments[0].id)
            work.commit()
        key = "unmute.done" if there else "unmute.none"
        return answers.plain(language, key, target=target.title(language))

    def lang(self, asker: Asker, wanted: str) -> Message:
        """Change the language of everything we write in this chat."""
        names = {each.lower(): each for each in LANGUAGES} | {
            "zh": Language.CHINESE_SIMPLIFIED,
            "简体": Language.CHINESE_SIMPLIFIED,
            "繁體": Language.CHINESE_TRADITIONAL,
            "english": Language.ENGLISH,
        }
        chosen = names.get(wanted.strip().lower())
        if chosen is None:
            return answers.plain(self.language(asker), "lang.usage")
        with begin(self._database) as work:
            subscriber = self._known(work, asker)
            work.subscribers.save(replace(subscriber, language=chosen))
            work.commit()
        return answers.plain(chosen, "lang.done")

    def other_language(self, asker: Asker) -> Message:
        """Switch between English and Chinese, and say the first words again."""
        now = self.language(asker)
        other = Language.CHINESE_SIMPLIFIED if now is Language.ENGLISH else Language.ENGLISH
        self.lang(asker, other)
        return answers.start(other, known=False)

    def forget(self, asker: Asker) -> Message:
        """Delete everything about a chat."""
        language = self.language(asker)
        with begin(self._database) as work:
            work.subscribers.forget(asker.chat_id)
            work.commit()
        return answers.plain(language, "forget.done")

    def help(self, asker: Asker, command: str) -> Message:
        """Show all commands, or one whole."""
        return answers.help_text(self.language(asker), command.strip().lstrip("/") or None)

    def left(self, chat_id: ChatId) -> None:
        """Note that a chat blocked or removed the bot."""
        with begin(self._database) as work:
            if work.subscribers.get(chat_id) is not None:
                work.subscribers.block(chat_id, self._clock.now())
            work.commit()

    def moved(self, old: ChatId, new: ChatId) -> None:
        """Follow a group to its new id."""
        with begin(self._database) as work:
            work.subscribers.move(old, new)
            work.commit()

    def text(self, asker: Asker, key: str) -> str:
        """Return one plain text in the chat's language."""
        return say(self.language(asker), key)
