"""Why an article names no pledge: what stands in it, and what was missing beside it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from model.records import Article, Commitment, Term, TermRole, Watchlist
from monitor.matching import CommitmentMatch, compile_watchlist
from monitor.stages import suggest


def why_no_hit(watchlist: Watchlist, article: Article) -> Iterator[str]:
    """Say why an article has no hit, by matching it again with today's watchlist."""
    found = compile_watchlist(watchlist).find(article)
    for each in found:
        if suggest(article, each) is None:
            yield f"names {each.commitment.id}, but is older than the pledge"
        else:
            yield f"today's watchlist finds {each.commitment.id}; the one it was read with did not"
    if found:
        return
    misses = list(_near_misses(watchlist, article))
    yield from misses
    if not misses:
        said = f"a title of {len(article.title)} and a text of {len(article.text)} letters"
        yield f"no term of any pledge stands in it ({said} were read)"


def _near_misses(watchlist: Watchlist, article: Article) -> Iterator[str]:
    awake = tuple(replace(each, paused=False) for each in watchlist.commitments)
    for each in _found(watchlist, awake, article):
        yield f"names {each.commitment.id} by {_quotes(each)}, which is paused in the watchlist"
    bare = tuple(
        replace(each, terms=tuple(t for t in each.terms if t.role is not TermRole.DECOY))
        for each in awake
    )
    for each in _found(watchlist, bare, article):
        yield f"names {each.commitment.id} only inside a decoy: {_quotes(each)}"
    strong = tuple(replace(each, terms=tuple(map(_strengthened, each.terms))) for each in awake)
    for each in _found(watchlist, strong, article):
        said = f"names {each.commitment.id} only by the weak alias {_quotes(each)}"
        yield f"{said}, without its context in the same paragraph"


def _found(
    watchlist: Watchlist, commitments: tuple[Commitment, ...], article: Article
) -> tuple[CommitmentMatch, ...]:
    changed = replace(watchlist, commitments=commitments)
    return tuple(compile_watchlist(changed).find(article))


def _strengthened(term: Term) -> Term:
    return replace(term, role=TermRole.ALIAS) if term.role is TermRole.WEAK_ALIAS else term


def _quotes(found: CommitmentMatch) -> str:
    return ", ".join(sorted({f"“{match.quote}”" for match in found.matches}))
