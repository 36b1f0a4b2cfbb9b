"""Several cards at once: chosen by hand, seen before they are stored, taken back by one undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.responses import Response

from model.errors import ConflictError, DecisionRefusedError, MissingRecordError
from model.records import Development, DevelopmentId
from review.asking import Ask, RefusedError
from review.deciding import Pressed, decision_of
from review.snoozing import SNOOZES, put_to_sleep
from storage.deciding import decide
from storage.queueing import Wanted, listed
from storage.unit_of_work import UnitOfWork, begin, reading

MOST, PREVIEWED = 200, 5
REASONS = (1, 2, 8)  # those that need no words


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One chosen card, and the revision that was seen of it."""

    number: DevelopmentId
    revision: int

    @property
    def text(self) -> str:
        """Return it as the form carries it."""
        return f"F{self.number}:{self.revision}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One card that was not decided, and why."""

    development: Development
    why: str


def preview_page(ask: Ask) -> Response:
    """Show what was chosen and what may be done with it; nothing is stored."""
    picks = _picks(ask)
    with reading(ask.desk.database) as work:
        found = [_known(work, pick) for pick in picks]
    chosen = [each for each in found if each is not None]
    return _page(ask, picks, chosen)


def _page(
    ask: Ask,
    picks: Sequence[Pick],
    chosen: Sequence[Development],
    *,
    left: Sequence[Left] = (),
    stored: int | None = None,
    problem: str | None = None,
) -> Response:
    return ask.page(
        "bulk.html",
        status=400 if problem else 200,
        picks=picks,
        chosen=chosen,
        shown=chosen[:PREVIEWED],
        confirmable=bool(chosen) and all(each.milestone or each.setback for each in chosen),
        reasons=REASONS,
        snoozes=SNOOZES,
        in_a_week=(ask.now + timedelta(days=7)).date(),
        left=left,
        stored=stored,
        problem=problem,
        back=ask.field("back"),
    )


def apply(ask: Ask) -> Response:
    """Do to every chosen card what was asked; what somebody else was faster with is named."""
    picks = _picks(ask)
    if ask.field("decision") == "snooze":
        return _sleep(ask, picks)
    left: list[Left] = []
    with begin(ask.desk.database) as work:
        for pick in picks:
            problem = _decide(ask, work, pick)
            if problem is not None:
                left.append(Left(development=work.developments.get(pick.number), why=problem))
        work.commit()
    if left:
        return _page(ask, [], [], left=left, stored=len(picks) - len(left))
    rest = ask.field("back")
    return ask.go(f"/queue?{rest}" if rest else "/queue")


def _decide(ask: Ask, work: UnitOfWork, pick: Pick) -> str | None:
    """Decide one card; return why not."""
    try:
        with work.savepoint():
            development = work.developments.get(pick.number)
            commitment = ask.watchlist.commitment(development.commitment_id)
            if commitment is None:
                return ask.say("error.no_pledge")
            pressed = Pressed(
                what=ask.field("decision"),
                ask=ask,
                commitment=commitment,
                development=development,
                lead=next(iter(work.developments.reports(pick.number, 1)), None),
                hit_ids=work.developments.hit_ids(pick.number),
            )
            decision = decision_of(pressed)
            if decision is None:
                raise RefusedError(400, "error.wrong_way")
            decide(work, ask.watchlist, decision, seen_revision=pick.revision)
    except DecisionRefusedError as error:
        return " ".join(ask.say(f"refusal.{each}") for each in error.refusals)
    except ConflictError as error:
        who = error.other.actor if error.other is not None else ""
        return ask.say("bulk.conflict", name=who.partition(":")[2])
    return None


def _sleep(ask: Ask, picks: Sequence[Pick]) -> Response:
    keys = {f"F{pick.number}" for pick in picks}
    with begin(ask.desk.database) as work:
        for item in listed(work, ask.watchlist, ask.now, Wanted()):
            if item.key not in keys:
                continue
            problem = put_to_sleep(ask, work, item)
            if problem is not None:
                found = [each for pick in picks if (each := _known(work, pick)) is not None]
                return _page(ask, picks, found, problem=ask.say(problem))
        work.commit()
    return ask.go("/queue")


def _known(work: UnitOfWork, pick: Pick) -> Development | None:
    try:
        return work.developments.get(pick.number)
    except MissingRecordError:
        return None


def _picks(ask: Ask) -> list[Pick]:
    found = []
    for value in ask.form.getlist("pick"):
        number, _, revision = str(value).removeprefix("F").partition(":")
        if number.isdecimal() and revision.isdecimal() and len(number) < 16:
            found.append(Pick(number=DevelopmentId(int(number)), revision=int(revision)))
    if len(found) > MOST:
        raise RefusedError(400, "bulk.too_many")
    return found
