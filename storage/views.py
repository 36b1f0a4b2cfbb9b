"""Saved views: the filters of a page that somebody wants to come back to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from storage.repository import Repository
from storage.tables import saved_views


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """One page with its filters, by a name."""

    actor: str
    page: str
    name: str
    query: str  # the address behind the question mark
    saved_at: datetime


class Views(Repository):
    """The saved views."""

    def save(self, view: SavedView) -> None:
        """Store a view; one of the same person, page and name is replaced."""
        values = {
            "actor": view.actor,
            "page": view.page,
            "name": view.name,
            "query": view.query,
            "saved_at": view.saved_at,
        }
        self._put(saved_views, values, ["actor", "page", "name"])

    def of_actor(self, actor: str, page: str) -> tuple[SavedView, ...]:
        """Return somebody's views of one page, by name."""
        rows = self._connection.execute(
            select(saved_views)
            .where(saved_views.c.actor == actor, saved_views.c.page == page)
            .order_by(saved_views.c.name)
        )
        return tuple(SavedView(**row._mapping) for row in rows)

    def remove(self, actor: str, page: str, name: str) -> bool:
        """Forget a view; False where there was none."""
        result = self._connection.execute(
            delete(saved_views).where(
                saved_views.c.actor == actor,
                saved_views.c.page == page,
                saved_views.c.name == name,
            )
        )
        return result.rowcount > 0
