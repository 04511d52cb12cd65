"""Whoever is killed or hangs: nothing acknowledged is lost, nothing is doubled, and all comes back by itself."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from tests.lives import DECLARATION
from tests.load import Load
from tests.own_postgresql import OwnPostgresql, own_postgresql
from tests.processes import Served, people, served, stopped
from tests.wire import Person, Request, ask

PROVE = bool(os.environ.get("FAILBACK_PROVE"))
KILLS = 50 if PROVE else 3
POSTGRESQL_KILLS = 10 if PROVE else 1
HANG_SECONDS = 20.0 if PROVE else 0.0
CLIENTS = 6


def test_a_service_killed_at_any_moment_has_lost_and_doubled_nothing(database_url: str) -> None:
    chance = Random(time.time_ns())
    shared = database_url.startswith("postgresql")
    crew = people(database_url, [f"client {one}" for one in range(CLIENTS)])
    with served(database_url, workers=2 if shared else 1) as services:
        (service,) = services
        with Load([service.port], crew) as load:
            for turn in range(KILLS):
                before = load.accepted
                while load.accepted < before + 5:
                    time.sleep(0.01)
                time.sleep(chance.uniform(0, 0.3))
                if shared and turn % 2:  # one worker alone: the other serves on, and a new one is started
                    chance.choice(service.workers()).kill()
                else:
                    service.kill()
                    service.start()
        load.judge(services[-1].port, crew[0])
        assert load.statuses[0] >= 1  # somebody was left without an answer


@pytest.fixture(scope="module")
def postgresql() -> Iterator[OwnPostgresql]:
    """Give a PostgreSQL server that these tests may do to as they like, and leave in order."""
    with own_postgresql() as server:
        yield server


def test_a_killed_postgresql_has_lost_nothing_and_the_service_comes_back_by_itself(postgresql: OwnPostgresql) -> None:
    chance = Random(time.time_ns())
    crew = people(postgresql.url, [f"killed {one}" for one in range(CLIENTS)])
    with served(postgresql.url, processes=2) as services:
        with Load([one.port for one in services], crew) as load:
            for _ in range(POSTGRESQL_KILLS):
                before = load.accepted
                while load.accepted < before + 5:
                    time.sleep(0.01)
                time.sleep(chance.uniform(0, 0.3))
                postgresql.kill()
                for one in services:
                    refused_for_now(one, crew[0], within=4.0)
                postgresql.start()
                for one in services:
                    one.wait_until_ready(seconds=6)
        load.judge(services[-1].port, crew[0])


def refused_for_now(service: Served, who: Person, *, within: float) -> None:
    """Show that reading and writing are answered with 503 and when to come again, and soon; the process lives."""
    began = time.monotonic()
    requests = [Request(port=service.port, who=who, path="/executions", body=body) for body in (None, DECLARATION)]
    with ThreadPoolExecutor() as pool:
        for answer in pool.map(ask, requests):
            assert (answer.status, answer.slug) == (503, "unavailable"), answer.body
            assert int(answer.headers["retry-after"]) >= 1
    assert time.monotonic() - began < within
    assert service.status("/livez") == 200
    time.sleep(1.1)  # readiness is looked at once a second
    assert service.status("/readyz") == 503


def test_a_postgresql_that_hangs_is_given_up_soon_and_taken_up_again(postgresql: OwnPostgresql) -> None:
    crew = people(postgresql.url, [f"hanging {one}" for one in range(CLIENTS)])
    with served(postgresql.url) as services:
        (service,) = services
        with Load([service.port], crew) as load:
            while load.accepted < 20:
                time.sleep(0.01)
            with stopped(postgresql.processes()):
                refused_for_now(service, crew[0], within=8.0)
                time.sleep(HANG_SECONDS)
                threads = service.threads()
            service.wait_until_ready(seconds=6)
            before = load.accepted
            time.sleep(1)
            assert load.accepted > before
        load.judge(services[-1].port, crew[0])
        assert threads < 60  # connections are bounded, and so are the threads that wait for them
        assert load.slowest < 10
