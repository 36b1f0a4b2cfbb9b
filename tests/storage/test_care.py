"""Database care on both kinds: copies, backups, pruning, checks, and a full disk."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy

from model.errors import DatabaseUnusableError
from model.records import (
    ArticleId,
    ChatId,
    DeliveryState,
    DevelopmentId,
    FeedId,
    Outcome,
    Role,
    Subscriber,
)
from pledgewatch.maintenance import index_for, prune
from storage import backups
from storage.articles import Arrival
from storage.checking import find_damage
from storage.copying import copied_tables, copy_database, counted
from storage.database import explain, open_database
from storage.history import Search
from storage.observed import asked
from storage.search_schema import ARTICLES, HITS
from storage.tables import deliveries, metadata
from storage.unit_of_work import begin, reading
from tests.builders import NOON, a_feed, a_hit, an_article
from tests.storage.test_board import replace_outcome
from tests.storage.test_repositories import a_development, deliver, raise_alert
from tests.storage.test_search_index import index_all

OLD = NOON - timedelta(days=500)
LONG_AGO = NOON - timedelta(days=365)


def quiet(*_):
    """Tell nobody."""


def fill(database):
    """One of nearly everything, old: a hit with a decision, a quiet article, a delivery, a log."""
    with begin(database) as work:
        work.feeds.ensure([a_feed()], OLD)
        _, told = work.articles.arrive(an_article(number=1, title="上海协议", fetched_at=OLD))
        work.articles.arrive(
            an_article(number=1, title="上海协议 已签", text_hash="b", fetched_at=OLD)
        )
        work.articles.arrive(an_article(number=2, title="The weather", text="Sun.", fetched_at=OLD))
        work.articles.arrive(
            an_article(number=2, title="The weather", text="Rain.", text_hash="c", fetched_at=OLD)
        )
        work.articles.arrive(an_article(number=3, title="Young", text="News \U0001f30a."))
        development_id = work.developments.add(
            a_development(lead_article_id=told, first_seen_at=OLD, last_seen_at=OLD)
        )
        work.hits.place(work.hits.add(a_hit(article_id=told, found_at=OLD)), development_id)
        replace_outcome(work, development_id)
        alert = raise_alert(work, development_id)
        work.subscribers.save(Subscriber(chat_id=ChatId(7)))
        deliver(work, alert, ChatId(7))
        work.audit.add("local:ann", Role.ADMIN, "test", "all", None, "日志", NOON)
        for hours in range(5):
            at = OLD + timedelta(hours=hours)
            work.coverage.record(FeedId("example-world"), at, answered=True, articles=1)
        work.observed.settle(asked([a_feed()]), OLD + timedelta(hours=9))
        work.commit()
    index_all(database)


@pytest.fixture
def full(any_database):
    fill(any_database)
    return any_database


@pytest.fixture
def other(full, request, tmp_path):
    """An empty database of the other kind."""
    if full.kind == "postgresql":
        found = open_database(f"sqlite:///{tmp_path}/other.db")
    else:
        found = open_database(request.getfixturevalue("empty_postgres_url"))
    yield found
    found.close()


def everything(database):
    with database.reading() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sqlalchemy.select(table))))
            for table in copied_tables()
        }


# --- copies --------------------------------------------------------------------------------


def test_a_copy_of_the_other_kind_holds_the_same_and_goes_on(full, other):
    seen = []
    copied = copy_database(full, other, lambda *progress: seen.append(progress))
    assert everything(other) == everything(full)
    assert {each.table: each.rows for each in copied}["articles"] == 3
    assert ("articles", 3, 3) in seen
    assert find_damage(other) == ()
    with reading(other) as work:
        assert work.search_index.searched().waiting == 3
    index_all(other)
    with begin(other) as work:  # numbers are counted on
        arrival, number = work.articles.arrive(an_article(number=9))
        assert (arrival, number) == (Arrival.NEW, ArticleId(4))
        replace_outcome(work, DevelopmentId(1))
        work.commit()
    with reading(other) as work:
        assert len(work.history.search(Search(text="上海"))) == 1
        assert work.decisions.tampered() == work.audit.tampered() == ()


def test_a_copy_goes_only_into_an_empty_database(full, other):
    copy_database(full, other, quiet)
    before = everything(other)
    with pytest.raises(DatabaseUnusableError, match="is not empty"):
        copy_database(full, other, quiet)
    assert everything(other) == before


def test_a_copy_that_breaks_off_leaves_nothing(full, other):
    def stop(table, _done, _all):
        if table == "decisions":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_database(full, other, stop)
    assert backups.is_empty(other)


def test_a_copy_that_is_not_the_same_is_not_stored(full, other, monkeypatch):
    def altered(connection, copied):
        connection.exec_driver_sql("UPDATE articles SET title = 'changed' WHERE id = 2")
        return verify(connection, copied)

    from storage import copying

    verify = copying._verify
    monkeypatch.setattr(copying, "_verify", altered)
    with pytest.raises(DatabaseUnusableError, match="copy of articles is not what was read"):
        copy_database(full, other, quiet)
    assert backups.is_empty(other)


def test_no_table_is_left_out_of_copies(any_database):
    with any_database.reading() as connection:
        there = set(sqlalchemy.inspect(connection).get_table_names())
    words = {name for name in there if name.startswith((ARTICLES, HITS))}
    assert there - words - {"alembic_version"} == set(metadata.tables)


# --- backups -------------------------------------------------------------------------------


def test_a_backup_of_either_kind_restores_into_either(full, other, tmp_path):
    file = tmp_path / "backup.db"
    backups.back_up(full, file, quiet)
    before = everything(full)
    with begin(full) as work:
        work.articles.arrive(an_article(number=77))
        work.commit()
    kept = backups.restore(full, file, quiet)
    assert everything(full) == before
    assert kept is not None
    with reading(open_database(f"sqlite:///{kept}")) as work:
        assert len(work.articles.by_url("https://news.example.org/77")) == 1
    backups.restore(other, file, quiet)
    assert everything(other) == before
    for database in (full, other):
        index_all(database)
        assert find_damage(database) == ()
        with reading(database) as work:
            assert len(work.history.search(Search(text="上海"))) == 1
    assert [each.name for each in tmp_path.glob("*.part*")] == []


def test_what_is_no_backup_changes_nothing(full, tmp_path):
    wrong = tmp_path / "wrong.db"
    wrong.write_bytes(b"no backup" * 1000)
    before = everything(full)
    with pytest.raises(DatabaseUnusableError, match="not a backup"):
        backups.restore(full, wrong, quiet)
    assert everything(full) == before


# --- pruning -------------------------------------------------------------------------------


def test_pruning_takes_what_nobody_asks_for_and_says_so(full):
    with reading(full) as work:
        expected = work.pruning.would_free(LONG_AGO)
    before = everything(full)
    freed = prune(full, LONG_AGO)
    index_for(full, timedelta(seconds=60))
    assert freed == expected
    assert (freed.texts, freed.characters, freed.revisions) == (1, len("Rain."), 1)
    assert (freed.sightings, freed.coverage, freed.deliveries) == (1, 5, 0)
    after = everything(full)
    for kept in ("hits", "developments", "decisions", "admin_log", "observed_hours", "outbox"):
        assert after[kept] == before[kept]
    assert not prune(full, LONG_AGO)
    assert find_damage(full) == ()
    with reading(full) as work:
        assert [each.article.text for each in map(work.articles.get, (1, 2, 3))] == [
            an_article().text,
            "",
            "News \U0001f30a.",
        ]
        assert work.history.articles("rain") == ()
        assert len(work.history.articles("weather")) == 1
        assert len(work.history.search(Search(text="上海"))) == 1


def test_a_pruned_entry_that_its_feed_still_lists_is_known(full):
    prune(full, LONG_AGO)
    again = an_article(number=2, title="The weather", text="Rain.", text_hash="c")
    with begin(full) as work:
        assert work.articles.sift([again])[0] == []
        assert work.articles.arrive(again) == (Arrival.KNOWN, ArticleId(2))


def test_who_was_told_of_what_may_be_corrected_stays_known(full):
    with begin(full) as work:
        work._connection.execute(
            sqlalchemy.update(deliveries).values(
                state=DeliveryState.SENT, sent_at=OLD, due_at=OLD, message_id=5
            )
        )
        work.commit()
    assert prune(full, LONG_AGO).deliveries == 0
    with begin(full) as work:
        development = work.developments.get(DevelopmentId(1))
        work.developments.save(replace(development, outcome=Outcome.RESTATEMENT))
        work.commit()
    assert prune(full, LONG_AGO).deliveries == 1


def test_we_watch_since_the_first_poll_also_when_its_record_is_pruned(full):
    prune(full, LONG_AGO)
    with reading(full) as work:
        assert work.coverage.began() == OLD


# --- checks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("UPDATE decisions SET note = 'changed'", "decision 1 does not fit its seal"),
        ("UPDATE admin_log SET actor = 'x'", "audit row 1 does not fit its seal"),
        ("DELETE FROM search_documents WHERE article_id = 2", "search does not know 1 articles"),
        (
            "UPDATE search_documents SET has_hits = (1 = 0)",
            "search does not know that 1 articles name a pledge",
        ),
    ],
)
def test_damage_is_named(full, damage, says):
    assert find_damage(full) == ()
    with full.writing() as connection:
        connection.exec_driver_sql(damage)
        connection.commit()
    assert says in "\n".join(find_damage(full))


def test_rows_that_point_at_nothing_and_numbers_that_would_repeat_are_named(full):
    wrong = "UPDATE hits SET development_id = 99"
    if full.kind == "sqlite":
        with closing(sqlite3.connect(full.path)) as connection, connection:
            connection.execute(wrong)
    else:
        with full.writing() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql("SELECT setval('articles_id_seq', 1)")
            connection.exec_driver_sql(wrong)
            connection.commit()
    found = "\n".join(find_damage(full))
    assert "missing developments" in found
    assert (full.kind == "sqlite") or "articles would count on from 1 though it has 3" in found


def test_the_rows_are_counted(full):
    assert counted(full)["articles"] == 3


# --- a full disk -----------------------------------------------------------------------------

FULL = """
import resource, sys
from pathlib import Path
from model.errors import DatabaseUnusableError
from pledgewatch.maintenance import index_some, prune
from storage import backups
from storage.database import open_database
from storage.unit_of_work import begin
from tests.builders import NOON, an_article

database = open_database(sys.argv[1])
limit = Path(database.path).stat().st_size + 300_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
stored = 0
try:
    while True:
        with begin(database) as work:
            work.articles.arrive(an_article(number=100 + stored, text="x" * 20_000))
            work.commit()
        stored += 1
        index_some(database)
except DatabaseUnusableError as error:
    print(stored, "make room" in str(error))
try:
    backups.back_up(database, Path(sys.argv[2]), lambda *_: None)
except DatabaseUnusableError as error:
    print("no backup")
"""


def test_a_full_disk_is_named_and_what_was_committed_is_there(database, tmp_path):
    fill(database)
    ended = subprocess.run(
        [sys.executable, "-c", FULL, f"sqlite:///{database.path}", str(tmp_path / "b" / "copy.db")],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
        timeout=120,
    )
    stored, said = ended.stdout.split()[:2]
    assert said == "True", ended.stdout + ended.stderr
    assert "no backup" in ended.stdout
    with reading(database) as work:  # there is room again
        numbers = [f"https://news.example.org/{100 + number}" for number in range(int(stored))]
        assert all(work.articles.by_url(url) for url in numbers)
    index_for(database, timedelta(seconds=60))
    assert find_damage(database) == ()
    with reading(database) as work:
        assert work.search_index.searched().articles == 3 + int(stored)


def test_a_full_disk_under_postgresql_is_named(database):
    said = explain(database, 'could not extend file "base/1/2": No space left on device')
    assert "the disk is full; make room" in said


def test_a_compacted_file_is_smaller_and_sound(database):
    fill(database)
    with begin(database) as work:
        for number in range(50, 90):
            work.articles.arrive(an_article(number=number, text="y" * 20_000, fetched_at=OLD))
        work.commit()
    index_all(database)
    prune(database, LONG_AGO)
    assert database.spare() > 0
    assert database.compact() > 0
    assert find_damage(database) == ()
