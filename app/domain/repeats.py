"""Repetition: of people who say the same at once one is heard; the others learn which event was faster."""

from collections.abc import Iterable

from app.domain.case import Case
from app.domain.errors import PositionMoved
from app.domain.events import REMARKS, EventType
from app.domain.facts import SETTLED, Facts, Mark, Person
from app.domain.happening import workloads_meant


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

    `refused` says that a guard speaks against it; choosing a recovery point again is the one repetition that no
    guard sees.
    """
    facts, kind = case.facts, case.posted.type
    last = facts.visit.get(kind.value)
    held = facts.on_hold is not None and kind is not EventType.HOLD
    if last is None or kind in REMARKS or (held and kind is not EventType.REPORT_FAILURE):
        return None
    if kind is EventType.CHOOSE_RECOVERY_POINT:
        return last if not refused and _is_chosen(case) else None
    return _repeated(case, last) if refused else None


def _repeated(case: Case, last: Mark) -> Mark | None:
    """Give the event that did already what a refused one asks for."""
    facts, posted, named = case.facts, case.posted, case.named
    here = facts.position
    match posted.type:
        case EventType.CONFIRM if named:
            outcomes = [facts.workloads[name].outcomes.get(here) for name in named]
            done = [one for one in outcomes if one is not None and one.outcome in SETTLED]
            return _latest(last, ((one.event, one.by, one.at) for one in done), all_of=len(named))
        case EventType.CONFIRM:
            late = not facts.open_workloads(here) and all(one.event < last.number for one in facts.failures_here())
            return last if late else None
        case EventType.REPORT_FAILURE:
            same = [one for one in facts.failures_here() if one.symptom == posted.symptom]
            if not named:
                whole = [one for one in same if not one.workloads]
                return _latest(last, ((one.event, one.by, one.at) for one in whole), all_of=1)
            found = [one for name in named for one in same if name in one.workloads]
            return _latest(last, ((one.event, one.by, one.at) for one in found), all_of=len(named))
        case EventType.AUTHORIZE:
            wanted = named or (tuple(facts.unsettled(here)) if case.per_workload else (None,))
            yes = [one for name in wanted if (one := case.sure_of(name)) is not None]
            return _latest(last, ((one.event, one.by, one.at) for one in yes), all_of=len(wanted))
        case EventType.WAIVE:
            return last if named and all(facts.workloads[name].waived_at == here for name in named) else None
        case EventType.UNDO:
            came_here = case.undone is not None and case.undone.undo is not None and case.undone.undo.to == here
            return last if came_here else None
        case EventType.RETRY:
            return last if posted.action in (None, here) else None
        case _:
            return last


def _is_chosen(case: Case) -> bool:
    """Say whether the point is the one in force for every workload meant."""
    point = case.posted.recovery_point
    chosen = [case.facts.workloads[name].recovery_point for name in workloads_meant(case)]
    return point is not None and all(
        one is not None and (one.label, one.time) == (point.label, point.time) for one in chosen
    )


def _latest(last: Mark, found: Iterable[tuple[int, Person, str]], *, all_of: int) -> Mark | None:
    """Give the latest of the events that did the whole of it, None where a part is new."""
    events = list(found)
    if len(events) < all_of or not events:
        return None
    number, by, at = max(events, key=lambda event: event[0])
    return last if number == last.number else Mark(number, last.type, by, at)
