"""Signs of a step in an article, each with the guards that take it back. Pure.

A sign counts only in a clause that is about the pledge: it names it, or goes on about it without
another subject of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from model.dates import last_day
from model.records import (
    ArticlePart,
    CommitmentKind,
    Milestone,
    Setback,
)
from monitor import guards
from monitor.counting import COUNTED, OF_THE, count_in
from monitor.hedges import background_of, guards_on, objects_of, only_a_plan, told_as_past
from monitor.reading import LEAD, NAMING, Reading, clauses_about, names_it
from monitor.sentences import Clause, Sentence
from monitor.text_dates import dates_in, is_after, nearest_date
from monitor.vocabulary import (
    CHINESE,
    ENDORSED,
    ENGLISH,
    EVENTS,
    OFFERS,
    SETBACKS,
    UPTAKE,
    UPTAKE_ZH,
    WORDS,
    Link,
    Signal,
)

THESE_DAYS = timedelta(days=7)  # what is dated so shortly before it is told is the news
SOON = timedelta(days=60)  # what is dated so soon after it is told is at hand


SAID = ("negation", "wish")  # what somebody does not do, or wants, is news when it is dated
SOME_ZH = re.compile(
    r"\s*(?:了|约|近|超过)?\s*[\d一二两三四五六七八九十百]+\s*[余多]?\s*[个所家座处项条]"
)
FIRST_MEETING = re.compile(r"\b(?:first|inaugural)\b|首次|首届|第一次")
HEDGED = re.compile(r"\b(?:could|might|may|can)(?: be)?\s*$|(?:可能|或许|或|拟)$")
OF_A_TEXT = re.compile(r"\s*(?:chapters?|articles?|paragraphs?|clauses?|pages?)\b")
GATHERS = re.compile(r"meet|session|assembly|round|conven|会议|理事会|全会|大会|次 ?会|对话|届")
A_MEETING = re.compile(r"\b(?:meeting|session|assembly)\b|会议")
_LOOSE = re.compile(r"[,;:]|\b(?:about|against|for|from|of|on|over|with)\b")  # no object behind it


class Sort(StrEnum):
    """What a sign is a sign of."""

    STEP = "step"
    SETBACK = "setback"
    UPCOMING = "upcoming"  # a dated step that lies ahead
    UPTAKE = "uptake"  # those it was meant for use it
    OFFER = "offer"  # another party wants to take part
    EVENT = "event"  # something happened these days, nobody knows what
    WORDS = "words"  # somebody said it again
    ENDORSED = "endorsed"  # somebody was glad of it


@dataclass(frozen=True, slots=True)
class Finding:
    """One sign with what it would mean and what speaks against it."""

    sort: Sort
    sentence: Sentence
    start: int  # in the sentence
    end: int
    milestone: Milestone | None = None
    setback: Setback | None = None
    strong: bool = True
    named: bool = True  # its clause names the pledge
    guards: tuple[str, ...] = ()
    when: str | None = None  # EDTF: the date beside it

    @property
    def quote(self) -> str:
        """Return its words as the article has them."""
        return " ".join(self.sentence.original[self.start : self.end].split())


def findings_in(reading: Reading) -> Iterator[Finding]:
    """Return every sign in the clauses that are about the pledge."""
    previous = False
    for sentence in reading.sentences:
        about = list(clauses_about(reading, sentence, previous=previous))
        for clause, named in about:
            yield from _in_clause(reading, sentence, clause, named=named)
        if about and sentence.number < LEAD:
            yield from _upcoming(reading, sentence)
        if sentence.number < 2:
            for clause, named in about:
                if named:
                    yield from _event(reading, sentence, clause)
        previous = any(names_it(reading, sentence, clause, carrying=True) for clause, _ in about)


# --- signs in a clause -------------------------------------------------------------------


def _in_clause(
    reading: Reading, sentence: Sentence, clause: Clause, *, named: bool
) -> Iterator[Finding]:
    setbacks = list(_setbacks(reading, sentence, clause, named=named))
    yield from setbacks
    taken = [(each.start, each.end) for each in setbacks]
    done = list(taken)  # a weak step that is only to come may be words: "will set up"
    if not setbacks:  # a setback in the clause beats a milestone
        for signal, start, end in _signs(
            sentence, clause, CHINESE if sentence.chinese else ENGLISH
        ):
            if not _overlaps(start, end, taken) and _is_linked(sentence, signal, start, end):
                step = _step(reading, sentence, clause, signal, start, end, named=named)
                taken.append((start, end))
                if step.strong or not step.guards:
                    done.append((start, end))
                yield step
        yield from _counted(reading, sentence, clause, taken)
        yield from _uptake(reading, sentence, clause)
    for sort, signals in ((Sort.OFFER, OFFERS), (Sort.WORDS, WORDS), (Sort.ENDORSED, ENDORSED)):
        for signal, start, end in _signs(sentence, clause, signals):
            if not _overlaps(start, end, done):
                done.append((start, end))
                fired = guards_on(sentence, clause, start, end, only=("negation", "condition"))
                fired += told_as_past(sentence, clause)
                fired += _hedged_name(reading, sentence, clause)
                if sentence.chinese and sort is Sort.WORDS:
                    fired += only_a_plan(sentence, clause, start)
                yield Finding(
                    sort, sentence, start, end, signal.milestone, strong=False, named=named,
                    guards=fired,
                )  # fmt: skip


def _hedged_name(reading: Reading, sentence: Sentence, clause: Clause) -> tuple[str, ...]:
    """Return "possibility" where the pledge itself is what may be: "a body that could sit in"."""
    starts = [
        sentence.place(match)[0]
        for match in sentence.matches
        if reading.names(match) and clause.start <= sentence.place(match)[0] < clause.end
    ]
    hedged = [HEDGED.search(sentence.folded[max(each - 24, 0) : each]) for each in starts]
    return ("possibility",) if hedged and all(hedged) else ()


def _signs(
    sentence: Sentence, clause: Clause, signals: Sequence[Signal]
) -> Iterator[tuple[Signal, int, int]]:
    """Return signs with their places in the sentence; those inside the pledge's name are none."""
    text = sentence.folded[clause.start : clause.end]
    names = [sentence.place(match) for match in sentence.matches if match.role in NAMING]
    for signal in signals:
        for found in signal.pattern.finditer(text):
            start, end = found.start() + clause.start, found.end() + clause.start
            if not any(first <= start and end <= last for first, last in names):
                yield signal, start, end


def _overlaps(start: int, end: int, taken: Sequence[tuple[int, int]]) -> bool:
    return any(first < end and start < last for first, last in taken)


def _is_linked(sentence: Sentence, signal: Signal, start: int, end: int) -> bool:
    """Tell whether the name stands where the sign wants it."""
    if signal.link is Link.CLAUSE:
        return True
    for match in sentence.matches:
        first, last = sentence.place(match)
        if signal.link is Link.SUBJECT and last <= start:
            between = sentence.folded[last:start]
        elif signal.link is Link.OBJECT and end <= first:
            between = sentence.folded[end:first]
        else:
            continue
        if len(between.split()) <= 4 and not _LOOSE.search(between):
            return True
    return False


def _step(
    reading: Reading,
    sentence: Sentence,
    clause: Clause,
    signal: Signal,
    start: int,
    end: int,
    *,
    named: bool,
) -> Finding:
    hedged = end - 1 if signal.milestone is Milestone.PLACE_DECIDED else start
    fired = guards_on(sentence, clause, hedged, end)
    fired += objects_of(sentence, clause, signal, start)
    fired += background_of(reading, sentence, clause, start, end)
    milestone = _milestone(reading, signal, sentence.folded[start:end])
    if milestone is Milestone.DELIVERED and _is_some(reading, sentence, end):
        milestone = Milestone.OPERATING
    when = nearest_date(sentence.original, start, end, reading.published)
    return Finding(
        Sort.STEP, sentence, start, end, milestone, strong=signal.strong, named=named,
        guards=tuple(dict.fromkeys(fired)), when=when,
    )  # fmt: skip


def _milestone(reading: Reading, signal: Signal, words: str) -> Milestone:
    """Return what a sign means for this kind of pledge: a body that first meets is established."""
    milestone, is_body = signal.milestone, reading.commitment.kind is CommitmentKind.BODY
    is_first = FIRST_MEETING.search(words) is not None and GATHERS.search(words) is not None
    if is_body and milestone is Milestone.OPERATING and is_first:
        return Milestone.ESTABLISHED
    if not is_body and milestone is Milestone.ESTABLISHED:
        if "推进会" in words:
            return Milestone.PREPARING
        if A_MEETING.search(words):
            return Milestone.OPERATING  # a programme or a panel that meets is at work
    return milestone


def _is_some(reading: Reading, sentence: Sentence, end: int) -> bool:
    """Tell whether only some of something was built: "已建成8个" is no end of the whole."""
    if SOME_ZH.match(sentence.folded, end) is None:
        return False
    done, target = count_in(sentence, reading.commitment)
    return done is None or target is None or done < target


def _setbacks(
    reading: Reading, sentence: Sentence, clause: Clause, *, named: bool
) -> Iterator[Finding]:
    text = sentence.folded[clause.start : clause.end]
    for setback, pattern in SETBACKS:
        for found in pattern.finditer(text):
            start, end = found.start() + clause.start, found.end() + clause.start
            if setback is Setback.DENIED and _denies_a_setback(sentence, start, end):
                continue
            fired = guards_on(sentence, Clause(clause.start, end), start, end)
            if _is_reversed(sentence, clause, start):
                fired = ("reversal", *fired)
            if setback is not Setback.DENIED:  # what is denied may lie back
                dated = background_of(reading, sentence, clause, start, end)
                fired += tuple(each for each in dated if each != "future")  # put off to a day ahead
            yield Finding(
                Sort.SETBACK, sentence, start, end, setback=setback, named=named, guards=fired,
                when=nearest_date(sentence.original, start, end, reading.published),
            )  # fmt: skip


def _denies_a_setback(sentence: Sentence, start: int, end: int) -> bool:
    """Tell whether what is denied is itself a setback: then nothing has fallen back."""
    return any(
        found.start() >= end or found.end() <= start
        for setback, pattern in SETBACKS
        if setback is not Setback.DENIED
        for found in pattern.finditer(sentence.folded)
    )


def _is_reversed(sentence: Sentence, clause: Clause, start: int) -> bool:
    before = sentence.folded[:start]
    if sentence.chinese:
        after = guards.REVERSAL_AFTER_ZH.search(sentence.folded[start:])
        return after is not None or guards.REVERSAL_ZH.search(before[-24:]) is not None
    near = sentence.folded[clause.start : start][-40:]
    return (
        guards.REVERSAL.search(near) is not None or guards.DENIAL.search(before[-90:]) is not None
    )


def _counted(
    reading: Reading, sentence: Sentence, clause: Clause, taken: Sequence[tuple[int, int]]
) -> Iterator[Finding]:
    """Return "12 of 40", where no other sign of the clause tells what was done."""
    if taken:
        return
    found = COUNTED.search(sentence.folded, clause.start, clause.end)
    found = found or OF_THE.search(sentence.folded, clause.start)
    if found is None or count_in(sentence, reading.commitment)[0] is None:
        return
    start, end = found.span()
    if OF_A_TEXT.match(sentence.folded, end):
        return
    fired = guards_on(sentence, clause, start, end)
    fired += background_of(reading, sentence, clause, start, end)
    yield Finding(Sort.STEP, sentence, start, end, Milestone.OPERATING, guards=fired)


def _uptake(reading: Reading, sentence: Sentence, clause: Clause) -> Iterator[Finding]:
    """Return signs that those for whom a programme was meant use what it gives."""
    if reading.commitment.kind is not CommitmentKind.PROGRAMME:
        return
    pattern = UPTAKE_ZH if sentence.chinese else UPTAKE
    for found in pattern.finditer(sentence.folded[clause.start : clause.end]):
        start, end = found.start() + clause.start, found.end() + clause.start
        fired = guards_on(sentence, clause, start, end)
        fired += background_of(reading, sentence, clause, start, end)
        yield Finding(
            Sort.UPTAKE, sentence, start, end, Milestone.DELIVERED, guards=fired,
            when=nearest_date(sentence.original, start, end, reading.published),
        )  # fmt: skip


def _event(reading: Reading, sentence: Sentence, clause: Clause) -> Iterator[Finding]:
    """Return a date of these days beside the name, in the title or first sentence."""
    if reading.published is None:
        return
    for told in dates_in(sentence.original, reading.published):
        ago = reading.published - last_day(told.when)
        if len(told.when) > len("2026-07") and timedelta(0) <= ago <= THESE_DAYS:
            end = told.end
            fired = guards_on(sentence, clause, clause.end - 1, clause.end)
            fired = tuple(each for each in fired if each not in SAID)
            fired += told_as_past(sentence, clause)
            yield Finding(
                Sort.EVENT, sentence, told.start, end, _happened(sentence, clause), guards=fired,
                when=told.when,
            )  # fmt: skip


def _happened(sentence: Sentence, clause: Clause) -> Milestone | None:
    """Return what a verb beside the name makes of an event; None where nobody knows."""
    whole = Clause(0, len(sentence.folded))
    for place in (clause, whole):
        for signal, start, end in _signs(sentence, place, EVENTS):
            if not guards_on(sentence, place, start, end):
                return signal.milestone
    return None


def _upcoming(reading: Reading, sentence: Sentence) -> Iterator[Finding]:
    """Return a date that lies a little ahead in the title or lead: a step is set for it."""
    if reading.published is None:
        return
    for told in dates_in(sentence.original, reading.published):
        ahead = is_after(told.when, reading.published)
        if ahead and not is_after(told.when, reading.published + SOON) and len(told.when) > 7:
            yield Finding(
                Sort.UPCOMING, sentence, told.start, told.end, Milestone.PREPARING,
                strong=sentence.part is ArticlePart.TITLE, when=told.when,
            )  # fmt: skip
