"""What admins read: feeds, a text that was tried, an edit before it counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from alerts import menus
from alerts.markup import BLANK, Block, Piece, cut, line, marked, text_of
from alerts.messages import Button, Keyboard, Message, message
from alerts.texts import day, gap, moment_in, say, say_count, setback_name, stage_name
from model.desk import (
    AcceptedVersion,
    Backtest,
    ChangeKind,
    CommitmentBacktest,
    EntryChange,
    FieldChange,
    HitChange,
    NearMiss,
    Trial,
    TrialHit,
)
from model.errors import Problem
from model.feed_health import FeedReport
from model.records import FeedHealth, Language

SHOWN_FEEDS, SHOWN_PROBLEMS, SHOWN_CHANGES, SHOWN_HITS = 12, 10, 8, 5
MOST_VALUE = 160
MARKS = {ChangeKind.ADDED: "➕", ChangeKind.CHANGED: "✏️", ChangeKind.REMOVED: "➖"}
HEALTH_MARKS = {
    FeedHealth.GONE: "⛔",
    FeedHealth.FAILING: "🔌",
    FeedHealth.WARNING: "⚠️",
    FeedHealth.NEW: "…",
    FeedHealth.HEALTHY: "✅",
}
WORST_FIRST = tuple(HEALTH_MARKS)


# --- feeds ------------------------------------------------------------------------


def feeds_page(reports: Sequence[FeedReport], language: Language, zone: str) -> Message:
    """Return how the feeds stand, the worst first, each with what to do and a button."""
    ordered = sorted(reports, key=_order)
    well = sum(each.state is FeedHealth.HEALTHY and not each.feed.paused for each in reports)
    blocks = [line(Piece(say(language, "feeds.head", ok=well, all=len(reports)), bold=True))]
    rows = []
    for report in ordered[:SHOWN_FEEDS]:
        blocks += _feed_lines(report, language, zone)
        rows.append(_switch(report, language))
    if len(ordered) > SHOWN_FEEDS:
        left = say(language, "feeds.left", n=len(ordered) - SHOWN_FEEDS)
        blocks.append(line(Piece(left, italic=True)))
    return message(blocks, tuple(rows))


def one_feed(report: FeedReport, language: Language, zone: str) -> Message:
    """Return how one feed stands."""
    return message(_feed_lines(report, language, zone), (_switch(report, language),))


def _order(report: FeedReport) -> tuple[bool, int, str]:
    return report.feed.paused, WORST_FIRST.index(report.state), report.feed.id


def _feed_lines(report: FeedReport, language: Language, zone: str) -> list[Block]:
    feed = report.feed
    mark = "⏸" if feed.paused else HEALTH_MARKS[report.state]
    lines = [line(f"{mark} ", text_of(feed.title, 80, bold=True), f" — {feed.id}")]
    if feed.paused:
        return lines
    if report.last_success_at is not None:
        when = moment_in(report.last_success_at, zone, language)
        lines.append(line(say(language, "feeds.answered", when=when)))
    if report.fault is not None:
        lines.append(line(say(language, "feeds.wrong"), say(language, f"fault.{report.fault}")))
        advice = marked(say(language, f"advice.{report.fault}"))
        lines.append(line(say(language, "feed.advice"), *advice))
    return lines


def _switch(report: FeedReport, language: Language) -> tuple[Button, ...]:
    feed = report.feed
    action = menus.RESUME if feed.paused else menus.PAUSE
    label = say(language, "button.resume" if feed.paused else "button.pause", feed=feed.title)
    data = f"{menus.ADMIN}:{action}:{feed.id}"
    return (Button(cut(label, 60), data=data),) if len(data) <= menus.MOST_DATA else ()


# --- a text that was tried -----------------------------------------------------------


def trial_page(trial: Trial, language: Language) -> Message:
    """Return what the watchlist makes of a text: what it hits, what it nearly hits, and why."""
    blocks: list[Block] = [
        line("🧪 ", text_of(trial.title or say(language, "trial.untitled"), 200, bold=True)),
        line(say(language, f"language.{trial.language}")),
    ]
    if not trial.hits:
        blocks.append(line(say(language, "trial.none")))
    for hit in trial.hits:
        blocks += [BLANK, *_trial_hit(hit, language)]
    for miss in trial.near_misses[:SHOWN_HITS]:
        blocks += [BLANK, *_near_miss(miss, language)]
    return message(
        [*blocks, BLANK, line(Piece(say(language, "trial.nothing_stored"), italic=True))]
    )


def _trial_hit(hit: TrialHit, language: Language) -> Iterator[Block]:
    suggestion = hit.suggestion
    yield line("🎯 ", text_of(hit.title, 120, bold=True), f" — {hit.commitment_id}")
    parts = [say(language, f"relation.{suggestion.relation}")]
    if suggestion.stage is not None:
        parts.append(stage_name(suggestion.stage, language))
    if suggestion.setback is not None:
        parts.append(setback_name(suggestion.setback, language))
    yield line(" · ".join(parts), f" · {hit.score:.2f}")
    why = suggestion.why if language is Language.ENGLISH else suggestion.why_zh or suggestion.why
    if why:
        label = say(language, "alert.why")
        yield line(Piece(label, bold=True), gap(label), text_of(why, 300))
    yield _quotes([each.quote for each in hit.matches], language)


def _near_miss(miss: NearMiss, language: Language) -> Iterator[Block]:
    yield line("○ ", text_of(miss.title, 120, bold=True), f" — {miss.commitment_id}")
    yield line(say(language, f"hindrance.{miss.hindrance}"))
    yield _quotes([each.quote for each in miss.matches], language)


def _quotes(quotes: Iterable[str], language: Language) -> Block:
    shown = list(dict.fromkeys(quotes))[:SHOWN_HITS]
    return line(say(language, "trial.words"), text_of(" · ".join(shown), 300, italic=True))


# --- an edit of the watchlist -----------------------------------------------------------


def problems_page(problems: Sequence[Problem], language: Language) -> Message:
    """Return what is wrong with a text: line, problem and suggestion."""
    wrong = [each for each in problems if not each.warning]
    head = say_count(language, "watch.problems", len(wrong))
    blocks = [line("🛑 ", Piece(head, bold=True)), line(say(language, "watch.unchanged"))]
    blocks += [line("• ", text_of(str(each), 400)) for each in wrong[:SHOWN_PROBLEMS]]
    if len(wrong) > SHOWN_PROBLEMS:
        blocks.append(line(say(language, "watch.more", n=len(wrong) - SHOWN_PROBLEMS)))
    return message(blocks)


def checked_page(problems: Sequence[Problem], version: str, language: Language) -> Message:
    """Return that the watchlist is in order, with its warnings."""
    blocks = [line(say(language, "watch.in_order", version=version))]
    blocks += [line("• ", text_of(str(each), 400)) for each in problems[:SHOWN_PROBLEMS]]
    return message(blocks)


def entry_page(entry: EntryChange, language: Language) -> Message:
    """Return an entry as it stands in the file, ready to be copied and changed."""
    return message(
        [
            line(text_of(entry.title, 200, bold=True)),
            line(text_of(entry_text(entry), 3_000, code=True)),
            line(Piece(say(language, "watch.how_to_edit", name=entry.id), italic=True)),
        ]
    )


def entry_text(entry: EntryChange) -> str:
    """Return an entry in YAML, a field a line."""
    fields = {each.name: each.before for each in entry.fields if each.before is not None}
    return "\n".join(f"{name}: {value}" for name, value in ({"id": entry.id} | fields).items())


def proposal_page(
    number: int, changes: Sequence[EntryChange], backtest: Backtest | None, language: Language
) -> Message:
    """Return an edit before it counts: the difference, and what it would have found."""
    blocks = [line(Piece(say(language, "watch.difference"), bold=True))]
    blocks += list(_changes(changes, language))
    if backtest is not None:
        blocks += [BLANK, *_backtest(backtest, language)]
    blocks += [BLANK, line(Piece(say(language, "watch.ask"), bold=True))]
    code = menus.to_base36(number)
    accept = Button(say(language, "button.accept"), data=f"{menus.ADMIN}:{menus.ACCEPT}:{code}")
    drop = Button(say(language, "button.discard"), data=f"{menus.ADMIN}:{menus.DISCARD}:{code}")
    return message(blocks, ((accept, drop),))


def changed_page(
    version: AcceptedVersion, changes: Sequence[EntryChange], language: Language, zone: str
) -> Message:
    """Return what the version in use changed, with the way back."""
    when = moment_in(version.accepted_at, zone, language)
    head = say(language, "watch.in_use", number=version.number, when=when)
    blocks = [line(head), *_changes(changes, language)]
    return message(blocks, roll_back_row(version.number, language) if changes else ())


def roll_back_row(number: int, language: Language) -> Keyboard:
    """Return the one button under what was accepted: its way back."""
    label = say(language, "button.roll_back", number=number)
    return ((Button(label, data=f"{menus.ADMIN}:{menus.ROLL_BACK}:{menus.to_base36(number)}"),),)


def _changes(changes: Sequence[EntryChange], language: Language) -> Iterator[Block]:
    for change in changes[:SHOWN_CHANGES]:
        yield line(
            f"{MARKS[change.kind]} ", text_of(change.title, 100, bold=True), f" — {change.id}"
        )
        if change.kind is ChangeKind.CHANGED:
            for each in change.fields[:SHOWN_CHANGES]:
                yield _field(each)
    if len(changes) > SHOWN_CHANGES:
        yield line(say(language, "watch.more", n=len(changes) - SHOWN_CHANGES))


def _field(change: FieldChange) -> Block:
    pieces: list[Piece | str] = [f"   {change.name}: "]
    if change.before is not None:
        pieces.append(text_of(change.before, MOST_VALUE, struck=True))
    if change.after is not None:
        pieces += [" → " if change.before is not None else "", text_of(change.after, MOST_VALUE)]
    return line(*pieces)


def _backtest(backtest: Backtest, language: Language) -> Iterator[Block]:
    if not backtest.commitments:
        yield line(say_count(language, "backtest.same", backtest.articles))
        return
    yield line(Piece(say_count(language, "backtest.head", backtest.articles), bold=True))
    lost = len(backtest.lost_confirmed)
    if lost:
        yield line("🛑 ", Piece(say_count(language, "backtest.lost_confirmed", lost), bold=True))
    for each in backtest.commitments[:SHOWN_CHANGES]:
        yield from _of_commitment(each, language)


def _of_commitment(tested: CommitmentBacktest, language: Language) -> Iterator[Block]:
    yield line(
        text_of(tested.title, 100, bold=True),
        say(
            language,
            "backtest.line",
            gained=len(tested.gained),
            lost=len(tested.lost),
            before=f"{tested.alerts_a_week_before:.1f}",
            after=f"{tested.alerts_a_week_after:.1f}",
        ),
    )
    for mark, hits in (("+", tested.gained), ("−", tested.lost)):
        yield from (_hit(mark, each, language) for each in hits[:2])


def _hit(mark: str, hit: HitChange, language: Language) -> Block:
    confirmed = "❗" if hit.was_confirmed else ""
    when = day((hit.published_at or hit.fetched_at).date(), language)
    return line(f"   {mark}{confirmed} {when} ", text_of(hit.title, 90, link=hit.url))
