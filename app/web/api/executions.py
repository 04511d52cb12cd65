"""Executions: declare one, list them, read one, post an event to one."""

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response

from app.services import executions, listing
from app.web.api import answers, calls, examples, shapes
from app.web.bodies.declaration import EXECUTION, ExecutionBody
from app.web.bodies.declared import declared
from app.web.bodies.events import EventBody
from app.web.cursors import cursor_for, id_after
from app.web.deps import Declarer, Follower, Language, Reader, Speaker, TheService
from app.web.guard import guarded_json

router = APIRouter(tags=["executions"])

IdempotencyKey = Annotated[
    str | None,
    Header(description="Repeat a request with the same key and nothing happens twice: the same answer comes again."),
]


@router.post(
    "/executions",
    status_code=201,
    operation_id="declare_execution",
    summary="Declare a disaster, or begin a drill",
    responses=answers.created(shapes.Execution, 403, 409, 413, 415, 422),
    openapi_extra=examples.request_body(ExecutionBody, examples.DECLARATIONS),
)
async def declare_execution(
    *,
    request: Request,
    actor: Declarer,
    service: TheService,
    language: Language,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Declare: the execution stands at the first action, and its journal has its first line."""
    asked: ExecutionBody = await calls.form(request, EXECUTION)
    key = calls.request_key(idempotency_key, "/executions", await guarded_json(request))
    job = executions.declare(await declared(service, asked), actor=actor, key=key)
    accepted = await service.writer.ask(job)
    body = await calls.document(service, accepted, language)
    return calls.created(body, accepted, language, f"/api/v1/executions/{accepted.execution_id}")


@router.get(
    "/executions",
    operation_id="list_executions",
    summary="List executions, newest first",
    responses=answers.found(shapes.ExecutionList, 422),
)
async def list_executions(
    *,
    request: Request,
    actor: Reader,
    service: TheService,
    status: answers.StatusFilter = None,
    mode: Literal["live", "drill"] | None = None,
    runbook: Annotated[str | None, Query(max_length=100)] = None,
    protected_set: Annotated[str | None, Query(max_length=100, description="Id of the set they are for.")] = None,
    q: Annotated[str | None, Query(max_length=200, description="Part of the title or of a workload's name.")] = None,
    limit: answers.Limit = 50,
    cursor: answers.Cursor = None,
) -> Response:
    """List executions; follow `next` (or the Link header) for older ones."""
    filters = {"status": status, "mode": mode, "runbook": runbook, "protected_set": protected_set, "q": q}
    before = id_after(cursor, filters)
    asked = {**filters, "before": before, "limit": limit + 1}
    items = await service.database.read_long(
        lambda connection: listing.listed(connection, service.definitions, **asked)
    )
    following = cursor_for(items[limit - 1]["id"], filters) if len(items) > limit else None
    return answers.page(request, items[:limit], following)


@router.get(
    "/executions/{execution_id}",
    operation_id="read_execution",
    summary="Read an execution; wait for its next change with Prefer: wait=N",
    responses={**answers.found(shapes.Execution, 404, 422), 304: {"description": "It has not changed."}},
)
async def read_execution(
    *,
    request: Request,
    execution_id: str,
    actor: Follower,
    service: TheService,
    language: Language,
    if_none_match: Annotated[str | None, Header()] = None,
    prefer: Annotated[str | None, Header(description="`wait=N`: hold a 304 back for up to 30 seconds.")] = None,
) -> Response:
    """Read where an execution stands: a pure function of its version and the language."""
    return await calls.read(request, service, execution_id, language=language)


@router.post(
    "/executions/{execution_id}/events",
    status_code=201,
    operation_id="post_event",
    summary="Post an event: confirm, authorize, sign off, report a failure, …",
    responses=answers.created(shapes.EventAnswer, 403, 404, 409, 412, 413, 415, 422),
    openapi_extra=examples.request_body(EventBody, examples.EVENTS),
)
async def post_event(
    *,
    request: Request,
    execution_id: str,
    actor: Speaker,
    service: TheService,
    language: Language,
    idempotency_key: IdempotencyKey = None,
    if_match: Annotated[str | None, Header(description="A tag of the version you saw, of any language.")] = None,
) -> Response:
    """Post one event. Of people who post the same at once exactly one is heard; the others learn who was faster."""
    return await calls.post(request, service, actor, execution_id, language=language)
