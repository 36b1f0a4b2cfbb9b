"""Whether an article without news is about the pledge or only names it, and its days. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from model.dates import first_day, last_day
from model.records import Relation, TermMatch
from monitor import guards
from monitor.reading import LEAD, Reading, is_setting
from monitor.sentences import Sentence
from monitor.text_dates import dates_in

SAME_NEWS = timedelta(days=3)  # something said or done is still news for so long
OFTEN_NAMED = 3  # sentences that name the pledge: then the article is about it
LONG_WORD = 4  # letters of a word that says something
COMMON = frozenset(
    """
    global world international regional national united nations cooperation organization
    organisation center centre fund plan action treaty project programme program state states
    digital data artificial intelligence governance north south east west
    """.split()
)
_WORD = re.compile(r"[a-z][a-z-]{3,}")
_ABOUT = re.compile(r"\b(?:about|over|what|guide to|case for|case against) (?:the |a |an )?$")
_ABOUT_ZH = re.compile(r"(?:就|关于|围绕)(?:建立|成立|设立)?《?$")
_ONE_OF_MANY = re.compile(r"^[^.]{0,20}\bamong (?:them|others)\b")


def quiet_relation(reading: Reading) -> Relation:
    """Tell a restatement from a mention: is the article about the pledge?"""
    names = [
        (sentence, match)
        for sentence in reading.sentences
        for match in sentence.matches
        if reading.names(match) and not is_setting(sentence, match)
    ]
    named = {sentence.number for sentence, _ in names}
    if 0 in named or len(named) >= OFTEN_NAMED or (named and _is_fresh(reading)):
        return Relation.RESTATEMENT
    if 1 in named and len(reading.about) >= OFTEN_NAMED:
        return Relation.RESTATEMENT
    first = [(sentence, match) for sentence, match in names if sentence.number == 1]
    if any(_is_subject(reading, sentence, match) for sentence, match in first):
        return Relation.RESTATEMENT
    return Relation.MENTION


def _is_subject(reading: Reading, sentence: Sentence, match: TermMatch) -> bool:
    """Tell whether the first sentence of the text says that the article is about the pledge."""
    start, end = sentence.place(match)
    before, behind = sentence.folded[:start], sentence.folded[end:]
    if before.split() in ([], ["the"], ["a"], ["an"], ["《"]):
        return True
    if (_ABOUT_ZH if sentence.chinese else _ABOUT).search(before):
        return True
    return not _ONE_OF_MANY.match(behind) and _title_shares_a_word(reading, match)


def _title_shares_a_word(reading: Reading, name: TermMatch) -> bool:
    """Tell whether the title has a word of the pledge's name that is not everybody's."""
    title = next((each.folded for each in reading.sentences if each.number == 0), "")
    own = set(_WORD.findall(name.quote.lower())) - COMMON - _words_of_the_parties(reading)
    return any(
        word.startswith(each[: max(len(each) - 1, LONG_WORD)])
        for each in own
        for word in _WORD.findall(title)
    )


def _words_of_the_parties(reading: Reading) -> set[str]:
    commitment = reading.commitment
    told: Sequence[str | None] = (
        *commitment.promisor,
        *commitment.counterparties,
        *(each.where for each in commitment.said),
        *(each.by for each in commitment.said),
    )
    return {word for each in told if each for word in _WORD.findall(each.lower())}


def _is_fresh(reading: Reading) -> bool:
    """Tell whether the article is of the days of something said or done about the pledge."""
    commitment, published = reading.commitment, reading.published
    days = [first_day(each.date) for each in commitment.said]
    days += [first_day(each.date) for each in commitment.known]
    if published is not None:
        return any(timedelta(0) <= published - day <= SAME_NEWS for day in days)
    told = told_days(reading)
    if told:
        return any(abs(one - day) <= SAME_NEWS for one in told for day in days)
    return not is_elsewhere(reading)


def told_days(reading: Reading) -> list[date]:
    """Return the days and months that the title and lead name."""
    head = [each for each in reading.sentences if each.number < LEAD]
    told = [when for each in head for when in dates_in(each.original, None)]
    return [last_day(each.when) for each in told if len(each.when) > len("2026")]


def is_elsewhere(reading: Reading) -> bool:
    """Tell whether an undated article names a forum that the pledge was not made at."""
    first = min(reading.commitment.said, key=lambda each: each.date, default=None)
    where = (first.where or "").lower() if first else ""
    pattern = guards.OCCASION_ZH if reading.chinese else guards.OCCASION
    return any(found[0] not in where for found in pattern.finditer(reading.head))
