"""`token create`, `token list`, `token revoke`: who may speak to the service."""

from typing import Annotated

import typer

from app.cli.opened import prepared_database
from app.cli.said import Stop, complain, printable, tell
from app.domain.errors import InvalidRequest
from app.domain.events import Role

commands = typer.Typer(help="Make, list or revoke operators' tokens.", no_args_is_help=True)


@commands.command()
def create(
    name: Annotated[str, typer.Option(help="The operator's name; one that exists gets one more token.")],
    role: Annotated[list[Role], typer.Option(help="What the token allows; may be given several times.")],
) -> None:
    """Print a new token, alone, on stdout. It is shown this once: only a digest of it is kept."""
    from app.services import identity

    with prepared_database() as database:
        try:
            made = identity.create_token(database, name=name, roles=role)
        except InvalidRequest as error:
            raise Stop("\n".join(f"--{fault.pointer.strip('/')}: {fault.message}" for fault in error.faults)) from None
    complain(f"Token {made.id} of {made.name}: {', '.join(made.roles)}. Keep it, it is not shown again.")
    tell(made.text)


@commands.command("list")
def list_all() -> None:
    """Print every token ever made, without its secret."""
    from app.services import identity

    with prepared_database() as database:
        found = identity.list_tokens(database)
    rows = [("ID", "OPERATOR", "ROLES", "MADE", "REVOKED")]
    rows += [
        (
            one.id,
            printable(one.operator_name),
            ",".join(one.roles),
            f"{one.created_at:%Y-%m-%d %H:%M:%SZ}",
            "" if one.revoked_at is None else f"{one.revoked_at:%Y-%m-%d %H:%M:%SZ}",
        )
        for one in found
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        tell("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@commands.command()
def revoke(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="As `token list` shows it: the token's middle part.")],
) -> None:
    """Revoke a token from this moment on; exit code 1 where there is none of that id, or it was revoked before."""
    from app.services import identity

    with prepared_database() as database:
        claimed = identity.token_id(identifier) or identifier  # somebody may have only the token itself at hand
        if not identity.revoke_token(database, claimed):
            raise Stop(f"There is no token {printable(claimed)} that could be revoked; see: python -m app token list")
    tell(f"Token {claimed} is revoked.")
