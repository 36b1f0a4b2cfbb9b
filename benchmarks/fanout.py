"""Tell 10,000 subscribers of one alert: the pace, a `/status` in the middle, and memory.

Run: .venv/bin/python -m benchmarks.fanout [--chats 10000] [--rate 25]

The Bot API server of the tests runs in a process of its own; the sender is the real one, with
python-telegram-bot, SQLite and the limits that hold at Telegram. At 25 a second it takes 400 s.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

from alerts.desk import CommandDesk
from alerts.dispatching import Dispatcher, route_outbox
from alerts.limits import OVERALL, Limiter
from alerts.telegram_commands import TelegramBot
from model.clock import SystemClock
from model.records import (
    AlertReason,
    ChatId,
    Development,
    DevelopmentId,
    Milestone,
    Relation,
    Stage,
    Subscriber,
    Subscription,
)
from pledgewatch.maintenance import prepare_database
from storage.database import Database
from storage.unit_of_work import begin, reading
from tests.builders import a_commitment, a_feed, a_hit, a_watchlist, an_article
from tests.fakes.telegram_server import TOKEN, TelegramServer

ASKER, FIRST_CHAT = 999, 100_000


def serve(pipe: Connection) -> None:
    """Run the server; answer what is asked through the pipe."""
    with TelegramServer() as server:
        pipe.send(server.url)
        while (asked := pipe.recv()) != "stop":
            if asked == "status":
                before, began = len(server.of_chat(ASKER)), time.monotonic()
                server.says(ASKER, "/status")
                while len(server.of_chat(ASKER)) == before and time.monotonic() < began + 30:
                    time.sleep(0.005)
                pipe.send(time.monotonic() - began)
            else:
                told = [each for each in server.messages if each.chat_id != ASKER]
                chats = {each.chat_id for each in told}
                pipe.send(([each.at for each in told], len(chats), server.refused))


def fill(database: Database, chats: int) -> None:
    """Store the subscribers and one alert for all of them."""
    clock = SystemClock()
    with begin(database) as work:
        for number in range(chats):
            chat = ChatId(FIRST_CHAT + number)
            work.subscribers.save(Subscriber(chat_id=chat))
            work.subscribers.subscribe(Subscription(chat_id=chat, target="all"))
        work.feeds.ensure([a_feed()], clock.now())
        _, article_id = work.articles.arrive(an_article())
        hit_id = work.hits.add(a_hit(article_id=article_id))
        development_id = work.developments.add(
            Development(
                id=DevelopmentId(0),
                commitment_id=a_commitment().id,
                relation=Relation.FOLLOW_UP,
                headline="Fund opens its first office",
                lead_article_id=article_id,
                milestone=Milestone.OPERATING,
                setback=None,
                stage=Stage.OPERATING,
                outcome=None,
                event_date=None,
                place=None,
                hit_count=1,
                origin_count=1,
                first_seen_at=clock.now(),
                last_seen_at=clock.now(),
                revision=1,
            )
        )
        assert hit_id is not None
        work.hits.place(hit_id, development_id)
        work.outbox.add(
            key="development.1.1",
            commitment_id=a_commitment().id,
            development_id=development_id,
            reason=AlertReason.NEW_DEVELOPMENT,
            raised_at=clock.now(),
        )
        work.commit()


def resident() -> float:
    """Return how many megabytes this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


async def measure(folder: Path, url: str, pipe: Connection, chats: int, rate: float) -> None:
    """Send to everybody and print what it took."""
    database = prepare_database(f"sqlite:///{folder / 'fanout.db'}", SystemClock().now())
    fill(database, chats)
    clock, limiter, watchlist = SystemClock(), Limiter(overall=rate), a_watchlist()
    desk = CommandDesk(database, lambda: watchlist, clock, "UTC")
    bot = TelegramBot(TOKEN, url, desk, limiter, clock)
    await bot.start()
    with ThreadPoolExecutor(max_workers=1) as writer:
        sender = Dispatcher(database, lambda: watchlist, bot.sender, clock, writer, "UTC", limiter)
        route_outbox(database, watchlist, "UTC", clock.now())
        levels, waited = [], []
        asked = {0.25, 0.5, 0.75}
        while (left := _waiting(database)) > 0:
            await sender.start_due()
            await asyncio.sleep(1)
            done = 1 - left / chats
            levels.append((done, resident()))
            if due := {each for each in asked if each <= done}:
                asked -= due
                await asyncio.to_thread(pipe.send, "status")
                waited.append(await asyncio.to_thread(pipe.recv))
        await sender.finish()
    await bot.stop()
    database.close()
    pipe.send("log")
    times, told, refused = pipe.recv()
    report(sorted(times), told, refused, chats, rate, waited, levels)


def _waiting(database: Database) -> int:
    with reading(database) as work:
        return sum(n for state, n in work.deliveries.counts().items() if state == "pending")


def report(
    times: list[float],
    told: int,
    refused: list[str],
    chats: int,
    rate: float,
    waited: list[float],
    levels: list[tuple[float, float]],
) -> None:
    """Print the figures."""
    took = times[-1] - times[0]
    held = (len(times) - 1) / took / rate
    first = 0
    most = 0
    for last, at in enumerate(times):
        while times[first] <= at - 1:
            first += 1
        most = max(most, last - first + 1)
    early = [level for done, level in levels if 0.1 <= done <= 0.3]
    late = [level for done, level in levels if done >= 0.8]
    sys.stdout.write(
        f"{len(times)} messages to {told} of {chats} chats in {took:.1f} s, "
        f"refused {len(refused)}\n"
        f"{held:.3f} of the allowed {rate:g} a second; most in any second {most}\n"
        f"/status answered in {', '.join(f'{each:.2f}' for each in waited)} s\n"
        f"resident {max(early, default=0):.0f} MB early, {max(late, default=0):.0f} MB late\n"
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chats", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=OVERALL)
    given = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    server.start()
    try:
        url = ours.recv()
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(Path(folder), url, ours, given.chats, given.rate))
    finally:
        ours.send("stop")
        server.join(10)


if __name__ == "__main__":
    main()
