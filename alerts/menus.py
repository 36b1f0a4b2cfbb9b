"""Which commands there are, for whom, and what the buttons tell us. Pure."""

from __future__ import annotations

from model.records import Role

EVERYBODY = (
    "start",
    "subscribe",
    "unsubscribe",
    "list",
    "status",
    "history",
    "digest",
    "quiet",
    "mute",
    "unmute",
    "lang",
    "export",
    "forget",
    "help",
)
FOR_ANALYSTS = ("review", "weblogin")
FOR_ADMINS = ("invite", "watch", "feeds", "test", "reload")
COMMANDS = (*EVERYBODY, *FOR_ANALYSTS, *FOR_ADMINS)

# What changes a chat: in groups only administrators may.
SETTINGS = frozenset(
    {"start", "subscribe", "unsubscribe", "digest", "quiet", "mute", "unmute", "lang", "forget"}
)

# What a button tells us; "1" is the version of the scheme. At most 64 bytes each.
SUBSCRIBE, UNSUBSCRIBE, MUTE, UNMUTE = "1s", "1x", "1m", "1e"
STATUS, HISTORY = "1t", "1h"
CHOOSE, TAGS, LANGUAGE = "1l", "1b", "1g"
OPTIONS, DIGEST, QUIET, FORGET = "1o", "1w", "1k", "1f"
CONFIRM, REFUSE, JOIN, UNDO, BACK = "1c", "1n", "1d", "1u", "1r"
QUEUE, ADMIN, REMIND = "1q", "1a", "1z"
# What follows an admin's button.
ACCEPT, DISCARD, ROLL_BACK, PAUSE, RESUME = "a", "d", "r", "p", "s"
SHOW, FEED = "v", "f"

CHANGES_SETTINGS = frozenset(
    {SUBSCRIBE, UNSUBSCRIBE, MUTE, UNMUTE, LANGUAGE, OPTIONS, DIGEST, QUIET, FORGET, REMIND}
)
OF_ANALYSTS = frozenset({CONFIRM, REFUSE, JOIN, UNDO, BACK})  # under an alert; one row of them
OF_MUTING = frozenset({MUTE, UNMUTE})
MOST_DATA = 64  # bytes that a button may tell us


def commands_of(role: Role) -> tuple[str, ...]:
    """Return the commands that somebody may use, in the order of the menu."""
    if role is Role.ADMIN:
        return COMMANDS
    return (*EVERYBODY, *FOR_ANALYSTS) if role is Role.ANALYST else EVERYBODY


def needed_role(command: str) -> Role:
    """Return the role that a command asks for."""
    if command in FOR_ADMINS:
        return Role.ADMIN
    return Role.ANALYST if command in FOR_ANALYSTS else Role.SUBSCRIBER


def may(role: Role, needed: Role) -> bool:
    """Tell whether a role is enough: an admin may what an analyst may."""
    order = (Role.SUBSCRIBER, Role.ANALYST, Role.ADMIN)
    return order.index(role) >= order.index(needed)


def to_base36(number: int) -> str:
    """Return a number in base 36, as buttons hold it."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return text or "0"


def from_base36(text: str) -> int | None:
    """Return the number that a button holds; None where it holds none."""
    if not text or len(text) > 12 or not text.isascii() or not text.isalnum():
        return None
    return int(text, 36)
