"""Lists of feeds from and for other readers."""

from __future__ import annotations

import pytest

from model.errors import FeedFault, ParseError
from model.records import FeedKind, Language, PageSelectors
from monitor.opml import is_exportable, read_opml, write_opml
from tests.builders import NOON, a_feed

LIST = """<?xml version="1.0" encoding="{0}"?>
<opml version="1.0"><head><title>Mine</title></head><body>
<outline text="World"><outline text="Asia">
<outline type="rss" text="联合新闻" title="聯合新聞"
xmlUrl="https://a.example.org/rss" language="zh-TW"/>
</outline></outline>
<outline text="Harbour Times" xmlurl=" https://b.example.org/feed "/>
<outline title="The same again" xmlUrl="http://www.b.example.org/feed/?utm_source=x"/>
<outline text="Local" xmlUrl="feed://c.example.org/"/><outline text="A link" url="https://d.example.org/"/>
</body></opml>"""


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_titles_folders_and_languages_are_read_and_each_feed_once(charset):
    found = read_opml(LIST.format(charset).encode(charset))
    first, second = found.feeds
    assert (first.url, first.title) == ("https://a.example.org/rss", "聯合新聞")
    assert (first.folders, first.language) == (("World", "Asia"), Language.CHINESE_TRADITIONAL)
    assert (second.url, second.title) == ("https://b.example.org/feed", "Harbour Times")
    assert (second.folders, second.language) == ((), None)
    assert found.skipped == 1


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en-us", Language.ENGLISH),
        ("zh", Language.CHINESE_SIMPLIFIED),
        ("zh-CN", Language.CHINESE_SIMPLIFIED),
        ("zh_HK", Language.CHINESE_TRADITIONAL),
        ("zh-Hant-TW", Language.CHINESE_TRADITIONAL),
        ("de", None),
        ("", None),
    ],
)
def test_languages_by_their_tags(tag, language):
    body = f"<opml><body><outline xmlUrl='http://x.example.org/' language='{tag}'/></body></opml>"
    assert read_opml(body.encode()).feeds[0].language is language


def test_what_is_written_is_read_again_as_it_was():
    feeds = [
        a_feed(id="a", url="https://a.example.org/?x=1&y=2", title='A <b> & "quote"'),
        a_feed(
            id="b", url="https://b.example.org/", title="港湾", language=Language.CHINESE_SIMPLIFIED
        ),
    ]
    found = read_opml(write_opml(feeds, "Mine", NOON).encode()).feeds
    assert [(each.url, each.title, each.language) for each in found] == [
        (each.url, each.title, each.language) for each in feeds
    ]


def test_a_list_to_be_handed_on_holds_no_password_and_no_page():
    selectors = PageSelectors(item="li", title="a", link="a")
    page = a_feed(url="https://c.example.org/", kind=FeedKind.PAGE, page=selectors)
    feeds = [a_feed(url="https://me:hunter2@a.example.org/rss"), page]
    text = write_opml(feeds, "Mine", NOON)
    assert "hunter2" not in text
    assert [each.url for each in read_opml(text.encode()).feeds] == ["https://a.example.org/rss"]
    assert not is_exportable(page)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", FeedFault.NOT_A_FEED),
        (b"<html></html>", FeedFault.NOT_A_FEED),
        (b"<rss/>", FeedFault.NOT_A_FEED),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><opml/>", FeedFault.UNSAFE_XML),
    ],
)
def test_what_is_no_list_is_named(body, fault):
    with pytest.raises(ParseError) as caught:
        read_opml(body)
    assert caught.value.fault is fault


def test_broken_markup_is_read_as_far_as_it_goes():
    body = b"<!DOCTYPE opml SYSTEM 'x'><opml><outline xmlUrl='http://x.example.org/'><http://y/>&#55296;"
    assert [each.url for each in read_opml(body).feeds] == ["http://x.example.org/"]
