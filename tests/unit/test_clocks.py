"""Clocks of journals made by hand, to the second."""

from typing import Any

import pytest

from app.domain.chronicle import Chronicle, chronicle
from app.domain.clocks import Clock, Clocks, Spent, clocks
from app.domain.runbook import Runbook
from app.domain.spans import Lasted, lasted, later
from app.domain.stretches import State
from app.domain.targets import recovery_point, recovery_time
from app.domain.timers import begun
from app.runbooks import bundled_runbooks
from tests.life import BEN, DORA, Life
from tests.told import FAIL_OVER_W, TARGETS, moment, night, point, say, sign, time

S1, S2, S3, S4 = "fail-over-vmm", "fail-over-workloads", "confirm-access", "reverse-vmm-replication"


def told(life: Life) -> Chronicle:
    """Follow a life's journal."""
    assert life.problems() == []
    found = chronicle(life.runbook, life.lines)
    assert found.facts == life.facts
    return found


def at(life: Life, now: str) -> Clocks:
    return clocks(told(life), now=time(now))


def seconds(spent: Spent) -> dict[str, int]:
    """Give what was spent, without the states that took no time."""
    return {state.value: one.seconds for state, one in spent.by_state.items() if one.seconds}


def clock(since: str, until: str | None, amount: int, *, running: bool = False) -> Clock:
    return Clock(time(since), None if until is None else time(until), Lasted(amount * 1_000_000), running)


def late(found: Clocks, step: int) -> int:
    return found.steps[step - 1].late.seconds


# -- one night, computed by hand ---------------------------------------------------------------------------------------


def test_outage_decision_and_failback_run_from_and_to_what_the_journal_states() -> None:
    found = at(night(), "05:05")
    assert found.outages == [clock("03:00", "04:55", 6900)]
    assert found.outage_events == [1]
    assert found.decision == clock("03:00", "03:05", 300)
    assert found.failback == clock("04:55", None, 600, running=True)
    assert found.ended_at is None


def test_before_users_work_again_the_outage_runs_and_there_is_no_failback() -> None:
    life = Life(targets=TARGETS)
    say(life, "03:12:30", "confirm")
    found = at(life, "03:20")
    assert found.outages == [clock("03:00", None, 1200, running=True)]
    assert found.failback is None


def test_the_time_of_each_step_is_told_by_what_it_was_spent_on() -> None:
    steps = at(night(), "05:05").steps
    assert seconds(steps[0].spent) == {"waiting": 450, "hands_on": 1350, "sign_off": 330, "on_hold": 600}
    assert steps[0].spent.active.seconds == 2130
    assert seconds(steps[1].spent) == {
        "waiting": 300, "hands_on": 1620, "blocked": 600, "authorization": 240, "sign_off": 420,
    }  # fmt: skip
    assert seconds(steps[2].spent) == {"waiting": 240, "hands_on": 360, "sign_off": 240}
    assert seconds(steps[3].spent) == {"waiting": 600}
    assert [seconds(one.spent) for one in steps[4:]] == [{}, {}, {}]
    assert [one.visits for one in steps] == [1, 1, 1, 1, 0, 0, 0]
    assert [one.entered_at for one in steps[:5]] == [*map(time, ("03:05", "03:50:30", "04:41", "04:55")), None]
    assert [one.left_at for one in steps[:5]] == [*map(time, ("03:50:30", "04:41", "04:55")), None, None]


def test_the_time_of_each_action_is_told_by_what_it_was_spent_on() -> None:
    steps = at(night(), "05:05").steps
    assert {name: seconds(spent) for name, spent in steps[0].places.items()} == {
        "fence-primary": {"waiting": 450},
        "fail-over-vmm-vm": {"hands_on": 460},
        "start-vmm-vm": {"hands_on": 890, "on_hold": 600},
        "sign-off": {"sign_off": 330},
    }
    assert {name: seconds(spent) for name, spent in steps[1].places.items()} == {
        "verify-vmm": {"waiting": 300},
        "verify-provider": {},
        "complete-vmm-failover": {"authorization": 60},
        "fail-over-workload-vms": {"hands_on": 600, "blocked": 600},
        "check-workloads": {"hands_on": 840},
        "commit-workloads": {"authorization": 180, "hands_on": 180},
        "sign-off": {"sign_off": 420},
    }


def test_all_of_it_together() -> None:
    assert seconds(at(night(), "05:05").spent) == {
        "waiting": 1590, "hands_on": 3330, "blocked": 600, "authorization": 240, "sign_off": 990, "on_hold": 600,
    }  # fmt: skip


def test_an_interval_the_wrong_way_round_counts_nothing_and_is_flagged_with_its_events() -> None:
    found = at(night(), "05:05")
    (wrong,) = found.out_of_order
    assert (wrong.position, wrong.state, wrong.first, wrong.last) == (FAIL_OVER_W, State.HANDS_ON, 13, 14)
    assert (wrong.since, wrong.until) == (time("04:16:30"), time("04:14"))
    assert found.steps[1].spent.by_state[State.HANDS_ON].negative
    assert found.steps[1].places["fail-over-workload-vms"].by_state[State.HANDS_ON].negative
    assert not found.steps[0].spent.active.negative


def test_a_step_is_overdue_by_more_than_is_expected_and_a_hold_moves_that_on() -> None:
    life = night()
    found = at(life, "05:05")
    assert found.steps[0].due_at == time("03:45")  # 03:05, 30 minutes, and a hold of 10
    assert (late(found, 1), late(found, 2), late(found, 3), late(found, 4)) == (330, 0, 0, 0)
    assert (found.due_at, found.late.seconds) == (time("08:55"), 0)
    assert at(life, "09:00:01").late.seconds == 301
    say(life, "08:56", "hold")
    assert [at(life, now).late.seconds for now in ("09:00", "30:00")] == [60, 60]
    say(life, "12:56", "resume")
    assert at(life, "12:56").due_at == time("12:55")
    assert at(life, "12:57").late.seconds == 120


def test_recovery_time_is_met_once_users_work_in_time_and_missed_once_it_is_over() -> None:
    (outage,) = at(night(), "05:05").outages
    found = recovery_time(240, outage)
    assert (found.target, found.due_at, found.actual.seconds, found.met) == (
        Lasted(14_400_000_000), time("07:00"), 6900, True,
    )  # fmt: skip
    assert recovery_time(115, outage).met is True
    assert recovery_time(114, outage).met is False
    assert recovery_time(None, outage).met is None
    running = clock("03:00", None, 3600, running=True)
    assert [recovery_time(minutes, running).met for minutes in (60, 59)] == [None, False]


def test_recovery_points_lose_the_time_between_them_and_the_outage() -> None:
    found = recovery_point(told(night()))
    assert {name: one.lost and one.lost.seconds for name, one in found.workloads.items()} == {
        "sql01": 900, "web01": 1800,
    }  # fmt: skip
    assert found.vmm.point is not None
    assert (found.vmm.point.label, found.vmm.lost) == ("of 02:50", Lasted(600_000_000))
    assert (found.worst, found.unknown, found.met) == ("web01", [], False)


def test_unprotected_windows_are_clocks_too() -> None:
    life = night()
    found = at(life, "05:05").unprotected
    assert [(one.subject, one.clock) for one in found] == [
        (name, clock("03:00", None, 7500, running=True)) for name in ("vmm", "sql01", "web01")
    ]
    life.go_to("fail-back-vmm.prepare-planned-failover")
    ended = next(one for one in at(life, "20:00").unprotected if one.subject == "vmm")
    assert ended.clock.until is not None
    assert not ended.clock.running


def test_a_line_is_followed_on_without_touching_what_was_shared() -> None:
    life = night()
    whole, half = told(life), chronicle(life.runbook, life.lines[:10])
    stretches, points = list(half.stretches), dict(half.point_outages)
    other = half.copy()
    for line in life.lines[10:]:
        other.add(line)
    assert (other.stretches, other.visits, other.facts) == (whole.stretches, whole.visits, whole.facts)
    assert (other.timers, other.point_outages, other.outages) == (whole.timers, whole.point_outages, whole.outages)
    assert (half.stretches, half.point_outages) == (stretches, points)


# -- what a point is measured against ----------------------------------------------------------------------------------


def failed_over(**members: Any) -> Life:
    """Give a life at its check of the workloads, failed over with these members in the confirmation."""
    life = Life(names=("sql01", "web01"), targets=TARGETS).go_to(FAIL_OVER_W)
    life.confirm(**members)
    return life


def test_where_no_point_was_named_nobody_knows_what_was_lost() -> None:
    found = recovery_point(told(failed_over()))
    assert (found.worst, found.unknown, found.met) == (None, ["sql01", "web01"], None)
    assert found.vmm.lost is None


def test_one_known_point_is_not_all_but_one_that_misses_is_enough() -> None:
    life = Life(names=("sql01", "web01"), targets=TARGETS).go_to(FAIL_OVER_W)
    life.confirm(workloads=["sql01"], recovery_point=point("02:50"))
    found = recovery_point(told(life))
    assert (found.worst, found.unknown, found.met) == ("sql01", ["web01"], None)
    life.confirm(recovery_point=point("02:39:59"))
    found = recovery_point(told(life))
    assert (found.worst, found.unknown, found.met) == ("web01", [], False)


def test_points_within_the_target_keep_it_and_without_a_target_nothing_is_said() -> None:
    assert recovery_point(told(failed_over(recovery_point=point("02:40")))).met is True
    life = Life(targets={}).go_to(FAIL_OVER_W)
    life.confirm(recovery_point=point("02:40"))
    found = recovery_point(told(life))
    assert (found.target, found.met) == (None, None)
    assert found.workloads["sql01"].lost == Lasted(1_200_000_000)


def test_a_point_later_than_the_stated_outage_loses_nothing_and_is_flagged() -> None:
    found = recovery_point(told(failed_over(recovery_point=point("03:01"))))
    assert found.workloads["sql01"].lost == Lasted(0, negative=True)
    assert found.met is True


def test_a_waived_workload_does_not_count() -> None:
    life = Life(names=("sql01", "web01"), targets=TARGETS).go_to(FAIL_OVER_W)
    life.confirm(workloads=["sql01"], recovery_point=point("02:50"))
    life.post("waive", comment="not needed", workloads=["web01"])
    found = recovery_point(told(life))
    assert (found.unknown, found.met, found.workloads["web01"].waived) == ([], True, True)


def test_the_point_of_a_vmm_failover_that_was_undone_is_no_more() -> None:
    life = Life(targets=TARGETS).go_to("fail-over-vmm.fail-over-vmm-vm")
    life.confirm(recovery_point=point("02:50"))
    assert recovery_point(told(life)).vmm.lost == Lasted(600_000_000)
    life.post("undo", action="fail-over-vmm.fail-over-vmm-vm", comment="wrong point")
    assert recovery_point(told(life)).vmm.lost is None


# -- a second disaster -------------------------------------------------------------------------------------------------


def lost_in_step_7() -> Life:
    """Give a life whose primary is lost again at 40:00, all workloads back there, entered at 40:30."""
    life = night()
    life.go_to("fail-back-workloads.steady-state-restored")
    say(life, "40:30", "primary_lost", done="40:00", by=DORA)
    return life


def test_a_second_disaster_that_stops_the_users_begins_another_outage() -> None:
    life = lost_in_step_7()
    found = at(life, "40:45")
    assert found.outages == [clock("03:00", "04:55", 6900), clock("40:00", None, 2700, running=True)]
    assert found.outage_events == [1, life.facts.version]
    assert found.failback is None
    assert [one.visits for one in found.steps] == [2, 1, 1, 1, 1, 1, 1]
    assert (found.steps[0].entered_at, found.steps[0].left_at) == (time("40:00"), None)
    assert (found.due_at, found.late.seconds, late(found, 1)) == (time("40:30"), 900, 900)
    assert seconds(found.steps[0].spent)["waiting"] == 450 + 2700


def test_after_it_points_are_measured_against_the_outage_they_were_chosen_in() -> None:
    life = lost_in_step_7()
    assert recovery_point(told(life)).unknown == ["sql01", "web01"]
    life.now = moment("41:00")
    life.go_to(FAIL_OVER_W)
    life.confirm(recovery_point=point("39:45"))
    assert {one.lost for one in recovery_point(told(life)).workloads.values()} == {Lasted(900_000_000)}
    life.go_to(f"{S3}.sign-off")
    sign(life, "43:00")
    assert at(life, "43:00").outages == [clock("03:00", "04:55", 6900), clock("40:00", "43:00", 10_800)]


def test_workloads_still_at_the_secondary_keep_what_they_lost_in_the_first() -> None:
    life = night()
    life.go_to("reverse-workload-replication.reverse-workloads")
    say(life, "40:00", "primary_lost", by=DORA)
    found = recovery_point(told(life))
    assert {name: one.lost and one.lost.seconds for name, one in found.workloads.items()} == {
        "sql01": 900, "web01": 1800,
    }  # fmt: skip
    assert len(at(life, "41:00").outages) == 2


def test_where_users_go_on_working_no_outage_begins_but_the_step_is_visited_anew() -> None:
    life = night()
    life.go_to(f"{S4}.old-vmm-vm-off")
    say(life, "10:00", "primary_lost", by=DORA)
    found = at(life, "10:30")
    assert found.outages == [clock("03:00", "04:55", 6900)]
    assert (found.steps[2].visits, found.steps[2].entered_at, found.due_at) == (2, time("10:00"), time("11:00"))
    assert seconds(found.steps[2].spent) == {"waiting": 240 + 1800, "hands_on": 360, "sign_off": 240}


def test_a_rejected_sign_off_of_the_access_says_that_the_outage_has_not_ended() -> None:
    life = night()
    life.go_to(f"{S4}.old-vmm-vm-off")
    say(life, "10:00", "primary_lost", by=DORA)
    life.go_to(f"{S3}.sign-off")
    sign(life, "10:10", decision="reject")
    assert life.facts.restored_at is None
    assert at(life, "11:00").outages == [clock("03:00", None, 28_800, running=True)]
    life.go_to(f"{S3}.sign-off")
    sign(life, "12:00")
    assert at(life, "13:00").outages == [clock("03:00", "12:00", 32_400)]


def test_a_rejected_sign_off_of_another_step_leaves_the_restoration_alone() -> None:
    life = night()
    life.go_to(f"{S4}.sign-off").reject()
    assert life.facts.restored_at == time("04:55")


def test_a_site_lost_while_on_hold_leaves_it_on_hold_from_then_in_the_new_visit() -> None:
    life = night()
    life.go_to("fail-back-workloads.steady-state-restored")
    say(life, "39:00", "hold")
    say(life, "40:00", "primary_lost", by=DORA)
    found = at(life, "44:00")
    assert (found.late.seconds, found.due_at) == (0, time("40:30"))
    assert seconds(found.steps[0].spent)["on_hold"] == 600 + 4 * 3600
    say(life, "45:00", "resume")
    assert at(life, "45:10").due_at == time("45:30")


# -- the end -----------------------------------------------------------------------------------------------------------


def test_once_ended_nothing_goes_on() -> None:
    life = night()
    life.now = moment("05:00")
    life.go_to("completed")
    done = life.facts.completed_at
    assert done is not None
    say(life, "90:00", "note", by=BEN)
    found, again = at(life, "91:00"), at(life, "99:00")
    assert found == again
    assert (found.ended_at, found.due_at, found.late) == (done, None, Lasted())
    assert found.failback == Clock(time("04:55"), done, lasted(time("04:55"), done), running=False)
    assert not any(one.clock.running for one in found.unprotected)


def test_what_never_came_to_its_end_is_measured_until_the_execution_was_given_up() -> None:
    life = Life(targets=TARGETS)
    say(life, "03:40", "hold")
    say(life, "04:00", "abort", by=DORA)
    found = at(life, "09:00")
    assert found.outages == [clock("03:00", None, 3600)]
    assert next(one.clock for one in found.unprotected) == clock("03:00", None, 3600)
    assert (found.steps[0].left_at, found.steps[0].due_at, late(found, 1)) == (time("04:00"), time("03:35"), 300)
    assert seconds(found.steps[0].spent) == {"waiting": 2100, "on_hold": 1200}
    assert recovery_time(30, found.outages[0]).met is False


def test_after_the_end_timers_stand_still() -> None:
    life = Life()
    say(life, "04:00", "abort", by=DORA)
    before = told(life).timers
    say(life, "04:10", "note")
    assert told(life).timers == before


# -- states ------------------------------------------------------------------------------------------------------------


def test_where_one_workload_of_several_is_authorized_people_are_at_it() -> None:
    life = Life(names=("sql01", "web01")).go_to("fail-over-workloads.commit-workloads")
    assert told(life).stretches[-1].state is State.AUTHORIZATION
    life.authorize(workloads=["sql01"])
    assert told(life).stretches[-1].state is State.HANDS_ON
    life.confirm(workloads=["sql01"])
    assert told(life).stretches[-1].state is State.AUTHORIZATION
    life.authorize()
    assert told(life).stretches[-1].state is State.HANDS_ON


def test_without_a_second_person_nobody_waits_for_one() -> None:
    life = Life(four_eyes="none").go_to("fail-over-workloads.commit-workloads")
    assert told(life).stretches[-1].state is State.HANDS_ON


def test_an_entry_from_a_clock_ahead_is_no_time_yet() -> None:
    life = Life()
    say(life, "03:10", "confirm", done="03:11")
    found = at(life, "03:10:30")
    assert [(one.since, one.until) for one in found.out_of_order] == [(time("03:11"), None)]
    assert seconds(found.spent) == {"waiting": 360}


@pytest.mark.parametrize("mode", ["live", "drill"])
@pytest.mark.parametrize("runbook", [one for _, one in bundled_runbooks()], ids=lambda one: one.id)
def test_every_life_is_followed_to_its_end(runbook: Runbook, mode: str) -> None:
    """Walked without a detour the stretches fill the whole time, whatever the runbook and the mode."""
    life = Life(runbook=runbook, profile=runbook.profile_ids[0], mode=mode)
    while not life.facts.terminal:
        items = [one for one in life.runbook.items.get(life.position, ()) if one not in life.facts.actions]
        life.confirm(action=items[0]) if items else life.go_on()
    found = at(life, "30:00")
    assert found.ended_at is not None
    whole = lasted(life.facts.declared_at, found.ended_at).microseconds
    assert sum(one.microseconds for one in found.spent.by_state.values()) == whole


def test_a_checklist_has_no_outage() -> None:
    runbook = next(one for _, one in bundled_runbooks() if one.id == "prepare-vmm-servers")
    life = Life(runbook=runbook, profile=runbook.profile_ids[0], names=())
    found = at(life, "04:00")
    assert (found.outages, found.decision, found.failback, found.unprotected) == ([], None, None, [])
    assert list(found.steps[0].places) == ["items", "sign-off"]
    assert seconds(found.steps[0].places["items"]) == {"waiting": 3300}


def test_a_row_of_before_gets_its_timers_from_the_facts() -> None:
    life = Life()
    say(life, "03:20", "hold")
    found = begun(life.runbook, life.facts)
    assert (found.due_at, found.held_since, found.rto_minutes) == (time("03:35"), time("03:20"), 240)
    say(life, "03:40", "abort", by=DORA)
    found = begun(life.runbook, life.facts)
    assert (found.due_at, found.held_since, found.ended_at) == (None, None, time("03:40"))


def test_an_empty_journal_has_no_clocks() -> None:
    with pytest.raises(ValueError, match="empty"):
        chronicle(Life().runbook, [])


def test_times_are_exact_and_written_alike() -> None:
    assert lasted("2026-11-23T03:00:00.000001Z", "2026-11-23T05:00:01+01:00") == Lasted(3_600_999_999)
    assert Lasted(3_600_999_999).seconds == 3600
    assert later("2026-11-23T23:59:59.999999Z", 1) == "2026-11-24T00:00:00.000000Z"
