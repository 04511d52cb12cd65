"""Statistics as OpenAPI describes them."""

from typing import Annotated

from pydantic import Field

from app.web.api.shapes.base import Answer, Mode, Time


class SymptomCount(Answer):
    """How often a symptom was reported; null: told in words alone."""

    symptom: str | None
    count: int


class Figures(Answer):
    """How often something was done, how long it took without holds, and what went wrong.

    It takes from when its position (of a step: its first position; of an item: its step's one) is reached to the event
    that does it. The median is rounded down between the two in the middle, the p90 is by nearest rank.
    """

    count: int
    median_seconds: int | None
    p90_seconds: int | None
    out_of_order: Annotated[int, Field(description="Of `count`: entered with times out of order, they count 0 s.")]
    failures: Annotated[list[SymptomCount], Field(description="The most frequent first.")]
    waivers: int
    break_glass: int
    rejections: int


class ActionFigures(Figures):
    """An action, or the `sign-off` at the end of the step: how long it was waited for."""

    id: str


class StepFigures(Figures):
    """A step, until it is signed off; what went wrong is that of its actions together."""

    id: str
    actions: list[ActionFigures]


class Ends(Answer):
    """How the executions ended, those that have."""

    completed: int
    aborted: int
    escalated: int


class RunbookFigures(Answer):
    """A runbook in one mode."""

    runbook: Annotated[str, Field(examples=["standalone-vmm"])]
    mode: Mode
    executions: int
    ended: Ends
    steps: list[StepFigures]


class Statistics(Answer):
    """One item for each runbook and mode; live and drill are never mixed."""

    since: Time
    at: Time
    truncated: Annotated[bool, Field(description="Older executions are left out: there were too many lines.")]
    items: list[RunbookFigures]
