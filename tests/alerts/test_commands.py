"""What people say to the bot and what it answers, over HTTP, in each language and role."""

from __future__ import annotations

import json
from datetime import time, timedelta

import pytest

from alerts import menus
from alerts.settings_menu import read_span, read_time, read_zone
from alerts.texts import LANGUAGES, catalogue
from model.records import (
    ChatId,
    ChatKind,
    DeliveryMode,
    Development,
    DevelopmentId,
    Language,
    Level,
    Milestone,
    Relation,
    Role,
    Stage,
    Tier,
)
from storage.unit_of_work import begin, reading
from tests.alerts.conftest import ADMIN, ANALYST
from tests.alerts.talking import buttons, press, press_data, until, write
from tests.builders import NOON, a_feed, a_hit, an_article

ANN, GROUP = 5001, -9001
HELPER, MEMBER = 500, 50_000  # an administrator of the group, and somebody who is none
HOSTILE = '<b>"Fund" & <script>\u202e👩‍👩‍👧 ' + "很长的标题" * 900


def subscriptions(database, chat=ANN):
    with reading(database) as work:
        return {each.target: each for each in work.subscribers.subscriptions(ChatId(chat))}


def subscriber(database, chat=ANN):
    with reading(database) as work:
        return work.subscribers.get(ChatId(chat))


def a_follow_up(database, title="Fund opens", number=1):
    with begin(database) as work:
        work.feeds.ensure([a_feed()], NOON)
        _, article_id = work.articles.arrive(an_article(number=number, title=title))
        hit_id = work.hits.add(a_hit(article_id=article_id))
        development_id = work.developments.add(
            Development(
                id=DevelopmentId(0),
                commitment_id="harbour-fund",
                relation=Relation.FOLLOW_UP,
                headline=title,
                lead_article_id=article_id,
                milestone=Milestone.OPERATING,
                setback=None,
                stage=Stage.OPERATING,
                outcome=None,
                event_date=None,
                place=None,
                hit_count=1,
                origin_count=1,
                first_seen_at=NOON,
                last_seen_at=NOON + timedelta(minutes=number),
                revision=1,
            )
        )
        work.hits.place(hit_id, development_id)
        work.commit()
    return development_id


# --- the first minute -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "hello", "done"),
    [
        ("en", "You follow nothing yet", "You now follow"),
        ("zh-hans", "您尚未订阅", "已订阅"),
        ("zh-hant", "您尚未訂閱", "已訂閱"),
    ],
)
async def test_the_first_minute(talking, talk_server, database, code, hello, done):
    for number in range(1, 6):
        a_follow_up(database, f"News {number}", number)
    first = await write(talk_server, ANN, "/start", language_code=code)
    assert hello in first.shown
    assert subscriptions(database) == {}
    chosen = await pressed_message(talk_server, first, menus.CHOOSE)
    followed = await pressed_message(talk_server, chosen, f"{menus.SUBSCRIBE}:harbour-fund")
    assert done in followed.shown
    assert [f"News {n}" in followed.shown for n in range(1, 6)] == [False, False, True, True, True]
    assert set(subscriptions(database)) == {"harbour-fund"}
    assert talk_server.refused == []


async def pressed_message(server, message, data):
    """Press a button and return the message that comes of it."""
    before = len(server.messages)
    await press_data(server, message, data)
    await until(lambda: len(server.messages) > before, data)
    return server.messages[-1]


async def test_every_button_of_the_first_message_leads_somewhere(talking, talk_server, database):
    first = await write(talk_server, ANN, "/start")
    tags = await pressed_message(talk_server, first, menus.TAGS)
    assert buttons(tags) == [("coast (2)", "1s:coast"), ("energy (1)", "1s:energy")]
    assert "the tag “coast”" in (await pressed_message(talk_server, tags, "1s:coast")).shown
    assert "all pledges" in (await pressed_message(talk_server, first, "1s:all")).shown
    await press(talk_server, first, "简体")
    await until(lambda: "跟踪公开承诺" in first.shown, "the first message turns Chinese")
    assert subscriber(database).language is Language.CHINESE_SIMPLIFIED


async def test_links_lead_to_a_pledge_and_to_a_development(talking, talk_server, database):
    number = a_follow_up(database)
    shown = await write(talk_server, ANN, f"/start d_F{number}")
    assert "Fund opens" in shown.shown
    assert f"#F{number}" in shown.shown
    assert subscriptions(database) == {}
    assert (
        "You now follow Harbour fund"
        in (await write(talk_server, ANN, "/start p_harbour-fund")).shown
    )
    for payload in ("p_nobody", "d_F999999", "d_x", "rubbish"):
        answer = await write(talk_server, ANN + 1, f"/start {payload}")
        assert "You follow nothing yet" in answer.shown


async def test_undo_stands_beside_a_new_subscription(talking, talk_server, database):
    followed = await write(talk_server, ANN, "/subscribe harbour-fund")
    stopped = await pressed_message(talk_server, followed, "1x:harbour-fund")
    assert "You no longer follow" in stopped.shown
    assert subscriptions(database) == {}
    await pressed_message(talk_server, stopped, "1s:harbour-fund")
    assert set(subscriptions(database)) == {"harbour-fund"}


async def test_one_pledge_is_left_out_of_all_and_all_is_asked_about(talking, talk_server, database):
    await write(talk_server, ANN, "/subscribe all")
    assert "left out" in (await write(talk_server, ANN, "/unsubscribe harbour-fund")).shown
    asked = await write(talk_server, ANN, "/unsubscribe all")
    assert "Stop every alert?" in asked.shown
    assert set(subscriptions(database)) == {"all"}
    await pressed_message(talk_server, asked, "1x:all:y")
    assert subscriptions(database) == {}


async def test_an_unknown_name_offers_the_nearest_for_the_same_command(talking, talk_server):
    for command, action in (
        ("subscribe", "1s"),
        ("status", "1t"),
        ("history", "1h"),
        ("mute", "1m"),
    ):
        answer = await write(talk_server, ANN, f"/{command} harbor-fnd")
        assert buttons(answer)[0] == ("Harbour fund", f"{action}:harbour-fund")


# --- settings ---------------------------------------------------------------------------


async def test_each_subscription_has_its_settings(talking, talk_server, database):
    await write(talk_server, ANN, "/subscribe harbour-fund")
    listed = await write(talk_server, ANN, "/list")
    assert "new developments · at once · every language · every source" in listed.shown
    menu = await pressed_message(talk_server, listed, "1o::harbour-fund")
    for label in ("everything", "weekly", "English", "繁體", "B"):
        await press(talk_server, menu, label)
    await until(lambda: "tier B or better" in menu.shown, "the menu shows what was chosen")
    chosen = subscriptions(database)["harbour-fund"]
    assert (chosen.level, chosen.mode) == (Level.EVERYTHING, DeliveryMode.WEEKLY_DIGEST)
    assert chosen.languages == (Language.ENGLISH, Language.CHINESE_TRADITIONAL)
    assert chosen.lowest_tier is Tier.B
    assert len(talk_server.of_chat(ANN)) == 3  # the menu changed in its place


async def test_a_digest_has_a_time_and_a_zone(talking, talk_server, database):
    await write(talk_server, ANN, "/subscribe all")
    said = await write(talk_server, ANN, "/digest weekly 09:30 asia/shanghai")
    assert "on Mondays at 09:30 (Asia/Shanghai)" in said.shown
    assert subscriptions(database)["all"].mode is DeliveryMode.WEEKLY_DIGEST
    await press(talk_server, said, "18:00")
    await press(talk_server, said, "at once")
    await until(lambda: "told at once" in said.shown, "the digest is off")
    assert subscriber(database).digest_at == time(18, 0)
    assert subscriptions(database)["all"].mode is DeliveryMode.IMMEDIATE
    assert "Asia/Shanghai" in (await write(talk_server, ANN, "/digest daily Asia/Shangai")).shown


async def test_quiet_hours_are_set_and_let_stage_changes_through(talking, talk_server, database):
    said = await write(talk_server, ANN, "/quiet 22:00-07:00 Asia/Shanghai override")
    assert "22:00–07:00 (Asia/Shanghai)" in said.shown
    found = subscriber(database)
    assert (found.quiet_from, found.quiet_until) == (time(22), time(7))
    assert (found.timezone, found.stage_changes_override) == ("Asia/Shanghai", True)
    await press(talk_server, said, "Hold stage changes too")
    await press(talk_server, said, "No quiet hours")
    await until(lambda: "None: alerts come" in said.shown, "quiet hours are off")
    found = subscriber(database)
    assert (found.quiet_from, found.stage_changes_override) == (None, False)
    assert "no time" in (await write(talk_server, ANN, "/quiet sometimes")).shown


@pytest.mark.parametrize(
    ("text", "read"),
    [("8", time(8)), ("08:30", time(8, 30)), ("0830", time(8, 30)), ("24:00", time(0)),
     ("8：15", time(8, 15)), ("25:00", None), ("8:60", None), ("24:30", None), ("noon", None)],
)  # fmt: skip
def test_times_are_read_as_people_write_them(text, read):
    assert read_time(text) == read


def test_spans_and_zones_are_read_as_people_write_them():
    assert read_span("22:00–7") == (time(22), time(7))
    assert read_span("7-7") is None
    assert read_zone("asia/SHANGHAI") == "Asia/Shanghai"
    assert read_zone("Mars/Olympus") is None


async def test_mute_changes_its_own_button_and_leaves_the_others(talking, talk_server, database):
    number = a_follow_up(database)
    alert = await write(talk_server, ANN, f"/start d_F{number}")
    others = [each for each in buttons(alert) if not each[1].startswith("1m")]
    await press(talk_server, alert, "Mute")
    await until(lambda: "1 week" in str(buttons(alert)), "how long")
    await press(talk_server, alert, "Back")
    await until(lambda: "1 week" not in str(buttons(alert)), "back")
    await press(talk_server, alert, "Mute")
    await until(lambda: "1 week" in str(buttons(alert)), "how long")
    assert "is muted until" in await press(talk_server, alert, "1 week")
    await until(lambda: "Unmute" in str(buttons(alert)), "unmute is offered")
    assert [each for each in buttons(alert) if each[1][:2] not in {"1m", "1e"}] == others
    assert "muted until" in (await write(talk_server, ANN, "/list")).shown
    assert "no longer muted" in await press(talk_server, alert, "Unmute")
    with reading(database) as work:
        assert work.subscribers.mutes(ChatId(ANN)) == ()


async def test_own_data_is_handed_over_and_deleted(talking, talk_server, database):
    assert "Nothing is stored" in (await write(talk_server, ANN, "/export")).shown
    await write(talk_server, ANN, "/subscribe harbour-fund")
    exported = await write(talk_server, ANN, "/export")
    data = json.loads(exported.file)
    assert data["chat"]["chat_id"] == ANN
    assert data["subscriptions"][0]["target"] == "harbour-fund"
    asked = await write(talk_server, ANN, "/forget")
    assert subscriber(database) is not None
    await pressed_message(talk_server, asked, "1f:y")
    assert subscriber(database) is None


# --- groups, topics, invitations ----------------------------------------------------------


async def test_in_a_group_only_administrators_change_settings(talking, talk_server, database):
    said = await write(talk_server, GROUP, "/subscribe all", user_id=MEMBER)
    assert "Only administrators" in said.shown
    followed = await write(talk_server, GROUP, "/subscribe@pledge_bot all", user_id=HELPER)
    assert "You now follow" in followed.shown
    notice = await press_data(talk_server, followed, "1x:all", user_id=MEMBER)
    assert "Only administrators" in notice
    assert set(subscriptions(database, GROUP)) == {"all"}
    assert "Pledgewatch" in (await write(talk_server, GROUP, "/status", user_id=MEMBER)).shown


async def test_an_administrator_who_stays_anonymous_may_change_settings(
    talking, talk_server, database
):
    group = {"id": GROUP, "type": "supergroup", "title": "Group"}
    said = await write(talk_server, GROUP, "/subscribe all", user_id=1087968824, sender_chat=group)
    assert "You now follow" in said.shown


async def test_a_command_for_another_bot_is_not_ours(talking, talk_server, database):
    talk_server.says(GROUP, "/subscribe@other_bot all", user_id=HELPER)
    await write(talk_server, GROUP, "/status@pledge_bot", user_id=HELPER)
    assert subscriptions(database, GROUP) == {}
    assert len(talk_server.of_chat(GROUP)) == 1


async def test_a_channel_is_subscribed_by_a_post_and_has_no_staff(talking, talk_server, database):
    channel = -1009
    talk_server.posts(channel, "/watch check")
    talk_server.posts(channel, "/subscribe@other_bot all")
    talk_server.posts(channel, "/subscribe harbour-fund")
    await until(lambda: talk_server.of_chat(channel), "the channel follows")
    assert "You now follow Harbour fund" in talk_server.of_chat(channel)[0].shown
    assert set(subscriptions(database, channel)) == {"harbour-fund"}
    assert subscriber(database, channel).kind is ChatKind.CHANNEL
    notice = await press_data(
        talk_server, talk_server.of_chat(channel)[0], "1x:harbour-fund", user_id=MEMBER
    )
    assert "Only administrators" in notice
    assert len(talk_server.of_chat(channel)) == 1


async def test_a_subscription_in_a_forum_topic_stays_there(talking, talk_server, database):
    topic = {"message_thread_id": 77, "is_topic_message": True}
    followed = await write(talk_server, GROUP, "/subscribe all", user_id=HELPER, **topic)
    assert subscriptions(database, GROUP)["all"].topic_id == 77
    menu = await pressed_as(talk_server, followed, "1o::all", HELPER)
    assert "in a topic of this group" in menu.shown
    await press(talk_server, menu, "to the group", user_id=HELPER)
    assert subscriptions(database, GROUP)["all"].topic_id is None


async def pressed_as(server, message, data, user):
    before = len(server.messages)
    await press_data(server, message, data, user_id=user)
    await until(lambda: len(server.messages) > before, data)
    return server.messages[-1]


# --- menus and help -------------------------------------------------------------------------


def test_every_command_has_usage_example_effect_and_undo_in_each_language():
    for language in LANGUAGES:
        texts = catalogue(language)
        for command in menus.COMMANDS:
            lines = texts[f"help.{command}"].split("\n")
            assert lines[0].startswith(f"/{command}")
            assert lines[1].startswith(("Example: /", "例：/"))
            assert len(lines) >= 3
            undo = ("undo", "Undo", "undone", "撤销", "撤銷")
            assert any(word in texts[f"help.{command}"] for word in undo), (language, command)
            assert 1 <= len(texts[f"command.{command}"]) <= 256


async def test_menus_hold_what_each_role_may_in_each_language(talking, talk_server):
    menus_of = {
        ((menu.get("scope") or {}).get("chat_id"), menu.get("language_code")): menu["commands"]
        for menu in talk_server.menus
        if (menu.get("scope") or {}).get("type") in {"all_private_chats", "chat"}
    }
    assert set(menus_of) == {
        (chat, code) for chat in (None, 7001, 7002, 7003) for code in (None, "en", "zh")
    }
    names = {key: [each["command"] for each in menu] for key, menu in menus_of.items()}
    assert "review" not in names[None, "en"]
    assert "review" in names[ANALYST, "zh"]
    assert "watch" not in names[ANALYST, "zh"]
    assert "watch" in names[ADMIN, None]
    assert {each["command"]: each["description"] for each in menus_of[None, "zh"]}["help"] == (
        "全部命令"
    )


@pytest.mark.parametrize(
    ("user", "role"), [(ANN, Role.SUBSCRIBER), (ANALYST, Role.ANALYST), (ADMIN, Role.ADMIN)]
)
@pytest.mark.parametrize("code", ["en", "zh-hans", "zh-hant"])
async def test_help_shows_what_each_role_may(talking, talk_server, user, role, code):
    said = (await write(talk_server, user, "/help", language_code=code)).shown
    for command in menus.COMMANDS:
        assert (f"/{command} —" in said) == (command in menus.commands_of(role))
    one = (await write(talk_server, user, "/help review", language_code=code)).shown
    assert one.startswith("/review") == (role is not Role.SUBSCRIBER)


async def test_a_command_of_a_higher_role_is_unknown_to_others(talking, talk_server):
    for command in (*menus.FOR_ANALYSTS, *menus.FOR_ADMINS):
        said = await write(talk_server, ANN, f"/{command}")
        assert "do not know that command" in said.shown


# --- what is hostile, huge, or old -------------------------------------------------------------


async def test_hostile_and_huge_titles_are_answered_as_text(talking, talk_server, database):
    number = a_follow_up(database, HOSTILE)
    await write(talk_server, ANN, "/subscribe harbour-fund")
    for text in ("/history harbour-fund", "/status harbour-fund", f"/start d_F{number}"):
        assert '<b>"Fund" & <script>' in (await write(talk_server, ANN, text)).shown
    await write(talk_server, ANN, f"/subscribe {HOSTILE}"[:4000])
    await write(talk_server, ANN, f"/mute {HOSTILE}"[:4000])
    await write(talk_server, ANN, f"/digest {HOSTILE}"[:4000])
    assert talk_server.refused == []


@pytest.mark.parametrize(
    "data", ["9z:whatever", "1", ":", "1s:", "1o:lx:nobody", "1m:nobody", "1w:??"]
)
async def test_a_button_nobody_made_is_answered_and_changes_nothing(
    talking, talk_server, database, data
):
    message = await write(talk_server, ANN, "/help")
    await press_data(talk_server, message, data)
    assert subscriptions(database) == {}


async def test_an_old_button_says_so(talking, talk_server):
    message = await write(talk_server, ANN, "/help")
    assert "older version" in await press_data(talk_server, message, "0c:17")


async def test_a_picture_shows_where_a_pledge_stands(talking, talk_server, database):
    a_follow_up(database)
    answer = await write(talk_server, ANN, "/status harbour-fund")
    assert answer.file.startswith(b"\x89PNG")
    assert "preparing" in answer.shown
