"""Guards of steps whose actions have no order: each asks about the one item that an event names."""

from app.domain.case import Case
from app.domain.events import OutcomeKind
from app.domain.reasons import Because, Reason, because
from app.domain.runbook import Kind


def item_is_open(case: Case) -> Reason | None:
    """The item is not settled yet."""
    settled = case.place != case.facts.position and case.place in case.facts.actions
    return because(Because.ITEM_SETTLED, [case.place]) if settled else None


def item_is_not_waived(case: Case) -> Reason | None:
    """The item was not left out."""
    one = case.facts.actions.get(case.place) if case.place != case.facts.position else None
    waived = one is not None and one.outcome is OutcomeKind.WAIVED
    return because(Because.ITEM_SETTLED, [case.place]) if waived else None


def item_can_be_taken_back(case: Case) -> Reason | None:
    """The item failed, was waived, or is a gate or check that was settled: nothing that was done is taken back."""
    target, facts, runbook = case.posted.action, case.facts, case.runbook
    if target is None or facts.terminal or runbook.position_of(target) == target:
        return None
    if runbook.step_of(target) != runbook.step_of(facts.position):
        return because(Because.NOT_EARLIER_LOOK, [target])
    if case.named:
        return because(Because.NOT_PER_WORKLOAD)
    done = facts.actions.get(target)
    fits = done is not None and (done.outcome is OutcomeKind.WAIVED or runbook.actions[target].kind is not Kind.TASK)
    return None if fits or facts.failures_at(target) else because(Because.ITEM_NOT_TO_RETRY)
