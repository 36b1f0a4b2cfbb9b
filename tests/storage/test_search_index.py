"""The search on both databases: what is found, what is counted, and that nothing is left out."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from model.errors import MissingRecordError
from model.records import ArticleId, CommitmentId, FeedId, HitId, Language, Outcome, Relation
from storage.history import UNREVIEWED, Order, Search
from storage.search_words import matches, read_query
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_hit, a_suggestion, an_article
from tests.storage.test_repositories import a_development

FUND = CommitmentId("harbour-fund")
OTHER = CommitmentId("other-fund")

TEXTS = [
    ("世界人工智能合作组织成立", "成立大会今日在上海举行。"),
    ("世界人工智慧合作組織總部擬設上海", "各方重申支持。"),
    ("AI cooperation organization named", "The World AI Cooperation Organisation opened."),
    ("Organization of cooperation", "A cooperation. Organization came later, in Shanghai."),
    ("上合组织", "上海合作组织与AI合作"),
    ("O'Reilly's \\ 100% 'quoted' \"words\"", "back\\slash & | ! ( ) : * <-> NEAR AND OR NOT"),
]


def store(work, number, title, text, *, hit=True, commitment=FUND, **changes):
    """Store an article; with a hit and a development of its own unless told otherwise."""
    article = an_article(number=number, title=title, text=text, **changes)
    _, article_id = work.articles.arrive(article)
    if hit:
        development = a_development(commitment_id=commitment, lead_article_id=article_id)
        development_id = work.developments.add(development)
        found_at = NOON + timedelta(minutes=number)
        found = a_hit(article_id=article_id, commitment_id=commitment, found_at=found_at)
        work.hits.place(work.hits.add(found), development_id)
    return article_id


def index_all(database, limit=200):
    count = 0
    while True:
        with begin(database) as work:
            done = work.search_index.catch_up(limit)
            work.commit()
        if not done:
            return count
        count += done


def titles(database, text, **wanted):
    with reading(database) as work:
        return [
            row.report.article.title for row in work.history.search(Search(text=text, **wanted))
        ]


@pytest.fixture
def filled(any_database):
    with begin(any_database) as work:
        for number, (title, text) in enumerate(TEXTS):
            store(work, number, title, text)
        work.commit()
    index_all(any_database)
    return any_database


@pytest.mark.parametrize(
    "typed",
    [
        "上", "上海", "组织", "組織", "AI", "人工智慧", "世界人工智能合作组织", "上海 AI", "海",
        "cooperation organization", '"cooperation organization"', '"organization of cooperation"',
        "organisation", "Shanghai", "nowhere", "100%", "o'reilly", "'quoted'", "back\\slash",
        "AND OR NOT NEAR", "*", "(", "合作 上海",
    ],
)  # fmt: skip
def test_the_index_finds_what_the_texts_say(filled, typed):
    query = read_query(typed)
    expected = [
        title for title, text in reversed(TEXTS) if query.terms and matches(title, text, query)
    ]
    assert titles(filled, typed) == expected
    with reading(filled) as work:
        listed = [each.article.title for each in work.history.articles(typed)]
    assert listed == expected


def test_any_words_are_found_as_the_texts_have_them(any_database):
    chance = random.Random(7)
    words = [
        "上",
        "海",
        "合",
        "作",
        "AI",
        "fund",
        "of",
        "，",
        "。",
        " ",
        "-",
        "組織",
        "co-operation",
    ]
    texts = [
        ("".join(chance.choices(words, k=4)), " ".join(chance.choices(words, k=12)))
        for _ in range(120)
    ]
    with begin(any_database) as work:
        for number, (title, text) in enumerate(texts):
            store(work, number, title, text)
        work.commit()
    index_all(any_database, limit=50)
    for _ in range(150):
        typed = chance.choice(["{}", '"{}"']).format("".join(chance.choices(words, k=3)))
        query = read_query(typed)
        with reading(any_database) as work:
            found = {
                row.report.hit.article_id
                for row in work.history.search(Search(text=typed), limit=200)
            }
            listed = {each.id for each in work.history.articles(typed, limit=200)}
        expected = {
            number
            for number, (title, text) in enumerate(texts, start=1)
            if query.terms and matches(title, text, query)
        }
        assert found == listed == expected, typed


def test_an_article_without_a_hit_is_found_but_not_in_the_history(any_database):
    with begin(any_database) as work:
        store(work, 1, "上海的天气", "晴", hit=False)
        work.commit()
    index_all(any_database)
    assert titles(any_database, "上海") == []
    with reading(any_database) as work:
        assert [each.article.title for each in work.history.articles("上海")] == ["上海的天气"]
        assert work.search_index.searched().articles == 1


def test_a_revised_article_is_found_by_its_new_words_only(filled):
    with begin(filled) as work:
        old = work.articles.get(ArticleId(1)).article
        work.articles.arrive(replace(old, title="改在北京", text="推迟。", text_hash="new"))
        work.commit()
    with reading(filled) as work:
        assert work.search_index.searched().waiting == 1
    index_all(filled)
    assert titles(filled, "北京") == ["改在北京"]
    assert "改在北京" not in titles(filled, "上海")
    with reading(filled) as work:
        assert work.search_index.searched().articles == len(TEXTS)
        assert ArticleId(1) not in {each.id for each in work.history.articles("上海")}


def test_an_article_that_gains_a_hit_later_comes_into_the_history(any_database):
    with begin(any_database) as work:
        article_id = store(work, 1, "上海", "", hit=False)
        work.commit()
    index_all(any_database)
    with begin(any_database) as work:
        development_id = work.developments.add(a_development(lead_article_id=article_id))
        work.hits.place(work.hits.add(a_hit(article_id=article_id)), development_id)
        work.commit()
    index_all(any_database)
    assert titles(any_database, "上海") == ["上海"]


def test_a_crash_while_indexing_leaves_nothing_out(any_database):
    with begin(any_database) as work:
        for number in range(30):
            store(work, number, f"上海 {number}", "")
        work.commit()
    for _ in range(3):
        with pytest.raises(RuntimeError), begin(any_database) as work:
            assert work.search_index.catch_up(10) == 10
            raise RuntimeError("killed before the commit")
        with begin(any_database) as work:
            work.search_index.catch_up(7)
            work.commit()
    with pytest.raises(RuntimeError), begin(any_database) as work:
        store(work, 99, "上海 rolled back", "")
        raise RuntimeError("killed before the commit")
    index_all(any_database)
    with reading(any_database) as work:
        assert len(work.history.search(Search(text="上海"), limit=100)) == 30
        assert work.search_index.searched().articles == 30
        assert work.search_index.searched().waiting == work.search_index.missing() == 0


def test_what_the_index_misses_is_noticed_and_added(filled):
    with begin(filled) as work:
        work._connection.exec_driver_sql("DELETE FROM search_documents WHERE article_id IN (2, 3)")
        work.commit()
    with begin(filled) as work:
        assert work.search_index.missing() == 2
        assert work.search_index.add_missing() == 2
        assert work.search_index.missing() == 0
        work.commit()
    index_all(filled)
    assert len(titles(filled, "AI")) == 4


def test_an_index_cut_in_another_way_is_made_anew(filled, monkeypatch):
    monkeypatch.setattr("storage.search_index.VERSION", "next")
    assert index_all(filled) == len(TEXTS)
    assert len(titles(filled, "上海")) == 3
    with reading(filled) as work:
        assert work.search_index.searched().articles == len(TEXTS)


def test_facets_count_as_if_nothing_of_their_kind_were_chosen(any_database):
    with begin(any_database) as work:
        work.feeds.ensure([], NOON)
        store(work, 1, "上海一", "", language=Language.CHINESE_SIMPLIFIED)
        store(work, 2, "上海二", "", language=Language.CHINESE_TRADITIONAL, commitment=OTHER)
        store(work, 3, "Shanghai", "", commitment=OTHER, feed_id=FeedId("harbour"))
        store(work, 4, "上海四", "", hit=False)
        development = work.developments.get(work.developments.listed()[0].id)
        work.developments.save(replace(development, outcome=Outcome.CONFIRMED))
        work.commit()
    index_all(any_database)
    with reading(any_database) as work:
        everything = work.history.facets(Search())
        chosen = work.history.facets(Search(text="上海", commitment_id=OTHER))
        reviewed = work.history.facets(Search(review=UNREVIEWED))
    assert (everything.hits, everything.developments) == (3, 3)
    assert {each.value: each.hits for each in everything.pledges} == {OTHER: 2, FUND: 1}
    assert {each.value: each.hits for each in everything.decisions} == {
        "confirmed": 1,
        UNREVIEWED: 2,
    }
    assert {each.value: each.hits for each in everything.sources} == {
        "example-world": 2,
        "harbour": 1,
    }
    assert [(each.value, each.hits) for each in everything.months] == [("2026-11", 3)]
    assert {each.value for each in everything.languages} == {"en", "zh-Hans", "zh-Hant"}
    assert [(each.value, each.hits) for each in everything.relations] == [("follow_up", 3)]
    assert chosen.hits == 1
    assert {each.value: each.hits for each in chosen.pledges} == {OTHER: 1, FUND: 1}
    assert [each.value for each in chosen.languages] == ["zh-Hant"]
    assert reviewed.hits == 2
    assert {each.value for each in reviewed.decisions} == {"confirmed", UNREVIEWED}


@pytest.mark.parametrize("order", list(Order))
def test_pages_follow_each_other_without_a_gap_or_a_repeat(any_database, order):
    with begin(any_database) as work:
        for number in range(23):  # found three at a time in the same moment
            store(work, number, f"上海 {number}", "", feed_id=FeedId("f"))
        work._connection.exec_driver_sql(
            "UPDATE hits SET found_at = "
            "(SELECT found_at FROM hits AS first WHERE first.id = hits.id / 3 * 3 + 1)"
        )
        work.commit()
    index_all(any_database)
    seen, after = [], None
    with reading(any_database) as work:
        while page := work.history.search(Search(text="上海"), 5, after, order):
            seen += [row.report.hit.id for row in page]
            after = HitId(seen[-1])
        with pytest.raises(MissingRecordError, match="hit 999"):
            work.history.search(Search(), 5, HitId(999))
    assert seen == sorted(range(1, 24), reverse=order is Order.NEWEST)


def test_the_history_is_narrowed_by_source_language_and_pledges(any_database):
    with begin(any_database) as work:
        store(work, 1, "one", "", feed_id=FeedId("a"), language=Language.ENGLISH)
        store(work, 2, "two", "", feed_id=FeedId("b"), commitment=OTHER)
        work.commit()
    with reading(any_database) as work:
        for wanted in (
            Search(feed_id=FeedId("a")),
            Search(commitment_ids=(FUND,)),
            Search(commitment_id=FUND, language="en", relation=Relation.FOLLOW_UP),
        ):
            assert [row.report.article.title for row in work.history.search(wanted)] == ["one"]
        assert work.history.search(Search(commitment_ids=())) == ()


def test_a_replaced_hit_keeps_what_the_history_filters_by(any_database):
    with begin(any_database) as work:
        store(work, 1, "one", "", feed_id=FeedId("a"))
        suggestion = a_suggestion(relation=Relation.MENTION)
        work.hits.replace(HitId(1), a_hit(article_id=ArticleId(1), suggestion=suggestion))
        work.commit()
    with reading(any_database) as work:
        assert len(work.history.search(Search(feed_id=FeedId("a"), relation=Relation.MENTION))) == 1
