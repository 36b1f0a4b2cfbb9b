"""Articles, where they were seen, and what they said before they were changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from model.errors import MissingRecordError
from model.records import Article, ArticleId, FeedId, StoredArticle
from storage.bulk import insert_many, look_up, moment, put_many
from storage.repository import Repository
from storage.rows import stored_article
from storage.tables import article_revisions, articles, sightings


class Arrival(StrEnum):
    """What an entry turned out to be."""

    NEW = "new"
    KNOWN = "known"  # nothing about it is new
    REVISED = "revised"  # the same article with another text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One place where an article was seen."""

    feed_id: FeedId
    entry_id: str
    first_seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an article said before it was changed."""

    number: int
    title: str
    text: str
    text_hash: str
    replaced_at: datetime


class Articles(Repository):
    """The articles."""

    def known(
        self, feed_id: FeedId, entry_ids: Collection[str]
    ) -> dict[str, tuple[ArticleId, str]]:
        """Return the article and text hash of those entries of a feed that were seen before."""
        found = self.seen([(feed_id, each) for each in entry_ids])
        return {entry_id: seen for (_, entry_id), seen in found.items()}

    def seen(
        self, entries: Sequence[tuple[FeedId, str]]
    ) -> dict[tuple[FeedId, str], tuple[ArticleId, str]]:
        """Return the article and text hash of those entries of any feeds that were seen before."""
        columns = "feed_id, entry_id, article_id, text_hash"
        rows = look_up(
            self._connection, columns, "sightings", ("feed_id", "entry_id"), list(entries)
        )
        return {(FeedId(row[0]), row[1]): (ArticleId(row[2]), row[3]) for row in rows}

    def arrive(self, article: Article) -> tuple[Arrival, ArticleId]:
        """Store an entry as what it is: a new article, a known one, or a revision of one.

        An entry is known by its feed and id, or by its address without tracking parameters. Only
        the feed that an article came from can revise it: elsewhere a shorter text is no change.
        """
        seen = self.known(article.feed_id, [article.entry_id]).get(article.entry_id)
        if seen is not None and seen[1] == article.text_hash:
            return Arrival.KNOWN, seen[0]
        article_id = seen[0] if seen is not None else self._same_address(article)
        if article_id is None:
            return Arrival.NEW, self._add_new(article)
        self._note_sighting(article, article_id)
        stored = self.get(article_id)
        changed = stored.article.text_hash != article.text_hash
        if changed and stored.article.feed_id == article.feed_id:
            self._revise(stored, article)
            return Arrival.REVISED, article_id
        return Arrival.KNOWN, article_id

    def add_new(self, quiet: Sequence[Article]) -> None:
        """Store articles that `sift` called new, in two statements."""
        if not quiet:
            return
        connection = self._connection
        ids = self._next_ids(len(quiet))
        insert_many(
            connection,
            "articles",
            ("id", *_COLUMNS),
            [(number, *_row(connection, each)) for number, each in zip(ids, quiet, strict=True)],
        )
        seen = zip(ids, quiet, strict=True)
        rows = [_sighting(connection, each, number) for number, each in seen]
        insert_many(connection, "sightings", _OF_SIGHTING, rows)
        self._let_wait_for_search(ids)

    def _let_wait_for_search(self, ids: Sequence[int]) -> None:
        """Let new articles wait to be indexed; PostgreSQL has a trigger for it."""
        if self._connection.dialect.name == "sqlite":
            rows = [(each,) for each in ids]
            insert_many(self._connection, "search_pending", ("article_id",), rows)

    def _next_ids(self, count: int) -> list[int]:
        """Return ids for new articles: nobody else can take them before this transaction ends."""
        if self._connection.dialect.name == "sqlite":  # it has one writer at a time
            last = self._connection.exec_driver_sql("SELECT max(id) FROM articles").scalar() or 0
            return list(range(last + 1, last + 1 + count))
        rows = self._connection.exec_driver_sql(
            "SELECT nextval(pg_get_serial_sequence('articles', 'id')) FROM generate_series(1, %s)",
            (count,),
        )
        return [int(row[0]) for row in rows]

    def sift(self, articles: Sequence[Article]) -> tuple[list[Article], list[Article]]:
        """Return the entries that are new in every way, and those to be looked at one by one.

        Those that are known, and as they were, are in neither. One by one: what changed, and what
        another article, stored or among these, has the address of.
        """
        seen = self.seen([(each.feed_id, each.entry_id) for each in articles])
        unseen = [each for each in articles if (each.feed_id, each.entry_id) not in seen]
        taken = self._taken([each.canonical_url for each in unseen if each.canonical_url])
        new = [each for each in unseen if each.canonical_url not in taken]
        doubtful = [each for each in unseen if each.canonical_url in taken]
        changed = [
            each
            for each in articles
            if seen.get((each.feed_id, each.entry_id), (0, each.text_hash))[1] != each.text_hash
        ]
        return new, [*doubtful, *changed]

    def _taken(self, addresses: Sequence[str]) -> set[str]:
        """Return the addresses that an article has, or that stand here twice."""
        counted = Counter(addresses)
        wanted = [(each,) for each in counted]
        rows = look_up(self._connection, "canonical_url", "articles", ("canonical_url",), wanted)
        return {row[0] for row in rows} | {each for each, count in counted.items() if count > 1}

    def _same_address(self, article: Article) -> ArticleId | None:
        if not article.canonical_url:
            return None
        row = self._connection.execute(
            select(articles.c.id)
            .where(articles.c.canonical_url == article.canonical_url)
            .order_by(articles.c.id)
            .limit(1)
        ).first()
        return None if row is None else ArticleId(row[0])

    def _add_new(self, article: Article) -> ArticleId:
        (number,) = self._next_ids(1)
        row = (number, *_row(self._connection, article))
        insert_many(self._connection, "articles", ("id", *_COLUMNS), [row])
        self._let_wait_for_search([number])
        self._note_sighting(article, ArticleId(number))
        return ArticleId(number)

    def _note_sighting(self, article: Article, article_id: ArticleId) -> None:
        row = _sighting(self._connection, article, article_id)
        keys, changes = ("feed_id", "entry_id"), {"text_hash": "new.text_hash"}
        put_many(self._connection, "sightings", _OF_SIGHTING, [row], keys, changes)

    def _revise(self, stored: StoredArticle, article: Article) -> None:
        self._connection.execute(
            insert(article_revisions).values(
                article_id=stored.id,
                number=stored.revision,
                title=stored.article.title,
                text=stored.article.text,
                text_hash=stored.article.text_hash,
                replaced_at=article.fetched_at,
            )
        )
        self._connection.execute(
            update(articles)
            .where(articles.c.id == stored.id)
            .values(
                revision=stored.revision + 1,
                title=article.title,
                text=article.text,
                text_hash=article.text_hash,
                language=article.language,
            )
        )

    def get(self, article_id: ArticleId) -> StoredArticle:
        """Return an article in its newest revision; raise MissingRecordError."""
        row = self._connection.execute(select(articles).where(articles.c.id == article_id)).first()
        if row is None:
            raise MissingRecordError(f"There is no article {article_id}")
        return stored_article(row)

    def by_url(self, url: str) -> tuple[StoredArticle, ...]:
        """Return the articles with this address, as given or without tracking parameters."""
        rows = self._connection.execute(
            select(articles)
            .where(or_(articles.c.url == url, articles.c.canonical_url == url))
            .order_by(articles.c.id)
            .limit(20)
        )
        return tuple(stored_article(row) for row in rows)

    def sightings(self, article_id: ArticleId) -> tuple[Sighting, ...]:
        """Return where an article was seen, first place first."""
        rows = self._connection.execute(
            select(sightings)
            .where(sightings.c.article_id == article_id)
            .order_by(sightings.c.first_seen_at)
        )
        return tuple(
            Sighting(
                feed_id=FeedId(row.feed_id), entry_id=row.entry_id, first_seen_at=row.first_seen_at
            )
            for row in rows
        )

    def revisions(self, article_id: ArticleId) -> tuple[Revision, ...]:
        """Return what an article said before, the newest of it first."""
        rows = self._connection.execute(
            select(article_revisions)
            .where(article_revisions.c.article_id == article_id)
            .order_by(article_revisions.c.number.desc())
        )
        return tuple(
            Revision(
                number=row.number,
                title=row.title,
                text=row.text,
                text_hash=row.text_hash,
                replaced_at=row.replaced_at,
            )
            for row in rows
        )

    def batch(self, since: datetime, after: int, limit: int) -> tuple[StoredArticle, ...]:
        """Return articles fetched since a moment, in id order, those behind `after`."""
        rows = self._connection.execute(
            select(articles)
            .where(articles.c.fetched_at >= since, articles.c.id > after)
            .order_by(articles.c.id)
            .limit(limit)
        )
        return tuple(stored_article(row) for row in rows)


_COLUMNS = (
    "feed_id",
    "entry_id",
    "url",
    "canonical_url",
    "title",
    "text",
    "language",
    "outlet",
    "published_at",
    "fetched_at",
    "text_hash",
    "revision",
)


_OF_SIGHTING = ("feed_id", "entry_id", "article_id", "text_hash", "first_seen_at")


def _row(connection: Connection, article: Article) -> tuple[Any, ...]:
    """Return a new article's values in the order of the columns."""
    return (
        article.feed_id,
        article.entry_id,
        article.url,
        article.canonical_url,
        article.title,
        article.text,
        article.language.value,
        article.outlet,
        moment(connection, article.published_at),
        moment(connection, article.fetched_at),
        article.text_hash,
        1,
    )


def _sighting(connection: Connection, article: Article, article_id: int) -> tuple[Any, ...]:
    first_seen_at = moment(connection, article.fetched_at)
    return (article.feed_id, article.entry_id, article_id, article.text_hash, first_seen_at)
