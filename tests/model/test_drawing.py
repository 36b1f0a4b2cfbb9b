"""A timeline as SVG and PNG: filled is confirmed, hollow suggested, grey not observed."""

from __future__ import annotations

import io
from datetime import date
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageColor

from model.drawing import BAND, DONE, HEAD, OPEN, PAPER, SCALE, Words, as_png, as_svg, fitting
from model.timeline import Event, Facts, Mark, timeline

SVG = "{http://www.w3.org/2000/svg}"
TODAY = date(2026, 6, 1)
WORDS = Words(title="Harbour fund", confirmed="confirmed", suggested="suggested", unobserved="grey")


def drawn(**changes):
    values = {
        "lanes": ["office", "grants"],
        "events": [
            Event(day=date(2026, 3, 1), lane=0, label="3 signed", confirmed=True),
            Event(day=date(2026, 4, 20), lane=1, label="opened?", confirmed=False),
        ],
        "marks": [
            Mark(day=TODAY, label="today", kind="f-today"),
            Mark(day=date(2026, 12, 31), label="due", kind="f-due"),
            Mark(day=date(2026, 9, 1), label="Summit", kind="f-occ"),
        ],
        "gaps": [(date(2026, 3, 20), date(2026, 4, 5))],
        "today": TODAY,
        "months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
    }
    return timeline(Facts(**values | changes))


def test_the_svg_has_a_lane_for_each_clause_and_a_dot_for_each_event():
    root = ElementTree.fromstring(as_svg(drawn(), WORDS))
    dots = root.find(f"{SVG}g").findall(f"{SVG}circle")
    assert [dot.get("fill") for dot in dots] == [DONE, PAPER]
    assert dots[0].get("cy") != dots[1].get("cy")
    assert dots[1].get("stroke-dasharray")
    words = {each.text for each in root.iter(f"{SVG}text")}
    assert {"Harbour fund", "office", "grants", "3 signed", "today", "due", "Summit"} <= words
    bands = [each for each in root.iter(f"{SVG}rect") if each.get("fill") == BAND]
    assert len(bands) == 2  # one in the picture, one in its legend


def test_the_svg_needs_no_style_and_no_script():
    text = as_svg(drawn(), WORDS)
    assert "style" not in text
    assert "<script" not in text


@pytest.mark.parametrize("bad", ["</title><script>x</script>", 'a"b&c', "x\x07\ufffe", "\u202e"])
def test_hostile_words_are_words(bad):
    hostile = Words(title=bad, confirmed="a", suggested="b", unobserved="c")
    text = as_svg(drawn(lanes=[bad, bad]), hostile)
    root = ElementTree.fromstring(text)
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {
        "svg",
        "title",
        "rect",
        "text",
        "g",
        "path",
        "circle",
    }
    assert as_png(drawn(lanes=[bad, bad]), hostile).startswith(b"\x89PNG")


def test_the_png_shows_the_same():
    places = drawn()
    image = Image.open(io.BytesIO(as_png(places, WORDS)))

    def colour(x, y):
        return image.getpixel((round(x * SCALE), round((y + HEAD) * SCALE)))

    confirmed, suggested = places.dots
    assert colour(confirmed.x, confirmed.y) == ImageColor.getrgb(DONE)
    assert colour(suggested.x, suggested.y) == ImageColor.getrgb(PAPER)
    assert colour(suggested.x - 5.5, suggested.y) == ImageColor.getrgb(OPEN)
    x, width = places.gaps[0]
    assert colour(x + width / 2, places.bottom - 8) == ImageColor.getrgb(BAND)


def test_long_names_of_lanes_are_cut():
    assert fitting(["a" * 30, "short"]) == ["a" * 19 + "…", "short"]
