"""How the people who decide are called: analysts are told who was first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from storage.repository import Repository
from storage.tables import people


class People(Repository):
    """The names of analysts and admins, as Telegram told them last."""

    def meet(self, actor: str, name: str, now: datetime) -> None:
        """Remember how somebody is called."""
        self._put(people, {"actor": actor, "name": name, "met_at": now}, ["actor"])

    def name(self, actor: str) -> str:
        """Return how somebody is called; of whom we never met, what the audit says."""
        found = self._connection.execute(select(people.c.name).where(people.c.actor == actor))
        return str(found.scalar() or actor.partition(":")[2] or actor)
