"""How texts and searches are cut: both scripts, both languages, and where words were found."""

from __future__ import annotations

import pytest

from storage.search_words import (
    MOST_WORDS,
    highlights,
    index_article,
    matches,
    read_query,
)

BODY = "世界人工智能合作组织今日在上海成立。The cooperation organization's first AI centre opened."


def shown(text):
    return [term.shown for term in read_query(text).terms]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("上海", ["上海"]),
        ("組織", ["组织"]),
        ("上合 AI", ["上合", "ai"]),
        ("AI合作", ["ai合作"]),
        ("上海，合作", ["上海", "合作"]),
        ("Organisation  CENTRE", ["organization", "center"]),
        ("artificial intelligence centre", ["artificial intelligence", "center"]),
        ('"cooperation organization" Shanghai', ["cooperation organization", "shanghai"]),
        ("“人工智慧 合作” 《上海》", ["人工智慧合作", "上海"]),
        ('unclosed "quote', ["unclosed", "quote"]),
        ("twice twice", ["twice"]),
        ("!? “”", []),
        ("\x00 \ud800 '; DROP TABLE hits; --", ["drop", "table", "hits"]),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_search_is_read_as_it_was_meant(typed, read):
    assert shown(typed) == read


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("上", True),
        ("海上", False),
        ("上海", True),
        ("世界人工智慧合作組織", True),  # Taiwan's wording finds the mainland's
        ("世界AI合作组织", True),
        ("织今日", True),
        ("海成立the", True),
        ("立the", True),
        ("organisation", True),
        ("organ", False),
        ('"cooperation organization"', True),
        ('"organization cooperation"', False),
        ("organization cooperation", True),
        ('"organization’s first"', True),
        ("人工智能 AI center", True),
        ("上海 北京", False),
        ("成立 opened", True),
    ],
)
def test_what_an_article_has_is_found_and_nothing_else(typed, found):
    assert matches("", BODY, read_query(typed)) is found


def test_a_sign_parts_chinese_words_and_the_title_is_a_part_of_its_own():
    assert not matches("", "在海上，海合会", read_query("上海"))
    assert not matches("中国上", "海运", read_query("上海"))
    assert matches("", "Paris, France", read_query('"Paris France"'))


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("上海合作組織：人工智慧", "组织 AI", ["組織", "人工智慧"]),
        ("ＡＩ ｃｅｎｔｒｅ and A.I.", "ai", ["ＡＩ", "A.I"]),
        ("Co-operation, cooperation", "cooperation", ["Co-operation", "cooperation"]),
        ("上海上海", "上海", ["上海", "上海"]),
        ("人工智能合作", "人工智能合作 智能", ["人工智能合作"]),
        ("Nothing here", "上海", []),
    ],
)
def test_highlights_stand_on_the_original_characters(text, typed, marked):
    assert [text[start:end] for start, end in highlights(text, read_query(typed))] == marked


def test_a_very_long_article_is_indexed_up_to_a_bound():
    indexed = index_article("Title", " ".join(f"w{number}" for number in range(MOST_WORDS + 50)))
    assert len(indexed.words) == MOST_WORDS
    assert f"w{MOST_WORDS + 10}" not in indexed.words
