"""The wiring: which parts there are, and who is given what. Start reading here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from alerts.desk import CommandDesk
from alerts.dispatching import Dispatcher, Sender, route_outbox
from alerts.limits import Limiter
from alerts.telegram_commands import TelegramBot
from alerts.terminal_sender import TerminalSender, use_terminal
from model.clock import Clock, SystemClock
from model.errors import DatabaseUnusableError
from model.records import CommitmentId, Language, Watchlist
from model.watchlist import load_watchlist
from model.watchlist_changes import changed_commitments
from monitor.extraction import check_selector
from monitor.fetching import Fetcher, Limits
from monitor.full_text import FullTextReader
from monitor.health import watch_health
from monitor.matching import check_query, compile_watchlist
from monitor.pipeline import Context, Step, look_back
from monitor.polling import Poller, Progress
from monitor.scheduler import Schedule
from monitor.storing import PollResult
from pledgewatch.clocks import watch_clocks
from pledgewatch.live import LiveWatchlist
from pledgewatch.maintenance import (
    back_up_nightly,
    index_for,
    index_missing,
    index_some,
    prepare_database,
    settle_some,
    watch_space,
)
from pledgewatch.settings import Access, Part, Settings
from pledgewatch.watchlist_desk import FROM_THE_FILE, FileWatchlistDesk, stored_watchlist
from pledgewatch.watchlist_files import joined, read_files
from review.app import Desk, WebServer, create_app
from storage.database import Database
from storage.unit_of_work import UnitOfWork, begin

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

POLL_TICK = timedelta(seconds=1)
SEND_TICK = timedelta(seconds=1)
HEALTH_TICK = timedelta(minutes=5)
CLOCK_TICK = timedelta(minutes=30)
WATCHLIST_TICK = timedelta(seconds=2)
SETTLE_TICK = timedelta(minutes=10)
SEARCH_TICK = timedelta(seconds=2)
SEARCH_PATIENCE = timedelta(seconds=30)  # for `--once`; what is left waits for the next round
BACKUP_HOUR = 3
LOOK_BACK = timedelta(days=90)  # how far back a new commitment is looked for
LOOK_BACK_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What one round of everything did."""

    polls: tuple[PollResult, ...]
    routed: int
    sent: int


async def run(
    settings: Settings,
    stop: asyncio.Event,
    console: Console,
    *,
    clock: Clock | None = None,
    once: bool = False,
    told: Progress | None = None,
    limits: Limits | None = None,
) -> Summary | None:
    """Run every part until `stop` is set; with `once`, do one round and return what it did."""
    async with program(settings, console, clock or SystemClock(), limits) as parts:
        if once:
            return await parts.one_round(told)
        await parts.start()
        await stop.wait()
        logger.info("stopping")
        return None


@asynccontextmanager
async def program(
    settings: Settings, console: Console, clock: Clock, limits: Limits | None = None
) -> AsyncIterator[Program]:
    """Build the parts, and take them apart again in the reverse order."""
    async with AsyncExitStack() as stack:
        database = prepare_database(settings.database_url, clock.now())
        stack.callback(database.close)
        if settings.roles & {Part.POLL, Part.SEND, Part.BOT} and not stack.enter_context(
            database.owner()
        ):
            raise DatabaseUnusableError(
                f"Another `pledgewatch run` uses {database!r}: stop it first. "
                "Two of them would poll and tell everything twice."
            )
        live = LiveWatchlist(settings.watchlist, loader(settings), compile_context)
        writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="write")
        stack.callback(writer.shutdown)
        fetcher = await stack.enter_async_context(
            Fetcher(
                clock,
                user_agent=settings.user_agent,
                allow_private=settings.allow_private,
                limits=limits,
            )
        )
        pages = FullTextReader(database, fetcher, clock)
        stack.callback(pages.close)
        poller = Poller(database, fetcher, lambda: live.context, clock, writer, pages)
        stack.callback(poller.close)
        parts = Program(settings, database, live, clock, writer, poller, console)
        stack.push_async_callback(parts.stop)
        await parts.prepare()
        yield parts


class Program:
    """The parts of one process."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        live: LiveWatchlist,
        clock: Clock,
        writer: ThreadPoolExecutor,
        poller: Poller,
        console: Console,
    ) -> None:
        self.settings = settings
        self.database = database
        self.live = live
        self.clock = clock
        self._writer = writer
        self._poller = poller
        self._console = console
        self._schedule = Schedule(settings.timezone)
        self._started = False
        self._web: WebServer | None = None
        self.tools = FileWatchlistDesk(settings, database, clock)
        limiter = Limiter()
        self.bot: TelegramBot | None = None
        sender: Sender = TerminalSender(console)
        if settings.telegram_token is not None:
            desk = CommandDesk(
                database,
                self.watchlist,
                clock,
                settings.timezone,
                invited_only=settings.access is Access.INVITED,
                role_of=settings.role_of,
                desk_url=settings.desk_url,
                watchlist_desk=self.tools,
            )
            api = settings.telegram_api
            staff = settings.admins | settings.analysts
            self.bot = TelegramBot(settings.telegram_token, api, desk, limiter, clock, staff=staff)
            sender = self.bot.sender
        self.dispatcher = Dispatcher(
            database,
            self.watchlist,
            sender,
            clock,
            writer,
            settings.timezone,
            limiter,
            settings.role_of,
        )

    def watchlist(self) -> Watchlist:
        """Return the watchlist in use."""
        return self.live.context.watchlist

    async def prepare(self) -> None:
        """Bring the database in line with watchlist and settings."""
        terminal = self.settings.telegram_token is None
        now = self.clock.now()
        await self._write(use_terminal, self.database, Language.ENGLISH, now, on=terminal)
        await self._bring_up_to_date()
        await self._write(index_missing, self.database)
        if Part.SEND in self.settings.roles:
            await self.dispatcher.recover()

    async def _bring_up_to_date(self) -> None:
        """Adopt the watchlist in use, and look for what is new in it in the stored articles.

        Who is stopped in between begins again at the next start.
        """
        version = self.watchlist().version
        await self._look_back(await self._write(self._adopt_watchlist))
        await self._write(self._note_applied, version)

    def _adopt_watchlist(self) -> tuple[CommitmentId, ...]:
        """Give every feed a state and remember this version; return what to look for."""
        watchlist, now = self.watchlist(), self.clock.now()
        path = self.settings.watchlist
        with begin(self.database) as work:
            work.feeds.ensure(watchlist.feeds, now)
            work.watchlists.lock()
            changed = self._not_looked_for(work)
            text = joined(read_files(path), folder=path.is_dir())
            work.watchlists.accept(
                version=watchlist.version, text=text, author=FROM_THE_FILE, now=now
            )
            work.commit()
        return changed

    def _not_looked_for(self, work: UnitOfWork) -> tuple[CommitmentId, ...]:
        """Return the commitments that the stored articles were not looked through for yet."""
        commitments = self.watchlist().commitments
        applied = work.watchlists.applied()
        if applied is None and work.watchlists.current() is None:
            return ()  # the first start: what was stored until now was matched as it came
        before = stored_watchlist(applied.text, self.settings) if applied else None
        return changed_commitments(before.commitments if before else (), commitments)

    def _note_applied(self, version: str) -> None:
        with begin(self.database) as work:
            work.watchlists.mark_applied(version, self.clock.now())
            work.commit()

    async def one_round(self, told: Progress | None = None) -> Summary:
        """Poll what is due, route, and send what is due."""
        if self.bot is not None:
            await self.bot.connect()
        polls = await self._poller.poll_due(told)
        routed = await self._route()
        sent = 0
        while batch := await self.dispatcher.send_due():
            sent += batch
        await self._write(settle_some, self.database, self.watchlist(), self.clock.now())
        await self._write(index_for, self.database, SEARCH_PATIENCE)
        return Summary(polls=polls, routed=routed, sent=sent)

    async def start(self) -> None:
        """Start the clock and the bot; raise BotRefusedError for a wrong token."""
        roles = self.settings.roles
        if self.bot is not None and roles & {Part.BOT, Part.SEND}:
            await self.bot.start(listen=Part.BOT in roles)
        if Part.POLL in roles:
            self._schedule.every("poll", POLL_TICK, self._poll)
            self._schedule.every("health", HEALTH_TICK, self._watch_health)
            self._schedule.every("clocks", CLOCK_TICK, self._watch_clocks)
            self._schedule.every("search", SEARCH_TICK, self._index)
            self._schedule.every("settle", SETTLE_TICK, self._settle)
            self._schedule.daily("backup", BACKUP_HOUR, self._back_up)
        self._schedule.every("watchlist", WATCHLIST_TICK, self._check_watchlist)
        if Part.SEND in roles:
            self._schedule.every("send", SEND_TICK, self._send)
        self._schedule.start()
        self._started = True
        if Part.REVIEW in roles:
            self._web = WebServer(
                create_app(self.review_desk()),
                self.settings.review_host,
                self.settings.review_port,
            )
            await self._web.start()
        self._say_hello()

    def review_desk(self) -> Desk:
        """Return what the review pages answer with."""
        return Desk(
            database=self.database,
            watchlist=self.watchlist,
            now=self.clock.now,
            telegram=self._telegram_state,
            public_url=self.settings.public_url,
            bot=lambda: self.bot.username if self.bot is not None else None,
            role_of=self.settings.role_of,
            tools=self.tools,
        )

    def _say_hello(self) -> None:
        watchlist = self.watchlist()
        self._console.print(
            f"Watching {len(watchlist.commitments)} pledges in {len(watchlist.feeds)} feeds. "
            "Ctrl-C stops.",
            style="bold",
        )
        if self._web is not None:
            where = f"http://{self.settings.review_host}:{self.settings.review_port}/"
            self._console.print(
                f"Review desk: {self.settings.public_url or where} "
                "(`pledgewatch login` prints a link that signs you in)"
            )
        if self.bot is None:
            self._console.print(
                "No Telegram token: alerts appear here. To change that, put "
                "PLEDGEWATCH_TELEGRAM_TOKEN=… (from @BotFather) into .env and start again."
            )

    async def stop(self) -> None:
        """Stop the clock, then the bot."""
        if self._web is not None:
            await self._web.stop()
        if self._started:
            await self._schedule.stop()
        await asyncio.gather(self._poller.finish(), self.dispatcher.finish())
        if self.bot is not None:
            await self.bot.stop()

    def _telegram_state(self) -> str:
        if self.bot is None:
            return "off"
        if self.dispatcher.refused is not None or self.bot.poll.refused:
            return "the token is refused"
        if self.bot.poll.conflict:
            return "another process polls with this token"
        return "ok" if self.bot.running else "not reached yet"

    # --- the jobs ------------------------------------------------------------------

    async def _poll(self) -> None:
        await self._poller.start_due()

    async def _route(self) -> int:
        routed = 0
        while batch := await self._write(
            route_outbox,
            self.database,
            self.watchlist(),
            self.settings.timezone,
            self.clock.now(),
            self.settings.admins,
        ):
            routed += batch
        return routed

    async def _send(self) -> None:
        await self._route()
        await self.dispatcher.start_due()

    async def _check_watchlist(self) -> None:
        swap = await asyncio.to_thread(self.live.check)
        if swap is not None:
            await self._bring_up_to_date()

    async def _watch_health(self) -> None:
        await self._write(watch_health, self.database, self.watchlist(), self.clock.now())
        await self._write(watch_space, self.database, self.clock.now())

    async def _watch_clocks(self) -> None:
        await self._write(watch_clocks, self.database, self.watchlist(), self.clock.now())

    async def _index(self) -> None:
        """Index what waits, a batch at a time, so that polls are stored in between."""
        more = True
        while more:
            more = await self._write(index_some, self.database)

    async def _settle(self) -> None:
        """Count the hours that are over, a day's at a time."""
        more = True
        while more:
            more = await self._write(settle_some, self.database, self.watchlist(), self.clock.now())

    async def _back_up(self) -> None:
        await asyncio.to_thread(back_up_nightly, self.database, self.clock.now())

    async def _look_back(self, commitments: Sequence[CommitmentId]) -> None:
        """Look for new or changed commitments in what is stored; nobody is told."""
        if not commitments:
            return
        after = 0
        while True:
            found = await self._write(self._look_back_once, tuple(commitments), after)
            if found is None:
                return
            after = found

    def _look_back_once(self, commitments: tuple[CommitmentId, ...], after: int) -> int | None:
        """Look through one batch; return the last article's id, None where there was none left."""
        now = self.clock.now()
        with begin(self.database) as work:
            stored = work.articles.batch(now - LOOK_BACK, after, LOOK_BACK_BATCH)
            step = Step(work=work, now=now, tell=False)
            look_back(step, stored, self.live.context.matcher, commitments)
            work.commit()
        return stored[-1].id if stored else None

    async def _write(
        self, function: Callable[..., Result], *arguments: object, **named: object
    ) -> Result:
        """Run a storing function in the one thread that writes."""
        call = partial(function, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self._writer, call)


def loader(settings: Settings) -> Callable[[Path], Watchlist]:
    """Return how this installation reads a watchlist."""

    def load(path: Path) -> Watchlist:
        return load_watchlist(
            path,
            allowed_hosts=settings.allow_private,
            check_query=check_query,
            check_selector=check_selector,
        )

    return load


def compile_context(watchlist: Watchlist) -> Context:
    """Return a watchlist with its matcher."""
    return Context(watchlist=watchlist, matcher=compile_watchlist(watchlist))
