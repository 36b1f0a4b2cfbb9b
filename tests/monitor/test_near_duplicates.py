"""Copies, rewrites and siblings of a made-up press, folded as the product folds them."""

from __future__ import annotations

import pytest

from benchmarks.near_duplicates import (
    MIN_PRECISION,
    MIN_RECALL,
    Press,
    by_stories,
    measure,
    pairs,
)
from model.records import Language

SMALL = 0.02  # what a set of this size may be off by; the benchmark's is ten times as large


@pytest.mark.parametrize("seed", [11, 12])
def test_copies_are_folded_and_siblings_stay_apart(seed):
    reports = Press(seed).reports(250)
    assert {each.language for each in reports} == {
        Language.ENGLISH, Language.CHINESE_SIMPLIFIED, Language.CHINESE_TRADITIONAL,
    }  # fmt: skip
    precision, recall, _ = measure(by_stories, reports)
    assert precision >= MIN_PRECISION - SMALL
    assert recall >= MIN_RECALL - SMALL


def test_pairs_are_counted_once():
    assert pairs(["a", "b", "a", "a"]) == {(0, 2), (0, 3), (2, 3)}
