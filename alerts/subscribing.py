"""The first minute, subscribing and leaving; nothing is subscribed silently."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from alerts import answers, menus
from alerts.markup import BLANK, line
from alerts.messages import NO_NEWS, Message, message
from alerts.office import Answer, Asker, Office
from alerts.targets import ALL, Target, find_pledge, find_target
from alerts.texts import LANGUAGES, day, language_of, moment_in, say
from model.records import (
    AlertReason,
    ChatId,
    Commitment,
    DeliveryMode,
    Language,
    Mute,
    Relation,
    Subscription,
)
from storage.deliveries import NewDelivery
from storage.unit_of_work import UnitOfWork, begin, reading

SPAN = re.compile(r"(\d{1,4})\s*([hdw])")
SPANS = {"h": "hours", "d": "days", "w": "weeks"}
REMIND_AFTER = frozenset({"30"})  # days that a button may ask for
LATEST = 3  # follow-ups shown after a subscription


class Subscribing:
    """What a chat follows, for how long it is silent, and in which language it is spoken to."""

    def __init__(self, office: Office) -> None:
        self._office = office

    # --- the first minute -----------------------------------------------------------

    def start(self, asker: Asker, payload: str = "") -> Answer:
        """Say what this is; from a link, follow a pledge, or be let in."""
        office = self._office
        with begin(office.database) as work:
            before = work.subscribers.get(asker.chat_id)
            invited = payload.startswith("i_") and work.invitations.use(
                payload[2:], office.clock.now()
            )
            if not invited and not office.may_enter(before, asker):
                return Answer(
                    message=answers.plain(language_of(asker.language_code), "invited.only")
                )
            subscriber = office.known(work, asker)
            if invited:
                work.subscribers.save(replace(subscriber, invited=True))
            following = len(work.subscribers.subscriptions(asker.chat_id))
            work.commit()
        if payload.startswith("p_") and find_target(payload[2:], office.watchlist()) is not None:
            return self.subscribe(asker, payload[2:])
        return Answer(message=answers.start(subscriber.language, following=following))

    def choose(self, asker: Asker, page: str) -> Message:
        """Show the pledges as buttons."""
        number = int(page) if page.isascii() and page.isdecimal() else 0
        return answers.choose(self._office.watchlist(), number, self._office.language(asker))

    def choose_tag(self, asker: Asker) -> Message:
        """Show the tags as buttons."""
        return answers.choose_tag(self._office.watchlist(), self._office.language(asker))

    # --- follow and leave -----------------------------------------------------------

    def subscribe(self, asker: Asker, name: str) -> Answer:
        """Follow a pledge, a tag or all, from now on; show the latest of it."""
        office = self._office
        language = office.language(asker)
        if not name:
            return Answer(message=self._usage(asker, "subscribe"))
        target = find_target(name, office.watchlist())
        if target is None:
            said = answers.unknown_name(name, menus.SUBSCRIBE, office.watchlist(), language)
            return Answer(message=said)
        with begin(office.database) as work:
            if not office.may_enter(work.subscribers.get(asker.chat_id), asker):
                return Answer(message=answers.plain(language, "invited.only"))
            office.known(work, asker)
            known = self._follow(work, asker, target)
            latest = self._latest(work, target, language)
            work.commit()
        said = answers.subscribed(target, language, known=known)
        if latest is not None:
            said = answers.with_latest(said, latest)
        return Answer(message=said)

    def _follow(self, work: UnitOfWork, asker: Asker, target: Target) -> bool:
        """Store the subscription; True where it was there already."""
        for commitment in target.commitments:
            work.subscribers.unmute(asker.chat_id, commitment.id)
        targets = {each.target for each in work.subscribers.subscriptions(asker.chat_id)}
        if target.name in targets:
            return True
        work.subscribers.subscribe(
            Subscription(
                chat_id=asker.chat_id,
                target=target.name,
                topic_id=asker.topic_id,
                since=self._office.clock.now(),
            )
        )
        return False

    def _latest(self, work: UnitOfWork, target: Target, language: Language) -> Message | None:
        if target.commitment is None:
            return None
        found = work.developments.listed(
            commitment_id=target.commitment.id, relation=Relation.FOLLOW_UP, limit=LATEST * 5
        )
        found = tuple(each for each in found if each.outcome not in NO_NEWS)[:LATEST]
        told = [
            answers.Told(
                development=each, lead=next(iter(work.developments.reports(each.id, 1)), None)
            )
            for each in found
        ]
        if not told:
            return answers.plain(language, "subscribe.no_latest")
        return answers.latest(told, language)

    def unsubscribe(self, asker: Asker, name: str, *, sure: bool = False) -> Message:
        """Stop following; under "all" one pledge is left out, and all of it is asked about."""
        office = self._office
        language = office.language(asker)
        if not name:
            return self._usage(asker, "unsubscribe")
        target = find_target(name, office.watchlist())
        if target is None:
            return answers.unknown_name(name, menus.UNSUBSCRIBE, office.watchlist(), language)
        if target.name == ALL and not sure:
            return answers.ask_to_stop_all(language)
        with begin(office.database) as work:
            key = self._stop(work, asker.chat_id, target)
            work.commit()
        said = say(language, key, target=target.title(language), name=target.name)
        undo = answers.button(say(language, "button.undo"), f"{menus.SUBSCRIBE}:{target.name}")
        undone = key != "unsubscribe.none"
        return message([line(said)], (undo,) if undo and undone else ())

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

    # --- silence for a while --------------------------------------------------------

    def mute(self, asker: Asker, name: str, span: str) -> Message:
        """Silence one pledge for a while, or until unmuted."""
        office = self._office
        language = office.language(asker)
        if not name:
            return self._usage(asker, "mute")
        commitment = find_pledge(name, office.watchlist())
        if commitment is None:
            return self._unknown(name, menus.MUTE, language)
        found = SPAN.fullmatch(span.strip().lower())
        if span and found is None and span != "0":
            return self._usage(asker, "mute")
        until = self._mute(asker, commitment, span)
        return answers.undo_mute(
            language, "mute.done" if until else "mute.forever", commitment, until
        )

    def _mute(self, asker: Asker, commitment: Commitment, span: str) -> str:
        """Store the mute; return when it ends, in words, or nothing where it does not."""
        office = self._office
        found = SPAN.fullmatch(span.strip().lower())
        now = office.clock.now()
        until = now + timedelta(**{SPANS[found[2]]: int(found[1])}) if found else None
        with begin(office.database) as work:
            subscriber = office.known(work, asker)
            work.subscribers.mute(
                Mute(chat_id=asker.chat_id, commitment_id=commitment.id, until=until)
            )
            work.commit()
        zone = subscriber.timezone or office.zone
        return "" if until is None else moment_in(until, zone, subscriber.language)

    def pressed_mute(self, asker: Asker, name: str, span: str) -> Answer:
        """Ask how long, mute, or go back: in the rows of the alert itself."""
        language = self._office.language(asker)
        commitment = find_pledge(name, self._office.watchlist())
        if commitment is None:
            return Answer(notice=say(language, "button.gone"))
        if not span:
            return Answer(row=answers.how_long(name, language), group=menus.OF_MUTING)
        if span == "b":
            row = answers.mute_row(name, language, muted=False)
            return Answer(row=row, group=menus.OF_MUTING)
        until = self._mute(asker, commitment, span)
        key = "mute.done" if until else "mute.forever"
        title = commitment.title_in(language)
        said = say(language, key, target=title, name=name, when=until)
        row = answers.mute_row(name, language, muted=True)
        return Answer(row=row, group=menus.OF_MUTING, notice=said)

    def unmute(self, asker: Asker, name: str) -> Message:
        """Let a muted pledge speak again."""
        office = self._office
        language = office.language(asker)
        if not name:
            return self._usage(asker, "unmute")
        commitment = find_pledge(name, office.watchlist())
        if commitment is None:
            return self._unknown(name, menus.UNMUTE, language)
        with begin(office.database) as work:
            there = work.subscribers.unmute(asker.chat_id, commitment.id)
            work.commit()
        key = "unmute.done" if there else "unmute.none"
        return answers.undo_mute(language, key, commitment, "")

    def pressed_unmute(self, asker: Asker, name: str) -> Answer:
        """Unmute, and offer to mute again in the same row."""
        said = self.unmute(asker, name)
        row = answers.mute_row(name, self._office.language(asker), muted=False)
        return Answer(row=row, group=menus.OF_MUTING, notice=said.plain)

    def remind(self, asker: Asker, name: str, days: str) -> Answer:
        """Come back to a silence after some days, unless there is news by then."""
        office, language = self._office, self._office.language(asker)
        commitment = find_pledge(name, office.watchlist())
        if commitment is None or days not in REMIND_AFTER:
            return Answer(notice=say(language, "button.gone"))
        now = office.clock.now()
        due = now + timedelta(days=int(days))
        with begin(office.database) as work:
            office.known(work, asker)
            alert_id = work.outbox.add(
                key=f"{AlertReason.REMINDER}.{commitment.id}.{asker.chat_id}.{due.date()}",
                commitment_id=commitment.id,
                development_id=None,
                reason=AlertReason.REMINDER,
                raised_at=now,
            )
            if alert_id is not None:  # pressed twice: once is enough
                mode, topic = DeliveryMode.IMMEDIATE, asker.topic_id
                wanted = NewDelivery(chat_id=asker.chat_id, mode=mode, due_at=due, topic_id=topic)
                work.deliveries.add(alert_id, [wanted])
                work.outbox.mark_routed([alert_id], now)
            work.commit()
        return Answer(notice=say(language, "remind.done", date=day(due.date(), language)))

    # --- language, own data ---------------------------------------------------------

    def lang(self, asker: Asker, wanted: str) -> Message:
        """Change the language of everything we write in this chat."""
        names = {each.lower(): each for each in LANGUAGES} | {
            "zh": Language.CHINESE_SIMPLIFIED,
            "简体": Language.CHINESE_SIMPLIFIED,
            "中文": Language.CHINESE_SIMPLIFIED,
            "繁體": Language.CHINESE_TRADITIONAL,
            "english": Language.ENGLISH,
        }
        chosen = names.get(wanted.strip().lower())
        if chosen is None:
            said = say(self._office.language(asker), "lang.usage")
            return message([line(said)], (answers.languages_row(),))
        with begin(self._office.database) as work:
            subscriber = self._office.known(work, asker)
            work.subscribers.save(replace(subscriber, language=chosen))
            work.commit()
        return answers.plain(chosen, "lang.done")

    def pressed_language(self, asker: Asker, wanted: str) -> Answer:
        """Change the language, and say the first words again in it."""
        self.lang(asker, wanted)
        with reading(self._office.database) as work:
            following = len(work.subscribers.subscriptions(asker.chat_id))
        first = answers.start(self._office.language(asker), following=following)
        return Answer(message=first, replaces=True)

    def forget(self, asker: Asker, sure: str = "") -> Message:
        """Ask, and delete everything about a chat."""
        language = self._office.language(asker)
        if sure == "n":
            return answers.plain(language, "unsubscribe.kept")
        if sure != "y":
            return answers.ask_to_forget(language)
        with begin(self._office.database) as work:
            work.subscribers.forget(asker.chat_id)
            work.commit()
        return answers.plain(language, "forget.done")

    def export(self, asker: Asker) -> Answer:
        """Return everything stored about a chat, as a file."""
        with reading(self._office.database) as work:
            subscriber = work.subscribers.get(asker.chat_id)
            if subscriber is None:
                return Answer(message=answers.plain(self._office.language(asker), "export.nothing"))
            data = {
                "chat": _jsonable(subscriber),
                "subscriptions": _jsonable(work.subscribers.subscriptions(asker.chat_id)),
                "mutes": _jsonable(work.subscribers.mutes(asker.chat_id)),
                "sent": _jsonable(work.deliveries.of_chat(asker.chat_id)),
            }
        text = json.dumps(data, ensure_ascii=False, indent=1)
        said = answers.plain(subscriber.language, "export.done")
        return Answer(message=said, file=("pledgewatch.json", text.encode()))

    # --- shared ---------------------------------------------------------------------

    def _usage(self, asker: Asker, command: str) -> Message:
        """Return the whole help of a command that was called without what it needs."""
        language = self._office.language(asker)
        return message(
            [
                line(say(language, f"{command}.usage")),
                BLANK,
                *(line(each) for each in say(language, f"help.{command}").split("\n")),
            ]
        )

    def _unknown(self, name: str, action: str, language: Language) -> Message:
        watchlist = self._office.watchlist()
        return answers.unknown_name(name, action, watchlist, language, pledges_only=True)


def _jsonable(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Return records as JSON takes them."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _jsonable(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_jsonable(each) for each in value]
    if isinstance(value, datetime | time):
        return value.isoformat()
    return value
