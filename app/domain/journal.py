"""The journal: an event's canonical form, the hash chain over it, and the proof that nobody changed a line.

`hash` = lower-case hex SHA-256 of the RFC 8785 canonical JSON of the event without `hash`; the first `previous_hash`
is 64 zeros. Anyone can recompute the chain from the lines alone, without this program.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785

from app.domain.case import Case
from app.domain.decision import check_names, decide
from app.domain.errors import Refusal
from app.domain.events import Actor, EventType, Posted, Role, data_of, posted_from
from app.domain.execution import apply, declared, passed_by
from app.domain.facts import Facts
from app.domain.machine import machine_for
from app.domain.runbook import SIGN_OFF, TERMINAL, Runbook

GENESIS = "0" * 64
MEMBERS = frozenset(
    "number id execution_id type position_before position_after status_after attempt step action workloads actor "
    "recorded_at performed_at performed_by comment evidence data request_key_digest runbook_digest previous_hash "
    "hash".split()
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a line (number) or, with number 0, with the whole."""

    number: int
    problem: str


def canonical(value: Any) -> bytes:
    """Give the RFC 8785 canonical JSON of a value without floats."""
    return rfc8785.dumps(value)


def hash_of(line: Mapping[str, Any]) -> str:
    """Give the hash that a line must carry (its own `hash` member, if any, left aside)."""
    return hashlib.sha256(canonical({name: value for name, value in line.items() if name != "hash"})).hexdigest()


def line_for(
    posted: Posted,
    *,
    facts: Facts,
    actor: Actor,
    role: Role,
    workloads: Iterable[str],
    data: Mapping[str, Any],
    identity: Mapping[str, Any],
    recorded_at: str,
) -> dict[str, Any]:
    """Give the line of an event that is about to be applied to `facts`; `sealed` completes it.

    `identity` holds id, execution_id, request_key_digest and runbook_digest.
    """
    step, _, action = facts.position.partition(".")
    return {
        **identity,
        "number": facts.version + 1,
        "type": posted.type.value,
        "position_before": facts.position,
        "attempt": facts.attempt,
        "step": None if facts.position in TERMINAL else step,
        "action": None if facts.position in TERMINAL or action == SIGN_OFF else action,
        "workloads": list(workloads),
        "actor": {"id": actor.id, "name": actor.name, "role": role.value},
        "recorded_at": recorded_at,
        "performed_at": posted.performed_at,
        "performed_by": posted.performed_by,
        "comment": posted.comment,
        "evidence": [dict(one) for one in posted.evidence],
        "data": {**data_of(posted), **data},
        "previous_hash": facts.head,
    }


def sealed(line: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """Complete a line with where it led and its hash."""
    whole = {**line, "position_after": facts.position, "status_after": facts.status}
    return {**whole, "hash": hash_of(whole)}


def chain_problems(lines: Iterable[Mapping[str, Any]]) -> Iterator[Problem]:
    """Give what is wrong with numbering, chain, form and continuity; needs no definition."""
    previous: Mapping[str, Any] | None = None
    for count, line in enumerate(lines, 1):
        yield from _line_problems(line, previous, count)
        previous = line
    if previous is None:
        yield Problem(0, "the journal is empty")


def _line_problems(line: Mapping[str, Any], previous: Mapping[str, Any] | None, count: int) -> Iterator[Problem]:
    if set(line) != MEMBERS:
        odd = ", ".join(sorted(map(str, MEMBERS ^ set(line))))
        yield Problem(count, f"members missing or unknown: {odd}")
        return
    if line["number"] != count:
        yield Problem(count, f"numbered {line['number']} where {count} is due")
    try:
        if line["hash"] != hash_of(line):
            yield Problem(count, "the content does not give the line's hash")
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        yield Problem(count, f"cannot be put into canonical form: {error}")
    if line["previous_hash"] != (previous["hash"] if previous else GENESIS):
        yield Problem(count, "does not continue the chain: previous_hash is not the hash of the line before")
    if previous is None:
        if line["type"] != EventType.DECLARE.value or line["position_before"] is not None:
            yield Problem(count, "the first line is not a declaration")
        return
    if line["position_before"] != previous["position_after"]:
        yield Problem(
            count, f"starts at {line['position_before']}, the line before ended at {previous['position_after']}"
        )
    for name in ("execution_id", "runbook_digest"):
        if line[name] != previous[name]:
            yield Problem(count, f"another {name} than the line before")
    if str(line["recorded_at"]) < str(previous["recorded_at"]):
        yield Problem(count, "recorded before the line before it")


def fold(runbook: Runbook, lines: Iterable[Mapping[str, Any]]) -> Facts:
    """Fold a whole, intact journal; raises ValueError on an empty one."""
    facts: Facts | None = None
    for line in lines:
        facts = declared(runbook, line) if facts is None else apply(machine_for(runbook, facts.profile), facts, line)
    if facts is None:
        raise ValueError("the journal is empty")
    return facts


def rule_problems(runbook: Runbook, lines: Iterable[Mapping[str, Any]]) -> Iterator[Problem]:
    """Walk a well-formed journal through the machine again; give each line that the rules would not have written.

    Stops at the first: what follows stands on it.
    """
    facts: Facts | None = None
    for line in lines:
        number = line["number"]
        try:
            if facts is None:
                facts = declared(runbook, line)
                expected: Mapping[str, Any] = {}
            else:
                machine = machine_for(runbook, facts.profile)
                actor = Actor(
                    id=line["actor"]["id"], name=line["actor"]["name"], roles=frozenset({Role(line["actor"]["role"])})
                )
                posted = posted_from(line)
                check_names(Case(runbook, facts, posted))
                verdict = decide(machine, facts, posted, actor)
                before, facts = facts, apply(machine, facts, line)
                expected = {**data_of(posted), **verdict.data, **passed_by(before, facts)}
                if list(verdict.workloads) != line["workloads"]:
                    yield Problem(number, "is not about the workloads that it means")
                    return
        except Refusal as refusal:
            yield Problem(number, f"would have been refused: {refusal.detail}")
            return
        except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            yield Problem(number, f"cannot be read as an event of this runbook ({type(error).__name__})")
            return
        wrong = [name for name, value in expected.items() if line["data"].get(name) != value]
        if wrong:
            yield Problem(number, f"data differs from what the rules give: {', '.join(wrong)}")
            return
        if (line["position_after"], line["status_after"]) != (facts.position, facts.status):
            yield Problem(number, f"leads to {line['position_after']}, the rules to {facts.position} ({facts.status})")
            return
