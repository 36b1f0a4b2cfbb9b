"""What the API answers to questions: pledges, developments, history, articles, feeds, quality."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from starlette.responses import Response

from model.desk import WatchlistDesk
from model.errors import MissingRecordError
from model.feed_health import CoverageDay, coverage_days
from model.ledger import RUBRIC, Step
from model.records import (
    ArticleId,
    Commitment,
    CommitmentId,
    DevelopmentId,
    FeedId,
    HitId,
    Report,
    Role,
    Tier,
)
from review import api_models as models
from review import exports
from review.api_calling import ApiError, Call, given_json
from review.auth import VISITOR, set_cookie
from review.extract import Extract, Told, end_of, extract, quoted, told_of
from storage.feed_reports import feed_reports
from storage.history import UNREVIEWED, HistoryRow, Search
from storage.looking import Looked
from storage.queueing import Wanted, listed
from storage.rehousing import development_number
from storage.unit_of_work import UnitOfWork, reading

DAY = timedelta(days=1)
LOOKED = timedelta(days=400)  # how far back it is read how we looked
COVERED = timedelta(days=30)
FOLLOW_UPS = 40  # of a pledge, in one answer
NEWEST = 200  # of its developments that nobody has decided on: so many are looked at


def me(call: Call) -> Response:
    """Say who is asking, and give them the cookie that their token is checked against."""
    answer = given_json(
        models.Me(
            actor=call.visitor.actor or None,
            role=call.visitor.role,
            form_token=call.visitor.form_token,
        )
    )
    if call.visitor.is_new:
        set_cookie(call.request, answer, VISITOR, call.visitor.form_secret)
    return answer


# --- pledges and developments ----------------------------------------------------------------


def read(
    call: Call,
    work: UnitOfWork,
    as_of: date | None = None,
    ids: Iterable[DevelopmentId] | None = None,
) -> Extract:
    """Read everything as it stood at the end of a day; None: what somebody decided on."""
    day = min(as_of or call.now.date(), call.now.date())
    looked = looked_until(call, work, day)
    return extract(
        work,
        call.watchlist,
        call.now,
        as_of=as_of,
        ids=ids,
        looked=looked,
        names=call.knows_names,
    )


def looked_until(call: Call, work: UnitOfWork, day: date) -> Looked:
    """Return how we had looked at the end of a day."""
    until = end_of(day, call.now)
    return call.desk.observed.looked(work, call.watchlist.feeds, until, LOOKED)


def commitments(call: Call) -> Response:
    """Return every pledge."""
    with reading(call.desk.database) as work:
        found = read(call, work, call.ask(models.AsOf).as_of)
    return given_json(
        models.CommitmentsOut(
            as_of=found.as_of,
            rubric_version=RUBRIC,
            commitment_rev=found.watchlist.version,
            items=[models.CommitmentRow(**row) for row in exports.commitments(found)],
        )
    )


def one(call: Call, work: UnitOfWork, as_of: date | None) -> Extract:
    """Read one pledge: the path names it."""
    chosen = call.watchlist.commitment(CommitmentId(call.path["commitment"]))
    if chosen is None:
        raise MissingRecordError(f"There is no commitment {call.path['commitment']}.")
    newest = work.history.development_ids(Search(commitment_id=chosen.id))[-NEWEST:]
    decided = {each.development_id for each in work.decisions.of_commitment(chosen.id)}
    found = read(call, work, as_of, {*newest, *(each for each in decided if each is not None)})
    rows = tuple(row for row in found.rows if row.commitment.id == chosen.id)
    return replace(found, rows=rows)


def commitment(call: Call) -> Response:
    """Return one pledge whole."""
    with reading(call.desk.database) as work:
        found = one(call, work, call.ask(models.AsOf).as_of)
    row = found.rows[0]
    stands, chosen = row.standing, row.commitment
    return given_json(
        models.CommitmentOut(
            commitment=models.CommitmentRow(**next(iter(exports.commitments(found)))),
            tags=list(chosen.tags),
            said=[models.SayingOut.model_validate(each) for each in chosen.said],
            clauses=_clauses(chosen, dict(stands.clause_stages)),
            lowest_stage=stands.lowest_stage,
            days_left=stands.days_left,
            review_due=stands.review_due,
            steps=_steps(stands.steps),
            struck_steps=_steps(stands.struck_steps),
            followups=[models.FollowUpRow(**each) for each in exports.followups(found)][
                :FOLLOW_UPS
            ],
            watching_since=row.watch.since,
            observed_share=round(row.watch.observed_share, 4),
        )
    )


def _clauses(chosen: Commitment, stages: dict[str, object]) -> list[models.ClauseOut]:
    return [
        models.ClauseOut.model_validate(
            {
                "id": each.id,
                "text": each.text,
                "done_when": each.done_when,
                "target": each.target,
                "unit": each.unit,
                "stage": stages.get(each.id),
            }
        )
        for each in chosen.clauses
    ]


def _steps(steps: Iterable[Step]) -> list[models.StepOut]:
    return [
        models.StepOut(
            date=step.date,
            milestone=step.milestone,
            stage=step.stage,
            clauses=list(step.clauses),
            text=step.text,
        )
        for step in steps
    ]


def search_of(call: Call, filters: models.Filters) -> Search:
    """Return the search that filters ask for, as the history's page reads them."""
    tagged = tuple(each.id for each in call.watchlist.commitments if filters.tag in each.tags)
    return Search(
        commitment_id=None if filters.pledge is None else CommitmentId(filters.pledge),
        commitment_ids=None if filters.tag is None else tagged,
        relation=filters.relation,
        review=filters.decision,
        language=filters.language,
        feed_id=None if filters.source is None else FeedId(filters.source),
        since=_begin(filters.since),
        until=_begin(None if filters.until is None else filters.until + DAY),
        text=filters.q or None,
    )


def _begin(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(0), UTC)


def developments(call: Call) -> Response:
    """Return one page of developments, the newest first."""
    asked = call.ask(models.Page)
    with reading(call.desk.database) as work:
        found = read(call, work, asked.as_of, ())
        ids = work.history.development_ids(search_of(call, asked))
        told = _page(work, found, ids, development_number(asked.after), asked.limit + 1)
    shown = told[: asked.limit]
    more = len(told) > len(shown)
    return given_json(
        models.FollowUpsOut(
            as_of=found.as_of,
            items=[
                models.FollowUpRow(**row)
                for row in exports.followups(replace(found, told=tuple(shown)))
            ],
            next=f"F{shown[-1].development.id}" if more else None,
        )
    )


def _page(
    work: UnitOfWork,
    found: Extract,
    ids: Sequence[DevelopmentId],
    behind: DevelopmentId | None,
    most: int,
) -> list[Told]:
    """Return the newest of these developments that are follow-ups; no more is read than needed."""
    wanted = [each for each in reversed(ids) if behind is None or each < behind]
    told: list[Told] = []
    while wanted and len(told) < most:
        some, wanted = wanted[: 2 * most], wanted[2 * most :]
        told += sorted(
            told_of(work, found.decisions, found.until, some),
            key=lambda each: each.development.id,
            reverse=True,
        )
    return told[:most]


def development(call: Call) -> Response:
    """Return one development with its articles and decisions."""
    number = development_number(call.path["development"])
    with reading(call.desk.database) as work:
        told = work.developments.get(number or DevelopmentId(0))
        found = read(call, work, ids=[told.id])
        reports = work.developments.reports(told.id)
        taken = work.decisions.of_development(told.id)
    row = next(exports.followups(found), None)
    if row is None:
        raise MissingRecordError(f"F{told.id} is no follow-up")
    joined = told.joined_to
    return given_json(
        models.DevelopmentOut(
            followup=models.FollowUpRow(**row),
            revision=told.revision,
            relation=told.relation,
            suggested_stage=told.stage,
            outcome=told.outcome,
            joined_to=None if joined is None else f"F{joined}",
            reports=[report_out(each) for each in reports],
            decisions=[
                models.decision_out(each, found.reviewers.get(each.actor)) for each in taken
            ],
        )
    )


def report_out(report: Report) -> models.ReportOut:
    """Return one article as evidence: quoted, not whole."""
    hit, article = report.hit, report.article
    return models.ReportOut(
        hit_id=hit.id or 0,
        article_id=hit.article_id,
        title=article.title,
        url=article.url,
        publisher=article.outlet or report.feed_title,
        tier=report.tier,
        language=article.language,
        published_at=article.published_at,
        found_at=hit.found_at,
        score=hit.score,
        relation=hit.suggestion.relation,
        why=hit.suggestion.why,
        quote="".join(quoted(report)),
        matches=[
            models.MatchOut(
                term=each.term, part=each.part, start=each.start, end=each.end, quote=each.quote
            )
            for each in hit.matches
        ],
    )


# --- for analysts ---------------------------------------------------------------------------


def queue(call: Call) -> Response:
    """Return the review queue."""
    asked = call.ask(models.QueueFilters)
    wanted = Wanted(
        commitment_id=None if asked.pledge is None else CommitmentId(asked.pledge),
        urgency=asked.urgency,
        assignee=call.visitor.actor if asked.mine else None,
        viewer=call.visitor.actor,
        asleep=asked.asleep,
    )
    with reading(call.desk.database) as work:
        items = listed(work, call.watchlist, call.now, wanted)
    shown = [models.card_out(item) for item in items[: asked.limit]]
    return given_json(models.QueueOut(left=len(items), items=shown))


def decisions(call: Call) -> Response:
    """Return decisions, the newest first."""
    asked = call.ask(models.DecisionFilters)
    number = development_number(asked.development)
    with reading(call.desk.database) as work:
        if number is not None:
            taken = work.decisions.of_development(number)
        elif asked.pledge is not None:
            taken = work.decisions.of_commitment(CommitmentId(asked.pledge))
        else:
            taken = work.decisions.all()
    newest = [models.decision_out(each) for each in reversed(taken)][: asked.limit]
    return given_json(models.DecisionsOut(items=newest))


def history(call: Call) -> Response:
    """Return one page of the history, with the counts that narrow it."""
    asked = call.ask(models.HistoryPage)
    search = search_of(call, asked)
    after = None if asked.after is None else HitId(asked.after)
    with reading(call.desk.database) as work:
        rows = work.history.search(search, asked.limit + 1, after=after, order=asked.sort)
        facets = work.history.facets(search)
    shown = rows[: asked.limit]
    more = len(rows) > len(shown)
    return given_json(
        models.HistoryOut(
            items=[_hit(row) for row in shown],
            facets=models.FacetsOut.model_validate(facets),
            next=shown[-1].report.hit.id if more else None,
        )
    )


def _hit(row: HistoryRow) -> models.HitOut:
    hit, article = row.report.hit, row.report.article
    return models.HitOut(
        hit_id=hit.id or 0,
        followup_id=f"F{row.development.id}",
        commitment_id=hit.commitment_id,
        article_id=hit.article_id,
        decision=row.development.outcome or UNREVIEWED,
        title=article.title,
        url=article.url,
        publisher=article.outlet or row.report.feed_title,
        tier=row.report.tier,
        language=article.language,
        published_at=article.published_at,
        found_at=hit.found_at,
        relation=hit.suggestion.relation,
        milestone=hit.suggestion.milestone,
        setback=hit.suggestion.setback,
        stage=hit.suggestion.stage,
        score=hit.score,
        why=hit.suggestion.why,
        quotes=[match.quote for match in hit.matches[:10]],
    )


def article(call: Call) -> Response:
    """Return one article whole."""
    number = ArticleId(int(call.path["article"]))
    with reading(call.desk.database) as work:
        stored = work.articles.get(number)
        hits = work.hits.of_article(number)
    told = stored.article
    feed = call.watchlist.feed(told.feed_id)
    title = feed.title if feed is not None else told.feed_id
    reports = [
        Report(hit=hit, article=told, feed_title=title, tier=feed.tier if feed else Tier.F)
        for hit in hits
    ]
    return given_json(
        models.ArticleOut(
            article_id=stored.id,
            revision=stored.revision,
            feed_id=told.feed_id,
            entry_id=told.entry_id,
            url=told.url,
            title=told.title,
            text=told.text,
            language=told.language,
            outlet=told.outlet,
            published_at=told.published_at,
            fetched_at=told.fetched_at,
            text_hash=told.text_hash,
            hits=[report_out(each) for each in reports],
        )
    )


# --- how we look ----------------------------------------------------------------------------


def feeds(call: Call) -> Response:
    """Return how the feeds stand; headers and proxies are nobody's business."""
    with reading(call.desk.database) as work:
        reports = feed_reports(work, call.watchlist.feeds, call.now)
    shown = call.visitor.may(Role.ANALYST)
    return given_json(
        models.FeedsOut(
            items=[
                models.FeedOut(
                    id=each.feed.id,
                    title=each.feed.title,
                    url=each.feed.url if shown else "",
                    language=each.feed.language,
                    tier=each.feed.tier,
                    paused=each.feed.paused,
                    health=each.state,
                    fault=each.fault,
                    answer=each.answer if shown else "",
                    advice=each.advice if shown else None,
                    last_success_at=each.last_success_at,
                    last_entry_at=each.last_entry_at,
                    share_healthy=each.share_healthy,
                    usual_volume=each.usual_volume,
                )
                for each in reports
            ]
        )
    )


def days_of(call: Call, asked: models.Days) -> tuple[CoverageDay, ...]:
    """Return how each feed was looked at on each day."""
    until = min(asked.until or call.now.date(), call.now.date())
    since = asked.since or until - COVERED
    begin = datetime.combine(since, time(0), UTC)
    with reading(call.desk.database) as work:
        ids = {feed.id for feed in call.watchlist.feeds}
        hours = work.coverage.of_feeds(ids, begin)
    end = min(call.now, datetime.combine(until, time.max, UTC))
    return tuple(
        day
        for of_one in hours.values()
        for day in coverage_days([hour for hour in of_one if hour.hour <= end], end)
    )


def coverage(call: Call) -> Response:
    """Return how we looked, day by day."""
    rows = exports.coverage(days_of(call, call.ask(models.Days)))
    return given_json(models.CoverageOut(items=[models.CoverageRow(**row) for row in rows]))


def tools_of(call: Call) -> WatchlistDesk:
    """Return what needs a matcher; raise ApiError where this process has none."""
    tools = call.desk.tools
    if tools is None:
        raise ApiError(503, "This process has no matcher.")
    return tools


def quality(call: Call) -> Response:
    """Return how often each rule was right."""
    rows = exports.rules(tools_of(call).precision())
    return given_json(models.QualityOut(items=[models.RuleRow(**row) for row in rows]))
