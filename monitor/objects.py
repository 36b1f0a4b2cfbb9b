"""What is promised, as a name: the noun phrase behind a verb, in English and Chinese. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from model.records import CommitmentKind
from monitor.promise_words import (
    EMPTY,
    EMPTY_ZH,
    ENGLISH_HEADS,
    HEADS_ZH,
    NUMBER,
    NUMBER_ZH,
    QUOTED_ZH,
)
from monitor.sentences import Sentence

LONGEST = 120  # characters of a name
LONGEST_ZH = 30
LONGEST_PHRASE = 18  # words
_NO_NAME = frozenset("on of for in to by from with at and or".split())
FEWEST = 5  # so many of something make a count

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)_?")
_DETERMINER = re.compile(
    r"^(?:\s|(?:at least|more than|up to|an extra|an additional|a further|another|a|an|the|"
    r"its|their|our|his|her|this|another|new|joint|sweeping|dedicated|proposed|\d+[-‑]point)\b)*",
    re.IGNORECASE,
)
_STOP = re.compile(
    r",(?!\d{3})|[;:()\[\]\n“”\"]|\s[–—-]\s|—|\.(?=\s|$)|\b(?:by|before|until|over|within|"
    r"under|which|that|(?<!up )to|where|"
    r"while|in|at|during|alongside|from|as|with|who|after|like|such as|so|this|next|because|"
    r"through|across|every|each|per (?!cent)|"
    r"and (?:will|would|is|are|to|build|provide|create|establish))\b",
    re.IGNORECASE,
)
_PROPER = re.compile(r"[A-Z][\w’'&-]*(?:(?: (?:of|for|on|and|the|in|to))* [A-Z\[][\w’'&-]*)+")
_QUOTED = re.compile(r"\s*(?:(?:a|an|the|dedicated|new) )*[“\"]([^”\"]{8,120})[”\"]")
_RULES = re.compile(
    r"(?:^|[,;:]|\band\b|\bon\b)\s*(?:and )?"
    r"((?:[\w-]+ ){1,4}(?:protocols?|rules|agreements?|standards))\b"
)
_TRANSLATION = re.compile(r"\s*[\])”\"_]*\s*[(（]([^()（）]{2,60})[)）]")
_SPLIT_ZH = re.compile(r"[,;:。，；：！？!?（）()“”\s]")
_LEAD_ZH = re.compile(
    r"^(?:一个|一所|一座|一项|一批|首个|首批|新的|由|面向|共同|联合(?=设|建|举)|好|有关|多个|若干)+"
)
_DESCRIBED_ZH = re.compile(r"的|及|和|与|^(?:两国|双方|各国|本国|新|相关)")
_TRAILING_ZH = re.compile(rf"(?:{NUMBER_ZH.pattern.replace('?P<unit>', '?:')})$")
_MONEY = re.compile(
    r"\b(?:million|billion|trillion|\d+(?:bn|m)|per cent|percent|megawatts?|years?)\b|%"
)
_POINTING = re.compile(r"\b(?:the|this|that)\s*$", re.IGNORECASE)
_WITH = re.compile(r"\s+with\s+")
_PERSON = re.compile(r"[A-Z][\w-]+(?: [A-Z][\w-]+){0,2}|them|it|countries|states|members")


WHO = "who promises it"


@dataclass(frozen=True, slots=True)
class Named:
    """What is promised."""

    name: str  # as the text has it
    start: int  # where it stands in the sentence
    kind: CommitmentKind
    is_proper: bool  # a name of its own, and no description
    is_deliverable: bool  # something that one can look for
    target: int | None = None
    unit: str | None = None
    translation: str | None = None  # what stands in brackets behind it


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise as a sentence makes it."""

    sentence: Sentence
    actor: str  # as the text has it; empty: nobody is named
    verb: str  # folded
    what: Named
    is_firm: bool  # promised, and not only proposed
    doubts: tuple[str, ...] = ()


def named_english(text: str, start: int) -> Named | None:
    """Return the noun phrase that begins at a place; None where it names nothing."""
    rest = _LINK.sub(r"\1", text[start : start + 400])
    quoted = _QUOTED.match(rest)
    if quoted is not None:
        return _english(quoted[1], start + quoted.start(1), rest[quoted.end() :])
    skipped = _DETERMINER.match(rest)
    begin = skipped.end() if skipped else 0
    phrase, offset = _phrase(rest[begin:])
    is_told = _POINTING.search(rest[:begin]) is not None and " " not in phrase
    if not phrase or is_told or EMPTY.match(phrase.lower()):
        return None  # "the agency" names nothing
    begin += offset
    given = _WITH.match(rest, begin + len(phrase))
    if given is not None and _PERSON.fullmatch(phrase) and _is_given(rest[given.end() :]):
        return named_english(text, start + given.end())
    return _english(phrase, start + begin, rest[begin + len(phrase) :])


def _is_given(rest: str) -> bool:
    """Tell whether what follows "with" is given: a number or a thing, and no company."""
    return NUMBER.match(rest.lower()) is not None or rest.startswith(("a ", "an "))


def listed_rules(text: str, start: int) -> Named | None:
    """Return rules or protocols that a list behind a place names; None where there are none."""
    found = _RULES.search(text, start)
    return _english(found[1], found.start(1), text[found.end() :]) if found else None


def _phrase(rest: str) -> tuple[str, int]:
    """Return the phrase and where it begins: a proper name whole, else up to the next stop."""
    stop = _STOP.search(rest)
    plain = (rest[: stop.start()] if stop else rest).rstrip()
    for proper in _PROPER.finditer(rest):
        if proper.start() > len(plain):
            break
        name = proper[0].split(" in ")[0][:LONGEST]
        if _head(name.lower().split())[1] is not None and not _is_counted(plain):
            return name, proper.start()
    return plain.strip()[:LONGEST].rstrip(" .-["), 0


def without_number(name: str) -> str:
    """Return a name without the number in front: what there are so many of."""
    found = NUMBER.match(name.lower()) or NUMBER_ZH.match(name)
    return name[found.end() :].strip(" -") if found else name


def _is_counted(phrase: str) -> bool:
    return NUMBER.match(phrase) is not None


def _english(phrase: str, start: int, behind: str) -> Named | None:
    words = [each.strip(".,’'").lower() for each in phrase.split()]
    if not words or len(words) > LONGEST_PHRASE or words[0] in _NO_NAME:
        return None
    kind, head = _head(words)
    number = NUMBER.match(phrase.lower())
    counted = number is not None and phrase[number.end() :].startswith(" ")
    target = _target(number[0].lower()) if number and counted else None
    if target is not None and (target < FEWEST or _MONEY.search(phrase)):
        target = None
    capitals = sum(each[:1].isupper() for each in phrase.split())
    translation = _TRANSLATION.match(behind)
    return Named(
        name=phrase, start=start, kind=kind if target is None else CommitmentKind.COUNT,
        is_proper=capitals >= 2 and capitals * 2 >= len(words) - _small(words),
        is_deliverable=head is not None or number is not None,
        target=target, unit=None if target is None else words[-1],
        translation=translation[1].strip() if translation else None,
    )  # fmt: skip


def _small(words: list[str]) -> int:
    return sum(each in {"of", "for", "on", "and", "the", "in", "to"} for each in words)


def _head(words: list[str]) -> tuple[CommitmentKind, str | None]:
    """Return the kind of the noun that stands last before "of", "for" or "on", and the noun."""
    cut = next((n for n, each in enumerate(words) if each in {"of", "for", "on"} and n), len(words))
    for candidates in (words[:cut][::-1], words[cut:][::-1]):
        for word in candidates:
            for kind, heads in ENGLISH_HEADS.items():
                if word in heads.split():
                    return CommitmentKind(kind), word
    return CommitmentKind.PROGRAMME, None


_WORDS = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), start=1
    )
} | {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}


def _target(text: str) -> int | None:
    digits = text.replace(",", "").rstrip(".")
    return int(digits) if digits.isdigit() else _WORDS.get(text)


def named_chinese(original: str, folded: str, start: int) -> Named | None:
    """Return the noun phrase that begins at a place; None where it names nothing."""
    end = _SPLIT_ZH.search(folded, start)
    stop = end.start() if end else len(folded)
    quoted = QUOTED_ZH.match(original, start)
    if quoted is not None and len(quoted[0]) > len("《》"):
        start, stop = start + 1, quoted.end() - 1
    skipped = _LEAD_ZH.match(folded[start:stop])
    start += skipped.end() if skipped else 0
    name = folded[start:stop].strip("《》 ")
    start = folded.index(name, start) if name else start
    name = name[:LONGEST_ZH]
    if len(name) < 2 or name.startswith("的") or (quoted is None and EMPTY_ZH.match(name)):
        return None
    listed = name.partition("、")[0]
    if len(listed) > 2 and _head_zh(listed)[1] is not None:
        name = listed
    number = NUMBER_ZH.match(name) or _TRAILING_ZH.search(name)
    target, unit = _count_zh(name)
    kind, head, at = _head_zh(name)
    if head is not None and number is None:
        name = name[: at + len(head)]
    if target is not None and number is not None:
        kind = CommitmentKind.COUNT
    return Named(
        name=original[start : start + len(name)], start=start, kind=kind,
        is_proper=head is not None
        and number is None
        and len(name) >= len(head) + 3
        and _DESCRIBED_ZH.search(name) is None,
        is_deliverable=head is not None or number is not None,
        target=target, unit=unit if target is not None else None,
    )  # fmt: skip


def _head_zh(name: str) -> tuple[CommitmentKind, str | None, int]:
    """Return the kind of the last noun, the noun, and where it stands."""
    best: tuple[int, int, str, str] | None = None
    for kind, heads in HEADS_ZH.items():
        for head in heads.split():
            at = name.rfind(head)
            if at >= 0 and (best is None or (at + len(head), len(head)) > (best[0], best[1])):
                best = (at + len(head), len(head), kind, head)
    if best is None:
        return CommitmentKind.PROGRAMME, None, 0
    return CommitmentKind(best[2]), best[3], best[0] - best[1]


_DIGITS_ZH = {each: number for number, each in enumerate("〇一二三四五六七八九")} | {"两": 2}
_COUNTED = frozenset("所座个名家项条人支台辆套艘架列户间")


def _count_zh(name: str) -> tuple[int | None, str | None]:
    found = NUMBER_ZH.match(name)
    if found is None or found["unit"] not in _COUNTED:
        return None, None
    told = re.match(r"[\d,]+|[一二两三四五六七八九十百千万〇]+", found[0])
    number = _number_zh(told[0]) if told else None
    if number is None or number < FEWEST or re.search(r"亿|\d\s*[千万]", found[0]):
        return None, None
    return number, found["unit"]


def _number_zh(text: str) -> int | None:
    digits = text.replace(",", "")
    if digits.isdecimal():
        return int(digits)
    for sign, worth in (("万", 10_000), ("千", 1000)):
        if sign in text:
            before, _, rest = text.partition(sign)
            return (_number_zh(before) or 1) * worth + ((_number_zh(rest) or 0) if rest else 0)
    if "百" in text:
        hundreds, _, rest = text.partition("百")
        return _DIGITS_ZH.get(hundreds, 1) * 100 + (_number_zh(rest) or 0 if rest else 0)
    tens, has_ten, ones = text.partition("十")
    if not has_ten:
        return _DIGITS_ZH.get(text)
    return _DIGITS_ZH.get(tens, 1) * 10 + _DIGITS_ZH.get(ones, 0)
