"""The command line: `serve`, the administrator's commands, and `verify`, which needs neither service nor database.

Each command imports what it works with when it is called, so that `--help` and a wrong word are answered at once.
"""

import sys
from typing import Final

import typer

from app.cli import client, database, runbooks, tokens
from app.cli.said import Stop, complain, tell
from app.cli.serving import serve
from app.cli.verifying import CANNOT_TELL, verify
from app.domain.errors import Refusal, Unavailable

USAGE: Final = 2  # typer's exit code for a command line that it does not understand

commands = typer.Typer(
    name="failback",
    help="Failover and failback runbooks as a persisted state machine with a journal that can be verified.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
client.register(commands)
commands.command()(verify)
commands.command()(serve)
commands.add_typer(database.commands, name="db")
commands.add_typer(tokens.commands, name="token")
commands.add_typer(runbooks.commands, name="runbook")


@commands.command()
def version() -> None:
    """Print the version of this release."""
    from app.settings import VERSION

    tell(f"failback {VERSION}")


def main() -> int:
    """Run the command that the process was started with; give its exit code.

    0: done; 1: not done, with the reason on stderr; 2: not understood. `verify` has its own codes, in which 2 means
    tampered, so that there a command line that is not understood is a 1.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a terminal that cannot show é
    try:
        commands()
    except Stop as stop:
        if stop.sentence:
            complain(stop.sentence)
        return stop.code
    except Refusal as refusal:
        complain(_why(refusal))
        return 1
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        return CANNOT_TELL if code == USAGE and _is_verify(sys.argv[1:]) else code
    return 0


def _is_verify(arguments: list[str]) -> bool:
    return next((one for one in arguments if not one.startswith("-")), "") == "verify"


def _why(refusal: Refusal) -> str:
    """Say a refusal as the administrator of this machine needs it: with what the database itself said."""
    cause: BaseException | None = refusal
    while isinstance(cause, Refusal):
        cause = cause.__cause__
    if not isinstance(refusal, Unavailable) or cause is None:
        return refusal.detail
    said = str(getattr(cause, "orig", None) or cause).strip()
    return refusal.detail if said in refusal.detail else f"The database does not answer or cannot write now: {said}"
