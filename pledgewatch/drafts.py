"""From a document to proposed entries: fetching it, reading it, and what comes out."""

from __future__ import annotations

import asyncio
from datetime import date

from model.clock import Clock
from model.desk import Drafted, DraftedPledge
from model.errors import FeedFault, FetchError
from model.records import Feed, FeedId, Language
from monitor.documents import Document, read_document
from monitor.draft_yaml import as_yaml, entry_yaml
from monitor.drafting import Proposal, draft
from monitor.fetching import Fetched, Fetcher
from pledgewatch.settings import Settings


def is_address(text: str) -> bool:
    """Tell whether a text is one web address and nothing else."""
    word = text.strip()
    return word.lower().startswith(("http://", "https://")) and len(word.split()) == 1


def fetch_page(settings: Settings, clock: Clock, address: str) -> Fetched:
    """Fetch a page as feeds are fetched: guarded, bounded, polite; raise FetchError."""
    return asyncio.run(_fetched(settings, clock, address.strip()))


async def _fetched(settings: Settings, clock: Clock, address: str) -> Fetched:
    feed = Feed(id=FeedId("draft"), url=address, title="draft", language=Language.UNKNOWN)
    guarded = Fetcher(clock, user_agent=settings.user_agent, allow_private=settings.allow_private)
    async with guarded as fetcher:
        answer = await fetcher.fetch(feed)
    if not isinstance(answer, Fetched):
        raise FetchError(FeedFault.EMPTY, "the server sent no body")
    return answer


def fetch_document(settings: Settings, clock: Clock, address: str) -> Document:
    """Fetch a document; raise FetchError, or DocumentError where it holds no text."""
    answer = fetch_page(settings, clock, address)
    return read_document(answer.body, answer.content_type)


def drafted(
    document: Document, source: str | None, today: date, written: date | None = None
) -> Drafted:
    """Return what a document promises."""
    proposals = draft(document.text, written=written or document.written, now=today)
    return Drafted(
        source=source,
        proposals=tuple(_pledge(each, source) for each in proposals),
        yaml=as_yaml(proposals, source),
    )


def _pledge(proposal: Proposal, source: str | None) -> DraftedPledge:
    return DraftedPledge(
        id=proposal.id,
        title=proposal.title,
        promisor=proposal.promisor,
        sentence=proposal.sentence,
        said_on=proposal.said_on,
        due=proposal.due,
        unsure=proposal.unsure,
        yaml=entry_yaml(proposal, source),
    )
