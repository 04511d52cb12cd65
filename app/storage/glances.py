"""Glances: what every poll asks, is this token still valid and at which version is this execution, asked together."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from app.storage import identities
from app.storage.among import among, as_list
from app.storage.database import Database
from app.storage.tables import executions, tokens

ONE = select(
    select(tokens.c.id).where(tokens.c.id == bindparam("token"), tokens.c.revoked_at.is_(None)).exists(),
    select(executions.c.version).where(executions.c.id == bindparam("id")).scalar_subquery(),
)
VERSIONS = select(executions.c.id, executions.c.version).where(among(executions.c.id, "ids", dialect="postgresql"))


class Glance(NamedTuple):
    """Whether a token is valid, and an execution's version (None: there is no such execution)."""

    valid: bool
    version: int | None


class Glances:
    """Looks for many at once: on PostgreSQL those who come while one trip is on its way share the next."""

    def __init__(self, database: Database) -> None:
        """Take the database."""
        self._database = database
        self._waiting: list[tuple[str, str, asyncio.Future[Glance]]] = []
        self._trips: asyncio.Task[None] | None = None

    async def look(self, token: str, execution_id: str) -> Glance:
        """Look at a token and an execution by their ids; raises Unavailable."""
        if self._database.is_sqlite:
            return await self._database.read(lambda connection: _one(connection, token, execution_id))
        future: asyncio.Future[Glance] = asyncio.get_running_loop().create_future()
        self._waiting.append((token, execution_id, future))
        if self._trips is None:
            self._trips = asyncio.create_task(self._travel())
        return await future

    async def _travel(self) -> None:
        """Make trips as long as somebody waits."""
        while self._waiting:
            asked, self._waiting = self._waiting, []
            pairs = [(token, execution_id) for token, execution_id, _ in asked]
            try:
                found = await self._database.read_long(partial(_all, pairs=pairs))
            except Exception as error:  # noqa: BLE001 - it is told to everybody who waits
                _fail([future for *_, future in asked], error)
                continue
            for (*_, future), glance in zip(asked, found, strict=True):
                if not future.done():
                    future.set_result(glance)
        self._trips = None


def _fail(futures: Sequence[asyncio.Future[Glance]], error: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)


def _one(connection: Connection, token: str, execution_id: str) -> Glance:
    valid, version = connection.execute(ONE, {"token": token, "id": execution_id}).one()
    return Glance(bool(valid), version)


def _all(connection: Connection, *, pairs: Sequence[tuple[str, str]]) -> list[Glance]:
    valid = identities.unrevoked(connection, {token for token, _ in pairs})
    ids = as_list({execution_id for _, execution_id in pairs}, connection.dialect)
    versions = {row.id: row.version for row in connection.execute(VERSIONS, {"ids": ids})}
    return [Glance(token in valid, versions.get(execution_id)) for token, execution_id in pairs]
