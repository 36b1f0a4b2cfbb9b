"""Messages in: the bot on Telegram, started and stopped by hand, and its commands.

python-telegram-bot's own `run_polling` wants an event loop of its own, so its parts are started one
by one here (https://docs.python-telegram-bot.org/en/stable/telegram.ext.application.html). A
watchdog looks after the long poll, which the library may retry for ever without a word.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    Chat,
    ChatMember,
    Update,
)
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)
from telegram.request import HTTPXRequest

from alerts import answers
from alerts.answers import COMMANDS
from alerts.desk import Asker, CommandDesk
from alerts.limits import Limiter
from alerts.messages import Message
from alerts.telegram_sender import TelegramSender, translated
from alerts.texts import say
from model.clock import Clock
from model.errors import BotRefusedError, DeliveryError
from model.records import ChatId, ChatKind, Language

logger = logging.getLogger(__name__)

UNKNOWN_BOT = (
    "Telegram does not know this token: look at PLEDGEWATCH_TELEGRAM_TOKEN, "
    "and ask @BotFather for a new one if it was revoked"
)
POLL_SECONDS = 30
STALE = 3 * POLL_SECONDS  # seconds without an answered long poll, then the poller is renewed
OLD_COMMAND = timedelta(hours=24)  # typed while we were down for longer: not answered any more
RETRY_START = 15.0  # seconds between tries while Telegram cannot be reached at the start
UPDATES = ["message", "channel_post", "callback_query", "my_chat_member"]
SETTINGS = frozenset({"start", "subscribe", "unsubscribe", "mute", "unmute", "lang", "forget"})
GONE = frozenset({ChatMember.LEFT, ChatMember.BANNED})
KINDS = {
    Chat.PRIVATE: ChatKind.PRIVATE,
    Chat.GROUP: ChatKind.GROUP,
    Chat.SUPERGROUP: ChatKind.GROUP,
    Chat.CHANNEL: ChatKind.CHANNEL,
}


class _WatchedRequest(HTTPXRequest):
    """The long poll's own connection; remembers when it was last answered."""

    answered_at: float = 0.0

    async def do_request(self, *args: object, **kwargs: object) -> tuple[int, bytes]:
        answer = await super().do_request(*args, **kwargs)  # type: ignore[arg-type]
        _WatchedRequest.answered_at = time.monotonic()
        return answer


class TelegramBot:
    """The bot: `start()` it, give `sender` to the dispatcher, `stop()` it."""

    def __init__(
        self, token: str, api: str, desk: CommandDesk, limiter: Limiter, clock: Clock
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._limiter = limiter
        self._poll_request = _WatchedRequest(
            connection_pool_size=4, read_timeout=POLL_SECONDS + 15, connect_timeout=10
        )
        self._application = (
            Application.builder()
            .token(token)
            .base_url(f"{api}/bot")
            .base_file_url(f"{api}/file/bot")
            .job_queue(None)
            .connection_pool_size(32)
            .pool_timeout(30)
            .connect_timeout(10)
            .read_timeout(30)
            .write_timeout(30)
            .get_updates_request(self._poll_request)
            .concurrent_updates(8)
            .build()
        )
        self.sender = TelegramSender(self._application.bot)
        self._starting: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self.conflict = False  # somebody else polls with this token
        self._add_handlers()

    @property
    def username(self) -> str | None:
        """Return the bot's name; None before it was reached."""
        return self._application.bot.username if self.running else None

    @property
    def running(self) -> bool:
        """Tell whether the bot listens."""
        return bool(self._application.running)

    async def connect(self) -> None:
        """Make sure of the token, to send without listening; raise BotRefusedError."""
        try:
            await self._application.initialize()
        except InvalidToken as error:
            raise BotRefusedError(UNKNOWN_BOT) from error
        except TelegramError as error:
            logger.warning("Telegram cannot be reached", extra={"why": str(error)})

    async def start(self, *, listen: bool = True) -> None:
        """Start listening; raise BotRefusedError for a wrong token.

        While Telegram cannot be reached this returns all the same, and tries again by itself.
        """
        if not listen:
            await self.connect()
            return
        try:
            await self._start_once()
        except BotRefusedError:
            raise
        except TelegramError as error:
            logger.warning("Telegram cannot be reached; trying again", extra={"why": str(error)})
            self._starting = asyncio.create_task(self._keep_starting())

    async def _start_once(self) -> None:
        try:
            await self._application.initialize()
        except InvalidToken as error:
            raise BotRefusedError(UNKNOWN_BOT) from error
        await self._set_menu()
        await self._application.start()
        await self._listen()
        self._watching = asyncio.create_task(self._watch())
        logger.info("the bot listens", extra={"bot": self._application.bot.username})

    async def _keep_starting(self) -> None:
        while True:
            await asyncio.sleep(RETRY_START)
            try:
                await self._start_once()
            except BotRefusedError as error:
                logger.error("the bot is refused", extra={"why": str(error)})  # noqa: TRY400
                return
            except TelegramError as error:
                logger.debug("still no Telegram", extra={"why": str(error)})
            else:
                return

    async def _listen(self) -> None:
        assert self._application.updater is not None
        _WatchedRequest.answered_at = time.monotonic()
        await self._application.updater.start_polling(
            timeout=POLL_SECONDS,
            allowed_updates=UPDATES,
            bootstrap_retries=-1,
            drop_pending_updates=False,
            error_callback=self._poll_failed,
        )

    def _poll_failed(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            if not self.conflict:
                logger.error("another process polls Telegram with this token: stop one of the two")
            self.conflict = True
        else:
            logger.warning("asking Telegram for messages failed", extra={"why": str(error)})

    async def _watch(self) -> None:
        """Renew the long poll when it was not answered for too long."""
        while True:
            await asyncio.sleep(POLL_SECONDS / 3)
            if time.monotonic() - _WatchedRequest.answered_at < STALE:
                continue
            logger.warning("the long poll hangs and is begun anew")
            updater = self._application.updater
            assert updater is not None
            with contextlib.suppress(TelegramError, RuntimeError, TimeoutError):
                await asyncio.wait_for(updater.stop(), timeout=POLL_SECONDS)
            await self._poll_request.shutdown()
            await self._poll_request.initialize()
            await self._listen()

    async def stop(self) -> None:
        """Stop listening; what was received is answered first."""
        for task in (self._starting, self._watching):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        application = self._application
        if application.updater is not None and application.updater.running:
            await application.updater.stop()
        if application.running:
            await application.stop()
        with contextlib.suppress(TelegramError):
            await application.shutdown()
            await application.bot.shutdown()  # its connections are open even if the start failed

    async def _set_menu(self) -> None:
        """Set the menu in each language; it must not stop the start."""
        for language, code in (
            (Language.ENGLISH, None),
            (Language.ENGLISH, "en"),
            (Language.CHINESE_SIMPLIFIED, "zh"),
        ):
            menu = [BotCommand(each, say(language, f"command.{each}")) for each in COMMANDS]
            for scope in (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats()):
                try:
                    await self._application.bot.set_my_commands(menu, scope, code)
                except TelegramError as error:
                    logger.warning("the menu could not be set", extra={"why": str(error)})
                    return

    # --- what comes in -----------------------------------------------------------

    def _add_handlers(self) -> None:
        for name in (*COMMANDS, "unmute"):
            self._application.add_handler(CommandHandler(name, self._command(name)))
        in_channel = filters.UpdateType.CHANNEL_POST & filters.COMMAND
        self._application.add_handler(MessageHandler(in_channel, self._ignore))
        self._application.add_handler(
            MessageHandler(filters.COMMAND & filters.ChatType.PRIVATE, self._unknown)
        )
        self._application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, self._migrated))
        self._application.add_handler(CallbackQueryHandler(self._pressed))
        self._application.add_handler(
            ChatMemberHandler(self._membership, ChatMemberHandler.MY_CHAT_MEMBER)
        )
        self._application.add_error_handler(self._failed)

    def _command(
        self, name: str
    ) -> Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]:
        async def run(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
            asked = update.effective_message
            if asked is None or self._clock.now() - asked.date > OLD_COMMAND:
                return
            asker = _asker(update)
            if name in SETTINGS and not await self._may_change(update):
                said = await asyncio.to_thread(self._desk.text, asker, "group.admins")
                await self._reply(asker, Message(said, said))
                return
            words = list(context.args or ())
            answer = await asyncio.to_thread(self._answer, name, asker, words)
            await self._reply(asker, answer)

        return run

    def _answer(self, name: str, asker: Asker, words: list[str]) -> Message:
        first, second = (*words, "", "")[:2]
        desk = self._desk
        if name == "mute":
            return desk.mute(asker, first, second)
        whole = " ".join(words)
        actions: dict[str, Callable[[], Message]] = {
            "start": lambda: desk.start(asker, first),
            "subscribe": lambda: desk.subscribe(asker, whole),
            "unsubscribe": lambda: desk.unsubscribe(asker, whole),
            "list": lambda: desk.following(asker),
            "status": lambda: desk.status(asker, whole),
            "history": lambda: desk.history(asker, whole),
            "unmute": lambda: desk.unmute(asker, whole),
            "lang": lambda: desk.lang(asker, whole),
            "forget": lambda: desk.forget(asker),
            "help": lambda: desk.help(asker, first),
        }
        return actions[name]()

    async def _may_change(self, update: Update) -> bool:
        """Tell whether who asks may change a chat's settings: in groups, its administrators."""
        chat, user, asked = update.effective_chat, update.effective_user, update.effective_message
        if chat is None or chat.type == Chat.PRIVATE:
            return True
        if asked is not None and asked.sender_chat is not None and asked.sender_chat.id == chat.id:
            return True  # an anonymous administrator speaks as the group
        if user is None:
            return False
        try:
            member = await chat.get_member(user.id)
        except TelegramError:
            return False
        return member.status in {ChatMember.ADMINISTRATOR, ChatMember.OWNER}

    async def _pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        if query is None:
            return
        with contextlib.suppress(TelegramError):  # "query is too old": nothing to be done
            await query.answer()
        asker = _asker(update)
        action, name, rest = ((query.data or "") + "::").split(":")[:3]
        if action in {"1s", "1u", "1m", "1n", "1g"} and not await self._may_change(update):
            return
        answer = await asyncio.to_thread(self._press, asker, action, name, rest)
        if answer is None:
            return
        await self._reply(asker, answer)

    def _press(self, asker: Asker, action: str, name: str, rest: str) -> Message | None:
        desk = self._desk
        if action == "1m":
            if rest == "b":
                return None
            return desk.mute(asker, name, rest) if rest else desk.ask_how_long(asker, name)
        if action == "1u":
            if rest == "n":
                return answers.plain(desk.language(asker), "unsubscribe.kept")
            return desk.unsubscribe(asker, name, sure=rest == "y")
        actions: dict[str, Callable[[], Message]] = {
            "1s": lambda: desk.subscribe(asker, name),
            "1l": lambda: desk.following(asker),
            "1h": lambda: desk.history(asker, name),
            "1t": lambda: desk.status(asker, name),
            "1n": lambda: desk.unmute(asker, name),
            "1g": lambda: desk.other_language(asker),
        }
        if action not in actions:
            return answers.plain(desk.language(asker), "button.old")
        return actions[action]()

    async def _reply(self, asker: Asker, answer: Message) -> None:
        """Answer at once, ahead of alerts that wait; a chat that refuses is no error here."""
        await self._limiter.acquire(asker.chat_id, asker.kind, first=True)
        try:
            await self.sender.send(asker.chat_id, answer, topic_id=asker.topic_id)
        except DeliveryError as error:
            logger.warning("an answer was not sent", extra={"why": type(error).__name__})

    async def _unknown(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        asker = _asker(update)
        language = await asyncio.to_thread(self._desk.language, asker)
        await self._reply(asker, answers.plain(language, "unknown.command"))

    async def _ignore(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Channel posts have no author whose rights could be looked at."""

    async def _migrated(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        told = update.effective_message
        if told is None:
            return
        if told.migrate_to_chat_id is not None:
            old, new = told.chat_id, told.migrate_to_chat_id
        elif told.migrate_from_chat_id is not None:
            old, new = told.migrate_from_chat_id, told.chat_id
        else:
            return
        await asyncio.to_thread(self._desk.moved, ChatId(old), ChatId(new))

    async def _membership(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        change = update.my_chat_member
        if change is not None and change.new_chat_member.status in GONE:
            await asyncio.to_thread(self._desk.left, ChatId(change.chat.id))

    async def _failed(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """The edge: one update that fails must not stop the others."""
        logger.error("an update failed", exc_info=context.error)


def _asker(update: Update) -> Asker:
    chat, user, message = update.effective_chat, update.effective_user, update.effective_message
    assert chat is not None
    topic = message.message_thread_id if message is not None and message.is_topic_message else None
    return Asker(
        chat_id=ChatId(chat.id),
        kind=KINDS.get(str(chat.type), ChatKind.PRIVATE),
        language_code=user.language_code if user else None,
        topic_id=topic,
    )


async def ask_who_we_are(token: str, api: str) -> tuple[str, str | None]:
    """Return the bot's name, and None: the library does not show the server's clock.

    Raise a DeliveryError saying why Telegram does not answer.
    """
    try:
        async with Bot(token, base_url=f"{api}/bot") as bot:
            return str(bot.username), None
    except TelegramError as error:
        raise translated(error, None) from error
