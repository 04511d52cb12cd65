"""Answers as OpenAPI describes them, and the page of a list; the documents themselves are made by the services."""

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from app.domain.errors import MalformedRequest, PayloadTooLarge, UnsupportedMediaType
from app.domain.events import EventType, Role

UNREADABLE = (MalformedRequest, PayloadTooLarge, UnsupportedMediaType)

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]
Status = Literal["in_progress", "blocked", "on_hold", "completed", "aborted", "escalated"]
StatusFilter = Annotated[Status | None, Query()]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", examples=["2026-11-23T03:12:00.000000Z"])]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Site = Literal["primary", "secondary", "none"]
Replication = Literal["primary_to_secondary", "secondary_to_primary", "none"]


class Answer(BaseModel):
    """A part of an answer: exactly these members."""

    model_config = ConfigDict(extra="forbid")


class Named(Answer):
    """An operator."""

    id: str
    name: str


class Me(Named):
    """Who the token speaks for."""

    roles: list[Role]


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


class FilledCommand(Answer):
    """A command to paste; `verify`: it only looks."""

    workload: str | None
    run_on: str
    shell: str
    text: str
    verify: bool


class UndoNow(Answer):
    """How the action can be cancelled, and until when."""

    to: str
    until: list[str]
    profiles: list[str]
    consequence: str | None
    commands: list[FilledCommand]


class AuthorizedBy(Named):
    """The second person's yes."""

    event: int
    at: Time
    break_glass: bool
    workloads: list[str]


class SymptomNow(Answer):
    """What may be seen to fail, and what the table advises."""

    id: str
    symptom: str
    outcomes: list[str]


class CurrentAction(Answer):
    """The action to be done now."""

    id: str
    kind: Literal["gate", "task", "check"]
    origin: Literal["seed", "addition"]
    title: str
    instruction: str
    irreversible: bool
    consequence: str | None
    per_workload: bool
    optional: bool
    waivable: bool
    undo: UndoNow | None
    authorized_by: AuthorizedBy | None
    commands: list[FilledCommand]
    expectation: str | None
    symptoms: list[SymptomNow]


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


class Place(Answer):
    """Where something runs and which way it replicates."""

    site: Site
    replication: Replication


class WorkloadPlace(Place):
    """Where a workload runs."""

    name: str


class WorkloadState(WorkloadPlace):
    """A workload."""

    parameters: dict[str, str]
    waived: bool
    recovery_point: PointState | None
    outcomes: list[OutcomeState]


class SitePicture(Answer):
    """What runs where."""

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
    """When a second person is needed."""

    four_eyes: Literal["none", "irreversible", "every_step"]


class TargetState(Answer):
    """What was promised."""

    rto_minutes: int | None
    rpo_minutes: int | None


class Execution(Answer):
    """An execution: a pure function of its version and the language."""

    id: str
    runbook: RunbookRef
    mode: Literal["live", "drill"]
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
    step: StepRef | None
    action: CurrentAction | None
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


class ExecutionSummary(Answer):
    """An execution in a list."""

    id: str
    runbook: RunbookPin
    mode: Literal["live", "drill"]
    title: str
    status: Status
    position: str
    version: int
    head: Hash
    declared_at: Time
    outage_started_at: Time
    restored_at: Time | None
    completed_at: Time | None
    updated_at: Time


class ExecutionList(Answer):
    """A page of executions."""

    items: list[ExecutionSummary]
    next: str | None


class LineActor(Named):
    """Who posted, and the role it was allowed under."""

    role: Role


class KeptEvidence(BaseModel):
    """Something attached, with its SHA-256."""

    kind: Literal["text", "link", "output"]
    name: str | None
    media_type: str | None
    digest: Hash
    content: str | None = None
    href: str | None = None
    check: dict[str, Any] | None


class Event(Answer):
    """An accepted event: one line of the journal."""

    number: int
    id: str
    execution_id: str
    type: EventType
    position_before: str | None
    position_after: str
    status_after: Status
    attempt: int
    step: str | None
    action: str | None
    workloads: list[str]
    actor: LineActor
    recorded_at: Time
    performed_at: Time | None
    performed_by: str | None
    comment: str | None
    evidence: list[KeptEvidence]
    data: dict[str, Any]
    request_key_digest: Hash | None
    runbook_digest: Hash
    previous_hash: Hash
    hash: Hash


class EventList(Answer):
    """A page of the journal."""

    items: list[Event]
    next: str | None


class EventAnswer(Answer):
    """What an accepted event is answered with."""

    event: Event
    execution: Execution


class LineProblem(Answer):
    """Something wrong with a line; number 0: with the whole."""

    number: int
    problem: str


class Verification(Answer):
    """The proof, or what speaks against it."""

    ok: bool
    events: int
    head: Hash | None
    problems: list[LineProblem]


class RunbookSummary(Answer):
    """A runbook in a list."""

    id: str
    version: str
    digest: Hash
    title: str
    kind: Literal["procedure", "checklist"]


class RunbookList(Answer):
    """The runbooks."""

    items: list[RunbookSummary]
    next: str | None


class Runbook(RunbookSummary):
    """A whole definition in one language; docs/runbook-format.md says what each member means."""

    parameters: list[dict[str, Any]]
    command_profiles: list[dict[str, Any]]
    phases: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    on_loss: dict[str, Any]
    errata: list[dict[str, Any]]
    sources: list[dict[str, Any]]


class Fault(Answer):
    """A field at fault."""

    pointer: str
    message: str


class Problem(BaseModel):
    """RFC 9457; more members say what the type's page explains."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None


_TITLES = {
    400: "The request cannot be read.",
    401: "No valid token.",
    403: "Not your role, or a second person is required.",
    404: "There is nothing by that name.",
    405: "Not with this method.",
    409: "The position has moved, or the runbook does not allow it here; see `type`.",
    412: "The execution has changed since the version that If-Match names.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "A field is not valid; `errors` names each.",
    429: "Too many failed attempts.",
    503: "The database does not answer; repeat with the same key.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe these problem answers."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _TITLES[status], "content": content} for status in sorted(statuses)}


def found(model: type[BaseModel], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe a 200 with this model, and the problems a reader may meet."""
    return {200: {"model": model, "description": "Found."}, **problems(400, 401, 429, 503, *statuses)}


def created(model: type[BaseModel], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe a 201 with this model, and the problems a sender may meet."""
    return {201: {"model": model, "description": "Accepted."}, **problems(400, 401, 429, 503, *statuses)}


def page(request: Request, items: list[Any], following: str | None, *, name: str = "cursor", **more: str) -> Response:
    """Give a page of a list, with the Link to the next one; `more` are headers, `_` in their names stands for `-`."""
    headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
    headers |= {one.replace("_", "-").title(): value for one, value in more.items()}
    if following is not None:  # without the host: that is whatever the client, or a proxy, wrote
        there = request.url.include_query_params(**{name: following})
        headers["Link"] = f'<{there.path}?{there.query}>; rel="next"'
    return Response(to_json({"items": items, "next": following}), 200, headers, "application/json")
