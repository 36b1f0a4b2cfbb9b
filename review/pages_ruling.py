"""What is decided on a pledge's own page: a correction of what was confirmed, and how it ended."""

from __future__ import annotations

from starlette.responses import Response

from model.errors import DecisionRefusedError
from model.records import CommitmentId, Decision, DecisionId, Outcome
from review.asking import Ask, RefusedError
from review.deciding import LONGEST_NOTE, REASONS
from review.pages_pledge import show_pledge
from storage.deciding import decide
from storage.unit_of_work import begin


def rule(ask: Ask) -> Response:
    """Store a correction or a verdict, and show the pledge as it stands then."""
    name = CommitmentId(ask.request.path_params["pledge"])
    if ask.watchlist.commitment(name) is None:
        raise RefusedError(404, "error.no_pledge")
    decision = _correction(ask, name) if ask.field("decision") == "correct" else _verdict(ask, name)
    try:
        with begin(ask.desk.database) as work:
            decide(work, ask.watchlist, decision)
            work.commit()
    except DecisionRefusedError as error:
        return show_pledge(ask, problems=[ask.say(f"refusal.{each}") for each in error.refusals])
    return ask.go(f"/pledges/{name}")


def _correction(ask: Ask, name: CommitmentId) -> Decision:
    number, reason = ask.field("undoes"), ask.field("reason")
    return Decision(
        commitment_id=name,
        actor=ask.visitor.actor,
        role=ask.visitor.role,
        outcome=Outcome.CORRECTED,
        undoes=DecisionId(int(number)) if number.isdecimal() and len(number) < 16 else None,
        reason=int(reason) if reason.isdecimal() and int(reason) in REASONS else None,
        note=ask.field("note")[:LONGEST_NOTE],
        decided_at=ask.now,
    )


def _verdict(ask: Ask, name: CommitmentId) -> Decision:
    return Decision(
        commitment_id=name,
        actor=ask.visitor.actor,
        role=ask.visitor.role,
        outcome=Outcome.VERDICT,
        verdict=ask.field("verdict") or None,
        other_id=ask.field("successor") or None,
        note=ask.field("note")[:LONGEST_NOTE],
        decided_at=ask.now,
    )
