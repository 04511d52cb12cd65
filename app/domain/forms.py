"""What a posted event has to say, and may, before any position is asked: its members, its names, its times."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from app.domain.case import Case
from app.domain.course import after
from app.domain.drill import attests
from app.domain.errors import FieldFault, InvalidRequest
from app.domain.events import ABOUT_ITEMS, Decision, EventType, OutcomeKind, Posted
from app.domain.facts import Facts
from app.domain.vocabulary import DRILL

FUTURE = timedelta(minutes=2)  # how far a sender's clock may be ahead

#: Members without which an event of the type says nothing.
NEEDED: dict[EventType, tuple[str, ...]] = {
    EventType.CHOOSE_RECOVERY_POINT: ("recovery_point",),
    EventType.UNDO: ("action", "comment"),
    EventType.WAIVE: ("comment",),
    EventType.CHANGE_PROFILE: ("command_profile", "comment"),
    EventType.SIGN_OFF: ("decision",),
    EventType.HOLD: ("comment",),
    EventType.ABORT: ("comment",),
    EventType.PRIMARY_LOST: ("comment",),
    EventType.SECONDARY_LOST: ("comment",),
    EventType.HAND_OVER: ("to",),
    EventType.CORRECT: ("corrects", "comment"),
}
#: Members that only events of these types have; every event may have the others.
_ONLY: dict[str, frozenset[EventType]] = {
    "workloads": frozenset(
        {
            EventType.CONFIRM,
            EventType.REPORT_FAILURE,
            EventType.RETRY,
            EventType.CHOOSE_RECOVERY_POINT,
            EventType.UNDO,
            EventType.AUTHORIZE,
            EventType.WAIVE,
        }
    ),
    "recovery_point": frozenset({EventType.CONFIRM, EventType.CHOOSE_RECOVERY_POINT}),
    "symptom": frozenset({EventType.REPORT_FAILURE}),
    "action": frozenset({*ABOUT_ITEMS, EventType.UNDO}),
    "command_profile": frozenset({EventType.CHANGE_PROFILE}),
    "decision": frozenset({EventType.SIGN_OFF}),
    "to": frozenset({EventType.SIGN_OFF, EventType.HAND_OVER}),
    "break_glass": frozenset({EventType.AUTHORIZE, EventType.SIGN_OFF}),
    "corrects": frozenset({EventType.CORRECT}),
    "drill_outcome": frozenset({EventType.SIGN_OFF}),
}


def check_form(case: Case) -> None:
    """Raise InvalidRequest for what is missing, and for what this runbook or journal does not know."""
    faults = [*_missing(case), *_items(case), *_attestation(case), *_unknown(case)]
    if faults:
        raise InvalidRequest(*faults)


def check_times(facts: Facts, posted: Posted, *, recorded_at: str) -> None:
    """Raise InvalidRequest where the event was performed too far in the future, or before the outage began.

    Times are UTC RFC 3339 text; `recorded_at` is the server's.
    """
    if posted.performed_at is None:
        return
    if datetime.fromisoformat(posted.performed_at) > datetime.fromisoformat(recorded_at) + FUTURE:
        raise InvalidRequest(FieldFault("/performed_at", "is in the future; leave it out for what is done now"))
    if datetime.fromisoformat(posted.performed_at) < datetime.fromisoformat(facts.outage_started_at):
        raise InvalidRequest(FieldFault("/performed_at", f"is before the outage began ({facts.outage_started_at})"))


def _missing(case: Case) -> Iterator[FieldFault]:
    posted = case.posted
    for name in NEEDED.get(posted.type, ()):
        if getattr(posted, name) is None:
            yield FieldFault(f"/{name}", f"is required with {posted.type.value}")
    for name, types in _ONLY.items():
        if getattr(posted, name) not in (None, False) and posted.type not in types:
            yield FieldFault(f"/{name}", f"is not a member of {posted.type.value}")
    why = _reason_for_a_comment(case)
    if why is not None and posted.comment is None:
        yield FieldFault("/comment", why)
    if posted.to is not None and posted.type is EventType.SIGN_OFF and posted.decision is not Decision.REJECT:
        yield FieldFault("/to", "goes with decision reject")


def _attestation(case: Case) -> Iterator[FieldFault]:
    """Give what is wrong with how a drill is said to have gone: its last approval says it, and nothing else does."""
    posted, facts = case.posted, case.facts
    if posted.drill_outcome is not None and posted.type is EventType.SIGN_OFF:
        if facts.mode != DRILL:
            yield FieldFault("/drill_outcome", "is a drill's; this execution is live")
        elif posted.decision is Decision.REJECT:
            yield FieldFault("/drill_outcome", "goes with decision approve")
    approves_here = posted.decision is Decision.APPROVE and posted.at == facts.position and facts.at_sign_off
    ends = approves_here and attests(facts, posted.type, after(case.runbook, facts.position))
    if ends and posted.drill_outcome is None:
        yield FieldFault("/drill_outcome", "is required to end a drill: passed or failed, with notes as comment")


def _reason_for_a_comment(case: Case) -> str | None:
    """Give why this event needs a comment where not every one of its type does."""
    posted = case.posted
    if posted.break_glass:
        return "is required with break_glass"
    match posted.type:
        case EventType.CONFIRM if posted.outcome is OutcomeKind.ALREADY_DONE:
            return "is required with already_done"
        case EventType.CONFIRM:
            here = case.action is not None and posted.at in (None, case.facts.position)
            believable = "this action needs a comment that makes the attestation believable"
            return believable if here and case.action is not None and case.action.comment_required else None
        case EventType.REPORT_FAILURE if posted.symptom is None:
            return "is required with a failure without a symptom of the table"
        case EventType.SIGN_OFF if posted.decision is Decision.REJECT:
            return "is required with reject"
        case EventType.SIGN_OFF if posted.drill_outcome is not None:
            return "is required with drill_outcome: the drill's notes"
        case EventType.NOTE if not posted.evidence:
            return "is required with a note without evidence"
        case _:
            return None


def _items(case: Case) -> Iterator[FieldFault]:
    """Give what is wrong with `action` at the one position of a step without an order, and where it has no place."""
    posted, items = case.posted, case.runbook.items
    at = posted.at or case.facts.position
    if posted.type not in ABOUT_ITEMS:
        return
    if at in items and posted.action is None:
        yield FieldFault("/action", "is required here: name the item, as step.item or by its id alone")
    elif at in items and posted.action in case.runbook.actions and posted.action not in items[at]:
        yield FieldFault("/action", f"is no item of {at}")
    elif at not in items and posted.action is not None and posted.type is not EventType.RETRY:
        yield FieldFault("/action", f"goes with {posted.type.value} only at the items of a step without an order")


def _unknown(case: Case) -> Iterator[FieldFault]:
    runbook, posted = case.runbook, case.posted
    if posted.at is not None and posted.at not in runbook.rank:
        yield FieldFault("/at", "no such position in this runbook; read `position` of the execution")
    if posted.action is not None and posted.action not in runbook.actions:
        yield FieldFault("/action", "no such action in this runbook; write it as step.action")
    known = posted.to in runbook.actions or posted.to in runbook.items
    if posted.to is not None and posted.type is EventType.SIGN_OFF and not known:
        yield FieldFault("/to", "no such action in this runbook; write it as step.action")
    if posted.symptom is not None and posted.symptom not in runbook.symptoms:
        yield FieldFault("/symptom", "no such symptom in this runbook; see `symptoms`, or give a comment")
    if posted.command_profile is not None and posted.command_profile not in runbook.profile_ids:
        yield FieldFault("/command_profile", f"no such command profile; one of {', '.join(runbook.profile_ids)}")
    if posted.corrects is not None and not 1 <= posted.corrects <= case.facts.version:
        yield FieldFault("/corrects", f"no such line; the journal has {case.facts.version}")
