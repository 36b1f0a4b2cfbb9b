"""What a watchlist file may hold: the model that checks it and writes its JSON Schema. Pure.

A validator's message is "what is wrong; what to write instead".
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

from model.dates import closest, first_day
from model.records import CommitmentKind, FeedKind, Language, Milestone, Tier

SLUG = r"^[a-z0-9][a-z0-9-]{2,47}$"
LONGEST_TERM = 200  # characters; a phrase, not a paragraph
LONGEST_TEXT = 5_000
EVERY = re.compile(r"(\d{1,6})([smhd])(?:-(\d{1,6})([smhd]))?")
LONGEST_EVERY = timedelta(days=31)
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
AN_ADDRESS = "write one that begins with http:// or https://"
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
# They turn the direction of what follows, so that a page shows other words than are there.
TURNS_WRITING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
WAYS = ("aliases", "groups", "query")


def _text(value: str) -> str:
    """Return a text trimmed and in NFC; refuse control characters and nothing at all."""
    kept = unicodedata.normalize("NFC", value).strip()
    if not kept:
        raise ValueError("is empty; write a text or leave the field out")
    for each in kept:
        if _is_control(each):
            raise ValueError(f"holds the control character U+{ord(each):04X}; remove it")
    if len(kept) > LONGEST_TEXT:
        raise ValueError(f"is longer than {LONGEST_TEXT} characters; shorten it")
    return kept


def _is_control(character: str) -> bool:
    """Tell whether a character hides, turns or breaks what stands around it."""
    if character in TURNS_WRITING:
        return True
    return unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t"


def _term(value: str) -> str:
    kept = _text(value)
    if len(kept) > LONGEST_TERM:
        raise ValueError(
            f"is longer than {LONGEST_TERM} characters; look for a phrase, not a paragraph"
        )
    if not any(each.isalnum() for each in kept):
        raise ValueError("holds no letter or digit to look for; write a name")
    return kept


def _date(value: object) -> object:
    if not isinstance(value, bool | int | float | str):
        return value
    text = str(value).lower() if isinstance(value, bool) else str(value).strip()
    try:
        first_day(text)
    except ValueError as error:
        meant = None if isinstance(value, float) else closest(text)  # 2025.10 arrived as 2025.1
        advice = f'write "{meant}"' if meant else "write a day, month or year like 2026-07-16"
        raise ValueError(f"{error}; {advice}") from error
    return text


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"is no address ({error}); {AN_ADDRESS}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"is no web address; {AN_ADDRESS}")
    if any(each.isspace() or not each.isprintable() for each in value):
        raise ValueError("holds a space or a control character; write it as %20, or remove it")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            "is no time zone; write its IANA name, like Asia/Shanghai or UTC"
        ) from None
    return value


def _encoding(value: str) -> str:
    try:
        "".encode(value)  # refuses base64 and its like, which lookup() knows too
        return codecs.lookup(value).name
    except (LookupError, ValueError):
        raise ValueError(
            "is no character encoding; write a name like utf-8, gb18030 or big5"
        ) from None


def _every(value: str) -> str:
    found = EVERY.fullmatch(value)
    if found is None:
        raise ValueError("is no interval; write 30s, 15m, 6h, 1d, or bounds like 15m-6h")
    shortest, longest = interval(value)
    if shortest <= timedelta(0):
        raise ValueError("is no time at all; 15m-6h is the default")
    if longest < shortest:
        raise ValueError("ends before it begins; the shorter comes first, as in 15m-6h")
    if longest > LONGEST_EVERY:
        raise ValueError(f"is longer than {LONGEST_EVERY.days} days; pause the feed instead")
    return value


def _header_name(value: str) -> str:
    if HEADER_NAME.fullmatch(value) is None:
        raise ValueError("is no name of a header; write letters, digits and hyphens")
    return value


def _header_value(value: str) -> str:
    if not value.isprintable():
        raise ValueError("holds a control character or a line break; remove it")
    return value


def interval(value: str) -> tuple[timedelta, timedelta]:
    """Return the bounds of an `every` that was checked; one value is both."""
    found = EVERY.fullmatch(value)
    assert found is not None
    low, low_unit, high, high_unit = found.groups()
    shortest = timedelta(**{UNITS[low_unit]: int(low)})
    return shortest, shortest if high is None else timedelta(**{UNITS[high_unit]: int(high)})


def _wrapped(name: str, field_type: Any) -> BeforeValidator:  # noqa: ANN401 - any type form
    """Read a bare value as the field that it stands for."""

    def wrap(value: object) -> object:
        return value if isinstance(value, dict) else {name: value}

    return BeforeValidator(wrap, json_schema_input_type=field_type)


def _short_due(value: object) -> object:
    return {"date": value} if isinstance(value, bool | int | float | str) else value


def _titles(value: object) -> object:
    return {"en": value} if isinstance(value, bool | int | float | str) else value


def _written(value: object) -> object:
    """Read a number without a unit as text, so that it is told what it lacks."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


def _one_list(value: object) -> object:
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return [value]
    return value


def _switch(value: object) -> object:
    return {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value


Text = Annotated[str, AfterValidator(_text)]
Tag = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
TermText = Annotated[str, AfterValidator(_term)]
Slug = Annotated[str, Field(pattern=SLUG)]
Date = Annotated[
    str,
    BeforeValidator(_date),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"},
                {"type": "integer", "minimum": 1000, "maximum": 9999},
            ],
            "description": "EDTF level 0: a day, a month or a year",
        }
    ),
]
Url = Annotated[str, AfterValidator(_url)]
Days = Annotated[int, Field(ge=1, le=3650, strict=True)]


class Part(BaseModel):
    """What every part of the file shares: unknown fields are mistakes."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class TitlesModel(Part):
    """A title in each language."""

    en: Text
    zh_hans: Text | None = Field(default=None, alias="zh-Hans")
    zh_hant: Text | None = Field(default=None, alias="zh-Hant")


class AliasModel(Part):
    """A name of the pledge."""

    text: TermText
    weak: bool = Field(default=False, strict=True)
    case: bool = Field(default=False, strict=True)


class DecoyModel(Part):
    """A look-alike."""

    text: TermText
    why: Text | None = None


class GroupModel(Part):
    """One term of each list, near each other."""

    all_of: list[Annotated[list[TermText], Field(min_length=1)]] = Field(min_length=2)
    within: int = Field(default=12, ge=1, le=200, strict=True)


class SayingModel(Part):
    """One occasion on which it was said."""

    date: Date
    where: Text | None = None
    by: Text | None = None
    text: Text | None = None
    source: Url | None = None


class KnownModel(Part):
    """A milestone from before we watched."""

    date: Date
    milestone: Milestone
    clauses: list[str] = []
    text: Text | None = None
    source: Url | None = None


class ClauseModel(Part):
    """One part of what "delivered" means."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
    text: Text
    done_when: Text
    target: int | None = Field(default=None, ge=1, strict=True)
    unit: Text | None = None


class DueModel(Part):
    """When it should be kept."""

    date: Date
    basis: Literal["stated", "inferred"] = "stated"
    grace_days: int = Field(default=30, ge=0, le=3650, strict=True)


class OccasionModel(Part):
    """An event at which silence is news."""

    name: Text
    date: Date | None = None
    month: int | None = Field(default=None, ge=1, le=12, strict=True)
    expect: Text | None = None


Alias = Annotated[AliasModel, _wrapped("text", TermText | AliasModel)]
Decoy = Annotated[DecoyModel, _wrapped("text", TermText | DecoyModel)]
TitleField = Annotated[
    TitlesModel, BeforeValidator(_titles, json_schema_input_type=Text | TitlesModel)
]
Context = Annotated[
    list[Annotated[list[TermText], Field(min_length=1)]],
    BeforeValidator(_one_list, json_schema_input_type=list[TermText] | list[list[TermText]]),
]


class CommitmentModel(Part):
    """One public pledge."""

    id: Slug
    title: TitleField
    kind: CommitmentKind = CommitmentKind.PROGRAMME
    paused: bool = Field(default=False, strict=True)
    tags: list[Tag] = []
    promisor: list[Text] = []
    counterparties: list[Text] = []
    said: list[SayingModel] = []
    known: list[KnownModel] = []
    clauses: list[ClauseModel] = []
    due: Annotated[
        DueModel | None, BeforeValidator(_short_due, json_schema_input_type=Date | DueModel | None)
    ] = None
    occasions: list[OccasionModel] = []
    quiet_days: Days | None = None
    review_days: Days = 180
    aliases: list[Alias] = []
    context: Context = []
    groups: list[GroupModel] = []
    query: Text | None = None
    decoys: list[Decoy] = []


class PageModel(Part):
    """CSS selectors that find the entries of a page."""

    item: Text
    title: Text
    link: Text
    date: Text | None = None
    text: Text | None = None


class FeedModel(Part):
    """One source."""

    id: Slug
    url: Url
    title: Text
    language: Language
    kind: FeedKind = FeedKind.FEED
    page: PageModel | None = None
    every: Annotated[
        str, BeforeValidator(_written, json_schema_input_type=str), AfterValidator(_every)
    ] = "15m-6h"
    tier: Tier = Tier.F
    timezone: Annotated[str, AfterValidator(_zone)] | None = None
    encoding: Annotated[str, AfterValidator(_encoding)] | None = None
    fulltext: Annotated[
        Literal["auto", "true", "false"],
        BeforeValidator(_switch, json_schema_input_type=Literal["auto", "true", "false"] | bool),
    ] = "auto"
    paused: bool = Field(default=False, strict=True)
    headers: dict[
        Annotated[str, AfterValidator(_header_name)],
        Annotated[str, AfterValidator(_header_value)],
    ] = {}
    proxy: Url | None = None


class WatchlistModel(Part):
    """A watchlist file."""

    schema_: Literal["pledgewatch/watchlist@1"] | None = Field(default=None, alias="schema")
    commitments: list[CommitmentModel] = []
    feeds: list[FeedModel] = []


def watchlist_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a watchlist file, for editors."""
    schema = WatchlistModel.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "Pledgewatch watchlist",
    }
