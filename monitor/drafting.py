"""A document to pledges one could follow: who, what, by when, in which sentence. Pure.

A communiqué, declaration or news report is read sentence by sentence; each promise becomes a
proposal of an entry of the watchlist. A person decides: what is doubtful says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from model.records import CommitmentKind, Language
from model.text import detect_language, fold_characters
from monitor import guards
from monitor.deadlines import deadline_in
from monitor.objects import WHO, Promise, without_number
from monitor.parties import Cast, Parties
from monitor.promise_words import DEMONYMS, TAGS
from monitor.promises import SEATED, is_deed, promises_in
from monitor.sentences import Sentence, cut_text
from monitor.text_dates import dates_in

HEAD = 1500  # characters in which a document says when it is from
MOST = 300  # proposals of one document; nobody reads more
LEAST = 2  # characters of a term
LEAD = 4  # sentences that tell whether it is a comment
_HAN = re.compile(r"[\u3400-\u9fff]")
_NUMERAL_DATE = re.compile(
    r"([二][〇零一二三四五六七八九]{3})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
_DIGITS = {each: str(number) for number, each in enumerate("〇一二三四五六七八九")} | {"零": "0"}
_SLUG = re.compile(r"[a-z0-9]+")
_SMALL = frozenset("a an the of for on and in to its their".split())
_CAPITALS = re.compile(r"\b[A-Z][\w-]+(?: [A-Z][\w-]+)*")


@dataclass(frozen=True, slots=True)
class Alias:
    """A name to look for."""

    text: str
    weak: bool = False  # counts only beside the context
    case: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One entry of the watchlist as it could be."""

    id: str
    title: str
    titles: tuple[tuple[Language, str], ...]  # in other languages of the document
    kind: CommitmentKind
    by: str  # who says it, as the sentence has it
    promisor: tuple[str, ...]
    sentence: str  # the evidence, to the letter
    start: int  # where it stands in the document
    end: int
    said_on: str | None  # EDTF
    due: str | None
    due_is_stated: bool
    aliases: tuple[Alias, ...]
    context: tuple[tuple[str, ...], ...]  # one of each list beside a weak alias
    groups: tuple[tuple[tuple[str, ...], ...], ...]  # of each, one term of every list together
    target: int | None
    unit: str | None
    tags: tuple[str, ...]
    unsure: tuple[str, ...]  # why a person should look twice; none: sure

    @property
    def is_sure(self) -> bool:
        """Tell whether nothing speaks against it."""
        return not self.unsure


def draft(
    document: str, *, written: date | None = None, now: date | None = None
) -> tuple[Proposal, ...]:
    """Return what a document promises, in its order, each thing once.

    `written` is the day of the document; without it, the first date near its beginning counts,
    unless it lies behind `now`.
    """
    sentences = cut_text(document)
    day = written or _written(document, now)
    remarks = _remarks(sentences)
    cast = Cast(document)
    found: list[_Draft] = []
    for sentence in sentences:
        for promise in promises_in(sentence):
            body = found[-1].body if found else ()
            who = cast.parties(promise.actor, sentence.start)
            _merge(found, _Draft(promise, who, body=body))
        if len(found) >= MOST:
            break
    taken: set[str] = set()
    return tuple(each.proposal(day, remarks, taken) for each in found)


def _written(document: str, now: date | None) -> date | None:
    head = document[:HEAD]
    head = _NUMERAL_DATE.sub(_arabic, fold_characters(head))
    for told in dates_in(head, None):
        if len(told.when) == len("2026-01-01"):
            day = date.fromisoformat(told.when)
            if now is None or day <= now:
                return day
    return None


def _arabic(found: re.Match[str]) -> str:
    year = "".join(_DIGITS.get(each, "2") for each in found[1])
    return f"{year}年{_number(found[2])}月{_number(found[3])}日"


def _number(text: str) -> int:
    tens, has_ten, ones = text.partition("十")
    if not has_ten:
        return int(_DIGITS[text])
    return int(_DIGITS.get(tens, "1")) * 10 + (int(_DIGITS[ones]) if ones else 0)


def _remarks(sentences: Sequence[Sentence]) -> tuple[str, ...]:
    """Return what makes everything in a document doubtful."""
    head = sentences[:LEAD]
    comment = any(
        (guards.OPINION_ZH if each.chinese else guards.OPINION).search(each.folded) for each in head
    )
    return ("the document is a comment",) if comment else ()


@dataclass(slots=True)
class _Draft:
    """A promise on its way to a proposal, with the other names it has in the document."""

    promise: Promise
    parties: Parties
    names: tuple[str, ...] = ()
    body: tuple[str, ...] = ()  # names of the body that the document spoke of last

    def __post_init__(self) -> None:
        if self.promise.what.kind is CommitmentKind.BODY:
            self.body = (self.promise.what.name,)

    def proposal(self, day: date | None, remarks: tuple[str, ...], taken: set[str]) -> Proposal:
        promise, sentence = self.promise, self.promise.sentence
        due = deadline_in(sentence.original, day)
        title = self._title()
        aliases = self._aliases()
        context = self._context() if any(each.weak for each in aliases) else ()
        if not context:
            aliases = tuple(replace(each, weak=False) for each in aliases)
        what = promise.what
        return Proposal(
            id=_slug(title, what.kind, taken),
            title=title,
            titles=self._titles(title),
            kind=what.kind,
            by=self.parties.by,
            promisor=self.parties.names,
            sentence=" ".join(sentence.original.split()),
            start=sentence.start,
            end=sentence.start + len(sentence.original),
            said_on=day.isoformat() if day else None,
            due=due.when if due else None,
            due_is_stated=due is None or due.stated,
            aliases=aliases,
            context=context,
            groups=self._groups(),
            target=what.target,
            unit=what.unit,
            tags=_tags(sentence.folded),
            unsure=self._unsure(remarks, has_context=bool(context)),
        )

    def _title(self) -> str:
        """Return the name; what is to be done in front, where the name alone says nothing."""
        what, verb = self.promise.what, self.promise.verb
        if self._is_seat and self.body:
            return f"{self.body[0][:1].upper()}{self.body[0][1:]}: {what.name}"
        if what.is_proper or not is_deed(verb):
            return what.name[:1].upper() + what.name[1:]
        if self.promise.sentence.chinese:
            before = self.promise.sentence.original[: what.start]
            return f"{before[len(before) - len(verb) :]}{what.name}"
        return f"{verb[:1].upper()}{verb[1:]} {what.name}"

    @property
    def _is_seat(self) -> bool:
        return self.promise.verb == SEATED

    def _titles(self, title: str) -> tuple[tuple[Language, str], ...]:
        other = self.promise.what.translation
        if other is None or detect_language(other) is detect_language(title):
            return ()
        return ((detect_language(title), title), (detect_language(other), other))

    def _aliases(self) -> tuple[Alias, ...]:
        what = self.promise.what
        weak = not what.is_proper
        names = dict.fromkeys((what.name, *self.names))
        found = [Alias(name, weak=weak) for name in names]
        other = what.translation
        if other is not None:
            short = other.isascii() and other.isupper() and " " not in other
            found.append(Alias(other, weak=weak and not short, case=short))
        return tuple(found)

    def _context(self) -> tuple[tuple[str, ...], ...]:
        """Return who promises it, and else the names in its sentence: one must stand beside."""
        if self._is_seat and self.body:
            return (self.body,)
        names = [each for each in (*self.parties.names, self.promise.actor) if each]
        if not self.parties.is_clear:
            names = _CAPITALS.findall(self.promise.sentence.original)[1:4]
            names = [each for each in names if each not in self.promise.what.name]
        names += [word for each in names for word in _CAPITALS.findall(each)]
        names += [word.title() for word, country in DEMONYMS.items() if country in names]
        return (tuple(dict.fromkeys(names)),) if names else ()

    def _groups(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """Return who promises so many of something, beside what they are: nobody repeats both."""
        context = self._context()
        what = without_number(self.promise.what.name)
        if self.promise.what.target is None or not context or len(what) < LEAST:
            return ()
        return ((context[0], (what,)),)

    def _unsure(self, remarks: tuple[str, ...], *, has_context: bool) -> tuple[str, ...]:
        doubts = [*self.promise.doubts, *remarks]
        if self.parties.is_clear and WHO in doubts:
            doubts.remove(WHO)
        if not self.parties.is_clear and not any("who" in each for each in doubts):
            doubts.append(f"who “{self.parties.by}” is")
        what = self.promise.what
        if not what.is_proper and (
            not has_context or (what.name.isalpha() and what.name.isascii())
        ):
            doubts.append("the name alone may find too much")
        return tuple(dict.fromkeys(doubts))


def _merge(found: list[_Draft], new: _Draft) -> None:
    """Add a promise, or give one that is there already its name, and its words where firmer."""
    for old in found:
        if _same(old.promise, new.promise):
            names = dict.fromkeys((*old.names, old.promise.what.name, new.promise.what.name))
            if new.promise.is_firm and not old.promise.is_firm:
                old.promise, old.parties = new.promise, new.parties
            names.pop(old.promise.what.name)
            old.names = tuple(names)
            return
    found.append(new)


def _same(one: Promise, other: Promise) -> bool:
    """Tell whether two promises are of one thing: one name holds the other."""
    if one.what.kind is not other.what.kind or one.what.target != other.what.target:
        return False
    first, second = fold_characters(one.what.name), fold_characters(other.what.name)
    if _HAN.search(first) or _HAN.search(second):
        return first.endswith(second) or second.endswith(first)
    here, there = set(_SLUG.findall(first)) - _SMALL, set(_SLUG.findall(second)) - _SMALL
    return here <= there or there <= here


def _tags(text: str) -> tuple[str, ...]:
    return tuple(name for name, pattern in TAGS.items() if pattern.search(text))[:3]


def _slug(title: str, kind: CommitmentKind, taken: set[str]) -> str:
    """Return an id of the title's Latin words, or of the kind where it has none."""
    words = [each for each in _SLUG.findall(fold_characters(title)) if each not in _SMALL]
    base = "-".join(words)[:40].strip("-")
    if len(base) < len("abc") or _HAN.search(title):
        base = f"draft-{kind}"
    slug = next(
        each for each in _numbered(base) if each not in taken and each not in {"all", *TAGS}
    )
    taken.add(slug)
    return slug


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 1
    while True:
        number += 1
        yield f"{base}-{number}"
