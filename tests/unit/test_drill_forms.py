"""What a drill shows: test failovers and their clean-up, rehearsal elsewhere, and never a command that is live."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from app.domain.commands import commands_for, filled
from app.domain.projection import PLAYED, REHEARSE
from app.domain.runbook import MODES, Action, Command, Runbook
from app.domain.validity import faults
from app.runbooks import RunbookFault, build_runbook, bundled_runbooks, parse_runbook
from tests.life import ASR, HYPER_V, Life
from tests.unit.test_runbook_definition import CONTENT, DEFINITION

#: What changes, stops or reverses something real. A test's own machine is named with ` - Test`.
LIVE_VERBS = re.compile(
    r"Start-VMFailover(?![^\n|;]*-AsTest)"
    r"|Complete-VMFailover|Set-VMReplication|Start-VMInitialReplication|Resume-VMReplication|Remove-VM"
    r"|Stop-VM(?!Failover)|Set-VM\b|Suspend-VM|Save-VM|-TurnOff|-Prepare\b|-Reverse\b|-AsReplica"
    r"|UnplannedFailoverJob|PlannedFailoverJob|CommitFailoverJob|ApplyRecoveryPoint|AsrProtectionDirection"
    r"|(?:Start-VM|Connect-VMNetworkAdapter) (?!-(?:VM)?Name \([^)]* \+ ' - Test'\))"
)
TESTS = {  # what really does something in a drill, by the profiles it does it under
    "fail-over-vmm.fail-over-vmm-vm": {HYPER_V, ASR},
    "fail-over-vmm.start-vmm-vm": {HYPER_V, ASR},
    "fail-over-workloads.fail-over-workload-vms": {HYPER_V, ASR},
    "fail-over-workloads.check-workloads": {HYPER_V},
    "reverse-vmm-replication.clean-up-workload-tests": {HYPER_V, ASR},
    "reverse-vmm-replication.clean-up-vmm-test": {HYPER_V, ASR},
    "fail-back-workloads.no-test-left": {HYPER_V, ASR},
}
ONLY = [place for place in TESTS if "clean-up" in place or "left" in place]


@cache
def courses() -> dict[str, Runbook]:
    return {f"{one.id} {one.version}": one.for_mode("drill") for _, one in bundled_runbooks()}


def drill() -> Runbook:
    return DEFINITION.for_mode("drill")


def commands(action: Action) -> Iterator[Command]:
    yield from action.commands
    yield from action.undo.commands if action.undo else ()


def test_live_verbs_are_found_in_what_is_live() -> None:
    for place, action in DEFINITION.for_mode("live").actions.items():
        acting = [one for one in commands(action) if not one.verify and "Stop-VMFailover" not in one.text]
        own = place.startswith("fail-over-vmm.start") or action.id.startswith("vmm-at") or "users" in action.id
        assert own or all(LIVE_VERBS.search(one.text) for one in acting), place


def test_no_command_of_a_drill_has_a_live_verb() -> None:
    for name, course in courses().items():
        for place, action in course.actions.items():
            for command in commands(action):
                found = LIVE_VERBS.search(command.text)
                assert found is None, (name, place, command.text)


def test_a_failover_is_only_stopped_where_its_test_machine_is_there() -> None:
    stopping = [one.text for action in drill().actions.values() for one in commands(action) if "Stop-" in one.text]
    assert len(stopping) == 6
    for text in stopping:
        assert text.index("- Test') -ErrorAction SilentlyContinue)) { throw") < text.index("Stop-VMFailover")


@pytest.mark.parametrize("profile", [HYPER_V, ASR])
def test_a_drill_acts_exactly_where_there_is_a_test_form(profile: str) -> None:
    for place, action in drill().actions.items():
        acting = [one for one in action.commands if not one.verify and profile in (one.profiles or (profile,))]
        assert bool(acting) == (profile in TESTS.get(place, ())), place
        says_so = action.instruction.en.startswith("Rehearse only")
        assert says_so or action.kind != "task" or place in TESTS, place
        assert not (says_so and acting), place
        assert says_so == action.instruction.fr.startswith("À répéter seulement"), place


def test_texts_of_a_drill_are_as_short_as_the_live_ones() -> None:
    for place, action in drill().actions.items():
        for text in (action.instruction.en, action.instruction.fr):
            assert len(text.split()) <= 60, (place, len(text.split()))


def test_commands_are_filled_for_the_profile_and_the_workload() -> None:
    life = Life(mode="drill", profile=ASR).go_to("reverse-vmm-replication.clean-up-workload-tests")
    action = life.runbook.actions[life.position]
    found = list(commands_for(life.runbook, life.facts, action, ["sql01"]))
    assert [one.workload for one in found] == ["sql01"] * 4
    assert "TestFailoverCleanupJob" in found[1].text
    undo = life.runbook.actions["fail-over-vmm.fail-over-vmm-vm"].undo
    assert undo is not None
    (stop,) = filled(life.runbook, life.facts, undo.commands, None)
    assert "Get-VM -Name ('VMM01' + ' - Test')" in stop.text


def test_live_executions_know_nothing_of_what_only_drills_do() -> None:
    live, rehearsed = (DEFINITION.for_mode(mode) for mode in MODES)
    assert (live.digest, rehearsed.digest) == (DEFINITION.digest, DEFINITION.digest)
    assert [place for place in rehearsed.actions if place not in live.actions] == ONLY
    assert [place for place in rehearsed.actions if place in live.actions] == list(live.actions)
    assert not {*ONLY} & {*live.positions, *live.rank}
    life = Life()
    while not life.facts.terminal:
        life.go_on()
    passed = {place for line in life.lines for place in line["data"].get("passed", [])}
    assert not {*ONLY} & (passed | {line["position_after"] for line in life.lines} | set(life.facts.attempts))
    assert DEFINITION.for_mode("live") is live
    assert live.for_mode("live") is live
    assert hash(live) != hash(rehearsed)


def test_what_has_no_form_is_only_rehearsed() -> None:
    """As an older definition is, that knows of no drills: marked, the live text after a warning, no commands."""
    bare = {
        **CONTENT,
        "version": "1.0.0",
        "steps": [
            {
                **step,
                "actions": [
                    {name: value for name, value in action.items() if name != "drill"}
                    for action in step["actions"]
                    if not action.get("drill_only")
                ],
            }
            for step in CONTENT["steps"]
        ],
    }
    old = build_runbook(bare)
    live, rehearsed = (old.for_mode(mode) for mode in MODES)
    assert list(rehearsed.actions) == list(live.actions)
    for place, action in rehearsed.actions.items():
        real = live.actions[place]
        assert (list(commands(action)), action.expectation) == ([], None)
        assert action.instruction.en == f"{REHEARSE.en} {real.instruction.en}"
        assert action.instruction.fr == f"{REHEARSE.fr} {real.instruction.fr}"
        if real.consequence is not None:
            assert action.consequence is not None
            assert action.consequence.fr == f"{PLAYED.fr} {real.consequence.fr}"
        if real.undo is not None:
            assert action.undo == replace(real.undo, consequence=None, commands=())
        flags = ("kind", "irreversible", "per_workload", "waivable", "effects", "completes", "symptoms", "profiles")
        assert [getattr(action, name) for name in flags] == [getattr(real, name) for name in flags]
    life = Life(runbook=old, mode="drill").go_to("completed")
    assert (life.problems(), life.facts.status) == ([], "completed")
    assert life.lines[-1]["data"]["drill_outcome"] == "passed"


def test_a_sign_off_of_a_drill_says_that_it_was_rehearsed() -> None:
    life = Life(mode="drill").go_to("fail-over-vmm.sign-off")
    meaning = DEFINITION.steps[0].sign_off.approve.en
    assert life.sign()["data"]["meaning"] == f"Rehearsed only. Live: {meaning}"
    assert Life().go_to("fail-over-vmm.sign-off").sign()["data"]["meaning"] == meaning


def changed(place: str, **members: object) -> Runbook:
    """Give the definition with members of one action replaced."""
    step_id, _, action_id = place.partition(".")
    steps = tuple(
        replace(
            step,
            actions=tuple(
                replace(one, **members) if (step.id, one.id) == (step_id, action_id) else one  # type: ignore[arg-type] # members by name
                for one in step.actions
            ),
        )
        for step in DEFINITION.steps
    )
    return replace(DEFINITION, steps=steps)


def said(runbook: Runbook) -> list[tuple[str, str]]:
    return [(".".join(map(str, fault.path[4:])), fault.message) for fault in faults(runbook)]


def test_a_test_that_nobody_has_to_clean_up_is_a_fault() -> None:
    assert said(DEFINITION) == []
    waivable = changed("fail-back-workloads.no-test-left", waivable=True)
    assert said(waivable) == []  # the two others come after every test
    assert said(changed("fail-back-workloads.no-test-left", drill_only=False)) == []
    acting = DEFINITION.actions["fail-over-vmm.fail-over-vmm-vm"].drill
    late = changed("fail-back-workloads.fail-back-workload-vms", drill=acting)
    assert said(late) == []
    steps = list(late.steps)
    steps[-1] = replace(steps[-1], actions=steps[-1].actions[:-1])
    (fault,) = said(replace(late, steps=tuple(steps)))
    assert fault[0] == "drill.commands"
    assert "clean it up" in fault[1]


def test_what_only_drills_do_changes_nothing_live() -> None:
    place = "reverse-vmm-replication.clean-up-vmm-test"
    failover = DEFINITION.actions["fail-over-vmm.fail-over-vmm-vm"]
    for name, value, path in (
        ("effects", DEFINITION.actions["fail-over-vmm.start-vmm-vm"].effects, "effects"),
        ("optional", True, "optional"),
        ("drill", failover.drill, "drill"),
        ("undo", failover.undo, "undo"),
        ("origin", "seed", "origin"),
    ):
        changes = {name: value, **({"waivable": True} if name == "optional" else {})}
        assert path in {found for found, _ in said(changed(place, **changes))}, name
    no_undo = changed("fail-over-vmm.start-vmm-vm", drill=failover.drill)
    assert ("drill.undo", "the action cannot be undone") in said(no_undo)


def test_nothing_live_refers_to_what_only_drills_do() -> None:
    place = "reverse-vmm-replication.clean-up-vmm-test"
    failover = DEFINITION.actions["fail-over-vmm.fail-over-vmm-vm"]
    assert failover.undo is not None
    closing = changed("fail-over-vmm.fail-over-vmm-vm", undo=replace(failover.undo, until=(place,)))
    assert ("undo.until.0", f"live executions have no {place!r}: only drills do") in said(closing)
    losses = DEFINITION.on_loss
    assert losses.secondary_lost is not None
    since = replace(losses, secondary_lost=replace(losses.secondary_lost, since=place))
    assert [f.path for f in faults(replace(DEFINITION, on_loss=since))] == [("on_loss", "secondary_lost", "since")]


def test_a_step_has_something_to_do_without_what_only_drills_do() -> None:
    step = DEFINITION.steps[-1]
    only = replace(DEFINITION, steps=(*DEFINITION.steps[:-1], replace(step, actions=step.actions[-1:])))
    assert "the profile 'asr' has no action in this step" in {message for _, message in said(only)}


def test_the_mode_is_never_written_in_a_definition() -> None:
    with pytest.raises(RunbookFault, match="the mode follows from"):
        parse_runbook("mode: drill\nid: x\n", file="mine.yaml")
    with pytest.raises(RunbookFault, match="the mode follows from"):
        build_runbook({**CONTENT, "mode": "drill"})
