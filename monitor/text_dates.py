"""Dates as news texts write them, in English and Chinese. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from model.dates import first_day, last_day

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
WEEKDAYS = {
    name: number
    for number, name in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    )
}
SOON = timedelta(days=120)  # a date without a year is at most so far ahead

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?(?:\s?[-–]\s?\d{1,2})?(?:st|nd|rd|th)?"
_FORMS = (
    re.compile(rf"\b(?P<m>{_MONTH})\.? {_DAY}(?!\d)(?:,? (?P<y>20\d\d))?\b", re.IGNORECASE),
    re.compile(rf"\b{_DAY} (?:of )?(?P<m>{_MONTH})\b\.?(?:,? (?P<y>20\d\d))?", re.IGNORECASE),
    re.compile(rf"\b(?P<m>{_MONTH})\.? (?P<y>20\d\d)\b", re.IGNORECASE),
    re.compile(r"\b(?P<y>20\d\d)-(?P<m>\d{2})(?:-(?P<d>\d{2}))?\b"),
    re.compile(
        r"(?:(?P<y>20\d\d)年)?(?:(?P<near>今年|去年|明年))?(?P<m>\d{1,2})月"
        r"(?:(?P<d>\d{1,2})(?:[-—至、]\d{1,2})?[日号號])?"
    ),
    re.compile(r"(?P<y>20\d\d)年(?!\d)"),
    re.compile(r"\b(?:in|since|by|of|until|from|during) (?P<y>20\d\d)\b", re.IGNORECASE),
    re.compile(rf"\bin (?P<m>{_MONTH})\b(?! \d)", re.IGNORECASE),
    re.compile(r"(?<![\d月])(?P<d>\d{1,2})[日号號](?!\d)"),
    re.compile(r"(?<![一二三四五六七八九十廿卅月\d])(?P<d>[一二三四五六七八九十廿卅]{1,3})[日号號]"),
)  # fmt: skip
_WEEKDAY = re.compile(
    rf"\b(?P<which>next |last |this )?(?P<day>{'|'.join(WEEKDAYS)})\b", re.IGNORECASE
)
_RELATIVE = re.compile(
    r"\b(?:today|yesterday|tomorrow|last (?:year|month|week)|next (?:year|month|week))\b"
    r"|今天|今日|昨天|昨日|明天|明日|前天|去年|前年|明年|上月|下月|上周|下周|日前|近日",
    re.IGNORECASE,
)
_SHIFTS = {
    "today": 0, "今天": 0, "今日": 0, "yesterday": -1, "昨天": -1, "昨日": -1, "前天": -2,
    "tomorrow": 1, "明天": 1, "明日": 1,
}  # fmt: skip
_YEARS = {"last year": -1, "去年": -1, "前年": -2, "next year": 1, "明年": 1}


@dataclass(frozen=True, slots=True)
class Told:
    """A date in a text."""

    start: int
    end: int
    when: str  # EDTF


def dates_in(text: str, written: date | None) -> tuple[Told, ...]:
    """Return the dates in a text, in order; those that need the day of writing only with it."""
    found: dict[int, Told] = {}
    taken: list[tuple[int, int]] = []
    for told in _every(text, written):
        if not any(told.start < end and start < told.end for start, end in taken):
            taken.append((told.start, told.end))
            found[told.start] = told
    return tuple(found[start] for start in sorted(found))


def nearest_date(text: str, start: int, end: int, written: date | None) -> str | None:
    """Return the date that stands nearest to a place in a text."""
    return (
        min(
            dates_in(text, written),
            key=lambda told: max(told.start - end, start - told.end),
            default=_NOTHING,
        ).when
        or None
    )


_NOTHING = Told(0, 0, "")


def _every(text: str, written: date | None) -> Iterator[Told]:
    for form in _FORMS:
        for match in form.finditer(text):
            when = _edtf(match.groupdict(), written)
            if when is not None:
                yield Told(*match.span(), when)
    if written is None:
        return
    for match in _RELATIVE.finditer(text):
        when = _relative(match[0].lower(), written)
        if when is not None:
            yield Told(*match.span(), when)
    for match in _WEEKDAY.finditer(text):
        yield Told(*match.span(), _weekday(match["day"], match["which"] or "", written))


def _relative(word: str, written: date) -> str | None:
    if word in _SHIFTS:
        return (written + timedelta(days=_SHIFTS[word])).isoformat()
    if word in _YEARS:
        return str(written.year + _YEARS[word])
    return None


def _weekday(day: str, which: str, written: date) -> str:
    back = (written.weekday() - WEEKDAYS[day.lower()]) % 7
    if which.strip().lower() == "next":
        return (written + timedelta(days=7 - back)).isoformat()
    return (written - timedelta(days=back)).isoformat()


def _edtf(parts: dict[str, str | None], written: date | None) -> str | None:
    month, day = _month(parts.get("m")), _day(parts.get("d") or "")
    year = int(parts.get("y") or 0) or _year_by_word(parts.get("near"), written)
    if not month:
        if day is None:
            return str(year) if year else None
        month = written.month if written else 0
        if written and day > written.day + 14:  # "26日" read early in the next month
            month = 12 if written.month == 1 else written.month - 1
    if not 1 <= month <= 12 or (day or 0) > 31:
        return None
    year = year or _year(month, day, written)
    if year is None:
        return None
    try:
        return date(year, month, day).isoformat() if day else f"{year}-{month:02}"
    except ValueError:
        return None


def _day(text: str) -> int | None:
    if text.isdecimal():
        return int(text) or None
    text = text.replace("廿", "二十").replace("卅", "三十")
    tens, has_ten, ones = text.partition("十")
    digits = {each: number for number, each in enumerate("一二三四五六七八九", start=1)}
    if not has_ten:
        return digits.get(text)
    return 10 * digits.get(tens, 1) + digits.get(ones, 0)


def _month(text: str | None) -> int:
    return 0 if not text else MONTHS.get(text.lower()) or (int(text) if text.isdigit() else 0)


def _year_by_word(word: str | None, written: date | None) -> int | None:
    if word is None or written is None:
        return None
    return written.year + {"今年": 0, "去年": -1, "明年": 1}[word]


def _year(month: int, day: int | None, written: date | None) -> int | None:
    """Return the year of a date that names none: the nearest that is not far ahead."""
    if written is None:
        return None
    try:
        this = date(written.year, month, day or 1)
    except ValueError:
        return None
    if this > written + SOON:
        return written.year - 1
    if this < written - timedelta(days=300) and written.month > this.month:
        return written.year + 1
    return written.year


def is_before(when: str, other: date) -> bool:
    """Tell whether all of a date lies before a day."""
    return last_day(when) < other


def is_after(when: str, other: date) -> bool:
    """Tell whether all of a date lies behind a day."""
    return first_day(when) > other
