"""While the database cannot be written, or does not answer, writing is refused for now, and then goes on by itself."""

import resource
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import make_url

from app.storage.engines import sqlite_driver
from tests.history import chain_faults, parsed
from tests.lives import DECLARATION
from tests.own_postgresql import OwnPostgresql, own_postgresql
from tests.processes import Served, people, served
from tests.wire import Answer, Person, Request, ask, new_key


@pytest.fixture(scope="module")
def postgresql() -> Iterator[OwnPostgresql]:
    """Give a PostgreSQL server that these tests may do to as they like, and leave in order."""
    with own_postgresql() as server:
        yield server


class Desk:
    """Somebody at work on one execution."""

    def __init__(self, service: Served, who: Person) -> None:
        self.service = service
        self.who = who
        self.execution = self.ask("/executions", DECLARATION).json
        self.path = f"/executions/{self.execution['id']}"
        self.note = Request(
            port=service.port, who=who, path=f"{self.path}/events", body={"type": "note", "comment": "Still here."}
        )

    def ask(self, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask for something."""
        return ask(Request(port=self.service.port, who=self.who, path=path, body=body, headers=headers))

    def can_only_read(self, *, within: float) -> Request:
        """Show that an event is refused for now, and when to come again, and that all is read; give the event."""
        request = replace(self.note, key=new_key())
        began = time.monotonic()
        answer = ask(request)
        assert (answer.status, answer.slug) == (503, "unavailable"), answer.body
        assert int(answer.headers["retry-after"]) >= 1
        assert time.monotonic() - began < within
        for path in (self.path, f"{self.path}/events", "/executions", f"{self.path}/verification", "/me"):
            assert self.ask(path).status == 200
        return request

    def goes_on(self, refused: Request) -> None:
        """Show that the refused event can be sent again, is one line, and the journal whole."""
        answer = ask(refused)
        assert answer.status == 201, answer.body
        assert ask(refused).body == answer.body
        lines = parsed(self.ask(f"{self.path}/events", Accept="application/x-ndjson").body)
        assert [line["number"] for line in lines] == list(range(1, answer.json["event"]["number"] + 1))
        assert [line["hash"] for line in lines].count(answer.json["event"]["hash"]) == 1
        assert not list(chain_faults(lines))
        assert self.ask(f"{self.path}/verification").json["ok"]


def test_a_full_disk_stops_writing_but_not_reading_and_it_goes_on_when_there_is_room(
    make_database: Callable[..., str],
) -> None:
    url = make_database("sqlite")
    (who,) = people(url, ["disk"])
    with served(url) as (service,):
        desk = Desk(service, who)
        pid, limit = service.process.pid, resource.RLIMIT_FSIZE
        before = resource.prlimit(pid, limit)
        try:
            resource.prlimit(pid, limit, (1, before[1]))  # no file grows or changes beyond its first byte
            desk.can_only_read(within=4)
            refused = desk.can_only_read(within=4)
            assert service.status("/livez") == 200
        finally:
            resource.prlimit(pid, limit, before)
        desk.goes_on(refused)


def test_a_sqlite_file_that_somebody_else_keeps_locked_is_waited_for_but_not_for_ever(
    make_database: Callable[..., str],
) -> None:
    url = make_database("sqlite")
    (who,) = people(url, ["locked out"])
    with served(url) as (service,):
        desk = Desk(service, who)
        other = sqlite_driver().connect(make_url(url).database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        refused = desk.can_only_read(within=8)
        other.execute("ROLLBACK")
        desk.goes_on(refused)
        other.execute("BEGIN IMMEDIATE")
        request = replace(desk.note, key=new_key())
        answers: list[Answer] = []
        waiting = threading.Thread(target=lambda: answers.append(ask(request)))
        waiting.start()
        time.sleep(0.5)
        other.execute("ROLLBACK")  # in time: it was only a wait
        waiting.join(10)
        assert [answer.status for answer in answers] == [201]
        other.close()


def test_a_postgresql_that_is_read_only_is_read_and_goes_on_when_it_can_be_written(postgresql: OwnPostgresql) -> None:
    (who,) = people(postgresql.url, ["reader"])
    with served(postgresql.url) as (service,):
        desk = Desk(service, who)
        try:
            postgresql.set("default_transaction_read_only", "on")
            time.sleep(0.3)  # the setting reaches the sessions that are open
            refused = desk.can_only_read(within=4)
            time.sleep(1.1)
            assert service.status("/readyz") == 503
        finally:
            postgresql.set("default_transaction_read_only", None)
        time.sleep(1.1)
        assert service.status("/readyz") == 200
        desk.goes_on(refused)


def test_a_row_that_somebody_else_keeps_locked_holds_up_its_own_execution_alone(postgresql: OwnPostgresql) -> None:
    (who,) = people(postgresql.url, ["row"])
    with served(postgresql.url) as (service,):
        desk, neighbour = Desk(service, who), Desk(service, who)
        with postgresql.connect() as other, other.transaction():
            other.execute("SELECT 1 FROM executions WHERE id = %s FOR UPDATE", [desk.execution["id"]])
            refused = desk.can_only_read(within=8)
            assert ask(replace(neighbour.note, key=new_key())).status == 201
        desk.goes_on(refused)


def test_sessions_that_are_cut_off_are_made_anew_without_anybody_noticing(postgresql: OwnPostgresql) -> None:
    (who,) = people(postgresql.url, ["cut off"])
    with served(postgresql.url) as (service,):
        desk = Desk(service, who)
        for _ in range(3):
            with postgresql.connect() as other:
                cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'failback'"
                other.execute(cut)
            assert desk.ask(desk.path).status == 200
            assert ask(replace(desk.note, key=new_key())).status == 201
            assert desk.ask("/executions").status == 200
