"""Folding: spellings brought together, token by token, with offsets back to the original. Pure.

A token is a run of letters and digits, or one Han character. Folding takes NFKD without marks, case
folding and traditional to simplified characters from one table, made once from Unicode and OpenCC;
then words: `centre` is `center`, plurals and -ed/-ing lose their ending, and "artificial
intelligence", 人工智能 and 人工智慧 are all the token `ai`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from functools import cache

import opencc

from model.records import Language

# Characters that OpenCC leaves apart though the news uses them for one another.
SAME_HAN = str.maketrans("著瞭裡裏臺檯颱祇隻纔佈佔週", "着了里里台台台只只才布占周")
SAME_WORDS = {
    "centre": "center",
    "programme": "program",
    "defence": "defense",
    "labour": "labor",
    "harbour": "harbor",
    "fibre": "fiber",
    "theatre": "theater",
    "licence": "license",
}
# Taiwan's words for the mainland's; both sides are folded, so the direction does not matter.
SAME_PHRASES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("artificial", "intelligence"), ("ai",)),
    (tuple("人工智能"), ("ai",)),
    (tuple("人工智慧"), ("ai",)),
    (tuple("数位"), tuple("数字")),
    (tuple("资讯"), tuple("信息")),
    (tuple("网路"), tuple("网络")),
    (tuple("计画"), tuple("计划")),
    (tuple("专案"), tuple("项目")),
    (tuple("伺服器"), tuple("服务器")),
    (tuple("软体"), tuple("软件")),
    (tuple("资料"), tuple("数据")),
)
BREAKS = frozenset("。！？；，、：.!?;,:()（）[]【】{}<>|/\\\n\r…")
HARD_BREAKS = frozenset("。！？；!?;\n\r")


@dataclass(frozen=True, slots=True)
class Token:
    """One folded token and where it stands in the original (code points)."""

    text: str
    start: int
    end: int
    joins: bool  # nothing but spaces, hyphens, dots in the middle or quotes before it
    paragraph: int  # counted from 0 by line breaks
    sentence: int  # counted from 0 through the whole text


def is_han(character: str) -> bool:
    """Tell whether a character is a Chinese one."""
    code = ord(character)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x323AF
        or code == 0x3007
    )


@cache
def _table() -> dict[int, str]:
    """Return what every character that changes folds to (the rest: case folding alone)."""
    simplify = opencc.OpenCC("t2s")
    table: dict[int, str] = {}
    han = [*range(0x3400, 0xA000), *range(0xF900, 0xFB00)]
    other = [*range(0x80, 0x3400), *range(0xFE00, 0x10000), *range(0x1D400, 0x1D800)]
    for code in [*han, *range(0x41, 0x5B), *other]:
        character = chr(code)
        folded = _plain(character)
        if folded and is_han(folded[0]):
            folded = simplify.convert(folded).translate(SAME_HAN)
        if folded != character:
            table[code] = folded
    return table


def _plain(character: str) -> str:
    if unicodedata.category(character) == "Cs":
        return ""
    apart = unicodedata.normalize("NFKD", character)
    kept = "".join(each for each in apart if unicodedata.category(each) not in {"Mn", "Cf"})
    return kept.casefold()


def tokens(text: str) -> tuple[Token, ...]:
    """Return a text's tokens, folded, in order."""
    return tuple(_without_echoes(text, _same_phrases(_words(text))))


def fold_phrase(text: str) -> tuple[str, ...]:
    """Return a term as the tokens that it is looked for by."""
    return tuple(token.text for token in tokens(text))


def _words(text: str) -> list[Token]:
    table = _table()
    found: list[Token] = []
    start, parts, joins, paragraph, sentence = -1, [""], True, 0, 0
    for place, character in enumerate(text):
        folded = table.get(ord(character), character)
        if folded and is_han(folded[0]):
            if start >= 0:
                found.append(_token(parts, start, place, joins, paragraph, sentence))
                start, joins = -1, True
            found.append(Token(folded, place, place + 1, joins, paragraph, sentence))
            joins = True
        elif folded.isalnum():
            if start < 0:
                start, parts = place, []
            parts.append(folded)
        elif folded or start < 0:
            if start >= 0:
                found.append(_token(parts, start, place, joins, paragraph, sentence))
                start, joins = -1, True
            if character in BREAKS and not _inside_a_number(text, place):
                joins = False
                sentence += _ends_sentence(text, place)
                paragraph += character == "\n"
    if start >= 0:
        found.append(_token(parts, start, len(text), joins, paragraph, sentence))
    return found


def _inside_a_number(text: str, place: int) -> bool:
    near = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
    return len(near) == 2 and near.isdigit() and text[place] in ".,:/"


def _ends_sentence(text: str, place: int) -> bool:
    character = text[place]
    if character in HARD_BREAKS:
        return True
    after = text[place + 1 : place + 2]
    if character != "." or not (after == "" or after.isspace() or after in "\"'”’)"):
        return False
    # "U.S." and "Feb. 19" end no sentence
    word = text[max(place - 4, 0) : place].split()[-1:] or [""]
    return not (len(word[0]) <= 1 or word[0].rsplit(".", 1)[-1] in _SHORT or "." in word[0])


_SHORT = {"Mr", "Mrs", "Ms", "Dr", "St", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep"} | {
    "Sept", "Oct", "Nov", "Dec", "No", "vs", "Gen", "Sen", "Rep", "Gov", "Prof", "Inc", "Co", "Ltd",
}  # fmt: skip


def _token(
    parts: list[str], start: int, end: int, joins: bool, paragraph: int, sentence: int
) -> Token:
    return Token(stem("".join(parts)), start, end, joins, paragraph, sentence)


@cache
def stem(word: str) -> str:
    """Return a Latin word without plural -s/-es, -ed, -ing or a silent -e; others as they are."""
    word = SAME_WORDS.get(word, word)
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    if word.endswith("isation"):
        word = word[:-7] + "ization"
    elif word.endswith("isations"):
        word = word[:-8] + "ization"
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "xes", "zes", "ches", "shes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = SAME_WORDS.get(word[:-1], word[:-1])
    if word.endswith("ied") and len(word) > 4:
        word = word[:-3] + "y"
    for ending in ("ed", "ing"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return _bare(word[: -len(ending)])
    return _bare(word)


def _bare(word: str) -> str:
    """Drop a silent -e and undouble a last consonant, so that `plan` and `planned` meet."""
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] in "bdgmnprt":
        word = word[:-1]
    return word


def _same_phrases(words: list[Token]) -> list[Token]:
    rules = _phrase_rules()
    kept: list[Token] = []
    place = 0
    while place < len(words):
        for source, target in rules.get(words[place].text, ()):
            span = words[place : place + len(source)]
            if tuple(token.text for token in span) == source and all(
                token.joins for token in span[1:]
            ):
                kept += _rewritten(span, target)
                place += len(source)
                break
        else:
            kept.append(words[place])
            place += 1
    return kept


def _without_echoes(text: str, found: list[Token]) -> list[Token]:
    """Drop the second `ai` of "artificial intelligence (AI)": a phrase goes on behind it."""
    kept: list[Token] = []
    bridged = False
    for token in found:
        around = text[max(token.start - 1, 0) : token.start] + text[token.end : token.end + 1]
        if kept and kept[-1].text == token.text and around in {"()", "（）"}:
            bridged = True
            continue
        kept.append(replace(token, joins=True) if bridged else token)
        bridged = False
    return kept


def _rewritten(span: list[Token], target: tuple[str, ...]) -> list[Token]:
    first, last = span[0], span[-1]
    if len(target) == len(span):
        return [
            Token(text, token.start, token.end, token.joins, token.paragraph, token.sentence)
            for text, token in zip(target, span, strict=True)
        ]
    return [
        Token(target[0], first.start, last.end, first.joins, first.paragraph, first.sentence),
        *(
            Token(text, last.end, last.end, True, last.paragraph, last.sentence)
            for text in target[1:]
        ),
    ]


@cache
def _phrase_rules() -> dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]]:
    rules: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for source, target in SAME_PHRASES:
        folded = tuple(stem(word) for word in source)
        rules.setdefault(folded[0], []).append((folded, target))
    return rules


@cache
def _script_marks() -> tuple[frozenset[str], frozenset[str]]:
    """Return the characters that only simplified, and only traditional text is written with."""
    simplify, complicate = opencc.OpenCC("t2s"), opencc.OpenCC("s2t")
    characters = [chr(code) for code in range(0x4E00, 0x9FB0)]
    simple = {each for each in characters if complicate.convert(each) != each}
    full = {each for each in characters if simplify.convert(each) != each}
    return frozenset(simple - full), frozenset(full - simple)


def detect_language(text: str, hint: Language | None = None) -> Language:
    """Return a text's language by its script; the hint decides where the script does not."""
    han = sum(is_han(each) for each in text)
    kana = sum("\u3040" <= each <= "\u30ff" for each in text)
    hangul = sum("\uac00" <= each <= "\ud7a3" for each in text)
    latin = sum(each.isascii() and each.isalpha() for each in text)
    letters = sum(each.isalpha() for each in text)
    if not letters:
        return hint or Language.UNKNOWN
    if kana + hangul > max(2, 0.1 * (han + kana + hangul)):
        return Language.UNKNOWN
    if han and han * 3 >= letters * 0.6:  # a Han character weighs a short word
        return _script(text, hint)
    if latin * 2 > letters:
        return Language.ENGLISH if hint in (None, Language.UNKNOWN) or han == 0 else hint
    return Language.UNKNOWN


def _script(text: str, hint: Language | None) -> Language:
    simple, full = _script_marks()
    simplified = sum(each in simple for each in text)
    traditional = sum(each in full for each in text)
    if simplified != traditional:
        more = simplified > traditional
        return Language.CHINESE_SIMPLIFIED if more else Language.CHINESE_TRADITIONAL
    chinese = (Language.CHINESE_SIMPLIFIED, Language.CHINESE_TRADITIONAL)
    return hint if hint in chinese else Language.CHINESE_SIMPLIFIED


def fold_characters(text: str) -> str:
    """Return a text of the same length, each character folded where one stands for one.

    For patterns that look at words and signs in place: an offset into the result is an offset
    into the original.
    """
    table = _table()
    folded = (table.get(ord(each), each) for each in text)
    return "".join(new if len(new) == 1 else old for new, old in zip(folded, text, strict=True))
