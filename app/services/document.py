"""The execution document: a pure function of an execution's facts and a language."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from app.domain.commands import FilledCommand, commands_for, filled
from app.domain.events import OutcomeKind
from app.domain.facts import SETTLED, Facts, Outcome, Person, Place
from app.domain.machine import Machine
from app.domain.options import opens, options
from app.domain.runbook import SIGN_OFF, Action, Runbook, Step, Text

#: Raised when the document's shape changes, so that an old ETag never answers 304 for the new shape.
SHAPE = 1


def etag(version: int, language: str) -> str:
    """Give the entity tag of one version of the document in one language."""
    return f'"{version}-{language}"' if SHAPE == 1 else f'"{version}-{language}-{SHAPE}"'


def document(machine: Machine, facts: Facts, *, execution_id: str, language: str) -> dict[str, Any]:
    """Give the whole execution document as the contract describes it; texts are in `language` (`en` or `fr`)."""
    runbook = machine.runbook
    allowed, refused = _permissions(machine, facts, language)
    here = None if facts.terminal else runbook.step_of(facts.position)
    return {
        "id": execution_id,
        "runbook": {
            "id": runbook.id,
            "version": runbook.version,
            "digest": runbook.digest,
            "title": runbook.title.in_language(language),
        },
        "mode": facts.mode,
        "title": facts.title,
        "status": facts.status,
        "position": facts.position,
        "attempt": facts.attempt,
        "version": facts.version,
        "head": facts.head,
        "coordinator": person(facts.coordinator),
        "declared_at": facts.declared_at,
        "outage_started_at": facts.outage_started_at,
        "restored_at": facts.restored_at,
        "completed_at": facts.completed_at,
        "step": None
        if here is None
        else {"number": runbook.number_of(here.id), "id": here.id, "title": here.title.in_language(language)},
        "action": _action(runbook, facts, language),
        "steps": _steps(runbook, facts, language),
        "workloads": [_workload(facts, name) for name in facts.workloads],
        "site_picture": {
            "vmm": _place(facts.vmm),
            "workloads": [{"name": one.name, **_place(one.place)} for one in facts.workloads.values()],
        },
        "unprotected": [
            {"subject": window.subject, "from": window.since, "until": window.until} for window in facts.unprotected
        ],
        "failures": [
            {
                "symptom": failure.symptom,
                "comment": failure.comment,
                "workloads": list(failure.workloads),
                "event": failure.event,
            }
            for failure in facts.failures
        ],
        "allowed": allowed,
        "refused": refused,
        "parameters": _sorted(facts.parameters),
        "policy": facts.policy,
        "targets": {"rto_minutes": facts.targets.get("rto_minutes"), "rpo_minutes": facts.targets.get("rpo_minutes")},
        "command_profile": facts.profile,
    }


def person(one: Person) -> dict[str, str]:
    """Give an operator as documents name one."""
    return {"id": one.id, "name": one.name}


def _sorted(parameters: Mapping[str, str]) -> dict[str, str]:
    """Give parameters in the order of their names: that of the declaration is not in the journal's canonical form."""
    return dict(sorted(parameters.items()))


def _place(place: Place) -> dict[str, str]:
    return {"site": place.site, "replication": place.replication}


def _permissions(machine: Machine, facts: Facts, language: str) -> tuple[list[Any], list[Any]]:
    allowed, refused = [], []
    for offer, reasons in options(machine.runbook, facts):
        if reasons:
            refused.append({"type": offer.type.value, "reasons": [one.in_language(language) for one in reasons]})
        else:
            allowed.append(
                {
                    "type": offer.type.value,
                    "role": offer.role.value,
                    "needs": list(offer.needs),
                    "opens": opens(machine, facts, offer),
                }
            )
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


def _action(runbook: Runbook, facts: Facts, language: str) -> dict[str, Any] | None:
    """Give the current action, its commands filled in; None at a sign-off and at the end."""
    action = runbook.actions.get(facts.position)
    if action is None:
        return None
    open_here = facts.unsettled(facts.position) if action.per_workload else []
    return {
        **_fixed(runbook, facts.position, language),
        "undo": _undo(runbook, facts, action, open_here, language),
        "authorized_by": _authorized_by(facts),
        "commands": [] if facts.mode == "drill" else [_command(one) for one in commands_for(runbook, facts, action, open_here)],
    }


def _undo(runbook: Runbook, facts: Facts, action: Action, names: list[str], language: str) -> dict[str, Any] | None:
    undo = action.undo
    if undo is None:
        return None
    subjects: list[str | None] = [*names] if action.per_workload else [None]
    commands = [] if facts.mode == "drill" else [one for name in subjects for one in filled(runbook, facts, undo.commands, name)]
    return {
        "to": undo.to,
        "until": list(undo.until),
        "profiles": list(undo.profiles) or list(runbook.profile_ids),
        "consequence": _text(undo.consequence, language),
        "commands": [_command(one) for one in commands],
    }


def _command(one: FilledCommand) -> dict[str, Any]:
    return {
        "workload": one.workload,
        "run_on": one.run_on,
        "shell": one.shell,
        "text": one.text,
        "verify": one.verify,
    }


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


def _steps(runbook: Runbook, facts: Facts, language: str) -> list[dict[str, Any]]:
    outcomes: dict[str, list[Outcome]] = {place: [one] for place, one in facts.actions.items()}
    for workload in facts.workloads.values():
        for place, one in workload.outcomes.items():
            outcomes.setdefault(place, []).append(one)
    return [
        _step(runbook, facts, number, step, language, outcomes) for number, step in enumerate(runbook.steps, 1)
    ]


def _step(  # noqa: PLR0913, PLR0917 - one part of `_steps`
    runbook: Runbook, facts: Facts, number: int, step: Step, language: str, outcomes: Mapping[str, list[Outcome]]
) -> dict[str, Any]:
    times, signed = facts.steps.get(step.id), facts.sign_offs.get(step.id)
    return {
        "number": number,
        "id": step.id,
        "title": step.title.in_language(language),
        "status": _step_status(facts, step),
        "entered_at": times.entered_at if times else None,
        "started_at": times.started_at if times else None,
        "completed_at": times.completed_at if times else None,
        "signed_off_at": signed.at if signed else None,
        "signed_off_by": []
        if signed is None
        else [{**person(signed.by), "role": signed.role, "break_glass": signed.break_glass}],
        "actions": [
            _action_line(facts, action, position, outcomes.get(position, ()))
            for action in step.actions
            for position in (f"{step.id}.{action.id}",)
        ],
    }


def _step_status(facts: Facts, step: Step) -> str:
    if step.id in facts.sign_offs:
        return "signed_off"
    times = facts.steps.get(step.id)
    if times is None:
        return "pending"
    if facts.position == f"{step.id}.{SIGN_OFF}" or (facts.terminal and times.completed_at is not None):
        return "awaiting_sign_off"
    return "blocked" if facts.failures and not facts.terminal else "in_progress"


def _action_line(facts: Facts, action: Action, position: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Give an action as its step lists it; who and when are those of its latest confirmation."""
    last = max((one for one in outcomes if one.outcome in SETTLED), key=lambda one: one.event, default=None)
    yes = facts.authorized.get(position)
    return {
        "id": action.id,
        "status": _action_status(facts, position, outcomes, per_workload=action.per_workload),
        "confirmed_at": last.at if last else None,
        "confirmed_by": person(last.by) if last else None,
        "attempt": facts.attempts.get(position, 1),
        "authorized_by": person(yes) if yes else None,
    }


def _action_status(facts: Facts, position: str, outcomes: Sequence[Outcome], *, per_workload: bool) -> str:
    if facts.failures and not facts.terminal and any(one.position == position for one in facts.failures):
        return "failed"
    if position == facts.position:
        return "open"
    if outcomes and not (per_workload and facts.unsettled(position)):  # else some come here again
        kinds = {one.outcome for one in outcomes}
        return next(kind.value for kind in (OutcomeKind.DONE, OutcomeKind.ALREADY_DONE, OutcomeKind.WAIVED) if kind in kinds)
    return "passed" if position in facts.passed and not outcomes else "pending"


def _workload(facts: Facts, name: str) -> dict[str, Any]:
    one = facts.workloads[name]
    outcomes = [
        {"at": place, "attempt": outcome.attempt, "outcome": outcome.outcome.value, "event": outcome.event}
        for place, outcome in one.outcomes.items()
    ]
    outcomes += [
        {
            "at": failure.position,
            "attempt": facts.attempts.get(failure.position, 1),
            "outcome": OutcomeKind.FAILED.value,
            "event": failure.event,
        }
        for failure in facts.failures
        if name in failure.workloads
    ]
    point = one.recovery_point
    return {
        "name": name,
        "parameters": _sorted(one.parameters),
        **_place(one.place),
        "waived": one.waived_at is not None,
        "recovery_point": {"label": point.label, "time": point.time} if point else None,
        "outcomes": outcomes,
    }
