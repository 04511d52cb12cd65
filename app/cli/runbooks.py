"""`runbook check FILE`: what is wrong with a definition of one's own, by line."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.said import Stop, printable, tell

commands = typer.Typer(help="Work on runbook definitions.", no_args_is_help=True)


@commands.callback()
def _group() -> None:
    """Let `check` be a subcommand although it is the only one."""


@commands.command()
def check(file: Annotated[Path, typer.Argument(help="A definition in YAML.")]) -> None:
    """Print the definition's id, version and digest; or every fault as `file:line: …`, with exit code 1."""
    from app.domain.machine import machine_for
    from app.runbooks import RunbookFault, read_runbook

    try:
        _, runbook = read_runbook(file)
    except RunbookFault as fault:
        raise Stop("\n".join(printable(str(one)) for one in fault.faults)) from None
    for profile in runbook.profile_ids:
        machine_for(runbook, profile)
    tell(f"{runbook.id} {runbook.version} {runbook.digest}")
