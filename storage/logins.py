"""Signing in: one-time links and what they open. Only hashes of the tokens are stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update

from model.records import Role
from storage.repository import Repository
from storage.tables import logins, sessions

LINK_LIVES = timedelta(minutes=5)
TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)  # how often the last sight of a session is written down


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is signed in."""

    actor: str  # "telegram:ID", "local:NAME"
    role: Role
    made_at: datetime
    seen_at: datetime
    ended_at: datetime | None  # None: still open


class Logins(Repository):
    """The one-time links."""

    def new(self, actor: str, role: Role, now: datetime) -> str:
        """Make a link's token, good for five minutes and one use, and stored nowhere."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._connection.execute(
            insert(logins).values(
                hash=_hash(token), actor=actor, role=role, made_at=now, expires_at=now + LINK_LIVES
            )
        )
        return token

    def use(self, token: str, now: datetime) -> tuple[str, Role] | None:
        """Use a link up and return whom it signs in; None: unknown, used or too old."""
        row = self._connection.execute(
            update(logins)
            .where(
                logins.c.hash == _hash(token),
                logins.c.used_at.is_(None),
                logins.c.expires_at > now,
            )
            .values(used_at=now)
            .returning(logins.c.actor, logins.c.role)
        ).first()
        return None if row is None else (row.actor, Role(row.role))


class Sessions(Repository):
    """The people who are signed in."""

    def new(self, actor: str, role: Role, now: datetime) -> str:
        """Open a session and return its token, which is stored nowhere."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._connection.execute(
            insert(sessions).values(
                hash=_hash(token), actor=actor, role=role, made_at=now, seen_at=now
            )
        )
        return token

    def get(self, token: str) -> Session | None:
        """Return an open session; None where it is unknown or was ended."""
        row = self._connection.execute(
            select(sessions).where(sessions.c.hash == _hash(token), sessions.c.ended_at.is_(None))
        ).first()
        return None if row is None else _session(row)

    def see(self, token: str, now: datetime) -> None:
        """Note that a session was used; once a minute is enough."""
        self._connection.execute(
            update(sessions)
            .where(sessions.c.hash == _hash(token), sessions.c.seen_at <= now - SEEN_EVERY)
            .values(seen_at=now)
        )

    def end(self, token: str, now: datetime) -> None:
        """Sign one browser out."""
        self._connection.execute(
            update(sessions)
            .where(sessions.c.hash == _hash(token), sessions.c.ended_at.is_(None))
            .values(ended_at=now)
        )

    def end_all(self, actor: str, now: datetime) -> int:
        """Sign somebody out everywhere, links that wait included; return how many sessions."""
        self._connection.execute(
            update(logins)
            .where(logins.c.actor == actor, logins.c.used_at.is_(None))
            .values(used_at=now)
        )
        result = self._connection.execute(
            update(sessions)
            .where(sessions.c.actor == actor, sessions.c.ended_at.is_(None))
            .values(ended_at=now)
        )
        return result.rowcount

    def of_actor(self, actor: str) -> tuple[Session, ...]:
        """Return somebody's open sessions, newest first."""
        rows = self._connection.execute(
            select(sessions)
            .where(sessions.c.actor == actor, sessions.c.ended_at.is_(None))
            .order_by(sessions.c.made_at.desc())
        )
        return tuple(_session(row) for row in rows)


def _session(row: Row[Any]) -> Session:
    return Session(
        actor=row.actor,
        role=Role(row.role),
        made_at=row.made_at,
        seen_at=row.seen_at,
        ended_at=row.ended_at,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
