"""Evidence over HTTP: checked in the event's own line, flagged, required, waived, and tried before it is sent."""

import json
from typing import Any

import pytest

from tests.http.clients import World, declaration, slug

HERE = "fail-over-vmm.fail-over-vmm-vm"
SHOWN = {"Name": "vmm01", "State": 6, "Mode": 2}
WRONG = {"Name": "vmm01", "State": "Error", "Mode": "Replica"}


def output(value: Any) -> dict[str, Any]:
    return {"kind": "output", "content": value if isinstance(value, str) else json.dumps(value)}


def tried(world: World, execution: dict[str, Any], who: str = "viewer", **body: Any) -> Any:
    return world.ask(who, f"/executions/{execution['id']}/evidence-checks", json=body)


def test_what_is_required_is_refused_accepted_and_proved(world: World) -> None:
    begun = world.declare(policy={"evidence": "require"})
    assert begun["policy"] == {"four_eyes": "irreversible", "evidence": "require"}
    execution = [begun, *world.walk(begun, until=HERE)][-1]
    assert next(one for one in execution["allowed"] if one["type"] == "confirm")["needs"] == ["evidence"]
    assert execution["action"]["expects"][0]["state"] == ["FailedOverWaitingCompletion"]
    confirm = {"type": "confirm", "at": HERE}
    for evidence in ([], [output(WRONG)], [output("Name State\n---- -----")], [{"kind": "text", "content": "Yes."}]):
        refused = world.post("ann", execution, {**confirm, "evidence": evidence})
        assert slug(refused) == (409, "transition-refused")
        assert "The policy requires evidence that shows what is expected, of vmm01" in refused.json()["reasons"][0]
    accepted = world.post("ann", execution, {**confirm, "evidence": [output(SHOWN)]}).json()
    assert accepted["event"]["evidence"][0]["check"] == {
        "verdict": "met",
        "met": [{"expectation": 0, "about": "vmm01"}],
        "findings": [],
        "warnings": [],
        "why": None,
    }
    assert accepted["execution"]["steps"][0]["actions"][1]["evidence"] == "met"
    assert world.ask("viewer", f"/executions/{begun['id']}/verification").json()["ok"] is True


def test_a_coordinator_waives_it_with_a_reason_and_nobody_else(world: World) -> None:
    begun = world.declare(policy={"evidence": "require"})
    execution = [begun, *world.walk(begun, until=HERE)][-1]
    confirm = {"type": "confirm", "at": HERE, "evidence_waived": True}
    assert slug(world.post("ann", execution, confirm)) == (422, "invalid-request")
    assert slug(world.post("operator", execution, {**confirm, "comment": "x"})) == (403, "role-required")
    accepted = world.post("coordinator", execution, {**confirm, "comment": "The host has no console."}).json()
    assert accepted["event"]["data"]["evidence_waived"] is True
    assert accepted["execution"]["steps"][0]["actions"][1]["evidence"] == "waived"


def test_what_shows_something_else_is_accepted_and_flagged_in_steps_and_lists(world: World) -> None:
    begun = world.declare(title="Flagged once")
    execution = [begun, *world.walk(begun, until=HERE)][-1]
    after = world.accepted("ann", execution, type="confirm", at=HERE, evidence=[output(WRONG)])
    assert after["steps"][0]["actions"][1]["evidence"] == "not_met"
    listed = world.ask("viewer", "/executions", params={"q": "Flagged once"}).json()["items"][0]
    assert listed["evidence_not_met"] == 1
    undone = world.accepted("ann", after, type="undo", at=after["position"], action=HERE, comment="Again.")
    assert undone["steps"][0]["actions"][1]["evidence"] is None
    assert world.ask("viewer", "/executions", params={"q": "Flagged once"}).json()["items"][0]["evidence_not_met"] == 0


def test_evidence_is_tried_without_being_recorded(world: World) -> None:
    begun = world.declare()
    cases = {"met": SHOWN, "not_met": WRONG, "not_recognised": "\ufeff<html>"}
    answer = tried(world, begun, at=HERE, evidence=[output(one) for one in cases.values()])
    assert answer.status_code == 200, answer.text
    assert [one["verdict"] for one in answer.json()["checks"]] == list(cases)
    assert answer.json()["lacking"] == ["vmm01"]
    assert tried(world, begun, at=HERE, evidence=[output("\ufeff" + json.dumps(SHOWN))]).json()["lacking"] == []
    here = tried(world, begun, evidence=[output(SHOWN), {"kind": "link", "href": "https://example.org/x"}]).json()
    assert here == {"at": begun["position"], "checks": [None, None], "lacking": []}
    failover = "fail-over-workloads.fail-over-workload-vms"
    found = tried(world, begun, at=failover, workloads=["SQL01"], evidence=[output({**SHOWN, "Name": "sql01"})])
    assert found.json()["checks"][0]["met"] == [{"expectation": 0, "about": "sql01"}]
    assert world.read(begun)["version"] == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"evidence": []}, "/evidence"),
        ({"evidence": [{"kind": "output"}]}, "/evidence/0"),
        ({"evidence": [{"kind": "output", "content": "x" * (512 * 1024 + 1)}]}, "/evidence/0/content"),
        ({"evidence": [{"kind": "output", "content": "{}"}], "at": "nowhere.at-all"}, "/at"),
        ({"evidence": [{"kind": "output", "content": "{}"}], "at": "fail-over-vmm.sign-off"}, "/at"),
        ({"evidence": [{"kind": "output", "content": "{}"}], "at": HERE, "workloads": ["nobody"]}, "/workloads/0"),
        ({"evidence": [{"kind": "output", "content": "{}"}], "check": {}}, "/check"),
    ],
    ids=range(7),
)
def test_a_bad_try_names_the_member(world: World, body: dict[str, Any], pointer: str) -> None:
    answer = tried(world, world.declare(), **body)
    assert slug(answer) == (422, "invalid-request")
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


def test_deep_and_large_outputs_are_judged_like_any(world: World) -> None:
    begun = world.declare()
    for content in ("[" * 200 + "]" * 200, "[" * 100_000, '{"a":' * 500 + "1" + "}" * 500, "x" * (512 * 1024)):
        found = tried(world, begun, at=HERE, evidence=[output(content)])
        assert [one["verdict"] for one in found.json()["checks"]] == ["not_recognised"]


def test_nobody_says_how_their_own_evidence_was_judged(world: World) -> None:
    begun = world.declare()
    forged = [{**output(SHOWN), "check": {"verdict": "met"}}]
    refused = world.post("ann", begun, {"type": "note", "comment": "x", "evidence": forged})
    assert slug(refused) == (422, "invalid-request")


@pytest.mark.parametrize("value", ["always", "", None, True])
def test_a_policy_that_is_none_is_named(world: World, value: object) -> None:
    answer = world.ask("ann", "/executions", json=declaration(policy={"evidence": value}))
    assert slug(answer) == (422, "invalid-request")
    assert answer.json()["errors"] == [{"pointer": "/policy/evidence", "message": "one of off, advise, require"}]


def test_a_bare_text_is_tried_as_the_output_that_it_is(world: World) -> None:
    execution = world.at(HERE)
    before = world.read(execution)["version"]
    for evidence in (json.dumps(SHOWN), [json.dumps(SHOWN)], [output(SHOWN)]):
        found = tried(world, execution, evidence=evidence).json()
        assert [one["verdict"] for one in found["checks"]] == ["met"]
    nothing: list[Any] = ["", 7, [7], [], None]
    for odd in nothing:
        assert slug(tried(world, execution, evidence=odd)) == (422, "invalid-request")
    assert world.read(execution)["version"] == before
