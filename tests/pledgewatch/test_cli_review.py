"""The review queue and signing in, from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from model.records import Role
from pledgewatch.cli import main
from storage.database import open_database
from storage.unit_of_work import begin, reading
from tests.builders import a_development, a_feed, a_hit, an_article

WATCHLIST = """
commitments:
  - id: harbour-fund
    title: Harbour fund
    aliases: [Harbour Resilience Fund]
  - id: river-school
    title: River school
    aliases: [River School Programme]
feeds:
  - {id: example-world, url: "https://news.example.org/rss", title: Example World, language: en}
"""
NOW = datetime.now(UTC)


@pytest.fixture
def database(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/pledgewatch.db")
    database.upgrade()
    with begin(database) as work:
        work.feeds.ensure([a_feed()], NOW)
        for number in (1, 2):
            title = "Fund opens [red]Dakar[/red] office"
            _, article_id = work.articles.arrive(an_article(number=number, title=title))
            hit = work.hits.add(a_hit(article_id=article_id, found_at=NOW))
            told = a_development(
                lead_article_id=article_id,
                headline=title,
                first_seen_at=NOW,
                last_seen_at=NOW,
                event_date="2026-01-02",
            )
            work.hits.place(hit, work.developments.add(told))
        work.commit()
    yield database
    database.close()


@pytest.fixture
def cli(database, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("TELEGRAM_TOKEN", "WATCHLIST", "DATABASE_URL", "PUBLIC_URL"):
        monkeypatch.delenv(f"PLEDGEWATCH_{name}", raising=False)
    (tmp_path / "watchlist.yaml").write_text(WATCHLIST, encoding="utf-8")

    def run(*arguments, code=0):
        result = CliRunner().invoke(main, list(arguments))
        assert result.exit_code == code, result.output + result.stderr
        return result

    return run


def test_the_next_card_is_shown_and_decided(cli):
    shown = cli("review", "next").stdout
    assert "F1  stage  2 left" in shown
    assert "Fund opens [red]Dakar[/red] office" in shown
    assert "suggests: operating, 2026-01-02" in shown
    told = cli("review", "decide", "F1", "confirm", "--name", "ann").stdout
    assert told == "Decision 1: F1 confirmed; stage – → operating\n"
    card = json.loads(cli("review", "next", "--json").stdout)
    assert (card["left"], card["card"]["key"]) == (1, "F2")
    assert card["card"]["reports"][0]["url"] == "https://news.example.org/2"
    (found,) = json.loads(
        cli("history", "--relation", "follow_up", "--review", "confirmed", "--json").stdout
    )
    assert found["followup_id"] == "F1"
    status = json.loads(cli("status", "harbour-fund", "--json").stdout)
    assert status[0]["stage"] == "operating"


def test_the_queue_is_listed_and_runs_out(cli):
    listed = json.loads(cli("review", "next", "--all", "--json").stdout)
    assert [card["key"] for card in listed] == ["F1", "F2"]
    assert (
        "Nothing left today."
        in cli("review", "next", "--commitment", "river-school", code=1).stdout
    )


def test_who_comes_second_is_told_who_was_first_and_may_decide_anew(cli):
    cli("review", "decide", "F1", "nothing-new", "--reason", "4", "--name", "ann")
    second = cli("review", "decide", "F1", "confirm", "--name", "bob", code=1)
    assert "local:ann" in second.stderr
    assert "--again" in second.stderr
    cli("review", "decide", "F1", "confirm", "--name", "bob", "--again")


def test_what_stands_against_a_decision_is_said_with_what_to_do(cli):
    refused = cli("review", "decide", "F1", "reject", "--reason", "4", code=1)
    assert "no_reason: say why with --reason" in refused.stderr
    future = cli("review", "decide", "F1", "confirm", "--date", "2999", code=1)
    assert "future_date" in future.stderr
    assert "F99" in cli("review", "decide", "F99", "confirm", code=1).stderr


def test_decisions_are_taken_back_one_by_one(cli):
    cli("review", "decide", "F1", "confirm")
    cli("review", "decide", "F2", "unsure")
    undone = json.loads(cli("review", "undo", "--json").stdout)
    assert (undone["outcome"], undone["undoes"], undone["development_id"]) == ("undone", 2, "F2")
    assert "F1 undone; stage operating → –" in cli("review", "undo").stdout
    assert "no decision of yours" in cli("review", "undo", code=1).stderr
    assert "undone already" in cli("review", "undo", "1", code=1).stderr


def test_a_pledge_can_be_decided_on_by_its_id(cli):
    told = cli("review", "decide", "harbour-fund", "nothing-new", "--note", "Asked.", "--json")
    facts = json.loads(told.stdout)
    assert (facts["commitment_id"], facts["development_id"]) == ("harbour-fund", None)


def test_a_link_signs_in_whom_it_names_once(cli, database):
    printed = cli("login", "--role", "admin", "--name", "ann").stdout.splitlines()
    address = urlsplit(printed[-1])
    assert (address.netloc, address.path) == ("127.0.0.1:8080", "/login")
    (token,) = parse_qs(address.query)["token"]
    now = datetime.now(UTC)
    with begin(database) as work:
        assert work.logins.use(token, now) == ("local:ann", Role.ADMIN)
        assert work.logins.use(token, now) is None
        work.commit()
    with reading(database) as work:
        (row,) = work.audit.listed(action="login.made")
    assert (row.actor, row.after) == ("local:ann", "admin")
    assert token not in str(row)


def test_a_link_leads_to_the_public_address(cli, monkeypatch):
    monkeypatch.setenv("PLEDGEWATCH_PUBLIC_URL", "https://desk.example.org/")
    assert "https://desk.example.org/login?token=" in cli("login").stdout


@pytest.mark.parametrize("name", ["ann\nbob", "a b", "x" * 65])
def test_a_name_the_audit_could_not_show_is_refused(cli, name):
    assert "a name has letters" in cli("login", "--name", name, code=2).stderr


def test_the_site_is_written_and_says_where_to_begin(cli, tmp_path):
    cli("review", "decide", "F1", "confirm")
    told = cli("publish", "site", "--url", "https://pledges.example.org/").stdout
    assert "Begin with site/index.html" in told
    page = (tmp_path / "site/pledges/harbour-fund.html").read_text(encoding="utf-8")
    assert "Fund opens [red]Dakar[/red] office" in page
    feed = (tmp_path / "site/feeds/all.atom").read_text(encoding="utf-8")
    assert "tag:pledges.example.org,2026:F1" in feed
    (tmp_path / "other").mkdir()
    (tmp_path / "other/file").touch()
    assert "other files" in cli("publish", "other", code=2).stderr
