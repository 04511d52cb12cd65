"""The current action in the execution document: what to do, the filled commands, and what could be posted."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from app.domain.commands import FilledCommand, commands_for, filled
from app.domain.facts import Facts
from app.domain.machine import Machine
from app.domain.options import options, told
from app.domain.runbook import Action, Runbook, Text
from app.services.document_steps import action_status
from app.services.evidence_checks import expectations
from app.services.named import person


def permissions(machine: Machine, facts: Facts, language: str) -> tuple[list[Any], list[Any]]:
    """Give what could be posted now and what not, each with its reasons, whoever asks."""
    allowed, refused = [], []
    for offer, reasons in options(machine.runbook, facts):
        if reasons:
            refused.append({"type": offer.type.value, "reasons": [one.in_language(language) for one in reasons]})
        else:
            allowed.append(told(machine, facts, offer))
    return allowed, refused


@lru_cache(maxsize=1024)
def _fixed(runbook: Runbook, position: str, language: str) -> Mapping[str, Any]:
    """Give what the definition alone says of an action, in one language."""
    action = runbook.actions[position]
    return {
        "id": action.id,
        "kind": action.kind.value,
        "origin": action.origin.value,
        "title": action.title.in_language(language),
        "instruction": action.instruction.in_language(language),
        "irreversible": action.irreversible,
        "consequence": _text(action.consequence, language),
        "per_workload": action.per_workload,
        "optional": action.optional,
        "waivable": action.waivable,
        "expectation": _text(action.expectation, language),
        "expects": expectations(runbook, action),
        "symptoms": [
            {
                "id": one,
                "symptom": runbook.symptoms[one].symptom.in_language(language),
                "outcomes": [outcome.value for outcome in runbook.symptoms[one].outcomes],
            }
            for one in action.symptoms
        ],
    }


def _text(text: Text | None, language: str) -> str | None:
    return None if text is None else text.in_language(language)


def current_action(runbook: Runbook, facts: Facts, language: str) -> dict[str, Any] | None:
    """Give the current action, its commands filled in; None at a sign-off and at the end."""
    action = runbook.actions.get(facts.position)
    if action is None:
        return None
    open_here = facts.unsettled(facts.position) if action.per_workload else []
    return {
        **_fixed(runbook, facts.position, language),
        "undo": _undo(runbook, facts, action, open_here, language),
        "authorized_by": _authorized_by(facts),
        "commands": _commands(commands_for(runbook, facts, action, open_here)),
    }


def current_items(runbook: Runbook, facts: Facts, language: str) -> list[dict[str, Any]]:
    """Give the items of the step, where that has no order: each in the shape of an action, and how it stands."""
    return [
        {
            **_fixed(runbook, place, language),
            "undo": None,
            "authorized_by": None,
            "commands": _commands(commands_for(runbook, facts, runbook.actions[place], ())),
            "status": action_status(facts, place, [facts.actions[place]] if place in facts.actions else []),
            "attempt": facts.attempt_at(place),
        }
        for place in runbook.items.get(facts.position, ())
    ]


def _undo(runbook: Runbook, facts: Facts, action: Action, names: list[str], language: str) -> dict[str, Any] | None:
    undo = action.undo
    if undo is None:
        return None
    subjects: list[str | None] = [*names] if action.per_workload else [None]
    commands = (one for name in subjects for one in filled(runbook, facts, undo.commands, name))
    return {
        "to": undo.to,
        "until": list(undo.until),
        "profiles": list(undo.profiles) or list(runbook.profile_ids),
        "consequence": _text(undo.consequence, language),
        "commands": _commands(commands),
    }


def _commands(commands: Iterable[FilledCommand]) -> list[dict[str, Any]]:
    """Give commands to paste."""
    return [
        {"workload": one.workload, "run_on": one.run_on, "shell": one.shell, "text": one.text, "verify": one.verify}
        for one in commands
    ]


def _authorized_by(facts: Facts) -> dict[str, Any] | None:
    """Give the latest standing authorization, with every workload that is authorized by now."""
    if not facts.authorizations:
        return None
    last = facts.authorizations[-1]
    names = dict.fromkeys(name for one in facts.authorizations for name in one.workloads)
    return {
        **person(last.by),
        "event": last.event,
        "at": last.at,
        "break_glass": last.break_glass,
        "workloads": list(names),
    }
