"""A page without a feed is offered with selectors that catch its list of headlines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from model.records import FeedKind, Language
from monitor.discovery import guess_page

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://ministry.example.org/news/"
TITLES = {
    Language.ENGLISH: "Minister opens harbour wall number",
    Language.CHINESE_SIMPLIFIED: "部长宣布港湾护墙开工",
    Language.CHINESE_TRADITIONAL: "部長宣布港灣護牆動工",
}
MENU = "<nav><ul>" + "".join(
    f"<li><a href='/s/{n}'>A section of this site</a></li>" for n in range(20)
)


def listed(title, shape, count=8):
    return "".join(shape.format(n=n, title=f"{title} {n}", day=24 - n) for n in range(count))


SHAPES = {
    "list": (
        "<ul class='news list'>{0}</ul>",
        "<li><a href='/n/{n}'>{title}</a> <span class='date'>2026-11-{day:02}</span></li>",
        ("ul.news > li", "span.date"),
    ),
    "cards": (
        "<div id='cards'>{0}</div>",
        "<div class='card'><h3><a href='/n/{n}'>{title}</a></h3>"
        "<time datetime='2026-11-{day:02}T08:00:00Z'>then</time></div>",
        ("div#cards > div.card", "time"),
    ),
    "table": (
        "<table class='t'><tbody>{0}</tbody></table>",
        "<tr><td>2026年11月{day}日</td><td><a href='/n/{n}'>{title}</a></td></tr>",
        ("tbody > tr", "td"),
    ),
    "bare": (
        "<div class='l'>{0}</div>",
        "<p><a href='/n/{n}'>{title}</a></p>",
        ("div.l > p", None),
    ),
}


def page(shape, title, count=8):
    frame, entry, _ = SHAPES[shape]
    return (
        f"<html><head><title>Ministry</title></head><body>{MENU}</ul></nav>"
        f"{frame.format(listed(title, entry, count))}<footer><a href='/x'>All rights reserved</a>"
    )


@pytest.mark.parametrize("language", TITLES)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_list_of_headlines_is_found_and_not_the_menu(shape, language):
    found = guess_page(URL, page(shape, TITLES[language]), NOW)
    assert (found.kind, found.title, found.language) == (FeedKind.PAGE, "Ministry", language)
    assert (found.entries, found.titled) == (8, 8)
    item, date = SHAPES[shape][2]
    assert (found.page.item, found.page.date) == (item, date)
    assert (found.newest is None) == (date is None)


@pytest.mark.parametrize(
    "markup",
    [
        "",
        "<html><p>Nothing</html>",
        page("list", "Minister opens harbour wall", count=4),
        "<html><body>" + "<p><a href='javascript:x()'>Minister opens harbour wall</a></p>" * 9,
        "<html><body>" + "<p><a href='/x'>more</a></p>" * 9,
        "<html>" + MENU,
    ],
    ids=["empty", "no link", "too few", "no address", "no headline", "menu"],
)
def test_where_there_is_no_such_list_nothing_is_offered(markup):
    assert guess_page(URL, markup, NOW) is None
