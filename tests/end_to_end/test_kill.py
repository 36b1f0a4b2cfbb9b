"""kill -9 at random moments of `run` under load: nothing is lost, little is told twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from model.records import ChatId, DeliveryState, Subscriber, Subscription
from pledgewatch.maintenance import prepare_database
from storage.unit_of_work import begin, reading
from tests.fakes.feed_server import FeedServer, rss
from tests.fakes.telegram_server import TOKEN, TelegramServer

PLEDGES, FEEDS, KILLS = 12, 4, 6
CHATS = (101, 202, 303)
PROGRAM = [sys.executable, "-m", "pledgewatch", "run"]


def a_watchlist(feeds):
    commitments = "\n".join(
        f"  - {{id: fund-{number:02}, title: Fund {number:02}, "
        f"aliases: [Harbour Fund {number:02}]}}"
        for number in range(PLEDGES)
    )
    sources = "\n".join(
        f'  - {{id: feed-{number}, url: "{feeds.url(f"/{number}.xml")}", title: Feed {number}, '
        "language: en, every: 1s}"
        for number in range(FEEDS)
    )
    return f"commitments:\n{commitments}\nfeeds:\n{sources}\n"


def publish(feeds, upto):
    """Let each feed hold its share of the first pledges' news."""
    now = format_datetime(datetime.now(UTC))
    for feed in range(FEEDS):
        feeds.put(
            f"/{feed}.xml",
            rss(
                *(
                    {
                        "title": f"Harbour Fund {number:02}: charter signed by {number + 3} states",
                        "text": f"The charter of Harbour Fund {number:02} was signed.",
                        "link": f"https://news.example.org/{number}",
                        "date": now,
                    }
                    for number in range(upto)
                    if number % FEEDS == feed
                )
            ),
        )


@pytest.fixture
def world(tmp_path):
    with FeedServer() as feeds, TelegramServer() as telegram:
        publish(feeds, 0)
        (tmp_path / "watchlist.yaml").write_text(a_watchlist(feeds))
        database = prepare_database(f"sqlite:///{tmp_path}/p.db", datetime.now(UTC))
        with begin(database) as work:
            for chat in CHATS:
                work.subscribers.save(Subscriber(chat_id=ChatId(chat)))
                work.subscribers.subscribe(Subscription(chat_id=ChatId(chat), target="all"))
            work.commit()
        environment = {
            **os.environ,
            "PLEDGEWATCH_DATABASE_URL": f"sqlite:///{tmp_path}/p.db",
            "PLEDGEWATCH_WATCHLIST": str(tmp_path / "watchlist.yaml"),
            "PLEDGEWATCH_TELEGRAM_TOKEN": TOKEN,
            "PLEDGEWATCH_TELEGRAM_API": telegram.url,
            "PLEDGEWATCH_ALLOW_PRIVATE": "127.0.0.1",
            "PLEDGEWATCH_ROLES": "poll,send,bot",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        yield feeds, telegram, database, environment, tmp_path
        database.close()


def start(environment, folder):
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(PROGRAM, env=environment, cwd=folder, stdout=log, stderr=log)


def delivered(database):
    with reading(database) as work:
        return work.deliveries.counts().get(DeliveryState.SENT, 0)


def test_killed_at_random_moments_it_loses_nothing(world):
    feeds, telegram, database, environment, folder = world
    chance = random.Random(20261124)
    published = 0
    for _ in range(KILLS):
        process = start(environment, folder)
        deadline = time.monotonic() + 20
        before = len(telegram.messages)
        published = min(PLEDGES, published + 2)
        publish(feeds, published)
        while len(telegram.messages) == before and time.monotonic() < deadline:
            time.sleep(0.01)  # the moment to kill is somewhere after work has begun
        time.sleep(chance.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    publish(feeds, PLEDGES)
    process = start(environment, folder)
    deadline = time.monotonic() + 60
    while delivered(database) < PLEDGES * len(CHATS) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0, (folder / "log.txt").read_text()[-3000:]

    with reading(database) as work:
        assert work.hits.count() == PLEDGES
        assert len(work.developments.listed(limit=100)) == PLEDGES
        assert work.outbox.waiting() == 0
        assert work.deliveries.counts() == {DeliveryState.SENT: PLEDGES * len(CHATS)}
    told = Counter((message.chat_id, message.shown.split("\n")[0]) for message in telegram.messages)
    assert len(told) == PLEDGES * len(CHATS)
    twice = sum(count - 1 for count in told.values())
    assert twice <= KILLS * len(CHATS)  # at most the message in flight to each chat


FANNED, MOST_UNDER_WAY = 240, 4


def test_killed_in_a_fan_out_everybody_is_told_and_hardly_anybody_twice(world):
    feeds, telegram, database, environment, folder = world
    chats = range(10_000, 10_000 + FANNED)
    with begin(database) as work:
        for chat in CHATS:
            work.subscribers.forget(ChatId(chat))
        for chat in chats:
            work.subscribers.save(Subscriber(chat_id=ChatId(chat)))
            work.subscribers.subscribe(Subscription(chat_id=ChatId(chat), target="all"))
        work.commit()
    publish(feeds, 1)
    for told in (FANNED // 4, FANNED // 2):
        process = start(environment, folder)
        deadline = time.monotonic() + 60
        while len(telegram.messages) < told and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert len(telegram.messages) >= told, (folder / "log.txt").read_text()[-3000:]
    process = start(environment, folder)
    deadline = time.monotonic() + 90
    while delivered(database) < FANNED and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0, (folder / "log.txt").read_text()[-3000:]
    told = Counter(message.chat_id for message in telegram.messages)
    assert set(told) == set(chats)
    assert max(told.values()) <= 2
    assert sum(told.values()) - FANNED <= 2 * MOST_UNDER_WAY  # what was on its way at each kill


def test_a_second_process_on_the_same_database_refuses_to_start(world):
    _, telegram, _, environment, folder = world
    first = start(environment, folder)
    deadline = time.monotonic() + 20
    while telegram.calls["getUpdates"] == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    second = subprocess.run(
        PROGRAM,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    publish(world[0], 3)
    asked = subprocess.run(
        [*PROGRAM[:-1], "poll", "--json"],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    first.send_signal(signal.SIGINT)
    assert asked.returncode == 0, asked.stderr
    assert len(json.loads(asked.stdout)) == FEEDS  # the running process polled; nobody twice
    assert second.returncode == 3
    assert "Another `pledgewatch run`" in second.stderr
    assert first.wait(20) == 0
