"""How a chat's settings are shown: subscriptions, digests, quiet hours. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alerts import menus
from alerts.answers import button
from alerts.markup import BLANK, Block, Piece, cut, line, text_of
from alerts.messages import Button, Message, message
from alerts.targets import ALL, Target, find_target
from alerts.texts import moment_in, say, say_count, stage_name
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
DIGEST_TIMES = ("07:00", "08:00", "12:00", "18:00", "21:00")
QUIET_SPANS = ("22:00-07:00", "23:00-08:00", "00:00-09:00")
LISTED = 40  # pledges that one message names
MOST_BUTTONS = 20


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
