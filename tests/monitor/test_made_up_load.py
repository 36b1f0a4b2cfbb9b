"""The matcher on a made-up load whose truth is known by the way it is made: right to the place."""

from __future__ import annotations

import pytest

from benchmarks.made_up import Maker, Words
from benchmarks.matching import found_in
from monitor.matching import compile_watchlist


@pytest.mark.parametrize(("size", "seed"), [(10, 3), (100, 4), (1_000, 5)])
def test_everything_planted_is_found_where_it_stands_and_nothing_else(size, seed):
    load = Maker(Words(seed), size).load(60, planted=1)
    matcher = compile_watchlist(load.watchlist)
    assert sum(map(len, load.truth)) > 40
    for article, truth in zip(load.articles, load.truth, strict=True):
        assert found_in(matcher, article) == truth


def test_a_plain_search_would_miss_most():
    load = Maker(Words(6), 1_000).load(60, planted=1)
    names = {term: name for name, terms in load.phrases.items() for term in terms}
    pairs = [
        {names[term] for term in load.terms if term in f"{each.title}\n{each.text}".lower()}
        for each in load.articles
    ]
    truth = [{name for name, *_ in each} for each in load.truth]
    assert sum(len(one & other) for one, other in zip(pairs, truth, strict=True)) * 2 < sum(
        map(len, truth)
    )
