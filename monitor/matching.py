"""`compile_watchlist(watchlist)`, `matcher.find(article)`: how a commitment is recognised. Pure.

Every phrase of the watchlist is a path in one trie of folded tokens, walked once from each token
of an article: the cost grows with the article, not with the watchlist. What the trie finds is then
put together, commitment by commitment: decoys claim their spans first, then aliases, groups, the
query and weak aliases with their context are all tried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from model.records import (
    Article,
    ArticlePart,
    Commitment,
    Term,
    TermGroup,
    TermMatch,
    TermRole,
    Watchlist,
)
from model.text import Token, fold_phrase, tokens
from monitor.query import Field, Node, Phrase, QueryError, Span, evaluate, parse_query

MOST_COMBINATIONS = (
    20_000  # of group terms in one paragraph; a page of keywords would have millions
)

_END = ""  # the trie's key for "phrases end here"; no token is empty
Place = tuple[ArticlePart, int, int]  # part, first token, last token
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
    query_phrases: dict[Phrase, int] = field(default_factory=dict)


class _Text:
    """An article's tokens, by part."""

    def __init__(self, article: Article) -> None:
        self.article = article
        self.strings = {ArticlePart.TITLE: article.title, ArticlePart.TEXT: article.text}
        self.tokens = {part: tokens(text) for part, text in self.strings.items()}

    def offsets(self, place: Place) -> tuple[int, int]:
        part, first, last = place
        found = self.tokens[part]
        return found[first].start, max(found[index].end for index in range(first, last + 1))

    def paragraph(self, place: Place) -> tuple[ArticlePart, int]:
        return place[0], self.tokens[place[0]][place[1]].paragraph


class Matcher:
    """Finds the commitments of one watchlist in articles; safe to use from several threads."""

    def __init__(self, watchlist: Watchlist) -> None:
        self.watchlist_version = watchlist.version
        self._trie: dict[str, Any] = {}
        self._terms: list[str] = []
        self._cased: list[bool] = []
        self._numbers: dict[tuple[str, bool], int] = {}
        self._users: dict[int, list[int]] = defaultdict(list)  # term -> rules it can trigger
        self._rules: list[_Rule] = []
        for commitment in watchlist.commitments:
            if not commitment.paused:
                self._add(commitment)

    def _add(self, commitment: Commitment) -> None:
        rule, place = _Rule(commitment), len(self._rules)
        self._rules.append(rule)
        lists = {
            TermRole.ALIAS: rule.aliases,
            TermRole.WEAK_ALIAS: rule.weak,
            TermRole.DECOY: rule.decoys,
        }
        for term in commitment.terms:
            number = self._number(term)
            lists[term.role].append(number)
            if term.role is not TermRole.DECOY:
                self._users[number].append(place)
        rule.context = [[self._number_of(text) for text in each] for each in commitment.context]
        for group in commitment.groups:
            numbers = [[self._number_of(text) for text in each] for each in group.all_of]
            rule.groups.append((group, numbers))
            for number in min(numbers, key=len):
                self._users[number].append(place)
        if commitment.query is not None:
            self._add_query(rule, place, commitment.query)

    def _add_query(self, rule: _Rule, place: int, text: str) -> None:
        try:
            rule.query = parse_query(text)
        except QueryError:  # the loader refuses such a file; nothing is found by it
            return
        for phrase in _phrases(rule.query):
            if any(phrase.patterns):
                self._always.append(place)
                continue
            number = self._number_of_words(phrase.words, phrase.text, cased=False)
            rule.query_phrases[phrase] = number
            self._users[number].append(place)

    @property
    def _always(self) -> list[int]:
        """Return the rules that no single phrase can trigger."""
        return self._users[-1]

    def _number(self, term: Term) -> int:
        return self._number_of(term.text, cased=term.case_sensitive)

    def _number_of(self, text: str, *, cased: bool = False) -> int:
        return self._number_of_words(fold_phrase(text), text, cased=cased)

    def _number_of_words(self, words: tuple[str, ...], text: str, *, cased: bool) -> int:
        known = self._numbers.get((text, cased))
        if known is not None:
            return known
        number = self._numbers[text, cased] = len(self._terms)
        self._terms.append(text)
        self._cased.append(cased)
        node = self._trie
        for word in words:
            node = node.setdefault(word, {})
        if words:
            node.setdefault(_END, []).append(number)
        return number

    def find(self, article: Article) -> tuple[CommitmentMatch, ...]:
        """Return the commitments that an article names, in the order of the watchlist."""
        text = _Text(article)
        places = self._places(text)
        rules = {rule for number in (*places, -1) for rule in self._users.get(number, ())}
        found = []
        for place in sorted(rules):
            matches = self._matches(self._rules[place], text, places)
            if matches:
                commitment = self._rules[place].commitment
                found.append(CommitmentMatch(commitment=commitment, matches=matches))
        return tuple(found)

    def _places(self, text: _Text) -> dict[int, list[Place]]:
        """Return where each term stands."""
        places: dict[int, list[Place]] = defaultdict(list)
        for part, found in text.tokens.items():
            for first in range(len(found)):
                self._walk(text, part, found, first, places)
        return places

    def _walk(
        self,
        text: _Text,
        part: ArticlePart,
        found: Sequence[Token],
        first: int,
        places: dict[int, list[Place]],
    ) -> None:
        node: dict[str, Any] | None = self._trie.get(found[first].text)
        last = first
        while node is not None:
            for number in node.get(_END, ()):
                place = (part, first, last)
                if not self._cased[number] or self._same_case(text, place, number):
                    places[number].append(place)
            last += 1
            if last >= len(found) or not found[last].joins:
                return
            node = node.get(found[last].text)

    def _same_case(self, text: _Text, place: Place, number: int) -> bool:
        start, end = text.offsets(place)
        return text.strings[place[0]][start:end] == self._terms[number]

    def _matches(
        self, rule: _Rule, text: _Text, places: dict[int, list[Place]]
    ) -> tuple[TermMatch, ...]:
        claimed = [place for number in rule.decoys for place in places.get(number, ())]

        def free(number: int) -> list[Place]:
            return [each for each in places.get(number, ()) if not _inside_any(each, claimed)]

        found: dict[tuple[Place, str], TermRole] = {}
        for number in rule.aliases:
            found |= {(place, self._terms[number]): TermRole.ALIAS for place in free(number)}
        for group, numbers in rule.groups:
            wanted = [[(place, n) for n in each for place in free(n)] for each in numbers]
            for place, number in _grouped(text, group.within, wanted):
                found.setdefault((place, self._terms[number]), TermRole.GROUP)
        for span in self._query_spans(rule, text, free, claimed):
            found.setdefault(((span.part, span.first, span.last), span.phrase.text), TermRole.QUERY)
        for number in rule.weak:
            for place in free(number):
                if self._in_context(rule, text, place, free):
                    found.setdefault((place, self._terms[number]), TermRole.WEAK_ALIAS)
        return tuple(_term_match(text, place, term, role) for (place, term), role in _sorted(found))

    def _in_context(self, rule: _Rule, text: _Text, place: Place, free: Free) -> bool:
        here = text.paragraph(place)
        return all(
            any(self._beside(text, here, other) for number in each for other in free(number))
            for each in rule.context
        )

    def _beside(self, text: _Text, here: tuple[ArticlePart, int], other: Place) -> bool:
        """Tell whether a context term counts here: same paragraph, and the title is in each."""
        there = text.paragraph(other)
        return there == here or (ArticlePart.TITLE in (there[0], here[0]) and _lead(here, there))

    def _query_spans(
        self,
        rule: _Rule,
        text: _Text,
        free: Free,
        claimed: list[Place],
    ) -> tuple[Span, ...]:
        if rule.query is None:
            return ()

        def find(phrase: Phrase) -> Sequence[Span]:
            if phrase in rule.query_phrases:
                at = free(rule.query_phrases[phrase])
            else:
                at = [each for each in _by_pattern(text, phrase) if not _inside_any(each, claimed)]
            return [Span(phrase, *place) for place in at if phrase.part in (None, place[0])]

        def field_holds(condition: Field) -> bool:
            if condition.name == "source":
                return str(text.article.feed_id) == condition.value
            language = text.article.language.lower()
            return language == condition.value.lower() or language.startswith(
                condition.value.lower() + "-"
            )

        return evaluate(rule.query, find, field_holds) or ()


def _lead(here: tuple[ArticlePart, int], there: tuple[ArticlePart, int]) -> bool:
    """The title belongs to every paragraph; a weak alias in the title, to the first one."""
    if there[0] is ArticlePart.TITLE:
        return True
    return here[0] is ArticlePart.TITLE and there[1] == 0


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


def _phrases(node: Node) -> Iterator[Phrase]:
    if isinstance(node, Phrase):
        yield node
    for name in ("parts", "left", "right", "inner"):
        inner = getattr(node, name, ())
        for each in inner if isinstance(inner, tuple) else (inner,):
            yield from _phrases(each)


def _inside(inner: Place, outer: Place) -> bool:
    return inner[0] is outer[0] and outer[1] <= inner[1] and inner[2] <= outer[2]


def _inside_any(place: Place, claimed: Iterable[Place]) -> bool:
    return any(_inside(place, each) for each in claimed)


def _by_pattern(text: _Text, phrase: Phrase) -> Iterator[Place]:
    """Find a phrase with wildcards by looking at every token (of the words as they are written)."""
    for part, found in text.tokens.items():
        string = text.strings[part]
        for first in range(len(found) - len(phrase.words) + 1):
            span = found[first : first + len(phrase.words)]
            if all(token.joins for token in span[1:]) and all(
                pattern.fullmatch(string[token.start : token.end].casefold())
                if pattern
                else token.text == word
                for token, word, pattern in zip(span, phrase.words, phrase.patterns, strict=True)
            ):
                yield part, first, first + len(phrase.words) - 1


def _grouped(
    text: _Text, within: int, wanted: Sequence[Sequence[tuple[Place, int]]]
) -> Iterator[tuple[Place, int]]:
    """Return the terms of a group that stand together: one of each list in one paragraph."""
    if not all(wanted):
        return
    paragraphs = [{text.paragraph(place) for place, _ in each} for each in wanted]
    for paragraph in set.intersection(*paragraphs):
        here = sorted(
            (place[1], place[2], index, number, place)
            for index, candidates in enumerate(wanted)
            for place, number in candidates
            if text.paragraph(place) == paragraph
        )
        spans = [(first, last, 1 << index) for first, last, index, _, _ in here]
        for chosen in _chained(spans, within, (1 << len(wanted)) - 1):
            yield here[chosen][4], here[chosen][3]


def _chained(spans: Sequence[tuple[int, int, int]], within: int, full: int) -> Iterator[int]:
    """Return the spans that are part of a chain through every list, neighbours near enough.

    `spans` are (first token, last token, bit of the list), sorted. For each span the sets of lists
    that chains ending, and beginning, with it can hold are worked out; it counts where the two
    make a whole. So the work is bounded by what stands near, not by all combinations.
    """
    neighbours = [
        [
            right
            for right in range(left + 1, len(spans))
            if spans[left][1] < spans[right][0] <= spans[left][1] + within + 1
        ]
        for left in range(len(spans))
    ]
    ending = [{bit} for _, _, bit in spans]
    for left, others in enumerate(neighbours):
        for right in others:
            bit = spans[right][2]
            ending[right] |= {held | bit for held in ending[left] if not held & bit}
    beginning = [{bit} for _, _, bit in spans]
    for left in reversed(range(len(spans))):
        bit = spans[left][2]
        for right in neighbours[left]:
            beginning[left] |= {held | bit for held in beginning[right] if not held & bit}
    for place, (_, _, bit) in enumerate(spans):
        if any(
            one | other == full and one & other == bit
            for one in ending[place]
            for other in beginning[place]
        ):
            yield place


def _sorted(
    found: dict[tuple[Place, str], TermRole],
) -> list[tuple[tuple[Place, str], TermRole]]:
    parts = tuple(ArticlePart)
    return sorted(found.items(), key=lambda each: (parts.index(each[0][0][0]), each[0][0][1:]))


def _term_match(text: _Text, place: Place, term: str, role: TermRole) -> TermMatch:
    start, end = text.offsets(place)
    quote = text.strings[place[0]][start:end]
    return TermMatch(term=term, role=role, part=place[0], start=start, end=end, quote=quote)
