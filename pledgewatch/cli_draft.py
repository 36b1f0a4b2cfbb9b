"""`pledgewatch watchlist draft`: from an announcement to entries of the watchlist."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from model.clock import SystemClock
from model.dates import first_day, is_edtf
from monitor.documents import Document, DocumentError, read_document
from monitor.draft_yaml import as_facts, as_yaml
from monitor.drafting import draft
from pledgewatch.console import Desk, err, json_option, pass_desk, print_json
from pledgewatch.drafts import fetch_document, is_address


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
    source = document if is_address(document) else None
    try:
        read = fetch_document(desk.settings, clock, source) if source else _read(document)
    except DocumentError as error:
        raise click.UsageError(f"{document}: {error}") from error
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
