"""Admins at work in the chat, over HTTP, on the real watchlist file, matcher and database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.desk import CommandDesk
from alerts.limits import Limiter
from alerts.telegram_commands import TelegramBot
from model.records import Role
from pledgewatch.app import loader
from pledgewatch.settings import Settings
from pledgewatch.watchlist_desk import FileWatchlistDesk
from storage.unit_of_work import begin, reading
from tests.alerts.conftest import ADMIN, ANALYST, ROLES
from tests.alerts.talking import buttons, press, press_data, until, write
from tests.builders import NOON, an_article
from tests.fakes.feed_server import FeedServer
from tests.fakes.telegram_server import TOKEN

ANN, GROUP = 5001, -9001
WATCHLIST = """\
# kept by hand
commitments:
  - id: harbour-fund
    title: {en: Harbour fund, zh-Hans: 港口基金}  # the oldest
    aliases: [Harbour Resilience Fund, 港口韧性基金]
    decoys: [Harbour Resilience Fund Run]
    tags: [coast]
feeds:
  - {id: world, url: "https://news.example.org/rss", title: Example World, language: en}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "watchlist.yaml"
    path.write_text(WATCHLIST, encoding="utf-8")
    return path


@pytest.fixture
async def office(database, talk_server, talk_clock, file):
    """A bot whose admins can edit the watchlist."""
    settings = Settings(watchlist=file, allow_private=("127.0.0.1",))
    load = loader(settings)
    desk = CommandDesk(
        database,
        lambda: load(file),
        talk_clock,
        "UTC",
        role_of=lambda user: ROLES.get(user, Role.SUBSCRIBER),
        desk_url="https://pledges.example.org",
        watchlist_desk=FileWatchlistDesk(settings, database, talk_clock),
    )
    with begin(database) as work:
        work.feeds.ensure(load(file).feeds, NOON)
        work.articles.arrive(
            replace(
                an_article(number=1, title="Coastal Fund opens", text="The Coastal Fund opened."),
                fetched_at=talk_clock.now(),
                published_at=talk_clock.now() - timedelta(days=2),
            )
        )
        version = load(file).version
        work.watchlists.accept(version=version, text=WATCHLIST, author="file", now=NOON)
        work.commit()
    bot = TelegramBot(
        TOKEN, talk_server.url, desk, Limiter(overall=1000), talk_clock, staff=frozenset(ROLES)
    )
    await bot.start()
    yield desk
    await bot.stop()


def audited(database):
    with reading(database) as work:
        return [(row.actor, row.action, row.before, row.after) for row in work.audit.listed()]


def numbers(database):
    with reading(database) as work:
        return [(each.number, each.author) for each in work.watchlists.listed(10)]


# --- who may ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", ["/watch check", "/feeds", "/test x", "/reload", "/invite", "/weblogin", "/review"]
)
async def test_what_is_for_staff_is_unknown_to_others(office, talk_server, database, command):
    assert "do not know that command" in (await write(talk_server, ANN, command)).shown
    assert audited(database) == []


async def test_analysts_are_no_admins(office, talk_server):
    assert "do not know" in (await write(talk_server, ANALYST, "/watch check")).shown
    shown = await write(talk_server, ADMIN, "/feeds")
    notice = await press_data(talk_server, shown, "1a:p:world", user_id=ANALYST)
    assert notice == "Only admins may do that."
    notice = await press_data(talk_server, shown, "1a:a:1", user_id=ANN)
    assert notice == "Only admins may do that."


async def test_an_unknown_command_offers_the_nearest_that_one_may_use(office, talk_server):
    assert "/subscribe" in (await write(talk_server, ANN, "/subscrbe")).shown
    assert "/watch" not in (await write(talk_server, ANN, "/wach")).shown
    assert "/watch" in (await write(talk_server, ADMIN, "/wach")).shown


# --- links --------------------------------------------------------------------------------


async def test_a_login_link_works_once_for_five_minutes_and_is_private(
    office, talk_server, database, talk_clock
):
    said = await write(talk_server, ANALYST, "/weblogin")
    token = said.shown.split("token=")[1]
    assert "https://pledges.example.org/login?token=" in said.shown
    with begin(database) as work:
        assert work.logins.use(token, talk_clock.now()) == (f"telegram:{ANALYST}", Role.ANALYST)
        assert work.logins.use(token, talk_clock.now()) is None
        work.commit()
    assert [row[1] for row in audited(database)] == ["login.made"]
    said = await write(talk_server, GROUP, "/weblogin", user_id=ANALYST)
    assert "Only in private" in said.shown
    assert "token" not in said.shown


async def test_an_invitation_lets_one_chat_in_once(office, talk_server, database):
    object.__setattr__(office.office, "invited_only", True)
    link = (await write(talk_server, ADMIN, "/invite")).shown.split("\n")[-1]
    assert link.startswith("https://t.me/pledge_bot?start=i_")
    payload = link.split("start=")[1]
    assert len(payload) <= 64
    assert "by invitation" in (await write(talk_server, ANN, "/start")).shown
    assert "You follow nothing yet" in (await write(talk_server, ANN, f"/start {payload}")).shown
    assert "by invitation" in (await write(talk_server, ANN + 1, f"/start {payload}")).shown
    assert "You now follow" in (await write(talk_server, ANN, "/subscribe harbour-fund")).shown
    assert [row[1] for row in audited(database)] == ["invitation.made"]


# --- feeds -----------------------------------------------------------------------------------


async def test_a_feed_is_paused_and_resumed_with_its_comments_kept(
    office, talk_server, file, database
):
    page = await write(talk_server, ADMIN, "/feeds")
    assert "Example World — world" in page.shown
    await press(talk_server, page, "Pause Example World")
    await until(lambda: "is paused" in talk_server.of_chat(ADMIN)[-1].shown, "the chat says so")
    paused = talk_server.of_chat(ADMIN)[-1]
    assert "paused: true" in file.read_text()
    assert file.read_text().startswith("# kept by hand")
    await press(talk_server, paused, "Resume Example World")
    await until(lambda: talk_server.of_chat(ADMIN)[-1] is not paused, "the chat says so")
    assert "paused: true" not in file.read_text()
    rows = audited(database)
    assert [(row[0], row[1]) for row in rows] == [
        (f"telegram:{ADMIN}", "watchlist.accepted"),
        (f"telegram:{ADMIN}", "watchlist.accepted"),
    ]
    assert all(before != after for _, _, before, after in rows)


async def test_an_unknown_feed_offers_the_nearest(office, talk_server):
    said = await write(talk_server, ADMIN, "/feeds wrld")
    assert buttons(said) == [("world", "1a:f:world")]
    before = len(talk_server.of_chat(ADMIN))
    await press(talk_server, said, "world")
    await until(lambda: len(talk_server.of_chat(ADMIN)) > before, "the feed")
    assert "Example World — world" in talk_server.of_chat(ADMIN)[-1].shown


# --- the watchlist ------------------------------------------------------------------------------


async def test_an_entry_is_shown_as_it_can_be_written_back(office, talk_server):
    said = await write(talk_server, ADMIN, "/watch show harbour-fund")
    assert 'aliases: ["Harbour Resilience Fund", "港口韧性基金"]' in said.shown
    assert "id: harbour-fund" in said.shown
    said = await write(talk_server, ADMIN, "/watch show world")
    assert "url: " in said.shown
    said = await write(talk_server, ADMIN, "/watch show harbor-fnd")
    assert buttons(said)[0] == ("Harbour fund", "1a:v:harbour-fund")


async def test_a_new_entry_is_shown_backtested_accepted_and_taken_back(
    office, talk_server, file, database
):
    entry = "\n- id: coastal-fund\n  title: Coastal fund\n  aliases: [Coastal Fund]"
    asked = await write(talk_server, ADMIN, f"/watch add{entry}")
    assert "➕ Coastal fund — coastal-fund" in asked.shown
    assert "1 more, 0 fewer" in asked.shown
    assert "Coastal Fund opens" in asked.shown
    assert "coastal-fund" not in file.read_text()  # nothing counts before it is accepted
    before = buttons(asked)
    assert "In use as version 2" in await press(talk_server, asked, "Accept")
    assert "coastal-fund" in file.read_text()
    assert "# the oldest" in file.read_text()
    assert numbers(database) == [(2, f"telegram:{ADMIN}"), (1, "file")]
    accept = next(data for text, data in before if "Accept" in text)
    again = await press_data(talk_server, asked, accept)
    assert "In use as version 2" in again  # pressed again: nothing new
    await until(lambda: "back" in str(buttons(asked)), "the way back")
    assert "Version 1 is in use again" in await press(talk_server, asked, "Take version 2 back")
    assert file.read_text() == WATCHLIST
    assert [row[1] for row in audited(database)] == [
        "watchlist.rolled_back",
        "watchlist.accepted",
    ]


async def test_a_field_is_changed_and_the_others_stay(office, talk_server, file):
    asked = await write(
        talk_server, ADMIN, "/watch edit harbour-fund aliases: [Harbour Resilience Fund, Port Fund]"
    )
    assert "✏️ Harbour fund — harbour-fund" in asked.shown
    assert "Port Fund" in asked.shown
    await press(talk_server, asked, "Accept")
    text = file.read_text()
    assert "Port Fund" in text
    assert "Harbour Resilience Fund Run" in text  # the decoy
    assert "港口基金" in text


async def test_a_wrong_edit_changes_nothing_and_names_its_problems(office, talk_server, file):
    said = await write(talk_server, ADMIN, "/watch edit harbour-fund alias: [Port Fund]")
    assert "did you mean `aliases`" in said.shown
    assert buttons(said) == []
    said = await write(talk_server, ADMIN, "/watch edit harbour-fund aliases: [")
    assert "no YAML that I can read" in said.shown
    said = await write(talk_server, ADMIN, "/watch add - id: x")
    assert "Nothing was changed" in said.shown
    assert file.read_text() == WATCHLIST


async def test_an_edit_of_a_file_that_changed_meanwhile_is_refused(office, talk_server, file):
    asked = await write(talk_server, ADMIN, "/watch edit harbour-fund tags: [port]")
    file.write_text(WATCHLIST.replace("coast", "sea"), encoding="utf-8")
    assert "changed in the meantime" in await press(talk_server, asked, "Accept")
    assert "tags: [sea]" in file.read_text()


async def test_a_discarded_edit_is_gone(office, talk_server, file):
    asked = await write(talk_server, ADMIN, "/watch edit harbour-fund tags: [port]")
    accept = next(data for text, data in buttons(asked) if "Accept" in text)
    await press(talk_server, asked, "Discard")
    await until(lambda: buttons(asked) == [], "the buttons go")
    other = await write(talk_server, ADMIN, "/watch edit harbour-fund tags: [pier]")
    assert "no longer kept" in await press_data(talk_server, asked, accept)
    assert buttons(other) != []
    assert file.read_text() == WATCHLIST


async def test_a_version_is_not_taken_back_over_later_ones(office, talk_server):
    for tag in ("port", "pier"):
        asked = await write(talk_server, ADMIN, f"/watch edit harbour-fund tags: [{tag}]")
        await press(talk_server, asked, "Accept")
    assert "Version 3 came later" in await press_data(talk_server, asked, "1a:r:2")


async def test_check_and_reload_say_what_is_wrong_or_what_differs(
    office, talk_server, file, database
):
    assert "is in order" in (await write(talk_server, ADMIN, "/watch check")).shown
    file.write_text(WATCHLIST.replace("tags: [coast]", "tags: [coast, port]"), encoding="utf-8")
    asked = await write(talk_server, ADMIN, "/reload")
    assert 'tags: ["coast"] → ["coast", "port"]' in asked.shown
    assert "In use as version 2" in await press(talk_server, asked, "Accept")
    again = await write(talk_server, ADMIN, "/reload")
    assert "Version 2 is in use since" in again.shown
    assert '["coast"] → ["coast", "port"]' in again.shown
    file.write_text(WATCHLIST.replace("tags:", "tag:"), encoding="utf-8")
    assert "did you mean `tags`" in (await write(talk_server, ADMIN, "/reload")).shown
    assert numbers(database)[0][0] == 2


# --- a text to try ----------------------------------------------------------------


async def test_a_text_is_tried_and_nothing_is_stored(office, talk_server, database):
    said = await write(
        talk_server,
        ADMIN,
        "/test Harbour Resilience Fund opens\nThe Harbour Resilience Fund opened on Friday.",
    )
    assert "🎯 Harbour fund — harbour-fund" in said.shown
    assert "follow-up" in said.shown
    said = await write(talk_server, ADMIN, "/test The Harbour Resilience Fund Run began.")
    assert "a decoy claims these words" in said.shown
    assert "No pledge" in (await write(talk_server, ADMIN, "/test <b>Weather & sea</b>")).shown
    with reading(database) as work:
        assert work.hits.count() == 0


async def test_an_address_is_fetched_and_tried(office, talk_server):
    page = (
        "<html><head><title>Harbour Resilience Fund opens</title></head><body><article><p>"
        + "The Harbour Resilience Fund opened its first office on Friday. " * 12
        + "</p></article></body></html>"
    )
    with FeedServer() as web:
        web.put("/news.html", page)
        said = await write(talk_server, ADMIN, f"/test {web.url('/news.html')}")
        assert "🎯 Harbour fund" in said.shown
        said = await write(talk_server, ADMIN, f"/test {web.url('/missing.html')}")
        assert "cannot be read" in said.shown


async def test_a_hostile_entry_harms_no_message(office, talk_server, file):
    entry = (
        '\n- id: odd-one\n  title: "<b>&amp;</i> \\"x\\""\n  aliases: ["<script>alert(1)</script>"]'
    )
    asked = await write(talk_server, ADMIN, f"/watch add{entry}")
    assert "<b>&amp;</i>" in asked.shown
    assert talk_server.refused == []


async def test_admins_have_their_menus_and_help(office, talk_server):
    help_page = await write(talk_server, ADMIN, "/help")
    for command in ("watch", "feeds", "test", "reload", "invite", "weblogin", "review"):
        assert f"/{command} —" in help_page.shown
        assert "Example: /" in (await write(talk_server, ADMIN, f"/help {command}")).shown
