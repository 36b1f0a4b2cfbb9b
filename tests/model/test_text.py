"""Folding: what counts as one spelling, and where it stood in the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.characters import BREAK, HAN, JOIN, WORD
from model.records import Language
from model.text import detect_language, fold, fold_characters, fold_phrase, head_bytes


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("World AI Cooperation", ["world", "ai", "cooperation"]),
        ("ＷＡＩＣＯ　２０２６", ["waico", "2026"]),
        ("Guterres’s café", ["guterres", "s", "cafe"]),
        ("cafe\u0301", ["cafe"]),
        ("the A.I. body of the U.N.", ["the", "ai", "body", "of", "the", "un"]),
        ("Version 1.2, Mr. X.", ["version", "1", "2", "mr", "x"]),
        ("soft\u00adhyphen zero\u200bwidth", ["softhyphen", "zerowidth"]),
        ("ﬁne ㎏ Ⅷ", ["fine", "kg", "viii"]),
        ("世界人工智能", list("世界人工智能")),
        ("世界人工智慧合作組織", list("世界人工智慧合作组织")),
        ("裏／裡／里 臺／台 著／着 乾／幹／干", list("里里里台台着着干干干")),
        ("用AI技術20個", ["用", "ai", "技", "术", "20", "个"]),
        ("", []),
        ("?!…", []),
    ],
)
def test_spellings_are_brought_together(text, tokens):
    assert [token.text for token in fold(text).tokens] == tokens
    assert list(fold_phrase(text)) == tokens


def test_tokens_know_where_they_stood():
    text = "“Ｗorld” A.I., 數位—cafe\u0301s ㎏!"
    found = {token.text: text[token.start : token.end] for token in fold(text).tokens}
    assert found == {
        "world": "Ｗorld", "ai": "A.I", "数": "數", "位": "位", "cafes": "cafe\u0301s", "kg": "㎏",
    }  # fmt: skip


def test_some_signs_join_words_and_others_keep_them_apart():
    def without_joiners(text):
        folded = fold(text)
        pairs = zip(folded.chars, folded.kinds, strict=True)
        return "".join(each for each, kind in pairs if kind != JOIN)

    assert without_joiners("AI—co·op “x”") == "aicoopx"
    assert without_joiners("AI, co. op") == "ai,co.op"
    assert without_joiners("one\ntwo\n\nthree") == "onetwo\nthree"
    assert list(fold("AI 中.").kinds) == [WORD, WORD, JOIN, HAN, BREAK]


@pytest.mark.parametrize(
    ("text", "heads"),
    [
        ("World's AI Co-operation, BODIES", "worlaicooper,bodi"),
        ("S’s 's class's. X’S中", "sclas.x中"),
        ("人工智慧 2026年", "人工智慧2026年"),
        ("a.b.c", "abc"),
        ("", ""),
    ],
)
def test_heads_are_the_first_letters_of_each_word(text, heads):
    folded = fold(text)
    found = folded.heads()
    assert found.data == head_bytes(heads)
    assert "".join(folded.chars[place] for place in found.places) == heads


@given(st.text(max_size=200))
def test_every_token_points_into_the_original(text):
    folded = fold(text)
    end = 0
    for token in folded.tokens:
        assert 0 <= token.start < token.end <= len(text)
        assert token.start >= end - 1  # one sign may fold to two tokens
        end = token.end
    assert len(folded.chars) == len(folded.kinds) == len(folded.marks)


@given(st.text(max_size=200))
def test_folding_characters_in_place_keeps_the_length(text):
    assert len(fold_characters(text)) == len(text)


@given(st.text(alphabet="abc 中文數位—.,‘’é\u0301AI", max_size=80))
def test_folding_twice_changes_nothing(text):
    once = fold_phrase(text)
    assert fold_phrase(" ".join(once)) == once


@pytest.mark.parametrize("text", ["\ud800", "a\ud800b", "𝔸𝕀", "😀AI", "\x00", "𠀀人"])
def test_odd_code_points_do_no_harm(text):
    for token in fold(text).tokens:
        assert text[token.start : token.end]


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("China proposes a body", None, Language.ENGLISH),
        ("中国政府倡议成立组织", None, Language.CHINESE_SIMPLIFIED),
        ("中國政府倡議成立組織", None, Language.CHINESE_TRADITIONAL),
        ("AI治理全球對話 Global Dialogue", None, Language.CHINESE_TRADITIONAL),
        ("中日", Language.CHINESE_TRADITIONAL, Language.CHINESE_TRADITIONAL),
        ("中日", None, Language.CHINESE_SIMPLIFIED),
        ("日本の首相は東京で会談した", None, Language.UNKNOWN),
        ("세계인공지능협력기구 설립", None, Language.UNKNOWN),
        ("منظمة عالمية", None, Language.UNKNOWN),
        ("", Language.ENGLISH, Language.ENGLISH),
        ("123", None, Language.UNKNOWN),
    ],
)
def test_the_script_tells_the_language(text, hint, language):
    assert detect_language(text, hint) is language
