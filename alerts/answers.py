"""What the bot answers: lists, where a pledge stands, its history, help. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.markup import BLANK, Block, Piece, line, text_of
from alerts.messages import Button, Keyboard, Message, message
from alerts.texts import day, edtf_day, moment_in, say, say_count, setback_name, stage_name
from model.records import (
    Commitment,
    CommitmentId,
    Development,
    Language,
    Mute,
    Report,
    Subscription,
    Watchlist,
)
from model.standing import Standing

ALL = "all"
COMMANDS = (
    "start",
    "subscribe",
    "unsubscribe",
    "list",
    "status",
    "history",
    "mute",
    "lang",
    "forget",
    "help",
)
# What a button tells us; "1" is the version of the scheme.
ACTIONS = {
    "subscribe": "1s",
    "unsubscribe": "1u",
    "status": "1t",
    "history": "1h",
    "mute": "1m",
    "unmute": "1n",
}
SHOWN = 10  # rows of a history
NEAREST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a name stands for: a pledge, a tag, or all."""

    name: str
    commitments: tuple[Commitment, ...]

    def title(self, language: Language) -> str:
        """Return how it is called in a sentence."""
        if self.name == ALL:
            return say(language, "all.name")
        if len(self.commitments) == 1 and self.commitments[0].id == self.name:
            return self.commitments[0].title_in(language)
        return say(language, "tag.name", tag=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the program is, for people who ask."""

    commitments: int
    feeds: int
    answering: int
    last_poll_at: datetime | None
    following: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One follow-up of a history."""

    development: Development
    lead: Report | None


def find_target(name: str, watchlist: Watchlist) -> Target | None:
    """Return what somebody means by a name; None where nobody is called so."""
    wanted = name.strip().lower().lstrip("#")
    if wanted == ALL:
        return Target(name=ALL, commitments=watchlist.commitments)
    found = watchlist.commitment(CommitmentId(wanted))
    if found is not None:
        return Target(name=found.id, commitments=(found,))
    titled = [each for each in watchlist.commitments if wanted in _titles(each)]
    if len(titled) == 1:
        return Target(name=titled[0].id, commitments=(titled[0],))
    tagged = tuple(each for each in watchlist.commitments if wanted in each.tags)
    return Target(name=wanted, commitments=tagged) if tagged else None


def _titles(commitment: Commitment) -> set[str]:
    return {title.lower() for _, title in commitment.titles} | {commitment.title.lower()}


def nearest(name: str, watchlist: Watchlist) -> list[str]:
    """Return the names that come nearest to one that nobody has."""
    tags = {tag for each in watchlist.commitments for tag in each.tags}
    names = [*(each.id for each in watchlist.commitments), *sorted(tags)]
    wanted = name.strip().lower()
    near = difflib.get_close_matches(wanted, names, n=NEAREST, cutoff=0.4)
    held = [each for each in names if len(wanted) > 2 and wanted in each]
    return list(dict.fromkeys([*held, *near]))[:NEAREST]


def unknown_name(name: str, command: str, watchlist: Watchlist, language: Language) -> Message:
    """Return the answer to a name that nobody has: the nearest as buttons."""
    near = nearest(name, watchlist)
    blocks = [line(say(language, "unknown.name", name=name[:64]))]
    if near:
        blocks.append(line(say(language, "unknown.near")))
    buttons = tuple((Button(each, data=f"{ACTIONS[command]}:{each}"),) for each in near)
    return message(blocks, buttons)


def plain(language: Language, key: str, **values: object) -> Message:
    """Return one text as a message; the values are foreign and are escaped."""
    return message([line(each) for each in say(language, key, **values).split("\n")])


def start(language: Language, *, known: bool) -> Message:
    """Return the first words, with buttons: nothing is subscribed silently."""
    second = "start.back" if known else "start.next"
    buttons: Keyboard = (
        (
            Button(say(language, "button.all"), data="1s:all"),
            Button(say(language, "button.choose"), data="1l"),
        ),
        (Button(say(language, "button.other_language"), data="1g"),),
    )
    return message(
        [line(say(language, "start.hello")), BLANK, line(say(language, second))], buttons
    )


def help_text(language: Language, command: str | None) -> Message:
    """Return all commands, or one whole."""
    if command in COMMANDS:
        return plain(language, f"help.{command}")
    blocks = [line(Piece(say(language, "help.head"), bold=True))]
    blocks += [line(f"/{each} — {say(language, f'command.{each}')}") for each in COMMANDS]
    return message([*blocks, BLANK, line(Piece(say(language, "help.more"), italic=True))])


def following(
    watchlist: Watchlist,
    subscriptions: Sequence[Subscription],
    mutes: Sequence[Mute],
    language: Language,
) -> Message:
    """Return what a chat follows, and what else there is."""
    targets = {subscription.target for subscription in subscriptions}
    muted = {mute.commitment_id for mute in mutes}
    blocks = [line(Piece(say(language, "list.head"), bold=True))]
    if not targets:
        blocks.append(line(say(language, "list.empty")))
    if ALL in targets:
        blocks.append(line(f"{say(language, 'list.following')} {say(language, 'list.all')}"))
    others: list[Block] = []
    for commitment in watchlist.commitments:
        own = bool({commitment.id, *commitment.tags} & targets) or ALL in targets
        row = _list_row(commitment, language, own=own, muted=commitment.id in muted)
        (blocks if own else others).append(row)
    if others:
        blocks += [BLANK, line(Piece(say(language, "list.available"), bold=True)), *others]
    return message(blocks)


def _list_row(commitment: Commitment, language: Language, *, own: bool, muted: bool) -> Block:
    mark = f"{say(language, 'list.following')} " if own else "· "
    note = f" ({say(language, 'list.muted')})" if muted else ""
    return line(mark, text_of(commitment.title_in(language), 80), f" — {commitment.id}{note}")


def health(facts: Health, zone: str, language: Language) -> Message:
    """Return how the program is."""
    polled = (
        say(language, "status.never")
        if facts.last_poll_at is None
        else say(language, "status.poll", when=moment_in(facts.last_poll_at, zone, language))
    )
    watching = say_count(language, "status.watching", facts.commitments, feeds=facts.feeds)
    return message(
        [
            line(Piece(say(language, "status.head"), bold=True)),
            line(watching),
            line(say(language, "status.feeds", ok=facts.answering, all=facts.feeds)),
            line(polled),
            line(say(language, "status.you", n=facts.following)),
        ]
    )


def where_it_stands(
    commitment: Commitment, now_at: Standing, latest: Told | None, language: Language
) -> Message:
    """Return where a pledge stands: stage, dates, the last follow-up."""
    stage = stage_name(now_at.stage, language) if now_at.stage else say(language, "status.none")
    blocks: list[Block | None] = [
        line(text_of(commitment.title_in(language), 200, bold=True), f" — {commitment.id}"),
        _fact(language, "status.stage", stage),
    ]
    if now_at.setback is not None:
        blocks.append(_fact(language, "alert.setback", setback_name(now_at.setback, language)))
    if commitment.pledged_on is not None:
        blocks.append(_fact(language, "status.pledged", edtf_day(commitment.pledged_on, language)))
    if commitment.due is not None:
        blocks.append(_fact(language, "status.due", edtf_day(commitment.due.date, language)))
    if latest is None:
        blocks.append(_fact(language, "status.last", say(language, "status.no_follow_up")))
    else:
        blocks += [line(Piece(say(language, "status.last"), bold=True)), _told(latest, language)]
    return message([*blocks, *_steps(now_at, language)])


def _fact(language: Language, key: str, value: str) -> Block:
    return line(Piece(say(language, key), bold=True), f" {value}")


def _steps(now_at: Standing, language: Language) -> Iterable[Block]:
    if not now_at.steps:
        return
    yield BLANK
    yield line(Piece(say(language, "status.known"), bold=True))
    for step in now_at.steps[-SHOWN:]:
        date = edtf_day(step.date, language) if step.date else "?"
        stage = stage_name(step.stage, language) if step.stage else str(step.milestone)
        yield line(f"• {date} {stage} ", text_of(step.text or "", 120, italic=True))


def history(commitment: Commitment, told: Sequence[Told], language: Language) -> Message:
    """Return a pledge's follow-ups, newest first."""
    title = commitment.title_in(language)
    head = line(text_of(say(language, "history.head", title=title), 250, bold=True))
    if not told:
        return message([head, line(say(language, "history.empty"))])
    return message([head, *(_told(each, language) for each in told[:SHOWN])])


def _told(each: Told, language: Language) -> Block:
    development = each.development
    link = each.lead.article.url if each.lead else None
    outlet = (each.lead.article.outlet or each.lead.feed_title) if each.lead else ""
    stage = f" {stage_name(development.stage, language)}" if development.stage else ""
    return line(
        f"• {day(development.first_seen_at.date(), language)}{stage} ",
        text_of(development.headline or f"F{development.id}", 120, link=link),
        f" — {outlet} #F{development.id}",
    )


def how_long(target: Target, language: Language) -> Message:
    """Return the question how long to mute, with its buttons."""
    name = target.name
    rows: Keyboard = (
        (
            Button(say(language, "mute.day"), data=f"1m:{name}:1d"),
            Button(say(language, "mute.week"), data=f"1m:{name}:7d"),
            Button(say(language, "mute.ever"), data=f"1m:{name}:0"),
        ),
        (Button(say(language, "mute.back"), data=f"1m:{name}:b"),),
    )
    return message([line(say(language, "mute.ask"))], rows)


def latest(told: Sequence[Told], language: Language) -> Message:
    """Return the latest follow-ups of a pledge just subscribed to."""
    head = line(Piece(say(language, "subscribe.latest"), bold=True))
    return message([head, *(_told(each, language) for each in told)])


def ask_to_stop_all(language: Language) -> Message:
    """Return the question whether every alert should stop."""
    yes = Button(say(language, "button.yes"), data="1u:all:y")
    no = Button(say(language, "button.no"), data="1u:all:n")
    return message([line(say(language, "unsubscribe.ask"))], ((yes, no),))
