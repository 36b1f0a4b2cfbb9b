"""The review queue: the list, the card, the ledger; and what happens when a key is pressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from model.errors import ConflictError, DecisionRefusedError
from model.ledger import Verdict, clause_names, in_effect
from model.records import Decision, HitId, Milestone, Outcome, Setback, Watchlist
from model.text import fold_characters
from model.urgency import QueueItem, Urgency
from review.asking import Ask, RefusedError
from review.cards import card_of
from review.deciding import Pressed, decision_of, development_in
from review.snoozing import SNOOZES, put_to_sleep
from storage.deciding import decide, undo
from storage.queueing import Wanted, listed
from storage.unit_of_work import UnitOfWork, begin, reading

LISTED = 60  # cards in the list at once
PASSED_ON = ("q", "urgency", "asleep", "mine")  # filters that a decision goes back to


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoable:
    """The last thing that somebody decided and may take back: one decision, or a whole batch."""

    decisions: tuple[Decision, ...]
    headline: str

    @property
    def first(self) -> Decision:
        """Return the decision that is named."""
        return self.decisions[0]


def queue_page(ask: Ask) -> Response:
    """Show what waits, and one card of it whole."""
    return show(ask)


def show(
    ask: Ask, *, problems: Sequence[str] = (), at: str | None = None, status: int = 200
) -> Response:
    """Return the queue's page; with problems, at the card they are about."""
    wanted = at or ask.query("at")
    with begin(ask.desk.database) as work:
        every = listed(work, ask.watchlist, ask.now, _wanted(ask))
        items = [item for item in every if _fits(ask, item)]
        current = next((item for item in items if item.key == wanted), None)
        gone = bool(wanted) and current is None
        current = current or (items[0] if items else None)
        card = None if current is None else card_of(ask, work, current)
        if current is not None:
            work.queue.open(current.key, ask.visitor.actor, ask.now)
        undoable = last_decided(work, ask)
        decided = _decided_today(work, ask)
        work.commit()
    return ask.page(
        "queue.html",
        status=status,
        waiting=len(every),
        items=items,
        groups=_groups(items, current),
        card=card,
        gone=gone and not problems,
        neighbour=_around(items, current),
        undoable=undoable,
        decided=decided,
        problems=problems,
        back=back_of(ask),
        milestones=tuple(Milestone),
        setbacks=tuple(Setback),
        verdicts=tuple(each for each in Verdict if each is not Verdict.OPEN),
        clauses=() if card is None else clause_names(card.commitment),
        pledges=ask.watchlist.commitments,
        snoozes=SNOOZES,
        tomorrow=(ask.now + timedelta(days=1)).date(),
        in_a_week=(ask.now + timedelta(days=7)).date(),
        people=sorted({each for each in _people(every) if each != ask.visitor.actor}),
    )


def _wanted(ask: Ask) -> Wanted:
    value = ask.query("urgency")
    return Wanted(
        viewer=ask.visitor.actor,
        urgency=Urgency(value) if value in tuple(Urgency) else None,
        assignee=ask.visitor.actor if ask.query("mine") else None,
        asleep=bool(ask.query("asleep")),
    )


def _people(items: Sequence[QueueItem]) -> set[str]:
    return {each.assignee for each in items if each.assignee}


def _fits(ask: Ask, item: QueueItem) -> bool:
    """Tell whether every word of the filter is in the pledge's names, the headline, or `lang:`."""
    commitment = ask.watchlist.commitment(item.commitment_id)
    names = [item.commitment_id, item.key.lower()]
    if commitment is not None:
        names += [commitment.title, *(title for _, title in commitment.titles)]
    if item.development is not None:
        names.append(item.development.headline)
    text = fold_characters(" ".join(names))
    return all(_has(word, text, item) for word in fold_characters(ask.query("q")).split())


def _has(word: str, text: str, item: QueueItem) -> bool:
    kind, colon, value = word.partition(":")
    if kind == "lang" and colon:
        headline = item.development.headline if item.development else ""
        chinese = any("\u4e00" <= character <= "\u9fff" for character in headline)
        return chinese == value.startswith("zh")
    return word in text


def _groups(
    items: Sequence[QueueItem], current: QueueItem | None
) -> list[tuple[Urgency, list[QueueItem], int]]:
    """Return the list by urgency: what is shown of each group, and how many there are."""
    at = items.index(current) if current in items else 0
    begin_at = max(0, at - LISTED // 2)
    shown = items[begin_at : begin_at + LISTED]
    return [
        (urgency, group, sum(item.urgency is urgency for item in items))
        for urgency in Urgency
        if (group := [item for item in shown if item.urgency is urgency])
    ]


def _around(
    items: Sequence[QueueItem], current: QueueItem | None
) -> tuple[QueueItem | None, QueueItem | None]:
    if current is None:
        return None, None
    at = items.index(current)
    before = items[at - 1] if at > 0 else None
    return before, items[at + 1] if at + 1 < len(items) else None


def back_of(ask: Ask) -> str:
    """Return the filters in use as an address goes on with them."""
    pairs = [(name, ask.query(name)) for name in PASSED_ON if ask.query(name)]
    return urlencode(pairs)


def _decided_today(work: UnitOfWork, ask: Ask) -> int:
    midnight = datetime.combine(ask.now.date(), time(0), UTC)
    taken = [e for e in work.decisions.of_actor(ask.visitor.actor) if e.decided_at >= midnight]
    undone = {each.undoes for each in taken if each.outcome is Outcome.UNDONE}
    return sum(e.id not in undone and e.outcome is not Outcome.UNDONE for e in taken)


# --- what is pressed -----------------------------------------------------------------


def decide_one(ask: Ask) -> Response:
    """Take one decision, or change the card's place in the queue; go on to the next card."""
    key, what = ask.field("key"), ask.field("decision")
    if what.startswith("snooze") or what in {"assign", "unassign", "wake", "ask_second"}:
        return _arrange(ask, key, what)
    try:
        with begin(ask.desk.database) as work:
            pressed = _pressed(ask, work, key, what)
            decision = decision_of(pressed)
            if decision is None:
                return show_again(ask, key, ())
            decide(work, ask.watchlist, decision, seen_revision=_revision(ask))
            work.commit()
    except DecisionRefusedError as error:
        return show_again(ask, key, [ask.say(f"refusal.{each}") for each in error.refusals])
    except ConflictError as error:
        return conflict_page(ask, key, what, error)
    return ask.go(_next(ask, key))


def show_again(ask: Ask, key: str, problems: Sequence[str]) -> Response:
    """Show the card again with what stands against the decision; what was typed is kept."""
    return show(ask, problems=problems, at=key, status=400 if problems else 200)


def conflict_page(ask: Ask, key: str, what: str, error: ConflictError) -> Response:
    """Say that somebody was faster: both decisions side by side, and the way on."""
    number = development_in(key)
    with reading(ask.desk.database) as work:
        development = None if number is None else work.developments.get(number)
        seen = 0 if number is None else len(work.developments.hit_ids(number))
    return ask.page(
        "conflict.html",
        status=409,
        other=error.other,
        development=development,
        what=what,
        hits_now=seen,
        hits_seen=len(ask.field("seen").split()),
        next=_next(ask, key),
    )


def _pressed(ask: Ask, work: UnitOfWork, key: str, what: str) -> Pressed:
    number = development_in(key)
    development = None if number is None else work.developments.get(number)
    name = ask.field("commitment") if development is None else development.commitment_id
    commitment = next((e for e in ask.watchlist.commitments if e.id == name), None)
    if commitment is None:
        raise RefusedError(404, "error.no_pledge")
    lead = None if number is None else next(iter(work.developments.reports(number, 1)), None)
    seen = tuple(HitId(int(each)) for each in ask.field("seen").split() if each.isdecimal())
    return Pressed(
        what=what,
        ask=ask,
        commitment=commitment,
        development=development,
        lead=lead,
        hit_ids=seen,
    )


def _revision(ask: Ask) -> int | None:
    text = ask.field("revision")
    return int(text) if text.isdecimal() else None


def _next(ask: Ask, key: str) -> str:
    """Return where to go on: the card after this one, with the filters that were in use."""
    pairs = [("at", ask.field("next"))] if ask.field("next") not in ("", key) else []
    address = urlencode(pairs)
    rest = ask.field("back")
    together = "&".join(each for each in (address, rest) if each)
    return f"/queue?{together}" if together else "/queue"


def _arrange(ask: Ask, key: str, what: str) -> Response:
    """Snooze, wake, assign: the queue changes, the record of decisions does not."""
    with begin(ask.desk.database) as work:
        item = _item(ask, work, key)
        problem = _rearrange(ask, work, item, what)
        work.commit()
    if problem is not None:
        return show_again(ask, key, [ask.say(problem)])
    return ask.go(_next(ask, key))


def _item(ask: Ask, work: UnitOfWork, key: str) -> QueueItem:
    for asleep in (False, True):
        for item in listed(work, ask.watchlist, ask.now, Wanted(asleep=asleep)):
            if item.key == key:
                return item
    raise RefusedError(404, "error.no_record")


def _rearrange(ask: Ask, work: UnitOfWork, item: QueueItem, what: str) -> str | None:
    """Do it; return the problem's text where it cannot be done."""
    if what == "wake":
        work.queue.wake(item.key)
    elif what == "assign":
        work.queue.assign(item.key, ask.visitor.actor)
    elif what == "unassign":
        work.queue.assign(item.key, None)
    elif what == "ask_second":
        work.queue.ask_second(item.key, ask.visitor.actor, ask.now)
    else:
        return put_to_sleep(ask, work, item)
    return None


# --- undo ----------------------------------------------------------------------------


def last_decided(work: UnitOfWork, ask: Ask) -> Undoable | None:
    """Return what somebody decided last and may take back; from the record, so it survives all."""
    mine = work.decisions.of_actor(ask.visitor.actor, 400)
    newest = next((each for each in mine if _stands(work, each, ask)), None)
    if newest is None or ask.now - newest.decided_at > timedelta(days=1):
        return None
    batch = [
        each for each in mine if each.decided_at == newest.decided_at and _stands(work, each, ask)
    ]
    return Undoable(decisions=tuple(batch), headline=_headline(work, ask.watchlist, newest))


def _stands(work: UnitOfWork, decision: Decision, ask: Ask) -> bool:
    if decision.outcome is Outcome.UNDONE:
        return False
    own = (
        work.decisions.of_commitment(decision.commitment_id)
        if decision.development_id is None
        else work.decisions.of_development(decision.development_id)
    )
    return any(each.id == decision.id for each in in_effect(own, ask.now.date()))


def _headline(work: UnitOfWork, watchlist: Watchlist, decision: Decision) -> str:
    if decision.development_id is not None:
        return work.developments.get(decision.development_id).headline
    commitment = watchlist.commitment(decision.commitment_id)
    return decision.commitment_id if commitment is None else commitment.title


def undo_last(ask: Ask) -> Response:
    """Take back what was decided last: one decision, or a whole batch."""
    with begin(ask.desk.database) as work:
        found = last_decided(work, ask)
        if found is None:
            return show(ask, problems=[ask.say("refusal.nothing_to_undo")], status=400)
        for each in found.decisions:
            undo(
                work,
                ask.watchlist,
                each.id,
                actor=ask.visitor.actor,
                role=ask.visitor.role,
                now=ask.now,
            )
        work.commit()
    again = found.first.development_id
    rest = ask.field("back")
    address = [f"at=F{again}"] if again is not None else []
    return ask.go("/queue?" + "&".join([*address, *([rest] if rest else [])]))
