"""What is said: alerts, their updates, and answers, in the reader's language. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.markup import BLANK, Block, Piece, assemble, cut, line, safe_link, text_of
from alerts.texts import (
    SETBACK_MARKS,
    STAGE_MARKS,
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
from model.records import (
    AlertReason,
    ArticlePart,
    Commitment,
    Development,
    DevelopmentId,
    Language,
    Outcome,
    Relation,
    Report,
    Stage,
)

MOST_HEADLINE, MOST_WHY, MOST_QUOTE = 200, 300, 600
WINDOW = 280  # characters of the article around the densest matches
NAMED_OUTLETS = 5
NO_NEWS = frozenset({Outcome.REJECTED, Outcome.RESTATEMENT, Outcome.JOINED, Outcome.MOVED})
SENTENCE_ENDS = ".!?。！？\n"


@dataclass(frozen=True, slots=True)
class Button:
    """One button under a message: it opens an address or tells us something."""

    text: str
    url: str | None = None
    data: str | None = None


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to send."""

    html: str
    plain: str
    buttons: Keyboard = ()
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """Everything that an alert is rendered from."""

    reason: AlertReason
    commitment: Commitment
    development: Development
    reports: tuple[Report, ...]  # the lead first
    stage_before: Stage | None  # confirmed; None: nothing is
    previous_at: datetime | None  # when the follow-up before this one was seen
    now: datetime
    joined_to: DevelopmentId | None = None  # an analyst said: the same event as that one
    facts: tuple[tuple[str, str], ...] = ()  # of a decision: the stages before and after


def message(blocks: Iterable[Block | None], buttons: Keyboard = (), **more: bool) -> Message:
    """Return a message of lines; lines that are None vanish."""
    html, plain = assemble(blocks)
    return Message(html, plain, buttons, **more)


def render_alert(view: AlertView, language: Language, zone: str) -> Message:
    """Return an alert on a development, new or brought up to date."""
    development, commitment = view.development, view.commitment
    lead = view.reports[0] if view.reports else None
    struck = development.outcome in NO_NEWS
    blocks = [
        line(
            f"{_mark(development)} ",
            text_of(commitment.title_in(language), MOST_HEADLINE, bold=not struck, struck=struck),
        ),
        _verdict_line(view, language) if struck else _headline(development, lead, language),
        BLANK,
        None if struck else _stage_line(view, language),
        None if struck else _setback_line(development, language),
        None if struck else _why(lead, language),
        None if lead is None else _quote(lead),
        None if lead is None else _source(lead, language, zone),
        _also(view.reports, language),
        _reference(view, language),
    ]
    return message(blocks, _buttons(view, lead, language))


def _mark(development: Development) -> str:
    if development.outcome in NO_NEWS:
        return "📰"  # a stage's mark beside a struck title would still say that it was reached
    if development.setback is not None:
        return SETBACK_MARKS[development.setback]
    return STAGE_MARKS[development.stage] if development.stage is not None else "📰"


def _headline(development: Development, lead: Report | None, language: Language) -> Block:
    followed = development.relation is Relation.FOLLOW_UP
    label = say(language, "alert.follow_up" if followed else "alert.restatement")
    text = development.headline or (lead.article.url if lead else "")
    link = lead.article.url if lead else None
    return line(label, text_of(text or f"F{development.id}", MOST_HEADLINE, link=link))


def _verdict_line(view: AlertView, language: Language) -> Block:
    outcome, number = view.development.outcome, view.joined_to
    if outcome is Outcome.JOINED and number is not None:
        return line(say(language, "alert.joined", number=f"#F{number}"))
    same_pledge = outcome in {Outcome.RESTATEMENT, Outcome.JOINED}
    return line(say(language, "alert.nothing_new" if same_pledge else "alert.rejected"))


def _stage_line(view: AlertView, language: Language) -> Block | None:
    development = view.development
    if development.stage is None:
        return None
    confirmed = development.outcome is Outcome.CONFIRMED
    label = say(language, "alert.stage" if confirmed else "alert.suggested")
    after = stage_name(development.stage, language)
    reached = view.stage_before
    moved = reached is not None and development.stage.level > reached.level
    before = f"{stage_name(reached, language)} → " if reached is not None and moved else ""
    note = say(language, "alert.confirmed" if confirmed else "alert.unreviewed")
    shown = f"{gap(label)}{before}{after}{space_before(note)}"
    return line(Piece(label, bold=True), shown, Piece(note, italic=True))


def _setback_line(development: Development, language: Language) -> Block | None:
    if development.setback is None:
        return None
    confirmed = development.outcome is Outcome.SETBACK
    note = say(language, "alert.confirmed" if confirmed else "alert.unreviewed")
    label = say(language, "alert.setback")
    shown = f"{gap(label)}{setback_name(development.setback, language)}{space_before(note)}"
    return line(Piece(label, bold=True), shown, Piece(note, italic=True))


def _why(lead: Report | None, language: Language) -> Block | None:
    if lead is None:
        return None
    suggestion = lead.hit.suggestion
    text = suggestion.why if language is Language.ENGLISH else suggestion.why_zh or suggestion.why
    if not text:
        return None
    label = say(language, "alert.why")
    return line(Piece(label, bold=True), gap(label), text_of(text, MOST_WHY))


def _quote(lead: Report) -> Block | None:
    """Return the words of the article around what matched, in its own script."""
    part = _quoted_part(lead)
    text = lead.article.text if part is ArticlePart.TEXT else lead.article.title
    spans = sorted(
        [(match.start, match.end) for match in lead.hit.matches if match.part is part]
        + [(each.start, each.end) for each in lead.hit.suggestion.triggers if each.part is part]
    )
    spans = [(start, end) for start, end in spans if 0 <= start < end <= len(text)]
    if not spans:
        return None
    first, last = _window(text, spans)
    pieces = _highlighted(text, spans, first, last)
    before = "" if _begins_a_sentence(text, first) else "…"
    after = "" if text[:last].rstrip()[-1:] in SENTENCE_ENDS or last >= len(text) else "…"
    return line(before, *pieces, after, quoted=True)


def _begins_a_sentence(text: str, place: int) -> bool:
    before = text[:place].rstrip(" ")
    return not before or before[-1] in SENTENCE_ENDS


def _quoted_part(lead: Report) -> ArticlePart:
    """Prefer the text: the title stands above it already."""
    in_text = any(match.part is ArticlePart.TEXT for match in lead.hit.matches)
    return ArticlePart.TEXT if in_text else ArticlePart.TITLE


def _window(text: str, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the stretch with the most matches, widened to the ends of its sentence."""
    best = max(spans, key=lambda span: (_held(spans, span[0]), -span[0]))[0]
    held = [span for span in spans if best <= span[0] and span[1] <= best + WINDOW]
    middle_end = max((end for _, end in held), default=min(best + WINDOW, len(text)))
    first = max((text.rfind(end, 0, best) + 1 for end in SENTENCE_ENDS), default=0)
    first = max(first, middle_end - WINDOW, 0)
    stops = [text.find(end, middle_end) for end in SENTENCE_ENDS]
    stop = min((place + 1 for place in stops if place >= 0), default=len(text))
    last = min(stop, max(first + WINDOW, middle_end), first + MOST_QUOTE, len(text))
    while first < best and (text[first].isspace() or _joined(text, first)):
        first += 1
    while last < len(text) and last > middle_end and _joined(text, last):
        last -= 1
    return first, last


def _held(spans: Sequence[tuple[int, int]], start: int) -> int:
    return sum(start <= span[0] and span[1] <= start + WINDOW for span in spans)


def _joined(text: str, place: int) -> bool:
    """Tell whether a cut here would tear a word or a drawn character."""
    if place <= 0 or place >= len(text):
        return False
    here, before = text[place], text[place - 1]
    if here.isascii() and before.isascii():
        return here.isalnum() and before.isalnum()
    return cut(text[: place + 1], place + 1) == "" or here in "\u200d\ufe0f" or before == "\u200d"


def _highlighted(text: str, spans: Sequence[tuple[int, int]], first: int, last: int) -> list[Piece]:
    """Return the stretch in pieces, matches in bold; overlapping ones become one."""
    pieces: list[Piece] = []
    place = first
    for start, end in _merged(spans):
        start, end = max(start, first), min(end, last)
        if start >= end or start < place:
            continue
        if start > place:
            pieces.append(text_of(_flat(text[place:start]), MOST_QUOTE))
        pieces.append(text_of(_flat(text[start:end]), MOST_QUOTE, bold=True))
        place = end
    if place < last:
        pieces.append(text_of(_flat(text[place:last]), MOST_QUOTE))
    return pieces


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _flat(text: str) -> str:
    return text.replace("\n", " ")


def _source(lead: Report, language: Language, zone: str) -> Block:
    article = lead.article
    parts = [article.outlet or lead.feed_title]
    if article.published_at is not None:
        parts.append(moment_in(article.published_at, zone, language))
    parts.append(say(language, f"language.{article.language}"))
    return line("📰 ", text_of(" · ".join(parts), MOST_WHY))


def _also(reports: Sequence[Report], language: Language) -> Block | None:
    """Return the other outlets: five by name, the rest by number."""
    if not reports:
        return None
    own = reports[0].article.outlet or reports[0].feed_title
    others: dict[str, str] = {}
    for report in reports[1:]:
        name = report.article.outlet or report.feed_title
        if name != own:
            others.setdefault(name, report.article.url)
    if not others:
        return None
    pieces: list[Piece | str] = ["➕ ", say_count(language, "alert.also", len(others))]
    for number, (name, url) in enumerate(list(others.items())[:NAMED_OUTLETS]):
        if number:
            pieces.append(say(language, "alert.comma"))
        pieces.append(text_of(name, 60, link=url))
    if len(others) > NAMED_OUTLETS:
        pieces.append(say(language, "alert.more", n=len(others) - NAMED_OUTLETS))
    return line(*pieces)


def _reference(view: AlertView, language: Language) -> Block:
    parts = [f"🏷 #F{view.development.id}"]
    if view.commitment.pledged_on is not None:
        date = edtf_day(view.commitment.pledged_on, language)
        parts.append(say(language, "alert.pledged", date=date))
    if view.previous_at is None:
        parts.append(say(language, "alert.first"))
    else:
        days = (view.development.first_seen_at - view.previous_at).days
        parts.append(
            say_count(language, "alert.last", days) if days > 0 else say(language, "alert.today")
        )
    return line(" · ".join(parts))


def _buttons(view: AlertView, lead: Report | None, language: Language) -> Keyboard:
    link = safe_link(lead.article.url) if lead else None
    first = [Button(say(language, "button.open"), url=link)] if link else []
    commitment = view.commitment.id
    return (
        (*first, Button(say(language, "button.history"), data=f"1h:{commitment}")),
        (Button(say(language, "button.mute"), data=f"1m:{commitment}"),),
    )


def render_stage_news(view: AlertView, language: Language, zone: str) -> Message:
    """Return what a decision changed for the pledge: short, a reply to the alert."""
    when = day(view.now.astimezone(ZoneInfo(zone)).date(), language)
    told = {
        AlertReason.CORRECTED: _corrected,
        AlertReason.REOPENED: _reopened,
    }.get(view.reason, _stage_changed)(view, language, when)
    reference = line(f"🏷 #F{view.development.id}")
    history = Button(say(language, "button.history"), data=f"1h:{view.commitment.id}")
    return message([*told, reference], ((history,),))


def _stages(view: AlertView) -> tuple[Stage | None, Stage | None]:
    """Return the stages before and after the decision, as they were when it fell."""
    facts = dict(view.facts)
    before, after = facts.get("stage_before"), facts.get("stage_after")
    return Stage(before) if before else None, Stage(after) if after else None


def _titled(view: AlertView, mark: str, *said: Piece | str, language: Language) -> Block:
    title = text_of(view.commitment.title_in(language), MOST_HEADLINE, bold=True)
    return line(f"{mark} ", title, *said)


def _stage_changed(view: AlertView, language: Language, when: str) -> list[Block]:
    before, after = _stages(view)
    stage = after or view.development.stage
    name = Piece(say(language, f"stage.{stage}") if stage else "", bold=True)
    mark = STAGE_MARKS[stage] if stage else _mark(view.development)
    way = " → ".join(stage_name(each, language) for each in (before, stage) if each)
    confirmed = say(language, "stage_changed.confirmed", date=when)
    now_is = say(language, "stage_changed.now")
    return [_titled(view, mark, now_is, name, language=language), line(way, confirmed)]


def _corrected(view: AlertView, language: Language, when: str) -> list[Block]:
    before, after = _stages(view)
    was = stage_name(before, language) if before else ""
    if after is None:
        told = say(language, "corrected.none", was=was, date=when)
    else:
        told = say(language, "corrected.now", now=stage_name(after, language), was=was, date=when)
    head = _titled(view, "↩️", say(language, "corrected.head"), language=language)
    return [head, line(told), *_reason(view, language)]


def _reopened(view: AlertView, language: Language, when: str) -> list[Block]:
    verdict = dict(view.facts).get("verdict_before", "")
    was = say(language, f"verdict.{verdict}") if verdict else "?"
    head = _titled(view, "🔓", say(language, "reopened.head"), language=language)
    return [head, line(say(language, "reopened.was", was=was, date=when)), *_reason(view, language)]


def _reason(view: AlertView, language: Language) -> list[Block]:
    why = dict(view.facts).get("why", "")
    label = say(language, "alert.reason")
    return [line(Piece(label, bold=True), gap(label), text_of(why, MOST_WHY))] if why else []
