"""Addresses: canonical, unwrapped, shown without secrets."""

from __future__ import annotations

import pytest

from monitor.urls import absolute, canonical_url, host_key, unwrap, without_secrets


@pytest.mark.parametrize(
    "url",
    [
        "http://news.example.org/a",
        "https://news.example.org/a/",
        "https://www.news.example.org/a",
        "https://news.example.org:443/a#part",
        "https://NEWS.example.org/a?utm_source=x&fbclid=y",
        "https://reader:pass@news.example.org/a",
    ],
)
def test_spellings_of_one_address_are_one(url):
    assert canonical_url(url) == "https://news.example.org/a"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example.org/?b=2&a=1", "https://x.example.org/?a=1&b=2"),
        ("https://x.example.org:8443/a", "https://x.example.org:8443/a"),
        ("https://[2001:db8::1]:8443/a", "https://[2001:db8::1]:8443/a"),
        ("http://[2001:db8::1]/", "https://[2001:db8::1]/"),
        ("https://x.example.org/新闻", "https://x.example.org/新闻"),
        ("mailto:a@example.org", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_what_makes_a_page_stays(url, expected):
    assert canonical_url(url) == expected
    assert canonical_url(canonical_url(url)) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("1", "https://x.example.org/a/1"),
        ("/1", "https://x.example.org/1"),
        ("//y.example.org/1", "https://y.example.org/1"),
        (" https://y.example.org/a b ", "https://y.example.org/ab"),
        ("h\rttp://y.example.org/1", "http://y.example.org/1"),
        ("hTTp://y.example.org/1", "http://y.example.org/1"),
        ("https://u:p@y.example.org/1", "https://y.example.org/1"),
        ("https://x@:8080/", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("http://y.example.org:99999/", ""),
        ("http://[::1", ""),
    ],
)
def test_a_link_is_an_absolute_address_without_a_password_or_nothing(link, expected):
    assert absolute("https://x.example.org/a/b", link) == expected


def test_a_wrapper_in_a_wrapper_is_unwrapped_and_anything_else_is_left():
    inner = "https://www.google.com/url?q=https://x.example.org/1"
    wrapped = "https://www.bing.com/news/apiclick.aspx?url=" + inner.replace(":", "%3a").replace(
        "?", "%3f"
    )
    assert unwrap(wrapped) == "https://x.example.org/1"
    for url in (
        "https://www.google.com/url?q=javascript:alert(1)",
        "https://www.google.com/search?q=https://x.example.org/1",
        "https://google.evil.example.org/url?q=https://x.example.org/1",
        "https://news.google.com/rss/articles/CBMi?oc=5",
    ):
        assert unwrap(url) == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://u:p@x.example.org/rss", "https://x.example.org/rss"),
        ("https://x.example.org/rss?page=2", "https://x.example.org/rss?page=2"),
        ("https://x.example.org/rss?api_key=s3cr3t", "https://x.example.org/rss?api_key=hidden"),
        (
            "https://x.example.org/?a=1&access_token=s3cr3t",
            "https://x.example.org/?a=1&access_token=hidden",
        ),
        ("http://[", "(an address that cannot be read)"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url, expected):
    assert without_secrets(url) == expected


def test_a_host_is_its_name_and_port():
    assert host_key("http://X.example.org/a") == "x.example.org:80"
    assert host_key("https://x.example.org/a") == "x.example.org:443"
    assert host_key("https://x.example.org:8443/") == "x.example.org:8443"
