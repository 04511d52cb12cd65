"""Going back: rejected steps, undo, retries, waived workloads taken back; what is cleared, and what stays a fact."""

from typing import Any

import pytest

from app.domain.errors import (
    InvalidRequest,
    PositionMoved,
    RoleRequired,
    SecondPersonRequired,
    TransitionRefused,
)
from app.domain.facts import Facts
from tests.life import ANN, ASR, BEN, CARL, DORA, EVE, NAMES, OTTO, POINT, ZOE, Life

FAIL_OVER = "fail-over-vmm.fail-over-vmm-vm"
COMPLETE = "fail-over-workloads.complete-vmm-failover"
FAIL_OVER_W = "fail-over-workloads.fail-over-workload-vms"
CHECK_W = "fail-over-workloads.check-workloads"
COMMIT_W = "fail-over-workloads.commit-workloads"
SIGN_OFF_2 = "fail-over-workloads.sign-off"
PREPARE = "fail-back-vmm.prepare-planned-failover"
COMMIT_BACK = "fail-back-vmm.commit-vmm-failback"
OFF_GATE = "reverse-vmm-replication.old-workload-vms-off"


def attempts(facts: Facts, *places: str) -> list[int]:
    return [facts.attempts[place] for place in places]


# -- a rejected step ------------------------------------------------------------------------------------------------


def test_a_rejected_step_goes_back_to_its_first_action_unless_told_otherwise() -> None:
    life = Life().go_to("fail-over-vmm.sign-off")
    line = life.reject()
    assert (life.position, line["data"]["meaning"]) == (
        "fail-over-vmm.fence-primary",
        life.runbook.steps[0].sign_off.reject.en,
    )
    assert list(life.done()) == []
    life.go_to("fail-over-vmm.sign-off")
    life.reject(to="fail-over-vmm.start-vmm-vm")
    assert list(life.done()) == ["fail-over-vmm.fence-primary", FAIL_OVER]
    assert attempts(life.facts, "fail-over-vmm.start-vmm-vm", "fail-over-vmm.sign-off", FAIL_OVER) == [3, 3, 2]
    assert life.facts.steps["fail-over-vmm"].completed_at is None


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("fail-over-vmm.fail-over-vmm-vm", "own actions"),
        ("fail-over-workloads.verify-provider", "own actions"),  # the profile lacks it
        (COMMIT_W, "done for good"),
    ],
)
def test_a_step_is_not_sent_back_to_where_nothing_would_be_asked_again(to: str, reason: str) -> None:
    life = Life().go_to(SIGN_OFF_2)
    with pytest.raises(TransitionRefused, match=reason):
        life.reject(to=to)


def test_what_was_done_for_good_stays_done_until_its_failover_is_done_anew() -> None:
    life = Life().go_to(SIGN_OFF_2)
    life.reject(to=CHECK_W)
    life.confirm()
    assert life.position == SIGN_OFF_2  # the commits stand
    assert life.lines[-1]["data"]["passed"] == [COMMIT_W]
    life.reject(to=FAIL_OVER_W)
    life.confirm(workloads=["web01"])  # really failed over again
    life.confirm(outcome="already_done", comment="nothing was wrong with these")
    life.confirm()
    assert life.position == COMMIT_W
    assert life.facts.unsettled(COMMIT_W) == ["web01"]
    assert life.facts.attempts[COMMIT_W] == 2
    with pytest.raises(TransitionRefused, match="Already settled at this action: sql01"):
        life.authorize(workloads=["sql01", "web01"])
    assert life.authorize()["workloads"] == ["web01"]
    assert life.confirm()["workloads"] == ["web01"]
    assert life.problems() == []


def test_what_is_passed_again_on_the_way_back_is_listed_again() -> None:
    life = Life(profile=ASR).go_to("fail-back-vmm.fail-over-vmm-vm-to-primary")
    life.post("primary_lost", comment="power again")
    life.go_to("reverse-vmm-replication.primary-accepts-replication")
    line = life.confirm()
    done_before = [
        "reverse-vmm-replication.mark-old-primary-as-replica",
        "reverse-vmm-replication.reverse-vmm-replication",
    ]
    assert line["data"]["passed"] == done_before
    life.go_to("reverse-vmm-replication.sign-off")
    line = life.reject(to=done_before[0])
    assert line["data"]["passed"] == done_before
    assert life.position == "reverse-vmm-replication.vmm-initial-replication-complete"
    assert life.problems() == []


def test_a_late_tab_learns_who_went_back() -> None:
    life = Life().go_to("fail-over-vmm.sign-off")
    life.reject()
    for place in (FAIL_OVER, "fail-over-vmm.start-vmm-vm", "fail-over-vmm.sign-off"):
        with pytest.raises(PositionMoved) as moved:
            life.confirm(at=place)
        assert moved.value.members["moved_by"] == {
            "number": life.facts.version,
            "type": "sign_off",
            "actor": {"id": BEN.id, "name": "ben"},
            "at": life.facts.recorded_at,
        }
    with pytest.raises(PositionMoved):
        life.confirm(attempt=1)
    with pytest.raises(PositionMoved):
        life.post("hold", attempt=1, comment="wait")
    with pytest.raises(TransitionRefused, match="not been reached"):
        life.confirm(at=COMMIT_W)
    life.confirm(attempt=2)


# -- undo -----------------------------------------------------------------------------------------------------------


def test_undo_across_a_sign_off_makes_it_void() -> None:
    life = Life().go_to(COMPLETE)
    assert set(life.facts.sign_offs) == {"fail-over-vmm"}
    life.post("undo", action=FAIL_OVER, comment="wrong point")
    assert (life.position, life.facts.sign_offs) == (FAIL_OVER, {})
    assert list(life.done()) == ["fail-over-vmm.fence-primary"]
    assert "fail-over-workloads" not in life.facts.steps
    assert any(line["type"] == "sign_off" for line in life.lines)  # its line stays
    assert life.confirm(recovery_point=POINT)["data"]["recovery_point"] == {"label": POINT.label, "time": POINT.time}


def test_undo_of_one_workload_leaves_the_others_theirs() -> None:
    life = Life().go_to(COMMIT_W)
    life.authorize(workloads=["sql01"])
    life.confirm(workloads=["sql01"])
    with pytest.raises(TransitionRefused, match="Too late to undo for sql01"):
        life.post("undo", action=FAIL_OVER_W, comment="all of it")
    line = life.post("undo", action=FAIL_OVER_W, workloads=["web01"], comment="wrong point")
    assert (life.position, line["workloads"]) == (FAIL_OVER_W, ["web01"])
    assert [FAIL_OVER_W in life.done(name) for name in NAMES] == [True, False, True]
    assert [CHECK_W in life.done(name) for name in NAMES] == [True, False, True]
    assert life.confirm()["workloads"] == ["web01"]
    assert (life.position, life.confirm()["workloads"], life.position) == (CHECK_W, ["web01"], COMMIT_W)
    assert life.problems() == []


def test_undo_that_stays_is_said_once() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.confirm(workloads=["sql01", "web01"])
    life.post("undo", action=FAIL_OVER_W, workloads=["sql01"], comment="wrong point")
    assert (life.position, life.facts.attempt) == (FAIL_OVER_W, 2)
    with pytest.raises(PositionMoved):
        life.post("undo", by=ZOE, action=FAIL_OVER_W, workloads=["sql01"], comment="wrong point")
    with pytest.raises(TransitionRefused, match="nothing to undo: file01"):
        life.post("undo", by=ZOE, action=FAIL_OVER_W, workloads=["file01"], comment="wrong point")
    assert life.post("undo", by=ZOE, action=FAIL_OVER_W, comment="all")["workloads"] == ["web01"]


def test_undo_forgets_the_point_that_it_undid() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.confirm(recovery_point=POINT)
    assert all(one.recovery_point is not None for one in life.facts.workloads.values())
    life.post("undo", action=FAIL_OVER_W, workloads=["web01"], comment="too old")
    assert life.facts.workloads["web01"].recovery_point is None
    assert life.facts.workloads["sql01"].recovery_point is not None


def test_undo_of_a_task_that_failed_half_way() -> None:
    life = Life().go_to("fail-back-vmm.fail-over-vmm-vm-to-primary")
    line = life.post("report_failure", symptom="F25")
    assert line["data"]["offers"] == ["undo"]
    life.post("undo", action="fail-back-vmm.fail-over-vmm-vm-to-primary", comment="F25")
    assert (life.position, life.facts.status) == (PREPARE, "in_progress")
    assert life.facts.attempts[PREPARE] == 2


def test_undo_names_workloads_only_where_the_action_has_them() -> None:
    life = Life().go_to("fail-over-vmm.sign-off")
    with pytest.raises(TransitionRefused, match="name none"):
        life.post("undo", action=FAIL_OVER, workloads=["web01"], comment="wrong point")


def test_what_is_done_for_good_keeps_undo_closed_whatever_is_cleared() -> None:
    life = Life().go_to(SIGN_OFF_2)
    life.reject(to=CHECK_W)
    with pytest.raises(TransitionRefused, match="Too late"):
        life.post("undo", action=FAIL_OVER_W, workloads=["web01"], comment="wrong point")
    # with every workload left behind nothing but the reverse itself closes the way back of VMM
    life = Life().go_to(COMPLETE)
    life.post("waive", comment="the reverse completes it")
    life.post("waive", comment="no workload is needed now")
    life.go_to("reverse-vmm-replication.vmm-initial-replication-complete")
    with pytest.raises(TransitionRefused, match="Too late"):
        life.post("undo", action=FAIL_OVER, comment="wrong point")


def test_undo_of_what_lies_ahead_again_is_refused() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("waive", workloads=["web01"], comment="later")
    life.go_to("fail-back-vmm.fail-over-vmm-vm-to-primary")
    life.post("retry", workloads=["web01"])
    assert life.position == FAIL_OVER_W
    with pytest.raises(TransitionRefused, match="lies ahead"):
        life.post("undo", action=PREPARE, comment="not tonight")


# -- retry ----------------------------------------------------------------------------------------------------------


def test_retry_clears_the_failures_named_and_raises_the_attempt() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("report_failure", symptom="F03", workloads=["sql01", "web01"])
    life.post("report_failure", symptom="F01", workloads=["web01"])
    assert life.post("retry", workloads=["web01"])["workloads"] == ["web01"]
    assert [(one.symptom, one.workloads) for one in life.facts.failures] == [("F03", ("sql01",))]
    assert (life.facts.attempt, life.facts.status) == (2, "blocked")
    assert life.post("retry")["workloads"] == ["sql01"]
    assert (life.facts.failures, life.facts.attempt, life.facts.status) == ([], 3, "in_progress")


def test_retry_is_heard_once() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("report_failure", symptom="F03", workloads=["web01"])
    life.post("retry", workloads=["web01"])
    with pytest.raises(PositionMoved):
        life.post("retry", by=ZOE, workloads=["web01"])
    with pytest.raises(PositionMoved):
        life.post("retry", by=ZOE)
    with pytest.raises(TransitionRefused):  # nobody ever tried that one again
        life.post("retry", by=ZOE, workloads=["sql01"])


def test_authorization_survives_retry_and_hold_and_lapses_when_the_position_leaves() -> None:
    life = Life().go_to(COMMIT_BACK)
    life.authorize()
    life.post("report_failure", comment="the console hangs")
    life.post("retry")
    life.post("hold", comment="wait")
    life.post("resume")
    assert [one.by.name for one in life.facts.authorizations] == ["ben"]
    life.post("undo", action=PREPARE, comment="not tonight")
    assert life.facts.authorizations == []
    life.go_to(COMMIT_BACK)
    with pytest.raises(TransitionRefused, match="Not authorized yet"):
        life.confirm()


def test_authorization_lapses_with_the_profile() -> None:
    life = Life().go_to(COMMIT_W)
    life.authorize()
    life.post("change_profile", command_profile=ASR, comment="the vault answers again")
    assert (life.position, life.facts.authorizations) == (COMMIT_W, [])
    with pytest.raises(PositionMoved):
        life.post("change_profile", by=DORA, command_profile=ASR, comment="me too")


def test_a_click_too_many_is_taken_back_until_a_task_was_confirmed() -> None:
    life = Life().go_to("reverse-vmm-replication.primary-accepts-replication")
    life.post("retry", action=OFF_GATE, workloads=["web01"])
    assert (life.position, life.facts.unsettled(OFF_GATE)) == (OFF_GATE, ["web01"])
    life.confirm()
    assert life.position == "reverse-vmm-replication.primary-accepts-replication"  # what was attested between stays
    life.post("retry", action="reverse-vmm-replication.primary-site-available")
    assert life.position == "reverse-vmm-replication.primary-site-available"
    life.go_to("reverse-vmm-replication.reverse-vmm-replication")
    with pytest.raises(TransitionRefused, match="task was confirmed since"):
        life.post("retry", action=OFF_GATE)
    life.post("primary_lost", comment="power again")
    life.go_to("reverse-vmm-replication.primary-accepts-replication")
    life.confirm()  # passes over what was done for good in the first life: no task since
    assert life.position == "reverse-vmm-replication.reverse-vmm-replication"
    life.post("retry", action=OFF_GATE)
    assert life.position == OFF_GATE
    assert life.problems() == []


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"action": COMPLETE}, "earlier gate or check"),  # a task
        ({"action": CHECK_W}, "earlier gate or check"),  # not earlier
        ({"action": "fail-over-vmm.fence-primary"}, "earlier gate or check"),  # another step
        ({"action": "fail-over-workloads.verify-provider"}, "earlier gate or check"),  # not in the profile
        ({"action": "fail-over-workloads.verify-vmm", "workloads": ["web01"]}, "name none"),
    ],
)
def test_only_an_earlier_look_of_the_step_is_taken_back(members: dict[str, Any], reason: str) -> None:
    life = Life().go_to(FAIL_OVER_W)
    with pytest.raises(TransitionRefused, match=reason):
        life.post("retry", **members)


def test_a_look_is_not_taken_back_for_a_waived_workload() -> None:
    life = Life().go_to(OFF_GATE)
    life.confirm()
    life.facts.workloads["web01"].waived_at = COMMIT_W
    with pytest.raises(TransitionRefused, match="Waived"):
        life.post("retry", action=OFF_GATE, workloads=["web01"])


# -- waived workloads -----------------------------------------------------------------------------------------------


def test_a_waived_workload_taken_back_goes_through_what_it_missed_alone() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("waive", workloads=["web01"], comment="not needed this week")
    life.go_to(OFF_GATE)
    life.confirm()
    assert life.position == "reverse-vmm-replication.old-vmm-vm-off"
    restored = life.facts.restored_at
    line = life.post("retry", workloads=["web01"])
    assert (life.position, line["workloads"]) == (FAIL_OVER_W, ["web01"])
    assert set(life.facts.sign_offs) == {"fail-over-vmm"}
    assert life.facts.restored_at == restored
    assert life.confirm()["workloads"] == ["web01"]
    assert life.confirm()["workloads"] == ["web01"]
    life.authorize()
    life.confirm()
    assert life.position == SIGN_OFF_2
    life.sign()
    assert life.position == "confirm-access.sign-off"  # VMM and the users were checked already
    life.sign()
    assert life.position == OFF_GATE
    assert life.confirm()["workloads"] == ["web01"]
    assert life.position == "reverse-vmm-replication.old-vmm-vm-off"
    assert life.go_to("completed").problems() == []


def test_workloads_waived_at_different_places_come_back_to_the_earliest() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("waive", workloads=["web01"], comment="later")
    life.go_to(COMMIT_W)
    life.post("waive", workloads=["file01"], comment="later")
    life.go_to(SIGN_OFF_2)
    life.post("retry", workloads=["web01", "file01"])
    assert life.position == FAIL_OVER_W
    assert life.confirm()["workloads"] == ["web01"]
    assert life.confirm()["workloads"] == ["web01"]
    assert life.authorize()["workloads"] == ["web01", "file01"]


def test_a_waived_workload_taken_back_before_its_place_is_reached_again_just_goes_along() -> None:
    life = Life().go_to(COMMIT_W)
    life.post("waive", workloads=["web01"], comment="later")
    life.go_to(SIGN_OFF_2)
    life.reject(to=CHECK_W)
    life.post("retry", workloads=["web01"])
    assert (life.position, life.facts.unsettled(CHECK_W)) == (CHECK_W, [*NAMES])
    life.confirm()
    assert life.facts.unsettled(COMMIT_W) == ["web01"]


def test_a_waived_workload_taken_back_behind_its_place_stays_and_goes_along() -> None:
    life = Life().go_to(COMMIT_W)
    life.post("waive", workloads=["web01"], comment="later")
    life.go_to(SIGN_OFF_2)
    life.reject()
    assert life.position == "fail-over-workloads.verify-vmm"
    life.post("retry", workloads=["web01"])
    assert life.position == "fail-over-workloads.verify-vmm"
    with pytest.raises(PositionMoved):
        life.post("retry", by=ZOE, workloads=["web01"])
    life.go_to(FAIL_OVER_W)
    assert life.confirm()["workloads"] == [*NAMES]


def test_a_waived_workload_does_not_escape_a_gate_that_was_asked_anew_without_it() -> None:
    """A loss sent everything back behind where it was waived: it comes back to the first that it has not done."""
    life = Life().go_to("fail-back-workloads.check-workloads-at-primary")
    life.post("waive", workloads=["web01"], comment="later")
    life.post("primary_lost", comment="power again")
    life.go_to("fail-back-vmm.sign-off")
    life.post("retry", workloads=["web01"])
    assert (life.position, life.facts.unsettled(OFF_GATE)) == (OFF_GATE, ["web01"])
    assert life.go_to("completed").problems() == []


def test_failed_and_waived_workloads_are_not_retried_together() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("waive", workloads=["web01"], comment="later")
    life.post("report_failure", symptom="F03", workloads=["sql01"])
    with pytest.raises(TransitionRefused, match="not both"):
        life.post("retry", workloads=["sql01", "web01"])


def test_a_failure_left_behind_by_going_back_waits_where_it_is() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("waive", workloads=["web01"], comment="later")
    life.go_to(CHECK_W)
    life.post("report_failure", symptom="F10", workloads=["sql01"])
    life.post("retry", workloads=["web01"])
    assert (life.position, life.facts.status) == (FAIL_OVER_W, "blocked")
    life.confirm()
    assert life.position == CHECK_W
    with pytest.raises(TransitionRefused, match="A failure is reported for sql01"):
        life.confirm(workloads=["sql01"])


def test_waiving_what_failed_closes_the_failure() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("report_failure", symptom="F12", workloads=["web01"])
    life.post("waive", workloads=["web01"], comment="protect it afresh later")
    assert (life.facts.failures, life.facts.status) == ([], "in_progress")
    life.post("report_failure", symptom="F13")
    life.post("waive", comment="all of them later")
    assert (life.facts.failures, life.position) == ([], SIGN_OFF_2)


def test_an_action_is_waived_by_the_coordinator_and_an_optional_one_by_the_operator_too() -> None:
    life = Life().go_to("fail-over-workloads.verify-vmm")
    with pytest.raises(RoleRequired, match="coordinator"):
        life.post("waive", by=OTTO, comment="later")
    life.post("waive", by=DORA, comment="later")
    line = life.post("waive", by=OTTO, comment="the reverse completes it")
    assert (line["actor"]["role"], life.position) == ("operator", FAIL_OVER_W)


def test_with_every_workload_waived_what_has_no_workloads_is_still_refused_for_its_own_reason() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("waive", comment="none of them now")
    life.go_to("reverse-vmm-replication.primary-accepts-replication")
    life.confirm()
    with pytest.raises(TransitionRefused, match="Not authorized yet"):
        life.confirm()
    life.go_to("completed")
    assert life.problems() == []


# -- recovery points ------------------------------------------------------------------------------------------------


def test_another_point_at_the_check_asks_for_the_check_again() -> None:
    life = Life().go_to(CHECK_W)
    life.confirm(workloads=["web01"])
    life.post("choose_recovery_point", recovery_point=POINT, workloads=["web01"])
    assert life.facts.unsettled(CHECK_W) == [*NAMES]
    with pytest.raises(PositionMoved):
        life.post("choose_recovery_point", by=ZOE, recovery_point=POINT, workloads=["web01"])
    life.confirm()
    with pytest.raises(TransitionRefused, match="Another recovery point"):
        life.post("choose_recovery_point", recovery_point=POINT)


def test_no_other_point_after_the_commit() -> None:
    life = Life().go_to(SIGN_OFF_2)
    life.reject(to=CHECK_W)
    with pytest.raises(TransitionRefused, match="gone: sql01, web01, file01"):
        life.post("choose_recovery_point", recovery_point=POINT)


def test_another_point_after_a_failed_failover_of_some_or_of_all() -> None:
    life = Life().go_to(FAIL_OVER_W)
    life.post("report_failure", symptom="F03", workloads=["web01"])
    with pytest.raises(TransitionRefused, match="not sql01"):
        life.post("choose_recovery_point", recovery_point=POINT, workloads=["sql01"])
    assert life.post("choose_recovery_point", recovery_point=POINT)["workloads"] == ["web01"]
    life.post("report_failure", symptom="F03")
    assert life.post("choose_recovery_point", recovery_point=POINT)["workloads"] == [*NAMES]
    life.post("retry")
    life.confirm()
    assert life.position == CHECK_W


# -- who ------------------------------------------------------------------------------------------------------------


def test_every_step_is_signed_off_by_another_than_who_confirmed_in_it() -> None:
    life = Life(four_eyes="every_step").go_to("fail-over-vmm.start-vmm-vm")
    life.confirm(by=CARL)
    with pytest.raises(SecondPersonRequired):
        life.sign(by=CARL)
    with pytest.raises(SecondPersonRequired):
        life.reject(by=CARL)
    with pytest.raises(RoleRequired):
        life.sign(by=CARL, break_glass=True, comment="alone")
    with pytest.raises(RoleRequired):
        life.sign(by=ANN)
    line = life.sign(by=ANN, break_glass=True, comment="alone on site")
    assert line["actor"]["role"] == "coordinator"
    signed = life.facts.sign_offs["fail-over-vmm"]
    assert (signed.break_glass, signed.role, signed.by.name) == (True, "coordinator", "ann")
    life.go_to(FAIL_OVER_W)
    life.confirm(by=ZOE, workloads=["web01"])
    life.go_to(SIGN_OFF_2)
    with pytest.raises(SecondPersonRequired):
        life.sign(by=ZOE)


def test_who_may_never_is_told_which_role_it_takes() -> None:
    life = Life()
    for kind, role in (
        ("confirm", "operator"),
        ("hold", "coordinator"),
        ("note", "operator or approver or coordinator"),
    ):
        with pytest.raises(RoleRequired, match=role):
            life.post(kind, by=EVE, comment="because")


def test_the_coordinator_hands_over_also_to_oneself_and_is_heard_once() -> None:
    life = Life()
    line = life.post("hand_over", by=DORA, to=DORA.id, to_name="dora")
    assert (life.facts.coordinator.name, line["data"]["to"]) == ("dora", DORA.id)
    with pytest.raises(PositionMoved):
        life.post("hand_over", by=ANN, to=DORA.id, to_name="dora")
    life.post("hold", comment="wait")
    life.post("hand_over", to=ANN.id, to_name="ann")
    with pytest.raises(PositionMoved):
        life.post("hand_over", by=DORA, to=ANN.id, to_name="ann")
    life = Life()
    assert life.post("hand_over", to=ANN.id, to_name="ann")["number"] == 2  # to who it is already: said once


def test_a_loss_repeated_without_a_position_is_heard_once_also_on_hold() -> None:
    life = Life().go_to(PREPARE)
    life.post("hold", comment="wait")
    life.post("primary_lost", comment="power again")
    with pytest.raises(PositionMoved):
        life.post("primary_lost", by=DORA, comment="power again")
    with pytest.raises(TransitionRefused, match="lost already"):
        life.post("primary_lost", by=DORA, at=life.position, comment="power again")
    life.post("abort", comment="enough")
    with pytest.raises(PositionMoved):
        life.post("abort", by=DORA, comment="enough")
    assert life.facts.status == "aborted"


def test_an_action_the_new_profile_lacks_is_left_with_its_failure() -> None:
    life = Life(profile=ASR).go_to("fail-over-workloads.verify-provider")
    life.post("report_failure", symptom="F33")
    line = life.post("change_profile", command_profile="hyper-v-replica", comment="F33")
    assert (life.position, line["data"]["passed"]) == (COMPLETE, ["fail-over-workloads.verify-provider"])
    assert (life.facts.failures, life.facts.status) == ([], "in_progress")
    assert life.problems() == []


# -- form -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "members", "pointer"),
    [
        ("confirm", {"comment": None}, "/comment"),  # how it is isolated
        ("confirm", {"comment": None, "outcome": "already_done"}, "/comment"),
        ("confirm", {"at": "fail-over-vmm.no-such"}, "/at"),
        ("report_failure", {}, "/comment"),
        ("report_failure", {"symptom": "F99"}, "/symptom"),
        ("undo", {"comment": "x"}, "/action"),
        ("undo", {"comment": "x", "action": "fence-primary"}, "/action"),
        ("choose_recovery_point", {}, "/recovery_point"),
        ("change_profile", {"comment": "x", "command_profile": "no-such"}, "/command_profile"),
        ("sign_off", {"decision": "reject"}, "/comment"),
        ("sign_off", {"decision": "reject", "comment": "x", "to": "no-such.action"}, "/to"),
        ("sign_off", {"decision": "approve", "to": FAIL_OVER}, "/to"),
        ("sign_off", {"decision": "approve", "break_glass": True}, "/comment"),
        ("note", {}, "/comment"),
        ("note", {"comment": "x", "workloads": ["web01"]}, "/workloads"),
        ("correct", {"comment": "x", "corrects": 2}, "/corrects"),
        ("correct", {"comment": "x", "corrects": 0}, "/corrects"),
        ("hold", {}, "/comment"),
        ("hand_over", {}, "/to"),
        ("confirm", {"comment": "x", "performed_at": "2026-11-23T02:59:59.999999Z"}, "/performed_at"),
        ("confirm", {"comment": "x", "performed_at": "2026-11-23T03:07:00.000001Z"}, "/performed_at"),
    ],
)
def test_a_fault_of_form_points_at_its_member(kind: str, members: dict[str, Any], pointer: str) -> None:
    life = Life()
    with pytest.raises(InvalidRequest) as refusal:
        life.post(kind, **members)
    assert pointer in [fault.pointer for fault in refusal.value.faults]
    assert len(life.lines) == 1


def test_what_was_performed_may_be_up_to_two_minutes_ahead() -> None:
    life = Life()
    life.confirm(performed_at="2026-11-23T03:07:00.000000Z")
    assert life.facts.actions["fail-over-vmm.fence-primary"].at == "2026-11-23T03:07:00.000000Z"


def test_reasons_are_told_in_the_language_asked_for() -> None:
    from app.domain.decision import decide  # noqa: PLC0415 - this test alone needs it

    life = Life()
    with pytest.raises(TransitionRefused, match="n'est pas mise en attente"):
        decide(life.machine, life.facts, life.posted("resume"), ANN, language="fr")
