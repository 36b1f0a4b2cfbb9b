"""Feeds are added to the text of the watchlist, and nothing else of it changes."""

from __future__ import annotations

import difflib

import pytest
import yaml

from model.records import Language
from model.watchlist_feeds import NewFeed, add_feeds, feed_id, feed_line

NEW = [
    NewFeed(
        id="one",
        url="https://one.example.org/",
        title='The "One": # yes',
        language=Language.ENGLISH,
    ),
    NewFeed(
        id="two",
        url="https://two.example.org/",
        title="港湾",
        language=Language.CHINESE_SIMPLIFIED,
        kind="sitemap",
        group="World / Asia",
    ),
]
ROW = "{id: abc, url: 'https://abc.example.org/', title: Abc, language: en}"
FILES = {
    "lines": f"commitments: []\nfeeds:\n  # mine\n  - {ROW}  # keep\n  - {ROW}\n# the end\n",
    "no indent": f"feeds:\n- {ROW}\n\n\ncommitments: []\n",
    "blocks": "feeds:\n  - id: abc\n    url: https://abc.example.org/\n    title: >-\n      A\n"
    "      bc\n"
    "    language: en\n    headers:\n      Accept: x\n\n# the end\ncommitments: []\n",
    "flow": f"feeds: [{ROW}]  # all\ncommitments: []\n",
    "flow in lines": f"feeds: [\n  {ROW},  # one\n]\ncommitments: []\n",
    "empty": "feeds: []  # none yet\ncommitments: []\n",
    "nothing": "feeds:\ncommitments: []\n",
    "absent": "commitments: []",
    "blank": "",
    "only comments": "# nothing yet\n",
    "windows": f"feeds:\r\n  - {ROW}\r\ncommitments: []\r\n",
    "no last line break": f"commitments: []\nfeeds:\n  - {ROW}",
}


@pytest.mark.parametrize("name", FILES)
def test_feeds_are_added_behind_those_that_are_there(name):
    before = FILES[name]
    after = add_feeds(before, NEW)
    had = (yaml.safe_load(before) or {}).get("feeds") or []
    feeds = yaml.safe_load(after)["feeds"]
    assert feeds[: len(had)] == had
    assert feeds[len(had) :] == [
        {"id": "one", "url": NEW[0].url, "title": NEW[0].title, "language": "en"},
        {"id": "two", "url": NEW[1].url, "title": "港湾", "language": "zh-Hans", "kind": "sitemap"},
    ]


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith(("flow", "empty"))])
def test_every_line_that_was_there_stays(name):
    before = FILES[name].splitlines()
    after = add_feeds(FILES[name], NEW).splitlines()
    assert not [line for line in difflib.ndiff(before, after) if line.startswith("-")]


@pytest.mark.parametrize("name", ["flow", "flow in lines", "empty"])
def test_comments_of_a_list_in_brackets_stay(name):
    comment = FILES[name].partition("#")[2].partition("\n")[0]
    assert f"#{comment}" in add_feeds(FILES[name], NEW)


def test_a_folder_becomes_a_comment_and_windows_line_ends_stay():
    assert "  # World / Asia\n" in add_feeds(FILES["lines"], NEW)
    text = add_feeds(FILES["windows"], NEW)
    assert text.count("\n") == text.count("\r\n") == 6


@pytest.mark.parametrize(
    "text", ["[]", "feeds: x", "feeds: {a: b}", "{feeds: []}", "feeds: [", "a: *b"]
)
def test_what_feeds_cannot_be_added_to_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        add_feeds(text, NEW)


@pytest.mark.parametrize(
    ("title", "url", "expected"),
    [
        ("Harbour Times", "https://x.example.org/", "harbour-times"),
        ("Café & Más", "https://x.example.org/", "cafe-mas"),
        ("联合国新闻", "https://news.un.org/feed", "feed-un"),
        ("36氪", "https://www.36kr.com/feed", "36kr"),
        ("", "https://feeds.example.org/", "example"),
        ("All", "https://x.example.org/", "all-2"),
        ("Taken", "https://x.example.org/", "taken-2"),
        ("x" * 200, "https://x.example.org/", "x" * 44),
    ],
)
def test_an_id_is_made_of_the_title_or_the_host_and_is_free(title, url, expected):
    assert feed_id(title, url, {"taken"}) == expected


def test_a_title_from_the_web_stays_in_its_quotes():
    new = NewFeed(
        id="x-y",
        url="https://x.example.org/",
        title='a", b: c\n- d \u202e',
        language=Language.ENGLISH,
    )
    assert yaml.safe_load(feed_line(new))["title"] == 'a", b: c - d  '
