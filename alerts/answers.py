"""What the bot answers: lists, where a pledge stands, its history, help. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts import menus
from alerts.markup import BLANK, Block, Piece, cut, line, text_of
from alerts.messages import NO_NEWS, Button, Keyboard, Message, message
from alerts.targets import Target, find_target, nearest, tags
from alerts.texts import (
    LANGUAGES,
    day,
    edtf_day,
    gap,
    moment_in,
    say,
    say_count,
    setback_name,
    space_before,
    stage_name,
)
from model.records import Commitment, Development, Language, Outcome, Report, Role, Watchlist
from model.standing import Standing

SHOWN = 10  # rows of a history
PAGE = 8  # pledges on one page of buttons


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


def button(text: str, data: str) -> tuple[Button, ...]:
    """Return a button; none where it would tell more than a button may."""
    return (Button(text, data=data),) if len(data.encode()) <= menus.MOST_DATA else ()


def unknown_name(
    name: str, action: str, watchlist: Watchlist, language: Language, *, pledges_only: bool = False
) -> Message:
    """Return the answer to a name that nobody has: the nearest as buttons for the same action."""
    near = nearest(name, watchlist, pledges_only=pledges_only)
    blocks = [line(say(language, "unknown.name", name=name[:64]))]
    blocks.append(line(say(language, "unknown.near" if near else "unknown.list")))
    found = (find_target(each, watchlist) for each in near)
    rows = (
        button(cut(each.label(language), 60), f"{action}:{each.name}")
        for each in found
        if each is not None
    )
    return message(blocks, tuple(row for row in rows if row))


def unknown_command(command: str, role: Role, language: Language) -> Message:
    """Return the answer to a command that nobody taught us, with the nearest of those there are."""
    mine = menus.commands_of(role)
    near = difflib.get_close_matches(command.lower(), mine, n=3, cutoff=0.5)
    blocks = [line(say(language, "unknown.command"))]
    if near:
        blocks.append(line(say(language, "unknown.near"), " ", " · ".join(f"/{e}" for e in near)))
    return message(blocks)


def plain(language: Language, key: str, **values: object) -> Message:
    """Return one text as a message; the values are foreign and are escaped."""
    return message([line(each) for each in say(language, key, **values).split("\n")])


def languages_row() -> tuple[Button, ...]:
    """Return a button for each language, each in its own."""
    return tuple(
        Button(say(each, "language.own"), data=f"{menus.LANGUAGE}:{each}") for each in LANGUAGES
    )


def start(language: Language, *, following: int) -> Message:
    """Return the first words, with buttons: nothing is subscribed silently."""
    second = say_count(language, "start.back", following) if following else None
    buttons: Keyboard = (
        (
            Button(say(language, "button.all"), data=f"{menus.SUBSCRIBE}:all"),
            Button(say(language, "button.tags"), data=menus.TAGS),
        ),
        (Button(say(language, "button.choose"), data=menus.CHOOSE),),
        languages_row(),
    )
    return message(
        [
            line(say(language, "start.hello")),
            BLANK,
            line(second or say(language, "start.next")),
        ],
        buttons,
    )


def choose(watchlist: Watchlist, page: int, language: Language) -> Message:
    """Return one page of the pledges as buttons."""
    all_of_them = watchlist.commitments
    pages = max(1, -(-len(all_of_them) // PAGE))
    page = min(max(page, 0), pages - 1)
    shown = all_of_them[page * PAGE : (page + 1) * PAGE]
    rows = [
        button(cut(each.title_in(language), 60), f"{menus.SUBSCRIBE}:{each.id}") for each in shown
    ]
    turns = []
    if page > 0:
        turns.append(Button("‹", data=f"{menus.CHOOSE}:{page - 1}"))
    if page + 1 < pages:
        turns.append(Button("›", data=f"{menus.CHOOSE}:{page + 1}"))
    head = say(language, "choose.head")
    if pages > 1:
        head += say(language, "choose.page", page=page + 1, pages=pages)
    return message([line(head)], tuple(row for row in [*rows, tuple(turns)] if row))


def choose_tag(watchlist: Watchlist, language: Language) -> Message:
    """Return the tags as buttons, with how many pledges each has."""
    found = [
        button(f"{tag} ({count})", f"{menus.SUBSCRIBE}:{tag}")
        for tag, count in tags(watchlist).items()
    ]
    flat = [each for row in found for each in row][: PAGE * 3]
    rows = tuple(tuple(flat[at : at + 3]) for at in range(0, len(flat), 3))
    return message([line(say(language, "choose.tag" if rows else "choose.no_tag"))], rows)


def subscribed(target: Target, language: Language, *, known: bool) -> Message:
    """Return that a subscription was taken, with the way back and its settings."""
    key = "subscribe.known" if known else "subscribe.done"
    said = say(language, key, target=target.title(language), name=target.name)
    rows: Keyboard = (
        button(say(language, "button.settings"), f"{menus.OPTIONS}::{target.name}")
        + button(say(language, "button.undo"), f"{menus.UNSUBSCRIBE}:{target.name}"),
    )
    return message([line(each) for each in said.split("\n")], tuple(row for row in rows if row))


def help_text(language: Language, command: str | None, role: Role) -> Message:
    """Return the commands that somebody may use, or one whole."""
    mine = menus.commands_of(role)
    if command in mine:
        return plain(language, f"help.{command}")
    blocks = [line(Piece(say(language, "help.head"), bold=True))]
    blocks += [line(f"/{each} — {say(language, f'command.{each}')}") for each in mine]
    return message([*blocks, BLANK, line(Piece(say(language, "help.more"), italic=True))])


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
    label = say(language, key)
    return line(Piece(label, bold=True), f"{gap(label)}{value}")


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
    struck = development.outcome in NO_NEWS
    stage = note = ""
    if development.stage is not None and not struck:
        stage = f" {stage_name(development.stage, language)}"
        confirmed = development.outcome is Outcome.CONFIRMED
        note = say(language, "alert.confirmed" if confirmed else "alert.unreviewed")
    return line(
        f"• {day(development.first_seen_at.date(), language)}{stage}",
        Piece(f"{space_before(note) if note else ''}{note}", italic=True),
        " ",
        text_of(development.headline or f"F{development.id}", 120, link=link, struck=struck),
        f" — {outlet} #F{development.id}",
    )


def how_long(name: str, language: Language) -> Keyboard:
    """Return the buttons that ask how long to mute a pledge."""
    spans = (("mute.day", "1d"), ("mute.week", "7d"), ("mute.ever", "0"), ("mute.back", "b"))
    rows = [button(say(language, key), f"{menus.MUTE}:{name}:{span}") for key, span in spans]
    return (rows[0] + rows[1], rows[2] + rows[3])


def mute_row(name: str, language: Language, *, muted: bool) -> Keyboard:
    """Return the one button for a pledge that is muted, or is not."""
    if muted:
        return (button(say(language, "button.unmute"), f"{menus.UNMUTE}:{name}"),)
    return (button(say(language, "button.mute"), f"{menus.MUTE}:{name}"),)


def latest(told: Sequence[Told], language: Language) -> Message:
    """Return the latest follow-ups of a pledge just subscribed to."""
    head = line(Piece(say(language, "subscribe.latest"), bold=True))
    return message([head, *(_told(each, language) for each in told)])


def with_latest(said: Message, latest: Message) -> Message:
    """Return two messages as one, with the buttons of the first."""
    html, plain = f"{said.html}\n\n{latest.html}", f"{said.plain}\n\n{latest.plain}"
    return Message(html, plain, said.buttons)


def ask_to_stop_all(language: Language) -> Message:
    """Return the question whether every alert should stop."""
    yes = Button(say(language, "button.yes"), data=f"{menus.UNSUBSCRIBE}:all:y")
    no = Button(say(language, "button.no"), data=f"{menus.UNSUBSCRIBE}:all:n")
    return message([line(say(language, "unsubscribe.ask"))], ((yes, no),))


def ask_to_forget(language: Language) -> Message:
    """Return the question whether everything about a chat should be deleted."""
    yes = Button(say(language, "button.forget"), data=f"{menus.FORGET}:y")
    no = Button(say(language, "button.no"), data=f"{menus.FORGET}:n")
    return message([line(say(language, "forget.ask"))], ((yes, no),))


def undo_mute(language: Language, key: str, commitment: Commitment, when: str) -> Message:
    """Return that a pledge was muted or unmuted, with the way back."""
    muted = key.startswith("mute.")
    said = say(language, key, target=commitment.title_in(language), name=commitment.id, when=when)
    action = menus.UNMUTE if muted else menus.MUTE
    label = say(language, "button.unmute" if muted else "button.mute")
    row = button(label, f"{action}:{commitment.id}")
    return message([line(said)], (row,) if row else ())
