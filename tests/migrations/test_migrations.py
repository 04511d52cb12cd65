"""Migrations run up, down and up on both databases, end at the tables of the code, and are all or nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Inspector, inspect

from app.domain.errors import Unavailable
from app.storage import upkeep
from app.storage.database import Database
from app.storage.tables import REVISION, TRIGGERS, metadata

ROOT = Path(__file__).resolve().parents[2]
UPGRADE = "import sys; from app.storage import upkeep; upkeep.upgrade(sys.argv[1])"

#: Runs an upgrade that says so and stops after its nth statement, for the test to kill it there.
STOPPING = """
import sys, time
from sqlalchemy import Engine, event
from app.storage import upkeep
left = int(sys.argv[2])
@event.listens_for(Engine, "after_cursor_execute")
def stop(connection, cursor, statement, *rest):
    global left
    left -= statement.startswith(("CREATE", "INSERT"))
    if left < 0:
        print("here", flush=True)
        time.sleep(60)
upkeep.upgrade(sys.argv[1])
print("done", flush=True)
"""


def start(code: str, *arguments: str) -> "subprocess.Popen[str]":
    """Run Python in another process."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def schema(database: Database) -> object:
    """Give everything that was made, as the database itself describes it."""
    with database.reading() as connection:
        if database.is_sqlite:
            return sorted(
                connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall(), key=str
            )
        return [
            connection.exec_driver_sql(query).fetchall()
            for query in (
                "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns ORDER BY 1, 2",
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2",
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
                "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
                "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
            )
        ]


def test_the_newest_migration_is_the_one_the_code_needs() -> None:
    assert upkeep.head_revision() == REVISION


def test_up_down_and_up_again_gives_the_same_schema(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    upkeep.upgrade(empty_database_url)
    first = schema(database)
    upkeep.downgrade(empty_database_url, revision="base")
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
        assert not upkeep._triggers(connection)
    assert upkeep.current_revision(empty_database_url) is None
    upkeep.upgrade(empty_database_url)
    assert schema(database) == first
    upkeep.upgrade(empty_database_url)  # once more does nothing
    assert schema(database) == first
    database.dispose()


def test_head_is_the_metadata(database_url: str) -> None:
    database = Database(database_url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    database.dispose()


def test_head_has_the_constraints_of_the_metadata(database_url: str, make_database: Callable[..., str]) -> None:
    """Alembic's comparison does not look at primary keys and CHECKs."""
    migrated = Database(database_url)
    made = Database(make_database("sqlite" if migrated.is_sqlite else "postgresql", migrated=False))
    metadata.create_all(made.engine)
    with migrated.reading() as one, made.reading() as other:
        assert constraints(inspect(one)) == constraints(inspect(other))
        if migrated.is_sqlite:
            assert options(one) == options(other)  # WITHOUT ROWID
    migrated.dispose()
    made.dispose()


def constraints(found: Inspector) -> dict[str, object]:
    """Give the keys and CHECKs of every table."""
    return {
        table: (
            found.get_pk_constraint(table),
            sorted(found.get_check_constraints(table), key=lambda check: str(check["name"])),
            sorted(found.get_unique_constraints(table), key=lambda unique: str(unique["name"])),
            # without names: SQLAlchemy does not read that of a key in a column that was added later
            sorted(str({**key, "name": None}) for key in found.get_foreign_keys(table)),
        )
        for table in metadata.tables
    }


def options(connection: Connection) -> dict[str, str]:
    """Give what stands behind each table's definition; a column that was added later stands on no line of its own."""
    query = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name <> 'alembic_version'"
    return {name: sql.rpartition(")")[2].strip() for name, sql in connection.exec_driver_sql(query)}


def test_the_triggers_are_there_at_head(database_url: str) -> None:
    database = Database(database_url)
    with database.reading() as connection:
        assert upkeep._triggers(connection) == TRIGGERS[connection.dialect.name]
    database.dispose()


def test_two_migrators_at_once_make_one_schema(empty_database_url: str) -> None:
    migrators = [start(UPGRADE, empty_database_url) for _ in range(3)]
    for migrator in migrators:
        _, errors = migrator.communicate(timeout=60)
        assert migrator.returncode == 0, errors
    assert upkeep.check(empty_database_url) == []


@pytest.mark.parametrize("statements", [0, 4, 15])
def test_a_migrator_killed_in_the_midst_leaves_nothing(
    empty_database_url: str, make_database: Callable[..., str], statements: int
) -> None:
    migrator = start(STOPPING, empty_database_url, str(statements))
    assert migrator.stdout is not None
    assert migrator.stdout.readline() == "here\n"
    os.kill(migrator.pid, signal.SIGKILL)
    migrator.communicate()
    database = Database(empty_database_url)
    with database.reading() as connection:
        deadline = time.monotonic() + 10
        while inspect(connection).get_table_names() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert inspect(connection).get_table_names() == []
    upkeep.upgrade(empty_database_url)
    whole = Database(make_database("sqlite" if database.is_sqlite else "postgresql"))
    assert schema(database) == schema(whole)
    assert upkeep.check(empty_database_url) == []
    database.dispose()
    whole.dispose()


def test_a_revision_of_a_later_release_is_refused(database_url: str) -> None:
    database = Database(database_url)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable, match="9999"):
        upkeep.upgrade(database_url)
    assert database.health()["revision_current"] is False
    assert "the revision is 9999" in upkeep.check(database_url)[0]
    database.dispose()


def test_the_alembic_command_runs_the_same_migrations(empty_database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={**os.environ, "FAILBACK_DATABASE_URL": empty_database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert upkeep.current_revision(empty_database_url) == REVISION
