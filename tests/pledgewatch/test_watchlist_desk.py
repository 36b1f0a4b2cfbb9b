"""The watchlist as pages and bot edit it: versions, files, conflicts, drafts and trials."""

from __future__ import annotations

import stat
import threading
from datetime import timedelta

import pytest

from model.desk import Action, ChangeKind, Edit, Hindrance, WatchlistDesk
from model.errors import (
    ConflictError,
    FetchError,
    MissingRecordError,
    WatchlistError,
    WatchlistUnwritableError,
)
from model.records import Milestone, Relation, Role
from pledgewatch import watchlist_files
from pledgewatch.settings import Settings
from pledgewatch.watchlist_desk import FileWatchlistDesk
from storage.unit_of_work import begin, reading
from tests.builders import NOON, an_article

FIRST = """\
# ours
commitments:
  - id: harbour-fund  # never reused
    title: Harbour fund
    said: [{date: "2026-01-01"}]
    aliases: [Harbour Resilience Fund, {text: the fund, weak: true}]
    context: [[Northland]]
    decoys: [Southland Harbour Resilience Fund]
feeds: []
"""
SECOND = FIRST.replace("Harbour Resilience Fund, {", "Harbour Resilience Fund, 港口基金, {")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "watchlist.yaml"
    path.write_text(FIRST, encoding="utf-8")
    return path


@pytest.fixture
def desk(file, any_database, clock):
    return FileWatchlistDesk(settings_for(file), any_database, clock)


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "watchlist.d"
    path.mkdir()
    (path / "a.yaml").write_text(FIRST, encoding="utf-8")
    (path / "b.yaml").write_text("commitments: []\nfeeds: []\n", encoding="utf-8")
    return path


@pytest.fixture
def folder_desk(folder, database, clock):
    return FileWatchlistDesk(settings_for(folder), database, clock)


def settings_for(path):
    return Settings(watchlist=path, database_url="sqlite:///unused.db")


def test_it_is_what_pages_and_bot_are_promised(desk):
    promised: WatchlistDesk = desk
    assert promised.text().text == FIRST


def test_an_accepted_edit_is_in_the_file_and_a_version_with_its_author(desk, file):
    number = desk.accept(SECOND, "telegram:7", based_on=desk.text().revision)
    assert file.read_text(encoding="utf-8") == SECOND
    newest, oldest = desk.history()
    assert (newest.number, newest.author, newest.is_current) == (number, "telegram:7", True)
    assert (oldest.author, oldest.is_current) == ("file", False)
    (change,) = desk.changes(number)
    assert (change.id, change.kind) == ("harbour-fund", ChangeKind.CHANGED)
    assert [(f.name, f.added, f.removed) for f in change.fields] == [("aliases", ("港口基金",), ())]
    assert desk.text().number == number


def test_an_edit_of_comments_alone_is_a_version_too(desk):
    first = desk.accept(FIRST.replace("# ours", "# theirs"), "local:ann")
    second = desk.accept(FIRST, "local:ann")
    assert second > first
    assert desk.changes(second) == ()


def test_the_same_text_again_is_no_version(desk, any_database):
    number = desk.accept(SECOND, "local:ann")
    assert desk.accept(SECOND, "local:bob") == number
    with reading(any_database) as work:
        assert len(work.audit.listed()) == 1


def test_what_was_done_is_in_the_audit(desk, any_database):
    desk.accept(SECOND, "local:ann")
    desk.rollback(1, "local:bob")
    with reading(any_database) as work:
        back, accepted = work.audit.listed()
    assert (accepted.action, accepted.actor, accepted.before, accepted.after) == (
        "watchlist.accepted",
        "local:ann",
        "1",
        "2",
    )
    assert (back.action, back.actor, back.role) == (
        "watchlist.rolled_back",
        "local:bob",
        Role.ADMIN,
    )


def test_a_rollback_makes_a_new_version_with_the_old_text(desk, file):
    desk.accept(SECOND, "local:ann")
    number = desk.rollback(1, "local:bob")
    assert file.read_text(encoding="utf-8") == FIRST
    assert [each.number for each in desk.history()] == [number, 2, 1]
    with pytest.raises(MissingRecordError, match="99"):
        desk.rollback(99, "local:bob")


@pytest.mark.parametrize(
    "text", ["commitments: [", "commitments: [{id: x}]", "", "feeds: 7", FIRST + FIRST]
)
def test_a_broken_text_is_never_written(desk, file, text):
    with pytest.raises(WatchlistError):
        desk.accept(text, "local:ann")
    assert file.read_text(encoding="utf-8") == FIRST
    assert [each.author for each in desk.history()] in ([], ["file"])
    assert any(not problem.warning for problem in desk.check(text))
    for use in (desk.diff, desk.backtest):
        with pytest.raises(WatchlistError):
            use(text)


def test_a_broken_file_can_be_mended(desk, file):
    file.write_text("commitments: [", encoding="utf-8")
    assert desk.text().version is None
    desk.accept(SECOND, "local:ann")
    assert desk.text().number == 1


def test_two_edits_of_one_text_are_a_conflict(desk, file):
    seen = desk.text().revision
    desk.accept(SECOND, "local:ann", based_on=seen)
    with pytest.raises(ConflictError, match="somebody else"):
        desk.accept(FIRST.replace("ours", "mine"), "local:bob", based_on=seen)
    assert file.read_text(encoding="utf-8") == SECOND


def test_of_many_edits_at_once_exactly_one_is_accepted(desk, file):
    seen = desk.text().revision
    texts = [FIRST.replace("# ours", f"# number {number}") for number in range(6)]
    outcomes = []

    def edit(text):
        try:
            outcomes.append(desk.accept(text, "local:ann", based_on=seen))
        except ConflictError:
            outcomes.append(None)

    threads = [threading.Thread(target=edit, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each is not None for each in outcomes) == [False] * 5 + [True]
    assert file.read_text(encoding="utf-8") in texts


def test_mode_line_ends_and_mark_of_the_file_stay(desk, file):
    file.write_bytes(b"\xef\xbb\xbf" + FIRST.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    desk.accept(SECOND, "local:ann", based_on=desk.text().revision)
    assert file.read_bytes() == b"\xef\xbb\xbf" + SECOND.replace("\n", "\r\n").encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [each.name for each in file.parent.glob(".watchlist*")] == []


def test_a_link_stays_a_link(desk, file, tmp_path):
    real = tmp_path / "elsewhere.yaml"
    file.rename(real)
    file.symlink_to(real)
    desk.accept(SECOND, "local:ann")
    assert file.is_symlink()
    assert real.read_text(encoding="utf-8") == SECOND


def test_a_form_may_send_its_own_line_ends(desk, file):
    desk.accept(SECOND.replace("\n", "\r\n"), "local:ann", based_on=desk.text().revision)
    assert file.read_bytes() == SECOND.encode()


def test_a_file_that_cannot_be_replaced_leaves_no_version(desk, file, monkeypatch):
    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(watchlist_files.Path, "replace", refuse)
    with pytest.raises(WatchlistUnwritableError, match="Permission denied"):
        desk.accept(SECOND, "local:ann")
    monkeypatch.undo()
    assert file.read_text(encoding="utf-8") == FIRST
    assert desk.history() == ()
    assert [each.name for each in file.parent.glob(".watchlist*")] == []


def test_a_database_that_fails_at_the_end_leaves_the_file_as_it_was(desk, file, monkeypatch):
    def refuse(self):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("storage.unit_of_work.UnitOfWork.commit", refuse)
    with pytest.raises(RuntimeError):
        desk.accept(SECOND, "local:ann")
    assert file.read_text(encoding="utf-8") == FIRST


# --- a folder -----------------------------------------------------------------------------


def test_of_a_folder_one_file_is_edited_and_the_whole_is_checked(folder_desk, folder):
    assert folder_desk.text().file == "a.yaml"
    assert folder_desk.text().files == ("a.yaml", "b.yaml")
    twice = FIRST.replace("# ours", "# a second one")
    assert any("harbour-fund" in str(each) for each in folder_desk.check(twice, "b.yaml"))
    other = FIRST.replace("harbour-fund", "port-fund").replace("Harbour Resil", "Port Resil")
    number = folder_desk.accept(other, "local:ann", file="b.yaml")
    assert (folder / "a.yaml").read_text() == FIRST
    assert (folder / "b.yaml").read_text() == other
    assert [each.id for each in folder_desk.changes(number)] == ["port-fund"]
    folder_desk.rollback(1, "local:ann")
    assert (folder / "b.yaml").read_text() == "commitments: []\nfeeds: []\n"


def test_a_file_that_a_version_did_not_have_is_set_aside_by_a_rollback(folder_desk, folder):
    folder_desk.accept(FIRST.replace("# ours", "# mine"), "local:ann", file="a.yaml")
    new = FIRST.replace("harbour-fund", "rail-fund").replace("Harbour Resil", "Rail Resil")
    folder_desk.accept(new, "local:ann", file="c.yaml")
    folder_desk.rollback(2, "local:ann")
    assert sorted(each.name for each in folder.iterdir()) == ["a.yaml", "b.yaml", "c.yaml.removed"]


@pytest.mark.parametrize("name", ["../evil.yaml", "/etc/evil.yaml", "x.txt", ".hidden.yaml", ""])
def test_no_file_outside_of_the_folder_is_named(folder_desk, name):
    with pytest.raises(MissingRecordError):
        folder_desk.accept(FIRST, "local:ann", file=name)


def test_an_edit_finds_the_file_that_holds_its_entry(folder_desk):
    other = FIRST.replace("harbour-fund", "port-fund").replace("Harbour Resil", "Port Resil")
    folder_desk.accept(other, "local:ann", file="b.yaml")
    edited = folder_desk.edited(Edit(action=Action.PAUSE, id="port-fund"))
    assert edited.file == "b.yaml"
    folder_desk.accept(edited.text, "local:ann", based_on=edited.revision, file=edited.file)
    assert folder_desk.in_use().commitment("port-fund").paused


# --- edits, diff, trials ------------------------------------------------------------------


def test_an_edit_is_only_shown_until_it_is_accepted(desk, file):
    edited = desk.edited(
        Edit(action=Action.ADD_DECOY, id="harbour-fund", text="Fund of Eastland", why="another"),
        Edit(action=Action.ADD_ALIAS, id="harbour-fund", text="港口基金"),
    )
    assert file.read_text(encoding="utf-8") == FIRST
    (change,) = desk.diff(edited.text)
    assert {field.name for field in change.fields} == {"aliases", "decoys"}
    desk.accept(edited.text, "telegram:7", based_on=edited.revision)
    assert "# never reused" in file.read_text(encoding="utf-8")


def test_passwords_of_feeds_are_not_in_a_diff(desk):
    secret = SECOND.replace(
        "feeds: []",
        "feeds: [{id: world, url: https://news.example.org/rss, title: World, language: en, "
        'headers: {Authorization: Bearer s3cret}, proxy: "http://me:s3cret@proxy.example.org:1"}]',
    )
    assert "s3cret" not in str(desk.diff(secret))


def test_a_text_is_tried_and_says_why(desk):
    trial = desk.try_text("Harbour Resilience Fund opens its first office in Dakar\nIt opened.")
    (hit,) = trial.hits
    assert hit.commitment_id == "harbour-fund"
    assert hit.suggestion.relation is Relation.FOLLOW_UP
    assert hit.suggestion.milestone is Milestone.OPERATING
    assert hit.suggestion.why
    assert hit.matches[0].quote == "Harbour Resilience Fund"
    assert trial.near_misses == ()


@pytest.mark.parametrize(
    ("text", "hindrance"),
    [
        pytest.param(
            "Southland Harbour Resilience Fund opens", Hindrance.DECOY, id="a decoy claims it"
        ),
        pytest.param("Money for the fund is late", Hindrance.CONTEXT, id="weak, without context"),
    ],
)
def test_what_nearly_matched_says_what_was_in_the_way(desk, text, hindrance):
    trial = desk.try_text(text)
    assert trial.hits == ()
    (miss,) = trial.near_misses
    assert (miss.commitment_id, miss.hindrance) == ("harbour-fund", hindrance)
    assert miss.matches


def test_a_paused_pledge_says_that_it_is_paused(desk):
    edited = desk.edited(Edit(action=Action.PAUSE, id="harbour-fund"))
    desk.accept(edited.text, "local:ann")
    trial = desk.try_text("Harbour Resilience Fund opens")
    assert [each.hindrance for each in trial.near_misses] == [Hindrance.PAUSED]


def test_trying_stores_nothing(desk, any_database):
    desk.try_text("Harbour Resilience Fund opens its first office")
    with reading(any_database) as work:
        assert work.hits.count() == 0
        assert work.rules.article_count() == 0


@pytest.mark.parametrize("use", ["try_text", "draft"])
def test_an_address_inside_our_own_network_is_not_asked(desk, use):
    with pytest.raises(FetchError):
        getattr(desk, use)("http://127.0.0.1:9/secret")


def test_a_draft_can_be_added_as_it_is(desk):
    made = desk.draft("14 March 2026\n\nNorvik will build a Coastal Data Centre by 2029.\n")
    (pledge,) = made.proposals
    assert pledge.sentence == "Norvik will build a Coastal Data Centre by 2029."
    edited = desk.edited(Edit(action=Action.ADD_ENTRY, text=pledge.yaml))
    assert [p for p in desk.check(edited.text) if not p.warning] == []
    desk.accept(edited.text, "local:ann")
    assert desk.in_use().commitment(pledge.id) is not None


@pytest.mark.parametrize("document", ["", "   ", "/etc/passwd", "file:///etc/passwd"])
def test_a_draft_reads_no_file_of_this_machine(desk, document):
    try:
        made = desk.draft(document)
    except MissingRecordError:
        return
    assert made.proposals == ()


def test_a_backtest_of_a_text_is_against_what_is_in_use(desk, any_database):
    desk.accept(FIRST + "# accepted\n", "local:ann")
    with begin(any_database) as work:
        for number, title in enumerate(("港口基金正式启用", "Harbour Resilience Fund opens")):
            moment = NOON - timedelta(days=number)
            work.articles.arrive(
                an_article(number=number, title=title, text=title, fetched_at=moment)
            )
        work.commit()
    result = desk.backtest(SECOND)
    (fund,) = result.commitments
    assert [hit.title for hit in fund.gained if hit.by_this_edit] == ["港口基金正式启用"]
