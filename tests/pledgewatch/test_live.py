import logging
import os

import pytest

from model.errors import Problem, WatchlistError
from model.records import Saying, Term, Watchlist
from model.watchlist_changes import changed_commitments
from pledgewatch.live import LiveWatchlist
from tests.builders import a_commitment, a_feed


class Loader:
    """Reads a file of titles; a line "broken" is a mistake."""

    def __call__(self, path):
        titles = path.read_text().split()
        if "broken" in titles:
            raise WatchlistError((Problem(file=str(path), line=1, column=1, message="broken"),))
        commitments = tuple(a_commitment(id=title, terms=(Term(text=title),)) for title in titles)
        return Watchlist(commitments=commitments, feeds=(a_feed(),), version=" ".join(titles))


class FakeContext:
    def __init__(self, watchlist):
        self.watchlist = watchlist


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "watchlist.yaml"
    path.write_text("one")
    return path


@pytest.fixture
def live(file):
    return LiveWatchlist(file, Loader(), FakeContext)


def edit(file, text):
    before = file.stat().st_mtime_ns
    file.write_text(text)
    os.utime(file, ns=(before + 10**9, before + 10**9))


def test_an_edit_is_in_use_at_once_and_says_what_is_new(live, file):
    assert live.check() is None
    edit(file, "one two")
    swap = live.check()
    assert swap is not None
    assert swap.changed == ("two",)
    assert live.context is swap.context


def test_a_broken_edit_keeps_the_last_good_version_and_says_so(live, file, caplog):
    with caplog.at_level(logging.ERROR):
        edit(file, "one broken")
        assert live.check() is None
    assert live.context.watchlist.version == "one"
    assert live.problems
    assert "cannot be used" in caplog.text
    edit(file, "one three")
    assert live.check() is not None
    assert live.problems == ()


def test_a_broken_edit_is_told_once(live, file, caplog):
    edit(file, "broken")
    with caplog.at_level(logging.ERROR):
        live.check()
        live.check()
    assert len(caplog.records) == 1


def test_a_file_that_is_touched_changes_nothing(live, file):
    edit(file, "one")
    assert live.check() is None


def test_only_other_words_or_another_day_of_the_pledge_count_as_a_change():
    before = a_commitment()
    retitled = a_commitment(title="Another title")
    reworded = a_commitment(terms=(Term(text="Harbour Fund"),))
    redated = a_commitment(said=(Saying(date="2020"),))
    assert changed_commitments([before], [retitled]) == ()
    assert changed_commitments([before], [reworded]) == ("harbour-fund",)
    assert changed_commitments([before], [redated]) == ("harbour-fund",)
