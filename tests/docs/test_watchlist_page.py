"""docs/watchlist.md says what the program does: examples load, messages are the real ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from model.records import Milestone, Tier
from model.watchlist import load_watchlist, read_watchlist, watchlist_schema
from model.watchlist_records import QUIET_DAYS
from monitor.query import parse_query

PAGE = Path(__file__).parents[2] / "docs" / "watchlist.md"
BLOCKS = re.findall(r"^```([a-z ]+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
EXAMPLES = [text for kind, text in BLOCKS if kind == "yaml"]


def fields(schema: dict[str, Any]) -> set[str]:
    """Return the name of every field of every part of the file."""
    parts = [schema, *schema["$defs"].values()]
    return {name for part in parts for name in part.get("properties", {})}


@pytest.mark.parametrize("field", sorted(fields(watchlist_schema())))
def test_every_field_is_on_the_page(field: str) -> None:
    text = PAGE.read_text("utf-8")
    assert f"`{field}`" in text or re.search(rf"`\{{?{field}:", text)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_loads_without_a_warning(number: int, tmp_path: Path) -> None:
    file = tmp_path / "watchlist.yaml"
    file.write_text(EXAMPLES[number], encoding="utf-8")
    assert read_watchlist(file).problems == ()


def test_the_whole_example_shows_every_field_of_both_parts(tmp_path: Path) -> None:
    whole = max(EXAMPLES, key=len)
    shown = set(re.findall(r"([a-z_A-Z-]+):(?=\s)", whole))
    assert fields(watchlist_schema()) <= shown


def test_the_query_of_the_example_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "watchlist.yaml"
    file.write_text(max(EXAMPLES, key=len), encoding="utf-8")
    query = load_watchlist(file).commitments[0].query
    assert query is not None
    parse_query(query)


def test_the_mistakes_shown_are_told_in_these_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (wrong,) = (text for kind, text in BLOCKS if kind == "yaml wrong")
    (told,) = (text for kind, text in BLOCKS if kind == "text")
    monkeypatch.chdir(tmp_path)
    file = Path("watchlist.yaml")
    file.write_text(wrong, encoding="utf-8")
    assert [str(problem) for problem in read_watchlist(file).problems] == told.splitlines()


def test_the_words_of_the_page_are_the_programs() -> None:
    text = PAGE.read_text("utf-8")
    for word in (*Milestone, *Tier, *QUIET_DAYS):
        assert f"`{word}`" in text
    for days in QUIET_DAYS.values():
        assert re.search(rf"\b{days} for an? ", text)
