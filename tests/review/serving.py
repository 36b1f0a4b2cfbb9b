"""A review desk on loopback for tests: a real server, a real database, a clock that ticks."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import httpx
import uvicorn

from model.clock import Clock
from model.records import (
    ArticlePart,
    CommitmentId,
    Development,
    DevelopmentId,
    FeedId,
    Language,
    Milestone,
    Relation,
    Role,
    Stage,
    Trigger,
)
from model.watchlist import load_watchlist
from monitor.matching import check_query
from pledgewatch.settings import Settings
from pledgewatch.watchlist_desk import FileWatchlistDesk
from review.app import Desk, create_app
from review.auth import SESSION, VISITOR, Visitor
from review.server import _QuietServer
from storage.database import Database
from storage.unit_of_work import UnitOfWork, begin
from tests.builders import NOON, a_hit, a_match, a_suggestion, an_article

WATCHLIST = """\
# Every pledge here is invented.
commitments:
  - id: harbour-fund
    title: {en: Harbour fund, zh-Hans: 港湾基金, zh-Hant: 港灣基金}
    tags: [coast]
    promisor: [Republic of Marenne]
    said: [{date: "2025-03-14", where: Port Laval, by: the prime minister, text: A fund for towns.}]
    due: 2027
    aliases: [Harbour Resilience Fund, 港湾韧性基金]
    decoys: [{text: Harbour Resilience Fund Run, why: a race}]
  - id: river-school
    title: River school
    tags: [river]
    aliases: [River School]
feeds:
  - {id: example-world, url: "https://news.example.org/rss", title: Example World, language: en,
     tier: b}
  - {id: shili, url: "https://news.example.cn/rss", title: 示例日报, language: zh-Hans, tier: c}
"""
TOWNS = (
    "Alder Birch Cedar Damson Elm Fir Gorse Hazel Ivy Juniper Kale Larch Maple Nettle Oak".split()
)


class TickingClock:
    """Goes on by a millisecond at each look, so that no two decisions are of one moment."""

    def __init__(self) -> None:
        self._now = NOON
        self._lock = threading.Lock()

    def now(self):
        with self._lock:
            self._now += timedelta(milliseconds=1)
            return self._now

    def advance(self, **amount: float) -> None:
        with self._lock:
            self._now += timedelta(**amount)


@dataclass
class Served:
    """A desk that is being served."""

    address: str
    desk: Desk
    database: Database
    clock: TickingClock
    watchlist: Path
    clients: list[Client] = field(default_factory=list)

    def link(self, name: str = "Ada", role: Role = Role.ANALYST) -> str:
        """Return a one-time link."""
        with begin(self.database) as work:
            token = work.logins.new(f"local:{name}", role, self.clock.now())
            work.commit()
        return f"{self.address}/login?token={token}"

    def client(self, name: str = "", role: Role = Role.ANALYST) -> Client:
        """Return a browser without scripts; with a name, signed in."""
        client = Client(self)
        self.clients.append(client)
        if name:
            token = self.link(name, role).partition("token=")[2]
            client.post("/login", token=token)
        return client


class Client:
    """Follows links and sends forms as a browser would, form token and cookies included."""

    def __init__(self, served: Served) -> None:
        self.http = httpx.Client(base_url=served.address, trust_env=False, timeout=60)
        self.http.get("/")

    def get(self, path: str, **named: object) -> httpx.Response:
        return self.http.get(path, **named)

    def post(self, path: str, **fields: object) -> httpx.Response:
        return self.http.post(path, data={"form_token": self.form_token, **fields})

    @property
    def form_token(self) -> str:
        return Visitor(form_secret=self.http.cookies[VISITOR]).form_token

    @property
    def session(self) -> str | None:
        return self.http.cookies.get(SESSION)


@contextmanager
def serving(
    database: Database,
    folder: Path,
    text: str = WATCHLIST,
    *,
    clock: Clock | None = None,
    allowed_hosts: tuple[str, ...] = (),
):
    """Serve a desk on a free port while the block runs."""
    path = folder / "watchlist.yaml"
    path.write_text(text, encoding="utf-8")
    ticking = clock or TickingClock()
    settings = replace(Settings(), watchlist=path, allow_private=allowed_hosts)
    desk = Desk(
        database=database,
        watchlist=lambda: load_watchlist(
            path, allowed_hosts=allowed_hosts, check_query=check_query
        ),
        now=ticking.now,
        telegram=lambda: "off",
        tools=FileWatchlistDesk(settings, database, ticking),
    )
    with begin(database) as work:
        work.feeds.ensure(desk.watchlist().feeds, ticking.now())
        work.commit()
    config = uvicorn.Config(
        create_app(desk),
        host="127.0.0.1",
        port=0,
        log_level="error",
        access_log=False,
        timeout_keep_alive=120,  # a slow machine is no reason to hang up
    )
    server = _QuietServer(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    waited = threading.Event()
    while not server.started and thread.is_alive():
        waited.wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    served = Served(f"http://127.0.0.1:{port}", desk, database, ticking, path)
    try:
        yield served
    finally:
        for client in served.clients:
            client.http.close()
        server.should_exit = True
        thread.join(30)


def add_development(work: UnitOfWork, number: int, **changes: object) -> DevelopmentId:
    """Store a development with one article; say what matters."""
    town = TOWNS[number % len(TOWNS)]
    values: dict[str, object] = {
        "title": f"Harbour Resilience Fund opens an office in {town} ({number})",
        "text": f"The Harbour Resilience Fund opened an office in {town}. It is no. {number}.",
        "commitment_id": CommitmentId("harbour-fund"),
        "feed_id": FeedId("example-world"),
        "milestone": Milestone.OPERATING,
        "stage": Stage.OPERATING,
        "setback": None,
        "relation": Relation.FOLLOW_UP,
        "url": f"https://news.example.org/{number}",
        "language": Language.ENGLISH,
    } | changes
    at = NOON - timedelta(minutes=number)
    _, article_id = work.articles.arrive(
        an_article(
            number=number,
            title=values["title"],
            text=values["text"],
            url=values["url"],
            feed_id=values["feed_id"],
            language=values["language"],
            published_at=at,
            fetched_at=at,
        )
    )
    development = Development(
        id=DevelopmentId(0),
        commitment_id=values["commitment_id"],
        relation=values["relation"],
        headline=values["title"],
        lead_article_id=article_id,
        milestone=values["milestone"],
        setback=values["setback"],
        stage=values["stage"],
        outcome=None,
        event_date=at.date().isoformat(),
        place="Port Laval",
        hit_count=1,
        origin_count=1,
        first_seen_at=at,
        last_seen_at=at,
        revision=1,
    )
    development_id = work.developments.add(development)
    suggestion = a_suggestion(
        relation=values["relation"],
        milestone=values["milestone"],
        setback=values["setback"],
        stage=values["stage"],
        triggers=(Trigger(quote="opened", part=ArticlePart.TEXT, start=28, end=34),),
    )
    hit_id = work.hits.add(
        a_hit(
            commitment_id=values["commitment_id"],
            article_id=article_id,
            suggestion=suggestion,
            matches=(a_match(part=ArticlePart.TEXT, start=4, end=27),),
            found_at=at,
        )
    )
    work.hits.place(hit_id, development_id)
    return development_id


def index(work: UnitOfWork) -> None:
    """Read every article into the search index, as the program does beside its work."""
    while work.search_index.catch_up():
        pass


def fill(database: Database, count: int = 30) -> list[DevelopmentId]:
    """Store so many developments that wait for a decision."""
    with begin(database) as work:
        found = [add_development(work, number) for number in range(count)]
        index(work)
        work.commit()
    return found
