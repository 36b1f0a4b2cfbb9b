"""`Settings`, read once from `PLEDGEWATCH_*`; every problem is reported at once."""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from model.errors import SettingsError
from model.records import Role

PREFIX = "PLEDGEWATCH_"
PRODUCT = "Pledgewatch/0.1"
USER_AGENT = f"{PRODUCT} (news monitor; contact: the operator of this installation)"


class Access(StrEnum):
    """Who may subscribe."""

    OPEN = "open"
    INVITED = "invited"


class LogFormat(StrEnum):
    """How log lines look."""

    TEXT = "text"
    JSON = "json"


class Part(StrEnum):
    """The parts a process may run."""

    POLL = "poll"
    SEND = "send"
    BOT = "bot"
    REVIEW = "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set from outside; frozen, and passed down as values."""

    watchlist: Path = Path("watchlist.yaml")  # a file or a folder
    database_url: str = field(default="sqlite:///pledgewatch.db", repr=False)  # may hold a password
    telegram_token: str | None = field(default=None, repr=False)  # None: alerts go to the terminal
    telegram_api: str = "https://api.telegram.org"
    admins: frozenset[int] = frozenset()  # Telegram user ids
    analysts: frozenset[int] = frozenset()
    access: Access = Access.OPEN
    timezone: str = "UTC"  # IANA name, for subscribers who set none
    review_host: str = "127.0.0.1"
    review_port: int = 8080
    public_url: str | None = None  # None: no links to our pages
    allow_private: tuple[str, ...] = ()  # hosts and networks that may be fetched all the same
    user_agent: str = USER_AGENT
    log: LogFormat = LogFormat.TEXT
    roles: frozenset[Part] = frozenset(Part)

    def role_of(self, user_id: int) -> Role:
        """Return what a Telegram user may do; chats have no roles."""
        if user_id in self.admins:
            return Role.ADMIN
        return Role.ANALYST if user_id in self.analysts else Role.SUBSCRIBER

    @property
    def desk_url(self) -> str:
        """Return where the review page is found."""
        host = f"[{self.review_host}]" if ":" in self.review_host else self.review_host
        return self.public_url or f"http://{host}:{self.review_port}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what must never be written anywhere."""
        password = urlsplit(self.database_url).password
        return tuple(secret for secret in (self.telegram_token, password) if secret)


def load_settings(environment: Mapping[str, str], folder: Path) -> Settings:
    """Read settings from the environment and `folder/.env`; the environment wins.

    Raise SettingsError naming every wrong value and every unknown name.
    """
    file = folder / ".env"
    try:
        from_file = dotenv_values(file, interpolate=False) if file.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError((f"{file} cannot be read: {error}",)) from error
    given = {
        name: value.strip()
        for name, value in {**from_file, **environment}.items()
        if name.startswith(PREFIX) and value is not None
    }
    problems = [_unknown(name) for name in given if name.removeprefix(PREFIX) not in _READERS]
    values: dict[str, Any] = {}
    for name, (attribute, read) in _READERS.items():
        text = given.get(PREFIX + name, "")
        if not text:
            continue  # not set, or set to nothing: the default
        try:
            values[attribute] = read(text)
        except ValueError as error:
            problems.append(f"{PREFIX}{name}: {error}")
    if problems:
        raise SettingsError(tuple(sorted(problems)))
    settings = Settings(**values)
    if settings.public_url is None or "user_agent" in values:
        return settings
    return replace(settings, user_agent=f"{PRODUCT} (news monitor; +{settings.public_url})")


def _unknown(name: str) -> str:
    names = [PREFIX + known for known in _READERS]
    near = difflib.get_close_matches(name, names, n=1)
    advice = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
    return f"{name}: there is no such setting; {advice}"


def _numbers(text: str) -> frozenset[int]:
    numbers = [part.strip() for part in text.split(",") if part.strip()]
    wrong = [part for part in numbers if not part.isascii() or not part.isdigit()]
    if wrong:
        raise ValueError(f"{', '.join(wrong)} is no Telegram user id; it is a list like 1001,1002")
    return frozenset(int(part) for part in numbers)


def _choice(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    def read(text: str) -> StrEnum:
        try:
            return kind(text.lower())
        except ValueError:
            raise ValueError(f"{text!r} is none of {', '.join(kind)}") from None

    return read


def _parts(text: str) -> frozenset[StrEnum]:
    read = _choice(Part)
    return frozenset(read(part.strip()) for part in text.split(",") if part.strip())


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{text!r} is no time zone; it is a name like Asia/Shanghai") from None
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError(f"{text!r} is no port; it is a number from 1 to 65535")
    return int(text)


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it is an address like https://example.org")
    return text.rstrip("/")


def _database(text: str) -> str:
    if urlsplit(text).scheme.split("+")[0] not in {"sqlite", "postgresql", "postgres"}:
        # The value may hold a password: it is not repeated.
        raise ValueError("it is an address like sqlite:///pledgewatch.db or postgresql://…")
    return text


def _private(text: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    for part in parts:
        if "/" in part:
            try:
                ipaddress.ip_network(part, strict=False)
            except ValueError:
                raise ValueError(
                    f"{part!r} is no network; it is a list of hosts and networks "
                    "like feeds.internal,10.0.0.0/8"
                ) from None
    return parts


def _one_line(text: str) -> str:
    if not text.isprintable() or not text.isascii():
        raise ValueError("it is one line of plain characters")
    return text


_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "WATCHLIST": ("watchlist", Path),
    "DATABASE_URL": ("database_url", _database),
    "TELEGRAM_TOKEN": ("telegram_token", _one_line),
    "TELEGRAM_API": ("telegram_api", _web_address),
    "ADMINS": ("admins", _numbers),
    "ANALYSTS": ("analysts", _numbers),
    "ACCESS": ("access", _choice(Access)),
    "TIMEZONE": ("timezone", _zone),
    "REVIEW_HOST": ("review_host", _one_line),
    "REVIEW_PORT": ("review_port", _port),
    "PUBLIC_URL": ("public_url", _web_address),
    "ALLOW_PRIVATE": ("allow_private", _private),
    "USER_AGENT": ("user_agent", _one_line),
    "LOG": ("log", _choice(LogFormat)),
    "ROLES": ("roles", _parts),
}

SETTING_NAMES = tuple(PREFIX + name for name in _READERS)
