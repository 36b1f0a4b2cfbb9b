"""Promises in a Chinese sentence, of either script: who, in which words, what. Pure.

A clause that promises or proposes and holds a verb of making, giving or doing, then what. Looked
for on simplified characters of the same length; what is returned stands as in the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from model.records import CommitmentKind
from monitor import promise_words as words
from monitor.deadlines import SOME_DAY, deadline_in
from monitor.objects import WHO, Named, Promise, named_chinese
from monitor.sentences import Sentence

PERSONS = frozenset(("他", "她"))  # made out by monitor/parties.py
PRONOUNS = frozenset(("其", "该国", "它", "他们", "它们", "这"))
_DATELINE = re.compile(r"^.{0,40}?\d日电\s*(?:[（(][^）)]*[）)])?\s*")
_COMMA = re.compile(r"[,;:，；：。!?！？]")
_AFTER_ACTOR = re.compile(
    r"(?:\d{1,2}日|[一二三四五六七八九十]{1,3}日|日前|周[一二三四五六日]|星期|在|于|就|为|向|对|表示|指出|强调|透露|介绍|补充|说|称|把|将|自|由|"
    r"通过|从|即|代表|年内|无偿|出资).*$"
)
_BEFORE_ACTOR = re.compile(
    r"^(?:根据|按照|依据|据).*|^(?:其中|包括.*|以及.*|以.*|东道主|(?:未来|今后)[一二两三五十\d]{1,2}年|明年起|今年起|年内|今后|[\u4e00-\u9fff]{2,4}方面|此外|另外|同时|而|并|但)"
)
_DONE = ("了", "过")  # what was done is no promise
_LONGEST_ACTOR = 24


def promises_chinese(sentence: Sentence) -> Iterator[Promise]:
    """Return the promises of a sentence."""
    text = sentence.folded
    dateline = _DATELINE.match(text)
    if text.rstrip().endswith(("?", "？")) or words.NO_PROMISE_ZH.search(text):
        return
    numbered = words.NUMBERED_ZH.match(text)
    start, carried = max(each.end() if each else 0 for each in (dateline, numbered)), ""
    for stop in [*(found.start() for found in _COMMA.finditer(text)), len(text)]:
        if stop < start:
            continue
        clause = text[start:stop]
        word, firm = _promising(clause)
        head = words.VERB_ZH.search(clause)
        end = min((each.start() for each in (word, head) if each), default=len(clause))
        actor = _actor(sentence, start, clause[:end])
        if word is None and not actor:  # the promise of a clause before goes on
            word, firm = _promising(text[:start])
        speaker = words.SPEAKS_ZH.search(clause)
        if word is None and speaker is not None:
            carried = _actor(sentence, start, clause) or carried
        text_of = words.TEXTS_ZH.search(clause)
        if text_of is not None:
            carried = actor or carried
            yield from _text(sentence, start + text_of.start("name"), carried, text_of[0][:2])
        elif word is not None:
            if words.COMES_ZH.match(clause) is None:  # else it is what is to come
                carried = actor or carried
            yield from _promised(sentence, start, clause, carried, firm=firm)
        start = stop + 1


def _promising(text: str) -> tuple[re.Match[str] | None, bool]:
    """Return the word that promises, or else proposes, and which of the two it does."""
    soft = words.SOFT_ZH.search(text)
    firm = words.FIRM_ZH.search(text)
    if soft is not None and (firm is None or soft[0] not in {"力争", "希望"}):
        return soft, False
    return (firm, True) if firm is not None else (soft, False)


def _promised(
    sentence: Sentence, start: int, clause: str, actor: str, *, firm: bool
) -> Iterator[Promise]:
    doubts = _doubts(sentence, actor, firm=firm)
    whole = _whole(sentence, start, clause)
    if whole is not None:
        yield Promise(sentence, actor, *whole, firm, doubts)
        return
    place = 0
    while (verb := words.VERB_ZH.search(clause, place)) is not None:
        place = verb.end()
        stop = start + len(clause)
        if clause[place : place + 1] in _DONE or _is_quoted(sentence, start + verb.start()):
            continue
        what = named_chinese(sentence.original[:stop], sentence.folded[:stop], start + verb.end())
        is_dated_deed = verb["doing"] is not None and deadline_in(sentence.original, SOME_DAY)
        if what is None or not (what.is_deliverable or is_dated_deed):
            continue
        yield Promise(sentence, actor, verb[0], what, firm, doubts)
        return


def _text(sentence: Sentence, place: int, actor: str, verb: str) -> Iterator[Promise]:
    """Return a document that was adopted or published."""
    what = named_chinese(sentence.original, sentence.folded, place)
    if what is not None and what.is_deliverable:
        doubts = _doubts(sentence, actor, firm=True)
        yield Promise(sentence, actor, verb, what, is_firm=True, doubts=doubts)


def _is_quoted(sentence: Sentence, place: int) -> bool:
    """Tell whether a place is inside a title or a quotation: a verb there is part of a name."""
    quoted = words.QUOTED_ZH.finditer(sentence.original)
    return any(each.start() < place < each.end() for each in quoted)


def _whole(sentence: Sentence, start: int, clause: str) -> tuple[str, Named] | None:
    """Return what is to change or to come, told with the thing in front of its verb."""
    found = words.CHANGE_ZH.search(clause)
    if found is not None:
        first, last = found.start("name") + start, found.end() + start
        name = sentence.original[first:last]
        return found["verb"], Named(name, first, CommitmentKind.PROGRAMME, False, True)
    found = words.COMES_ZH.match(clause)
    if found is None:
        return None
    first = start + found.start("name")
    what = named_chinese(
        sentence.original[: found.end("name") + start],
        sentence.folded[: found.end("name") + start],
        first,
    )
    return (found["verb"], what) if what is not None and what.is_deliverable else None


def _doubts(sentence: Sentence, actor: str, *, firm: bool) -> tuple[str, ...]:
    doubts = [] if firm else ["only proposed"]
    if words.CAUTION_ZH.search(sentence.folded):
        doubts.append("told with caution")
    if not actor or actor in PRONOUNS:
        doubts.append(WHO)
    return tuple(doubts)


def _actor(sentence: Sentence, start: int, before: str) -> str:
    """Return who stands in front, as the original writes it."""
    if _BEFORE_ACTOR.match(before):
        before_cut = _BEFORE_ACTOR.sub("", before)
        start += len(before) - len(before_cut)
        before = before_cut
    kept = _AFTER_ACTOR.sub("", before)
    kept = words.ADVERBS_ZH.sub("", kept)
    lead = len(kept) - len(kept.lstrip())
    name = sentence.original[start + lead : start + len(kept)].strip("“”‘’「」《》 ")
    if name in PERSONS:
        return name
    is_name = 1 < len(name) <= _LONGEST_ACTOR and words.NOUN_ZH.match(name)
    return name if is_name and not name.endswith(("内", "內", "里", "裡", "上", "中")) else ""
