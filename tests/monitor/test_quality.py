"""The floors under matching: on our own sentences, and on real articles where there are some."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from model.records import Relation
from model.watchlist import load_watchlist
from monitor.evaluation import Evaluation, Evaluator
from monitor.matching import compile_watchlist

ROOT = Path(__file__).parents[2]
HERE = ROOT / "tests" / "data" / "matching"
REAL = Path(os.environ.get("PLEDGEWATCH_TEST_DATA", ROOT.parent / "shared" / "data"))


def evaluated(labelled: Path, watchlist_path: Path) -> Evaluation:
    watchlist = load_watchlist(watchlist_path)
    evaluator = Evaluator(watchlist, compile_watchlist(watchlist))
    for line in labelled.read_text(encoding="utf-8").splitlines():
        evaluator.add(json.loads(line))
    return evaluator.finish()


@pytest.mark.parametrize(
    ("name", "watchlist"),
    [
        ("three-pledges", HERE / "three-pledges.yaml"),
        ("six-pledges", HERE / "six-pledges.yaml"),
        ("shipped", ROOT / "watchlist.yaml"),
    ],
)
def test_our_own_sentences_hold_the_floor(name, watchlist):
    result = evaluated(HERE / f"{name}.jsonl", watchlist)
    assert result.about.precision >= 0.95
    assert result.about.recall >= 0.95
    assert result.relation_accuracy >= 0.90
    assert result.relation_count(Relation.FOLLOW_UP).f1 >= 0.90
    assert result.stage_accuracy >= 0.90
    for count in result.by_language.values():
        assert count.recall >= 0.90


def test_real_articles_hold_the_floor():
    corpus = REAL / "corpus" / "dev.jsonl"
    if not corpus.exists():
        pytest.skip(f"skipped: no real articles in {REAL}")
    result = evaluated(corpus, ROOT / "watchlist.yaml")
    assert result.about.precision >= 0.97
    assert result.about.recall >= 0.95
    assert result.relation_accuracy >= 0.80
    assert result.macro_f1 >= 0.75
    assert result.relation_count(Relation.FOLLOW_UP).f1 >= 0.80
    assert result.stage_accuracy >= 0.75
    assert result.stories.precision >= 0.90
    whole, short = result.by_kind["verbatim"], result.by_kind["abstract"]
    assert whole.f1 >= short.f1 - 0.05
