"""Messages out, through python-telegram-bot; Telegram's errors become ours.

Only this module imports httpx, to tell the causes of a NetworkError apart: a request that never
went out is tried again, one that may have arrived is not tried for ever.
"""

from __future__ import annotations

import warnings
from datetime import timedelta

import httpx
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from alerts.dispatching import TERMINAL
from alerts.messages import Keyboard, Message
from model.errors import (
    AmbiguousSendError,
    BotRefusedError,
    ChatMovedError,
    DeliveryError,
    MessageGoneError,
    MessageRefusedError,
    RateLimitedError,
    RecipientGoneError,
    RecipientUnknownError,
    TemporarySendError,
    TopicGoneError,
)
from model.records import ChatId

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
PAUSE = timedelta(seconds=5)  # where a 429 does not say how long
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)  # images would push the facts off the screen
# BadRequest texts, in small letters, that mean the chat is lost to us.
LOST = (
    "user is deactivated",
    "peer_id_invalid",
    "not enough rights to send",
    "have no rights to send",
    "need administrator rights",
    "group chat was deactivated",
)


class TelegramSender:
    """Sends and edits; satisfies alerts.dispatching.Sender for every chat but the terminal."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def serves(self, chat_id: ChatId) -> bool:
        """Tell whether a chat is one of Telegram's."""
        return chat_id != TERMINAL

    async def send(
        self,
        chat_id: ChatId,
        message: Message,
        *,
        topic_id: int | None = None,
        reply_to: int | None = None,
        plain: bool = False,
    ) -> int | None:
        """Send a message and return its id; raise DeliveryError."""
        try:
            return await self._send(chat_id, message, topic_id, reply_to, plain=plain)
        except TelegramError as error:
            if topic_id is not None and _lost_topic(error):
                raise TopicGoneError(error.message, chat_id=chat_id) from error
            raise translated(error, chat_id) from error
        except (TypeError, KeyError, ValueError) as error:
            # An answer that misses a field: the message may stand in the chat all the same.
            raise AmbiguousSendError("the answer cannot be read", chat_id=chat_id) from error

    async def _send(
        self,
        chat_id: ChatId,
        message: Message,
        topic_id: int | None,
        reply_to: int | None,
        *,
        plain: bool,
    ) -> int:
        reply = None
        if reply_to is not None:
            reply = ReplyParameters(message_id=reply_to, allow_sending_without_reply=True)
        sent = await self._bot.send_message(
            chat_id,
            message.plain if plain else message.html,
            parse_mode=None if plain else ParseMode.HTML,
            link_preview_options=NO_PREVIEW,
            reply_markup=keyboard(message.buttons),
            reply_parameters=reply,
            message_thread_id=topic_id,
            disable_notification=message.silent,
        )
        return sent.message_id

    async def edit(self, chat_id: ChatId, message_id: int, message: Message) -> None:
        """Change a message; one that is as wanted already is no error."""
        try:
            await self._bot.edit_message_text(
                message.html,
                chat_id=chat_id,
                message_id=message_id,
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
                reply_markup=keyboard(message.buttons),  # without it the buttons would vanish
            )
        except BadRequest as error:
            low = error.message.lower()
            if "not modified" in low:
                return
            if "to edit not found" in low or "can't be edited" in low:
                raise MessageGoneError(error.message, chat_id=chat_id) from error
            raise translated(error, chat_id) from error
        except TelegramError as error:
            raise translated(error, chat_id) from error


def keyboard(rows: Keyboard) -> InlineKeyboardMarkup | None:
    """Return buttons as Telegram takes them."""
    if not rows:
        return None
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(button.text, url=button.url)
                if button.url
                else InlineKeyboardButton(button.text, callback_data=button.data)
                for button in row
            ]
            for row in rows
        ]
    )


def translated(error: TelegramError, chat_id: int | None) -> DeliveryError:
    """Return our error for one of the library's.

    BadRequest and TimedOut are NetworkErrors, so they come first.
    """
    text = error.message
    if isinstance(error, RetryAfter):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it will be a timedelta one day; both are read here
            wait = error.retry_after
        pause = wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
        return RateLimitedError(text, chat_id=chat_id, retry_after=pause)
    if isinstance(error, ChatMigrated):
        return ChatMovedError(text, chat_id=chat_id or 0, new_chat_id=error.new_chat_id)
    if isinstance(error, Forbidden):
        return RecipientGoneError(text, chat_id=chat_id)
    if isinstance(error, InvalidToken):
        return BotRefusedError("Telegram does not know this token", chat_id=chat_id)
    if isinstance(error, Conflict):
        return TemporarySendError(text, chat_id=chat_id)
    if isinstance(error, BadRequest):
        if "chat not found" in text.lower():
            return RecipientUnknownError(text, chat_id=chat_id)
        lost = any(sign in text.lower() for sign in LOST)
        kind = RecipientGoneError if lost else MessageRefusedError
        return kind(text, chat_id=chat_id)
    if isinstance(error, NetworkError):
        return _network(error, chat_id)
    return AmbiguousSendError(text, chat_id=chat_id)


def _network(error: NetworkError, chat_id: int | None) -> DeliveryError:
    low = error.message.lower()
    if "too many requests" in low:
        return RateLimitedError(error.message, chat_id=chat_id, retry_after=PAUSE)
    if isinstance(error.__cause__, NOT_SENT):
        return TemporarySendError(error.message, chat_id=chat_id)
    if not isinstance(error, TimedOut) and error.__cause__ is None:
        return TemporarySendError(error.message, chat_id=chat_id)  # a 5xx: it was not taken
    return AmbiguousSendError(error.message, chat_id=chat_id)


def _lost_topic(error: TelegramError) -> bool:
    low = error.message.lower()
    return "thread not found" in low or "topic_closed" in low or "topic_deleted" in low
