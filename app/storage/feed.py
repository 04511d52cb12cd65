"""The feed: wakes those who wait for an execution to change, when this or another process has committed."""

import asyncio
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from app.storage.batch import CHANNEL
from app.storage.database import Database

logger = logging.getLogger(__name__)

LISTEN_SECONDS = 1.0  # how soon the listening thread sees that it is to end
RECONNECT_SECONDS = 1.0
AT_ONCE = 32  # waiters woken before anybody else has his turn


class Subscription:
    """One waiter; belongs to the event loop of its feed."""

    __slots__ = ("_event", "_feed")

    def __init__(self, feed: "Feed") -> None:
        """Take the feed that wakes it."""
        self._feed = feed
        self._event = asyncio.Event()

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 - a waiter that is not woken looks for itself
        """Wait until something was committed since the last wait, or so many seconds; tell which (True: committed).

        True says only "look again": what changed is read from the database. When the feed is closed, True at once.
        """
        if not self._event.is_set():
            try:
                async with asyncio.timeout(timeout):
                    await self._event.wait()
            except TimeoutError:
                return False
        if not self._feed.closed:
            self._event.clear()
        return True

    def wake(self) -> None:
        """Let the waiter look; for the feed alone."""
        self._event.set()


class Feed:
    """Wakes subscriptions of one event loop; subscribe first, look then, wait last, and nothing is missed."""

    def __init__(self, database: Database) -> None:
        """Take the database, whose notices are listened to if it sends any."""
        self._database = database
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[str | None, set[Subscription]] = {}
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        #: How often it told of something: who looked since the last time has seen all that it told of.
        self.commits = 0
        #: How long to wait at most before looking again: SQLite tells nothing of other processes' writes.
        self.recheck_seconds = 1.0 if database.is_sqlite else 10.0

    @property
    def closed(self) -> bool:
        """Whether waiters are to end."""
        return self._ending.is_set()

    def start(self) -> None:
        """Begin, in the event loop whose tasks will subscribe."""
        self._loop = asyncio.get_running_loop()
        if not self._database.is_sqlite:
            self._thread = threading.Thread(target=self._listen, name="failback-listen", daemon=True)
            self._thread.start()

    @contextmanager
    def subscribe(self, execution_id: str | None) -> Iterator[Subscription]:
        """Give a subscription to one execution, or to all of them with None; in the feed's event loop."""
        subscription = Subscription(self)
        if self.closed:
            subscription.wake()
        waiting = self._waiting.setdefault(execution_id, set())
        waiting.add(subscription)
        try:
            yield subscription
        finally:
            waiting.discard(subscription)
            if not waiting and self._waiting.get(execution_id) is waiting:
                del self._waiting[execution_id]

    def publish(self, execution_ids: Iterable[str] | None) -> None:
        """Wake those who wait for these executions, everybody with None; from any thread."""
        loop = self._loop
        if loop is None or not self._waiting:
            return
        ids = None if execution_ids is None else tuple(execution_ids)
        try:
            loop.call_soon_threadsafe(self._wake, ids)
        except RuntimeError:  # the loop is closed: nobody waits
            logger.debug("an event loop ended before its waiters were woken")

    def _wake(self, ids: tuple[str, ...] | None) -> None:
        self.commits += 1
        keys = list(self._waiting) if ids is None else (*ids, None)
        self._wake_some([one for key in keys for one in self._waiting.get(key, ())])

    def _wake_some(self, waiting: Sequence[Subscription]) -> None:
        """Wake some, then the others: whoever posted the event is answered between them, not after hundreds."""
        for subscription in waiting[:AT_ONCE]:
            subscription.wake()
        if len(waiting) > AT_ONCE and self._loop is not None:
            self._loop.call_soon(self._wake_some, waiting[AT_ONCE:])

    def close(self) -> None:
        """Wake everybody for good, so that no open stream holds up the end of the process; from any thread."""
        self._ending.set()
        self.publish(None)

    def join(self, timeout: float) -> None:
        """Wait for the listening thread, after `close`."""
        if self._thread is not None:
            self._thread.join(timeout)

    def _listen(self) -> None:
        """Listen to PostgreSQL on a connection of its own, made anew whenever it is lost."""
        while not self.closed:
            try:
                arguments, options = self._database.engine.dialect.create_connect_args(self._database.url)
                with psycopg.connect(*arguments, **options, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self.publish(None)  # what was told while nobody listened is lost
                    while not self.closed:
                        for notice in connection.notifies(timeout=LISTEN_SECONDS, stop_after=1):
                            self._heard(notice)
            except psycopg.Error as error:
                logger.warning("notices of the database are not heard, trying again: %s", error)
                self._ending.wait(RECONNECT_SECONDS)

    def _heard(self, notice: Any) -> None:
        """Wake those a notice names; a payload is never believed further than that."""
        self.publish(notice.payload.split(",") if notice.payload else None)
