"""The terminal client: it speaks HTTP alone and holds no rule; what can be posted is read from the execution."""

import typer

from app.cli.client import (
    checking,
    current,
    declaring,
    executions,
    figures,
    journals,
    logins,
    posting,
    protection,
    runbook_pages,
    timing,
    watching,
)


def register(commands: typer.Typer) -> None:
    """Add the client's commands."""
    logins.register(commands)
    runbook_pages.register(commands)
    protection.register(commands)
    group = typer.Typer(help="Executions: list, show, watch, declare, verify.", no_args_is_help=True)
    for module in (executions, watching, declaring):
        module.register(group)
    commands.add_typer(group, name="executions")
    current.register(commands)
    timing.register(commands)
    figures.register(commands)
    checking.register(commands)
    posting.register(commands)
    journals.register(commands)
