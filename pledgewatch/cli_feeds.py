"""`feeds`, `poll` and `ingest`: the sources, asking them, and history from files."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from model.clock import SystemClock
from model.errors import MissingRecordError, advice_on
from model.feed_health import FeedReport, LanguageReport, by_language
from model.records import Feed, FeedHealth, FeedId, FeedState, Language, Watchlist
from monitor.storing import PollOutcome, PollResult
from pledgewatch.asking import ingest_files, poll_feeds
from pledgewatch.console import (
    NO,
    OUTSIDE,
    Desk,
    err,
    json_option,
    out,
    pass_desk,
    print_json,
    print_table,
    shown,
)
from pledgewatch.sources import check_feeds
from storage.feed_reports import feed_reports
from storage.unit_of_work import reading


@click.group("feeds")
def feed_commands() -> None:
    """The sources that are polled."""


@feed_commands.command("list")
@click.option("--languages", is_flag=True, help="Show what the feeds of each language come to.")
@json_option
@pass_desk
def feeds_list(desk: Desk, languages: bool, as_json: bool) -> None:
    """Show how each feed stands, the worst first, and what those of a language come to.

    Example: pledgewatch feeds list
    """
    watchlist = desk.watchlist()
    with reading(desk.database()) as work:
        states = {state.feed_id: state for state in work.feeds.all()}
        reports = feed_reports(work, watchlist.feeds, SystemClock().now())
    if languages and as_json:
        print_json([dataclasses.asdict(each) for each in by_language(reports)])
        return
    worst_first = sorted(reports, key=lambda report: (_rank(report), report.feed.id))
    if as_json:
        print_json([feed_facts(report, states.get(report.feed.id)) for report in worst_first])
        return
    if not languages:
        print_table(
            ("feed", "state", "last answer", "last news", "healthy", "a day", "what is wrong"),
            (_row(report) for report in worst_first),
            empty="The watchlist has no feeds.",
        )
    for each in by_language(reports):
        out.print(_language_line(each), markup=False)


def _rank(report: FeedReport) -> int:
    worst_first = (FeedHealth.GONE, FeedHealth.FAILING, FeedHealth.WARNING, FeedHealth.NEW)
    return worst_first.index(report.state) if report.state in worst_first else len(worst_first)


def _row(report: FeedReport) -> tuple[object, ...]:
    wrong = None if report.fault is None else f"{report.fault}: {report.answer}. {report.advice}"
    usual = report.usual_volume
    return (
        report.feed.id,
        _state_word(report),
        report.last_success_at,
        report.last_entry_at,
        None if report.share_healthy is None else f"{report.share_healthy:.0%}",
        None if usual is None else f"{usual:.3g}",
        wrong,
    )


def _state_word(report: FeedReport) -> str:
    if report.feed.paused:
        return "paused"
    return "never polled" if report.state is FeedHealth.NEW else str(report.state)


def _language_line(report: LanguageReport) -> str:
    words = [f"{report.language}: {report.healthy} of {report.feeds} feeds healthy"]
    if report.last_success_at is not None:
        words.append(f"last answer {shown(report.last_success_at)}")
    if report.share_healthy is not None:
        words.append(f"{report.share_healthy:.0%} of the last 30 days observed")
    if report.usual_volume is not None:
        words.append(f"usually {report.usual_volume:.3g} articles a day")
    if report.silent:
        words.append(f"{report.silent} silent for longer than ever")
    return ", ".join(words) + "."


def feed_facts(report: FeedReport, state: FeedState | None) -> dict[str, object]:
    """Return how one feed stands as plain values."""
    feed, gap = report.feed, report.gap
    facts: dict[str, object] = {
        "id": feed.id,
        "title": feed.title,
        "language": feed.language,
        "tier": feed.tier,
        "paused": feed.paused,
    }
    if state is None:
        return facts | {"state": FeedHealth.NEW}
    return facts | {
        "state": report.state,
        "fault": report.fault,
        "error": report.answer if report.fault else None,
        "answer": report.answer,
        "advice": report.advice,
        "share_healthy": report.share_healthy,
        "usual_volume": report.usual_volume,
        "gap_hours": None if gap is None else round(gap / timedelta(hours=1), 1),
        "failures": state.consecutive_failures,
        "last_polled_at": state.last_polled_at,
        "last_success_at": state.last_success_at,
        "last_entry_at": state.last_entry_at,
        "next_poll_at": state.next_poll_at,
    }


@feed_commands.command("check")
@click.argument("url", required=False)
@json_option
@pass_desk
def feeds_check(desk: Desk, url: str | None, as_json: bool) -> None:
    """Fetch and read URL, or every feed of the watchlist; store nothing.

    Example: pledgewatch feeds check https://news.example.org/rss
    """
    if url is None:
        feeds: Sequence[Feed] = desk.watchlist().feeds
    else:
        feeds = [Feed(id=FeedId(url), url=url, title=url, language=Language.UNKNOWN)]
    with _Bar(len(feeds), "checking", quiet=as_json) as bar:
        results = asyncio.run(check_feeds(desk.settings, feeds, SystemClock(), bar.tell))
    _print_results(results, as_json=as_json, counted="entries")
    if any(result.fault for result in results):
        raise SystemExit(NO)


@click.command()
@click.argument("feeds", nargs=-1)
@json_option
@pass_desk
def poll(desk: Desk, feeds: tuple[str, ...], as_json: bool) -> None:
    """Poll all feeds now, or these; alerts wait in the outbox.

    While `pledgewatch run` is up it is asked to poll, so that nobody polls twice.

    Example: pledgewatch poll bbc-world un-news-en
    """
    watchlist = desk.watchlist()
    wanted = wanted_feeds(watchlist, feeds)
    with _Bar(len(wanted), "polling", quiet=as_json) as bar:
        results = asyncio.run(poll_feeds(desk.settings, wanted, SystemClock(), bar.tell))
    _print_results(results, as_json=as_json, counted="new")
    failed = [result for result in results if result.outcome is PollOutcome.FAILED]
    if results and len(failed) == len(results):
        raise SystemExit(OUTSIDE)


def wanted_feeds(watchlist: Watchlist, names: Sequence[str]) -> list[Feed]:
    """Return these feeds, or all that are not paused; raise MissingRecordError."""
    if not names:
        return [feed for feed in watchlist.feeds if not feed.paused]
    known = {feed.id: feed for feed in watchlist.feeds}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise MissingRecordError(f"There is no feed {', '.join(unknown)}; `feeds list` names them")
    return [known[FeedId(name)] for name in names]


def _print_results(results: Sequence[PollResult], *, as_json: bool, counted: str) -> None:
    if as_json:
        print_json([_result_facts(result) for result in results])
        return
    print_table(
        ("feed", "outcome", counted, "hits", "follow-ups", "what is wrong"),
        (
            (
                result.feed_id,
                result.outcome,
                result.entries if counted == "entries" else result.new_articles,
                result.hits,
                result.follow_ups,
                _wrong(result),
            )
            for result in sorted(results, key=lambda each: (each.fault is None, each.feed_id))
        ),
        empty="The watchlist has no feeds.",
    )
    new = sum(result.new_articles for result in results)
    hits = sum(result.hits for result in results)
    failed = sum(result.outcome is PollOutcome.FAILED for result in results)
    out.print(f"{len(results)} feeds: {new} new articles, {hits} hits, {failed} failed.")


def _wrong(result: PollResult) -> str | None:
    if result.fault is None:
        return None
    return f"{result.fault}: {result.error}. {advice_on(result.fault)}"


def _result_facts(result: PollResult) -> dict[str, object]:
    return {
        "feed": result.feed_id,
        "outcome": result.outcome,
        "entries": result.entries,
        "new_articles": result.new_articles,
        "hits": result.hits,
        "follow_ups": result.follow_ups,
        "fault": result.fault,
        "error": result.error,
        "advice": advice_on(result.fault),
    }


class _Bar:
    """A progress bar on a terminal; nothing elsewhere."""

    def __init__(self, total: int, what: str, *, quiet: bool = False) -> None:
        self._progress = Progress(
            TextColumn(what),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[last]}"),
            console=err,
            transient=True,
            disable=quiet or not err.is_terminal,
        )
        self._task = self._progress.add_task(what, total=total, last="")

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def tell(self, result: PollResult) -> None:
        """Move on by one feed."""
        self._progress.update(self._task, advance=1, last=str(result.feed_id)[:40])


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--feed", "feed_id", metavar="ID", help="The feed these files belong to.")
@click.option("--alert", is_flag=True, help="Tell subscribers of what is found.")
@pass_desk
def ingest(desk: Desk, files: tuple[Path, ...], feed_id: str | None, alert: bool) -> None:
    """Put saved feed files, or JSON lines of articles, into the history.

    Tells nobody unless --alert is given.

    Example: pledgewatch ingest saved/*.xml articles.jsonl
    """
    watchlist = desk.watchlist()
    if feed_id is not None:
        wanted_feeds(watchlist, [feed_id])
    results = ingest_files(desk.database(), watchlist, files, feed_id, SystemClock(), tell=alert)
    bad = False
    for result in results:
        for problem in result.problems:
            err.print(f"{result.file}: {problem}", style="red", markup=False)
            bad = True
        out.print(
            f"{result.file}: {result.articles} articles, {result.new} new, {result.hits} hits.",
            markup=False,
        )
    if bad:
        raise SystemExit(NO)
