"""What subscribers read: escaped, cut where nothing breaks, in three languages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import answers, menus
from alerts.markup import cut, safe_link
from alerts.messages import AlertView, render_alert, render_stage_news
from alerts.targets import find_target
from alerts.texts import LANGUAGES, catalogue, language_of
from model.records import (
    AlertReason,
    ArticleId,
    ArticlePart,
    Development,
    DevelopmentId,
    Language,
    Milestone,
    Outcome,
    Relation,
    Report,
    Role,
    Saying,
    Setback,
    Stage,
    Tier,
    Trigger,
)
from model.standing import standing
from tests.builders import (
    NOON,
    a_commitment,
    a_hit,
    a_match,
    a_suggestion,
    a_watchlist,
    an_article,
)
from tests.fakes.telegram_server import BadRequestError, check_keyboard, visible_text

TEXT = "Before. The Harbour Resilience Fund opened its first office in Dakar on Friday. After."


def a_report(title="Fund opens", text=TEXT, **article):
    name = "Harbour Resilience Fund"
    start = max(text.find(name), 0)
    match = a_match(part=ArticlePart.TEXT, start=start, end=start + len(name), quote=name)
    opened = text.find("opened")
    triggers = ()
    if opened >= 0:
        triggers = (Trigger(quote="opened", part=ArticlePart.TEXT, start=opened, end=opened + 6),)
    return Report(
        hit=a_hit(matches=(match,), suggestion=a_suggestion(triggers=triggers)),
        article=an_article(title=title, text=text, **article),
        feed_title="Example News",
        tier=Tier.B,
    )


def a_view(*reports, **changes):
    reports = reports or (a_report(),)
    values = {
        "id": DevelopmentId(1042),
        "commitment_id": "harbour-fund",
        "relation": Relation.FOLLOW_UP,
        "headline": reports[0].article.title,
        "lead_article_id": ArticleId(1),
        "milestone": Milestone.OPERATING,
        "setback": None,
        "stage": Stage.OPERATING,
        "outcome": None,
        "event_date": None,
        "place": None,
        "hit_count": len(reports),
        "origin_count": 1,
        "first_seen_at": NOON,
        "last_seen_at": NOON,
        "revision": 1,
    }
    commitment = a_commitment(
        titles=(
            (Language.CHINESE_SIMPLIFIED, "港湾韧性基金"),
            (Language.CHINESE_TRADITIONAL, "港灣韌性基金"),
        ),
        title="Harbour Resilience Fund",
        said=(Saying(date="2025-09-01"),),
    )
    return AlertView(
        reason=AlertReason.NEW_DEVELOPMENT,
        commitment=commitment,
        development=Development(**values | changes),
        reports=tuple(reports),
        stage_before=Stage.COMMITTED,
        previous_at=NOON - timedelta(days=34),
        now=NOON,
    )


def accepted(message):
    """Return what a reader sees; raise where Telegram would refuse."""
    check_keyboard(
        {
            "inline_keyboard": [
                [
                    {
                        "text": each.text,
                        **({"url": each.url} if each.url else {"callback_data": each.data}),
                    }
                    for each in row
                ]
                for row in message.buttons
            ]
        }
    )
    return visible_text(message.html, "HTML")


def test_an_alert_in_english_reads_as_drafted():
    shown = accepted(render_alert(a_view(), Language.ENGLISH, "Asia/Shanghai"))
    assert shown.split("\n") == [
        "🚧 Harbour Resilience Fund",
        "Follow-up: Fund opens",
        "",
        "Suggested stage: 📣 committed → 🚧 operating (Unreviewed)",
        "Why: “opens” beside the pledge's name, not hedged",
        "The Harbour Resilience Fund opened its first office in Dakar on Friday.",
        "📰 Example News · 24 Nov 2026, 20:00 (UTC+8) · English",
        "🏷 #F1042 · pledged 1 Sep 2025 · last follow-up 34 days ago",
    ]


def test_an_alert_in_chinese_reads_as_drafted():
    report = a_report(title="港湾韧性基金首个办公室启用", language=Language.CHINESE_SIMPLIFIED)
    shown = accepted(render_alert(a_view(report), Language.CHINESE_SIMPLIFIED, "Asia/Shanghai"))
    assert shown.startswith("🚧 港湾韧性基金\n后续进展：港湾韧性基金首个办公室启用\n")
    assert "建议阶段：📣 承诺 → 🚧 运行（待审核）" in shown
    assert "2026-11-24 20:00（北京时间）" in shown
    assert "承诺于 2025-09-01 · 距上次进展 34 天" in shown


def test_an_alert_in_traditional_chinese_has_its_own_labels():
    shown = accepted(render_alert(a_view(), Language.CHINESE_TRADITIONAL, "Asia/Taipei"))
    assert shown.startswith("🚧 港灣韌性基金\n後續進展：")
    assert "建議階段" in shown


def test_matched_words_are_bold_and_everything_foreign_is_escaped():
    report = a_report(title="A <b>bold</b> & “title”", text="<i>x</i> " + TEXT)
    html = render_alert(a_view(report), Language.ENGLISH, "UTC").html
    assert "&lt;b&gt;bold&lt;/b&gt; &amp;" in html
    assert "<b>Harbour Resilience Fund</b> <b>opened</b>" in html


def test_a_stage_below_the_confirmed_one_is_no_step_back():
    view = a_view(stage=Stage.FLOATED, milestone=Milestone.PROPOSED)
    shown = accepted(render_alert(view, Language.ENGLISH, "UTC"))
    assert "→" not in shown


def test_a_setback_is_named_with_its_mark():
    view = a_view(stage=None, milestone=None, setback=Setback.POSTPONED)
    shown = accepted(render_alert(view, Language.ENGLISH, "UTC"))
    assert shown.startswith("⚠️ ")
    assert "Setback: ⚠️ postponed (Unreviewed)" in shown


def test_five_outlets_are_named_and_the_rest_counted():
    reports = [a_report(number=number, outlet=f"Outlet {number}") for number in range(9)]
    shown = accepted(render_alert(a_view(*reports), Language.ENGLISH, "UTC"))
    assert (
        "Also reported by 8 outlets: Outlet 1, Outlet 2, Outlet 3, Outlet 4, Outlet 5, +3" in shown
    )


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.RESTATEMENT])
def test_a_rejected_alert_is_struck_through(outcome):
    message = render_alert(a_view(outcome=outcome), Language.ENGLISH, "UTC")
    accepted(message)
    assert "<s>Harbour Resilience Fund</s>" in message.html
    assert "Suggested stage" not in message.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_confirmed_stage_is_told_in_a_line(language):
    message = render_stage_news(a_view(), language, "UTC")
    assert "#F1042" in accepted(message)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (Language.ENGLISH, "The stage is 📣 committed, not 🚧 operating as was told"),
        (Language.CHINESE_SIMPLIFIED, "阶段为 📣 承诺，此前所报的 🚧 运行 有误"),
        (Language.CHINESE_TRADITIONAL, "階段為 📣 承諾，此前所報的 🚧 運行 有誤"),
    ],
)
def test_a_correction_names_what_was_told_and_what_holds(language, told):
    facts = (("stage_before", "operating"), ("stage_after", "committed"), ("why", "<b>wrong</b>"))
    view = replace(a_view(), reason=AlertReason.CORRECTED, facts=facts)
    shown = accepted(render_stage_news(view, language, "UTC"))
    assert told in shown
    assert "<b>wrong</b>" in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_correction_that_leaves_nothing_and_a_reopening_are_told(language):
    facts = (("stage_before", "operating"),)
    view = replace(a_view(), reason=AlertReason.CORRECTED, facts=facts)
    assert catalogue(language)["stage.operating"] in accepted(
        render_stage_news(view, language, "UTC")
    )
    facts = (("verdict_before", "not_delivered"),)
    view = replace(a_view(), reason=AlertReason.REOPENED, facts=facts)
    assert catalogue(language)["verdict.not_delivered"] in accepted(
        render_stage_news(view, language, "UTC")
    )


@pytest.mark.parametrize(
    "title",
    [
        "<b>",
        "</blockquote></b></a>",
        "&amp;&lt;&nbsp;&#x0;",
        "x" * 5_000,
        "世界" * 3_000,
        "👨‍👩‍👧‍👦" * 400,
        "🇨🇳🇪🇺" * 600,
        "e\u0301" * 3_000,
        "\u202egnp.exe",
        "\x00\x1b[31m",
        "",
        "\ud800",
        "a\nb\nc",
    ],
    ids=lambda title: repr(title[:12]),
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_title_breaks_an_alert(title, language):
    report = a_report(title=title, text=title + TEXT)
    shown = accepted(render_alert(a_view(report), language, "UTC"))
    assert len(shown) <= 3_600


@settings(max_examples=150, deadline=None)
@given(
    title=st.text(max_size=400),
    text=st.text(max_size=800),
    url=st.text(max_size=60),
    spans=st.lists(st.tuples(st.integers(0, 800), st.integers(0, 60)), max_size=6),
    language=st.sampled_from(LANGUAGES),
)
def test_whatever_the_web_sends_telegram_takes(title, text, url, spans, language):
    matches = tuple(
        a_match(part=ArticlePart.TEXT, start=start, end=start + length, quote="")
        for start, length in spans
    )
    report = Report(
        hit=a_hit(matches=matches, suggestion=a_suggestion(why=title, triggers=())),
        article=an_article(title=title, text=text, url=url, outlet=title),
        feed_title=text[:50],
        tier=Tier.F,
    )
    accepted(render_alert(a_view(report, report), language, "UTC"))


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("plain", 10, "plain"),
        ("plain text", 6, "plain…"),
        ("ab👨‍👩‍👧cd", 5, "ab…"),
        ("ab🇨🇳🇪🇺", 5, "ab🇨🇳…"),
        ("cafe\u0301s", 5, "caf…"),
        ("一二三四五", 3, "一二…"),
    ],
)
def test_a_cut_tears_nothing_that_is_drawn_as_one(text, most, kept):
    assert cut(text, most) == kept


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/x",
        "javascript:alert(1)",
        "https://user:pass@example.org/",
        "https://exa mple.org/",
        "",
        None,
        "https://" + "x" * 3000 + ".org",
    ],
)
def test_an_address_that_telegram_drops_is_no_link(url):
    assert safe_link(url) is None


def test_no_text_is_missing_in_any_language():
    english = catalogue(Language.ENGLISH)
    fields = {key: sorted(set(_fields(text))) for key, text in english.items()}
    for language in LANGUAGES:
        texts = catalogue(language)
        assert set(texts) == set(english)
        for key, text in texts.items():
            assert set(_fields(text)) <= set(fields[key]) | {"n"}, key
            assert text.strip(), key


def _fields(text):
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(text) if name]


def test_the_catalogues_are_plain_json():
    for file in (Path(__file__).parents[2] / "alerts" / "catalogues").glob("*.json"):
        assert json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", Language.ENGLISH),
        ("de", Language.ENGLISH),
        (None, Language.ENGLISH),
        ("zh", Language.CHINESE_SIMPLIFIED),
        ("zh-hans", Language.CHINESE_SIMPLIFIED),
        ("zh-TW", Language.CHINESE_TRADITIONAL),
        ("zh-HK", Language.CHINESE_TRADITIONAL),
    ],
)
def test_the_language_follows_the_readers_client(code, language):
    assert language_of(code) is language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_is_accepted(language):
    watchlist = a_watchlist()
    commitment = watchlist.commitments[0]
    stands = standing(commitment, (), date(2026, 11, 24))
    told = answers.Told(development=a_view().development, lead=a_report())
    target = find_target("harbour-fund", watchlist)
    facts = answers.Health(
        commitments=1, feeds=2, answering=1, last_poll_at=datetime.now(UTC), following=1
    )
    for message in (
        answers.start(language, following=0),
        answers.start(language, following=2),
        answers.choose(watchlist, 0, language),
        answers.choose_tag(watchlist, language),
        answers.subscribed(target, language, known=False),
        answers.help_text(language, None, Role.ADMIN),
        *(answers.help_text(language, command, Role.ADMIN) for command in menus.COMMANDS),
        answers.unknown_name("harbor", menus.SUBSCRIBE, watchlist, language),
        answers.where_it_stands(commitment, stands, told, language),
        answers.where_it_stands(commitment, stands, None, language),
        answers.history(commitment, [told], language),
        answers.history(commitment, [], language),
        answers.health(facts, "UTC", language),
        answers.ask_to_stop_all(language),
        answers.ask_to_forget(language),
        answers.latest([told], language),
    ):
        assert accepted(message)


def test_the_test_server_refuses_what_telegram_refuses():
    for text in ("<div>x</div>", "GDP < 5%", "<b>x", "<b><i>x</b></i>", "x" * 5000, "   "):
        with pytest.raises(BadRequestError):
            visible_text(text, "HTML")
