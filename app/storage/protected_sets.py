"""Queries of protected sets, their revisions, and the executions that were declared for them."""

from sqlalchemy import Connection, and_, bindparam, func, select

from app.storage.queries import EXECUTION_COLUMNS, SUMMARY_COLUMNS
from app.storage.rows import ExecutionRow, ExecutionSummary, SetRow, fold, read
from app.storage.tables import executions, operators, protected_sets, set_revisions

_first, _maker = set_revisions.alias("first_revision"), operators.alias("maker")
REVISIONS = (
    select(
        protected_sets.c.id,
        protected_sets.c.name,
        set_revisions.c.number,
        set_revisions.c.content,
        set_revisions.c.changed_by,
        operators.c.name,
        set_revisions.c.changed_at,
        _first.c.changed_by,
        _maker.c.name,
        _first.c.changed_at,
    )
    .select_from(protected_sets)
    .join(set_revisions, set_revisions.c.set_id == protected_sets.c.id)
    .join(operators, operators.c.id == set_revisions.c.changed_by)
    .join(_first, and_(_first.c.set_id == protected_sets.c.id, _first.c.number == 1))
    .join(_maker, _maker.c.id == _first.c.changed_by)
)
_every = set_revisions.alias("every_revision")
_LAST = select(func.max(_every.c.number)).where(_every.c.set_id == protected_sets.c.id).scalar_subquery()
CURRENT = REVISIONS.where(set_revisions.c.number == _LAST)
BY_ID = CURRENT.where(protected_sets.c.id == bindparam("id"))
BY_NAME = CURRENT.where(protected_sets.c.name_folded == bindparam("folded"))
LOCK = select(protected_sets.c.id).where(protected_sets.c.id == bindparam("id")).with_for_update()

_OF_THE_SET = (
    executions.c.protected_set_id == bindparam("set_id"),
    executions.c.runbook_id == bindparam("runbook_id"),
)
COMPLETED = select(*SUMMARY_COLUMNS).where(
    *_OF_THE_SET, executions.c.mode == "live", executions.c.status == "completed"
)
DRILLED = select(*SUMMARY_COLUMNS).where(*_OF_THE_SET, executions.c.drill_ended_at.is_not(None))
NEWEST = (
    select(*EXECUTION_COLUMNS)
    .where(*_OF_THE_SET, executions.c.mode == "live")
    .order_by(executions.c.id.desc())
    .limit(1)
)


def protected_set(connection: Connection, set_id: str) -> SetRow | None:
    """Give a set as it stands, or None."""
    row = connection.execute(BY_ID, {"id": set_id}).first()
    return None if row is None else read(SetRow, row)


def set_named(connection: Connection, name: str) -> SetRow | None:
    """Give the set of a name, whatever its case, as it stands; or None."""
    row = connection.execute(BY_NAME, {"folded": fold(name)}).first()
    return None if row is None else read(SetRow, row)


def locked_set(connection: Connection, set_id: str) -> SetRow | None:
    """Give a set as it stands, or None; nobody else revises it until the transaction ends. For the writer."""
    connection.execute(LOCK, {"id": set_id})
    return protected_set(connection, set_id)


def set_list(connection: Connection, *, before: str | None, limit: int) -> list[SetRow]:
    """Give sets as they stand, the newest first; `before` is the id of the last one the reader has."""
    query = CURRENT.order_by(protected_sets.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(protected_sets.c.id < before)
    return [read(SetRow, row) for row in connection.execute(query)]


def revision_list(connection: Connection, set_id: str, *, after: int, limit: int) -> list[SetRow]:
    """Give a set's revisions after a number, the oldest first."""
    query = (
        REVISIONS.where(protected_sets.c.id == set_id, set_revisions.c.number > after)
        .order_by(set_revisions.c.number)
        .limit(limit)
    )
    return [read(SetRow, row) for row in connection.execute(query)]


def completed(connection: Connection, *, set_id: str, runbook_id: str) -> list[ExecutionSummary]:
    """Give the live executions of a runbook that were completed for a set."""
    found = connection.execute(COMPLETED, {"set_id": set_id, "runbook_id": runbook_id})
    return [read(ExecutionSummary, row) for row in found]


def drilled(connection: Connection, *, set_id: str, runbook_id: str) -> list[ExecutionSummary]:
    """Give the drills of a runbook that ended for a set, as passed or as failed."""
    found = connection.execute(DRILLED, {"set_id": set_id, "runbook_id": runbook_id})
    return [read(ExecutionSummary, row) for row in found]


def newest(connection: Connection, *, set_id: str, runbook_id: str) -> ExecutionRow | None:
    """Give the live execution of a runbook that was declared last for a set, however far it is; or None."""
    row = connection.execute(NEWEST, {"set_id": set_id, "runbook_id": runbook_id}).first()
    return None if row is None else read(ExecutionRow, row)
