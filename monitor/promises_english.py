"""Promises in an English sentence: who, in which words, what. Pure.

A word that promises or proposes, then a verb of making, giving or doing, then what. What names
nothing that can be looked for is no promise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from model.records import CommitmentKind
from monitor import promise_words as words
from monitor.deadlines import SOME_DAY, deadline_in
from monitor.objects import WHO, Named, Promise, listed_rules, named_english
from monitor.sentences import Sentence

_BREAK = re.compile(
    r"[,;:–—]\s|,? and (?=[A-Z]\w+ (?:propos|pledg|agree|promis|announc|will|commit))"
)
_VERB_OF_ACTOR = re.compile(
    r"\s(?:has|have|had|is|are|was|were|also|reportedly|now|jointly|today|then|further|will|would|"
    r"took|takes|said|says|told|says?)\b.*$|\s(?:on|in|at|this|last) [A-Z0-9].*$",
)
_ARTICLE = re.compile(
    r"^(?:today|yesterday|now|in return|"
    r"in addition|in turn|for (?:his|her|its) part|under the \w+|with|while|and|but|"
    r"that|as|when|where|after|by|in which|the|instead|here)\s+",
    re.IGNORECASE,
)
_PLACE_BEHIND = re.compile(r"\s+([A-Z][\w-]+(?: [A-Z][\w-]+)?)")
_PLACE_BEFORE = re.compile(r"([A-Z][\w-]+(?: [A-Z][\w-]+)?)\s*$")
_BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]")
_NOBODY = re.compile(
    r"(?:by|in|on|at|for|under|after|before|during|since|following|building|alongside|\w+ing)\b"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
    r"|\W*\d[\d\s,]*$|earlier\b",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^(?:and|but|which|that|in \w+|under \w+ \w+|as agreed)\s+", re.IGNORECASE)
_BY = re.compile(r"\s+by ((?:the )?[A-Z][\w-]+(?: [A-Z][\w-]+)*)")
SEATED = "have"  # the verb of a promise about where something has its seat
LONGEST_ACTOR = 14  # words
PRONOUNS = frozenset("it they he she i this that these who which both".split())


def promises_english(sentence: Sentence) -> Iterator[Promise]:
    """Return the promises of a sentence; the same thing may come more than once."""
    text = sentence.folded
    if text.rstrip().endswith("?") or words.NO_PROMISE.search(text):
        return
    yield from _seats(sentence)
    yield from _offered(sentence)
    for pattern, firm in ((words.FIRM, True), (words.SOFT, False)):
        for found in pattern.finditer(text):
            yield from _promised(sentence, found, firm=firm)
    for found in words.WOULD.finditer(text):
        yield from _promised(sentence, found, firm=True)
    yield from _coming(sentence)
    yield from _texts(sentence)
    yield from _covered(sentence)


def _promised(sentence: Sentence, found: re.Match[str], *, firm: bool) -> Iterator[Promise]:
    text = sentence.folded
    between = words.BETWEEN.match(text, found.end())
    place = between.end() if between else found.end()
    verb = words.VERB.match(text, place)
    if verb is None:
        verb = _passive_or_direct(text, found.end())
    if verb is None:
        if found[0].startswith(("will", "shall", "plan", "decid", "invit")):
            return
        yield from _given(sentence, found, firm=firm)
        return
    doubts = _doubts(sentence, found.start(), firm=firm)
    for each in _every_verb(text, verb):
        name = listed_rules if each["vague"] else named_english
        what = name(sentence.original, each.end())
        second = each is not verb
        if what is not None and _is_testable(sentence, each, what, named_only=second):
            yield Promise(
                sentence, _actor(sentence, found.start()), each[0], what, firm, tuple(doubts)
            )


def _passive_or_direct(text: str, end: int) -> re.Match[str] | None:
    """Return a verb a few words behind: "unveiled a sweeping proposal to establish"."""
    gap = re.match(r"(?:\s[\w’'-]+){0,4}?\s(?:to|on|for)\s(?:help )?", text[end:])
    return words.VERB.match(text, end + gap.end()) if gap else None


def _offered(sentence: Sentence) -> Iterator[Promise]:
    """Return what somebody offers in the words of others: "the offer of Arden to contribute"."""
    for found in words.OFFER_OF.finditer(sentence.folded):
        verb = words.VERB.match(sentence.folded, found.end())
        if verb is None and found["link"] == "to":
            continue
        what = named_english(sentence.original, verb.end() if verb else found.end())
        if what is not None and what.is_deliverable:
            actor = sentence.original[slice(*found.span("actor"))]
            yield Promise(sentence, actor, verb[0] if verb else "give", what, is_firm=True)


def _coming(sentence: Sentence) -> Iterator[Promise]:
    """Return what is said to come to be: "a centre will be set up", "the line will open"."""
    new = words.NEW_BODY.match(sentence.folded)
    if new is not None:
        what = named_english(sentence.original[: new.end("name")], new.start("name"))
        if what is not None and what.is_deliverable:
            yield Promise(sentence, "", "establish", what, is_firm=True, doubts=(WHO,))
    for found in words.WILL_SEE.finditer(sentence.folded):
        what = named_english(sentence.original, found.end())
        if what is not None:
            yield Promise(sentence, _actor(sentence, found.start()), "see", what, is_firm=True)
    for found in words.COMES.finditer(sentence.folded):
        begin = max(
            (each.end() for each in _BREAK.finditer(sentence.folded[: found.start()])), default=0
        )
        subject = sentence.original[begin : found.start()].strip()
        subject = _LEADING.sub("", subject)
        place = sentence.original.find(subject, begin)
        what = named_english(sentence.original[: found.start()], place) if subject else None
        if what is None or not what.is_deliverable or len(what.name) < len(subject) // 2:
            continue
        by = _BY.match(sentence.original, found.end())
        actor = by[1] if by else ""
        doubts = () if actor else (WHO,)
        yield Promise(sentence, actor, found["verb"], what, is_firm=True, doubts=doubts)


def _every_verb(text: str, first: re.Match[str]) -> Iterator[re.Match[str]]:
    """Return the verb and a second one that hangs on the same promise: "fund … and build …"."""
    yield first
    second = re.compile(r"\band ").search(text, first.end())
    if second is not None and (verb := words.VERB.match(text, second.end())):
        yield verb


def _given(sentence: Sentence, found: re.Match[str], *, firm: bool) -> Iterator[Promise]:
    """Return what is promised without a verb of its own: "pledged 120 million"."""
    what = named_english(sentence.original, found.end())
    if what is None or not what.is_deliverable:
        return
    announced = found[0].startswith("announc") and what.kind is not CommitmentKind.PROGRAMME
    if what.is_proper or announced or words.NUMBER.match(what.name):
        doubts = _doubts(sentence, found.start(), firm=firm)
        yield Promise(
            sentence, _actor(sentence, found.start()), found[0].strip(), what, firm, tuple(doubts)
        )


def _is_testable(sentence: Sentence, verb: re.Match[str], what: Named, *, named_only: bool) -> bool:
    """Tell whether one could see it done: a thing, a number, a name, or a deed with a deadline."""
    if named_only:
        return what.is_proper or what.target is not None
    if what.is_deliverable or what.is_proper or verb[0].startswith("shar"):
        return True
    if words.NUMBER.search(what.name.lower()):
        return True
    return verb["doing"] is not None and deadline_in(sentence.original, SOME_DAY) is not None


def _texts(sentence: Sentence) -> Iterator[Promise]:
    """Return documents that were adopted or published, and what a text sets up."""
    for found in words.DOCUMENT_VERB.finditer(sentence.folded):
        what = named_english(sentence.original, found.end())
        is_text = what is not None and (what.kind is CommitmentKind.DOCUMENT or what.is_proper)
        if what is not None and is_text and what.is_deliverable and _actor(sentence, found.start()):
            yield Promise(sentence, _actor(sentence, found.start()), found[0], what, is_firm=True)
    for found in words.BY_TEXT.finditer(sentence.folded):
        what = named_english(sentence.original, found.end())
        if what is not None and what.is_deliverable:
            yield Promise(sentence, "", found[0].split()[-1], what, is_firm=True, doubts=(WHO,))


def _covered(sentence: Sentence) -> Iterator[Promise]:
    """Return what an initiative is said to be about: its parts, where they are such."""
    for found in words.COVERS.finditer(sentence.folded):
        what = named_english(sentence.original, found.end())
        if what is not None:
            yield Promise(
                sentence, "", "work on", what, is_firm=False,
                doubts=("what would be done, and who promises it",),
            )  # fmt: skip


def _seats(sentence: Sentence) -> Iterator[Promise]:
    """Return where something is to have its seat."""
    verb = words.SEAT_VERB.search(sentence.folded)
    if verb is None:
        return
    for found in words.SEAT.finditer(sentence.folded):
        if found[0].endswith(" in"):
            place = _PLACE_BEHIND.match(sentence.original, found.end())
        else:
            place = _PLACE_BEFORE.search(sentence.original[: found.start()])
        if place is not None:
            what = Named(
                name=f"headquarters in {place[1]}", start=place.start(1),
                kind=CommitmentKind.CENTRE, is_proper=False, is_deliverable=True,
            )  # fmt: skip
            actor = _actor(sentence, verb.start())
            yield Promise(sentence, actor, SEATED, what, is_firm=False, doubts=("only proposed",))


def _doubts(sentence: Sentence, start: int, *, firm: bool) -> list[str]:
    doubts = [] if firm else ["only proposed"]
    if words.CAUTION.search(sentence.folded):
        doubts.append("told with caution")
    actor = _actor(sentence, start)
    if not actor or actor.lower() in PRONOUNS:
        doubts.append(WHO)
    return doubts


def _actor(sentence: Sentence, end: int) -> str:
    """Return who stands before a verb: the last phrase in front of it that can be somebody."""
    before = sentence.original[:end].rstrip()
    for part in reversed(_BREAK.split(before)):
        phrase = _VERB_OF_ACTOR.sub("", f" {part.strip()}").strip(" ,")
        while (cut := _ARTICLE.sub("", phrase)) != phrase:
            phrase = cut
        if _NOBODY.match(phrase) or not phrase:
            continue
        return _BRACKETS.sub("", phrase) if len(phrase.split()) <= LONGEST_ACTOR else ""
    return ""
