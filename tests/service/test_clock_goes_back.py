"""A clock that is set back, or differs between two processes, changes no order: numbers order, times never go back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.events import Actor, EventType, Posted, Role
from app.services import executions, identity, reading
from app.services.declaring import declaration
from app.services.definitions import Definitions
from app.services.executions import Accepted
from app.storage.database import Database
from app.storage.writer import Writer
from tests.history import chain_faults
from tests.lives import DECLARATION

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
#: Seconds after noon that the clock shows at each event.
CLOCK = (10, 20, -3_600, 15, 20, 25)
RECORDED = (10, 20, 20, 20, 20, 25)


@pytest.fixture
def actor(database_url: str) -> Actor:
    """Give a coordinator."""
    database = Database(database_url)
    token = identity.create_token(database, name="ann", roles=[Role.COORDINATOR, Role.OPERATOR])
    with database.reading() as connection:
        found = identity.authenticate(connection, token.text)
    database.dispose()
    return found


def test_recorded_times_never_go_back_and_the_numbers_order(database_url: str, actor: Actor) -> None:
    definitions = Definitions()
    database = Database(database_url)
    definitions.publish(database)
    writers = [Writer(database), Writer(Database(database_url))]  # as two processes have them
    for one in writers:
        one.start()
    declared = declaration(
        definitions.bundled,
        runbook="standalone-vmm",
        mode="live",
        title="Clocks",
        parameters=DECLARATION["parameters"],
        workloads=[("sql01", {})],
        command_profile=None,
        four_eyes="irreversible",
        targets={},
        outage_started_at=None,
    )
    first: Accepted = writers[0].submit(executions.declare(declared, actor=actor, key=None, now=at(0))).result(10)
    for number, seconds in enumerate(CLOCK):
        job = executions.post(
            first.execution_id,
            Posted(type=EventType.NOTE, comment="Tick."),
            actor=actor,
            key=None,
            versions=None,
            definitions=definitions,
            language="en",
            now=at(seconds),
        )
        assert writers[number % 2].submit(job).result(10).number == number + 2
    with database.reading() as connection:
        lines = list(reading.lines(connection, first.execution_id, until=100))
        assert reading.verification(connection, definitions, first.execution_id)["ok"]
    assert not list(chain_faults(lines))
    told = [datetime.fromisoformat(line["recorded_at"]) - NOON for line in lines[1:]]
    assert told == [timedelta(seconds=seconds) for seconds in RECORDED]
    for one in writers:
        assert one.stop(5)
        one._database.dispose()


def at(seconds: int) -> Callable[[], datetime]:
    """Give a clock that stands at so many seconds after noon."""
    return lambda: NOON + timedelta(seconds=seconds)
