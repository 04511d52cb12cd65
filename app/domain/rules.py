"""The table: where each event is legal, under which guards, and where it may lead; what decides and what is offered."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.domain import evidence_asked, guards, guards_back, guards_items
from app.domain.case import Case, Guard
from app.domain.events import EventType
from app.domain.reasons import Reason
from app.domain.runbook import ABORTED, COMPLETED, ESCALATED, SIGN_OFF, Runbook

Leads = Callable[[Runbook, str, str], Iterator[str]]  # (runbook, profile, source) → every position it may lead to


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: the guards of an event type, and where it may lead from a position."""

    guards: tuple[Guard, ...]
    leads: Leads


def _stays(runbook: Runbook, profile: str, source: str) -> Iterator[str]:
    yield source


def _at_actions(runbook: Runbook, profile: str, source: str) -> Iterator[str]:
    if source in runbook.items or (source in runbook.actions and runbook.actions[source].in_profile(profile)):
        yield source


def _forward(runbook: Runbook, profile: str, source: str) -> Iterator[str]:
    """Stay at the action, or any later position of the step up to its sign-off."""
    for place in _at_actions(runbook, profile, source):
        yield from _rest_of_step(runbook, place)


def _rest_of_step(runbook: Runbook, source: str) -> Iterator[str]:
    step = runbook.step_of(source).id
    yield from (p for p in runbook.positions[runbook.rank[source] :] if p.partition(".")[0] == step)


def _changes_profile(runbook: Runbook, profile: str, source: str) -> Iterator[str]:
    if runbook.step_of(source).profile_change:
        yield from _rest_of_step(runbook, source)


def _back(runbook: Runbook, profile: str, source: str) -> Iterator[str]:
    yield from runbook.positions[: runbook.rank[source] + 1]


def _undoes(runbook: Runbook, profile: str, source: str) -> Iterator[str]:
    """The targets of the undoes that may be open here, whatever the profile then was; none is ever passed over."""
    places = [
        action.undo.to
        for place, action in runbook.actions.items()
        if action.undo is not None and runbook.rank[place] <= runbook.rank[source]
    ]
    yield from dict.fromkeys(places)


def _signs_off(runbook: Runbook, profile: str, source: str) -> Iterator[str]:
    if not source.endswith("." + SIGN_OFF):
        return
    step = runbook.step_of(source)
    yield from (p for p in runbook.positions[: runbook.rank[source] + 1] if p.partition(".")[0] == step.id)
    number = runbook.number_of(step.id)
    if number == len(runbook.steps):
        yield COMPLETED
    else:
        following = runbook.steps[number].id
        yield from (p for p in runbook.positions if p.partition(".")[0] == following)


def _loses_primary(runbook: Runbook, profile: str, source: str) -> Iterator[str]:
    step = runbook.step_of(source).id
    landings = [rule.to for rule in runbook.on_loss.primary_lost if rule.step in (None, step) and rule.to]
    for landing in dict.fromkeys(landings):
        yield from (p for p in runbook.positions if p.partition(".")[0] == landing)


def _loses_secondary(runbook: Runbook, profile: str, source: str) -> Iterator[str]:
    if runbook.on_loss.secondary_lost is not None:
        yield ESCALATED


def _aborts(runbook: Runbook, profile: str, source: str) -> Iterator[str]:
    yield ABORTED


_GOING = (guards.has_not_ended, guards.is_not_on_hold)
_AT_ACTION = (*_GOING, guards.is_at_an_action)

RULES: dict[EventType, Rule] = {
    EventType.CONFIRM: Rule(
        (
            *_AT_ACTION,
            guards.names_workloads_only_per_workload,
            guards.names_no_waived_workload,
            guards.names_no_settled_workload,
            guards.names_no_failed_workload,
            guards_items.item_is_open,
            guards.action_has_not_failed,
            guards.some_workload_is_open,
            guards.point_belongs_here,
            guards.is_authorized,
            guards.picture_is_home,
            evidence_asked.evidence_is_there,
            evidence_asked.waives_what_is_lacking,
        ),
        _forward,
    ),
    EventType.REPORT_FAILURE: Rule(
        (
            guards.has_not_ended,
            guards.is_at_an_action,
            guards.names_workloads_only_per_workload,
            guards.names_no_waived_workload,
            guards_items.item_is_not_waived,
            guards.is_not_reported_yet,
        ),
        _at_actions,
    ),
    EventType.RETRY: Rule(
        (
            *_GOING,
            guards_back.something_failed_or_was_waived,
            guards_back.takes_back_only_a_look,
            guards_items.item_can_be_taken_back,
        ),
        _back,
    ),
    EventType.CHOOSE_RECOVERY_POINT: Rule(
        (
            *_AT_ACTION,
            guards.points_can_be_chosen,
            guards.names_no_waived_workload,
            guards.choice_is_for_failed_workloads,
            guards.points_are_still_there,
        ),
        _at_actions,
    ),
    EventType.UNDO: Rule(
        (
            *_GOING,
            guards_back.can_be_undone_at_all,
            guards.names_no_waived_workload,
            guards_back.leads_back,
            guards_back.was_done,
            guards_back.undo_is_not_closed,
        ),
        _undoes,
    ),
    EventType.AUTHORIZE: Rule(
        (
            *_AT_ACTION,
            guards.is_irreversible,
            guards.policy_asks_for_authorization,
            guards.names_workloads_only_per_workload,
            guards.names_no_waived_workload,
            guards.names_no_settled_workload,
            guards.is_not_authorized_yet,
        ),
        _at_actions,
    ),
    EventType.WAIVE: Rule(
        (
            *_AT_ACTION,
            guards.is_waivable,
            guards.names_workloads_only_per_workload,
            guards.names_no_waived_workload,
            guards.names_no_settled_workload,
            guards_items.item_is_open,
        ),
        _forward,
    ),
    EventType.CHANGE_PROFILE: Rule(
        (*_GOING, guards.step_lets_the_profile_change, guards.profile_differs), _changes_profile
    ),
    EventType.SIGN_OFF: Rule(
        (
            *_GOING,
            guards.is_at_a_sign_off,
            guards.attests_only_the_end,
            guards_back.goes_back_within_the_step,
        ),
        _signs_off,
    ),
    EventType.HOLD: Rule(_GOING, _stays),
    EventType.RESUME: Rule((guards.has_not_ended, guards.is_on_hold), _stays),
    EventType.ABORT: Rule((guards.has_not_ended,), _aborts),
    EventType.PRIMARY_LOST: Rule((guards.has_not_ended, guards_back.primary_can_be_lost), _loses_primary),
    EventType.SECONDARY_LOST: Rule((guards.has_not_ended, guards_back.secondary_can_be_lost), _loses_secondary),
    EventType.HAND_OVER: Rule((guards.has_not_ended,), _stays),
    EventType.NOTE: Rule((), _stays),
    EventType.CORRECT: Rule((), _stays),
}

#: Types that can move the position; the others are heard where it stands.
MOVING = frozenset(kind for kind, rule in RULES.items() if rule.leads not in (_stays, _at_actions))


def why_not(case: Case) -> list[Reason]:
    """Give every reason against the event; none means that it is legal."""
    return [reason for guard in RULES[case.posted.type].guards if (reason := guard(case)) is not None]
