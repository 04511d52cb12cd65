"""Engines: how each of the two databases is opened, so that a commit is durable and a lock is waited for."""

import importlib
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

BUSY_MILLISECONDS = 5_000
CONNECT_SECONDS = 2
POOL_SECONDS = 2
STATEMENT_MILLISECONDS = 5_000
LOCK_MILLISECONDS = 2_000

#: Sent by every PostgreSQL connection; ours come first, so that a URL's own `options` can say otherwise.
POSTGRESQL_OPTIONS = (
    f"-c statement_timeout={STATEMENT_MILLISECONDS} -c lock_timeout={LOCK_MILLISECONDS}"
    " -c idle_in_transaction_session_timeout=30000 -c timezone=UTC"
)
#: Under this key of a connection's `info` are the warnings PostgreSQL sent on it.
WARNINGS = "failback_warnings"


def parse(url: str) -> URL:
    """Take a database URL; give it with the driver used here. Raises ValueError for what cannot serve."""
    parsed = make_url(url)
    kind = parsed.drivername.partition("+")[0]
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise ValueError(f"the database must be sqlite or postgresql, not {parsed.drivername}")
    if parsed.database in (None, "", ":memory:") or "mode" in parsed.query or str(parsed.database).startswith("file:"):
        raise ValueError("SQLite needs a plain file: a journal kept in memory would be lost with the process")
    return parsed.set(drivername="sqlite")


def sqlite_driver() -> ModuleType:
    """Give pysqlite3, which carries a current SQLite, or the interpreter's own module where there is no wheel of it."""
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ModuleNotFoundError:
        return importlib.import_module("sqlite3.dbapi2")


def wal_is_sound(version: tuple[int, int, int]) -> bool:
    """Tell whether this SQLite's WAL is free of the bug of 3.7.0 to 3.51.2, which corrupts under several connections.

    Fixed in 3.51.3, and taken back to 3.50.7 and 3.44.6.
    """
    fixed_in = {(3, 50): 7, (3, 44): 6}
    return version >= (3, 51, 3) or version[2] >= fixed_in.get(version[:2], 1_000)


def sqlite_settings(driver: ModuleType) -> tuple[str, str]:
    """Give (journal_mode, synchronous): both make a commit durable; the rollback journal needs EXTRA for that."""
    major, minor, patch = (int(part) for part in re.findall(r"\d+", driver.sqlite_version)[:3])
    return ("wal", "full") if wal_is_sound((major, minor, patch)) else ("delete", "extra")


def sqlite_engine(url: URL, driver: ModuleType, *, writes: bool, pool_size: int) -> Engine:
    """Give an engine on a file, whose directory is made; its transactions are BEGIN IMMEDIATE, or none if it reads."""
    assert url.database is not None  # noqa: S101 - parse() saw to it
    Path(url.database).absolute().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    journal_mode, synchronous = sqlite_settings(driver)

    def prepare(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")  # INSERT OR REPLACE fires delete triggers
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != journal_mode:  # kept in the file itself
            connection.execute(f"PRAGMA journal_mode = {journal_mode}")

    engine = create_engine(
        url,
        module=driver,
        pool_size=pool_size,
        pool_timeout=POOL_SECONDS,
        connect_args={"isolation_level": None, "check_same_thread": False, "cached_statements": 256},
        **({} if writes else {"isolation_level": "AUTOCOMMIT"}),
    )
    event.listen(engine, "connect", prepare)
    if writes:
        event.listen(engine, "begin", begin_immediate)
    return engine


def begin_immediate(connection: Connection) -> None:
    """Take the write lock at once: a deferred transaction that writes later is refused as busy without waiting."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def postgresql_engine(url: URL, *, pool_size: int) -> Engine:
    """Give an engine with time-outs, so that a database that does not answer is a refusal soon and not a pile-up.

    No ping before use: it would cost a round trip an event, and a dead connection shows itself and is tried anew.
    """
    own = url.query.get("options", "")
    options = f"{POSTGRESQL_OPTIONS} {own if isinstance(own, str) else ' '.join(own)}".strip()
    engine = create_engine(
        url.difference_update_query(["options"]),
        isolation_level="READ COMMITTED",
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=POOL_SECONDS,
        connect_args={
            "options": options,
            "application_name": "failback",
            "tcp_user_timeout": 5_000,
            **({} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}),
        },
    )
    event.listen(engine, "connect", collect_warnings)
    return engine


def collect_warnings(connection: Any, record: Any) -> None:
    """Keep the warnings of a connection: a commit that is not replicated is told by one and by nothing else."""
    warnings: list[str] = []
    record.info[WARNINGS] = warnings

    def note(diagnostic: Any) -> None:
        if diagnostic.severity_nonlocalized == "WARNING":
            warnings.append(str(diagnostic.message_primary))

    handler: Callable[[Any], None] = note
    connection.add_notice_handler(handler)
