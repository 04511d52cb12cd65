"""The body of a declaration."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, TypeAdapter, ValidationInfo
from pydantic_core import PydanticCustomError

from app.domain.events import FourEyes
from app.domain.vocabulary import EvidencePolicy
from app.web.bodies.fields import MAX_WORKLOADS, Form, Line, Time, Value, one_line

MAX_TITLE = 200


class WorkloadBody(Form):
    """A workload VM: its name as Hyper-V knows it, and parameters that differ from the execution's."""

    name: Line
    parameters: dict[Line, Value] = Field(default_factory=dict)


def _one_of(kind: type[StrEnum]) -> BeforeValidator:
    """Take one of the words, naming them all where it is another."""

    def read(value: Any) -> StrEnum:
        known = [one.value for one in kind]
        if value not in known:
            raise ValueError(f"one of {', '.join(known)}")
        return kind(value)

    return BeforeValidator(read)


class Policy(Form):
    """When a second person is needed, and what is asked of evidence."""

    four_eyes: Annotated[FourEyes, _one_of(FourEyes)] = FourEyes.IRREVERSIBLE
    evidence: Annotated[
        EvidencePolicy,
        _one_of(EvidencePolicy),
        Field(description="off: not checked; advise: checked and flagged; require: nothing is confirmed without it."),
    ] = EvidencePolicy.ADVISE


class Targets(Form):
    """What was promised, in minutes."""

    rto_minutes: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    rpo_minutes: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


def _given_or_of_a_set(value: Any, info: ValidationInfo) -> Any:
    if value is None and info.data.get("protected_set", "") is None:
        raise PydanticCustomError("missing", "is required")
    return value


class ExecutionBody(Form):
    """A disaster to declare, or a drill to begin."""

    runbook: Line
    mode: Literal["live", "drill"]
    title: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE), AfterValidator(one_line)]
    outage_started_at: Time | None = None
    protected_set: Annotated[Line | None, Field(description="Id or name of the set that it is for.")] = None
    parameters: Annotated[
        dict[Line, Value] | None,
        Field(
            max_length=100, validate_default=True, description="Required, but for a set; each goes before the set's."
        ),
        AfterValidator(_given_or_of_a_set),
    ] = None
    workloads: Annotated[
        list[WorkloadBody] | None,
        Field(
            max_length=MAX_WORKLOADS,
            description="At least one, but for a checklist; left out, those of the set; given, none of the set's.",
        ),
    ] = None
    policy: Policy = Policy()
    targets: Targets = Targets()
    command_profile: Line | None = None

    def named_workloads(self) -> list[tuple[str, dict[str, str]]] | None:
        """Give the workloads with their own parameters; None where they are left out."""
        return None if self.workloads is None else [(one.name, one.parameters) for one in self.workloads]


EXECUTION: TypeAdapter[ExecutionBody] = TypeAdapter(ExecutionBody)
