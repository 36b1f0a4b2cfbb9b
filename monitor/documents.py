"""A document as bytes to plain text: HTML, PDF, or text of any charset. Pure.

The only module that imports pypdf.
"""

from __future__ import annotations

import io
import logging
import re
from dataclasses import dataclass
from datetime import date

import pypdf
import trafilatura
from pypdf.errors import PyPdfError

from monitor.decoding import decode
from monitor.extraction import plain_text, tidy

LARGEST = 30_000_000  # bytes
MOST_PAGES = 300
LONGEST = 1_000_000  # characters
WIDE, WIDE_ZH = 60, 20  # characters of a line that filled its page
SHORTEST = 200  # characters that an extracted text has at least
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|div|p|article)\b", re.IGNORECASE)
_ENDS = re.compile(r"[.!?:;。！？：；”\"」』)）]$")
_LIST = re.compile(r"^(?:[-•*·–]|\(?\d{1,2}[.)]|[一二三四五六七八九十]{1,3}、)")
_HAN = re.compile(r"[\u3400-\u9fff]")


class DocumentError(ValueError):
    """A document that cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a document says."""

    text: str
    written: date | None = None  # as its markup tells; None: it does not


def read_document(body: bytes, content_type: str | None = None) -> Document:
    """Return the text of a document; raise DocumentError where there is none."""
    if len(body) > LARGEST:
        raise DocumentError(f"the document is larger than {LARGEST // 1_000_000} MB")
    if body.lstrip()[:5] == b"%PDF-":
        document = Document(_unwrapped(_pdf(body)))
    elif "html" in (content_type or "") or _MARKUP.search(body[:4000]):
        document = _html(decode(body, content_type)[0])
    else:
        document = Document(_unwrapped(decode(body, content_type)[0]))
    text = tidy(document.text)[:LONGEST]
    if not text:
        raise DocumentError("the document holds no text")
    return Document(text, document.written)


def _pdf(body: bytes) -> str:
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it tells of every oddity
    try:
        reader = pypdf.PdfReader(io.BytesIO(body))
        if reader.is_encrypted:
            raise DocumentError("the PDF asks for a password")
        return "\n".join(page.extract_text() for page in reader.pages[:MOST_PAGES])
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        if isinstance(error, DocumentError):
            raise
        raise DocumentError(f"the PDF cannot be read: {error}") from error


def _html(markup: str) -> Document:
    """Return the main text of a page; all of it where no main text is found."""
    text = trafilatura.extract(markup, include_comments=False) or ""
    whole = text if len(text) >= SHORTEST else plain_text(markup)
    found = trafilatura.extract_metadata(markup)
    title = (found.title or "").strip() if found is not None else ""
    if title and title not in whole[:SHORTEST]:
        whole = f"{title}\n{whole}"
    return Document(whole, _day(found.date if found is not None else None))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def _unwrapped(text: str) -> str:
    """Join the lines of a sentence that a page's width broke."""
    pieces: list[str] = []
    before = ""
    for line in map(str.strip, text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if not _goes_on(before, line):
            pieces.append("\n")
        elif not (_HAN.match(line) and _HAN.match(before[-1])):
            pieces.append(" ")
        pieces.append(line)
        before = line
    return "".join(pieces).lstrip("\n")


def _goes_on(before: str, line: str) -> bool:
    """Tell whether a line is the rest of the one before."""
    if not before or not line or _ENDS.search(before) or _LIST.match(line):
        return False
    if _HAN.match(line):
        return len(before) >= WIDE_ZH and (
            _HAN.match(before[-1]) is not None or before[-1] in "，、"
        )
    return line[0].islower() or (len(before) >= WIDE and not before.isupper())
