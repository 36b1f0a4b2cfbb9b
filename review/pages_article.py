"""One article: its text as matched, why it counts, its revisions, and the hash of what we kept."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from model.records import ArticleId, ArticlePart, Commitment, Development, Hit
from review.asking import Ask
from review.evidence import marked, spans_of, text_of
from storage.unit_of_work import UnitOfWork, reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One pledge that the article names, with what became of it."""

    hit: Hit
    commitment: Commitment | None  # None: it has left the watchlist
    development: Development | None


def article_page(ask: Ask) -> Response:
    """Show an article as it was matched: for analysts alone, it is somebody's text."""
    number = ArticleId(ask.number("article"))
    with reading(ask.desk.database) as work:
        stored = work.articles.get(number)
        hits = work.hits.of_article(number)
        named = [_named(ask, work, hit) for hit in hits]
        revisions = work.articles.revisions(number)
        seen = work.articles.sightings(number)
        feed = work.feeds.get(stored.article.feed_id)
    article = stored.article
    spans = [span for hit in hits for span in spans_of(hit, article, ArticlePart.TITLE)]
    titles = {each.id: each.title for each in ask.watchlist.feeds}
    return ask.page(
        "article.html",
        stored=stored,
        article=article,
        title=marked(article.title, spans),
        paragraphs=text_of(article, hits),
        named=named,
        revisions=revisions,
        seen=seen,
        feed_titles=titles,
        polled=feed is not None,
    )


def _named(ask: Ask, work: UnitOfWork, hit: Hit) -> Named:
    number = hit.development_id
    return Named(
        hit=hit,
        commitment=ask.watchlist.commitment(hit.commitment_id),
        development=None if number is None else work.developments.get(number),
    )
