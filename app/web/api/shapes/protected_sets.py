"""Protected sets, and how ready one is."""

from typing import Annotated

from pydantic import Field

from app.domain.events import DrillOutcome
from app.domain.not_ready import State
from app.web.api.shapes.base import Answer, Hash, Named, Time


class SetRef(Answer):
    """A protected set at one of its revisions."""

    id: str
    name: str
    revision: int


class NotReadyReason(Answer):
    """Why a set is not ready; `since` where the moment is known, `execution` what it is seen from."""

    reason: Annotated[str, Field(examples=["drill_overdue"])]
    about: Annotated[str | None, Field(description="The checklist or runbook that it is about.")]
    since: Time | None
    execution: str | None
    text: str


class SetWorkload(Answer):
    """A workload of the set, with the parameters that differ for it."""

    name: str
    parameters: dict[str, str]


class ProtectedSet(SetRef):
    """What is to be protected, as it stands or stood at a revision."""

    runbook: str
    parameters: dict[str, str]
    workloads: list[SetWorkload]
    required_checklists: list[str]
    drill_period_days: int
    comment: str | None
    changed_by: Named
    changed_at: Time
    created_by: Named
    created_at: Time


class ProtectedSetList(Answer):
    """A page of protected sets, or of the revisions of one."""

    items: list[ProtectedSet]
    next: str | None


class CurrentRunbook(Answer):
    """The current version of the set's runbook."""

    id: str
    version: str
    digest: Hash
    title: str


class RequiredChecklist(Answer):
    """A checklist that the set asks for, and the execution that is looked at; none: it was never completed."""

    id: str
    title: str | None
    state: State
    execution: str | None
    completed_at: Time | None
    valid_until: Time | None


class LastDrill(Answer):
    """The drill that is looked at: the last of the set as it is now, else the last at all."""

    execution: str
    outcome: DrillOutcome
    ended_at: Time
    due_at: Annotated[Time, Field(description="From then on it keeps the set ready no more.")]


class RecordedDecision(Answer):
    """A decision that a checklist of the set records, as it was attested."""

    checklist: str
    action: str
    title: str
    comment: str | None
    by: Named
    at: Time
    execution: str
    event: int


class Readiness(Answer):
    """How ready a set is at the moment `at`; `stale_at` of a ready one: when it will turn stale if nothing is done."""

    protected_set: SetRef
    at: Time
    state: State
    stale_at: Time | None
    reasons: list[NotReadyReason]
    runbook: CurrentRunbook | None
    checklists: list[RequiredChecklist]
    drill: LastDrill | None
    decisions: list[RecordedDecision]
