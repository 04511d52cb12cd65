"""Guards of what goes back or ends: retry, undo, a rejected step, a second disaster; each gives the reason why not."""

from app.domain.case import Case, loss_rule, offending, took_place, undo_targets, was_confirmed
from app.domain.course import onward
from app.domain.facts import SETTLED, Outcome
from app.domain.going_back import cleared
from app.domain.reasons import Because, Reason, because
from app.domain.runbook import Kind, Site


def something_failed_or_was_waived(case: Case) -> Reason | None:
    """There is something to try again."""
    failed = case.facts.failed_workloads()
    if case.posted.action is not None:
        return None
    if not case.named:
        return None if case.facts.failures_here() else because(Because.NO_FAILURE)
    waived = set(case.waived)
    neither = [name for name in case.named if name not in failed and name not in waived]
    if neither:
        return because(Because.NEITHER_FAILED_NOR_WAIVED, neither)
    mixed = waived and len(waived) < len(case.named)
    return because(Because.FAILED_AND_WAIVED) if mixed else None


def takes_back_only_a_look(case: Case) -> Reason | None:
    """Only an earlier gate or check of the step is taken back, while no task was confirmed since."""
    target = case.posted.action
    runbook, here = case.runbook, case.facts.position
    if target is None or case.facts.terminal or runbook.position_of(target) != target:
        return None
    action = runbook.actions[target]
    earlier = runbook.step_of(target) == runbook.step_of(here) and runbook.rank[target] < runbook.rank[here]
    looked = [one.event for one in _outcomes(case, target)]
    if not earlier or action.kind is Kind.TASK or not looked:
        return because(Because.NOT_EARLIER_LOOK, [target])
    if case.named and not action.per_workload:
        return because(Because.NOT_PER_WORKLOAD)
    if case.waived:
        return because(Because.WAIVED, case.waived)
    between = runbook.positions[runbook.rank[target] : runbook.rank[here] + 1]
    tasks = [place for place in between if place in runbook.actions and runbook.actions[place].kind is Kind.TASK]
    since = [
        place
        for place in tasks
        if any(one.outcome in SETTLED and one.event > min(looked) for one in _outcomes(case, place))
    ]
    return offending(Because.TASK_SINCE, since)


def _outcomes(case: Case, place: str) -> list[Outcome]:
    """Give what came of an action: for itself, and for each workload that is still in it."""
    own = [case.facts.actions[place]] if place in case.facts.actions else []
    there = [one for one in case.facts.workloads.values() if one.waived_at is None]
    return own + [one.outcomes[place] for one in there if place in one.outcomes]


def can_be_undone_at_all(case: Case) -> Reason | None:
    """The named action has an undo, under the command profile it was done under."""
    action = case.undone
    if action is None or action.undo is None:
        return because(Because.NO_UNDO, [case.posted.action or ""])
    place, profiles = case.posted.action or "", action.undo.profiles
    subjects = undo_targets(case) if action.per_workload else []
    unfit = [name for name in subjects or (None,) if profiles and _profile_of(case, place, name) not in profiles]
    some = [name for name in unfit if name is not None]
    return because(Because.NO_UNDO_IN_PROFILE, some if 0 < len(some) < len(subjects) else [place]) if unfit else None


def _profile_of(case: Case, place: str, workload: str | None) -> str:
    """Give the command profile under which it was done; the current one where it was only tried."""
    facts = case.facts
    done = (facts.actions if workload is None else facts.workloads[workload].outcomes).get(place)
    return done.profile if done is not None and done.outcome in SETTLED else facts.profile


def leads_back(case: Case) -> Reason | None:
    """What is to be undone does not lie ahead (outcomes stay there while a workload is taken back)."""
    place, here = case.posted.action or "", case.facts.position
    ahead = case.runbook.rank.get(place, 0) > case.runbook.rank[here]
    return because(Because.UNDO_AHEAD, [place]) if ahead else None


def was_done(case: Case) -> Reason | None:
    """What is to be undone was done, or was tried and failed."""
    place, action = case.posted.action or "", case.undone
    if action is None or action.undo is None:
        return None
    failed_here = place == case.facts.position and case.facts.whole_failure() is not None
    if not action.per_workload:
        if case.named:
            return because(Because.NOT_PER_WORKLOAD)
        return None if failed_here or was_confirmed(case.facts, place) else because(Because.NOT_DONE, [place])
    failed = case.facts.failed_workloads() if place == case.facts.position else set()
    targets = undo_targets(case)
    if not targets:
        return because(Because.NOT_DONE, [place])
    return offending(
        Because.NOT_DONE,
        (name for name in targets if name not in failed and not was_confirmed(case.facts, place, name)),
    )


def undo_is_not_closed(case: Case) -> Reason | None:
    """Nothing that closes the undo was confirmed, nor does the site picture show that it happened."""
    action = case.undone
    if action is None or action.undo is None:
        return None
    place, facts, undo = case.posted.action or "", case.facts, action.undo
    final = [other for other, one in case.runbook.actions.items() if place in one.completes]
    closing = list(dict.fromkeys([*action.undo.until, *final]))

    def happened(one: str, name: str | None = None) -> bool:
        until = one in undo.until
        return took_place(case.runbook, facts, one, name) if until else was_confirmed(facts, one, name)

    if not action.per_workload:
        return offending(Because.UNDO_CLOSED, (one for one in closing if happened(one)))
    closed = [name for name in undo_targets(case) if any(happened(one, name) for one in closing)]
    return offending(Because.UNDO_CLOSED_FOR, closed)


def goes_back_within_the_step(case: Case) -> Reason | None:
    """A rejected step goes back to one of its own actions."""
    target = case.posted.to
    if target is None or not case.facts.at_sign_off:
        return None
    action = case.runbook.actions.get(target)  # None: all items of a step
    own = case.runbook.step_of(target) == case.runbook.step_of(case.facts.position)
    if not own or (action is not None and not action.in_profile(case.facts.profile)):
        return because(Because.NOT_AN_EARLIER_ACTION, [target])
    after = cleared(case.facts, case.runbook, target)
    stays = onward(after, case.runbook, case.runbook.position_of(target))[0] == case.facts.position
    return because(Because.DONE_FOR_GOOD, [target]) if stays else None


def primary_can_be_lost(case: Case) -> Reason | None:
    """The primary was not lost already."""
    rule = loss_rule(case.runbook, case.facts)
    if rule is None:
        return None if case.facts.terminal else because(Because.NO_LOSS_RULE)
    return Reason("lost_already", rule.refused) if rule.refused is not None else None


def secondary_can_be_lost(case: Case) -> Reason | None:
    """Something was brought to the secondary."""
    rule = case.runbook.on_loss.secondary_lost
    if rule is None:
        return because(Because.NO_LOSS_RULE)
    sites = [case.facts.vmm.site, *(one.place.site for one in case.facts.workloads.values())]
    there = was_confirmed(case.facts, rule.since) or Site.SECONDARY in sites
    return None if there else Reason("nothing_there", rule.refused)
