"""`watchlist backtest` and `precision`: what an edit would find, and how good each rule is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from model.desk import Backtest, CommitmentBacktest, Finding, HitChange, Progress, RulePrecision
from model.errors import MissingRecordError
from model.precision import FEWEST_PROPOSED, FEWEST_SHOWN
from model.records import Watchlist
from pledgewatch.cli_review import actor_of, name_option
from pledgewatch.cli_versions import is_number, read_path, version_text, watchlist_desk
from pledgewatch.console import (
    Desk,
    err,
    json_option,
    out,
    pass_desk,
    print_json,
    print_table,
    shown,
)
from pledgewatch.watchlist_desk import PROPOSAL_DAYS, FileWatchlistDesk, readable_version

QUOTES = 3  # matched words shown of a hit


@contextmanager
def _bar(what: str, *, quiet: bool) -> Iterator[Progress]:
    """Show a progress bar on a terminal; nothing elsewhere."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(
        *columns, console=err, transient=True, disable=quiet or not err.is_terminal
    ) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@click.command("backtest")
@click.argument("new", required=False, metavar="[NEW]")
@click.option("--days", type=click.IntRange(1), help="Only articles of the last N days.")
@click.option(
    "--samples", default=5, show_default=True, type=click.IntRange(0), help="Hits shown of a kind."
)
@json_option
@pass_desk
def backtest_command(
    desk: Desk, new: str | None, days: int | None, samples: int, as_json: bool
) -> None:
    """Replay the stored articles under a changed watchlist: hits gained, lost, read otherwise.

    NEW is a file, a folder, or the number of a version; without it the file as it is now is held
    against the version accepted last. Nothing is stored or sent.

    Example: pledgewatch watchlist backtest draft.yaml --days 90
    """
    with watchlist_desk(desk) as tools, _bar("replaying", quiet=as_json) as told:
        result = tools.backtest_of(_watchlist(desk, new), told, days=days)
    if as_json:
        print_json(backtest_facts(result))
    else:
        print_backtest(result, samples)


def _watchlist(desk: Desk, new: str | None) -> Watchlist:
    if new is not None and is_number(new):
        return readable_version(version_text(desk, int(new)), desk.settings)
    return read_path(desk, desk.settings.watchlist if new is None else Path(new))


# --- as JSON ------------------------------------------------------------------------------


def backtest_facts(result: Backtest) -> dict[str, object]:
    """Return a backtest as plain values, every hit in it."""
    return {
        "version_before": result.version_before,
        "version_after": result.version_after,
        "articles": result.articles,
        "since": result.since,
        "weeks": round(result.weeks, 2),
        "seconds": result.seconds,
        "gained": sum(len(each.gained) for each in result.commitments),
        "lost": sum(len(each.lost) for each in result.commitments),
        "lost_confirmed": len(result.lost_confirmed),
        "changed": sum(len(each.changed) for each in result.commitments),
        "commitments": [_commitment_facts(each) for each in result.commitments],
    }


def _commitment_facts(each: CommitmentBacktest) -> dict[str, object]:
    return {
        "commitment": each.commitment_id,
        "title": each.title,
        "change": each.kind,
        "hits_before": each.hits_before,
        "hits_after": each.hits_after,
        "kept": each.kept,
        "alerts_a_week_before": each.alerts_a_week_before,
        "alerts_a_week_after": each.alerts_a_week_after,
        "gained": [_hit_facts(hit) for hit in each.gained],
        "lost": [_hit_facts(hit) for hit in each.lost],
        "changed": [_hit_facts(hit) for hit in each.changed],
    }


def _hit_facts(hit: HitChange) -> dict[str, object]:
    return {
        "article": hit.article_id,
        "url": hit.url,
        "title": hit.title,
        "feed": hit.feed_id,
        "published": hit.published_at,
        "fetched": hit.fetched_at,
        "development": None if hit.development_id is None else f"F{hit.development_id}",
        "outcome": hit.outcome,
        "confirmed": hit.was_confirmed,
        "by_this_edit": hit.by_this_edit,
        "before": _finding_facts(hit.before),
        "after": _finding_facts(hit.after),
    }


def _finding_facts(finding: Finding | None) -> dict[str, object] | None:
    return None if finding is None else dataclasses.asdict(finding)


# --- for a person -------------------------------------------------------------------------


def print_backtest(result: Backtest, samples: int) -> None:
    """Print a backtest: what would be lost although it was confirmed comes first, in red."""
    for hit in result.lost_confirmed:
        _print_hit(hit, f"lost, was {hit.outcome}", "red")
    for each in result.commitments:
        _print_commitment(each, samples)
    since = f" since {result.since:%Y-%m-%d}" if result.since else ""
    out.print(
        f"{result.articles} articles{since}, {len(result.commitments)} commitments affected, "
        f"{result.seconds:.1f} s. Nothing was stored; what was found before stays in the history."
    )
    lost = len(result.lost_confirmed)
    if lost:
        out.print(f"{lost} confirmed {'hit' if lost == 1 else 'hits'} would be lost.", style="red")


def _print_commitment(each: CommitmentBacktest, samples: int) -> None:
    out.print(
        shown(f"{each.commitment_id} ({each.kind}): {each.title}"), style="bold", markup=False
    )
    out.print(
        f"  hits {each.hits_before} → {each.hits_after}: {len(each.gained)} gained, "
        f"{len(each.lost)} lost, {len(each.changed)} read otherwise; alerts a week "
        f"{each.alerts_a_week_before:g} → {each.alerts_a_week_after:g}"
    )
    others = [hit for hit in each.lost if not hit.was_confirmed]
    for hits, word, style in (
        (others, "lost", "yellow"),
        (each.gained, "gained", "green"),
        (each.changed, "read otherwise", "cyan"),
    ):
        for hit in hits[:samples]:
            _print_hit(hit, word, style)
        if len(hits) > samples:
            out.print(f"  … and {len(hits) - samples} more {word} (--json has all)", markup=False)


def _print_hit(hit: HitChange, word: str, style: str) -> None:
    moment = hit.published_at or hit.fetched_at
    relations = [each.relation for each in (hit.before, hit.after) if each is not None]
    told = hit.after or hit.before
    quotes = " ".join(f"“{each}”" for each in (told.quotes if told else ())[:QUOTES])
    note = "" if hit.by_this_edit else " (not by this edit)"
    out.print(
        shown(
            f"  {word}{note}: {moment:%Y-%m-%d} {hit.title} [{' → '.join(relations)}] "
            f"{quotes} {hit.url}"
        ),
        style=style,
        markup=False,
    )


# --- precision ----------------------------------------------------------------------------


@click.command("precision")
@click.option(
    "--backtest/--no-backtest",
    "tried",
    default=True,
    help=f"Try each proposed edit on the last {PROPOSAL_DAYS} days.",
)
@click.option("--accept", "rule_id", metavar="RULE", help="Make the edit proposed for this rule.")
@name_option
@json_option
@pass_desk
def precision_command(
    desk: Desk, tried: bool, rule_id: str | None, name: str | None, as_json: bool
) -> None:
    """Show how often each name, group, query and feed was right, by the analysts' decisions.

    Shares are shown from ten decisions, with the lower end of the 95 % interval. What is right in
    less than half of twenty or more gets a proposed edit, and what it would lose.

    Example: pledgewatch watchlist precision --json
    """
    with watchlist_desk(desk) as tools:
        rules = tools.precision()
        if rule_id is not None:
            _accept(tools, rules, rule_id, actor_of(name))
            return
        tests: dict[str, Backtest] = {}
        for each in rules if tried else ():
            if each.proposed is not None:
                with _bar(f"trying {each.rule_id}", quiet=as_json) as told:
                    tests[each.rule_id] = tools.backtest_proposed(each, told)
    if as_json:
        print_json([_rule_facts(each, tests.get(each.rule_id)) for each in rules])
    else:
        _print_rules(rules, tests)


def _accept(
    tools: FileWatchlistDesk, rules: Sequence[RulePrecision], rule_id: str, actor: str
) -> None:
    proposed = next((each.proposed for each in rules if each.rule_id == rule_id), None)
    if proposed is None:
        raise MissingRecordError(f"No edit is proposed for {rule_id}")
    edited = tools.edited(*proposed.edits)
    number = tools.accept(edited.text, actor, based_on=edited.revision, file=edited.file)
    for line in proposed.lines:
        out.print(shown(line), markup=False)
    out.print(f"Version {number} is in use.", markup=False)


def _rule_facts(rule: RulePrecision, test: Backtest | None) -> dict[str, object]:
    facts = dataclasses.asdict(rule)
    if rule.proposed is not None:
        facts["proposed"]["backtest"] = None if test is None else backtest_facts(test)
    return facts


def _print_rules(rules: Sequence[RulePrecision], tests: dict[str, Backtest]) -> None:
    print_table(
        ("rule", "pledge", "words", "hits", "y+e", "b", "s", "x", "relevance", "95 % from", "news"),
        (
            (
                each.rule_id,
                each.commitment_id,
                f"{each.text}{'' if each.strength == 'strong' else f' ({each.strength})'}",
                each.hits,
                each.confirmed,
                each.setbacks,
                each.restated,
                each.rejected,
                f"{each.relevance.value:.2f} of {each.relevance.of}" if each.relevance else None,
                f"{each.relevance.lower:.2f}" if each.relevance else None,
                f"{each.news.value:.2f}" if each.news else None,
            )
            for each in rules
        ),
        empty="Nothing was found yet.",
    )
    for each in rules:
        if each.proposed is not None:
            _print_proposal(each, tests.get(each.rule_id))
    out.print(
        f"Shares from {FEWEST_SHOWN} decided developments on, edits proposed from "
        f"{FEWEST_PROPOSED}; Wilson's interval. Recall cannot be seen here."
    )


def _print_proposal(rule: RulePrecision, test: Backtest | None) -> None:
    assert rule.proposed is not None
    out.print(shown(f"\nProposed for {rule.rule_id}: {rule.proposed.why}").strip(), markup=False)
    for line in rule.proposed.lines:
        out.print(shown(f"  {line}"), style="cyan", markup=False)
    if test is not None:
        gained, lost = (
            sum(len(getattr(each, name)) for each in test.commitments)
            for name in ("gained", "lost")
        )
        out.print(
            f"  In the last {PROPOSAL_DAYS} days: {gained} gained, {lost} lost, "
            f"{len(test.lost_confirmed)} of them confirmed."
        )
        for hit in test.lost_confirmed:
            _print_hit(hit, f"lost, was {hit.outcome}", "red")
