"""What request bodies are made of: texts, times and names as they are taken, evidence, recovery points."""

import hashlib
import unicodedata
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from app.domain.errors import FieldFault, InvalidRequest
from app.domain.events import Decision, DrillOutcome, OutcomeKind

MAX_COMMENT = 4_000
MAX_NAME = 200
MAX_VALUE = 1_000
MAX_WORKLOADS = 500
MAX_EVIDENCE = 512 * 1024  # bytes of UTF-8, each
MAX_PIECES = 20


def one_line(text: str) -> str:
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
PerformedAt = Annotated[Time, Field(description="When it was really done, with an offset; default now.")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME), AfterValidator(one_line)]
Value = Annotated[str, StringConstraints(min_length=1, max_length=MAX_VALUE), AfterValidator(one_line)]
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
    Field(
        description="The position you speak of, as you read it: `step.action`, `step.items` or `step.sign-off`.",
        examples=["fail-over-vmm.fence-primary"],
    ),
]
Item = Annotated[Position, Field(description="At `<step>.items`, required and only there: the item, as `step.item`.")]
Attempt = Annotated[
    int, Field(ge=1, le=1_000_000, description="The attempt you saw (of the item, if one is named); must be current.")
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


def _one_of(*members: StrEnum) -> tuple[BeforeValidator, Any]:
    """Give what takes the text of one of these members, and tells which there are."""
    known = {one.value: one for one in members}

    def chosen(value: Any) -> Any:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"one of {', '.join(known)}")
        return known[value]

    return BeforeValidator(chosen), Field(json_schema_extra={"enum": list(known)})


Settled = Annotated[OutcomeKind, *_one_of(OutcomeKind.DONE, OutcomeKind.ALREADY_DONE)]
Decided = Annotated[Decision, *_one_of(*Decision)]
Attested = Annotated[DrillOutcome, *_one_of(*DrillOutcome), Field(description="How a drill went; with its last yes.")]


def need_comment(comment: str | None, why: str) -> None:
    """Raise the refusal that points at the comment; a fault found by a model's validator would point at the body."""
    if comment is None:
        raise InvalidRequest(FieldFault("/comment", f"is required with {why}"))
