"""Talking to the bot as a person does: writing, and pressing buttons."""

from __future__ import annotations

import asyncio
import time

from tests.fakes.telegram_server import Sent, TelegramServer

PATIENCE = 60.0  # seconds


async def until(happened, what):
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"nothing came of it: {what}"
        await asyncio.sleep(0.01)


async def write(server: TelegramServer, chat: int, text: str, **more) -> Sent:
    """Write to the bot, and return its answer."""
    before = len(server.of_chat(chat))
    server.says(chat, text, **more)
    await until(lambda: len(server.of_chat(chat)) > before, text)
    return server.of_chat(chat)[-1]


async def press(server: TelegramServer, message: Sent, label: str, **more) -> str:
    """Press the button that is called so; return what is shown to whoever pressed."""
    data = next((d for text, d in buttons(message) if label in text), None)
    assert data is not None, f"no button {label}: {buttons(message)}"
    return await press_data(server, message, data, **more)


async def press_data(server: TelegramServer, message: Sent, data: str, **more) -> str:
    """Press a button by what it tells, and return the notice once the press is answered."""
    before = len(server.notices)
    server.presses(message, data, **more)
    await until(lambda: len(server.notices) > before, data)
    return server.notices[-1]


def buttons(message: Sent) -> list[tuple[str, str]]:
    """Return the buttons under a message: their labels and what they tell."""
    rows = (message.markup or {}).get("inline_keyboard", [])
    return [(each["text"], each.get("callback_data", "")) for row in rows for each in row]
