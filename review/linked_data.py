"""One pledge as linked data: schema.org's Action in JSON-LD. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from model.ledger import Verdict
from model.records import Commitment, Outcome
from model.standing import Standing
from review.exports import action_status
from review.extract import Told
from review.tabular import iso

RATINGS = {  # of a verdict, for ClaimReview: 1 the worst, 5 the best
    Verdict.DELIVERED: 5,
    Verdict.DELIVERED_LATE: 4,
    Verdict.DELIVERED_IN_PART: 3,
    Verdict.REPLACED: 3,
    Verdict.WITHDRAWN: 1,
    Verdict.THWARTED: 1,
    Verdict.NOT_DELIVERED: 1,
}
NEWS = frozenset({Outcome.CONFIRMED, Outcome.SETBACK})


def linked_data(
    commitment: Commitment, stands: Standing, told: Sequence[Told], site: str
) -> dict[str, object]:
    """Return a pledge as an Action, with the articles it rests on; only confirmed ones."""
    address = f"{site}/pledges/{commitment.id}"
    first = min((each.date for each in commitment.said), default=None)
    document: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Action",
        "@id": address,
        "name": commitment.title,
        "actionStatus": f"https://schema.org/{action_status(stands)}",
        "agent": [{"@type": "Organization", "name": name} for name in commitment.promisor],
        "participant": [
            {"@type": "Organization", "name": name} for name in commitment.counterparties
        ],
        "object": {"@type": "Thing", "name": commitment.title, "identifier": commitment.id},
        "startTime": first,
        "endTime": _ended(stands),
        "subjectOf": [
            *(_article(each) for each in told if each.outcome in NEWS and each.lead is not None),
            *_review(commitment, stands, address),
        ],
    }
    return {name: value for name, value in document.items() if value not in (None, [])}


def _ended(stands: Standing) -> str | None:
    """Return when it was done, as far as confirmed."""
    done = action_status(stands) == "CompletedActionStatus"
    return stands.last_milestone_date if done else None


def _article(told: Told) -> dict[str, object]:
    lead = told.lead
    assert lead is not None
    article = lead.article
    found: dict[str, object] = {
        "@type": "NewsArticle",
        "identifier": f"F{told.development.id}",
        "headline": article.title,
        "inLanguage": article.language,
        "publisher": {"@type": "Organization", "name": article.outlet or lead.feed_title},
    }
    if urlsplit(article.url).scheme in {"http", "https"}:
        found["url"] = article.url
    if article.published_at is not None:
        found["datePublished"] = iso(article.published_at)
    return found


def _review(commitment: Commitment, stands: Standing, address: str) -> list[dict[str, object]]:
    """Return a review of the claim; only where somebody gave a verdict."""
    if stands.verdict not in RATINGS:
        return []
    said = commitment.said[0].text if commitment.said else None
    return [
        {
            "@type": "ClaimReview",
            "url": address,
            "claimReviewed": said or commitment.title,
            "reviewRating": {
                "@type": "Rating",
                "ratingValue": RATINGS[stands.verdict],
                "bestRating": 5,
                "worstRating": 1,
                "alternateName": stands.verdict,
            },
        }
    ]
