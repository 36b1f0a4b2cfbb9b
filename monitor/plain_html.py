"""The fast way from plain HTML to text: a few tags, properly nested, and nothing odd. Pure.

It takes only what it reads exactly as the parser behind it does, and says None to anything else.
"""

from __future__ import annotations

import html
import re

_INLINE = frozenset("a abbr b cite code em i small span strong sub sup u".split())
_BLOCKS = frozenset("p div blockquote ul ol li h1 h2 h3 h4 h5 h6".split())
_HOLDERS = frozenset({"", "div", "blockquote", "li"})  # of blocks
_LISTS = frozenset({"ul", "ol"})
_EMPTY = frozenset({"br", "img"})
_TAG = re.compile(r"""<(/?)([a-z]+[1-6]?)((?:\s(?>[^<>"'`]+|"[^"<>]*"|'[^'<>]*')*+|/)?)>""")
_REFERENCE = re.compile(
    "&(?:amp|lt|gt|quot|nbsp|hellip|mdash|ndash|lsquo|rsquo|ldquo|rdquo|laquo|raquo|middot|copy|"
    "#0?3[2-9]|#[4-9][0-9]|#1[01][0-9]|#(?:1[6-9][0-9]|[2-9][0-9]{2}|[1-9][0-9]{3}|[1-4][0-9]{4}));"
)


def read_plain_html(markup: str) -> str | None:
    """Return the tidy text of plain HTML: a line for each block."""
    if not is_plain(markup):
        return None
    pieces = _TAG.split(markup.replace("\n", " "))
    texts = pieces[::4]
    text = "".join(texts)
    if "<" in text or text.count("&") != len(_REFERENCE.findall(text)):
        return None
    breaks = _breaks(pieces)
    if breaks is None:
        return None
    text = "".join([each for pair in zip(texts, breaks, strict=True) for each in pair])
    return spaced(html.unescape(text) if "&" in text else text)


def is_plain(text: str) -> bool:
    """Tell whether a text holds printable characters, spaces and line breaks alone."""
    if text.isprintable():
        return True
    return text.replace("\n", "").replace("\u3000", "").replace("\xa0", "").isprintable()


def spaced(text: str) -> str:
    """Return a plain text with single spaces and line breaks."""
    if "\n" not in text:
        return _one_line(text)
    return "\n".join([line for each in text.split("\n") if (line := _one_line(each))])


def _one_line(text: str) -> str:
    """Return a line with single spaces; most have them already, which is seen at a glance."""
    if "  " in text or "\u3000" in text or "\xa0" in text:
        return " ".join(text.split())
    return text.strip(" ")


def _breaks(pieces: list[str]) -> list[str] | None:
    """Return what stands behind each text; None where a tag is unusual or out of place.

    `pieces` are texts, and between them three each: a slash or nothing, a tag's name, the rest.
    """
    inside: list[str] = [""]
    breaks = []
    for place in range(0, len(pieces) - 1, 4):
        text, slash, name = pieces[place], pieces[place + 1], pieces[place + 2]
        if text and inside[-1] in _LISTS and not text.isspace():
            return None
        if slash:
            if inside[-1] != name or pieces[place + 3]:
                return None
            inside.pop()
            breaks.append("\n" if text and name in _BLOCKS else "")
        elif name in _EMPTY:
            breaks.append("\n" if name == "br" else "")
        elif not _fits(name, inside) or pieces[place + 3].endswith("/"):
            return None
        else:
            inside.append(name)
            breaks.append("\n" if name in _BLOCKS else "")
    breaks.append("")
    return breaks if len(inside) == 1 else None


def _fits(name: str, inside: list[str]) -> bool:
    """Tell whether a tag may begin here without ending another one."""
    within = inside[-1]
    if name in _INLINE:
        return name not in inside and within not in _LISTS
    if name == "li":
        return within in _LISTS
    return name in _BLOCKS and within in _HOLDERS
