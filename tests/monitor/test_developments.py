"""One event once: copies, other words, other languages; and what is worth telling."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from model.records import (
    AlertReason,
    Article,
    ArticleId,
    CommitmentId,
    Decision,
    DecisionId,
    Development,
    DevelopmentId,
    Milestone,
    Outcome,
    Relation,
    Role,
    Setback,
    Stage,
)
from monitor.developments import Stories, folds, place_hit
from monitor.fingerprints import same_text, same_title, signature
from monitor.matching import compile_watchlist
from monitor.pipeline import Context, process_article
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_feed, a_hit, a_suggestion, a_watchlist, an_article

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


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("African Union opens climate research centre in Accra", "非盟在阿克拉启用气候研究中心"),
        ("非盟在阿克拉启用气候研究中心", "African Union opens climate research centre in Accra"),
        ("非盟在阿克拉啟用氣候研究中心", "African Union opens climate research centre in Accra"),
    ],
    ids=["en", "zh-Hans", "zh-Hant"],
)
def test_a_repetition_with_the_same_headline_in_another_language_joins(title, other):
    known = a_known(
        an_article(title=title, text=""), relation=Relation.RESTATEMENT, milestone=None, stage=None
    )
    again = an_article(number=2, title=other, text="")
    placed = place(again, known, relation=Relation.RESTATEMENT, milestone=None, event_date=None)
    assert (placed.joins, placed.new_origin, placed.reason) == (1, True, None)


def test_the_same_step_of_the_same_day_in_another_city_is_another_event():
    known = a_known(FIRST, place="Nairobi")
    other = an_article(number=2, title="Something else", text="Other words " * 30)
    assert place(other, known, place="拉各斯").joins is None
    assert place(other, known, place="内罗毕").joins == 1


def test_headlines_alike_that_tell_another_step_open_their_own():
    known = a_known(an_article(title="Fund charter signed in Port Laval", text=""))
    denied = an_article(number=2, title="Fund charter signed in Port Laval?", text="")
    told = {"milestone": None, "stage": None, "event_date": None, "setback": Setback.DENIED}
    assert place(denied, known, **told).joins is None


def test_a_copy_joins_what_it_repeats_most_of():
    tail = " Rain fell on the square while the flags of every member were hoisted one by one."
    longer = replace(a_known(an_article(title="b", text=LONG + tail * 2)), id=DevelopmentId(2))
    article = an_article(number=3, title="a", text=LONG + " Bands played." * 8)
    hit = replace(a_hit(), suggestion=a_suggestion())
    mark = signature(article.title, article.text)
    assert place_hit(hit, article, mark, [longer, a_known(article)]).joins == 1


def test_what_was_told_apart_is_no_choice():
    copy = an_article(number=2, title="Charter is signed", text=LONG)
    hit = replace(a_hit(), suggestion=a_suggestion())
    mark = signature(copy.title, copy.text)
    assert place_hit(hit, copy, mark, [a_known(FIRST)]).joins == 1
    assert place_hit(hit, copy, mark, [a_known(FIRST)], apart={DevelopmentId(1)}).joins is None


def sent(number, outcome, development, other=None, undoes=None):
    return Decision(
        id=DecisionId(number),
        commitment_id=CommitmentId("harbour-fund"),
        actor="local:ann",
        role=Role.ANALYST,
        outcome=outcome,
        decided_at=NOON,
        development_id=DevelopmentId(development),
        other_id=other,
        undoes=undoes,
    )


SPLIT, JOINED, UNDONE = Outcome.SPLIT, Outcome.JOINED, Outcome.UNDONE


@pytest.mark.parametrize(
    ("decisions", "apart", "target"),
    [
        ([sent(1, SPLIT, 1, "F2")], {2}, 1),
        ([sent(1, SPLIT, 2, "1")], {2}, 1),
        ([sent(1, SPLIT, 1, "2"), sent(2, UNDONE, 1, "2", undoes=1)], set(), 1),
        (
            [
                sent(1, SPLIT, 1, "2"),
                sent(2, UNDONE, 1, undoes=1),
                sent(3, UNDONE, 1, undoes=2),
            ],
            {2},
            1,
        ),
        ([sent(1, SPLIT, 1, "2"), sent(2, JOINED, 1, "2")], set(), 2),
        ([sent(1, JOINED, 1, "2"), sent(2, JOINED, 2, "F3")], set(), 3),
        ([sent(1, JOINED, 1, "2"), sent(2, JOINED, 2, "1")], set(), 2),
        ([sent(1, Outcome.CONFIRMED, 1)], set(), 1),
    ],
    ids=["split", "the other way", "undone", "redone", "joined again", "chain", "ring", "none"],
)
def test_splits_and_joins_that_stand_are_read_from_decisions(decisions, apart, target):
    decided = folds(decisions)
    assert decided.apart_from(DevelopmentId(1)) == apart
    assert decided.target(DevelopmentId(1)) == target


# --- with a database ---------------------------------------------------------------


TEXTS = {
    "en": LONG.replace("Fund in", "Fund (Harbour Resilience Fund) in"),
    "zh-Hans": LONG_ZH.replace("港湾韧性基金", "Harbour Resilience Fund") * 2,
    "zh-Hant": "十二個沿海國家週一簽署Harbour Resilience Fund章程，首筆資金將於明年春季撥付。" * 2,
}


@pytest.fixture
def newsroom(database):
    """Processes articles one after another, each in a transaction."""
    watchlist = a_watchlist()
    context = Context(watchlist=watchlist, matcher=compile_watchlist(watchlist))

    def process(article, hours=0):
        with begin(database) as work:
            work.feeds.ensure([a_feed()], NOON)
            moment = NOON + timedelta(hours=hours)
            done = process_article(article, context, work, moment, tell=True)
            work.commit()
        return done.hits[0].development_id

    return process, database


def decide(database, decision, hit_ids, to):
    with begin(database) as work:
        work.decisions.add(decision)
        for hit_id in hit_ids:
            work.hits.place(hit_id, to)
        work.commit()


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_fold_that_was_split_stays_split(newsroom, text):
    process, database = newsroom
    first = process(an_article(number=1, title="Charter signed", text=text))
    again = an_article(number=2, title="Bank takes charge of money", text=text + " Later: " + text)
    assert process(again) == first
    with begin(database) as work:
        whole = work.developments.get(first)
        article_id = work.hits.of_article(ArticleId(2))[0].article_id
        own = work.developments.add(replace(whole, lead_article_id=article_id, hit_count=1))
        work.commit()
    decide(database, sent(1, Outcome.SPLIT, first, f"F{own}"), [2], own)

    title = "Harbour Resilience Fund opens its first office"  # a new fact
    revised = replace(again, title=title, text_hash="revised")
    assert process(revised, hours=1) == own


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_copies_of_what_was_joined_go_where_it_went(newsroom, text):
    process, database = newsroom
    first = process(an_article(number=1, title="Charter signed", text=text))
    other = "The Harbour Resilience Fund bought a house, says a report on prices of houses. " * 5
    second = process(an_article(number=2, title="A house in the old town", text=other))
    assert first != second
    decide(database, sent(1, Outcome.JOINED, second, str(first)), [2], first)
    with begin(database) as work:
        empty = work.developments.get(second)
        work.developments.save(replace(empty, outcome=Outcome.JOINED, hit_count=0))
        work.commit()
    assert process(an_article(number=3, title="House in the old town", text=other)) == first


def test_one_dispatch_in_forty_papers_is_one_origin(newsroom):
    process, database = newsroom
    ids = {
        process(an_article(number=number, title=f"Charter signed, says paper {number}", text=text))
        for number, text in enumerate([TEXTS["en"]] * 40, start=1)
    }
    with reading(database) as work:
        told = work.developments.get(ids.pop())
        assert (ids, told.hit_count, told.origin_count) == (set(), 40, 1)
        assert work.outbox.unrouted(100)
