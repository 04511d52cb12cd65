"""What is left to do in an execution, for people without the service: filled commands, boxes, what to type in later."""

from collections.abc import Iterable
from typing import Any

from app.domain.commands import FilledCommand, commands_for, filled
from app.domain.course import is_open
from app.domain.events import FourEyes
from app.domain.facts import Facts
from app.domain.runbook import ITEMS, SIGN_OFF, Action, Runbook, Step
from app.web.console.speech import Speech


def remaining(runbook: Runbook, facts: Facts, speech: Speech) -> list[dict[str, Any]]:
    """Give the steps that are not signed off, each with the actions still open from the present position on."""
    if facts.terminal:
        return []
    found: dict[str, dict[str, Any]] = {}
    for position in runbook.positions[runbook.rank[facts.position] :]:
        if not is_open(facts, runbook, position):
            continue
        step = runbook.step_of(position)
        told = found.setdefault(step.id, _step(runbook, step, facts, speech))
        for place in runbook.items.get(position, (position,)):
            action = runbook.actions.get(place)
            if action is not None and (place == position or place not in facts.actions):
                told["actions"].append(_action(runbook, facts, place, action, speech))
    return list(found.values())


def _step(runbook: Runbook, step: Step, facts: Facts, speech: Speech) -> dict[str, Any]:
    return {
        "number": runbook.number_of(step.id),
        "title": speech.read(step.title),
        "any_order": bool(runbook.items.get(f"{step.id}.{ITEMS}")),
        "sign_off": f"{step.id}.{SIGN_OFF}",
        "meaning": speech.read(step.sign_off.approve),
        "another_signs": facts.four_eyes is FourEyes.EVERY_STEP,
        "ends_drill": facts.drill is not None and step is runbook.steps[-1],
        "actions": [],
    }


def _action(runbook: Runbook, facts: Facts, place: str, action: Action, speech: Speech) -> dict[str, Any]:
    names = facts.unsettled(place) if action.per_workload else []
    here = place == facts.position
    failed = facts.failed_workloads() if here else set()
    second = action.irreversible and facts.four_eyes is not FourEyes.NONE
    undo = action.undo if action.undo is not None and action.undo.commands else None
    about: list[str | None] = [*names] if action.per_workload else [None]
    return {
        "position": place,
        "item": place not in runbook.rank,
        "title": speech.read(action.title),
        "kind": action.kind.value,
        "instruction": speech.read(action.instruction),
        "irreversible": action.irreversible,
        "consequence": speech.read(action.consequence) if action.consequence else None,
        "optional": action.optional,
        "comment_required": action.comment_required,
        "takes_point": action.recovery_point,
        "second_person": second and not (here and all(facts.authorization_for(name) for name in about)),
        "lacks": [name for name in names if second and here and facts.authorization_for(name) is None],
        "authorized": [{"by": one.by.name, "at": one.at, "workloads": one.workloads} for one in facts.authorizations]
        if here
        else [],
        "workloads": [{"name": name, "failed": name in failed} for name in names],
        "commands": _grouped(commands_for(runbook, facts, action, names)),
        "expectation": speech.read(action.expectation) if action.expectation else None,
        "undo": None
        if undo is None
        else {
            "consequence": speech.read(undo.consequence) if undo.consequence else None,
            "commands": _grouped(one for name in about for one in filled(runbook, facts, undo.commands, name)),
        },
        "symptoms": [{"id": one, "symptom": speech.read(runbook.symptoms[one].symptom)} for one in action.symptoms],
    }


def _grouped(commands: Iterable[FilledCommand]) -> list[dict[str, Any]]:
    """Give commands in their order, those of one workload together."""
    groups: dict[str | None, list[FilledCommand]] = {}
    for command in commands:
        groups.setdefault(command.workload, []).append(command)
    return [{"workload": name, "commands": found} for name, found in groups.items()]


def typed_in(steps: Iterable[dict[str, Any]]) -> list[str]:
    """Give what to type into the terminal afterwards, a line for each event, in the order the service takes them."""
    late = "--performed-at TIME --performed-by NAME"
    said = []
    for step in steps:
        for action in step["actions"]:
            inside, _, name = action["position"].partition(".")
            place = f"{inside}.{ITEMS} --action {name}" if action["item"] else action["position"]
            if action["second_person"]:
                said.append(f"failback authorize --at {place} {late}")
            said.append(
                f"failback confirm --at {place} {late}{' --comment TEXT' if action['comment_required'] else ''}"
            )
        attested = " --drill-outcome passed --comment TEXT" if step["ends_drill"] else ""
        said.append(f"failback sign-off --at {step['sign_off']} {late}{attested}")
    return said
