"""Every message as a reader sees it stands in docs/telegram.md, and is what Telegram takes."""

from __future__ import annotations

import pytest

from alerts.texts import LANGUAGES
from tests.alerts.render import MESSAGES, PAGE, rendered
from tests.fakes.telegram_server import check_keyboard, visible_text


def test_the_page_shows_what_the_code_renders():
    before = PAGE.read_text(encoding="utf-8")
    assert before == rendered(before), "run: python -m tests.alerts.render"


@pytest.mark.parametrize(("title", "render"), MESSAGES, ids=[title for title, _ in MESSAGES])
@pytest.mark.parametrize("language", LANGUAGES)
def test_telegram_takes_every_message(language, title, render):
    message = render(language)
    assert visible_text(message.html, "HTML")
    rows = [
        [{"text": each.text, "url": each.url, "callback_data": each.data} for each in row]
        for row in message.buttons
    ]
    check_keyboard({"inline_keyboard": rows})
