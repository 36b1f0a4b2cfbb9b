"""What a chat may set: for each subscription, for its digests, and for the quiet of the night."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from zoneinfo import available_timezones

from alerts.markup import BLANK, line
from alerts.messages import Message, message
from alerts.office import Answer, Asker, Office
from alerts.settings_pages import (
    LEVELS,
    LISTED,
    MODES,
    SPOKEN,
    TIERS,
    digest_settings,
    following,
    options,
    quiet_settings,
)
from alerts.targets import find_target
from alerts.texts import LANGUAGES, say
from model.records import (
    DeliveryMode,
    Language,
    Mute,
    Subscription,
)
from model.standing import standing
from storage.unit_of_work import begin, reading

DIGEST_WORDS = {
    "daily": DeliveryMode.DAILY_DIGEST,
    "weekly": DeliveryMode.WEEKLY_DIGEST,
    "off": DeliveryMode.IMMEDIATE,
}
TIME = re.compile(r"([01]?\d|2[0-4])(?:[:：.]?([0-5]\d))?")
QUIET_SPAN = re.compile(r"([\d:：.]{1,5})[-–—~]([\d:：.]{1,5})")


class SettingsMenu:
    """Settings, by command and by button."""

    def __init__(self, office: Office) -> None:
        self._office = office

    # --- /list ------------------------------------------------------------------------

    def following(self, asker: Asker) -> Message:
        """Show what the chat follows, how, and what else there is."""
        office = self._office
        now = office.clock.now()
        with reading(office.database) as work:
            subscriber = work.subscribers.get(asker.chat_id)
            subscriptions = work.subscribers.subscriptions(asker.chat_id)
            mutes = [m for m in work.subscribers.mutes(asker.chat_id) if not _over(m, now)]
            stages = {
                each.id: standing(each, work.decisions.of_commitment(each.id), now.date()).stage
                for each in office.watchlist().commitments[:LISTED]
            }
        language = office.language(asker)
        zone = subscriber.timezone if subscriber and subscriber.timezone else office.zone
        return following(office.watchlist(), subscriptions, mutes, stages, zone, language)

    # --- one subscription ----------------------------------------------------------

    def pressed_option(self, asker: Asker, change: str, name: str) -> Answer:
        """Change one setting of a subscription, and show them all again."""
        office = self._office
        language = office.language(asker)
        target = find_target(name, office.watchlist())
        with begin(office.database) as work:
            found = [
                each
                for each in work.subscribers.subscriptions(asker.chat_id)
                if target is not None and each.target == target.name
            ]
            if target is None or not found:
                return Answer(notice=say(language, "options.gone"))
            changed = _changed(found[0], change, asker)
            if changed != found[0]:
                work.subscribers.subscribe(changed)
            work.commit()
        shown = options(target, changed, language, topic_id=asker.topic_id)
        return Answer(message=shown, replaces=bool(change), notice="✓" if change else None)

    # --- /digest ----------------------------------------------------------------------

    def digest(self, asker: Asker, words: Sequence[str]) -> Message:
        """Set how often and when everything followed is told together: daily 08:00, weekly, off."""
        language = self._office.language(asker)
        mode: DeliveryMode | None = None
        at: time | None = None
        zone: str | None = None
        for word in words:
            if word.lower() in DIGEST_WORDS:
                mode = DIGEST_WORDS[word.lower()]
            elif (found := read_time(word)) is not None:
                at = found
            elif (zone := read_zone(word)) is None:
                return _bad_zone(word, "digest", language)
        return self._set_digest(asker, mode, at, zone)

    def pressed_digest(self, asker: Asker, what: str) -> Answer:
        """Set the digest by a button."""
        if what in MODES:
            said = self._set_digest(asker, MODES[what], None, None)
        else:
            said = self._set_digest(asker, None, read_time(what), None)
        return Answer(message=said, replaces=True, notice="✓")

    def _set_digest(
        self, asker: Asker, mode: DeliveryMode | None, at: time | None, zone: str | None
    ) -> Message:
        office = self._office
        with begin(office.database) as work:
            subscriber = office.known(work, asker)
            subscriber = replace(
                subscriber,
                digest_at=at or subscriber.digest_at,
                timezone=zone or subscriber.timezone,
            )
            work.subscribers.save(subscriber)
            subscriptions = work.subscribers.subscriptions(asker.chat_id)
            if mode is not None:
                subscriptions = tuple(replace(each, mode=mode) for each in subscriptions)
                for each in subscriptions:
                    work.subscribers.subscribe(each)
            work.commit()
        return digest_settings(subscriber, subscriptions, office.zone)

    # --- /quiet -----------------------------------------------------------------------

    def quiet(self, asker: Asker, words: Sequence[str]) -> Message:
        """Set the hours in which alerts wait: 22:00-07:00 Asia/Shanghai [override], or off."""
        language = self._office.language(asker)
        changes: dict[str, object] = {}
        for word in words:
            span = read_span(word)
            if word.lower() == "off":
                changes |= {"quiet_from": None, "quiet_until": None}
            elif word.lower() in {"override", "all"}:
                changes["stage_changes_override"] = word.lower() == "override"
            elif span is not None:
                changes |= {"quiet_from": span[0], "quiet_until": span[1]}
            elif (zone := read_zone(word)) is not None:
                changes["timezone"] = zone
            else:
                return _bad_zone(word, "quiet", language)
        return self._set_quiet(asker, changes)

    def pressed_quiet(self, asker: Asker, what: str) -> Answer:
        """Set the quiet hours by a button."""
        span = read_span(what)
        if what == "s":
            said = self._set_quiet(asker, {}, toggle=True)
        elif span is not None:
            said = self._set_quiet(asker, {"quiet_from": span[0], "quiet_until": span[1]})
        else:
            said = self._set_quiet(asker, {"quiet_from": None, "quiet_until": None})
        return Answer(message=said, replaces=True, notice="✓")

    def _set_quiet(
        self, asker: Asker, changes: dict[str, object], *, toggle: bool = False
    ) -> Message:
        office = self._office
        with begin(office.database) as work:
            subscriber = replace(office.known(work, asker), **changes)  # type: ignore[arg-type]  # names checked above
            if toggle:
                override = not subscriber.stage_changes_override
                subscriber = replace(subscriber, stage_changes_override=override)
            work.subscribers.save(subscriber)
            work.commit()
        return quiet_settings(subscriber, office.zone)


# --- what people write --------------------------------------------------------------


def read_time(text: str) -> time | None:
    """Return a time of day like 8, 8:00 or 0800; None for anything else."""
    found = TIME.fullmatch(text.strip())
    if found is None or (int(found[1]) == 24 and found[2] not in {None, "00"}):
        return None
    return time(int(found[1]) % 24, int(found[2] or 0))


def read_span(text: str) -> tuple[time, time] | None:
    """Return two different times like 22:00-07:00; None for anything else."""
    found = QUIET_SPAN.fullmatch(text.strip())
    start, end = (read_time(found[1]), read_time(found[2])) if found else (None, None)
    return (start, end) if start is not None and end is not None and start != end else None


def read_zone(text: str) -> str | None:
    """Return a time zone by its name, in whatever case; None where there is none such."""
    wanted = text.strip().lower().replace(" ", "_")
    return next((name for name in sorted(available_timezones()) if name.lower() == wanted), None)


def _bad_zone(word: str, command: str, language: Language) -> Message:
    near = difflib.get_close_matches(word.title(), sorted(available_timezones()), n=3, cutoff=0.6)
    blocks = [line(say(language, "time.unknown", word=word[:40]))]
    if near:
        blocks.append(line(say(language, "time.near", names=", ".join(near))))
    usage = say(language, f"help.{command}").split("\n")
    return message([*blocks, BLANK, *(line(each) for each in usage)])


def _over(mute: Mute, now: datetime) -> bool:
    return mute.until is not None and mute.until <= now


def _changed(before: Subscription, change: str, asker: Asker) -> Subscription:
    """Return a subscription with one setting changed; an unknown change changes nothing."""
    kind, value = change[:1], change[1:]
    if kind == "l" and value in LEVELS:
        return replace(before, level=LEVELS[value])
    if kind == "m" and value in MODES:
        return replace(before, mode=MODES[value])
    if kind == "t" and value in TIERS:
        return replace(before, lowest_tier=TIERS[value])
    if kind == "g" and value in SPOKEN:
        chosen = set(before.languages) ^ {SPOKEN[value]}
        kept = tuple(each for each in LANGUAGES if each in chosen)
        return replace(before, languages=() if len(kept) == len(LANGUAGES) else kept)
    if kind == "k":
        return replace(before, topic_id=asker.topic_id if before.topic_id is None else None)
    return before
