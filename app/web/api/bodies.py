"""Request bodies: one model an event type, checked for form; what the position decides is the machine's affair."""

import hashlib
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic import TypeAdapter, model_validator

from app.domain.errors import FieldFault, InvalidRequest
from app.domain.events import Decision, EventType, FourEyes, OutcomeKind, Posted, RecoveryPoint
from app.services.clock import stamp

MAX_COMMENT = 4_000
MAX_TITLE = 200
MAX_NAME = 200
MAX_VALUE = 1_000
MAX_WORKLOADS = 500
MAX_EVIDENCE = 512 * 1024  # bytes of UTF-8, each
MAX_PIECES = 20


def _one_line(text: str) -> str:
    """Refuse what cannot stand in a name or a command: control and format characters, line breaks among them."""
    found = next((one for one in text if unicodedata.category(one) in {"Cc", "Cf", "Zl", "Zp", "Cs"}), None)
    if found is not None:
        raise ValueError(f"holds U+{ord(found):04X}, a control or format character; remove it")
    if text != text.strip():
        raise ValueError("begins or ends with a space; remove it")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank; leave it out or say something")
    return text


def _not_too_large(text: str) -> str:
    if len(text.encode()) > MAX_EVIDENCE:
        raise ValueError(f"is larger than {MAX_EVIDENCE // 1024} KiB; attach the part that shows it, or a link")
    return text


def _text_time(value: Any) -> Any:
    """Take times as RFC 3339 text alone: a number would be read as seconds since 1970."""
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError('is a text such as "2026-11-23T03:12:00Z", with an offset')
    return value


def _sane_time(value: datetime) -> datetime:
    if not 1990 <= value.year <= 9000:  # noqa: PLR2004 - outside, shifting to UTC could leave the calendar
        raise ValueError("is not a time of our age")
    return value.astimezone(UTC)


Time = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_text_time), AfterValidator(_sane_time)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME), AfterValidator(_one_line)]
Value = Annotated[str, StringConstraints(min_length=1, max_length=MAX_VALUE), AfterValidator(_one_line)]
Comment = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_COMMENT),
    AfterValidator(_not_blank),
    Field(description="Free text, kept as it came.", examples=["Storage was slow; the job took 20 minutes."]),
]
Reason = Annotated[Comment, Field(description="Why. Required.")]
Position = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    Field(description="The position you speak of, as you read it: `step.action` or `step.sign-off`.",
          examples=["fail-over-vmm.fence-primary"]),
]
Names = Annotated[
    list[Line],
    Field(min_length=1, max_length=MAX_WORKLOADS, description="Workloads by name. Leave out for all that are open."),
]


class Form(BaseModel):
    """A body: unknown members are refused, and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Evidence(Form):
    """Something attached: a text, a link, or an output as it was printed."""

    kind: Annotated[Literal["text", "link", "output"], Field(description="What it is.")]
    name: Line | None = None
    media_type: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}$")] | None = None
    content: Annotated[str, StringConstraints(min_length=1), AfterValidator(_not_too_large)] | None = None
    href: Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]{1,2000}$")] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Evidence":
        wanted, other = ("href", "content") if self.kind == "link" else ("content", "href")
        if getattr(self, wanted) is None or getattr(self, other) is not None:
            raise ValueError(f"evidence of kind {self.kind} has {wanted} and no {other}")
        return self

    def kept(self) -> dict[str, Any]:
        """Give it as a line keeps it, with the SHA-256 of its content (or of the link)."""
        said = self.content if self.content is not None else self.href or ""
        place = {"content": said} if self.content is not None else {"href": said}
        media_type = self.media_type or (None if self.kind == "link" else "text/plain")
        return {
            "kind": self.kind,
            "name": self.name,
            "media_type": media_type,
            "digest": hashlib.sha256(said.encode()).hexdigest(),
            **place,
            "check": None,
        }


class Point(Form):
    """A recovery point: its name, and its time."""

    label: Value
    time: Time


class _Event(Form):
    """What every event may carry."""

    comment: Comment | None = None
    performed_at: Annotated[Time, Field(description="When it was really done, with an offset; default now.")] | None = None
    performed_by: Annotated[Line, Field(description="Who really did it, if you enter it for somebody.")] | None = None
    evidence: Annotated[list[Evidence], Field(max_length=MAX_PIECES)] = []

    def posted(self) -> Posted:
        """Give the event as the domain takes it."""
        members = {name: getattr(self, name) for name in self.model_fields_set if name in _PLAIN}
        point = getattr(self, "recovery_point", None)
        workloads = getattr(self, "workloads", None)
        return Posted(
            **{**members, "type": EventType(self.type)},  # type: ignore[attr-defined]
            performed_at=None if self.performed_at is None else stamp(self.performed_at),
            evidence=tuple(one.kept() for one in self.evidence),
            workloads=None if workloads is None else tuple(workloads),
            recovery_point=None if point is None else RecoveryPoint(label=point.label, time=stamp(point.time)),
        )


_PLAIN = frozenset(
    {
        "at", "attempt", "comment", "performed_by", "outcome", "symptom", "action", "command_profile", "decision",
        "to", "break_glass", "corrects",
    }
)  # fmt: skip


class _At(_Event):
    """An event about a position: `at` has to be given."""

    at: Position
    attempt: Annotated[int, Field(ge=1, le=1_000_000, description="The attempt you saw; must be current.")] | None = None


class _Anywhere(_Event):
    """An event about the execution: `at` may be given and then has to match."""

    at: Position | None = None
    attempt: Annotated[int, Field(ge=1, le=1_000_000)] | None = None


class _Reasoned(_Anywhere):
    comment: Reason


class Confirm(_At):
    """Carried out, attested or checked."""

    type: Literal["confirm"]
    workloads: Names | None = None
    outcome: Annotated[OutcomeKind, BeforeValidator(lambda text: _chosen(text, "done", "already_done")),
                       Field(json_schema_extra={"enum": ["done", "already_done"]})] = OutcomeKind.DONE
    recovery_point: Point | None = None

    @model_validator(mode="after")
    def _says_why(self) -> "Confirm":
        if self.outcome is OutcomeKind.ALREADY_DONE:
            _need_comment(self, "already_done")
        return self


class ReportFailure(_At):
    """It did not work: for the action, or for the workloads named."""

    type: Literal["report_failure"]
    symptom: Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2}$"), Field(examples=["F03"])] | None = None
    workloads: Names | None = None

    @model_validator(mode="after")
    def _says_what(self) -> "ReportFailure":
        if self.symptom is None:
            _need_comment(self, "a failure without a symptom of the table")
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
            _need_comment(self, "break_glass")
        return self


class Waive(_At):
    """Go on without."""

    type: Literal["waive"]
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
    decision: Annotated[Decision, BeforeValidator(lambda text: _chosen(text, "approve", "reject")),
                        Field(json_schema_extra={"enum": ["approve", "reject"]})]
    to: Position | None = None
    break_glass: bool = False

    @model_validator(mode="after")
    def _says_why(self) -> "SignOff":
        if self.break_glass:
            _need_comment(self, "break_glass")
        if self.decision is Decision.REJECT:
            _need_comment(self, "reject")
        elif self.to is not None:
            raise InvalidRequest(FieldFault("/to", "goes with decision reject"))
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
            _need_comment(self, "a note without evidence")
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


def _need_comment(event: _Event, why: str) -> None:
    """Raise the refusal that points at the comment; a fault found by a model's validator would point at the body."""
    if event.comment is None:
        raise InvalidRequest(FieldFault("/comment", f"is required with {why}"))


def _chosen(value: Any, *known: str) -> Any:
    if value not in known:
        raise ValueError(f"one of {', '.join(known)}")
    return Decision(value) if value in {"approve", "reject"} else OutcomeKind(value)


class WorkloadBody(Form):
    """A workload VM: its name as Hyper-V knows it, and parameters that differ from the execution's."""

    name: Line
    parameters: dict[Line, Value] = {}


class Policy(Form):
    """When a second person is needed."""

    four_eyes: Annotated[FourEyes, BeforeValidator(lambda text: _four_eyes(text))] = FourEyes.IRREVERSIBLE


def _four_eyes(value: Any) -> FourEyes:
    known = [one.value for one in FourEyes]
    if value not in known:
        raise ValueError(f"one of {', '.join(known)}")
    return FourEyes(value)


class Targets(Form):
    """What was promised, in minutes."""

    rto_minutes: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    rpo_minutes: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class ExecutionBody(Form):
    """A disaster to declare, or a drill to begin."""

    runbook: Line
    mode: Literal["live", "drill"]
    title: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE), AfterValidator(_one_line)]
    outage_started_at: Time | None = None
    parameters: Annotated[dict[Line, Value], Field(max_length=100)]
    workloads: Annotated[list[WorkloadBody], Field(min_length=1, max_length=MAX_WORKLOADS)]
    policy: Policy = Policy()
    targets: Targets = Targets()
    command_profile: Line | None = None
