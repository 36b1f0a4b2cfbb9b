"""How a commitment is recognised: boundaries, scripts, decoys, context, groups, queries."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.records import ArticlePart, Language, Term, TermGroup, TermRole
from monitor.matching import check_query, compile_watchlist
from tests.builders import a_commitment, a_watchlist, an_article


def matcher_of(*terms, **more):
    commitment = a_commitment(
        terms=tuple(Term(text=term) if isinstance(term, str) else term for term in terms), **more
    )
    return compile_watchlist(a_watchlist(commitments=(commitment,)))


def found(matcher, text, title="", **more):
    article = an_article(title=title, text=text, **more)
    matches = [match for each in matcher.find(article) for match in each.matches]
    for match in matches:
        whole = title if match.part is ArticlePart.TITLE else text
        assert whole[match.start : match.end] == match.quote
    return [match.quote for match in matches]


@pytest.mark.parametrize(
    ("term", "text", "quotes"),
    [
        ("AI Cooperation Organization", "The Shanghai Cooperation Organization met.", []),
        ("aid", "she said so", []),
        ("mac", "Macau", []),
        ("training centre", "two Training Centers opened", ["Training Centers"]),
        ("cooperation organization", "Co-operation", []),
        ("open-source", "open source, open—source", ["open source", "open—source"]),
        ("Harbour Fund", "harbor fund", ["harbor fund"]),
        ("Harbour Fund", "the harbour. Fund it", []),
        ("artificial intelligence body", "an AI body", ["AI body"]),
        ("世界人工智能合作组织", "世界人工智慧合作組織成立", ["世界人工智慧合作組織"]),
        ("世界人工智能合作组织", "世界AI合作組織成立", ["世界AI合作組織"]),
        ("世界人工智慧合作組織", "《世界人工智能合作组织》", ["世界人工智能合作组织"]),
        ("中国—上合组织中心", "中国-上合组织中心", ["中国-上合组织中心"]),
        ("数字中心", "數位中心", ["數位中心"]),
        ("ＷＡＩＣＯ", "waico and WAICO", ["waico", "WAICO"]),
    ],
)
def test_a_term_is_found_where_it_stands(term, text, quotes):
    assert found(matcher_of(term), text) == quotes


def test_case_counts_only_where_the_admin_says_so():
    matcher = matcher_of(Term(text="EAIC", case_sensitive=True))
    assert found(matcher, "eaic Eaic EAIC") == ["EAIC"]


def test_a_decoy_claims_its_span():
    matcher = matcher_of("Harbour Fund", Term(text="Harbour Fund Run", role=TermRole.DECOY))
    assert found(matcher, "The Harbour Fund Run took place.") == []
    assert found(matcher, "The Harbour Fund Run helps the Harbour Fund.") == ["Harbour Fund"]


def test_a_weak_alias_needs_its_context_in_the_same_paragraph():
    weak = Term(text="合作中心", role=TermRole.WEAK_ALIAS)
    matcher = matcher_of(weak, context=(("上合组织", "SCO"),))
    assert found(matcher, "东盟合作中心启用") == []
    assert found(matcher, "上合组织合作中心启用") == ["合作中心"]
    assert found(matcher, "上合组织开会。\n合作中心启用") == []
    assert found(matcher, "合作中心启用", title="上合組織") == ["合作中心"]


def test_a_group_needs_one_term_of_each_list_near_the_others():
    group = TermGroup(all_of=(("SCO", "上合"), ("AI", "人工智能"), ("center", "中心")), within=3)
    matcher = matcher_of(groups=(group,))
    assert found(matcher, "an AI center for the SCO") == ["AI", "center", "SCO"]
    assert found(matcher, "上合人工智慧中心") == ["上合", "人工智慧", "中心"]
    assert found(matcher, "AI one two three four five center SCO") == []


@pytest.mark.parametrize(
    ("query", "text", "holds"),
    [
        ('("AI cooperation" NEAR/6 (organization OR body)) AND Shanghai NOT hotel',
         "an AI cooperation body in Shanghai", True),
        ('("AI cooperation" NEAR/6 (organization OR body)) AND Shanghai NOT hotel',
         "an AI cooperation body in a Shanghai hotel", False),
        ('"AI cooperation" NEAR/1 body', "AI cooperation one two three body", False),
        ("harbo* AND fund", "the harbour and its fund", True),
        ("f?nd", "a fund", True),
        ("title:fund", "a fund", False),
        ("lang:zh AND 基金", "基金成立", True),
        ("source:example-world AND fund", "fund", True),
        ("source:other AND fund", "fund", False),
        ("基金 NOT 股票", "基金与股票", False),
    ],
)  # fmt: skip
def test_a_query_holds_or_not(query, text, holds):
    matcher = matcher_of(query=query)
    language = Language.CHINESE_SIMPLIFIED if "基金" in text else Language.ENGLISH
    assert bool(found(matcher, text, language=language)) is holds


@pytest.mark.parametrize(
    "query",
    ["a b", "NOT x", "(a", "a)", '"open', "a AND", "NEAR/3 x", "", "title:", "a NEAR/3 (b AND c)"],
)
def test_a_broken_query_points_at_the_character(query):
    problem = check_query(query)
    assert problem is not None
    assert "character" in problem or "^" in problem


def test_a_paused_commitment_is_not_matched():
    assert found(matcher_of("Harbour Fund", paused=True), "Harbour Fund") == []


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.text(max_size=100))
def test_whatever_the_text_offsets_point_into_the_original(text, title):
    matcher = matcher_of("a", "中", "AI", "1 2", groups=(TermGroup(all_of=(("b",), ("国", "c"))),))
    found(matcher, text, title)
