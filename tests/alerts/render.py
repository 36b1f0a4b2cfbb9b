"""Every message and keyboard as text, with real pledges and invented news: docs/telegram.md.

`python -m tests.alerts.render` writes the page anew; a test fails when page and code differ.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from alerts import admin_pages, answers, menus
from alerts.digests import DigestKind, DigestView, Entry, render_digest
from alerts.markup import line
from alerts.messages import (
    AlertView,
    Keyboard,
    Message,
    message,
    render_alert,
    render_stage_news,
)
from alerts.notices import OF_OURSELVES, render_notice
from alerts.review_cards import (
    Decided,
    decision_row,
    queue_card,
    which_other,
    why_not,
    with_review_row,
)
from alerts.settings_pages import digest_settings, following, options, quiet_settings
from alerts.silence import render_reminder, render_silence
from alerts.targets import find_target
from alerts.texts import moment_in, say
from model.desk import (
    AcceptedVersion,
    Backtest,
    ChangeKind,
    CommitmentBacktest,
    EntryChange,
    FieldChange,
    Hindrance,
    HitChange,
    NearMiss,
    Trial,
    TrialHit,
)
from model.errors import FeedFault, Problem
from model.feed_health import FeedReport
from model.records import (
    Alert,
    AlertId,
    AlertReason,
    ArticleId,
    ArticlePart,
    ChatId,
    CommitmentId,
    DecisionId,
    DeliveryId,
    DeliveryMode,
    Development,
    DevelopmentId,
    Feed,
    FeedHealth,
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
from model.urgency import QueueItem, Urgency
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


def facts_of_silence(reason: AlertReason, **facts: str) -> Alert:
    """Return what a clock raises of the organization."""
    return Alert(
        id=AlertId(1),
        key="clock",
        development_id=None,
        commitment_id=WAICO.id,
        reason=reason,
        raised_at=NOW,
        facts=tuple({"ok": "35", "all": "36", "last": "2026-08-22", **facts}.items()),
    )


def a_silence(language: Language, reason: AlertReason, **facts: str) -> Message:
    """Return what a clock says of the organization."""
    stage = standing(WAICO, (), NOW.date()).stage
    return render_silence(facts_of_silence(reason, **facts), WAICO, stage, language)


def a_reminder(language: Language) -> Message:
    """Return what somebody asked to be reminded of."""
    asked = replace(facts_of_silence(AlertReason.REMINDER), raised_at=NOW - timedelta(days=30))
    return render_reminder(asked, WAICO, standing(WAICO, (), NOW.date()).stage, language)


def a_digest(language: Language, kind: DigestKind) -> Message:
    """Return a digest of three alerts on two pledges."""
    news = replace(facts_of_silence(AlertReason.NEW_DEVELOPMENT), development_id=DevelopmentId(1))
    one = Entry(
        delivery_id=DeliveryId(1),
        alert=replace(news, commitment_id=CENTER.id),
        commitment=CENTER,
        stage=standing(CENTER, (), NOW.date()).stage,
        development=a_development(),
        reports=REPORTS,
    )
    other = replace(
        one,
        delivery_id=DeliveryId(2),
        reports=REPORTS[2:],
        development=a_development(id=DevelopmentId(1043), headline="Call for researchers"),
    )
    again = replace(
        one,
        delivery_id=DeliveryId(3),
        development=a_development(id=DevelopmentId(1044), relation=Relation.RESTATEMENT),
    )
    quiet = Entry(
        delivery_id=DeliveryId(4),
        commitment=WAICO,
        stage=standing(WAICO, (), NOW.date()).stage,
        alert=facts_of_silence(AlertReason.QUIET, days="60"),
    )
    (part,) = render_digest(_digest_view(kind, (one, other, again, quiet)), language)
    return part.message


def _digest_view(kind: DigestKind, entries: tuple[Entry, ...]) -> DigestView:
    return DigestView(
        kind=kind, entries=entries, following=7, feeds_answering=36, feeds=36, today=NOW.date()
    )


def still_watching(language: Language) -> Message:
    """Return the digest of a week without news."""
    alert = replace(facts_of_silence(AlertReason.STILL_WATCHING), commitment_id=CommitmentId(""))
    entry = Entry(delivery_id=DeliveryId(1), alert=alert, commitment=None)
    (part,) = render_digest(_digest_view(DigestKind.WEEKLY, (entry,)), language)
    return part.message


DECIDED = Decided(
    id=DecisionId(77), outcome=Outcome.CONFIRMED, by="Ann", actor="telegram:7001", at=NOW
)


def for_analysts(language: Language, rows: Keyboard, **changes: object) -> Message:
    """Return an alert as an analyst sees it, with these buttons."""
    return with_review_row(render_alert(a_view(**changes), language, ZONE), rows)


def others(language: Language) -> Message:
    """Return an alert that may be a duplicate."""
    older = [
        a_development(
            id=DevelopmentId(1042 - n),
            headline=f"Older news {n}",
            first_seen_at=NOW - timedelta(days=9 * n),
        )
        for n in range(1, 6)
    ]
    return for_analysts(language, which_other(a_development(), older, language))


def a_card(language: Language) -> Message:
    """Return the first of twelve cards of the queue."""
    item = QueueItem(
        key="F1042", urgency=Urgency.STAGE, commitment_id=CENTER.id, development=a_development()
    )
    shown = for_analysts(language, decision_row(a_development(), None, language))
    return queue_card(shown, item, 0, 12, language)


def a_stage_news(language: Language, reason: AlertReason, **facts: str) -> Message:
    """Return what a decision changed."""
    view = replace(a_view(outcome=Outcome.CONFIRMED), reason=reason, facts=tuple(facts.items()))
    return render_stage_news(view, language, ZONE)


def a_notice_on_us(language: Language, reason: AlertReason) -> Message:
    """Return what an admin is told of the program itself."""
    alert = Alert(
        id=AlertId(1),
        key="notice",
        development_id=None,
        commitment_id=CommitmentId(""),
        reason=reason,
        raised_at=NOW,
        facts=(
            ("since", "2026-11-24T00:30:00+00:00"),
            ("free", "412 MB"),
            ("about", "#F1042"),
            ("chat", "-1001234"),
            ("error", ""),
        ),
    )
    return render_notice(alert, None, language, ZONE)


def some_feeds(language: Language) -> Message:
    """Return how the first feeds of the watchlist could stand."""
    first, second, third = (
        _report(WATCHLIST.feeds[0], FeedHealth.FAILING, FeedFault.NOT_FOUND),
        _report(WATCHLIST.feeds[1], FeedHealth.HEALTHY, None),
        _report(replace(WATCHLIST.feeds[2], paused=True), FeedHealth.HEALTHY, None),
    )
    return admin_pages.feeds_page((first, second, third), language, ZONE)


def _report(feed: Feed, state: FeedHealth, fault: FeedFault | None) -> FeedReport:
    return FeedReport(
        feed=feed,
        state=state,
        fault=fault,
        answer="",
        advice=None,
        last_success_at=NOW - timedelta(hours=3),
        last_entry_at=NOW,
        share_healthy=0.98,
        usual_volume=12.0,
        gap=None,
        longest_gap=None,
    )


CHANGE = EntryChange(
    part="commitments",
    id=WAICO.id,
    title=WAICO.title,
    kind=ChangeKind.CHANGED,
    fields=(
        FieldChange(
            name="tags", before='["china", "governance"]', after='["china", "governance", "un"]'
        ),
    ),
)


def a_proposal(language: Language) -> Message:
    """Return an edit of the watchlist before it counts."""
    gained = HitChange(
        commitment_id=WAICO.id,
        article_id=ArticleId(9),
        title="Twelve states sign its charter",
        url="https://news.example.org/9",
        feed_id=WATCHLIST.feeds[0].id,
        published_at=NOW - timedelta(days=20),
        fetched_at=NOW,
        before=None,
        after=None,
    )
    tested = CommitmentBacktest(
        commitment_id=WAICO.id,
        title=WAICO.title,
        kind=ChangeKind.CHANGED,
        hits_before=12,
        hits_after=13,
        kept=12,
        gained=(gained,),
        lost=(),
        changed=(),
        alerts_a_week_before=0.8,
        alerts_a_week_after=0.9,
    )
    backtest = Backtest(
        version_before="a",
        version_after="b",
        articles=4210,
        since=NOW - timedelta(days=90),
        weeks=12.9,
        seconds=3.1,
        commitments=(tested,),
    )
    return admin_pages.proposal_page(17, (CHANGE,), backtest, language)


def in_use(language: Language) -> Message:
    """Return what the version in use changed."""
    version = AcceptedVersion(
        number=18, version="b", author="telegram:7003", accepted_at=NOW, is_current=True
    )
    return admin_pages.changed_page(version, (CHANGE,), language, ZONE)


def some_problems(language: Language) -> Message:
    """Return what is wrong with an edit."""
    problem = Problem(
        file="watchlist.yaml",
        line=12,
        column=5,
        message="unknown field `alias`",
        suggestion="did you mean `aliases`?",
    )
    return admin_pages.problems_page((problem,), language)


def an_entry(language: Language) -> Message:
    """Return an entry of the watchlist as it can be written back."""
    fields = (
        FieldChange(name="title", before="Harbour fund", after=None),
        FieldChange(name="aliases", before='["Harbour Resilience Fund"]', after=None),
    )
    entry = EntryChange(
        part="commitments",
        id="harbour-fund",
        title="Harbour fund",
        kind=ChangeKind.REMOVED,
        fields=fields,
    )
    return admin_pages.entry_page(entry, language)


def a_trial(language: Language) -> Message:
    """Return what the watchlist makes of a text."""
    report = REPORTS[0]
    hit = TrialHit(
        commitment_id=CENTER.id,
        title=CENTER.title,
        suggestion=report.hit.suggestion,
        score=0.91,
        matches=report.hit.matches,
    )
    miss = NearMiss(
        commitment_id=WAICO.id,
        title=WAICO.title,
        hindrance=Hindrance.CONTEXT,
        matches=report.hit.matches,
    )
    trial = Trial(
        title=report.article.title,
        text=ENGLISH_TEXT,
        url=None,
        language=Language.ENGLISH,
        published_at=None,
        hits=(hit,),
        near_misses=(miss,),
    )
    return admin_pages.trial_page(trial, language)


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
    ("An alert that is a duplicate", lambda language: render_alert(
        replace(a_view(outcome=Outcome.JOINED), joined_to=DevelopmentId(1041)), language, ZONE)),
    ("A stage that changed", lambda language: a_stage_news(
        language, AlertReason.STAGE_CHANGED, stage_before="established", stage_after="operating")),
    ("A correction", lambda language: a_stage_news(
        language, AlertReason.CORRECTED, stage_before="operating", stage_after="established")),
    ("A pledge that is open again", lambda language: a_stage_news(
        language, AlertReason.REOPENED, verdict_before="not_delivered")),
    ("Silence", lambda language: a_silence(language, AlertReason.QUIET, days="60")),
    ("A due date that passed", lambda language: a_silence(
        language, AlertReason.OVERDUE, days="33", days_watched="30", date="2026-10-22")),
    ("An occasion that passed", lambda language: a_silence(
        language, AlertReason.OCCASION_PASSED, name="World AI Conference")),
    ("A reminder", a_reminder),
    ("A daily digest", lambda language: a_digest(language, DigestKind.DAILY)),
    ("After quiet hours", lambda language: a_digest(language, DigestKind.HELD)),
    ("After a downtime", lambda language: a_digest(language, DigestKind.WAITED)),
    ("A week without news", still_watching),
    ("An alert (analysts)", lambda language: for_analysts(
        language, decision_row(a_development(), None, language))),
    ("“Not a follow-up” (analysts)", lambda language: for_analysts(
        language, why_not(a_development(), language))),
    ("“Duplicate” (analysts)", others),
    ("After a decision (analysts)", lambda language: for_analysts(
        language, decision_row(a_development(), DECIDED, language), outcome=Outcome.CONFIRMED)),
    ("/review (analysts)", a_card),
    ("/review on, in a group (analysts)", lambda language: answers.plain(language, "review.on")),
    ("/weblogin (analysts)", lambda language: message([
        line(say(language, "weblogin.link")),
        line("https://pledges.example.org/login?token=…")])),
    ("/invite (admins)", lambda language: message([
        line(say(language, "invite.link")), line("https://t.me/example_bot?start=i_…")])),
    ("/feeds (admins)", some_feeds),
    ("/watch show harbour-fund (admins)", an_entry),
    ("/watch edit waico tags: [china, governance, un] (admins)", a_proposal),
    ("/watch edit, with a mistake in it (admins)", some_problems),
    ("/reload (admins)", in_use),
    ("/test (admins)", a_trial),
    ("A feed broke (admins)", lambda language: a_notice(language, AlertReason.FEED_BROKEN)),
    ("A feed works again (admins)", lambda language: a_notice(
        language, AlertReason.FEED_RECOVERED)),
    *((f"What hinders the program: {reason} (admins)",
       lambda language, reason=reason: a_notice_on_us(language, reason))
      for reason in sorted(OF_OURSELVES)),
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
