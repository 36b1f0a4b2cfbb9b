"""What a chat may set: for each subscription, for its digests, and for the quiet of the night."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from zoneinfo import available_timezones

from alerts import menus
from alerts.answers import button
from alerts.markup import BLANK, Block, Piece, cut, line, text_of
from alerts.messages import Button, Message, message
from alerts.office import Answer, Asker, Office
from alerts.targets import ALL, Target, find_target
from alerts.texts import LANGUAGES, moment_in, say, say_count, stage_name
from model.records import (
    Commitment,
    CommitmentId,
    DeliveryMode,
    Language,
    Level,
    Mute,
    Stage,
    Subscriber,
    Subscription,
    Tier,
    Watchlist,
)
from model.standing import standing
from storage.unit_of_work import begin, reading

LEVELS = {"d": Level.DEVELOPMENTS, "e": Level.EVERYTHING, "s": Level.STAGE_CHANGES}
MODES = {
    "i": DeliveryMode.IMMEDIATE,
    "d": DeliveryMode.DAILY_DIGEST,
    "w": DeliveryMode.WEEKLY_DIGEST,
}
SPOKEN = {
    "e": Language.ENGLISH,
    "s": Language.CHINESE_SIMPLIFIED,
    "t": Language.CHINESE_TRADITIONAL,
}
TIERS = {"-": None, "a": Tier.A, "b": Tier.B, "c": Tier.C, "d": Tier.D}
DIGEST_WORDS = {
    "daily": DeliveryMode.DAILY_DIGEST,
    "weekly": DeliveryMode.WEEKLY_DIGEST,
    "off": DeliveryMode.IMMEDIATE,
}
DIGEST_TIMES = ("07:00", "08:00", "12:00", "18:00", "21:00")
QUIET_SPANS = ("22:00-07:00", "23:00-08:00", "00:00-09:00")
TIME = re.compile(r"([01]?\d|2[0-4])(?:[:：.]?([0-5]\d))?")
QUIET_SPAN = re.compile(r"([\d:：.]{1,5})[-–—~]([\d:：.]{1,5})")
LISTED = 40  # pledges that one message names
MOST_BUTTONS = 20


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


# --- what is shown ------------------------------------------------------------------


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


def summary(subscription: Subscription, language: Language) -> str:
    """Return a subscription's settings in one line."""
    spoken = [say(each, "language.own") for each in subscription.languages]
    tier = subscription.lowest_tier
    parts = [
        say(language, f"level.{subscription.level}"),
        say(language, f"mode.{subscription.mode}"),
        say(language, "alert.comma").join(spoken) or say(language, "options.every_language"),
        say(language, "options.every_tier")
        if tier is None
        else say(language, "options.from_tier", tier=tier.upper()),
    ]
    if subscription.topic_id is not None:
        parts.append(say(language, "options.in_topic"))
    return " · ".join(parts)


def options(
    target: Target, subscription: Subscription, language: Language, *, topic_id: int | None
) -> Message:
    """Return the settings of one subscription, each with its buttons."""

    def rows_of(kind: str, choices: dict[str, str], chosen: set[str]) -> tuple[Button, ...]:
        found: list[Button] = []
        for value, text in choices.items():
            mark = "● " if value in chosen else ""
            data = f"{menus.OPTIONS}:{kind}{value}:{target.name}"
            found += button(mark + text, data)
        return tuple(found)

    level = {key for key, each in LEVELS.items() if each is subscription.level}
    mode = {key for key, each in MODES.items() if each is subscription.mode}
    tier = {key for key, each in TIERS.items() if each is subscription.lowest_tier}
    spoken = {key for key, each in SPOKEN.items() if each in subscription.languages}
    rows = [
        rows_of("l", {k: say(language, f"level.{v}") for k, v in LEVELS.items()}, level),
        rows_of("m", {k: say(language, f"mode.{v}") for k, v in MODES.items()}, mode),
        rows_of("g", {k: say(v, "language.own") for k, v in SPOKEN.items()}, spoken),
        rows_of(
            "t",
            {k: k.upper() if v else say(language, "options.all") for k, v in TIERS.items()},
            tier,
        ),
    ]
    if subscription.topic_id is not None:
        rows.append(rows_of("k", {"": say(language, "options.whole_group")}, set()))
    elif topic_id is not None:
        rows.append(rows_of("k", {"": say(language, "options.this_topic")}, set()))
    rows.append(button(say(language, "button.stop"), f"{menus.UNSUBSCRIBE}:{target.name}"))
    blocks = [
        line("⚙️ ", text_of(target.title(language), 200, bold=True)),
        line(summary(subscription, language)),
        BLANK,
        line(Piece(say(language, "options.explain"), italic=True)),
    ]
    return message(blocks, tuple(row for row in rows if row))


def following(
    watchlist: Watchlist,
    subscriptions: Sequence[Subscription],
    mutes: Sequence[Mute],
    stages: Mapping[CommitmentId, Stage | None],
    zone: str,
    language: Language,
) -> Message:
    """Return what a chat follows and how, what is muted, and what else there is."""
    muted = {mute.commitment_id: mute for mute in mutes}
    blocks: list[Block] = [line(Piece(say(language, "list.head"), bold=True))]
    rows = []
    followed: set[str] = set()
    for subscription in subscriptions:
        target = find_target(subscription.target, watchlist)
        if target is None:
            continue
        blocks += _subscription_lines(target, subscription, stages, language)
        followed |= {each.id for each in target.commitments}
        label = f"⚙️ {cut(target.label(language), 50)}"
        rows.append(button(label, f"{menus.OPTIONS}::{target.name}"))
    if not subscriptions:
        blocks.append(line(say(language, "list.empty")))
    for mute in muted.values():
        found = watchlist.commitment(mute.commitment_id)
        if found is not None:
            blocks.append(_muted_line(found, mute, zone, language))
    others = [each for each in watchlist.commitments if each.id not in followed]
    if others:
        head = say_count(language, "list.available", len(others))
        blocks += [BLANK, line(Piece(head, bold=True))]
        blocks += [_pledge_line(each, stages.get(each.id), language) for each in others[:LISTED]]
        rows.append((Button(say(language, "button.choose"), data=menus.CHOOSE),))
    rows = [row for row in rows if row][-MOST_BUTTONS:]
    return message(blocks, tuple(rows))


def _subscription_lines(
    target: Target,
    subscription: Subscription,
    stages: Mapping[CommitmentId, Stage | None],
    language: Language,
) -> list[Block]:
    settings = line("    ", Piece(summary(subscription, language), italic=True))
    if target.commitment is not None:
        stage = stages.get(target.commitment.id)
        return [_pledge_line(target.commitment, stage, language, mark="✓"), settings]
    head = say_count(language, "list.group", len(target.commitments), name=target.title(language))
    if target.name == ALL:
        return [line(f"✓ {head}"), settings]
    members = [f"{cut(each.title_in(language), 80)}" for each in target.commitments[:5]]
    more = say(language, "alert.more", n=len(target.commitments) - 5)
    text = say(language, "alert.comma").join(members)
    return [
        line(f"✓ {head}"),
        line("    ", text + (more if len(target.commitments) > 5 else "")),
        settings,
    ]


def _pledge_line(
    commitment: Commitment, stage: Stage | None, language: Language, mark: str = "·"
) -> Block:
    reached = f" · {stage_name(stage, language)}" if stage else ""
    title = text_of(commitment.title_in(language), 80)
    return line(f"{mark} ", title, f" — {commitment.id}{reached}")


def _muted_line(commitment: Commitment, mute: Mute, zone: str, language: Language) -> Block:
    title = cut(commitment.title_in(language), 80)
    if mute.until is None:
        return line("🔕 ", say(language, "list.muted", target=title, name=commitment.id))
    when = moment_in(mute.until, zone, language)
    return line(
        "🔕 ", say(language, "list.muted_until", target=title, name=commitment.id, when=when)
    )


def digest_settings(
    subscriber: Subscriber, subscriptions: Sequence[Subscription], default_zone: str
) -> Message:
    """Return when digests come, with buttons to change it."""
    language = subscriber.language
    zone = subscriber.timezone or default_zone
    at = subscriber.digest_at.isoformat("minutes")
    counts = {mode: sum(s.mode is mode for s in subscriptions) for mode in DeliveryMode}
    blocks: list[Block] = [line(Piece(say(language, "digest.settings"), bold=True))]
    if not subscriptions:
        blocks.append(line(say(language, "list.empty")))
    blocks += [
        line(say_count(language, f"digest.count_{mode}", counts[mode], at=at, zone=zone))
        for mode in DeliveryMode
        if counts[mode]
    ]
    blocks += [BLANK, line(Piece(say(language, "digest.hint", zone=zone), italic=True))]
    by_mode = tuple(
        Button(say(language, f"mode.{mode}"), data=f"{menus.DIGEST}:{key}")
        for key, mode in MODES.items()
    )
    by_time = tuple(
        Button(f"● {each}" if each == at else each, data=f"{menus.DIGEST}:{each.replace(':', '')}")
        for each in DIGEST_TIMES
    )
    return message(blocks, (by_mode, by_time))


def quiet_settings(subscriber: Subscriber, default_zone: str) -> Message:
    """Return the quiet hours, with buttons to change them."""
    language = subscriber.language
    zone = subscriber.timezone or default_zone
    start, end = subscriber.quiet_from, subscriber.quiet_until
    blocks: list[Block] = [line(Piece(say(language, "quiet.settings"), bold=True))]
    if start is None or end is None:
        blocks.append(line(say(language, "quiet.none")))
    else:
        hours = f"{start.isoformat('minutes')}–{end.isoformat('minutes')}"
        blocks.append(line(say(language, "quiet.hours", hours=hours, zone=zone)))
    rings = subscriber.stage_changes_override
    blocks.append(line(say(language, "quiet.rings" if rings else "quiet.holds")))
    blocks += [BLANK, line(Piece(say(language, "quiet.hint", zone=zone), italic=True))]
    spans = tuple(
        Button(each.replace("-", "–"), data=f"{menus.QUIET}:{each.replace(':', '')}")
        for each in QUIET_SPANS
    )
    others = (
        Button(say(language, "quiet.off"), data=f"{menus.QUIET}:o"),
        Button(
            say(language, "quiet.toggle_off" if rings else "quiet.toggle_on"),
            data=f"{menus.QUIET}:s",
        ),
    )
    return message(blocks, (spans, others))
