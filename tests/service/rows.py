"""Rows for tests of storage: a tiny made-up execution, whose lines are chained but not judged by any machine."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, insert
from uuid_utils.compat import uuid7

from app.storage import identities, publications, queries
from app.storage.batch import Batch, Job
from app.storage.database import Database
from app.storage.rows import DefinitionRow, ExecutionRow, JournalRow, KeyRow, OperatorRow, fold
from app.storage.tables import answered, protected_sets, set_revisions

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
DIGEST = hashlib.sha256(b"{}").hexdigest()


def sha(text: str) -> str:
    """Give a digest."""
    return hashlib.sha256(text.encode()).hexdigest()


def people(database: Database) -> OperatorRow:
    """Make the definition and the operator that rows point to."""
    definition = DefinitionRow(digest=DIGEST, runbook_id="tiny", version="1", content="{}", added_at=NOW)
    with database.writing() as connection:
        queries.add_definition(connection, definition)
        return identities.ensure_operator(connection, "Ann", now=NOW)


def protected_set(connection: Connection, actor: str) -> None:
    """Make a protected set of two revisions, and the record of a key."""
    identifier = str(uuid7())
    connection.execute(insert(protected_sets), {"id": identifier, "name": "Set", "name_folded": "set"})
    for number in (1, 2):
        connection.execute(
            insert(set_revisions),
            {"set_id": identifier, "number": number, "content": "{}", "changed_by": actor, "changed_at": NOW},
        )
    kept = {"operator_id": actor, "key_digest": sha("k"), "request_digest": sha("r"), "made": identifier, "number": 1}
    connection.execute(insert(answered), kept)


def publication(connection: Connection, actor: str) -> None:
    """Make the tiny runbook's definition current, and keep another that never was."""
    row = {"runbook_id": "tiny", "number": 1, "digest": DIGEST, "published_by": actor, "published_at": NOW}
    publications.add_publication(connection, row)
    other = DefinitionRow(digest=sha("other"), runbook_id="tiny", version="2", content="{ }", added_at=NOW)
    queries.add_definition(connection, other)


def line_after(execution: ExecutionRow, actor: str, *, comment: str = "") -> tuple[ExecutionRow, JournalRow]:
    """Give an execution's next state and line."""
    number = execution.version + 1
    digest = sha(f"{execution.head}{number}{comment}")
    line = JournalRow(
        execution_id=execution.id,
        number=number,
        id=str(uuid7()),
        type="note",
        actor_id=actor,
        step="one",
        recorded_at=NOW,
        hash=digest,
        line=f'{{"comment":"{comment}","number":{number},"previous_hash":"{execution.head}"}}',
    )
    return replace(execution, version=number, head=digest, updated_at=NOW, facts=f'{{"count":{number}}}'), line


def fresh(title: str = "Tiny") -> ExecutionRow:
    """Give an execution before its first line."""
    return ExecutionRow(
        id=str(uuid7()),
        runbook_id="tiny",
        runbook_digest=DIGEST,
        mode="live",
        title=title,
        title_folded=fold(title),
        status="in_progress",
        position="one.first",
        version=0,
        head="0" * 64,
        declared_at=NOW,
        outage_started_at=NOW,
        restored_at=None,
        completed_at=None,
        updated_at=NOW,
        facts="{}",
    )


def declare(
    actor: str, *, title: str = "Tiny", key: str | None = None, execution: ExecutionRow | None = None
) -> Job[str]:
    """Give a job that makes an execution and gives its id."""
    state, line = line_after(execution or fresh(title), actor)

    def run(batch: Batch) -> str:
        batch.declare(state, line, key_row(actor, key, line))
        return state.id

    return Job(execution_id=None, key=None if key is None else (actor, sha(key)), run=run)


def note(execution_id: str, actor: str, *, comment: str = "", key: str | None = None) -> Job[int]:
    """Give a job that adds a line and gives its number; with a key used before, the number of that line."""

    def run(batch: Batch) -> int:
        execution = batch.execution(execution_id)
        assert execution is not None
        stored = None if key is None else batch.stored((actor, sha(key)))
        if stored is not None:
            return stored.number
        state, line = line_after(execution, actor, comment=comment)
        batch.append(state, line, key_row(actor, key, line))
        return line.number

    return Job(execution_id=execution_id, key=None if key is None else (actor, sha(key)), run=run)


def key_row(actor: str, key: str | None, line: JournalRow) -> KeyRow | None:
    """Give the record of a key, if there is one."""
    if key is None:
        return None
    return KeyRow(
        operator_id=actor,
        key_digest=sha(key),
        request_digest=sha(f"request {key}"),
        execution_id=line.execution_id,
        number=line.number,
    )
