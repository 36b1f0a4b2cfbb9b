"""From values to HTML: one Jinja environment, everything escaped. The only module that imports it.

Text from the web is hostile: nothing here marks a string as safe, and addresses that are no web
addresses are not linked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, partial
from importlib import resources
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request

from model.records import Commitment, Language, Role, Stage
from model.text import detect_language
from review import texts
from review.auth import Visitor

PAGES: tuple[tuple[str, str, Role], ...] = (
    ("board", "/", Role.SUBSCRIBER),
    ("queue", "/queue", Role.ANALYST),
    ("history", "/history", Role.ANALYST),
    ("watchlist", "/watchlist", Role.ANALYST),
    ("feeds", "/feeds", Role.ANALYST),
    ("quality", "/quality", Role.ANALYST),
    ("subscribers", "/subscribers", Role.ADMIN),
    ("audit", "/audit", Role.ADMIN),
)


class Asked(Protocol):
    """What every page shows of the request that it answers."""

    @property
    def request(self) -> Request:
        """Return the request itself."""

    @property
    def visitor(self) -> Visitor:
        """Return who asks."""

    @property
    def language(self) -> Language:
        """Return the language to answer in."""

    @property
    def now(self) -> datetime:
        """Return when it was asked."""


def render(ask: Asked, template: str, values: Mapping[str, Any]) -> str:
    """Return a page as HTML."""
    return _environment().get_template(template).render(**_common(ask), **values)


def _common(ask: Asked) -> dict[str, Any]:
    language = ask.language
    return {
        "ask": ask,
        "visitor": ask.visitor,
        "language": language,
        "languages": [each for each in texts.LANGUAGES if each is not language],
        "pages": [page for page in PAGES if ask.visitor.may(page[2])],
        "now": ask.now,
        "t": partial(texts.say, language),
        "day": partial(_day, language),
        "moment": partial(texts.moment, language=language),
        "edtf": partial(texts.edtf, language=language),
        "title_of": lambda commitment: commitment.title_in(language),
        "other_title": partial(_other_title, language),
        "days_ago": partial(_days_ago, language),
        "with_query": partial(_with_query, ask),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("review", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "static": static_address,
        "language_names": texts.NAMES,
        "stages": tuple(Stage),
        "has_text": texts.has,
    }
    environment.filters |= {"web": web_address, "lang": language_of, "host": host_of}
    return environment


def _day(language: Language, value: date | datetime) -> str:
    return texts.day(value.date() if isinstance(value, datetime) else value, language)


def _other_title(language: Language, commitment: Commitment) -> str | None:
    """Return the title in the other language; None where it is the same."""
    english = language is Language.ENGLISH
    other = commitment.title_in(Language.CHINESE_SIMPLIFIED if english else Language.ENGLISH)
    return None if other == commitment.title_in(language) else other


def _days_ago(language: Language, since: date | datetime, today: date) -> str:
    day = since.date() if isinstance(since, datetime) else since
    days = max((today - day).days, 0)
    if days == 0:
        return texts.say(language, "board.days_ago.today")
    return texts.say(language, "board.days_ago", n=days)


def _with_query(ask: Asked, **changes: str | None) -> str:
    """Return this page's address with some of its parameters changed, or left out (None)."""
    pairs = [
        (name, value)
        for name, value in ask.request.query_params.multi_items()
        if name not in changes
    ]
    pairs += [(name, value) for name, value in changes.items() if value is not None]
    path = ask.request.url.path if ask.request.method == "GET" else "/"
    return f"{path}?{urlencode(pairs)}" if pairs else path


@cache
def static_address(name: str) -> str:
    """Return a static file's address, which changes with its contents."""
    contents = resources.files("review").joinpath("static", name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(contents).hexdigest()[:10]}"


def web_address(url: str | None) -> str | None:
    """Return an address that may be linked; None for anything that is no web address."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def host_of(url: str) -> str:
    """Return an address's host; empty where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def language_of(text: str) -> str:
    """Return a text's language as `lang` wants it; empty where nobody can tell."""
    found = detect_language(text)
    return "" if found is Language.UNKNOWN else str(found)
