"""The static site: it opens from a folder, says no more than the pages, and keeps to its folder."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from model.records import CommitmentId
from review.desk import Desk
from review.publish import LIST, PublishError, publish
from tests.builders import a_commitment
from tests.review.desk_story import FUND, WATCHLIST, on

SITE = "https://pledges.example.org"


def desk_of(database, watchlist=WATCHLIST):
    return Desk(
        database=database,
        watchlist=lambda: watchlist,
        now=lambda: on(100),
        telegram=lambda: "off",
        public_url=SITE,
    )


@pytest.fixture
def site(database, story, tmp_path):
    folder = tmp_path / "site"
    publish(desk_of(database), folder)
    return folder


class Links(HTMLParser):
    """Collects where a page leads, and the kinds of its elements."""

    def __init__(self, text):
        super().__init__()
        self.links, self.tags = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in {"href", "src", "action"}]


def pages(folder):
    return sorted(folder.rglob("*.html"))


def test_every_page_is_there_in_every_language(site):
    names = {str(each.relative_to(site)) for each in pages(site)}
    for page in ("index", f"pledges/{FUND}", "pledges/river-school"):
        assert {f"{page}.html", f"{page}.zh-Hans.html", f"{page}.zh-Hant.html"} <= names


def test_every_address_leads_to_a_file_or_to_another_site(site):
    for page in pages(site):
        for link in Links(page.read_text(encoding="utf-8")).links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme == "https"
            elif parts.path:
                assert (page.parent / unquote(parts.path)).is_file(), (page, link)


def test_nothing_needs_a_server(site):
    for page in pages(site):
        found = Links(page.read_text(encoding="utf-8"))
        assert "form" not in found.tags
        assert not [link for link in found.links if link.startswith("/")]


def test_articles_are_quoted_and_never_whole(site):
    for each in site.rglob("*"):
        if each.is_file():
            assert b"opened its first office in Dakar on Friday" not in each.read_bytes(), each


def test_hostile_words_stay_words(site):
    for page in pages(site):
        assert "<script>alert" not in page.read_text(encoding="utf-8")


def test_feeds_and_data_lie_beside_the_pages(site):
    for name in (
        "feeds/all.atom",
        f"feeds/commitment/{FUND}.atom",
        "feeds/tag/coast.atom",
        "exports/commitments.csv",
        "exports/followups.json",
        "exports/coverage.csv",
        "exports/datapackage.json",
        f"exports/commitments/{FUND}.jsonld",
    ):
        assert (site / name).is_file(), name
    atom = (site / "feeds/all.atom").read_text(encoding="utf-8")
    assert f'href="{SITE}/pledges/{FUND}.html#F1"' in atom
    package = (site / "exports/datapackage.json").read_text(encoding="utf-8")
    assert all(
        (site / "exports" / name).is_file() for name in re.findall(r'"path": "(\w+\.csv)"', package)
    )


def test_analysts_are_not_named(site):
    for each in site.rglob("*"):
        if each.is_file():
            assert b"local:ann" not in each.read_bytes(), each


def test_what_is_gone_is_removed_and_nothing_else(database, story, site):
    (site / "CNAME").write_text("pledges.example.org", encoding="utf-8")
    fewer = replace(WATCHLIST, commitments=WATCHLIST.commitments[:1])
    publish(desk_of(database, fewer), site)
    assert not (site / "pledges/river-school.html").exists()
    assert (site / "CNAME").is_file()
    assert "CNAME" not in (site / LIST).read_text(encoding="utf-8")


def test_somebody_elses_folder_is_left_alone(database, story, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(PublishError, match="other files"):
        publish(desk_of(database), tmp_path / "theirs")
    with pytest.raises(PublishError, match="no folder"):
        publish(desk_of(database), tmp_path / "theirs/thesis.txt")


def test_a_list_that_points_elsewhere_removes_nothing_there(database, story, site, tmp_path):
    (tmp_path / "precious").write_text("mine", encoding="utf-8")
    (site / LIST).write_text("../precious\n/etc/hostname\n", encoding="utf-8")
    publish(desk_of(database), site)
    assert (tmp_path / "precious").is_file()


def test_a_tag_that_is_no_file_name_has_no_feed(database, story, tmp_path):
    odd = a_commitment(id=CommitmentId("odd-one"), tags=("../up", "a/b"))
    watchlist = replace(WATCHLIST, commitments=(*WATCHLIST.commitments, odd))
    publish(desk_of(database, watchlist), tmp_path / "site")
    assert sorted(each.name for each in (tmp_path / "site/feeds/tag").iterdir()) == [
        "coast.atom",
        "river.atom",
    ]


def test_it_opens_from_the_disk(site, open_page):
    page = open_page()
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="Harbour fund", exact=True).first.click()
    page.wait_for_url(f"**/pledges/{FUND}.html")
    assert page.get_by_role("heading", level=1).inner_text() == "Harbour fund"
    page.get_by_role("link", name="简体中文").first.click()
    page.wait_for_url(f"**/pledges/{FUND}.zh-Hans.html")
    assert page.get_by_role("heading", level=1).inner_text() == "港口基金"
    rules = page.evaluate("getComputedStyle(document.querySelector('.vh')).position")
    assert rules == "absolute"  # the style sheet is found
