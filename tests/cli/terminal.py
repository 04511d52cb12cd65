"""A pseudo-terminal in which somebody types: questions are waited for and answered, and all that is shown is kept."""

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

from tests.cli.running import SECONDS, environment

ROWS, COLUMNS = 50, 140


def typed(
    arguments: Sequence[str], *answers: tuple[str, str], cwd: Path, ending: str = "", **settings: str
) -> tuple[int, str]:
    """Run `python -m app …` in a terminal; give its exit code and what the terminal showed.

    `answers` are questions waited for in turn, and what is typed then; `ending` is waited for last, and then Ctrl+C.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        cwd=cwd,
        env={**environment(**settings), "TERM": "xterm-256color"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - so that Ctrl+C reaches it
    )
    os.close(slave)
    shown, start = "", 0
    waited = [*answers, *([(ending, "\x03")] if ending else [])]
    deadline = time.monotonic() + SECONDS
    with process:
        try:
            while True:
                assert time.monotonic() < deadline, shown
                if waited and waited[0][0] in shown[start:]:
                    question, answer = waited.pop(0)
                    start = shown.index(question, start) + len(question)
                    os.write(master, (answer if answer == "\x03" else f"{answer}\r").encode())
                if not select.select([master], [], [], 0.2)[0]:
                    continue
                piece = b""
                with contextlib.suppress(OSError):  # a terminal that nobody holds any more
                    piece = os.read(master, 65536)
                if not piece:
                    break
                shown += piece.decode()
        finally:
            os.close(master)
            if process.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                process.kill()
    assert not waited, f"never asked: {waited}\n{shown}"
    return process.returncode, shown.replace("\r\n", "\n")
