"""How logs leave the process: one line each, as text or JSON, with every secret hidden."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Collection
from datetime import UTC, datetime

from pledgewatch.settings import LogFormat

HIDDEN = "[hidden]"
# A bot token, wherever it stands (https://core.telegram.org/bots/api#authorizing-your-bot), and
# the password of an address. The settings' own values are hidden whatever they look like.
_TOKEN = re.compile(r"\b(?:bot)?\d{5,}:[A-Za-z0-9_-]{20,}")
_PASSWORD = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
_KEY = re.compile(
    r"(?i)([?&;](?:[a-z]*[_-]?(?:key|token|secret|password|passwd|pwd|signature|sig|auth))=)[^&#\s]+"
)
_OWN_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class Redactor:
    """Takes secrets out of text."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets = tuple(sorted((each for each in secrets if each), key=len, reverse=True))

    def __call__(self, text: str) -> str:
        """Return the text with every secret hidden."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = _PASSWORD.sub(HIDDEN, _TOKEN.sub(HIDDEN, text))
        return _KEY.sub(rf"\1{HIDDEN}", text)


class LineFormatter(logging.Formatter):
    """One record, one line: text from the web cannot begin a line of its own."""

    def __init__(self, style: LogFormat, redact: Redactor) -> None:
        super().__init__()
        self._style_name = style
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        facts = {name: each for name, each in vars(record).items() if name not in _OWN_FIELDS}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        trace = self.formatException(record.exc_info) if record.exc_info else None
        if self._style_name is LogFormat.JSON:
            line = {
                "at": at,
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": record.getMessage(),
                **facts,
                **({"traceback": trace} if trace else {}),
            }
            return self._redact(json.dumps(line, ensure_ascii=False, default=str))
        said = " ".join(f"{name}={_shown(value)}" for name, value in facts.items())
        text = _plain(record.getMessage())
        head = f"{at} {record.levelname.lower():7} {record.name}: {text} {said}".rstrip()
        return self._redact(head if trace is None else f"{head}\n{trace}")


def _plain(text: str) -> str:
    """Make control characters visible: a log line is read in terminals."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def _shown(value: object) -> str:
    text = _plain(str(value))
    return '"' + text.replace('"', "'") + '"' if " " in text or not text else text


def set_up_logging(style: LogFormat, secrets: Collection[str], level: int = logging.INFO) -> None:
    """Send the program's log lines to standard error, and quieten the libraries."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(style, Redactor(secrets)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # httpx logs request addresses, and a Bot API address holds the token.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # "maximum instances" is by design
    for name in ("httpx", "httpcore", "telegram", "alembic", "aiohttp.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
