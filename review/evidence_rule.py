"""What evidence a stage needs, and what of it is here: a warning on the card, not a wall. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.records import Development, Report, Stage, Tier

ORDINARY = frozenset({Tier.A, Tier.B, Tier.C, Tier.F})  # not judged ranks with c


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a stage asks for and what stands here."""

    stage: Stage
    needs: str  # a text's key
    met: bool
    sources: tuple[tuple[Tier, int], ...]  # how many feeds of each tier, the best first
    origins: int


def rule(stage: Stage, development: Development, reports: Sequence[Report]) -> Rule:
    """Return whether the evidence for a stage is here; one wire on many sites counts once."""
    feeds = {report.article.feed_id: report.tier for report in reports}
    counts = {tier: sum(own is tier for own in feeds.values()) for tier in Tier}
    well = min(counts[Tier.A] + counts[Tier.B], development.origin_count)
    ordinary = min(sum(counts[tier] for tier in ORDINARY), development.origin_count)
    placed = None not in (development.event_date, development.place)
    if stage.level <= Stage.COMMITTED.level:
        needs, met = "rule.words", ordinary >= 1
    elif stage is Stage.PREPARING:
        needs, met = "rule.preparing", well >= 1 or ordinary >= 2
    else:
        met = (counts[Tier.A] >= 1 and placed) or well >= 2
        needs = "rule.delivered" if stage is Stage.DELIVERED else "rule.strong"
    return Rule(
        stage=stage,
        needs=needs,
        met=met,
        sources=tuple((tier, counts[tier]) for tier in Tier if counts[tier]),
        origins=development.origin_count,
    )
