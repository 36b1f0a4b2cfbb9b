"""A pledge's timeline as coordinates: what is confirmed, what is not, what nobody saw. Pure.

A lane for each clause. Confirmed is filled, suggested is hollow and dashed, and what was not
observed is hatched.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, LEFT, RIGHT, TOP, LANE, FOOT = 960, 150, 16, 52, 64, 34
BASE = 40  # of the first lane's line, below TOP
DAY = timedelta(days=1)
FARTHEST = timedelta(days=3 * 365)  # a date beyond is named at the edge, not drawn to scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something on the timeline."""

    day: date
    lane: int
    label: str
    confirmed: bool
    struck: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A vertical line across all lanes."""

    day: date
    label: str
    kind: str  # "f-occ", "f-pledged", "f-today", "f-due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is to be drawn."""

    lanes: Sequence[str]
    events: Sequence[Event]
    marks: Sequence[Mark]
    gaps: Sequence[tuple[date, date]]
    today: date
    months: Sequence[str]  # names of the months in the reader's language, January first


@dataclass(frozen=True, slots=True)
class Text:
    """Words at a place."""

    x: float
    y: float
    anchor: str
    text: str
    box: tuple[float, float, float]  # x, y and width of the ground behind it


@dataclass(frozen=True, slots=True)
class Dot:
    """An event at a place."""

    x: float
    y: float
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Everything with its place on the paper."""

    width: int
    height: int
    bottom: float
    left: int
    right: int
    lanes: tuple[tuple[float, str], ...]  # y and name
    ticks: tuple[tuple[float, str], ...]
    gaps: tuple[tuple[float, float], ...]  # x and width
    marks: tuple[tuple[float, Text, str], ...]  # x of the line, words above it, kind
    dots: tuple[Dot, ...]
    labels: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date

    def x(self, day: date) -> float:
        whole = max((self.last - self.first).days, 1)
        part = min(max((day - self.first).days, 0), whole) / whole
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)


def timeline(facts: Facts) -> Timeline:
    """Return a timeline with everything in its place."""
    scale = _scale(facts)
    lanes = tuple((TOP + BASE + LANE * n, name) for n, name in enumerate(facts.lanes))
    bottom = TOP + LANE * len(facts.lanes) + 12
    return Timeline(
        width=WIDTH,
        height=bottom + FOOT,
        bottom=bottom,
        left=LEFT,
        right=WIDTH - RIGHT,
        lanes=lanes,
        ticks=_ticks(scale, facts.months),
        gaps=tuple(
            (scale.x(first), round(max(scale.x(last + DAY) - scale.x(first), 2), 1))
            for first, last in facts.gaps
            if last >= scale.first
        ),
        marks=_marks(scale, facts.marks),
        dots=tuple(_dot(scale, each) for each in facts.events),
        labels=_labels(scale, facts.events),
    )


def _scale(facts: Facts) -> _Scale:
    days = [facts.today, *(each.day for each in facts.events)]
    far = facts.today + FARTHEST
    days += [min(each.day, far) for each in facts.marks if each.kind != "f-occ"]
    margin = max(timedelta(days=20), (max(days) - min(days)) / 25)
    return _Scale(min(days) - margin, max(days) + margin)


def _ticks(scale: _Scale, months: Sequence[str]) -> tuple[tuple[float, str], ...]:
    """Return months where there are few, then quarters, then years."""
    span = (scale.last - scale.first).days
    step = 1 if span < 200 else 3 if span < 900 else 12
    found: list[tuple[float, str]] = []
    year, month = scale.first.year, 1
    while (day := date(year, month, 1)) <= scale.last:
        if day >= scale.first:
            text = str(year) if step == 12 else f"{months[month - 1]} {year}"
            if step < 12 and month != 1 and found:
                text = months[month - 1]
            found.append((scale.x(day), text))
        year, month = (year, month + step) if month + step <= 12 else (year + 1, 1)
    return tuple(found)


def _marks(scale: _Scale, marks: Sequence[Mark]) -> tuple[tuple[float, Text, str], ...]:
    """Return the vertical lines; words that would run into each other stand on two rows."""
    placed: list[tuple[float, Text, str]] = []
    ends = [float("-inf"), float("-inf")]
    for each in sorted(marks, key=lambda mark: mark.day):
        if each.day < scale.first:
            continue
        x, half = scale.x(each.day), width_of(each.label) / 2
        middle = round(min(max(x, half), WIDTH - half - 2), 1)  # none runs off the paper
        row = 0 if middle - half > ends[0] else 1
        label = each.label if middle - half > ends[row] else ""
        if label:
            ends[row] = middle + half + 6
        y = 16 + 18 * row
        box = (middle - half, y - 12, 2 * half)
        placed.append((x, Text(middle, y, "middle", label, box), each.kind))
    return tuple(placed)


def _dot(scale: _Scale, event: Event) -> Dot:
    kind = "f-struck" if event.struck else "f-done" if event.confirmed else "f-sug"
    return Dot(scale.x(event.day), TOP + BASE + LANE * event.lane, kind)


def _labels(scale: _Scale, events: Sequence[Event]) -> tuple[Text, ...]:
    """Return the words beside the dots: above, else below, else none (the table has them all)."""
    taken: dict[tuple[int, bool], float] = {}
    placed = []
    for each in sorted(events, key=lambda event: (event.day, not event.confirmed)):
        x, width = scale.x(each.day), width_of(each.label)
        ends = x + width > WIDTH - RIGHT
        begin = x - width if ends else x - 4
        for above in (True, False):
            if begin > taken.get((each.lane, above), float("-inf")):
                taken[(each.lane, above)] = begin + width + 6
                y = TOP + BASE + LANE * each.lane + (-12 if above else 22)
                anchor = "end" if ends else "start"
                at = x + 4 if ends else x - 4
                placed.append(Text(at, y, anchor, each.label, (begin - 2, y - 12, width + 6)))
                break
    return tuple(placed)


def width_of(text: str) -> float:
    """Return about how wide words are drawn at 12 pixels; Han characters take twice as much."""
    return sum(12.2 if unicodedata.east_asian_width(c) in "WF" else 6.7 for c in text)
