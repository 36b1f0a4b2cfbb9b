"""The fast and the tolerant way through a feed give the same articles."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import ParseError
from monitor import extraction, parsing
from monitor.fast_feeds import read_plain_rss
from monitor.plain_html import read_plain_html
from tests.builders import a_feed

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("PLEDGEWATCH_TEST_DATA", ROOT.parent / "shared" / "data")) / "feeds"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FILES = [each.name for each in sorted(DATA.iterdir())] if DATA.is_dir() else []

WORDS = st.sampled_from(
    [
        "Minister opens the harbour",
        "部长宣布港口开工",
        "部長宣布港口動工",
        "<p>One</p><p>two</p>",
        "a &amp; b",
        "&lt;b&gt;",
        "<script>no</script>",
        "<!-- no -->tail",
        "<br>next<ul><li>x<li>y</ul>",
        "CafÃ©",
        "  ",
        "\n",
        "<div>open",
        "</p>shut",
        "&nbsp;&hellip;&nothing;",
        "<![CDATA[x]]>",
        "\u3000",
    ]
)
PIECES = st.sampled_from(
    ["a", "b c", " ", "\n", "中文", "&amp;", "&#8217;", "&nbsp;", ">", "<br>", "<img src=x />", ""]
)
NAMES = st.sampled_from("p div blockquote ul ol li h2 a b span em".split())
ATTRIBUTES = st.sampled_from(["", "", ' href="/x?a=1&b=2"', " class='y z'", " title='&lt;'", " /"])
MARKUP = st.recursive(
    PIECES,
    lambda inner: st.builds(
        "<{0}{1}>{2}</{0}>".format, NAMES, ATTRIBUTES, st.lists(inner, max_size=3).map("".join)
    ),
    max_leaves=12,
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)
LINKS = st.sampled_from(
    [
        "https://a.example.org/1?a=1&b=2",
        "/rel",
        "",
        "http:///x/1",
        "https://a.example.org/?q=&amp;c",
    ]
)
ITEMS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "title": TEXTS,
            "link": LINKS,
            "guid": st.one_of(LINKS, st.sampled_from(["1", "tag:a,2026:x"])),
            "description": TEXTS,
            "content:encoded": TEXTS,
            "pubDate": st.sampled_from(["Tue, 24 Nov 2026 08:00:00 GMT", "2026-11-24", "soon"]),
            "dc:creator": TEXTS,
            "media:title": TEXTS,
        },
    ),
    max_size=4,
)


def document(items: list[dict[str, str]]) -> str:
    body = "".join(
        "<item>"
        + "".join(f"<{name}>{escape(text)}</{name}>" for name, text in item.items())
        + "</item>"
        for item in items
    )
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>Harbour &amp; sea</title><ttl>30</ttl>{body}</channel></rss>"
    )


def clean_by_soup(patch: pytest.MonkeyPatch) -> None:
    """Leave all cleaning to BeautifulSoup."""
    patch.setattr(extraction, "_tree", lambda _markup: None)
    patch.setattr(extraction, "read_plain_html", lambda _markup: None)


def read(body: bytes, *, tolerant: bool) -> object:
    """Return what a body gives; by the tolerant parser and BeautifulSoup alone, if told so."""
    with pytest.MonkeyPatch.context() as patch:
        if tolerant:
            patch.setattr(parsing, "read_plain_rss", lambda _text, _most: None)
            clean_by_soup(patch)
        try:
            return parsing.parse_feed(a_feed(), body, None, "https://feed.example.org/", NOW)
        except ParseError as error:
            return error.fault


@pytest.mark.skipif(not FILES, reason="skipped: set PLEDGEWATCH_TEST_DATA to the real feed files")
@pytest.mark.parametrize("name", FILES)
def test_both_ways_give_the_same_articles_on_a_real_feed(name):
    body = (DATA / name).read_bytes()
    assert read(body, tolerant=False) == read(body, tolerant=True)


@settings(deadline=None)
@given(ITEMS)
def test_both_ways_give_the_same_articles_on_any_feed(items):
    body = document(items).encode()
    assert read(body, tolerant=False) == read(body, tolerant=True)


@settings(deadline=None, max_examples=300)
@given(st.one_of(TEXTS, MARKUP))
def test_all_ways_clean_markup_to_the_same_text(markup):
    quick = extraction.plain_text(markup)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extraction, "read_plain_html", lambda _markup: None)
        assert extraction.plain_text(markup) == quick
        clean_by_soup(patch)
        assert extraction.plain_text(markup) == quick


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p>\n<p>two <b>and</b> more</p>", "One\ntwo and more"),
        ("a &amp; b<br>c &#8217;d&#8217; <img src='x.png' alt='y'/>", "a & b\nc \u2019d\u2019"),
        ('<ul><li>x</li><li>y <a href="/1?a=1&b=2">z</a></li></ul>', "x\ny z"),
    ],
)
def test_plain_markup_takes_the_fast_way(markup, text):
    assert read_plain_html(markup) == text


@pytest.mark.parametrize(
    "markup",
    ["<p>a<p>b", "a</p>", "<b>a<p>b</p></b>", "<li>a</li>", "&nothing;", "<p onclick=`a>b`>c</p>"],
)
def test_markup_out_of_order_is_left_to_the_parser(markup):
    assert read_plain_html(markup) is None


@pytest.mark.parametrize("title", ["Minister opens port", "部长宣布开工", "部長宣布動工"])
def test_a_plain_feed_takes_the_fast_way(title):
    item = {"title": title, "link": "https://a.example.org/1", "description": "x", "guid": "1"}
    found = read_plain_rss(document([item]), 10)
    assert found is not None
    assert [each["title"] for each in found.items] == [title]
    assert (found.title, found.hints) == ("Harbour & sea", (("ttl", "30"),))


@pytest.mark.parametrize(
    "odd",
    [
        "<title>a</title><title>b</title>",
        "<title><b>a</b></title>",
        "<title>&nbsp;</title>",
        "<title>a",
        "<x:title xmlns:x='urn:x'>a</x:title>",
        "<description type='xhtml'>a</description>",
    ],
)
def test_anything_odd_is_left_to_the_tolerant_way(odd):
    text = document([{"link": "https://a.example.org/1"}]).replace("<item>", f"<item>{odd}")
    assert read_plain_rss(text, 10) is None
