"""Articles in, results out, and how the figures are made."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from model.records import Language, Relation, Saying, Term
from monitor.evaluation import (
    ArticleLineError,
    Evaluator,
    article_from_json,
    find,
    result_row,
)
from monitor.matching import compile_watchlist
from tests.builders import a_commitment, a_watchlist

WATCHLIST = a_watchlist(
    commitments=(
        a_commitment(
            terms=(Term(text="Harbour Fund"), Term(text="港湾基金")),
            said=(Saying(date="2025-03-14"),),
        ),
    )
)
SIGNED = {
    "id": "a",
    "title": "Charter of the Harbour Fund signed",
    "text": "",
    "published": "2026-01-02",
}


def line(**changes):
    return SIGNED | changes


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-01-02", datetime(2026, 1, 2, 12, tzinfo=UTC)),
        ("2026-01-02T09:30:00Z", datetime(2026, 1, 2, 9, 30, tzinfo=UTC)),
        ("2026-01-02T09:30:00+08:00", datetime(2026, 1, 2, 1, 30, tzinfo=UTC)),
        ("2026-01-02T09:30:00", datetime(2026, 1, 2, 9, 30, tzinfo=UTC)),
        (None, None),
    ],
)
def test_a_day_or_a_moment_is_read(given, moment):
    assert article_from_json(line(published=given)).published_at == moment


@pytest.mark.parametrize(
    ("lang", "text", "language"),
    [
        ("en", "", Language.ENGLISH),
        ("zh-Hant", "", Language.CHINESE_TRADITIONAL),
        ("zh", "港灣韌性基金啟用了", Language.CHINESE_TRADITIONAL),
        ("other", "港湾韧性基金启用了", Language.CHINESE_SIMPLIFIED),
        (None, "The fund opened", Language.ENGLISH),
    ],
)
def test_a_language_is_taken_or_detected(lang, text, language):
    assert (
        article_from_json({"id": "a", "title": "", "text": text, "lang": lang}).language is language
    )


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "JSON object"),
        ({}, "`id`"),
        ({"id": ""}, "`id`"),
        ({"id": "a", "title": 3}, "`title`"),
        ({"id": "a", "published": "soon"}, "`published`"),
        ({"id": "a", "published": 2026}, "`published`"),
    ],
)
def test_a_bad_line_says_what_is_wrong(given, says):
    with pytest.raises(ArticleLineError, match=says):
        article_from_json(given)


def test_a_result_row_has_the_shape_that_scripts_rely_on():
    matcher = compile_watchlist(WATCHLIST)
    article = article_from_json(line(text="港灣基金章程簽署。"))
    row = json.loads(json.dumps(result_row(article, find(article, matcher), "a")))
    (hit,) = row["hits"]
    assert (row["id"], row["development"], hit["commitment"]) == ("a", "a", "harbour-fund")
    assert (hit["relation"], hit["milestone"], hit["setback"], hit["stage"]) == (
        "follow_up", "signed", None, "agreed",
    )  # fmt: skip
    assert hit["matches"][1] == {
        "term": "港湾基金", "part": "text", "start": 0, "end": 4, "quote": "港灣基金",
    }  # fmt: skip
    assert 0 <= hit["score"] <= 1
    assert hit["why"]


def test_an_article_older_than_the_pledge_is_no_hit():
    article = article_from_json(line(published="2025-03-01"))
    assert find(article, compile_watchlist(WATCHLIST)) == ()


def evaluated(*rows):
    evaluator = Evaluator(WATCHLIST, compile_watchlist(WATCHLIST))
    for row in rows:
        evaluator.add(row)
    return evaluator.finish()


def labelled(relation, stage=None, **changes):
    return line(
        labels=[{"commitment": "harbour-fund", "relation": relation, "stage": stage}], **changes
    )


def test_right_wrong_and_missed_are_counted_by_pledge_language_and_kind():
    result = evaluated(
        labelled("follow_up", "agreed", text_kind="verbatim"),
        labelled("restatement", id="b", title="港湾", lang="zh-Hans"),
        line(id="c", labels=[]),
        line(id="d", title="", labels=[]),
    )
    assert (result.about.right, result.about.wrong, result.about.missed) == (1, 1, 1)
    assert result.commitments["harbour-fund"].ours.facts()["n"] == 2
    assert result.languages["zh-Hans"].ours.missed == 1
    assert result.kinds["verbatim"].ours.precision == 1.0
    assert result.told.accuracy == result.told.stage_accuracy == 1.0
    assert result.told.count(Relation.FOLLOW_UP).f1 == 1.0
    assert result.told.always_follow_up == 1.0
    assert result.all.titles.right == 1
    facts = result.facts()
    assert json.loads(json.dumps(facts))["about"]["precision"] == 0.5


def test_other_languages_are_counted_apart():
    result = evaluated(labelled("follow_up", "agreed", lang="other"))
    assert result.other.right == 1
    assert result.about.right == 0
    assert result.told.accuracy is None


def test_a_label_proposed_is_met_by_words():
    row = labelled(
        "follow_up",
        "proposed",
        title="Premier proposes Harbour Fund at summit",
        text="The prime minister proposed a Harbour Fund at the summit.",
    )
    assert evaluated(row).told.stage_accuracy == 1.0


def test_stories_are_counted_by_pairs():
    rows = [
        line(id=name, title=title, labels=[], story=story)
        for name, title, story in (
            ("a", "Charter of the Harbour Fund signed today", "s1"),
            ("b", "Charter of the Harbour Fund signed today", "s1"),
            ("c", "Nothing to see", None),
        )
    ]
    assert evaluated(*rows).stories.facts()["f1"] == 1.0


@pytest.mark.parametrize(
    "labels", [{}, [3], [{"commitment": 3}], [{"commitment": "x", "relation": "y"}]]
)
def test_bad_labels_are_named(labels):
    with pytest.raises(ArticleLineError, match="labels"):
        evaluated(line(labels=labels))
