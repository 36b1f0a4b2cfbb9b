"""What the pages say, by language: catalogues that a translator can extend; dates by locale."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import cache
from importlib import resources

from babel.dates import format_date

from model.dates import first_day
from model.records import Language

LANGUAGES = (Language.ENGLISH, Language.CHINESE_SIMPLIFIED, Language.CHINESE_TRADITIONAL)
NAMES = {
    Language.ENGLISH: "English",
    Language.CHINESE_SIMPLIFIED: "简体中文",
    Language.CHINESE_TRADITIONAL: "繁體中文",
}


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Return every text in one language; English where there is no such catalogue."""
    name = language if language in LANGUAGES else Language.ENGLISH
    file = resources.files("review").joinpath("catalogues", f"{name}.json")
    texts: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return texts


def say(language: Language, key: str, **values: object) -> str:
    """Return a text with its values filled in; `n` chooses between `.one` and the plural."""
    texts = catalogue(language)
    if values.get("n") == 1 and f"{key}.one" in texts:
        key = f"{key}.one"
    return texts[key].format(**values)


def has(key: str) -> bool:
    """Tell whether there is such a text."""
    return key in catalogue(Language.ENGLISH)


def day(moment: date, language: Language) -> str:
    """Return a day as a reader of the language writes it."""
    if language is Language.ENGLISH:
        return format_date(moment, "d MMM y", locale="en")
    return f"{moment.year}年{moment.month}月{moment.day}日"


def edtf(text: str, language: Language) -> str:
    """Return a day, month or year as a reader writes it."""
    first = first_day(text)
    if len(text) == 10:
        return day(first, language)
    if len(text) == 7:
        english = language is Language.ENGLISH
        return (
            format_date(first, "MMM y", locale="en") if english else f"{text[:4]}年{first.month}月"
        )
    return text if language is Language.ENGLISH else f"{text}年"


def moment(at: datetime, language: Language) -> str:
    """Return a moment in UTC, the zone named."""
    return f"{day(at.date(), language)}{_between(language)}{at:%H:%M} UTC"


def _between(language: Language) -> str:
    return ", " if language is Language.ENGLISH else " "


def language_for(header: str | None) -> Language:
    """Return the first language of an Accept-Language header that we have."""
    for part in (header or "").split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh"):
            traditional = any(each in tag for each in ("hant", "tw", "hk", "mo"))
            return Language.CHINESE_TRADITIONAL if traditional else Language.CHINESE_SIMPLIFIED
        if tag.startswith("en"):
            return Language.ENGLISH
    return Language.ENGLISH
