"""Quality: how often each rule was right when an analyst looked; the weakest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from model.desk import RulePrecision
from model.records import Role
from review.asking import Ask
from review.pages_watchlist import tools_of

LEFT, WIDTH = 8, 204  # of the axis from 0 to 1
FEW = 20  # decisions below which the dot is hollow
FLOOR = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule with its dot and its bar on one axis."""

    rule: RulePrecision
    dot: float | None  # None: too few decisions to say anything
    begin: float
    end: float
    hollow: bool
    weak: bool


def quality_page(ask: Ask) -> Response:
    """Show every rule with its precision, and the edit that would mend a weak one."""
    rules = tools_of(ask).precision()
    rows = [_row(each) for each in rules]
    return ask.page(
        "quality.html",
        rows=_in_order(rows),
        decided=sum(e.confirmed + e.setbacks + e.restated + e.rejected for e in rules),
        titles={each.id: each.title_in(ask.language) for each in ask.watchlist.commitments},
        feeds={each.id: each.title for each in ask.watchlist.feeds},
        may_accept=ask.visitor.may(Role.ADMIN),
        floor=round(LEFT + FLOOR * WIDTH, 1),
    )


def _in_order(rows: Sequence[RuleRow]) -> list[RuleRow]:
    """Return the weakest first, by the lower bound; those that nobody can judge last."""
    return sorted(
        rows,
        key=lambda row: (
            row.rule.relevance is None,
            row.rule.relevance.lower if row.rule.relevance else -row.rule.hits,
        ),
    )


def _row(rule: RulePrecision) -> RuleRow:
    share = rule.relevance
    if share is None:
        return RuleRow(rule=rule, dot=None, begin=0, end=0, hollow=True, weak=False)
    return RuleRow(
        rule=rule,
        dot=_x(share.value),
        begin=_x(share.lower),
        end=_x(share.upper),
        hollow=share.of < FEW,
        weak=share.value < FLOOR,
    )


def _x(value: float) -> float:
    return round(LEFT + value * WIDTH, 1)
