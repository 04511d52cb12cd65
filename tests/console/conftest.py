"""Fixtures of the console's tests: the same worlds as over HTTP, and a browser for those tests that need one."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.console.site import chromium, fresh_sqlite, serving, serving_process
from tests.http.clients import World, running
from tests.http.conftest import _forgiven, _plain_logs, own_world, world
from tests.processes import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["_forgiven", "_plain_logs", "own_world", "world"]


@pytest.fixture(scope="module")
def quick(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give one service on SQLite for what does not hang on the database."""
    with running(fresh_sqlite(sqlite_template, tmp_path_factory.mktemp("console"))) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Give a real browser; not for longer, as an event loop runs in this thread for as long as there is one."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str]]:
    """Give a service on a real port, and its address."""
    with serving(fresh_sqlite(sqlite_template, tmp_path_factory.mktemp("site"))) as found:
        yield found


@pytest.fixture(scope="session")
def process(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Served]]:
    """Give a service as a process of its own, which a test may kill as long as it starts it again."""
    with serving_process(fresh_sqlite(sqlite_template, tmp_path_factory.mktemp("process"))) as found:
        yield found


@pytest.fixture
def own_sqlite(sqlite_template: Path, tmp_path: Path) -> str:
    """Give the URL of a SQLite file of this test's own."""
    return fresh_sqlite(sqlite_template, tmp_path)
