"""`review` and `login`: the review queue without a browser, and the way into the one with."""

from __future__ import annotations

import getpass
import re
from datetime import datetime
from typing import Any

import click

from model.clock import SystemClock
from model.errors import ConflictError, DecisionRefusedError, MissingRecordError
from model.legality import Refusal
from model.records import (
    CommitmentId,
    Decision,
    DecisionId,
    Development,
    Milestone,
    Outcome,
    Report,
    Role,
    Setback,
    Watchlist,
)
from model.standing import Verdict
from model.urgency import QueueItem, Urgency
from pledgewatch.console import (
    NO,
    Desk,
    json_option,
    out,
    pass_desk,
    print_json,
    print_table,
    words,
)
from storage.deciding import decide as take
from storage.deciding import undo as take_back
from storage.queueing import Wanted, listed
from storage.rehousing import development_number
from storage.unit_of_work import UnitOfWork, begin, reading

NAME = re.compile(r"[\w.@+-]{1,64}")  # whatever a system calls its users; no spaces, no controls
SAID = {
    Outcome.CONFIRMED: "confirm",
    Outcome.RESTATEMENT: "nothing-new",
    Outcome.SETBACK: "setback",
    Outcome.REJECTED: "reject",
    Outcome.JOINED: "join",
    Outcome.SPLIT: "split",
    Outcome.MOVED: "move",
    Outcome.UNSURE: "unsure",
    Outcome.CORRECTED: "correct",
    Outcome.VERDICT: "verdict",
}
OUTCOMES = {word: outcome for outcome, word in SAID.items()}
ADVICE = {
    Refusal.NO_MILESTONE: "say which with --milestone",
    Refusal.NO_EVIDENCE: "say when, where or in which words: --date, --place, --quote",
    Refusal.BAD_DATE: "--date is a day, a month or a year: 2026-07-16, 2026-07 or 2026",
    Refusal.FUTURE_DATE: "what will be has not been: --date lies ahead",
    Refusal.NO_SETBACK: "say which with --setback",
    Refusal.NO_REASON: "say why with --reason (or, for a correction, --note)",
    Refusal.NO_NOTE: "say it in words with --note",
    Refusal.NO_TARGET: "say which with --to: a development like F41, or a pledge's id",
    Refusal.UNKNOWN_CLAUSE: "--clause is an id of the pledge's clauses",
    Refusal.NOTHING_TO_CORRECT: "no such milestone stands confirmed",
    Refusal.NOTHING_TO_UNDO: "that decision is undone already",
    Refusal.NO_VERDICT: "say which with --verdict",
    Refusal.ALREADY_OPEN: "there is no verdict to take back",
    Refusal.CLAUSES_OPEN: "a clause is not delivered yet",
    Refusal.NOT_OVERDUE: "the date and its grace have not passed",
    Refusal.OTHER_PLEDGE: "it belongs to another pledge",
}


def actor_of(name: str | None) -> str:
    """Return how the audit calls somebody at this machine; raise BadParameter."""
    chosen = name or getpass.getuser()
    if NAME.fullmatch(chosen) is None:
        raise click.BadParameter("a name has letters, digits and . @ + - _", param_hint="--name")
    return f"local:{chosen}"


name_option = click.option("--name", metavar="NAME", help="Who decides; default: you.")


@click.command()
@click.option(
    "--role",
    type=words([Role.ANALYST, Role.ADMIN]),
    default=str(Role.ANALYST),
    show_default=True,
)
@name_option
@pass_desk
def login(desk: Desk, role: str, name: str | None) -> None:
    """Print a one-time link that signs you in to the review page.

    Example: pledgewatch login --role admin
    """
    actor, now = actor_of(name), SystemClock().now()
    with begin(desk.database()) as work:
        token = work.logins.new(actor, Role(role), now)
        work.audit.add(actor, Role(role), "login.made", actor, None, role, now)
        work.commit()
    out.print(f"Good for five minutes and one use, as {actor} ({role}):", markup=False)
    click.echo(f"{desk.settings.desk_url}/login?token={token}")


@click.group()
def review() -> None:
    """Work through the review queue without a browser."""


@review.command("next")
@click.option("--commitment", metavar="ID", help="Only this pledge.")
@click.option("--urgency", type=words(Urgency), help="Only cards of this kind.")
@click.option("--all", "every", is_flag=True, help="List every card, in order.")
@name_option
@json_option
@pass_desk
def next_card(
    desk: Desk,
    commitment: str | None,
    urgency: str | None,
    every: bool,
    name: str | None,
    as_json: bool,
) -> None:
    """Show the card to look at first, and how many are left.

    Example: pledgewatch review next --commitment waico
    """
    wanted = Wanted(
        commitment_id=None if commitment is None else CommitmentId(commitment),
        urgency=None if urgency is None else Urgency(urgency),
        viewer=actor_of(name),
    )
    watchlist, now = desk.watchlist(), SystemClock().now()
    with reading(desk.database()) as work:
        items = listed(work, watchlist, now, wanted)
        reports = _reports(work, items[0]) if items and not every else ()
    if as_json:
        cards = [card_facts(item) for item in items]
        shown = None if not cards else cards[0] | {"reports": [_report(each) for each in reports]}
        print_json(cards if every else {"left": len(cards), "card": shown})
    elif every:
        _print_list(items)
    else:
        _print_card(items, reports, watchlist)
    if not items:
        raise SystemExit(NO)


def _reports(work: UnitOfWork, item: QueueItem) -> tuple[Report, ...]:
    return () if item.development is None else work.developments.reports(item.development.id)


def card_facts(item: QueueItem) -> dict[str, object]:
    """Return one card as plain values."""
    told = item.development
    facts: dict[str, object] = {
        "key": item.key,
        "urgency": item.urgency,
        "commitment_id": item.commitment_id,
        "since": item.since,
        "assignee": item.assignee,
        "opened_by": item.opened_by,
        "facts": dict(item.facts),
    }
    if told is None:
        return facts
    return facts | {
        "headline": told.headline,
        "milestone": told.milestone,
        "setback": told.setback,
        "stage": told.stage,
        "event_date": told.event_date,
        "place": told.place,
        "hits": told.hit_count,
        "origins": told.origin_count,
        "revision": told.revision,
        "outcome": told.outcome,
        "novelty": item.novelty,
        "tier": item.tier,
        "unseen": item.unseen,
    }


def _report(report: Report) -> dict[str, object]:
    return {
        "hit": report.hit.id,
        "title": report.article.title,
        "url": report.article.url,
        "publisher": report.article.outlet or report.feed_title,
        "tier": report.tier,
        "published": report.article.published_at,
        "why": report.hit.suggestion.why,
    }


def _print_list(items: tuple[QueueItem, ...]) -> None:
    print_table(
        ("", "why", "pledge", "suggests", "hits", "headline"),
        (
            (
                item.key,
                item.urgency,
                item.commitment_id,
                None if item.development is None else _suggests(item.development),
                None if item.development is None else item.development.hit_count,
                _headline(item),
            )
            for item in items
        ),
        empty="Nothing left today.",
    )


def _suggests(development: Development) -> str | None:
    return development.setback or development.milestone


def _headline(item: QueueItem) -> str:
    if item.development is not None:
        return item.development.headline
    return " ".join(value for _, value in item.facts)


def _print_card(
    items: tuple[QueueItem, ...], reports: tuple[Report, ...], watchlist: Watchlist
) -> None:
    if not items:
        click.echo("Nothing left today.")
        return
    item = items[0]
    pledge = watchlist.commitment(item.commitment_id)
    out.print(f"{item.key}  {item.urgency}  {len(items)} left", markup=False)
    out.print(pledge.title if pledge else item.commitment_id, markup=False)
    out.print(_headline(item), markup=False)
    if item.development is not None:
        told = item.development
        facts = (_suggests(told), told.event_date, told.place)
        out.print(f"suggests: {', '.join(each for each in facts if each) or '–'}", markup=False)
    for report in reports[:10]:
        outlet = report.article.outlet or report.feed_title
        out.print(f"  {report.tier}  {outlet}: {report.article.title}", markup=False)
        out.print(f"     {report.article.url}", markup=False)
    if reports:
        out.print(f"why: {reports[0].hit.suggestion.why}", markup=False)
        out.print(f"Then: pledgewatch review decide {item.key} confirm", markup=False)


@review.command()
@click.argument("what")
@click.argument("outcome", type=words(OUTCOMES))
@click.option("--milestone", type=words(Milestone), help="Default: as suggested.")
@click.option("--date", "milestone_date", metavar="DATE", help="When; default: as suggested.")
@click.option("--place", metavar="PLACE", help="Where; default: as suggested.")
@click.option("--clause", "clauses", multiple=True, metavar="ID", help="Default: all clauses.")
@click.option("--setback", type=words(Setback))
@click.option("--verdict", type=words(Verdict))
@click.option("--reason", type=click.IntRange(1, 9))
@click.option("--to", "other", metavar="ID", help="The development or pledge it belongs to.")
@click.option("--hit", "hits", multiple=True, type=int, metavar="ID", help="Hits to split off.")
@click.option("--undoes", type=int, metavar="ID", help="The decision that a correction strikes.")
@click.option("--quote", default="", metavar="TEXT")
@click.option("--note", default="", metavar="TEXT")
@click.option("--again", is_flag=True, help="Decide anew on what was decided before.")
@name_option
@json_option
@pass_desk
def decide(desk: Desk, /, what: str, outcome: str, again: bool, as_json: bool, **said: Any) -> None:  # noqa: ANN401
    """Decide on a development (F42), or on a pledge by its id.

    Reasons: 1 other body, 2 word collision, 3 opinion, 4 known fact, 5 intention, 6 weak source,
    7 old news, 8 page noise, 9 other (with a note); `reject` takes 1, 2, 8 or 9.

    Example: pledgewatch review decide F42 confirm --date 2026-07-16 --place Shanghai
    """
    watchlist, now = desk.watchlist(), SystemClock().now()
    with begin(desk.database()) as work:
        decision, seen = _decision(work, what, OUTCOMES[outcome], said, now)
        number = _taken(work, watchlist, decision, seen if again else None)
        work.commit()
    _print_decision(_stored(desk, number), as_json=as_json)


def _stored(desk: Desk, number: DecisionId) -> Decision:
    with reading(desk.database()) as work:
        return work.decisions.get(number)


def _decision(
    work: UnitOfWork, what: str, outcome: Outcome, said: dict[str, Any], now: datetime
) -> tuple[Decision, int | None]:
    """Return the decision that was said, and the revision of what it is about."""
    number = development_number(what)
    told = None if number is None else work.developments.get(number)
    milestone: Milestone | None = said["milestone"] and Milestone(said["milestone"])
    date, place = said["milestone_date"], said["place"]
    setback: Setback | None = said["setback"] and Setback(said["setback"])
    if outcome is Outcome.CONFIRMED and told is not None:
        milestone, date = milestone or told.milestone, date or told.event_date
        place = place or told.place
    if outcome is Outcome.SETBACK and told is not None:
        setback = setback or told.setback
    decision = Decision(
        commitment_id=CommitmentId(what) if told is None else told.commitment_id,
        development_id=number,
        actor=actor_of(said["name"]),
        role=Role.ANALYST,
        outcome=outcome,
        decided_at=now,
        hit_ids=tuple(said["hits"]),
        clause_ids=said["clauses"],
        reason=said["reason"],
        milestone=milestone,
        milestone_date=date,
        place=place,
        setback=setback,
        verdict=said["verdict"],
        other_id=said["other"],
        undoes=said["undoes"],
        quote=said["quote"],
        note=said["note"],
    )
    return decision, None if told is None else told.revision


def _taken(
    work: UnitOfWork, watchlist: Watchlist, decision: Decision, seen: int | None
) -> DecisionId:
    try:
        return take(work, watchlist, decision, seen_revision=seen)
    except DecisionRefusedError as error:
        for each in error.refusals:
            refusal = Refusal(each)
            advice = ADVICE.get(refusal, "this person may not decide")
            click.echo(f"{refusal}: {advice}", err=True)
        raise SystemExit(NO) from error
    except ConflictError as error:
        click.echo(f"{error}. To decide all the same: --again", err=True)
        raise SystemExit(NO) from error


def _print_decision(decision: Decision, *, as_json: bool) -> None:
    if as_json:
        print_json(decision_facts(decision))
        return
    about = f"F{decision.development_id}" if decision.development_id else decision.commitment_id
    before, after = decision.stage_before or "–", decision.stage_after or "–"
    moved = f"; stage {before} → {after}" if before != after else ""
    out.print(f"Decision {decision.id}: {about} {decision.outcome}{moved}", markup=False)


def decision_facts(decision: Decision) -> dict[str, object]:
    """Return a decision as plain values, as the audit has them."""
    return {
        "decision_id": decision.id,
        "at": decision.decided_at,
        "actor": decision.actor,
        "role": decision.role,
        "commitment_id": decision.commitment_id,
        "commitment_rev": decision.commitment_rev,
        "clause_ids": decision.clause_ids,
        "development_id": decision.development_id and f"F{decision.development_id}",
        "hit_ids": decision.hit_ids,
        "suggestion_id": decision.suggestion_id,
        "outcome": decision.outcome,
        "reason_code": decision.reason,
        "milestone": decision.milestone,
        "milestone_date": decision.milestone_date,
        "place": decision.place,
        "setback": decision.setback,
        "verdict": decision.verdict,
        "other_id": decision.other_id,
        "quote": decision.quote,
        "note": decision.note,
        "undoes": decision.undoes,
        "stage_before": decision.stage_before,
        "stage_after": decision.stage_after,
        "verdict_before": decision.verdict_before,
        "verdict_after": decision.verdict_after,
        "rubric_version": decision.rubric_version,
        "app_version": decision.app_version,
    }


@review.command()
@click.argument("decision", type=int, required=False)
@name_option
@json_option
@pass_desk
def undo(desk: Desk, decision: int | None, name: str | None, as_json: bool) -> None:
    """Take a decision back; without a number, your newest that stands.

    Example: pledgewatch review undo
    """
    watchlist, now, actor = desk.watchlist(), SystemClock().now(), actor_of(name)
    wanted = None if decision is None else DecisionId(decision)
    with begin(desk.database()) as work:
        try:
            number = take_back(work, watchlist, wanted, actor=actor, role=Role.ANALYST, now=now)
        except DecisionRefusedError as error:
            raise MissingRecordError(f"Decision {decision} is undone already") from error
        work.commit()
    _print_decision(_stored(desk, number), as_json=as_json)
