"""Sparklines and timelines: numbers to coordinates."""

from __future__ import annotations

from datetime import date

from model.timeline import LEFT, RIGHT, WIDTH, Event, Facts, Mark, timeline
from review.figures import Weeks, spark, week_starts

TODAY = date(2026, 11, 24)
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def test_one_hit_is_seen_beside_a_hundred():
    weeks = Weeks(counts=[0] * 50 + [1, 100], observed=[True] * 52, confirmed=[])
    low, high = spark(weeks, label="", caption="").bars
    assert high[2] == 26.0
    assert low[2] >= 2.6
    assert high[1] + high[2] == 35


def test_weeks_that_were_not_observed_are_one_stretch_each():
    observed = [False] * 3 + [True] * 46 + [False] * 2 + [True]
    gaps = spark(Weeks(counts=[0] * 52, observed=observed, confirmed=[5]), label="", caption="")
    assert gaps.gaps == ((0.0, 10.5), (171.5, 7.0))
    assert gaps.diamonds == (19.25,)
    assert gaps.bars == ()


def test_the_weeks_end_today():
    starts = week_starts(TODAY, 52)
    assert len(starts) == 52
    assert (TODAY - starts[-1]).days == 6


def drawn(events=(), marks=(), gaps=(), lanes=("Whole",)):
    marks = (Mark(day=TODAY, label="today", kind="f-today"), *marks)
    return timeline(
        Facts(lanes=lanes, events=events, marks=marks, gaps=gaps, today=TODAY, months=MONTHS)
    )


def test_everything_stands_on_the_paper_in_order():
    days = [date(2025, 3, 1), date(2025, 9, 1), date(2026, 7, 16)]
    events = [Event(day=day, lane=0, label="3 signed", confirmed=True) for day in days]
    figure = drawn(events, [Mark(day=date(2027, 12, 31), label="due 2027", kind="f-due")])
    xs = [dot.x for dot in figure.dots]
    assert xs == sorted(xs)
    assert all(LEFT <= x <= WIDTH - RIGHT for x in xs)
    assert {dot.kind for dot in figure.dots} == {"f-done"}


def test_suggested_is_hollow_and_labels_do_not_run_into_each_other():
    events = [
        Event(day=date(2026, 7, day), lane=0, label="4 unveiled?", confirmed=False)
        for day in (1, 2, 3, 4)
    ]
    figure = drawn([*events, Event(day=date(2024, 1, 1), lane=0, label="", confirmed=True)])
    assert [dot.kind for dot in figure.dots].count("f-sug") == 4
    boxes = [
        (text.y, text.box[0], text.box[0] + text.box[2]) for text in figure.labels if text.text
    ]
    assert len(boxes) == 2  # above and below; the table has them all
    assert boxes[0][0] != boxes[1][0]


def test_a_date_far_ahead_does_not_press_the_past_together():
    figure = drawn(
        [Event(day=date(2026, 1, 1), lane=0, label="", confirmed=True)],
        [Mark(day=date(2060, 12, 31), label="due 2060", kind="f-due")],
    )
    today = next(mark for mark in figure.marks if mark[2] == "f-today")
    assert all(text.box[0] + text.box[2] <= WIDTH for _, text, _ in figure.marks)
    assert today[0] > LEFT + 100
    assert max(mark[0] for mark in figure.marks) <= WIDTH - RIGHT


def test_a_pledge_about_which_nothing_is_known_has_a_timeline_too():
    figure = drawn()
    assert figure.dots == ()
    assert figure.ticks
