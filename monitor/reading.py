"""An article while it is read for one commitment: which of its clauses are about the pledge. Pure.

A clause is about it when it names it, or goes on about it without another subject of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from model.dates import first_day
from model.records import Article, Commitment, TermMatch, TermRole
from monitor import guards
from monitor.notation import Pattern
from monitor.sentences import Clause, Sentence, cut

LEAD = 3  # sentences, the title among them, that count as the lead
NAMING = frozenset({TermRole.ALIAS, TermRole.WEAK_ALIAS, TermRole.QUERY})
GROUPS = frozenset({TermRole.GROUP})


@dataclass
class Reading:
    """An article while it is read for one commitment."""

    article: Article
    commitment: Commitment
    matches: tuple[TermMatch, ...]
    published: date | None  # None: unknown

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Return title and text, cut up."""
        return cut(self.article, self.matches)

    @cached_property
    def pledged(self) -> date | None:
        """Return the first day on which the pledge may have been made."""
        return first_day(self.commitment.pledged_on) if self.commitment.pledged_on else None

    @cached_property
    def head(self) -> str:
        """Return the folded title and lead."""
        return "\n".join(each.folded for each in self.sentences if each.number < LEAD)

    @cached_property
    def chinese(self) -> bool:
        """Tell which vocabulary the title and lead are read with."""
        return bool(self.sentences) and self.sentences[0].chinese

    @cached_property
    def _naming_roles(self) -> frozenset[TermRole]:
        commitment = self.commitment
        has_names = commitment.query or any(each.role in NAMING for each in commitment.terms)
        return NAMING if has_names else GROUPS

    def names(self, match: TermMatch) -> bool:
        """Tell whether a match names the pledge; a group does where it has no names."""
        return match.role in self._naming_roles

    @cached_property
    def is_named(self) -> bool:
        """Tell whether a name of the pledge was found, and not only a group of terms."""
        return any(map(self.names, self.matches))

    @cached_property
    def is_in_title(self) -> bool:
        """Tell whether the title is about the pledge."""
        return any(each.number == 0 and names_it(self, each, None) for each in self.sentences)

    @cached_property
    def about(self) -> frozenset[int]:
        """Return the numbers of the sentences that name the pledge, or go on about it."""
        previous, found = False, set()
        for sentence in self.sentences:
            previous = any(clauses_about(self, sentence, previous=previous))
            if previous:
                found.add(sentence.number)
        return frozenset(found)

    def says(self, english: Pattern, chinese: Pattern, text: str | None = None) -> bool:
        """Tell whether the head (or another text) holds one of the phrases."""
        return (chinese if self.chinese else english).search(text or self.head) is not None


def clauses_about(
    reading: Reading, sentence: Sentence, *, previous: bool
) -> Iterator[tuple[Clause, bool]]:
    """Return the clauses about the pledge, and whether each names it."""
    names = [names_it(reading, sentence, clause) for clause in sentence.clauses]
    carries = [names_it(reading, sentence, clause, carrying=True) for clause in sentence.clauses]
    lead = reading.is_in_title and 0 < sentence.number < LEAD
    for place, clause in enumerate(sentence.clauses):
        near = range(max(place - 1, 0), min(place + 2, len(carries)))
        beside = any(carries[each] for each in near)
        part = any(names[each] and _is_part(sentence, each) for each in near)
        if names[place] or _says(sentence, clause, names[place + 1 : place + 2]):
            yield clause, True
        elif part or _goes_on(
            reading, sentence, clause, beside=beside, previous=previous, lead=lead
        ):
            yield clause, False


def names_it(
    reading: Reading, sentence: Sentence, clause: Clause | None, *, carrying: bool = False
) -> bool:
    """Tell whether a clause (or the sentence) names the pledge: a name, or two terms of a group.

    Two terms of a group do not carry over to the next clause where the pledge has names.
    """
    start, end = (clause.start, clause.end) if clause else (0, len(sentence.folded))
    here = [
        match
        for match in sentence.matches
        if start <= sentence.place(match)[0] < end and match.role is not TermRole.CONTEXT
    ]
    if any(reading.names(match) and not is_setting(sentence, match) for match in here):
        return True
    if carrying:
        return False
    terms = {match.quote for match in here if match.role is TermRole.GROUP}
    return len(terms) > 1 and not any(match.role in NAMING for match in here)


def is_setting(sentence: Sentence, match: TermMatch) -> bool:
    """Tell whether a name only says where or when something else happens."""
    start, end = sentence.place(match)
    if sentence.chinese:
        after = sentence.folded[end : end + 24]
        found = guards.SETTING_ZH_AFTER.search(after.split(",")[0])
        before = sentence.folded[max(start - 12, 0) : start]
        return found is not None and guards.SETTING_ZH_BEFORE.search(before) is not None
    before = sentence.folded[max(start - 45, 0) : start]
    found = guards.SETTING.search(before)
    return found is not None and len(before[found.end() :].split()) < 3


def _says(sentence: Sentence, clause: Clause, following: list[bool]) -> bool:
    """Tell whether a clause ends in a verb whose object is the next clause, which names it."""
    if not sentence.chinese or following != [True]:
        return False
    text = sentence.folded[clause.start : clause.end].rstrip(' ,:“"')
    return any(found.end() == len(text) for found in guards.SAYS_ZH.finditer(text))


def _is_contrast(sentence: Sentence, clause: Clause) -> bool:
    """Tell whether a clause has a subject of its own, set against the clause before."""
    if sentence.chinese:
        found = guards.CONTRAST_ZH.search(sentence.folded[clause.start : clause.end])
        return found is not None and found.start() > 1
    begin = sentence.clauses[0]
    found = guards.CONTRAST.search(sentence.folded[: begin.end])
    return clause is not begin and found is not None and found.start() == 0


def _is_part(sentence: Sentence, number: int) -> bool:
    """Tell whether a clause says that what stands beside it belongs to the pledge."""
    clause = sentence.clauses[number]
    part = guards.PART_OF_ZH if sentence.chinese else guards.PART_OF
    return part.search(sentence.folded[clause.start : clause.end]) is not None


def _goes_on(
    reading: Reading,
    sentence: Sentence,
    clause: Clause,
    *,
    beside: bool,
    previous: bool,
    lead: bool,
) -> bool:
    """Tell whether a clause without the name goes on about the pledge."""
    text = sentence.folded[clause.start : clause.end]
    it = guards.IT_ZH if sentence.chinese else guards.IT
    if (beside or previous) and it.search(text):
        return True
    if not (beside or lead) or _is_contrast(sentence, clause):
        return False
    other = guards.OTHER_BODY_ZH if sentence.chinese else guards.OTHER_BODY
    return other.search(text) is None
