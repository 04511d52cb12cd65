"""How a line comes to be: a declaration or a decision, the facts it leads to, and the seal of its hash."""

import hashlib
from collections.abc import Mapping
from typing import Any

from app.domain.case import place_of
from app.domain.chain import GENESIS, written
from app.domain.decision import decide
from app.domain.drill import mark
from app.domain.events import Actor, EventType, Posted, Role, data_of
from app.domain.execution import declared, follow, stamped
from app.domain.facts import Facts, Mark, Person
from app.domain.happening import Happening
from app.domain.machine import Machine
from app.domain.runbook import ITEMS, SIGN_OFF, TERMINAL, Runbook

Line = dict[str, Any]


def first_line(
    runbook: Runbook, *, data: Mapping[str, Any], actor: Actor, identity: Mapping[str, Any], recorded_at: str
) -> tuple[Line, Facts]:
    """Give a journal's first line, the declaration, and the facts right after it.

    `data` is the declaration itself as the line keeps it; `identity` holds id, execution_id and request_key_digest.
    `recorded_at` is UTC RFC 3339. Whoever declares is a coordinator: the caller has seen to that.
    """
    line: Line = {
        **identity,
        "runbook_digest": runbook.digest,
        "number": 1,
        "type": EventType.DECLARE.value,
        "position_before": None,
        "attempt": 1,
        "step": None,
        "action": None,
        "workloads": [one["name"] for one in data["workloads"]],
        "actor": {"id": actor.id, "name": actor.name, "role": Role.COORDINATOR.value},
        "recorded_at": recorded_at,
        "performed_at": None,
        "performed_by": None,
        "comment": None,
        "evidence": [],
        "data": dict(data),
        "previous_hash": GENESIS,
    }
    return _sealed(line, declared(runbook, line))


def next_line(
    machine: Machine,
    facts: Facts,
    posted: Posted,
    *,
    actor: Actor,
    identity: Mapping[str, Any],
    recorded_at: str,
    language: str = "en",
) -> tuple[Line, Facts]:
    """Decide about an event and give its line and the facts after it; `facts` stay as they are.

    Takes an event that passed `check_form` and `check_times`, with workloads as the execution names them; `identity`
    holds id, execution_id and request_key_digest; `recorded_at` is UTC RFC 3339, not before the last line's; `language`
    is that of a refusal. Raises PositionMoved, TransitionRefused, RoleRequired, SecondPersonRequired.
    """
    verdict = decide(machine, facts, posted, actor, language=language)
    happening = Happening(
        runbook=machine.runbook,
        posted=posted,
        mark=Mark(facts.version + 1, posted.type.value, Person(actor.id, actor.name), recorded_at),
        role=verdict.role.value,
        when=posted.performed_at or recorded_at,
        workloads=verdict.workloads,
    )
    reached, passed = follow(machine, facts, happening)
    ended = facts.position in TERMINAL
    place = place_of(machine.runbook, facts.position, posted)
    step, _, action = place.partition(".")
    line: Line = {
        **identity,
        "runbook_digest": machine.runbook.digest,
        "number": facts.version + 1,
        "type": posted.type.value,
        "position_before": facts.position,
        "attempt": facts.attempt_at(place),
        "step": None if ended else step,
        "action": None if ended or action in (SIGN_OFF, ITEMS) else action,
        "workloads": list(verdict.workloads),
        "actor": {"id": actor.id, "name": actor.name, "role": verdict.role.value},
        "recorded_at": recorded_at,
        "performed_at": posted.performed_at,
        "performed_by": posted.performed_by,
        "comment": posted.comment,
        "evidence": [dict(one) for one in posted.evidence],
        "data": {**data_of(posted), **verdict.data, **({"passed": passed} if passed else {}), **mark(facts)},
        "previous_hash": facts.head,
    }
    return _sealed(line, reached)


def _sealed(line: Line, reached: Facts) -> tuple[Line, Facts]:
    """Complete a line with where it led and its hash, and stamp the facts with it."""
    whole = {**line, "position_after": reached.position, "status_after": reached.status}
    whole["hash"] = hashlib.sha256(written(whole)).hexdigest()
    return whole, stamped(reached, whole)
