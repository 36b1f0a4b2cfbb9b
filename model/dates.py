"""EDTF level 0 dates: a day, a month or a year, as people write them (ISO 8601-2:2019). Pure."""

from __future__ import annotations

import calendar
import re
from datetime import date

_FORM = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_YEAR_FIRST = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2}))?(?:[Tt 日月].*)?", re.DOTALL
)
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")  # with slashes: month first?


def is_edtf(text: str) -> bool:
    """Tell whether a text is a day, a month or a year that exists."""
    try:
        first_day(text)
    except ValueError:
        return False
    return True


def first_day(text: str) -> date:
    """Return the first day of a day, month or year; raise ValueError for anything else."""
    year, month, day = _parts(text)
    return date(year, month or 1, day or 1)


def last_day(text: str) -> date:
    """Return the last day of a day, month or year; raise ValueError for anything else."""
    year, month, day = _parts(text)
    month = month or 12
    return date(year, month, day or _month_length(year, month))


def closest(text: str) -> str | None:
    """Return the date that somebody most likely meant, in our form; None where none is clear."""
    year_first, day_first = _YEAR_FIRST.fullmatch(text), _DAY_FIRST.fullmatch(text)
    if year_first is not None:
        parts = [part for part in year_first.groups() if part]
    elif day_first is not None:
        parts = [*reversed(day_first.groups())]
    else:
        return None
    meant = "-".join(part.zfill(2) for part in parts)
    return meant if is_edtf(meant) else None


def _parts(text: str) -> tuple[int, int | None, int | None]:
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no date like 2026-07-16, 2026-07 or 2026")
    year, month, day = (int(part) if part else None for part in found.groups())
    if not year:
        raise ValueError(f"{text!r}: there is no year 0")
    if month is not None and not 1 <= month <= 12:
        raise ValueError(f"{text!r}: there is no month {month}")
    if month and day is not None and not 1 <= day <= _month_length(year, month):
        raise ValueError(f"{text!r}: there is no day {day} in that month")
    return year, month, day


def _month_length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
