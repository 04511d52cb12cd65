"""Glances: a token and a version asked together; who comes meanwhile shares the next trip, and its failure."""

import asyncio
from typing import Any

import pytest

from app.domain.errors import Unavailable
from app.domain.events import Role
from app.services import identity
from app.storage.database import Database
from app.storage.glances import Glance, Glances
from app.storage.writer import Writer
from tests.service import rows


async def _look(database: Database, pairs: list[tuple[str, str]]) -> list[Glance]:
    glances = Glances(database)
    return list(await asyncio.gather(*(glances.look(token, execution) for token, execution in pairs)))


def test_each_of_many_is_told_of_its_own_token_and_execution(database_url: str) -> None:
    database = Database(database_url)
    actor = rows.people(database).id
    writer = Writer(database)
    writer.start()
    execution = writer.submit(rows.declare(actor)).result(10)
    assert writer.stop(10)
    valid = identity.create_token(database, name="bea", roles=[Role.VIEWER]).id
    revoked = identity.create_token(database, name="bea", roles=[Role.VIEWER]).id
    assert identity.revoke_token(database, revoked)
    asked = {
        (valid, execution): Glance(valid=True, version=1),
        (revoked, execution): Glance(valid=False, version=1),
        ("", ""): Glance(valid=False, version=None),
        (valid, "0"): Glance(valid=True, version=None),
    }
    assert asyncio.run(_look(database, [*asked] * 5)) == [*asked.values()] * 5
    database.dispose()


def test_a_failed_trip_is_told_to_everybody_who_waits_and_the_next_one_goes(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(database_url)

    async def unavailable(query: Any) -> Any:
        await asyncio.sleep(0)
        raise Unavailable

    async def look() -> list[Any]:
        glances = Glances(database)
        with monkeypatch.context() as patched:
            patched.setattr(database, "read", unavailable)
            patched.setattr(database, "read_long", unavailable)
            waiting = [asyncio.ensure_future(glances.look("x", str(number))) for number in range(4)]
            await asyncio.sleep(0)
            waiting[1].cancel()
            failed = await asyncio.gather(*waiting, return_exceptions=True)
        found = [asyncio.ensure_future(glances.look("x", str(number))) for number in range(2)]
        await asyncio.sleep(0)
        found[0].cancel()
        return [type(one) for one in failed] + await asyncio.gather(*found, return_exceptions=True)

    first, second, *others, cancelled, last = asyncio.run(look())
    assert (first, second) == (Unavailable, asyncio.CancelledError)
    assert others == [Unavailable] * 2
    # On SQLite the look itself never waits, so that there is nothing to cancel
    assert isinstance(cancelled, asyncio.CancelledError) or cancelled == Glance(valid=False, version=None)
    assert last == Glance(valid=False, version=None)
    database.dispose()
