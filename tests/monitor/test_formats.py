"""Every format that a feed may have, in every script, gives the same articles."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from model.errors import FeedFault, ParseError
from model.records import FeedKind, Language, PageSelectors
from monitor.parsing import parse_feed
from tests.builders import a_feed

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BASE = "https://feed.example.org/rss"
WHEN = datetime(2026, 11, 24, 8, tzinfo=UTC)
TITLES = {
    Language.ENGLISH: "Minister opens the harbour wall",
    Language.CHINESE_SIMPLIFIED: "部长宣布港湾护墙开工",
    Language.CHINESE_TRADITIONAL: "部長宣布港灣護牆動工",
}


def rss(version, title):
    return (
        f"<rss version='{version}'><channel><title>x</title><item><title>{title}</title>"
        "<link>https://x.example.org/1</link><pubDate>Tue, 24 Nov 2026 08:00:00 GMT</pubDate>"
        "<description>y</description></item></channel></rss>"
    )


def rdf(namespace, title):
    return (
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
        f"xmlns='{namespace}' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
        "<channel rdf:about='https://x.example.org/'><title>x</title></channel>"
        f"<item rdf:about='https://x.example.org/1'><title>{title}</title>"
        "<link>https://x.example.org/1</link><dc:date>2026-11-24T08:00:00Z</dc:date></item></rdf:RDF>"
    )


def atom_03(title):
    return (
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>x</title><entry><id>1</id>"
        f"<title>{title}</title><link rel='alternate' type='text/html' "
        "href='https://x.example.org/1'/><issued>2026-11-24T08:00:00Z</issued>"
        "<modified>2026-11-24T08:00:00Z</modified></entry></feed>"
    )


def atom_10(title):
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title><entry><id>tag:x,2026:1</id>"
        f"<title>{title}</title><link href='https://x.example.org/1'/>"
        "<published>2026-11-24T16:00:00+08:00</published><updated>2026-11-24T09:00:00Z</updated>"
        "</entry></feed>"
    )


def json_feed(version, title):
    item = {
        "id": "1",
        "url": "https://x.example.org/1",
        "title": title,
        "content_text": "y",
        "date_published": "2026-11-24T08:00:00Z",
    }
    address = f"https://jsonfeed.org/version/{version}"
    return json.dumps({"version": address, "title": "x", "items": [item]})


def news_sitemap(title):
    return (
        "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
        "xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'><url>"
        "<loc>https://x.example.org/1</loc><news:news><news:publication><news:name>X</news:name>"
        "<news:language>zh</news:language></news:publication>"
        "<news:publication_date>2026-11-24T08:00:00Z</news:publication_date>"
        f"<news:title>{title}</news:title></news:news></url></urlset>"
    )


FORMATS = {
    "rss-0.90": lambda title: rdf("http://my.netscape.com/rdf/simple/0.9/", title),
    "rss-0.91": lambda title: rss("0.91", title),
    "rss-0.92": lambda title: rss("0.92", title),
    "rss-0.94": lambda title: rss("0.94", title),
    "rss-1.0": lambda title: rdf("http://purl.org/rss/1.0/", title),
    "rss-2.0": lambda title: rss("2.0", title),
    "atom-0.3": atom_03,
    "atom-1.0": atom_10,
    "json-1.0": lambda title: json_feed("1", title),
    "json-1.1": lambda title: json_feed("1.1", title),
    "news-sitemap": news_sitemap,
}


def parse(body, **more):
    data = body.encode() if isinstance(body, str) else body
    return parse_feed(a_feed(**more), data, None, BASE, NOW)


@pytest.mark.parametrize("language", TITLES)
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_title_link_date_and_language(form, language):
    title = TITLES[language]
    (article,) = parse(FORMATS[form](title), language=language).articles
    assert (article.title, article.language) == (title, language)
    assert article.canonical_url == "https://x.example.org/1"
    assert article.published_at == WHEN


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_is_told_by_its_content_whatever_the_server_calls_it(form):
    body = FORMATS[form]("x").encode()
    for said in ("text/html", "application/octet-stream", "image/png"):
        assert len(parse_feed(a_feed(), body, said, BASE, NOW).articles) == 1


def test_a_feed_stored_as_gzip_is_unpacked():
    assert len(parse(gzip.compress(rss("2.0", "x").encode())).articles) == 1


PAGE = """<!doctype html><ul class="list">
<li><a href="/1">{0}</a> <span class="date">2026年11月24日 16:00</span><p>y</p></li>
<li><a href="/2">{0} 2</a> <time class="date" datetime="2026-11-24T08:00:00Z">now</time></li>
<li>no link</li></ul><li><a href="/3">elsewhere</a></li>"""
SELECTORS = PageSelectors(item="ul.list li", title="a", link="a", date=".date", text="p")


@pytest.mark.parametrize("language", TITLES)
def test_a_page_without_a_feed_is_read_by_its_selectors(language):
    parsed = parse(
        PAGE.format(TITLES[language]),
        kind=FeedKind.PAGE,
        page=SELECTORS,
        timezone="Asia/Shanghai",
        language=language,
    )
    first, second = parsed.articles
    assert (first.title, first.url) == (TITLES[language], "https://feed.example.org/1")
    assert (first.text, first.published_at) == ("y", WHEN)
    assert second.published_at == WHEN


def test_selectors_that_catch_nothing_are_a_warning():
    parsed = parse("<html><p>Moved</p></html>", kind=FeedKind.PAGE, page=SELECTORS)
    assert (parsed.fault, parsed.articles) == (FeedFault.EMPTY, ())


def test_a_page_of_lists_within_lists_is_read_in_time():
    deep = "<ul><li><a href='1'>x</a>" * 1500
    selectors = PageSelectors(item="li", title="a", link="a", date=".none")
    parsed = parse(f"<html>{deep}", kind=FeedKind.PAGE, page=selectors)
    assert 0 < len(parsed.articles) <= 21


def test_an_index_of_sitemaps_names_the_newest_first():
    body = (
        "<!-- a > b --><sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        "<sitemap><loc>https://x.example.org/sitemap-2026-10.xml</loc></sitemap>"
        "<sitemap><loc>https://x.example.org/pages.xml</loc><lastmod>2020-01-01</lastmod></sitemap>"
        "<sitemap><loc>https://x.example.org/sitemap-2026-11.xml</loc></sitemap>"
        "<sitemap><loc>https://x.example.org/news.xml</loc>"
        "<lastmod>2026-11-24T08:00:00Z</lastmod></sitemap>"
        "<sitemap><lastmod>2026-11-24</lastmod></sitemap></sitemapindex>"
    )
    parsed = parse(body)
    assert [each.rpartition("/")[2] for each in parsed.children] == [
        "news.xml",
        "pages.xml",
        "sitemap-2026-11.xml",
        "sitemap-2026-10.xml",
    ]
    assert (parsed.articles, parsed.fault) == ((), FeedFault.EMPTY)


def test_a_plain_sitemap_gives_addresses_and_when_they_changed():
    body = (
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url>"
        "<loc>https://x.example.org/1</loc><lastmod>2026-11-24T08:00:00Z</lastmod></url></urlset>"
    )
    (article,) = parse(body).articles
    assert (article.title, article.published_at) == ("", WHEN)


GOOGLE_NEWS = rss("2.0", "{} - Example World").replace(
    "<link>https://x.example.org/1</link>",
    "<link>https://news.google.com/rss/articles/CBMiX?oc=5</link>"
    "<source url='https://x.example.org'>Example World</source>",
)


@pytest.mark.parametrize("language", TITLES)
def test_a_news_search_gives_the_outlet_and_the_title_without_it(language):
    title = TITLES[language]
    (article,) = parse(GOOGLE_NEWS.format(title), language=language).articles
    assert (article.title, article.outlet) == (title, "Example World")
    assert article.url.startswith("https://news.google.com/rss/articles/")


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://x.example.org/1%3Fa%3D1&amp;ct=ga",
        "https://www.google.co.uk/url?q=https%3A%2F%2Fx.example.org%2F1%3Fa%3D1",
        "http://www.bing.com/news/apiclick.aspx?ref=FexRss&amp;aid=&amp;url=https%3a%2f%2fx.example.org"
        "%2f1%3fa%3d1&amp;c=1&amp;mkt=en-us",
    ],
    ids=["alerts", "country", "bing"],
)
def test_a_wrapped_link_gives_the_address_inside(link):
    body = rss("2.0", "x").replace("https://x.example.org/1", link)
    (article,) = parse(body).articles
    assert (article.url, article.canonical_url) == (
        "https://x.example.org/1?a=1",
        "https://x.example.org/1?a=1",
    )


def test_relative_links_of_a_feed_with_a_password_do_not_carry_it():
    body = rss("2.0", "x").replace("https://x.example.org/1", "/1")
    base = "https://reader:hunter2@feed.example.org/rss"
    (article,) = parse_feed(a_feed(url=base), body.encode(), None, base, NOW).articles
    assert article.url == "https://feed.example.org/1"
    assert "hunter2" not in repr(article)


# --- what the fuzzer found -------------------------------------------------------


@pytest.mark.parametrize(
    "reference", ["&#55296;", "&#xD800;", "&#0;", "&#x110000;", "&#9999999999999;"]
)
@pytest.mark.parametrize("form", ["rss-2.0", "atom-1.0", "news-sitemap"])
def test_a_reference_to_no_character_costs_no_article(form, reference):
    (article,) = parse(FORMATS[form](f"Quay{reference} wall")).articles
    assert article.title == "Quay wall"


@pytest.mark.parametrize(
    "body",
    [
        "<rss xmlns:a='http://x/modul\ud800es/'><channel><item><title>x</title></item></channel></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><&#55296;title>x</title></entry></feed>",
        "<urlset xmlns='x'><url><loc>http://x/1</loc><news:news><news:publicatnews:pversion='2.0' "
        "xmlns:a='http://b//c'><://x/></url></urlset>",
    ],
    ids=["namespace", "name", "sitemap"],
)
def test_names_of_broken_characters_are_read_or_named(body):
    data = body.encode("utf-8", "surrogatepass")
    with suppress(ParseError):  # any other error is a mistake
        assert len(parse(data).articles) == 1
