"""The writer: many jobs in one commit, each answered after it, and no job harmed by another."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.domain.errors import PositionMoved, Refusal, Unauthenticated, Unavailable
from app.domain.events import Role
from app.services import identity
from app.storage import queries
from app.storage.batch import Batch, Job
from app.storage.database import Database
from app.storage.engines import WARNINGS
from app.storage.memory import Memory
from app.storage.writer import Unknown, Writer
from tests.service import rows


class House:
    """A database with one operator, and writers on it that end with the test."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.databases = [Database(url)]
        self.database = self.databases[0]
        self.actor = rows.people(self.database).id
        self.told: list[str] = []
        self.writers: list[Writer] = []

    def writer(self, **options: Any) -> Writer:
        """Start one more writer, on engines of its own as in another process."""
        if self.writers:
            self.databases.append(Database(self.url))
        writer = Writer(self.databases[-1], on_commit=self.told.extend, **options)
        self.writers.append(writer)
        writer.start()
        return writer

    def numbers(self, execution_id: str) -> list[int]:
        """Give the numbers of the lines in the database, having seen that chain and row agree."""
        with self.database.reading() as connection:
            lines = [line for chunk in queries.chunks(connection, execution_id, until=10_000) for line in chunk]
            execution = queries.execution(connection, execution_id)
        assert execution is not None
        assert execution.version == lines[-1].number
        head = "0" * 64
        for line in lines:
            assert f'"previous_hash":"{head}"' in line.line
            comment = line.line.split('"')[3]
            head = rows.sha(f"{head}{line.number}{comment}")
        assert execution.head == head
        return [line.number for line in lines]

    def end(self) -> None:
        """Stop the writers and close everything."""
        for writer in self.writers:
            assert writer.stop(10)
        for database in self.databases:
            database.dispose()


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """Give a house with nobody writing yet."""
    made = House(database_url)
    yield made
    made.end()


def gate(writer: Writer) -> threading.Event:
    """Keep the writer busy until the event is set, so that what is queued meanwhile becomes one batch."""
    opened, busy = threading.Event(), threading.Event()

    def wait(batch: Batch) -> None:
        busy.set()
        opened.wait(10)

    writer.submit(Job(execution_id=None, key=None, run=wait))
    assert busy.wait(10)
    return opened


def together(writer: Writer, jobs: Sequence[Job[Any]]) -> "list[Future[Any]]":
    """Queue jobs so that they are one batch."""
    opened = gate(writer)
    futures = [writer.submit(job) for job in jobs]
    opened.set()
    return futures


def refusing(execution_id: str) -> Job[None]:
    """Give a job that is refused after it took a line: the line must not stay."""

    def run(batch: Batch) -> None:
        execution = batch.execution(execution_id)
        assert execution is not None
        batch.append(*rows.line_after(execution, "nobody"), None)
        raise PositionMoved("somebody was faster", position="one.second")

    return Job(execution_id=execution_id, key=None, run=run)


def test_an_event_is_there_when_its_answer_is(house: House) -> None:
    writer = house.writer()
    execution = writer.submit(rows.declare(house.actor)).result(10)
    assert house.numbers(execution) == [1]
    assert writer.submit(rows.note(execution, house.actor)).result(10) == 2
    assert house.numbers(execution) == [1, 2]
    assert house.told == [execution, execution]


def test_many_threads_on_one_and_on_many_executions_lose_nothing(house: House) -> None:
    writer = house.writer()
    ids = [writer.submit(rows.declare(house.actor)).result(10) for _ in range(5)]

    def life(number: int) -> list[int]:
        return [writer.submit(rows.note(ids[number % 5], house.actor)).result(30) for _ in range(20)]

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(life, range(10)))
    for which, execution in enumerate(ids):
        assert house.numbers(execution) == list(range(1, 42))
        assert sorted(answers[which] + answers[which + 5]) == list(range(2, 42))


def test_a_batch_is_one_transaction_and_jobs_see_the_ones_before(house: House) -> None:
    writer = house.writer()
    first = writer.submit(rows.declare(house.actor)).result(10)
    house.told.clear()
    found = together(writer, [rows.note(first, house.actor) for _ in range(5)] + [rows.declare(house.actor)])
    assert [future.result(10) for future in found[:5]] == [2, 3, 4, 5, 6]
    assert house.numbers(found[5].result(10)) == [1]
    assert sorted(house.told) == sorted([first, found[5].result()])


def test_a_refusal_answers_its_job_alone_and_leaves_no_trace(house: House) -> None:
    writer = house.writer()
    execution = writer.submit(rows.declare(house.actor)).result(10)
    before, refused, after = together(
        writer, [rows.note(execution, house.actor), refusing(execution), rows.note(execution, house.actor)]
    )
    assert (before.result(10), after.result(10)) == (2, 3)
    with pytest.raises(PositionMoved, match="faster"):
        refused.result(10)
    assert house.numbers(execution) == [1, 2, 3]


@pytest.mark.parametrize("spoiler", ["bug", "constraint", "statement"])
def test_a_job_that_spoils_its_batch_harms_itself_alone(house: House, spoiler: str) -> None:
    writer = house.writer()
    execution = writer.submit(rows.declare(house.actor)).result(10)

    def run(batch: Batch) -> None:
        found = batch.execution(execution)
        assert found is not None
        if spoiler == "bug":
            raise ZeroDivisionError
        if spoiler == "statement":
            batch.connection.execute(text("SELECT * FROM executions WHERE id = CAST(:id AS INTEGER) / 0"), {"id": "x"})
            raise LookupError
        batch.append(*rows.line_after(found, "nobody"), None)  # an actor that is not there

    bad = Job(execution_id=execution, key=None, run=run)
    one, spoilt, two = together(writer, [rows.note(execution, house.actor), bad, rows.note(execution, house.actor)])
    assert (one.result(10), two.result(10)) == (2, 3)
    error = spoilt.exception(10)
    assert error is not None
    assert not isinstance(error, Refusal)
    if spoiler == "constraint":
        assert isinstance(error, IntegrityError)
    assert house.numbers(execution) == [1, 2, 3]


def test_a_key_answers_again_in_its_batch_and_later(house: House) -> None:
    writer = house.writer()
    execution = writer.submit(rows.declare(house.actor)).result(10)
    job = rows.note(execution, house.actor, key="same")
    assert [future.result(10) for future in together(writer, [job, job, job])] == [2, 2, 2]
    assert writer.submit(job).result(10) == 2
    assert house.numbers(execution) == [1, 2]


def test_what_a_job_may_not_do(house: House) -> None:
    writer = house.writer()
    execution = writer.submit(rows.declare(house.actor)).result(10)

    def trying(act: Callable[[Batch, Any], object]) -> Job[object]:
        return Job(execution_id=execution, key=None, run=lambda batch: act(batch, batch.execution(execution)))

    def twice(batch: Batch, found: Any) -> None:
        state, line = rows.line_after(found, house.actor)
        batch.append(state, line, None)
        batch.append(state, line, None)

    def gap(batch: Batch, found: Any) -> None:
        batch.append(*rows.line_after(replace(found, version=2), house.actor), None)

    def other_head(batch: Batch, found: Any) -> None:
        state, line = rows.line_after(found, house.actor)
        batch.append(replace(state, head="1" * 64), line, None)

    def declare_again(batch: Batch, found: Any) -> None:
        batch.declare(*rows.line_after(replace(found, version=0), house.actor), None)

    for act in (twice, gap, other_head, declare_again):
        with pytest.raises(ValueError, match=r"once|follow|state|declared"):
            writer.submit(trying(act)).result(10)
    with pytest.raises(KeyError):
        writer.submit(trying(lambda batch, _: batch.execution("not locked"))).result(10)
    assert house.numbers(execution) == [1]


def test_a_job_reads_lines_pending_and_kept(house: House) -> None:
    writer = house.writer()
    execution = writer.submit(rows.declare(house.actor)).result(10)

    def run(batch: Batch) -> list[bool]:
        return [batch.line(execution, number) is not None for number in (1, 2, 3)]

    reading: Job[list[bool]] = Job(execution_id=execution, key=None, run=run)
    _, read = together(writer, [rows.note(execution, house.actor), reading])
    assert read.result(10) == [True, True, False]


def test_an_execution_that_is_not_there_is_none(house: House) -> None:
    writer = house.writer()
    job: Job[Any] = Job(execution_id="none", key=("nobody", "x"), run=lambda batch: (batch.execution("none"), 1))
    assert writer.submit(job).result(10) == (None, 1)
    assert house.told == []


def test_a_cancelled_future_is_not_run_and_a_task_that_hung_up_is(house: House) -> None:
    writer = house.writer()
    execution = writer.submit(rows.declare(house.actor)).result(10)
    opened = gate(writer)
    cancelled = writer.submit(rows.note(execution, house.actor, comment="cancelled"))
    assert cancelled.cancel()

    async def hang_up() -> None:
        task = asyncio.create_task(writer.ask(rows.note(execution, house.actor, comment="hung up")))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(hang_up())  # and its loop is closed before the answer comes
    opened.set()
    assert writer.submit(rows.note(execution, house.actor)).result(10) == 3
    assert house.numbers(execution) == [1, 2, 3]


def test_tasks_are_answered_in_their_loop(house: House) -> None:
    writer = house.writer()

    async def life() -> None:
        execution = await writer.ask(rows.declare(house.actor))
        answers = await asyncio.gather(*(writer.ask(rows.note(execution, house.actor)) for _ in range(40)))
        assert answers == list(range(2, 42))
        with pytest.raises(PositionMoved):
            await writer.ask(refusing(execution))

    asyncio.run(life())


def test_a_task_without_an_answer_in_time_is_told_that_it_is_not_known(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.storage.writer.ANSWER_SECONDS", 0.05)
    writer = house.writer()
    execution = writer.submit(rows.declare(house.actor)).result(10)
    opened = gate(writer)
    with pytest.raises(Unavailable):
        asyncio.run(writer.ask(rows.note(execution, house.actor, key="k")))
    opened.set()
    assert writer.submit(rows.note(execution, house.actor, key="k")).result(10) == 2  # it was done all the same


def test_stop_does_what_is_queued_and_then_refuses(house: House) -> None:
    writer = house.writer(max_batch=4)
    execution = writer.submit(rows.declare(house.actor)).result(10)
    opened = gate(writer)
    futures = [writer.submit(rows.note(execution, house.actor)) for _ in range(30)]
    running = writer.alive
    threading.Timer(0.05, opened.set).start()
    assert writer.stop(10)
    assert [future.result(0) for future in futures] == list(range(2, 32))
    assert (running, writer.alive) == (True, False)
    with pytest.raises(Unavailable):
        writer.submit(rows.note(execution, house.actor))
    assert writer.stop(1)


def test_a_stop_that_takes_too_long_answers_the_rest(house: House) -> None:
    writer = house.writer(max_batch=1)
    execution = writer.submit(rows.declare(house.actor)).result(10)
    opened = gate(writer)
    late = writer.submit(rows.note(execution, house.actor))
    assert not writer.stop(0.05)
    opened.set()
    with pytest.raises(Unavailable):
        late.result(10)
    assert house.numbers(execution) == [1]


def test_a_full_queue_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.storage.writer.QUEUE_LIMIT", 2)
    writer = house.writer()
    opened = gate(writer)
    taken = [writer.submit(rows.declare(house.actor)) for _ in range(2)]
    with pytest.raises(Unavailable):
        writer.submit(rows.declare(house.actor))
    opened.set()
    assert all(future.result(10) for future in taken)


def test_a_foreign_write_between_look_and_write_is_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the lock (here: a row that lies about its version) the compare-and-swap still finds the other's write."""
    writer = house.writer()
    execution = writer.submit(rows.declare(house.actor)).result(10)
    original, tries = Batch.perform, []

    def late(batch: Batch, job: Job[Any]) -> Any:
        answer = original(batch, job)
        tries.append(batch)
        if len(tries) == 1:
            batch._loaded[execution] = 7
        return answer

    monkeypatch.setattr(Batch, "perform", late)
    assert writer.submit(rows.note(execution, house.actor)).result(10) == 2
    assert len(tries) == 2
    assert house.numbers(execution) == [1, 2]


def test_two_processes_lose_nothing_and_never_say_locked(house: House) -> None:
    writers = [house.writer(), house.writer()]
    shared = writers[0].submit(rows.declare(house.actor)).result(10)

    def life(client: int) -> list[int]:
        writer = writers[client % 2]
        own = writer.submit(rows.declare(house.actor)).result(30)
        for _ in range(15):
            writer.submit(rows.note(own, house.actor)).result(30)
        assert house.numbers(own) == list(range(1, 17))
        return [writer.submit(rows.note(shared, house.actor)).result(30) for _ in range(15)]

    with ThreadPoolExecutor(8) as pool:
        answers = [number for found in pool.map(life, range(8)) for number in found]
    assert sorted(answers) == list(range(2, 122))
    assert house.numbers(shared) == list(range(1, 122))


def test_two_processes_with_the_same_key_at_once_write_one_line(house: House) -> None:
    writers = [house.writer(), house.writer()]
    execution = writers[0].submit(rows.declare(house.actor)).result(10)
    for number in range(2, 22):
        barrier = threading.Barrier(4)

        def post(client: int, *, key: str = f"key {number}", barrier: threading.Barrier = barrier) -> int:
            barrier.wait(10)
            return writers[client % 2].submit(rows.note(execution, house.actor, key=key)).result(30)

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(post, range(4))) == {number}
    assert house.numbers(execution) == list(range(1, 22))


def test_a_commit_with_a_warning_or_without_an_answer_is_unknown(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL only warns when a commit is not replicated; a 2xx would be a lie. It is not tried again either."""
    writer = house.writer()
    execution = writer.submit(rows.declare(house.actor)).result(10)
    original = Writer._commit

    def warned(self: Writer, connection: Any, transaction: Any) -> None:
        original(self, connection, transaction)
        raise Unknown("canceling wait for synchronous replication due to user request")

    monkeypatch.setattr(Writer, "_commit", warned)
    spoilt = writer.submit(rows.note(execution, house.actor, key="k"))
    with pytest.raises(Unavailable) as told:
        spoilt.result(10)
    assert isinstance(told.value.__cause__, Unknown)
    monkeypatch.undo()
    assert writer.submit(rows.note(execution, house.actor, key="k")).result(10) == 2  # the stored answer
    assert house.numbers(execution) == [1, 2]


class Committing:
    """Stands for a transaction whose commit warns, or fails."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.commit = act


def test_what_is_unknown_about_a_commit(house: House) -> None:
    writer = Writer(house.database)
    with house.database.engine.connect() as connection:
        warnings: list[str] = connection.info.setdefault(WARNINGS, [])
        warnings.append("an old one")
        writer._commit(connection, Committing(lambda: None))
        with pytest.raises(Unknown, match="not replicated"):
            writer._commit(connection, Committing(lambda: warnings.append("not replicated")))

        def lost() -> None:
            raise OperationalError("COMMIT", {}, Exception("server closed the connection"))

        with pytest.raises(Unknown, match="not answered"):
            writer._commit(connection, Committing(lost))


def test_a_warning_of_postgresql_is_heard(make_database: Callable[..., str]) -> None:
    database = Database(make_database("postgresql"))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("DO $$ BEGIN RAISE WARNING 'not replicated'; RAISE NOTICE 'nothing'; END $$")
        assert connection.info[WARNINGS] == ["not replicated"]
    database.dispose()


def test_a_server_that_ended_the_connection_is_found_again(make_database: Callable[..., str]) -> None:
    house = House(make_database("postgresql"))
    writer = house.writer()
    execution = writer.submit(rows.declare(house.actor)).result(10)
    with house.database.writing() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert writer.submit(rows.note(execution, house.actor)).result(10) == 2
    house.end()


def test_a_database_that_is_away_is_unavailable_soon(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = house.writer()
    execution = writer.submit(rows.declare(house.actor)).result(10)
    monkeypatch.setattr("app.storage.writer.PATIENCE", 0.2)

    def away(self: Writer) -> None:
        time.sleep(0.05)
        raise OperationalError("BEGIN", {}, Exception("connection refused"))

    opened = gate(writer)
    futures = [writer.submit(rows.note(execution, house.actor)) for _ in range(40)]
    with monkeypatch.context() as patched:
        patched.setattr(Writer, "_connected", away)
        began = time.monotonic()
        opened.set()
        for future in futures:
            with pytest.raises(Unavailable):
                future.result(10)
        assert time.monotonic() - began < 2
    assert writer.submit(rows.note(execution, house.actor)).result(10) == 2


def test_a_listener_that_fails_does_not_take_the_answer_away(house: House) -> None:
    def fail(_: Sequence[str]) -> None:
        raise RuntimeError

    writer = Writer(house.database, on_commit=fail)
    writer.start()
    assert house.numbers(writer.submit(rows.declare(house.actor)).result(10)) == [1]
    assert writer.stop(5)


def test_a_memory_keeps_the_latest_used() -> None:
    memory = Memory(2)
    memory.keep("a", 1)
    memory.keep("b", 2)
    assert memory.get("a") == 1
    memory.keep("c", 3)
    assert (memory.get("a"), memory.get("b"), memory.get("c")) == (1, None, 3)


def test_a_token_revoked_while_its_event_waited_writes_nothing_and_harms_no_neighbour(house: House) -> None:
    """T35: whether the token holds is asked in the transaction of the event itself."""
    writer = house.writer()
    valid, revoked = (identity.create_token(house.database, name="Ann", roles=[Role.OPERATOR]) for _ in range(2))
    opened = gate(writer)
    jobs = [replace(rows.declare(house.actor), token=token.id) for token in (valid, revoked, valid)]
    futures = [writer.submit(job) for job in jobs]
    if house.database.is_sqlite:  # the gate holds the one write lock there
        opened.set()
    assert identity.revoke_token(house.database, revoked.id)
    opened.set()
    late = writer.submit(replace(rows.declare(house.actor), token=revoked.id))
    for future in (futures[0], futures[2]):
        assert house.numbers(future.result(10)) == [1]
    with pytest.raises(Unauthenticated):
        late.result(10)
    if not house.database.is_sqlite:
        with pytest.raises(Unauthenticated):
            futures[1].result(10)
