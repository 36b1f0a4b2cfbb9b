"""Answers out: at once, ahead of alerts that wait; a chat that refuses is no error here."""

from __future__ import annotations

import io
import logging

from telegram import Bot, CallbackQuery, InlineKeyboardMarkup
from telegram import Message as Sent
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from alerts.limits import Limiter, Priority
from alerts.messages import Button, Keyboard, Message
from alerts.office import Answer, Asker
from alerts.telegram_sender import TelegramSender, keyboard
from model.errors import DeliveryError

logger = logging.getLogger(__name__)

MOST_NOTICE = 190  # characters; Telegram takes 200
MOST_CAPTION = 1000  # visible characters; Telegram takes 1,024


class Replies:
    """Puts answers where they belong."""

    def __init__(self, bot: Bot, sender: TelegramSender, limiter: Limiter) -> None:
        self._bot = bot
        self._sender = sender
        self._limiter = limiter

    async def answer(self, asker: Asker, answer: Answer, query: CallbackQuery | None) -> None:
        """Send an answer, or change the message whose button was pressed."""
        pressed = query.message if query is not None else None
        shown = pressed if isinstance(pressed, Sent) else None
        if answer.row is not None and shown is not None:
            await self._change_row(shown, answer)
        if answer.message is None:
            return
        await self._limiter.acquire(asker.chat_id, asker.kind, Priority.ANSWER)
        try:
            async with self._limiter.under_way():
                await self._say(asker, answer, answer.message, shown)
        except DeliveryError as error:
            logger.warning("an answer was not sent", extra={"why": type(error).__name__})
        except TelegramError as error:
            logger.warning("an answer was not sent", extra={"why": type(error).__name__})

    async def _say(
        self, asker: Asker, answer: Answer, message: Message, shown: Sent | None
    ) -> None:
        if answer.replaces and shown is not None:
            await self._sender.edit(asker.chat_id, shown.message_id, message)
        elif answer.picture is not None:
            await self._picture(asker, answer.picture, message)
        elif answer.file is not None:
            name, contents = answer.file
            await self._bot.send_document(
                asker.chat_id,
                io.BytesIO(contents),
                filename=name,
                caption=message.html,
                parse_mode=ParseMode.HTML,
                message_thread_id=asker.topic_id,
            )
        else:
            await self._sender.send(asker.chat_id, message, topic_id=asker.topic_id)

    async def _picture(self, asker: Asker, picture: bytes, message: Message) -> None:
        """Send a picture with its words below it; longer ones are a message of their own."""
        fits = len(message.plain) <= MOST_CAPTION
        try:
            await self._bot.send_photo(
                asker.chat_id,
                io.BytesIO(picture),
                caption=message.html if fits else None,
                parse_mode=ParseMode.HTML if fits else None,
                reply_markup=keyboard(message.buttons) if fits else None,
                message_thread_id=asker.topic_id,
            )
        except BadRequest:
            fits = False  # where pictures may not be sent, the words still go
        if not fits:
            await self._sender.send(asker.chat_id, message, topic_id=asker.topic_id)

    async def _change_row(self, shown: Sent, answer: Answer) -> None:
        """Put buttons in the place of those that belong together, and leave the others."""
        rows = changed_rows(shown.reply_markup, answer.row or (), answer.group)
        try:
            await self._bot.edit_message_reply_markup(
                shown.chat_id, shown.message_id, reply_markup=keyboard(rows)
            )
        except TelegramError as error:
            logger.debug("the buttons stay as they are", extra={"why": str(error)})


def changed_rows(
    present: InlineKeyboardMarkup | None, new: Keyboard, group: frozenset[str]
) -> Keyboard:
    """Return a keyboard with the rows of a group of buttons replaced by new ones."""
    rows: list[tuple[Button, ...]] = []
    placed = False
    for row in present.inline_keyboard if present is not None else ():
        ours = any(str(each.callback_data or "").split(":")[0] in group for each in row)
        if not ours:
            rows.append(
                tuple(
                    Button(each.text, url=each.url, data=_data(each.callback_data)) for each in row
                )
            )
        elif not placed:
            rows += new
            placed = True
    return tuple(row for row in (rows if placed else [*rows, *new]) if row)


def _data(given: object) -> str | None:
    return None if given is None else str(given)
