"""The accepted versions of the watchlist, and the hits seen from the rules that found them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from model.errors import MissingRecordError
from model.records import CommitmentId, FeedId, HitId, Outcome
from storage.database import open_database
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_hit, an_article
from tests.storage.test_repositories import a_development

FUND = CommitmentId("harbour-fund")


def accept(work, version, text, author="local:ann", now=NOON):
    return work.watchlists.accept(version=version, text=text, author=author, now=now)


def test_versions_are_numbered_and_kept_whole(any_database):
    with begin(any_database) as work:
        assert work.watchlists.current() is None
        first = accept(work, "a", "one\n# 一\n")
        assert accept(work, "a", "one\n# 一\n", author="local:bob") == first
        second = accept(work, "a", "one, with another comment\n")
        third = accept(work, "b", "two\n")
        work.commit()
    with reading(any_database) as work:
        assert first < second < third
        assert [each.number for each in work.watchlists.listed(2)] == [third, second]
        assert work.watchlists.get(first).text == "one\n# 一\n"
        assert work.watchlists.get(first).author == "local:ann"
        assert work.watchlists.before(third).number == second
        assert work.watchlists.before(first) is None
        with pytest.raises(MissingRecordError, match="watchlist history"):
            work.watchlists.get(999)


def test_what_the_articles_were_looked_through_for_is_remembered(any_database):
    with begin(any_database) as work:
        first = accept(work, "a", "one")
        accept(work, "b", "two")
        assert work.watchlists.applied() is None
        work.watchlists.mark_applied("a", NOON)
        assert work.watchlists.applied().number == first
        back = accept(work, "a", "one")
        assert work.watchlists.applied().number == first
        work.watchlists.mark_applied("a", NOON + timedelta(hours=1))
        assert work.watchlists.applied().number == back
        assert work.watchlists.get(first).applied_at == NOON
        work.commit()


def test_what_was_accepted_before_the_upgrade_counts_as_looked_for(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/old.db")
    database.upgrade("0004")
    with database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO watchlist_versions (version, text, author, accepted_at) "
            "VALUES ('a', 'one', 'file', '2026-01-02 03:04:05')"
        )
        connection.commit()
    database.upgrade()
    with reading(database) as work:
        applied = work.watchlists.applied()
    assert (applied.version, applied.applied_at) == ("a", applied.accepted_at)
    database.close()


@pytest.fixture
def found(any_database):
    """Two articles with a hit each; the second is confirmed, and two days older."""
    with begin(any_database) as work:
        for number, outcome in ((1, None), (2, Outcome.CONFIRMED)):
            moment = NOON - timedelta(days=2 * (number - 1))
            _, article = work.articles.arrive(
                an_article(number=number, fetched_at=moment, feed_id=FeedId(f"feed-{number}"))
            )
            hit = work.hits.add(a_hit(article_id=article))
            development = work.developments.add(a_development(lead_article_id=article))
            saved = work.developments.get(development)
            work.developments.save(replace(saved, outcome=outcome))
            work.hits.place(hit, development)
        work.commit()
    return any_database


def test_hits_come_with_what_found_them(found):
    with reading(found) as work:
        rows = list(work.rules.hits())
        texts = work.rules.texts([row.id for row in rows])
        nothing = work.rules.texts([HitId(999)])
    assert [(row.commitment_id, row.feed_id) for row in rows] == [
        (FUND, "feed-1"),
        (FUND, "feed-2"),
    ]
    assert [row.matches[0].term for row in rows] == ["Harbour Resilience Fund"] * 2
    assert all(row.development_id is not None for row in rows)
    assert texts[rows[0].id] == (an_article().title, an_article().text)
    assert nothing == {}


def test_hits_of_commitments_come_with_what_was_decided_of_a_time(found):
    with reading(found) as work:
        every = list(work.rules.of_commitments([FUND]))
        newest = list(work.rules.of_commitments([FUND], NOON - timedelta(days=1)))
        others = list(work.rules.of_commitments([CommitmentId("other")]))
        counts = work.rules.article_count(), work.rules.article_count(NOON - timedelta(days=1))
    assert [outcome for _, outcome in every] == [None, Outcome.CONFIRMED]
    assert [hit.article_id for hit, _ in newest] == [every[0][0].article_id]
    assert isinstance(every[0][0].development_id, int)
    assert others == []
    assert counts == (2, 1)
