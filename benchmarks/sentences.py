"""How many of our own sentences are read right: per script, and per guard, setback and milestone.

tests/data/matching/sentences.jsonl holds 150 sentences, a third in each script, written before the
rules that answer them. A sentence passes where commitment, relation, milestone, setback and stage
are all as expected; one about no pledge passes where nothing is found.

    python -m benchmarks.sentences [--wrong]
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from model.watchlist import load_watchlist
from monitor.evaluation import Found, article_from_json, find
from monitor.matching import Matcher, compile_watchlist

ROOT = Path(__file__).parents[1]
HERE = ROOT / "tests" / "data" / "matching"
WATCHLISTS = {"shipped": ROOT / "watchlist.yaml", "other-fields": HERE / "other-fields.yaml"}
FIELDS = ("relation", "milestone", "setback", "stage")


def sentences() -> list[dict[str, Any]]:
    """Return the sentences with what is expected of each."""
    lines = (HERE / "sentences.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def matchers() -> dict[str, Matcher]:
    """Return what finds the pledges of each watchlist."""
    return {name: compile_watchlist(load_watchlist(path)) for name, path in WATCHLISTS.items()}


def read(row: dict[str, Any], matcher: Matcher) -> dict[str, str | None]:
    """Return what was read: the commitment, or None, and the fields of its suggestion."""
    article = article_from_json(
        {"id": row["id"], "title": row["text"], "lang": row["language"],
         "published": row["published"]}
    )  # fmt: skip
    found = {str(each.match.commitment.id): each for each in find(article, matcher)}
    if row["commitment"] is None:
        return _facts(next(iter(found.values()), None))
    return _facts(found.get(row["commitment"]))


def _facts(found: Found | None) -> dict[str, str | None]:
    if found is None:
        return dict.fromkeys(("commitment", *FIELDS))
    suggestion = found.suggestion
    values = {name: getattr(suggestion, name) for name in FIELDS}
    told = {name: str(value) if value is not None else None for name, value in values.items()}
    return {"commitment": str(found.match.commitment.id), **told}


def expected(row: dict[str, Any]) -> dict[str, str | None]:
    """Return what should be read."""
    return {name: row[name] for name in ("commitment", *FIELDS)}


def results() -> Iterator[tuple[dict[str, Any], dict[str, str | None]]]:
    """Yield each sentence with what was read."""
    by_name = matchers()
    for row in sentences():
        yield row, read(row, by_name[row["watchlist"]])


def main(arguments: list[str]) -> int:
    """Print the pass rates; with --wrong, the sentences that are read wrong."""
    right: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for row, got in results():
        good = got == expected(row)
        for key in ("all", row["language"], row["covers"]):
            whole[key] += 1
            right[key] += good
        if not good and "--wrong" in arguments:
            wrong = {name: (row[name], got[name]) for name in got if row[name] != got[name]}
            print(row["id"], row["covers"], row["text"], wrong)
    for key in whole:
        print(f"{key:24} {right[key]:4} of {whole[key]:3}  {right[key] / whole[key]:.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
