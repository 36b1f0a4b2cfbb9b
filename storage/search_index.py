"""Keeps the search index in step with the articles: a batch at a time, behind the polling.

Each new or changed article, and each that gained a hit, is written into `search_pending` in the
transaction that stores it: by triggers, but for new articles on SQLite, which `Articles` writes.
`catch_up` takes some of them away and indexes them in one transaction, so a crash at any line
leaves an article either waiting or findable.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, exists, func, insert, select, text

from model.records import ArticleId
from storage.repository import Repository
from storage.search_schema import ARTICLES, HITS, empty_index
from storage.search_words import (
    JOINER,
    NO_PAIR,
    VERSION,
    Indexed,
    Phrase,
    Query,
    han_pairs,
    index_article,
    is_han_pair,
)
from storage.tables import articles, hits, search_documents, search_pending, search_state

PLACES = 255  # that PostgreSQL keeps of one word


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """How far a search looks."""

    articles: int  # that the index holds
    waiting: int  # that it does not hold yet, or not as they are now


class SearchIndex(Repository):
    """The search index."""

    def catch_up(self, limit: int = 200) -> int:
        """Index some of the articles that wait; return how many, 0 where none is left."""
        if self._state("version") != VERSION:
            self.rebuild()
        ids = self._take(limit)
        if not ids:
            return 0
        named = exists().where(hits.c.article_id == articles.c.id)
        rows = self._connection.execute(
            select(articles.c.id, articles.c.title, articles.c.text, named.label("has_hits"))
            .where(articles.c.id.in_(ids))
            .order_by(articles.c.id)
        ).all()
        before = self._forget_documents(ids)
        self._add_documents(rows)
        self._count(len(rows) - before)
        return len(ids)

    def rebuild(self) -> None:
        """Empty the index and let every article wait for it."""
        empty_index(self._connection)
        self._connection.execute(delete(search_documents))
        self._put_state("version", VERSION)
        self._put_state("articles", "0")
        self._put_state("stale", "0")
        self.add_missing()

    def add_missing(self) -> int:
        """Let every article wait that the index neither holds nor waits for; return how many."""
        count = self.missing()
        statement = insert(search_pending).from_select(["article_id"], self._missing())
        self._connection.execute(statement)
        return count

    def missing(self) -> int:
        """Return how many articles the index neither holds nor waits for."""
        missing = select(func.count()).select_from(self._missing().subquery())
        return int(self._connection.execute(missing).scalar_one())

    def forget(self, ids: Collection[ArticleId]) -> None:
        """Take articles out of the index, before they go."""
        self._count(-self._forget_documents(ids))
        self._connection.execute(delete(search_pending).where(search_pending.c.article_id.in_(ids)))

    def searched(self) -> Searched:
        """Return how many articles the index holds and how many wait for it."""
        waiting = select(func.count()).select_from(search_pending)
        return Searched(
            articles=int(self._state("articles") or 0),
            waiting=int(self._connection.execute(waiting).scalar_one()),
        )

    def stale_share(self) -> float:
        """Return how much of the index is of articles that have changed or gone since."""
        held, stale = (int(self._state(name) or 0) for name in ("articles", "stale"))
        return stale / (held + stale) if held + stale else 0.0

    def _missing(self) -> Any:
        # Not NOT IN: over a million rows PostgreSQL would look each of them up in a list.
        return select(articles.c.id).where(
            ~exists().where(search_documents.c.article_id == articles.c.id),
            ~exists().where(search_pending.c.article_id == articles.c.id),
        )

    def _take(self, limit: int) -> list[int]:
        chosen = (
            select(search_pending.c.article_id)
            .order_by(search_pending.c.article_id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        statement = delete(search_pending).where(search_pending.c.article_id.in_(chosen))
        taken = statement.returning(search_pending.c.article_id)
        return [row[0] for row in self._connection.execute(taken)]

    def _forget_documents(self, ids: Collection[int]) -> int:
        """Forget what the index holds of some articles; return how many that was.

        SQLite's index keeps their words (to take them out it would need the text of then), but
        nothing leads from them to an article; `db prune` makes the index anew where they grow many.
        """
        statement = delete(search_documents).where(search_documents.c.article_id.in_(ids))
        gone = statement.returning(search_documents.c.number)
        numbers = [row[0] for row in self._connection.execute(gone)]
        if numbers and self._connection.dialect.name == "postgresql":
            for table in (ARTICLES, HITS):
                self._connection.execute(
                    text(f"DELETE FROM {table} WHERE number = ANY(:numbers)"), {"numbers": numbers}
                )
        elif numbers:
            self._put_state("stale", str(int(self._state("stale") or 0) + len(numbers)))
        return len(numbers)

    def _add_documents(self, rows: Sequence[Row[Any]]) -> None:
        if not rows:
            return
        statement = insert(search_documents).returning(
            search_documents.c.number, sort_by_parameter_order=True
        )
        values = [{"article_id": row.id, "has_hits": row.has_hits} for row in rows]
        numbers = [row[0] for row in self._connection.execute(statement, values)]
        indexed = [index_article(row.title, row.text) for row in rows]
        lean, full = self._statements()
        self._connection.execute(
            lean, [self._lean(*each) for each in zip(numbers, indexed, strict=True)]
        )
        with_hits = [
            self._full(number, words)
            for number, row, words in zip(numbers, rows, indexed, strict=True)
            if row.has_hits
        ]
        if with_hits:
            self._connection.execute(full, with_hits)

    def _statements(self) -> tuple[Any, Any]:
        if self._connection.dialect.name == "sqlite":
            return (
                text(f"INSERT INTO {ARTICLES} (rowid, words) VALUES (:number, :words)"),
                text(f"INSERT INTO {HITS} (rowid, words, pairs) VALUES (:number, :words, :pairs)"),
            )
        statement = "INSERT INTO {} (number, words) VALUES (:number, CAST(:words AS tsvector))"
        return text(statement.format(ARTICLES)), text(statement.format(HITS))

    def _lean(self, number: int, indexed: Indexed) -> dict[str, object]:
        words = (*indexed.words, *han_pairs(indexed))
        if self._connection.dialect.name == "sqlite":
            return {"number": number, "words": " ".join(words)}
        return {"number": number, "words": " ".join(map(quoted, words))}

    def _full(self, number: int, indexed: Indexed) -> dict[str, object]:
        if self._connection.dialect.name == "sqlite":
            words, pairs = " ".join(indexed.words), " ".join(indexed.pairs)
            return {"number": number, "words": words, "pairs": pairs}
        return {
            "number": number,
            "words": " ".join((*map(quoted, indexed.words), *_placed(indexed))),
        }

    def _count(self, more: int) -> None:
        self._put_state("articles", str(int(self._state("articles") or 0) + more))

    def _state(self, name: str) -> str | None:
        statement = select(search_state.c.value).where(search_state.c.name == name)
        value: str | None = self._connection.execute(statement).scalar()
        return value

    def _put_state(self, name: str, value: str) -> None:
        self._put(search_state, {"name": name, "value": value}, ["name"])


def _placed(indexed: Indexed) -> Iterable[str]:
    """Return each pair with its places, as PostgreSQL writes them."""
    places: dict[str, list[str]] = {}
    for place, pair in enumerate(indexed.pairs, start=1):
        if pair != NO_PAIR:
            places.setdefault(pair, []).append(str(place))
    return (f"{quoted(pair)}:{','.join(found[:PLACES])}" for pair, found in places.items())


def quoted(word: str) -> str:
    """Return a word as PostgreSQL reads it inside a tsvector or tsquery."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


# --- searches as the databases read them -----------------------------------------------------


def full_query(query: Query, *, sqlite: bool) -> str:
    """Return a search for `search_hits`, which answers it exactly."""
    phrase = _sqlite_phrase if sqlite else _postgresql_phrase
    return _joined(query, phrase, sqlite=sqlite)


def lean_query(query: Query, *, sqlite: bool) -> str:
    """Return a search for `search_articles`: all words are there, but a phrase perhaps not."""
    quote, both = (_sqlite_quoted, " AND ") if sqlite else (quoted, " & ")

    def phrase(words: Phrase) -> str:
        pairs = [JOINER.join(two) for two in itertools.pairwise(words)]
        han = [pair for pair in pairs if is_han_pair(pair)]
        covered = set("".join(han))
        wanted = dict.fromkeys([*han, *(word for word in words if word not in covered)])
        return "(" + both.join(map(quote, wanted)) + ")"

    return _joined(query, phrase, sqlite=sqlite)


def finds_exactly(query: Query) -> bool:
    """Tell whether what `search_articles` finds needs no second look: words, pairs of Han."""
    return all(
        len(phrase) == 1 or (len(phrase) == 2 and is_han_pair(JOINER.join(phrase)))
        for term in query.terms
        for phrase in term.phrases
    )


def _joined(query: Query, phrase: Any, *, sqlite: bool) -> str:
    either, both = (" OR ", " AND ") if sqlite else (" | ", " & ")
    return both.join(
        "(" + either.join(phrase(each) for each in term.phrases) + ")" for term in query.terms
    )


def _sqlite_phrase(words: Phrase) -> str:
    if len(words) == 1:
        return f"words : {_sqlite_quoted(words[0])}"
    pairs = " ".join(JOINER.join(two) for two in itertools.pairwise(words))
    return f"pairs : {_sqlite_quoted(pairs)}"


def _sqlite_quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _postgresql_phrase(words: Phrase) -> str:
    if len(words) == 1:
        return quoted(words[0])
    pairs = (quoted(JOINER.join(two)) for two in itertools.pairwise(words))
    return "(" + " <-> ".join(pairs) + ")"
