"""Marks on the words that were found, and the rule of what evidence a stage needs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.records import ArticlePart, FeedId, Report, Stage, Tier, Trigger
from review.evidence import Piece, Span, marked, quote, title_of
from review.evidence_rule import rule
from tests.builders import a_development, a_hit, a_match, a_suggestion, an_article

KINDS = st.sampled_from(["fact", "name", "trigger", "find"])


def a_report(text, *, match, trigger=None, title="", **suggestion):
    start = text.index(match)
    triggers = ()
    if trigger:
        at = text.index(trigger)
        triggers = (Trigger(quote=trigger, part=ArticlePart.TEXT, start=at, end=at + len(trigger)),)
    hit = a_hit(
        matches=(a_match(part=ArticlePart.TEXT, start=start, end=start + len(match)),),
        suggestion=a_suggestion(triggers=triggers, **suggestion),
    )
    article = an_article(text=text, title=title)
    return Report(hit=hit, article=article, feed_title="Example", tier=Tier.B)


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70), KINDS), max_size=6),
)
def test_marking_loses_no_character_and_adds_none(text, spans):
    pieces = marked(text, [Span(start, end, kind) for start, end, kind in spans])
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "match", "trigger"),
    [
        ("The Harbour Fund opened in Dakar on Friday.", "Harbour Fund", "opened"),
        ("港湾基金周五在达喀尔启用。", "港湾基金", "启用"),
        ("港灣基金週五在達喀爾啟用。", "港灣基金", "啟用"),
    ],
    ids=["en", "zh-Hans", "zh-Hant"],
)
def test_name_and_trigger_are_marked_where_they_stand(text, match, trigger):
    pieces = quote(a_report(text, match=match, trigger=trigger))
    assert Piece(match, "name") in pieces
    assert Piece(trigger, "trigger") in pieces
    assert "".join(piece.text for piece in pieces) == text


def test_the_place_is_marked_as_a_new_fact():
    report = a_report("The Harbour Fund opened in Dakar.", match="Harbour Fund", place="Dakar")
    assert Piece("Dakar", "fact") in quote(report)


def test_a_long_text_is_quoted_in_part_around_what_was_found():
    text = "Before it. " * 60 + "The Harbour Fund opened in Dakar. " + "After it. " * 60
    said = "".join(piece.text for piece in quote(a_report(text, match="Harbour Fund")))
    assert "The Harbour Fund opened in Dakar." in said
    assert len(said) < 360
    assert said.startswith("…")


def test_other_paragraphs_are_not_quoted():
    text = "First paragraph.\nThe Harbour Fund opened.\nThird paragraph."
    pieces = quote(a_report(text, match="Harbour Fund"))
    assert "".join(piece.text for piece in pieces) == "The Harbour Fund opened."


def test_a_match_in_the_title_alone_has_no_quote():
    report = a_report("Harbour Fund", match="Harbour Fund", title="Harbour Fund opens")
    hit = replace(report.hit, matches=(a_match(start=0, end=12),))
    report = replace(report, hit=hit)
    assert quote(report) == []
    assert title_of(report)[0] == Piece("Harbour Fund", "name")


@pytest.mark.parametrize(
    ("stage", "tiers", "origins", "placed", "met"),
    [
        (Stage.COMMITTED, "c", 1, False, True),
        (Stage.COMMITTED, "d", 1, False, False),
        (Stage.COMMITTED, "f", 1, False, True),
        (Stage.PREPARING, "b", 1, False, True),
        (Stage.PREPARING, "cc", 2, False, True),
        (Stage.PREPARING, "cc", 1, False, False),
        (Stage.AGREED, "a", 1, True, True),
        (Stage.AGREED, "a", 1, False, False),
        (Stage.ESTABLISHED, "bb", 2, False, True),
        (Stage.ESTABLISHED, "bb", 1, True, False),
        (Stage.DELIVERED, "cccc", 4, True, False),
    ],
)
def test_what_a_stage_needs(stage, tiers, origins, placed, met):
    reports = []
    for number, tier in enumerate(tiers):
        report = a_report("Harbour Fund", match="Harbour Fund")
        article = replace(report.article, feed_id=FeedId(f"feed-{number}"))
        reports.append(replace(report, article=article, tier=Tier(tier)))
    facts = {"event_date": "2026-11-20", "place": "Dakar"} if placed else {}
    nothing = {"event_date": None, "place": None}
    development = a_development(origin_count=origins, **(nothing | facts))
    assert rule(stage, development, reports).met is met
