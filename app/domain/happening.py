"""An accepted event on its way into the facts, and the workloads that one which names none is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from app.domain.case import Case, failed_or_all, undo_targets
from app.domain.events import EventType, Posted
from app.domain.facts import Mark
from app.domain.runbook import Choice, Runbook

T = TypeVar("T")


def needed(value: T | None, what: str) -> T:
    """Give what an event or the runbook has to have here; raises ValueError for a line that no rule would write."""
    if value is None:
        raise ValueError(f"there is no {what}")
    return value


def said_as(kind: str, position: str, place: str) -> str:
    """Give the name under which the latest event of a type is kept: of each item its own."""
    return kind if place == position else f"{kind} {place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An accepted event on its way into the facts: what was posted, who and when, and what it is about."""

    runbook: Runbook
    posted: Posted
    mark: Mark
    role: str
    when: str  # the effective time
    workloads: tuple[str, ...]  # the workloads it is taken to mean


def workloads_meant(case: Case) -> tuple[str, ...]:
    """Give the workloads an event is about: those it names, else what naming none means for its type."""
    facts, posted = case.facts, case.posted
    if posted.workloads:
        return posted.workloads
    if posted.type is EventType.UNDO:
        return tuple(undo_targets(case)) if case.undone is not None and case.undone.per_workload else ()
    if posted.type is EventType.RETRY and posted.action is None:
        return tuple(name for name in facts.workloads if name in facts.failed_workloads())
    return tuple(_open_here(case)) if case.per_workload else ()


def _open_here(case: Case) -> Iterable[str]:
    """Give what naming none means at an action that has workloads."""
    facts, here = case.facts, case.facts.position
    match case.posted.type:
        case EventType.CONFIRM:
            return facts.open_workloads(here)
        case EventType.AUTHORIZE:
            return (name for name in facts.unsettled(here) if not case.sure_of(name))
        case EventType.WAIVE:
            return facts.unsettled(here)
        case EventType.CHOOSE_RECOVERY_POINT:
            if case.action is not None and case.action.choose_recovery_point is Choice.WHEN_FAILED:
                return failed_or_all(case)
            return (name for name, one in facts.workloads.items() if one.waived_at is None)
        case _:
            return ()
