"""The overview: what is running, live before drill and trouble first; then what was, to be searched."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from app.domain.runbook import Runbook
from app.services import clock, listing, reading
from app.services.definitions import Definitions
from app.services.readiness import readiness_document
from app.storage import protected_sets, queries
from app.storage.database import Connection
from app.storage.rows import ExecutionSummary
from app.web.console.offers import awaited, offerings
from app.web.console.pages import PageRoute
from app.web.console.rendering import page, reader_of
from app.web.console.visitors import Visitor
from app.web.cursors import cursor_for, id_after
from app.web.deps import TheService

router = APIRouter(include_in_schema=False, route_class=PageRoute)

RUNNING: Final = ("blocked", "on_hold", "in_progress")
MAX_RUNNING: Final = 100  # of a status; nobody looks after more at once
PAGE: Final = 25
MAX_SETS: Final = 50


@router.get("/")
async def show_overview(
    *,
    request: Request,
    actor: Visitor,
    service: TheService,
    q: Annotated[str, Query(max_length=200)] = "",
    status: Literal["", "in_progress", "blocked", "on_hold", "completed", "aborted", "escalated"] = "",
    mode: Literal["", "live", "drill"] = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Show every execution that is running, and the history."""
    filters: dict[str, Any] = {"q": q.strip() or None, "status": status or None, "mode": mode or None}
    before = id_after(cursor, filters)
    language = reader_of(request).language
    filtered = any(filters.values()) or before is not None

    def look(connection: Connection) -> dict[str, Any]:
        found = [one for kind in RUNNING for one in queries.execution_list(connection, status=kind, limit=MAX_RUNNING)]
        running = [_running(connection, service.definitions, one, actor, language) for one in found]
        running.sort(key=_trouble_first)
        past = queries.execution_list(connection, **filters, before=before, limit=PAGE + 1)
        sets = [] if filtered else protected_sets.set_list(connection, before=None, limit=MAX_SETS)
        return {
            "running": running,
            "history": [_past(connection, service.definitions, one, language) for one in past],
            "sets": [
                readiness_document(connection, service.definitions, one.id, language=language, now=clock.now())
                for one in sets
            ],
        }

    found = await service.database.read_long(look)
    history = found["history"]
    return page(
        request,
        "overview.html",
        running=found["running"],
        sets=found["sets"],
        history=history[:PAGE],
        following=cursor_for(history[PAGE - 1]["id"], filters) if len(history) > PAGE else None,
        filters={name: value or "" for name, value in filters.items()},
        filtered=filtered,
    )


def _trouble_first(one: Mapping[str, Any]) -> tuple[bool, int, bool]:
    """Give what running executions are ordered by: live before drill, then trouble; the newest come first already."""
    return one["mode"] != "live", RUNNING.index(one["status"]), not one["clocks"]["overdue"]


def _running(
    connection: Connection, definitions: Definitions, row: ExecutionSummary, actor: Any, language: str
) -> dict[str, Any]:
    runbook, facts = reading.standing(connection, definitions, row.id)
    offered = offerings(runbook, facts, actor, language)
    waits = awaited(offered)
    return {
        **listing.summary(row),
        **where(runbook, facts.position, language),
        "runbook": runbook.title.in_language(language),
        "coordinator": facts.coordinator.name,
        "waits_for": None if waits is None else waits.type.value,
        "mine": waits is not None and waits.mine,
        "unprotected": [window.subject for window in facts.unprotected if window.until is None],
    }


def _past(connection: Connection, definitions: Definitions, row: ExecutionSummary, language: str) -> dict[str, Any]:
    runbook = definitions.by_digest(connection, row.runbook_digest)
    return {**listing.summary(row), "runbook": runbook.title.in_language(language)}


def where(runbook: Runbook, position: str, language: str) -> dict[str, Any]:
    """Give the step and the action of a (not terminal) position, in words; no action at a sign-off or a list."""
    step, action = runbook.step_of(position), runbook.actions.get(position)
    return {
        "step_number": runbook.number_of(step.id),
        "step_title": step.title.in_language(language),
        "action_title": None if action is None else action.title.in_language(language),
        "in_any_order": position in runbook.items,
        "steps": len(runbook.steps),
    }
