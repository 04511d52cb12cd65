"""`db upgrade`, `db check`, `db backup`: the upkeep of the database."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.opened import open_database, read_settings
from app.cli.said import Stop, tell

commands = typer.Typer(help="Migrate, check or copy the database.", no_args_is_help=True)


@commands.command()
def upgrade() -> None:
    """Bring the database to this release's revision; nothing is done where it is there already."""
    from app.storage import upkeep
    from app.storage.tables import REVISION

    settings = read_settings()
    open_database(settings).dispose()
    upkeep.upgrade(settings.database_url)
    tell(f"The database is at revision {REVISION}.")


@commands.command()
def check() -> None:
    """Say everything that is wrong with the database; exit code 1 if anything is."""
    from app.storage import upkeep

    settings = read_settings()
    database = open_database(settings)
    database.dispose()
    if database.is_sqlite and not Path(str(database.url.database)).exists():
        raise Stop(f"There is no database at {database.url.database}. Make one: python -m app db upgrade")
    problems = upkeep.check(settings.database_url)
    if problems:
        raise Stop("\n".join(problems))
    tell("The database is fit to serve.")


@commands.command()
def backup(file: Annotated[Path, typer.Argument(help="A new file; an existing one is never overwritten.")]) -> None:
    """Copy the database to a new file, while it is in use or not."""
    from app.domain.errors import InvalidRequest
    from app.storage import upkeep

    settings = read_settings()
    open_database(settings).dispose()
    try:
        upkeep.backup(settings.database_url, file)
    except InvalidRequest as error:
        raise Stop("\n".join(fault.message for fault in error.faults)) from None
    tell(f"The database was copied to {file}.")
