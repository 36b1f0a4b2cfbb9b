"""Latin words that count as one, and phrases that the news uses for one another. Pure.

A word is compared by its stems: without a plural -s/-es, -ed or -ing, and in one spelling, so that
`organisations` meets `organization`. Two words are one where they share a stem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

HEAD = 4  # letters of a word that it is looked up by

SAME_SPELLING = {
    "centre": "center", "theatre": "theater", "fibre": "fiber", "metre": "meter",
    "litre": "liter", "kilometre": "kilometer", "programme": "program", "defence": "defense",
    "licence": "license", "offence": "offense", "dialogue": "dialog", "catalogue": "catalog",
    "cheque": "check", "grey": "gray", "aluminium": "aluminum", "judgement": "judgment",
    "fulfill": "fulfil", "enroll": "enrol", "storey": "story",
}  # fmt: skip
_BRITISH_ENDS = re.compile(r"is(e|es|ed|er|ers|ing|ation|ations)$")
_AMERICAN_ENDS = re.compile(r"iz(e|es|ed|er|ers|ing|ation|ations)?$")
_OUR = tuple(
    "labo harbo favo colo neighbo behavio hono rumo endeavo armo humo vapo savo parlo tumo".split()
)
_BRITISH_OUR = re.compile(rf"^({'|'.join(_OUR)})ur")
_NO_PLURALS = frozenset("is us as was has his its this thus gas bus plus yes does goes".split())
_NO_PAST = frozenset("need feed seed speed indeed exceed proceed succeed united hundred".split())

# One phrase in several spellings: the mainland's and Taiwan's, a name and what it is short for.
SAME_PHRASES: tuple[tuple[str, ...], ...] = (
    ("AI", "artificial intelligence"),
    ("cooperation", "co-operation"),
    ("cooperative", "co-operative"),
    ("coordination", "co-ordination"),
    ("人工智能", "人工智慧"),
    ("数字", "数位"),
    ("信息", "资讯"),
    ("网络", "网路"),
    ("计划", "计画"),
    ("规划", "规画"),
    ("服务器", "伺服器"),
    ("软件", "软体"),
    ("硬件", "硬体"),
    ("芯片", "晶片"),
    ("峰会", "高峰会"),
    ("可持续", "永续"),
    ("古特雷斯", "古特瑞斯", "古铁雷斯"),
    ("普京", "普丁"),
    ("特朗普", "川普"),
    ("马克龙", "马克宏"),
    ("泽连斯基", "泽伦斯基"),
    ("沙特阿拉伯", "沙乌地阿拉伯"),
    ("意大利", "义大利"),
    ("新西兰", "纽西兰"),
    ("老挝", "寮国"),
    ("埃塞俄比亚", "衣索比亚"),
    ("肯尼亚", "肯亚"),
    ("尼日利亚", "奈及利亚"),
    ("坦桑尼亚", "坦尚尼亚"),
    ("津巴布韦", "辛巴威"),
    ("赞比亚", "尚比亚"),
    ("莫桑比克", "莫三比克"),
    ("卢旺达", "卢安达"),
    ("加纳", "迦纳"),
)
# The same only inside a longer phrase: 世界AI合作组织 is 世界人工智能合作组织, but alone AI and
# 人工智能 are two terms, and 资料 and 专案 are ordinary words of the mainland.
SAME_INSIDE: tuple[tuple[str, ...], ...] = (
    ("人工智能", "人工智慧", "AI", "artificial intelligence"),
    ("数据", "资料"),
    ("项目", "专案"),
    ("质量", "品质"),
)


def spelled(word: str) -> str:
    """Return a word in the one spelling that is compared."""
    plural = word.removesuffix("s")
    if word in SAME_SPELLING:
        return SAME_SPELLING[word]
    if plural in SAME_SPELLING:
        return SAME_SPELLING[plural] + "s"
    return _BRITISH_OUR.sub(r"\1r", _BRITISH_ENDS.sub(r"iz\1", word))


@lru_cache(maxsize=1 << 16)
def stems(word: str) -> frozenset[str]:
    """Return what a word may be compared by: itself, and itself without an ending."""
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return frozenset((word,))
    word = spelled(word)
    found = {word}
    if word.endswith("s") and not word.endswith("ss") and word not in _NO_PLURALS:
        found |= _singulars(word)
    if word.endswith("ed") and len(word) > 4 and word not in _NO_PAST:
        found |= {word[:-2], word[:-1], _undoubled(word[:-2])}
        if word.endswith("ied"):
            found.add(word[:-3] + "y")
    if word.endswith("ing") and len(word) > 5:
        found |= {word[:-3], word[:-3] + "e", _undoubled(word[:-3])}
    return frozenset(found)


def _singulars(word: str) -> set[str]:
    found = {word[:-1]}
    if word.endswith(("ses", "xes", "zes", "hes", "oes")) and len(word) > 4:
        found.add(word[:-2])
    if word.endswith("ies") and len(word) > 4:
        found.add(word[:-3] + "y")
    return found


def _undoubled(stem: str) -> str:
    double = len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] in "bdfglmnprt"
    return stem[:-1] if double else stem


def stable_prefix(word: str) -> str:
    """Return what every word begins with that shares a stem with this one, as it is written."""
    return _common_start([_stable(stem) for stem in stems(word)])


def _stable(stem: str) -> str:
    """Return the part of a stem that no spelling and no ending changes."""
    for british, american in _spelled_twice(stem[:2]):
        if stem.startswith((american, british)) or american.startswith(stem):
            return _common_start([british, american, stem])
    for start in _OUR:
        if stem.startswith(start + "r"):
            return start
    ending = _AMERICAN_ENDS.search(stem)
    if ending:
        return stem[: ending.start() + 1]
    return stem.rstrip("ey") or stem


@cache
def _spelled_twice(start: str) -> tuple[tuple[str, str], ...]:
    """Return the words of two spellings that begin so."""
    return tuple(pair for pair in SAME_SPELLING.items() if pair[1].startswith(start))


def _common_start(words: list[str]) -> str:
    first, last = min(words), max(words)
    length = next((at for at, each in enumerate(first) if not last.startswith(each, at)), None)
    return first if length is None else first[:length]


@lru_cache(maxsize=1 << 16)
def heads(word: str) -> tuple[str, ...]:
    """Return what the first letters may be of every word that shares a stem with this one."""
    prefix = stable_prefix(word)
    if len(prefix) >= HEAD:
        return (prefix[:HEAD],)
    own = stems(word)
    forms = {form for stem in own for form in _forms(stem)}
    return tuple(sorted({each[:HEAD] for each in forms if not own.isdisjoint(stems(each))}))


def _forms(stem: str) -> Iterator[str]:
    """Return whatever may have a stem, and more: with endings, and as others spell it."""
    yield stem
    if stem.isascii() and stem.isalpha():
        bases = {stem, stem.rstrip("e"), stem + stem[-1], *_other_spellings(stem)}
        for base in bases:
            short = base.removesuffix("y")
            endings = ("s", "es", "ed", "ing", "ies", "ied")
            yield from _spelled_otherwise((base, *(base + each for each in endings)))
            yield from _spelled_otherwise((short + "ies", short + "ied"))


def _other_spellings(word: str) -> Iterator[str]:
    return (one for one, other in SAME_SPELLING.items() if other == word)


def _spelled_otherwise(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield word
        yield _AMERICAN_ENDS.sub(lambda found: "is" + (found[1] or ""), word)
        yield re.sub(rf"^({'|'.join(_OUR)})r", r"\1ur", word)
