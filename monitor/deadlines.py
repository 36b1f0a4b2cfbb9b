"""By when something is promised: "by the end of 2027", 2031年底前, "within five years". Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from model.dates import is_edtf, last_day
from model.text import fold_characters
from monitor.text_dates import MONTHS

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_NUMBERS = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten".split(), start=1
    )
} | {word: number for number, word in enumerate("一二三四五六七八九十", start=1)}
_DIGITS_ZH = {each: str(number) for number, each in enumerate("〇一二三四五六七八九")} | {"零": "0"}
_YEAR_ZH = re.compile(r"[二][〇零][〇零一二三四五六七八九]{2}(?=年)")
_BEFORE = r"(?:by|before|until|no later than|not later than)"
_STATED = (
    re.compile(
        rf"\b{_BEFORE}(?: the)?(?: (?:end|start|middle|close) of)?(?: (?P<d>\d{{1,2}}))?"
        rf" ?(?P<m>{_MONTH})?(?: (?P<d2>\d{{1,2}}),)? ?(?P<y>20\d\d)\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bin (?:(?:early|late|mid)[- ])?(?:(?P<m>{_MONTH}) |(?:spring|summer|autumn|winter) )?"
        r"(?P<y>20\d\d)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?P<y>20\d\d)年(?:(?P<m>\d{1,2})月)?(?:(?P<d>\d{1,2})[日号號])?(?:底|末|年底)?(?:之?前|以前|内|投)"
    ),
    re.compile(r"自(?P<y>20\d\d)年(?:(?P<m>\d{1,2})月)?(?:(?P<d>\d{1,2})日)?起"),
    re.compile(r"(?:预计|争取|目标|力争)[^,，。]{0,6}?(?P<y>20\d\d)年(?:(?P<m>\d{1,2})月)?"),
    re.compile(r"(?P<y>20\d\d)年或之前"),
    re.compile(
        rf"\b(?:from|beginning in|starting in|as of) (?:(?P<m>{_MONTH}) )?(?P<y>20\d\d)\b",
        re.IGNORECASE,
    ),
    re.compile(r"(?:于|在|至|到)(?P<y>20\d\d)年(?:(?P<m>\d{1,2})月)?"),
)
_WITHIN = (
    re.compile(
        r"\b(?:within|over|in)(?: the)?(?: next| coming)? (?P<n>\w+) years?\b", re.IGNORECASE
    ),
    re.compile(r"(?:未来|今后)(?P<n>\d{1,2}|[一二两三四五六七八九十])年"),
    re.compile(r"(?P<n>\d{1,2}|[一二两三四五六七八九十])年(?:之?内)"),
)
_THIS_YEAR = re.compile(
    r"(?<!earlier )\bthis year\b|\bby (?:the )?(?:year'?s end|end of the year)\b|年内|今年|年底前",
    re.IGNORECASE,
)
_NEXT_YEAR = re.compile(r"\bnext year\b|明年", re.IGNORECASE)


SOME_DAY = date(2000, 1, 1)  # to ask whether there is a deadline, whenever that may be


@dataclass(frozen=True, slots=True)
class Deadline:
    """When it is due, and whether the text says so in so many words."""

    when: str  # EDTF
    stated: bool


def deadline_in(text: str, written: date | None) -> Deadline | None:
    """Return the deadline a sentence gives; None where it gives none, or one that lies behind."""
    text = fold_characters(text)
    text = _YEAR_ZH.sub(lambda found: "".join(_DIGITS_ZH.get(c, "2") for c in found[0]), text)
    found = _stated(text, written) or (_counted(text, written) if written else None)
    if found is None or (written and int(found.when[:4]) < written.year):
        return None
    return found


def _stated(text: str, written: date | None) -> Deadline | None:
    for form in _STATED:
        for match in form.finditer(text):
            when = _edtf(match)
            if when is not None and (written is None or last_day(when) > written):
                return Deadline(when, stated=True)
    return None


def _edtf(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    month = (parts.get("m") or "").lower()
    number = MONTHS.get(month) or (int(month) if month.isdigit() else None)
    day = parts.get("d") or parts.get("d2")
    when = parts["y"] or ""
    if number:
        when += f"-{number:02}" + (f"-{int(day):02}" if day else "")
    return when if is_edtf(when) else None


def _counted(text: str, written: date) -> Deadline | None:
    for form in _WITHIN:
        match = form.search(text)
        if match is not None:
            told = match["n"].lower()
            years = int(told) if told.isdigit() else _NUMBERS.get(told, 2 if told == "两" else 0)
            if 0 < years <= 30:
                return Deadline(str(written.year + years), stated=False)
    if _THIS_YEAR.search(text):
        return Deadline(str(written.year), stated=True)
    if _NEXT_YEAR.search(text):
        return Deadline(str(written.year + 1), stated=True)
    return None
