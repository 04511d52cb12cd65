"""A whole disaster of a stretched cluster over HTTP, the primary lost again in each step of the way back."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.http.clients import World

PARAMETERS = {
    "vmm_role": "VMM",
    "vmm_server": "vmm.corp.example",
    "primary_node": "vmm-pri",
    "secondary_node": "vmm-sec",
    "availability_group": "AG-VMM",
    "sql_primary": "sql-pri",
    "sql_secondary": "sql-sec",
    "primary_host": "pri-hv01",
    "secondary_host": "sec-hv01",
}
WORKLOADS = ("sql01", "web01")
START = "confirm-cluster-failover.fence-primary"
#: By hand, a step a line: its actions (with an asterisk what ben authorizes first, /V only with the vault, /H only
#: without), and where VMM and the workloads are once it is signed off.
SCRIPT = (
    ("confirm-cluster-failover",
     "fence-primary vmm-role-online database-at-secondary console-reachable provider-connected/V", "S none, N none"),
    ("fail-over-workloads",
     "verify-vmm verify-provider/V fail-over-workload-vms check-workloads commit-workloads*", "S none, S none"),
    ("confirm-access", "vmm-at-secondary confirm-users-can-work", "S none, S none"),
    ("return-cluster",
     ("primary-site-available old-workload-vms-off primary-nodes-back resume-database* group-synchronised"
     " no-vault-job-running/V move-role-back"), "P home, S none"),
    ("reverse-workload-replication",
     "vmm-ready primary-accepts-replication/H reverse-workloads* workload-initial-replication-complete",
     "P home, S back"),
    ("fail-back-workloads",
     ("fail-back-workload-vms check-workloads-at-primary commit-workload-failback* reverse-workloads-again"
     " steady-state-restored"), "P home, P home"),
)  # fmt: skip
SITES = {"P": "primary", "S": "secondary", "N": "none"}
WAYS = {"none": "none", "home": "primary_to_secondary", "back": "secondary_to_primary"}


def pictured(told: str) -> dict[str, Any]:
    vmm, workloads = ({"site": SITES[one[0]], "replication": WAYS[one[2:]]} for one in told.split(", "))
    return {"vmm": vmm, "workloads": [{"name": name, **workloads} for name in WORKLOADS]}


def walked(world: World, document: dict[str, Any], *, until: str = "completed") -> dict[str, Any]:
    """Go by the script from the step at hand to the end of the step `until`, or to the end."""
    left_out = "/H" if document["command_profile"] == "asr" else "/V"
    again = "fail-over-workloads.commit-workloads" in kept(document)  # so the workloads run at the secondary already
    begun = False
    for step, names, told in SCRIPT:
        begun = begun or step == document["step"]["id"]
        if not begun:
            continue
        for name in names.split():
            place = f"{step}.{name.rstrip('*').partition('/')[0]}"
            if left_out in name or document["position"] != place:  # kept from before, or not in this profile
                assert left_out in name or place in kept(document), place
                continue
            if name.endswith("*"):
                document = world.accepted("ben", document, type="authorize", at=place)
            document = world.accepted("ann", document, type="confirm", at=place, comment="As shown.")
        document = world.accepted("ben", document, type="sign_off", at=f"{step}.sign-off", decision="approve")
        assert document["site_picture"] == pictured(told.replace(", N", ", S") if again else told), step
        if step == until:
            break
    return document


def kept(document: dict[str, Any]) -> set[str]:
    """Give the actions that every workload has done already."""
    return set.intersection(*({one["at"] for one in workload["outcomes"]} for workload in document["workloads"]))


def begun(world: World, profile: str, **members: Any) -> dict[str, Any]:
    return world.declare(
        runbook="stretched-vmm-cluster",
        title="Paris is dark",
        parameters=PARAMETERS,
        workloads=[{"name": name} for name in WORKLOADS],
        command_profile=profile,
        **members,
    )


def proven(world: World, document: dict[str, Any]) -> None:
    proof = world.ask("auditor", f"/executions/{document['id']}/verification").json()
    assert proof == {"ok": True, "events": document["version"], "head": document["head"], "problems": []}


@pytest.mark.parametrize("profile", ["hyper-v-replica", "asr"])
def test_a_whole_disaster(world: World, profile: str) -> None:
    document = begun(world, profile)
    assert document["position"] == START
    assert document["site_picture"] == pictured("N none, N none")
    document = walked(world, document)
    assert (document["status"], document["position"]) == ("completed", "completed")
    assert document["unprotected"]
    assert all(window["until"] for window in document["unprotected"])
    proven(world, document)


#: the step after whose end the primary is lost: the picture then
LOST_AFTER = {
    "confirm-access": "S none, S none",
    "return-cluster": "N none, S none",
    "reverse-workload-replication": "N none, S none",
}


@pytest.mark.parametrize("profile", ["hyper-v-replica", "asr"])
def test_the_primary_is_lost_again_in_each_step_of_the_way_back(world: World, profile: str) -> None:
    document = begun(world, profile)
    for step, told in LOST_AFTER.items():
        document = walked(world, document, until=step)
        before = document["step"]["number"]
        document = world.accepted("ann", document, type="primary_lost", comment="Power again.")
        assert (before, document["position"]) == (4 + list(LOST_AFTER).index(step), START)
        assert document["site_picture"] == pictured(told)
        assert document["restored_at"] is None
        for workload in document["workloads"]:
            done = {one["at"] for one in workload["outcomes"]}
            assert {f"fail-over-workloads.{name}" for name in ("fail-over-workload-vms", "commit-workloads")} <= done
    document = walked(world, document)
    assert document["status"] == "completed"
    proven(world, document)


def test_a_loss_before_the_way_back_is_refused(world: World) -> None:
    document = begun(world, "hyper-v-replica")
    answer = world.post("ann", document, {"type": "primary_lost", "comment": "Power again."})
    assert answer.status_code == 409
    assert "lost already" in answer.json()["detail"]


def commands(document: dict[str, Any]) -> Iterator[str]:
    yield from (command["text"] for command in document["action"]["commands"])


def test_names_stand_in_the_commands_as_literals(world: World) -> None:
    document = world.declare(
        runbook="stretched-vmm-cluster",
        parameters={**PARAMETERS, "availability_group": "AG's", "vmm_role": "VMM"},
    )
    document = world.accepted("ann", document, type="confirm", at=START, comment="Power is cut.")
    assert any("Get-ClusterGroup -Name 'VMM' |" in text for text in commands(document))
    document = world.accepted("ann", document, type="confirm", at=document["position"])
    assert all("-eq 'AG''s' }" in text for text in commands(document))
    assert {command["run_on"] for command in document["action"]["commands"]} == {"vmm-sec"}


def test_what_the_cluster_prints_is_checked(world: World) -> None:
    document = begun(world, "hyper-v-replica", policy={"evidence": "require"})
    document = walked(world, document, until="confirm-cluster-failover")
    here = "fail-over-workloads.verify-vmm"
    asked = {"type": "confirm", "at": here}
    stopped = [{"kind": "output", "content": '{"Name":"SCVMMService","Status":"Stopped"}'}]
    assert world.post("ann", document, {**asked, "evidence": stopped}).status_code == 409
    running = [{"kind": "output", "content": '{"Name":"SCVMMService","Status":"Running"}'}]
    document = world.accepted("ann", document, **asked, evidence=running)
    assert document["steps"][1]["actions"][0]["evidence"] == "met"
