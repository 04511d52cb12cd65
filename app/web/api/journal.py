"""The journal: page by page, one line, the whole as an export, across executions, and its verification."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import AwareDatetime
from pydantic_core import to_json

from app.domain.errors import FieldFault, InvalidRequest, NotFound
from app.domain.events import EventType
from app.services import reading
from app.services.reading import MAX_NUMBER
from app.services.service import Service
from app.storage import queries
from app.web import exports
from app.web.api import answers, shapes
from app.web.cursors import cursor_for, id_after
from app.web.deps import Reader, TheService, execution_id_of
from app.web.exports import CSV, NDJSON
from app.web.headers import preferred

router = APIRouter(tags=["journal"])

JSON = "application/json"

TypeFilter = Annotated[EventType | None, Query(alias="type")]
ActorFilter = Annotated[str | None, Query(max_length=200, description="An operator's id or name.")]
StepFilter = Annotated[str | None, Query(max_length=200, description="A step's id.")]


@router.get(
    "/executions/{execution_id}/events",
    operation_id="list_events",
    summary="Read the journal, oldest first; or export it whole",
    responses={
        200: {
            "model": shapes.EventList,
            "description": "A page; with Accept, the whole as NDJSON (verifiable) or CSV (not verifiable).",
            "content": {NDJSON: {"schema": {"type": "string"}}, CSV: {"schema": {"type": "string"}}},
        },
        **answers.problems(400, 401, 404, 422, 429, 503),
    },
)
async def list_events(
    *,
    request: Request,
    execution_id: str,
    actor_: Reader,
    service: TheService,
    after: Annotated[int, Query(ge=0, le=MAX_NUMBER, description="Numbers above this one.")] = 0,
    limit: answers.Limit = 50,
    kind: TypeFilter = None,
    actor: ActorFilter = None,
    step: StepFilter = None,
    accept: Annotated[str, Header()] = JSON,
) -> Response:
    """Read the journal of one execution."""
    identifier = execution_id_of(execution_id)
    until = await service.database.read(lambda connection: reading.version_of(connection, identifier))
    wanted = preferred(accept, (JSON, NDJSON, CSV))
    if wanted != JSON:
        return _export(request, service, identifier, until, wanted)
    rows = await service.database.read_long(
        lambda connection: queries.journal_page(
            connection, identifier, after=after, limit=limit + 1, event_type=kind, actor=actor, step=step
        )
    )
    following = str(rows[limit - 1].number) if len(rows) > limit else None
    items = [json.loads(row.line) for row in rows[:limit]]
    return answers.page(request, items, following, name="after", vary="Accept, Authorization")


def _export(request: Request, service: Service, execution_id: str, until: int, media_type: str) -> Response:
    faults = [
        FieldFault(f"/query/{name}", "is for pages; an export is the whole journal, leave it out")
        for name in dict.fromkeys(request.query_params)
        if name != "lang"
    ]
    if faults:
        raise InvalidRequest(*faults)
    return exports.export(service, execution_id, until, media_type, vary="Accept, Authorization")


@router.get(
    "/executions/{execution_id}/events/{number}",
    operation_id="read_event",
    summary="Read one line of the journal",
    responses=answers.found(shapes.Event, 404, 422),
)
async def read_event(
    *,
    execution_id: str,
    number: Annotated[int, Path(ge=1, le=MAX_NUMBER)],
    actor: Reader,
    service: TheService,
) -> Response:
    """Read one line."""
    identifier = execution_id_of(execution_id)
    text = await service.database.read(lambda connection: queries.line(connection, identifier, number))
    if text is None:
        raise NotFound("There is no execution of that id, or its journal has no line of that number.")
    headers = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Authorization"}
    return Response(text.encode(), 200, headers, "application/json")


@router.get(
    "/executions/{execution_id}/verification",
    operation_id="verify_execution",
    summary="Recompute chain and fold",
    responses=answers.found(shapes.Verification, 404),
)
async def verify_execution(
    *,
    execution_id: str,
    actor: Reader,
    service: TheService,
) -> Response:
    """Recompute the hash chain and the fold of the journal, and compare them with the stored state."""
    identifier = execution_id_of(execution_id)
    proof = await service.database.compute(
        lambda connection: reading.verification(connection, service.definitions, identifier)
    )
    return Response(to_json(proof), 200, {"Cache-Control": "no-store"}, "application/json")


@router.get(
    "/events",
    operation_id="search_events",
    summary="Search the journal across executions, newest first",
    responses=answers.found(shapes.EventList, 422),
)
async def search_events(
    *,
    request: Request,
    actor_: Reader,
    service: TheService,
    actor: ActorFilter = None,
    kind: TypeFilter = None,
    step: StepFilter = None,
    runbook: Annotated[str | None, Query(max_length=100)] = None,
    mode: Literal["live", "drill"] | None = None,
    since: Annotated[AwareDatetime | None, Query(description="Recorded at this time or later; with an offset.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Recorded before this time; with an offset.")] = None,
    limit: answers.Limit = 50,
    cursor: answers.Cursor = None,
) -> Response:
    """Search every execution's journal."""
    filters: dict[str, Any] = {
        "actor": actor,
        "event_type": kind,
        "step": step,
        "runbook": runbook,
        "mode": mode,
        "since": answers.sane(since, "since"),
        "until": answers.sane(until, "until"),
    }
    before = id_after(cursor, filters)
    rows = await service.database.read_long(
        lambda connection: queries.search(connection, **filters, before=before, limit=limit + 1)
    )
    following = cursor_for(rows[limit - 1].id, filters) if len(rows) > limit else None
    return answers.page(request, [json.loads(row.line) for row in rows[:limit]], following)
