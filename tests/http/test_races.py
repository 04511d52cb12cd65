"""Of people who post the same event at the same instant exactly one is heard; the others learn who was faster."""

import concurrent.futures
import os
from dataclasses import replace
from itertools import cycle, islice
from random import Random
from typing import Any

import pytest

from tests.grounds import CROWD, Ground, ground
from tests.history import chain_faults
from tests.lives import DECLARATION, Post, ends, first_step, life, until_the_commit
from tests.wire import Answer, Request, answered, ask, new_key, volley

__all__ = ["ground"]  # a fixture

PROVE = bool(os.environ.get("FAILBACK_PROVE"))
#: A life has one or two rounds of most types of event, and twenty confirmations.
LIVES = 200 if PROVE else 6
CROWDED_LIVES = 40 if PROVE else 1
ROUNDS = 200 if PROVE else 10


def raced(ground: Ground, before: dict[str, Any], post: Post, *, crowd: int, chance: Random) -> tuple[Answer, int]:
    """Let so many people post the same event at once; give the answer of the one who was heard, and its process."""
    who, members = post
    body = {**members, "at": before["position"]}
    racers = chance.sample(ground.operators if who == "operators" else ground.approvers, crowd)
    first = chance.randrange(2)  # which process gets its last byte first
    answers = answered(
        volley([ground.event(before, body, who=one, port=ground.port(first + n)) for n, one in enumerate(racers)])
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
            execution = answered([ask(ground.event(execution, body, who=person))])[0].json["execution"]
        body = {"type": "authorize", "at": execution["position"]}
        execution = ask(ground.event(execution, body, who=ground.both)).json["execution"]
        racers = [ground.both, *chance.sample(ground.operators, 3)]
        body = {"type": "confirm", "at": execution["position"]}
        answers = answered(
            volley([ground.event(execution, body, who=one, port=ground.port(n)) for n, one in enumerate(racers)])
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
            ground.event(execution, {**body, "at": execution["position"]}, port=ground.port(n))
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
            ground.event(execution, note, who=one, port=ground.port(n), headers={"If-Match": tag})
            for n, one in enumerate(ground.operators[:4])
        ]
        answers = answered(volley(strict))
        assert sorted((answer.status, answer.slug) for answer in answers) == [
            (201, ""),
            *[(412, "version-mismatch")] * 3,
        ]
        loose = [ground.event(execution, note, who=one, port=ground.port(n)) for n, one in enumerate(ground.crowd)]
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
            requests.append(ground.event(execution, note, who=one, port=ground.port(n)))
            body = {"type": "hold", "comment": "Wait.", "at": execution["position"]}
            requests.append(ground.event(execution, body, who=one, port=ground.port(n)))
        read = Request(port=ground.port(0), who=ground.operators[0], path=f"/executions/{execution['id']}")
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            reading = [pool.submit(ask, replace(read, port=ground.port(n))) for n in range(64)]
            answers = answered(volley(requests))
            assert {one.result().status for one in reading} == {200}
        assert {answer.status for answer in answers} <= {201, 403, 409}  # an approver may not hold
        held = [answer for answer in answers if answer.status == 201 and answer.json["event"]["type"] == "hold"]
        assert len(held) == 1
        execution = ask(ground.event(execution, {"type": "resume"})).json["execution"]


def test_the_same_key_on_eight_connections_at_once_is_one_event_and_eight_equal_answers(ground: Ground) -> None:
    execution = ground.declared()
    for _ in range(ROUNDS):
        body = {"type": "note", "comment": "Sent by an impatient hand."}
        request = ground.event(execution, body)
        keys = (request.key, f'"{request.key}"')  # bare or quoted, it is the same
        answers = answered(volley([replace(request, key=keys[n // 2 % 2], port=ground.port(n)) for n in range(8)]))
        assert {answer.status for answer in answers} == {201}
        assert len({(answer.body, answer.headers["etag"], answer.headers["location"]) for answer in answers}) == 1
        assert sorted(answer.replayed for answer in answers) == [False, *[True] * 7]
        execution = answers[0].json["execution"]
    assert len(ground.lines(execution)) == 1 + ROUNDS


def test_the_same_key_with_two_bodies_at_once_is_one_event_and_a_refusal(ground: Ground) -> None:
    execution = ground.declared()
    for turn in range(ROUNDS):
        request = ground.event(execution, {})
        bodies = [{"type": "note", "comment": f"One of two things: {n % 4 // 2}."} for n in range(8)]
        answers = answered(volley([replace(request, body=body, port=ground.port(n)) for n, body in enumerate(bodies)]))
        by_body = {body["comment"]: set[tuple[int, str]]() for body in bodies}
        for body, answer in zip(bodies, answers, strict=True):
            by_body[body["comment"]].add((answer.status, answer.slug))
        assert sorted(by_body.values(), key=str) == [{(201, "")}, {(422, "idempotency-key-reused")}]
        assert ground.read(f"/executions/{execution['id']}").json["version"] == turn + 2


def test_the_same_key_of_other_operators_is_theirs(ground: Ground) -> None:
    execution = ground.declared()
    for turn in range(ROUNDS):
        request = ground.event(
            execution, {"type": "note", "comment": "Everybody says so."}, key=f'"{execution["id"]}-{turn}"'
        )
        answers = answered(
            volley([replace(request, who=one, port=ground.port(n)) for n, one in enumerate(ground.operators[:8])])
        )
        assert [(answer.status, answer.replayed) for answer in answers] == [(201, False)] * 8
        assert len({answer.json["event"]["number"] for answer in answers}) == 8
        speakers = [answer.json["event"]["actor"]["id"] for answer in answers]
        assert speakers == [one.id for one in ground.operators[:8]]


def test_the_same_key_for_two_executions_at_once_is_an_event_of_one_of_them(ground: Ground) -> None:
    executions = [ground.declared(), ground.declared()]
    for turn in range(ROUNDS):
        key = new_key()
        body = {"type": "note", "comment": "Which of the two?"}
        answers = answered(
            volley([ground.event(executions[n % 2], body, key=key, port=ground.port(n // 2)) for n in range(8)])
        )
        accepted = [answer.json["event"] for answer in answers if answer.status == 201]
        assert len({(one["execution_id"], one["number"]) for one in accepted}) == 1
        assert {answer.slug for answer in answers} == {"", "idempotency-key-reused"}
        assert sum(len(ground.lines(one)) for one in executions) == 2 + turn + 1


def test_the_same_declaration_at_once_is_one_execution(ground: Ground) -> None:
    for turn in range(ROUNDS):
        title = f"Fire, call {turn}"
        request = Request(
            port=0, who=ground.operators[0], path="/executions", body={**DECLARATION, "title": title}, key=new_key()
        )
        answers = answered(volley([replace(request, port=ground.port(n)) for n in range(8)]))
        assert {answer.status for answer in answers} == {201}
        assert len({(answer.body, answer.headers["location"], answer.headers["etag"]) for answer in answers}) == 1
        assert sorted(answer.replayed for answer in answers) == [False, *[True] * 7]
    found = ground.read("/executions?q=Fire%2C%20call&limit=200").json["items"]
    assert len(found) == ROUNDS


def test_a_stored_answer_comes_again_as_it_was_whatever_happened_since(ground: Ground) -> None:
    execution = ground.declared()
    first = ground.event(execution, {"type": "confirm", "at": execution["position"], "comment": "No power."})
    told = ask(first)
    for body in ({"type": "hold", "comment": "Wait."}, {"type": "note", "comment": "Waiting."}, {"type": "resume"}):
        assert ask(ground.event(execution, body)).status == 201
    for n in range(4):
        again = ask(replace(first, port=ground.port(n)))
        assert again.replayed
        assert (again.status, again.body) == (told.status, told.body)
        assert {name: again.headers[name] for name in ("etag", "location")} == {
            name: told.headers[name] for name in ("etag", "location")
        }
    stale = ask(replace(first, headers={"If-Match": '"1-en"'}))  # the stored answer goes before a stale version
    assert (stale.status, stale.body) == (told.status, told.body)
    other = ask(replace(first, body={**first.body, "comment": "Some power."}))
    assert (other.status, other.slug) == (422, "idempotency-key-reused")
    assert len(ground.lines(execution)) == 5


CHECKLIST = {"runbook": "prepare-hyper-v-hosts", "mode": "live", "title": "Quarterly", "parameters": {}}
ITEMS = "hyper-v-hosts.items"


def test_one_item_is_settled_once_and_different_items_each_at_once(ground: Ground) -> None:
    chance = Random(3)
    for _ in range(ROUNDS):
        asked = Request(port=ground.port(0), who=ground.operators[0], path="/executions", body=CHECKLIST)
        execution = answered([ask(asked)])[0].json
        first, *others = [one["id"] for one in execution["items"]]
        body = {"type": "confirm", "at": ITEMS, "action": first}
        racers = chance.sample(ground.operators, 6)
        answers = answered(
            volley([ground.event(execution, body, who=one, port=ground.port(n)) for n, one in enumerate(racers)])
        )
        (heard,) = [one.json["event"] for one in answers if one.status == 201]
        late = [one for one in answers if one.status != 201]
        assert {(one.status, one.slug) for one in late} == {(409, "position-moved")}
        assert all(one.json["moved_by"] == mark_of(heard) for one in late)
        bodies = [{"type": "confirm", "at": ITEMS, "action": one} for one in others for _ in range(2)]
        chance.shuffle(bodies)
        asked_at_once = [
            ground.event(execution, one, who=ground.operators[n % CROWD], port=ground.port(n))
            for n, one in enumerate(bodies)
        ]
        answers = answered(volley(asked_at_once))
        won = {one.json["event"]["action"]: one.json["event"] for one in answers if one.status == 201}
        assert sorted(won) == sorted(others)
        assert sorted(one.status for one in answers) == [201] * len(others) + [409] * len(others)
        for body, answer in zip(bodies, answers, strict=True):
            if answer.status != 201:
                assert answer.json["moved_by"] == mark_of(won[str(body["action"])])
        assert ground.read(f"/executions/{execution['id']}").json["position"] == "hyper-v-hosts.sign-off"
        assert ground.read(f"/executions/{execution['id']}/verification").json["ok"]
