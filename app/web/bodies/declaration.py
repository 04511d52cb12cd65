"""The body of a declaration."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, TypeAdapter

from app.domain.events import FourEyes
from app.web.bodies.fields import MAX_WORKLOADS, Form, Line, Time, Value, one_line

MAX_TITLE = 200


class WorkloadBody(Form):
    """A workload VM: its name as Hyper-V knows it, and parameters that differ from the execution's."""

    name: Line
    parameters: dict[Line, Value] = Field(default_factory=dict)


def _four_eyes(value: Any) -> FourEyes:
    known = [one.value for one in FourEyes]
    if value not in known:
        raise ValueError(f"one of {', '.join(known)}")
    return FourEyes(value)


class Policy(Form):
    """When a second person is needed."""

    four_eyes: Annotated[FourEyes, BeforeValidator(_four_eyes)] = FourEyes.IRREVERSIBLE


class Targets(Form):
    """What was promised, in minutes."""

    rto_minutes: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    rpo_minutes: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class ExecutionBody(Form):
    """A disaster to declare, or a drill to begin."""

    runbook: Line
    mode: Literal["live", "drill"]
    title: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE), AfterValidator(one_line)]
    outage_started_at: Time | None = None
    parameters: Annotated[dict[Line, Value], Field(max_length=100)]
    workloads: Annotated[
        list[WorkloadBody], Field(max_length=MAX_WORKLOADS, description="At least one, but for a checklist.")
    ] = Field(default_factory=list)
    policy: Policy = Policy()
    targets: Targets = Targets()
    command_profile: Line | None = None


EXECUTION: TypeAdapter[ExecutionBody] = TypeAdapter(ExecutionBody)
