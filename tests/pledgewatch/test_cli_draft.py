"""`pledgewatch watchlist draft` as people use it: files, standard input, addresses."""

from __future__ import annotations

import http.server
import json
import threading

import pytest
from click.testing import CliRunner

from pledgewatch.cli import main

SENTENCE = "Norvik will build a Coastal Data Centre by 2029."


@pytest.fixture
def cli(tmp_path, monkeypatch):
    """Return a function that runs a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("ALLOW_PRIVATE", "TEST_DATA", "WATCHLIST"):
        monkeypatch.delenv(f"PLEDGEWATCH_{name}", raising=False)
    return lambda *arguments, **told: CliRunner().invoke(main, arguments, **told)


@pytest.fixture
def page():
    """Serve a page on loopback; return its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"<html><body><article><p>{SENTENCE}</p></article></body></html>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/communique"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_draft_of_a_file_passes_the_check(cli, tmp_path):
    (tmp_path / "communique.txt").write_text(SENTENCE, encoding="utf-8")
    made = cli("watchlist", "draft", "communique.txt", "--date", "2026-03-14")
    assert made.exit_code == 0
    assert SENTENCE in made.stdout
    (tmp_path / "draft.yaml").write_text(made.stdout, encoding="utf-8")
    checked = cli("watchlist", "check", "draft.yaml")
    assert checked.exit_code == 0, checked.output


def test_standard_input_and_json(cli):
    made = cli("watchlist", "draft", "-", "--json", input=SENTENCE)
    (proposal,) = json.loads(made.stdout)["proposals"]
    assert proposal["sentence"] == SENTENCE
    assert proposal["due"] == "2029"


def test_an_address_is_fetched_and_named_as_the_source(cli, page, monkeypatch):
    monkeypatch.setenv("PLEDGEWATCH_ALLOW_PRIVATE", "127.0.0.1")
    made = cli("watchlist", "draft", page, "--date", "2026-03-14")
    assert made.exit_code == 0, made.output
    assert page in made.stdout
    assert SENTENCE in made.stdout


def test_an_address_inside_our_own_network_is_not_asked(cli, page):
    made = cli("watchlist", "draft", page)
    assert made.exit_code == 3
    assert SENTENCE not in made.output


@pytest.mark.parametrize("name", ["missing.txt", "empty.txt"])
def test_a_document_that_cannot_be_read_is_wrong_use(cli, tmp_path, name):
    (tmp_path / "empty.txt").write_text("")
    made = cli("watchlist", "draft", name)
    assert made.exit_code == 2
    assert name in made.output


def test_a_date_that_is_none_is_wrong_use(cli, tmp_path):
    (tmp_path / "communique.txt").write_text(SENTENCE, encoding="utf-8")
    assert cli("watchlist", "draft", "communique.txt", "--date", "March").exit_code == 2
