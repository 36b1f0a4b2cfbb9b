"""Entries that stood in the answer before are left out before anything is done with them."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import ParseError
from monitor.entries import MARK, unpack_marks, without_known
from monitor.parsing import parse_feed
from tests.builders import a_feed
from tests.monitor.test_parsing_paths import document

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("PLEDGEWATCH_TEST_DATA", ROOT.parent / "shared" / "data")) / "feeds"
FILES = [each.name for each in sorted(DATA.iterdir())] if DATA.is_dir() else []
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
JSON = '{"version": "https://jsonfeed.org/version/1.1", "items": [%s]}'


def read(body, known=b""):
    data = body.encode() if isinstance(body, str) else body
    return parse_feed(a_feed(), data, None, "https://feed.example.org/", NOW, known)


def item(number, text="text", guid=None):
    return [
        ("title", f"Title {number}"),
        ("link", f"https://a.example.org/{number}"),
        ("guid", guid or f"{number}"),
        ("description", text),
    ]


def ids(parsed):
    return [each.entry_id for each in parsed.articles]


@pytest.mark.skipif(not FILES, reason="skipped: set PLEDGEWATCH_TEST_DATA to the real feed files")
@pytest.mark.parametrize("name", FILES)
def test_a_real_feed_brings_nothing_twice(name):
    body = (DATA / name).read_bytes()
    try:
        first = read(body)
    except ParseError:
        return
    again = read(body, first.marks)
    assert again.articles == ()
    assert (again.entries, again.warning) == (first.entries, first.warning)
    assert set(unpack_marks(again.marks)) == set(unpack_marks(first.marks))


@settings(deadline=None)
@given(
    st.sampled_from(["rss", "atom"]),
    st.lists(st.integers(0, 30), unique=True, max_size=8),
    st.lists(st.integers(0, 30), unique=True, max_size=8),
)
def test_what_is_left_is_what_was_not_there_before(form, before, after):
    name = "id" if form == "atom" else "guid"

    def feed(numbers):
        items = [
            [("title", f"T {n}"), (name, f"urn:{n}"), ('link href="/x"', "")]
            if form == "atom"
            else item(n, guid=f"urn:{n}")
            for n in numbers
        ]
        return document(items, form)

    found = read(feed(after), read(feed(before)).marks)
    assert ids(found) == [f"urn:{n}" for n in after if n not in before]
    assert found.entries == len(after)
    assert len(found.marks) == len(after) * MARK
    assert read(feed(after), found.marks).articles == ()


def test_an_edited_entry_is_read_again():
    first = read(document([item(1), item(2)]))
    found = read(document([item(1, "other"), item(2)]), first.marks)
    assert [(each.entry_id, each.text) for each in found.articles] == [("1", "other")]


def test_an_entry_that_left_and_came_back_is_read_again():
    first = read(document([item(1), item(2)]))
    second = read(document([item(2)]), first.marks)
    assert ids(read(document([item(1), item(2)]), second.marks)) == ["1"]


def test_another_item_with_a_known_id_is_no_revision_of_it():
    first = read(document([item(1, guid="same")]))
    both = read(document([item(1, guid="same"), item(2, guid="same")]), first.marks)
    assert ids(both) == ["same#https://a.example.org/2"]
    assert ids(read(document([item(1, guid="same"), item(2, guid="same")]))) == [
        "same",
        "same#https://a.example.org/2",
    ]


@pytest.mark.parametrize(
    "trick",
    [
        "<![CDATA[</item><item>]]>",
        "<!-- </item><item> -->",
        "<![CDATA[</item>]]>",
        "<![CDATA[<item>]]>",
    ],
)
def test_a_document_that_does_not_fall_into_its_items_is_read_whole(trick):
    body = document([item(1), item(2)]).replace("<description>text", f"<description>{trick}", 1)
    first = read(body)
    assert ids(first) == ["1", "2"]
    again = read(body, first.marks)
    assert (again.articles, again.entries) == ((), 2)
    more = body.replace("</channel>", document([item(3)]).split("</image>")[1], 1)
    assert "3" in ids(read(more, first.marks))


def test_a_json_feed_leaves_known_entries_out_too():
    one, two = '{"id": "1", "title": "One"}', '{"id": "2", "title": "Two"}'
    first = read(JSON % one)
    assert ids(read(JSON % f"{two}, {one}", first.marks)) == ["2"]


def test_a_feed_that_is_cut_off_says_so_whatever_is_known():
    whole = document([item(1), item(2)])
    first = read(whole)
    found = read(whole[: whole.rindex("</item>")], first.marks)
    assert found.warning is not None
    assert ids(found) == ["1", "2"]  # the database knows them, by what they say


def test_nothing_known_is_left_out_of_nothing():
    sliced = without_known(document([item(1)]).encode(), {}, 10)
    assert sliced is not None
    assert (len(sliced.fresh), sliced.known) == (1, {})
    assert without_known(b"<html></html>", {}, 10) is None


def test_a_page_of_a_huge_feed_is_not_sliced():
    body = document([item(number) for number in range(501)])
    first = read(body)
    assert first.entries == 500
    assert read(body, first.marks).articles == ()
    assert replace(first, articles=()).marks == read(body, first.marks).marks
