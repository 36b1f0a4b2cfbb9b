"""How many of how many: "8 of the 20 projects", 已建成8个. Pure."""

from __future__ import annotations

import re

from model.records import Commitment
from monitor.sentences import Sentence

_WORDS = """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen twenty"""
NUMBERS = {word: number for number, word in enumerate(_WORDS.split(), start=1)}
_TENS = "thirty forty fifty sixty seventy eighty ninety"
NUMBERS |= {word: 10 * number for number, word in enumerate(_TENS.split(), start=3)}
NUMBERS |= {"all": -1, "全部": -1, "hundred": 100, "a hundred": 100, "one hundred": 100}
_DIGITS_ZH = {each: number for number, each in enumerate("一二三四五六七八九", start=1)} | {"两": 2}

_N = rf"(\d[\d,]*|{'|'.join(sorted(NUMBERS, key=len, reverse=True))}|[一二两三四五六七八九十百]+)"
_UNIT_ZH = "(?:个|所|家|名|项|座|条|国|辆|台|艘|架|套|间|处|户|位)"
FEWEST = 5  # "one of two" counts nothing
COUNTED = re.compile(rf"\b{_N} (?:of|out of)(?: the| its| their| some| all)? {_N}\b")
OF_THE = re.compile(
    rf"\bof (?:the |its |their )?{_N}\b[^.;]{{0,60}}?\b{_N} (?:have|has|are|were|had)\b"
)
_OF_ZH = re.compile(rf"{_N}\s*{_UNIT_ZH}[^,;。]{{0,8}}中(?:的|已有|有)?\s*{_N}\s*{_UNIT_ZH}")
_DONE_ZH = re.compile(
    rf"(?:已建成|建成|已完成|完成|已启用|启用|已有|已培训|培训了?|已交付|交付|已种植|种植|已栽种|栽种|已安装|安装|已修复|修复|已资助|资助|已改造|改造)\s*{_N}\s*(?:余|多)?\s*(?:个|所|家|名|项|座|条|人|处|公顷|公里|亩|户|株|套|间|台)"
)
_DONE = re.compile(
    r"\b(?:opened|completed|trained|built|delivered|finished|funded|held)"
    rf"(?: more than| over| about| nearly)? {_N}\b"
)


def count_in(sentence: Sentence, commitment: Commitment) -> tuple[int | None, int | None]:
    """Return how many were done, and of how many; None for what the sentence does not tell."""
    text = sentence.folded
    found = COUNTED.search(text)
    if found:
        return _checked(_number(found[1]), _number(found[2]))
    found = OF_THE.search(text) or _OF_ZH.search(text)
    if found:
        return _checked(_number(found[2]), _number(found[1]))
    target, unit = _only_target(commitment)
    if unit is not None and target is not None:
        found = re.search(rf"\b{_N} (?:[a-z-]+ ){{0,4}}{re.escape(unit)}\b", text)
        if found and _number(found[1]) != target:
            return _checked(_number(found[1]), target)
    found = _DONE_ZH.search(text) or _DONE.search(text)
    if found and target is not None:
        return _checked(_number(found[1]), target)
    return None, None


def _checked(done: int, target: int) -> tuple[int | None, int | None]:
    if done < 0:
        done = target
    return (done, target) if 0 < done <= target and target >= FEWEST else (None, None)


def _number(text: str) -> int:
    digits = text.replace(",", "")
    if digits.isdigit():
        return int(digits)
    return NUMBERS[text] if text in NUMBERS else _chinese(text)


def _chinese(text: str) -> int:
    """Return a number below a thousand: 六十, 一百二十."""
    hundreds, has_hundred, rest = text.rpartition("百")
    number = _DIGITS_ZH.get(hundreds, 1) * 100 if has_hundred else 0
    tens, has_ten, ones = rest.rpartition("十")
    number += _DIGITS_ZH.get(tens, 1) * 10 if has_ten else 0
    return number + _DIGITS_ZH.get(ones, 0)


def _only_target(commitment: Commitment) -> tuple[int | None, str | None]:
    """Return the one number that was promised, and of what; None where there are several."""
    counted = {
        (clause.target, clause.unit) for clause in commitment.clauses if clause.target is not None
    }
    return counted.pop() if len(counted) == 1 else (None, None)
