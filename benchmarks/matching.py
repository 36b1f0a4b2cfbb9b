"""How fast and how right the matcher is on a made-up load of many terms.

Articles of about 3.1 kB, half of them English, half Chinese; each holds terms (`--planted` of them)
of the watchlist in another spelling: plural, other case, dashes, traditional characters. Prints one
table: time an article, how many times faster than the plain loop
`[term for term in terms if term in text]`, what was found of what was planted (places exact),
seconds to compile, megabytes of the compiled watchlist.

    python -m benchmarks.matching --sizes 1000 10000
"""

from __future__ import annotations

import argparse
import random
import time
import tracemalloc
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate

import opencc

from model.records import (
    Article,
    Commitment,
    CommitmentId,
    FeedId,
    Language,
    Term,
    Watchlist,
)
from monitor.matching import Matcher, compile_watchlist

ENGLISH_WORDS, HAN_CHARACTERS = 30_000, 3_500
NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Words:
    """Made-up words and real characters, some far more common than others, as in language."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.english = self._english_words()
        simplify = opencc.OpenCC("t2s")
        characters = [chr(code) for code in range(0x4E00, 0x4E00 + 9000)]
        plain = [each for each in characters if simplify.convert(each) == each]
        self.han = self.random.sample(plain, HAN_CHARACTERS)
        self.english_weights = _zipf(len(self.english))
        self.han_weights = _zipf(len(self.han))

    def _english_words(self) -> list[str]:
        starts = "b br c ch d dr f fl g gr h j k l m n p pl qu r s st t tr v w y z".split()
        middles = "a e i o u ai ea ou".split()
        ends = " n r l m t d k nd rt lm".split(" ")
        found: dict[str, None] = {}
        while len(found) < ENGLISH_WORDS:
            syllables = self.random.choice((2, 2, 3, 3, 4))
            word = "".join(
                self.random.choice(starts) + self.random.choice(middles) + self.random.choice(ends)
                for _ in range(syllables)
            )
            if not word.endswith(("ed", "ing", "s", "e", "y")):
                found[word] = None
        return list(found)

    def english_text(self, count: int) -> list[str]:
        return self.random.choices(self.english, cum_weights=self.english_weights, k=count)

    def han_text(self, count: int) -> str:
        return "".join(self.random.choices(self.han, cum_weights=self.han_weights, k=count))

    def terms(self, count: int) -> list[str]:
        found: dict[str, None] = {}
        while len(found) < count:
            if self.random.random() < 0.5:
                found[" ".join(self.random.sample(self.english, self.random.randint(2, 4)))] = None
            else:
                found["".join(self.random.sample(self.han, self.random.randint(4, 8)))] = None
        return list(found)


def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 10) for rank in range(count)))


@dataclass
class Planted:
    """An article, and the terms that stand in it: where, by code points of the text."""

    article: Article
    places: set[tuple[str, int, int]]


def plant(
    words: Words, terms: list[str], number: int, fuller: opencc.OpenCC, count: int = 3
) -> Planted:
    english = number % 2 == 0
    pieces = words.english_text(260) if english else [words.han_text(12) for _ in range(85)]
    chosen = [t for t in words.random.sample(terms, 40) if t.isascii() == english][:count]
    spots = sorted(words.random.sample(range(10, len(pieces)), len(chosen)))
    for spot, term in zip(spots, chosen, strict=False):
        pieces[spot] = f", {_spelled(words.random, term, fuller)}, "
    text, places = "", set()
    between = " " if english else "，"
    for place, piece in enumerate(pieces):
        if place in spots:
            start = len(text) + piece.index(", ") + 2
            places.add((chosen[spots.index(place)], start, start + len(piece) - 4))
        text += piece + between
    language = Language.ENGLISH if english else Language.CHINESE_SIMPLIFIED
    article = Article(
        feed_id=FeedId("made-up"), entry_id=str(number), url="", title="", text=text,
        language=language, published_at=None, fetched_at=NOW,
    )  # fmt: skip
    return Planted(article, places)


def _spelled(choose: random.Random, term: str, fuller: opencc.OpenCC) -> str:
    """Return a term as another paper would write it."""
    if not term.isascii():
        return fuller.convert(term) if choose.random() < 0.7 else term[:2] + "“" + term[2:]
    words = term.split()
    words[-1] += choose.choice(("", "s", "ed", "ing"))
    joined = choose.choice((" ", "-", " – ", "\n")).join(words)
    return choose.choice((str.upper, str.title, str.lower))(joined)


def watch(terms: list[str]) -> Watchlist:
    commitments = tuple(
        Commitment(id=CommitmentId(f"c{number}"), title=term, terms=(Term(text=term),))
        for number, term in enumerate(terms)
    )
    return Watchlist(commitments=commitments, feeds=(), version="made-up")


def found_in(matcher: Matcher, article: Article) -> set[tuple[str, int, int]]:
    return {
        (match.term, match.start, match.end)
        for each in matcher.find(article)
        for match in each.matches
    }


def naive(terms: list[str], text: str) -> list[str]:
    lowered = text.lower()
    return [term for term in terms if term in lowered]


def measure(words: Words, size: int, articles: int, count: int) -> tuple[str, ...]:
    terms = words.terms(size)
    fuller = opencc.OpenCC("s2t")
    planted = [plant(words, terms, number, fuller, count) for number in range(articles)]
    watchlist = watch(terms)
    compile_watchlist(watch(["warm up"]))
    started = time.perf_counter()
    matcher = compile_watchlist(watchlist)
    compiled = time.perf_counter() - started
    right = wrong = missed = 0
    for each in planted:
        found = found_in(matcher, each.article)
        right += len(found & each.places)
        missed += len(each.places - found)
        wrong += sum(not _really_there(each, *one) for one in found - each.places)
    per_article = best(lambda: [matcher.find(each.article) for each in planted]) / articles
    few = planted[: max(2, min(articles, 400_000 // size))]
    plain = best(lambda: [naive(terms, each.article.text) for each in few], 2) / len(few)
    tracemalloc.start()
    again = compile_watchlist(watchlist)
    memory = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    del again
    return (
        f"{size:,}", f"{per_article * 1e6:.0f}", f"{plain / per_article:.0f}",
        f"{right / (right + wrong):.4f}", f"{right / (right + missed):.4f}",
        f"{compiled:.2f}", f"{memory:.0f}",
    )  # fmt: skip


def _really_there(planted: Planted, term: str, start: int, end: int) -> bool:
    """Tell whether what was found but not planted is there by chance, in the plainest spelling."""
    plain = " ".join(planted.article.text[start:end].lower().replace("，", " ").split())
    return plain.replace(" ", "") == term.replace(" ", "")


def best(work: object, times: int = 3) -> float:
    assert callable(work)
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--planted", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    head = ("terms", "µs an article", "× naive", "precision", "recall", "compile s", "MB")
    print(" ".join(f"{each:>14}" for each in head))
    for size in options.sizes:
        row = measure(Words(options.seed), size, options.articles, options.planted)
        print(" ".join(f"{each:>14}" for each in row))


if __name__ == "__main__":
    main()
