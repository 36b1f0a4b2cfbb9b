"""The board: how far each pledge has come, and how sure that is."""

from __future__ import annotations

from starlette.responses import Response

from model.records import Stage
from model.standing import Attention, Schedule
from model.text import fold_characters
from review.asking import Ask
from review.overview import Overview, Shown, day_asked, read_overview

NO_STAGE = "none"


def board_page(ask: Ask) -> Response:
    """Show every pledge, the furthest first, as the filters in the address say."""
    seen = read_overview(ask, day_asked(ask))
    chosen = [each for each in seen.shown if _fits(ask, each)]
    groups = [
        (stage, [each for each in chosen if each.row.standing.stage is stage])
        for stage in (*reversed(Stage), None)
    ]
    return ask.page(
        "board.html",
        seen=seen,
        groups=[group for group in groups if group[1]],
        chosen=len(chosen),
        tags=sorted({tag for each in seen.shown for tag in each.row.commitment.tags}),
        attention=[(each, _count(seen, attention=each)) for each in Attention],
        schedule=[(each, _count(seen, schedule=each)) for each in Schedule],
        stage_counts=[(stage, len(seen.at_stage(stage))) for stage in Stage],
    )


def _count(
    seen: Overview, *, attention: Attention | None = None, schedule: Schedule | None = None
) -> int:
    return sum(
        attention in (None, each.row.attention) and schedule in (None, each.row.standing.schedule)
        for each in seen.shown
    )


def _fits(ask: Ask, shown: Shown) -> bool:
    row, tag = shown.row, ask.query("tag")
    if tag and tag not in row.commitment.tags:
        return False
    if ask.query("attention") not in ("", row.attention):
        return False
    if ask.query("schedule") not in ("", row.standing.schedule):
        return False
    stage = row.standing.stage or NO_STAGE
    return ask.query("stage") in ("", stage) and _named(ask.query("q"), shown)


def _named(text: str, shown: Shown) -> bool:
    commitment = shown.row.commitment
    names = (commitment.id, commitment.title, *(title for _, title in commitment.titles))
    wanted = fold_characters(text)
    return all(any(word in fold_characters(name) for name in names) for word in wanted.split())
