"""What an edit brings is looked for in the stored articles, whoever ran when it was made."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from pledgewatch.app import program
from pledgewatch.settings import Part, Settings
from pledgewatch.watchlist_desk import FileWatchlistDesk
from storage.database import open_database
from storage.unit_of_work import begin, reading
from tests.builders import an_article

FIRST = """\
commitments:
  - {id: harbour-fund, title: Harbour fund, aliases: [Harbour Resilience Fund]}
feeds: []
"""
SECOND = FIRST.replace("feeds:", "  - {id: rail-plan, title: Rail, aliases: [Rail Plan]}\nfeeds:")
THIRD = SECOND.replace("[Rail Plan]", "[Rail Plan, 铁路计划]")


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "watchlist.yaml"
    path.write_text(FIRST, encoding="utf-8")
    return Settings(
        watchlist=path,
        database_url=f"sqlite:///{tmp_path}/pledgewatch.db",
        roles=frozenset({Part.POLL}),
    )


async def start(settings, clock):
    async with program(settings, Console(file=io.StringIO()), clock):
        pass


def keep(database, *titles):
    with begin(database) as work:
        for number, title in enumerate(titles):
            work.articles.arrive(
                an_article(number=number, title=title, text=title, text_hash=title)
            )
        work.commit()


def found(database):
    with reading(database) as work:
        return {
            (hit.commitment_id, hit.matches[0].quote)
            for hit, _ in work.rules.of_commitments(("harbour-fund", "rail-plan"))
        }


async def test_an_edit_made_while_nobody_ran_is_looked_for_at_the_next_start(settings, clock):
    await start(settings, clock)
    database = open_database(settings.database_url)
    keep(database, "Rail Plan signed", "铁路计划周一签署")
    desk = FileWatchlistDesk(settings, database, clock)
    desk.accept(SECOND, "local:ann")
    assert found(database) == set()
    await start(settings, clock)
    assert found(database) == {("rail-plan", "Rail Plan")}
    with reading(database) as work:
        assert work.watchlists.applied().number == work.watchlists.current().number
        assert work.outbox.waiting() == 0
    database.close()


async def test_who_was_stopped_while_looking_begins_again(settings, clock, monkeypatch):
    await start(settings, clock)
    database = open_database(settings.database_url)
    keep(database, "Rail Plan signed")
    settings.watchlist.write_text(SECOND, encoding="utf-8")

    def stop(*_):
        raise RuntimeError("the machine went down")

    with monkeypatch.context() as patch:
        patch.setattr("pledgewatch.app.Program._look_back_once", stop)
        with pytest.raises(RuntimeError):
            await start(settings, clock)
    assert found(database) == set()
    await start(settings, clock)
    assert found(database) == {("rail-plan", "Rail Plan")}
    database.close()


async def test_only_what_is_new_since_the_last_look_is_looked_for(settings, clock):
    await start(settings, clock)
    database = open_database(settings.database_url)
    keep(database, "Harbour Resilience Fund opens", "铁路计划周一签署")
    settings.watchlist.write_text(SECOND, encoding="utf-8")
    await start(settings, clock)
    settings.watchlist.write_text(THIRD, encoding="utf-8")
    await start(settings, clock)
    assert found(database) == {("rail-plan", "铁路计划")}
    with reading(database) as work:
        assert [each.author for each in work.watchlists.listed(9)] == ["file"] * 3
    database.close()


async def test_an_accepted_edit_is_picked_up_by_the_running_program_under_its_author(
    settings, clock
):
    async with program(settings, Console(file=io.StringIO()), clock) as parts:
        keep(parts.database, "Rail Plan signed")
        number = parts.tools.accept(SECOND, "telegram:7", based_on=parts.tools.text().revision)
        await parts._check_watchlist()
        assert parts.watchlist().commitment("rail-plan") is not None
        assert found(parts.database) == {("rail-plan", "Rail Plan")}
        newest = parts.tools.history()[0]
        assert (newest.number, newest.author) == (number, "telegram:7")
        parts.tools.rollback(1, "telegram:8")
        await parts._check_watchlist()
        assert parts.watchlist().commitment("rail-plan") is None
        assert [each.author for each in parts.tools.history()] == [
            "telegram:8",
            "telegram:7",
            "file",
        ]
