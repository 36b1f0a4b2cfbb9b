"""How long `watchlist backtest` takes over many stored articles, and whether it is exact.

Writes articles, half English and half Chinese, about three thousand characters of English each;
every fiftieth names a commitment. Two commitments of a hundred are then edited.

    python -m benchmarks.backtest [ARTICLES]
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from model.records import (
    Article,
    Commitment,
    CommitmentId,
    FeedId,
    Language,
    Saying,
    Term,
    Watchlist,
)
from monitor.matching import compile_watchlist
from monitor.pipeline import Context, process_article, store_quiet
from pledgewatch.backtest import run_backtest
from storage.database import Database, open_database
from storage.unit_of_work import begin, reading

START = datetime(2026, 3, 1, tzinfo=UTC)
EVERY = timedelta(minutes=4)
AT_ONCE = 200  # articles that come together
NAMED = 50  # one article in so many names a commitment
WORDS = (
    "minister harbour council budget island railway school forum market energy water report "
    "agreement office region teacher coast ferry grain clinic bridge summit talks visit plan"
).split()
WORDS_ZH = "部长 港口 预算 岛屿 铁路 学校 论坛 市场 能源 报告 协议 地区 教师 渡轮 粮食 诊所".split()
STEPS = ("opened on Monday", "was signed on Friday", "is still being prepared", "was postponed")
STEPS_ZH = ("周一正式启用", "周五签署协议", "仍在筹备", "已推迟")


def a_watchlist(edited: bool) -> Watchlist:
    """Return a hundred commitments; the edit adds a name to one and takes one from another."""
    commitments = []
    for number in range(100):
        names = [f"Fund Number {number}", f"第{number}号基金"]
        if edited and number == 0:
            names.append("Fund Number 2")
        if edited and number == 1:
            names.pop()
        commitments.append(
            Commitment(
                id=CommitmentId(f"fund-{number}"),
                title=f"Fund {number}",
                terms=tuple(Term(text=name) for name in names),
                said=(Saying(date="2026-01-01"),),
            )
        )
    return Watchlist(commitments=tuple(commitments), feeds=(), version=f"edited={edited}")


def articles(count: int) -> Iterator[Article]:
    """Yield invented articles, in the order in which they come."""
    chance = random.Random(7)
    for number in range(count):
        chinese = number % 2 == 1
        named = number % NAMED < 2
        fund = chance.randrange(100) if chance.random() < 0.5 else chance.randrange(3)
        words = chance.choices(WORDS_ZH if chinese else WORDS, k=420)
        text = "".join(words) if chinese else " ".join(words)
        if named:
            step = chance.choice(STEPS_ZH if chinese else STEPS)
            lead = f"第{fund}号基金{step}。" if chinese else f"The Fund Number {fund} {step}. "
            text = f"{lead}\n{text}"
        moment = START + number * EVERY
        yield Article(
            feed_id=FeedId(f"feed-{number % 40}"),
            entry_id=str(number),
            url=f"https://news.example.org/{number}",
            canonical_url=f"https://news.example.org/{number}",
            title=f"{words[0]} {words[1]} {number}",
            text=text,
            language=Language.CHINESE_SIMPLIFIED if chinese else Language.ENGLISH,
            published_at=moment,
            fetched_at=moment,
            text_hash=str(number),
        )


def fill(database: Database, watchlist: Watchlist, count: int) -> None:
    """Store the articles as a real run does."""
    context = Context(watchlist=watchlist, matcher=compile_watchlist(watchlist))
    coming = articles(count)
    while batch := list(islice(coming, AT_ONCE)):
        with begin(database) as work:
            _, others = store_quiet(batch, context, work)
            for each in others:
                process_article(each, context, work, each.fetched_at, tell=True)
            work.commit()


def stored(database: Database, names: set[CommitmentId]) -> set[tuple[str, str]]:
    """Return the hits of commitments: whose, and in which article."""
    with reading(database) as work:
        return {
            (hit.commitment_id, work.articles.get(hit.article_id).article.url)
            for hit, _ in work.rules.of_commitments(names)
        }


def main(arguments: list[str]) -> int:
    """Print what it took, and whether a real run under the edit stores what was predicted."""
    count = int(arguments[0]) if arguments else 100_000
    before, after = a_watchlist(edited=False), a_watchlist(edited=True)
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder)}/before.db")
        database.upgrade()
        fill(database, before, count)
        started, cpu = time.monotonic(), time.process_time()
        result = run_backtest(database, before, after, now=START + count * EVERY)
        took, cpu = time.monotonic() - started, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        other = open_database(f"sqlite:///{Path(folder)}/after.db")
        other.upgrade()
        fill(other, after, count)
        names = {each.commitment_id for each in result.commitments}
        old, new = stored(database, names), stored(other, names)
        for each in result.commitments:
            print(
                f"{each.commitment_id}: {each.hits_before} hits before, {each.hits_after} after, "
                f"{len(each.gained)} gained, {len(each.lost)} lost, {len(each.changed)} reread, "
                f"alerts a week {each.alerts_a_week_before} -> {each.alerts_a_week_after}"
            )
        gained = {(h.commitment_id, h.url) for c in result.commitments for h in c.gained}
        lost = {(h.commitment_id, h.url) for c in result.commitments for h in c.lost}
        exact = (gained, lost) == (new - old, old - new)
        print(
            f"{result.articles:,} articles in {took:.1f} s ({cpu:.1f} s of CPU), at most {peak} MB;"
            f" {'exactly' if exact else 'NOT'} what a run under the edit stores"
        )
        database.close()
        other.close()
    return 0 if exact else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
