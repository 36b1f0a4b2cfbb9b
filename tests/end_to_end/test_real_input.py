"""The main job on real input; skipped where the material is not there."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from rich.console import Console

from model.errors import FeedFault, ParseError
from model.records import (
    AlertReason,
    ChatId,
    DeliveryState,
    FeedId,
    Language,
    Subscriber,
    Subscription,
)
from monitor.parsing import parse_feed
from pledgewatch.app import run
from pledgewatch.maintenance import prepare_database
from pledgewatch.settings import Part, Settings
from storage.unit_of_work import begin, reading
from tests.builders import a_feed
from tests.fakes.feed_server import FeedServer, rss
from tests.fakes.telegram_server import TOKEN, TelegramServer

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("PLEDGEWATCH_TEST_DATA", ROOT.parent / "shared" / "data"))
FACTS = json.loads((ROOT / "tests" / "data" / "feeds" / "facts.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CHAT = ChatId(4711)

needs_feeds = pytest.mark.skipif(
    not (DATA / "feeds").is_dir(),
    reason="skipped: set PLEDGEWATCH_TEST_DATA to the real feed files",
)
needs_corpus = pytest.mark.skipif(
    not (DATA / "corpus" / "dev.jsonl").is_file(),
    reason="skipped: set PLEDGEWATCH_TEST_DATA to the labelled articles",
)


@needs_feeds
@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_real_feed_gives_what_a_person_would_read_in_it(name):
    expected = FACTS[name]
    body = (DATA / "feeds" / name).read_bytes()
    if "fault" in expected:
        with pytest.raises(ParseError) as caught:
            parse_feed(a_feed(), body, None, "https://feed.example.org/", NOW)
        assert caught.value.fault == expected["fault"]
        return
    articles = parse_feed(a_feed(), body, None, "https://feed.example.org/", NOW).articles
    assert len(articles) == expected["count"]
    first = hashlib.sha256(articles[0].title.encode()).hexdigest()[:16]
    assert first == expected["first_title"]
    dates = sorted(each.published_at for each in articles if each.published_at)
    assert len(dates) == expected["dated"]
    if dates:
        assert [dates[0].isoformat(), dates[-1].isoformat()] == expected["dates"]
    assert not any("\ufffd" in each.title for each in articles)


@needs_feeds
def test_every_real_feed_has_its_facts():
    names = {path.name for path in (DATA / "feeds").iterdir() if path.suffix != ".md"}
    assert names == set(FACTS)


def a_source(rows, now):
    """Return labelled articles as one feed, their dates moved to the last day."""
    return rss(
        *(
            {
                "title": row["title"],
                "link": row["url"],
                "guid": row["id"],
                "text": row["text"],
                "date": format_datetime(now - timedelta(minutes=5 * number)),
            }
            for number, row in enumerate(rows)
        )
    )


@needs_feeds
@needs_corpus
async def test_the_main_job_on_real_articles(tmp_path):
    lines = (DATA / "corpus" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    now = datetime.now(UTC)
    with FeedServer() as feeds, TelegramServer() as telegram:
        path = tmp_path / "watchlist.yaml"
        path.write_text(_watchlist(rows, feeds, now), encoding="utf-8")
        settings = Settings(
            watchlist=path,
            database_url=f"sqlite:///{tmp_path}/p.db",
            telegram_token=TOKEN,
            telegram_api=telegram.url,
            allow_private=("127.0.0.1",),
            roles=frozenset({Part.POLL, Part.SEND, Part.BOT}),
        )
        database = prepare_database(settings.database_url, now)
        with begin(database) as work:
            work.subscribers.save(Subscriber(chat_id=CHAT, started_at=now))
            work.subscribers.subscribe(Subscription(chat_id=CHAT, target="all"))
            work.commit()
        stop = asyncio.Event()
        running = asyncio.create_task(run(settings, stop, Console(file=io.StringIO())))
        async with asyncio.timeout(100):
            while not await asyncio.to_thread(_is_done, database):
                await asyncio.sleep(0.2)
        stop.set()
        await running
        _check(database, rows, telegram)
        database.close()


def _watchlist(rows, feeds, now):
    commitments = (ROOT / "watchlist.yaml").read_text(encoding="utf-8").split("\nfeeds:")[0]
    lines = [commitments, "feeds:"]
    sources = {}
    for row in rows:
        sources.setdefault((row["source"], row["lang"]), []).append(row)
    for (source, lang), found in sources.items():
        name = re.sub(r"[^a-z0-9]+", "-", f"{source}-{lang}".lower())
        url = feeds.put(f"/{name}", a_source(found, now))
        language = lang if lang in set(Language) else "und"
        lines.append(
            f'  - {{id: {name}, url: "{url}", title: {name}, language: {language}, every: 1s}}'
        )
    for name in FACTS:
        slug = "real-" + re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-")
        url = feeds.put(f"/{slug}", (DATA / "feeds" / name).read_bytes())
        lines.append(f'  - {{id: {slug}, url: "{url}", title: x, language: en, every: 1s}}')
    return "\n".join(lines)


def _is_done(database):
    with reading(database) as work:
        states = work.feeds.all()
        polled = len(states) > len(FACTS) and all(state.last_polled_at for state in states)
        waiting = {
            work.outbox.get(each.alert_id).reason
            for each in work.deliveries.listed([DeliveryState.PENDING])
        }  # an edit for more outlets rightly waits for two minutes
        return polled and not waiting - {AlertReason.MORE_OUTLETS} and not work.outbox.waiting()


def _check(database, rows, telegram):
    with reading(database) as work:
        wanted, found = 0, 0
        for row in rows:
            labels = {
                label["commitment"] for label in row["labels"] if label["relation"] == "follow_up"
            }
            if not labels:
                continue
            wanted += 1
            hits = {
                hit.commitment_id
                for article in work.articles.by_url(row["url"])
                for hit in work.hits.of_article(article.id)
            }
            found += bool(labels & hits)
        assert found / wanted >= 0.90
        developments = work.developments.listed(limit=1000)
        states = {state.feed_id: state for state in work.feeds.all()}
    told = [each.id for each in developments if each.relation == "follow_up"]
    tags = [re.search(r"#F(\d+)", message.shown)[1] for message in telegram.of_chat(CHAT)]
    assert sorted(map(int, tags)) == sorted(told)  # each follow-up once
    assert telegram.refused == []
    unread = {name for name, facts in FACTS.items() if "fault" in facts}
    failing = {feed_id for feed_id, state in states.items() if state.consecutive_failures}
    assert len(failing) == len(unread)
    assert states[FeedId("real-nodefp-notafeed-html")].fault == FeedFault.HTML
