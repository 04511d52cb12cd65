"""The settings and the database that an administrator's command works on, with their faults said in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.cli.said import Stop

if TYPE_CHECKING:
    from pathlib import Path

    from app.settings import Settings
    from app.storage.database import Database


def read_settings() -> "Settings":
    """Give the settings of the environment; raises Stop naming each variable that cannot be used."""
    from pydantic import ValidationError

    from app.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        faults = [(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors(include_input=False)]
        raise Stop("\n".join(f"FAILBACK_{name.upper()}: {message}" for name, message in faults)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"The file that a FAILBACK_…_FILE variable names cannot be read: {error}") from None


def open_database(settings: "Settings") -> "Database":
    """Give the database of the settings, connected to nothing yet; raises Stop for a URL that cannot be used."""
    from app.storage.database import Database

    try:
        return Database(settings.database_url)
    except Exception as error:  # noqa: BLE001 - the URL's parser and each driver have their own
        raise Stop(
            f"FAILBACK_DATABASE_URL cannot be used: {error}\n"
            "It is a SQLAlchemy URL such as sqlite:///data/failback.db or postgresql://user:password@host/database."
        ) from None


def prepare_database(database: "Database", settings: "Settings") -> None:
    """Migrate an embedded database; raises Stop for a shared one at another revision, Unavailable for none."""
    from app.services.service import WrongRevision, prepare

    try:
        prepare(database, settings.database_url)
    except WrongRevision as error:
        raise Stop(str(error)) from None


@contextmanager
def prepared_database() -> Iterator["Database"]:
    """Give the database at this program's revision, and close it afterwards."""
    settings = read_settings()
    database = open_database(settings)
    try:
        prepare_database(database, settings)
        yield database
    finally:
        database.dispose()


@contextmanager
def database_as_it_is() -> Iterator["Database"]:
    """Give the database of the settings, which is neither made nor migrated; raises Stop where a file is not there."""
    settings = read_settings()
    file = _file_of(settings.database_url)
    if file is not None and not file.exists():
        raise Stop(f"There is no database yet at {file}")
    database = open_database(settings)
    try:
        yield database
    finally:
        database.dispose()


def _file_of(url: str) -> "Path | None":
    """Give the file of an embedded database; None for a shared one, and for a URL that opening it will refuse."""
    from pathlib import Path

    from app.storage.engines import parse

    try:
        parsed = parse(url)
    except Exception:  # noqa: BLE001 - the parser of URLs has its own
        return None
    return Path(parsed.database or "") if parsed.drivername == "sqlite" else None
