"""Alerts in the terminal, while there is no Telegram token."""

from __future__ import annotations

import asyncio
from datetime import datetime

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from alerts.dispatching import TERMINAL
from alerts.messages import Message
from model.records import ChatId, ChatKind, Language, Subscriber, Subscription
from storage.database import Database
from storage.unit_of_work import begin

ALL = "all"


class TerminalSender:
    """Prints messages; satisfies alerts.dispatching.Sender for chat 0."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def serves(self, chat_id: ChatId) -> bool:
        """Tell whether a chat is the terminal."""
        return chat_id == TERMINAL

    async def send(
        self,
        chat_id: ChatId,
        message: Message,
        *,
        topic_id: int | None = None,
        reply_to: int | None = None,
        plain: bool = False,
    ) -> int | None:
        """Print a message; the terminal keeps none that could be changed."""
        await asyncio.to_thread(self._print, message)
        return None

    async def edit(self, chat_id: ChatId, message_id: int, message: Message) -> None:
        """Print what changed: nothing in a terminal can be taken back."""
        await asyncio.to_thread(self._print, message)

    def _print(self, message: Message) -> None:
        first, _, rest = visible(message.plain).partition("\n")
        link = next((button.url for row in message.buttons for button in row if button.url), None)
        body = Text(rest.strip("\n"))
        if link:
            body.append(f"\n{visible(link)}", style="cyan underline")
        panel = Panel(body, title=Text(first, style="bold"), title_align="left", style="green")
        self._console.print(panel)


def visible(text: str) -> str:
    """Return text without control characters: they would move the cursor or change colours."""
    return "".join(each for each in text if each == "\n" or each.isprintable() or each == "\u200d")


def use_terminal(database: Database, language: Language, now: datetime, *, on: bool) -> None:
    """Let the terminal be the one subscriber, of everything at once; or let it rest.

    What was shown there, or waits for it, is never sent to a chat later.
    """
    with begin(database) as work:
        known = work.subscribers.get(TERMINAL)
        if not on:
            if known is not None and known.blocked_at is None:
                work.subscribers.block(TERMINAL, now)
            work.commit()
            return
        started = now if known is None or known.started_at is None else known.started_at
        work.subscribers.save(
            Subscriber(
                chat_id=TERMINAL, kind=ChatKind.TERMINAL, language=language, started_at=started
            )
        )
        if not work.subscribers.subscriptions(TERMINAL):
            work.subscribers.subscribe(Subscription(chat_id=TERMINAL, target=ALL))
        work.commit()
