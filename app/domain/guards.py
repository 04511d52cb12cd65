"""Guards of what goes on or stays: named, pure questions about one posted event; each gives the reason why not."""

from app.domain import sites
from app.domain.case import Case, asks_for_authorization, failed_or_all, offending, same_failures, was_confirmed
from app.domain.course import after
from app.domain.events import FourEyes, OutcomeKind
from app.domain.reasons import Because, Reason, because
from app.domain.runbook import COMPLETED, Choice, Site


def has_not_ended(case: Case) -> Reason | None:
    """The execution goes on."""
    return because(Because.ENDED) if case.facts.terminal else None


def is_not_on_hold(case: Case) -> Reason | None:
    """Nobody holds the execution."""
    return because(Because.ON_HOLD) if case.facts.on_hold else None


def is_on_hold(case: Case) -> Reason | None:
    """Somebody holds the execution."""
    return None if case.facts.on_hold else because(Because.NOT_ON_HOLD)


def is_at_an_action(case: Case) -> Reason | None:
    """The execution stands at an action."""
    return because(Because.AT_SIGN_OFF) if case.facts.at_sign_off else None


def is_at_a_sign_off(case: Case) -> Reason | None:
    """The execution stands at a sign-off."""
    return None if case.facts.at_sign_off or case.facts.terminal else because(Because.NOT_AT_SIGN_OFF)


def attests_only_the_end(case: Case) -> Reason | None:
    """How a drill went is said by its last sign-off alone."""
    early = case.posted.drill_outcome is not None and case.facts.at_sign_off
    last = early and after(case.runbook, case.facts.position) == COMPLETED
    return because(Because.NOT_THE_DRILLS_END) if early and not last else None


def names_workloads_only_per_workload(case: Case) -> Reason | None:
    """Workloads are named only where the action has them."""
    wrong = case.named and case.action is not None and not case.per_workload
    return because(Because.NOT_PER_WORKLOAD) if wrong else None


def names_no_waived_workload(case: Case) -> Reason | None:
    """No named workload was left behind."""
    return offending(Because.WAIVED, case.waived)


def names_no_settled_workload(case: Case) -> Reason | None:
    """No named workload is done here."""
    waived = set(case.waived)
    return offending(Because.SETTLED, (name for name in case.settled if name not in waived))


def names_no_failed_workload(case: Case) -> Reason | None:
    """No named workload has an open failure, unless that failure is accepted."""
    if case.posted.outcome is OutcomeKind.ALREADY_DONE:
        return None
    failed = case.facts.failed_workloads()
    return offending(Because.FAILED, (name for name in case.named if name in failed))


def action_has_not_failed(case: Case) -> Reason | None:
    """The action as a whole has no open failure, unless that failure is accepted."""
    failed = case.action is not None and case.facts.whole_failure(case.place) is not None
    return because(Because.FAILED_WHOLE) if failed and case.posted.outcome is OutcomeKind.DONE else None


def some_workload_is_open(case: Case) -> Reason | None:
    """Where no workload is named, at least one has not failed (one that is not settled there always is)."""
    if not case.per_workload or case.named or case.facts.open_workloads(case.facts.position):
        return None
    failed = case.facts.failed_workloads()
    why = Because.FAILED if case.posted.outcome is OutcomeKind.DONE else Because.ACCEPT_BY_NAME
    return because(why, [name for name in case.facts.workloads if name in failed])


def point_belongs_here(case: Case) -> Reason | None:
    """A recovery point is named only where one can be used."""
    wrong = case.posted.recovery_point is not None and case.action is not None and not case.action.recovery_point
    return because(Because.NO_POINT_HERE) if wrong else None


def is_authorized(case: Case) -> Reason | None:
    """A second person said yes before something irreversible."""
    if not asks_for_authorization(case):
        return None
    if not case.per_workload:
        return None if case.facts.authorizations else because(Because.NOT_AUTHORIZED)
    wanted = case.named or case.facts.open_workloads(case.facts.position)
    missing = [name for name in wanted if case.facts.authorization_for(name) is None]
    return offending(Because.NOT_AUTHORIZED_FOR, missing)


def picture_is_home(case: Case) -> Reason | None:
    """Where the action says so: everything stands and replicates as before the disaster."""
    pictures = case.runbook.site_picture
    if case.action is None or not case.action.requires_steady_picture or pictures is None:
        return None
    away = sites.not_home(case.facts, pictures.steady)
    return offending(Because.NOT_HOME, away)


def is_irreversible(case: Case) -> Reason | None:
    """Only what cannot be undone is authorized."""
    at_items = case.facts.position in case.runbook.items  # of which none is irreversible
    reversible = at_items or (case.action is not None and not case.action.irreversible)
    return because(Because.NOT_IRREVERSIBLE) if reversible else None


def policy_asks_for_authorization(case: Case) -> Reason | None:
    """The execution's policy asks for a second person."""
    return because(Because.NO_AUTHORIZATION_ASKED) if case.facts.four_eyes is FourEyes.NONE else None


def is_not_authorized_yet(case: Case) -> Reason | None:
    """What is to be authorized is not authorized already."""
    if not case.per_workload:
        return because(Because.AUTHORIZED) if case.sure_of(None) else None
    wanted = case.named or case.facts.unsettled(case.facts.position)
    known = [name for name in wanted if case.sure_of(name)]
    if case.named or len(known) == len(wanted):
        return offending(Because.AUTHORIZED_FOR, known)
    return None


def is_not_reported_yet(case: Case) -> Reason | None:
    """The same symptom is not reported twice."""
    same = same_failures(case)
    if not case.named:
        return because(Because.REPORTED, [case.place]) if any(not one.workloads for one in same) else None
    known = {name for one in same for name in one.workloads}
    return offending(Because.REPORTED, (name for name in case.named if name in known))


def points_can_be_chosen(case: Case) -> Reason | None:
    """The action is one at which another recovery point can be chosen."""
    fits = case.action is not None and case.action.choose_recovery_point is not None
    return None if fits or case.facts.at_sign_off else because(Because.NO_CHOICE_HERE)


def choice_is_for_failed_workloads(case: Case) -> Reason | None:
    """During the failover itself, only a failed workload gets another point."""
    if case.action is None or case.action.choose_recovery_point is not Choice.WHEN_FAILED:
        return None
    failed = failed_or_all(case)
    if not case.named:
        return None if failed else because(Because.NO_FAILURE)
    return offending(Because.NOT_FAILED, (name for name in case.named if name not in failed))


def points_are_still_there(case: Case) -> Reason | None:
    """The workload's other recovery points were not dropped by a commit."""
    if case.action is None or case.action.choose_recovery_point is None:
        return None
    step = case.runbook.step_of(case.facts.position).id
    dropping = [
        place
        for place, action in case.runbook.actions.items()
        if action.per_workload and any(done.startswith(step + ".") for done in action.completes)
    ]
    wanted = case.named or [name for name, one in case.facts.workloads.items() if one.waived_at is None]
    gone = [
        name
        for name in wanted
        if case.facts.workloads[name].place.site != Site.NONE  # else it was lost, and fails over anew
        and any(was_confirmed(case.facts, place, name) for place in dropping)
    ]
    return offending(Because.POINTS_GONE, gone)


def is_waivable(case: Case) -> Reason | None:
    """The runbook lets the action be left out."""
    return because(Because.NOT_WAIVABLE) if case.action is not None and not case.action.waivable else None


def step_lets_the_profile_change(case: Case) -> Reason | None:
    """The step is marked for a change of the command profile."""
    if case.facts.terminal or case.runbook.step_of(case.facts.position).profile_change:
        return None
    return because(Because.NO_PROFILE_CHANGE)


def profile_differs(case: Case) -> Reason | None:
    """The command profile is another than the current one."""
    return because(Because.SAME_PROFILE) if case.posted.command_profile == case.facts.profile else None
