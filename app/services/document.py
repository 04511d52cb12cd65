"""The execution document: a pure function of an execution's facts and a language."""

from collections.abc import Mapping
from typing import Any

from app.domain.course import is_open
from app.domain.drill import Drill
from app.domain.events import OutcomeKind
from app.domain.facts import Facts, Place
from app.domain.machine import Machine
from app.domain.not_ready import from_line
from app.domain.runbook import Runbook
from app.domain.vocabulary import DRILL
from app.services.document_action import current_action, current_items, permissions
from app.services.document_steps import steps
from app.services.holding import valid_until
from app.services.named import person, reason_document

#: Raised when the document's shape changes, so that an old ETag never answers 304 for the new shape.
SHAPE = 1


def etag(version: int, language: str) -> str:
    """Give the entity tag of one version of the document in one language."""
    return f'"{version}-{language}"' if SHAPE == 1 else f'"{version}-{language}-{SHAPE}"'


def document(machine: Machine, facts: Facts, *, execution_id: str, language: str) -> dict[str, Any]:
    """Give the whole execution document as the contract describes it; texts are in `language` (`en` or `fr`)."""
    runbook = machine.runbook
    allowed, refused = permissions(machine, facts, language)
    of = facts.protected_set
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
        "drill": _drill(runbook, facts),
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
        "valid_until": valid_until(runbook, mode=facts.mode, completed_at=facts.completed_at),
        "protected_set": None if of is None else {"id": of.id, "name": of.name, "revision": of.revision},
        "not_ready": [reason_document(from_line(one), language) for one in facts.not_ready],
        "step": None
        if here is None
        else {"number": runbook.number_of(here.id), "id": here.id, "title": here.title.in_language(language)},
        "action": current_action(runbook, facts, language),
        "items": current_items(runbook, facts, language),
        "steps": steps(runbook, facts, language),
        "workloads": [_workload(facts, name) for name in facts.workloads],
        "site_picture": {
            "vmm": _place(facts.vmm),
            "workloads": [{"name": one.name, **_place(one.place)} for one in facts.workloads.values()],
            **({"simulated": True} if facts.mode == DRILL else {}),
        },
        "unprotected": [
            {"subject": window.subject, "from": window.since, "until": window.until} for window in facts.unprotected
        ],
        "failures": [
            {
                "at": failure.position,
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
        "policy": {**facts.policy, "evidence": facts.evidence.value},
        "targets": {"rto_minutes": facts.targets.get("rto_minutes"), "rpo_minutes": facts.targets.get("rpo_minutes")},
        "command_profile": facts.profile,
    }


def _drill(runbook: Runbook, facts: Facts) -> dict[str, Any] | None:
    """Give how a drill went, and where tests may still stand, above all once it was aborted; None of a live one."""
    if facts.mode != DRILL:
        return None
    one = facts.drill or Drill()
    left = [at for at, done in runbook.actions.items() if done.drill_only and is_open(facts, runbook, at)]
    return {"outcome": one.outcome, "notes": one.notes, "event": one.event, "at": one.at, "clean_up_left": left}


def _sorted(parameters: Mapping[str, str]) -> dict[str, str]:
    """Give parameters in the order of their names: that of the declaration is not in the journal's canonical form."""
    return dict(sorted(parameters.items()))


def _place(place: Place) -> dict[str, str]:
    return {"site": place.site, "replication": place.replication}


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
