"""Of people who post the same event at the same instant exactly one is heard; the others learn who was faster."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.domain.events import Role
from tests.databases import drop_postgresql, make_postgresql
from tests.history import chain_faults, parsed
from tests.lives import DECLARATION, POINT, Post, ends, life
from tests.processes import Served, people, served
from tests.wire import Answer, Line, Person, Request, answered, ask, new_key, volley

PROVE = bool(os.environ.get("FAILBACK_PROVE"))
#: Rounds of each type of event; a life has two of most types and a dozen confirmations.
LIVES = 200 if PROVE else 3
CROWDED_LIVES = 40 if PROVE else 1
ROUNDS = 200 if PROVE else 10
CROWD = 16

#: On which database, and how many processes serve it.
SETTINGS = {"sqlite-1": ("sqlite", 1), "sqlite-2": ("sqlite", 2), "postgresql-2": ("postgresql", 2)}


@dataclass(frozen=True)
class Ground:
    """Running processes on one database, and people known to it."""

    processes: list[Served]
    operators: list[Person]
    approvers: list[Person]

    def port(self, number: int) -> int:
        """Give the port of a process, in turn."""
        return self.processes[number % len(self.processes)].port

    def declared(self) -> dict[str, Any]:
        """Declare a disaster; give the execution."""
        answer = ask(Request(port=self.port(0), who=self.operators[0], path="/executions", body=DECLARATION))
        assert answer.status == 201, answer.body
        execution: dict[str, Any] = answer.json
        return execution

    def read(self, path: str, *, accept: str = "application/json") -> Answer:
        """Read something from the process that did not declare."""
        request = Request(port=self.port(1), who=self.approvers[0], path=path, headers={"Accept": accept})
        answer = ask(request)
        assert answer.status == 200, answer.body
        return answer


@pytest.fixture(scope="module", params=SETTINGS)
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Give running processes; all tests of this module share them, each with executions of its own."""
    kind, processes = SETTINGS[request.param]
    server = ""
    if kind == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        file = tmp_path_factory.mktemp("races") / "failback.db"
        file.write_bytes(template.read_bytes())
        url = f"sqlite:///{file}"
    else:
        server = request.getfixturevalue("postgresql_server")
        url = make_postgresql(server, "races", template=request.getfixturevalue("postgresql_template"))
    operators = people(url, [f"op{one}" for one in range(CROWD)], roles=(Role.OPERATOR, Role.COORDINATOR))
    approvers = people(url, [f"ap{one}" for one in range(CROWD)], roles=(Role.APPROVER,))
    with served(url, processes=processes) as running:
        yield Ground(running, operators, approvers)
        troubles = [line for one in running for line in one.said if '"level": "error"' in line or "Traceback" in line]
        assert not troubles
    if server:
        drop_postgresql(server, url)


def raced(ground: Ground, before: dict[str, Any], post: Post, *, crowd: int, chance: Random) -> dict[str, Any]:
    """Let so many people post the same event at once; give the execution that the one who was heard was answered."""
    who, members = post
    event = {**members, "at": before["position"]}
    group = ground.operators if who == "operators" else ground.approvers
    racers = chance.sample(group, crowd)
    path = f"/executions/{before['id']}/events"
    answers = answered(
        volley(
            [
                Request(port=ground.port(place), who=one, path=path, body=event, key=new_key())
                for place, one in enumerate(racers)
            ]
        )
    )
    said = [(answer.status, answer.body[:300]) for answer in answers]
    won = [(who, answer) for who, answer in zip(racers, answers, strict=True) if answer.status == 201]
    assert len(won) == 1, (event, said)
    winner, first = won[0]
    heard = first.json["event"]
    assert (heard["number"], heard["actor"]["id"]) == (before["version"] + 1, winner.id)
    for answer in answers:
        if answer is not first:
            assert (answer.status, answer.slug) == (409, "position-moved"), (event, said)
            assert answer.json["moved_by"] == {
                "number": heard["number"],
                "type": heard["type"],
                "actor": {"id": winner.id, "name": winner.name},
                "at": heard["recorded_at"],
            }
            assert answer.json["version"] == heard["number"]
    execution: dict[str, Any] = first.json["execution"]
    return execution


@pytest.mark.parametrize(("crowd", "lives"), [(4, LIVES), (CROWD, CROWDED_LIVES)], ids=["of-4", "of-16"])
def test_every_event_of_a_life_is_heard_once_however_many_post_it(ground: Ground, crowd: int, lives: int) -> None:
    chance = Random(crowd)
    for ending in islice(cycle(ends()), lives):
        execution = ground.declared()
        count = 1
        for post in life(ground.operators[1].id, ending=ending):
            execution = raced(ground, execution, post, crowd=crowd, chance=chance)
            count += 1
        lines = parsed(ground.read(f"/executions/{execution['id']}/events", accept="application/x-ndjson").body)
        assert len(lines) == count
        assert not list(chain_faults(lines))
        assert ground.read(f"/executions/{execution['id']}/verification").json["ok"]
        assert ground.read(f"/executions/{execution['id']}").json == execution
