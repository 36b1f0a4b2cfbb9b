"""Databases that cannot be used say so and what to do; backups; migrations."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from model.errors import DatabaseUnusableError
from storage.database import newest_revision, open_database
from storage.search_schema import ARTICLES, HITS
from storage.tables import metadata
from storage.unit_of_work import begin, reading
from tests.builders import an_article


def is_in_the_tables(name, kind, parents):
    """Tell whether `storage.tables` speaks of it: the tables of words are each database's own."""
    return not (parents.get("table_name") or name or "").startswith((ARTICLES, HITS))


def test_the_migrations_make_the_tables(any_database):
    with any_database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_in_the_tables})
        differences = compare_metadata(context, metadata)
    assert differences == []
    assert any_database.revision() == newest_revision()


def test_an_upgrade_on_postgresql_from_nothing(empty_postgres_url):
    database = open_database(empty_postgres_url)
    with pytest.raises(DatabaseUnusableError, match="db upgrade"):
        database.require_current()
    database.upgrade()
    assert database.is_current()
    database.close()


def test_a_database_from_a_newer_version_says_so(database):
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    for attempt in (database.upgrade, database.require_current):
        with pytest.raises(DatabaseUnusableError, match="newer version of Pledgewatch"):
            attempt()


def test_a_locked_database_says_so(database, monkeypatch):
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT_SECONDS", 0.05)
    impatient = open_database(f"sqlite:///{database.path}")
    with closing(sqlite3.connect(database.path)) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnusableError, match="another process holds it"):
            with begin(impatient):
                pass
        other.execute("ROLLBACK")
    impatient.close()


def test_a_read_only_database_says_so(database):
    with pytest.raises(DatabaseUnusableError, match="give this user the right to write"):
        with begin(database) as work:
            work._connection.exec_driver_sql("PRAGMA query_only = ON")
            work.articles.arrive(an_article())


def test_a_full_disk_says_so_and_loses_nothing(database):
    with begin(database) as work:
        work.articles.arrive(an_article(number=1))
        work.commit()
    with pytest.raises(DatabaseUnusableError, match="make room"), begin(database) as work:
        pages = work._connection.exec_driver_sql("PRAGMA page_count").scalar()
        work._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(2, 500):
            work.articles.arrive(an_article(number=number, text="x" * 2000))
    with reading(database) as work:
        assert len(work.articles.by_url("https://news.example.org/1")) == 1


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite:////no/such/folder/p.db", "does not exist"),
        ("sqlite://", "needs a file"),
        ("mysql://x/y", "sqlite or postgresql"),
        ("not a url", "looks like sqlite"),
    ],
)
def test_a_wrong_address_says_what_it_looks_like(url, says):
    with pytest.raises(DatabaseUnusableError, match=says):
        open_database(url)


def test_a_file_that_is_no_database_says_so(tmp_path):
    path = tmp_path / "p.db"
    path.write_bytes(b"this is a text file, not a database" * 50)
    with pytest.raises(DatabaseUnusableError, match="no SQLite database"):
        open_database(f"sqlite:///{path}").revision()


def test_a_server_that_is_not_there_says_so_without_the_password():
    database = open_database("postgresql://me:hunter2@127.0.0.1:1/x")
    with pytest.raises(DatabaseUnusableError, match="no PostgreSQL server answers") as caught:
        database.revision()
    assert "hunter2" not in str(caught.value)


def test_a_backup_restores_whole_and_keeps_what_was_there(database, tmp_path):
    with begin(database) as work:
        work.articles.arrive(an_article(number=1))
        work.commit()
    copy = tmp_path / "copy.db"
    database.backup(copy)
    with begin(database) as work:
        work.articles.arrive(an_article(number=2))
        work.commit()
    database.restore(copy)
    with reading(database) as work:
        assert work.articles.by_url("https://news.example.org/2") == ()
        assert len(work.articles.by_url("https://news.example.org/1")) == 1
    before = open_database(f"sqlite:///{database.path}.before")
    with reading(before) as work:
        assert len(work.articles.by_url("https://news.example.org/2")) == 1
    before.close()


def test_what_is_no_backup_is_not_restored(database, tmp_path):
    wrong = tmp_path / "wrong.db"
    wrong.write_bytes(b"no backup")
    with pytest.raises(DatabaseUnusableError, match="not a backup"):
        database.restore(wrong)
    assert database.is_current()


def test_many_threads_never_find_the_database_locked(database):
    errors = []

    def write(thread):
        try:
            for number in range(15):
                with begin(database) as work:
                    work.articles.arrive(an_article(number=thread * 1000 + number))
                    work.commit()
                with reading(database) as work:
                    work.feeds.all()
        except DatabaseUnusableError as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert database.check() == ()
