"""The journal against its rules: folded to the execution's facts, and walked again line by line.

The chain (`chain.py`) shows that nobody changed a line; this shows that the lines are what the rules would have
written, which somebody who recomputes every hash cannot get round.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.domain.case import Case
from app.domain.chain import Problem
from app.domain.drill import promise
from app.domain.errors import Refusal
from app.domain.events import Actor, EventType, Role, posted_from
from app.domain.execution import apply, declared
from app.domain.facts import Facts
from app.domain.forms import check_form, check_times
from app.domain.lines import first_line, next_line
from app.domain.machine import machine_for
from app.domain.not_ready import from_line
from app.domain.protected_sets import PROTECTED_SET, is_sound
from app.domain.runbook import Runbook, RunbookKind
from app.domain.vocabulary import DRILL

#: Members that no rule gives: who the line is, and the key it came with.
_IDENTITY = ("id", "execution_id", "request_key_digest")
_DECLARED = frozenset(
    {
        "runbook",
        "mode",
        "title",
        "command_profile",
        "policy",
        "parameters",
        "workloads",
        "targets",
        "outage_started_at",
        "not_ready",
    }
)


def fold(runbook: Runbook, lines: Iterable[Mapping[str, Any]]) -> Facts:
    """Fold a whole, intact journal; raises ValueError on an empty one."""
    facts: Facts | None = None
    for line in lines:
        course = runbook.for_mode(line["data"]["mode"] if facts is None else facts.mode)
        facts = declared(course, line) if facts is None else apply(machine_for(course, facts.profile), facts, line)
    if facts is None:
        raise ValueError("the journal is empty")
    return facts


def rule_problems(runbook: Runbook, lines: Iterable[Mapping[str, Any]]) -> Iterator[Problem]:
    """Write a well-formed journal anew by the rules; give the first line that comes out another, and why.

    Stops at the first: what follows stands on it.
    """
    _, problem = rewritten(runbook, lines)
    if problem is not None:
        yield problem


def rewritten(runbook: Runbook, lines: Iterable[Mapping[str, Any]]) -> tuple[Facts | None, Problem | None]:
    """Write a well-formed journal anew by the rules: give the facts it leads to, and the first problem if there is one.

    With a problem the facts are those of where it was met; there are none of an empty journal.
    """
    facts: Facts | None = None
    for line in lines:
        number = line["number"]
        try:
            expected, facts = _written_anew(runbook, facts, line)
        except Refusal as refusal:
            return facts, Problem(number, f"would have been refused: {refusal.detail}")
        except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            return facts, Problem(number, f"cannot be read as an event of this runbook ({type(error).__name__})")
        due = {name: value for name, value in sorted(expected.items()) if name != "hash" and value != line[name]}
        wrong = [f"{name}{_told(value)}" for name, value in due.items()]
        if wrong:
            return facts, Problem(number, f"differs from what the rules give: {', '.join(wrong)}")
    return facts, None


def _told(value: Any) -> str:
    """Give a short value for the report; content such as a comment or data is not repeated there."""
    return f" (due: {value})" if value is None or isinstance(value, str | int) else ""


def _written_anew(runbook: Runbook, facts: Facts | None, line: Mapping[str, Any]) -> tuple[dict[str, Any], Facts]:
    """Give the line as the rules write it, and the facts after it; raises what the rules raise."""
    runbook = runbook.for_mode(line["data"]["mode"] if facts is None else facts.mode)
    actor = Actor(id=line["actor"]["id"], name=line["actor"]["name"], roles=frozenset({Role(line["actor"]["role"])}))
    identity = {name: line[name] for name in _IDENTITY}
    if facts is None:
        _check_declaration(runbook, line["data"])
        return first_line(runbook, data=line["data"], actor=actor, identity=identity, recorded_at=line["recorded_at"])
    posted = posted_from(line)
    if posted.type is EventType.DECLARE:
        raise ValueError("declared twice")
    check_form(Case(runbook, facts, posted))
    check_times(facts, posted, recorded_at=line["recorded_at"])
    return next_line(
        machine_for(runbook, facts.profile),
        facts,
        posted,
        actor=actor,
        identity=identity,
        recorded_at=line["recorded_at"],
    )


def _check_declaration(runbook: Runbook, data: Mapping[str, Any]) -> None:
    """Raise ValueError for a declaration that this runbook could not have."""
    names = [one["name"] for one in data["workloads"]]
    missing = [one.name for one in runbook.parameters if one.required and one.name not in data["parameters"]]
    sound = (
        set(data) - {DRILL, PROTECTED_SET} == _DECLARED
        and (DRILL not in data or {DRILL: data[DRILL]} == promise(data["mode"]))
        and data["runbook"] == {"id": runbook.id, "version": runbook.version}
        and data["command_profile"] in runbook.profile_ids
        and len(set(names)) == len(names)
        and (names or runbook.kind is RunbookKind.CHECKLIST)
        and not missing
        and (not data["not_ready"] if PROTECTED_SET not in data else is_sound(data[PROTECTED_SET]))
    )
    for one in data["not_ready"]:
        from_line(one)
    if not sound:
        raise ValueError("a declaration of something else")
