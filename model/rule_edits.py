"""An edit for a rule that is wrong too often: a decoy, case, or a weaker alias. Pure.

What surrounds the wrong places and never a right one becomes a decoy; a name that is only right in
its own spelling wants `case`; else the name may count only beside its context.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from model.desk import Action, Edit, ProposedEdit, RuleKind
from model.precision import RELEVANT, RuleHit, RuleKey, RuleTally
from model.records import ArticlePart, Commitment, HitId, Outcome, TermMatch, TermRole
from model.text import fold_phrase
from model.watchlist_edits import written

REACH = 4  # words (or Han characters) that a decoy may reach beyond the name, on each side
LEAST_SHARE = 0.3  # of the wrong developments that a decoy explains
LEAST = 3
_TOKEN = re.compile(r"[^\W\d_\u3400-\u9fff][\w'’-]*|[\u3400-\u9fff]|\d+")
_BREAK = re.compile(r"[.!?;:。！？；：\n]")
_HAN = re.compile(r"[\u3400-\u9fff]")

Texts = Mapping[HitId, tuple[str, str]]  # title and text of a hit's article


@dataclass(frozen=True, slots=True)
class _Place:
    """One place where a rule matched, with what an analyst said of it."""

    development: int
    is_right: bool
    quote: str
    before: str
    after: str


def propose(
    key: RuleKey, told: RuleTally, commitment: Commitment | None, texts: Texts
) -> ProposedEdit | None:
    """Return what would make a weak rule better; None where it is good, or nothing is known."""
    if not told.is_weak or commitment is None or key.kind is RuleKind.FEED:
        return None
    places = tuple(_places(key, told, texts))
    return (
        _as_decoy(places, commitment)
        or _as_cased(key, places, commitment)
        or _as_weaker(key, told, commitment)
    )


def _places(key: RuleKey, told: RuleTally, texts: Texts) -> Iterator[_Place]:
    for hit in told.judged:
        if hit.id not in texts or hit.development_id is None:
            continue
        outcome = told.outcomes[hit.development_id]
        if outcome not in RELEVANT and outcome is not Outcome.REJECTED:
            continue
        title, text = texts[hit.id]
        for match in _matches(key, hit):
            whole = title if match.part is ArticlePart.TITLE else text
            if whole[match.start : match.end] == match.quote:  # else the article was revised
                yield _Place(
                    development=hit.development_id,
                    is_right=outcome in RELEVANT,
                    quote=match.quote,
                    before=_BREAK.split(whole[max(0, match.start - 80) : match.start])[-1],
                    after=_BREAK.split(whole[match.end : match.end + 80])[0],
                )


def _matches(key: RuleKey, hit: RuleHit) -> Iterator[TermMatch]:
    for match in hit.matches:
        if match.role.value == key.kind.value and (
            match.role in (TermRole.GROUP, TermRole.QUERY) or match.term == key.text
        ):
            yield match


# --- a decoy ------------------------------------------------------------------------------


def _as_decoy(places: Sequence[_Place], commitment: Commitment) -> ProposedEdit | None:
    right = {fold_phrase(text) for each in places if each.is_right for text in _around(each)}
    known = {fold_phrase(each.text) for each in commitment.terms if each.role is TermRole.DECOY}
    phrases: dict[tuple[str, ...], _Phrase] = {}
    for place in places:
        for text in () if place.is_right else _around(place):
            folded = fold_phrase(text)
            if folded not in right and folded not in known:
                phrase = phrases.setdefault(folded, _Phrase(leads=text.endswith(place.quote)))
                phrase.developments.add(place.development)
                phrase.spellings[text] += 1
    wrong = {each.development for each in places if not each.is_right}
    best = max(phrases.values(), key=_Phrase.worth, default=None)
    if best is None or len(best.developments) < max(LEAST, LEAST_SHARE * len(wrong)):
        return None
    count = f"{len(best.developments)} of {len(wrong)}"
    why = f"{count} rejected developments say “{best.text}”, and none that was right does."
    edit = Edit(
        action=Action.ADD_DECOY,
        id=commitment.id,
        text=best.text,
        why=f"said by {count} rejected developments",
    )
    return ProposedEdit(edits=(edit,), why=why, lines=(written(edit),))


@dataclass(slots=True)
class _Phrase:
    """A name with something beside it, as wrong articles have it."""

    leads: bool  # what is beside it stands before it alone
    developments: set[int] = field(default_factory=set)
    spellings: Counter[str] = field(default_factory=Counter)

    @property
    def text(self) -> str:
        """Return it as it is mostly spelled."""
        return self.spellings.most_common(1)[0][0]

    def worth(self) -> tuple[int, bool, int, str]:
        """Rank it: by what it explains, then what looks like a name.

        Of Latin words that is one from capital to capital, the shortest; Chinese has no capitals,
        and what tells two bodies apart stands before their name.
        """
        text, count = self.text, len(self.developments)
        words = _TOKEN.findall(text)
        if _HAN.search(text):
            return count, self.leads, len(words), text
        edges = words[:1] + words[-1:]
        is_name = all(each[0].isupper() or each[0].isdigit() for each in edges)
        return count, is_name, -len(words), text


def _around(place: _Place) -> Iterator[str]:
    """Yield the match with some of what stands before and behind it."""
    before = [each.start() for each in _TOKEN.finditer(place.before)][-REACH:]
    after = [each.end() for each in _TOKEN.finditer(place.after)][:REACH]
    starts = [len(place.before), *reversed(before)]
    ends = [0, *after]
    for start in starts:
        for end in ends:
            if start != len(place.before) or end:
                phrase = f"{place.before[start:]}{place.quote}{place.after[:end]}"
                yield " ".join(phrase.split())


# --- case, and a weaker name --------------------------------------------------------------


def _as_cased(
    key: RuleKey, places: Sequence[_Place], commitment: Commitment
) -> ProposedEdit | None:
    alias = next((each for each in commitment.terms if each.text == key.text), None)
    if alias is None or alias.case_sensitive or key.text == key.text.lower():
        return None
    other = [each for each in places if each.quote != key.text]
    wrong = {each.development for each in places if not each.is_right}
    helped = wrong - {each.development for each in places if each.quote == key.text}
    if any(each.is_right for each in other) or len(helped) < max(LEAST, LEAST_SHARE * len(wrong)):
        return None
    why = (
        f"{len(helped)} of {len(wrong)} rejected developments spell “{key.text}” otherwise, "
        "and none that was right does."
    )
    edit = Edit(action=Action.MAKE_CASED, id=commitment.id, text=key.text)
    return ProposedEdit(edits=(edit,), why=why, lines=(written(edit),))


def _as_weaker(key: RuleKey, told: RuleTally, commitment: Commitment) -> ProposedEdit | None:
    if key.kind not in (RuleKind.ALIAS, RuleKind.WEAK_ALIAS):
        return None
    if all(each.text != key.text for each in commitment.terms):
        return None  # the alias has left the file
    edits = []
    if not commitment.context or key.kind is RuleKind.WEAK_ALIAS:
        known = {term for each in commitment.context for term in each}
        names = (*commitment.promisor, *commitment.counterparties)
        terms = tuple(each for each in dict.fromkeys(names) if each not in known)
        if not terms:
            return None
        edits.append(Edit(action=Action.ADD_CONTEXT, id=commitment.id, terms=terms))
    if key.kind is RuleKind.ALIAS:
        edits.append(Edit(action=Action.MAKE_WEAK, id=commitment.id, text=key.text))
    counts = told.counts
    why = (
        f"{counts[Outcome.REJECTED]} of {sum(counts.values())} decided developments were rejected, "
        f"and nothing tells them apart but what stands beside “{key.text}”."
    )
    return ProposedEdit(edits=tuple(edits), why=why, lines=tuple(written(each) for each in edits))
