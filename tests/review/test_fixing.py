"""One press to mend a problem of the watchlist."""

from __future__ import annotations

import pytest

from model.watchlist import read_texts
from review.fixing import caret, fix_of, mended

TEXT = """\
commitments:
  - id: harbour-fund
    title: Harbour fund
    {line}
feeds: []
"""


def problems(text):
    return read_texts([("watchlist.yaml", text)]).problems


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("alias: [Harbour Fund]", "aliases: [Harbour Fund]"),
        ("aliases: [Harbour Fund]\n    kind: bodyy", "kind: body"),
        ("aliases: [Harbour Fund]\n    due: 2026/3", 'due: "2026-03"'),
        (
            "aliases: [Harbour Fund]\n    said: [{{date: 2025-03-14}}]",
            'said: [{date: "2025-03-14"}]',
        ),
        ("aliases: [港湾基金]\n    tag: [coast]", "tags: [coast]"),
    ],
    ids=["field", "value", "date", "quotes", "after-chinese"],
)
def test_a_fix_writes_what_the_advice_says(line, after):
    text = TEXT.format(line=line.replace("{{", "{").replace("}}", "}"))
    fixes = [fix for each in problems(text) if (fix := fix_of(each, text)) is not None]
    assert fixes
    better = mended(text, fixes[0])
    assert after in better
    assert len(problems(better)) < len(problems(text))


def test_advice_that_leaves_a_choice_has_no_button():
    text = TEXT.format(line="aliases: [x]\n    tags: coast")
    chosen = [each for each in problems(text) if "tags" in each.message]
    assert chosen
    assert all(fix_of(each, text) is None for each in chosen)


def test_the_carets_stand_under_the_word():
    text = TEXT.format(line="alias: [Harbour Fund]")
    problem = next(each for each in problems(text) if "alias" in each.message)
    line, carets = caret(problem, text)
    assert line[carets.index("^") : carets.rindex("^") + 1] == "alias"


def test_a_fix_for_words_that_are_gone_changes_nothing():
    text = TEXT.format(line="alias: [Harbour Fund]")
    fix = fix_of(next(e for e in problems(text) if "alias" in e.message), text)
    assert mended("nothing\nof\nthe\nkind\n", fix) == "nothing\nof\nthe\nkind\n"
