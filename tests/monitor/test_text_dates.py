"""Dates as news texts write them."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.text_dates import dates_in, nearest_date

FRIDAY = date(2026, 7, 3)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("On July 6, Geneva hosts", ["2026-07-06"]),
        ("6-7 July 2026", ["2026-07-06"]),
        ("the 3rd of March 2025", ["2025-03-03"]),
        ("in May 2027", ["2027-05"]),
        ("by 2027", ["2027"]),
        ("2025-09-01", ["2025-09-01"]),
        ("on Monday", ["2026-06-29"]),
        ("next Monday", ["2026-07-06"]),
        ("yesterday", ["2026-07-02"]),
        ("last year", ["2025"]),
        ("on December 5", ["2025-12-05"]),
        ("7月17日", ["2026-07-17"]),
        ("2025年6月12日", ["2025-06-12"]),
        ("去年9月", ["2025-09"]),
        ("今天（7月3日）", ["2026-07-03", "2026-07-03"]),
        ("昨日", ["2026-07-02"]),
        ("26日", ["2026-06-26"]),
        ("三日", ["2026-07-03"]),
        ("十四日", ["2026-07-14"]),
        ("2024年", ["2024"]),
        ("二十號", ["2026-06-20"]),
        ("20 percent", []),
        ("2月30日", []),
        ("13月1日", []),
    ],
)
def test_dates_are_read_with_the_day_of_writing(text, when):
    assert [told.when for told in dates_in(text, FRIDAY)] == when


@pytest.mark.parametrize("text", ["On July 6", "昨日", "7月17日", "on Monday"])
def test_without_a_day_of_writing_half_a_date_is_none(text):
    assert dates_in(text, None) == ()


def test_the_nearest_date_counts():
    text = "Signed on 1 March 2025, opened on 2 May 2026"
    assert nearest_date(text, text.index("opened"), len(text), None) == "2026-05-02"
    assert nearest_date(text, 0, 6, None) == "2025-03-01"
    assert nearest_date("no date", 0, 2, FRIDAY) is None
