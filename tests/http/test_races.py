"""Of people who post the same event at the same instant exactly one is heard; the others learn who was faster."""

import concurrent.futures
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.domain.events import Role
from tests.databases import drop_postgresql, make_postgresql
from tests.history import chain_faults, parsed
from tests.lives import DECLARATION, Post, ends, first_step, life, until_the_commit
from tests.processes import Served, people, served
from tests.wire import Answer, Person, Request, answered, ask, new_key, volley

PROVE = bool(os.environ.get("FAILBACK_PROVE"))
#: So many rounds of each type of event at least; a life has one or two of most types and twenty confirmations.
LIVES = 200 if PROVE else 15
CROWDED_LIVES = 40 if PROVE else 3
ROUNDS = 200 if PROVE else 15
CROWD = 16

#: On which database, and how many processes serve it.
SETTINGS = {"sqlite-1": ("sqlite", 1), "sqlite-2": ("sqlite", 2), "postgresql-2": ("postgresql", 2)}


@dataclass(frozen=True)
class Ground:
    """Running processes on one database, and people known to it."""

    processes: list[Served]
    operators: list[Person]
    approvers: list[Person]
    both: Person  # operator and approver

    @property
    def crowd(self) -> list[Person]:
        """Everybody."""
        return [*self.operators, *self.approvers]

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

    def lines(self, execution: dict[str, Any]) -> list[dict[str, Any]]:
        """Give the journal, from the exported file."""
        return parsed(self.read(f"/executions/{execution['id']}/events", accept="application/x-ndjson").body)


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
    (both,) = people(url, ["both"])
    with served(url, processes=processes) as running:
        yield Ground(running, operators, approvers, both)
        assert not [line for one in running for line in one.troubles()]
    if server:
        drop_postgresql(server, url)


def event(ground: Ground, execution: dict[str, Any], body: dict[str, Any], **more: Any) -> Request:
    """Give the request that posts an event, by default of the first operator to the first process."""
    asked = {"port": ground.port(0), "who": ground.operators[0], "key": new_key(), **more}
    return Request(path=f"/executions/{execution['id']}/events", body=body, **asked)


def raced(ground: Ground, before: dict[str, Any], post: Post, *, crowd: int, chance: Random) -> tuple[Answer, int]:
    """Let so many people post the same event at once; give the answer of the one who was heard, and its process."""
    who, members = post
    body = {**members, "at": before["position"]}
    racers = chance.sample(ground.operators if who == "operators" else ground.approvers, crowd)
    first = chance.randrange(2)  # which process gets its last byte first
    answers = answered(
        volley([event(ground, before, body, who=one, port=ground.port(first + n)) for n, one in enumerate(racers)])
    )
    said = [(answer.status, answer.body[:300]) for answer in answers]
    won = [place for place, answer in enumerate(answers) if answer.status == 201]
    assert len(won) == 1, (body, said)
    winner, heard = racers[won[0]], answers[won[0]].json["event"]
    assert (heard["number"], heard["actor"]["id"]) == (before["version"] + 1, winner.id)
    for place, answer in enumerate(answers):
        if place not in won:
            assert (answer.status, answer.slug) == (409, "position-moved"), (body, said)
            assert answer.json["moved_by"] == mark_of(heard)
            assert answer.json["version"] == heard["number"]
    return answers[won[0]], (first + won[0]) % len(ground.processes)


def mark_of(heard: dict[str, Any]) -> dict[str, Any]:
    """Give what a refusal says of the event that was faster."""
    actor = {"id": heard["actor"]["id"], "name": heard["actor"]["name"]}
    return {"number": heard["number"], "type": heard["type"], "actor": actor, "at": heard["recorded_at"]}


@pytest.mark.parametrize(("crowd", "lives"), [(4, LIVES), (CROWD, CROWDED_LIVES)], ids=["of-4", "of-16"])
def test_every_event_of_a_life_is_heard_once_however_many_post_it(ground: Ground, crowd: int, lives: int) -> None:
    chance = Random(crowd)
    winners = set()
    for ending in islice(cycle(ends()), lives):
        execution = ground.declared()
        count = 1
        for post in life(ground.operators[1].id, ending=ending):
            answer, process = raced(ground, execution, post, crowd=crowd, chance=chance)
            execution = answer.json["execution"]
            winners.add(process)
            count += 1
        lines = ground.lines(execution)
        assert len(lines) == count
        assert not list(chain_faults(lines))
        assert ground.read(f"/executions/{execution['id']}/verification").json["ok"]
        assert ground.read(f"/executions/{execution['id']}").json == execution
    assert winners == set(range(len(ground.processes)))  # else it was no race


def test_who_authorized_never_wins_the_race_to_confirm(ground: Ground) -> None:
    chance = Random(1)
    for _ in range(ROUNDS):
        execution = ground.declared()
        for who, members in (*first_step(), *until_the_commit()):
            person = (ground.operators if who == "operators" else ground.approvers)[0]
            body = {**members, "at": execution["position"]}
            execution = answered([ask(event(ground, execution, body, who=person))])[0].json["execution"]
        body = {"type": "authorize", "at": execution["position"]}
        execution = ask(event(ground, execution, body, who=ground.both)).json["execution"]
        racers = [ground.both, *chance.sample(ground.operators, 3)]
        body = {"type": "confirm", "at": execution["position"]}
        answers = answered(
            volley([event(ground, execution, body, who=one, port=ground.port(n)) for n, one in enumerate(racers)])
        )
        assert answers[0].slug in {"second-person-required", "position-moved"}
        assert sorted(answer.status for answer in answers[1:]) == [201, 409, 409]


def test_different_events_at_once_are_each_accepted_or_refused_and_nothing_between(ground: Ground) -> None:
    chance = Random(2)
    for _ in range(ROUNDS):
        execution = ground.declared()
        bodies = [
            {"type": "confirm", "comment": "No power."},
            {"type": "report_failure", "symptom": "F02"},
            {"type": "retry"},
            {"type": "hold", "comment": "Wait."},
            {"type": "resume"},
            {"type": "hand_over", "to": ground.operators[3].id},
            {"type": "abort", "comment": "A false alarm."},
        ]
        chance.shuffle(bodies)
        requests = [
            event(ground, execution, {**body, "at": execution["position"]}, port=ground.port(n))
            for n, body in enumerate(bodies)
        ]
        answers = answered(volley(requests))
        assert {answer.status for answer in answers} <= {201, 409}
        accepted = [answer.json["event"] for answer in answers if answer.status == 201]
        lines = ground.lines(execution)
        assert sorted(accepted, key=lambda one: int(one["number"])) == lines[1:]
        assert not list(chain_faults(lines))
        assert ground.read(f"/executions/{execution['id']}/verification").json["ok"]


def test_of_those_who_saw_the_same_version_one_is_heard_and_notes_without_a_version_are_all_heard(
    ground: Ground,
) -> None:
    execution = ground.declared()
    for turn in range(ROUNDS):
        tag = f'"{execution["version"]}-{("en", "fr")[turn % 2]}"'
        note = {"type": "note", "comment": "Seen."}
        strict = [
            event(ground, execution, note, who=one, port=ground.port(n), headers={"If-Match": tag})
            for n, one in enumerate(ground.operators[:4])
        ]
        answers = answered(volley(strict))
        assert sorted((answer.status, answer.slug) for answer in answers) == [
            (201, ""),
            *[(412, "version-mismatch")] * 3,
        ]
        loose = [event(ground, execution, note, who=one, port=ground.port(n)) for n, one in enumerate(ground.crowd)]
        answers = answered(volley(loose))
        assert {answer.status for answer in answers} == {201}
        numbers = sorted(answer.json["event"]["number"] for answer in answers)
        assert numbers == list(range(execution["version"] + 2, execution["version"] + 2 + len(loose)))
        execution = ground.read(f"/executions/{execution['id']}").json
        assert execution["version"] == numbers[-1]


def test_a_crowd_that_reads_and_writes_at_once_is_answered(ground: Ground) -> None:
    execution = ground.declared()
    for _ in range(max(1, ROUNDS // 10)):
        note = {"type": "note", "comment": "Seen."}
        requests: list[Request] = []
        for n, one in enumerate([*ground.crowd, *ground.crowd]):
            requests.append(event(ground, execution, note, who=one, port=ground.port(n)))
            body = {"type": "hold", "comment": "Wait.", "at": execution["position"]}
            requests.append(event(ground, execution, body, who=one, port=ground.port(n)))
        read = Request(port=ground.port(0), who=ground.operators[0], path=f"/executions/{execution['id']}")
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            reading = [pool.submit(ask, replace(read, port=ground.port(n))) for n in range(64)]
            answers = answered(volley(requests))
            assert {one.result().status for one in reading} == {200}
        assert {answer.status for answer in answers} <= {201, 403, 409}  # an approver may not hold
        held = [answer for answer in answers if answer.status == 201 and answer.json["event"]["type"] == "hold"]
        assert len(held) == 1
        execution = ask(event(ground, execution, {"type": "resume"})).json["execution"]
