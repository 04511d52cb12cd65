"""The shapes of answers, as OpenAPI describes them; the documents themselves are made by the services."""

from app.web.api.shapes.base import Me, Mode, Status
from app.web.api.shapes.execution import Execution, ExecutionList
from app.web.api.shapes.journal import Event, EventAnswer, EventList, Verification
from app.web.api.shapes.protected_sets import ProtectedSet, ProtectedSetList, Readiness
from app.web.api.shapes.runbooks import Publication, Runbook, RunbookList, RunbookVersionList

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
    "Publication",
    "Readiness",
    "Runbook",
    "RunbookList",
    "RunbookVersionList",
    "Status",
    "Verification",
]
