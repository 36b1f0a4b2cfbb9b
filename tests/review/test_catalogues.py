"""Every text of the pages in every language."""

from __future__ import annotations

import re
import string
from importlib import resources

import pytest

from model.ledger import Verdict
from model.legality import Refusal
from model.records import FeedHealth, Language, Milestone, Outcome, Relation, Setback, Stage
from model.standing import Attention, Schedule
from model.urgency import Urgency
from review.texts import LANGUAGES, catalogue, day, edtf, language_for, say
from tests.builders import NOON

ENGLISH = catalogue(Language.ENGLISH)
OTHERS = [each for each in LANGUAGES if each is not Language.ENGLISH]


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_is_missing_and_none_is_left_over(language):
    assert set(catalogue(language)) == set(ENGLISH)


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_takes_the_same_values(language):
    texts = catalogue(language)
    plain = {key for key in ENGLISH if not key.endswith(".one")}
    assert {key for key in plain if fields(texts[key]) != fields(ENGLISH[key])} == set()


@pytest.mark.parametrize("language", OTHERS)
def test_chinese_texts_are_chinese(language):
    same = {key for key, text in catalogue(language).items() if text == ENGLISH[key]}
    names = {"article.hash"}
    assert {key for key in same if not key.startswith("language.")} <= names


@pytest.mark.parametrize(
    ("prefix", "choices"),
    [
        ("stage", Stage),
        ("milestone", Milestone),
        ("setback", Setback),
        ("outcome", Outcome),
        ("relation", Relation),
        ("attention", Attention),
        ("schedule", Schedule),
        ("verdict", Verdict),
        ("urgency", Urgency),
        ("refusal", Refusal),
        ("health", FeedHealth),
        ("reason", range(1, 10)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_choice_has_a_word(prefix, choices):
    assert {each for each in choices if f"{prefix}.{each}" not in ENGLISH} == set()


def test_every_text_that_a_template_asks_for_is_there():
    folder = resources.files("review").joinpath("templates")
    wanted = {
        key
        for file in folder.iterdir()
        for key in re.findall(r'\bt\(["\']([a-z0-9_.?/+-]+)["\']', file.read_text("utf-8"))
    }
    assert len(wanted) > 200
    assert {key for key in wanted if key not in ENGLISH and not key.endswith(".")} == set()


def test_forbidden_words_are_not_said():
    said = " ".join(ENGLISH.values()).lower()
    for words in ("no progress", "stalled", "broken promise", "please", "!"):
        assert words not in said
    chinese = " ".join(catalogue(Language.CHINESE_SIMPLIFIED).values())
    assert "没有进展" not in chinese


def test_dates_are_written_as_readers_write_them():
    assert day(NOON.date(), Language.ENGLISH) == "24 Nov 2026"
    assert day(NOON.date(), Language.CHINESE_SIMPLIFIED) == "2026年11月24日"
    assert edtf("2026-11", Language.ENGLISH) == "Nov 2026"
    assert edtf("2026", Language.CHINESE_TRADITIONAL) == "2026年"


def test_one_is_not_said_as_many():
    assert say(Language.ENGLISH, "evidence.articles", n=1) == "1 article"
    assert say(Language.ENGLISH, "evidence.articles", n=4) == "4 articles"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.ENGLISH),
        ("fr-FR, zh-TW;q=0.8, en;q=0.5", Language.CHINESE_TRADITIONAL),
        ("zh-CN,zh;q=0.9", Language.CHINESE_SIMPLIFIED),
        ("zh-HK", Language.CHINESE_TRADITIONAL),
        ("de", Language.ENGLISH),
    ],
)
def test_the_first_language_that_we_have_is_taken(header, language):
    assert language_for(header) is language
