"""Dates as news texts write them, in English and Chinese. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",),
            ("june", "jun"), ("july", "jul"), ("august", "aug"), ("september", "sept", "sep"),
            ("october", "oct"), ("november", "nov"), ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}  # fmt: skip
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?(?:[-–]\d{1,2})?"
_FORMS = (
    re.compile(rf"\b(?P<m>{_MONTH})\.? {_DAY}(?:,? (?P<y>20\d\d))?\b", re.IGNORECASE),
    re.compile(rf"\b{_DAY} (?P<m>{_MONTH})\.?(?:,? (?P<y>20\d\d))?\b", re.IGNORECASE),
    re.compile(rf"\b(?P<m>{_MONTH})\.? (?P<y>20\d\d)\b", re.IGNORECASE),
    re.compile(r"\b(?P<y>20\d\d)-(?P<m>\d{2})(?:-(?P<d>\d{2}))?\b"),
    re.compile(r"(?:(?P<y>20\d\d)年)?(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})[日号號])?"),
)  # fmt: skip


def date_in(text: str, written: date | None) -> str | None:
    """Return the first date in a text as EDTF; None where there is none, or its year is unknown.

    A date without a year is the nearest one on or before the day of writing.
    """
    for form in _FORMS:
        for found in form.finditer(text):
            told = _edtf(found.groupdict(), written)
            if told is not None:
                return told
    return None


def _edtf(parts: dict[str, str | None], written: date | None) -> str | None:
    month = parts["m"] or ""
    number = MONTHS.get(month.lower()) or (int(month) if month.isdigit() else 0)
    day = int(parts.get("d") or 0) or None
    year = int(parts["y"] or 0) or _year(number, day, written)
    if year is None or not 1 <= number <= 12:
        return None
    if day is None:
        return f"{year}-{number:02}"
    try:
        return date(year, number, day).isoformat()
    except ValueError:
        return None


def _year(month: int, day: int | None, written: date | None) -> int | None:
    if written is None or not 1 <= month <= 12:
        return None
    try:
        this = date(written.year, month, day or 1)
    except ValueError:
        return None
    return written.year if this <= written + timedelta(days=7) else written.year - 1
