"""Told to end, the service ends soon and in order: who is being answered gets an answer, or can safely ask again."""

import http.client
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.history import chain_faults, parsed
from tests.lives import DECLARATION
from tests.load import Load
from tests.processes import Served, people, served
from tests.wire import BASE, PATIENCE, Answer, Person, Request, ask, held, new_key, received

ENDINGS = 25 if os.environ.get("FAILBACK_PROVE") else 1


def opened(service: Served, who: Person, path: str, **headers: str) -> http.client.HTTPConnection:
    """Send a GET and give the connection on which its answer is awaited."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
    fields = {
        "Authorization": f"Bearer {who.token}",
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    connection.request("GET", BASE + path, headers=fields)
    return connection


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_answers_who_is_waiting_and_ends_within_five_seconds(database_url: str, number: int) -> None:
    crew = people(database_url, [f"in flight {one}" for one in range(4)])
    with served(database_url) as (service,):
        execution = ask(Request(port=service.port, who=crew[0], path="/executions", body=DECLARATION)).json
        path = f"/executions/{execution['id']}"
        tag = f'"{execution["version"]}-en"'
        stream = opened(service, crew[0], f"{path}/stream")
        following = stream.getresponse()
        assert following.readline() == b": follows the journal\n"
        poll = opened(service, crew[0], path, If_None_Match=tag, Prefer="wait=30")
        time.sleep(0.3)  # the poll has begun to wait
        body = {"type": "note", "comment": "In flight."}
        requests = [
            Request(port=service.port, who=one, path=f"{path}/events", body=body, key=new_key()) for one in crew
        ]
        with held(requests) as (release, connections):
            time.sleep(0.1)  # their heads have been read
            began = time.monotonic()
            service.process.send_signal(number)
            time.sleep(0.05)
            release()
            answers = [received(one) for one in connections]
            assert all(isinstance(one, Answer) and one.status in {201, 503} for one in answers), answers
            assert {one.headers["connection"] for one in answers if isinstance(one, Answer)} == {"close"}
        polled = poll.getresponse()
        polled.read()
        assert polled.status in {200, 304}
        following.read()  # to its end: raises IncompleteRead where it was broken off
        assert service.ended(5) == 0
        assert time.monotonic() - began < 5
        stream.close()
        poll.close()
        assert not service.troubles()
        service.start()
        again = [ask(replace(one, port=service.port)) for one in requests]
        assert {one.status for one in again} == {201}
        export = ask(
            Request(port=service.port, who=crew[0], path=f"{path}/events", headers={"Accept": "application/x-ndjson"})
        )
        lines = parsed(export.body)
        assert sorted(one.json["event"]["number"] for one in again) == [2, 3, 4, 5]
        assert len(lines) == 5
        assert not list(chain_faults(lines))


def test_a_request_that_is_never_finished_does_not_keep_it_from_ending(make_database: Callable[..., str]) -> None:
    url = make_database("sqlite")
    (who,) = people(url, ["slow hand"])
    with served(url) as (service,):
        body = {**DECLARATION, "title": "Never sent whole"}
        with held([Request(port=service.port, who=who, path="/executions", body=body)]) as (_, (connection,)):
            time.sleep(0.1)
            service.process.terminate()
            answer = received(connection)
            assert isinstance(answer, Answer)
            assert (answer.status, answer.slug) == (503, "unavailable")
            assert service.ended(4) == 0
        assert all("Cancel 1 running task" in line for line in service.troubles())  # the server's own words


def test_restarts_under_load_lose_and_double_nothing(database_url: str) -> None:
    workers = 2 if database_url.startswith("postgresql") else 1
    crew = people(database_url, [f"rolling {one}" for one in range(4)])
    with served(database_url, workers=workers) as (service,):
        with Load([service.port], crew) as load:
            for _ in range(ENDINGS):
                before = load.accepted
                while load.accepted < before + 20:
                    time.sleep(0.01)
                assert service.terminate(seconds=6) == 0
                service.start()
        load.judge(service.port, crew[0])
        assert not service.troubles()
