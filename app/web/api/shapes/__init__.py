"""The shapes of answers, as OpenAPI describes them; the documents themselves are made by the services."""

from app.web.api.shapes.base import Me, Mode, Status
from app.web.api.shapes.execution import Execution, ExecutionList
from app.web.api.shapes.journal import Event, EventAnswer, EventList, Verification
from app.web.api.shapes.protected_sets import ProtectedSet, ProtectedSetList, Readiness
from app.web.api.shapes.runbooks import Runbook, RunbookList

__all__ = [
    "Event",
    "EventAnswer",
    "EventList",
    "Execution",
    "ExecutionList",
    "Me",
    "Mode",
    "ProtectedSet",
    "ProtectedSetList",
    "Readiness",
    "Runbook",
    "RunbookList",
    "Status",
    "Verification",
]
