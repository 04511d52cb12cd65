"""What lint doubts: each rule on a definition spoilt for it, and nothing at all in those of this release."""

from dataclasses import replace
from typing import Any

import pytest

from app.domain.lint import LONGEST, Rule, lint
from app.domain.runbook import Action, Command, DrillForm, DrillUndo, Effects, Runbook, Text
from app.runbooks import bundled_runbooks
from tests.life import checklist, standalone

COMMIT = "fail-over-workloads.commit-workloads"
START = "fail-over-vmm.start-vmm-vm"
ACTS, LOOKS = Command(run_on="{secondary_host}", text="Start-VM x"), Command(run_on="x01", text="Get-VM x", verify=True)
SAID = Text("So.", "Ainsi.")


def spoilt(place: str, **members: Any) -> Runbook:
    """Give the standalone runbook with one action changed."""
    step_id, _, action_id = place.partition(".")
    steps = []
    for step in standalone().steps:
        actions = tuple(replace(one, **members) if one.id == action_id else one for one in step.actions)
        steps.append(replace(step, actions=actions) if step.id == step_id else step)
    return replace(standalone(), steps=tuple(steps))


def action(place: str) -> Action:
    return standalone().actions[place]


def found(runbook: Runbook) -> list[tuple[Rule, tuple[str | int, ...]]]:
    return [(one.rule, one.path[-2:]) for one in lint(runbook)]


@pytest.mark.parametrize("runbook", [runbook for _, runbook in bundled_runbooks()], ids=lambda runbook: runbook.id)
def test_this_releases_definitions_leave_no_doubt(runbook: Runbook) -> None:
    assert lint(runbook) == []


def test_what_is_final_needs_a_second_person() -> None:
    undone = spoilt(COMMIT, irreversible=False, consequence=None, completes=())
    assert found(undone) == [(Rule.SECOND_PERSON, (0, "text")), (Rule.SECOND_PERSON, (3, "text"))]
    for verb in ("Remove-VMReplication -VMName {vmm_vm}", "set-vmreplication x -asreplica", "DROP DATABASE x"):
        commands = (Command(run_on="x01", text=verb), LOOKS)
        assert found(spoilt(START, commands=commands)) == [(Rule.SECOND_PERSON, (0, "text"))]
    looked = (Command(run_on="x01", text="Get-Help Complete-VMFailover", verify=True),)
    assert found(spoilt(START, commands=looked)) == []


def test_what_is_final_is_not_for_an_undo_or_a_drill() -> None:
    final = Command(run_on="x01", text="Complete-VMFailover x")
    form = action(COMMIT).drill
    assert form is not None
    assert found(spoilt(COMMIT, drill=replace(form, commands=(final, LOOKS)))) == [(Rule.SECOND_PERSON, (0, "text"))]
    place = "fail-over-vmm.fail-over-vmm-vm"
    undo, drilled = action(place).undo, action(place).drill
    assert undo is not None
    assert drilled is not None
    assert found(spoilt(place, undo=replace(undo, commands=(final,)))) == [(Rule.SECOND_PERSON, (0, "text"))]
    back = replace(drilled, undo=DrillUndo(commands=(final,)))
    assert [one.path[-5:] for one in lint(spoilt(place, drill=back))] == [("drill", "undo", "commands", 0, "text")]


def test_what_is_final_is_due_again_after_a_second_disaster() -> None:
    never = spoilt(COMMIT, completes=())
    assert [(one.rule, one.path) for one in lint(never)] == [
        (Rule.DONE_ANEW, ("steps", 1, "actions", 5, "irreversible"))
    ]
    without_losses = replace(never, on_loss=replace(never.on_loss, primary_lost=()))
    assert lint(without_losses) == []


def test_a_task_is_looked_at_afterwards() -> None:
    assert found(spoilt(START, commands=(LOOKS, ACTS))) == [(Rule.NO_CHECK, ("actions", 2))]
    assert found(spoilt(START, expectation=None)) == [(Rule.NO_CHECK, ("actions", 2))]
    assert found(spoilt(START, commands=())) == []  # nothing to paste: its expectation is what is looked for
    for_one = (replace(LOOKS, profiles=("asr",)),)
    assert [one.message for one in lint(spoilt(START, commands=(ACTS, *for_one)))] == [
        "a task, after which nobody looks (profile hyper-v-replica): end with a command that verifies"
    ]
    followed = "fail-over-workloads.fail-over-workload-vms"  # by check-workloads
    assert found(spoilt(followed, commands=(ACTS,))) == []


def test_a_check_of_another_profile_or_of_drills_alone_does_not_count() -> None:
    for members in ({"profiles": ("asr",)}, {"drill_only": True, "effects": Effects()}):
        step = standalone().steps[0]
        look = replace(action("fail-over-workloads.verify-vmm"), **members)
        tasks = (*step.actions[:2], replace(step.actions[2], commands=(ACTS,)), look)
        steps = (replace(step, actions=tasks), *standalone().steps[1:])
        assert (Rule.NO_CHECK, ("actions", 2)) in found(replace(standalone(), steps=steps))


def test_what_a_drill_does_is_looked_at_afterwards() -> None:
    form = DrillForm(instruction=SAID, commands=(LOOKS, ACTS))
    assert found(spoilt(START, drill=form)) == [(Rule.NO_CHECK, (2, "drill"))]


def test_an_item_of_a_list_is_looked_at_for_itself() -> None:
    runbook = checklist("deploy-standalone-vmm")
    place = next(number for number, step in enumerate(runbook.steps) if any(one.kind == "task" for one in step.actions))
    step = runbook.steps[place]
    bare = replace(step, actions=tuple(replace(one, expectation=None) for one in step.actions))
    steps = tuple(bare if one is step else one for one in runbook.steps)
    tasks = [number for number, one in enumerate(step.actions) if one.kind == "task"]
    doubts = lint(replace(runbook, steps=steps))
    assert [one.path for one in doubts] == [("steps", place, "actions", number) for number in tasks]
    assert {one.rule for one in doubts} == {Rule.NO_CHECK}


@pytest.mark.parametrize("host", ["localhost", " LOCALHOST ", ".", "?", "host", "the server", "this vm", "tbd", "n/a"])
def test_a_command_names_its_host(host: str) -> None:
    commands = (replace(ACTS, run_on=host), LOOKS)
    assert found(spoilt(START, commands=commands)) == [(Rule.NO_HOST, (0, "run_on"))]


@pytest.mark.parametrize("host", ["{primary_host}", "Azure PowerShell", "Any node of the cluster", "vm-host-01"])
def test_a_place_that_somebody_finds_is_a_host(host: str) -> None:
    assert found(spoilt(START, commands=(replace(ACTS, run_on=host), LOOKS))) == []


def test_a_text_is_short_enough_to_be_read() -> None:
    enough, more = " ".join(["word"] * LONGEST), " ".join(["mot"] * (LONGEST + 1))
    doubts = lint(spoilt(START, instruction=Text(enough + " :", more)))
    assert [(one.rule, one.path[-2:]) for one in doubts] == [(Rule.TOO_LONG, ("instruction", "fr"))]
    assert "has 61 words" in doubts[0].message
    runbook = standalone()
    rows = {**runbook.symptoms, "F01": replace(runbook.symptoms["F01"], advice=Text(more, enough))}
    assert [one.path for one in lint(replace(runbook, symptoms=rows))] == [("symptoms", "F01", "advice", "en")]
