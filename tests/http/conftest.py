"""Fixtures of the HTTP tests: a running service, on both databases; one a module, or one of a test's own."""

import shutil
from collections.abc import Iterator
from itertools import count

import pytest
import structlog

from tests.databases import KINDS, drop_postgresql, make_postgresql
from tests.http.clients import World, running

_numbers = count(1)


@pytest.fixture(scope="module", params=KINDS, ids=KINDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give a service that the tests of a module share; each declares executions of its own."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("http") / "failback.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        with running(f"sqlite:///{file}") as world:
            yield world
        return
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("postgresql_template")
    url = make_postgresql(server, f"http_{next(_numbers)}", template=template)
    with running(url) as world:
        yield world
    drop_postgresql(server, url)


@pytest.fixture
def own_world(database_url: str) -> Iterator[World]:
    """Give a service that this test has for itself."""
    with running(database_url) as world:
        yield world


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    """Write faults as plain text: structlog's own way draws every local variable, which takes half a minute."""
    if not structlog.is_configured():
        plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
        structlog.configure(processors=[structlog.processors.add_log_level, plain])


@pytest.fixture(autouse=True)
def _forgiven(request: pytest.FixtureRequest) -> None:
    """Let failed attempts of one test not count in the next."""
    if "world" in request.fixturenames:
        request.getfixturevalue("world").forgive()
