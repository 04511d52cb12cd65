"""A service on a real port and a real browser in front of it, for tests of pages and for pictures of them."""

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import httpx2
import uvicorn
from starlette.testclient import TestClient

from app.main import create_app
from app.services.service import Service
from app.settings import Settings
from app.storage.database import Database
from tests.http.clients import DEFINITIONS, PEOPLE, World
from tests.processes import Served, people, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = "/usr/bin/chromium"
#: No sandbox as root, and nothing that would look for the network by itself.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]


@contextlib.contextmanager
def serving(url: str, *, host: str = "127.0.0.1", **settings: Any) -> Iterator[tuple[World, str]]:
    """Serve a migrated database on a free port; give its world and the address to open."""
    service = Service(Database(url), DEFINITIONS)
    app = create_app(service, Settings(database_url=url, **settings))
    config = uvicorn.Config(
        app, host=host, port=0, http="h11", ws="none", log_level="warning", timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    address = f"http://{host}:{server.servers[0].sockets[0].getsockname()[1]}"
    with httpx2.Client(base_url=address, timeout=30) as client:
        world = World(url, app, service, cast("TestClient", client))
        for name, roles in PEOPLE.items():
            world.tokens[name] = world.token(name, *roles)
            world.ids[name] = world.ask(name, "/me").json()["id"]
        yield world, address
        service.stopping = True  # in a thread nobody tells it by a signal: open streams have to end by themselves
        service.feed.close()
    server.should_exit = True
    thread.join(20)


@contextlib.contextmanager
def serving_process(url: str) -> Iterator[tuple[World, Served]]:
    """Serve a migrated database as its users do, by a process that can be killed; its world has no inside."""
    with served(url) as (process,):
        address = f"http://127.0.0.1:{process.port}"
        with httpx2.Client(base_url=address, timeout=30) as client:
            world = World(url, cast("Any", None), cast("Any", None), cast("TestClient", client))
            for name, roles in PEOPLE.items():
                for one in people(url, [name], roles=roles):
                    world.tokens[name], world.ids[name] = one.token, one.id
            yield world, process


@contextlib.contextmanager
def chromium() -> Iterator["Browser"]:
    """Give a browser; a machine without one fails the tests that need it, so that nobody believes they passed."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - takes a while, and only these tests need it

    assert shutil.which(CHROMIUM), f"there is no browser at {CHROMIUM}: apt-get install -y chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def fresh_sqlite(template: Path, directory: Path) -> str:
    """Give the URL of a copy of a migrated SQLite file."""
    file = directory / "failback.db"
    shutil.copyfile(template, file)
    return f"sqlite:///{file}"
