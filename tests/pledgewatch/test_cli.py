"""The command line as scripts and people use it: shapes, exit codes, errors."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pledgewatch.cli import main

ROOT = Path(__file__).parents[2]
WATCHLIST = """
commitments:
  - id: harbour-fund
    title: Harbour fund
    said: [{date: "2025-03-14"}]
    aliases: [Harbour Resilience Fund, 港湾韧性基金]
feeds:
  - {id: example-world, url: "https://news.example.org/rss", title: Example World, language: en}
"""
ARTICLES = [
    {
        "id": "a",
        "title": "Harbour Resilience Fund charter signed",
        "text": "",
        "published": "2026-01-02",
    },
    {"id": "b", "title": "Nothing", "text": "at all"},
    {
        "id": "c",
        "title": "",
        "text": "港灣韌性基金正式啟用",
        "lang": "zh-Hant",
        "url": "https://x.example.org/3",
    },
]


@pytest.fixture
def cli(tmp_path, monkeypatch):
    """Return a function that runs a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("TELEGRAM_TOKEN", "WATCHLIST", "DATABASE_URL"):
        monkeypatch.delenv(f"PLEDGEWATCH_{name}", raising=False)
    (tmp_path / "watchlist.yaml").write_text(WATCHLIST, encoding="utf-8")

    def run(*arguments, code=0, **more):
        result = CliRunner().invoke(main, list(arguments), **more)
        assert result.exit_code == code, result.output + result.stderr
        return result

    return run


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ARTICLES), encoding="utf-8")
    return path


def test_match_gives_one_line_for_each_article_in_order(cli, lines):
    rows = [json.loads(line) for line in cli("match", str(lines)).stdout.splitlines()]
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert rows[1]["hits"] == []
    (hit,) = rows[0]["hits"]
    assert (hit["commitment"], hit["relation"], hit["stage"]) == (
        "harbour-fund",
        "follow_up",
        "agreed",
    )
    assert set(hit) == {
        "commitment", "relation", "milestone", "setback", "stage", "score", "why", "matches"
    }  # fmt: skip
    (match,) = hit["matches"]
    assert match == {
        "term": "Harbour Resilience Fund",
        "part": "title",
        "start": 0,
        "end": 23,
        "quote": "Harbour Resilience Fund",
    }
    assert rows[2]["hits"][0]["matches"][0]["quote"] == "港灣韌性基金"


def test_match_names_developments_and_reads_standard_input(cli):
    twice = [ARTICLES[0], {**ARTICLES[0], "id": "again"}]
    text = "".join(json.dumps(row) + "\n" for row in twice)
    rows = [
        json.loads(line) for line in cli("match", "--developments", input=text).stdout.splitlines()
    ]
    assert [row["development"] for row in rows] == ["a", "a"]


@pytest.mark.parametrize(
    "bad",
    [
        "{broken",
        "[1]",
        '{"id": 3}',
        '{"id": "x", "title": 5}',
        '{"id": "x", "published": "soon"}',
        "\xff",
    ],
)
def test_match_names_a_bad_line_goes_on_and_exits_with_1(cli, bad):
    good = json.dumps(ARTICLES[0])
    text = f"{good}\n".encode() + bad.encode("latin-1") + f"\n{good}\n".encode()
    result = cli("match", code=1, input=text)
    assert len(result.stdout.splitlines()) == 2
    assert "line 2" in result.stderr


def test_evaluate_measures_and_holds_its_floors(cli, tmp_path):
    labelled = [
        {
            **ARTICLES[0],
            "labels": [{"commitment": "harbour-fund", "relation": "follow_up", "stage": "agreed"}],
        },
        {**ARTICLES[1], "labels": []},
    ]
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in labelled), encoding="utf-8")
    facts = json.loads(cli("evaluate", str(path), "--json").stdout)
    assert facts["about"]["precision"] == facts["about"]["recall"] == 1.0
    assert facts["relation"]["accuracy"] == facts["stage"]["accuracy"] == 1.0
    assert "About the pledge" in cli("evaluate", str(path), "--min-precision", "0.9").stdout
    cli("evaluate", str(path), "--min-stage", "1.01", code=1)


def test_a_watchlist_with_mistakes_names_them_all_and_exits_with_1(cli, tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        "commitments:\n  - {id: x, titel: y}\n  - id: good-one\n    title: T\n    aliases: [a, 3]\n"
        "feeds:\n  - {id: feed, url: ftp://x, title: F, language: xx, every: 5s}\n"
    )
    result = cli("watchlist", "check", str(broken), code=1)
    for sign in ("broken.yaml:2:", "titel", "broken.yaml:5:", "broken.yaml:7:", "ftp://x", "xx"):
        assert sign in result.stdout
    facts = json.loads(cli("watchlist", "check", str(broken), "--json", code=1).stdout)
    assert not facts["ok"]
    assert len(facts["problems"]) >= 6


def test_the_shipped_watchlist_is_good(cli):
    assert "no problem" in cli("watchlist", "check", str(ROOT / "watchlist.yaml")).stdout


def test_the_watchlist_is_shown_and_described(cli):
    assert "harbour-fund" in cli("watchlist", "show").stdout
    assert "Harbour Resilience Fund" in cli("watchlist", "show", "harbour-fund").stdout
    assert "did you mean harbour-fund" in cli("watchlist", "show", "harbor-fund", code=1).stderr
    assert json.loads(cli("watchlist", "schema").stdout)["title"] == "Pledgewatch watchlist"


def test_history_in_every_shape_and_explain_after_ingest(cli, lines):
    assert "There is no database" in cli("history", code=3).stderr
    cli("db", "upgrade")
    assert "3 new, 2 hits" in cli("ingest", str(lines)).stdout
    assert "0 new" in cli("ingest", str(lines)).stdout
    rows = json.loads(cli("history", "--format", "json").stdout)
    assert {row["relation"] for row in rows} == {"follow_up"}
    table = list(csv.DictReader(io.StringIO(cli("history", "--format", "csv").stdout)))
    assert len(table) == 2
    assert "<feed" in cli("history", "--format", "atom").stdout
    found = cli("history", "--search", '"harbour resilience"', "--source", "ingested", "--json")
    assert len(json.loads(found.stdout)) == 1
    assert "Read as: “harbor resilience”" in found.stderr
    assert f"Searched {len(lines.read_text().splitlines())} articles." in found.stderr
    first = rows[0]["hit_id"]
    behind = json.loads(cli("history", "--after", str(first), "--json").stdout)
    assert [row["hit_id"] for row in behind] == [row["hit_id"] for row in rows[1:]]
    nothing = cli("history", "--search", "…")
    assert "Read as: no word at all" in nothing.stderr
    told = cli("explain", "https://x.example.org/3").stdout
    assert "matched harbour-fund" in told
    assert "told nobody" in told
    assert "not seen in any feed" in cli("explain", "https://nowhere.example.org/", code=1).stdout
    board = json.loads(cli("status", "--json").stdout)
    assert board[0]["suggested_stage"] in {"agreed", "operating"}
    assert "harbour-fund" in cli("status").stdout
    assert "Nothing waits" in cli("outbox", "list").stdout
    assert "0 will be sent" in cli("outbox", "retry").stdout


def test_ingest_reads_feed_files_and_names_what_is_none(cli, tmp_path):
    cli("db", "upgrade")
    (tmp_path / "page.html").write_text("<html><body>x</body></html>")
    result = cli("ingest", "page.html", code=1)
    assert "html" in result.stderr


def test_the_database_is_backed_up_restored_and_checked(cli, tmp_path, lines):
    cli("db", "upgrade")
    cli("db", "backup", "copy.db")
    cli("ingest", str(lines))
    cli("db", "restore", "copy.db")
    assert json.loads(cli("history", "--format", "json").stdout) == []
    assert "sound" in cli("db", "check").stdout
    (tmp_path / "wrong.db").write_text("x")
    assert "not a backup" in cli("db", "restore", "wrong.db", code=3).stderr


def test_the_database_is_copied_pruned_and_counted(cli, lines, empty_postgres_url):
    cli("db", "upgrade")
    cli("ingest", str(lines))
    copied = json.loads(cli("db", "copy", empty_postgres_url, "--json").stdout)
    assert {row["table"]: row["rows"] for row in copied}["hits"] == 2
    assert "is not empty" in cli("db", "copy", empty_postgres_url, code=3).stderr
    would = json.loads(cli("db", "prune", "--dry-run", "--json").stdout)
    assert (would["dry_run"], would["texts"]) == (True, 0)
    assert "texts" in cli("db", "prune", "--compact").stdout
    assert "90" in cli("db", "prune", "--days", "5", code=2).stderr
    checked = json.loads(cli("db", "check", "--json").stdout)
    assert (checked["problems"], checked["rows"]["hits"]) == ([], 2)


def test_the_doctor_says_what_to_do(cli):
    shown = cli("doctor").stdout
    assert "PLEDGEWATCH_TELEGRAM_TOKEN" in shown
    assert "watchlist" in shown


def test_the_demo_needs_no_network_and_shows_all_three(cli):
    shown = cli("demo").stdout
    assert "Harbour Resilience Fund" in shown
    assert "湖畔人工智能培训中心" in shown
    assert "The board" in shown


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PLEDGEWATCH_TIMEZONE", "Mars", "no time zone"),
        ("PLEDGEWATCH_COLOUR", "red", "there is no such setting"),
        ("PLEDGEWATCH_WATCHLIST", "nowhere.yaml", "nowhere.yaml"),
    ],
)
def test_wrong_settings_stop_the_start_with_their_name(cli, name, value, says):
    assert says in cli("run", "--once", code=2, env={name: value}).stderr


def test_every_command_has_help_with_an_example(cli):
    def walk(command, path):
        commands = getattr(command, "commands", {})
        for name, inner in commands.items():
            walk(inner, [*path, name])
        if not commands:
            assert "Example: pledgewatch " in cli(*path, "--help").stdout, path

    walk(main, [])


def test_cells_that_a_spreadsheet_would_run_are_made_safe(cli, tmp_path):
    cli("db", "upgrade")
    row = {**ARTICLES[0], "title": "=cmd() Harbour Resilience Fund charter signed"}
    (tmp_path / "h.jsonl").write_text(json.dumps(row) + "\n")
    cli("ingest", "h.jsonl")
    assert "'=cmd()" in cli("history", "--format", "csv").stdout
