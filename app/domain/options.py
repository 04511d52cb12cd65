"""What could be posted now and what not: every event type tried against the same table that decides."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.domain.case import Case, was_confirmed
from app.domain.events import REMARKS, Decision, EventType, OutcomeKind, Posted, RecoveryPoint, Role, roles_for
from app.domain.execution import follow
from app.domain.facts import Facts, Mark
from app.domain.happening import Happening, workloads_meant
from app.domain.machine import Machine
from app.domain.reasons import Because, Reason, because
from app.domain.rules import RULES, why_not
from app.domain.runbook import TERMINAL, Kind, Runbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An event that could be posted: who by, with which members besides type and at, and where it leads."""

    type: EventType
    role: Role
    needs: tuple[str, ...]
    posted: Posted


_NOWHERE = RecoveryPoint(label="?", time="1970-01-01T00:00:00Z")
_REASONED = (
    EventType.HOLD,
    EventType.ABORT,
    EventType.PRIMARY_LOST,
    EventType.SECONDARY_LOST,
    EventType.REPORT_FAILURE,
    EventType.WAIVE,
    EventType.NOTE,
)


def _variants(runbook: Runbook, facts: Facts, kind: EventType) -> Iterator[tuple[tuple[str, ...], Posted]]:
    """Give ways to post an event of the type, the plainest first: the members needed, and the event."""
    here, action = facts.position, runbook.actions.get(facts.position)
    said = ("comment",)
    match kind:
        case EventType.CONFIRM:
            base = said if action is not None and action.comment_required else ()
            yield base, Posted(type=kind)
            if action is None:
                return
            if action.per_workload:
                for name in facts.open_workloads(here):
                    yield (*base, "workloads"), Posted(type=kind, workloads=(name,))
            named = tuple(sorted(facts.failed_workloads()))
            members = ("outcome", "comment", "workloads") if named else ("outcome", "comment")
            yield members, Posted(type=kind, outcome=OutcomeKind.ALREADY_DONE, workloads=named or None)
        case EventType.REPORT_FAILURE:
            yield said, Posted(type=kind, symptom=f"at version {facts.version}")
        case EventType.RETRY:
            yield (), Posted(type=kind)
            for name, workload in facts.workloads.items():
                if workload.waived_at is not None:
                    yield ("workloads",), Posted(type=kind, workloads=(name,))
            if facts.position not in TERMINAL:
                step = runbook.step_of(here).id
                for place, earlier in reversed(runbook.actions.items()):
                    if place.startswith(step + ".") and earlier.kind is not Kind.TASK and place in facts.attempts:
                        yield ("action",), Posted(type=kind, action=place)
        case EventType.UNDO:
            for place, done in runbook.actions.items():
                if done.undo is not None and was_confirmed(facts, place):
                    yield ("action", "comment"), Posted(type=kind, action=place)
                    for name in facts.workloads if done.per_workload else ():
                        yield ("action", "workloads", "comment"), Posted(type=kind, action=place, workloads=(name,))
        case EventType.CHOOSE_RECOVERY_POINT:
            yield ("recovery_point",), Posted(type=kind, recovery_point=_NOWHERE)
            for name in facts.workloads:
                yield ("recovery_point", "workloads"), Posted(type=kind, recovery_point=_NOWHERE, workloads=(name,))
        case EventType.CHANGE_PROFILE:
            other = next((one for one in runbook.profile_ids if one != facts.profile), facts.profile)
            yield ("command_profile", "comment"), Posted(type=kind, command_profile=other)
        case EventType.SIGN_OFF:
            yield ("decision",), Posted(type=kind, decision=Decision.APPROVE)
        case EventType.HAND_OVER:
            yield ("to",), Posted(type=kind, to="", to_name="")
        case EventType.CORRECT:
            yield ("corrects", "comment"), Posted(type=kind, corrects=1)
        case _:
            yield (said if kind in _REASONED else ()), Posted(type=kind)


def options(runbook: Runbook, facts: Facts) -> Iterator[tuple[Offer, list[Reason]]]:
    """Give every type of event, as an offer and the reasons against it (none: it is allowed)."""
    for kind in RULES:
        first: tuple[Offer, list[Reason]] | None = None
        for needs, posted in _variants(runbook, facts, kind):
            case = Case(runbook, facts, posted)
            reasons = why_not(case)
            role = roles_for(kind, break_glass=False)[0]
            if kind is EventType.WAIVE and case.action is not None and case.action.optional:
                role = Role.OPERATOR
            offer = Offer(type=kind, role=role, needs=needs, posted=posted)
            if not reasons:
                first = (offer, [])
                break
            first = first or (offer, reasons)
        if first is None:  # only undo has no plain form
            offer = Offer(type=kind, role=Role.OPERATOR, needs=("action", "comment"), posted=Posted(type=kind))
            first = (offer, [because(Because.NOTHING_TO_UNDO)])
        yield first


def opens(machine: Machine, facts: Facts, offer: Offer) -> str | None:
    """Give the position that the offered event leads to; None where the position stays."""
    if offer.type in REMARKS or "workloads" in offer.needs or "action" in offer.needs:
        return None
    case = Case(machine.runbook, facts, offer.posted)
    mark = Mark(facts.version + 1, offer.type.value, facts.coordinator, facts.recorded_at)
    happening = Happening(
        runbook=machine.runbook,
        posted=replace(offer.posted, at=facts.position),
        mark=mark,
        role=offer.role.value,
        when=facts.recorded_at,
        workloads=workloads_meant(case),
    )
    reached = follow(machine, facts, happening).position
    return None if reached == facts.position else reached
