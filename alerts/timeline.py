"""A pledge's timeline as a picture: a lane a clause, what is confirmed and what is not. Pure.

Confirmed steps are solid, suggested ones hollow; the time before we watched is a grey band. Han
characters are drawn only where the system has a font for them; otherwise the picture speaks Latin
and the words stand in the caption below it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from alerts.texts import say
from model.dates import first_day, last_day
from model.ledger import Step
from model.records import Commitment, Development, Language
from model.standing import Standing

WIDTH, LEFT, RIGHT, TOP, LANE, FOOT = 1000, 210, 40, 84, 74, 92
INK, PALE, BAND, PAPER, DONE, OPEN, LATE = (
    "#1f2933",
    "#c6ced6",
    "#eceff2",
    "#ffffff",
    "#0f766e",
    "#b45309",
    "#b91c1c",
)
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
MOST_LANES = 8
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date

    def x(self, day: date) -> int:
        """Return where a day stands on the paper."""
        whole = max(1, (self.last - self.first).days)
        part = min(max((day - self.first).days, 0), whole) / whole
        return LEFT + round(part * (WIDTH - LEFT - RIGHT))


def draw(
    commitment: Commitment,
    stands: Standing,
    suggested: Sequence[Development],
    language: Language,
    today: date,
    watched_since: date | None,
) -> bytes:
    """Return the timeline as a PNG."""
    words = language if _font_file() is not None else Language.ENGLISH
    lanes = [clause.id for clause in commitment.clauses][:MOST_LANES] or ["main"]
    height = TOP + LANE * len(lanes) + FOOT
    image = Image.new("RGB", (WIDTH, height), PAPER)
    paper = ImageDraw.Draw(image)
    scale = _scale(commitment, stands, suggested, today)
    bottom = TOP + LANE * len(lanes)
    _band(paper, scale, watched_since or today, bottom)
    _title(paper, commitment, words)
    _years(paper, scale, bottom)
    for number, lane in enumerate(lanes):
        middle = TOP + LANE * number + LANE // 2
        paper.text((16, middle), _short(lane), INK, _font(17), anchor="lm")
        paper.line((LEFT, middle, WIDTH - RIGHT, middle), PALE, 3)
        _steps(paper, scale, [s for s in stands.steps if _in_lane(s, lane)], middle, words)
        _suggestions(paper, scale, suggested, middle)
    _marks(paper, scale, commitment, today, bottom, words)
    _legend(paper, height, words)
    kept = io.BytesIO()
    image.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _in_lane(step: Step, lane: str) -> bool:
    return not step.clauses or lane in step.clauses or lane == "main"


def _scale(
    commitment: Commitment, stands: Standing, suggested: Sequence[Development], today: date
) -> _Scale:
    days = [today, *(first_day(step.date) for step in stands.steps if step.date)]
    days += [_day_of(each) for each in suggested]
    if commitment.pledged_on is not None:
        days.append(first_day(commitment.pledged_on))
    if commitment.due is not None:
        days.append(last_day(commitment.due.date))
    margin = max(timedelta(days=30), (max(days) - min(days)) / 20)
    return _Scale(min(days) - margin, max(days) + margin)


def _day_of(development: Development) -> date:
    seen = development.first_seen_at.date()
    return first_day(development.event_date) if development.event_date else seen


def _band(paper: ImageDraw.ImageDraw, scale: _Scale, since: date, bottom: int) -> None:
    """Draw the time in which nobody looked: there silence says nothing."""
    if since > scale.first:
        paper.rectangle((LEFT, TOP, scale.x(since), bottom), BAND)


def _title(paper: ImageDraw.ImageDraw, commitment: Commitment, language: Language) -> None:
    title = commitment.title_in(language)
    font = _font(24)
    while paper.textlength(title, font) > WIDTH - 40 and len(title) > 2:
        title = title[:-2] + "…"
    paper.text((16, 34), title, INK, font, anchor="lm")


def _years(paper: ImageDraw.ImageDraw, scale: _Scale, bottom: int) -> None:
    for year in range(scale.first.year + 1, scale.last.year + 1):
        x = scale.x(date(year, 1, 1))
        paper.line((x, TOP, x, bottom), PALE, 1)
        paper.text((x, TOP - 12), str(year), INK, _font(15), anchor="mm")


def _steps(
    paper: ImageDraw.ImageDraw,
    scale: _Scale,
    steps: Sequence[Step],
    middle: int,
    language: Language,
) -> None:
    """Draw what is confirmed: solid, its stage in words above or below."""
    for number, step in enumerate(step for step in steps if step.date):
        x = scale.x(first_day(step.date or ""))
        paper.ellipse((x - 8, middle - 8, x + 8, middle + 8), DONE)
        if step.stage is not None:
            above = number % 2 == 0
            place = (x, middle - 20 if above else middle + 20)
            paper.text(place, say(language, f"stage.{step.stage}"), INK, _font(14), anchor="mm")


def _suggestions(
    paper: ImageDraw.ImageDraw, scale: _Scale, suggested: Sequence[Development], middle: int
) -> None:
    for each in suggested:
        x = scale.x(_day_of(each))
        paper.ellipse((x - 7, middle - 7, x + 7, middle + 7), PAPER, OPEN, 3)


def _marks(
    paper: ImageDraw.ImageDraw,
    scale: _Scale,
    commitment: Commitment,
    today: date,
    bottom: int,
    language: Language,
) -> None:
    """Draw today, the pledge and the due date across all lanes."""
    marks = [(today, INK, "timeline.today")]
    if commitment.pledged_on is not None:
        marks.append((first_day(commitment.pledged_on), DONE, "timeline.pledged"))
    if commitment.due is not None:
        marks.append((last_day(commitment.due.date), LATE, "timeline.due"))
    for row, (day, colour, key) in enumerate(marks):
        x = scale.x(day)
        paper.line((x, TOP, x, bottom + 6), colour, 2)
        text = f"{say(language, key)} {day.isoformat()}"
        x = min(max(x, LEFT), WIDTH - RIGHT - 60)
        paper.text((x, bottom + 16 + 18 * (row % 2)), text, colour, _font(14), anchor="mm")


def _legend(paper: ImageDraw.ImageDraw, height: int, language: Language) -> None:
    y, x = height - 22, LEFT
    for key, fill, edge in (
        ("timeline.confirmed", DONE, DONE),
        ("timeline.suggested", PAPER, OPEN),
        ("timeline.unobserved", BAND, PALE),
    ):
        paper.ellipse((x, y - 7, x + 14, y + 7), fill, edge, 3)
        text = say(language, key)
        paper.text((x + 22, y), text, INK, _font(15), anchor="lm")
        x += 48 + round(paper.textlength(text, _font(15)))


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"


@cache
def _font_file() -> str | None:
    """Return a font with Han characters; None where the system has none of those we know."""
    return next((name for name in FONTS if Path(name).is_file()), None)


@cache
def _font(size: int) -> Font:
    name = _font_file()
    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)
