"""Digests: what goes together, when, and what they say in each language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.digests import (
    DigestKind,
    DigestView,
    Entry,
    Waiting,
    bundles,
    next_digest,
    render_digest,
)
from alerts.routing import due_at
from alerts.silence import render_silence
from model.records import (
    Alert,
    AlertId,
    AlertReason,
    ArticleId,
    ChatId,
    CommitmentId,
    Delivery,
    DeliveryId,
    DeliveryMode,
    DeliveryState,
    Development,
    DevelopmentId,
    Language,
    Milestone,
    Relation,
    Stage,
    Subscriber,
)
from tests.builders import NOON, a_commitment
from tests.fakes.telegram_server import visible_text

ANN = ChatId(5001)
LANGUAGES = [Language.ENGLISH, Language.CHINESE_SIMPLIFIED, Language.CHINESE_TRADITIONAL]


def waiting(number, *, raised=NOON, due=NOON, mode=DeliveryMode.IMMEDIATE, reason=None, **more):
    alert = Alert(
        id=AlertId(number),
        key=str(number),
        development_id=DevelopmentId(number),
        commitment_id=CommitmentId("harbour-fund"),
        reason=reason or AlertReason.NEW_DEVELOPMENT,
        raised_at=raised,
    )
    delivery = Delivery(
        id=DeliveryId(number),
        alert_id=alert.id,
        chat_id=ANN,
        mode=mode,
        state=DeliveryState.PENDING,
        due_at=due,
        **more,
    )
    return Waiting(delivery, alert)


def kinds(found):
    return [(each.kind, len(each.waiting)) for each in found]


def test_what_is_due_at_once_goes_as_itself():
    found = bundles([waiting(n) for n in range(1, 5)], Subscriber(chat_id=ANN), "UTC", NOON)
    assert kinds(found) == [(None, 1)] * 4


@pytest.mark.parametrize(
    ("many", "expected"), [(10, [(None, 1)] * 10), (11, [(DigestKind.WAITED, 11)])]
)
def test_more_than_ten_that_waited_out_a_downtime_are_one_digest(many, expected):
    raised = NOON - timedelta(hours=5)
    found = bundles(
        [waiting(n, raised=raised) for n in range(1, many + 1)],
        Subscriber(chat_id=ANN),
        "UTC",
        NOON,
    )
    assert kinds(found) == expected


@pytest.mark.parametrize(("many", "expected"), [(1, [(None, 1)]), (2, [(DigestKind.HELD, 2)])])
def test_what_quiet_hours_held_is_one_alert_as_itself_and_more_as_a_digest(many, expected):
    ann = Subscriber(chat_id=ANN, quiet_from=time(22), quiet_until=time(12))
    held = [waiting(n, raised=NOON - timedelta(hours=2), due=NOON) for n in range(1, many + 1)]
    assert kinds(bundles(held, ann, "UTC", NOON)) == expected


def test_a_digest_missed_by_less_than_half_a_day_goes_now_a_later_one_joins_the_next():
    ann = Subscriber(chat_id=ANN)
    late = [waiting(1, due=NOON - timedelta(hours=11), mode=DeliveryMode.DAILY_DIGEST)]
    (bundle,) = bundles(late, ann, "UTC", NOON)
    assert next_digest(bundle, ann, "UTC", NOON) == NOON
    later = NOON + timedelta(hours=2)
    assert next_digest(bundle, ann, "UTC", later) == datetime(2026, 11, 25, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "day", "expected"),
    [
        # New York skips 02:30 on 8 March 2026: the digest goes at 03:30 there.
        ("America/New_York", time(2, 30), datetime(2026, 3, 8, 0, tzinfo=UTC), "07:30"),
        # It has 01:30 twice on 1 November 2026: the digest goes at the first.
        ("America/New_York", time(1, 30), datetime(2026, 11, 1, 0, tzinfo=UTC), "05:30"),
        ("Asia/Shanghai", time(8), datetime(2026, 3, 8, 0, 0, 1, tzinfo=UTC), "00:00"),
    ],
    ids=["skipped", "doubled", "no daylight saving"],
)
def test_a_digest_at_a_skipped_or_doubled_hour_goes_once(zone, at, day, expected):
    ann = Subscriber(chat_id=ANN, timezone=zone, digest_at=at)
    moments = {
        due_at(ann, DeliveryMode.DAILY_DIGEST, AlertReason.NEW_DEVELOPMENT, "UTC", now)
        for now in (day + timedelta(minutes=7 * step) for step in range(200))
    }
    by_day: dict[object, int] = {}
    for moment in moments:
        local = moment.astimezone(ZoneInfo(zone)).date()
        by_day[local] = by_day.get(local, 0) + 1
    assert set(by_day.values()) == {1}
    assert min(moments).strftime("%H:%M") == expected


def entry(number, headline="Fund opens", pledge="harbour-fund", **more):
    alert = waiting(number, reason=more.pop("reason", None)).alert
    development = Development(
        id=DevelopmentId(number),
        commitment_id=CommitmentId(pledge),
        relation=more.pop("relation", Relation.FOLLOW_UP),
        headline=headline,
        lead_article_id=ArticleId(1),
        milestone=Milestone.OPERATING,
        setback=None,
        stage=Stage.OPERATING,
        outcome=None,
        event_date=None,
        place=None,
        hit_count=1,
        origin_count=1,
        first_seen_at=NOON,
        last_seen_at=NOON,
        revision=1,
    )
    titles = (
        (Language.CHINESE_SIMPLIFIED, "港口基金"),
        (Language.CHINESE_TRADITIONAL, "港口基金會"),
    )
    return Entry(
        delivery_id=DeliveryId(number),
        alert=replace(alert, commitment_id=CommitmentId(pledge)),
        commitment=a_commitment(id=CommitmentId(pledge), title=f"Title {pledge}", titles=titles),
        development=development,
    )


def view(entries, kind=DigestKind.DAILY, **more):
    values = {"following": 7, "feeds_answering": 3, "feeds": 3, "today": NOON.date()}
    return DigestView(kind=kind, entries=tuple(entries), **values | more)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.ENGLISH, "Daily digest · 24 Nov 2026 · 2 follow-ups on 1 of your 7 pledges"),
        (Language.CHINESE_SIMPLIFIED, "每日摘要 · 2026-11-24 · 7 项承诺中 1 项有 2 条进展"),
        (Language.CHINESE_TRADITIONAL, "每日摘要 · 2026-11-24 · 7 項承諾中 1 項有 2 條進展"),
    ],
)
def test_a_digest_says_how_much_of_what_is_followed_it_holds(language, expected):
    (part,) = render_digest(view([entry(1), entry(2, "Fund <grows> & pays")]), language)
    shown = visible_text(part.message.html, "HTML")
    assert expected in shown
    assert "Fund <grows> & pays" in shown
    assert part.delivery_ids == (1, 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_huge_digest_is_split_between_pledges_and_leaves_nothing_out(language):
    entries = [
        entry(n * 100 + m, "<b>長&\u202e" * 60, f"pledge-{n}")
        for n in range(1, 9)
        for m in range(1, 21)
    ]
    parts = render_digest(view(entries), language)
    carried = [each for part in parts for each in part.delivery_ids]
    assert sorted(carried) == sorted(each.delivery_id for each in entries)
    assert len(parts) > 1
    for number, part in enumerate(parts):
        assert len(visible_text(part.message.html, "HTML")) <= 3_500
        assert part.message.silent == (number > 0)
        assert part.message.buttons  # eight of twenty have no line: counted, with a button


def test_restatements_are_a_count_never_a_line():
    told = [entry(1), entry(2, "Said once more", relation=Relation.RESTATEMENT)]
    (part,) = render_digest(view(told), Language.ENGLISH)
    assert "Said once more" not in part.message.plain
    assert "repeated once more" in part.message.plain
    assert "1 follow-up on 1 of your" in part.message.plain  # a repeat is no follow-up


def test_what_clocks_say_is_no_follow_up():
    quiet = entry(1)
    alert = replace(quiet.alert, reason=AlertReason.QUIET, facts=(("days", "90"),))
    told = [replace(quiet, alert=alert, development=None)]
    (part,) = render_digest(view(told), Language.ENGLISH)
    assert "no follow-up on your" in part.message.plain
    assert "⏳ No public evidence found for 90 days" in part.message.plain


def test_a_digest_names_the_longest_silence():
    told = view([entry(1)], longest=("River school", 96))
    (part,) = render_digest(told, Language.ENGLISH)
    assert "Longest without a report: River school, 96 days." in part.message.plain


@pytest.mark.parametrize(
    ("language", "well", "unwell"),
    [
        (Language.ENGLISH, "All 3 feeds are healthy.", "2 of 3 feeds are healthy"),
        (Language.CHINESE_SIMPLIFIED, "全部 3 个信息源均正常", "3 个信息源中 2 个正常"),
        (Language.CHINESE_TRADITIONAL, "全部 3 個資訊來源均正常", "3 個資訊來源中 2 個正常"),
    ],
)
def test_a_week_without_news_says_whether_we_looked(language, well, unwell):
    nothing = [replace(entry(1), commitment=None, development=None)]
    (part,) = render_digest(view(nothing, DigestKind.WEEKLY), language)
    assert well in part.message.plain
    (part,) = render_digest(view(nothing, DigestKind.WEEKLY, feeds_answering=2), language)
    assert unwell in part.message.plain


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (Language.ENGLISH, "No public evidence found for 90 days in 14 of 14 feeds."),
        (Language.CHINESE_SIMPLIFIED, "14 个信息源中的 14 个已 90 天未见公开证据"),
        (Language.CHINESE_TRADITIONAL, "14 個資訊來源中的 14 個已 90 天未見公開證據"),
    ],
)
def test_silence_is_told_in_bounded_words(language, expected):
    alert = Alert(
        id=AlertId(1),
        key="quiet",
        development_id=None,
        commitment_id=CommitmentId("harbour-fund"),
        reason=AlertReason.QUIET,
        raised_at=NOON,
        facts=(("ok", "14"), ("all", "14"), ("days", "90"), ("last", "2026-08-22")),
    )
    said = render_silence(alert, a_commitment(), Stage.COMMITTED, language)
    shown = visible_text(said.html, "HTML")
    assert expected in shown
    assert not any(word in shown.lower() for word in ("stalled", "broken", "no progress"))
