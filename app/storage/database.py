"""The database: its engines, the two kinds of access to it, reading and writing, and whether it is fit to serve."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from anyio import CapacityLimiter, fail_after, to_thread
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.errors import Unavailable
from app.storage import engines
from app.storage.tables import REVISION

__all__ = ["TROUBLE", "Connection", "Database"]

T = TypeVar("T")

#: A server that was stopped, or whose host is gone, answers nothing at all: nobody waits longer than this for it.
ANSWER_SECONDS = 6.0

#: So many computations at once: each takes its share of the one interpreter from everybody else.
COMPUTING = 2

#: What says that the database is not there or cannot write, and nothing of the request.
TROUBLE = (OperationalError, InterfaceError, InternalError, PoolTimeout)


class Database:
    """One database by its URL; safe to share by threads."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        """Take a SQLAlchemy URL (`sqlite:///file`, `postgresql://…`, `postgres://…`); connects to nothing yet.

        Raises ValueError for another database or one in memory.
        """
        parsed = engines.parse(url)
        self.url = parsed
        self.is_sqlite = parsed.drivername == "sqlite"
        self.driver_version = ""
        self._inline = False
        self._readers: Engine
        if self.is_sqlite:
            driver = engines.sqlite_driver()
            self.driver_version = str(driver.sqlite_version)
            # A reader of a WAL waits for nobody, so it need not leave the event loop; one of a rollback journal may.
            self._inline = engines.sqlite_settings(driver)[0] == "wal"
            self._engine = engines.sqlite_engine(parsed, driver, writes=True, pool_size=pool_size)
            self._readers = engines.sqlite_engine(parsed, driver, writes=False, pool_size=pool_size)
        else:
            self._engine = engines.postgresql_engine(parsed, pool_size=pool_size)
            self._readers = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._pool_size = pool_size
        self._kept = threading.local()
        self._all_kept: list[Connection] = []
        self._limiter: CapacityLimiter | None = None
        self._computing: CapacityLimiter | None = None

    @property
    def engine(self) -> Engine:
        """The engine that writes."""
        return self._engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection without a transaction: each statement sees what is committed when it begins.

        Raises Unavailable when the database does not answer.
        """
        try:
            with self._readers.connect() as connection:
                yield connection
        except TROUBLE as error:
            raise Unavailable from error

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection in one transaction, committed at the end; database errors come through as they are."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in one transaction that is committed at the end. For all but events: those have the writer.

        Raises Unavailable when the database does not answer or cannot write.
        """
        try:
            with self.transaction() as connection:
                yield connection
        except TROUBLE as error:
            raise Unavailable from error

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a short query, at once on SQLite (cheaper than a change of threads), in a thread on PostgreSQL.

        Raises Unavailable when the database does not answer.
        """
        if not self._inline:
            return await self.read_long(query)
        try:
            return query(self._kept_connection())
        except TROUBLE as error:
            self._drop_kept()
            raise Unavailable from error

    async def read_long(self, query: Callable[[Connection], T]) -> T:
        """Run a query that may take its time, in a thread; at most as many at once as there are connections.

        Raises Unavailable when the database does not answer.
        """
        if self._limiter is None:
            self._limiter = CapacityLimiter(self._pool_size)
        try:
            with fail_after(ANSWER_SECONDS):
                return await to_thread.run_sync(self._read, query, limiter=self._limiter, abandon_on_cancel=True)
        except TimeoutError as error:
            raise Unavailable from error

    async def compute(self, query: Callable[[Connection], T]) -> T:
        """Run a query that computes for as long as it takes, in a thread; few at once, so that others are served too.

        Raises Unavailable when the database does not answer.
        """
        if self._computing is None:
            self._computing = CapacityLimiter(COMPUTING)
        return await to_thread.run_sync(self._read, query, limiter=self._computing, abandon_on_cancel=True)

    def _read(self, query: Callable[[Connection], T]) -> T:
        try:
            with self._readers.connect() as connection:
                return query(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                if isinstance(error, TROUBLE):
                    raise Unavailable from error
                raise
        except PoolTimeout as error:
            raise Unavailable from error
        with self.reading() as connection:  # the pool was of a server that is gone: once more, on a new connection
            return query(connection)

    def _kept_connection(self) -> Connection:
        connection: Connection | None = getattr(self._kept, "connection", None)
        if connection is None or connection.closed:
            connection = self._kept.connection = self._readers.connect()
            self._all_kept.append(connection)
        return connection

    def _drop_kept(self) -> None:
        connection: Connection | None = self._kept.__dict__.pop("connection", None)
        if connection is not None:
            self._all_kept.remove(connection)
            connection.invalidate()
            connection.close()

    def revision(self) -> str | None:
        """Give the migration the database is at, None when there was none yet. Raises Unavailable."""
        with self.reading() as connection:
            if not connection.dialect.has_table(connection, "alembic_version"):
                return None
            found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return found

    def health(self) -> dict[str, str | bool]:
        """Tell what readiness asks: `writable`, `revision_current`, `durable`, with the settings they come from.

        Never raises for a database in trouble: `writable` is False then and `error` says what came.
        """
        found: dict[str, str | bool] = {
            "database": "sqlite" if self.is_sqlite else "postgresql",
            "writable": False,
            "revision": "",
            "revision_current": False,
            "durable": False,
        }
        try:
            with self.reading() as connection:
                found |= self._durability(connection)
            found["revision"] = self.revision() or ""
            found["revision_current"] = found["revision"] == REVISION
            with self._engine.connect() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
                connection.rollback()
            found["writable"] = True
        except (SQLAlchemyError, Unavailable) as error:
            found["error"] = type(error.__cause__ or error).__name__
        return found

    def _durability(self, connection: Connection) -> dict[str, str | bool]:
        """Tell whether an answered commit survives a loss of power."""
        if self.is_sqlite:
            journal_mode, synchronous = engines.sqlite_settings(engines.sqlite_driver())
            mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())
            level = ("off", "normal", "full", "extra")[connection.exec_driver_sql("PRAGMA synchronous").scalar_one()]
            return {
                "sqlite_version": self.driver_version,
                "journal_mode": mode,
                "synchronous": level,
                "durable": (mode, level) == (journal_mode, synchronous),
            }
        names = ("synchronous_commit", "fsync", "full_page_writes")
        settings = {name: str(connection.exec_driver_sql(f"SHOW {name}").scalar_one()) for name in names}
        return {**settings, "durable": "off" not in settings.values()}

    def dispose(self) -> None:
        """Close every connection; the database may be used again afterwards."""
        kept, self._all_kept = self._all_kept, []
        for connection in kept:
            connection.close()
        self._kept = threading.local()
        self._readers.dispose()
        self._engine.dispose()
