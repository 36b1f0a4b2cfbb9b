"""`match` and `evaluate`: the matcher on JSON lines, without a database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.progress import Progress

from model.records import Relation
from monitor.developments import Stories
from monitor.evaluation import (
    ArticleLineError,
    Evaluation,
    Evaluator,
    Ways,
    article_from_json,
    find,
    result_row,
    what_is_told,
)
from monitor.fingerprints import signature
from monitor.matching import Matcher, compile_watchlist
from monitor.measures import Count
from pledgewatch.console import (
    NO,
    Desk,
    err,
    json_option,
    out,
    pass_desk,
    print_json,
    print_table,
)

watchlist_option = click.option(
    "--watchlist",
    "watchlist_path",
    type=click.Path(path_type=Path),
    help="Another watchlist than the configured one.",
)


@click.command("match")
@click.argument("file", type=click.File("rb"), default="-")
@watchlist_option
@click.option("--developments", is_flag=True, help="Say which articles tell the same story.")
@pass_desk
def match_command(
    desk: Desk, file: BinaryIO, watchlist_path: Path | None, developments: bool
) -> None:
    """Match articles from JSON lines: one line in, one line out, no database.

    A bad line is named on standard error and skipped; the exit code is then 1.

    Example: pledgewatch match articles.jsonl > hits.jsonl
    """
    matcher = compile_watchlist(desk.watchlist(watchlist_path))
    stories = Stories() if developments else None
    bad = 0
    for number, line in numbered_lines(file):
        try:
            click.echo(json.dumps(_matched(line, matcher, stories), ensure_ascii=False))
        except ArticleLineError as error:
            bad += 1
            tell_bad_line(number, error)
    if bad:
        err.print(f"{bad} bad {'line was' if bad == 1 else 'lines were'} skipped.")
        raise SystemExit(NO)


def _matched(line: bytes, matcher: Matcher, stories: Stories | None) -> dict[str, Any]:
    article = article_from_json(parse_line(line))
    found = find(article, matcher)
    story = None
    if stories is not None:
        mark = signature(article.title, article.text)
        story = stories.add(article.entry_id, article, mark, *what_is_told(found))
    return result_row(article, found, story)


def numbered_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Return the lines that are not empty, with their numbers from 1."""
    for number, line in enumerate(file, start=1):
        if line.strip():
            yield number, line


def parse_line(line: bytes) -> Any:  # noqa: ANN401 - JSON has no type of its own
    """Return a line's JSON value; raise ArticleLineError."""
    try:
        return json.loads(line)
    except UnicodeDecodeError as error:
        raise ArticleLineError(f"this is not UTF-8 (byte {error.start})") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise ArticleLineError(f"this is no JSON: {error}") from error


def tell_bad_line(number: int, error: ArticleLineError) -> None:
    """Name a bad line on standard error."""
    err.print(f"line {number}: {error}", markup=False, style="red")


@click.command()
@click.argument("file", type=click.File("rb"))
@watchlist_option
@json_option
@click.option("--min-precision", type=float, help="Of “is this about the pledge”.")
@click.option("--min-recall", type=float, help="Of “is this about the pledge”.")
@click.option("--min-relation", type=float, help="Accuracy of the three relations.")
@click.option("--min-follow-up", type=float, help="F1 of follow-ups.")
@click.option("--min-stage", type=float, help="Accuracy of stages.")
@pass_desk
def evaluate(
    desk: Desk,
    /,
    file: BinaryIO,
    watchlist_path: Path | None,
    as_json: bool,
    **floors: float | None,
) -> None:
    """Measure the matcher on labelled JSON lines; with floors, exit 1 where one is missed.

    Example: pledgewatch evaluate labelled.jsonl --min-precision 0.9 --min-recall 0.9
    """
    watchlist = desk.watchlist(watchlist_path)
    evaluator = Evaluator(watchlist, compile_watchlist(watchlist))
    bad = 0
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("evaluating", total=None)
        for number, line in numbered_lines(file):
            progress.advance(task)
            try:
                evaluator.add(parse_line(line))
            except ArticleLineError as error:
                bad += 1
                tell_bad_line(number, error)
    result = evaluator.finish()
    missed = _missed(result, floors)
    if as_json:
        print_json({**result.facts(), "bad_lines": bad, "missed_floors": missed})
    else:
        print_evaluation(result)
        for text in missed:
            out.print(text, style="red", markup=False)
    if missed or bad:
        raise SystemExit(NO)


def _missed(result: Evaluation, floors: dict[str, float | None]) -> list[str]:
    reached = {
        "min_precision": result.about.precision,
        "min_recall": result.about.recall,
        "min_relation": result.told.accuracy,
        "min_follow_up": result.told.count(Relation.FOLLOW_UP).f1,
        "min_stage": result.told.stage_accuracy,
    }
    return [
        f"--{name.replace('_', '-')} {floor}: {_shown(got)}"
        for name, got in reached.items()
        if (floor := floors[name]) is not None and (got is None or got < floor)
    ]


def print_evaluation(result: Evaluation) -> None:
    """Print the figures as tables."""
    out.print(f"About the pledge, over (article, pledge) pairs of {result.rows} articles;")
    out.print("beside it what a plain search would score: for the titles, and for all names as")
    out.print("keywords, whatever their case:")
    rows = [("all", result.all)]
    rows += [(f"  {name}", ways) for name, ways in sorted(result.commitments.items())]
    rows += [(f"language {name}", ways) for name, ways in sorted(result.languages.items())]
    rows += [(f"text {name}", ways) for name, ways in sorted(result.kinds.items())]
    _print_ways(rows)
    out.print("\nOther languages, apart:")
    _print_counts([("about", result.other)])
    told = result.told
    out.print(
        f"\nRelation: accuracy {_shown(told.accuracy)}, macro-F1 {_shown(told.macro_f1)} "
        f"(calling everything a follow-up: {_shown(told.always_follow_up)})"
    )
    _print_counts([(each, told.count(each)) for each in Relation])
    print_table(
        ("labelled \\ found", *Relation),
        ((one, *(told.relations[one, each] for each in Relation)) for one in Relation),
        empty="",
    )
    out.print("\nRelation and stage by language and kind of text:")
    print_table(
        ("", "n", "accuracy", "macro-F1", "follow-up F1", "stage", "stages"),
        (
            (name, *(_cell(each) for each in part.facts().values()))
            for name, part in sorted(result.told_by.items())
        ),
        empty="Nothing labelled was found.",
    )
    out.print(
        f"\nStage, of follow-ups found as such: accuracy {_shown(told.stage_accuracy)}, "
        f"n {told.stages_labelled}"
    )
    print_table(
        ("labelled stage", "n", "right"),
        ((name, each.right + each.missed, each.right) for name, each in told.stages.items()),
        empty="No stage is labelled.",
    )
    out.print("\nSame story, over pairs of articles:")
    _print_counts([("stories", result.stories)])


def _print_ways(rows: list[tuple[str, Ways]]) -> None:
    print_table(
        (
            "",
            "n",
            "precision",
            "recall",
            "F1",
            "titles F1",
            "keywords P",
            "keywords R",
            "keywords F1",
        ),
        (
            (
                name,
                ways.ours.right + ways.ours.missed,
                _shown(ways.ours.precision),
                _shown(ways.ours.recall),
                _shown(ways.ours.f1),
                _shown(ways.titles.f1),
                _shown(ways.keywords.precision),
                _shown(ways.keywords.recall),
                _shown(ways.keywords.f1),
            )
            for name, ways in rows
        ),
        empty="",
    )


def _print_counts(rows: list[tuple[str, Count]] | list[tuple[Relation, Count]]) -> None:
    print_table(
        ("", "n", "precision", "recall", "F1"),
        (
            (
                name,
                count.right + count.missed,
                _shown(count.precision),
                _shown(count.recall),
                _shown(count.f1),
            )
            for name, count in rows
        ),
        empty="",
    )


def _cell(value: float | None) -> str | int:
    return value if isinstance(value, int) else _shown(value)


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
