"""Messages in: the bot on Telegram, started and stopped by hand, and its commands.

python-telegram-bot's own `run_polling` wants an event loop of its own, so its parts are started one
by one here (https://docs.python-telegram-bot.org/en/stable/telegram.ext.application.html).
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
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    Chat,
    ChatMember,
    Update,
)
from telegram.error import InvalidToken, TelegramError
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from alerts import menus
from alerts.desk import Answer, Asker, CommandDesk
from alerts.limits import Limiter
from alerts.telegram_polling import LongPoll
from alerts.telegram_replies import MOST_NOTICE, Replies
from alerts.telegram_sender import TelegramSender, translated
from alerts.texts import say
from model.clock import Clock
from model.errors import BotRefusedError
from model.records import ChatId, ChatKind, Language, Role

logger = logging.getLogger(__name__)

UNKNOWN_BOT = (
    "Telegram does not know this token: look at PLEDGEWATCH_TELEGRAM_TOKEN, "
    "and ask @BotFather for a new one if it was revoked"
)
PATIENCE = timedelta(seconds=30)  # the longer, the rarer it is open whether a message arrived
OLD_COMMAND = timedelta(hours=24)  # typed while we were down for longer: not answered any more
RETRY_START = 15.0  # seconds between tries while Telegram cannot be reached at the start
ANSWER_WITHIN = 0.8  # seconds after which a press is answered, done or not
ADMINISTRATOR_FOR = 60.0  # seconds for which we believe what Telegram said of a member
REMEMBERED = 10_000
NOBODY = frozenset({1087968824, 136817688})  # Telegram's stand-ins: anonymous admin, channel
HIDDEN = frozenset({"unmute"})  # understood, and offered by a button: the menu is long enough
MENU_LANGUAGES = (
    (Language.ENGLISH, None),
    (Language.ENGLISH, "en"),
    (Language.CHINESE_SIMPLIFIED, "zh"),
)
GONE = frozenset({ChatMember.LEFT, ChatMember.BANNED})
KINDS = {
    Chat.PRIVATE: ChatKind.PRIVATE,
    Chat.GROUP: ChatKind.GROUP,
    Chat.SUPERGROUP: ChatKind.GROUP,
    Chat.CHANNEL: ChatKind.CHANNEL,
}


class TelegramBot:
    """The bot: `start()` it, give `sender` to the dispatcher, `stop()` it."""

    def __init__(
        self,
        token: str,
        api: str,
        desk: CommandDesk,
        limiter: Limiter,
        clock: Clock,
        *,
        staff: frozenset[int] = frozenset(),
        poll: LongPoll | None = None,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self.poll = poll or LongPoll()
        self._application = (
            Application.builder()
            .token(token)
            .base_url(f"{api}/bot")
            .base_file_url(f"{api}/file/bot")
            .job_queue(None)
            .connection_pool_size(32)
            .pool_timeout(30)
            .connect_timeout(10)
            .read_timeout(patience.total_seconds())
            .write_timeout(patience.total_seconds())
            .get_updates_request(self.poll.request)
            .concurrent_updates(8)
            .build()
        )
        self.sender = TelegramSender(self._application.bot)
        self._replies = Replies(self._application.bot, self.sender, limiter)
        self._staff = staff
        self._administrators: dict[tuple[int, int], tuple[float, bool]] = {}
        self._starting: asyncio.Task[None] | None = None
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
        await self.poll.start(self._application)
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

    async def stop(self) -> None:
        """Stop listening; what was received is answered first."""
        if self._starting is not None:
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._starting
        application = self._application
        await self.poll.stop(application)
        if application.running:
            await application.stop()
        with contextlib.suppress(TelegramError):
            await application.shutdown()
            await application.bot.shutdown()  # its connections are open even if the start failed

    async def _set_menu(self) -> None:
        """Set the menu for each language and role; it must not stop the start."""
        everybody = (BotCommandScopeAllPrivateChats(), BotCommandScopeAllGroupChats())
        for scope in everybody:
            if not await self._set_menu_of(Role.SUBSCRIBER, scope):
                return
        for user_id in sorted(self._staff):
            role = self._desk.office.role_of(user_id)
            await self._set_menu_of(role, BotCommandScopeChat(user_id))

    async def _set_menu_of(self, role: Role, scope: BotCommandScope) -> bool:
        """Set one role's menu; False where Telegram does not take it.

        A language is two letters here, so Chinese menus are in simplified characters. The chat of
        somebody who never opened the bot is unknown to Telegram: it gets its menu another time.
        """
        for language, code in MENU_LANGUAGES:
            menu = [
                BotCommand(each, say(language, f"command.{each}"))
                for each in menus.commands_of(role)
                if each not in HIDDEN
            ]
            try:
                await self._application.bot.set_my_commands(menu, scope, code)
            except TelegramError as error:
                level = logging.DEBUG if "chat not found" in str(error).lower() else logging.WARNING
                logger.log(level, "a menu could not be set", extra={"why": str(error)})
                return False
        return True

    # --- what comes in -----------------------------------------------------------

    def _add_handlers(self) -> None:
        for name in menus.COMMANDS:
            self._application.add_handler(CommandHandler(name, self._command(name)))
        in_channel = filters.UpdateType.CHANNEL_POST & filters.COMMAND
        self._application.add_handler(MessageHandler(in_channel, self._in_channel))
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
            await self._run(name, update, list(context.args or ()))

        return run

    async def _run(self, name: str, update: Update, words: list[str]) -> None:
        asked = update.effective_message
        if asked is None or self._clock.now() - asked.date > OLD_COMMAND:
            return
        asker = self._asker(update)
        if name in menus.SETTINGS and not await self._may_change(update):
            answer = await asyncio.to_thread(self._desk.refusal, asker)
        else:
            text = _after_command(asked.text or "")
            answer = await asyncio.to_thread(self._desk.run, name, asker, words, text)
        await self._replies.answer(asker, answer, None)
        if name == "start" and asker.user_id in self._staff:
            role = self._desk.office.role(asker)
            await self._set_menu_of(role, BotCommandScopeChat(asker.chat_id))

    async def _in_channel(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Carry out what an administrator posted: a post has no author, so it has no role."""
        asked = update.channel_post
        words = (asked.text or "").split() if asked is not None else []
        command, _, addressed = (words or [""])[0].lstrip("/").partition("@")
        ours = not addressed or addressed.lower() == (self.username or "").lower()
        if ours and command in menus.EVERYBODY:
            await self._run(command, update, words[1:])

    async def _may_change(self, update: Update) -> bool:
        """Tell whether who asks may change a chat's settings: in groups, its administrators."""
        chat, user, asked = update.effective_chat, update.effective_user, update.effective_message
        if chat is None or chat.type == Chat.PRIVATE:
            return True
        query = update.callback_query
        speaker = asked.sender_chat if asked is not None and query is None else None
        if speaker is not None and speaker.id == chat.id:
            return True  # an anonymous administrator speaks as the group
        if user is None:
            return False
        known = self._administrators.get((chat.id, user.id))
        if known is not None and time.monotonic() - known[0] < ADMINISTRATOR_FOR:
            return known[1]
        try:
            member = await chat.get_member(user.id)
        except TelegramError:
            return False
        allowed = member.status in {ChatMember.ADMINISTRATOR, ChatMember.OWNER}
        if len(self._administrators) > REMEMBERED:
            self._administrators.clear()
        self._administrators[chat.id, user.id] = (time.monotonic(), allowed)
        return allowed

    async def _pressed(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Answer the press within a second, whatever else it leads to."""
        query = update.callback_query
        if query is None or update.effective_chat is None:
            return
        asker = self._asker(update)
        working = asyncio.ensure_future(self._press(update, asker, query.data or ""))
        done, _ = await asyncio.wait({working}, timeout=ANSWER_WITHIN)
        answer = working.result() if done else None
        notice = (answer.notice or "")[:MOST_NOTICE] if answer is not None else ""
        with contextlib.suppress(TelegramError):  # "query is too old": nothing to be done
            await query.answer(notice or None, show_alert=bool(answer and answer.stop))
        await self._replies.answer(asker, answer or await working, query)

    async def _press(self, update: Update, asker: Asker, data: str) -> Answer:
        action = data.split(":")[0]
        if action in menus.CHANGES_SETTINGS and not await self._may_change(update):
            refusal = await asyncio.to_thread(self._desk.refusal, asker)
            return Answer(notice=refusal.notice, stop=True)
        return await asyncio.to_thread(self._desk.press, asker, data)

    async def _unknown(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        asker, asked = self._asker(update), update.effective_message
        if asked is None or self._clock.now() - asked.date > OLD_COMMAND:
            return
        command, _, addressed = (asked.text or "").split()[0].lstrip("/").partition("@")
        if addressed and addressed.lower() != asker.bot.lower():
            return  # for another bot
        answer = await asyncio.to_thread(self._desk.unknown, asker, command)
        await self._replies.answer(asker, answer, None)

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

    def _asker(self, update: Update) -> Asker:
        chat, user = update.effective_chat, update.effective_user
        message = update.effective_message
        assert chat is not None
        in_topic = message is not None and message.is_topic_message
        anonymous = user is None or user.id in NOBODY
        return Asker(
            chat_id=ChatId(chat.id),
            kind=KINDS.get(str(chat.type), ChatKind.PRIVATE),
            language_code=user.language_code if user else None,
            topic_id=message.message_thread_id if message is not None and in_topic else None,
            user_id=None if anonymous or user is None else user.id,
            user_name="" if anonymous or user is None else user.full_name,
            bot=self.username or "",
        )

    async def _failed(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """The edge: one update that fails must not stop the others."""
        logger.error("an update failed", exc_info=context.error)


def _after_command(text: str) -> str:
    """Return what follows a command, with its line breaks."""
    command = text.split(maxsplit=1)[0] if text.split() else ""
    return text[len(command) :].lstrip(" \t").rstrip()


async def ask_who_we_are(token: str, api: str) -> tuple[str, str | None]:
    """Return the bot's name, and None: the library does not show the server's clock.

    Raise a DeliveryError saying why Telegram does not answer.
    """
    try:
        async with Bot(token, base_url=f"{api}/bot") as bot:
            return str(bot.username), None
    except TelegramError as error:
        raise translated(error, None) from error
