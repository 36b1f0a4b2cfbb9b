import shutil
from datetime import UTC, datetime, timedelta

import pytest

from model.errors import DatabaseUnusableError
from model.records import AlertReason
from pledgewatch.maintenance import KEPT_BACKUPS, back_up_nightly, prepare_database, watch_space
from storage.database import open_database
from storage.unit_of_work import reading

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def test_a_new_database_is_made_at_the_start(tmp_path):
    database = prepare_database(f"sqlite:///{tmp_path}/new.db", NOW)
    assert database.is_current()
    assert [path.name for path in tmp_path.glob("*.before*")] == []


def test_the_newest_seven_backups_are_kept(database, tmp_path):
    for day in range(10):
        back_up_nightly(database, NOW + timedelta(days=day))
    kept = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert len(kept) == KEPT_BACKUPS
    assert kept[0] == "pledgewatch-2026-11-27.db"
    assert open_database(f"sqlite:///{tmp_path}/backups/{kept[-1]}").is_current()


def test_a_database_from_a_newer_version_is_left_alone(database):
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(DatabaseUnusableError, match="newer version"):
        prepare_database(database.engine.url.render_as_string(), NOW)


def test_admins_are_told_once_a_day_when_the_disk_is_nearly_full(database, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=412_000_000))
    assert watch_space(database, NOW)
    assert not watch_space(database, NOW + timedelta(hours=2))
    assert watch_space(database, NOW + timedelta(days=1))
    with reading(database) as work:
        first = work.outbox.unrouted(10)[0]
    assert (first.reason, dict(first.facts)) == (AlertReason.DISK_FULL, {"free": "412 MB"})


def test_nobody_is_told_of_a_disk_with_room(database, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=50_000_000_000))
    assert not watch_space(database, NOW)
