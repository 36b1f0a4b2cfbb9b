"""Numbers to coordinates: what the templates draw as SVG. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = timedelta(days=7)
STEP = 3.5  # from one week to the next, in the sparkline
TALLEST = 26.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """A sparkline: what is drawn, and the same in words."""

    gaps: tuple[tuple[float, float], ...]  # x and width
    bars: tuple[tuple[float, float, float], ...]  # x, y, height
    diamonds: tuple[float, ...]
    label: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """What a sparkline shows, week by week, oldest first."""

    counts: Sequence[int]
    observed: Sequence[bool]
    confirmed: Sequence[int]  # numbers of the weeks in which something was confirmed


def spark(weeks: Weeks, *, label: str, caption: str) -> Spark:
    """Return a sparkline on a square-root scale, so that one is seen beside a hundred."""
    most = max(weeks.counts, default=0)
    scale = TALLEST / math.sqrt(most) if most else 0.0
    bars = []
    for number, count in enumerate(weeks.counts):
        if count:
            height = max(3.0, scale * math.sqrt(count))
            bars.append((_at(number) + 0.4, round(35 - height, 1), round(height, 1)))
    return Spark(
        gaps=tuple(_gaps(weeks.observed)),
        bars=tuple(bars),
        diamonds=tuple(round(_at(number) + STEP / 2, 2) for number in weeks.confirmed),
        label=label,
        caption=caption,
    )


def _at(number: int) -> float:
    return round(number * STEP, 2)


def _gaps(observed: Sequence[bool]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for number, ok in enumerate(observed):
        if ok:
            continue
        x = _at(number)
        if found and round(found[-1][0] + found[-1][1], 2) == x:
            found[-1] = (found[-1][0], round(found[-1][1] + STEP, 2))
        else:
            found.append((x, STEP))
    return found


def week_starts(today: date, count: int) -> tuple[date, ...]:
    """Return the first days of the last weeks that end today, oldest first."""
    first = today - WEEK * count + timedelta(days=1)
    return tuple(first + WEEK * number for number in range(count))
