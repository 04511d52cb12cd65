"""The service as its users run it: `python -m app serve` as a process, which tests may kill, stop and start again."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped] # ships no types

from app.domain.events import Role
from app.services import identity
from app.storage.database import Database
from tests.wire import Person

ROOT = Path(__file__).parents[1]
READY_SECONDS = 40.0  # a start takes two; a busy machine may take more
EVERY_ROLE = (Role.OPERATOR, Role.APPROVER, Role.COORDINATOR)


class Served:
    """One service on one database, on one port all its lives."""

    def __init__(self, url: str, *, workers: int = 1) -> None:
        """Take the database's URL; nothing runs yet."""
        self.port = 0
        self.said: list[str] = []
        self._launched = 0  # from which line on the process of now speaks
        self._url = url
        self._workers = workers
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None

    @property
    def process(self) -> subprocess.Popen[str]:
        """The process that was started last."""
        assert self._process is not None, "start it first"
        return self._process

    def launch(self) -> None:
        """Start it, and come back before it is ready."""
        command = [sys.executable, "-m", "app", "serve", "--port", str(self.port), "--workers", str(self._workers)]
        self._launched = len(self.said)
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "FAILBACK_DATABASE_URL": self._url, "FAILBACK_LOG_FORMAT": "json"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # so that it can be killed with its workers, and with nothing else
        )
        self._listener = threading.Thread(target=self._listen, args=(self._process,), daemon=True)
        self._listener.start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.said.append(line)
            found = re.match(r"Failback on http://[^:]+:(\d+)", line)
            if found:
                self.port = int(found[1])
        process.stdout.close()

    def wait_until_ready(self, *, seconds: float = READY_SECONDS) -> None:
        """Come back when it takes events."""
        deadline = time.monotonic() + seconds
        while not (self.port and self._started() >= self._workers and self.status("/readyz") == 200):
            assert self.process.poll() is None, "".join(self.said)
            assert time.monotonic() < deadline, "".join(self.said)
            time.sleep(0.02)

    def _started(self) -> int:
        """Give how many of its processes have said that they serve; while one has not, signals may wait."""
        return sum("Application startup complete" in line for line in self.said[self._launched :])

    def start(self) -> None:
        """Start it and wait until it takes events."""
        self.launch()
        self.wait_until_ready()

    def status(self, path: str, *, patience: float = 5.0) -> int:
        """Give the status of a path that needs no token; 0 where nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=patience) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0

    def kill(self) -> None:
        """End it and its workers with SIGKILL, as a power switch would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.ended(10)

    def terminate(self, *, seconds: float) -> int:
        """Ask it to end and give its exit code; raises subprocess.TimeoutExpired when it does not."""
        self.process.terminate()
        return self.ended(seconds)

    def ended(self, seconds: float) -> int:
        """Wait for its end and give its exit code; raises subprocess.TimeoutExpired when it goes on."""
        code = self.process.wait(seconds)
        if self._listener is not None:
            self._listener.join(10)
        return code

    def troubles(self) -> list[str]:
        """Give what it said of faults of its own."""
        return [line for line in self.said if '"level": "error"' in line or "critical" in line or "Traceback" in line]

    def workers(self) -> list[psutil.Process]:
        """Give the processes that serve, where it was started with several."""
        found = []
        for one in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # it may just have ended
                if any("spawn_main" in part for part in one.cmdline()):
                    found.append(one)
        return found

    def threads(self) -> int:
        """Give how many threads it has."""
        return int(psutil.Process(self.process.pid).num_threads())

    def close(self) -> None:
        """End it whatever its state."""
        if self._process is not None:
            self.kill()


@contextmanager
def served(url: str, *, processes: int = 1, workers: int = 1) -> Iterator[list[Served]]:
    """Give so many services on one database, each a process (or several workers) on a port of its own."""
    services = [Served(url, workers=workers) for _ in range(processes)]
    with ExitStack() as stack:
        for one in services:
            stack.callback(one.close)
        services[0].launch()
        for one in services[1:]:  # they start at the same time, as they would after a loss of power
            one.launch()
        for one in services:
            one.wait_until_ready()
        yield services


def people(url: str, names: Iterable[str], *, roles: Iterable[Role] = EVERY_ROLE) -> list[Person]:
    """Make operators, each with a token that has these roles, as `token create` does."""
    database = Database(url)
    wanted = tuple(roles)
    try:
        made = [identity.create_token(database, name=name, roles=wanted) for name in names]
        with database.reading() as connection:
            return [Person(identity.authenticate(connection, one.text).id, one.name, one.text) for one in made]
    finally:
        database.dispose()


@contextmanager
def stopped(processes: Iterable[psutil.Process]) -> Iterator[None]:
    """Stop processes with SIGSTOP and let them go on afterwards: a machine that hangs, and comes back."""
    held = list(processes)
    try:
        for one in held:
            one.suspend()
        yield
    finally:
        for one in held:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.resume()
