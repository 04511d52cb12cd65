"""The site picture: after every step, after a second disaster at every position of the way back, and unprotected since.

The tables are the procedure page's, copied by hand.
"""

from typing import Any

import pytest

from app.domain import sites
from app.domain.errors import TransitionRefused
from tests.life import ASR, DORA, HYPER_V, NAMES, POINT, START, Life, stamp, walked

P, S, N = "primary", "secondary", "none"
HOME, AWAY, CUT = "primary_to_secondary", "secondary_to_primary", "none"
STEPS = (
    "fail-over-vmm",
    "fail-over-workloads",
    "confirm-access",
    "reverse-vmm-replication",
    "fail-back-vmm",
    "reverse-workload-replication",
    "fail-back-workloads",
)
#: after the step: VMM's site and replication, the workloads' site and replication
AFTER = {
    "outage": ((N, CUT), (N, CUT)),
    "fail-over-vmm": ((S, CUT), (N, CUT)),
    "fail-over-workloads": ((S, CUT), (S, CUT)),
    "confirm-access": ((S, CUT), (S, CUT)),
    "reverse-vmm-replication": ((S, AWAY), (S, CUT)),
    "fail-back-vmm": ((P, HOME), (S, CUT)),
    "reverse-workload-replication": ((P, HOME), (S, AWAY)),
    "fail-back-workloads": ((P, HOME), (P, HOME)),
}
#: where within a step the picture changes: after this action, VMM and the workloads stand so
WITHIN = {
    "fail-over-vmm.fail-over-vmm-vm": ((N, CUT), (N, CUT)),
    "fail-over-vmm.start-vmm-vm": ((S, CUT), (N, CUT)),
    "fail-over-workloads.verify-vmm": ((S, CUT), (N, CUT)),
    "fail-over-workloads.fail-over-workload-vms": ((S, CUT), (S, CUT)),
    "fail-over-workloads.commit-workloads": ((S, CUT), (S, CUT)),
    "reverse-vmm-replication.mark-old-primary-as-replica": ((S, CUT), (S, CUT)),
    "reverse-vmm-replication.reverse-vmm-replication": ((S, CUT), (S, CUT)),
    "reverse-vmm-replication.vmm-initial-replication-complete": ((S, AWAY), (S, CUT)),
    "fail-back-vmm.prepare-planned-failover": ((N, AWAY), (S, CUT)),
    "fail-back-vmm.fail-over-vmm-vm-to-primary": ((N, CUT), (S, CUT)),
    "fail-back-vmm.commit-vmm-failback": ((N, CUT), (S, CUT)),
    "fail-back-vmm.reverse-vmm-replication-again": ((N, HOME), (S, CUT)),
    "fail-back-vmm.start-vmm-vm-at-primary": ((P, HOME), (S, CUT)),
    "reverse-workload-replication.reverse-workloads": ((P, HOME), (S, CUT)),
    "reverse-workload-replication.workload-initial-replication-complete": ((P, HOME), (S, AWAY)),
    "fail-back-workloads.fail-back-workload-vms": ((P, HOME), (P, CUT)),
    "fail-back-workloads.commit-workload-failback": ((P, HOME), (P, CUT)),
    "fail-back-workloads.reverse-workloads-again": ((P, HOME), (P, HOME)),
    "fail-back-workloads.steady-state-restored": ((P, HOME), (P, HOME)),
}
PROFILES = pytest.mark.parametrize("profile", [HYPER_V, ASR])


def drawn(life: Life) -> tuple[tuple[str, str], tuple[str, str]]:
    """Give VMM's place and the workloads', which have to be alike."""
    picture = life.picture()
    (workloads,) = {place for subject, place in picture.items() if subject != "vmm"}
    return picture["vmm"], workloads


@PROFILES
def test_picture_after_every_step_is_the_pages_table(profile: str) -> None:
    life = Life(profile=profile)
    assert drawn(life) == AFTER["outage"]
    for step in STEPS:
        life.go_to(f"{step}.sign-off")
        assert drawn(life) == AFTER[step], step
        life.sign()
    assert drawn(life) == ((P, HOME), (P, HOME))


@PROFILES
def test_picture_changes_where_the_page_says_and_nowhere_else(profile: str) -> None:
    life = Life(profile=profile)
    now = drawn(life)
    while not life.facts.terminal:
        place = life.position
        life.go_on()
        now = WITHIN.get(place, now)
        assert drawn(life) == now, place


def test_an_effect_comes_for_each_workload_with_its_own_confirmation() -> None:
    life = Life().go_to("fail-over-workloads.fail-over-workload-vms")
    life.confirm(workloads=["web01"])
    assert life.picture() == {"vmm": (S, CUT), "sql01": (N, CUT), "web01": (S, CUT), "file01": (N, CUT)}
    life.post("report_failure", workloads=["web01"], symptom="F14")  # a picture is a fact: a report moves nothing
    assert life.picture()["web01"] == (S, CUT)
    life.confirm(workloads=["sql01"], outcome="already_done")
    assert life.picture()["sql01"] == (S, CUT)


def test_undo_puts_the_picture_back() -> None:
    life = Life().go_to("fail-over-vmm.sign-off")
    life.post("undo", action="fail-over-vmm.fail-over-vmm-vm", comment="wrong point")
    assert life.picture()["vmm"] == (N, CUT)
    life.go_to("fail-over-workloads.check-workloads")
    life.post("undo", action="fail-over-workloads.fail-over-workload-vms", workloads=["web01"], comment="wrong point")
    assert [life.picture()[name][0] for name in NAMES] == [S, N, S]
    life.go_to("fail-back-vmm.fail-over-vmm-vm-to-primary")
    life.post("undo", action="fail-back-vmm.prepare-planned-failover", comment="not tonight")
    assert life.picture()["vmm"] == (S, AWAY)
    life.go_to("fail-back-vmm.commit-vmm-failback")
    assert life.picture()["vmm"] == (N, CUT)
    life.post("undo", action="fail-back-vmm.fail-over-vmm-vm-to-primary", comment="fails at the primary")
    assert life.picture()["vmm"] == (S, AWAY)
    life.go_to("fail-back-workloads.check-workloads-at-primary")
    life.post("undo", action="fail-back-workloads.fail-back-workload-vms", workloads=["sql01"], comment="not yet")
    assert [life.picture()[name] for name in NAMES] == [(S, AWAY), (P, CUT), (P, CUT)]
    assert life.problems() == []


def test_undo_brings_no_direction_back_that_was_never_set_up() -> None:
    life = Life().go_to("reverse-vmm-replication.vmm-initial-replication-complete")
    life.post("waive", comment="it takes days")
    life.go_to("fail-back-vmm.fail-over-vmm-vm-to-primary")
    life.post("undo", action="fail-back-vmm.prepare-planned-failover", comment="wait for it")
    assert life.picture()["vmm"] == (S, CUT)


def test_steady_state_is_confirmed_only_while_the_picture_is_that_from_before() -> None:
    life = Life().go_to("fail-back-vmm.start-vmm-vm-at-primary")
    life.post("waive", comment="started by the console")  # so VMM runs nowhere, as far as the journal knows
    life.go_to("fail-back-workloads.fail-back-workload-vms")
    life.post("waive", workloads=["file01"], comment="stays at the secondary")
    life.go_to("fail-back-workloads.steady-state-restored")
    with pytest.raises(TransitionRefused) as refusal:
        life.confirm()
    assert "vmm" in refusal.value.detail
    assert "file01" not in refusal.value.detail
    life.post("waive", comment="checked by hand")
    assert life.sign()["position_after"] == "completed"
    assert life.problems() == []


# -- a second disaster ----------------------------------------------------------------------------------------------

#: lost at: lands on, VMM then, each workload then
TO_ACCESS, TO_START = "confirm-access.vmm-at-secondary", "fail-over-vmm.fence-primary"


def lost(position: str) -> tuple[str, tuple[str, str], tuple[str, str]]:
    """Give what the loss table says of a loss at this position: the landing, VMM's place, the workloads'."""
    order = list(Life().runbook.positions)
    rank = order.index(position)
    prepared = rank > order.index("fail-back-vmm.prepare-planned-failover")
    reversed_again = rank > order.index("fail-back-vmm.reverse-vmm-replication-again")
    failed_back = rank > order.index("fail-back-workloads.fail-back-workload-vms")
    workloads = (N if failed_back else S, CUT)
    if reversed_again:
        return TO_START, (N, CUT), workloads
    return TO_ACCESS, (N if prepared else S, CUT), workloads


def way_back(profile: str) -> list[Any]:
    places = [place for place, _ in walked(profile) if place.partition(".")[0] in STEPS[3:]]
    return [pytest.param(profile, place, id=f"{profile}-{place}") for place in places]


@pytest.mark.parametrize(("profile", "position"), [*way_back(HYPER_V), *way_back(ASR)])
def test_primary_lost_on_the_way_back_lands_where_the_loss_table_says(profile: str, position: str) -> None:
    life = Life(profile=profile).go_to(position)
    before = {name: set(life.done(name)) for name in NAMES}
    restored, signed = life.facts.restored_at, set(life.facts.sign_offs)
    assert restored is not None
    line = life.post("primary_lost", comment="power again")
    landing, vmm, workloads = lost(position)
    assert (life.position, line["position_after"]) == (landing, landing)
    assert drawn(life) == (vmm, workloads)
    assert line["data"]["text"]
    irreversible = {place for place, action in life.runbook.actions.items() if action.irreversible}
    step = STEPS.index(landing.partition(".")[0])
    again = position in {"fail-back-workloads.steady-state-restored", "fail-back-workloads.sign-off"}
    for name in NAMES:
        if landing == TO_ACCESS:
            assert set(life.done(name)) == {
                place for place in before[name] if place.startswith(STEPS[1]) or place in irreversible
            }
        else:  # only those whose own replication was reversed again are failed over again
            kept = {place for place in before[name] if place in irreversible}
            assert set(life.done(name)) == kept | (
                set() if again else {place for place in before[name] if place.startswith(STEPS[1])}
            )
    assert set(life.facts.sign_offs) == signed & set(STEPS[:step])
    assert life.facts.restored_at == (restored if landing == TO_ACCESS else None)
    assert life.facts.attempt == 2
    open_windows = {one.subject for one in life.facts.unprotected if one.until is None}
    assert open_windows == {"vmm", *NAMES}
    assert life.problems() == []


@pytest.mark.parametrize(("profile", "position"), [*way_back(HYPER_V), *way_back(ASR)])
def test_after_a_second_disaster_the_way_leads_home_again(profile: str, position: str) -> None:
    life = Life(profile=profile).go_to(position)
    restored = life.facts.restored_at
    life.post("primary_lost", comment="power again")
    landing, _, _ = lost(position)
    life.go_to("reverse-vmm-replication.primary-site-available")
    assert drawn(life) == ((S, CUT), (S, CUT))
    assert life.facts.restored_at is not None
    assert (life.facts.restored_at == restored) == (landing == TO_ACCESS)
    life.go_to("completed")
    assert drawn(life) == ((P, HOME), (P, HOME))
    assert life.problems() == []


@pytest.mark.parametrize(("profile", "position"), [*way_back(HYPER_V)[::4], *way_back(ASR)[1::4]])
def test_a_second_disaster_can_come_twice(profile: str, position: str) -> None:
    life = Life(profile=profile).go_to(position)
    for _ in range(2):
        life.post("primary_lost", comment="power again")
        assert life.position == lost(position)[0]
        with pytest.raises(TransitionRefused):
            life.post("primary_lost", at=life.position, comment="once more")
        life.go_to(position)
    assert life.go_to("completed").problems() == []


def test_in_the_last_step_each_workload_is_lost_or_kept_by_its_own_reverse() -> None:
    life = Life().go_to("fail-over-workloads.check-workloads")
    life.post("choose_recovery_point", recovery_point=POINT)
    life.go_to("fail-back-workloads.reverse-workloads-again")
    life.confirm(workloads=["web01"])
    life.post("primary_lost", comment="power again")
    assert life.picture() == {"vmm": (N, CUT), "sql01": (N, CUT), "web01": (N, CUT), "file01": (N, CUT)}
    fail_over = "fail-over-workloads.fail-over-workload-vms"
    assert [fail_over in life.done(name) for name in NAMES] == [True, False, True]
    points = {name: one.recovery_point is not None for name, one in life.facts.workloads.items()}
    assert points == {"sql01": True, "web01": False, "file01": True}  # web01 takes whatever point there is then
    life.go_to(fail_over)
    assert life.confirm()["workloads"] == ["web01"]
    assert life.picture() == {"vmm": (S, CUT), "sql01": (N, CUT), "web01": (S, CUT), "file01": (N, CUT)}
    life.go_to("confirm-access.sign-off")  # where those whose failback was cut short are started again
    assert {place for name, place in life.picture().items() if name != "vmm"} == {(S, CUT)}
    assert life.go_to("completed").problems() == []


def test_a_workload_taken_back_does_not_hide_that_vmm_is_at_the_primary_again() -> None:
    life = Life().go_to("fail-over-workloads.fail-over-workload-vms")
    life.post("waive", by=DORA, workloads=["file01"], comment="later")
    life.go_to("fail-back-workloads.reverse-workloads-again").confirm(workloads=["web01"])
    life.post("retry", workloads=["file01"])
    assert life.position == "fail-over-workloads.fail-over-workload-vms"
    line = life.post("primary_lost", comment="power again")
    assert (life.position, life.facts.restored_at) == (TO_START, None)
    assert "VMM belongs to the primary site again" in line["data"]["text"]
    fail_over = "fail-over-workloads.fail-over-workload-vms"
    assert [fail_over in life.done(name) for name in NAMES] == [True, False, False]
    assert life.go_to("completed").problems() == []


def test_confirming_access_again_moves_nothing_that_runs_at_the_primary() -> None:
    life = Life().go_to("fail-back-workloads.sign-off")
    draft = life.facts.copy()
    for place in (TO_ACCESS, "confirm-access.confirm-users-can-work"):
        sites.change(draft, life.runbook.actions[place].effects, None, when=stamp(life.now))
    assert (draft.vmm, draft.workloads["web01"].place) == (life.facts.vmm, life.facts.workloads["web01"].place)


def test_a_rejected_step_does_not_make_what_is_back_at_the_primary_safe_from_its_loss() -> None:
    """Outcomes are cleared by a rejection, but VMM and the workloads still run at the primary."""
    life = Life().go_to("fail-back-vmm.sign-off")
    life.reject()
    life.post("primary_lost", comment="power again")
    assert life.position == TO_START
    life = Life().go_to("fail-back-workloads.sign-off")
    life.reject()
    life.post("primary_lost", comment="power again")
    assert "fail-over-workloads.fail-over-workload-vms" not in set(life.done("web01"))
    assert life.go_to("completed").problems() == []


@PROFILES
def test_secondary_lost_says_what_is_gone_and_what_runs_on(profile: str) -> None:
    for position, gone, goes_on in (
        ("fail-over-vmm.start-vmm-vm", [], []),
        ("fail-over-vmm.sign-off", ["vmm"], []),
        ("confirm-access.sign-off", ["vmm", *NAMES], []),
        ("fail-back-vmm.sign-off", [*NAMES], ["vmm"]),
        ("fail-back-workloads.steady-state-restored", [], ["vmm", *NAMES]),
    ):
        life = Life(profile=profile).go_to(position)
        line = life.post("secondary_lost", comment="and now this")
        assert (line["data"]["gone"], line["data"]["goes_on"]) == (gone, goes_on)
        nowhere = [name for name in ("vmm", *NAMES) if name not in (*gone, *goes_on)]
        text = line["data"]["text"]
        assert line["data"]["nowhere"] == nowhere
        assert ("ran at" in text, "runs nowhere" in text) == (bool(gone), bool(nowhere))
        assert ("backup" in text, "unprotected" in text) == (bool(gone or nowhere), bool(goes_on))
        assert all(name in text for name in ("vmm", *NAMES))
        assert "recovery point" not in text  # none is named
        assert life.facts.status == "escalated"
        assert {site for site, _ in life.picture().values()} <= {P, N}
        assert {way for _, way in life.picture().values()} == {CUT}
        assert life.problems() == []


def test_secondary_lost_names_the_recovery_points_to_restore_from() -> None:
    life = Life().go_to("fail-over-workloads.check-workloads")
    life.post("choose_recovery_point", recovery_point=POINT, workloads=["web01"])
    text = life.post("secondary_lost", comment="and now this")["data"]["text"]
    assert f"web01 ({POINT.label}, {POINT.time})" in text
    assert "Start from the recovery points named here." in text


def test_secondary_can_be_lost_as_long_as_anything_runs_there() -> None:
    life = Life().go_to("fail-back-vmm.sign-off")
    life.post(
        "primary_lost", comment="power again"
    )  # VMM is gone, its failover not yet done anew; the workloads run on
    assert life.post("secondary_lost", comment="and now this")["data"]["gone"] == [*NAMES]


# -- unprotected since, until ---------------------------------------------------------------------------------------


def test_windows_without_protection_open_and_close_with_their_events() -> None:
    life = Life(names=["web01"])
    at: dict[str, str] = {}
    while not life.facts.terminal:
        place = life.position
        line = life.go_on()
        at[place] = line["recorded_at"]
    windows = [(one.subject, one.since, one.until) for one in life.facts.unprotected]
    assert windows == [
        ("vmm", stamp(START), at["reverse-vmm-replication.vmm-initial-replication-complete"]),
        ("web01", stamp(START), at["reverse-workload-replication.workload-initial-replication-complete"]),
        (
            "vmm",
            at["fail-back-vmm.fail-over-vmm-vm-to-primary"],
            at["fail-back-vmm.reverse-vmm-replication-again"],
        ),
        (
            "web01",
            at["fail-back-workloads.fail-back-workload-vms"],
            at["fail-back-workloads.reverse-workloads-again"],
        ),
    ]


def test_a_late_entry_opens_and_closes_windows_at_the_time_it_was_done() -> None:
    life = Life(names=["web01"]).go_to("reverse-vmm-replication.vmm-initial-replication-complete")
    done = "2026-11-23T03:07:30.000000Z"
    life.confirm(performed_at=done, performed_by="Carol")
    assert next(one for one in life.facts.unprotected if one.subject == "vmm").until == done
    life.go_to("fail-back-vmm.prepare-planned-failover")
    lost_at = "2026-11-23T03:09:00.000000Z"
    life.post("primary_lost", comment="power again", performed_at=lost_at)
    assert [one.since for one in life.facts.unprotected if one.subject == "vmm"] == [stamp(START), lost_at]


def test_restored_is_when_access_was_signed_off() -> None:
    life = Life().go_to("confirm-access.sign-off")
    before, done = life.facts, "2026-11-23T03:08:00.000000Z"
    life.sign(performed_at=done)
    assert before.restored_at is None
    assert life.facts.restored_at == done
    life.go_to("reverse-vmm-replication.old-vmm-vm-off")
    life.post("primary_lost", comment="power again")
    life.go_to("reverse-vmm-replication.primary-site-available")
    assert life.facts.restored_at == done  # users never stopped working
