"""What the API does when it is told to: decide, take back, move cards of the queue."""

from __future__ import annotations

from datetime import UTC, datetime, time

from starlette.responses import Response

from model.errors import MissingRecordError
from model.records import CommitmentId, Decision, DecisionId, HitId
from model.urgency import QueueItem
from review import api_models as models
from review.api_calling import ApiError, Call, given_json
from storage.deciding import decide as take
from storage.deciding import undo as take_back
from storage.queue import Snooze
from storage.queueing import Wanted, listed
from storage.queueing import snooze as put_to_sleep
from storage.rehousing import development_number
from storage.unit_of_work import UnitOfWork, begin

CREATED = 201


def decide(call: Call) -> Response:
    """Take a decision."""
    given = call.ask(models.DecisionIn)
    with begin(call.desk.database) as work:
        decision = _decision(call, work, given)
        number = take(work, call.watchlist, decision, seen_revision=given.seen_revision)
        stored = work.decisions.get(number)
        work.commit()
    return given_json(models.decision_out(stored), CREATED)


def _decision(call: Call, work: UnitOfWork, given: models.DecisionIn) -> Decision:
    number = development_number(given.development_id)
    about = given.commitment_id
    if number is not None:
        about = about or work.developments.get(number).commitment_id
    if about is None:
        raise ApiError(422, "Say what it is about: development_id or commitment_id.")
    return Decision(
        commitment_id=CommitmentId(about),
        development_id=number,
        actor=call.visitor.actor,
        role=call.visitor.role,
        outcome=given.outcome,
        decided_at=call.now,
        hit_ids=tuple(HitId(each) for each in given.hit_ids),
        clause_ids=tuple(given.clause_ids),
        reason=given.reason,
        milestone=given.milestone,
        milestone_date=given.milestone_date,
        place=given.place,
        setback=given.setback,
        verdict=given.verdict,
        other_id=given.other_id,
        undoes=None if given.undoes is None else DecisionId(given.undoes),
        quote=given.quote,
        note=given.note,
    )


def undo(call: Call) -> Response:
    """Take a decision back."""
    given = call.ask(models.UndoIn).decision_id
    with begin(call.desk.database) as work:
        number = take_back(
            work,
            call.watchlist,
            None if given is None else DecisionId(given),
            actor=call.visitor.actor,
            role=call.visitor.role,
            now=call.now,
        )
        stored = work.decisions.get(number)
        work.commit()
    return given_json(models.decision_out(stored), CREATED)


def snooze(call: Call) -> Response:
    """Let a card sleep."""
    given = call.ask(models.SnoozeIn)
    until = None if given.date is None else datetime.combine(given.date, time(0), UTC)
    if given.until is Snooze.DATE and (until is None or until <= call.now):
        raise ApiError(422, "Say until which day; it lies ahead.")
    with begin(call.desk.database) as work:
        item = _card(call, work)
        found = put_to_sleep(
            work,
            call.watchlist,
            item,
            given.until,
            actor=call.visitor.actor,
            now=call.now,
            until=until,
        )
        if given.until is Snooze.OCCASION and found is None:
            raise ApiError(422, "No occasion of this pledge is ahead.")
        work.commit()
    return given_json(models.Done(key=item.key, until=found))


def wake(call: Call) -> Response:
    """Let a card come back at once."""
    with begin(call.desk.database) as work:
        item = _card(call, work)
        work.queue.wake(item.key)
        work.commit()
    return given_json(models.Done(key=item.key))


def assign(call: Call) -> Response:
    """Give a card to somebody."""
    with begin(call.desk.database) as work:
        item = _card(call, work)
        work.queue.assign(item.key, call.ask(models.AssignIn).assignee)
        work.commit()
    return given_json(models.Done(key=item.key))


def ask_second(call: Call) -> Response:
    """Ask for somebody else's opinion."""
    with begin(call.desk.database) as work:
        item = _card(call, work)
        work.queue.ask_second(item.key, call.visitor.actor, call.now)
        work.commit()
    return given_json(models.Done(key=item.key))


def open_card(call: Call) -> Response:
    """Note that you have a card open."""
    with begin(call.desk.database) as work:
        item = _card(call, work)
        work.queue.open(item.key, call.visitor.actor, call.now)
        work.commit()
    return given_json(models.Done(key=item.key))


def _card(call: Call, work: UnitOfWork) -> QueueItem:
    """Return the card that the path names, awake or asleep."""
    key = call.path["key"]
    for asleep in (False, True):
        for item in listed(work, call.watchlist, call.now, Wanted(asleep=asleep)):
            if item.key == key:
                return item
    raise MissingRecordError(f"There is no card {key} in the queue")
