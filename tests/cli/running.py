"""The command line as people and scripts use it: a process with an environment of its own."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 40.0


def environment(**settings: str) -> dict[str, str]:
    """Give this process's environment with these settings of Failback and no others; `database_url` and so on."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("FAILBACK_")}
    return {**own, "PYTHONPATH": str(ROOT), **{f"FAILBACK_{name.upper()}": value for name, value in settings.items()}}


def run(*arguments: str, cwd: Path, given: bytes = b"", **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run `python -m app …` in a directory and wait for its end."""
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=cwd,
        env=environment(**settings),
        input=given,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )


class Serving:
    """A service that was started, with what it has said so far."""

    def __init__(self, process: subprocess.Popen[bytes], files: Mapping[str, Path]) -> None:
        """Take the process and the files that its two streams go to."""
        self.process = process
        self._files = files

    def said(self, stream: str = "out") -> str:
        """Give what it said on `out` or `err`."""
        return self._files[stream].read_text(encoding="utf-8")

    @property
    def url(self) -> str:
        """Its address, once it has said it."""
        deadline = time.monotonic() + SECONDS
        while "Failback on " not in self.said() or not self.said().endswith("\n"):
            assert self.process.poll() is None, self.said("err")
            assert time.monotonic() < deadline, self.said("err")
            time.sleep(0.02)
        return self.said().partition("Failback on ")[2].split()[0]

    def get(self, path: str, *, token: str = "") -> int:
        """Give the status of a path, trying until it is served."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(self.url + path, headers=headers)  # noqa: S310 - what serve said
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - our own service
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                error.close()
                return error.code
            except OSError:
                assert self.process.poll() is None, self.said("err")
                assert time.monotonic() < deadline, self.said("err")
                time.sleep(0.05)

    def end(self) -> int:
        """Ask it to end, and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)


@contextmanager
def serving(*arguments: str, cwd: Path, **settings: str) -> Iterator[Serving]:
    """Start `python -m app serve --port 0 …`; it is ended with the block."""
    files = {"out": cwd / "out.txt", "err": cwd / "err.txt"}
    with files["out"].open("wb") as out, files["err"].open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", "0", *arguments],
            cwd=cwd,
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    try:
        yield Serving(process, files)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(SECONDS)
