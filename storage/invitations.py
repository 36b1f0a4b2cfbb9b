"""One-time invitations: only the hash of a token is stored."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import insert, update

from storage.repository import Repository
from storage.tables import invitations


class Invitations(Repository):
    """The invitations."""

    def new(self, actor: str, now: datetime) -> str:
        """Make an invitation and return its token, which is stored nowhere."""
        token = secrets.token_urlsafe(24)
        self._connection.execute(
            insert(invitations).values(hash=_hash(token), made_by=actor, made_at=now)
        )
        return token

    def use(self, token: str, now: datetime) -> bool:
        """Use an invitation up; False for one that is unknown or was used."""
        result = self._connection.execute(
            update(invitations)
            .where(invitations.c.hash == _hash(token), invitations.c.used_at.is_(None))
            .values(used_at=now)
        )
        return result.rowcount > 0


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
