"""The search index as each database keeps it: tables of words, and triggers that miss nothing.

SQLite: FTS5 tables without contents (the words are in the index, the texts in `articles` alone).
PostgreSQL: `tsvector`s of the same words under GIN. What an index holds is cut by `search_words`;
the databases' own analysers are not used.
"""

from __future__ import annotations

from sqlalchemy import Connection

ARTICLES, HITS = "search_articles", "search_hits"

# A word is what stands between spaces; beyond ASCII every character belongs to a word.
_SQLITE_TABLES = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {ARTICLES} USING fts5"
    "(words, content='', detail=none, columnsize=0, tokenize='ascii')",
    f"CREATE VIRTUAL TABLE IF NOT EXISTS {HITS} USING fts5"
    "(words, pairs, content='', columnsize=0, tokenize='ascii')",
)
# New articles are not among these: `Articles` lets them wait, many in one statement. A trigger that
# runs for each row takes as long as writing the article.
_SQLITE_TRIGGERS = (
    ("search_article_changed", "AFTER UPDATE OF title, text ON articles", "NEW.id"),
    ("search_hit_added", "AFTER INSERT ON hits", "NEW.article_id"),
)
_POSTGRESQL_TABLES = (
    f"CREATE TABLE IF NOT EXISTS {ARTICLES} (number BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
    f"CREATE INDEX IF NOT EXISTS ix_{ARTICLES}_words ON {ARTICLES} USING gin (words)",
    f"CREATE TABLE IF NOT EXISTS {HITS} (number BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
    # Few are written and many looked up: words that wait in a list would make each search slower.
    f"CREATE INDEX IF NOT EXISTS ix_{HITS}_words ON {HITS} USING gin (words) "
    "WITH (fastupdate = off)",
)
_POSTGRESQL_TRIGGERS = (
    ("search_article_added", "AFTER INSERT ON articles", "id"),
    ("search_article_changed", "AFTER UPDATE ON articles", "id"),
    ("search_hit_added", "AFTER INSERT ON hits", "article_id"),
)


def create_index_tables(connection: Connection) -> None:
    """Make the tables of words where they are missing."""
    sqlite = connection.dialect.name == "sqlite"
    for statement in _SQLITE_TABLES if sqlite else _POSTGRESQL_TABLES:
        connection.exec_driver_sql(statement)


def create_triggers(connection: Connection) -> None:
    """Make the triggers where they are missing: a table that SQLite rebuilds loses its own."""
    if connection.dialect.name == "sqlite":
        for name, event, article in _SQLITE_TRIGGERS:
            connection.exec_driver_sql(
                f"CREATE TRIGGER IF NOT EXISTS {name} {event} BEGIN "
                f"INSERT INTO search_pending (article_id) VALUES ({article}) "
                "ON CONFLICT (article_id) DO NOTHING; END"
            )
        return
    for name, event, article in _POSTGRESQL_TRIGGERS:
        # DO UPDATE, not DO NOTHING: it waits for an index run that is taking the row away just
        # now and has read the article as it was.
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"INSERT INTO search_pending (article_id) SELECT DISTINCT {article} FROM written "
            "ON CONFLICT (article_id) DO UPDATE SET article_id = excluded.article_id; "
            "RETURN NULL; END $$"
        )
        connection.exec_driver_sql(
            f"CREATE OR REPLACE TRIGGER {name} {event} REFERENCING NEW TABLE AS written "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def empty_index(connection: Connection) -> None:
    """Forget every word."""
    sqlite = connection.dialect.name == "sqlite"
    for table in (ARTICLES, HITS):
        connection.exec_driver_sql(
            f"INSERT INTO {table} ({table}) VALUES ('delete-all')"
            if sqlite
            else f"TRUNCATE {table}"
        )
