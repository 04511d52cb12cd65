"""Queries of executions, journals and definitions; every one of them finds its rows by an index.

The hot ones are built once with named parameters: a look-up by key through a kept connection takes about 30 µs.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Connection, Select, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert

from app.storage.rows import DefinitionRow, ExecutionRow, ExecutionSummary, LineRow, fold, names, read, values
from app.storage.tables import definitions, executions, journal, operators

CHUNK = 200  # lines a query of an export: one a query takes 20 times as long


def _number(name: str) -> BindParameter[int]:
    """Give a parameter for a line's number as a client may send it: beyond what the column can hold, up to 2^53."""
    return bindparam(name, type_=BigInteger)


SUMMARY_COLUMNS = tuple(executions.c[name] for name in names(ExecutionSummary))
EXECUTION_COLUMNS = (*SUMMARY_COLUMNS, executions.c.facts)
LINE_COLUMNS = (journal.c.execution_id, journal.c.number, journal.c.id, journal.c.line)
DEFINITION_COLUMNS = tuple(definitions.c[name] for name in names(DefinitionRow))

EXECUTION = select(*EXECUTION_COLUMNS).where(executions.c.id == bindparam("id"))
SUMMARY = select(*SUMMARY_COLUMNS).where(executions.c.id == bindparam("id"))
VERSION = select(executions.c.version).where(executions.c.id == bindparam("id"))
LINE = select(journal.c.line).where(
    journal.c.execution_id == bindparam("execution_id"), journal.c.number == _number("number")
)
LINES = (
    select(*LINE_COLUMNS)
    .where(journal.c.execution_id == bindparam("execution_id"), journal.c.number > _number("after"))
    .order_by(journal.c.number)
    .limit(bindparam("limit"))
)
LINES_UNTIL = LINES.where(journal.c.number <= _number("until"))
DEFINITION = select(*DEFINITION_COLUMNS).where(definitions.c.digest == bindparam("digest"))

#: An id's time is that of the clock, to which `recorded_at` is near; but that never goes back, and the clock may.
ID_LATER = timedelta(minutes=1)
ID_EARLIER = timedelta(days=1)


def execution(connection: Connection, execution_id: str) -> ExecutionRow | None:
    """Give an execution with its facts, or None."""
    row = connection.execute(EXECUTION, {"id": execution_id}).first()
    return None if row is None else read(ExecutionRow, row)


def execution_summary(connection: Connection, execution_id: str) -> ExecutionSummary | None:
    """Give an execution without its facts, or None: enough to tell whether a reader's copy is current."""
    row = connection.execute(SUMMARY, {"id": execution_id}).first()
    return None if row is None else read(ExecutionSummary, row)


def version(connection: Connection, execution_id: str) -> int | None:
    """Give an execution's version, or None: the cheapest way to tell whether a reader's copy is current."""
    found: int | None = connection.execute(VERSION, {"id": execution_id}).scalar()
    return found


def execution_list(
    connection: Connection,
    *,
    status: str | None = None,
    mode: str | None = None,
    runbook: str | None = None,
    protected_set: str | None = None,
    q: str | None = None,
    since: datetime | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[ExecutionSummary]:
    """Give executions, newest first: in the falling order of their ids, which begin with the time.

    `q` is contained in the title, whatever its case; `since` is when they were declared at the earliest; `before` is
    the id of the last one the reader has.
    """
    query = select(*SUMMARY_COLUMNS).order_by(executions.c.id.desc()).limit(limit)
    if status is not None:
        query = query.where(executions.c.status == status)
    if mode is not None:
        query = query.where(executions.c.mode == mode)
    if runbook is not None:
        query = query.where(executions.c.runbook_id == runbook)
    if protected_set is not None:
        query = query.where(executions.c.protected_set_id == protected_set)
    if q is not None:
        query = query.where(executions.c.title_folded.contains(fold(q), autoescape=True))
    if since is not None:
        query = query.where(executions.c.declared_at >= since, executions.c.id > _id_at(since - ID_EARLIER))
    if before is not None:
        query = query.where(executions.c.id < before)
    return [read(ExecutionSummary, row) for row in connection.execute(query)]


def _about(query: Select[Any], *, event_type: str | None, actor: str | None, step: str | None) -> Select[Any]:
    """Narrow a query of the journal; `actor` is an operator's id or name."""
    if event_type is not None:
        query = query.where(journal.c.type == event_type)
    if actor is not None:
        by_id = select(operators.c.id).where(operators.c.id == actor).scalar_subquery()
        by_name = select(operators.c.id).where(operators.c.name_folded == fold(actor)).scalar_subquery()
        query = query.where(journal.c.actor_id == func.coalesce(by_id, by_name))  # one actor, so nothing is sorted
    if step is not None:
        query = query.where(journal.c.step == step)
    return query


def journal_page(
    connection: Connection,
    execution_id: str,
    *,
    after: int = 0,
    limit: int = 50,
    event_type: str | None = None,
    actor: str | None = None,
    step: str | None = None,
) -> list[LineRow]:
    """Give the lines of one execution after a number, oldest first; `actor` is an operator's id or name."""
    query = _about(LINES, event_type=event_type, actor=actor, step=step)
    found = connection.execute(query, {"execution_id": execution_id, "after": after, "limit": limit})
    return [read(LineRow, row) for row in found]


def line(connection: Connection, execution_id: str, number: int) -> str | None:
    """Give one line's canonical JSON, or None."""
    found: str | None = connection.execute(LINE, {"execution_id": execution_id, "number": number}).scalar()
    return found


def chunk(connection: Connection, execution_id: str, *, after: int, until: int) -> list[LineRow]:
    """Give the next lines of an export of the lines up to a number; an empty list is the end.

    Each chunk is a query of its own, so that a slow reader holds no snapshot of the database.
    """
    bounds = {"execution_id": execution_id, "after": after, "until": until, "limit": CHUNK}
    return [read(LineRow, row) for row in connection.execute(LINES_UNTIL, bounds)]


def chunks(connection: Connection, execution_id: str, *, until: int, after: int = 0) -> Iterator[list[LineRow]]:
    """Give all lines after a number and up to another, in chunks, oldest first."""
    while found := chunk(connection, execution_id, after=after, until=until):
        yield found
        after = found[-1].number


def search(
    connection: Connection,
    *,
    actor: str | None = None,
    event_type: str | None = None,
    step: str | None = None,
    runbook: str | None = None,
    mode: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[LineRow]:
    """Give lines of all executions, newest first: in the falling order of the events' ids, which begin with the time.

    `since` (included) and `until` (left out) bound `recorded_at`; `before` is the id of the last line the reader has.
    Every filter finds its lines by an index; but `runbook` and `mode` alone may read all lines of what they name.
    """
    query = _about(
        select(*LINE_COLUMNS).order_by(journal.c.id.desc()).limit(limit), event_type=event_type, actor=actor, step=step
    )
    if runbook is not None or mode is not None:  # not a join, for which SQLite would read every line: 10 s of a million
        named = select(executions.c.id)
        if runbook is not None:
            named = named.where(executions.c.runbook_id == runbook)
        if mode is not None:
            named = named.where(executions.c.mode == mode)
        query = query.where(journal.c.execution_id.in_(named))
    if since is not None:  # ids too, so that the index is read between the two times alone
        query = query.where(journal.c.recorded_at >= since, journal.c.id > _id_at(since - ID_EARLIER))
    if until is not None:
        query = query.where(journal.c.recorded_at < until, journal.c.id < _id_at(until + ID_LATER))
    if before is not None:
        query = query.where(journal.c.id < before)
    return [read(LineRow, row) for row in connection.execute(query)]


def _id_at(moment: datetime) -> str:
    """Give the text that sorts as the lowest UUIDv7 of a moment."""
    digits = f"{max(0, int(moment.timestamp() * 1000)):012x}"
    return f"{digits[:8]}-{digits[8:]}"


def definition(connection: Connection, digest: str) -> DefinitionRow | None:
    """Give the definition of a digest, or None."""
    row = connection.execute(DEFINITION, {"digest": digest}).first()
    return None if row is None else read(DefinitionRow, row)


def definition_list(connection: Connection, *, runbook: str | None = None) -> list[DefinitionRow]:
    """Give every definition ever used, the newest last."""
    query = select(*DEFINITION_COLUMNS).order_by(definitions.c.added_at, definitions.c.digest)
    if runbook is not None:
        query = query.where(definitions.c.runbook_id == runbook)
    return [read(DefinitionRow, row) for row in connection.execute(query)]


def add_definition(connection: Connection, row: DefinitionRow) -> bool:
    """Keep a definition unless its digest is there already; tell whether it was new. For use in `Database.writing`."""
    if definition(connection, row.digest) is not None:
        return False
    if connection.dialect.name == "postgresql":  # another process may be at the same; SQLite has one writer
        statement = postgresql_insert(definitions).on_conflict_do_nothing().returning(definitions.c.digest)
        return connection.execute(statement, values(row)).first() is not None
    connection.execute(insert(definitions), values(row))
    return True
