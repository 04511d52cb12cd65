"""What the database itself refuses, whoever asks: raw SQL against the journal and what belongs to it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from app.storage import upkeep
from app.storage.database import Database
from app.storage.writer import Writer
from tests.service import rows


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """Give a connection to a database with one execution of three lines, as a DBA would open it."""
    database = Database(database_url)
    actor = rows.people(database).id
    writer = Writer(database)
    writer.start()
    execution = writer.submit(rows.declare(actor, key="first")).result()
    for number in (2, 3):
        assert writer.submit(rows.note(execution, actor)).result() == number
    writer.stop(5)
    with database.writing() as made:
        rows.protected_set(made, actor)
        rows.publication(made, actor)
    with database.engine.connect() as opened:
        yield opened
    database.dispose()


REVISION = "set_id, {number}, content, changed_by, changed_at FROM set_revisions WHERE number = 2"
PUBLICATION = (
    "publications.runbook_id, {number}, definitions.digest, published_by, published_at FROM publications, definitions"
    " WHERE definitions.version = '2'"
)
COPY = "execution_id, {number}, {id}, type, actor_id, step, recorded_at, hash, line FROM journal WHERE number = 3"

REFUSED = {
    "journal": [
        "UPDATE journal SET line = '{}'",
        "UPDATE journal SET number = 4 WHERE number = 3",
        "UPDATE journal SET line = line WHERE number = 2",
        "DELETE FROM journal WHERE number = 3",
        "INSERT INTO journal SELECT " + COPY.format(number=5, id="'gap'"),
        "INSERT INTO journal SELECT " + COPY.format(number=0, id="'zero'"),
        "INSERT INTO journal SELECT " + COPY.format(number=3, id="'double'"),
        "INSERT INTO journal SELECT " + COPY.format(number=4, id="id"),
        "INSERT INTO journal SELECT " + COPY.format(number=4, id="'x'").replace("hash", "'short'"),
        "INSERT INTO journal SELECT " + COPY.format(number=1, id="'x'").replace("SELECT execution_id", "SELECT 'none'"),
        "INSERT INTO journal SELECT " + COPY.format(number=4, id="'x'").replace("actor_id", "'nobody'"),
    ],
    "executions": [
        "DELETE FROM executions",
        "UPDATE executions SET id = 'other', version = 4",
        "UPDATE executions SET runbook_digest = 'other'",
        "UPDATE executions SET version = 2",
        "UPDATE executions SET version = 4",
        "UPDATE executions SET facts = '{}'",
        "UPDATE executions SET head = (SELECT hash FROM journal WHERE number = 2)",
    ],
    "definitions": ["UPDATE definitions SET content = '{ }'", "DELETE FROM definitions"],
    "idempotency": ["UPDATE idempotency SET number = 2", "DELETE FROM idempotency"],
    "operators": ["DELETE FROM operators"],
    "protected_sets": [
        "UPDATE protected_sets SET name = 'Other'",
        "DELETE FROM protected_sets",
        "INSERT INTO protected_sets SELECT 'other', name, name_folded FROM protected_sets",
        "INSERT INTO protected_sets SELECT id, 'Other', 'other' FROM protected_sets",
    ],
    "set_revisions": [
        "UPDATE set_revisions SET content = '{}'",
        "UPDATE set_revisions SET number = 3 WHERE number = 2",
        "DELETE FROM set_revisions WHERE number = 2",
        "INSERT INTO set_revisions SELECT " + REVISION.format(number=4),
        "INSERT INTO set_revisions SELECT " + REVISION.format(number=0),
        "INSERT INTO set_revisions SELECT " + REVISION.format(number=2),
        "INSERT INTO set_revisions SELECT " + REVISION.format(number=3).replace("changed_by", "'nobody'"),
    ],
    "answered": ["UPDATE answered SET number = 2", "DELETE FROM answered"],
    "publications": [
        "UPDATE publications SET published_by = NULL",
        "DELETE FROM publications",
        "INSERT INTO publications SELECT runbook_id, 2, digest, published_by, published_at FROM publications",
        "INSERT INTO publications SELECT 'other', 1, digest, published_by, published_at FROM publications",
        *("INSERT INTO publications SELECT " + PUBLICATION.format(number=one) for one in (0, 1, 3)),
        "INSERT INTO publications SELECT " + PUBLICATION.format(number=2).replace("definitions.digest", "'other'"),
        "INSERT INTO publications SELECT " + PUBLICATION.format(number=2).replace("published_by", "'nobody'"),
    ],
}


@pytest.mark.parametrize("statement", [statement for group in REFUSED.values() for statement in group])
def test_raw_sql_is_refused(connection: Connection, statement: str) -> None:
    before = contents(connection)
    with pytest.raises(IntegrityError):
        connection.exec_driver_sql(statement)
    connection.rollback()
    assert contents(connection) == before


@pytest.mark.parametrize(
    "table",
    [
        "journal",
        "executions",
        "definitions",
        "idempotency",
        "protected_sets",
        "set_revisions",
        "answered",
        "publications",
    ],
)
def test_truncate_and_replace_are_refused(connection: Connection, table: str) -> None:
    before = contents(connection)
    if connection.dialect.name == "postgresql":
        statements = [f"TRUNCATE {table} CASCADE"]
    else:
        connection.exec_driver_sql("COMMIT")  # pragmas are not heard in a transaction
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("PRAGMA recursive_triggers = OFF")  # what a DBA's shell has
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        statements = [
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
            f"REPLACE INTO {table} SELECT * FROM {table}",
        ]
        if table == "journal":
            statements.append("INSERT OR REPLACE INTO journal SELECT " + COPY.format(number=4, id="id"))
    for statement in statements:
        with pytest.raises(IntegrityError):
            connection.exec_driver_sql(statement)
    connection.rollback()
    assert contents(connection) == before


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ("status = 'completed', position = 'completed', completed_at = updated_at", True),
        ("status = 'completed', position = 'completed'", False),
        ("status = 'completed', position = 'one.first', completed_at = updated_at", False),
        ("status = 'in_progress', completed_at = updated_at", False),
        ("status = 'in_progress', position = 'aborted'", False),
        ("status = 'aborted', position = 'aborted'", True),
        ("status = 'aborted', position = 'escalated'", False),
        ("status = 'done'", False),
        ("mode = mode", True),
        ("drill_outcome = 'passed'", False),
        ("drill_ended_at = updated_at", False),
        ("protected_set_id = (SELECT id FROM protected_sets)", False),
        ("taken_digest = head", False),
        ("protected_set_id = (SELECT id FROM protected_sets), taken_digest = head", False),
        ("id = 'other'", False),
        ("mode = 'drill'", False),
        ("title = 'other'", False),
        ("title_folded = 'other'", False),
        ("runbook_id = 'other'", False),
        ("declared_at = '2020-01-01T00:00:00.000000Z'", False),
        ("outage_started_at = '2020-01-01T00:00:00.000000Z'", False),
        ("head = (SELECT hash FROM journal WHERE number = 2)", False),
    ],
)
def test_a_status_and_what_belongs_to_it_hold_together(connection: Connection, changes: str, *, good: bool) -> None:
    connection.execute(text("INSERT INTO journal SELECT " + COPY.format(number=4, id="'four'")))
    statement = f"UPDATE executions SET version = 4, {changes}"
    if good:
        assert connection.exec_driver_sql(statement).rowcount == 1
    else:
        with pytest.raises(IntegrityError):
            connection.exec_driver_sql(statement)
    connection.rollback()


def contents(connection: Connection) -> list[object]:
    """Give every row of every guarded table."""
    found: list[object] = [
        connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in REFUSED
    ]
    connection.rollback()
    return found


def test_a_trigger_that_is_gone_or_asleep_is_told(database_url: str) -> None:
    database = Database(database_url)
    with database.writing() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER journal_refuse_update")
        else:
            connection.exec_driver_sql("ALTER TABLE journal DISABLE TRIGGER journal_refuse_update")
    assert upkeep.check(database_url) == ["the trigger journal_refuse_update is missing"]
    database.dispose()
