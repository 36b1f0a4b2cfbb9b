"""Signing in, the audit of deeds, and saved views, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from model.records import Role
from storage.checking import find_damage
from storage.database import open_database
from storage.logins import LINK_LIVES
from storage.unit_of_work import begin, reading
from storage.views import SavedView
from tests.builders import NOON

ANN = ("local:ann", Role.ANALYST)


def test_a_link_signs_in_once(any_database):
    with begin(any_database) as work:
        token = work.logins.new(*ANN, NOON)
        assert work.logins.use("another", NOON) is None
        assert work.logins.use(token, NOON) == ANN
        assert work.logins.use(token, NOON) is None


def test_a_link_lives_five_minutes(any_database):
    with begin(any_database) as work:
        token = work.logins.new(*ANN, NOON)
        assert work.logins.use(token, NOON + LINK_LIVES) is None
        assert work.logins.use(token, NOON + LINK_LIVES - timedelta(seconds=1)) == ANN


def test_no_token_is_stored(any_database):
    with begin(any_database) as work:
        tokens = (work.logins.new(*ANN, NOON), work.sessions.new(*ANN, NOON))
        stored = [
            str(row)
            for table in ("logins", "sessions")
            for row in work._connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    assert len(stored) == 2
    assert not any(token in row for token in tokens for row in stored)


def test_a_session_ends_alone_or_with_all_of_its_owner(any_database):
    with begin(any_database) as work:
        one, two = work.sessions.new(*ANN, NOON), work.sessions.new(*ANN, NOON)
        other = work.sessions.new("local:bob", Role.ADMIN, NOON)
        link = work.logins.new(*ANN, NOON)
        later = NOON + timedelta(minutes=2)
        work.sessions.see(one, later)
        assert work.sessions.get(one).seen_at == later
        work.sessions.end(one, NOON)
        assert work.sessions.get(one) is None
        assert len(work.sessions.of_actor("local:ann")) == 1
        assert work.sessions.end_all("local:ann", NOON) == 1
        assert work.sessions.get(two) is None
        assert work.logins.use(link, NOON) is None
        assert work.sessions.get(other).role is Role.ADMIN


def fill(work):
    for number in range(3):
        work.audit.add(*ANN, "watchlist.accepted", f"version {number}", None, str(number), NOON)


def test_the_audit_is_listed_newest_first(any_database):
    with begin(any_database) as work:
        fill(work)
        work.audit.add("local:bob", Role.ADMIN, "login.made", "local:bob", None, None, NOON)
        assert [row.subject for row in work.audit.listed(actor="local:ann", limit=2)] == [
            "version 2",
            "version 1",
        ]
        (row,) = work.audit.listed(action="login.made", since=NOON)
        assert (row.actor, row.role, row.at) == ("local:bob", Role.ADMIN, NOON)
        assert len(work.audit.listed(before=row.id)) == 3


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE admin_log SET actor = 'x' WHERE after = '1'", 1),
        ("DELETE FROM admin_log WHERE after = '1'", 2),
    ],
    ids=["changed", "deleted"],
)
def test_tampering_with_the_audit_is_found(any_database, tampering, found):
    with begin(any_database) as work:
        fill(work)
        ids = [row.id for row in reversed(work.audit.listed())]
        work.commit()
    assert find_damage(any_database) == ()
    with any_database.writing() as connection:
        connection.exec_driver_sql(tampering)
        connection.commit()
    with reading(any_database) as work:
        assert work.audit.tampered() == (ids[found],)
    assert find_damage(any_database) == (
        f"audit row {ids[found]} does not fit its seal: it was changed",
    )


def test_decisions_sealed_by_the_first_schema_still_fit_their_seals(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/old.db")
    database.upgrade("0001")
    with database.writing() as connection:
        # as the first version stored and sealed one
        connection.exec_driver_sql(
            "INSERT INTO decisions (commitment_id, hit_ids, clause_ids, actor, role, outcome,"
            " quote, note, decided_at, previous_hash, hash) VALUES ('harbour-fund', '[]', '[]',"
            " 'local:ann', 'analyst', 'restatement', '', 'seen', '2026-11-24 12:00:00.000000',"
            f" '{'0' * 64}', '{OLD_SEAL}')"
        )
        connection.commit()
    database.upgrade()
    assert find_damage(database) == ()
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE decisions SET stage_after = 'delivered'")
        connection.commit()
    assert len(find_damage(database)) == 1
    database.close()


OLD_SEAL = "60f15af828b3a089e7fd8b584cbe36fac703fa07abdff0724fcb2074ec4423d3"


def test_saved_views_are_replaced_by_name_and_removed(any_database):
    view = SavedView(actor="local:ann", page="history", name="mine", query="q=1", saved_at=NOON)
    with begin(any_database) as work:
        work.views.save(view)
        work.views.save(SavedView(**{**view_values(view), "query": "q=2"}))
        assert [each.query for each in work.views.of_actor("local:ann", "history")] == ["q=2"]
        assert work.views.of_actor("local:bob", "history") == ()
        assert work.views.remove("local:ann", "history", "mine")
        assert not work.views.remove("local:ann", "history", "mine")


def view_values(view):
    return {name: getattr(view, name) for name in ("actor", "page", "name", "query", "saved_at")}
