"""From the checked model of `watchlist.yaml` to the records that the program uses. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from model.records import (
    Clause,
    Commitment,
    CommitmentId,
    CommitmentKind,
    Due,
    Feed,
    FeedId,
    FullText,
    Known,
    Language,
    Occasion,
    PageSelectors,
    Saying,
    Term,
    TermGroup,
    TermRole,
)
from model.watchlist_schema import CommitmentModel, FeedModel, interval

QUIET_DAYS = {
    CommitmentKind.BODY: 60,
    CommitmentKind.CENTRE: 60,
    CommitmentKind.DOCUMENT: 90,
    CommitmentKind.COUNT: 120,
    CommitmentKind.PROGRAMME: 120,
}


def commitment_record(model: CommitmentModel, line: int) -> Commitment:
    """Return the record of a commitment; `line` is where it stands in its file."""
    return Commitment(
        id=CommitmentId(model.id),
        title=model.title.en,
        kind=model.kind,
        terms=tuple(_terms(model)),
        context=tuple(tuple(each) for each in model.context),
        groups=tuple(
            TermGroup(all_of=tuple(tuple(each) for each in group.all_of), within=group.within)
            for group in model.groups
        ),
        query=model.query,
        titles=tuple(_titles(model)),
        promisor=tuple(model.promisor),
        counterparties=tuple(model.counterparties),
        said=tuple(Saying(**dict(each)) for each in model.said),
        known=tuple(
            Known(**{**dict(each), "clauses": tuple(each.clauses)}) for each in model.known
        ),
        clauses=tuple(Clause(**dict(each)) for each in model.clauses),
        due=_due(model),
        occasions=tuple(Occasion(**dict(each)) for each in model.occasions),
        quiet_days=model.quiet_days or QUIET_DAYS[model.kind],
        review_days=model.review_days,
        tags=tuple(model.tags),
        paused=model.paused,
        line=line,
    )


def feed_record(model: FeedModel, line: int) -> Feed:
    """Return the record of a feed; `line` is where it stands in its file."""
    shortest, longest = interval(model.every)
    return Feed(
        id=FeedId(model.id),
        url=model.url,
        title=model.title,
        language=model.language,
        kind=model.kind,
        page=None if model.page is None else PageSelectors(**dict(model.page)),
        poll_every_min=shortest,
        poll_every_max=longest,
        tier=model.tier,
        timezone=model.timezone,
        encoding=model.encoding,
        full_text=FullText(model.fulltext),
        headers=tuple(model.headers.items()),
        proxy=model.proxy,
        paused=model.paused,
        line=line,
    )


def _titles(model: CommitmentModel) -> Iterator[tuple[Language, str]]:
    titles = (
        (Language.ENGLISH, model.title.en),
        (Language.CHINESE_SIMPLIFIED, model.title.zh_hans),
        (Language.CHINESE_TRADITIONAL, model.title.zh_hant),
    )
    for language, title in titles:
        if title is not None:
            yield language, title


def _terms(model: CommitmentModel) -> Iterator[Term]:
    for alias in model.aliases:
        role = TermRole.WEAK_ALIAS if alias.weak else TermRole.ALIAS
        yield Term(text=alias.text, role=role, case_sensitive=alias.case)
    for decoy in model.decoys:
        yield Term(text=decoy.text, role=TermRole.DECOY, why=decoy.why)


def _due(model: CommitmentModel) -> Due | None:
    if model.due is None:
        return None
    return Due(
        date=model.due.date,
        inferred=model.due.basis == "inferred",
        grace=timedelta(days=model.due.grace_days),
    )
