"""Upkeep: migrating a database, checking that it is whole, and copying it while it is in use."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, text

from app.domain.errors import FieldFault, InvalidRequest, Unavailable
from app.storage import engines
from app.storage.database import TROUBLE, Database
from app.storage.tables import REVISION, TRIGGERS

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
LOCK_KEY = 0x6661_696C_6261_636B  # of PostgreSQL's advisory lock: "failback"
PATIENCE_MILLISECONDS = 600_000  # how long one migrator waits for another


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def migration_lock(url: str) -> Iterator[Connection]:
    """Give a connection in the one transaction of a migration, which no other migrator can be in at the same time.

    Killed in its midst, nothing of it remains: both databases roll DDL back.
    """
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            if database.is_sqlite:
                connection.connection.dbapi_connection.execute(  # type: ignore[union-attr] # it is there while the connection is open
                    f"PRAGMA busy_timeout = {PATIENCE_MILLISECONDS}"
                )
            with connection.begin():
                if not database.is_sqlite:
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE_MILLISECONDS}")
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
                yield connection
    finally:
        database.dispose()


def upgrade(url: str, *, revision: str = "head") -> None:
    """Bring the database to a revision, the newest unless told; does nothing when it is there already.

    Raises Unavailable when the database does not answer, or is at a revision that this release does not know.
    """
    _migrate(url, revision=revision, down=False)


def downgrade(url: str, *, revision: str) -> None:
    """Take the database back to a revision (`base` for an empty one), with the loss of what the later ones kept."""
    _migrate(url, revision=revision, down=True)


def _migrate(url: str, *, revision: str, down: bool) -> None:
    try:
        with migration_lock(url) as connection:
            (command.downgrade if down else command.upgrade)(_config(connection), revision)
    except CommandError as error:
        raise Unavailable(f"The database cannot be migrated by this release: {error}") from error
    except TROUBLE as error:
        raise Unavailable(f"The database cannot be migrated now: {error.__cause__ or error}") from error


def current_revision(url: str) -> str | None:
    """Give the revision the database is at, None when it is empty. Raises Unavailable."""
    database = Database(url)
    try:
        return database.revision()
    finally:
        database.dispose()


def head_revision() -> str | None:
    """Give the newest revision among the migrations of this release."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def check(url: str) -> list[str]:
    """Give everything that is wrong with the database, an empty list when it is fit to serve. Raises Unavailable."""
    database = Database(url)
    try:
        health = database.health()
        problems = []
        if not health["writable"]:
            problems.append(f"nothing can be written: {health.get('error', 'unknown')}")
        if not health["revision_current"]:
            found = health["revision"] or "nothing"
            problems.append(f"the revision is {found}, this release needs {REVISION}: run `python -m app db upgrade`")
        if not health["durable"]:
            problems.append(f"an answered commit may be lost: {health}")
        with database.reading() as connection:
            if health["revision_current"]:
                missing = TRIGGERS[str(health["database"])] - _triggers(connection)
                problems += [f"the trigger {name} is missing" for name in sorted(missing)]
            if database.is_sqlite:
                problems += _sqlite_integrity(connection)
        return problems
    finally:
        database.dispose()


def _triggers(connection: Connection) -> set[str]:
    """Give the names of the triggers that are there and enabled."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    return set(connection.exec_driver_sql(query).scalars())


def _sqlite_integrity(connection: Connection) -> list[str]:
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    problems = [f"integrity: {line}" for line in found if line != "ok"]
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        problems.append(f"foreign key: {table} row {row} has no {parent}")
    return problems


def backup(url: str, file: Path) -> None:
    """Copy the database, in use or not, to a new file, and see it on the disk before returning.

    SQLite: a database file. PostgreSQL: a `pg_dump` archive for `pg_restore`.
    Raises InvalidRequest when the file exists or cannot be made, Unavailable when the copy cannot be taken.
    """
    parsed = engines.parse(url)
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise InvalidRequest(FieldFault("", f"{file} cannot be made: {error.strerror}. Name a new file.")) from error
    try:
        (_vacuum_into if parsed.drivername == "sqlite" else _dump)(parsed, file)
        _sync(file)
        _sync(file.absolute().parent)
    except BaseException:
        with suppress(OSError):
            file.unlink()
        raise


def _vacuum_into(url: URL, file: Path) -> None:
    if not Path(str(url.database)).exists():
        raise Unavailable(f"There is no database at {url.database}.")
    driver = engines.sqlite_driver()
    for source, statement, values in (
        (url.database, "VACUUM INTO ?", (str(file),)),
        (file, "PRAGMA integrity_check", ()),
    ):
        try:
            with closing(
                driver.connect(source, isolation_level=None, timeout=engines.BUSY_MILLISECONDS / 1000)
            ) as opened:
                found = opened.execute(statement, values).fetchall()
        except driver.Error as error:
            raise Unavailable(f"The copy cannot be taken: {error}") from error
        if found not in ([], [("ok",)]):
            raise Unavailable(f"The copy is not whole: {found}")


def _dump(url: URL, file: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise Unavailable(f"A backup of PostgreSQL needs pg_dump: pg_dump --format=custom --file={file} …")
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    password = {"PGPASSWORD": str(url.password)} if url.password else {}  # an argument would be seen by everybody
    done = subprocess.run(  # noqa: S603 - the program by its full path, its arguments from the settings
        [program, "--format=custom", f"--file={file}", f"--dbname={address.render_as_string()}"],
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Unavailable(f"pg_dump did not finish: {done.stderr.strip()}")


def _sync(path: Path) -> None:
    """See a file or directory on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        if path.is_file():  # some systems cannot sync a directory
            raise
    finally:
        os.close(descriptor)
