"""`watchlist diff`, `history`, `rollback`, `backtest` and `precision` as people use them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from model.records import Decision, Outcome, Role
from pledgewatch.cli import main
from storage.database import open_database
from storage.unit_of_work import begin, reading
from tests.builders import NOON

WATCHLIST = """\
commitments:
  - id: harbour-fund
    title: Harbour fund
    said: [{date: "2025-03-14"}]
    promisor: [Northland]
    aliases: [Harbour Fund, 港口基金]
feeds: []
"""
EDITED = WATCHLIST.replace("[Harbour Fund, 港口基金]", "[Harbour Fund Office, 港口基金]")


@pytest.fixture
def cli(tmp_path, monkeypatch):
    """Return a function that runs a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("TELEGRAM_TOKEN", "WATCHLIST", "DATABASE_URL"):
        monkeypatch.delenv(f"PLEDGEWATCH_{name}", raising=False)
    (tmp_path / "watchlist.yaml").write_text(WATCHLIST, encoding="utf-8")
    (tmp_path / "new.yaml").write_text(EDITED, encoding="utf-8")

    def run(*arguments, code=0, **more):
        result = CliRunner().invoke(main, list(arguments), **more)
        assert result.exit_code == code, result.output + result.stderr
        return result

    return run


@pytest.fixture
def stored(cli, tmp_path):
    """A database with twenty-four articles, and the watchlist accepted as it is."""
    rows = []
    for number in range(24):
        title = f"Southland Harbour Fund, report {number}" if number < 16 else "港口基金正式启用"
        rows.append({"id": str(number), "title": f"{title} {chr(97 + number) * 5}", "text": ""})
    (tmp_path / "articles.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    cli("db", "upgrade")
    cli("ingest", "articles.jsonl")
    with begin(open_database("sqlite:///pledgewatch.db")) as work:
        text = (tmp_path / "watchlist.yaml").read_text()
        work.watchlists.accept(version="first", text=text, author="file", now=NOON)
        work.commit()
    return tmp_path


def decide(outcomes):
    """Decide on the developments, oldest first, by what their lead's title begins with."""
    with begin(open_database("sqlite:///pledgewatch.db")) as work:
        for hit in work.rules.hits():
            title, _ = work.rules.texts([hit.id])[hit.id]
            outcome = next(value for start, value in outcomes.items() if title.startswith(start))
            work.decisions.add(
                Decision(
                    commitment_id=hit.commitment_id,
                    actor="local:ann",
                    role=Role.ANALYST,
                    outcome=outcome,
                    reason=1 if outcome is Outcome.REJECTED else None,
                    decided_at=NOON - timedelta(days=365),
                    development_id=hit.development_id,
                )
            )
        work.commit()


def test_two_files_are_compared_entry_by_entry(cli):
    printed = cli("watchlist", "diff", "watchlist.yaml", "new.yaml").stdout
    assert "~ commitment harbour-fund: changed" in printed
    assert "aliases - Harbour Fund\n" in printed
    assert "aliases + Harbour Fund Office\n" in printed
    facts = json.loads(cli("watchlist", "diff", "watchlist.yaml", "new.yaml", "--json").stdout)
    (change,) = facts["changes"]
    assert (change["id"], change["kind"]) == ("harbour-fund", "changed")
    assert change["fields"][0]["added"] == ["Harbour Fund Office"]


def test_a_version_is_compared_with_a_file(cli, stored):
    printed = cli("watchlist", "diff", "1", "new.yaml").stdout
    assert "harbour-fund" in printed
    assert "Nothing changes." in cli("watchlist", "diff", "1", "watchlist.yaml").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("diff", "1", "99"), 1, "no version 99"),
        (("diff", "watchlist.yaml", "missing.yaml"), 2, "no such file"),
        (("diff", "watchlist.yaml", "broken.yaml"), 2, "broken.yaml:"),
        (("rollback", "99"), 1, "no version 99"),
        (("rollback", "one"), 2, "not a valid integer"),
        (("backtest", "broken.yaml"), 2, "broken.yaml:"),
        (("backtest", "missing.yaml"), 2, "no such file"),
        (("backtest", "99"), 1, "no version 99"),
        (("backtest", "--days", "0"), 2, "0"),
        (("precision", "--accept", "nothing"), 1, "No edit is proposed"),
    ],
)
def test_what_cannot_be_done_says_why(cli, stored, arguments, code, said):
    (stored / "broken.yaml").write_text("commitments: [")
    assert said in cli("watchlist", *arguments, code=code).output


@pytest.mark.parametrize(
    "arguments", [("history",), ("rollback", "1"), ("backtest",), ("precision",)]
)
def test_without_a_database_it_says_what_makes_one(cli, arguments):
    assert "pledgewatch db upgrade" in cli("watchlist", *arguments, code=3).output


def test_history_lists_versions_with_author_and_change(cli, stored):
    assert "1 (in use)" in cli("watchlist", "history").stdout
    (stored / "watchlist.yaml").write_text(EDITED, encoding="utf-8")
    cli("watchlist", "rollback", "1", "--name", "ann")
    printed = cli("watchlist", "history").stdout
    assert "local:ann" in printed
    rows = json.loads(cli("watchlist", "history", "--json").stdout)
    assert [(row["number"], row["author"], row["is_current"]) for row in rows] == [
        (3, "local:ann", True),
        (2, "file", False),
        (1, "file", False),
    ]
    assert rows[0]["changes"][0]["id"] == "harbour-fund"


def test_a_rollback_writes_the_file_and_keeps_what_it_replaces(cli, stored):
    (stored / "watchlist.yaml").write_text(EDITED, encoding="utf-8")
    facts = json.loads(cli("watchlist", "rollback", "1", "--name", "ann", "--json").stdout)
    assert (facts["version"], facts["text_of"]) == (3, 1)
    assert (stored / "watchlist.yaml").read_text(encoding="utf-8") == WATCHLIST
    cli("watchlist", "rollback", "2")
    assert (stored / "watchlist.yaml").read_text(encoding="utf-8") == EDITED


def test_a_backtest_tells_what_is_lost_with_its_words(cli, stored):
    printed = cli("watchlist", "backtest", "new.yaml", "--samples", "2").stdout
    assert "hits 24 → 8: 0 gained, 16 lost" in printed
    assert "“Harbour Fund”" in printed
    assert "and 14 more lost" in printed
    facts = json.loads(cli("watchlist", "backtest", "new.yaml", "--json").stdout)
    assert (facts["articles"], facts["gained"], facts["lost"]) == (24, 0, 16)
    (fund,) = facts["commitments"]
    assert len(fund["lost"]) == 16
    assert fund["lost"][0]["before"]["quotes"] == ["Harbour Fund"]
    assert fund["lost"][0]["after"] is None


def test_without_a_file_the_watchlist_is_held_against_what_was_accepted(cli, stored):
    assert "0 commitments affected" in cli("watchlist", "backtest").stdout
    (stored / "watchlist.yaml").write_text(EDITED, encoding="utf-8")
    assert "16 lost" in cli("watchlist", "backtest").stdout
    assert "0 commitments affected" in cli("watchlist", "backtest", "1").stdout


def test_lost_hits_that_were_confirmed_stand_first(cli, stored):
    with begin(open_database("sqlite:///pledgewatch.db")) as work:
        lost = next(hit for hit in work.rules.hits() if hit.matches[0].term == "Harbour Fund")
        development = work.developments.get(lost.development_id)
        work.developments.save(replace(development, outcome=Outcome.CONFIRMED))
        work.commit()
    printed = cli("watchlist", "backtest", "new.yaml").stdout
    assert printed.splitlines()[0].startswith("  lost, was confirmed: ")
    facts = json.loads(cli("watchlist", "backtest", "new.yaml", "--json").stdout)
    assert facts["lost_confirmed"] >= 1
    assert facts["commitments"][0]["lost"][0]["confirmed"] is True


def test_below_twenty_decisions_precision_is_told_without_an_edit(cli, stored):
    decide({"Southland": Outcome.REJECTED, "港口基金": Outcome.CONFIRMED})
    facts = json.loads(cli("watchlist", "precision", "--json").stdout)
    feeds = [row for row in facts if row["kind"] == "feed"]
    aliases = [row for row in facts if row["kind"] == "alias"]
    assert len(feeds) == 1
    weak = aliases[0]
    assert (weak["text"], weak["rejected"], weak["relevance"]["value"]) == ("Harbour Fund", 16, 0.0)
    assert weak["relevance"]["of"] == 16
    assert weak["proposed"] is None


def test_an_edit_is_proposed_tried_and_accepted(cli, stored, tmp_path):
    rows = [
        {"id": f"more-{n}", "title": f"Southland Harbour Fund {chr(65 + n) * 6}", "text": ""}
        for n in range(8)
    ]
    (tmp_path / "more.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    cli("ingest", "more.jsonl")
    decide({"Southland": Outcome.REJECTED, "港口基金": Outcome.CONFIRMED})
    facts = json.loads(cli("watchlist", "precision", "--json").stdout)
    weak = next(row for row in facts if row["proposed"])
    assert weak["text"] == "Harbour Fund"
    assert "Southland Harbour Fund" in weak["proposed"]["lines"][0]
    assert weak["proposed"]["backtest"]["lost"] == 24
    assert weak["proposed"]["backtest"]["lost_confirmed"] == 0
    printed = cli("watchlist", "precision").stdout
    assert "Proposed for" in printed
    assert "24 lost, 0 of them confirmed" in printed
    cli("watchlist", "precision", "--accept", weak["rule_id"], "--name", "ann")
    text = (stored / "watchlist.yaml").read_text(encoding="utf-8")
    assert "Southland Harbour Fund" in text
    assert text.replace(text[text.index("    decoys:") : text.index("feeds:")], "") == WATCHLIST
    with reading(open_database("sqlite:///pledgewatch.db")) as work:
        assert work.watchlists.current().author == "local:ann"


def test_precision_of_nothing_says_so(cli, tmp_path):
    cli("db", "upgrade")
    assert "Nothing was found yet." in cli("watchlist", "precision").stdout
