"""Sentences, clauses, and counts in them."""

from __future__ import annotations

import pytest

from model.records import ArticlePart, Clause, TermRole
from monitor.counting import count_in
from monitor.sentences import Sentence, cut
from tests.builders import a_commitment, a_match, an_article


def sentences(text):
    return [each.original.strip() for each in cut(an_article(title="", text=text), ())]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Mr. Roy met Gen. Ba on Feb. 3. Bye", ["Mr. Roy met Gen. Ba on Feb. 3.", "Bye"]),
        ("The U.S. and the U.N. agreed. Done", ["The U.S. and the U.N. agreed.", "Done"]),
        ("一。二！三？", ["一。", "二！", "三？"]),
        ("他说：“好。”她说不。", ["他说：“好。”", "她说不。"]),
        ("one\ntwo", ["one", "two"]),
        ("costs 3.5 million", ["costs 3.5 million"]),
    ],
)  # fmt: skip
def test_a_text_is_cut_into_sentences(text, parts):
    assert sentences(text) == parts


def test_a_text_without_full_stops_is_cut_up():
    assert all(len(each) <= 2000 for each in sentences("word " * 3000))


def test_sentences_know_their_place_and_their_matches():
    text = "First. The Harbour Fund met."
    match = a_match(part=ArticlePart.TEXT, start=11, end=23, role=TermRole.ALIAS)
    title, first, second = cut(an_article(title="Title", text=text), (match,))
    assert (title.number, title.part) == (0, ArticlePart.TITLE)
    assert (first.matches, second.matches) == ((), (match,))
    start, end = second.place(match)
    assert second.original[start:end] == "Harbour Fund"


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("it met, and it will act; later", 3),
        ("a sum of 5,000 at 10:30", 1),
        ("中心揭牌，论坛开幕；会议结束", 3),
        ("中国—上合组织中心", 1),
        ("Governance—a forum", 2),
    ],
)
def test_clauses_end_at_signs_and_new_verbs(text, clauses):
    (sentence,) = cut(an_article(title=text, text=""), ())
    assert len(sentence.clauses) == clauses
    assert sentence.clause_at(0) is sentence.clauses[0]


def sentence_of(text) -> Sentence:
    return cut(an_article(title=text, text=""), ())[0]


TWENTY = a_commitment(
    clauses=(Clause(id="projects", text="", done_when="", target=20, unit="projects"),)
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("8 of the 20 projects run", (8, 20)),
        ("twelve of its 40 harbours", (12, 40)),
        ("Of the thirteen points nine have been started", (9, 13)),
        ("20个项目中已有8个启用", (8, 20)),
        ("已建成8个示范项目", (8, 20)),
        ("Twelve digital projects were completed", (12, 20)),
        ("one of two states", (None, None)),
        ("30 of 20", (None, None)),
        ("nothing counted", (None, None)),
    ],
)
def test_how_many_of_how_many(text, count):
    assert count_in(sentence_of(text), TWENTY) == count


def test_a_bare_count_needs_a_promised_number():
    assert count_in(sentence_of("已建成8个示范项目"), a_commitment()) == (None, None)
