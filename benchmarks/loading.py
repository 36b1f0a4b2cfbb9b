"""How long a large watchlist takes to load, beside the YAML library alone.

    python -m benchmarks.loading [COMMITMENTS] [--most RATIO]

Prints one table; exit code 1 where loading takes more than RATIO times (5) what
`yaml.load(text, Loader=yaml.CSafeLoader)` takes in the same run.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from model.watchlist import load_watchlist

ROUNDS = 3


def a_large_watchlist(count: int) -> str:
    """Return a watchlist of `count` commitments, written as people write them."""
    return "schema: pledgewatch/watchlist@1\ncommitments:\n" + "".join(
        _commitment(number) for number in range(count)
    )


def _commitment(number: int) -> str:
    return f"""\
  - id: pledge-{number}
    title: {{en: Harbour fund {number}, zh-Hans: 港口基金{number}, zh-Hant: 港口基金會{number}}}
    kind: centre
    tags: [harbours]
    promisor: [Northland]
    said:
      - {{date: "2025-09-01", where: Porto, text: Ready to build number {number}.}}
    known:
      - {{date: "2025-09-01", milestone: committed, text: Announced.}}
    clauses:
      - {{id: opened, text: It opens., done_when: A named site takes its first users.}}
    due: {{date: 2027, basis: inferred}}
    aliases: [Harbour Fund Number {number}, 第{number}号港口基金, {{text: the fund, weak: true}}]
    context: [[Northland, 北国], [number {number}]]
    decoys: [{{text: Harbour Fund of {number} Towns, why: another fund}}]
"""


def fastest(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the seconds of the fastest round: the one with the least noise in it."""
    best = float("inf")
    for _ in range(rounds):
        gc.collect()
        before = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - before)
        del result
    return best


def measure(count: int) -> tuple[float, float]:
    """Return the seconds of the YAML library alone and of the whole loading."""
    text = a_large_watchlist(count)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "watchlist.yaml"
        file.write_text(text, encoding="utf-8")
        alone = fastest(lambda: yaml.load(text, Loader=yaml.CSafeLoader))
        whole = fastest(lambda: load_watchlist(file))
    return alone, whole


def main() -> int:
    """Print the table; 1 where the floor is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commitments", nargs="?", type=int, default=10_000)
    parser.add_argument("--most", type=float, default=5.0)
    chosen = parser.parse_args()
    alone, whole = measure(chosen.commitments)
    print(f"commitments       {chosen.commitments:>8}")
    print(f"yaml.load alone   {alone:8.2f} s")
    print(f"load_watchlist    {whole:8.2f} s")
    print(f"ratio             {whole / alone:8.2f}  (at most {chosen.most:g})")
    return int(whole > chosen.most * alone)


if __name__ == "__main__":
    sys.exit(main())
