"""Every error that Pledgewatch raises on purpose.

* PledgewatchError
  + SettingsError
  + WatchlistError            the file, with every problem found in it
  + WatchlistUnwritableError  the file is sound and cannot be replaced
  + FeedError                 one feed, the others go on
    - FetchError
    - ParseError
  + DecisionRefusedError      the ledger would be wrong; with everything that stands against it
  + StorageError
    - ConflictError           somebody else changed the row first
    - MissingRecordError
    - DatabaseUnusableError   locked, read-only, full, from a newer version, or not there
  + DeliveryError
    - RecipientGoneError      never try this chat again
    - RateLimitedError        try again after `retry_after`
    - TemporarySendError      it certainly did not arrive: try again with backoff
    - AmbiguousSendError      it may have arrived: wait, then try once more
    - MessageRefusedError     Telegram does not take this text: our mistake
    - ChatMovedError          the group has a new id
    - BotRefusedError         the token is wrong: nothing can be sent
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from model.records import Decision


class PledgewatchError(Exception):
    """The root: everything that is raised on purpose."""


class SettingsError(PledgewatchError):
    """Settings that cannot be used; `problems` names each of them."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong (or odd) in a watchlist file, with where it stands and what to do."""

    file: str
    line: int  # from 1
    column: int  # from 1
    message: str
    suggestion: str | None = None  # None: nothing better than the message
    warning: bool = False  # a warning does not stop the file from being used

    def __str__(self) -> str:
        advice = f"; {self.suggestion}" if self.suggestion else ""
        kind = "warning: " if self.warning else ""
        return f"{self.file}:{self.line}:{self.column}: {kind}{self.message}{advice}"


class WatchlistError(PledgewatchError):
    """A watchlist that cannot be used, with every problem found in it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class WatchlistUnwritableError(PledgewatchError):
    """The watchlist's file cannot be replaced: it, or its folder, is read-only."""


class FeedFault(StrEnum):
    """What went wrong with a feed; the word that `poll`, `feeds list` and the metrics share."""

    DNS = "dns"
    REFUSED = "refused"  # connection refused or unreachable
    RESET = "reset"  # the connection broke, or the body was shorter than announced
    TLS = "tls"
    TIMEOUT = "timeout"
    FORBIDDEN_ADDRESS = (
        "forbidden_address"  # private, loopback, metadata: not allowed by the settings
    )
    BAD_URL = "bad_url"
    REDIRECT_LOOP = "redirect_loop"
    TOO_LARGE = "too_large"  # on the wire or after decompression
    BAD_ENCODING = "bad_encoding"  # broken gzip, or a charset nothing can read
    UNAUTHORIZED = "unauthorized"  # 401, 403
    NOT_FOUND = "not_found"  # 404
    GONE = "gone"  # 410
    RATE_LIMITED = "rate_limited"  # 429, or 503 with Retry-After
    SERVER_ERROR = "server_error"  # 5xx
    HTTP_ERROR = "http_error"  # any other status that is no answer
    CHALLENGE = "challenge"  # a page that wants a browser
    HTML = "html"  # a page where a feed should be
    EMPTY = "empty"  # nothing in the body
    NOT_A_FEED = "not_a_feed"
    TRUNCATED = "truncated"  # well begun, never ended
    UNSAFE_XML = "unsafe_xml"  # entity bombs, external entities
    TOO_SLOW_TO_PARSE = "too_slow_to_parse"
    SILENT = "silent"  # it answers, and brings nothing for far longer than it ever did
    INTERNAL = "internal"  # our own mistake; the log has the traceback


ADVICE: Mapping[FeedFault, str] = {
    FeedFault.DNS: "Look for a typing error in the host of `url`, or the site's new address.",
    FeedFault.REFUSED: "Open the address in a browser; if it opens there, a firewall keeps us out.",
    FeedFault.RESET: "Wait; if it lasts, open the address in a browser or set a `proxy`.",
    FeedFault.TLS: "Open the address in a browser; if the certificate is wrong, tell the site.",
    FeedFault.TIMEOUT: "Wait; if it lasts, ask less often (`every`) or set a `proxy`.",
    FeedFault.FORBIDDEN_ADDRESS: (
        "If this host is yours, name it in PLEDGEWATCH_ALLOW_PRIVATE; else remove the feed."
    ),
    FeedFault.BAD_URL: "Correct `url`: it (or where it leads) is no http or https address.",
    FeedFault.REDIRECT_LOOP: "Open the address in a browser and put where it ends into `url`.",
    FeedFault.TOO_LARGE: "Look for a shorter feed of the site; this one is too large to be one.",
    FeedFault.BAD_ENCODING: "Wait; if it lasts, set `encoding`, or tell the site.",
    FeedFault.UNAUTHORIZED: "Ask the site for access, and put its key into `headers`.",
    FeedFault.NOT_FOUND: "Look for the feed's new address with `feeds discover`.",
    FeedFault.GONE: "Remove the feed, or look for what took its place with `feeds discover`.",
    FeedFault.RATE_LIMITED: "Nothing to do: we wait as long as it says. Ask less often (`every`).",
    FeedFault.SERVER_ERROR: "Wait: the site is out of order.",
    FeedFault.HTTP_ERROR: "Open the address in a browser; it may want other `headers`.",
    FeedFault.CHALLENGE: "Ask the site to let feed readers in, or set `headers` or a `proxy`.",
    FeedFault.HTML: "Look for the feed's new address with `feeds discover`, or set `kind: page`.",
    FeedFault.EMPTY: "Open the address in a browser; if it is empty there too, look for another.",
    FeedFault.NOT_A_FEED: "Look for the feed's address with `feeds discover`.",
    FeedFault.TRUNCATED: "Nothing to do: what arrived was read. If it lasts, tell the site.",
    FeedFault.UNSAFE_XML: "Tell the site: no feed needs entities. If it is no feed, remove it.",
    FeedFault.TOO_SLOW_TO_PARSE: "Look for a shorter feed of the site.",
    FeedFault.SILENT: "Open the site: if it has news, the feed is stale; look for another.",
    FeedFault.INTERNAL: "Report it with the traceback in the log: the mistake is ours.",
}


def advice_on(fault: str | None) -> str | None:
    """Return what to do about a fault, in one sentence; None where nothing is wrong."""
    return None if fault is None else ADVICE[FeedFault(fault)]


class FeedError(PledgewatchError):
    """One feed could not be read; the others go on."""

    def __init__(
        self,
        fault: FeedFault,
        message: str,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message
        self.status = status
        self.retry_after = retry_after


class FetchError(FeedError):
    """The feed did not arrive."""


class ParseError(FeedError):
    """The feed arrived and cannot be read."""


class DecisionRefusedError(PledgewatchError):
    """A decision that cannot be taken; `refusals` are all of model/legality.py's reasons."""

    def __init__(self, refusals: tuple[StrEnum, ...]) -> None:
        super().__init__("This decision cannot be taken: " + ", ".join(refusals))
        self.refusals = refusals


class StorageError(PledgewatchError):
    """The database could not do what was asked."""


class ConflictError(StorageError):
    """Somebody else changed the row first; `other` is who decided, None where nobody did."""

    def __init__(self, message: str, other: Decision | None = None) -> None:
        super().__init__(message)
        self.other = other


class MissingRecordError(StorageError):
    """There is no such record."""


class DatabaseUnusableError(StorageError):
    """The database as a whole cannot be used; the message says why and what to do."""


class DeliveryError(PledgewatchError):
    """A message could not be delivered."""

    def __init__(self, message: str, *, chat_id: int | None = None) -> None:
        super().__init__(message)
        self.chat_id = chat_id


class RecipientGoneError(DeliveryError):
    """The chat blocked us, or is no more: never try it again."""


class RecipientUnknownError(RecipientGoneError):
    """Telegram does not find the chat: believed when it says so twice."""


class MessageGoneError(DeliveryError):
    """The message to change is no more: somebody deleted it."""


class TopicGoneError(DeliveryError):
    """The topic of a group is closed or deleted; the group is there."""


class RateLimitedError(DeliveryError):
    """Too fast for this chat; try again after `retry_after`."""

    def __init__(self, message: str, *, chat_id: int | None, retry_after: timedelta) -> None:
        super().__init__(message, chat_id=chat_id)
        self.retry_after = retry_after


class TemporarySendError(DeliveryError):
    """The request certainly did not go out: try again with backoff."""


class AmbiguousSendError(DeliveryError):
    """The message may have arrived: wait, then try once more."""


class MessageRefusedError(DeliveryError):
    """Telegram does not take this text or keyboard: a mistake of ours."""


class ChatMovedError(DeliveryError):
    """The group became a supergroup and has a new id."""

    def __init__(self, message: str, *, chat_id: int, new_chat_id: int) -> None:
        super().__init__(message, chat_id=chat_id)
        self.new_chat_id = new_chat_id


class BotRefusedError(DeliveryError):
    """Telegram does not know this token: nothing can be sent until it is changed."""
