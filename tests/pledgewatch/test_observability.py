import json
import logging
import sys

import pytest

from pledgewatch.observability import HIDDEN, LineFormatter, Redactor
from pledgewatch.settings import LogFormat

TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"


def a_record(message, *arguments, **facts):
    return logging.getLogger("monitor.polling").makeRecord(
        "monitor.polling", logging.INFO, __file__, 1, message, arguments, None, extra=facts
    )


@pytest.mark.parametrize(
    "text",
    [
        f"POST https://api.telegram.org/bot{TOKEN}/sendMessage",
        f"token {TOKEN}.",
        "https://user:hunter2@feeds.example.org/rss failed",
        "postgresql://me:hunter2@db/pledges",
        "the odd secret s3cr3t-value stands here",
        "https://feeds.example.org/rss?lang=zh&api_key=hunter2&page=1 failed",
        "https://feeds.example.org/rss?access_token=hunter2",
    ],
    ids=["address", "token", "feed", "database", "setting", "key", "access token"],
)
@pytest.mark.parametrize("style", LogFormat)
def test_no_secret_reaches_a_line(text, style):
    formatter = LineFormatter(style, Redactor(["s3cr3t-value"]))
    line = formatter.format(a_record("said %s", text, url=text))
    assert HIDDEN in line
    for secret in (TOKEN, "hunter2", "s3cr3t-value"):
        assert secret not in line


def test_no_secret_reaches_a_traceback():
    formatter = LineFormatter(LogFormat.TEXT, Redactor([TOKEN]))
    try:
        raise ValueError(f"bad answer from bot{TOKEN}")
    except ValueError:
        record = a_record("failed")
        record.exc_info = sys.exc_info()
    line = formatter.format(record)
    assert "Traceback" in line
    assert TOKEN not in line


def test_facts_follow_the_message_and_text_from_the_web_stays_in_its_line():
    formatter = LineFormatter(LogFormat.TEXT, Redactor([]))
    line = formatter.format(
        a_record("polled", feed="example", title="a\n2026 error root: \x1b[31m")
    )
    assert "\n" not in line
    assert "\x1b" not in line
    assert line.endswith('polled feed=example title="a\\n2026 error root: \\x1b[31m"')


def test_a_json_line_is_one_document():
    formatter = LineFormatter(LogFormat.JSON, Redactor([]))
    line = json.loads(formatter.format(a_record("polled", feed="示例", new_articles=3)))
    assert line["message"] == "polled"
    assert line["feed"] == "示例"
    assert line["new_articles"] == 3
