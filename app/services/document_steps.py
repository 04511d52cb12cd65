"""The steps in the execution document: where each stands, and where each of its actions does."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.events import OutcomeKind
from app.domain.evidence_asked import worst
from app.domain.facts import SETTLED, Facts, Outcome
from app.domain.runbook import ITEMS, SIGN_OFF, Action, Runbook, Step
from app.services.named import person

#: Of several workloads' outcomes the action shows the first of these.
_SHOWN = (OutcomeKind.DONE, OutcomeKind.ALREADY_DONE, OutcomeKind.WAIVED)


def steps(runbook: Runbook, facts: Facts, language: str) -> list[dict[str, Any]]:
    """Give every step with its actions; texts are in `language` (`en` or `fr`)."""
    outcomes: dict[str, list[Outcome]] = {place: [one] for place, one in facts.actions.items()}
    for workload in facts.workloads.values():
        for place, one in workload.outcomes.items():
            outcomes.setdefault(place, []).append(one)
    return [
        {"number": number, "title": step.title.in_language(language), **_step(facts, step, outcomes)}
        for number, step in enumerate(runbook.steps, 1)
    ]


def _step(facts: Facts, step: Step, outcomes: Mapping[str, list[Outcome]]) -> dict[str, Any]:
    times, signed = facts.steps.get(step.id), facts.sign_offs.get(step.id)
    return {
        "id": step.id,
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
        "status": action_status(facts, position, outcomes, per_workload=action.per_workload),
        "confirmed_at": last.at if last else None,
        "confirmed_by": person(last.by) if last else None,
        "attempt": facts.attempts.get(position, 1),
        "authorized_by": person(yes) if yes else None,
        "evidence": worst(one.evidence for one in outcomes),
    }


def action_status(facts: Facts, position: str, outcomes: Sequence[Outcome], *, per_workload: bool = False) -> str:
    """Give how an action stands, or an item: `position` is its `step.action`, `outcomes` what came of it."""
    if facts.failures and not facts.terminal and any(one.position == position for one in facts.failures):
        return "failed"
    if position == facts.position:
        return "open"
    if outcomes and not (per_workload and facts.unsettled(position)):  # else some come here again
        kinds = {one.outcome for one in outcomes}
        return next(kind.value for kind in _SHOWN if kind in kinds)
    if facts.position == f"{position.partition('.')[0]}.{ITEMS}":
        return "open"
    return "passed" if position in facts.passed and not outcomes else "pending"
