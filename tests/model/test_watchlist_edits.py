"""Edits in the text: what was meant happens, and everything else stays to the letter."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from model.desk import Action, Edit
from model.errors import MissingRecordError, WatchlistError
from model.watchlist import read_texts
from model.watchlist_edits import edit_text, holds, written
from model.watchlist_yaml import read_yaml

HERE = Path(__file__).parents[1]
FILES = [
    HERE.parent / "watchlist.yaml",
    HERE / "data" / "watchlists" / "every-field.yaml",
    HERE / "data" / "watchlists" / "least.yaml",
    HERE / "data" / "matching" / "third-fields.yaml",
]
BLOCK = """\
# ours
commitments:
  # the fund
  - id: harbour-fund   # never reused
    title: Harbour fund
    aliases:
      - Harbour Resilience Fund  # the name
      - {text: HRF, case: true}
      - 港口复原基金
    # what it is confused with
    decoys:
      - Harbour Fund of Southland
  - {id: rail-plan, title: Rail plan, aliases: [Rail Plan, "Rail: the plan"], context: [N, S]}
feeds: []
# the end
"""


def changed(edit, text=BLOCK):
    return edit_text("watchlist.yaml", text, edit)


def lines_changed(before, after):
    return [
        line
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]


def fund(action, text="", **values):
    return Edit(action=action, id="harbour-fund", text=text, **values)


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        pytest.param(fund(Action.ADD_ALIAS, "Port Fund"), "+      - Port Fund", id="an alias"),
        pytest.param(
            fund(Action.ADD_ALIAS, '港口: "基金"'), '+      - "港口: \\"基金\\""', id="quoted"
        ),
        pytest.param(
            fund(Action.ADD_WEAK_ALIAS, "the fund"),
            "+      - {text: the fund, weak: true}",
            id="a weak alias",
        ),
        pytest.param(
            fund(Action.ADD_DECOY, "Harbour Fund Ltd", why="a firm"),
            "+      - {text: Harbour Fund Ltd, why: a firm}",
            id="a decoy",
        ),
        pytest.param(fund(Action.PAUSE), "+    paused: true", id="pause"),
        pytest.param(
            fund(Action.ADD_CONTEXT, terms=("North", "北国")),
            "+    context: [[North, 北国]]",
            id="context",
        ),
    ],
)
def test_an_edit_adds_one_line_and_touches_no_other(edit, line):
    assert lines_changed(BLOCK, changed(edit)) == [line]


@pytest.mark.parametrize(
    ("edit", "lines"),
    [
        pytest.param(
            fund(Action.MAKE_CASED, "港口复原基金"),
            ["-      - 港口复原基金", "+      - {text: 港口复原基金, case: true}"],
            id="case",
        ),
        pytest.param(
            fund(Action.MAKE_WEAK, "HRF"),
            ["-      - {text: HRF, case: true}", "+      - {text: HRF, case: true, weak: true}"],
            id="weak",
        ),
        pytest.param(
            fund(Action.REMOVE_ALIAS, "Harbour Resilience Fund"),
            ["-      - Harbour Resilience Fund  # the name"],
            id="an alias less",
        ),
    ],
)
def test_an_edit_of_an_alias_keeps_to_its_line(edit, lines):
    assert lines_changed(BLOCK, changed(edit)) == lines


def test_an_entry_in_braces_is_edited_in_its_line():
    edit = Edit(action=Action.ADD_ALIAS, id="rail-plan", text="Railway Plan")
    assert 'aliases: [Rail Plan, "Rail: the plan", Railway Plan]' in changed(edit)
    weak = Edit(action=Action.MAKE_WEAK, id="rail-plan", text="Rail: the plan")
    assert '[Rail Plan, {text: "Rail: the plan", weak: true}]' in changed(weak)


def test_a_flat_context_becomes_the_first_of_two_lists():
    edit = Edit(action=Action.ADD_CONTEXT, id="rail-plan", terms=("rail",))
    assert "context: [[N, S], [rail]]" in changed(edit)


def test_the_last_alias_goes_with_its_field():
    text = (
        "commitments:\n  - id: one\n    title: One\n    aliases: [Only One]\n    query: a AND b\n"
    )
    gone = changed(Edit(action=Action.REMOVE_ALIAS, id="one", text="Only One"), text)
    assert gone == "commitments:\n  - id: one\n    title: One\n    query: a AND b\n"


def test_removing_an_entry_leaves_the_others_and_every_comment_beside_it():
    gone = changed(Edit(action=Action.REMOVE, id="rail-plan"))
    assert "rail-plan" not in gone
    assert gone.endswith("      - Harbour Fund of Southland\nfeeds: []\n# the end\n")


@pytest.mark.parametrize(
    "entry",
    [
        "{id: port-plan, title: Port plan, aliases: [Port Plan]}",
        "id: port-plan\n# why\ntitle: Port plan\naliases:\n  - Port Plan\n",
        "- id: port-plan\n  title: Port plan\n  aliases: [Port Plan]\n",
        "  - id: port-plan\n    title: Port plan\n    aliases: [Port Plan]\n",
    ],
    ids=["in braces", "a mapping", "an item", "an indented item"],
)
@pytest.mark.parametrize(
    "text", [BLOCK, "feeds: []\n", "commitments: []\n", "commitments:\nfeeds: []"]
)
def test_a_new_entry_is_added_behind_the_others(entry, text):
    added = changed(Edit(action=Action.ADD_ENTRY, text=entry), text)
    before, after = (read_yaml("f", each).value.get("commitments") or [] for each in (text, added))
    assert after[:-1] == before
    assert after[-1] == {"id": "port-plan", "title": "Port plan", "aliases": ["Port Plan"]}


def test_a_feed_is_paused_and_resumed():
    text = (
        "feeds:\n  - {id: world, url: https://news.example.org/rss, title: World, language: en}\n"
    )
    pause = Edit(action=Action.PAUSE, part="feeds", id="world")
    paused = changed(pause, text)
    assert "language: en, paused: true}" in paused
    resumed = changed(Edit(action=Action.RESUME, part="feeds", id="world"), paused)
    assert "paused: false" in resumed


def test_what_is_there_already_changes_nothing():
    assert changed(fund(Action.ADD_ALIAS, "Harbour Resilience Fund")) == BLOCK
    assert changed(fund(Action.ADD_DECOY, "Harbour Fund of Southland")) == BLOCK
    assert changed(fund(Action.RESUME)) == BLOCK


def test_what_is_not_there_is_said():
    with pytest.raises(MissingRecordError, match="port-plan"):
        changed(Edit(action=Action.PAUSE, id="port-plan"))
    with pytest.raises(MissingRecordError, match="Port Fund"):
        changed(fund(Action.REMOVE_ALIAS, "Port Fund"))


@pytest.mark.parametrize("text", ["- a list", "just words", "commitments: [", ""])
def test_what_is_no_watchlist_is_not_edited(text):
    with pytest.raises(WatchlistError):
        changed(fund(Action.PAUSE), text)


@pytest.mark.parametrize("text", ["a: b\n- c", "[1, 2]", "hostile"])
def test_a_new_entry_that_is_none_is_refused(text):
    with pytest.raises(WatchlistError):
        changed(Edit(action=Action.ADD_ENTRY, text=text))


def test_an_anchor_shared_by_two_entries_is_not_edited_for_one():
    text = (
        "commitments:\n"
        "  - {id: one, title: One, aliases: &names [A Name]}\n"
        "  - {id: two, title: Two, aliases: *names}\n"
    )
    with pytest.raises(WatchlistError, match="cannot be made"):
        changed(Edit(action=Action.ADD_ALIAS, id="two", text="B Name"), text)


@pytest.mark.parametrize("text", ["- } ] {", "#", "\n- id: evil", "&a *b !!c", "no", "x" * 500])
def test_hostile_words_stay_words(text):
    edited = changed(fund(Action.ADD_DECOY, text, why=text))
    entry = read_yaml("f", edited).value["commitments"][0]
    assert entry["decoys"][-1] == {"text": text, "why": text}
    assert entry["aliases"] == read_yaml("f", BLOCK).value["commitments"][0]["aliases"]


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_edit_of_every_entry_is_read_back_as_meant(path, ends):
    text = path.read_text(encoding="utf-8").replace("\n", ends)
    for part in ("commitments", "feeds"):
        entries = read_yaml(path.name, text).value.get(part) or []
        for entry in (*entries[:2], *entries[-1:]):
            for edit in every_edit(part, entry):
                edited = edit_text(path.name, text, edit)  # reads back, and raises where wrong
                if edit.action is not Action.REMOVE:
                    assert len(lines_changed(text, edited)) <= 2
                assert (ends == "\r\n") == ("\r\n" in edited)


def every_edit(part, entry):
    yield from (
        Edit(action=action, id=entry["id"], part=part)
        for action in (Action.PAUSE, Action.RESUME, Action.REMOVE)
    )
    if part == "feeds":
        return
    for action in (Action.ADD_ALIAS, Action.ADD_WEAK_ALIAS, Action.ADD_DECOY):
        yield Edit(action=action, id=entry["id"], text='新 "words": [')
    yield Edit(action=Action.ADD_CONTEXT, id=entry["id"], terms=("新", "two words"))
    aliases = entry.get("aliases") or []
    for alias in (*aliases[:2], *aliases[-1:]):
        text = alias["text"] if isinstance(alias, dict) else alias
        for action in (Action.REMOVE_ALIAS, Action.MAKE_WEAK, Action.MAKE_CASED):
            yield Edit(action=action, id=entry["id"], text=text)


def test_an_edited_file_still_passes_the_check():
    text = FILES[0].read_text(encoding="utf-8")
    edited = edit_text("w.yaml", text, Edit(action=Action.ADD_DECOY, id="waico", text="Other body"))
    assert read_texts([("w.yaml", edited)], allowed_hosts=()).watchlist is not None


def test_an_edit_is_told_in_one_line():
    assert written(fund(Action.ADD_DECOY, "B", why="c")) == "decoys: {text: B, why: c}"
    assert written(fund(Action.MAKE_CASED, "HRF")) == "aliases: {text: HRF, case: true}"
    assert written(fund(Action.ADD_CONTEXT, terms=("a", "b"))) == "context: [a, b]"
    assert written(fund(Action.PAUSE)) == "pause: harbour-fund"


def test_the_file_that_holds_an_entry_is_told():
    assert holds("w", BLOCK, fund(Action.PAUSE))
    assert not holds("w", BLOCK, Edit(action=Action.PAUSE, id="port-plan"))
    assert not holds("w", "feeds: []", Edit(action=Action.ADD_ENTRY))
