"""Going back in the runbook: what is cleared, what stays a fact, and which attempts are raised."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from app.domain.facts import SETTLED, Facts
from app.domain.runbook import Runbook


def drop_failures(draft: Facts, names: Collection[str] | None, *, places: Collection[str], whole: bool = False) -> None:
    """Resolve failures at these positions: all (`names` None), or what they say of the named workloads.

    With names, a failure of the action as a whole is resolved only if `whole`.
    """
    kept = []
    for failure in draft.failures:
        left = tuple(name for name in failure.workloads if names is not None and name not in names)
        stays_whole = not failure.workloads and names is not None and not whole
        if failure.position not in places or stays_whole:
            kept.append(failure)
        elif left:
            kept.append(replace(failure, workloads=left))
    draft.failures = kept


def clear(draft: Facts, runbook: Runbook, target: str, names: Iterable[str] | None) -> set[str]:
    """Clear outcomes from `target` on (of the named workloads only, if named); give the places that changed.

    Irreversible actions that were done stay done, and waived workloads stay waived unless named: both are facts.
    """
    changed = set()
    subjects = draft.workloads if names is None else names
    held = [(draft.workloads[name].outcomes, draft.workloads[name].waived_at) for name in subjects]
    if names is None:
        held.append((draft.actions, None))
    for place in runbook.from_on(target):
        action = runbook.actions.get(place)
        for outcomes, waived_at in held:
            done = place in outcomes and outcomes[place].outcome in SETTLED
            for_good = done and action is not None and action.irreversible
            if place in outcomes and not for_good and not (names is None and waived_at == place):
                del outcomes[place]
                changed.add(place)
    return changed


def cleared(facts: Facts, runbook: Runbook, target: str) -> Facts:
    """Give the facts as going back to `target` would clear them; `facts` stay as they are."""
    draft = facts.copy()
    clear(draft, runbook, target, None)
    return draft


def go_back(draft: Facts, runbook: Runbook, target: str, names: Iterable[str] | None) -> str:
    """Go back to `target`: clear from there on, void the sign-offs crossed, raise attempts; gives its position."""
    names = None if names is None else list(names)
    position, onwards = runbook.position_of(target), runbook.from_on(target)
    since, here = runbook.rank[position], runbook.rank[draft.position]
    changed = clear(draft, runbook, target, names)
    drop_failures(draft, names, places=onwards)
    if names is None or here != since:
        draft.authorizations = []
    else:
        draft.authorizations = [
            replace(one, workloads=tuple(name for name in one.workloads if name not in names))
            for one in draft.authorizations
        ]
    changed |= {position, draft.position}
    changed |= {place for place in runbook.positions[since : here + 1] if place not in runbook.actions}  # sign-offs
    for place in changed & draft.attempts.keys():
        draft.attempts[place] += 1
    done_for_good = {place for one in draft.workloads.values() for place in one.outcomes} | draft.actions.keys()
    for place in onwards:
        if place not in done_for_good:
            draft.authorized.pop(place, None)
    landing = runbook.step_of(target).id
    for step in runbook.steps[runbook.number_of(landing) - 1 :]:
        draft.sign_offs.pop(step.id, None)
        if step.id != landing:
            draft.steps.pop(step.id, None)
    draft.passed = [place for place in draft.passed if runbook.rank[place] < since]
    return position


def reopen(draft: Facts, item: str) -> str:
    """Take one item back that failed, was waived or was settled; gives the position, where its like stay."""
    drop_failures(draft, None, places={item})
    draft.actions.pop(item, None)
    draft.attempts[item] = draft.attempt_at(item) + 1
    return draft.position
