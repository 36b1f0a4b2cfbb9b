"""A timeline as SVG and as PNG, from the same places on the paper. Pure, but for reading a font.

Confirmed steps are filled, suggested ones hollow; the time that was not observed is a grey band.
The SVG has neither style nor script, so that the strictest policy shows it. Han characters are
drawn in a PNG only where the system has a font for them.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from model.timeline import Timeline, width_of

INK, PALE, BAND, PAPER, DONE, OPEN, LATE = (
    "#1f2933",
    "#c6ced6",
    "#e4e8ec",
    "#ffffff",
    "#0f766e",
    "#b45309",
    "#b91c1c",
)
COLOURS = {"f-today": INK, "f-pledged": DONE, "f-due": LATE, "f-occ": "#6b7785"}
FILLED = {"f-done": DONE, "f-sug": PAPER, "f-struck": PAPER}
EDGED = {"f-done": DONE, "f-sug": OPEN, "f-struck": "#6b7785"}
DASHED = {"f-occ": "2 3", "f-due": "6 3"}
HEAD, FOOT = 40, 30  # of the paper: the title, the legend
TOP = 42  # of the lines across all lanes; what they are stands above it
DOT = 6
SCALE = 1.5  # of a PNG's pixels to the paper's
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is written around a timeline, in the reader's language."""

    title: str
    confirmed: str
    suggested: str
    unobserved: str

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """Return what each sign means."""
        return (("f-done", self.confirmed), ("f-sug", self.suggested), ("gap", self.unobserved))


def draws_han() -> bool:
    """Tell whether a PNG of ours can show Han characters on this machine."""
    return _font_file() is not None


def _tick(timeline: Timeline, x: float, label: str) -> str:
    """Return what stands at a tick; nothing where it would run off the paper."""
    return label if x + width_of(label) < timeline.width else ""


# --- SVG ------------------------------------------------------------------------------


def as_svg(timeline: Timeline, words: Words) -> str:
    """Return a timeline as an SVG document of its own."""
    width, height = timeline.width, timeline.height + HEAD + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        f' width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
        f"<title>{_safe(words.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        _text(16, 26, words.title, size=18),
        f'<g transform="translate(0 {HEAD})">',
        *_ground(timeline),
        *_marks(timeline),
        *_dots(timeline),
        "</g>",
        *_legend(timeline, words),
        "</svg>",
    ]
    return "\n".join(parts)


def _ground(timeline: Timeline) -> list[str]:
    top, bottom = TOP, timeline.bottom
    parts = [
        f'<rect x="{x}" y="{top}" width="{wide}" height="{bottom - top}" fill="{BAND}"/>'
        for x, wide in timeline.gaps
    ]
    for x, label in timeline.ticks:
        parts.append(_line(x, top, x, bottom, PALE))
        parts.append(_text(x + 3, bottom + 16, _tick(timeline, x, label), colour="#52606d"))
    for y, name in timeline.lanes:
        parts.append(_line(timeline.left, y, timeline.right, y, PALE, width=2))
        parts.append(_text(timeline.left - 10, y + 4, name, anchor="end"))
    return parts


def _marks(timeline: Timeline) -> list[str]:
    parts = []
    for x, words, kind in timeline.marks:
        colour = COLOURS[kind]
        parts.append(_line(x, TOP, x, timeline.bottom, colour, dash=DASHED.get(kind)))
        if words.text:
            parts.append(_text(words.x, words.y, words.text, colour=colour, anchor=words.anchor))
    return parts


def _dots(timeline: Timeline) -> list[str]:
    parts = []
    for each in timeline.labels:
        if each.text:
            x, y, wide = each.box
            parts.append(f'<rect x="{x}" y="{y}" width="{wide}" height="16" fill="{PAPER}"/>')
            parts.append(_text(each.x, each.y, each.text, anchor=each.anchor))
    return parts + [_circle(each.x, each.y, each.kind) for each in timeline.dots]


def _legend(timeline: Timeline, words: Words) -> list[str]:
    y, x = timeline.height + HEAD + FOOT / 2, float(timeline.left)
    parts = []
    for kind, label in words.legend:
        if kind == "gap":
            parts.append(f'<rect x="{x}" y="{y - 6}" width="14" height="12" fill="{BAND}"/>')
        else:
            parts.append(_circle(x + 7, y, kind))
        parts.append(_text(x + 20, y + 4, label))
        x += 50 + 7 * len(label) + 6 * sum(ord(c) > 0x2E80 for c in label)
    return parts


def _circle(x: float, y: float, kind: str) -> str:
    dash = "" if kind == "f-done" else ' stroke-dasharray="3 2"'
    return (
        f'<circle cx="{x}" cy="{y}" r="{DOT}" fill="{FILLED[kind]}" stroke="{EDGED[kind]}"'
        f' stroke-width="2"{dash}/>'
    )


def _line(
    x: float,
    y: float,
    to_x: float,
    to_y: float,
    colour: str,
    width: float = 1,
    dash: str | None = None,
) -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="M{x} {y}L{to_x} {to_y}" stroke="{colour}" stroke-width="{width}"'
        f' fill="none"{dashes}/>'
    )


def _text(
    x: float, y: float, text: str, colour: str = INK, anchor: str = "start", size: int = 12
) -> str:
    return (
        f'<text x="{x}" y="{y}" fill="{colour}" text-anchor="{anchor}" font-size="{size}">'
        f"{_safe(text)}</text>"
    )


def _safe(text: str) -> str:
    """Return text that XML can hold: foreign words, without control characters."""
    return escape("".join(c for c in text if c.isprintable() and c not in "\ufffe\uffff"))


# --- PNG ------------------------------------------------------------------------------


def as_png(timeline: Timeline, words: Words) -> bytes:
    """Return a timeline as a PNG."""
    paper = _Paper(timeline.width, timeline.height + HEAD + FOOT)
    paper.text(16, 20 - HEAD, _cut(words.title, timeline.width - 40, 18), INK, 18)
    for x, wide in timeline.gaps:
        paper.box(x, TOP, x + wide, timeline.bottom, BAND)
    for x, label in timeline.ticks:
        paper.line(x, TOP, x, timeline.bottom, PALE)
        paper.text(x + 3, timeline.bottom + 12, _tick(timeline, x, label), "#52606d")
    for y, name in timeline.lanes:
        paper.line(timeline.left, y, timeline.right, y, PALE, 2)
        paper.text(timeline.left - 10, y, name, INK, anchor="rm")
    for x, text, kind in timeline.marks:
        paper.line(x, TOP, x, timeline.bottom, COLOURS[kind])
        paper.text(text.x, text.y - 4, text.text, COLOURS[kind], anchor="mm")
    for each in timeline.labels:
        if each.text:
            left, top, wide = each.box
            paper.box(left, top, left + wide, top + 16, PAPER)
            anchor = "rm" if each.anchor == "end" else "lm"
            paper.text(each.x, each.y - 4, each.text, INK, anchor=anchor)
    for dot in timeline.dots:
        paper.dot(dot.x, dot.y, dot.kind)
    x = float(timeline.left)
    for kind, label in words.legend:
        x = paper.legend(x, timeline.height + FOOT / 2, kind, label)
    return paper.png()


class _Paper:
    """Draws in the paper's measures, below its head."""

    def __init__(self, width: int, height: int) -> None:
        size = (round(width * SCALE), round(height * SCALE))
        self._image = Image.new("RGB", size, PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, x: float, y: float, to_x: float, to_y: float, colour: str) -> None:
        self._draw.rectangle(self._at((x, y), (to_x, to_y)), colour)

    def line(
        self, x: float, y: float, to_x: float, to_y: float, colour: str, width: int = 1
    ) -> None:
        self._draw.line(self._at((x, y), (to_x, to_y)), colour, round(width * SCALE))

    def dot(self, x: float, y: float, kind: str) -> None:
        at = self._at((x - DOT, y - DOT), (x + DOT, y + DOT))
        self._draw.ellipse(at, FILLED[kind], EDGED[kind], round(2 * SCALE))

    def text(
        self, x: float, y: float, text: str, colour: str, size: int = 12, anchor: str = "lm"
    ) -> None:
        place = self._at((x, y))
        shown = "".join(c for c in text if c.isprintable())
        self._draw.text((place[0], place[1]), shown, colour, _font(size), anchor=anchor)

    def legend(self, x: float, y: float, kind: str, label: str) -> float:
        """Draw one sign with its meaning; return where the next may stand."""
        if kind == "gap":
            self.box(x, y - 6, x + 14, y + 6, BAND)
        else:
            self.dot(x + 7, y, kind)
        self.text(x + 20, y, label, INK)
        return x + 44 + self._draw.textlength(label, _font(12)) / SCALE

    def png(self) -> bytes:
        kept = io.BytesIO()
        self._image.save(kept, "PNG", optimize=True)
        return kept.getvalue()

    def _at(self, *places: tuple[float, float]) -> list[float]:
        return [value for x, y in places for value in (x * SCALE, (y + HEAD) * SCALE)]


def _cut(text: str, room: float, size: int) -> str:
    """Return a text that fits; where it does not, its end is left out."""
    measure = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    while len(text) > 2 and measure.textlength(text, _font(size)) / SCALE > room:
        text = text[:-2] + "…"
    return text


@cache
def _font_file() -> str | None:
    """Return a font with Han characters; None where the system has none of those we know."""
    return next((name for name in FONTS if Path(name).is_file()), None)


@cache
def _font(size: int) -> Font:
    pixels = round(size * SCALE)
    name = _font_file()
    return ImageFont.truetype(name, pixels) if name else ImageFont.load_default(pixels)


def fitting(names: Sequence[str], most: int = 20) -> list[str]:
    """Return names of lanes, none longer than there is room for."""
    return [name if len(name) <= most else name[: most - 1] + "…" for name in names]
