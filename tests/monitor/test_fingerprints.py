"""Copies of one text, and headlines that are one."""

from __future__ import annotations

import pytest

from monitor.fingerprints import (
    SIZE,
    containment,
    same_story,
    same_text,
    same_title,
    signature,
    similarity,
)

ENGLISH = (
    "Ministers of twelve coastal states signed a charter on Monday that gives harbour towns money "
    "of their own. The text sets up a council, names a bank and asks for a payment in spring. "
    "Mayors who had waited for ten years called it a beginning. Fishermen on the quay had other "
    "worries: the price of diesel, a new fence and the weather that was coming in from the west. "
)
HANS = (
    "十二个沿海国家的部长周一签署章程，为港口城镇设立专门基金。文本规定成立理事会，指定托管银行，并要求春季首次缴款。"
    "等待十年的市长们称这是一个开始。码头上的渔民另有担忧：柴油价格、新建的围栏以及正从西边袭来的天气。"
)
HANT = (
    "十二個沿海國家的部長週一簽署章程，為港口城鎮設立專門基金。文本規定成立理事會，指定託管銀行，並要求春季首次繳款。"
    "等待十年的市長們稱這是一個開始。碼頭上的漁民另有擔憂：柴油價格、新建的圍欄以及正從西邊襲來的天氣。"
)
OTHER = (
    "A quite different report, about engines, tunnels and what a ticket will cost next year. " * 4
)


@pytest.mark.parametrize("text", [ENGLISH, HANS, HANT], ids=["en", "zh-Hans", "zh-Hant"])
def test_a_cut_tail_and_a_new_first_line_are_the_same_text(text):
    whole = signature("title", text)
    assert same_text(whole, signature("title", text[: int(len(text) * 0.7)]))
    assert same_text(whole, signature("other title", f"(Agency) {text} More soon."))
    assert whole == signature("title", text)


def test_the_two_scripts_have_one_signature():
    assert same_text(signature("", HANS), signature("", HANT))


def test_other_texts_and_short_ones_are_apart():
    assert not same_text(signature("", ENGLISH), signature("", OTHER))
    assert signature("short", "text") == ()
    assert not same_text((), ())
    assert similarity((), signature("", ENGLISH)) == 0.0


def test_siblings_from_one_template_stay_apart():
    sibling = ENGLISH[:120] + OTHER
    assert containment(signature("", ENGLISH), signature("", sibling)) < 0.6


def test_a_signature_is_small_and_sorted():
    mark = signature("", ENGLISH * 3 + OTHER)
    assert len(mark) <= SIZE
    assert list(mark) == sorted(set(mark))
    assert all(0 <= each < 2**64 for each in mark)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("中国倡议成立世界人工智能合作组织", "中國倡議成立世界人工智慧合作組織", True),
        ("中国政府倡议成立世界合作组织", "中国倡议成立世界合作组织", True),
        ("Fund charter signed in Port Laval", "Fund's charter is signed in Port Laval", True),
        ("Fund opens", "Fund closes", False),
        ("首相将出席港湾基金峰会并讲话", "首相出席港湾基金峰会并讲话", False),
        ("First 8 states sign harbour charter", "First 9 states sign harbour charter", False),
        ("", "", False),
    ],
)
def test_titles_are_compared_by_words(one, other, same):
    assert same_title(one, other) is same


def test_of_long_texts_the_text_decides_unless_the_titles_are_equal():
    one, other = signature("", ENGLISH * 2 + "x" * 40), signature("", OTHER * 2)
    long_one, long_other = (*one, *range(SIZE))[:SIZE], (*other, *range(9000, 9000 + SIZE))[:SIZE]
    near, nearly = "Fund charter signed in Port Laval", "Fund charter signed in Port Laval today"
    assert not same_story(near, long_one, nearly, long_other)
    assert same_story(near, long_one, near, long_other)
    assert same_story(near, (), nearly, ())
