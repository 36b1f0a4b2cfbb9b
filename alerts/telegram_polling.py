"""The long poll, and a watchdog over it: the library may retry for ever without a word.

In python-telegram-bot a poll that times out is tried again at once, without an error or a line in
the log, and one that is refused ends for good. So the time of the last answer is noted here: where
it is too long ago the poller is renewed, and a refused token is tried again every few minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from datetime import timedelta
from typing import Any

from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import Application
from telegram.request import HTTPXRequest

from alerts.metrics import POLL_ANSWERED

logger = logging.getLogger(__name__)

POLL_FOR = timedelta(seconds=30)
ANSWER_LATE = timedelta(seconds=15)  # how much longer than asked for an answer may take
STALE = 3  # polls that could have been answered, then the poller is renewed
REFUSED_PAUSE = timedelta(minutes=5)  # between tries with a token that is refused
UPDATES = ["message", "channel_post", "callback_query", "my_chat_member"]
REFUSED, CONFLICT = frozenset({401, 404}), 409


class WatchedRequest(HTTPXRequest):
    """The long poll's own connection; remembers when it was last answered, and how."""

    def __init__(self, poll_for: timedelta) -> None:
        super().__init__(
            connection_pool_size=4,
            read_timeout=(poll_for + ANSWER_LATE).total_seconds(),
            connect_timeout=10,
        )
        self.answered_at = time.monotonic()
        self.status = 200

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401 - the library's own
        """Pass a request on, and note its answer."""
        status, body = await super().do_request(*args, **kwargs)
        self.answered_at, self.status = time.monotonic(), status
        POLL_ANSWERED.set_to_current_time()
        return status, body


class LongPoll:
    """Asks Telegram for messages until it is stopped, whatever becomes of a single poll."""

    def __init__(
        self, poll_for: timedelta = POLL_FOR, refused_pause: timedelta = REFUSED_PAUSE
    ) -> None:
        self._poll_for = poll_for
        self._refused_pause = refused_pause
        self.request = WatchedRequest(poll_for)
        self._watching: asyncio.Task[None] | None = None
        self._said: type[TelegramError] | None = None  # what was logged last: once is enough

    @property
    def conflict(self) -> bool:
        """Tell whether somebody else polls with this token."""
        return self.request.status == CONFLICT

    @property
    def refused(self) -> bool:
        """Tell whether Telegram does not know the token (any more)."""
        return self.request.status in REFUSED

    async def start(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Begin to poll and to watch; raise InvalidToken."""
        await self._listen(application)
        self._watching = asyncio.create_task(self._watch(application))

    async def _listen(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        assert application.updater is not None
        self.request.answered_at = time.monotonic()
        await application.updater.start_polling(
            timeout=self._poll_for,
            allowed_updates=UPDATES,
            bootstrap_retries=-1,
            drop_pending_updates=False,
            error_callback=self._failed,
        )
        self._said = None

    def _failed(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            if self._said is not Conflict:
                logger.error("another process polls Telegram with this token: stop one of the two")
        else:
            logger.warning("asking Telegram for messages failed", extra={"why": str(error)})
        self._said = type(error)

    async def _watch(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        stale = STALE * self._poll_for.total_seconds()
        while True:
            await asyncio.sleep(self._poll_for.total_seconds() / 3)
            if self.refused:
                logger.error("Telegram refuses the token: nobody is answered")
                await asyncio.sleep(self._refused_pause.total_seconds())
            elif time.monotonic() - self.request.answered_at < stale:
                continue
            else:
                logger.warning("the long poll hangs and is begun anew")
            await self._renew(application)

    async def _renew(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        updater = application.updater
        assert updater is not None
        if updater.running:
            with contextlib.suppress(TelegramError, RuntimeError, TimeoutError):
                await asyncio.wait_for(updater.stop(), self._poll_for.total_seconds())
        await self.request.shutdown()
        await self.request.initialize()
        try:
            await self._listen(application)
        except InvalidToken:
            logger.debug("the token is refused still")

    async def stop(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Stop watching and polling; what was received stays received."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        updater = application.updater
        if updater is not None and updater.running:
            with contextlib.suppress(
                TelegramError
            ):  # the poll ended long ago: the token is refused
                await updater.stop()
