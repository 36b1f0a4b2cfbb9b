"""Small inputs of every format, and how they are bent: written for this purpose, no real site's."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Sequence

RSS = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>Harbour</title>'
    "<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod><item><title>Quay &amp; wall</title>"
    "<link>/1?utm_source=x</link><guid isPermaLink='false'>one</guid>"
    "<pubDate>Tue, 24 Nov 2026 08:00:00 GMT</pubDate><description>&lt;p&gt;One&lt;/p&gt;"
    "</description><content:encoded><![CDATA[<p>两岸</p>]]></content:encoded></item></channel></rss>"
)
RSS_091 = (
    '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
    '"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel>'
    "<title>Old</title><item><title>Quay</title><link>http://x.example.org/1</link></item>"
    "</channel></rss>"
)
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel '
    'rdf:about="http://x.example.org/"><title>R</title></channel><item rdf:about="http://x/1">'
    "<title>码头</title><link>http://x.example.org/1</link><dc:date>2026-11-24T08:00:00Z</dc:date>"
    "</item></rdf:RDF>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://x.example.org/a/"><title>A</title>'
    "<entry><id>tag:x,2026:1</id><title type='html'>&lt;b&gt;碼頭&lt;/b&gt;</title>"
    "<link rel='alternate' href='1'/><updated>2026-11-24T08:00:00+08:00</updated>"
    "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>One</p></div></content>"
    "</entry></feed>"
)
ATOM_03 = (
    '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>A</title><entry><id>1</id>'
    "<title>Quay</title><link rel='alternate' type='text/html' href='http://x.example.org/1'/>"
    "<issued>2026-11-24T08:00:00Z</issued></entry></feed>"
)
SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>http://x/1</loc>'
    "<news:news><news:publication><news:name>X</news:name></news:publication>"
    "<news:publication_date>2026-11-24</news:publication_date><news:title>Quay</news:title>"
    "</news:news></url></urlset>"
)
INDEX = (
    '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>'
    "<loc>http://x/sitemap-2026-11.xml</loc><lastmod>2026-11-24</lastmod></sitemap></sitemapindex>"
)
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "items": [
            {
                "id": 1,
                "url": "/1",
                "title": "Quay",
                "content_html": "<p>x</p>",
                "date_published": "2026-11-24T08:00:00Z",
            }
        ],
    }
)
OPML = (
    '<opml version="2.0"><head><title>x</title></head><body><outline text="World"><outline '
    'text="X" title="X" type="rss" xmlUrl="http://x.example.org/rss" language="zh-TW"/></outline>'
    "</body></opml>"
)
PAGE = (
    "<!doctype html><html><head><base href='/a/'><title>Quay</title>"
    "<link rel='alternate' type='application/rss+xml' href='rss.xml'>"
    "<meta property='article:published_time' content='2026-11-24T08:00:00Z'>"
    "<meta name='description' content='A quay.'></head><body><ul><li><a href='1'>One</a>"
    "<span class='date'>2026年11月24日</span></li></ul><article><p>The quay wall was opened by the "
    "council of the harbour town on Tuesday, and the people of the town came to look at it."
    "</p></article></body></html>"
)
NEWS_LIST = "<html><body><ul class='news'>" + "".join(
    f"<li><a href='/n/{number}'>Council meets for the {number}th time</a>"
    f"<span class='date'>2026-11-{number:02}</span></li>"
    for number in range(10, 17)
)
ROBOTS = "User-agent: *\nDisallow: /*.php$\nAllow: /a\nCrawl-delay: 2\nSitemap: http://x/s.xml\n"
WATCHLIST = (
    "commitments: []\nfeeds:\n  # first\n  - {id: abc, url: 'http://x.example.org/', title: X, "
    "language: en}\n  - id: def\n    url: http://y.example.org/\n    title: >-\n      Y\n"
    "    language: en\n# last\n"
)
DATES = (
    "Tue, 24 Nov 2026 08:00:00 GMT",
    "2026-11-24T08:00:00.123+08:00",
    "2026年11月24日 08时05分",
    "24 Nov 26 8:00 CST",
    "1763971200",
    "yesterday",
    "il y a 3 jours",
    "3 小时前",
    "11/24/2026",
    "2026-W48-2",
)
ADDRESSES = (
    "https://user:pass@x.example.org:8080/a/../b?utm_source=x&b=2&a=1#f",
    "http://[::ffff:127.0.0.1]:80/",
    "http://2130706433/",
    "//x.example.org/1",
    "https://www.google.com/url?q=https%3A%2F%2Fx.example.org%2F1&ct=ga",
    "http://www.bing.com/news/apiclick.aspx?url=https%3a%2f%2fx.example.org%2f1",
    "http://127。0。0。1/",
    "javascript:alert(1)",
    "http://x.example.org/%e7%a0%81?token=abc",
)
SEEDS = {
    "feed": (RSS, RSS_091, RDF, ATOM, ATOM_03, SITEMAP, INDEX, JSON_FEED, PAGE),
    "markup": (PAGE, NEWS_LIST, "<p>a</p><p>b", "&nbsp;&#x110000;&#0;", "<svg><![CDATA[x]]></svg>"),
    "date": DATES,
    "address": ADDRESSES,
    "opml": (OPML,),
    "robots": (ROBOTS,),
    "watchlist": (WATCHLIST,),
}
TOKENS: tuple[bytes, ...] = (
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"<!ENTITY",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"-->",
    b"<?",
    b"?>",
    b"&#x0;",
    b"&#55296;",
    b"&amp;",
    b"&lt;",
    b"&a;",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\x1f\x8b\x08",
    "。".encode(),
    "①".encode(),
    "人".encode("gb18030"),
    "億".encode("big5"),
    b"xml:base='http://[/'",
    b"xmlns:x='urn:x'",
    b"encoding='utf-16'",
    b"charset=x-user-defined",
    b"<title>",
    b"</title>",
    b"<item>",
    b"</item>",
    b"<entry/>",
    b"<script>",
    b"</script>",
    b"<style>",
    b"<table>",
    b"<a href='javascript:x'>",
    b"<base href='//['>",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"items":',
    b"null",
    b"1e999",
    b"-1",
    b"NaN",
    b"99999999999999999999",
    b"0000-00-00",
    b"24:00",
    b"+99:99",
    b"http://[",
    b"://",
    b"@",
    b"%",
    b"?url=",
    b"#",
    b":99999",
    "\u202e".encode(),
    "\u2028".encode(),
    b"\r",
    b"\x0b",
    b"\x85",
    b" " * 64,
    b"-" * 64,
    b"(" * 64,
)
CHARSETS = ("utf-8", "gb18030", "big5hkscs", "utf-16", "utf-16-le", "cp1252", "utf-32")
MOST = 20_000  # bytes of one input

Bend = Callable[[bytearray, random.Random], bytearray]


def bent(kind: str, chance: random.Random) -> bytes:
    """Return a seed of this kind after a few changes."""
    seeds = SEEDS[kind]
    data = bytearray(_encoded(chance.choice(seeds), chance))
    for _ in range(chance.choice((0, 1, 1, 2, 3, 5, 9))):
        data = chance.choice(BENDS)(data, chance)
    if chance.random() < 0.1:
        other = _encoded(chance.choice(seeds), chance)
        cut = chance.randrange(len(data) + 1)
        data = data[:cut] + bytearray(other[chance.randrange(len(other) + 1) :])
    found = bytes(data[:MOST])
    return gzip.compress(found) if kind == "feed" and chance.random() < 0.02 else found


def _encoded(text: str, chance: random.Random) -> bytes:
    charset = chance.choice(CHARSETS) if chance.random() < 0.2 else "utf-8"
    return text.encode(charset, "replace")


def _flip(data: bytearray, chance: random.Random) -> bytearray:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)
    return data


def _drop(data: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(len(data) + 1)
    del data[start : start + chance.choice((1, 2, 8, 64, 500))]
    return data


def _insert(data: bytearray, chance: random.Random) -> bytearray:
    place = chance.randrange(len(data) + 1)
    data[place:place] = chance.choice(TOKENS)
    return data


def _repeat(data: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(len(data) + 1)
    piece = data[start : start + chance.choice((1, 3, 12, 80))]
    data[start:start] = piece * chance.choice((1, 2, 30, 300))
    return data[:MOST]


def _swap(data: bytearray, chance: random.Random) -> bytearray:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[end:] + data[start:end] + data[:start]


def _cut(data: bytearray, chance: random.Random) -> bytearray:
    return data[: chance.randrange(len(data) + 1)]


BENDS: Sequence[Bend] = (_flip, _flip, _drop, _insert, _insert, _insert, _repeat, _swap, _cut)
