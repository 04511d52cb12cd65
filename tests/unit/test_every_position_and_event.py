"""Every position, under both profiles, times every event type: accepted and where it leads, or refused and why.

What is expected was written by hand from the contract and the procedure page; nothing here reads the machine's table.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from app.domain.case import Case
from app.domain.errors import PositionMoved, SecondPersonRequired, TransitionRefused
from app.domain.events import EventType
from app.domain.rules import why_not
from tests.life import ANN, ASR, BEN, HYPER_V, POINT, ZOE, Life

# position | confirm  authorize  waive  change_profile  primary_lost  secondary_lost  choose_recovery_point | undo of:
#   fail-over-vmm-vm, fail-over-workload-vms, prepare-planned-failover, fail-over-vmm-vm-to-primary,
#   fail-back-workload-vms
# + accepted · a not authorized yet · i not irreversible · n not waivable · s waits for its sign-off · p no change of
# profile in this step · l lost already · - nothing at the secondary yet · h not chosen here · f no failure reported
# 1 3 accepted, and lands on that step · undo: + accepted, > ahead, 0 not done, x closed
TABLE = """
fail-over-vmm.fence-primary                                 + i n p l - h  >>>>>
fail-over-vmm.fail-over-vmm-vm                              + i n p l - h  0>>>>
fail-over-vmm.start-vmm-vm                                  + i + p l + h  +>>>>
fail-over-vmm.sign-off                                      s s s p l + s  +>>>>
fail-over-workloads.verify-vmm                              + i + + l + h  +>>>>
fail-over-workloads.verify-provider                         + i + + l + h  +>>>>
fail-over-workloads.complete-vmm-failover                   a + + + l + h  +>>>>
fail-over-workloads.fail-over-workload-vms                  + i + + l + f  x0>>>
fail-over-workloads.check-workloads                         + i + + l + +  x+>>>
fail-over-workloads.commit-workloads                        a + + + l + h  x+>>>
fail-over-workloads.sign-off                                s s s + l + s  xx>>>
confirm-access.vmm-at-secondary                             + i + p l + h  xx>>>
confirm-access.confirm-users-can-work                       + i + p l + h  xx>>>
confirm-access.sign-off                                     s s s p l + s  xx>>>
reverse-vmm-replication.primary-site-available              + i + p 3 + h  xx>>>
reverse-vmm-replication.old-workload-vms-off                + i n p 3 + h  xx>>>
reverse-vmm-replication.old-vmm-vm-off                      + i n p 3 + h  xx>>>
reverse-vmm-replication.primary-accepts-replication         + i + p 3 + h  xx>>>
reverse-vmm-replication.mark-old-primary-as-replica         a + + p 3 + h  xx>>>
reverse-vmm-replication.reverse-vmm-replication             a + n p 3 + h  xx>>>
reverse-vmm-replication.vmm-initial-replication-complete    + i + p 3 + h  xx>>>
reverse-vmm-replication.sign-off                            s s s p 3 + s  xx>>>
fail-back-vmm.no-vault-job-running                          + i + p 3 + h  xx>>>
fail-back-vmm.prepare-planned-failover                      + i + p 3 + h  xx0>>
fail-back-vmm.fail-over-vmm-vm-to-primary                   + i n p 3 + h  xx+0>
fail-back-vmm.commit-vmm-failback                           a + n p 3 + h  xx++>
fail-back-vmm.reverse-vmm-replication-again                 + i n p 3 + h  xxxx>
fail-back-vmm.start-vmm-vm-at-primary                       + i + p 1 + h  xxxx>
fail-back-vmm.sign-off                                      s s s p 1 + s  xxxx>
reverse-workload-replication.vmm-ready-at-primary           + i + + 1 + h  xxxx>
reverse-workload-replication.reverse-workloads              a + n + 1 + h  xxxx>
reverse-workload-replication.workload-initial-replication-complete + i + + 1 + h xxxx>
reverse-workload-replication.sign-off                       s s s + 1 + s  xxxx>
fail-back-workloads.fail-back-workload-vms                  + i + + 1 + h  xxxx0
fail-back-workloads.check-workloads-at-primary              + i + + 1 + h  xxxx+
fail-back-workloads.commit-workload-failback                a + + + 1 + h  xxxx+
fail-back-workloads.reverse-workloads-again                 + i n + 1 + h  xxxxx
fail-back-workloads.steady-state-restored                   + i + + 1 + h  xxxxx
fail-back-workloads.sign-off                                s s s + 1 + s  xxxxx
"""
ROWS = {words[0]: words[1:] for words in map(str.split, TABLE.strip().splitlines())}
COLUMNS = ("confirm", "authorize", "waive", "change_profile", "primary_lost", "secondary_lost", "choose_recovery_point")
ASR_ONLY = {"fail-over-workloads.verify-provider", "fail-back-vmm.no-vault-job-running"}
UNDOABLE = (
    "fail-over-vmm.fail-over-vmm-vm",
    "fail-over-workloads.fail-over-workload-vms",
    "fail-back-vmm.prepare-planned-failover",
    "fail-back-vmm.fail-over-vmm-vm-to-primary",
    "fail-back-workloads.fail-back-workload-vms",
)
UNDO_TO = (UNDOABLE[0], UNDOABLE[1], UNDOABLE[2], UNDOABLE[2], UNDOABLE[4])
UNDO_PER_WORKLOAD = {UNDOABLE[1], UNDOABLE[4]}  # under hyper-v-replica alone
PER_WORKLOAD = {
    "fail-over-workloads.fail-over-workload-vms",
    "fail-over-workloads.check-workloads",
    "fail-over-workloads.commit-workloads",
    "reverse-vmm-replication.old-workload-vms-off",
    "reverse-workload-replication.reverse-workloads",
    "reverse-workload-replication.workload-initial-replication-complete",
    "fail-back-workloads.fail-back-workload-vms",
    "fail-back-workloads.check-workloads-at-primary",
    "fail-back-workloads.commit-workload-failback",
    "fail-back-workloads.reverse-workloads-again",
}
WHY = {
    ("confirm", "a"): {"not_authorized"},
    ("confirm", "s"): {"at_sign_off"},
    ("authorize", "i"): {"not_irreversible"},
    ("authorize", "s"): {"at_sign_off"},
    ("waive", "n"): {"not_waivable"},
    ("waive", "s"): {"at_sign_off"},
    ("change_profile", "p"): {"no_profile_change"},
    ("primary_lost", "l"): {"lost_already"},
    ("secondary_lost", "-"): {"nothing_there"},
    ("choose_recovery_point", "h"): {"no_choice_here"},
    ("choose_recovery_point", "f"): {"no_failure"},
    ("choose_recovery_point", "s"): {"at_sign_off"},
}
MEMBERS: dict[str, dict[str, Any]] = {
    "choose_recovery_point": {"recovery_point": POINT},
    "sign_off": {"decision": "approve"},
    "hand_over": {"to": ANN.id, "to_name": "ann"},
    "correct": {"corrects": 1},
}
TYPES = [kind.value for kind in EventType if kind is not EventType.DECLARE]
NOT_STOPPED_BY_A_HOLD = {
    "note", "correct", "hand_over", "report_failure", "primary_lost", "secondary_lost", "resume", "abort"
}  # fmt: skip
BOTH = [pytest.param(HYPER_V, id="hyper-v"), pytest.param(ASR, id="asr")]


def positions(profile: str, rows: Mapping[str, list[str]] = ROWS) -> list[str]:
    return [place for place in rows if profile == ASR or place not in ASR_ONLY]


def standing(profile: str, position: str) -> Life:
    return Life(profile=profile).go_to(position)


EVERYWHERE = [
    pytest.param(profile, place, id=f"{profile}-{place}") for profile in (HYPER_V, ASR) for place in positions(profile)
]


def event(life: Life, kind: str, **members: Any) -> dict[str, Any]:
    """Give a plain event of the type that is in form."""
    if kind == "change_profile":
        members = {"command_profile": ASR if life.facts.profile == HYPER_V else HYPER_V, **members}
    return {"comment": "because", **MEMBERS.get(kind, {}), **members}


def reasons(life: Life, kind: str, **members: Any) -> set[str]:
    case = Case(life.runbook, life.facts, life.posted(kind, **event(life, kind, **members)))
    return {reason.code for reason in why_not(case)}


def check(life: Life, kind: str, expected: str | set[str], **members: Any) -> None:
    """Try an event by somebody with every role: it leads to the position expected, or is refused for these reasons."""
    posted = life.posted(kind, **event(life, kind, **members))
    said = f"{kind} {members} at {life.position} ({life.facts.profile})"
    if isinstance(expected, str):
        _, reached = life.tried(posted, by=ZOE)
        assert reached.position == expected, said
        return
    assert reasons(life, kind, **members) == expected, said
    with pytest.raises(TransitionRefused) as refusal:
        life.tried(posted, by=ZOE)
    assert len(refusal.value.members["reasons"]) == len(expected)
    assert all(refusal.value.members["reasons"])
    assert refusal.value.members["position"] == life.position


def following(profile: str, position: str, rows: Mapping[str, list[str]] = ROWS) -> str:
    order = positions(profile, rows)
    return [*order, "completed"][order.index(position) + 1]


def expectation(profile: str, position: str, kind: str, rows: Mapping[str, list[str]] = ROWS) -> str | set[str]:
    """Give what the table says of an event type: where it leads, or the reasons."""
    at_sign_off = position.endswith("sign-off")
    if kind in COLUMNS:
        sign = rows[position][COLUMNS.index(kind)]
        if sign not in "+13":
            code = WHY[kind, sign]
            return {"not_authorized_for"} if sign == "a" and position in PER_WORKLOAD else code
        if kind == "primary_lost":
            return "fail-over-vmm.fence-primary" if sign == "1" else "confirm-access.vmm-at-secondary"
        if kind == "secondary_lost":
            return "escalated"
        if kind == "change_profile":  # the same position, or the next where the new profile lacks it
            return following(profile, position, rows) if position in ASR_ONLY else position
        if kind in ("authorize", "choose_recovery_point"):
            return position
        after = following(profile, position, rows)
        while kind == "waive" and position in PER_WORKLOAD and after in PER_WORKLOAD:
            after = following(profile, after, rows)  # no workload is left for those
        return after
    if kind == "sign_off":
        return following(profile, position, rows) if at_sign_off else {"not_at_sign_off"}
    if kind == "report_failure":
        return {"at_sign_off"} if at_sign_off else position
    others: dict[str, str | set[str]] = {"retry": {"no_failure"}, "resume": {"not_on_hold"}, "abort": "aborted"}
    return others.get(kind, position)


def test_table_names_every_position_of_the_runbook() -> None:
    assert tuple(ROWS) == Life().runbook.positions


@pytest.mark.parametrize(("profile", "position"), EVERYWHERE)
def test_every_event_type_is_accepted_or_refused_for_the_right_reason(profile: str, position: str) -> None:
    life = standing(profile, position)
    for kind in TYPES:
        if kind != "undo":
            check(life, kind, expectation(profile, position, kind))


@pytest.mark.parametrize(("profile", "position"), EVERYWHERE)
def test_every_undo_is_open_exactly_while_the_page_says(profile: str, position: str) -> None:
    check_undoes(standing(profile, position), ROWS[position][-1])


def check_undoes(life: Life, signs: str) -> None:
    """Try the undo of everything that has one."""
    for place, target, sign in zip(UNDOABLE, UNDO_TO, signs, strict=True):
        closed = "undo_closed_for" if place in UNDO_PER_WORKLOAD else "undo_closed"
        known: dict[str, set[str]] = {"+": set(), ">": {"undo_ahead", "not_done"}, "0": {"not_done"}, "x": {closed}}
        codes = known[sign]
        if life.facts.profile == ASR and place in UNDO_PER_WORKLOAD:
            codes = codes | {"no_undo_in_profile"}
        check(life, "undo", codes or target, action=place)
    check(life, "undo", {"no_undo"}, action="fail-over-vmm.fence-primary")


@pytest.mark.parametrize(("profile", "position"), EVERYWHERE)
def test_a_hold_stops_everything_but_what_the_contract_lists(profile: str, position: str) -> None:
    life = standing(profile, position)
    life.post("hold", comment="wait for the network team")
    assert life.facts.status == "on_hold"
    for kind in TYPES:
        members = {"action": "fail-over-vmm.fail-over-vmm-vm"} if kind == "undo" else {}
        if kind == "resume":
            check(life, kind, position)
        elif kind in NOT_STOPPED_BY_A_HOLD:
            check(life, kind, expectation(profile, position, kind))
        elif kind == "hold":
            with pytest.raises(PositionMoved):
                life.post(kind, by=ZOE, comment="me too")
        else:
            assert "on_hold" in reasons(life, kind, **members), kind
            with pytest.raises(TransitionRefused):
                life.tried(life.posted(kind, **event(life, kind, **members)), by=ZOE)
    life.post("resume")
    assert life.facts.status == "in_progress"


@pytest.mark.parametrize(("profile", "position"), EVERYWHERE)
def test_an_action_that_failed_waits_for_a_decision(profile: str, position: str) -> None:
    life = standing(profile, position)
    if position.endswith("sign-off"):
        return
    line = life.post("report_failure", symptom="F03")
    assert (life.facts.status, line["data"]["offers"]) == ("blocked", ["other_point", "retry"])
    confirm, waits = expectation(profile, position, "confirm"), set[str]()
    if isinstance(confirm, set):
        waits = confirm
    check(life, "confirm", {"failed_whole"} | waits)
    check(life, "confirm", waits or confirm, outcome="already_done")
    check(life, "retry", position)
    check(life, "report_failure", position, symptom="F01")
    with pytest.raises(PositionMoved):
        life.post("report_failure", by=ZOE, symptom="F03")
    for kind in ("authorize", "waive", "change_profile", "primary_lost", "secondary_lost", "hold", "abort", "note"):
        check(life, kind, expectation(profile, position, kind))
    chooses = position == "fail-over-workloads.fail-over-workload-vms"
    check(
        life, "choose_recovery_point", position if chooses else expectation(profile, position, "choose_recovery_point")
    )
    own = UNDOABLE.index(position) if position in UNDOABLE else None
    if own is not None and position not in UNDO_PER_WORKLOAD:  # tried and failed: what it left behind can be cancelled
        check(life, "undo", UNDO_TO[own], action=position)
    attempt = life.facts.attempt
    life.post("retry")
    assert (life.facts.status, life.facts.attempt) == ("in_progress", attempt + 1)
    check(life, "confirm", confirm)


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("position", sorted(PER_WORKLOAD))
def test_one_workload_that_failed_does_not_stop_the_others(profile: str, position: str) -> None:
    life = standing(profile, position)
    if life.runbook.actions[position].irreversible:
        life.authorize()
    life.post("report_failure", symptom="F14", workloads=["web01"])
    assert life.facts.status == "blocked"
    check(life, "confirm", {"failed"}, workloads=["web01"])
    check(life, "confirm", {"failed"}, workloads=["sql01", "web01"])
    check(life, "retry", {"neither_failed_nor_waived"}, workloads=["sql01"])
    check(life, "retry", position, workloads=["web01"])
    check(life, "confirm", position, outcome="already_done", workloads=["web01"])
    with pytest.raises(PositionMoved):
        life.post("report_failure", by=ZOE, symptom="F14", workloads=["web01"])
    line = life.confirm(by=ANN)
    assert (line["workloads"], life.position) == (["sql01", "file01"], position)
    assert reasons(life, "confirm") == {"failed"}
    with pytest.raises(PositionMoved):  # whoever meant the same two comes too late
        life.confirm(by=ZOE)
    life.confirm(outcome="already_done", comment="it answers", workloads=["web01"])
    assert (life.position, life.facts.failures) == (following(profile, position), [])


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("position", sorted(PER_WORKLOAD))
def test_a_partly_confirmed_action_stays_until_the_last_workload(profile: str, position: str) -> None:
    life = standing(profile, position)
    if life.runbook.actions[position].irreversible:
        life.authorize()
    life.confirm(workloads=["sql01"])
    assert life.position == position
    with pytest.raises(PositionMoved) as late:
        life.confirm(by=ZOE, workloads=["sql01"])
    assert late.value.members["moved_by"]["actor"]["name"] == "ann"
    check(life, "confirm", {"settled"}, workloads=["sql01", "web01"])
    check(life, "report_failure", position, workloads=["sql01"])
    check(life, "confirm", position, workloads=["web01"])
    check(life, "confirm", following(profile, position), workloads=["web01", "file01"])
    check(life, "confirm", following(profile, position))
    waivable = isinstance(expectation(profile, position, "waive"), str)
    check(life, "waive", position if waivable else {"not_waivable"}, workloads=["web01"])
    check(life, "waive", {"settled"} | (set() if waivable else {"not_waivable"}), workloads=["sql01"])


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("position", [place for place in ROWS if ROWS[place][0] == "a"])
def test_what_is_irreversible_is_done_by_another_than_who_authorized_it(profile: str, position: str) -> None:
    life = standing(profile, position)
    life.authorize(by=ZOE)
    with pytest.raises(PositionMoved):
        life.authorize(by=BEN)
    with pytest.raises(SecondPersonRequired):
        life.confirm(by=ZOE)
    check_by_ann = life.tried(life.posted("confirm", comment="done"), by=ANN)[1]
    assert check_by_ann.position == following(profile, position)
    life.post("authorize", by=ZOE, break_glass=True, comment="alone on site")
    assert life.tried(life.posted("confirm", comment="done"), by=ZOE)[1].position == following(profile, position)


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("position", [place for place in ROWS if ROWS[place][0] == "a" and place in PER_WORKLOAD])
def test_workloads_are_authorized_apart(profile: str, position: str) -> None:
    life = standing(profile, position)
    life.authorize(workloads=["web01"])
    check(life, "confirm", {"not_authorized_for"}, workloads=["sql01", "web01"])
    check(life, "confirm", {"not_authorized_for"})
    check(life, "confirm", position, workloads=["web01"])
    check(life, "authorize", {"authorized_for"}, workloads=["sql01", "web01"])
    check(life, "authorize", position, workloads=["sql01"])
    with pytest.raises(PositionMoved):
        life.authorize(by=ZOE, workloads=["web01"])
    assert life.authorize()["workloads"] == ["sql01", "file01"]  # none named: all open that want it
    check(life, "confirm", following(profile, position))


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("position", [place for place in ROWS if ROWS[place][0] == "a"])
def test_without_four_eyes_no_authorization_is_asked(profile: str, position: str) -> None:
    life = Life(profile=profile, four_eyes="none").go_to(position)
    check(life, "authorize", {"no_authorization_asked"})
    check(life, "confirm", following(profile, position))


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("ending", ["completed", "aborted", "escalated"])
def test_an_execution_that_has_ended_takes_only_remarks(profile: str, ending: str) -> None:
    life = Life(profile=profile)
    if ending == "completed":
        life.go_to("completed")
    else:
        life.go_to("fail-over-vmm.start-vmm-vm")
        life.post({"aborted": "abort", "escalated": "secondary_lost"}[ending], comment="over")
    assert (life.position, life.facts.status) == (ending, ending)
    for kind in TYPES:
        if kind in ("note", "correct"):
            check(life, kind, ending)
        elif (ending, kind) in {("aborted", "abort"), ("escalated", "secondary_lost")}:
            with pytest.raises(PositionMoved):  # said already
                life.post(kind, by=ZOE, comment="over")
        else:
            members = {"action": UNDOABLE[0]} if kind == "undo" else {}
            assert "ended" in reasons(life, kind, **members)
            with pytest.raises(TransitionRefused):
                life.tried(life.posted(kind, **event(life, kind, **members)), by=ZOE)


@pytest.mark.parametrize(("profile", "position"), EVERYWHERE)
def test_workloads_are_named_only_where_the_action_has_them(profile: str, position: str) -> None:
    if position in PER_WORKLOAD or position.endswith("sign-off"):
        return
    life = standing(profile, position)
    for kind in ("confirm", "report_failure", "authorize", "waive"):
        assert "not_per_workload" in reasons(life, kind, workloads=["web01"])
    assert reasons(life, "retry", workloads=["web01"]) == {"neither_failed_nor_waived"}
    point = {"no_point_here"} if position != "fail-over-vmm.fail-over-vmm-vm" else set()
    assert reasons(life, "confirm", recovery_point=POINT) - {"not_authorized"} == point


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("position", sorted(PER_WORKLOAD - {"reverse-workload-replication.reverse-workloads"}))
def test_a_waived_workload_is_out_of_everything_but_a_retry(profile: str, position: str) -> None:
    life = Life(profile=profile).go_to("fail-over-workloads.fail-over-workload-vms")
    life.post("waive", workloads=["web01"], comment="not needed this week")
    life.go_to(position)
    for kind in ("confirm", "report_failure", "authorize", "waive", "choose_recovery_point"):
        assert "waived" in reasons(life, kind, workloads=["web01"]), kind
    assert "waived" in reasons(life, "undo", workloads=["web01"], action=UNDOABLE[1])
    check(life, "retry", "fail-over-workloads.fail-over-workload-vms", workloads=["web01"])
    check(life, "retry", {"neither_failed_nor_waived"}, workloads=["sql01", "web01"])
