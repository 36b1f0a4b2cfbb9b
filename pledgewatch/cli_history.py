"""`history`, `explain` and `outbox`: what was found, what became of it, what waits."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import click

from model.clock import SystemClock
from model.records import (
    Delivery,
    DeliveryId,
    DeliveryState,
    HitId,
    Language,
    Outcome,
    Relation,
)
from pledgewatch.console import (
    NO,
    Desk,
    json_option,
    out,
    pass_desk,
    print_json,
    print_table,
    words,
)
from pledgewatch.maintenance import index_for
from review.tabular import safe_cell
from storage.history import UNREVIEWED, HistoryRow, Search
from storage.search_index import Searched
from storage.search_words import read_query
from storage.unit_of_work import begin, reading

ATOM = "http://www.w3.org/2005/Atom"
INDEX_PATIENCE = timedelta(seconds=10)  # for what was stored since the index was last brought up
DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.option("--commitment", metavar="ID")
@click.option("--since", type=DAY, help="First day (UTC).")
@click.option("--until", type=DAY, help="Last day (UTC).")
@click.option("--relation", type=words(Relation))
@click.option("--review", type=words([UNREVIEWED, *Outcome]))
@click.option("--language", type=words(Language))
@click.option("--source", metavar="FEED", help="Only what this feed brought.")
@click.option(
    "--search",
    "text",
    metavar="TEXT",
    help='Words of either script, and "phrases" in quotes; all of them are wanted.',
)
@click.option("--after", metavar="HIT", type=int, help="Go on behind this hit (`hit_id`).")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "json", "csv", "atom"]),
    default="table",
    show_default=True,
)
@json_option
@pass_desk
def history(
    desk: Desk,
    /,
    shape: str,
    as_json: bool,
    limit: int,
    after: int | None,
    **wanted: Any,  # noqa: ANN401
) -> None:
    """Show the match history, newest first.

    Example: pledgewatch history --search '上海 "cooperation organization"' --format csv
    """
    search = _search(wanted)
    database = desk.database()
    if search.text is not None:
        _say_how_it_is_searched(search.text, index_for(database, INDEX_PATIENCE))
    with reading(database) as work:
        found = work.history.search(search, limit, None if after is None else HitId(after))
    if as_json or shape == "json":
        print_json([facts(row) for row in found])
    elif shape == "csv":
        click.echo(as_csv(found), nl=False)
    elif shape == "atom":
        click.echo(as_atom(found, SystemClock().now()))
    else:
        print_history(found)


def _search(wanted: dict[str, Any]) -> Search:
    """Read what the options ask for."""
    until: datetime | None = wanted["until"]
    since: datetime | None = wanted["since"]
    return Search(
        commitment_id=wanted["commitment"],
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC) + timedelta(days=1),
        relation=wanted["relation"] and Relation(wanted["relation"]),
        review=wanted["review"],
        language=wanted["language"],
        feed_id=wanted["source"],
        text=wanted["text"],
    )


def _say_how_it_is_searched(text: str, searched: Searched) -> None:
    """Say, beside the answer, how the words were read and how far the search looked."""
    read = " and ".join(f"“{term.shown}”" for term in read_query(text).terms)
    waiting = f"; {searched.waiting:,} more wait to be indexed" if searched.waiting else ""
    click.echo(
        f"Read as: {read or 'no word at all'}. Searched {searched.articles:,} articles{waiting}.",
        err=True,
    )


def print_history(found: Sequence[HistoryRow]) -> None:
    """Print rows of the history as a table."""
    print_table(
        ("", "pledge", "relation", "stage", "source", "title", "review"),
        (
            (
                f"F{row.development.id}",
                row.report.hit.commitment_id,
                row.report.hit.suggestion.relation,
                row.report.hit.suggestion.stage or row.report.hit.suggestion.setback,
                row.report.article.outlet or row.report.feed_title,
                row.report.article.title,
                row.development.outcome or UNREVIEWED,
            )
            for row in found
        ),
        empty="Nothing found. `pledgewatch poll` asks the feeds now; fewer options find more.",
    )


def facts(row: HistoryRow) -> dict[str, object]:
    """Return one row of the history as plain values."""
    hit, article = row.report.hit, row.report.article
    return {
        "followup_id": f"F{row.development.id}",
        "hit_id": hit.id,
        "commitment_id": hit.commitment_id,
        "relation": hit.suggestion.relation,
        "milestone": hit.suggestion.milestone,
        "setback": hit.suggestion.setback,
        "stage": hit.suggestion.stage,
        "review": row.development.outcome or UNREVIEWED,
        "score": round(hit.score, 3),
        "title": article.title,
        "in_language": article.language,
        "publisher": article.outlet or row.report.feed_title,
        "source_tier": row.report.tier,
        "date_published": _iso(article.published_at),
        "found_at": _iso(hit.found_at),
        "url": article.url,
        "quotes": " … ".join(match.quote for match in hit.matches[:5]),
        "why": hit.suggestion.why,
    }


def as_csv(rows: Sequence[HistoryRow]) -> str:
    """Return rows as CSV (RFC 4180); cells that a spreadsheet would run are made safe."""
    text = io.StringIO()
    writer = csv.writer(text)
    table = [facts(row) for row in rows]
    writer.writerow(table[0] if table else ["followup_id"])
    for row in table:
        writer.writerow([safe_cell(value) for value in row.values()])
    return text.getvalue()


def as_atom(rows: Sequence[HistoryRow], now: datetime) -> str:
    """Return rows as an Atom feed (RFC 4287)."""
    feed = ElementTree.Element("feed", xmlns=ATOM)
    _add(feed, "id", "tag:pledgewatch,2026:history")
    _add(feed, "title", "Pledgewatch history")
    _add(feed, "updated", _iso(max((row.report.hit.found_at for row in rows), default=now)))
    for row in rows:
        _add_entry(feed, row)
    return ElementTree.tostring(feed, encoding="unicode", xml_declaration=True)


def _add_entry(feed: ElementTree.Element, row: HistoryRow) -> None:
    hit, article = row.report.hit, row.report.article
    entry = ElementTree.SubElement(feed, "entry")
    _add(entry, "id", f"tag:pledgewatch,2026:hit:{hit.id}")
    _add(entry, "title", article.title or article.url)
    _add(entry, "updated", _iso(hit.found_at))
    if article.published_at is not None:
        _add(entry, "published", _iso(article.published_at))
    author = ElementTree.SubElement(entry, "author")
    _add(author, "name", article.outlet or row.report.feed_title)
    _add(entry, "summary", hit.suggestion.why)
    ElementTree.SubElement(entry, "category", term=hit.commitment_id)
    ElementTree.SubElement(entry, "category", term=hit.suggestion.relation)
    ElementTree.SubElement(entry, "link", rel="via", href=article.url)


def _add(parent: ElementTree.Element, name: str, text: str | None) -> None:
    """Add an element; characters that XML 1.0 cannot hold are left out."""
    kept = "".join(each for each in text or "" if each in "\t\n" or each >= " ")
    ElementTree.SubElement(parent, name).text = kept.translate({0xFFFE: None, 0xFFFF: None})


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@click.command()
@click.argument("url")
@json_option
@pass_desk
def explain(desk: Desk, url: str, as_json: bool) -> None:
    """Say what happened to the article at URL, step by step.

    Example: pledgewatch explain https://news.example.org/1
    """
    from pledgewatch.explaining import explain_url

    story = explain_url(desk.database(), desk.watchlist(), url)
    if as_json:
        print_json(story)
    else:
        for step in story["steps"]:
            out.print(f"{step['at'] or '':17} {step['what']}", markup=False)
    if not story["seen"]:
        raise SystemExit(NO)


@click.group()
def outbox() -> None:
    """Alerts that wait or failed."""


@outbox.command("list")
@json_option
@pass_desk
def outbox_list(desk: Desk, as_json: bool) -> None:
    """List the deliveries that wait or failed.

    Example: pledgewatch outbox list
    """
    with reading(desk.database()) as work:
        waiting = work.outbox.waiting()
        rows = work.deliveries.listed([DeliveryState.PENDING, DeliveryState.FAILED])
        alerts = {row.alert_id: work.outbox.get(row.alert_id) for row in rows}
    if as_json:
        print_json({"unrouted": waiting, "deliveries": [_delivery_facts(row) for row in rows]})
        return
    print_table(
        ("id", "pledge", "reason", "chat", "state", "due", "tries", "last error"),
        (
            (
                row.id,
                alerts[row.alert_id].commitment_id,
                alerts[row.alert_id].reason,
                row.chat_id or "terminal",
                row.state,
                row.due_at,
                row.attempts,
                row.last_error,
            )
            for row in rows
        ),
        empty="Nothing waits and nothing failed.",
    )
    if waiting:
        out.print(f"{waiting} more wait to be routed: `pledgewatch run` does it.")


def _delivery_facts(row: Delivery) -> dict[str, object]:
    return {
        "id": row.id,
        "alert_id": row.alert_id,
        "chat_id": row.chat_id,
        "state": row.state,
        "mode": row.mode,
        "due_at": row.due_at,
        "attempts": row.attempts,
        "last_error": row.last_error,
    }


@outbox.command("retry")
@click.argument("ids", nargs=-1, type=int)
@pass_desk
def outbox_retry(desk: Desk, ids: tuple[int, ...]) -> None:
    """Send failed deliveries again: these, or all of them.

    Example: pledgewatch outbox retry 17 18
    """
    with begin(desk.database()) as work:
        chosen = [DeliveryId(each) for each in ids] or None
        count = work.deliveries.retry(chosen, SystemClock().now())
        work.commit()
    out.print(f"{count} will be sent again by `pledgewatch run`.")
    if ids and count < len(ids):
        raise SystemExit(NO)
