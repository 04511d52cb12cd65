"""Clocks as OpenAPI describes them."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from app.web.api.shapes.base import Answer, Mode, Status, Time

Seconds = Annotated[int, Field(ge=0, description="Whole seconds, rounded down.", examples=[7980])]
Negative = Annotated[bool, Field(description="Its end was said to come before its beginning; it counts 0.")]


class Clock(Answer):
    """From one moment to another; `until` null: it goes on (`running`), or never came to its end."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    since: Annotated[Time, Field(alias="from")]
    until: Time | None
    seconds: Seconds
    running: Annotated[bool, Field(description="It is measured until `at`, and goes on.")]
    negative: Negative


class OutageClock(Clock):
    """An outage: the stated one, or one that a second disaster began."""

    event: Annotated[int, Field(description="Number of the event that began it.")]
    met: Annotated[bool | None, Field(description="Whether it kept to the target; null while nobody can say.")]


class UnprotectedClock(Clock):
    """A time without protection of `vmm` or a workload."""

    subject: str


class RecoveryTime(Answer):
    """The latest outage against the promised time."""

    target_seconds: Seconds | None
    actual_seconds: Seconds
    due_at: Annotated[Time | None, Field(description="When the outage lasts longer than promised.")]
    remaining_seconds: Seconds | None
    exceeded_by_seconds: Seconds | None
    met: Annotated[
        bool | None, Field(description="False as soon as it is exceeded, true once it ended in time, else null.")
    ]


class ChosenPoint(Answer):
    """A recovery point that was chosen."""

    label: str
    time: Time


class PointLoss(Answer):
    """What the recovery point loses: the time from it to the outage it was chosen in; null where none was named."""

    recovery_point: ChosenPoint | None
    loss_seconds: Seconds | None
    negative: Negative


class WorkloadLoss(PointLoss):
    """What a workload's recovery point loses; one that was waived does not count."""

    name: str
    waived: bool


class RecoveryPoint(Answer):
    """The chosen recovery points against what was promised."""

    target_seconds: Seconds | None
    worst_seconds: Seconds | None
    worst_workload: str | None
    unknown: Annotated[list[str], Field(description="Workloads of which no recovery point was named.")]
    met: Annotated[bool | None, Field(description="False where one is missed, true where all are known and kept.")]
    workloads: list[WorkloadLoss]
    vmm: Annotated[PointLoss, Field(description="VMM's own; not among the worst.")]


class Spent(Answer):
    """What time was spent on. At any moment the first that holds, in this order."""

    on_hold_seconds: Annotated[Seconds, Field(description="A coordinator stopped it.")]
    sign_off_seconds: Annotated[Seconds, Field(description="Waiting for the step's sign-off.")]
    blocked_seconds: Annotated[Seconds, Field(description="A reported failure was not resolved.")]
    authorization_seconds: Annotated[Seconds, Field(description="Waiting for a second person's yes.")]
    waiting_seconds: Annotated[Seconds, Field(description="The step was reached, and nothing said in it yet.")]
    hands_on_seconds: Annotated[Seconds, Field(description="People were at it.")]
    active_seconds: Annotated[Seconds, Field(description="All but the holds together.")]
    negative: Annotated[bool, Field(description="Some of it counts 0: entered with times out of order.")]


class PlaceSpent(Answer):
    """An action (`items`: all items of a step without an order), or the step's `sign-off`."""

    id: str
    spent: Spent


class StepClocks(Answer):
    """A step's time: all visits together; entered, left, due and overdue are those of the latest."""

    number: int
    id: str
    expected_seconds: Seconds
    visits: int
    entered_at: Time | None
    left_at: Time | None
    due_at: Annotated[Time | None, Field(description="Entered, plus what is expected, plus its holds.")]
    overdue: bool
    overdue_seconds: Seconds
    spent: Spent
    places: list[PlaceSpent]


class OutOfOrder(Answer):
    """A stretch of time whose end was said to come before its beginning: which events say so."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    position: str
    state: Literal["on_hold", "sign_off", "blocked", "authorization", "waiting", "hands_on"]
    since: Annotated[Time, Field(alias="from")]
    until: Time | None
    first_event: int
    last_event: int | None


class ExecutionClocks(Answer):
    """An execution's clocks at one moment. What belongs to an outage is null where the runbook ends none."""

    execution_id: str
    version: int
    mode: Mode
    status: Status
    position: str
    at: Annotated[Time, Field(description="The server's now; what goes on is measured until then.")]
    ended_at: Annotated[Time | None, Field(description="Once ended nothing goes on; measured until then.")]
    restored_at: Time | None
    completed_at: Time | None
    outage: Annotated[Clock | None, Field(description="The latest.")]
    outages: list[OutageClock]
    rto: RecoveryTime | None
    decision: Annotated[Clock | None, Field(description="From the stated outage to the declaration.")]
    failback: Annotated[Clock | None, Field(description="From restored to completed.")]
    rpo: RecoveryPoint | None
    spent: Spent
    due_at: Annotated[Time | None, Field(description="Of the current step.")]
    overdue: bool
    overdue_seconds: Seconds
    steps: list[StepClocks]
    unprotected: list[UnprotectedClock]
    out_of_order: list[OutOfOrder]


class ListClocks(Answer):
    """The clocks of an execution in a list."""

    at: Time
    outage: Clock | None
    rto: RecoveryTime | None
    due_at: Annotated[Time | None, Field(description="When the current step takes longer than expected.")]
    overdue: Annotated[bool | None, Field(description="Null: not known before the next event (an old row).")]
    overdue_seconds: Seconds
    held_since: Time | None
