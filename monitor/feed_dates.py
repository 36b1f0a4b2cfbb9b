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
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before the web nothing was published there
AHEAD = timedelta(days=1)
LONGEST = 80  # characters

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
    r"(?:(\d{4})\s*年|(?:民國|民国)\s*(\d{2,3})\s*年)?\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]?"
    r"(?:\s*[(（]?(?:星期|周|週|礼拜|禮拜)[一二三四五六日天][)）]?)?"
    r"(?:\s*(凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|晚間|夜间|夜間)?"
    r"\s*(\d{1,2})\s*[:：时時点點]\s*(\d{1,2})?(?:\s*[:：分]\s*(\d{1,2}))?\s*[分秒]?)?"
)
_NO_YEAR = re.compile(r"(\d{1,2})[-/](\d{1,2})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?")
_AFTERNOON = frozenset("下午 傍晚 晚上 晚间 晚間 夜间 夜間".split())
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_HAN_NUMBER = re.compile("[〇零一二三四五六七八九十]+(?=[年月日号號时時点點分])")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)|民國|民国")
_LANGUAGES = [
    "en",
    "zh",
    "zh-Hans",
    "zh-Hant",
    "de",
    "fr",
    "es",
    "pt",
    "it",
    "ru",
    "ja",
    "ko",
    "ar",
]  # all 200 of them take ten seconds over an odd string
# RFC 822, section 5.1, and what else is unambiguous. CST and IST are not: the feed's zone decides.
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "est": -5, "edt": -4, "cdt": -5, "mst": -7,
    "mdt": -6,
    "pst": -8, "pdt": -7, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "hkt": 8,
    "sgt": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11,
}  # fmt: skip


def read_date(raw: str | None, zone: str | None, now: datetime) -> datetime | None:
    """Return a moment in UTC; None where there is none to be believed."""
    text = " ".join((raw or "").split())[:LONGEST]
    if not text:
        return None
    home: tzinfo = ZoneInfo(zone) if zone else UTC
    moment = _known_form(text, home) or _chinese_form(text, home, now)
    if moment is None:
        # what names a year is the same whenever it is read
        asked = now.replace(hour=0, minute=0) if _YEAR.search(text) else now
        moment = _guess(text, zone or "UTC", asked.replace(second=0, microsecond=0))
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
    if found := _ISO.fullmatch(text):
        parts = found.groups()
        return _moment((int(parts[0]), int(parts[1]), int(parts[2])), parts[3:6], parts[6], home)
    if re.fullmatch(r"\d{10}|\d{13}", text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    return None


def _chinese_form(text: str, home: tzinfo, now: datetime) -> datetime | None:
    """Read a date as Chinese pages write it; one without a year is the latest that has been."""
    text = _HAN_NUMBER.sub(lambda found: _arabic(found[0]), text)
    if found := _CHINESE.fullmatch(text):
        year, republic, month, day, part, hour, minute, second = found.groups()
        if part in _AFTERNOON and hour and int(hour) < 12:
            hour = str(int(hour) + 12)
        number = int(year) if year else int(republic) + 1911 if republic else None
    elif found := _NO_YEAR.fullmatch(text):
        month, day, hour, minute, second = found.groups()
        number = None
    else:
        return None
    clock = (hour, minute, second)
    years = [now.year + 1, now.year, now.year - 1] if number is None else [number]
    moments = (_moment((each, int(month), int(day)), clock, None, home) for each in years)
    return next((each for each in moments if each and (number or each <= now + AHEAD)), None)


def _arabic(number: str) -> str:
    """Return a Chinese number of a date in digits: 二〇二六, 十一, 二十四."""
    tens, ten, ones = number.partition("十")
    if not ten:
        return number.translate(_DIGITS)
    return f"{tens or '一'}{ones or '〇'}".translate(_DIGITS)


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
def _guess(text: str, zone: str, now: datetime) -> datetime | None:
    """Ask dateparser, which knows many forms and languages; slow, so the answer is kept."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dateparser's own calls of things its libraries renamed
        try:
            base = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            found = _parser(zone, base).get_date_data(text).date_obj
        except (ValueError, OverflowError, TypeError, RecursionError, IndexError, AttributeError):
            return None  # it has a few of its own over odd strings
    return None if found is None else found.astimezone(UTC)


@lru_cache(maxsize=64)
def _parser(zone: str, base: datetime) -> DateDataParser:
    from dateparser.date import DateDataParser  # takes a quarter of a second

    return DateDataParser(
        languages=_LANGUAGES,
        try_previous_locales=False,  # else the answer hangs on what was read before
        settings={
            "TIMEZONE": zone,
            "RETURN_AS_TIMEZONE_AWARE": True,
            "REQUIRE_PARTS": ["day", "month", "year"],
            "PREFER_DAY_OF_MONTH": "first",
            "RELATIVE_BASE": base,
        },
    )
