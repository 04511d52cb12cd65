"""One posted event before one execution: what guards, repeats and effects ask of it."""

from collections.abc import Callable, Iterable

from app.domain.events import ABOUT_ITEMS, FourEyes, Posted
from app.domain.facts import SETTLED, Authorization, Facts, Failure, Place
from app.domain.reasons import Because, Reason, because
from app.domain.runbook import Action, LossRule, Replication, Runbook, Site, Standing

Guard = Callable[["Case"], Reason | None]


def place_of(runbook: Runbook, position: str, posted: Posted) -> str:
    """Give what an event is about at `position`: the item that it names where there are items, else the position."""
    named = posted.action if posted.type in ABOUT_ITEMS and position in runbook.items else None
    return named or position


class Case:
    """One posted event before one execution: what every guard looks at; never changed after it is made."""

    __slots__ = ("action", "facts", "named", "per_workload", "place", "posted", "runbook")

    def __init__(self, runbook: Runbook, facts: Facts, posted: Posted) -> None:
        """Take the event and the execution it is posted to; nothing is copied."""
        self.runbook = runbook
        self.facts = facts
        self.posted = posted
        self.place = place_of(runbook, facts.position, posted)  # the current position, or the item that is named there
        self.action: Action | None = runbook.actions.get(self.place)  # the one the event is about, if any
        self.named: tuple[str, ...] = posted.workloads or ()  # the workloads that the event names
        self.per_workload = self.action is not None and self.action.per_workload

    @property
    def waived(self) -> list[str]:
        """The named workloads that are waived."""
        return [name for name in self.named if self.facts.workloads[name].waived_at is not None]

    @property
    def settled(self) -> list[str]:
        """The named workloads that are done at the current action."""
        return [name for name in self.named if self.facts.position in self.facts.workloads[name].outcomes]

    @property
    def undone(self) -> Action | None:
        """The action that an `undo` names."""
        return self.runbook.actions.get(self.posted.action or "")

    def sure_of(self, name: str | None) -> Authorization | None:
        """The authorization that covers the workload, by break glass where this event breaks the glass."""
        one = self.facts.authorization_for(name)
        return one if one is not None and (one.break_glass or not self.posted.break_glass) else None


def offending(why: Because, names: Iterable[str]) -> Reason | None:
    """Give the reason with its offenders, None where there are none."""
    found = tuple(names)
    return because(why, found) if found else None


def asks_for_authorization(case: Case) -> bool:
    """Say whether the current action needs a second person's yes."""
    return case.action is not None and case.action.irreversible and case.facts.four_eyes is not FourEyes.NONE


def was_confirmed(facts: Facts, position: str, workload: str | None = None) -> bool:
    """Say whether the action at `position` stands as done, for `workload` or (None) for itself or any workload."""
    whole = facts.actions.get(position)
    if whole is not None and whole.outcome in SETTLED:
        return True
    subjects = facts.workloads.values() if workload is None else [facts.workloads[workload]]
    return any(position in one.outcomes and one.outcomes[position].outcome in SETTLED for one in subjects)


def took_place(runbook: Runbook, facts: Facts, position: str, workload: str | None = None) -> bool:
    """Say whether the action at `position` happened: it stands as done, or the site picture still shows its effect.

    A step that is rejected clears outcomes, but moves nothing back: where things run stays a fact. Without `workload`
    it is about the action itself: VMM shows its effect, or any workload does.
    """
    if was_confirmed(facts, position, workload):
        return True
    effects = runbook.actions[position].effects
    there = [one.place for name, one in facts.workloads.items() if workload in (None, name)]
    return any(_shows(place, effects.workloads) for place in there) or (
        workload is None and _shows(facts.vmm, effects.vmm)
    )


def _shows(place: Place, effect: Standing | None) -> bool:
    """Say whether the subject stands as the effect would have it; running or replicating nowhere proves nothing."""
    said = [] if effect is None else [(effect.site, place.site), (effect.replication, place.replication)]
    told = [(wanted, found) for wanted, found in said if wanted not in (None, Site.NONE, Replication.NONE)]
    return bool(told) and all(wanted == found for wanted, found in told)


def failed_or_all(case: Case) -> list[str]:
    """Give the workloads that a failure reported here is about: those it names, all open ones where it names none."""
    failed = case.facts.failed_workloads()
    if case.facts.whole_failure() is not None:
        failed |= set(case.facts.unsettled(case.facts.position))
    return [name for name in case.facts.workloads if name in failed]


def same_failures(case: Case) -> list[Failure]:
    """Give the open failures here that say the same: the same symptom, or in want of one the same words."""
    posted = case.posted
    return [
        one
        for one in case.facts.failures_at(case.place)
        if one.symptom == posted.symptom and (one.symptom is not None or one.comment == posted.comment)
    ]


def undo_targets(case: Case) -> list[str]:
    """Give the workloads that an undo is about: those named, or all that were done or failed at that action."""
    place = case.posted.action or ""
    failed = case.facts.failed_workloads() if place == case.facts.position else set()
    return list(case.named) or [
        name
        for name, one in case.facts.workloads.items()
        if one.waived_at is None and (was_confirmed(case.facts, place, name) or name in failed)
    ]


def loss_rule(runbook: Runbook, facts: Facts) -> LossRule | None:
    """Give the first rule for the loss of the primary that holds at the current position."""
    if facts.terminal:
        return None
    step = runbook.step_of(facts.position).id
    return next(
        (
            rule
            for rule in runbook.on_loss.primary_lost
            if rule.step in (None, step)
            and (rule.since is None or took_place(runbook, facts, rule.since))
            and (rule.until is None or not took_place(runbook, facts, rule.until))
        ),
        None,
    )
