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
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.cli.running import SECONDS, environment

ROWS, COLUMNS = 50, 140
CTRL_C = "\x03"


Answer = tuple[str, str | None]  # what is waited for, and what is typed then

#: A shell that knows one program, so that a long walk does not start an interpreter for each command.
SHELL = """
import shlex, sys
from app.cli import main
code = 0
while True:
    print(f"[{code}] $ ", end="", flush=True)
    line = sys.stdin.readline().strip()
    if line == "exit":
        sys.exit(code)
    sys.argv = shlex.split(line)
    code = main()
"""


def typed(arguments: Sequence[str], *answers: Answer, cwd: Path, ending: str = "", **settings: str) -> tuple[int, str]:
    """Run `python -m app …` in a terminal; give its exit code and what the terminal showed.

    `answers` are waited for in turn; `ending` is waited for last, and then Ctrl+C is typed.
    """
    return _typed(["-m", "app", *arguments], [*answers, *([(ending, CTRL_C)] if ending else [])], cwd, settings)


def typed_in_a_shell(*answers: Answer, cwd: Path, **settings: str) -> str:
    """Give what a terminal showed in which `failback …` was typed several times; the prompt shows the last code."""
    code, shown = _typed(["-c", SHELL], [*answers, ("$ ", "exit")], cwd, settings)
    assert code == 0, shown
    return shown


def _typed(
    program: Sequence[str], answers: Sequence[Answer], cwd: Path, settings: Mapping[str, str]
) -> tuple[int, str]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, *program],
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
    waited = list(answers)
    deadline = time.monotonic() + SECONDS
    with process:
        try:
            while True:
                assert time.monotonic() < deadline, shown
                if waited and waited[0][0] in shown[start:]:
                    question, answer = waited.pop(0)
                    start = shown.index(question, start) + len(question)
                    if answer is not None:
                        os.write(master, (answer if answer == CTRL_C else f"{answer}\r").encode())
                    continue
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
