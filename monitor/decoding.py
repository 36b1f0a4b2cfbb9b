"""Bytes to text before anybody parses them: the charset rule. Pure.

In this order: byte order mark, HTTP charset, XML declaration, strict UTF-8, and then whichever
Chinese or Western reading has the greater share of ordinary characters. A declared charset that
does not fit is not believed. Chinese charsets are read by their supersets.
"""

from __future__ import annotations

import codecs
import re

SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "iso-8859-1": "cp1252",  # as browsers do: https://encoding.spec.whatwg.org/#names-and-labels
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
}
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\bencoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)""")
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_ODD = re.compile("[\x80-\x9f\ue000-\uf8ff\ufffd]")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.DOTALL)
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")


def decode(body: bytes, content_type: str | None, told: str | None = None) -> tuple[str, str]:
    """Return the text and the charset it was read by; `told` is what an admin says it is.

    Never fails: what no reading fits keeps replacement characters.
    """
    for mark, name in BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), name
    for name in _candidates(body, content_type, told):
        text = _strictly(body, name)
        if text is not None and not _is_mojibake(text):
            return text, name
    return _guess(body)


def _candidates(body: bytes, content_type: str | None, told: str | None) -> list[str]:
    named = [told]
    in_header = _CHARSET.search(content_type or "")
    named.append(in_header[1] if in_header else None)
    head = body[:2000]
    for pattern in (_DECLARED, _META):
        found = pattern.search(head)
        named.append(found[1].decode("ascii") if found else None)
    wide = [each for each in named if each and each.lower().startswith(("utf-16", "utf-32"))]
    # Bytes that hold an ASCII declaration are not UTF-16, whatever the declaration says.
    names = [_codec(each) for each in named if each and each not in wide]
    if wide and b"\x00" in head:
        names = [*(_codec(each) for each in wide), *names]
    single = {"cp1252"}
    sure = [each for each in names if each and each not in single]
    # A single-byte charset fits any bytes: strict UTF-8 is the better witness.
    return [*sure, "utf-8", *(each for each in names if each in single)]


def _codec(name: str) -> str | None:
    name = SUPERSETS.get(name.lower().strip(), name)
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def _strictly(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except UnicodeDecodeError as error:
        # A body cut in the middle of its last character is still that charset.
        if error.start >= len(body) - 4:
            return body[: error.start].decode(name, "replace")
        if name == "utf-8" and _mostly(body):
            return body.decode(name, "replace")
        return None
    except (ValueError, LookupError):
        return None


def _mostly(body: bytes) -> bool:
    """Tell whether bytes are UTF-8 with a few broken ones among many good ones."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    beyond = sum(each > "\u007f" for each in text) - broken
    return broken * 20 <= beyond


def _is_mojibake(text: str) -> bool:
    """Tell whether text was read by the wrong charset: control characters, or private ones."""
    sample = text[:20_000]
    return len(_ODD.findall(sample)) * 50 > len(sample)


def _guess(body: bytes) -> tuple[str, str]:
    best, best_name, best_score = body.decode("utf-8", "replace"), "utf-8", -1.0
    for name in ("gb18030", "big5hkscs", "cp1252"):
        text = body.decode(name, "replace")
        score = _western(text) if name == "cp1252" else _chinese(text, name)
        if score > best_score:
            best, best_name, best_score = text, name, score
    return best, best_name


# The first level of each standard holds the frequent characters; wrong readings scatter beyond it.
_FIRST_LEVEL = {"gb18030": ("gb2312", 0xB0, 0xD7), "big5hkscs": ("big5", 0xA4, 0xC6)}


def _chinese(text: str, name: str) -> float:
    """Return the share of characters beyond ASCII that are frequent Chinese or its punctuation."""
    standard, first, last = _FIRST_LEVEL[name]
    beyond = [each for each in text[:20_000] if each > "\u007f"]
    if not beyond:
        return 1.0
    good = 0
    for each in beyond:
        try:
            lead = each.encode(standard)[0]
        except UnicodeEncodeError:
            continue
        good += (
            first <= lead <= last or "\u3000" <= each <= "\u303f" or "\uff00" <= each <= "\uffef"
        )
    return good / len(beyond)


def _western(text: str) -> float:
    """Return the share of accented letters that stand among plain ones: no word is all accents."""
    sample = text[:20_000]
    beyond = [place for place, each in enumerate(sample) if each > "\u007f"]
    if not beyond:
        return 1.0
    alone = sum(
        not (sample[place - 1 : place] > "\u007f" and sample[place + 1 : place + 2] > "\u007f")
        for place in beyond
    )
    return 0.9 * alone / len(beyond)


def without_declaration(text: str) -> str:
    """Return XML text without its declaration, which named a charset that no longer holds."""
    return _DECLARATION.sub("", text, count=1)


def without_bad_references(text: str) -> str:
    """Return XML text without references to what is no character (https://www.w3.org/TR/xml/#charsets).

    Parsers that go on behind errors take `&#55296;` for half a character, and fail over it later.
    """
    return _REFERENCE.sub(_kept, text) if "&#" in text else text


def _kept(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    code = int(digits, 16 if found[1] else 10) if len(digits) <= 10 else -1
    inside = 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    return found[0] if inside or code in {0x9, 0xA, 0xD} else ""
