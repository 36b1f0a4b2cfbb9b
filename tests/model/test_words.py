"""Which words count as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.words import SAME_SPELLING, stable_prefix, stems

PAIRS = [
    ("organisation", "organizations"), ("centre", "Centers"), ("centres", "center"),
    ("programme", "programs"), ("harbour", "harbors"), ("labour", "labor"), ("propose", "proposed"),
    ("propose", "proposing"), ("proposes", "proposed"), ("plan", "planned"), ("plan", "plans"),
    ("sign", "signing"), ("body", "bodies"), ("agency", "agencies"), ("class", "classes"),
    ("launch", "launches"), ("recognise", "recognized"), ("dialogue", "dialogs"),
    ("travelled", "traveling"), ("ratify", "ratified"), ("menu", "menus"), ("AI", "AIs"),
]  # fmt: skip
APART = [
    ("aid", "said"), ("plan", "plane"), ("plan", "planet"), ("car", "care"), ("rail", "trail"),
    ("port", "report"), ("ai", "aid"), ("it", "its"), ("ha", "has"), ("bu", "bus"),
    ("center", "central"), ("mac", "macau"), ("organ", "organization"), ("unit", "unity"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_forms_of_a_word_are_one(one, other):
    assert stems(one.lower()) & stems(other.lower())


@pytest.mark.parametrize(("one", "other"), APART)
def test_other_words_stay_apart(one, other):
    assert not stems(one) & stems(other)


@pytest.mark.parametrize("word", ["2027", "gpt4", "中", "세계", "a", "ai"])
def test_what_is_no_english_word_has_one_form(word):
    assert stems(word) == {word}


WORDS = st.sampled_from(
    [*SAME_SPELLING, *SAME_SPELLING.values(), *(word.lower() for pair in PAIRS for word in pair)]
)
ENDINGS = st.sampled_from(["", "s", "es", "ed", "ing", "d"])


@given(WORDS, ENDINGS, WORDS, ENDINGS)
def test_a_form_begins_with_the_stable_prefix(one, ending, other, other_ending):
    word, text = one + ending, other + other_ending
    if stems(word) & stems(text):
        assert text.startswith(stable_prefix(word))
