"""One event once: copies, other words, other languages; and what is worth telling."""

from __future__ import annotations

from dataclasses import replace

import pytest

from model.records import (
    AlertReason,
    Article,
    ArticleId,
    CommitmentId,
    Development,
    DevelopmentId,
    Milestone,
    Relation,
    Stage,
)
from monitor.developments import Stories, place_hit
from monitor.fingerprints import same_text, same_title, signature
from tests.builders import NOON, a_hit, a_suggestion, an_article

LONG = (
    "Twelve coastal states signed the charter of the Harbour Resilience Fund in Port Laval on "
    "Monday. The document sets up a council of members and asks for a first payment in spring. "
    "Ministers called it a good day for harbour towns, which have waited for years."
)
LONG_ZH = (
    "十二个沿海国家周一在拉瓦尔港签署港湾韧性基金章程，决定设立成员理事会，首笔资金将于明年春季拨付。"
    "各国部长表示，这对等待多年的港口城镇来说是好消息，今后将继续合作推进相关项目。"
)


def a_known(article: Article, **changes) -> Development:
    values = {
        "id": DevelopmentId(1),
        "commitment_id": CommitmentId("harbour-fund"),
        "relation": Relation.FOLLOW_UP,
        "headline": article.title,
        "lead_article_id": ArticleId(1),
        "milestone": Milestone.SIGNED,
        "setback": None,
        "stage": Stage.AGREED,
        "outcome": None,
        "event_date": "2026-11-23",
        "place": None,
        "hit_count": 1,
        "origin_count": 1,
        "first_seen_at": NOON,
        "last_seen_at": NOON,
        "revision": 1,
        "signature": signature(article.title, article.text),
        "told": True,
    }
    return Development(**values | changes)


def place(article, known, **suggestion):
    values = {"milestone": Milestone.SIGNED, "stage": Stage.AGREED, "event_date": "2026-11-23"}
    hit = replace(a_hit(), suggestion=a_suggestion(**values | suggestion))
    return place_hit(hit, article, signature(article.title, article.text), [known])


FIRST = an_article(title="Fund charter signed", text=LONG)


def test_a_copied_story_joins_its_development_and_is_no_new_origin():
    copy = an_article(number=2, title="Charter is signed", text=LONG + " Reporting by staff.")
    placed = place(copy, a_known(FIRST))
    assert (placed.joins, placed.new_origin) == (1, False)
    assert placed.reason is AlertReason.MORE_OUTLETS


def test_a_report_in_another_language_of_the_same_step_joins_as_a_new_origin():
    chinese = an_article(number=2, title="港湾韧性基金章程签署", text=LONG_ZH)
    placed = place(chinese, a_known(FIRST))
    assert (placed.joins, placed.new_origin) == (1, True)


@pytest.mark.parametrize(
    "suggestion",
    [
        {"milestone": Milestone.OPERATING, "stage": Stage.OPERATING},
        {"event_date": "2026-08-01"},
        {"relation": Relation.RESTATEMENT, "milestone": None, "stage": None},
    ],
    ids=["another step", "another day", "no step"],
)
def test_another_event_opens_its_own(suggestion):
    other = an_article(number=2, title="Something else entirely", text="Other words " * 30)
    assert place(other, a_known(FIRST), **suggestion).joins is None


def test_only_follow_ups_are_worth_telling():
    other = an_article(number=2, title="Something else", text="Other words " * 30)
    assert (
        place(other, a_known(FIRST), event_date="2026-08-01").reason is AlertReason.NEW_DEVELOPMENT
    )
    silent = place(other, a_known(FIRST), relation=Relation.MENTION, milestone=None, stage=None)
    assert silent.reason is None


def test_a_repetition_that_turns_out_to_be_a_step_rings():
    known = a_known(FIRST, relation=Relation.RESTATEMENT, told=False)
    placed = place(an_article(number=2, title="Fund charter signed", text=LONG), known)
    assert placed.reason is AlertReason.NEW_DEVELOPMENT


@pytest.mark.parametrize("text", [LONG, LONG_ZH], ids=["en", "zh"])
def test_a_text_with_its_tail_cut_is_the_same_text(text):
    assert same_text(signature("t", text * 2), signature("t", (text * 2)[: int(len(text) * 1.7)]))


def test_sibling_stories_stay_apart():
    sibling = (
        LONG.replace("Harbour Resilience Fund", "North Coast Rail Link")
        .replace("Port Laval", "Sillon")
        .replace("a council of members", "a line of trains")
        .replace("harbour towns", "the far north")
    )
    other = "A quite different report follows, about engines, tunnels and the price of a ticket. "
    assert not same_text(signature("a", LONG), signature("b", sibling[:120] + other * 3))


def test_titles_are_compared_by_their_words():
    assert same_title("中国倡议成立世界人工智能合作组织", "中國倡議成立世界人工智慧合作組織")
    assert not same_title("Fund opens", "Fund closes")


def test_stories_fold_across_commitments():
    stories = Stories()
    first = stories.add("a", FIRST, signature(FIRST.title, FIRST.text))
    copy = an_article(number=2, title="Charter signed", text=LONG)
    assert (first, stories.add("b", copy, signature(copy.title, copy.text))) == ("a", "a")
    other = an_article(number=3, title="Fish prices fall", text="Fish " * 50)
    assert stories.add("c", other, signature(other.title, other.text)) == "c"
