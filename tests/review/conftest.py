"""A desk that is served, a real browser where there is one, and a database with a pledge's year."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import open_database
from tests.review.desk_story import play
from tests.review.serving import Served, serving

CHROMIUM = Path("/usr/bin/chromium")
HINT = "skipped: install chromium"


@pytest.fixture
def served(database, tmp_path) -> Iterator[Served]:
    with serving(database, tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def chromium():
    """Debian's Chromium, driven by Playwright; nothing is downloaded.

    Playwright's loop runs as long as this lives, and no asyncio test can: so one a module.
    """
    if not CHROMIUM.exists():
        pytest.skip(HINT)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Open a page in a browser of its own; contexts are closed at the end."""
    contexts = []

    def open_one(**options):
        context = chromium.new_context(**{"locale": "en-GB"} | options)
        context.set_default_timeout(45_000)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


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
