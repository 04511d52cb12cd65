"""A batch: the jobs that share one transaction, each seeing the executions as the ones before it left them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, String, Table, and_, bindparam, func, insert, select, union_all, update

from app.domain.errors import Unauthenticated
from app.storage import identities
from app.storage.among import among, as_list
from app.storage.memory import Memory
from app.storage.prepared import Prepared
from app.storage.queries import EXECUTION_COLUMNS, line
from app.storage.rows import ExecutionRow, JournalRow, KeyRow, StoredKey, names, read, values
from app.storage.tables import answered, executions, idempotency, journal

T = TypeVar("T")
Key = tuple[str, str]

#: PostgreSQL's channel: a payload names the executions that changed, separated by commas; it only wakes.
CHANNEL = "failback"

#: What an event may change in its execution's row.
CHANGING = (
    "status", "position", "version", "head", "restored_at", "completed_at", "updated_at", "facts", "drill_outcome",
    "evidence_not_met",
    "drill_ended_at",
    "timers",
)  # fmt: skip

INSERT_EXECUTION = insert(executions)
INSERT_LINE = Prepared(insert(journal))
INSERT_KEY = Prepared(insert(idempotency))
UPDATE_EXECUTION = Prepared(
    update(executions)
    .where(executions.c.id == bindparam("locked_id"), executions.c.version == bindparam("locked_version"))
    .values({name: bindparam(name) for name in CHANGING})
)
NOTIFY = select(func.pg_notify(CHANNEL, bindparam("payload", type_=String)))


class LostRace(Exception):  # noqa: N818 - a fact about the others
    """Another process changed an execution between the look at it and the write: try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Generic[T]):
    """One request to the writer.

    `execution_id` is the execution to lock, None when the job declares one; `key` is (operator id, digest of the
    Idempotency-Key), None without one; `token` is the id of the token it came with: revoked, the job is not run.
    `run` asks the machine: it raises a Refusal, or calls `append` or `declare`
    once and gives its answer, or gives a stored answer and writes nothing. It may be run more than once, until it is
    committed, so it changes nothing but the batch, and does nothing slow.
    """

    execution_id: str | None
    key: Key | None
    token: str | None = None
    run: Callable[["Batch"], T]


#: The first statement of a batch: locks on PostgreSQL, in the order of ids so that two batches cannot deadlock.
#: SQLite has no row locks; BEGIN IMMEDIATE holds everything.
LOCK = {
    dialect: Prepared(
        select(*EXECUTION_COLUMNS)
        .where(among(executions.c.id, "ids", dialect=dialect))
        .order_by(executions.c.id)
        .with_for_update()
    )
    for dialect in ("sqlite", "postgresql")
}
KEYS = {
    dialect: Prepared(
        union_all(
            *(
                select(*columns).where(
                    and_(among(columns[0], "operators", dialect=dialect), among(columns[1], "digests", dialect=dialect))
                )
                for columns in (
                    [idempotency.c[name] for name in names(KeyRow)],
                    [answered.c[name] for name in ("operator_id", "key_digest", "request_digest", "made", "number")],
                )
            )
        )
    )
    for dialect in ("sqlite", "postgresql")
}


class Batch:
    """What jobs see and write; made by the writer, one a transaction."""

    def __init__(self, connection: Connection, memory: Memory, jobs: Sequence[Job[Any]]) -> None:
        """Lock the executions of these jobs, then look up their idempotency keys."""
        self.connection = connection  # for rare look-ups in the same transaction; nothing is written through it
        self.memory = memory
        dialect = connection.dialect
        ids = {job.execution_id for job in jobs if job.execution_id is not None}
        self._rows: dict[str, ExecutionRow | None] = dict.fromkeys(ids)
        if ids:
            for found in LOCK[dialect.name].all(connection, {"ids": as_list(ids, dialect)}):
                row = read(ExecutionRow, found)
                self._rows[row.id] = row
        self._loaded = {one.id: one.version for one in self._rows.values() if one is not None}
        keys = {job.key for job in jobs if job.key is not None}
        self._keys: dict[Key, StoredKey | None] = dict.fromkeys(keys)
        if keys:
            lists = {
                "operators": as_list({operator for operator, _ in keys}, dialect),
                "digests": as_list({digest for _, digest in keys}, dialect),
            }
            for operator, digest, request, execution_id, number in KEYS[dialect.name].all(connection, lists):
                if (operator, digest) in keys:
                    self._keys[operator, digest] = StoredKey(
                        request_digest=request, execution_id=execution_id, number=number
                    )
        shown = {job.token for job in jobs if job.token is not None}
        self._valid = identities.unrevoked(connection, shown) if shown else shown
        self._lines: dict[tuple[str, int], JournalRow] = {}
        self._new_keys: list[KeyRow] = []
        self._change: tuple[ExecutionRow, JournalRow, KeyRow | None] | None = None
        self.made = False  # whether anything but events was written

    def execution(self, execution_id: str) -> ExecutionRow | None:
        """Give the execution, locked, as earlier jobs left it; None if there is none.

        Raises KeyError for one that no job of the batch named: it is not locked.
        """
        return self._rows[execution_id]

    def stored(self, key: Key) -> StoredKey | None:
        """Give what a key led to, in an earlier job of this batch too. Raises KeyError for one that no job named."""
        return self._keys[key]

    def line(self, execution_id: str, number: int) -> str | None:
        """Give a line's canonical JSON, also of an earlier job of this batch; None if there is none."""
        pending = self._lines.get((execution_id, number))
        return pending.line if pending is not None else line(self.connection, execution_id, number)

    def append(self, execution: ExecutionRow, line: JournalRow, key: KeyRow | None) -> None:
        """Take an execution's next state, the line that led to it and the key's record. Raises ValueError: see below.

        The line follows the one before, the state is that line's, and a job appends once.
        """
        before = self._rows.get(execution.id)
        if before is None or line.number != before.version + 1:
            raise ValueError(f"line {line.number} does not follow the journal of {execution.id}")
        self._take(execution, line, key)

    def declare(self, execution: ExecutionRow, line: JournalRow, key: KeyRow | None) -> None:
        """Take a new execution with its first line and the key's record. Raises ValueError as `append` does."""
        if self._rows.get(execution.id) is not None or line.number != 1:
            raise ValueError(f"{execution.id} is declared already, or not by its first line")
        self._take(execution, line, key)

    def _take(self, execution: ExecutionRow, line: JournalRow, key: KeyRow | None) -> None:
        if self._change is not None:
            raise ValueError("a job appends once")
        if (execution.id, execution.version, execution.head) != (line.execution_id, line.number, line.hash):
            raise ValueError("the state is not that of its line")
        self._change = (execution, line, key)

    def make(self, *rows: tuple[Table, Any], key: KeyRow | None) -> None:
        """Write rows that are no events, and the key's record, at once: the last thing that a job does.

        `key` names what was made in the place of an execution.
        """
        for table, row in rows:
            self.connection.execute(insert(table), row)
        if key is not None:
            row = values(key)
            row["made"] = row.pop("execution_id")
            self.connection.execute(insert(answered), row)
            self._remember(key)
        self.made = True

    def perform(self, job: Job[T]) -> T:
        """Run one job; what it raises comes through, and then it has left no trace.

        Raises Unauthenticated where the token it came with was revoked by then.
        """
        if job.token is not None and job.token not in self._valid:
            raise Unauthenticated("The token was revoked.")
        self._change = None
        answer = job.run(self)
        self._settle()
        return answer

    def _settle(self) -> None:
        """Let the next job see what this one took."""
        if self._change is not None:
            execution, line, key = self._change
            self._rows[execution.id] = execution
            self._lines[execution.id, line.number] = line
            if key is not None:
                self._new_keys.append(key)
                self._remember(key)

    def _remember(self, key: KeyRow) -> None:
        self._keys[key.operator_id, key.key_digest] = StoredKey(
            request_digest=key.request_digest, execution_id=key.execution_id, number=key.number
        )

    def write(self) -> list[str]:
        """Write what the jobs left, each kind of row in one go; give the ids of the executions that changed.

        Raises LostRace when an execution is not at the version it was locked at.
        """
        changed = sorted({execution_id for execution_id, _ in self._lines})
        if not changed:
            return changed
        connection = self.connection
        rows = [row for execution_id in changed if (row := self._rows[execution_id]) is not None]
        declared = [values(row) for row in rows if row.id not in self._loaded]
        moved = [self._update(row) for row in rows if row.id in self._loaded]
        if declared:
            connection.execute(INSERT_EXECUTION, declared)
        INSERT_LINE.run(connection, [values(row) for row in self._lines.values()])
        if self._new_keys:  # sorted, so that two processes with the same keys cannot deadlock
            self._new_keys.sort(key=lambda row: (row.operator_id, row.key_digest))
            INSERT_KEY.run(connection, [values(row) for row in self._new_keys])
        if moved and UPDATE_EXECUTION.run(connection, moved) != len(moved):
            raise LostRace
        if connection.dialect.name == "postgresql":
            connection.execute(NOTIFY, {"payload": ",".join(changed)})
        return changed

    def _update(self, row: ExecutionRow) -> dict[str, Any]:
        changing = {name: getattr(row, name) for name in CHANGING}
        return {"locked_id": row.id, "locked_version": self._loaded[row.id], **changing}
