"""What the API takes and gives, as models: answers and the OpenAPI document are made of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from model.ledger import Verdict
from model.records import (
    Decision,
    FeedHealth,
    Language,
    Milestone,
    Outcome,
    Relation,
    Role,
    Setback,
    Stage,
    Tier,
)
from model.urgency import QueueItem, Urgency
from review.columns import COMMITMENTS, COVERAGE, FOLLOWUPS, RULES, Sheet
from storage.history import UNREVIEWED, Order
from storage.queue import Snooze

WORDS = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$"  # no control characters
DEVELOPMENT = r"F?[1-9][0-9]{0,14}"
SLUG = r"[a-z0-9][a-z0-9-]{1,47}"
NUMBER = r"[1-9][0-9]{0,14}"
KEY = r"[^/\u0000-\u001f]{1,300}"  # of a card
MOST_NUMBER = 10**15 - 1

Words = Annotated[str, StringConstraints(pattern=WORDS, max_length=2000)]
Name = Annotated[str, StringConstraints(pattern=WORDS, max_length=100)]
Slug = Annotated[str, StringConstraints(pattern=f"^{SLUG}$")]
Number = Annotated[int, Field(ge=1, le=MOST_NUMBER)]
Reason = Annotated[int, Field(ge=1, le=9)]
DevelopmentName = Annotated[str, StringConstraints(pattern=f"^{DEVELOPMENT}$")]
Edtf = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
Decided = Annotated[str, StringConstraints(pattern=f"^({'|'.join([UNREVIEWED, *Outcome])})$")]
Shown = Literal[Language.ENGLISH, Language.CHINESE_SIMPLIFIED, Language.CHINESE_TRADITIONAL]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(9000, 1, 1))]
Limit = Annotated[int, Field(ge=1, le=500)]


class Given(BaseModel):
    """What a call may be given: nothing that is not named."""

    model_config = ConfigDict(extra="forbid")


class Model(BaseModel):
    """What a call gives back."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Problem(Model):
    """What went wrong (RFC 9457)."""

    title: str
    status: int
    detail: str
    refusals: list[str] | None = Field(None, description="What stands against a decision")
    other: DecisionOut | None = Field(None, description="The decision of who was faster")
    reference: str | None = Field(None, description="What to look for in the log")


# --- what is asked for ------------------------------------------------------------------------


class AsOf(Given):
    """A day whose end is looked at."""

    as_of: Day | None = None


class TimelineOptions(AsOf):
    """A day whose end is looked at, and the language of the words."""

    lang: Shown = Language.ENGLISH


class Filters(Given):
    """The filters of the history's page, by the same names."""

    q: Words | None = Field(None, description="Words of either script, and quoted phrases")
    pledge: Slug | None = None
    tag: Name | None = None
    relation: Relation | None = None
    decision: Decided | None = None
    language: Language | None = None
    source: Name | None = Field(None, description="A feed's id")
    since: Day | None = None
    until: Day | None = None


class FollowUpFilters(Filters):
    """The history's filters, and the day whose end is looked at."""

    as_of: Day | None = None


class Page(FollowUpFilters):
    """One page of developments, the newest first."""

    limit: Limit = 50
    after: DevelopmentName | None = Field(None, description="Go on behind this one")


class HistoryPage(Filters):
    """One page of the history."""

    limit: Limit = 50
    sort: Order = Order.NEWEST
    after: Number | None = Field(None, description="Go on behind this hit (`hit_id`)")


class QueueFilters(Given):
    """Which cards to show."""

    pledge: Slug | None = None
    urgency: Urgency | None = None
    mine: bool = Field(False, description="Only those given to you")
    asleep: bool = Field(False, description="Those that sleep instead")
    limit: Limit = 50


class DecisionFilters(Given):
    """Which decisions to show."""

    pledge: Slug | None = None
    development: DevelopmentName | None = None
    limit: Limit = 100


class Days(Given):
    """A stretch of days; without a beginning the last thirty."""

    since: Day | None = None
    until: Day | None = None


class FileFilters(FollowUpFilters):
    """What a file holds, and how it is written."""

    bom: bool = Field(False, description="Begin with a byte order mark, for spreadsheets")


class DayFiles(Days):
    """A stretch of days, and how the file is written."""

    bom: bool = False


# --- what is sent ---------------------------------------------------------------------------


class DecisionIn(Given):
    """A decision on a development, or on a pledge itself."""

    development_id: DevelopmentName | None = None
    commitment_id: Slug | None = Field(None, description="Where it is about the pledge itself")
    outcome: Outcome
    seen_revision: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    hit_ids: Annotated[list[Number], Field(max_length=1000)] = []
    clause_ids: Annotated[list[Name], Field(max_length=100)] = []
    reason: Reason | None = None
    milestone: Milestone | None = None
    milestone_date: Edtf | None = None
    place: Name | None = None
    setback: Setback | None = None
    verdict: Verdict | None = None
    other_id: Name | None = Field(None, description="The development or pledge it belongs to")
    undoes: Number | None = Field(None, description="The decision that a correction strikes")
    quote: Words = ""
    note: Words = ""


class UndoIn(Given):
    """Which decision to take back; none: your newest that stands."""

    decision_id: Number | None = None


class SnoozeIn(Given):
    """What a card sleeps until."""

    until: Snooze
    date: Day | None = Field(None, description="Of a date")


class AssignIn(Given):
    """Who a card is given to; nobody: it is everybody's again."""

    assignee: Name | None = None


class Nothing(Given):
    """Nothing needs to be said."""


# --- what comes back -----------------------------------------------------------------------


class Me(Model):
    """Who is asking."""

    actor: str | None
    role: Role
    form_token: str = Field(description="Send it as X-Form-Token with every POST")


PLAIN: dict[str, Any] = {
    "string": str | None,
    "list": list[str],
    "integer": int | None,
    "number": float | None,
    "boolean": bool | None,
    "date": date | None,
    "datetime": datetime | None,
}


def _model(name: str, sheet: Sheet) -> type[Model]:
    """Return the model of a sheet's rows: the API and the files cannot drift apart."""
    fields: dict[str, Any] = {
        column.name: (PLAIN[column.type], Field(description=column.says))
        for column in sheet.columns
    }
    return create_model(name, __base__=Model, **fields)


CommitmentRow = _model("Commitment", COMMITMENTS)
FollowUpRow = _model("FollowUp", FOLLOWUPS)
CoverageRow = _model("CoverageDay", COVERAGE)
RuleRow = _model("Rule", RULES)


class CommitmentsOut(Model):
    """Every pledge, as it stood at the end of a day."""

    as_of: date
    rubric_version: str
    commitment_rev: str
    items: list[CommitmentRow]  # type: ignore[valid-type]


class StepOut(Model):
    """One confirmed milestone."""

    date: str | None
    milestone: Milestone
    stage: Stage | None
    clauses: list[str]
    text: str | None


class ClauseOut(Model):
    """One part of what "delivered" means, and how far it has come."""

    id: str
    text: str
    done_when: str
    target: int | None
    unit: str | None
    stage: Stage | None


class SayingOut(Model):
    """One occasion on which the pledge was made or repeated."""

    date: str
    where: str | None
    by: str | None
    text: str | None
    source: str | None


class CommitmentOut(Model):
    """One pledge whole."""

    commitment: CommitmentRow  # type: ignore[valid-type]
    tags: list[str]
    said: list[SayingOut]
    clauses: list[ClauseOut]
    lowest_stage: Stage | None
    days_left: int | None
    review_due: bool
    steps: list[StepOut]
    struck_steps: list[StepOut]
    followups: list[FollowUpRow]  # type: ignore[valid-type]
    watching_since: date | None
    observed_share: float


class FollowUpsOut(Model):
    """One page of developments."""

    as_of: date
    items: list[FollowUpRow]  # type: ignore[valid-type]
    next: str | None = Field(description="Give it as `after` to go on; null: that was all")


class MatchOut(Model):
    """Words that were found, and where."""

    term: str
    part: str
    start: int
    end: int
    quote: str


class ReportOut(Model):
    """One article of a development; a quote, never the whole text."""

    hit_id: int
    article_id: int
    title: str
    url: str
    publisher: str
    tier: Tier
    language: str
    published_at: datetime | None
    found_at: datetime
    score: float
    relation: Relation
    why: str
    quote: str
    matches: list[MatchOut]


class DecisionOut(Model):
    """One decision, as the audit has it."""

    decision_id: int
    at: datetime
    actor: str
    role: Role
    commitment_id: str
    commitment_rev: str | None
    clause_ids: list[str]
    development_id: str | None
    hit_ids: list[int]
    suggestion_id: str | None
    outcome: Outcome
    reason_code: int | None
    milestone: Milestone | None
    milestone_date: str | None
    place: str | None
    setback: Setback | None
    verdict: str | None
    other_id: str | None
    quote: str
    note: str
    undoes: int | None
    stage_before: Stage | None
    stage_after: Stage | None
    verdict_before: str | None
    verdict_after: str | None
    rubric_version: str | None
    app_version: str | None


class DecisionsOut(Model):
    """Decisions, the newest first."""

    items: list[DecisionOut]


class DevelopmentOut(Model):
    """One development with its articles and decisions."""

    followup: FollowUpRow  # type: ignore[valid-type]
    revision: int = Field(description="Send it as seen_revision with a decision")
    relation: Relation
    suggested_stage: Stage | None
    outcome: Outcome | None
    joined_to: str | None
    reports: list[ReportOut]
    decisions: list[DecisionOut]


class CardOut(Model):
    """One card of the review queue."""

    key: str
    urgency: Urgency
    commitment_id: str
    development_id: str | None = None
    revision: int | None = None
    headline: str | None = None
    milestone: Milestone | None = None
    setback: Setback | None = None
    stage: Stage | None = None
    event_date: str | None = None
    place: str | None = None
    hits: int | None = None
    origins: int | None = None
    outcome: Outcome | None = None
    since: datetime | None
    novelty: list[str]
    tier: Tier | None
    facts: dict[str, str]
    unseen_hit_ids: list[int]
    assignee: str | None
    second_asked_by: str | None
    opened_by: list[str]


class QueueOut(Model):
    """The review queue, the most urgent first."""

    left: int
    items: list[CardOut]


class HitOut(Model):
    """One hit of the history."""

    hit_id: int
    followup_id: str
    commitment_id: str
    article_id: int
    decision: str
    title: str
    url: str
    publisher: str
    tier: Tier
    language: str
    published_at: datetime | None
    found_at: datetime
    relation: Relation
    milestone: Milestone | None
    setback: Setback | None
    stage: Stage | None
    score: float
    why: str
    quotes: list[str]


class CountOut(Model):
    """One choice that narrows a search, and how many hits it leaves."""

    value: str
    hits: int


class FacetsOut(Model):
    """How the hits of a search fall."""

    hits: int
    developments: int
    pledges: list[CountOut]
    relations: list[CountOut]
    decisions: list[CountOut]
    languages: list[CountOut]
    sources: list[CountOut]
    months: list[CountOut]


class HistoryOut(Model):
    """One page of the history, with the counts that narrow it."""

    items: list[HitOut]
    facets: FacetsOut
    next: int | None = Field(description="Give it as `after` to go on; null: that was all")


class ArticleOut(Model):
    """One article whole: for those who are signed in, it is somebody's text."""

    article_id: int
    revision: int
    feed_id: str
    entry_id: str
    url: str
    title: str
    text: str
    language: str
    outlet: str | None
    published_at: datetime | None
    fetched_at: datetime
    text_hash: str
    hits: list[ReportOut]


class FeedOut(Model):
    """How one feed stands."""

    id: str
    title: str
    url: str
    language: str
    tier: Tier
    paused: bool
    health: FeedHealth
    fault: str | None
    answer: str
    advice: str | None
    last_success_at: datetime | None
    last_entry_at: datetime | None
    share_healthy: float | None
    usual_volume: float | None


class FeedsOut(Model):
    """How the feeds stand."""

    items: list[FeedOut]


class CoverageOut(Model):
    """How we looked, day by day."""

    items: list[CoverageRow]  # type: ignore[valid-type]


class QualityOut(Model):
    """How often each rule was right, the weakest first."""

    items: list[RuleRow]  # type: ignore[valid-type]


class Done(Model):
    """It was done."""

    key: str
    until: datetime | None = None


# --- from records ----------------------------------------------------------------------------


def decision_out(decision: Decision, actor: str | None = None) -> DecisionOut:
    """Return a decision; `actor` is what who decided is called here."""
    assert decision.id is not None
    number = decision.development_id
    names = set(DecisionOut.model_fields)
    plain = {name: getattr(decision, name) for name in names & set(Decision.__slots__)}
    return DecisionOut(
        **plain
        | {
            "decision_id": decision.id,
            "at": decision.decided_at,
            "actor": actor or decision.actor,
            "reason_code": decision.reason,
            "development_id": None if number is None else f"F{number}",
            "clause_ids": list(decision.clause_ids),
            "hit_ids": list(decision.hit_ids),
        }
    )


def card_out(item: QueueItem) -> CardOut:
    """Return a card."""
    told = item.development
    about: dict[str, Any] = {}
    if told is not None:
        about = {name: getattr(told, name) for name in OF_A_DEVELOPMENT} | {
            "development_id": f"F{told.id}",
            "hits": told.hit_count,
            "origins": told.origin_count,
        }
    return CardOut(
        key=item.key,
        urgency=item.urgency,
        commitment_id=item.commitment_id,
        since=item.since,
        novelty=list(item.novelty),
        tier=item.tier,
        facts=dict(item.facts),
        unseen_hit_ids=list(item.unseen),
        assignee=item.assignee,
        second_asked_by=item.second_asked_by,
        opened_by=list(item.opened_by),
        **about,
    )


OF_A_DEVELOPMENT = (
    "revision",
    "headline",
    "milestone",
    "setback",
    "stage",
    "event_date",
    "place",
    "outcome",
)


Problem.model_rebuild()
