"""EDTF level 0 dates: a day, a month or a year, as people write them (ISO 8601-2:2019). Pure."""

from __future__ import annotations

import calendar
import re
from datetime import date

_FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


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
    return date(year, month, day or calendar.monthrange(year, month)[1])


def _parts(text: str) -> tuple[int, int | None, int | None]:
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no date like 2026-07-16, 2026-07 or 2026")
    year, month, day = (int(part) if part else None for part in found.groups())
    if month is not None and not 1 <= month <= 12:
        raise ValueError(f"{text!r}: there is no month {month}")
    if day is not None and month is not None:
        date(year or 0, month, day)  # raises ValueError for a day that does not exist
    return year or 0, month, day
