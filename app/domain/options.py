"""What could be posted now and what not: every event type tried against the same table that decides."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.domain import evidence_asked
from app.domain.case import Case, was_confirmed
from app.domain.course import after
from app.domain.drill import attests
from app.domain.events import (
    ABOUT_ITEMS,
    Decision,
    DrillOutcome,
    EventType,
    OutcomeKind,
    Posted,
    RecoveryPoint,
    Role,
    roles_for,
)
from app.domain.execution import follow
from app.domain.facts import Facts, Mark
from app.domain.forms import NEEDED
from app.domain.happening import Happening, workloads_meant
from app.domain.machine import Machine
from app.domain.reasons import Because, Reason, because
from app.domain.rules import MOVING, RULES, why_not
from app.domain.runbook import TERMINAL, Kind, Order, Runbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An event that could be posted: who by, with which members besides type and at, and where it leads."""

    type: EventType
    role: Role
    needs: tuple[str, ...]
    posted: Posted


Variant = tuple[tuple[str, ...], Posted]  # the members needed, and the event
_PLAIN = {kind: Posted(type=kind) for kind in EventType}  # made once: they are tried at every version
_ACCEPTED = OutcomeKind.ALREADY_DONE
_APPROVE, _PASSED = Decision.APPROVE, DrillOutcome.PASSED
_NOWHERE = RecoveryPoint(label="?", time="1970-01-01T00:00:00Z")


def _items(runbook: Runbook, facts: Facts, kind: EventType) -> Iterator[Variant]:
    """Give the ways to post an event about one item, those that need the least words first."""
    reasons = (*NEEDED.get(kind, ()), *(("comment",) if kind is EventType.REPORT_FAILURE else ()))
    for place in sorted(runbook.items[facts.position], key=lambda one: runbook.actions[one].comment_required):
        believable = kind is EventType.CONFIRM and runbook.actions[place].comment_required
        needs = ("action", "comment") if believable else ("action", *reasons)
        yield needs, Posted(type=kind, action=place, comment=f"at version {facts.version}")
    if kind is EventType.CONFIRM:
        for place in runbook.items[facts.position]:
            yield ("action", "outcome", "comment"), Posted(type=kind, action=place, outcome=_ACCEPTED)


def _confirms(runbook: Runbook, facts: Facts) -> Iterator[Variant]:
    kind, action = EventType.CONFIRM, runbook.actions.get(facts.position)
    needs = ("comment",) if action is not None and action.comment_required else ()
    yield needs, _PLAIN[kind]
    if action is None:
        return
    failed = facts.failed_workloads()
    ready = [name for name in facts.unsettled(facts.position) if facts.authorization_for(name) is not None]
    ready = ready if action.per_workload else []  # where not all that are open are authorized
    for name in [name for name in ready if name not in failed][:1]:
        yield (*needs, "workloads"), Posted(type=kind, workloads=(name,))
    named = tuple(name for name in facts.workloads if name in failed)
    accept = ("outcome", "comment", "workloads")
    yield accept if named else accept[:2], Posted(type=kind, outcome=_ACCEPTED, workloads=named or None)
    for name in ready[:1]:
        yield accept, Posted(type=kind, outcome=_ACCEPTED, workloads=(name,))


def _reports(runbook: Runbook, facts: Facts) -> Iterator[Variant]:
    yield ("comment",), Posted(type=EventType.REPORT_FAILURE, comment=f"at version {facts.version}")


def _retries(runbook: Runbook, facts: Facts) -> Iterator[Variant]:
    kind = EventType.RETRY
    yield (), _PLAIN[kind]
    for name, workload in facts.workloads.items():
        if workload.waived_at is not None:
            yield ("workloads",), Posted(type=kind, workloads=(name,))
    if facts.position not in TERMINAL:
        step = runbook.step_of(facts.position)
        for action in reversed(step.actions):
            if action.kind is not Kind.TASK or step.order is Order.ANY:
                yield ("action",), Posted(type=kind, action=f"{step.id}.{action.id}")


def _undoes(runbook: Runbook, facts: Facts) -> Iterator[Variant]:
    kind, needs = EventType.UNDO, NEEDED[EventType.UNDO]
    for place, done in runbook.actions.items():
        if done.undo is None or not (place == facts.position or was_confirmed(facts, place)):
            continue
        yield needs, Posted(type=kind, action=place)
        for name in facts.workloads if done.per_workload else ():
            yield (*needs, "workloads"), Posted(type=kind, action=place, workloads=(name,))


def _chooses(runbook: Runbook, facts: Facts) -> Iterator[Variant]:
    kind, needs = EventType.CHOOSE_RECOVERY_POINT, NEEDED[EventType.CHOOSE_RECOVERY_POINT]
    yield needs, Posted(type=kind, recovery_point=_NOWHERE)
    action = runbook.actions.get(facts.position)
    for name in facts.workloads if action is not None and action.choose_recovery_point is not None else ():
        yield (*needs, "workloads"), Posted(type=kind, recovery_point=_NOWHERE, workloads=(name,))


def _changes_profile(runbook: Runbook, facts: Facts) -> Iterator[Variant]:
    other = next((one for one in runbook.profile_ids if one != facts.profile), facts.profile)
    yield NEEDED[EventType.CHANGE_PROFILE], Posted(type=EventType.CHANGE_PROFILE, command_profile=other)


def _authorizes(runbook: Runbook, facts: Facts) -> Iterator[Variant]:
    yield (), Posted(type=EventType.AUTHORIZE)
    yield ("break_glass", "comment"), Posted(type=EventType.AUTHORIZE, break_glass=True)  # over one's own, if alone


def _signs(runbook: Runbook, facts: Facts) -> Iterator[Variant]:
    kind, needs = EventType.SIGN_OFF, NEEDED[EventType.SIGN_OFF]
    if facts.at_sign_off and attests(facts, kind, after(runbook, facts.position)):
        yield (*needs, "drill_outcome", "comment"), Posted(type=kind, decision=_APPROVE, drill_outcome=_PASSED)
    else:
        yield needs, Posted(type=kind, decision=_APPROVE)


def _notes(runbook: Runbook, facts: Facts) -> Iterator[Variant]:
    yield ("comment",), _PLAIN[EventType.NOTE]


_VARIANTS: Mapping[EventType, Callable[[Runbook, Facts], Iterator[Variant]]] = {
    EventType.CONFIRM: _confirms,
    EventType.REPORT_FAILURE: _reports,
    EventType.RETRY: _retries,
    EventType.UNDO: _undoes,
    EventType.CHOOSE_RECOVERY_POINT: _chooses,
    EventType.CHANGE_PROFILE: _changes_profile,
    EventType.AUTHORIZE: _authorizes,
    EventType.SIGN_OFF: _signs,
    EventType.NOTE: _notes,
}


def variants(runbook: Runbook, facts: Facts, kind: EventType) -> Iterator[Variant]:
    """Give ways to post an event of the type, the plainest first; the undo of nothing where nothing can be undone."""
    if kind in ABOUT_ITEMS and facts.position in runbook.items:
        yield from _items(runbook, facts, kind)
    elif kind in _VARIANTS:
        for needs, posted in _VARIANTS[kind](runbook, facts):
            wanted = evidence_asked.asked(Case(runbook, facts, posted)) if evidence_asked.is_required(facts) else []
            if wanted:
                yield (*needs, "evidence"), replace(posted, evidence=evidence_asked.pretended(wanted))
            else:
                yield needs, posted
    elif kind is EventType.HAND_OVER:
        yield NEEDED[kind], Posted(type=kind, to="", to_name="")
    else:
        yield NEEDED.get(kind, ()), _PLAIN[kind]


def options(runbook: Runbook, facts: Facts) -> Iterator[tuple[Offer, list[Reason]]]:
    """Give every type of event, as an offer and the reasons against it (none: it is allowed)."""
    for kind in RULES:
        first: tuple[Offer, list[Reason]] | None = None
        for needs, posted in variants(runbook, facts, kind):
            tried = _tried(runbook, facts, posted, needs)
            first = first or tried
            if not tried[1]:
                first = tried
                break
        if first is None:  # only undo has no plain form
            nothing = Offer(type=kind, role=Role.OPERATOR, needs=NEEDED[kind], posted=_PLAIN[kind])
            first = (nothing, [because(Because.NOTHING_TO_UNDO)])
        yield first


def _tried(runbook: Runbook, facts: Facts, posted: Posted, needs: tuple[str, ...]) -> tuple[Offer, list[Reason]]:
    case = Case(runbook, facts, posted)
    role = roles_for(posted.type, above=posted.above)[0]
    if posted.type is EventType.WAIVE and case.action is not None and case.action.optional:
        role = Role.OPERATOR
    return Offer(type=posted.type, role=role, needs=needs, posted=posted), why_not(case)


def told(machine: Machine, facts: Facts, offer: Offer) -> dict[str, Any]:
    """Give an offer as `allowed` has it, in the execution document and in a refusal."""
    return {
        "type": offer.type.value,
        "role": offer.role.value,
        "needs": list(offer.needs),
        "opens": opens(machine, facts, offer),
    }


def _actions_open(runbook: Runbook, facts: Facts, kind: EventType) -> set[str | None]:
    """Give the actions that an event of the type could name now."""
    found = (posted for needs, posted in variants(runbook, facts, kind) if "action" in needs)
    return {posted.action for posted in found if not why_not(Case(runbook, facts, posted))}


def opens(machine: Machine, facts: Facts, offer: Offer) -> str | None:
    """Give the position that the offered event leads to; None where that hangs on its members or it stays."""
    if offer.type not in MOVING or "workloads" in offer.needs:
        return None
    if "action" in offer.needs and len(_actions_open(machine.runbook, facts, offer.type)) > 1:
        return None
    case = Case(machine.runbook, facts, offer.posted)
    happening = Happening(
        runbook=machine.runbook,
        posted=offer.posted,
        mark=Mark(facts.version + 1, offer.type.value, facts.coordinator, facts.recorded_at),
        role=offer.role.value,
        when=facts.recorded_at,
        workloads=workloads_meant(case),
    )
    reached = follow(machine, facts, happening)[0].position
    return None if reached == facts.position else reached
