"""Figures of journals made by hand: what counts as done, how long it took, what went wrong."""

from typing import Any

import pytest

from app.domain.statistics import Figures, Tally
from app.runbooks import bundled_runbooks
from tests.life import BEN, DORA, Life
from tests.told import FAIL_OVER_W, moment, night, say, sign

S1, S2, S3 = "fail-over-vmm", "fail-over-workloads", "confirm-access"


def tally(*lives: Life) -> Tally:
    found = Tally()
    for life in lives:
        assert life.problems() == []
        found.take(life.lines)
    return found


def told(found: Tally, place: str) -> dict[str, Any]:
    """Give what is told of a place, without what is nothing."""
    one = found.places[place]
    said = {
        "seconds": list(one.seconds),
        "out_of_order": one.out_of_order,
        "failures": dict(one.failures),
        "waivers": one.waivers,
        "break_glass": one.break_glass,
        "rejections": one.rejections,
    }
    return {name: value for name, value in said.items() if value}


def test_how_long_each_step_and_action_of_a_night_took_without_its_hold() -> None:
    found = tally(night())
    assert told(found, S1) == {"seconds": [2130]}
    assert told(found, f"{S1}.fence-primary") == {"seconds": [450]}
    assert told(found, f"{S1}.fail-over-vmm-vm") == {"seconds": [460]}
    assert told(found, f"{S1}.start-vmm-vm") == {"seconds": [890]}
    assert told(found, f"{S1}.sign-off") == {"seconds": [330]}
    assert told(found, S2) == {"seconds": [3030], "failures": {"F03": 1}, "waivers": 1, "rejections": 1}
    assert told(found, f"{S2}.complete-vmm-failover") == {"waivers": 1}
    # reached at 03:56:30, the last workload done at 04:14 as entered late, with the failure in between
    assert told(found, FAIL_OVER_W) == {"seconds": [1050], "failures": {"F03": 1}}
    assert told(found, f"{S2}.check-workloads") == {"seconds": [600, 240]}
    assert told(found, f"{S2}.commit-workloads") == {"seconds": [360]}
    assert told(found, f"{S2}.sign-off") == {"seconds": [60], "rejections": 1}
    assert told(found, S3) == {"seconds": [840]}
    assert f"{S2}.verify-provider" not in found.places
    assert (found.executions, dict(found.ended)) == (1, {})


def test_median_and_p90_are_whole_seconds_by_a_rule_one_can_follow_on_paper() -> None:
    def figures(*seconds: int) -> tuple[int | None, int | None]:
        one = Figures()
        for each in seconds:
            one.done(each * 1_000_000 + 999_999)
        return one.median(), one.p90()

    assert figures() == (None, None)
    assert figures(7) == (7, 7)
    assert figures(10, 3) == (6, 10)
    assert figures(5, 1, 9) == (5, 9)
    assert figures(*range(1, 11)) == (5, 9)
    assert figures(*range(1, 12)) == (6, 10)
    assert figures(*range(1, 101)) == (50, 90)


def test_an_end_before_its_beginning_counts_nothing_and_is_flagged() -> None:
    life = Life()
    say(life, "03:20", "confirm")
    say(life, "03:25", "confirm", done="03:10")
    assert told(tally(life), f"{S1}.fail-over-vmm-vm") == {"seconds": [0], "out_of_order": 1}


def test_what_was_left_by_going_back_or_by_another_profile_was_not_done() -> None:
    life = Life().go_to(f"{S1}.start-vmm-vm")
    say(life, "03:20", "undo", action=f"{S1}.fail-over-vmm-vm")
    say(life, "03:30", "confirm")
    found = tally(life)
    assert told(found, f"{S1}.start-vmm-vm") == {}
    assert told(found, f"{S1}.fail-over-vmm-vm") == {"seconds": [60, 600]}


def test_glass_that_was_broken_is_counted_where_it_was_broken() -> None:
    life = Life().go_to(f"{S1}.sign-off")
    say(life, "03:30", "sign_off", decision="approve", by=DORA, break_glass=True)
    life.go_to(f"{S2}.complete-vmm-failover")
    say(life, "03:40", "authorize", by=DORA, break_glass=True)
    found = tally(life)
    assert told(found, f"{S1}.sign-off")["break_glass"] == told(found, S1)["break_glass"] == 1
    assert told(found, f"{S2}.complete-vmm-failover") == {"break_glass": 1}
    assert told(found, S2) == {"break_glass": 1}


def test_failures_are_counted_by_symptom_and_those_told_in_words_together() -> None:
    life = Life().go_to(f"{S1}.fail-over-vmm-vm")
    for symptom in ("F01", None, "F02"):
        life.post("report_failure", comment="no", symptom=symptom)
        life.post("retry", comment="again")
    life.post("report_failure", comment="no", symptom="F01")
    assert told(tally(life), f"{S1}.fail-over-vmm-vm") == {"failures": {"F01": 2, "": 1, "F02": 1}}


def test_after_a_second_disaster_steps_are_timed_anew_also_out_of_a_hold() -> None:
    life = night()
    life.now = moment("05:00")
    life.go_to("fail-back-workloads.steady-state-restored")
    say(life, "39:00", "hold")
    say(life, "40:00", "primary_lost", by=DORA)
    say(life, "40:10", "resume")
    say(life, "40:15", "confirm")
    life.now = moment("40:20")
    life.go_to(f"{S1}.sign-off")
    sign(life, "40:30")
    found = tally(life)
    assert told(found, f"{S1}.fence-primary") == {"seconds": [450, 300]}
    assert told(found, S1) == {"seconds": [2130, 1200]}


def test_executions_are_counted_by_their_ends() -> None:
    aborted = Life()
    aborted.post("abort", comment="a false alarm", by=DORA)
    aborted.post("note", comment="it was the test", by=BEN)
    assert dict(tally(aborted, Life().go_to("completed"), Life()).ended) == {"aborted": 1, "completed": 1}


def test_items_take_the_time_since_their_step_was_reached() -> None:
    runbook = next(one for _, one in bundled_runbooks() if one.id == "prepare-vmm-servers")
    life = Life(runbook=runbook, profile=runbook.profile_ids[0], names=())
    step = runbook.steps[0]
    first, second, third = (f"{step.id}.{action.id}" for action in step.actions[:3])
    say(life, "03:15", "confirm", action=second)
    say(life, "03:25", "confirm", action=first)
    say(life, "03:30", "report_failure", action=third)
    found = tally(life)
    assert (told(found, first), told(found, second)) == ({"seconds": [1200]}, {"seconds": [600]})
    assert told(found, third) == {"failures": {"": 1}}


@pytest.mark.parametrize("mode", ["live", "drill"])
def test_a_whole_life_counts_each_action_once(mode: str) -> None:
    found = tally(Life(mode=mode).go_to("completed"))
    assert {len(one.seconds) for one in found.places.values()} == {1}
