"""Bent inputs for every reader; `benchmarks/fuzz_ingest.py` goes on for as long as it is told."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.seeds import SEEDS, bent
from tests.fuzz.targets import TARGETS

ROUNDS = 60


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_and_its_bent_kin_are_read_or_named(name):
    kind, target = TARGETS[name]
    for seed in SEEDS[kind]:
        target(seed.encode())
    chance = random.Random(name)
    for _ in range(ROUNDS):
        data = bent(kind, chance)
        begun = time.process_time()
        target(data)
        assert time.process_time() - begun < 10, data


@pytest.mark.parametrize("name", TARGETS)
@settings(deadline=None, max_examples=60, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda t: t.encode())))
def test_any_bytes_at_all_are_read_or_named(name, data):
    TARGETS[name][1](data)


# Each of these once broke a reader, hung it, or came out other than it should.
FINDS = {
    "sitemap": [
        b"<urlset><url><loc>http://x/1</loc><news:news><news:pversion='2.0' xmlns:a='http://b//c'/>",
        b"<urlset xmlns='htt&#55296;p://x'><url><loc>http://x/1</loc></url></urlset>",
    ],
    "opml": [
        b"<opml://x.example.org/rss' language='zh-TW'/></outline></body></opml>",
        b"<opml><body><outline xmlUrl='http://x.exam&#55296;ple.org/rss'/></body></opml>",
        b"<!DOCTYPE " * 800,
        b"<opml><outline xmlUrl='http://x.ex\x00\xa7\xa7\xa7\xa7\xa7\xa7ample.o\x89\x00\x00language=z'",
    ],
    "date": [b"Tue, 24 Nov", b"0001-01-01T00:00:00+05:00"],
    "links": [
        b"<body>" + b"<p><a href='/n'>Council meets for the 10th time</a></p>" * 9,
        b"<bodyX<ul>" + b"<li><a href='/n/%d'>Council meets again, and again</a></li>" * 9,
    ],
    "address": [
        b"http://[::ffff:127.0.0.1]:80/",
        b"http://[::ffff:127.0.0.1]:8@/",
        b"http://127\xe3\x80\x820\xe3\x80\x820\xe3\x80\x82\x00e\x00x/",
        b"hTtp://127\xe3\x80\x820\xe3\xa0\x820\xe3\x80\x821/",
        b"ht\rtp://21130706433\x19",
        b"https://user:pass@x.example.org@:8080/a",
        b"https://www.www.google.com/url?q=http://swer:pass@s%3A%2F%2Fx.erg%2Fga",
        b"https://www.google.com/url//?q=http://F%\x01\x00\x00\x00F",
    ],
    "feed": [
        b"<rss xmlns:sy='http://x/modul\xed\xa0\x80es/'><channel><item><title>x</title></item>"
        b"</channel></rss>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><&#55296;title>x</title></entry></feed>",
        b"<rss xmlns:a='http://purl.org/rss/1{.0/'><channel><item><a><link/></item></channel></rss>",
        b"<!DOCTYPE " * 800,
        b"<urlset><url><loc>h\rttp://x/1</loc></url></urlset>",
        b"<rss><channel><item><title>x</title><pubDate>Tue, 24 Nov</pubDate></item></channel>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>x</title><updated>"
        b"0001-01-01T00:00:00+05:00</updated></entry></feed>",
    ],
    "page": [b"<html>" + b"<ul><li><a h" * 1500, b"<li><a>x</a><i class=date>" + b"\xc3\xbf" * 80],
    "cleaning": [
        b"<p>" + b"<b>x" * 300 + b"end",
        b"a</p></body></html>><title>Quay</title><body><ul><li><a href='1'>One</a></ul>",
    ],
    "both_ways": [
        b"<rss version='2.0' xmlns:sy='http://purl.or1e999g/'><channel><sy:updatePeriod>hourly"
        b"</sy:updatePeriod><item><title>x</title><link>http://x/1</link></item></channel></rss>",
    ],
}


@pytest.mark.parametrize(
    ("name", "data"), [(name, data) for name, found in FINDS.items() for data in found]
)
def test_what_was_found_once_stays_mended(name, data):
    begun = time.process_time()
    TARGETS[name][1](data)
    assert time.process_time() - begun < 10
