"""Analysts decide in the chat, over HTTP: who may, who was first, what becomes of what was sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts import menus
from alerts.choosing import route_outbox
from alerts.dispatching import Dispatcher
from model.records import (
    AlertReason,
    ChatId,
    ChatKind,
    DevelopmentId,
    Language,
    Milestone,
    Outcome,
    Role,
    Setback,
    Stage,
    Subscriber,
    Subscription,
)
from storage.unit_of_work import begin, reading
from tests.alerts.conftest import ADMIN, ANALYST, ROLES, SECOND_ANALYST, bot_of
from tests.alerts.talking import buttons, press, press_data, until, write
from tests.alerts.test_commands import a_follow_up

READER, GROUP, OUTSIDER = 5001, -9001, 50_000


class Desk:
    """The parts that a decision goes through, from the press to the edits."""

    def __init__(self, database, server, clock, watchlist, bot, writer):
        self.database, self.server, self.clock = database, server, clock
        self.watchlist, self.bot = watchlist, bot
        self._dispatcher = Dispatcher(
            database,
            lambda: watchlist,
            bot.sender,
            clock,
            writer,
            role_of=lambda user: ROLES.get(user, Role.SUBSCRIBER),
        )
        self.restarted = None

    def subscribe(self, *chats, reviews=False, language=Language.ENGLISH):
        with begin(self.database) as work:
            for chat in chats:
                kind = ChatKind.PRIVATE if chat > 0 else ChatKind.GROUP
                work.subscribers.save(
                    Subscriber(chat_id=ChatId(chat), kind=kind, reviews=reviews, language=language)
                )
                work.subscribers.subscribe(Subscription(chat_id=ChatId(chat), target="all"))
            work.commit()

    async def tell(self, number=1, title="Fund opens", **changes):
        """Raise an alert on a new development and send it; return the development's number."""
        development_id = a_follow_up(self.database, title, number)
        with begin(self.database) as work:
            found = work.developments.get(development_id)
            work.developments.save(replace(found, told=True, **changes))
            work.outbox.add(
                key=f"development.{development_id}.1",
                commitment_id=found.commitment_id,
                development_id=development_id,
                reason=AlertReason.NEW_DEVELOPMENT,
                raised_at=self.clock.now(),
            )
            work.commit()
        await self.deliver()
        return development_id

    async def deliver(self):
        route_outbox(self.database, self.watchlist, "UTC", self.clock.now())
        await self._dispatcher.send_due()

    def development(self, number):
        with reading(self.database) as work:
            return work.developments.get(DevelopmentId(number))

    def outcomes(self, number):
        with reading(self.database) as work:
            return [each.outcome for each in work.decisions.of_development(DevelopmentId(number))]


@pytest.fixture
def desk(database, talk_server, talk_clock, pledges, talking):
    with ThreadPoolExecutor(max_workers=1) as writer:
        yield Desk(database, talk_server, talk_clock, pledges, talking, writer)


def labels(message):
    return [text for text, _ in buttons(message)]


async def test_only_analysts_and_review_groups_see_the_buttons(desk, talk_server):
    desk.subscribe(READER, ANALYST, ADMIN)
    desk.subscribe(GROUP, reviews=True)
    desk.subscribe(GROUP - 1)
    await desk.tell()
    shown = {each.chat_id: "✅ Confirm" in labels(each) for each in talk_server.messages}
    assert shown == {READER: False, ANALYST: True, ADMIN: True, GROUP: True, GROUP - 1: False}


@pytest.mark.parametrize(
    ("language", "confirmed", "undo"),
    [
        (Language.ENGLISH, "(confirmed)", "✅ Confirmed by Ann · Undo"),
        (Language.CHINESE_SIMPLIFIED, "（已确认）", "✅ Ann 已确认 · 撤销"),
        (Language.CHINESE_TRADITIONAL, "（已確認）", "✅ Ann 已確認 · 撤銷"),
    ],
)
async def test_a_confirmation_shows_in_every_chat_and_is_undone_there(
    desk, talk_server, language, confirmed, undo
):
    desk.subscribe(READER, ANALYST, language=language)
    number = await desk.tell()
    (told,), (card,) = talk_server.of_chat(READER), talk_server.of_chat(ANALYST)
    before = told.shown
    notice = await press_data(
        talk_server, card, f"1c:{menus.to_base36(number)}:{Stage.OPERATING.level}"
    )
    assert "Ann" in notice
    await until(lambda: undo in labels(card), "the buttons show who decided")
    await desk.deliver()
    assert confirmed in told.shown
    assert "Ann" not in told.shown + str(told.markup)  # readers are not told who decided
    assert undo in labels(card)
    decision = next(data for text, data in buttons(card) if text == undo)
    await press_data(talk_server, card, decision)
    await desk.deliver()
    assert told.shown == before
    assert desk.outcomes(number) == [Outcome.CONFIRMED, Outcome.UNDONE]
    stages = [m for m in talk_server.of_chat(READER) if m.reply_to == told.message_id]
    assert len(stages) == 2  # the stage was told, and its correction


async def test_pressed_twice_or_by_a_second_analyst_the_first_wins(desk, talk_server):
    desk.subscribe(ANALYST, SECOND_ANALYST)
    number = await desk.tell()
    (first,), (second,) = talk_server.of_chat(ANALYST), talk_server.of_chat(SECOND_ANALYST)
    data = f"1c:{menus.to_base36(number)}:5"
    assert "Confirmed by Ann" in await press_data(talk_server, first, data)
    at = f"{desk.clock.now():%H:%M}"
    again = await press_data(talk_server, first, data)
    assert again.startswith("You decided already, at ")
    late = await press_data(talk_server, second, f"1n:{menus.to_base36(number)}:4", name="Bob")
    assert late == f"Somebody was faster, at {at}: ✅ Confirmed by Ann." or "faster" in late
    await until(lambda: "✅ Confirmed by Ann · Undo" in labels(second), "the second sees who")
    assert desk.outcomes(number) == [Outcome.CONFIRMED]


async def test_an_outsider_is_refused_and_changes_nothing(desk, talk_server):
    desk.subscribe(GROUP, reviews=True)
    number = await desk.tell()
    (card,) = talk_server.of_chat(GROUP)
    before = buttons(card)
    code = menus.to_base36(number)
    for data in (f"1c:{code}:5", f"1n:{code}", f"1n:{code}:4", f"1d:{code}", "1u:1", "1q::"):
        notice = await press_data(talk_server, card, data, user_id=OUTSIDER)
        assert notice == "Only analysts may review."
    assert desk.outcomes(number) == []
    assert buttons(card) == before


async def test_a_restart_changes_nothing_about_a_button(
    desk, database, talk_server, talk_clock, pledges
):
    desk.subscribe(ANALYST)
    number = await desk.tell()
    (card,) = talk_server.of_chat(ANALYST)
    await desk.bot.stop()
    again = bot_of(database, talk_server, talk_clock, pledges)
    await again.start()
    try:
        data = f"1c:{menus.to_base36(number)}:5"
        assert "Confirmed by Ann" in await press_data(talk_server, card, data)
        assert "You decided" in await press_data(talk_server, card, data)
    finally:
        await again.stop()


async def test_a_button_that_shows_another_stage_than_is_suggested_now_confirms_nothing(
    desk, talk_server
):
    desk.subscribe(ANALYST)
    number = await desk.tell()
    (card,) = talk_server.of_chat(ANALYST)
    with begin(desk.database) as work:
        found = work.developments.get(number)
        work.developments.save(
            replace(found, stage=Stage.AGREED, milestone=Milestone.SIGNED, revision=2)
        )
        work.commit()
    code = menus.to_base36(number)
    assert "changed" in await press_data(talk_server, card, f"1c:{code}:5")
    await until(lambda: f"1c:{code}:3" in str(buttons(card)), "the button is renewed")
    assert desk.outcomes(number) == []


@pytest.mark.parametrize("data", ["1c:zzzzzz:5", "1c::", "1u:zzz", "1n:1:77", "0c:1", "1c:!:5"])
async def test_a_button_that_means_nothing_any_more_says_so(desk, talk_server, data):
    desk.subscribe(ANALYST)
    await desk.tell()
    (card,) = talk_server.of_chat(ANALYST)
    assert "older version" in await press_data(talk_server, card, data)


@pytest.mark.parametrize(
    ("label", "outcome", "reason", "shown"),
    [
        ("Nothing new", Outcome.RESTATEMENT, 4, "Not a follow-up: nothing new"),
        ("Only planned", Outcome.RESTATEMENT, 5, "Not a follow-up: nothing new"),
        ("Old news", Outcome.RESTATEMENT, 7, "Not a follow-up: nothing new"),
        ("Not this pledge", Outcome.REJECTED, 1, "Not about this pledge"),
    ],
)
async def test_what_is_no_follow_up_has_one_of_four_reasons(
    desk, talk_server, label, outcome, reason, shown
):
    desk.subscribe(READER, ANALYST)
    number = await desk.tell()
    (told,), (card,) = talk_server.of_chat(READER), talk_server.of_chat(ANALYST)
    await press(talk_server, card, "Not a follow-up")
    await until(lambda: "Old news" in labels(card), "the reasons")
    await press(talk_server, card, "Back")
    await until(lambda: "✅ Confirm" in labels(card), "back")
    await press(talk_server, card, "Not a follow-up")
    await until(lambda: "Old news" in labels(card), "the reasons")
    await press(talk_server, card, label)
    with reading(desk.database) as work:
        (decision,) = work.decisions.of_development(DevelopmentId(number))
    assert (decision.outcome, decision.reason) == (outcome, reason)
    assert decision.actor == f"telegram:{ANALYST}"
    await desk.deliver()
    assert shown in told.shown
    assert "<s>Harbour fund</s>" in told.text


async def test_a_duplicate_is_joined_to_one_of_the_newest_five(desk, talk_server):
    desk.subscribe(READER, ANALYST)
    numbers = [await desk.tell(each, f"News {each}") for each in range(1, 8)]
    card = talk_server.of_chat(ANALYST)[-1]
    await press(talk_server, card, "Duplicate")
    await until(lambda: "#F" in str(labels(card)), "the others")
    offered = [text for text in labels(card) if text.startswith("#F")]
    assert [text.split()[0] for text in offered] == [f"#F{n}" for n in reversed(numbers[1:6])]
    await press(talk_server, card, offered[0])
    await desk.deliver()
    told = talk_server.of_chat(READER)[-1]
    assert f"Same event as #F{numbers[5]}" in told.shown
    assert desk.development(numbers[-1]).joined_to == numbers[5]


async def test_a_setback_is_confirmed_as_one(desk, talk_server):
    desk.subscribe(READER, ANALYST)
    number = await desk.tell(setback=Setback.POSTPONED, milestone=None, stage=None)
    (told,), (card,) = talk_server.of_chat(READER), talk_server.of_chat(ANALYST)
    await press(talk_server, card, "✅ Confirm")
    await desk.deliver()
    assert desk.outcomes(number) == [Outcome.SETBACK]
    assert "postponed (confirmed)" in told.shown


async def test_what_names_no_step_cannot_be_confirmed_but_refused(desk, talk_server):
    desk.subscribe(ANALYST)
    await desk.tell(milestone=None, stage=None)
    (card,) = talk_server.of_chat(ANALYST)
    assert "✅ Confirm" not in labels(card)
    assert "🚫 Not a follow-up" in labels(card)


async def test_a_step_in_the_future_is_refused_with_the_reason(desk, talk_server):
    desk.subscribe(ANALYST)
    number = await desk.tell(event_date="2199-01-01")
    (card,) = talk_server.of_chat(ANALYST)
    assert "its date is in the future" in await press(talk_server, card, "✅ Confirm")
    assert desk.outcomes(number) == []


async def test_what_was_decided_before_it_went_is_not_sent(desk, talk_server):
    desk.subscribe(ANALYST)
    await desk.tell()
    (card,) = talk_server.of_chat(ANALYST)
    desk.subscribe(READER)
    with begin(desk.database) as work:
        work.subscribers.park(ChatId(READER), desk.clock.now() + timedelta(hours=1))
        work.commit()
    number = await desk.tell(2, "Second")
    card = talk_server.of_chat(ANALYST)[-1]
    await press_data(talk_server, card, f"1n:{menus.to_base36(number)}:4")
    desk.clock.ahead = timedelta(hours=2)
    await desk.deliver()
    assert talk_server.of_chat(READER) == []


async def test_a_decision_overtakes_the_pause_between_edits(desk, talk_server):
    desk.subscribe(READER, ANALYST)
    number = await desk.tell()
    with begin(desk.database) as work:
        work.outbox.add(
            key=f"development.{number}.2",
            commitment_id="harbour-fund",
            development_id=number,
            reason=AlertReason.MORE_OUTLETS,
            raised_at=desk.clock.now(),
        )
        work.commit()
    await desk.deliver()  # the edit rests for two minutes
    (told,), (card,) = talk_server.of_chat(READER), talk_server.of_chat(ANALYST)
    await press(talk_server, card, "✅ Confirm")
    await desk.deliver()
    assert "(confirmed)" in told.shown


# --- the queue ------------------------------------------------------------------------


async def test_the_queue_comes_card_by_card_and_loses_nothing(desk, talk_server):
    for number in range(1, 4):
        a_follow_up(desk.database, f"News {number}", number)
    card = await write(talk_server, ANALYST, "/review")
    assert "3 cards left · would change the stage" in card.shown
    first = card.shown
    await press(talk_server, card, "Next")
    await until(lambda: card.shown != first, "the next card takes the place of the first")
    before = len(talk_server.of_chat(ANALYST))
    await press(talk_server, card, "✅ Confirm")
    await until(lambda: "Undo" in str(labels(card)), "decided")
    await press(talk_server, card, "Next")
    await until(lambda: len(talk_server.of_chat(ANALYST)) > before, "the next card")
    last = talk_server.of_chat(ANALYST)[-1]
    assert "2 cards left" in last.shown
    assert "Undo" in str(labels(card))  # the decided card keeps its way back
    await press(talk_server, last, "Next")
    await until(lambda: "seen them all; 2 wait" in last.shown, "the end")
    await press(talk_server, last, "From the start")
    await until(lambda: "2 cards left" in last.shown, "from the start")
    assert "Follow-up: News 3" in last.shown
    assert "Follow-up: News 3" in first


async def test_the_queue_is_for_analysts(desk, talk_server):
    assert "do not know that command" in (await write(talk_server, READER, "/review")).shown
    assert "Nothing waits" in (await write(talk_server, ANALYST, "/review")).shown


async def test_an_analyst_lets_a_group_review(desk, talk_server):
    desk.subscribe(GROUP)
    said = await write(talk_server, GROUP, "/review on", user_id=ANALYST)
    assert "now carry the analysts' buttons" in said.shown
    await desk.tell()
    assert "✅ Confirm" in labels(talk_server.of_chat(GROUP)[-1])
    await write(talk_server, GROUP, "/review off", user_id=ANALYST)
    await desk.tell(2, "Second")
    assert "✅ Confirm" not in labels(talk_server.of_chat(GROUP)[-1])
    with reading(desk.database) as work:
        done = [(row.action, row.before, row.after) for row in work.audit.listed()]
    assert done == [("review_group", "on", "off"), ("review_group", "off", "on")]
