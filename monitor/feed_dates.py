"""Dates as feeds write them, read from the raw string. Pure.

Common forms first (RFC 822, RFC 3339, Chinese), then `dateparser`. A feed's time zone fills in what
is missing, and says what an ambiguous abbreviation means. A date more than a day ahead is not
believed.
"""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web nothing was published there
AHEAD = timedelta(days=1)

_MONTHS = {
    name: number
    for number, name in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}
_RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})[\s-]+([A-Za-z]{3,9})\.?[\s-]+(\d{4}|\d{2})"
    r"(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*([+-]\d{2}:?\d{2}|[A-Za-z]{1,5})?(?:\s*\(.*\))?"
)
_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{0,2}|[A-Za-z]{1,5})?"
)
_CHINESE = re.compile(
    r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]?"
    r"(?:\s*(\d{1,2})\s*[:：时時点點]\s*(\d{1,2})"
    r"(?:\s*[:：分]\s*(\d{1,2}))?)?"
)
# RFC 822, section 5.1, and what else is unambiguous. CST and IST are not: the feed's zone decides.
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "est": -5, "edt": -4, "cdt": -5, "mst": -7,
    "mdt": -6,
    "pst": -8, "pdt": -7, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "hkt": 8,
    "sgt": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11,
}  # fmt: skip


def read_date(raw: str | None, zone: str | None, now: datetime) -> datetime | None:
    """Return a moment in UTC; None where there is none to be believed."""
    text = " ".join((raw or "").split())
    if not text:
        return None
    home: tzinfo = ZoneInfo(zone) if zone else UTC
    moment = _known_form(text, home) or _guess(text[:80], zone or "UTC", now.date().isoformat())
    if moment is None or not EARLIEST <= moment <= now + AHEAD:
        return None
    return moment


def moment_of(raw: str) -> datetime | None:
    """Return a moment written in one of the common forms, be it believable or not."""
    return _known_form(" ".join(raw.split()), UTC)


def _known_form(text: str, home: tzinfo) -> datetime | None:
    if found := _RFC822.fullmatch(text):
        day, month, year, hour, minute, second, zone = found.groups()
        number = _MONTHS.get(month[:3].lower())
        if number is None:
            return None
        full = int(year) + (0 if len(year) == 4 else 2000 if int(year) < 70 else 1900)
        return _moment((full, number, int(day)), (hour, minute, second), zone, home)
    for form in (_ISO, _CHINESE):
        if found := form.fullmatch(text):
            parts = found.groups()
            day_parts = (int(parts[0]), int(parts[1]), int(parts[2]))
            zone = parts[6] if len(parts) > 6 else None
            return _moment(day_parts, parts[3:6], zone, home)
    if re.fullmatch(r"\d{10}|\d{13}", text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    return None


def _moment(
    day: tuple[int, int, int],
    clock: tuple[str | None, ...],
    zone: str | None,
    home: tzinfo,
) -> datetime | None:
    hour, minute, second = (int(each or 0) for each in clock)
    try:
        if hour == 24 and minute == 0:
            naive = datetime(*day) + timedelta(days=1)  # noqa: DTZ001 - its zone comes below
        else:
            naive = datetime(*day, hour, minute, min(second, 59))  # noqa: DTZ001 - as above
        return naive.replace(tzinfo=_zone(zone, home)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None, home: tzinfo) -> tzinfo:
    if not text:
        return home
    if text[0] in "+-":
        digits = text[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
        return timezone(offset if text[0] == "+" else -offset)
    hours = _ZONES.get(text.lower())
    return home if hours is None else timezone(timedelta(hours=hours))


@lru_cache(maxsize=2048)
def _guess(text: str, zone: str, _today: str) -> datetime | None:
    """Ask dateparser, which knows many forms and languages; slow, so the answer is kept."""
    import dateparser

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dateparser's own calls of things its libraries renamed
        try:
            found = dateparser.parse(
                text,
                settings={
                    "TIMEZONE": zone,
                    "RETURN_AS_TIMEZONE_AWARE": True,
                    "REQUIRE_PARTS": ["day", "month", "year"],
                    "PREFER_DAY_OF_MONTH": "first",
                },
            )
        except (ValueError, OverflowError, TypeError, RecursionError):
            return None
    return None if found is None else found.astimezone(UTC)
