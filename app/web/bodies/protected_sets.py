"""The bodies that make and revise a protected set."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from app.services.protected_sets import Contents
from app.web.bodies.declaration import WorkloadBody
from app.web.bodies.fields import MAX_WORKLOADS, Comment, Form, Line, Value

DRILL_PERIOD_DAYS = 90  # quarterly
MAX_PERIOD = 3_650
MAX_CHECKLISTS = 20


class RevisionBody(Form):
    """All that a set says from now on; what is left out has its default, not what it was before."""

    runbook: Annotated[Line, Field(description="The procedure that protects it.", examples=["standalone-vmm"])]
    parameters: Annotated[
        dict[Line, Value], Field(max_length=100, description="Of the procedure, and of the checklists required.")
    ] = Field(default_factory=dict)
    workloads: Annotated[list[WorkloadBody], Field(min_length=1, max_length=MAX_WORKLOADS)]
    required_checklists: Annotated[
        list[Line], Field(max_length=MAX_CHECKLISTS, description="Ids of the checklists that have to hold.")
    ] = Field(default_factory=list)
    drill_period_days: Annotated[
        int, Field(ge=1, le=MAX_PERIOD, description="For how long a passed drill keeps the set ready.")
    ] = DRILL_PERIOD_DAYS
    comment: Annotated[Comment | None, Field(description="Why.")] = None

    def contents(self) -> Contents:
        """Give what is asked for as the service takes it."""
        return Contents(
            runbook=self.runbook,
            parameters=self.parameters,
            workloads=tuple((one.name, one.parameters) for one in self.workloads),
            required_checklists=tuple(self.required_checklists),
            drill_period_days=self.drill_period_days,
            comment=self.comment,
        )


class ProtectedSetBody(RevisionBody):
    """A protected set to make."""

    name: Annotated[Line, Field(description="Unique, whatever its case; the set keeps it.", examples=["Lyon ERP"])]


PROTECTED_SET: TypeAdapter[ProtectedSetBody] = TypeAdapter(ProtectedSetBody)
REVISION: TypeAdapter[RevisionBody] = TypeAdapter(RevisionBody)
