"""The writer: the one thread of a process, and the one place, that commits events, many of them in one transaction."""

import asyncio
import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.domain.errors import Refusal, Unavailable
from app.storage.batch import Batch, Job, LostRace
from app.storage.database import TROUBLE, Database
from app.storage.engines import WARNINGS
from app.storage.memory import Memory
from app.storage.waiting import Answer, Item, give_up, resolve

__all__ = ["Batch", "Job", "Unknown", "Writer"]

T = TypeVar("T")
logger = logging.getLogger(__name__)

QUEUE_LIMIT = 10_000
TRIES = 3
#: As for reading: longer than a statement may take, and nobody waits longer for a database that hangs.
ANSWER_SECONDS = 6.0
#: After this many seconds of trying one by one the rest of a failed batch is answered: the database is in trouble.
PATIENCE = 2.0


class Unknown(Exception):  # noqa: N818 - a state of knowledge
    """The commit was sent and its outcome is not known, or it is not replicated as it should be."""


class Writer:
    """Takes jobs from any thread, runs them in order, answers each after its commit."""

    def __init__(
        self, database: Database, *, on_commit: Callable[[Sequence[str]], None] = lambda _: None, max_batch: int = 64
    ) -> None:
        """Take the database and whom to tell, in the writer's thread, which executions a commit changed."""
        self._database = database
        self._on_commit = on_commit
        self._max_batch = max_batch
        self._memory = Memory()
        self._queue: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._open = False
        self._hurry = False
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="failback-writer", daemon=True)

    def start(self) -> None:
        """Begin to take jobs."""
        self._open = True
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Take no more jobs, finish those taken, and end; tell whether that was done within the timeout in seconds.

        Those still queued then are answered with Unavailable.
        """
        with self._gate:
            was_open, self._open = self._open, False
            if was_open:
                self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._hurry = True
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """Whether jobs are taken and there is a thread to do them."""
        return self._open and self._thread.is_alive()

    def submit(self, job: Job[T]) -> "Future[T]":
        """Queue a job; its future gives the answer once it is committed, or the Refusal. Raises Unavailable if full."""
        future: Future[T] = Future()
        self._enqueue(Item(job, future, None))
        return future

    async def ask(self, job: Job[T]) -> T:
        """Queue a job and wait for its answer; cheaper for a task than `submit`, as a batch wakes the loop once.

        Raises the Refusal, or Unavailable, also when there is no answer in time: whether it was committed is then not
        known. When the task is cancelled the job is done all the same.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._enqueue(Item(job, future, loop))
        patience = loop.call_later(ANSWER_SECONDS, give_up, future)
        try:
            return await future
        finally:
            patience.cancel()

    def _enqueue(self, item: Item) -> None:
        with self._gate:  # nothing can come behind the end that `stop` puts
            if not self._open or self._queue.qsize() >= QUEUE_LIMIT:
                raise Unavailable
            self._queue.put(item)

    def _run(self) -> None:
        last = False
        while not last:
            items: list[Item] = []
            waiting = self._queue.get()
            while waiting is not None:
                items.append(waiting)
                if len(items) == self._max_batch:
                    break
                try:
                    waiting = self._queue.get_nowait()
                except queue.Empty:
                    break
            last = waiting is None
            self._serve([item for item in items if item.begin()])
        self._drop()

    def _serve(self, items: Sequence[Item]) -> None:
        """Do and answer some items, whatever happens."""
        if not items:
            return
        answers: list[Answer]
        try:
            answers = [(item, None, Unavailable()) for item in items] if self._hurry else self._together(items)
        except BaseException as error:  # nobody may wait for ever
            logger.critical("the writer failed", exc_info=error)
            answers = [(item, None, error) for item in items]
        resolve([answer for answer in answers if answer[0].loop is None])
        for loop in {item.loop for item in items if item.loop is not None}:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(resolve, [answer for answer in answers if answer[0].loop is loop])

    def _together(self, items: Sequence[Item]) -> list[Answer]:
        try:
            return self._attempt(items)
        except Unknown as error:
            return [(item, None, _because(Unavailable(), error)) for item in items]
        except Exception as error:  # noqa: BLE001 - one bad item may have spoilt it for the others
            logger.info("a batch of %d is tried one by one: %r", len(items), error)
        deadline = time.monotonic() + PATIENCE
        return [self._alone(item, deadline) for item in items]

    def _alone(self, item: Item, deadline: float) -> Answer:
        """Try one item a few times while the cause may pass."""
        last: Exception = Unavailable()
        for attempt in range(TRIES):
            if time.monotonic() > deadline:
                return item, None, _because(Unavailable(), last)
            try:
                return self._attempt([item])[0]
            except (LostRace, IntegrityError, *TROUBLE) as error:
                last = error
                time.sleep(random.uniform(0.5, 1.5) * 0.01 * 3**attempt)  # noqa: S311 - spreads tries, keeps no secret
            except Unknown as error:
                return item, None, _because(Unavailable(), error)
            except Exception as error:
                logger.exception("a job failed")
                return item, None, error
        if isinstance(last, IntegrityError):
            logger.error("a job breaks a constraint of the database", exc_info=last)
            return item, None, last
        return item, None, _because(Unavailable(), last)

    def _attempt(self, items: Sequence[Item]) -> list[Answer]:
        """Run items in one transaction. Raises what spoilt it, and then nothing of it is kept."""
        connection = self._connected()
        answers: list[Answer] = []
        try:
            with connection.begin() as transaction:
                batch = Batch(connection, self._memory, [item.job for item in items])
                for item in items:
                    try:
                        answers.append((item, batch.perform(item.job), None))
                    except Refusal as refusal:
                        answers.append((item, None, refusal))
                changed = batch.write()
                if changed or batch.made:
                    self._commit(connection, transaction)
                else:
                    transaction.rollback()
        except (DBAPIError, Unknown):
            self._drop()
            raise
        if changed:
            try:
                self._on_commit(changed)
            except Exception:
                logger.exception("those who wait were not told of a commit")
        return answers

    def _commit(self, connection: Connection, transaction: Any) -> None:
        warnings: list[str] = connection.info.get(WARNINGS, [])
        warnings.clear()
        try:
            transaction.commit()
        except Exception as error:
            raise Unknown("the commit was not answered") from error
        if warnings:
            raise Unknown(warnings[0])

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._database.engine.connect()
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):  # it may be thrown away because it does not work
                connection.close()


def _because(refusal: Unavailable, cause: BaseException) -> Unavailable:
    refusal.__cause__ = cause
    return refusal
