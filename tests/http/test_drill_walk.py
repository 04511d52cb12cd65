"""A whole drill over HTTP, on both databases, what its documents say on the way; and a drill of an older definition."""

import json
from typing import Any

import pytest

from app.domain.projection import REHEARSE
from app.runbooks import build_runbook, bundled_runbooks
from app.services.definitions import Definitions
from tests.http.clients import World, running, slug

# what is due, by whom | a command that acts then (after whose workload it is); without one nothing may act
WALK = """
ann confirm    fail-over-vmm.fence-primary
ann confirm    fail-over-vmm.fail-over-vmm-vm            Start-VMFailover -VMName 'vmm01' -AsTest -Confirm:$false
ann confirm    fail-over-vmm.start-vmm-vm                Start-VM -Name ('vmm01' + ' - Test')
ben sign_off   fail-over-vmm.sign-off
ann confirm    fail-over-workloads.verify-vmm
ann waive      fail-over-workloads.complete-vmm-failover
ann confirm    fail-over-workloads.fail-over-workload-vms sql01: Start-VMFailover -VMName 'sql01' -AsTest
ann confirm    fail-over-workloads.check-workloads
ben authorize  fail-over-workloads.commit-workloads
ann confirm    fail-over-workloads.commit-workloads
ben sign_off   fail-over-workloads.sign-off
ann confirm    confirm-access.vmm-at-secondary
ann confirm    confirm-access.confirm-users-can-work
ben sign_off   confirm-access.sign-off
ann confirm    reverse-vmm-replication.clean-up-workload-tests sql01: Stop-VMFailover -VMName 'sql01' -Confirm:$false
ann confirm    reverse-vmm-replication.clean-up-vmm-test  Stop-VMFailover -VMName 'vmm01' -Confirm:$false
ann confirm    reverse-vmm-replication.primary-site-available
ann confirm    reverse-vmm-replication.old-workload-vms-off
ann confirm    reverse-vmm-replication.old-vmm-vm-off
ann confirm    reverse-vmm-replication.primary-accepts-replication
ben authorize  reverse-vmm-replication.mark-old-primary-as-replica
ann confirm    reverse-vmm-replication.mark-old-primary-as-replica
ben authorize  reverse-vmm-replication.reverse-vmm-replication
ann confirm    reverse-vmm-replication.reverse-vmm-replication
ann confirm    reverse-vmm-replication.vmm-initial-replication-complete
ben sign_off   reverse-vmm-replication.sign-off
ann confirm    fail-back-vmm.prepare-planned-failover
ann confirm    fail-back-vmm.fail-over-vmm-vm-to-primary
ben authorize  fail-back-vmm.commit-vmm-failback
ann confirm    fail-back-vmm.commit-vmm-failback
ann confirm    fail-back-vmm.reverse-vmm-replication-again
ann confirm    fail-back-vmm.start-vmm-vm-at-primary
ben sign_off   fail-back-vmm.sign-off
ann confirm    reverse-workload-replication.vmm-ready-at-primary
ben authorize  reverse-workload-replication.reverse-workloads
ann confirm    reverse-workload-replication.reverse-workloads
ann confirm    reverse-workload-replication.workload-initial-replication-complete
ben sign_off   reverse-workload-replication.sign-off
ann confirm    fail-back-workloads.fail-back-workload-vms
ann confirm    fail-back-workloads.check-workloads-at-primary
ben authorize  fail-back-workloads.commit-workload-failback
ann confirm    fail-back-workloads.commit-workload-failback
ann confirm    fail-back-workloads.reverse-workloads-again
ann confirm    fail-back-workloads.steady-state-restored
ann confirm    fail-back-workloads.no-test-left            Stop-VMFailover -VMName $name -Confirm:$false
ben sign_off   fail-back-workloads.sign-off
"""
EVENTS = [line.split(None, 3) for line in WALK.strip().splitlines()]


def test_a_drill_is_walked_from_its_declaration_to_its_attestation(world: World) -> None:
    document = world.declare(mode="drill", title="Quarterly drill")
    for who, kind, at, *command in EVENTS:
        assert (document["position"], document["mode"], document["site_picture"]["simulated"]) == (at, "drill", True)
        action = document["action"]
        acting = [one for one in action["commands"] if not one["verify"]] if action else []
        assert bool(acting) == bool(command), at
        if command:
            workload, _, text = command[0].rpartition(": ")
            shown = [one["text"] for one in acting if one["workload"] == (workload or None)]
            assert any(text in one.splitlines() or text in one for one in shown), (at, shown)
        if at.endswith("no-test-left"):  # the end cannot be had without it
            waived = world.post("ann", document, {"type": "waive", "at": at, "comment": "late"})
            assert slug(waived) == (409, "transition-refused")
        members: dict[str, Any] = {"decision": "approve"} if kind == "sign_off" else {}
        if at == EVENTS[-1][2]:
            members["drill_outcome"] = "failed"
        comment = "Rehearsed." if kind != "authorize" else "Yes, if it were real."
        document = world.accepted(who, document, type=kind, at=at, comment=comment, **members)
    assert (document["status"], document["drill"]["outcome"]) == ("completed", "failed")
    assert {one["status"] for step in document["steps"] for one in step["actions"]} == {"done", "waived", "passed"}
    assert [place["site"] for place in document["site_picture"]["workloads"]] == ["primary", "primary"]
    assert document["restored_at"] is not None
    lines = [json.loads(line) for line in world.journal(document).splitlines()]
    assert [(one["actor"]["name"], one["type"], one["position_before"]) for one in lines[1:]] == [
        (who, kind, at) for who, kind, at, *_ in EVENTS
    ]
    assert {one["data"]["mode"] for one in lines} == {"drill"}
    assert lines[4]["data"]["meaning"].startswith("Rehearsed only. Live: ")
    proof = world.ask("auditor", f"/executions/{document['id']}/verification").json()
    assert proof == {"ok": True, "events": len(lines), "head": document["head"], "problems": [], "mode": "drill"}


def test_a_workload_taken_back_late_is_tested_and_cleaned_up_again(world: World) -> None:
    drill = world.at("fail-over-workloads.check-workloads", mode="drill")
    drill = world.accepted(
        "ann", drill, type="waive", at=drill["position"], workloads=["web01"], comment="Its test VM hangs."
    )
    drill = [drill, *world.walk(drill, until="reverse-vmm-replication.primary-site-available")][-1]
    back = world.accepted("ann", drill, type="retry", at=drill["position"], workloads=["web01"])
    assert back["position"] == "fail-over-workloads.check-workloads"
    opened = [one["position"] for one in world.walk(back, until="reverse-vmm-replication.primary-site-available")]
    assert "reverse-vmm-replication.clean-up-workload-tests" in opened


def test_undo_in_a_drill_is_the_clean_up_of_that_test(world: World) -> None:
    drill = world.at("fail-over-vmm.start-vmm-vm", mode="drill")
    drill = world.accepted("ann", drill, type="report_failure", at=drill["position"], symptom="F06")
    undone = world.accepted(
        "ann", drill, type="undo", at=drill["position"], action="fail-over-vmm.fail-over-vmm-vm", comment="Too old."
    )
    assert undone["position"] == "fail-over-vmm.fail-over-vmm-vm"
    undo = undone["action"]["undo"]
    assert undo["consequence"] == "The test VM is deleted; production and its replication are not touched."
    assert [one["text"].splitlines()[2].strip() for one in undo["commands"]] == [
        "Stop-VMFailover -VMName 'vmm01' -Confirm:$false"
    ]


def test_the_runbook_reads_as_each_mode_has_it(world: World) -> None:
    path = "/runbooks/standalone-vmm"
    live, drill = (world.ask("viewer", f"{path}?mode={mode}").json() for mode in ("live", "drill"))
    assert world.ask("viewer", path).json() == live
    assert (live["mode"], drill["mode"], live["digest"]) == ("live", "drill", drill["digest"])
    ids = [[action["id"] for step in one["steps"] for action in step["actions"]] for one in (live, drill)]
    assert [one for one in ids[1] if one not in ids[0]] == [
        "clean-up-workload-tests",
        "clean-up-vmm-test",
        "no-test-left",
    ]
    assert "-AsTest" in json.dumps(drill)
    assert "-AsTest" not in json.dumps(live)
    drawn = [world.ask("viewer", f"{path}/diagram?lang=fr&mode={mode}").text for mode in ("live", "drill")]
    assert ["EXERCICE" in one for one in drawn] == [False, True]
    execution = world.declare(mode="drill")
    assert "DRILL" in world.ask("viewer", f"/executions/{execution['id']}/diagram").text
    assert slug(world.ask("viewer", f"{path}?mode=real")) == (422, "invalid-request")


@pytest.fixture
def older() -> Definitions:
    """Give definitions as a release had them that knew of no drills."""
    content, _ = next(pair for pair in bundled_runbooks() if pair[1].id == "standalone-vmm")
    actions = [[a for a in step["actions"] if not a.get("drill_only")] for step in content["steps"]]
    bare = {
        **content,
        "version": "0.9.0",
        "steps": [
            {**step, "actions": [{key: one for key, one in a.items() if key != "drill"} for a in own]}
            for step, own in zip(content["steps"], actions, strict=True)
        ],
    }
    return Definitions([(bare, build_runbook(bare))])


def test_a_drill_of_an_older_definition_goes_on_without_commands(database_url: str, older: Definitions) -> None:
    with running(database_url, definitions=older) as before:
        begun = before.at("fail-over-vmm.start-vmm-vm", mode="drill")
        declared = before.journal(begun).splitlines()[0]
    with running(database_url) as world:
        now = world.read(begun)
        assert (now["runbook"]["version"], now["mode"], now["position"]) == ("0.9.0", "drill", begun["position"])
        for document in (now, *world.walk(now)):
            if document["action"] is not None:
                assert document["action"]["commands"] == []
                assert document["action"]["instruction"].startswith(REHEARSE.en)
        ended = world.read(begun)
        assert (ended["status"], ended["drill"]["outcome"]) == ("completed", "passed")
        assert "no-test-left" not in json.dumps(ended)
        assert world.ask("auditor", f"/executions/{begun['id']}/verification").json()["ok"]
        exported = world.journal(begun)
        assert exported.splitlines()[0] == declared
    assert json.loads(declared)["data"]["drill"] == {"attestation": "required"}
