"""What the forms of an execution's page are filled with: workloads with their state, symptoms, what can be undone."""

from collections.abc import Mapping
from typing import Any

from app.domain.case import Case, asks_for_authorization, was_confirmed
from app.domain.commands import filled
from app.domain.events import EventType, Posted
from app.domain.facts import Facts
from app.domain.runbook import SIGN_OFF, Action, Runbook, Step
from app.web.console.offers import nameable
from app.web.console.speech import Speech


def subjects(runbook: Runbook, facts: Facts) -> list[dict[str, Any]]:
    """Give every workload as the current action's tick lists show it; nothing where it has none."""
    action = runbook.actions.get(facts.position)
    if action is None or not action.per_workload:
        return []
    asks = asks_for_authorization(Case(runbook, facts, Posted(type=EventType.CONFIRM)))
    failures = {name: one.symptom for one in facts.failures_here() for name in one.workloads}
    found = []
    for name, workload in facts.workloads.items():
        outcome = workload.outcomes.get(facts.position)
        yes = facts.authorization_for(name)
        state = "waived" if workload.waived_at else outcome.outcome.value if outcome else "open"
        found.append(
            {
                "name": name,
                "state": "failed" if name in failures else state,
                "symptom": failures.get(name),
                "authorized_by": yes.by.name if yes else None,
                "lacks_authorization": asks and yes is None and state == "open",
                "point": workload.recovery_point.label if workload.recovery_point else None,
            }
        )
    return found


def items(runbook: Runbook, facts: Facts, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the items of a step without order, each with its position and what somebody said of it; else nothing."""
    found = []
    for item, position in zip(document["items"], runbook.items.get(facts.position, ()), strict=True):
        outcome = facts.actions.get(position)
        action = runbook.actions[position]
        found.append(
            {
                **item,
                "position": position,
                "by": outcome.by.name if outcome else None,
                "at": outcome.at if outcome else None,
                "comment_required": action.comment_required,
            }
        )
    return found


def failures(runbook: Runbook, facts: Facts, speech: Speech) -> list[dict[str, Any]]:
    """Give the open failures, each with what the table advises."""
    found = []
    for one in facts.failures:
        symptom = runbook.symptoms.get(one.symptom or "")
        found.append(
            {
                "id": one.symptom,
                "symptom": speech.read(symptom.symptom) if symptom else None,
                "advice": speech.read(symptom.advice) if symptom else None,
                "outcomes": [outcome.value for outcome in symptom.outcomes] if symptom else [],
                "comment": one.comment,
                "workloads": list(one.workloads),
                "by": one.by.name,
                "at": one.at,
                "position": one.position,
            }
        )
    return found


def symptoms(runbook: Runbook, action: Action | None, speech: Speech) -> dict[str, list[dict[str, Any]]]:
    """Give the symptoms that usually show at the action, and all others of the table."""
    usual = action.symptoms if action is not None else ()
    told = {
        identifier: {
            "id": identifier,
            "symptom": speech.read(one.symptom),
            "advice": speech.read(one.advice),
            "outcomes": [outcome.value for outcome in one.outcomes],
        }
        for identifier, one in runbook.symptoms.items()
    }
    return {
        "usual": [told[identifier] for identifier in usual],
        "others": [one for identifier, one in told.items() if identifier not in usual],
    }


def undoable(runbook: Runbook, facts: Facts, speech: Speech) -> list[dict[str, Any]]:
    """Give the actions that can be undone now, with what that takes and what it costs."""
    found = []
    for place in dict.fromkeys(nameable(runbook, facts, EventType.UNDO)):
        action = runbook.actions[place]
        undo = action.undo
        if undo is None:
            continue
        names = [name for name in facts.workloads if was_confirmed(facts, place, name) or place == facts.position]
        about: list[str | None] = [*names] if action.per_workload else [None]
        commands = [one for name in about for one in filled(runbook, facts, undo.commands, name)]
        found.append(
            {
                "position": place,
                "title": speech.read(action.title),
                "consequence": speech.read(undo.consequence) if undo.consequence else None,
                "commands": commands,
                "workloads": names if action.per_workload else [],
            }
        )
    return found


def retryable(runbook: Runbook, facts: Facts, speech: Speech) -> dict[str, Any]:
    """Give what can be tried again: whole failures, failed workloads, waived ones, looks that were a mis-click."""
    taken_back = dict.fromkeys(nameable(runbook, facts, EventType.RETRY))
    return {
        "failed": [name for name in facts.workloads if name in facts.failed_workloads()],
        "whole": facts.whole_failure() is not None,
        "waived": [name for name, one in facts.workloads.items() if one.waived_at is not None],
        "looks": [{"position": one, "title": speech.read(runbook.actions[one].title)} for one in taken_back],
    }


def signing(runbook: Runbook, facts: Facts, document: Mapping[str, Any], speech: Speech) -> dict[str, Any] | None:
    """Give what a sign-off looks back on, and what each decision says; None where there is none to be made."""
    if not facts.position.endswith("." + SIGN_OFF):
        return None
    step = runbook.step_of(facts.position)
    told = next(one for one in document["steps"] if one["id"] == step.id)
    rows = zip(step.actions, told["actions"], strict=True)
    return {
        "approve": speech.read(step.sign_off.approve),
        "reject": speech.read(step.sign_off.reject),
        "actions": [
            _looked_back(step, action, row, facts, speech) for action, row in rows if action.in_profile(facts.profile)
        ],
        "waived": [name for name, one in facts.workloads.items() if one.waived_at is not None],
    }


def _looked_back(step: Step, action: Action, row: Mapping[str, Any], facts: Facts, speech: Speech) -> dict[str, Any]:
    place = f"{step.id}.{action.id}"
    points = {name: one.recovery_point.label for name, one in facts.workloads.items() if one.recovery_point}
    return {
        **row,
        "position": place,
        "title": speech.read(action.title),
        "irreversible": action.irreversible,
        "points": points if action.per_workload and action.recovery_point else {},
    }
