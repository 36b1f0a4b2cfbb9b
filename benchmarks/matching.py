"""How right and how fast the matcher is on a made-up load of many terms, beside plainer ways.

Articles of about 3.1 kB, half of them English, half Chinese (`benchmarks/made_up.py`); half of them
hold what a commitment asks for, half what only looks like it. Every size runs in a process of its
own, all ways on the same articles. Prints CPU time an article, how many times faster than the plain
loop `[term for term in terms if term in text]` (text lowered once), precision and recall over
(article, commitment) pairs, whether every place is exact, CPU seconds to compile, memory of the
compiled watchlist; the same for a plain Aho-Corasick automaton; and the goals.

    python -m benchmarks.matching
    python -m benchmarks.matching --sizes 1000 10000 --articles 100
"""

from __future__ import annotations

import argparse
import gc
import math
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TypeVar

import ahocorasick

from benchmarks.made_up import Found, Load, Maker, Words
from model.records import Article
from monitor.matching import Matcher, compile_watchlist

SIZES = (10, 100, 1_000, 10_000, 100_000)
TIMES_NAIVE = {1_000: (20, 40), 10_000: (150, 300), 100_000: (1_000, 2_500)}  # goal, stretch
MOST_GROWTH, MOST_RELOAD, MOST_MEMORY = 0.25, 1.0, 60.0
PAGE = 4096
T = TypeVar("T")
Pairs = set[tuple[int, str]]  # an article's number and a commitment


class Row(NamedTuple):
    """What came out for one way and one size."""

    way: str
    size: int
    seconds: float  # an article
    naive: float
    precision: float
    recall: float
    exact: bool
    compiled: float
    megabytes: float


def found_in(matcher: Matcher, article: Article) -> Found:
    return {
        (str(each.commitment.id), match.term, match.part.value, match.start, match.end)
        for each in matcher.find(article)
        for match in each.matches
    }


def plain_text(article: Article) -> str:
    return f"{article.title}\n{article.text}".lower()


def naive(terms: list[str], article: Article) -> list[str]:
    text = plain_text(article)
    return [term for term in terms if term in text]


def measure(size: int, articles: int, seed: int) -> list[Row]:
    load = Maker(Words(seed), size).load(articles)
    few = load.articles[: max(4, min(articles, 1_000_000 // size))]
    loop = best(lambda: [naive(load.terms, each) for each in few], 3) / len(few)
    return [_ours(load, size, loop), _aho_corasick(load, size, loop)]


def _ours(load: Load, size: int, loop: float) -> Row:
    compile_watchlist(Maker(Words(0), 10).load(0).watchlist)  # tables that are made once
    matcher, compiled, megabytes = made(lambda: compile_watchlist(load.watchlist))
    found = [found_in(matcher, each) for each in load.articles]
    seconds = best(lambda: [matcher.find(each) for each in load.articles])
    right = _shares(_pairs(found), _pairs(load.truth))
    exact = found == load.truth
    return Row("ours", size, seconds / len(load.articles), loop, *right, exact, compiled, megabytes)


def _aho_corasick(load: Load, size: int, loop: float) -> Row:
    owners: dict[str, str] = {}
    for each in load.watchlist.commitments:
        for term in load.phrases[str(each.id)]:
            owners.setdefault(term, str(each.id))

    def automaton() -> ahocorasick.Automaton:
        found = ahocorasick.Automaton()
        for term in owners:
            found.add_word(term, term)
        found.make_automaton()
        return found

    built, compiled, megabytes = made(automaton)
    pairs = {
        (number, owners[term])
        for number, article in enumerate(load.articles)
        for _, term in built.iter(plain_text(article))
    }
    seconds = best(lambda: [list(built.iter(plain_text(each))) for each in load.articles])
    right = _shares(pairs, _pairs(load.truth))
    return Row("aho", size, seconds / len(load.articles), loop, *right, False, compiled, megabytes)


def _pairs(found: Iterable[Found]) -> Pairs:
    return {(number, each[0]) for number, every in enumerate(found) for each in every}


def _shares(found: Pairs, truth: Pairs) -> tuple[float, float]:
    right = len(found & truth)
    return right / max(len(found), 1), right / max(len(truth), 1)


def made(work: Callable[[], T]) -> tuple[T, float, float]:
    """Return what is made, the CPU seconds and the megabytes it takes."""
    gc.collect()
    before, started = resident(), time.process_time()
    thing = work()
    seconds = time.process_time() - started
    gc.collect()
    return thing, seconds, (resident() - before) / 1e6


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def best(work: Callable[[], object], times: int = 15) -> float:
    """Return the least CPU time: what else the machine does is not counted."""
    taken = []
    for _ in range(times):
        started = time.thread_time()
        work()
        taken.append(time.thread_time() - started)
    return min(taken)


def goals(rows: list[Row]) -> list[tuple[str, str, str, bool]]:
    """Return each goal: what, its bound, what was measured, whether it is met."""
    ours = {row.size: row for row in rows if row.way == "ours"}
    told = []
    for size, (bound, stretch) in TIMES_NAIVE.items():
        if size in ours:
            times = ours[size].naive / ours[size].seconds
            what = f"times the plain loop, {size:,} terms (stretch {stretch:,})"
            told.append((what, f">= {bound:,}", f"{times:,.0f}", times >= bound))
    if 1_000 in ours and 100_000 in ours:
        growth = math.log(ours[100_000].seconds / ours[1_000].seconds) / math.log(100)
        told.append(
            ("growth exponent, 1,000 to 100,000 terms", f"<= {MOST_GROWTH}", f"{growth:.2f}",
             growth <= MOST_GROWTH)
        )  # fmt: skip
    if 10_000 in ours:
        row = ours[10_000]
        told += [
            ("CPU seconds to reload 10,000 terms", f"<= {MOST_RELOAD:.0f}", f"{row.compiled:.2f}",
             row.compiled <= MOST_RELOAD),
            ("megabytes of 10,000 terms", f"<= {MOST_MEMORY:.0f}", f"{row.megabytes:.0f}",
             row.megabytes <= MOST_MEMORY),
        ]  # fmt: skip
    right = all(row.precision == row.recall == 1.0 and row.exact for row in ours.values())
    worst = min(min(row.precision, row.recall) for row in ours.values())
    told.append(("precision, recall, exact places at every size", "1.000", f"{worst:.3f}", right))
    return told


def show(rows: list[Row]) -> None:
    head = ("way", "terms", "µs an article", "× the loop", "precision", "recall", "exact",
            "compile s", "MB")  # fmt: skip
    print(" ".join(f"{each:>13}" for each in head))
    for row in rows:
        cells = (
            row.way, f"{row.size:,}", f"{row.seconds * 1e6:.0f}", f"{row.naive / row.seconds:,.1f}",
            f"{row.precision:.4f}", f"{row.recall:.4f}", "yes" if row.exact else "no",
            f"{row.compiled:.2f}", f"{row.megabytes:.0f}",
        )  # fmt: skip
        print(" ".join(f"{each:>13}" for each in cells))
    print()
    for what, bound, measured, met in goals(rows):
        print(f"{what:<56} {bound:>9} {measured:>8}  {'met' if met else 'NOT MET'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = []
    for size in options.sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            rows += alone.submit(measure, size, options.articles, options.seed).result()
    show(rows)


if __name__ == "__main__":
    main()
