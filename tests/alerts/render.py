"""Every message and keyboard as text, with real pledges and invented news: docs/telegram.md.

`python -m tests.alerts.render` writes the page anew; a test fails when page and code differ.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from alerts import answers, menus
from alerts.messages import AlertView, Message, render_alert, render_stage_news
from alerts.notices import render_notice
from alerts.settings_menu import digest_settings, following, options, quiet_settings
from alerts.targets import find_target
from alerts.texts import moment_in
from model.records import (
    Alert,
    AlertId,
    AlertReason,
    ArticleId,
    ArticlePart,
    ChatId,
    CommitmentId,
    DeliveryMode,
    Development,
    DevelopmentId,
    Language,
    Level,
    Milestone,
    Mute,
    Outcome,
    Relation,
    Report,
    Role,
    Stage,
    Subscriber,
    Subscription,
    Suggestion,
    TermMatch,
    TermRole,
    Tier,
    Trigger,
)
from model.standing import standing
from model.watchlist import load_watchlist
from tests.builders import a_hit, an_article

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "telegram.md"
BEGINS, ENDS = "<!-- rendered: begin -->", "<!-- rendered: end -->"
SHOWN = {Language.ENGLISH: "English", Language.CHINESE_SIMPLIFIED: "简体中文"}
NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
ZONE = "Asia/Shanghai"
WATCHLIST = load_watchlist(ROOT / "watchlist.yaml")
CENTER, WAICO, AFRICA = (
    WATCHLIST.commitment(CommitmentId(each))
    for each in ("sco-ai-center", "waico", "africa-20-digital-projects")
)
CHAT = ChatId(5001)

ENGLISH_TEXT = (
    "Officials met in the morning. The China-SCO AI Application Cooperation Center opened its "
    "first laboratory on Friday, with members of the organization invited to send researchers. "
    "Visitors came in the afternoon."
)
CHINESE_TEXT = (
    "上午举行了会见。中国—上合组织国家人工智能应用合作中心首个实验室周五启用，"
    "邀请成员国派研究人员参加。下午接待了来访者。"
)


def a_report(number: int, language: Language, title: str, outlet: str, text: str) -> Report:
    """Return an invented article on the center, with what matched in it."""
    names = ("China-SCO AI Application Cooperation Center", "中国—上合组织国家人工智能应用合作中心")
    signs = ("opened", "启用")
    name = next(each for each in names if each in text)
    sign = next(each for each in signs if each in text)
    start, sign_at = text.index(name), text.index(sign)
    match = TermMatch(
        term=name,
        role=TermRole.ALIAS,
        part=ArticlePart.TEXT,
        start=start,
        end=start + len(name),
        quote=name,
    )
    trigger = Trigger(quote=sign, part=ArticlePart.TEXT, start=sign_at, end=sign_at + len(sign))
    suggestion = Suggestion(
        relation=Relation.FOLLOW_UP,
        milestone=Milestone.OPERATING,
        stage=Stage.OPERATING,
        triggers=(trigger,),
        why=f"“{sign}” beside the pledge's name, not hedged",
        why_zh=f"承诺名称旁出现“{sign}”，未见保留语气",
    )
    return Report(
        hit=a_hit(
            commitment_id=CENTER.id,
            article_id=ArticleId(number),
            matches=(match,),
            suggestion=suggestion,
        ),
        article=an_article(
            number=number,
            title=title,
            text=text,
            language=language,
            outlet=outlet,
            published_at=NOW - timedelta(hours=4),
        ),
        feed_title=outlet,
        tier=Tier.B,
    )


REPORTS = (
    a_report(
        1, Language.ENGLISH, "Center <phase one> opens its laboratory", "Example News", ENGLISH_TEXT
    ),
    a_report(2, Language.CHINESE_SIMPLIFIED, "合作中心首个实验室启用", "示例日报", CHINESE_TEXT),
    a_report(3, Language.ENGLISH, "First laboratory of the center", "Sample Daily", ENGLISH_TEXT),
)


def a_development(**changes: object) -> Development:
    """Return the invented event."""
    event = Development(
        id=DevelopmentId(1042),
        commitment_id=CENTER.id,
        relation=Relation.FOLLOW_UP,
        headline=REPORTS[0].article.title,
        lead_article_id=ArticleId(1),
        milestone=Milestone.OPERATING,
        setback=None,
        stage=Stage.OPERATING,
        outcome=None,
        event_date="2026-11-20",
        place=None,
        hit_count=1,
        origin_count=1,
        first_seen_at=NOW,
        last_seen_at=NOW,
        revision=1,
        told=True,
    )
    return replace(event, **changes)


def a_view(reports: int = 1, **changes: object) -> AlertView:
    """Return what the alert on it is rendered from."""
    return AlertView(
        reason=AlertReason.NEW_DEVELOPMENT,
        commitment=CENTER,
        development=a_development(**changes),
        reports=REPORTS[:reports],
        stage_before=standing(CENTER, (), NOW.date()).stage,
        previous_at=NOW - timedelta(days=34),
        now=NOW,
    )


def a_subscriber(language: Language) -> Subscriber:
    """Return somebody who set everything."""
    return Subscriber(
        chat_id=CHAT,
        language=language,
        timezone=ZONE,
        digest_at=time(8, 0),
        quiet_from=time(22, 0),
        quiet_until=time(7, 0),
        stage_changes_override=True,
    )


SUBSCRIPTIONS = (
    Subscription(chat_id=CHAT, target="africa", mode=DeliveryMode.WEEKLY_DIGEST),
    Subscription(
        chat_id=CHAT,
        target="sco-ai-center",
        level=Level.EVERYTHING,
        languages=(Language.ENGLISH, Language.CHINESE_SIMPLIFIED),
        lowest_tier=Tier.B,
    ),
)


def a_list(language: Language) -> Message:
    """Return the list of what somebody follows."""
    mute = Mute(chat_id=CHAT, commitment_id=AFRICA.id, until=NOW + timedelta(days=7))
    stages = {e.id: standing(e, (), NOW.date()).stage for e in WATCHLIST.commitments}
    return following(WATCHLIST, SUBSCRIPTIONS, [mute], stages, ZONE, language)


def a_status(language: Language) -> Message:
    """Return where the organization stands, as far as the watchlist knows."""
    return answers.where_it_stands(WAICO, standing(WAICO, (), NOW.date()), None, language)


def a_history(language: Language) -> Message:
    """Return the center's history."""
    told = answers.Told(development=a_development(), lead=REPORTS[0])
    return answers.history(CENTER, [told], language)


def a_first_subscription(language: Language) -> Message:
    """Return what somebody reads who just subscribed."""
    told = answers.Told(development=a_development(), lead=REPORTS[0])
    said = answers.subscribed(find_target("sco-ai-center", WATCHLIST), language, known=False)
    return answers.with_latest(said, answers.latest([told], language))


def a_notice(language: Language, reason: AlertReason) -> Message:
    """Return what an admin is told of a feed."""
    alert = Alert(
        id=AlertId(1),
        key="feed",
        development_id=None,
        commitment_id=CommitmentId(""),
        reason=reason,
        raised_at=NOW,
        facts=(
            ("since", "2026-11-24T00:30:00+00:00"),
            ("fault", "http_error"),
            ("error", "HTTP 503"),
        ),
    )
    return render_notice(alert, WATCHLIST.feeds[0], language, ZONE)


def an_option(language: Language) -> Message:
    """Return the settings of one subscription."""
    target = find_target("sco-ai-center", WATCHLIST)
    return options(target, SUBSCRIPTIONS[1], language, topic_id=None)


MESSAGES: tuple[tuple[str, Callable[[Language], Message]], ...] = (
    ("/start", lambda language: answers.start(language, following=0)),
    ("/start, then “By tag”", lambda language: answers.choose_tag(WATCHLIST, language)),
    ("/start, then “Choose pledges”", lambda language: answers.choose(WATCHLIST, 0, language)),
    ("/subscribe sco-ai-center", a_first_subscription),
    ("/subscribe sco-ai-centre-x", lambda language: answers.unknown_name(
        "sco-ai-centre-x", menus.SUBSCRIBE, WATCHLIST, language)),
    ("/list", a_list),
    ("/list, then ⚙️", an_option),
    ("/digest", lambda language: digest_settings(a_subscriber(language), SUBSCRIPTIONS, ZONE)),
    ("/quiet", lambda language: quiet_settings(a_subscriber(language), ZONE)),
    ("/mute sco-ai-center 7d", lambda language: answers.undo_mute(
        language, "mute.done", CENTER, moment_in(NOW + timedelta(days=7), ZONE, language))),
    ("/status waico (below its timeline)", a_status),
    ("/history sco-ai-center", a_history),
    ("/unsubscribe all", answers.ask_to_stop_all),
    ("/forget", answers.ask_to_forget),
    ("/help", lambda language: answers.help_text(language, None, Role.ADMIN)),
    ("/help quiet", lambda language: answers.help_text(language, "quiet", Role.ADMIN)),
    ("An alert", lambda language: render_alert(a_view(), language, ZONE)),
    ("An alert after more outlets", lambda language: render_alert(a_view(3), language, ZONE)),
    ("An alert that was confirmed", lambda language: render_alert(
        a_view(3, outcome=Outcome.CONFIRMED), language, ZONE)),
    ("An alert that was no follow-up", lambda language: render_alert(
        a_view(outcome=Outcome.RESTATEMENT), language, ZONE)),
    ("An alert that was about something else", lambda language: render_alert(
        a_view(outcome=Outcome.REJECTED), language, ZONE)),
    ("A stage that changed", lambda language: render_stage_news(
        a_view(outcome=Outcome.CONFIRMED), language, ZONE)),
    ("A feed broke (admins)", lambda language: a_notice(language, AlertReason.FEED_BROKEN)),
    ("A feed works again (admins)", lambda language: a_notice(
        language, AlertReason.FEED_RECOVERED)),
)  # fmt: skip


def shown(message: Message) -> str:
    """Return a message with its keyboard as text."""
    rows = ["  ".join(f"[ {each.text} ]" for each in row) for row in message.buttons]
    return "\n".join([message.plain, *([""] if rows else []), *rows])


def page() -> Iterator[str]:
    """Yield the lines of the rendered part of the page."""
    for title, render in MESSAGES:
        yield f"### {title}"
        for language in SHOWN:
            yield f"\n```text\n{shown(render(language)).rstrip()}\n```"
        yield ""


def rendered(before: str) -> str:
    """Return the page with its rendered part made anew."""
    head, rest = before.split(BEGINS)
    return f"{head}{BEGINS}\n\n" + "\n".join(page()) + f"\n{ENDS}{rest.split(ENDS)[1]}"


def main() -> None:
    """Write the page anew."""
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}: {len(MESSAGES)} messages in {len(SHOWN)} languages\n")


if __name__ == "__main__":
    main()
