"""Dates as feeds and pages write them; what cannot be believed is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.feed_dates import AHEAD, EARLIEST, read_date
from monitor.plain_dates import read_plain_date

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SHANGHAI = "Asia/Shanghai"
EIGHT = datetime(2026, 11, 24, 8, 5, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Tue, 24 Nov 2026 08:05:00 GMT", EIGHT),
        ("Tue, 24 Nov 2026 16:05:00 +0800", EIGHT),
        ("24 Nov 26 08:05 UT", EIGHT),
        ("Tue, 24 Nov 2026 03:05:00 EST", EIGHT),
        ("2026-11-24T08:05:00Z", EIGHT),
        ("2026-11-24T16:05:00.123+08:00", EIGHT),
        ("2026-11-24 08:05", EIGHT),
        ("2026/11/24 08:05:00", EIGHT),
        ("2026-11-24", MIDNIGHT),
        ("2026-11-23T24:00:00Z", MIDNIGHT),
        ("1795507500", EIGHT),
        ("1795507500000", EIGHT),
        ("Nov 24th, 2026 at 8:05am", EIGHT),
        ("24 de noviembre de 2026", MIDNIGHT),
        ("2026年11月24日 08:05", EIGHT),
        ("2026年11月24日08时05分", EIGHT),
        ("2026年11月24日 上午8:05", EIGHT),
        ("2026年11月24日（星期二）08:05", EIGHT),
        ("2026年11月24號", MIDNIGHT),
        ("民國115年11月24日", MIDNIGHT),
        ("二〇二六年十一月二十四日", MIDNIGHT),
        ("11月24日 08:05", EIGHT),
        ("11-24 08:05", EIGHT),
        ("12月31日", datetime(2025, 12, 31, tzinfo=UTC)),
        ("昨天 08:05", EIGHT),
        ("3 小时前", NOW - timedelta(hours=3)),
        ("3小時前", NOW - timedelta(hours=3)),
        ("3 hours ago", NOW - timedelta(hours=3)),
    ],
)
def test_a_date_is_read_as_a_person_would(raw, expected):
    assert read_date(raw, None, NOW) == expected


@pytest.mark.parametrize(
    ("raw", "hour"),
    [
        ("2026-11-24 16:05", 8),
        ("2026年11月24日 下午4:05", 8),
        ("11-24 16:05", 8),
        ("Tue, 24 Nov 2026 16:05:00 CST", 8),  # China's, not Chicago's
        ("Tue, 24 Nov 2026 08:05:00 GMT", 8),  # what it says itself stands
        ("昨天 16:05", 8),
    ],
)
def test_a_feeds_zone_fills_in_what_is_missing(raw, hour):
    assert read_date(raw, SHANGHAI, NOW) == EIGHT.replace(hour=hour)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "soon",
        "2026年11月",
        "Fri, 27 Nov 2026 08:00:00 GMT",
        "2031-01-01",
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "2026-02-30",
        "0000-00-00 00:00:00",
        "2026-11-24T08:05:00+99:99",
        "9" * 13,
    ],
)
def test_what_cannot_be_believed_is_no_date(raw):
    assert read_date(raw, None, NOW) is None


def test_a_relative_date_follows_the_clock():
    later = NOW + timedelta(hours=5)
    assert read_date("2 hours ago", None, NOW) == NOW - timedelta(hours=2)
    assert read_date("2 hours ago", None, later) == later - timedelta(hours=2)


def test_the_answer_does_not_hang_on_what_was_read_before():
    first = read_date("02/03/2026 08:05", None, NOW)
    read_date("24 de noviembre de 2026", None, NOW)
    assert read_date("02/03/2026 08:05", None, NOW) == first


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="0123456789-/:. TZ年月日时分上下午前天小時agohurs+", max_size=30))
def test_any_text_is_a_moment_to_be_believed_or_none(raw):
    found = read_date(raw, SHANGHAI, NOW)
    assert found is None or EARLIEST <= found <= NOW + AHEAD


@pytest.mark.parametrize(
    "raw",
    [
        "Tue, 24 Nov",
        "Tue, 24 Nov 2026 08:00:00",
        "Tue, 24 Nov 2026 08:00:00 ",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "2026-13-40T99:99:99Z",
        "",
    ],
)
def test_the_short_way_leaves_what_is_not_whole_to_the_other(raw):
    assert read_plain_date(raw) is None
    read_date(raw, None, NOW)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="0123456789-:TZ+, TueNovGMT", max_size=32))
def test_the_short_way_says_what_the_other_says_or_nothing(raw):
    moment = read_plain_date(raw)
    if moment is not None and EARLIEST <= moment <= NOW + AHEAD:
        assert moment.utcoffset() == timedelta(0)
