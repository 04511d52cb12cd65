"""The bodies of events: one model a type, checked for form; what the position decides is the machine's affair."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from app.domain.events import Decision, EventType, OutcomeKind, Posted, RecoveryPoint
from app.services.clock import stamp
from app.web.bodies.fields import (
    MAX_PIECES,
    Attempt,
    Attested,
    Comment,
    Decided,
    Evidence,
    Form,
    Item,
    Line,
    Names,
    PerformedAt,
    Point,
    Position,
    Reason,
    Settled,
    need_comment,
)


class _Event(Form):
    """What every event may carry."""

    comment: Comment | None = None
    performed_at: PerformedAt | None = None
    performed_by: Annotated[Line, Field(description="Who really did it, if you enter it for somebody.")] | None = None
    evidence: Annotated[list[Evidence], Field(max_length=MAX_PIECES)] = Field(default_factory=list)

    def posted(self) -> Posted:
        """Give the event as the domain takes it."""
        members = {name: getattr(self, name) for name in self.model_fields_set if name in _PLAIN}
        given = self.__dict__  # to ask a model for a member it has not is slow
        point, workloads = given.get("recovery_point"), given.get("workloads")
        return Posted(
            **{**members, "type": EventType(self.type)},  # type: ignore[attr-defined] # every event's model has one
            performed_at=None if self.performed_at is None else stamp(self.performed_at),
            evidence=tuple(one.kept() for one in self.evidence),
            workloads=None if workloads is None else tuple(workloads),
            recovery_point=None if point is None else RecoveryPoint(label=point.label, time=stamp(point.time)),
        )


_PLAIN = frozenset(
    {
        "at", "attempt", "comment", "performed_by", "outcome", "symptom", "action", "command_profile", "decision",
        "to", "break_glass", "corrects", "evidence_waived", "drill_outcome",
    }
)  # fmt: skip


class _At(_Event):
    """An event about a position: `at` has to be given."""

    at: Position
    attempt: Attempt | None = None


class _Anywhere(_Event):
    """An event about the execution: `at` may be given and then has to match."""

    at: Position | None = None
    attempt: Attempt | None = None


class _Reasoned(_Anywhere):
    comment: Reason


class Confirm(_At):
    """Carried out, attested or checked."""

    type: Literal["confirm"]
    action: Item | None = None
    workloads: Names | None = None
    outcome: Settled = OutcomeKind.DONE
    recovery_point: Point | None = None
    evidence_waived: Annotated[
        bool, Field(description="A coordinator confirms without the evidence that the policy requires; says why.")
    ] = False

    @model_validator(mode="after")
    def _says_why(self) -> "Confirm":
        if self.outcome is OutcomeKind.ALREADY_DONE:
            need_comment(self.comment, "already_done")
        if self.evidence_waived:
            need_comment(self.comment, "evidence_waived")
        return self


class ReportFailure(_At):
    """It did not work: for the action, or for the workloads named."""

    type: Literal["report_failure"]
    action: Item | None = None
    symptom: Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2}$"), Field(examples=["F03"])] | None = None
    workloads: Names | None = None

    @model_validator(mode="after")
    def _says_what(self) -> "ReportFailure":
        if self.symptom is None:
            need_comment(self.comment, "a failure without a symptom of the table")
        return self


class Retry(_At):
    """Try again; take a waived workload back; take a mis-click back (`action`)."""

    type: Literal["retry"]
    workloads: Names | None = None
    action: Position | None = None


class ChooseRecoveryPoint(_At):
    """Another recovery point."""

    type: Literal["choose_recovery_point"]
    recovery_point: Point
    workloads: Names | None = None


class Undo(_At):
    """It was cancelled in the real system."""

    type: Literal["undo"]
    action: Position
    workloads: Names | None = None
    comment: Reason


class Authorize(_At):
    """The second person's yes before something irreversible."""

    type: Literal["authorize"]
    workloads: Names | None = None
    break_glass: bool = False

    @model_validator(mode="after")
    def _says_why(self) -> "Authorize":
        if self.break_glass:
            need_comment(self.comment, "break_glass")
        return self


class Waive(_At):
    """Go on without."""

    type: Literal["waive"]
    action: Item | None = None
    workloads: Names | None = None
    comment: Reason


class ChangeProfile(_At):
    """Carry the rest out by other commands."""

    type: Literal["change_profile"]
    command_profile: Line
    comment: Reason


class SignOff(_At):
    """End the step, or send it back."""

    type: Literal["sign_off"]
    decision: Decided
    to: Position | None = None
    drill_outcome: Attested | None = None
    break_glass: bool = False

    @model_validator(mode="after")
    def _says_why(self) -> "SignOff":
        if self.break_glass:
            need_comment(self.comment, "break_glass")
        if self.decision is Decision.REJECT:
            need_comment(self.comment, "reject")
        return self


class Hold(_Reasoned):
    """Stop."""

    type: Literal["hold"]


class Resume(_Anywhere):
    """Go on."""

    type: Literal["resume"]


class Abort(_Reasoned):
    """End it where it stands."""

    type: Literal["abort"]


class PrimaryLost(_Reasoned):
    """Second disaster: the primary is lost again."""

    type: Literal["primary_lost"]


class SecondaryLost(_Reasoned):
    """Second disaster: the secondary is lost."""

    type: Literal["secondary_lost"]


class HandOver(_Anywhere):
    """Another coordinator is in charge; `to` is an operator's id."""

    type: Literal["hand_over"]
    to: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Note(_Event):
    """Said for the record."""

    type: Literal["note"]

    @model_validator(mode="after")
    def _says_something(self) -> "Note":
        if not self.evidence:
            need_comment(self.comment, "a note without evidence")
        return self


class Correct(_Event):
    """An earlier line is wrong; `comment` says what is right."""

    type: Literal["correct"]
    corrects: Annotated[int, Field(ge=1, le=2**53 - 1)]
    comment: Reason


EventBody = Annotated[
    Confirm | ReportFailure | Retry | ChooseRecoveryPoint | Undo | Authorize | Waive | ChangeProfile | SignOff | Hold
    | Resume | Abort | PrimaryLost | SecondaryLost | HandOver | Note | Correct,
    Field(discriminator="type"),
]  # fmt: skip
EVENT: TypeAdapter[EventBody] = TypeAdapter(EventBody)
