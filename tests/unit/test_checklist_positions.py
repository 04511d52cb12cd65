"""Every position of every checklist times every event type: where it leads, or why not; written from the contract."""

from typing import Any

import pytest

from app.domain.case import Case
from app.domain.errors import InvalidRequest, PositionMoved, SecondPersonRequired, TransitionRefused
from app.domain.events import EventType
from app.domain.machine import machine_for
from app.domain.options import options
from app.domain.rules import why_not
from app.domain.runbook import RunbookKind
from app.runbooks import bundled_runbooks
from tests.life import ANN, BEN, POINT, ZOE, Life, checklist

TYPES = [kind.value for kind in EventType if kind is not EventType.DECLARE]
#: what every position answers, but for what is about items or sign-offs
ALIKE: dict[str, Any] = {
    "authorize": {"items": "not_irreversible", "sign-off": "at_sign_off"},
    "choose_recovery_point": {"items": "no_choice_here", "sign-off": "at_sign_off"},
    "undo": {"items": "no_undo", "sign-off": "no_undo"},
    "change_profile": {"items": "no_profile_change", "sign-off": "no_profile_change"},
    "primary_lost": {"items": "no_loss_rule", "sign-off": "no_loss_rule"},
    "secondary_lost": {"items": "no_loss_rule", "sign-off": "no_loss_rule"},
    "resume": {"items": "not_on_hold", "sign-off": "not_on_hold"},
}
MEMBERS: dict[str, dict[str, Any]] = {
    "choose_recovery_point": {"recovery_point": POINT},
    "change_profile": {"command_profile": "none"},
    "sign_off": {"decision": "approve"},
    "hand_over": {"to": ANN.id, "to_name": "ann"},
    "correct": {"corrects": 1},
}
NAMES = [one.id for _, one in bundled_runbooks() if one.kind is RunbookKind.CHECKLIST]
EVERYWHERE = [(name, place) for name in NAMES for place in checklist(name).positions]


def begun(name: str, **members: Any) -> Life:
    return Life(runbook=checklist(name), profile="none", names=(), **members)


def standing(name: str, position: str) -> Life:
    """Give a checklist whose items before `position` are all confirmed."""
    life = begun(name)
    while life.position != position:
        for item in life.runbook.items.get(life.position, ()):
            life.confirm(action=item)
        if life.position != position:
            life.sign()
    return life


def reasons(life: Life, kind: str, **members: Any) -> set[str]:
    posted = life.posted(kind, **{"comment": "because", **MEMBERS.get(kind, {}), **members})
    return {reason.code for reason in why_not(Case(life.runbook, life.facts, posted))}


def leads(life: Life, kind: str, **members: Any) -> str:
    posted = life.posted(kind, **{"comment": "because", **MEMBERS.get(kind, {}), **members})
    return life.tried(posted, by=ZOE)[1].position


@pytest.mark.parametrize(("name", "position"), EVERYWHERE)
def test_every_event_type_is_accepted_or_refused_for_the_right_reason(name: str, position: str) -> None:
    life = standing(name, position)
    step, _, kind_of_place = position.partition(".")
    positions = [*life.runbook.positions, "completed"]
    following = positions[positions.index(position) + 1]
    any_item = next(iter(life.runbook.actions))
    for kind in TYPES:
        if kind in ALIKE:
            members = {"action": any_item} if kind == "undo" else {}
            assert ALIKE[kind][kind_of_place] in reasons(life, kind, **members), kind
            with pytest.raises(TransitionRefused):
                leads(life, kind, **members)
        elif kind in ("confirm", "waive", "report_failure", "retry"):
            continue
        elif kind == "sign_off":
            if kind_of_place == "sign-off":
                assert leads(life, kind) == following
                for to in (None, f"{step}.items", *life.runbook.items[f"{step}.items"]):
                    assert leads(life, kind, decision="reject", to=to) == f"{step}.items"
            else:
                assert reasons(life, kind) == {"not_at_sign_off"}
        else:
            assert leads(life, kind) == ("aborted" if kind == "abort" else position), kind


@pytest.mark.parametrize(("name", "position"), [one for one in EVERYWHERE if one[1].endswith("items")])
def test_every_item_is_settled_by_itself_and_the_last_one_leads_on(name: str, position: str) -> None:
    life = standing(name, position)
    step, items = position.partition(".")[0], life.runbook.items[position]
    for kind in ("confirm", "waive", "report_failure", "retry"):
        with pytest.raises(InvalidRequest, match="/action: is required"):
            life.post(kind, comment="which?")
    for item in items:
        stays = position if len(items) > 1 else f"{step}.sign-off"
        assert leads(life, "confirm", action=item) == stays
        assert leads(life, "report_failure", action=item) == position
        assert reasons(life, "retry", action=item) == {"item_not_to_retry"}
        if life.runbook.actions[item].waivable:
            assert leads(life, "waive", action=item) == stays
        else:
            assert reasons(life, "waive", action=item) == {"not_waivable"}
    for item in reversed(items):
        assert life.position == position
        life.confirm(action=item)
    assert life.position == f"{step}.sign-off"
    assert reasons(life, "confirm") == {"at_sign_off"}
    for item in items:
        task = life.runbook.actions[item].kind == "task"
        assert (reasons(life, "retry", action=item) == {"item_not_to_retry"}) == task
    assert life.problems() == []


def test_a_failed_item_holds_the_step_while_the_others_go_on() -> None:
    life = begun("prepare-vmm-servers")
    first, *others = life.runbook.items[life.position]
    life.post("report_failure", action=first, comment="2008 R2")
    for item in others:
        life.confirm(action=item)
    assert (life.position, life.facts.status) == ("vmm-servers.items", "blocked")
    assert reasons(life, "confirm", action=first) == {"failed_whole"}
    assert leads(life, "confirm", action=first, outcome="already_done") == "vmm-servers.sign-off"
    life.post("retry", action=first)
    assert life.facts.attempt_at(first) == 2
    assert life.facts.attempt == 1
    line = life.confirm(action=first, attempt=2)
    assert (line["attempt"], line["action"], life.position) == (2, "vmm-version-supported", "vmm-servers.sign-off")


def test_a_done_item_that_proves_wrong_is_open_again_and_a_waived_one_is_taken_back() -> None:
    life = begun("prepare-vmm-servers")
    first, second, *_ = life.runbook.items[life.position]
    life.confirm(action=first)
    life.post("report_failure", action=first, comment="It was another server.")
    assert first not in life.facts.actions
    life.post("waive", action=second, comment="One cloud only.")
    assert reasons(life, "report_failure", action=second) == {"item_settled"}
    life.post("retry", action=second)
    assert second not in life.facts.actions
    assert life.problems() == []


def test_who_repeats_what_was_said_of_an_item_learns_who_was_faster() -> None:
    life = begun("prepare-vmm-servers")
    first, second, third, *rest = life.runbook.items[life.position]
    said = {
        life.confirm(action=first)["number"]: ("confirm", first),
        life.post("waive", action=second, comment="so")["number"]: ("waive", second),
        life.post("report_failure", action=third, comment="so")["number"]: ("report_failure", third),
    }
    life.confirm(action=rest[0])  # what others do meanwhile changes nothing of that
    for number, (kind, item) in said.items():
        with pytest.raises(PositionMoved) as refusal:
            life.post(kind, by=ZOE, action=item, comment="so")
        assert refusal.value.members["moved_by"]["number"] == number
    retried = life.post("retry", action=third)["number"]
    for late in ({"attempt": 1}, {}):
        with pytest.raises(PositionMoved) as refusal:
            life.post("confirm" if late else "retry", by=ZOE, action=third, comment="so", **late)
        assert refusal.value.members["moved_by"]["number"] == retried
    for item in (third, *rest[1:]):
        life.confirm(action=item)
    with pytest.raises(PositionMoved) as refusal:  # the step has moved on by another's item
        life.post("confirm", by=ZOE, at="vmm-servers.items", action=first)
    assert refusal.value.members["moved_by"]["number"] == 2


def test_a_rejected_step_goes_back_to_one_item_or_to_all() -> None:
    life = standing("prepare-hyper-v-hosts", "hyper-v-hosts.sign-off")
    items = life.runbook.items["hyper-v-hosts.items"]
    life.reject(to=items[3])
    assert set(items) - life.facts.actions.keys() == {items[3]}
    assert [life.facts.attempt_at(item) for item in items[2:5]] == [1, 2, 1]
    with pytest.raises(PositionMoved):
        life.confirm(action=items[3], attempt=1)
    life.confirm(action=items[3], attempt=2)
    for to in (None, "hyper-v-hosts.items"):
        life.reject(to=to)
        assert life.facts.actions == {}
        for item in items:
            life.confirm(action=item)
    with pytest.raises(InvalidRequest, match="/to"):
        life.reject(to="vmm-servers.items")
    assert life.problems() == []
    later = standing("deploy-standalone-vmm", "deploy.sign-off")
    assert reasons(later, "sign_off", decision="reject", to="decide.items") == {"not_an_earlier_action"}
    assert reasons(later, "retry", action="decide.single-server") == {"not_earlier_look"}


def test_a_mis_click_is_taken_back_from_the_sign_off_too() -> None:
    life = standing("prepare-vmm-servers", "vmm-servers.sign-off")
    item = life.runbook.items["vmm-servers.items"][2]
    assert life.post("retry", action=item)["position_after"] == "vmm-servers.items"
    assert life.runbook.actions.keys() - life.facts.actions.keys() == {item}
    life.confirm(action=item)
    assert life.position == "vmm-servers.sign-off"
    assert reasons(life, "retry", action=item, workloads=("x",)) >= {"not_per_workload"}


def test_items_are_named_only_where_there_are_items() -> None:
    life, other = Life(), begun("deploy-standalone-vmm")
    with pytest.raises(InvalidRequest, match="/action: goes with confirm only"):
        life.confirm(action="fail-over-vmm.fence-primary")
    with pytest.raises(InvalidRequest, match="is no item of decide"):
        other.confirm(action="deploy.two-clouds")
    with pytest.raises(InvalidRequest, match="/action: no such action"):
        other.confirm(action="decide.coin")
    with pytest.raises(InvalidRequest, match="/comment"):
        other.post("confirm", action="decide.single-server")


def test_a_second_person_signs_under_every_step_and_nothing_asks_for_an_authorization() -> None:
    life = begun("deploy-stretched-vmm-cluster", four_eyes="every_step")
    life.confirm(by=ZOE, action="decide.single-server")
    with pytest.raises(SecondPersonRequired):
        life.sign(by=ZOE)
    life.sign(by=BEN)
    assert not any(action.irreversible for action in life.runbook.actions.values())
    offered = {offer.type for offer, found in options(life.runbook, life.facts) if not found}
    assert EventType.AUTHORIZE not in offered


def test_the_machine_of_a_checklist_is_flat_and_ends_only_where_it_can() -> None:
    for name in NAMES:
        machine = machine_for(checklist(name), "none")
        edges = set(machine.edges())
        assert {dest for _, source, dest in edges if source != dest} <= {
            *checklist(name).positions,
            "completed",
            "aborted",
        }
        for position in checklist(name).items:
            step = position.partition(".")[0]
            assert ("confirm", position, position) in edges
            assert ("confirm", position, f"{step}.sign-off") in edges
            assert ("sign_off", f"{step}.sign-off", position) in edges
