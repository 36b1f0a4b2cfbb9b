"""`pledgewatch watchlist draft`: from an announcement to entries of the watchlist."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from pathlib import Path

import click

from model.clock import SystemClock
from model.dates import first_day, is_edtf
from model.errors import FeedFault, FetchError
from model.records import Feed, FeedId, Language
from monitor.documents import Document, DocumentError, read_document
from monitor.draft_yaml import as_facts, as_yaml
from monitor.drafting import draft
from monitor.fetching import Fetched, Fetcher
from pledgewatch.console import Desk, err, json_option, pass_desk, print_json
from pledgewatch.settings import Settings


class _Day(click.ParamType[date]):
    """A day like 2026-07-16."""

    name = "day"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if not is_edtf(value) or len(value) != len("2026-07-16"):
            self.fail(f"{value!r} is no day like 2026-07-16", param, ctx)
        return first_day(value)


@click.command("draft")
@click.argument("document")
@click.option("--date", "written", type=_Day(), help="When the document is from.")
@json_option
@pass_desk
def draft_command(desk: Desk, document: str, written: date | None, as_json: bool) -> None:
    """Propose pledges from DOCUMENT: an address, a file (HTML, PDF, text), or - for standard input.

    Prints a watchlist to read and paste; what is doubtful is marked `# unsure`.

    Example: pledgewatch watchlist draft https://news.example.org/communique > draft.yaml
    """
    clock = SystemClock()
    is_address = document.startswith(("http://", "https://"))
    try:
        read = asyncio.run(_fetched(desk.settings, document)) if is_address else _read(document)
    except DocumentError as error:
        raise click.UsageError(f"{document}: {error}") from error
    source = document if is_address else None
    proposals = draft(read.text, written=written or read.written, now=clock.now().date())
    if as_json:
        print_json({"source": source, "proposals": [as_facts(each) for each in proposals]})
        return
    click.echo(as_yaml(proposals, source), nl=False)
    sure = sum(each.is_sure for each in proposals)
    err.print(f"{len(proposals)} proposed, {sure} of them without a doubt.", markup=False)


def _read(document: str) -> Document:
    if document == "-":
        return read_document(sys.stdin.buffer.read())
    try:
        return read_document(Path(document).read_bytes())
    except OSError as error:
        raise DocumentError(error.strerror or "it cannot be read") from error


async def _fetched(settings: Settings, address: str) -> Document:
    """Fetch a document as feeds are fetched: guarded, bounded, polite."""
    feed = Feed(id=FeedId("draft"), url=address, title="draft", language=Language.UNKNOWN)
    guarded = Fetcher(
        SystemClock(), user_agent=settings.user_agent, allow_private=settings.allow_private
    )
    async with guarded as fetcher:
        answer = await fetcher.fetch(feed)
    if not isinstance(answer, Fetched):
        raise FetchError(FeedFault.EMPTY, "the server sent no body")
    return read_document(answer.body, answer.content_type)
