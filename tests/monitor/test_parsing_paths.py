"""The fast and the tolerant way through a feed give the same articles."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import ParseError
from monitor import extraction, parsing
from monitor.fast_feeds import read_plain_feed
from monitor.feed_dates import moment_of
from monitor.plain_dates import read_plain_date
from monitor.plain_html import read_plain_html
from monitor.urls import absolute, canonical_url, read_link, unwrap
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
DATES = st.sampled_from(["Tue, 24 Nov 2026 08:00:00 GMT", "2026-11-24T08:00:00+08:00", "soon", ""])
IDS = st.one_of(LINKS, st.sampled_from(["1", "tag:a,2026:x"]))
REFERENCES = st.sampled_from(
    ["", "&#150;", "&#195;&#169;", "&#233;", "&#x2019;", "<!-- x -->", "Ã©"]
)
FIELDS = {
    "rss": {
        "title": TEXTS,
        "link": LINKS,
        "guid": IDS,
        'guid isPermaLink="false"': IDS,
        "description": TEXTS,
        "content:encoded": TEXTS,
        "pubDate": DATES,
        "dc:date": DATES,
        'source url="https://b.example.org/"': TEXTS,
        "dc:creator": TEXTS,
        "media:title": TEXTS,
        'media:thumbnail url="x.png"': st.just(""),
        "category": TEXTS,
        "dc:subject": TEXTS,
        'enclosure url="x.mp3" type="audio/mpeg"': st.just(""),
        "slash:comments": st.just("3"),
        "itunes:summary": TEXTS,
        "itunes:author": TEXTS,
        'itunes:image href="x.png"': st.just(""),
        "wp:post-id": st.just("7"),
        "plain": TEXTS,
        "updated": DATES,
    },
    "rdf": {
        "title": TEXTS,
        "link": LINKS,
        "description": TEXTS,
        "content:encoded": TEXTS,
        "dc:date": DATES,
        "dc:creator": TEXTS,
        "dc:subject": TEXTS,
        "dc:identifier": TEXTS,
        "dc:title": TEXTS,
        "slash:section": TEXTS,
    },
    "atom": {
        "title": TEXTS,
        'title type="html"': TEXTS,
        "id": IDS,
        'link href="https://a.example.org/1?a=1&amp;b=2"': st.just(""),
        'link rel="alternate" type="text/html" href="/2"': st.just(""),
        'link rel="replies" type="application/atom+xml" href="/3"': st.just(""),
        'link rel="enclosure" href="/4.mp3"': st.just(""),
        "published": DATES,
        "updated": DATES,
        "summary": TEXTS,
        'content type="html"': TEXTS,
        'content type="text" xml:lang="en"': TEXTS,
        'content type="image/png"': st.just("aGVsbG8="),
        "author><name": st.just("A"),
        'category term="x"': st.just(""),
        "rights": TEXTS,
        "thr:total": st.just("2"),
    },
}
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:wp="com-wordpress:feed-additions:1" xmlns:thr="http://purl.org/syndication/thread/1.0" '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
)
FRAMES = {
    "rss": (
        f'<rss version="2.0" {SPACES}><channel><title>Harbour &amp; sea</title><ttl>30</ttl>'
        "<image><url>x.png</url><title>no</title><link>/</link></image>",
        "<item>",
        "</item>",
        "</channel></rss>",
    ),
    "rdf": (
        f'<rdf:RDF xmlns="http://purl.org/rss/1.0/" {SPACES}><channel rdf:about="/">'
        "<title>Harbour</title><link>/</link><items><rdf:Seq/></items></channel>",
        '<item rdf:about="https://a.example.org/about">',
        "</item>",
        "</rdf:RDF>",
    ),
    "atom": (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}><title type="html">Harbour</title>'
        '<id>urn:x</id><link rel="self" href="/"/><updated>2026-11-24T08:00:00Z</updated>',
        "<entry>",
        "</entry>",
        "</feed>",
    ),
}


def document(items: list[list[tuple[str, str]]], form: str = "rss", raw: str = "") -> str:
    """Return a feed; each field is an element as its tag is opened, and its text."""
    head, begin, end, tail = FRAMES[form]
    body = "".join(
        begin + "".join(_element(opened, escape(text) + raw) for opened, text in item) + end
        for item in items
    )
    return head + body + tail


def _element(opened: str, text: str) -> str:
    names = [each.split()[0] for each in opened.split("><")]
    return f"<{opened}>{text}" + "".join(f"</{name}>" for name in reversed(names))


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Return any feed, its fields in any order, some of them twice."""
    form = draw(st.sampled_from(sorted(FIELDS)))
    fields = FIELDS[form]
    names = st.lists(st.sampled_from(sorted(fields)), max_size=6)
    items = [
        [(name, draw(fields[name])) for name in draw(names)] for _ in range(draw(st.integers(0, 3)))
    ]
    return document(items, form, draw(st.one_of(st.just(""), REFERENCES)))


def clean_by_soup(patch: pytest.MonkeyPatch) -> None:
    """Leave all cleaning to BeautifulSoup."""
    patch.setattr(extraction, "_tree", lambda _markup: None)
    patch.setattr(extraction, "read_plain_html", lambda _markup: None)


def read(body: bytes, *, tolerant: bool) -> object:
    """Return what a body gives; by the tolerant parser and BeautifulSoup alone, if told so."""
    with pytest.MonkeyPatch.context() as patch:
        if tolerant:
            patch.setattr(parsing, "read_plain_feed", lambda _text, _most: None)
            clean_by_soup(patch)
        try:
            parsed = parsing.parse_feed(a_feed(), body, None, "https://feed.example.org/", NOW)
            return replace(parsed, marks=b"")  # of raw fields, which both spell differently
        except ParseError as error:
            return error.fault


@pytest.mark.skipif(not FILES, reason="skipped: set PLEDGEWATCH_TEST_DATA to the real feed files")
@pytest.mark.parametrize("name", FILES)
def test_both_ways_give_the_same_articles_on_a_real_feed(name):
    body = (DATA / name).read_bytes()
    assert read(body, tolerant=False) == read(body, tolerant=True)


@settings(deadline=None, max_examples=300)
@given(documents())
def test_both_ways_give_the_same_articles_on_any_feed(text):
    body = text.encode()
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


CLOCKS = st.sampled_from(["08:00:00", "24:00:00", "23:59:60", "8:00:00", "08:00", "08.00.00"])
ZONES = st.sampled_from(["GMT", "UTC", "+0000", "-0330", "+08:00", "EST", "CST", "Z", "", "+2500"])


@given(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(
            ["Tue, 24 Nov 2026 ", "Tue, 4 Nov 2026 ", "Die, 24 Nov 2026 ", "24 Nov 26 "]
        )
        | st.sampled_from(["2026-11-24T", "2026-02-30T", "2026-11-24 ", "1970-01-01T"]),
        CLOCKS,
        st.sampled_from(["", " "]),
        ZONES,
    )
)
def test_a_plain_date_is_read_as_any_date_is(raw):
    plain = read_plain_date(raw)
    assert plain is None or plain == moment_of(raw)


@pytest.mark.parametrize(
    "raw", ["Tue, 24 Nov 2026 08:00:00 GMT", "2026-11-24T16:00:00+08:00", "2026-11-24T08:00:00Z"]
)
def test_a_date_as_its_standard_says_takes_the_fast_way(raw):
    assert read_plain_date(raw) == datetime(2026, 11, 24, 8, tzinfo=UTC)


@given(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["https://", "http://", "//", "", "HTTPS://", "https:/"]),
        st.sampled_from(["a.example.org", "www.a.example.org", "www.org", "A.example", "a", "b:8"]),
        st.lists(st.sampled_from(["/", "a", "..", ";x", "中", "%20", " ", "."]), max_size=5).map(
            "".join
        ),
        st.sampled_from(["", "?b=2&a=1", "#x", "?utm_source=rss"]),
    )
)
def test_a_link_is_read_the_same_by_any_way(link):
    base = "https://feed.example.org/"
    whole = unwrap(absolute(base, link)) if link else ""
    assert read_link(base, link) == (whole, canonical_url(whole))


@pytest.mark.parametrize("title", ["Minister opens port", "部长宣布开工", "部長宣布動工"])
def test_a_plain_feed_takes_the_fast_way(title):
    item = [("title", title), ("link", "https://a.example.org/1"), ("guid", "1")]
    found = read_plain_feed(document([item]).encode(), 10)
    assert found is not None
    assert [each.title for each in found.entries] == [title]
    assert (found.title, found.hints) == ("Harbour & sea", (("ttl", "30"),))


@pytest.mark.parametrize(
    ("form", "item", "entry"),
    [
        (
            "rdf",
            [("title", "a"), ("link", "https://a.example.org/1"), ("dc:date", "2026-11-24")],
            ("https://a.example.org/about", "https://a.example.org/1", "a", "", "2026-11-24", ""),
        ),
        (
            "atom",
            [
                ("id", "urn:1"),
                ('title type="html"', "a"),
                ('link href="https://a.example.org/1"', ""),
                ("updated", "2026-11-24"),
                ('content type="html"', "<p>b</p>"),
                ("author><name", "A"),
            ],
            ("urn:1", "https://a.example.org/1", "a", "<p>b</p>", "2026-11-24", ""),
        ),
        (
            "rss",
            [("link", "/1"), ('source url="/"', "Sample Daily"), ("dc:creator", "A")],
            ("", "/1", "", "", "", "Sample Daily"),
        ),
    ],
)
def test_each_format_takes_the_fast_way(form, item, entry):
    found = read_plain_feed(document([item], form).encode(), 10)
    assert found is not None
    assert found.entries == [entry]


@pytest.mark.parametrize(
    "odd",
    [
        "<title>a</title><title>b</title>",
        "<title><b>a</b></title>",
        "<title>&nbsp;</title>",
        "<title>a",
        "<x:title xmlns:x='urn:x'>a</x:title>",
        "<description type='xhtml'>a</description>",
        "<media:group><media:title>a</media:title></media:group>",
        "<title>&#150;</title>",
    ],
)
def test_anything_odd_is_left_to_the_tolerant_way(odd):
    item = [("link", "https://a.example.org/1")]
    text = document([item]).replace("<item>", f"<item>{odd}")
    assert read_plain_feed(text.encode(), 10) is None


@pytest.mark.parametrize(
    "odd",
    [
        "xmlns:sy='http://purl.example.org/no-namespace/'><channel><sy:updatePeriod>hourly"
        "</sy:updatePeriod>",
        "xmlns:a='urn:a'><channel><a:ttl>5</a:ttl>",
    ],
)
def test_a_hint_of_another_namespace_is_left_to_the_tolerant_way(odd):
    body = (
        f"<rss version='2.0' {odd}<item><title>x</title><link>https://a.example.org/1</link></item>"
        "</channel></rss>"
    ).encode()
    assert read(body, tolerant=False) == read(body, tolerant=True)


@pytest.mark.parametrize(
    "markup",
    [
        "<p>" + "<b>x" * 300 + "the end",
        "one</p></body></html><title>Quay</title><body><ul><li><a href='1'>two</a></ul>",
    ],
    ids=["deep", "two documents"],
)
def test_all_ways_read_odd_markup_to_its_end(markup):
    quick = extraction.plain_text(markup)
    with pytest.MonkeyPatch.context() as patch:
        clean_by_soup(patch)
        assert extraction.plain_text(markup) == quick
