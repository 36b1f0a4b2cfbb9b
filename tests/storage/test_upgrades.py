"""Every migration, step by step from the first schema with data in it, on both databases."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, Table, insert, select

from model.records import CommitmentId, DevelopmentId
from storage.checking import find_damage
from storage.database import newest_revision, open_database, revisions
from storage.history import Search
from storage.repository import SEAL_OF_NOTHING, seal
from storage.tables import metadata
from storage.unit_of_work import reading
from tests.storage.test_database import is_in_the_tables
from tests.storage.test_search_index import index_all

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SUGGESTION = {
    "relation": "follow_up", "milestone": "signed", "setback": None, "stage": "agreed",
    "confidence": 0.8, "triggers": [], "why": "签署", "why_zh": "签署", "rules": "1",
}  # fmt: skip
MATCH = {"term": "上海", "role": "alias", "part": "title", "start": 0, "end": 2, "quote": "上海"}
DECISION = {
    "commitment_id": "fund", "development_id": 1, "hit_ids": [1], "clause_ids": [],
    "actor": "local:ann", "role": "analyst", "outcome": "confirmed", "reason": None,
    "milestone": "signed", "milestone_date": "2026-11-20", "place": None, "setback": None,
    "verdict": None, "other_id": None, "quote": "签署", "note": "", "undoes": None,
    "decided_at": AT,
}  # fmt: skip
# Rows as version 0001 wrote them, oldest table first.
ROWS: dict[str, list[dict[str, object]]] = {
    "feed_states": [
        {
            "feed_id": "world", "title": "World", "tier": "b", "next_poll_at": AT,
            "health": "healthy", "interval_seconds": 900.0, "consecutive_failures": 0, "hints": [],
        }
    ],
    "articles": [
        {
            "id": number, "feed_id": "world", "entry_id": f"e{number}", "url": f"https://x/{number}",
            "canonical_url": f"https://x/{number}", "title": title, "text": text,
            "language": language, "outlet": None, "published_at": AT, "fetched_at": AT,
            "text_hash": f"h{number}", "revision": 1,
        }
        for number, title, text, language in (
            (1, "上海協議", "各方签署。", "zh-Hant"),
            (2, "The weather", "Sun in Shanghai.", "en"),
        )
    ],
    "sightings": [
        {
            "feed_id": "world", "entry_id": "e1", "article_id": 1, "text_hash": "h1",
            "first_seen_at": AT,
        }
    ],
    "article_revisions": [
        {
            "article_id": 1, "number": 1, "title": "old", "text": "old", "text_hash": "o",
            "replaced_at": AT,
        }
    ],
    "developments": [
        {
            "id": 1, "commitment_id": "fund", "relation": "follow_up", "headline": "上海協議",
            "lead_article_id": 1, "milestone": "signed", "setback": None, "stage": "agreed",
            "outcome": "confirmed", "event_date": "2026-11-20", "place": None, "hit_count": 1,
            "origin_count": 1, "first_seen_at": AT, "last_seen_at": AT, "revision": 2,
            "signature": b"\x01" * 16, "told": True,
        }
    ],
    "hits": [
        {
            "id": 1, "commitment_id": "fund", "article_id": 1, "development_id": 1,
            "relation": "follow_up", "score": 0.9, "matches": [MATCH], "suggestion": SUGGESTION,
            "watchlist_version": "v1", "found_at": AT,
        }
    ],
    "decisions": [
        {
            "id": 1, **DECISION, "previous_hash": SEAL_OF_NOTHING,
            "hash": seal(SEAL_OF_NOTHING, DECISION),
        }
    ],
    "outbox": [
        {
            "id": 1, "key": "development.1.1", "commitment_id": "fund", "development_id": 1,
            "reason": "new_development", "raised_at": AT, "routed_at": AT,
        }
    ],
    "subscribers": [
        {
            "chat_id": 5, "kind": "private", "language": "en", "digest_at": "08:00",
            "stage_changes_override": True, "started_at": AT, "invited": False,
        }
    ],
    "deliveries": [
        {
            "id": 1, "alert_id": 1, "chat_id": 5, "mode": "immediate", "state": "sent",
            "due_at": AT, "attempts": 1, "ambiguity": "none", "sent_at": AT, "message_id": 9,
        }
    ],
    "watchlist_versions": [
        {"number": 1, "version": "v1", "text": "commitments: []", "author": "file",
         "accepted_at": AT}
    ],
    "coverage": [
        {"feed_id": "world", "hour": AT.replace(minute=0), "polls": 2, "answers": 2, "articles": 2}
    ],
}  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def first_schema(request, tmp_path):
    """A database as version 0001 left it."""
    if request.param == "sqlite":
        database = open_database(f"sqlite:///{tmp_path}/old.db")
    else:
        database = open_database(request.getfixturevalue("empty_postgres_url"))
    database.upgrade("0001")
    with database.writing() as connection:
        for name, rows in ROWS.items():
            connection.execute(insert(table_of(connection, name)), rows)
        connection.commit()
    yield database
    database.close()


def table_of(connection, name):
    return Table(name, MetaData(), autoload_with=connection, resolve_fks=False)


def kept(database):
    """What every table of the first schema holds, in the columns that it had."""
    with database.reading() as connection:
        found = {}
        for name, rows in ROWS.items():
            table = table_of(connection, name)
            columns = [table.c[column] for column in rows[0]]
            found[name] = [plain(row) for row in connection.execute(select(*columns))]
    return found


def plain(row):
    return json.loads(
        json.dumps(list(row), default=lambda value: str(value).removesuffix("+00:00"))
    )


def test_each_migration_keeps_what_was_there(first_schema):
    before = kept(first_schema)
    assert before["articles"][0][5] == "上海協議"
    for revision in revisions()[1:]:
        first_schema.upgrade(revision)
        assert first_schema.revision() == revision
        assert kept(first_schema) == before, revision
    assert first_schema.revision() == newest_revision()


def test_an_upgraded_database_is_as_a_new_one_and_works(first_schema):
    first_schema.upgrade()
    first_schema.upgrade()  # harmless again
    with first_schema.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_in_the_tables})
        assert compare_metadata(context, metadata) == []
    if first_schema.kind == "postgresql":  # the rows above were numbered by hand
        with first_schema.writing() as connection:
            for name in ("articles", "developments", "hits", "decisions", "outbox", "deliveries"):
                connection.exec_driver_sql(f"SELECT setval('{name}_id_seq', 9)")
            connection.exec_driver_sql("SELECT setval('watchlist_versions_number_seq', 9)")
            connection.commit()
    assert index_all(first_schema) == 2
    with reading(first_schema) as work:
        row, *others = work.history.search(Search(text="上海协议 签署"))
        assert others == []
        assert (row.report.article.title, row.development.id) == ("上海協議", DevelopmentId(1))
        assert len(work.history.search(Search(language="zh-Hant"))) == 1
        assert len(work.history.articles("上海")) == 1
        assert len(work.history.articles("Shanghai")) == 1
        assert [each.id for each in work.decisions.of_commitment(CommitmentId("fund"))] == [1]
    assert find_damage(first_schema) == ()


def test_a_migration_that_rebuilds_a_table_leaves_the_search_whole(database):
    """SQLite changes columns by making the table anew, which takes its triggers away."""
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER search_article_changed")
        connection.commit()
    database.upgrade()
    with database.reading() as connection:
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='trigger'")
        assert "search_article_changed" in {row[0] for row in triggers}
