"""The guards of monitor/guards.py, applied: what speaks against a sign in its clause. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from model.records import Milestone
from monitor import guards
from monitor.notation import Pattern
from monitor.reading import Reading
from monitor.sentences import Clause, Sentence
from monitor.text_dates import is_after, is_before, nearest_date
from monitor.vocabulary import Signal

IF_BEGINS = 12  # characters at the beginning of a clause
LONG_AGO = timedelta(days=60)  # what is dated so long before it is told is background


def guards_on(
    sentence: Sentence, clause: Clause, start: int, end: int, only: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the guards that fire on a sign, looking at the clause that holds it."""
    before, after = sentence.unnamed[clause.start : start], sentence.unnamed[end : clause.end]
    fired = []
    for guard in guards.CHINESE if sentence.chinese else guards.ENGLISH:
        if only and guard.name not in only:
            continue
        if guard.before.search(before) or (guard.after and guard.after.search(after)):
            fired.append(guard.name)
    if "condition" not in fired and _is_conditional(sentence, clause):
        fired.append("condition")
    is_word = sentence.folded[start].isalpha()
    if is_word and not sentence.chinese and not only and _is_infinitive(before):
        fired.append("future")
    if not only and sentence.folded.rstrip().endswith("?"):
        fired.append("question")
    return tuple(fired)


def _is_conditional(sentence: Sentence, clause: Clause) -> bool:
    """Tell whether this clause, or one in front of it, begins with a condition."""
    begins = guards.IF_ZH if sentence.chinese else guards.IF
    return any(
        begins.search(sentence.unnamed[each.start : each.end][:IF_BEGINS]) is not None
        for each in sentence.clauses
        if each.start <= clause.start
    )


def _is_infinitive(before: str) -> bool:
    words = before.split()[-2:]
    return "to" in words[-1:] or (len(words) > 1 and words[0] == "to" and words[1].endswith("ly"))


def objects_of(sentence: Sentence, clause: Clause, signal: Signal, start: int) -> tuple[str, ...]:
    """Return the guards about what the sign's object is, or whether the sign is a noun."""
    text = sentence.unnamed[clause.start : clause.end]
    place, chinese = start - clause.start, sentence.chinese
    fired: list[str] = []
    if signal.milestone is Milestone.UNVEILED:
        fired += only_a_plan(sentence, clause, start)
    noun = guards.NOUN_USE_ZH if chinese else guards.NOUN_USE
    meaning = chinese and _covers(guards.NOUN_MEANING_ZH, text, place)
    if meaning or (not signal.strong and _covers(noun, text, place)):
        fired.append("noun")
    return tuple(fired)


def only_a_plan(sentence: Sentence, clause: Clause, start: int) -> tuple[str, ...]:
    """Return "plan" where the sign's object is only a plan for the thing."""
    plan = guards.PLAN_OBJECT_ZH if sentence.chinese else guards.PLAN_OBJECT
    text = sentence.unnamed[clause.start : clause.end]
    return ("plan",) if _covers(plan, text, start - clause.start) else ()


def _covers(pattern: Pattern, text: str, place: int) -> bool:
    return any(found.start() <= place < found.end() for found in pattern.finditer(text))


def background_of(
    reading: Reading, sentence: Sentence, clause: Clause, start: int, end: int
) -> tuple[str, ...]:
    """Return "background" where the clause tells of the past, by its words or its date."""
    if told_as_past(sentence, clause):
        return ("background",)
    when = nearest_date(sentence.original[: clause.end], start, end, reading.published)
    if when is None:
        return ()
    if reading.pledged is not None and is_before(when, reading.pledged):
        return ("background",)
    if reading.published is not None:
        if is_before(when, reading.published - LONG_AGO):
            return ("background",)
        if is_after(when, reading.published):
            return ("future",)
    return ()


def told_as_past(sentence: Sentence, clause: Clause) -> tuple[str, ...]:
    """Return "background" where the clause has the words of what lies back."""
    pattern = guards.BACKGROUND_ZH if sentence.chinese else guards.BACKGROUND
    text = sentence.unnamed[clause.start : clause.end]
    return ("background",) if pattern.search(text) else ()
