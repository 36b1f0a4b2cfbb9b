"""Several alerts as one message: which go together, and what it says. Pure.

A digest goes out at the subscriber's hour; what quiet hours held, and what waited while the bot was
away, goes out as one message too. Nothing is left out: what has no room is counted, with a button.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from alerts.markup import BLANK, Block, Piece, line, text_of
from alerts.messages import Button, Message, message
from alerts.notices import NOTICES
from alerts.routing import STAGE_NEWS, UPDATES, due_at
from alerts.silence import MARKS, clock_line
from alerts.texts import day, gap, say, say_count, stage_name
from model.records import (
    Alert,
    Commitment,
    Delivery,
    DeliveryId,
    DeliveryMode,
    Development,
    Language,
    Relation,
    Report,
    Stage,
    Subscriber,
)

AWAY = timedelta(minutes=10)  # what waits for longer did so because the bot was away
MOST_AT_ONCE = 10  # that waited so; more arrive as one digest
TOO_LATE = timedelta(hours=12)  # a digest missed by so much is joined to the next
MOST_LINES = 12  # of one pledge; the rest is counted
MOST_PART, MOST_LINKS = 3_200, 80  # visible characters and links in one message
MOST_HEADLINE = 160


class DigestKind(StrEnum):
    """Why several alerts go as one message."""

    DAILY = "daily"
    WEEKLY = "weekly"
    HELD = "held"  # by quiet hours
    WAITED = "waited"  # while the bot was away


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that is due, with its alert."""

    delivery: Delivery
    alert: Alert


@dataclass(frozen=True, slots=True)
class Bundle:
    """What goes out together; without a kind, one alert as itself."""

    kind: DigestKind | None
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One alert in a digest."""

    delivery_id: DeliveryId
    alert: Alert
    commitment: Commitment | None  # None: about all that is watched
    stage: Stage | None = None  # confirmed
    development: Development | None = None
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    """Everything that a digest is rendered from."""

    kind: DigestKind
    entries: tuple[Entry, ...]
    following: int  # pledges
    feeds_answering: int
    feeds: int
    today: date  # in the reader's zone
    longest: tuple[str, int] | None = None  # the pledge without a report for longest, and days


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a digest, and the deliveries that it carries."""

    message: Message
    delivery_ids: tuple[DeliveryId, ...]


# --- what goes together ------------------------------------------------------------


def bundles(
    waiting: Iterable[Waiting], subscriber: Subscriber, default_zone: str, now: datetime
) -> tuple[Bundle, ...]:
    """Return what is due for one chat in the messages it goes out in, in order."""
    digests: dict[tuple[DigestKind, int | None], list[Waiting]] = defaultdict(list)
    single: list[Waiting] = []
    for each in waiting:
        if each.alert.reason in UPDATES | NOTICES:
            single.append(each)
        elif each.delivery.mode is DeliveryMode.IMMEDIATE:
            held = _was_held(each, subscriber, default_zone)
            late = now - each.alert.raised_at > AWAY
            if held or late:
                kind = DigestKind.HELD if held else DigestKind.WAITED
                digests[kind, each.delivery.topic_id].append(each)
            else:
                single.append(each)
        else:
            weekly = each.delivery.mode is DeliveryMode.WEEKLY_DIGEST
            kind = DigestKind.WEEKLY if weekly else DigestKind.DAILY
            digests[kind, each.delivery.topic_id].append(each)
    found = [Bundle(None, (each,)) for each in single]
    for (kind, _), together in digests.items():
        fewest = {DigestKind.HELD: 2, DigestKind.WAITED: MOST_AT_ONCE + 1}.get(kind, 1)
        if len(together) >= fewest:
            found.append(Bundle(kind, tuple(together)))
        else:
            found += [Bundle(None, (each,)) for each in together]
    return tuple(sorted(found, key=lambda bundle: bundle.waiting[0].delivery.id))


def _was_held(waiting: Waiting, subscriber: Subscriber, default_zone: str) -> bool:
    """Tell whether quiet hours held it: they would hold it until that very moment."""
    raised = waiting.alert.raised_at
    until = due_at(subscriber, DeliveryMode.IMMEDIATE, waiting.alert.reason, default_zone, raised)
    return raised < until == waiting.delivery.due_at


def next_digest(bundle: Bundle, subscriber: Subscriber, zone: str, now: datetime) -> datetime:
    """Return when a digest goes out: now, or with the next one where it is far too late."""
    if bundle.kind not in {DigestKind.DAILY, DigestKind.WEEKLY}:
        return now
    first = bundle.waiting[0]
    newest = max(each.delivery.due_at for each in bundle.waiting)
    tried = any(each.delivery.attempts for each in bundle.waiting)
    if tried or now - newest <= TOO_LATE:
        return now
    return due_at(subscriber, first.delivery.mode, first.alert.reason, zone, now)


# --- what it says --------------------------------------------------------------------


def render_digest(view: DigestView, language: Language) -> tuple[Part, ...]:
    """Return the messages of a digest: split between pledges, all but the first silent."""
    news = [each for each in view.entries if each.commitment is not None]
    if not news:
        return (_still_watching(view, language),) if view.entries else ()
    by_pledge: dict[str, list[Entry]] = defaultdict(list)
    for each in news:
        by_pledge[each.alert.commitment_id].append(each)
    sections = [_section(entries, language) for entries in by_pledge.values()]
    pages = list(_pages(sections))
    other = [each.delivery_id for each in view.entries if each.commitment is None]
    parts = []
    for number, page in enumerate(pages, 1):
        head = _head(view, language)
        if len(pages) > 1:
            head = line(*head.pieces, f" ({number}/{len(pages)})")
        blocks = [head, *(block for section in page for block in section.blocks)]
        if number == len(pages):
            blocks += _foot(view, language)
        ids = [each for section in page for each in section.ids]
        ids += other if number == len(pages) else []
        buttons = tuple((section.more,) for section in page if section.more is not None)
        parts.append(Part(message(blocks, buttons, silent=number > 1), tuple(ids)))
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class _Section:
    blocks: tuple[Block, ...]
    ids: tuple[DeliveryId, ...]
    more: Button | None


def _section(entries: Sequence[Entry], language: Language) -> _Section:
    """Return one pledge's lines: restatements are a count, never a line."""
    commitment = entries[0].commitment
    assert commitment is not None
    stage = entries[-1].stage
    title = text_of(commitment.title_in(language), MOST_HEADLINE, bold=True)
    blocks = [BLANK, line(title, f" · {stage_name(stage, language)}" if stage else "")]
    lines = list(_lines(entries, language))
    blocks += lines[:MOST_LINES]
    again = {
        each.development.id
        for each in entries
        if each.development is not None and _is_restatement(each)
    }
    if again:
        blocks.append(line("• ", say_count(language, "digest.again", len(again))))
    more = None
    if len(lines) > MOST_LINES:
        blocks.append(line("• ", say(language, "digest.left", n=len(lines) - MOST_LINES)))
    if len(lines) > MOST_LINES or again:
        more = Button(say(language, "button.history"), data=f"1h:{commitment.id}")
    return _Section(tuple(blocks), tuple(each.delivery_id for each in entries), more)


def _is_restatement(entry: Entry) -> bool:
    return (
        entry.alert.reason not in STAGE_NEWS
        and entry.development is not None
        and entry.development.relation is not Relation.FOLLOW_UP
    )


def _lines(entries: Sequence[Entry], language: Language) -> Iterator[Block]:
    seen: set[tuple[object, bool]] = set()
    for each in entries:
        development = each.development
        if development is None:
            mark = MARKS.get(each.alert.reason, "⏳")
            yield line(f"• {mark} ", *clock_line(each.alert, language))
            continue
        staged = each.alert.reason in STAGE_NEWS
        if _is_restatement(each) or (development.id, staged) in seen:
            continue
        seen.add((development.id, staged))
        yield _stage_line(each, language) if staged else _news_line(each, language)


def _stage_line(entry: Entry, language: Language) -> Block:
    assert entry.development is not None
    stage = entry.development.stage
    name = stage_name(stage, language) if stage else ""
    note = say(language, "alert.confirmed")
    return line("• ", Piece(name, bold=True), f" {note} · #F{entry.development.id}")


def _news_line(entry: Entry, language: Language) -> Block:
    assert entry.development is not None
    lead = entry.reports[0] if entry.reports else None
    pieces: list[Piece | str] = [
        "• ",
        text_of(
            entry.development.headline or f"F{entry.development.id}",
            MOST_HEADLINE,
            link=lead.article.url if lead else None,
        ),
    ]
    if lead is not None:
        outlets = {each.article.outlet or each.feed_title for each in entry.reports}
        others = len(outlets) - 1
        own = lead.article.outlet or lead.feed_title
        chinese = language is not Language.ENGLISH
        more = say(language, "digest.more", n=len(outlets) if chinese else others) if others else ""
        pieces.append(text_of(say(language, "digest.outlets", outlet=f"{own}{more}"), 80))
    return line(*pieces)


def _pages(sections: Iterable[_Section]) -> Iterator[list[_Section]]:
    page: list[_Section] = []
    room, links = MOST_PART, MOST_LINKS
    for section in sections:
        visible = sum(block.visible + 1 for block in section.blocks)
        if page and (visible > room or len(section.blocks) > links):
            yield page
            page, room, links = [], MOST_PART, MOST_LINKS
        page.append(section)
        room, links = room - visible, links - len(section.blocks)
    if page:
        yield page


def _follow_ups(view: DigestView) -> dict[object, str]:
    """Return the follow-ups and stages in it, with their pledges: no repeats, no clocks."""
    return {
        (each.development.id, each.alert.reason in STAGE_NEWS): each.alert.commitment_id
        for each in view.entries
        if each.development is not None and not _is_restatement(each)
    }


def _head(view: DigestView, language: Language) -> Block:
    name = Piece(say(language, f"digest.{view.kind}"), bold=True)
    found = _follow_ups(view)
    pledges = len(set(found.values()))
    following = max(view.following, pledges)
    if found:
        counted = say_count(language, "digest.head", len(found), of=pledges, all=following)
    else:
        counted = say_count(language, "digest.none_new", following)
    return line("🗞 ", name, f" · {day(view.today, language)} · {counted}")


def _foot(view: DigestView, language: Language) -> list[Block]:
    if view.kind not in {DigestKind.DAILY, DigestKind.WEEKLY}:
        return []
    told = {each.alert.commitment_id for each in view.entries if each.commitment is not None}
    without = view.following - len(told)
    parts = [say_count(language, "digest.none", without)] if without > 0 else []
    if view.longest is not None:
        title, days = view.longest
        parts.append(say_count(language, "digest.longest", days, title=title[:MOST_HEADLINE]))
    none = Piece(gap(parts[0] if parts else "").join(parts), italic=True)
    return [BLANK, *([line(none)] if parts else []), line(say(language, "digest.foot"))]


def _still_watching(view: DigestView, language: Language) -> Part:
    """Say that there was nothing, and whether we looked: silence is not failure."""
    well = view.feeds > 0 and view.feeds_answering == view.feeds
    key = "digest.all_well" if well else "digest.not_well"
    blocks = [
        line("🗞 ", Piece(say(language, f"digest.{view.kind}"), bold=True),
             f" · {day(view.today, language)}"),
        line(say_count(language, "digest.watching", view.following)),
        line(say(language, key, ok=view.feeds_answering, all=view.feeds)),
        line(say(language, "digest.foot")),
    ]  # fmt: skip
    return Part(message(blocks), tuple(each.delivery_id for each in view.entries))


def today_in(zone: str, now: datetime) -> date:
    """Return the day that it is in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()
