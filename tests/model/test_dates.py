"""Dates as people write them: a day, a month, a year."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.dates import closest, first_day, is_edtf, last_day

DATES = {
    "a day": ("2026-07-16", date(2026, 7, 16), date(2026, 7, 16)),
    "a month of 31": ("2026-07", date(2026, 7, 1), date(2026, 7, 31)),
    "a month of 30": ("2026-09", date(2026, 9, 1), date(2026, 9, 30)),
    "February": ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
    "February of a leap year": ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
    "no leap year at the century": ("2100-02", date(2100, 2, 1), date(2100, 2, 28)),
    "a leap day": ("2028-02-29", date(2028, 2, 29), date(2028, 2, 29)),
    "a year": ("2027", date(2027, 1, 1), date(2027, 12, 31)),
    "December": ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
    "the last year there is": ("9999", date(9999, 1, 1), date(9999, 12, 31)),
    "the first year there is": ("0001", date(1, 1, 1), date(1, 12, 31)),
}
NO_DATES = {
    "nothing": "",
    "a word": "soon",
    "two digits of a year": "26",
    "a month with one digit": "2026-7",
    "a day with one digit": "2026-07-1",
    "month 13": "2026-13",
    "month 0": "2026-00",
    "day 0": "2026-07-00",
    "day 32": "2026-07-32",
    "30 February": "2026-02-30",
    "29 February of a common year": "2026-02-29",
    "year 0": "0000",
    "a time of day": "2026-07-16T10:00",
    "an interval": "2026/2027",
    "uncertain": "2026?",
    "a decade": "202X",
    "spaces around": " 2026",
    "a line break after it": "2026\n",
    "full-width digits": "２０２６",
    "Arabic digits": "٢٠٢٦",
    "a negative year": "-2026",
    "Chinese": "2026年7月",
}


@pytest.mark.parametrize(("text", "first", "last"), DATES.values(), ids=DATES)
def test_a_date_has_a_first_and_a_last_day(text: str, first: date, last: date) -> None:
    assert (first_day(text), last_day(text)) == (first, last)
    assert is_edtf(text)


@pytest.mark.parametrize("text", NO_DATES.values(), ids=NO_DATES)
def test_what_is_no_date_is_refused(text: str) -> None:
    assert not is_edtf(text)
    for ask in (first_day, last_day):
        with pytest.raises(ValueError, match=r"no date|there is no"):
            ask(text)


@given(st.dates())
def test_every_day_is_its_own_first_and_last_day(day: date) -> None:
    text = day.isoformat()
    assert first_day(text) == last_day(text) == day


@given(st.dates())
def test_a_month_and_a_year_hold_each_of_their_days(day: date) -> None:
    for text in (day.isoformat()[:7], day.isoformat()[:4]):
        assert first_day(text) <= day <= last_day(text)


@given(st.text())
def test_any_text_is_a_date_or_is_none(text: str) -> None:
    if is_edtf(text):
        assert first_day(text) <= last_day(text)


MEANT = {
    "no zeros": ("2025-9-1", "2025-09-01"),
    "slashes, year first": ("2025/9/1", "2025-09-01"),
    "dots, day first": ("1.9.2025", "2025-09-01"),
    "a time of day": ("2025-09-01T10:00:00Z", "2025-09-01"),
    "a time after a space": ("2025-09-01 10:00", "2025-09-01"),
    "a month": ("2025-9", "2025-09"),
    "Chinese, a day": ("2025年9月1日", "2025-09-01"),
    "Chinese, a month": ("2025年9月", "2025-09"),
    "slashes, which may begin with the month": ("9/1/2025", None),
    "words": ("September 2025", None),
    "a day that does not exist": ("2025-2-30", None),
    "nothing like it": ("soon", None),
}


@pytest.mark.parametrize(("text", "meant"), MEANT.values(), ids=MEANT)
def test_what_was_meant_is_guessed_only_where_it_is_clear(text: str, meant: str | None) -> None:
    assert closest(text) == meant
