"""The one way to ask for the time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; a test's clock stands still until it is moved."""

    def now(self) -> datetime:
        """Return this moment, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return this moment, in UTC."""
        return datetime.now(UTC)
