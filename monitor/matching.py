"""`compile_watchlist(watchlist)`, `matcher.find(article)`: how a commitment is recognised. Pure.

One scan finds the terms that can make a commitment a hit: aliases, the rarest list of each group,
the rarest clause of each query. Only for the commitments that they name are the other terms looked
up, and the rules put together: decoys claim their spans first, then aliases, groups, the query and
weak aliases with their context are all tried.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from model.records import (
    Article,
    ArticlePart,
    Commitment,
    TermGroup,
    TermMatch,
    TermRole,
    Watchlist,
)
from model.text import fold
from monitor.anchors import AnchorIndex
from monitor.chains import chained
from monitor.phrases import Phrase, View, compile_phrases
from monitor.query import (
    Asked,
    Field,
    Leaf,
    Node,
    QueryError,
    Span,
    holds,
    leaves,
    parse_query,
    rarest_clause,
)

_BETWEEN = "\n\n"  # between title and text: no phrase goes across
_BRACKETED = re.compile(r"[(（][A-Z][A-Za-z]{1,7}[)）]")  # "(AI)": an abbreviation
_TITLE = -1  # the paragraph number of the title

Place = tuple[int, int]  # start and end, in title and text put together
Free = Callable[[int], list[Place]]  # where a term stands outside of decoys


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentMatch:
    """A commitment that an article names, with every place where it does."""

    commitment: Commitment
    matches: tuple[TermMatch, ...]


@dataclass(slots=True)
class _Rule:
    """One commitment, compiled: its terms by number."""

    commitment: Commitment
    aliases: list[int] = field(default_factory=list)
    weak: list[int] = field(default_factory=list)
    decoys: list[int] = field(default_factory=list)
    context: list[list[int]] = field(default_factory=list)
    groups: list[tuple[TermGroup, list[list[int]]]] = field(default_factory=list)
    query: Node | None = None
    query_terms: dict[Leaf, int] = field(default_factory=dict)

    @property
    def has_only_aliases(self) -> bool:
        """Tell whether nothing has to be weighed against anything."""
        return not (self.weak or self.decoys or self.groups or self.query)


class Matcher:
    """Finds the commitments of one watchlist in articles; safe to use from several threads."""

    def __init__(self, watchlist: Watchlist) -> None:
        self.watchlist_version = watchlist.version
        terms = _Terms()
        self._rules = [
            terms.rule(commitment) for commitment in watchlist.commitments if not commitment.paused
        ]
        self._phrases = terms.compiled()
        self._users: dict[int, list[int]] = defaultdict(list)  # term -> rules it can trigger
        self._always: list[int] = []  # rules that no term can trigger
        for place, rule in enumerate(self._rules):
            self._note_triggers(place, rule)
        self._index = AnchorIndex((number, self._phrases[number]) for number in self._users)

    def _note_triggers(self, place: int, rule: _Rule) -> None:
        triggers = [*rule.aliases, *rule.weak]
        for _, lists in rule.groups:
            triggers += min(lists, key=lambda each: sum(self._phrases[n].often for n in each))
        if rule.query is not None:
            clause = rarest_clause(rule.query, lambda leaf: leaf.phrase.often)
            triggers += [rule.query_terms[leaf] for leaf in clause]
            if not clause:
                self._always.append(place)
        for number in set(triggers):
            if self._phrases[number].anchors:
                self._users[number].append(place)
            elif self._phrases[number].elements:
                self._always.append(place)

    def find(self, article: Article) -> tuple[CommitmentMatch, ...]:
        """Return the commitments that an article names, in the order of the watchlist."""
        reading = _Reading(article, self._phrases)
        reading.scan(self._index)
        if not (reading.found or self._always):
            return ()
        named = {rule for number in reading.found for rule in self._users[number]}
        found = []
        for place in sorted(named.union(self._always)):
            rule = self._rules[place]
            matches = _matches(rule, reading)
            if matches:
                found.append(CommitmentMatch(commitment=rule.commitment, matches=matches))
        return tuple(found)

    def is_silent(self, articles: Sequence[Article]) -> bool:
        """Tell whether surely none of these names a commitment, by one look at all of them.

        No term goes across a blank line: what stands in none of them stands nowhere.
        """
        if self._always:
            return False
        whole = _BETWEEN.join(f"{each.title}{_BETWEEN}{each.text}" for each in articles)
        reading = _Reading(replace(articles[0], title="", text=whole), self._phrases)
        reading.scan(self._index)
        return not reading.found


def compile_watchlist(watchlist: Watchlist) -> Matcher:
    """Compile a watchlist; paused commitments are left out."""
    return Matcher(watchlist)


def check_query(text: str) -> str | None:
    """Return what is wrong with a query, pointing at the character; None for a good one."""
    try:
        parse_query(text)
    except QueryError as error:
        return str(error)
    return None


class _Terms:
    """Gives each term of a watchlist a number, once, and compiles them all in one go."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, bool], int] = {}
        self._ready: dict[int, Phrase] = {}  # query phrases compile themselves

    def rule(self, commitment: Commitment) -> _Rule:
        rule = _Rule(commitment)
        lists = {
            TermRole.ALIAS: rule.aliases,
            TermRole.WEAK_ALIAS: rule.weak,
            TermRole.DECOY: rule.decoys,
        }
        for term in commitment.terms:
            lists[term.role].append(self._number(term.text, cased=term.case_sensitive))
        rule.context = [[self._number(text) for text in each] for each in commitment.context]
        rule.groups = [
            (group, [[self._number(text) for text in each] for each in group.all_of])
            for group in commitment.groups
        ]
        if commitment.query is not None:
            self._add_query(rule, commitment.query)
        return rule

    def _number(self, text: str, *, cased: bool = False) -> int:
        return self._numbers.setdefault((text, cased), len(self._numbers))

    def _add_query(self, rule: _Rule, text: str) -> None:
        try:
            rule.query = parse_query(text)
        except QueryError:  # the loader refuses such a file; nothing is found by it
            return
        for leaf in leaves(rule.query):
            number = self._number(f"query: {leaf.phrase.text}")
            rule.query_terms[leaf] = number
            self._ready[number] = leaf.phrase

    def compiled(self) -> list[Phrase]:
        phrases = compile_phrases(list(self._numbers))
        for number, phrase in self._ready.items():
            phrases[number] = phrase
        return phrases


class _Reading:
    """One article while it is matched: where each term stands."""

    def __init__(self, article: Article, phrases: Sequence[Phrase]) -> None:
        self.article = article
        self.shift = len(article.title) + len(_BETWEEN)
        self._phrases = phrases
        self._folded = fold(f"{article.title}{_BETWEEN}{article.text}")
        self._view = View(self._folded)
        self._bracketed = _bracketed(self._folded.original)
        self._around = b""  # what stands before and behind those
        self._scanned: Container[int] = ()
        self.found: dict[int, list[Place]] = {}

    @cached_property
    def _without_bracketed(self) -> View:
        """Return the text without "(AI)" and its like, so that a phrase goes on behind one."""
        return View(self._folded.without(self._bracketed))

    def scan(self, index: AnchorIndex) -> None:
        found: dict[int, set[Place]] = defaultdict(set)
        for number, place in index.spans(self._view):
            found[number].add(place)
        if self._bracketed:
            self._around = self._view.heads_around(self._bracketed, index.reach)
            if index.may_stand_in(self._around):
                for number, place in index.spans(self._without_bracketed):
                    found[number].add(place)
        self._scanned = index.numbers
        self.found = {number: sorted(places) for number, places in found.items()}

    def places(self, number: int) -> list[Place]:
        """Return where a term stands, in order; looked up when it is first asked for."""
        places = self.found.get(number)
        if places is None:
            places = [] if number in self._scanned else self._looked_up(self._phrases[number])
            self.found[number] = places
        return places

    def _looked_up(self, phrase: Phrase) -> list[Place]:
        found = set[Place]()
        if phrase.may_stand_in(self._view.heads.data):
            found.update(self._view.places(phrase))
        if self._bracketed and phrase.may_stand_in(self._around):
            found.update(self._without_bracketed.places(phrase))
        return sorted(found)

    def part(self, place: Place) -> ArticlePart:
        return ArticlePart.TITLE if place[0] < self.shift else ArticlePart.TEXT

    def paragraph(self, place: Place) -> int:
        """Return which line of the text a place stands in; the title's are all one."""
        if place[0] < self.shift:
            return _TITLE
        return bisect_right(self._line_ends, place[0])

    @cached_property
    def _line_ends(self) -> list[int]:
        return [found.start() for found in re.finditer("\n", self._folded.original)]

    def tokens(self, place: Place) -> tuple[int, int]:
        """Return the numbers of a place's first and last token."""
        folded = self._folded
        last = min(folded.place(place[1] - 1), len(folded.kinds) - 1)
        return int(folded.numbers[folded.place(place[0])]), int(folded.numbers[last])

    def term_match(self, place: Place, number: int, role: TermRole) -> TermMatch:
        part = self.part(place)
        term = self._phrases[number].text
        shift = 0 if part is ArticlePart.TITLE else self.shift
        quote = self._folded.original[slice(*place)]
        start, end = place[0] - shift, place[1] - shift
        return TermMatch(term=term, role=role, part=part, start=start, end=end, quote=quote)


def _bracketed(text: str) -> list[tuple[int, int]]:
    found = []
    for sign in "(（":
        place = text.find(sign)
        while place >= 0:
            abbreviation = _BRACKETED.match(text, place)
            if abbreviation:
                found.append(abbreviation.span())
            place = text.find(sign, place + 1)
    return found


def _matches(rule: _Rule, reading: _Reading) -> tuple[TermMatch, ...]:
    """Return every match of a commitment, in order of place."""
    if rule.has_only_aliases:
        found = [(place, number) for number in rule.aliases for place in reading.places(number)]
        return tuple(
            reading.term_match(place, number, TermRole.ALIAS) for place, number in sorted(found)
        )
    return _put_together(rule, reading)


def _put_together(rule: _Rule, reading: _Reading) -> tuple[TermMatch, ...]:
    free = _outside_decoys(rule, reading)

    found: dict[tuple[Place, int], TermRole] = {}
    for number in rule.aliases:
        found |= {(place, number): TermRole.ALIAS for place in free(number)}
    for group, lists in rule.groups:
        wanted = []
        for terms in lists:
            wanted.append([(place, number) for number in terms for place in free(number)])
            if not wanted[-1]:
                break  # where one list has no term there is nothing to put together
        else:
            for each in _grouped(reading, group.within, wanted):
                found.setdefault(each, TermRole.GROUP)
    for place, number in _queried(rule, reading, free):
        found.setdefault((place, number), TermRole.QUERY)
    weak = [(place, number) for number in rule.weak for place in free(number)]
    if weak:
        context = [
            {reading.paragraph(place) for number in each for place in free(number)}
            for each in rule.context
        ]
        weak = [each for each in weak if _in_context(reading.paragraph(each[0]), context)]
    for each in weak:
        found.setdefault(each, TermRole.WEAK_ALIAS)
    return tuple(
        reading.term_match(place, number, role) for (place, number), role in sorted(found.items())
    )


def _outside_decoys(rule: _Rule, reading: _Reading) -> Free:
    claimed: list[Place] | None = None

    def free(number: int) -> list[Place]:
        nonlocal claimed
        places = reading.places(number)
        if not places or not rule.decoys:
            return places
        if claimed is None:
            claimed = [place for decoy in rule.decoys for place in reading.places(decoy)]
        return [each for each in places if not _inside_any(each, claimed)]

    return free


def _inside_any(place: Place, claimed: Iterable[Place]) -> bool:
    return any(start <= place[0] and place[1] <= end for start, end in claimed)


def _in_context(paragraph: int, context: Sequence[set[int]]) -> bool:
    """Tell whether each list has a term in the paragraph; the title belongs to every one."""
    if paragraph != _TITLE:
        return all(each & {paragraph, _TITLE} for each in context)
    bound = [each for each in context if _TITLE not in each]
    return not bound or bool(set.intersection(*bound))


def _grouped(
    reading: _Reading, within: int, wanted: Sequence[Sequence[tuple[Place, int]]]
) -> Iterator[tuple[Place, int]]:
    """Return the terms of a group that stand together: one of each list in one paragraph."""
    paragraphs = [{reading.paragraph(place) for place, _ in each} for each in wanted]
    for paragraph in set.intersection(*paragraphs):
        here = sorted(
            (*reading.tokens(place), index, place, number)
            for index, candidates in enumerate(wanted)
            for place, number in candidates
            if reading.paragraph(place) == paragraph
        )
        spots = [(first, last, index) for first, last, index, _, _ in here]
        for chosen in chained(spots, within, len(wanted)):
            yield here[chosen][3], here[chosen][4]


def _queried(rule: _Rule, reading: _Reading, free: Free) -> Iterator[tuple[Place, int]]:
    """Return every occurrence of every phrase not under NOT, where the query holds."""
    if rule.query is None:
        return

    known: dict[Leaf, list[Place]] = {}

    def places(leaf: Leaf) -> list[Place]:
        found = known.get(leaf)
        if found is None:
            every = free(rule.query_terms[leaf])
            part = leaf.part
            found = [place for place in every if reading.part(place) is part] if part else every
            known[leaf] = found
        return found

    def spans(leaf: Leaf) -> list[Span]:
        return [Span(reading.part(place), *reading.tokens(place)) for place in places(leaf)]

    def field(condition: Field) -> bool:
        return _field_holds(condition, reading.article)

    if holds(rule.query, Asked(lambda leaf: bool(places(leaf)), spans, field)):
        for leaf in leaves(rule.query, excluded=False):
            for place in places(leaf):
                yield place, rule.query_terms[leaf]


def _field_holds(condition: Field, article: Article) -> bool:
    if condition.name == "source":
        return str(article.feed_id) == condition.value
    language, wanted = article.language.lower(), condition.value.lower()
    return language == wanted or language.startswith(f"{wanted}-")
