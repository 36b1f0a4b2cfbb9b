"""The fixtures that everybody uses."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy

from storage.database import Database, open_database
from tests.fakes import postgres
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One SQLite database, migrated once; each test gets a copy."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    database = open_database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture
def database(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "pledgewatch.db"
    shutil.copyfile(migrated_file, path)
    database = open_database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server with a migrated template database."""
    programs = postgres.find_programs()
    if programs is None:
        pytest.skip(postgres.HINT)
    with postgres.cluster(programs) as address:
        _make_database(address, "migrated", template="template1")
        template = open_database(f"{address}/migrated")
        template.upgrade()
        template.close()
        yield address


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> str:
    return f"{postgres_server}/{_make_database(postgres_server, None, template='template1')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated database of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    server = request.getfixturevalue("postgres_server")
    database = open_database(f"{server}/{_make_database(server, None, template='migrated')}")
    yield database
    database.close()


def _make_database(server: str, name: str | None, *, template: str) -> str:
    name = name or f"test_{uuid4().hex[:12]}"
    address = server.replace("postgresql://", "postgresql+psycopg://") + "/postgres"
    engine = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    engine.dispose()
    return name
