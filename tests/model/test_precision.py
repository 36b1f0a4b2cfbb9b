"""How often a rule was right, and what is proposed where it seldom was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from model.desk import Action, RuleKind
from model.precision import (
    RuleHit,
    figures,
    rule_row,
    standing_decisions,
    tally,
    wilson,
)
from model.records import (
    ArticlePart,
    CommitmentId,
    Decision,
    DecisionId,
    DevelopmentId,
    FeedId,
    HitId,
    Outcome,
    Role,
    Term,
    TermGroup,
    TermMatch,
    TermRole,
)
from model.rule_edits import propose
from tests.builders import NOON, a_commitment, a_watchlist

FUND = CommitmentId("harbour-fund")
TODAY = date(2026, 11, 25)


def a_decision(number, outcome, **more):
    values = {
        "id": DecisionId(number),
        "commitment_id": FUND,
        "development_id": DevelopmentId(number),
        "actor": "local:ann",
        "role": Role.ANALYST,
        "outcome": outcome,
        "decided_at": NOON - timedelta(days=1),
    }
    return Decision(**{**values, **more})


def a_match(term="Harbour Fund", role=TermRole.ALIAS, quote=None, start=0):
    quote = quote or term
    return TermMatch(
        term=term,
        role=role,
        part=ArticlePart.TITLE,
        start=start,
        end=start + len(quote),
        quote=quote,
    )


def a_rule_hit(number, *matches, feed="world", development=None):
    return RuleHit(
        id=HitId(number),
        commitment_id=FUND,
        development_id=DevelopmentId(development or number),
        feed_id=FeedId(feed),
        matches=matches or (a_match(),),
    )


def counted(outcomes, hits=None, watchlist=None):
    """Return the figures where each outcome is that of one development with one hit."""
    decisions = [a_decision(n, each) for n, each in enumerate(outcomes, 1) if each]
    hits = hits or [a_rule_hit(n) for n in range(1, len(outcomes) + 1)]
    watchlist = watchlist or a_watchlist()
    return figures(tally(hits, standing_decisions(decisions, TODAY), watchlist), watchlist)


def of_kind(rows, kind):
    (row,) = [each for each in rows if each.kind is kind]
    return row


@pytest.mark.parametrize(
    ("right", "of", "lower", "upper"),
    [  # Brown, Cai and DasGupta's formula, by hand with z = 1.96
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (8, 10, 0.4902, 0.9433),
        (50, 100, 0.4038, 0.5962),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilsons_interval(right, of, lower, upper):
    assert wilson(right, of) == (pytest.approx(lower, abs=1e-4), pytest.approx(upper, abs=1e-4))


def test_relevance_and_news_count_what_the_rubric_says():
    confirmed, setback = [Outcome.CONFIRMED] * 6, [Outcome.SETBACK] * 2
    restated, rejected = [Outcome.RESTATEMENT] * 8, [Outcome.REJECTED] * 4
    others = [Outcome.JOINED, Outcome.MOVED, Outcome.UNSURE, None]
    row = of_kind(counted([*confirmed, *setback, *restated, *rejected, *others]), RuleKind.ALIAS)
    assert (row.relevance.right, row.relevance.of) == (16, 20)
    assert (row.news.right, row.news.of) == (8, 20)
    assert (row.confirmed, row.setbacks, row.restated, row.rejected) == (6, 2, 8, 4)
    assert row.hits == 24


@pytest.mark.parametrize(("decided", "is_shown"), [(9, False), (10, True)])
def test_a_share_is_shown_from_ten_decisions_on(decided, is_shown):
    row = of_kind(counted([Outcome.CONFIRMED] * decided), RuleKind.ALIAS)
    assert (row.relevance is not None) == is_shown


def test_an_undone_decision_counts_no_more_and_a_later_one_takes_its_place():
    decisions = [
        a_decision(1, Outcome.CONFIRMED),
        a_decision(2, Outcome.REJECTED),
        a_decision(3, Outcome.UNDONE, development_id=DevelopmentId(1), undoes=DecisionId(1)),
        a_decision(4, Outcome.CONFIRMED, development_id=DevelopmentId(2)),
        a_decision(5, Outcome.CONFIRMED, development_id=DevelopmentId(3)),
        a_decision(6, Outcome.JOINED, development_id=DevelopmentId(3), other_id="F2"),
    ]
    standing = standing_decisions(decisions, TODAY)
    assert {name: each.outcome for name, each in standing.items()} == {2: Outcome.CONFIRMED}


def test_only_hits_that_the_analyst_saw_are_judged():
    decision = a_decision(1, Outcome.REJECTED, hit_ids=(HitId(1),))
    hits = [a_rule_hit(1), a_rule_hit(2, feed="other", development=1)]
    told = tally(hits, standing_decisions([decision], TODAY), a_watchlist())
    judged = {key.text: len(each.outcomes) for key, each in told.items() if key.kind == "feed"}
    assert judged == {"world": 1, "other": 0}


def test_thirty_outlets_of_one_development_count_once():
    hits = [a_rule_hit(number, development=1) for number in range(1, 31)]
    told = tally(hits, standing_decisions([a_decision(1, Outcome.CONFIRMED)], TODAY), a_watchlist())
    assert {(each.hits, len(each.outcomes)) for each in told.values()} == {(30, 1)}


def test_groups_and_queries_are_rules_of_their_own():
    group = TermGroup(all_of=(("North", "北国"), ("fund", "基金")))
    watchlist = a_watchlist(commitments=(a_commitment(groups=(group,), query="port AND fund"),))
    hits = [
        a_rule_hit(1, a_match("北国", TermRole.GROUP), a_match("fund", TermRole.GROUP)),
        a_rule_hit(2, a_match("port", TermRole.QUERY), a_match("fund", TermRole.QUERY)),
    ]
    rows = counted([None, None], hits, watchlist)
    assert of_kind(rows, RuleKind.GROUP).text == "North|北国 + fund|基金"
    assert of_kind(rows, RuleKind.QUERY).text == "port AND fund"


def test_the_weakest_by_the_lower_bound_comes_first():
    poor = [a_rule_hit(n, a_match("Poor"), feed="a") for n in range(1, 13)]
    good = [a_rule_hit(n, a_match("Good"), feed="b") for n in range(13, 45)]
    outcomes = [Outcome.CONFIRMED] * 6 + [Outcome.REJECTED] * 6 + [Outcome.CONFIRMED] * 32
    rows = counted(outcomes, [*poor, *good])
    assert [each.text for each in rows] in (["Poor", "a", "Good", "b"], ["a", "Poor", "b", "Good"])
    lowers = [each.relevance.lower for each in rows]
    assert lowers == sorted(lowers)


def test_a_row_of_the_export_adds_up():
    row = of_kind(counted([Outcome.CONFIRMED] * 7 + [Outcome.REJECTED] * 3), RuleKind.ALIAS)
    told = rule_row(row)
    assert told.precision == 0.7
    assert told.lower_95 == pytest.approx(wilson(7, 10)[0], abs=1e-3)
    assert (told.confirmed + told.restated) / (
        told.confirmed + told.restated + told.rejected
    ) == 0.7
    assert told.lang == "en"


# --- proposals ----------------------------------------------------------------------------


def proposed(wrong, right, commitment, term="Harbour Fund", role=TermRole.ALIAS):
    """Return what is proposed where these titles were rejected, and those were right."""
    titles = [*wrong, *right]
    outcomes = [Outcome.REJECTED] * len(wrong) + [Outcome.CONFIRMED] * len(right)
    hits, texts = [], {}
    for number, title in enumerate(titles, 1):
        start = title.lower().index(term.lower())
        match = a_match(term, role, title[start : start + len(term)], start)
        hits.append(a_rule_hit(number, match))
        texts[HitId(number)] = (title, "")
    decisions = [a_decision(n, each) for n, each in enumerate(outcomes, 1)]
    watchlist = a_watchlist(commitments=(commitment,))
    told = tally(hits, standing_decisions(decisions, TODAY), watchlist)
    key = next(key for key in told if key.kind is not RuleKind.FEED)
    return propose(key, told[key], commitment, texts)


def a_fund(*terms, **more):
    return a_commitment(terms=terms or (Term(text="Harbour Fund"),), **more)


RIGHT = [f"Harbour Fund opens office number {n} in Dakar" for n in range(6)]
CASES = {
    "english": (
        [f"Minister {n} visits the Southland Harbour Fund" for n in range(16)],
        RIGHT,
        "Harbour Fund",
        "Southland Harbour Fund",
    ),
    "behind": (
        [f"Shares of Harbour Fund Holdings fell by {n} points" for n in range(16)],
        RIGHT,
        "Harbour Fund",
        "Harbour Fund Holdings",
    ),
    "simplified": (
        [f"第{n}期：南国港口基金公布年报" for n in range(16)],
        [f"港口基金第{n}个办公室启用" for n in range(6)],
        "港口基金",
        "南国港口基金",
    ),
    "traditional": (
        [f"第{n}期：南國港口基金公佈年報" for n in range(16)],
        [f"港口基金第{n}個辦公室啟用" for n in range(6)],
        "港口基金",
        "南國港口基金",
    ),
}


@pytest.mark.parametrize(("wrong", "right", "term", "decoy"), CASES.values(), ids=CASES)
def test_what_surrounds_the_wrong_ones_becomes_a_decoy(wrong, right, term, decoy):
    found = proposed(wrong, right, a_fund(Term(text=term)), term)
    (edit,) = found.edits
    assert edit.action is Action.ADD_DECOY
    assert decoy in edit.text
    assert all(edit.text not in title for title in right)
    assert sum(edit.text in title for title in wrong) >= 10
    assert edit.text in found.why
    assert found.lines


def test_no_decoy_is_proposed_that_a_right_one_says():
    wrong = [f"Southland Harbour Fund {n}" for n in range(16)]
    right = ["Southland Harbour Fund opens", "A Southland Harbour Fund"] * 3
    found = proposed(wrong, right, a_fund(promisor=("Northland",)))
    assert all(
        each.action is not Action.ADD_DECOY or each.text.lower() != "southland harbour fund"
        for each in found.edits
    )


def test_a_name_that_is_only_right_in_capitals_wants_case():
    right = [f"AID opens office {n}" for n in range(6)]
    words = iter("abcdefghijklmnop")
    wrong = [f"{next(words) * 4} aid {chr(97 + n) * 5}" for n in range(16)]
    found = proposed(wrong, right, a_fund(Term(text="AID")), "AID")
    assert [each.action for each in found.edits] == [Action.MAKE_CASED]


def test_a_name_that_nothing_tells_apart_becomes_weak_beside_who_promised():
    letters = "abcdefghijklmnop"
    wrong = [f"{each * 5} Harbour Fund {each * 6}" for each in letters]
    found = proposed(wrong, RIGHT, a_fund(promisor=("Northland",), counterparties=("islands",)))
    context, weak = found.edits
    assert (context.action, context.terms) == (Action.ADD_CONTEXT, ("Northland", "islands"))
    assert weak.action is Action.MAKE_WEAK
    with_context = a_fund(context=(("Northland",),))
    assert [each.action for each in proposed(wrong, RIGHT, with_context).edits] == [
        Action.MAKE_WEAK
    ]


@pytest.mark.parametrize(("wrong", "right"), [(13, 6), (10, 10), (9, 11)])
def test_nothing_is_proposed_below_twenty_decisions_or_from_a_half_on(wrong, right):
    titles = [f"Southland Harbour Fund {n}" for n in range(wrong)]
    good = [f"Harbour Fund opens {n}" for n in range(right)]
    assert proposed(titles, good, a_fund(promisor=("Northland",))) is None


def test_a_term_that_left_the_file_gets_no_edit():
    letters = "abcdefghijklmnop"
    wrong = [f"{each * 5} Harbour Fund {each * 6}" for each in letters]
    gone = a_fund(Term(text="Another Name"), promisor=("Northland",))
    assert proposed(wrong, RIGHT, gone) is None
