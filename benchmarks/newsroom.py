"""Fills a database as years of a newsroom would: articles, hits, developments, decisions, coverage.

The texts are invented from frequent and rare words of both languages, with a few words planted so
that searches have something to find: see `PLANTED`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import opencc
from sqlalchemy import insert

from model.records import (
    Article,
    ArticleId,
    ArticlePart,
    Commitment,
    CommitmentId,
    Decision,
    DecisionId,
    Development,
    DevelopmentId,
    Feed,
    FeedHealth,
    FeedId,
    Hit,
    Language,
    Milestone,
    Outcome,
    Relation,
    Role,
    Stage,
    Suggestion,
    Term,
    TermMatch,
    TermRole,
    Trigger,
    Watchlist,
)
from storage.database import Database
from storage.tables import coverage
from storage.unit_of_work import begin

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SPAN = timedelta(days=540)
PLEDGES, FEEDS = 60, 300
HITS_EACH = 3.5  # of a development
BATCH = 2_000
# What is planted, in which share of the articles and of the hits.
PLANTED = {
    "en": (("AI", 0.10, 0.5), ("cooperation organization", 0.02, 0.15), ("Shanghai", 0.04, 0.2)),
    "zh": (("人工智能", 0.10, 0.5), ("合作组织", 0.02, 0.15), ("上海", 0.04, 0.2)),
}
RARE = {"en": "zanzibarite", "zh": "罕见龘"}  # in one article of 20,000
_ENGLISH = (
    "the of to and in a for on that with is as at by from said it has be will are was an this "
    "its new government minister agreement summit president country region plan trade energy "
    "climate digital health bank fund project development security meeting leaders talks states "
    "members report year people economy investment technology water school hospital court port"
).split()
_SYLLABLES = "ka lo mi ter san dor vel pra nis tor ben gal rim sto fen cu par il ze mon".split()
_CHINESE = (
    "的 了 在 和 是 年 月 日 中国 表示 国家 发展 合作 经济 会议 政府 建设 国际 记者 今日 举行 签署 "
    "协议 部长 总统 地区 项目 投资 技术 能源 气候 数字 卫生 银行 基金 安全 成员 报告 人民 贸易 港口"
).split()


def vocabulary(chance: random.Random) -> dict[str, list[str]]:
    """Return words of each language, the frequent ones first."""
    made = {"".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) for _ in range(9_000)}
    level_one = bytes(
        byte for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF) for byte in (row, cell)
    ).decode("gb2312", "ignore")
    pairs = {"".join(chance.choices(level_one, k=2)) for _ in range(9_000)}
    return {"en": _ENGLISH + sorted(made), "zh": _CHINESE + sorted(pairs)}


class Writer:
    """Writes articles whose words are as frequent as words are: the n-th one time in n."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._words = vocabulary(chance)
        self._weights: dict[str, list[float]] = {}
        for language, words in self._words.items():
            total, sums = 0.0, []
            for rank in range(1, len(words) + 1):
                total += 1 / rank
                sums.append(total)
            self._weights[language] = sums
        self._traditional = opencc.OpenCC("s2t")

    def article(self, number: int, *, hit: bool) -> Article:
        """Return one article; every other one is English, a third of the others traditional."""
        language = "en" if (number + number // 20) % 2 else "zh"
        traditional = number % 3 == 0
        title = self._sentence(language, 9 if language == "en" else 11, hit=hit)
        count = self.chance.randint(40, 110)
        text = self._sentence(language, count, hit=hit)
        if number % 20_000 in (7, 8):
            text += f" {RARE[language]}"
        if traditional:
            title, text = self._traditional.convert(title), self._traditional.convert(text)
        chinese = Language.CHINESE_TRADITIONAL if traditional else Language.CHINESE_SIMPLIFIED
        fetched_at = NOW - SPAN + (SPAN * ((number * 7919) % 1_000_003)) / 1_000_003
        return Article(
            feed_id=FeedId(f"feed-{number % FEEDS}"),
            entry_id=f"entry-{number}",
            url=f"https://news.example.org/{number}",
            canonical_url=f"https://news.example.org/{number}",
            title=title,
            text=text,
            language=Language.ENGLISH if language == "en" else chinese,
            published_at=fetched_at,
            fetched_at=fetched_at,
            text_hash=f"{number:064x}",
        )

    def _sentence(self, language: str, count: int, *, hit: bool) -> str:
        words = self.chance.choices(
            self._words[language], cum_weights=self._weights[language], k=count
        )
        for planted, share, of_hits in PLANTED[language]:
            if self.chance.random() < (of_hits if hit else share):
                words.insert(self.chance.randrange(count), planted)
        for place in range(12, len(words), 13):
            words[place] += "." if language == "en" else "。"
        return (" " if language == "en" else "").join(words)


def a_newsroom() -> Watchlist:
    """Return the watchlist whose history this is."""
    return Watchlist(
        commitments=tuple(
            Commitment(
                id=CommitmentId(f"pledge-{number}"),
                title=f"Pledge {number}",
                terms=(Term(text=f"Pledge {number}"),),
            )
            for number in range(PLEDGES)
        ),
        feeds=tuple(
            Feed(
                id=FeedId(f"feed-{number}"),
                url=f"https://{number}.example.org/feed",
                title=f"Sample outlet {number}",
                language=Language.ENGLISH,
            )
            for number in range(FEEDS)
        ),
        version="benchmark",
    )


def fill(database: Database, articles: int, hits: int, told: Callable[[str], None]) -> None:
    """Store a newsroom's history; one article in `articles / hits` names a pledge."""
    writer = Writer(random.Random(20261124))
    step = max(1, articles // hits)
    with begin(database) as work:
        work.feeds.ensure(a_newsroom().feeds, NOW)
        for state in work.feeds.all():
            work.feeds.save(replace(state, health=FeedHealth.HEALTHY, last_success_at=NOW))
        work.commit()
    chance = random.Random(7)
    for numbers in _batches(iter(range(articles))):
        batch = [writer.article(number, hit=number % step == 0) for number in numbers]
        with begin(database) as work:
            work.articles.add_new(batch)
            work.commit()
        if numbers[0] % 100_000 == 0:
            told(f"{numbers[0]:,} articles")
    _add_hits(database, articles, step, chance)
    told("hits and decisions")
    _add_coverage(database)


def _batches(numbers: Iterator[int]) -> Iterator[list[int]]:
    while batch := list(islice(numbers, BATCH)):
        yield batch


def _add_hits(database: Database, articles: int, step: int, chance: random.Random) -> None:
    numbers = list(range(0, articles, step))
    chance.shuffle(numbers)
    place = 0
    while place < len(numbers):
        with begin(database) as work:
            for _ in range(200):
                size = min(1 + int(chance.expovariate(1 / (HITS_EACH - 1))), len(numbers) - place)
                if size < 1:
                    break
                _add_development(work, numbers[place : place + size], chance)
                place += size
            work.commit()


def _add_development(work, numbers: list[int], chance: random.Random) -> None:
    pledge = CommitmentId(f"pledge-{int(PLEDGES * chance.random() ** 2)}")
    relation = chance.choices(list(Relation), [1, 6, 4])[0]
    first = work.articles.get(ArticleId(numbers[0] + 1))
    seen_at = first.article.fetched_at
    follow_up = relation is Relation.FOLLOW_UP
    development = Development(
        id=DevelopmentId(0),
        commitment_id=pledge,
        relation=relation,
        headline=first.article.title,
        lead_article_id=first.id,
        milestone=Milestone.SIGNED if follow_up else None,
        setback=None,
        stage=Stage.AGREED if follow_up else None,
        outcome=None,
        event_date=None,
        place=None,
        hit_count=len(numbers),
        origin_count=1,
        first_seen_at=seen_at,
        last_seen_at=seen_at,
        revision=1,
        signature=tuple(chance.getrandbits(64) for _ in range(16)),
        told=True,
    )
    development_id = work.developments.add(development)
    hit_ids = []
    for number in numbers:
        hit = _a_hit(pledge, number, relation, seen_at)
        hit_id = work.hits.add(hit)
        work.hits.place(hit_id, development_id)
        hit_ids.append(hit_id)
    if chance.random() < 0.6:
        _decide(work, development_id, development, tuple(hit_ids))


def _decide(work, development_id, development: Development, hit_ids) -> None:
    outcome = Outcome.CONFIRMED if development.stage else Outcome.RESTATEMENT
    work.decisions.add(
        Decision(
            id=DecisionId(0),
            commitment_id=development.commitment_id,
            development_id=development_id,
            hit_ids=hit_ids,
            actor="local:bench",
            role=Role.ANALYST,
            outcome=outcome,
            milestone=development.milestone,
            milestone_date=f"{development.first_seen_at:%Y-%m-%d}" if development.stage else None,
            decided_at=development.first_seen_at + timedelta(hours=3),
        )
    )
    work.developments.save(replace(development, id=development_id, outcome=outcome, revision=2))


def _a_hit(pledge: CommitmentId, number: int, relation: Relation, found_at: datetime) -> Hit:
    match = TermMatch(
        term="Pledge", role=TermRole.ALIAS, part=ArticlePart.TEXT, start=0, end=6, quote="Pledge"
    )
    follow_up = relation is Relation.FOLLOW_UP
    return Hit(
        commitment_id=pledge,
        article_id=ArticleId(number + 1),
        matches=(match, match, match),
        score=0.7,
        suggestion=Suggestion(
            relation=relation,
            milestone=Milestone.SIGNED if follow_up else None,
            stage=Stage.AGREED if follow_up else None,
            confidence=0.8,
            triggers=(Trigger(quote="signed", part=ArticlePart.TEXT, start=9, end=15),),
            why="“signed” beside the pledge's name, not hedged",
            why_zh="承诺名称旁出现“signed”，未见保留语气",
            rules="benchmark",
        ),
        watchlist_version="benchmark",
        found_at=found_at + timedelta(seconds=number % 3600),
    )


def _add_coverage(database: Database) -> None:
    """Record an answer of every feed in every hour of the last 140 days."""
    first = NOW.replace(minute=0) - timedelta(days=140)
    for day in range(140):
        rows = [
            {
                "feed_id": f"feed-{feed}",
                "hour": hour,
                "polls": 2,
                "answers": 2,
                "articles": 1,
                "covers_until": hour + timedelta(hours=1),
            }
            for number in range(24)
            for feed in range(FEEDS)
            for hour in (first + timedelta(days=day, hours=number),)
        ]
        with begin(database) as work:
            work._connection.execute(insert(coverage), rows)
            work.commit()
