"""Event types: who may post each, what each carries, and the line of the journal that an accepted one becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """One kind of input to the machine."""

    DECLARE = "declare"  # the disaster is declared: first line of every journal
    CONFIRM = "confirm"  # carried out, attested or checked
    REPORT_FAILURE = "report_failure"  # it did not work, for the action or for named workloads
    RETRY = "retry"  # try again after a failure; take a waived workload back; take a mis-click back
    CHOOSE_RECOVERY_POINT = "choose_recovery_point"  # fail over to another point in time
    UNDO = "undo"  # the action is cancelled in the real system
    AUTHORIZE = "authorize"  # the second person's yes before something irreversible
    WAIVE = "waive"  # go on without
    CHANGE_PROFILE = "change_profile"  # carry the rest out by other commands
    SIGN_OFF = "sign_off"  # ends a step, or sends it back
    HOLD = "hold"  # nothing goes on until resumed
    RESUME = "resume"
    ABORT = "abort"  # ends the execution where it stands
    PRIMARY_LOST = "primary_lost"  # second disaster
    SECONDARY_LOST = "secondary_lost"  # second disaster at the only copy
    HAND_OVER = "hand_over"  # another coordinator is in charge
    NOTE = "note"  # said for the record; changes nothing
    CORRECT = "correct"  # an earlier line is wrong; says what is right


class Role(StrEnum):
    """What a token allows. No role includes another; any valid token reads."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    ADMIN = "admin"


class FourEyes(StrEnum):
    """When a second person is needed."""

    NONE = "none"  # no authorization is asked, one person may do all
    IRREVERSIBLE = "irreversible"  # whoever confirms an irreversible action differs from its authorizer
    EVERY_STEP = "every_step"  # also, the signer of a step differs from each of its confirmers


class OutcomeKind(StrEnum):
    """What came of an action, for itself or for one workload."""

    DONE = "done"
    ALREADY_DONE = "already_done"  # found done, or accepted as it is
    WAIVED = "waived"
    FAILED = "failed"


class Decision(StrEnum):
    """What a sign-off says."""

    APPROVE = "approve"
    REJECT = "reject"


class DrillOutcome(StrEnum):
    """How a drill went, as its end attests."""

    PASSED = "passed"  # it showed that the procedure works
    FAILED = "failed"  # it did not, or was cut short


_SPEAKERS = (Role.OPERATOR, Role.APPROVER, Role.COORDINATOR)

#: Roles that may ever post the type. `waive` by an operator and `break_glass` are decided further on.
ROLES: Mapping[EventType, tuple[Role, ...]] = {
    EventType.DECLARE: (Role.COORDINATOR,),
    EventType.CONFIRM: (Role.OPERATOR,),
    EventType.REPORT_FAILURE: (Role.OPERATOR,),
    EventType.RETRY: (Role.OPERATOR,),
    EventType.CHOOSE_RECOVERY_POINT: (Role.OPERATOR,),
    EventType.UNDO: (Role.OPERATOR,),
    EventType.AUTHORIZE: (Role.APPROVER,),
    EventType.WAIVE: (Role.COORDINATOR, Role.OPERATOR),
    EventType.CHANGE_PROFILE: (Role.COORDINATOR,),
    EventType.SIGN_OFF: (Role.APPROVER,),
    EventType.HOLD: (Role.COORDINATOR,),
    EventType.RESUME: (Role.COORDINATOR,),
    EventType.ABORT: (Role.COORDINATOR,),
    EventType.PRIMARY_LOST: (Role.COORDINATOR,),
    EventType.SECONDARY_LOST: (Role.COORDINATOR,),
    EventType.HAND_OVER: (Role.COORDINATOR,),
    EventType.NOTE: _SPEAKERS,
    EventType.CORRECT: _SPEAKERS,
}

#: `at` must be given; with the others but note and correct it may be, and then has to match.
AT_REQUIRED = frozenset(
    {
        EventType.CONFIRM,
        EventType.REPORT_FAILURE,
        EventType.RETRY,
        EventType.CHOOSE_RECOVERY_POINT,
        EventType.UNDO,
        EventType.AUTHORIZE,
        EventType.WAIVE,
        EventType.CHANGE_PROFILE,
        EventType.SIGN_OFF,
    }
)
#: What a hold does not stop.
LEGAL_ON_HOLD = frozenset(
    {
        EventType.REPORT_FAILURE,
        EventType.RESUME,
        EventType.ABORT,
        EventType.PRIMARY_LOST,
        EventType.SECONDARY_LOST,
        EventType.HAND_OVER,
        EventType.NOTE,
        EventType.CORRECT,
    }
)
#: What people do with one item of a step without an order; there they name it as `action`.
ABOUT_ITEMS = frozenset({EventType.CONFIRM, EventType.REPORT_FAILURE, EventType.RETRY, EventType.WAIVE})
#: Said about the execution, not about its position; never the event that moved it.
REMARKS = frozenset({EventType.NOTE, EventType.CORRECT})


def roles_for(kind: EventType, *, above: bool) -> tuple[Role, ...]:
    """Give the roles that may post an event of this type.

    `above`: it sets a rule aside (breaks the glass, waives evidence), which is the coordinator's alone.
    """
    return (Role.COORDINATOR,) if above else ROLES[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who speaks: an operator, and the roles of the token that was shown (`token` is its id, where there was one)."""

    id: str
    name: str
    roles: frozenset[Role] = frozenset()
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPoint:
    """A point in time that a replica can be started from; `time` is UTC RFC 3339."""

    label: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """An event as somebody posts it, checked for form. Times are UTC RFC 3339 text; None means not given."""

    type: EventType
    at: str | None = None
    attempt: int | None = None
    comment: str | None = None
    performed_at: str | None = None
    performed_by: str | None = None
    evidence: tuple[Mapping[str, Any], ...] = ()
    workloads: tuple[str, ...] | None = None
    outcome: OutcomeKind = OutcomeKind.DONE
    recovery_point: RecoveryPoint | None = None
    symptom: str | None = None
    action: str | None = None
    command_profile: str | None = None
    decision: Decision | None = None
    to: str | None = None
    to_name: str | None = None  # the name of the operator that `to` is the id of; looked up, not posted
    break_glass: bool = False
    corrects: int | None = None
    drill_outcome: DrillOutcome | None = None
    evidence_waived: bool = False

    @property
    def above(self) -> bool:
        """Whether it sets a rule aside, which is the coordinator's alone."""
        return self.break_glass or self.evidence_waived


#: Members of Posted that a line keeps under `data`, where they were given.
_DATA_MEMBERS = ("symptom", "action", "command_profile", "decision", "to", "to_name", "corrects", "drill_outcome")


def data_of(posted: Posted) -> dict[str, Any]:
    """Give what the line's `data` keeps of the posted members (no nulls, nothing that the line says elsewhere)."""
    data: dict[str, Any] = {name: getattr(posted, name) for name in _DATA_MEMBERS if getattr(posted, name) is not None}
    if posted.type is EventType.CONFIRM:
        data["outcome"] = posted.outcome.value
    if posted.recovery_point is not None:
        data["recovery_point"] = {"label": posted.recovery_point.label, "time": posted.recovery_point.time}
    if posted.break_glass:
        data["break_glass"] = True
    if posted.evidence_waived:
        data["evidence_waived"] = True
    if posted.workloads is not None:
        data["named"] = True  # naming none means another thing than naming those it happens to mean
    return data


def posted_from(line: Mapping[str, Any]) -> Posted:
    """Read a journal line back as the event that was posted. The workloads are those it was taken to mean."""
    data = line["data"]
    point = data.get("recovery_point")
    return Posted(
        type=EventType(line["type"]),
        at=line["position_before"],
        comment=line["comment"],
        performed_at=line["performed_at"],
        performed_by=line["performed_by"],
        evidence=tuple(line["evidence"]),
        workloads=tuple(line["workloads"]) if data.get("named") else None,
        outcome=OutcomeKind(data.get("outcome", "done")),
        recovery_point=RecoveryPoint(label=point["label"], time=point["time"]) if point else None,
        symptom=data.get("symptom"),
        action=data.get("action"),
        command_profile=data.get("command_profile"),
        decision=Decision(data["decision"]) if "decision" in data else None,
        to=data.get("to"),
        to_name=data.get("to_name"),
        break_glass=data.get("break_glass", False),
        evidence_waived=data.get("evidence_waived", False),
        corrects=data.get("corrects"),
        drill_outcome=DrillOutcome(data["drill_outcome"]) if "drill_outcome" in data else None,
    )
