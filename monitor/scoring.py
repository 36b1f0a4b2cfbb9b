"""How surely an article speaks of a commitment: sorts, drops nothing. Pure."""

from __future__ import annotations

from model.records import Article, ArticlePart, TermRole
from monitor.matching import CommitmentMatch

WEIGHT = {
    TermRole.ALIAS: 0.75,
    TermRole.QUERY: 0.6,
    TermRole.WEAK_ALIAS: 0.55,
    TermRole.GROUP: 0.45,
}


def score_match(article: Article, found: CommitmentMatch) -> float:
    """Return 0.0 to 1.0: the surest term, and more for title, variety and an early place."""
    best = max(WEIGHT.get(match.role, 0.3) for match in found.matches)
    in_title = any(match.part is ArticlePart.TITLE for match in found.matches)
    distinct = len({match.term for match in found.matches})
    early = any(match.start < max(200, len(article.text) // 5) for match in found.matches)
    bonus = 0.15 * in_title + 0.05 * early + 0.02 * min(distinct - 1, 3)
    return round(min(best + bonus, 1.0), 3)
