"""The execution document, and an execution in a list."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from app.domain.events import DrillOutcome, EventType, Role
from app.web.api.shapes.action import CurrentAction, CurrentItem
from app.web.api.shapes.base import Answer, Hash, Mode, Named, Place, Status, Time
from app.web.api.shapes.clocks import ListClocks
from app.web.api.shapes.protected_sets import NotReadyReason, SetRef


class RunbookRef(Answer):
    """The definition that an execution is pinned to."""

    id: str
    version: str
    digest: Hash
    title: str


class StepRef(Answer):
    """A step."""

    number: int
    id: str
    title: str


class SignedOffBy(Named):
    """Who signed a step off."""

    role: Role
    break_glass: bool


class ActionState(Answer):
    """Where an action stands."""

    id: str
    status: Literal["pending", "open", "done", "already_done", "waived", "failed", "passed"]
    confirmed_at: Time | None
    confirmed_by: Named | None
    attempt: int
    authorized_by: Named | None
    evidence: Literal["met", "not_met", "not_recognised", "waived"] | None


class StepState(StepRef):
    """Where a step stands."""

    status: Literal["pending", "in_progress", "blocked", "awaiting_sign_off", "signed_off"]
    entered_at: Time | None
    started_at: Time | None
    completed_at: Time | None
    signed_off_at: Time | None
    signed_off_by: list[SignedOffBy]
    actions: list[ActionState]


class PointState(Answer):
    """A chosen recovery point."""

    label: str
    time: Time


class OutcomeState(Answer):
    """What came of an action for a workload; `at` is the position."""

    at: str
    attempt: int
    outcome: Literal["done", "already_done", "waived", "failed"]
    event: int


class WorkloadPlace(Place):
    """Where a workload runs."""

    name: str


class WorkloadState(WorkloadPlace):
    """A workload."""

    parameters: dict[str, str]
    waived: bool
    recovery_point: PointState | None
    outcomes: list[OutcomeState]


class DrillState(Answer):
    """How a drill went: by its last sign-off, or failed as it was cut short; null while it goes on.

    `clean_up_left` names the clean-ups that nobody has confirmed: after an abort, look there for tests that still run.
    """

    outcome: DrillOutcome | None
    notes: str | None
    event: int | None
    at: Time | None
    clean_up_left: list[str]


class SitePicture(Answer):
    """What runs where; in a drill it is `simulated`: what would run where."""

    simulated: Literal[True] = True

    vmm: Place
    workloads: list[WorkloadPlace]


class Window(Answer):
    """A time without protection; open while `until` is null."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    subject: str
    since: Annotated[Time, Field(alias="from")]
    until: Time | None


class FailureState(Answer):
    """A reported failure that is not resolved."""

    at: Annotated[str, Field(description="The action or item that failed, as `step.action`.")]
    symptom: str | None
    comment: str | None
    workloads: list[str]
    event: int


class Allowed(Answer):
    """What could be posted now: by which role, with which members, and where it leads."""

    type: EventType
    role: Role
    needs: list[str]
    opens: str | None


class Refused(Answer):
    """What could not be posted now, and every reason."""

    type: EventType
    reasons: list[str]


class PolicyState(Answer):
    """When a second person is needed, and what is asked of evidence."""

    four_eyes: Literal["none", "irreversible", "every_step"]
    evidence: Literal["off", "advise", "require"]


class TargetState(Answer):
    """What was promised."""

    rto_minutes: int | None
    rpo_minutes: int | None


class Execution(Answer):
    """An execution: a pure function of its version and the language."""

    id: str
    runbook: RunbookRef
    mode: Mode
    drill: DrillState | None
    title: str
    status: Status
    position: str
    attempt: int
    version: int
    head: Hash
    coordinator: Named
    declared_at: Time
    outage_started_at: Time
    restored_at: Time | None
    completed_at: Time | None
    valid_until: Annotated[Time | None, Field(description="Of a completed checklist (not of a drill of one).")]
    protected_set: SetRef | None
    not_ready: Annotated[list[NotReadyReason], Field(description="What of its set was not ready when it was declared.")]
    step: StepRef | None
    action: CurrentAction | None
    items: Annotated[
        list[CurrentItem], Field(description="At `<step>.items`: all items of the step, settled or not; else empty.")
    ]
    steps: list[StepState]
    workloads: list[WorkloadState]
    site_picture: SitePicture
    unprotected: list[Window]
    failures: list[FailureState]
    allowed: list[Allowed]
    refused: list[Refused]
    parameters: dict[str, str]
    policy: PolicyState
    targets: TargetState
    command_profile: str


class RunbookPin(Answer):
    """The definition of an execution in a list."""

    id: str
    digest: Hash


class DrillSummary(Answer):
    """How a drill went; null while it goes on."""

    outcome: DrillOutcome | None


class ExecutionSummary(Answer):
    """An execution in a list."""

    id: str
    runbook: RunbookPin
    mode: Mode
    title: str
    status: Status
    position: str
    version: int
    head: Hash
    declared_at: Time
    outage_started_at: Time
    restored_at: Time | None
    completed_at: Time | None
    valid_until: Annotated[Time | None, Field(description="Of a completed checklist (not of a drill of one).")]
    updated_at: Time
    protected_set: Annotated[str | None, Field(description="Id of the set it was declared for.")]
    evidence_not_met: Annotated[int, Field(description="Confirmations whose evidence shows something else.")]
    drill: DrillSummary | None
    clocks: ListClocks


class ExecutionList(Answer):
    """A page of executions."""

    items: list[ExecutionSummary]
    next: str | None
