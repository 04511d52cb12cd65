"""The stretched-vmm-cluster definition: what it takes from its pages, and what its cluster does that no VM does."""

from typing import Any

import pytest

from app.domain.errors import TransitionRefused
from app.domain.runbook import Origin
from tests.life import ASR, DORA, HYPER_V, NAMES, Life, checklist, standalone

RUNBOOK = checklist("stretched-vmm-cluster")
ROLE_STAYS = "VMM stays at the secondary for good"
#: The pages' steps, and which of the standalone runbook's actions come with them.
STEPS = {
    "confirm-cluster-failover": None,
    "fail-over-workloads": "fail-over-workloads",
    "confirm-access": "confirm-access",
    "return-cluster": None,
    "reverse-workload-replication": "reverse-workload-replication",
    "fail-back-workloads": "fail-back-workloads",
}
#: What the standalone VMM's VM needs, or is called there.
NOT_HERE = {
    "fail-over-workloads.complete-vmm-failover",
    "reverse-workload-replication.vmm-ready-at-primary",
}


def life(**members: Any) -> Life:
    return Life(runbook=RUNBOOK, **members)


def test_it_has_the_pages_steps_and_their_actions() -> None:
    assert [step.id for step in RUNBOOK.steps] == list(STEPS)
    taken = [
        f"{step.id}.{action.id}"
        for step in standalone().steps
        for action in step.actions
        if step.id in STEPS and f"{step.id}.{action.id}" not in NOT_HERE
    ]
    assert [place for place in taken if place not in RUNBOOK.actions] == []
    shared = [RUNBOOK.actions[place] for place in taken]
    assert [one.kind for one in shared] == [standalone().actions[place].kind for place in taken]
    assert [one.irreversible for one in shared] == [standalone().actions[place].irreversible for place in taken]
    first = [action.id for action in RUNBOOK.steps[0].actions if action.origin is Origin.SEED]
    assert first == ["vmm-role-online", "database-at-secondary", "console-reachable", "provider-connected"]
    returned = {action.origin for action in RUNBOOK.step_by_id["return-cluster"].actions}
    assert returned == {Origin.ADDITION}
    assert not RUNBOOK.actions["return-cluster.old-workload-vms-off"].waivable
    assert not RUNBOOK.actions["confirm-cluster-failover.fence-primary"].waivable


def test_the_vault_is_asked_only_where_there_is_one() -> None:
    of_the_vault = {place for place, one in RUNBOOK.actions.items() if one.profiles == (ASR,)}
    assert of_the_vault == {
        "confirm-cluster-failover.provider-connected",
        "fail-over-workloads.verify-provider",
        "return-cluster.no-vault-job-running",
    }
    assert RUNBOOK.actions["reverse-workload-replication.primary-accepts-replication"].profiles == (HYPER_V,)


@pytest.mark.parametrize("position", ["confirm-cluster-failover.vmm-role-online", "fail-over-workloads.sign-off"])
def test_a_primary_that_is_lost_already_is_not_lost_again(position: str) -> None:
    for place in (position, "confirm-access.sign-off"):
        with pytest.raises(TransitionRefused) as refusal:
            life().go_to(place).post("primary_lost", comment="power again")
        assert "lost already" in refusal.value.detail


def test_the_secondary_is_lost_from_the_moment_on_at_which_vmm_runs_there() -> None:
    early = life().go_to("confirm-cluster-failover.vmm-role-online")
    with pytest.raises(TransitionRefused):
        early.post("secondary_lost", comment="and now this")
    early.confirm()
    assert early.post("secondary_lost", comment="and now this")["data"]["gone"] == ["vmm"]


def test_vmm_may_stay_at_the_secondary() -> None:
    one = life().go_to("return-cluster.move-role-back")
    one.post("waive", by=DORA, comment=ROLE_STAYS)
    one.go_to("fail-back-workloads.steady-state-restored")
    assert one.picture()["vmm"] == ("secondary", "secondary_to_primary")
    with pytest.raises(TransitionRefused) as refusal:
        one.confirm()
    assert "vmm" in refusal.value.detail
    one.post("waive", by=DORA, comment=ROLE_STAYS)
    assert one.sign()["position_after"] == "completed"
    assert one.problems() == []


@pytest.mark.parametrize("stays", [False, True])
def test_a_workload_taken_back_does_not_hide_that_the_primary_is_in_use_again(*, stays: bool) -> None:
    one = life().go_to("fail-over-workloads.fail-over-workload-vms")
    one.post("waive", by=DORA, workloads=["file01"], comment="later")
    one.go_to("return-cluster.move-role-back")
    if stays:
        one.post("waive", by=DORA, comment=ROLE_STAYS)
    one.go_to("fail-back-workloads.reverse-workloads-again").confirm(workloads=["web01"])
    one.post("retry", workloads=["file01"])
    assert one.position == "fail-over-workloads.fail-over-workload-vms"
    one.post("primary_lost", comment="power again")
    assert one.position == "confirm-cluster-failover.fence-primary"
    sites = {name: site for name, (site, _) in one.picture().items()}
    assert sites == {"vmm": "secondary" if stays else "none", **dict.fromkeys(NAMES, "none")}
    done = "fail-over-workloads.fail-over-workload-vms"
    assert [done in one.done(name) for name in NAMES] == [True, False, False]
    assert one.go_to("completed").problems() == []


@pytest.mark.parametrize("profile", [HYPER_V, ASR])
def test_a_drill_moves_neither_role_nor_group(profile: str) -> None:
    one = life(mode="drill", profile=profile)
    moving = ("Move-ClusterGroup", "FAILOVER", "HADR RESUME", "-ForceQuorum", "-PreventQuorum", "Stop-VM ")
    while not one.facts.terminal:
        action = one.runbook.actions.get(one.position)
        texts = [command.text for command in action.commands] if action else []
        assert [text for text in texts if any(verb in text for verb in moving)] == []
        one.go_on()
    assert one.position == "completed"
    assert one.problems() == []
