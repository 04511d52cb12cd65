"""What stays a fact whatever is cleared: how undo, acceptance and offers judge by it."""

import pytest

from app.domain.errors import TransitionRefused
from app.domain.options import opens, options
from tests.life import ASR, HYPER_V, NAMES, Life

FAIL_OVER, FAIL_OVER_W = "fail-over-vmm.fail-over-vmm-vm", "fail-over-workloads.fail-over-workload-vms"


def leads(life: Life, kind: str) -> str | None:
    offer = next(offer for offer, reasons in options(life.runbook, life.facts) if offer.type == kind and not reasons)
    return opens(life.machine, life.facts, offer)


def test_undo_of_the_vmm_failover_stays_closed_while_workloads_stand_at_the_secondary() -> None:
    life = Life().go_to("fail-over-workloads.complete-vmm-failover")
    life.post("waive", comment="later")
    life.go_to("fail-over-workloads.sign-off").reject()
    assert FAIL_OVER_W not in set(life.done("web01"))
    with pytest.raises(TransitionRefused, match="Too late to undo"):
        life.post("undo", action=FAIL_OVER, comment="another point")


def test_undo_of_the_vmm_failover_opens_again_once_every_workload_is_taken_back() -> None:
    life = Life().go_to("fail-over-workloads.complete-vmm-failover")
    life.post("waive", comment="later")
    life.go_to("fail-over-workloads.check-workloads").post("undo", action=FAIL_OVER_W, comment="all of them")
    life.post("undo", action=FAIL_OVER, comment="another point")
    assert life.position == FAIL_OVER


def test_a_failover_is_undone_by_the_profile_it_was_done_under() -> None:
    life = Life(profile=ASR).go_to(FAIL_OVER_W)
    life.confirm(workloads=["sql01"])
    life.post("change_profile", command_profile=HYPER_V, comment="withdrawn")
    life.confirm(workloads=["web01"])
    with pytest.raises(TransitionRefused, match="sql01 cannot be undone under"):
        life.post("undo", action=FAIL_OVER_W, comment="all")
    with pytest.raises(TransitionRefused, match="cannot be undone under"):
        life.post("undo", action=FAIL_OVER_W, workloads=["sql01"], comment="that one")
    life.post("change_profile", command_profile=ASR, comment="and back")
    life.post("undo", action=FAIL_OVER_W, workloads=["web01"], comment="that one")
    assert life.problems() == []


def test_accepting_some_workloads_leaves_the_failure_of_the_action_open() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("report_failure", symptom="F13")
    life.confirm(outcome="already_done", workloads=["sql01"])
    assert life.facts.status == "blocked"
    life.confirm(outcome="already_done", workloads=list(NAMES[1:]))
    assert (life.facts.status, life.position) == ("in_progress", "fail-over-workloads.check-workloads")


def test_accepting_without_names_closes_the_failure_of_the_action() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("report_failure", symptom="F13")
    life.post("report_failure", symptom="F12", workloads=["web01"])
    life.confirm(outcome="already_done")
    assert [one.workloads for one in life.facts.failures] == [("web01",)]


def test_where_all_have_failed_what_is_accepted_has_to_be_named() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("report_failure", symptom="F12", workloads=list(NAMES))
    with pytest.raises(TransitionRefused, match="Name the workloads that are already_done"):
        life.confirm(outcome="already_done")
    life.confirm(outcome="already_done", workloads=list(NAMES))


def test_an_offer_says_where_it_leads_unless_that_hangs_on_a_choice() -> None:
    life = Life().go_to("fail-over-vmm.sign-off")
    assert leads(life, "undo") == FAIL_OVER
    life = Life().go_to("confirm-access.confirm-users-can-work")
    assert leads(life, "retry") == "confirm-access.vmm-at-secondary"
    life = Life().go_to("fail-back-vmm.commit-vmm-failback")
    assert leads(life, "undo") is None  # of two that are open
