"""The floor under the quality of matching, on our own sentences about other pledges."""

from __future__ import annotations

import json
from pathlib import Path

from model.records import Relation
from model.watchlist import load_watchlist
from monitor.evaluation import Evaluator
from monitor.matching import compile_watchlist

HERE = Path(__file__).parents[1] / "data" / "matching"


def test_the_labelled_sentences_hold_the_floor():
    watchlist = load_watchlist(HERE / "watchlist.yaml")
    evaluator = Evaluator(watchlist, compile_watchlist(watchlist))
    for line in (HERE / "labelled.jsonl").read_text(encoding="utf-8").splitlines():
        evaluator.add(json.loads(line))
    result = evaluator.finish()
    assert result.about.precision >= 0.95
    assert result.about.recall >= 0.95
    assert result.relation_accuracy >= 0.90
    assert result.relation_count(Relation.FOLLOW_UP).f1 >= 0.90
    assert result.stage_accuracy >= 0.90
    for count in result.by_language.values():
        assert count.recall >= 0.90
