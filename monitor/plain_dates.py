"""The fast way to a date that is written exactly as its standard says. Pure.

RFC 822 with four digits and a zone ("Tue, 24 Nov 2026 08:00:00 GMT"), RFC 3339 with a zone
("2026-11-24T08:00:00Z"). Anything else is left to `feed_dates`, which would say the same of these.
"""

from __future__ import annotations

from datetime import UTC, datetime

SHORTEST, SHORTEST_822 = len("2026-11-24T08:00:00Z"), len("Tue, 24 Nov 2026 08:00:00 GMT")
_MONTHS = {
    name: f"{number:02}"
    for number, name in enumerate(
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1
    )
}
_UNIVERSAL = {"GMT": "+00:00", "UTC": "+00:00", "+0000": "+00:00"}


def read_plain_date(raw: str) -> datetime | None:
    """Return a moment in UTC; None where the date is not exactly of these forms."""
    if not raw.isascii() or len(raw) < SHORTEST:
        return None
    if raw[3:5] == ", ":
        day, month, year, clock, zone = raw[5:7], raw[8:11], raw[12:16], raw[17:25], raw[26:]
        number = _MONTHS.get(month) if len(raw) >= SHORTEST_822 else None
        zone = _UNIVERSAL.get(zone, zone)
        if number is None or raw[7] + raw[11] + raw[16] + raw[25:26] != "    " or len(zone) < 5:
            return None
        raw = f"{year}-{number}-{day}T{clock}{zone}"
    elif raw[10:11] != "T" or len(raw) not in (20, 25):
        return None
    try:
        moment = datetime.fromisoformat(raw)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter where a zone leads out of all years
        return None
