"""How often each rule of the watchlist was right, by what analysts decided. Pure.

A rule is an alias, a group, a query or a feed. *relevance* is the share of decided developments
that were about the pledge, *news* the share that brought a step or a setback (domain.md,
section 4). What was joined, moved or left unsure says nothing of a rule.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import sqrt

from model.desk import RuleKind, RulePrecision, Share
from model.ledger import ABOUT_THE_EVENT, in_effect
from model.records import (
    Commitment,
    CommitmentId,
    Decision,
    DevelopmentId,
    FeedId,
    HitId,
    Outcome,
    TermMatch,
    TermRole,
    Watchlist,
)
from model.text import detect_language

FEWEST_SHOWN = 10  # decisions from which a share is told
FEWEST_PROPOSED = 20  # decisions from which an edit is proposed
FLOOR = 0.5  # relevance below it asks for an edit
Z = 1.959963984540054  # of the two-sided 95 % interval
RELEVANT = frozenset({Outcome.CONFIRMED, Outcome.RESTATEMENT, Outcome.SETBACK})
NEWS = frozenset({Outcome.CONFIRMED, Outcome.SETBACK})
COUNTED = RELEVANT | {Outcome.REJECTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHit:
    """One stored hit with what found it."""

    id: HitId
    commitment_id: CommitmentId
    development_id: DevelopmentId | None
    feed_id: FeedId
    matches: tuple[TermMatch, ...]


@dataclass(frozen=True, slots=True)
class RuleKey:
    """What identifies a rule."""

    kind: RuleKind
    commitment_id: CommitmentId | None  # None: a feed
    text: str

    @property
    def id(self) -> str:
        """Return a short name that stays the same while the words do."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:8]
        return f"{self.commitment_id or 'feed'}.{self.kind}.{digest}"


@dataclass(slots=True)
class RuleTally:
    """What was decided of one rule's developments."""

    hits: int = 0
    outcomes: dict[DevelopmentId, Outcome] = field(default_factory=dict)
    judged: list[RuleHit] = field(default_factory=list)  # hits that a decision is about

    @property
    def counts(self) -> Counter[Outcome]:
        """Return how many developments have each outcome."""
        return Counter(self.outcomes.values())

    @property
    def relevance(self) -> Share | None:
        """Return the share of developments about the pledge; None below ten."""
        return _share(self.outcomes.values(), RELEVANT)

    @property
    def is_weak(self) -> bool:
        """Tell whether an edit should be proposed."""
        share = self.relevance
        return share is not None and share.of >= FEWEST_PROPOSED and share.value < FLOOR


def wilson(right: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share.

    The score interval of Wilson (1927), which Brown, Cai and DasGupta recommend for few trials
    (Statistical Science 16, 2001, https://doi.org/10.1214/ss/1009213286).
    """
    if of == 0:
        return 0.0, 1.0
    share, square = right / of, Z * Z
    middle = share + square / (2 * of)
    spread = Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    scale = 1 + square / of
    lower, upper = (middle - spread) / scale, (middle + spread) / scale
    return (0.0 if right == 0 else lower), (1.0 if right == of else upper)


def _share(outcomes: Iterable[Outcome], right: frozenset[Outcome]) -> Share | None:
    told = [each for each in outcomes if each in COUNTED]
    if len(told) < FEWEST_SHOWN:
        return None
    good = sum(each in right for each in told)
    lower, upper = wilson(good, len(told))
    return Share(right=good, of=len(told), value=good / len(told), lower=lower, upper=upper)


def standing_decisions(decisions: Sequence[Decision], today: date) -> dict[DevelopmentId, Decision]:
    """Return what stands of each development: the last decision on it that was not undone.

    One that says nothing of a rule (joined, moved, unsure) takes an earlier one out.
    """
    standing: dict[DevelopmentId, Decision] = {}
    for each in in_effect(decisions, today):
        if each.development_id is None:
            continue
        if each.outcome in COUNTED:
            standing[each.development_id] = each
        elif each.outcome in ABOUT_THE_EVENT or each.outcome is Outcome.JOINED:
            standing.pop(each.development_id, None)
    return standing


def tally(
    hits: Iterable[RuleHit], standing: dict[DevelopmentId, Decision], watchlist: Watchlist
) -> dict[RuleKey, RuleTally]:
    """Count hits and decisions for every rule that found something."""
    commitments = {each.id: each for each in watchlist.commitments}
    tallies: dict[RuleKey, RuleTally] = defaultdict(RuleTally)
    for hit in hits:
        decision = standing.get(hit.development_id) if hit.development_id else None
        seen = decision is not None and (not decision.hit_ids or hit.id in decision.hit_ids)
        for key in _rules_of(hit, commitments.get(hit.commitment_id)):
            told = tallies[key]
            told.hits += 1
            if decision is not None and seen and hit.development_id is not None:
                told.outcomes[hit.development_id] = decision.outcome
                told.judged.append(hit)
    return dict(tallies)


def _rules_of(hit: RuleHit, commitment: Commitment | None) -> set[RuleKey]:
    """Return the rules that found a hit; a commitment that left the file keeps its terms."""
    rules = {RuleKey(RuleKind.FEED, None, hit.feed_id)}
    grouped = {match.term for match in hit.matches if match.role is TermRole.GROUP}
    for match in hit.matches:
        if match.role in (TermRole.ALIAS, TermRole.WEAK_ALIAS):
            rules.add(RuleKey(RuleKind(match.role.value), hit.commitment_id, match.term))
        elif match.role is TermRole.QUERY:
            words = commitment.query if commitment and commitment.query else match.term
            rules.add(RuleKey(RuleKind.QUERY, hit.commitment_id, words))
    rules |= {
        RuleKey(RuleKind.GROUP, hit.commitment_id, text) for text in _groups(grouped, commitment)
    }
    return rules


def _groups(grouped: set[str], commitment: Commitment | None) -> Iterator[str]:
    """Yield the groups that all lists of are matched; the bare terms where none is."""
    if not grouped:
        return
    whole = [
        _group_text(group.all_of)
        for group in (commitment.groups if commitment else ())
        if all(grouped.intersection(terms) for terms in group.all_of)
    ]
    yield from whole or [" + ".join(sorted(grouped))]


def _group_text(lists: Sequence[Sequence[str]]) -> str:
    return " + ".join("|".join(terms) for terms in lists)


def figures(tallies: dict[RuleKey, RuleTally], watchlist: Watchlist) -> tuple[RulePrecision, ...]:
    """Return what is known of each rule, the weakest first: by the lower bound of relevance."""
    rows = [_figure(key, each, watchlist) for key, each in tallies.items()]
    return tuple(sorted(rows, key=_weakest_first))


def _weakest_first(row: RulePrecision) -> tuple[float, int, str]:
    return (row.relevance.lower if row.relevance else 2.0), -row.hits, row.rule_id


def _figure(key: RuleKey, told: RuleTally, watchlist: Watchlist) -> RulePrecision:
    counts = told.counts
    return RulePrecision(
        rule_id=key.id,
        kind=key.kind,
        commitment_id=key.commitment_id,
        text=key.text,
        language=detect_language(key.text),
        strength=_strength(key, watchlist),
        hits=told.hits,
        confirmed=counts[Outcome.CONFIRMED],
        setbacks=counts[Outcome.SETBACK],
        restated=counts[Outcome.RESTATEMENT],
        rejected=counts[Outcome.REJECTED],
        relevance=told.relevance,
        news=_share(told.outcomes.values(), NEWS),
    )


def _strength(key: RuleKey, watchlist: Watchlist) -> str:
    if key.kind is RuleKind.WEAK_ALIAS:
        return "weak"
    commitment = watchlist.commitment(key.commitment_id) if key.commitment_id else None
    cased = {each.text for each in commitment.terms if each.case_sensitive} if commitment else ()
    return "cased" if key.kind is RuleKind.ALIAS and key.text in cased else "strong"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One row of `rules.csv` (domain.md, section 5); the fields are its columns, in order."""

    rule_id: str
    commitment_id: str | None  # None: a feed
    text: str
    lang: str
    strength: str
    hits: int
    confirmed: int  # setbacks among them: both are news
    restated: int
    rejected: int
    precision: float | None  # relevance; None: fewer than ten decisions
    lower_95: float | None
    proposed_edit: str | None


def rule_row(rule: RulePrecision) -> RuleRow:
    """Return a rule as the export has it."""
    share = rule.relevance
    return RuleRow(
        rule_id=rule.rule_id,
        commitment_id=rule.commitment_id,
        text=rule.text,
        lang=rule.language,
        strength=rule.strength,
        hits=rule.hits,
        confirmed=rule.confirmed + rule.setbacks,
        restated=rule.restated,
        rejected=rule.rejected,
        precision=None if share is None else round(share.value, 3),
        lower_95=None if share is None else round(share.lower, 3),
        proposed_edit="; ".join(rule.proposed.lines) if rule.proposed else None,
    )
