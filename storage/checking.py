"""Whether a database is sound: the file, what points at what, the seals, the search index."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, ForeignKey, Subquery, exists, func, select, text
from sqlalchemy.exc import DBAPIError

from storage.copying import sequences
from storage.database import Database, explained
from storage.search_schema import ARTICLES, HITS
from storage.tables import hits, metadata, search_documents, search_pending
from storage.unit_of_work import reading


def find_damage(database: Database) -> tuple[str, ...]:
    """Return what is wrong; nothing for a sound database."""
    found = list(database.check())
    with reading(database) as work:
        sealed = {"decision": work.decisions.tampered(), "audit row": work.audit.tampered()}
        searched = work.search_index.searched()
        missing = work.search_index.missing()
    found += [
        f"{name} {number} does not fit its seal: it was changed"
        for name, numbers in sealed.items()
        for number in numbers
    ]
    if missing:
        found.append(
            f"search does not know {missing:,} articles; `pledgewatch db reindex` adds them"
        )
    with explained(database), database.writing() as connection:
        found += _index_damage(connection, searched.articles)
        found += _dangling(connection)
        found += _sequences_behind(connection)
        connection.rollback()
    return tuple(found)


def _index_damage(connection: Connection, counted: int) -> Iterator[str]:
    held = connection.execute(select(func.count()).select_from(search_documents)).scalar_one()
    if held != counted:
        yield f"search says it holds {counted:,} articles and holds {held:,}"
    astray = connection.execute(
        select(func.count())
        .select_from(search_documents)
        .where(
            search_documents.c.has_hits.is_(False),
            exists().where(hits.c.article_id == search_documents.c.article_id),
            ~exists().where(search_pending.c.article_id == search_documents.c.article_id),
        )
    ).scalar_one()
    if astray:
        yield f"search does not know that {astray:,} articles name a pledge"
    for table in (ARTICLES, HITS):
        if connection.dialect.name == "sqlite":
            try:
                connection.exec_driver_sql(
                    f"INSERT INTO {table} ({table}) VALUES ('integrity-check')"
                )
            except DBAPIError as error:
                yield f"{table}: {error.orig}"
        else:
            yield from _words_missing(connection, table)


def _words_missing(connection: Connection, table: str) -> Iterator[str]:
    condition = "TRUE" if table == ARTICLES else "d.has_hits"
    count = connection.execute(
        text(
            f"SELECT count(*) FROM search_documents AS d WHERE {condition} "
            f"AND NOT EXISTS (SELECT 1 FROM {table} AS w WHERE w.number = d.number)"
        )
    ).scalar_one()
    if count:
        yield f"{table} lacks the words of {count:,} articles"


def _dangling(connection: Connection) -> Iterator[str]:
    """Look for rows that point at missing ones; SQLite's own check has looked already."""
    if connection.dialect.name == "sqlite":
        return
    for table in metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda each: each.parent.name):
            count = connection.execute(select(func.count()).select_from(_broken(key))).scalar_one()
            if count:
                yield f"{count:,} rows of {table.name} point at a missing {key.column.table.name}"


def _broken(key: ForeignKey) -> Subquery:
    there = key.column.table.alias("there")
    return (
        select(key.parent)
        .outerjoin(there, there.c[key.column.name] == key.parent)
        .where(key.parent.is_not(None), there.c[key.column.name].is_(None))
        .subquery()
    )


def _sequences_behind(connection: Connection) -> Iterator[str]:
    for table, column, name in list(sequences(connection)):
        last = connection.execute(select(func.max(table.c[column]))).scalar() or 0
        row = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {name}").one()
        if last > row[0] or (last == row[0] and not row[1]):
            yield f"{table.name} would count on from {row[0]:,} though it has {last:,}"
