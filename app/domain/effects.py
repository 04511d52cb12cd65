"""What each accepted event changes in an execution's facts, and where it leads; one small function a type.

Every function takes a draft it may change and gives the position the event leads to, before anything is passed over.
"""

from collections.abc import Callable
from dataclasses import replace

from app.domain import evidence_asked, sites
from app.domain.case import loss_rule, place_of, took_place
from app.domain.course import after, here_or_after, left_out_from
from app.domain.events import Decision, EventType, OutcomeKind
from app.domain.facts import (
    Authorization,
    Facts,
    Failure,
    Outcome,
    Person,
    Point,
    SignedOff,
)
from app.domain.going_back import clear, drop_failures, go_back, reopen
from app.domain.happening import Happening, needed
from app.domain.runbook import ABORTED, COMPLETED, ESCALATED, Site


def confirm(draft: Facts, event: Happening) -> str:
    """Settle the action, or the workloads meant; a failover done anew reopens what made the earlier one final."""
    runbook, posted = event.runbook, event.posted
    here = place_of(runbook, draft.position, posted)
    action, attempt = runbook.actions[here], draft.attempt_at(here)
    mark = event.mark
    shown = evidence_asked.standing(posted)
    outcome = Outcome(posted.outcome, attempt, mark.number, mark.actor, event.when, draft.profile, shown)
    reopened = [place for place, other in runbook.actions.items() if here in other.completes]
    point = posted.recovery_point and Point(posted.recovery_point.label, posted.recovery_point.time)
    if posted.outcome is OutcomeKind.ALREADY_DONE:
        some_left = bool(posted.workloads) and bool(set(draft.unsettled(here)) - set(event.workloads))
        drop_failures(draft, event.workloads, places={here}, whole=not some_left)
    stale: set[str] = set()
    if action.per_workload:
        for name in event.workloads:
            workload = draft.workloads[name]
            if sites.is_anew(posted, workload.place.site, action.effects.workloads):
                stale.update(place for place in reopened if workload.outcomes.pop(place, None))
            own = None if shown is None else evidence_asked.standing(posted, name)
            workload.outcomes[here] = outcome if own == shown else replace(outcome, evidence=own)
            workload.recovery_point = point or workload.recovery_point
    else:
        if sites.is_anew(posted, draft.vmm.site, action.effects.vmm):
            stale.update(place for place in reopened if draft.actions.pop(place, None))
        draft.actions[here] = outcome
    for place in stale & draft.attempts.keys():
        draft.attempts[place] += 1
    for place in stale:  # the yes to what has to be done again was for the attempt before
        if place not in draft.actions and not any(place in one.outcomes for one in draft.workloads.values()):
            draft.authorized.pop(place, None)
    sites.change(draft, action.effects, event.workloads if action.per_workload else None, when=event.when)
    return here_or_after(draft, runbook)


def report_failure(draft: Facts, event: Happening) -> str:
    """Open a failure; a workload or an item that was done here is not any more."""
    posted, mark, named = event.posted, event.mark, event.posted.workloads or ()
    place = place_of(event.runbook, draft.position, posted)
    for name in named:
        draft.workloads[name].outcomes.pop(place, None)
    if place != draft.position:
        draft.actions.pop(place, None)
    draft.failures.append(Failure(mark.number, place, posted.symptom, posted.comment, named, mark.actor, event.when))
    return draft.position


def retry(draft: Facts, event: Happening) -> str:
    """Clear failures here, or go back to a look that was a mis-click; take back what was waived, or an item."""
    posted, runbook, here = event.posted, event.runbook, draft.position
    item = place_of(runbook, here, posted)
    if item != here:
        return reopen(draft, item)
    if posted.action is not None:
        return go_back(draft, runbook, posted.action, posted.workloads)
    waived = [name for name in event.workloads if draft.workloads[name].waived_at is not None]
    if not waived:
        drop_failures(draft, posted.workloads, places={here})  # none named: everything that failed here
        draft.attempts[here] = draft.attempt + 1
        return here
    back = {name: left_out_from(draft, runbook, name) for name in waived}
    for name, place in back.items():
        workload = draft.workloads[name]
        workload.outcomes.pop(workload.waived_at or "", None)
        workload.waived_at = None
        clear(draft, runbook, place, [name])
    earliest = min(back.values(), key=runbook.rank.__getitem__)
    if runbook.rank[earliest] > runbook.rank[here]:
        return here
    return go_back(draft, runbook, earliest, [name for name, place in back.items() if place == earliest])


def choose_recovery_point(draft: Facts, event: Happening) -> str:
    """Note the point; what was checked on the old one has to be checked again."""
    point = needed(event.posted.recovery_point, "recovery point")
    for name in event.workloads:
        draft.workloads[name].recovery_point = Point(point.label, point.time)
        draft.workloads[name].outcomes.pop(draft.position, None)
    return draft.position


def undo(draft: Facts, event: Happening) -> str:
    """Go back to where the undo says, for the workloads named or for all, and put the site picture back."""
    action = event.runbook.actions[needed(event.posted.action, "action")]
    back = needed(action.undo, "undo")
    sites.put_back(draft, event.runbook, back, event.workloads, when=event.when)
    for name in event.workloads if action.recovery_point else ():
        draft.workloads[name].recovery_point = None  # the next failover may take another
    return go_back(draft, event.runbook, back.to, event.posted.workloads)


def authorize(draft: Facts, event: Happening) -> str:
    """Keep the second person's yes for this position."""
    draft.authorized[draft.position] = event.mark.actor
    draft.authorizations.append(
        Authorization(event.mark.number, event.mark.actor, event.when, event.posted.break_glass, tuple(event.workloads))
    )
    return draft.position


def waive(draft: Facts, event: Happening) -> str:
    """Go on without the action, or without the workloads meant."""
    runbook = event.runbook
    here = place_of(runbook, draft.position, event.posted)
    number, actor = event.mark.number, event.mark.actor
    outcome = Outcome(OutcomeKind.WAIVED, draft.attempt_at(here), number, actor, event.when, draft.profile)
    drop_failures(draft, event.workloads or None, places={here})
    if not runbook.actions[here].per_workload:
        draft.actions[here] = outcome
        return here_or_after(draft, runbook)
    for name in event.workloads:
        draft.workloads[name].outcomes[here] = outcome
        draft.workloads[name].waived_at = here
    return here_or_after(draft, runbook)


def change_profile(draft: Facts, event: Happening) -> str:
    """Carry on by other commands; an action the new profile lacks is left, with its failure."""
    draft.profile = needed(event.posted.command_profile, "command profile")
    draft.authorizations = []
    draft.authorized.pop(draft.position, None)
    action = event.runbook.actions.get(draft.position)
    if action is not None and not action.in_profile(draft.profile):
        draft.failures = [failure for failure in draft.failures if failure.position != draft.position]
    return draft.position


def sign_off(draft: Facts, event: Happening) -> str:
    """End the step, or send it back to one of its actions."""
    runbook, posted = event.runbook, event.posted
    step = runbook.step_of(draft.position)
    if posted.decision is Decision.REJECT:
        draft.restored_at = None if step.ends_outage else draft.restored_at  # users cannot work yet, it says
        first = next(f"{step.id}.{action.id}" for action in step.actions if action.in_profile(draft.profile))
        return go_back(draft, runbook, posted.to or runbook.position_of(first), None)
    draft.sign_offs[step.id] = SignedOff(
        event.mark.number, event.mark.actor, event.role, posted.break_glass, event.when
    )
    if step.ends_outage and draft.restored_at is None:
        draft.restored_at = event.when
    following = after(runbook, draft.position)
    if following == COMPLETED:
        draft.completed_at = event.when
    return following


def hold(draft: Facts, event: Happening) -> str:
    """Stop everything but what keeps people safe and informed."""
    draft.on_hold = event.mark
    return draft.position


def resume(draft: Facts, event: Happening) -> str:
    """Go on."""
    draft.on_hold = None
    return draft.position


def abort(draft: Facts, event: Happening) -> str:
    """End where it stands."""
    return ABORTED


def primary_lost(draft: Facts, event: Happening) -> str:
    """Land where the loss table says; what still runs at the secondary keeps what was done for it."""
    rule = needed(loss_rule(event.runbook, draft), "answer to this loss")
    landing = event.runbook.step_by_id[needed(rule.to, "landing")]
    still_there = {
        name: dict(workload.outcomes)
        for name, workload in draft.workloads.items()
        if rule.back_once is None or not took_place(event.runbook, draft, rule.back_once, name)
    }
    sites.lose(draft, Site.PRIMARY, when=event.when)
    target = go_back(draft, event.runbook, f"{landing.id}.{landing.actions[0].id}", None)
    for name, workload in draft.workloads.items():
        if name not in still_there:
            workload.recovery_point = None  # it is failed over anew
            continue
        kept = {place: one for place, one in still_there[name].items() if place.partition(".")[0] in rule.keeps}
        workload.outcomes.update(kept)
    if rule.clears_restored:
        draft.restored_at = None
    return target


def secondary_lost(draft: Facts, event: Happening) -> str:
    """Hand the rest to people: the runbook has no further answer."""
    sites.lose(draft, Site.SECONDARY, when=event.when)
    return ESCALATED


def hand_over(draft: Facts, event: Happening) -> str:
    """Put somebody else in charge."""
    draft.coordinator = Person(needed(event.posted.to, "operator"), event.posted.to_name or "")
    return draft.position


def remark(draft: Facts, event: Happening) -> str:
    """Change nothing: the line itself is all there is."""
    return draft.position


EFFECTS: dict[EventType, Callable[[Facts, Happening], str]] = {
    EventType.CONFIRM: confirm,
    EventType.REPORT_FAILURE: report_failure,
    EventType.RETRY: retry,
    EventType.CHOOSE_RECOVERY_POINT: choose_recovery_point,
    EventType.UNDO: undo,
    EventType.AUTHORIZE: authorize,
    EventType.WAIVE: waive,
    EventType.CHANGE_PROFILE: change_profile,
    EventType.SIGN_OFF: sign_off,
    EventType.HOLD: hold,
    EventType.RESUME: resume,
    EventType.ABORT: abort,
    EventType.PRIMARY_LOST: primary_lost,
    EventType.SECONDARY_LOST: secondary_lost,
    EventType.HAND_OVER: hand_over,
    EventType.NOTE: remark,
    EventType.CORRECT: remark,
}
