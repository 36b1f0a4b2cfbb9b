"""`feeds preview`, `discover`, `import` and `export` at the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from pledgewatch.cli import main
from tests.fakes.feed_server import FeedServer, rss

WATCHLIST = """# my pledges
commitments:
  - {{id: harbour-fund, title: Harbour fund, aliases: [Harbour Resilience Fund], tags: [ports]}}
feeds:
  # the first one
  - {{id: world, url: "{0}/world", title: World, language: en}}
  - {{id: ministry, url: "{0}/list", title: 部委, language: zh-Hans, kind: page,
     timezone: Asia/Shanghai, page: {{item: ul.news li, title: a, link: a, date: span}}}}
# the end
"""
PAGE = (
    "<html><ul class='news'><li><a href='/1'>部长宣布开工</a><span>2026-11-24 16:05</span></li>"
    "<li><a href='/2'>港湾</a><span>soon</span></li><li>no link</li></ul></html>"
)
OPML = (
    "<opml version='2.0'><body><outline text='Asia'>"
    "<outline text='Ports' xmlUrl='https://me:hunter2@ports.example.org/rss'/></outline>"
    "<outline text='World again' xmlUrl='{0}/world?utm_source=x'/>"
    "<outline text='港湾日报' xmlUrl='https://daily.example.cn/rss'/></body></opml>"
)


@pytest.fixture
def server():
    with FeedServer() as server:
        item = {"title": "Quay", "link": "https://x.example.org/1", "text": "y"}
        server.put("/world", rss(item, {"title": "Wall", "link": "", "guid": "2"}))
        server.put("/list", PAGE)
        yield server


@pytest.fixture
def cli(tmp_path, monkeypatch, server):
    """Return a function that runs a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("TELEGRAM_TOKEN", "WATCHLIST", "DATABASE_URL", "TEST_DATA"):
        monkeypatch.delenv(f"PLEDGEWATCH_{name}", raising=False)
    monkeypatch.setenv("PLEDGEWATCH_ALLOW_PRIVATE", "127.0.0.1")
    (tmp_path / "watchlist.yaml").write_text(WATCHLIST.format(server.url("")), encoding="utf-8")
    (tmp_path / "list.opml").write_text(OPML.format(server.url("")), encoding="utf-8")

    def run(*arguments, code=0):
        result = CliRunner().invoke(main, list(arguments))
        assert result.exit_code == code, result.output + result.stderr
        return result

    return run


def test_preview_shows_what_selectors_catch_and_what_is_missing(cli, tmp_path):
    facts = json.loads(cli("feeds", "preview", "ministry", "--json").stdout)
    first, second = facts["articles"]
    assert (first["title"], first["published"][:16]) == ("部长宣布开工", "2026-11-24T08:05")
    assert first["url"].endswith("/1")
    assert (first["missing"], second["missing"]) == (["text"], ["date", "text"])
    assert (facts["entries"], facts["missing"]) == (2, {"date": 1, "text": 2})
    shown = cli("feeds", "preview", "ministry").stdout
    assert "部长宣布开工" in shown
    assert "2 entries; missing: date in 1, text in 2." in shown
    assert not (tmp_path / "pledgewatch.db").exists()


def test_preview_of_a_feed_counts_links_that_are_missing(cli):
    facts = json.loads(cli("feeds", "preview", "world", "--limit", "1", "--json").stdout)
    assert len(facts["articles"]) == 1
    assert facts["missing"] == {"link": 1, "date": 2, "text": 1}


def test_preview_says_when_selectors_catch_nothing_or_the_page_is_gone(cli, server):
    server.put("/list", "<html><p>We moved</p></html>")
    assert "selectors catch nothing" in cli("feeds", "preview", "ministry", code=1).stdout
    server.pages.clear()
    assert "404" in cli("feeds", "preview", "ministry", code=3).stderr
    assert "There is no feed nowhere" in cli("feeds", "preview", "nowhere", code=1).stderr


def test_a_selector_that_cannot_be_read_is_a_problem_of_the_watchlist(cli, tmp_path):
    path = tmp_path / "watchlist.yaml"
    path.write_text(path.read_text().replace("ul.news li", "li:nope()"), encoding="utf-8")
    assert "is no CSS selector" in cli("watchlist", "check", code=1).stdout
    assert "is no CSS selector" in cli("feeds", "preview", "ministry", code=2).stderr


def test_discover_prints_what_can_be_pasted(cli, server):
    server.put("/", "<html><link rel='alternate' type='application/rss+xml' href='/new'></html>")
    server.put(
        "/new", rss({"title": "部长宣布开工", "link": "https://x.example.org/9"}, title="港湾日报")
    )
    shown = cli("feeds", "discover", server.url("/")).stdout.splitlines()
    assert shown[0].startswith("# the page names it; 1 entries, no dates")
    assert shown[1].startswith("  - {id: ")
    assert 'title: "港湾日报", language: zh-Hans}' in shown[1]
    (facts,) = json.loads(cli("feeds", "discover", server.url("/"), "--json").stdout)
    assert (facts["url"], facts["known_as"]) == (server.url("/new"), None)
    assert facts["suggestion"] in shown[1]


def test_discover_names_a_feed_that_is_in_the_watchlist_and_says_when_there_is_none(cli, server):
    assert "in the watchlist as world" in cli("feeds", "discover", server.url("/world")).stdout
    nothing = cli("feeds", "discover", server.url("/list"), code=1)
    assert "kind: page" in nothing.stderr
    assert "not a public address" in cli("feeds", "discover", "http://10.0.0.1/", code=3).stderr


def test_import_shows_first_and_then_adds_what_is_not_there(cli, tmp_path):
    path = tmp_path / "watchlist.yaml"
    before = path.read_text(encoding="utf-8")
    shown = cli("feeds", "import", "list.opml", "--dry-run").stdout
    assert "2 feeds would be added to watchlist.yaml, 1 there already, 0 skipped" in shown
    assert path.read_text(encoding="utf-8") == before

    facts = json.loads(cli("feeds", "import", "list.opml", "--json").stdout)
    assert [each["id"] for each in facts["added"]] == ["daily-example", "ports-2"]
    assert [each["folder"] for each in facts["added"]] == [None, "Asia"]
    after = path.read_text(encoding="utf-8")
    assert "  # Asia\n  - {id: ports-2, " in after
    assert set(before.splitlines()) <= set(after.splitlines())
    assert after.endswith("# the end\n")
    assert "4 feeds" in cli("watchlist", "check").stdout

    assert (
        "0 feeds added to watchlist.yaml, 3 there already"
        in cli("feeds", "import", "list.opml").stdout
    )
    assert path.read_text(encoding="utf-8") == after


def test_import_into_a_folder_takes_the_file_that_has_feeds(cli, tmp_path, monkeypatch):
    folder = tmp_path / "watchlist.d"
    folder.mkdir()
    head, _, feeds = (tmp_path / "watchlist.yaml").read_text(encoding="utf-8").partition("feeds:")
    (folder / "a.yaml").write_text(f"feeds:{feeds}", encoding="utf-8")
    (folder / "b.yaml").write_text(head, encoding="utf-8")
    monkeypatch.setenv("PLEDGEWATCH_WATCHLIST", "watchlist.d")
    cli("feeds", "import", "list.opml")
    assert "ports-2" in (folder / "a.yaml").read_text(encoding="utf-8")
    assert "4 feeds" in cli("watchlist", "check").stdout


def test_import_of_what_is_no_list_is_named_and_changes_nothing(cli, tmp_path):
    before = (tmp_path / "watchlist.yaml").read_bytes()
    (tmp_path / "list.opml").write_text("<html>", encoding="utf-8")
    assert "it is no OPML" in cli("feeds", "import", "list.opml", code=3).stderr
    assert (tmp_path / "watchlist.yaml").read_bytes() == before


def test_export_and_import_into_another_watchlist_give_the_same_feeds(cli, tmp_path):
    cli("feeds", "import", "list.opml")
    exported = cli("feeds", "export", "out.opml")
    assert "3 feeds written to out.opml." in exported.stdout
    assert "Left out, as no other reader can take them: ministry." in exported.stderr
    assert "hunter2" not in (tmp_path / "out.opml").read_text(encoding="utf-8")
    assert cli("feeds", "export").stdout.startswith('<?xml version="1.0"')
    (tmp_path / "watchlist.yaml").write_text("commitments: []\nfeeds: []\n", encoding="utf-8")
    facts = json.loads(cli("feeds", "import", "out.opml", "--json").stdout)
    assert [each["title"] for each in facts["added"]] == ["World", "港湾日报", "Ports"]
    assert [each["language"] for each in facts["added"]] == ["en", "zh-Hans", "und"]


def test_the_feeds_of_each_language_are_summed_up(cli):
    cli("poll")
    facts = json.loads(cli("feeds", "list", "--languages", "--json").stdout)
    assert [(each["language"], each["feeds"], each["healthy"]) for each in facts] == [
        ("en", 1, 1),
        ("zh-Hans", 1, 1),
    ]
    shown = cli("feeds", "list", "--languages").stdout
    assert "en: 1 of 1 feeds healthy, last answer " in shown
    assert "world" not in shown
    assert "100% of the last 30 days observed" in cli("feeds", "list").stdout


def test_check_says_what_to_do_about_what_is_wrong(cli, server):
    server.put("/page", "<!doctype html><html><body>Hello</body></html>")
    (facts,) = json.loads(cli("feeds", "check", server.url("/page"), "--json", code=1).stdout)
    assert (facts["fault"], "feeds discover" in facts["advice"]) == ("html", True)
    assert "feeds discover" in cli("feeds", "check", server.url("/page"), code=1).stdout


def test_discover_offers_selectors_for_a_page_without_a_feed_and_they_work(cli, server, tmp_path):
    rows = "".join(
        f"<li><a href='/n/{n}'>Council of the town meets again, {n}</a><i>2026-11-{n:02}</i></li>"
        for n in range(10, 17)
    )
    server.put(
        "/plain", f"<html><title>Town</title><body><ul class='news'>{rows}</ul></body></html>"
    )
    shown = cli("feeds", "discover", server.url("/plain")).stdout.splitlines()
    path = tmp_path / "watchlist.yaml"
    text = path.read_text(encoding="utf-8").replace("# the end", shown[1])
    path.write_text(text, encoding="utf-8")
    facts = json.loads(cli("feeds", "preview", "town", "--json").stdout)
    assert (facts["entries"], facts["missing"]) == (7, {"text": 7})
    assert facts["articles"][0]["title"] == "Council of the town meets again, 10"
