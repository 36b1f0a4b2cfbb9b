"""Who may look and who may decide: sign-in by one-time link, sessions, roles, form tokens.

A session is a random value in a cookie of which the database keeps only the hash. A form carries
an HMAC of a second random cookie, so that no other site can send one; that also holds before
anybody has signed in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from model.records import Role

SESSION, VISITOR = "desk", "visitor"
SESSION_LASTS = timedelta(hours=12)  # since it was last used
SAME_SITE = frozenset({"same-origin", "none"})
RANKS = {Role.SUBSCRIBER: 0, Role.ANALYST: 1, Role.ADMIN: 2}


def weaker(one: Role, other: Role) -> Role:
    """Return the role of the two that may less."""
    return min(one, other, key=lambda role: RANKS[role])


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is asking: somebody signed in, or anybody."""

    actor: str = ""  # "telegram:1001", "local:NAME"; empty: nobody we know
    role: Role = Role.SUBSCRIBER
    form_secret: str = ""
    is_new: bool = False  # has no visitor cookie yet

    def may(self, role: Role) -> bool:
        """Tell whether what needs this role is open to them."""
        return RANKS[self.role] >= RANKS[role]

    @property
    def form_token(self) -> str:
        """Return what a form has to carry to be taken."""
        return hmac.new(self.form_secret.encode(), b"form", hashlib.sha256).hexdigest()


def cookie_name(request: Request, name: str) -> str:
    """Return a cookie's name; over https with a prefix that no other host can set."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def set_cookie(
    request: Request, answer: Response, name: str, value: str, lasts: timedelta | None = None
) -> None:
    """Set a cookie that no script reads and no other site sends along with a form."""
    answer.set_cookie(
        cookie_name(request, name),
        value,
        max_age=None if lasts is None else int(lasts.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def form_is_ours(request: Request, visitor: Visitor, token: str) -> bool:
    """Tell whether a form was sent from one of our own pages."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site in SAME_SITE and hmac.compare_digest(token, visitor.form_token)


def new_secret() -> str:
    """Return 32 random bytes as text."""
    return secrets.token_urlsafe(32)


def local_path(path: str | None) -> str:
    """Return a path on this server to go on to; anything else becomes the board."""
    given = path or "/"
    plain = given.startswith("/") and not given.startswith(("//", "/\\"))
    return given if plain and given.isprintable() else "/"


@dataclass(slots=True)
class Attempts:
    """Counts tries from one address, so that nobody tries links by the thousand."""

    most: int = 20
    within: timedelta = timedelta(minutes=10)
    _seen: defaultdict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, address: str, now: datetime) -> timedelta | None:
        """Count a try; return how long to wait where there were too many, else None."""
        with self._lock:
            if len(self._seen) > 10_000:  # nobody fills our memory by changing addresses
                self._seen.clear()
            tries = self._seen[address]
            while tries and now - tries[0] >= self.within:
                tries.popleft()
            if len(tries) >= self.most:
                return self.within - (now - tries[0])
            tries.append(now)
            return None
