"""Repetition: of people who say the same at once one is heard; the others learn which event was faster."""

from collections.abc import Iterable

from app.domain.case import Case, same_failures
from app.domain.errors import PositionMoved
from app.domain.events import LEGAL_ON_HOLD, EventType, OutcomeKind
from app.domain.facts import Authorization, Facts, Failure, Mark, Outcome, Said
from app.domain.happening import said_as, workloads_meant


def moved(facts: Facts, by: Mark) -> PositionMoved:
    """Make the refusal that names the event which won."""
    return PositionMoved(
        f"{by.actor.name} was faster: event {by.number} ({by.type}) at {by.at}. The execution is at "
        f"{facts.position}, version {facts.version}.",
        moved_by={
            "number": by.number,
            "type": by.type,
            "actor": {"id": by.actor.id, "name": by.actor.name},
            "at": by.at,
        },
        position=facts.position,
        version=facts.version,
    )


def said_already(case: Case, *, refused: bool) -> Mark | None:
    """Give the accepted event of this position and attempt that this one only repeats, if it does.

    `refused` says that a guard speaks against it. Choosing the same recovery point and handing over to the same person
    again are the two repetitions that no guard sees.
    """
    facts, kind = case.facts, case.posted.type
    last = facts.visit.get(said_as(kind, facts.position, case.place))
    stopped = facts.on_hold is not None and kind not in LEGAL_ON_HOLD and kind is not EventType.HOLD
    if last is None or stopped or (last.position != facts.position and case.posted.at is not None):
        return None
    if kind is EventType.CHOOSE_RECOVERY_POINT:
        return last.mark if not refused and _is_chosen(case) else None
    if kind is EventType.HAND_OVER and not refused:
        return last.mark if case.posted.to == facts.coordinator.id else None
    return _repeated(case, last) if refused else None


def _repeated(case: Case, last: Said) -> Mark | None:
    """Give the event that did already what a refused one asks for."""
    facts, posted, named = case.facts, case.posted, case.named
    here = case.place
    match posted.type:
        case EventType.CONFIRM | EventType.WAIVE if here != facts.position:
            return _latest(case, last, [facts.actions.get(here)])
        case EventType.CONFIRM | EventType.WAIVE if named:
            return _latest(case, last, [facts.workloads[name].outcomes.get(here) for name in named])
        case EventType.CONFIRM:
            late = not facts.open_workloads(here) and all(one.event < last.mark.number for one in facts.failures_here())
            return last.mark if late else None
        case EventType.REPORT_FAILURE:
            same = same_failures(case)
            if not named:
                return _latest(case, last, [next((one for one in same if not one.workloads), None)])
            return _latest(case, last, [next((one for one in same if name in one.workloads), None) for name in named])
        case EventType.AUTHORIZE:
            wanted = named or (tuple(facts.unsettled(here)) if case.per_workload else (None,))
            return _latest(case, last, [case.sure_of(name) for name in wanted])
        case EventType.UNDO | EventType.RETRY:
            same_words = posted.action == last.action and set(named) <= set(last.workloads)
            return last.mark if same_words else None
        case _:
            return last.mark


def _is_chosen(case: Case) -> bool:
    """Say whether the point is the one in force for every workload meant."""
    point = case.posted.recovery_point
    chosen = [case.facts.workloads[name].recovery_point for name in workloads_meant(case)]
    return point is not None and all(
        one is not None and (one.label, one.time) == (point.label, point.time) for one in chosen
    )


def _latest(case: Case, last: Said, found: Iterable[Outcome | Failure | Authorization | None]) -> Mark | None:
    """Give the latest of the events that did the whole of it at this attempt; None where a part is not done so."""
    since = case.facts.entered_by.number if case.facts.entered_by is not None else 0
    done = [one for one in found if one is not None and one.event > since and _is_same(case, one)]
    if len(done) < len(case.named or (None,)):
        return None
    one = max(done, key=lambda one: one.event)
    return last.mark if one.event == last.mark.number else Mark(one.event, last.mark.type, one.by, one.at)


def _is_same(case: Case, one: Outcome | Failure | Authorization) -> bool:
    """Say whether an outcome is the one that this event would have: waiving repeats no confirmation."""
    waives = case.posted.type is EventType.WAIVE
    return not isinstance(one, Outcome) or (one.outcome is OutcomeKind.WAIVED) == waives
