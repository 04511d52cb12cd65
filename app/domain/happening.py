"""An accepted event on its way into the facts, and the workloads that one which names none is about."""

from dataclasses import dataclass

from app.domain.case import Case, failed_or_all, undo_targets
from app.domain.events import EventType, Posted
from app.domain.facts import Mark
from app.domain.runbook import Choice, Runbook


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
    if not case.per_workload:
        return ()
    if posted.type is EventType.CONFIRM:
        return tuple(facts.open_workloads(facts.position))
    if posted.type is EventType.AUTHORIZE:
        return tuple(name for name in facts.unsettled(facts.position) if not case.sure_of(name))
    if posted.type is EventType.WAIVE:
        return tuple(facts.unsettled(facts.position))
    if posted.type is EventType.CHOOSE_RECOVERY_POINT:
        failed_only = case.action is not None and case.action.choose_recovery_point is Choice.WHEN_FAILED
        if failed_only:
            return tuple(failed_or_all(case))
        return tuple(name for name, one in facts.workloads.items() if one.waived_at is None)
    return ()
