"""The way ahead: which positions are still open, and what an execution passes over on its way to the next."""

from app.domain.events import OutcomeKind
from app.domain.facts import Facts
from app.domain.runbook import COMPLETED, Runbook


def is_open(facts: Facts, runbook: Runbook, position: str) -> bool:
    """Say whether somebody still has to do something at `position`. A sign-off is never passed."""
    if position in runbook.items:
        return any(place not in facts.actions for place in runbook.items[position])
    action = runbook.actions.get(position)
    if action is None:
        return True
    if not action.in_profile(facts.profile):
        return False
    return bool(facts.unsettled(position)) if action.per_workload else position not in facts.actions


def onward(facts: Facts, runbook: Runbook, position: str) -> tuple[str, list[str]]:
    """Give the first open position from `position` on, and what is passed over on the way there."""
    ahead = runbook.positions[runbook.rank[position] :]
    first = next(at for at, place in enumerate(ahead) if is_open(facts, runbook, place))  # a sign-off at the latest
    return ahead[first], list(ahead[:first])


def left_out_from(facts: Facts, runbook: Runbook, name: str) -> str:
    """Give the first position that a waived workload did not take part in; `completed` where it missed nothing.

    That is where it was waived, or earlier where everything went back behind that since.
    """
    outcomes = facts.workloads[name].outcomes
    missed = (
        place
        for place, action in runbook.actions.items()
        if action.per_workload
        and action.in_profile(facts.profile)
        and (place not in outcomes or outcomes[place].outcome is OutcomeKind.WAIVED)
    )
    return next(missed, COMPLETED)


def after(runbook: Runbook, position: str) -> str:
    """Give the position behind `position` in the runbook's order; `completed` behind the last."""
    place = runbook.rank[position] + 1
    return runbook.positions[place] if place < len(runbook.positions) else COMPLETED


def here_or_after(facts: Facts, runbook: Runbook) -> str:
    """Give the current position while somebody has something left to do there, else the one behind it."""
    here = facts.position
    return here if is_open(facts, runbook, here) else after(runbook, here)
