"""A backtest predicts exactly what a real run under the edit stores, on both databases."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from model.desk import ChangeKind
from model.records import (
    CommitmentId,
    Decision,
    Known,
    Language,
    Milestone,
    Outcome,
    Relation,
    Role,
    Saying,
    Term,
    TermRole,
)
from monitor.matching import compile_watchlist
from monitor.pipeline import Context, Step, look_back, process_article
from pledgewatch.backtest import run_backtest
from storage.database import open_database
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_commitment, a_watchlist, an_article

FUND, RAIL, PORT = (CommitmentId(each) for each in ("harbour-fund", "rail-plan", "port-plan"))
DAYS = 120


def terms(*texts, decoys=()):
    return tuple(Term(text=each) for each in texts) + tuple(
        Term(text=each, role=TermRole.DECOY) for each in decoys
    )


def a_pledge(name, *texts, decoys=(), **more):
    values = {"id": name, "title": name, "said": (Saying(date="2026-01-01"),)}
    return a_commitment(**{**values, "terms": terms(*texts, decoys=decoys), **more})


BEFORE = a_watchlist(
    version="before",
    commitments=(
        a_pledge(FUND, "Harbour Resilience Fund", "港口复原基金", "Harbour Fund"),
        a_pledge(RAIL, "Rail Plan"),
        a_pledge(PORT, "Port Plan"),
    ),
)
AFTER = a_watchlist(
    version="after",
    commitments=(
        a_pledge(
            FUND,
            "Harbour Resilience Fund",
            "港口复原基金",
            "港口基金",
            decoys=("Southland Harbour Resilience Fund",),
            known=(Known(date="2026-07-01", milestone=Milestone.SIGNED),),
        ),
        a_pledge(RAIL, "Rail Plan", tags=("rail",)),
        a_pledge(CommitmentId("new-plan"), "Grain Plan"),
    ),
)
SENTENCES = (
    ("The {} opened its first office in Dakar on Friday", "Harbour Resilience Fund"),
    ("Ministers welcome the {}", "Harbour Fund"),
    ("{}周五在达喀尔正式启用", "港口复原基金"),
    ("{}協議週一簽署", "港口基金"),
    ("Ten states signed the founding agreement of the {}", "Harbour Resilience Fund"),
    ("The {} opened in Porto", "Southland Harbour Resilience Fund"),
    ("The {} was signed by ten states", "Grain Plan"),
    ("The {} is being prepared", "Rail Plan"),
    ("The {} was postponed", "Port Plan"),
    ("Nothing about any {} at all", "of this"),
)


LATE = {75: "The {} was suspended on Monday", 96: "The {} was cancelled on Friday"}
WORDS = "grain ferry clinic bridge school teacher budget council talks energy water coast".split()


def articles():
    """Articles of a hundred and twenty days, the oldest first."""
    chance = random.Random(3)
    for day in range(DAYS):
        words, name = SENTENCES[day % len(SENTENCES)]
        if day in LATE:
            words, name = LATE[day], "Harbour Resilience Fund"
        moment = NOON - timedelta(days=DAYS - day)
        sentence = words.format(name)
        rest = " ".join(chance.choices(WORDS, k=60))
        yield an_article(
            number=day,
            title=f"{sentence} ({' '.join(chance.choices(WORDS, k=4))})",
            text=f"{sentence}, officials said.\n{rest}",
            language=Language.CHINESE_SIMPLIFIED if words[:2] == "{}" else Language.ENGLISH,
            published_at=moment if day % 7 else None,
            fetched_at=moment,
        )


def really_run(database, watchlist):
    context = Context(watchlist=watchlist, matcher=compile_watchlist(watchlist))
    with begin(database) as work:
        for article in articles():
            process_article(article, context, work, article.fetched_at, tell=True)
        work.commit()


def stored(database):
    """What is stored of the commitments that the edit touches: whose, where, and how read."""
    with reading(database) as work:
        found = work.rules.of_commitments((FUND, PORT, CommitmentId("new-plan")))
        return {(hit.commitment_id, hit.article_id): hit.suggestion for hit, _ in found}


@pytest.fixture
def ran(any_database):
    """A database in which the articles came under the watchlist of before."""
    really_run(any_database, BEFORE)
    return any_database


@pytest.fixture
def fresh(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/fresh.db")
    database.upgrade()
    yield database
    database.close()


def pairs(hits):
    return {(hit.commitment_id, hit.article_id) for hit in hits}


def every(result, name):
    return [hit for each in result.commitments for hit in getattr(each, name)]


def test_what_is_predicted_is_what_a_run_under_the_edit_stores(ran, fresh):
    result = run_backtest(ran, BEFORE, AFTER, now=NOON)
    really_run(fresh, AFTER)
    old, new = stored(ran), stored(fresh)
    assert pairs(every(result, "gained")) == set(new) - set(old)
    assert pairs(every(result, "lost")) == set(old) - set(new)
    assert len(set(new) - set(old)) >= 20
    assert len(set(old) - set(new)) >= 30
    for hit in every(result, "gained"):
        told = new[hit.commitment_id, hit.article_id]
        assert (hit.after.relation, hit.after.milestone) == (told.relation, told.milestone)


def test_another_reading_is_predicted_with_what_it_was_and_will_be(ran, fresh):
    result = run_backtest(ran, BEFORE, AFTER, now=NOON)
    really_run(fresh, AFTER)
    old, new = stored(ran), stored(fresh)
    otherwise = {
        pair for pair in set(old) & set(new) if old[pair].relation is not new[pair].relation
    }
    assert otherwise
    assert pairs(every(result, "changed")) == otherwise
    for hit in every(result, "changed"):
        pair = hit.commitment_id, hit.article_id
        assert hit.before.relation is old[pair].relation
        assert hit.after.relation is new[pair].relation


def test_looking_back_after_the_edit_stores_what_was_gained(ran):
    result = run_backtest(ran, BEFORE, AFTER, now=NOON, days=90)
    old = stored(ran)
    matcher = compile_watchlist(AFTER)
    with begin(ran) as work:
        batch = work.articles.batch(NOON - timedelta(days=90), 0, 1000)
        look_back(
            Step(work=work, now=NOON, tell=False), batch, matcher, (FUND, CommitmentId("new-plan"))
        )
        work.commit()
    assert pairs(every(result, "gained")) == set(stored(ran)) - set(old)


def test_alerts_a_week_are_those_that_the_runs_raise(ran, fresh):
    result = run_backtest(ran, BEFORE, AFTER, now=NOON)
    really_run(fresh, AFTER)
    by_name = {each.commitment_id: each for each in result.commitments}
    for database, side in ((ran, "alerts_a_week_before"), (fresh, "alerts_a_week_after")):
        with reading(database) as work:
            alerts = work.outbox.unrouted(1000)
            since = NOON - timedelta(days=91)
            rung = [
                each
                for each in alerts
                if each.reason == "new_development"
                and each.commitment_id == FUND
                and each.raised_at >= since
            ]
        assert getattr(by_name[FUND], side) == round(len(rung) / (90 / 7), 2)
        assert rung


def test_only_what_the_edit_touches_is_matched_again(ran):
    result = run_backtest(ran, BEFORE, AFTER, now=NOON)
    kinds = {each.commitment_id: each.kind for each in result.commitments}
    assert kinds == {
        FUND: ChangeKind.CHANGED,
        "new-plan": ChangeKind.ADDED,
        PORT: ChangeKind.REMOVED,
    }
    assert result.articles == DAYS


def test_an_edit_of_nothing_looks_at_nothing(ran):
    told = []
    result = run_backtest(ran, BEFORE, BEFORE, now=NOON, progress=lambda *each: told.append(each))
    assert result.commitments == ()
    assert told == []


def test_progress_is_told_up_to_the_whole(ran, monkeypatch):
    monkeypatch.setattr("pledgewatch.backtest.BATCH", 50)
    told = []
    run_backtest(ran, BEFORE, AFTER, now=NOON, progress=lambda *each: told.append(each))
    assert told == [(50, DAYS), (100, DAYS), (DAYS, DAYS)]


def test_lost_hits_that_were_confirmed_come_first(ran):
    with begin(ran) as work:
        hits = [hit for hit, _ in work.rules.of_commitments((FUND,))]
        lost = next(hit for hit in hits if any(m.term == "Harbour Fund" for m in hit.matches))
        development = work.developments.get(lost.development_id)
        work.developments.save(replace(development, outcome=Outcome.CONFIRMED))
        work.commit()
    result = run_backtest(ran, BEFORE, AFTER, now=NOON)
    fund = next(each for each in result.commitments if each.commitment_id == FUND)
    confirmed = [hit.was_confirmed for hit in fund.lost]
    assert confirmed == sorted(confirmed, reverse=True)
    assert lost.id in {hit.hit_id for hit in result.lost_confirmed}
    assert fund.lost[0].outcome is Outcome.CONFIRMED
    assert fund.lost[0].before.quotes


def test_a_joined_development_has_the_outcome_of_what_it_joined(ran):
    with begin(ran) as work:
        found = [hit for hit, _ in work.rules.of_commitments((PORT,))]
        names = list(dict.fromkeys(hit.development_id for hit in found))
        if len(names) < 2:
            pytest.fail("the example needs two developments")
        for name, outcome in ((names[0], Outcome.CONFIRMED), (names[1], Outcome.JOINED)):
            work.developments.save(replace(work.developments.get(name), outcome=outcome))
        work.decisions.add(
            Decision(
                commitment_id=PORT,
                actor="local:ann",
                role=Role.ANALYST,
                outcome=Outcome.JOINED,
                decided_at=NOON,
                development_id=names[1],
                other_id=f"F{names[0]}",
            )
        )
        work.commit()
    result = run_backtest(ran, BEFORE, AFTER, now=NOON)
    joined = {hit.development_id for hit in result.lost_confirmed}
    assert {names[0], names[1]} <= joined


def test_what_was_found_before_and_never_stored_is_told_apart(any_database):
    with begin(any_database) as work:
        for article in articles():
            work.articles.arrive(article)
        work.commit()
    result = run_backtest(any_database, BEFORE, AFTER, now=NOON)
    fund = next(each for each in result.commitments if each.commitment_id == FUND)
    by_edit = {hit.after.quotes[0] for hit in fund.gained if hit.by_this_edit}
    others = {hit.after.quotes[0] for hit in fund.gained if not hit.by_this_edit}
    assert by_edit == {"港口基金"}
    assert others == {"Harbour Resilience Fund", "港口复原基金"}
    assert all(hit.after.relation in tuple(Relation) for hit in fund.gained)


def test_an_article_that_fails_is_left_out_and_the_rest_goes_on(ran, monkeypatch, caplog):
    from monitor import pipeline

    really = pipeline.suggest

    def suggest(article, found, *more):
        if "signed the founding agreement" in article.title:
            raise RuntimeError("a mistake of ours")
        return really(article, found, *more)

    whole = run_backtest(ran, BEFORE, AFTER, now=NOON)
    monkeypatch.setattr(pipeline, "suggest", suggest)
    rest = run_backtest(ran, BEFORE, AFTER, now=NOON)
    assert "failed in a backtest" in caplog.text
    fund, without = (
        next(each for each in result.commitments if each.commitment_id == FUND)
        for result in (whole, rest)
    )
    failed = {h.article_id for h in without.lost} - {h.article_id for h in fund.lost}
    assert failed
    assert without.hits_after == fund.hits_after - len(failed)
    assert without.gained
