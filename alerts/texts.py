"""What is said, by language: catalogues that a translator can extend; dates by locale. Pure."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_name
from babel.plural import PluralRule

from model.dates import first_day
from model.records import Language, Setback, Stage

LANGUAGES = (Language.ENGLISH, Language.CHINESE_SIMPLIFIED, Language.CHINESE_TRADITIONAL)
LOCALES = {
    Language.ENGLISH: "en",
    Language.CHINESE_SIMPLIFIED: "zh_Hans_CN",
    Language.CHINESE_TRADITIONAL: "zh_Hant_TW",
}
STAGE_MARKS = dict(zip(Stage, "💭 📣 🗓 ✍️ 🏛 🚧 ✅".split(), strict=True))
SETBACK_MARKS = dict(zip(Setback, "⚠️ ⏸ 🛑 ❔ ❔ 🔀".split(), strict=True))


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Return every text in one language; English where there is no such catalogue."""
    name = language if language in LANGUAGES else Language.ENGLISH
    file = resources.files("alerts").joinpath("catalogues", f"{name}.json")
    texts: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return texts


def say(language: Language, key: str, **values: object) -> str:
    """Return a text with its values filled in."""
    return catalogue(language)[key].format(**values)


def gap(label: str) -> str:
    """Return what stands between a label and its value: full-width signs bring their own."""
    return "" if label.endswith(("：", "，")) else " "


def space_before(note: str) -> str:
    """Return what stands between a word and a note in brackets."""
    return "" if note.startswith("（") else " "


def say_count(language: Language, key: str, n: int, **values: object) -> str:
    """Return a text in the plural form that the number asks for (CLDR rules)."""
    rule: PluralRule = Locale.parse(LOCALES.get(language, "en")).plural_form
    form = "one" if rule(n) == "one" else "other"
    return say(language, f"{key}.{form}", n=n, **values)


def stage_name(stage: Stage, language: Language) -> str:
    """Return a stage's mark and word: a mark never stands alone."""
    return f"{STAGE_MARKS[stage]} {say(language, f'stage.{stage}')}"


def setback_name(setback: Setback, language: Language) -> str:
    """Return a setback's mark and word."""
    return f"{SETBACK_MARKS[setback]} {say(language, f'setback.{setback}')}"


def day(moment: date, language: Language) -> str:
    """Return a day as a reader of the language writes it."""
    if language is Language.ENGLISH or language not in LOCALES:
        return format_date(moment, "d MMM y", locale="en")
    return moment.isoformat()


def edtf_day(text: str, language: Language) -> str:
    """Return a day, month or year as a reader writes it."""
    if len(text) == 10:
        return day(first_day(text), language)
    if len(text) == 7 and language is Language.ENGLISH:
        return format_date(first_day(text), "MMM y", locale="en")
    return text


def moment_in(moment: datetime, zone: str, language: Language) -> str:
    """Return a moment in the reader's zone, with the zone named."""
    local = moment.astimezone(ZoneInfo(zone))
    if language in (Language.CHINESE_SIMPLIFIED, Language.CHINESE_TRADITIONAL):
        name = _chinese_zone(zone, local, language)
        return f"{format_datetime(local, 'y-MM-dd HH:mm', locale='en')}（{name}）"
    offset = local.utcoffset()
    hours = 0 if offset is None else offset.total_seconds() / 3600
    name = "UTC" if hours == 0 else f"UTC{hours:+g}"
    return f"{format_datetime(local, 'd MMM y, HH:mm', locale='en')} ({name})"


def _chinese_zone(zone: str, local: datetime, language: Language) -> str:
    if zone == "Asia/Shanghai":
        return "北京时间" if language is Language.CHINESE_SIMPLIFIED else "北京時間"
    if not local.utcoffset():
        return "UTC"
    return get_timezone_name(local, width="short", locale=LOCALES[language])


def language_of(code: str | None) -> Language:
    """Return the language for a Telegram client's `language_code` (BCP 47)."""
    low = (code or "").lower()
    if low.startswith("zh"):
        traditional = any(each in low for each in ("hant", "tw", "hk", "mo"))
        return Language.CHINESE_TRADITIONAL if traditional else Language.CHINESE_SIMPLIFIED
    return Language.ENGLISH
