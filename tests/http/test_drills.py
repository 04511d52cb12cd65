"""Drills over HTTP, on both databases: marked wherever they show, ended by an attestation, never taken for the real."""

import csv
import io
import json

import pytest

from tests.http.clients import World, pointers, slug

CLEAN_UPS = (
    "reverse-vmm-replication.clean-up-workload-tests",
    "reverse-vmm-replication.clean-up-vmm-test",
    "fail-back-workloads.no-test-left",
)
ATTESTED = {"drill_outcome": "passed", "comment": "All test VMs came up within the hour."}


@pytest.fixture
def ended(world: World) -> dict[str, object]:
    """Give a drill that was walked whole and passed."""
    return world.at("completed", mode="drill", workloads=[{"name": "sql01"}])


def test_a_drill_ends_with_an_attestation_and_notes(world: World) -> None:
    drill = world.at("fail-back-workloads.sign-off", mode="drill", workloads=[{"name": "sql01"}])
    sign = {"type": "sign_off", "at": drill["position"], "decision": "approve"}
    assert pointers(world.post("ben", drill, sign)) == ["/drill_outcome"]
    assert pointers(world.post("ben", drill, {**sign, "drill_outcome": "passed"})) == ["/comment"]
    assert pointers(world.post("ben", drill, {**sign, "drill_outcome": "fine"})) == ["/drill_outcome"]
    reject = {**sign, **ATTESTED, "decision": "reject"}
    assert pointers(world.post("ben", drill, reject)) == ["/drill_outcome"]
    signing = next(one for one in drill["allowed"] if one["type"] == "sign_off")
    assert signing["needs"] == ["decision", "drill_outcome", "comment"]
    assert drill["drill"] == {"outcome": None, "notes": None, "event": None, "at": None, "clean_up_left": []}
    after = world.accepted("ben", drill, **sign, **ATTESTED)
    assert after["status"] == "completed"
    assert after["drill"] == {
        "outcome": "passed",
        "notes": ATTESTED["comment"],
        "event": after["version"],
        "at": after["completed_at"],
        "clean_up_left": [],
    }
    listed = world.ask("viewer", "/executions?mode=drill").json()["items"]
    assert next(one for one in listed if one["id"] == drill["id"])["drill"] == {"outcome": "passed"}


def test_a_live_execution_attests_nothing(world: World) -> None:
    live = world.at("fail-over-vmm.sign-off")
    sign = {"type": "sign_off", "at": live["position"], "decision": "approve", **ATTESTED}
    assert pointers(world.post("ben", live, sign)) == ["/drill_outcome"]
    assert (live["drill"], live["site_picture"].get("simulated")) == (None, None)
    listed = world.ask("viewer", "/executions?mode=live").json()["items"]
    assert {json.dumps(one["drill"]) for one in listed} == {"null"}


def test_an_attestation_before_the_end_is_refused_with_the_reason(world: World) -> None:
    drill = world.at("fail-over-vmm.sign-off", mode="drill")
    answer = world.post("ben", drill, {"type": "sign_off", "at": drill["position"], "decision": "approve", **ATTESTED})
    assert slug(answer) == (409, "transition-refused")
    assert "last sign-off" in answer.json()["reasons"][0]


def test_a_drill_that_was_aborted_once_begun_has_failed(world: World) -> None:
    untouched = world.accepted("ann", world.declare(mode="drill"), type="abort", comment="Wrong set.")
    assert untouched["drill"]["outcome"] is None
    begun = world.at("fail-over-vmm.start-vmm-vm", mode="drill")
    aborted = world.accepted("ann", begun, type="abort", comment="The real thing.")
    assert (aborted["drill"]["outcome"], aborted["drill"]["notes"]) == ("failed", "The real thing.")
    assert aborted["drill"]["clean_up_left"] == [*CLEAN_UPS]
    half = world.at(CLEAN_UPS[1], mode="drill")
    assert world.accepted("ann", half, type="abort", comment="x")["drill"]["clean_up_left"] == [*CLEAN_UPS[1:]]


def test_a_drill_is_marked_wherever_it_shows(world: World, ended: dict[str, object]) -> None:
    path = f"/executions/{ended['id']}"
    assert (ended["mode"], ended["site_picture"]["simulated"]) == ("drill", True)  # type: ignore[index] # a document is a plain dict
    lines = [json.loads(line) for line in world.journal(ended["id"]).splitlines()]  # type: ignore[arg-type] # a document is a plain dict
    assert {line["data"]["mode"] for line in lines} == {"drill"}
    table = world.ask("auditor", f"{path}/events", headers={"accept": "text/csv"}).text
    assert {row["mode"] for row in csv.DictReader(io.StringIO(table))} == {"drill"}
    proof = world.ask("auditor", f"{path}/verification").json()
    assert (proof["ok"], proof["mode"]) == (True, "drill")
    live = world.declare()
    table = world.ask("auditor", f"/executions/{live['id']}/events", headers={"accept": "text/csv"}).text
    assert [row["mode"] for row in csv.DictReader(io.StringIO(table))] == ["live"]
    assert "mode" not in world.ask("auditor", f"/executions/{live['id']}/verification").json()
