"""What one watchlist changes against another."""

from __future__ import annotations

import pytest

from model.desk import ChangeKind, FieldChange
from model.watchlist_changes import compare_texts, read_by
from tests.builders import a_commitment

BEFORE = """
commitments:
  - {id: one, title: {en: One, zh-Hans: 一}, aliases: [A, B], due: 2027}
  - {id: two, title: Two, aliases: [C]}
feeds:
  - {id: world, url: https://news.example.org/rss, title: W, language: en, headers: {Key: s3cret}}
"""


def compare(after, before=BEFORE):
    return compare_texts([("w.yaml", before)], [("w.yaml", after)])


def test_nothing_changes_between_the_same_words():
    assert compare(BEFORE) == ()
    assert compare("# a comment\n" + BEFORE.replace("[A, B]", "[A,   'B']")) == ()


def test_a_changed_entry_tells_each_field_before_and_after():
    (change,) = compare(
        BEFORE.replace("[A, B]", "[B, 新]").replace(", due: 2027", ", paused: true")
    )
    assert (change.part, change.id, change.title, change.kind) == (
        "commitments",
        "one",
        "One",
        ChangeKind.CHANGED,
    )
    assert change.fields == (
        FieldChange(
            name="aliases", before='["A", "B"]', after='["B", "新"]', added=("新",), removed=("A",)
        ),
        FieldChange(name="paused", before=None, after="true"),
        FieldChange(name="due", before="2027", after=None),
    )


def test_added_and_removed_entries_tell_all_they_have():
    after = BEFORE.replace("id: two, title: Two", "id: three, title: Three")
    added, removed = compare(after)
    assert (added.kind, added.id, removed.kind, removed.id) == (
        ChangeKind.ADDED,
        "three",
        ChangeKind.REMOVED,
        "two",
    )
    assert {field.name: field.after for field in added.fields} == {
        "title": "Three",
        "aliases": '["C"]',
    }
    assert {field.name: field.before for field in removed.fields} == {
        "title": "Two",
        "aliases": '["C"]',
    }


def test_the_secrets_of_a_feed_are_hidden_and_their_change_is_not():
    (change,) = compare(BEFORE.replace("s3cret", "t0psecret"))
    assert [(field.name, field.before, field.after) for field in change.fields] == [
        ("headers", "(hidden)", "(hidden)")
    ]


def test_an_entry_that_moves_to_another_file_is_the_same():
    commitments, feeds = BEFORE.split("feeds:")
    moved = [("a.yaml", "feeds:" + feeds), ("b.yaml", commitments)]
    assert compare_texts([("w.yaml", BEFORE)], moved) == ()


@pytest.mark.parametrize(
    ("change", "reads_otherwise"),
    [
        ({"title": "Another"}, True),
        ({"promisor": ("Northland",)}, True),
        ({"tags": ("ports",)}, False),
        ({"quiet_days": 7}, False),
        ({"line": 9}, False),
    ],
)
def test_clocks_tags_and_places_change_no_reading(change, reads_otherwise):
    assert (read_by(a_commitment()) != read_by(a_commitment(**change))) == reads_otherwise
