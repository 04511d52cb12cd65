"""The machine that has the last word: only the ways of the table, safe for threads, also for other runbooks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from app.domain.errors import TransitionRefused
from app.domain.events import EventType
from app.domain.facts import Facts
from app.domain.journal import fold
from app.domain.machine import Machine, machine_for
from app.domain.options import options
from app.domain.runbook import OnLoss, Runbook
from tests.life import ASR, HYPER_V, NAMES, Life, standalone

LIVE = standalone().for_mode("live")
FENCE, FAIL_OVER = "fail-over-vmm.fence-primary", "fail-over-vmm.fail-over-vmm-vm"


def test_machine_is_built_once_for_each_runbook_and_profile() -> None:
    assert machine_for(LIVE, HYPER_V) is machine_for(LIVE, HYPER_V)
    assert machine_for(LIVE, HYPER_V) is not machine_for(LIVE, ASR)


@pytest.mark.parametrize(
    ("kind", "source", "target"),
    [
        (EventType.CONFIRM, FENCE, "fail-over-vmm.sign-off.x"),  # no such state
        (EventType.CONFIRM, FENCE, "completed"),
        (EventType.CONFIRM, "nowhere", FENCE),
        (EventType.CONFIRM, "completed", "completed"),
        (EventType.SIGN_OFF, FENCE, "fail-over-workloads.verify-vmm"),
        (EventType.UNDO, FENCE, FAIL_OVER),
        (EventType.PRIMARY_LOST, FENCE, "confirm-access.vmm-at-secondary"),
        (EventType.DECLARE, FENCE, FENCE),  # a beginning, no transition
    ],
)
def test_machine_refuses_a_way_that_the_table_does_not_have(kind: EventType, source: str, target: str) -> None:
    with pytest.raises(TransitionRefused, match="no way"):
        machine_for(LIVE, HYPER_V).move(kind, source, target)


def test_machine_has_no_transition_that_nobody_wrote() -> None:
    machine = machine_for(LIVE, HYPER_V)
    edges = set(machine.edges())
    assert {name for name, _, _ in edges} == {kind.value for kind in EventType} - {"declare"}
    assert {source for name, source, _ in edges if source in ("completed", "aborted", "escalated")} == {
        "completed",
        "aborted",
        "escalated",
    }
    assert {name for name, source, _ in edges if source == "completed"} == {"note", "correct"}
    assert {source for name, source, target in edges if target == "completed" and source != "completed"} == {
        "fail-back-workloads.sign-off"
    }
    assert machine.machine.models == []


def test_one_machine_serves_many_threads() -> None:
    def lived(_: int) -> tuple[str, int]:
        life = Life(names=["web01"]).go_to("completed")
        return life.position, len(life.lines)

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lived, range(32)))) == 1


def test_accepting_an_event_leaves_the_facts_before_it_as_they_were() -> None:
    life = Life()
    while not life.facts.terminal:
        before, lines = life.facts, list(life.lines)
        life.go_on()
        assert before == fold(life.runbook, lines)


def checklist() -> Runbook:
    """Give the runbook without an answer to any loss."""
    return replace(LIVE, on_loss=OnLoss())


@pytest.mark.parametrize("kind", ["primary_lost", "secondary_lost"])
def test_a_runbook_without_losses_refuses_them(kind: str) -> None:
    life = Life(runbook=checklist()).go_to("fail-back-vmm.prepare-planned-failover")
    with pytest.raises(TransitionRefused, match="no answer to this loss"):
        life.post(kind, comment="power again")


def changed(place: str, **members: Any) -> Runbook:
    """Give the runbook with one action changed."""
    runbook = LIVE
    return replace(
        runbook,
        steps=tuple(
            replace(
                step,
                actions=tuple(
                    replace(action, **members) if f"{step.id}.{action.id}" == place else action
                    for action in step.actions
                ),
            )
            for step in runbook.steps
        ),
    )


def test_a_workload_waived_at_an_action_that_the_profile_lost_just_comes_back() -> None:
    check = "fail-over-workloads.check-workloads"
    life = Life(profile=ASR, runbook=changed(check, profiles=(ASR,))).go_to(check)
    for name in NAMES[:1]:
        life.post("waive", workloads=[name], comment="later")
    life.post("change_profile", command_profile=HYPER_V, comment="F33")
    assert life.position == "fail-over-workloads.commit-workloads"
    life.post("retry", workloads=list(NAMES[:1]))
    assert life.position == "fail-over-workloads.commit-workloads"
    assert life.facts.unsettled(life.position) == [*NAMES]
    assert life.problems() == []


def test_a_runbook_that_begins_with_what_the_profile_lacks_begins_behind_it() -> None:
    life = Life(runbook=changed(FENCE, profiles=(ASR,)))
    assert (life.position, life.facts.passed) == (FAIL_OVER, [FENCE])
    assert life.problems() == []


def test_one_command_profile_cannot_be_changed_for_another() -> None:
    runbook = LIVE
    life = Life(runbook=replace(runbook, command_profiles=runbook.command_profiles[:1]))
    life.go_to("fail-over-workloads.verify-vmm")
    refused = {offer.type.value: [one.code for one in reasons] for offer, reasons in options(life.runbook, life.facts)}
    assert refused["change_profile"] == ["same_profile"]


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("undo", {"data": {"action": FENCE}}),
        ("undo", {"data": {}}),
        ("choose_recovery_point", {"data": {}}),
        ("change_profile", {"data": {}}),
        ("hand_over", {"data": {}}),
        ("primary_lost", {"data": {}}),
    ],
)
def test_a_line_that_no_rule_would_write_is_not_folded(kind: str, members: dict[str, Any]) -> None:
    life = Life()
    line = {**life.lines[0], "number": 2, "type": kind, "position_before": FENCE, "workloads": [], **members}
    with pytest.raises((ValueError, TransitionRefused)):
        fold(life.runbook, [life.lines[0], line])


def test_machine_can_be_built_for_any_profile_of_the_runbook() -> None:
    for profile in LIVE.profile_ids:
        places = {source for _, source, _ in Machine(LIVE, profile).edges()}
        assert set(LIVE.positions) <= places


def test_facts_give_their_status_in_the_contracts_order() -> None:
    life = Life()
    life.post("report_failure", symptom="F02")
    life.post("hold", comment="wait")
    assert life.facts.status == "on_hold"
    life.post("resume")
    assert life.facts.status == "blocked"
    assert isinstance(life.facts, Facts)
    life.post("hold", comment="wait")
    life.post("abort", comment="enough")
    assert (life.facts.status, life.facts.attempt) == ("aborted", 1)
    assert [one.symptom for one in life.facts.failures] == ["F02"]  # what was wrong when it ended


def offered(life: Life, kind: str) -> tuple[tuple[str, ...], str] | None:
    """Give what an event of the type needs and the role it takes; None where it is refused."""
    offers = {offer.type.value: (offer, reasons) for offer, reasons in options(life.runbook, life.facts)}
    offer, reasons = offers[kind]
    return None if reasons else (offer.needs, offer.role.value)


def test_what_is_offered_follows_what_is_authorized_and_what_failed() -> None:
    life = Life().go_to("fail-over-workloads.commit-workloads")
    assert offered(life, "confirm") is None
    assert offered(life, "authorize") == ((), "approver")
    life.authorize(workloads=["web01"])
    assert offered(life, "confirm") == (("workloads",), "operator")
    life.post("report_failure", symptom="F14", workloads=["web01"])
    assert offered(life, "confirm") == (("outcome", "comment", "workloads"), "operator")
    life.authorize()
    assert offered(life, "confirm") == ((), "operator")
    assert offered(life, "authorize") == (("break_glass", "comment"), "coordinator")  # over one's own, if alone
    life.post("report_failure", symptom="F10")
    assert offered(life, "confirm") == (("outcome", "comment", "workloads"), "operator")
    life.post("retry")
    life.confirm(workloads=["sql01", "web01"])
    life.post("report_failure", symptom="F10")
    assert offered(life, "confirm") == (("outcome", "comment"), "operator")
    assert offered(life, "retry") == ((), "operator")
    assert offered(life, "waive") == (("comment",), "coordinator")
    life = Life().go_to("fail-over-workloads.commit-workloads")
    life.authorize(workloads=["web01"])
    life.post("report_failure", symptom="F10")  # of the whole, and only one may be accepted as it is
    assert offered(life, "confirm") == (("outcome", "comment", "workloads"), "operator")
    assert offered(Life().go_to("fail-over-workloads.complete-vmm-failover"), "waive") == (("comment",), "operator")


def test_an_undo_of_what_failed_is_offered_before_it_was_ever_done() -> None:
    life = Life().go_to("fail-over-vmm.fail-over-vmm-vm")
    assert offered(life, "undo") is None
    life.post("report_failure", symptom="F03")
    assert offered(life, "undo") == (("action", "comment"), "operator")
