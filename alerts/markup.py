"""Telegram's HTML from pieces: escaped, and counted and cut by what a reader sees. Pure.

Limits: https://core.telegram.org/bots/api#html-style and #sendmessage. A cut never falls inside a
tag, an entity, or a character that is drawn together with the one before it.
"""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

MOST_VISIBLE = 3_500  # of Telegram's 4,096, so that an edit with more outlets still fits
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in one style."""

    text: str
    bold: bool = False
    italic: bool = False
    struck: bool = False
    link: str | None = None
    code: bool = False  # to be copied by a tap

    def html(self) -> str:
        """Return the run as markup."""
        shown = html.escape(self.text, quote=True)
        styles = ("b", self.bold), ("i", self.italic), ("s", self.struck), ("code", self.code)
        for tag, on in styles:
            if on:
                shown = f"<{tag}>{shown}</{tag}>"
        link = safe_link(self.link)
        return f'<a href="{html.escape(link, quote=True)}">{shown}</a>' if link else shown


@dataclass(frozen=True, slots=True)
class Block:
    """One line of a message, or its quotation."""

    pieces: tuple[Piece, ...]
    quoted: bool = False

    @property
    def visible(self) -> int:
        """Return how many characters a reader sees."""
        return sum(len(piece.text) for piece in self.pieces)

    def html(self) -> str:
        """Return the line as markup."""
        inner = "".join(piece.html() for piece in self.pieces)
        return f"<blockquote expandable>{inner}</blockquote>" if self.quoted else inner

    def plain(self) -> str:
        """Return the line as text."""
        text = "".join(piece.text for piece in self.pieces)
        return f"> {text}" if self.quoted else text


def line(*pieces: Piece | str, quoted: bool = False) -> Block:
    """Return a line; plain strings are plain text."""
    return Block(
        tuple(Piece(clean(each)) if isinstance(each, str) else each for each in pieces), quoted
    )


def text_of(value: str, most: int, **style: bool | str | None) -> Piece:
    """Return foreign text as one piece, cleaned and cut."""
    return Piece(cut(clean(value), most), **style)  # type: ignore[arg-type]


def marked(text: str) -> tuple[Piece, ...]:
    """Return our own text with what stands in `backticks` to be copied by a tap."""
    return tuple(
        Piece(clean(part), code=bool(number % 2))
        for number, part in enumerate(text.split("`"))
        if part
    )


def clean(text: str) -> str:
    """Return text without controls, lone surrogates, and marks that turn its direction."""
    kept = (
        each
        for each in text
        if each == "\n"
        or not (
            unicodedata.category(each) in {"Cc", "Cs"}
            or each in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        )
    )
    return "".join(kept)


def cut(text: str, most: int) -> str:
    """Return text of at most so many characters, ended by … where something was left out."""
    if len(text) <= most:
        return text
    end = max(most - 1, 0)
    while end > 0 and _belongs_to_the_one_before(text, end):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS


def _belongs_to_the_one_before(text: str, place: int) -> bool:
    """Tell whether a cut here would tear what is drawn as one character."""
    here, before = text[place], text[place - 1]
    if unicodedata.category(here) in {"Mn", "Me", "Mc"} or here in "\u200d\ufe0e\ufe0f":
        return True
    if before == "\u200d" or "\U0001f3fb" <= here <= "\U0001f3ff":
        return True
    if _is_flag_half(here) and _is_flag_half(before):
        start = place
        while start > 0 and _is_flag_half(text[start - 1]):
            start -= 1
        return (place - start) % 2 == 1
    return "\U000e0020" <= here <= "\U000e007f"  # the tail of a regional flag


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def safe_link(url: str | None) -> str | None:
    """Return an address that Telegram takes as a link; None for one that it drops or refuses."""
    if not url or len(url) > 2_000:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or "." not in host.strip("."):
        return None
    if parts.username or parts.password or any(each.isspace() for each in url):
        return None
    return url if url.isprintable() else None


def assemble(blocks: Iterable[Block | None], most: int = MOST_VISIBLE) -> tuple[str, str]:
    """Return the message as HTML and as text: None vanishes, what is over is left out."""
    kept: list[Block] = []
    room = most
    for block in blocks:
        if block is None:
            continue
        if block.visible + 1 > room:
            block = _shortened(block, room)
            if block is None:
                break
        room -= block.visible + 1
        kept.append(block)
    return "\n".join(each.html() for each in kept), "\n".join(each.plain() for each in kept)


def _shortened(block: Block, room: int) -> Block | None:
    pieces: list[Piece] = []
    for piece in block.pieces:
        if room <= 1:
            break
        short = cut(piece.text, room - 1)
        pieces.append(replace(piece, text=short))
        room -= len(short)
    return Block(tuple(pieces), block.quoted) if pieces else None


BLANK = Block(())
