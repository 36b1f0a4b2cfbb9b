"""Who promises: the actor of a sentence, made out from the rest of the document. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

from model.text import fold_characters
from monitor.promise_words import DEMONYMS

_COLLECTIVE = frozenset(
    "ministers members leaders delegates presidents parties governments signatories".split()
)
_OF = r" of ((?:[^.,;\n ]+ ){0,8}?(?-i:[A-Z])[\w-]+(?: (?-i:[A-Z])[\w-]+)*)"
_PREAMBLE = re.compile(r"^(?:The|the) ([A-Z][\w ]{3,60}),$", re.MULTILINE)  # "The Assembly,"
_VAGUE = re.compile(
    r"^(?:both|the two|all|the)?\s?(?:sides|parties|members?|member states|leaders|countries)$",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"^([A-Z][\w-]+(?: [A-Z][\w-]+)?)[’']s ")
_TITLED = re.compile(
    r"\b(?:President|Premier|Prime Minister|Minister|Chancellor|King|Secretary-General|Governor)\b"
)
_AND = re.compile(r"^([A-Z][\w-]+(?: [A-Z][\w-]+)?) and ([A-Z][\w-]+(?: [A-Z][\w-]+)?)$")
_PAIR_ZH = re.compile(
    r"([\u4e00-\u9fff]{2,6}?)[与和同]([\u4e00-\u9fff]{2,6}?)(?=两国|双方|两地|签署|联合声明|联合公报|关于)"
)
_WE_ZH = re.compile(r"我们[,，]([\u4e00-\u9fff]{4,30})[,，]")
_WE = re.compile(r"\bwe, (the [^,;.]{6,80}),", re.IGNORECASE)
_PERSONS_ZH = frozenset(("他", "她"))
_SPEAKER_ZH = re.compile(
    r"(?:^|[。，,\n）)]|部长|总统|总理|主席|市长|县长|书记|大臣|首相)([\u4e00-\u9fff]{2,4}?)"
    r"(?=\d|[一二三四五六七八九十]{1,3}日|在|今|昨|日前|周|表示|指出|宣布|强调|说|透露|又|还|并)"
    r"(?:[^。，,\n]{0,14}?)(?:表示|指出|宣布|强调|说[，,:：]|透露)"
)
_SHARED_ZH = frozenset(("双方", "两国", "两国政府", "双方政府"))
_US_ZH = frozenset(("我们", "我方", "与会各方", "各方", "各国"))


@dataclass(frozen=True, slots=True)
class Parties:
    """Those who promise."""

    by: str  # as the sentence has it
    names: tuple[str, ...]  # made out from the document
    is_clear: bool


class Cast:
    """Those who speak in a document; each is made out once."""

    def __init__(self, document: str) -> None:
        self._document = document
        self._known: dict[str, Parties] = {}

    def parties(self, actor: str, place: int) -> Parties:
        """Return who an actor is in the sentence that begins at a place."""
        if not actor:
            return self._author
        if fold_characters(actor) in _PERSONS_ZH:
            return self._speaker_before(actor, place)
        if actor not in self._known:
            self._known[actor] = _parties_of(actor, self._document)
        return self._known[actor]

    @cached_property
    def _author(self) -> Parties:
        """Return the body whose resolution it is: its paragraphs name nobody."""
        found = _PREAMBLE.search(self._document)
        if found is None:
            return Parties("", (), is_clear=False)
        return Parties(found[1], (found[1],), is_clear=True)

    @cached_property
    def _speakers(self) -> tuple[tuple[int, str], ...]:
        found = _SPEAKER_ZH.finditer(fold_characters(self._document))
        return tuple((each.start(1), self._document[slice(*each.span(1))]) for each in found)

    def _speaker_before(self, actor: str, place: int) -> Parties:
        """Return the last one who was told to have spoken."""
        last = bisect_left(self._speakers, (place, "")) - 1
        name = self._speakers[last][1] if last >= 0 else actor
        return Parties(actor, (name,), is_clear=last >= 0)


def _parties_of(actor: str, document: str) -> Parties:
    folded = fold_characters(actor)
    if any("\u4e00" <= each <= "\u9fff" for each in actor):
        return _chinese(actor, folded, document)
    return _english(actor, folded, document)


def _english(actor: str, folded: str, document: str) -> Parties:
    actor = re.sub(r"^(?:the|The) ", "", actor)
    folded = folded.removeprefix("the ")
    if folded == "we":
        found = _WE.search(document)
        return Parties("we", (found[1],) if found else (), is_clear=found is not None)
    if folded in _COLLECTIVE:
        whole = re.search(rf"\b{re.escape(folded)}{_OF}", document, re.IGNORECASE)
        if whole is not None:
            return Parties(actor, (f"{actor} of {whole[1]}",), is_clear=True)
    if _VAGUE.match(folded) or folded in _COLLECTIVE:
        return Parties(actor, (actor,), is_clear=False)
    two = _AND.match(actor)
    if two is not None:
        return Parties(actor, (two[1], two[2]), is_clear=True)
    return Parties(actor, (_country(_in_full(actor, document)),), is_clear=actor != folded)


def _in_full(actor: str, document: str) -> str:
    """Return a person named by one word as the document first names them."""
    if not re.fullmatch(r"[A-Z][\w-]+", actor):
        return actor
    office = r"(?:[A-Z][\w-]+(?:[’']s)? ){1,5}"
    found = re.search(
        rf"{office}{re.escape(actor)} [A-Z]\w+|{office}{re.escape(actor)}\b", document
    )
    named = found is not None and _TITLED.search(found[0]) is not None
    return found[0] if found is not None and named else actor


def _country(actor: str) -> str:
    """Return the state for which somebody speaks, where the words tell; else who it is."""
    owner = _POSSESSIVE.match(actor)
    return owner[1] if owner else DEMONYMS.get(fold_characters(actor).split()[0], actor)


def _chinese(actor: str, folded: str, document: str) -> Parties:
    simplified = fold_characters(document)
    if folded in _SHARED_ZH or folded.endswith(("两国", "双方")):
        found = _PAIR_ZH.search(simplified)
        if found is None:
            return Parties(actor, (actor,), is_clear=False)
        names = tuple(document[slice(*found.span(group))] for group in (1, 2))
        return Parties(actor, names, is_clear=True)
    if folded in _US_ZH:
        found = _WE_ZH.search(simplified)
        if found is None:
            return Parties(actor, (actor,), is_clear=False)
        return Parties(actor, (document[slice(*found.span(1))],), is_clear=True)
    if re.fullmatch(r"[\u4e00-\u9fff]方", folded):
        found = re.search(rf"{folded[0]}[\u4e00-\u9fff]{{0,3}}?国", simplified)
        name = document[slice(*found.span())] if found else actor
        return Parties(actor, (name,), is_clear=found is not None)
    return Parties(actor, (actor,), is_clear=True)
