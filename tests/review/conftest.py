"""A database in which a pledge's year was played: once, and a copy for each test."""

from __future__ import annotations

import shutil

import pytest

from storage.database import open_database
from tests.review.desk_story import play


@pytest.fixture(scope="session")
def played(migrated_file, tmp_path_factory):
    path = tmp_path_factory.mktemp("played") / "template.db"
    shutil.copyfile(migrated_file, path)
    database = open_database(f"sqlite:///{path}")
    names = play(database)
    whole = path.with_name("played.db")
    database.backup(whole)
    database.close()
    return whole, names


@pytest.fixture
def story(played, database):
    """What happened in the year, by name; the database holds it."""
    path, names = played
    database.close()
    shutil.copyfile(path, database.path)
    return names
