"""Executions: declare one, list them, read one, post an event to one."""

import hashlib
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import TypeAdapter, ValidationError

from app.domain.chain import written
from app.domain.errors import NotFound, RoleRequired
from app.domain.events import ROLES, Actor, EventType, roles_for
from app.services import executions, reading
from app.services.clock import stamp
from app.services.declaring import declaration
from app.services.document import etag
from app.services.executions import Accepted, RequestKey
from app.services.reading import MANY_WORKLOADS
from app.services.service import Service
from app.storage import queries
from app.web.api import answers, examples, shapes
from app.web.bodies.declaration import EXECUTION, ExecutionBody
from app.web.bodies.events import EVENT, EventBody
from app.web.cursors import cursor_for, id_after
from app.web.deps import Declarer, Follower, Language, Reader, Speaker, TheService, execution_id_of
from app.web.faults import invalid_request
from app.web.guard import guarded_json
from app.web.headers import entity_tags, key_digest, seconds_to_wait, versions_of

router = APIRouter(tags=["executions"])
JSON = "application/json"
VARY = "Accept-Language, Authorization"
POSTED = frozenset(ROLES) - {EventType.DECLARE}
BREAKS_GLASS = frozenset({EventType.AUTHORIZE, EventType.SIGN_OFF})


def headers_for(version: int, language: str) -> dict[str, str]:
    """Give the headers that every answer with an execution's document has."""
    return {
        "ETag": etag(version, language),
        "Content-Language": language,
        "Vary": VARY,
        "Cache-Control": "private, no-cache",
    }


async def form(request: Request, adapter: TypeAdapter[Any]) -> Any:
    """Give the body as its model; raises InvalidRequest with every fault."""
    body = await guarded_json(request)
    try:
        return adapter.validate_python(body)
    except ValidationError as error:
        raise invalid_request(error, body=body) from None


def request_key(field: str | None, path: str, body: Any) -> RequestKey | None:
    """Give the idempotency key with the digest of this request; raises InvalidRequest for a malformed key."""
    digest = key_digest(field)
    if digest is None:
        return None
    asked = hashlib.sha256(written([path, body])).hexdigest()
    return RequestKey(key_digest=digest, request_digest=asked)


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
    asked: ExecutionBody = await form(request, EXECUTION)
    key = request_key(idempotency_key, "/executions", await guarded_json(request))
    declared = declaration(
        service.definitions,
        runbook=asked.runbook,
        mode=asked.mode,
        title=asked.title,
        parameters=asked.parameters,
        workloads=[(one.name, one.parameters) for one in asked.workloads],
        command_profile=asked.command_profile,
        four_eyes=asked.policy.four_eyes.value,
        targets=asked.targets.model_dump(exclude_none=True),
        outage_started_at=None if asked.outage_started_at is None else stamp(asked.outage_started_at),
    )
    accepted = await service.writer.ask(executions.declare(declared, actor=actor, key=key))
    body = await _document(service, accepted, language)
    return _created(body, accepted, language, f"/api/v1/executions/{accepted.execution_id}")


async def _document(service: Service, accepted: Accepted, language: str) -> bytes:
    """Give the document that an accepted request led to: of that version, also when it is replayed."""
    if accepted.runbook is not None and accepted.facts is not None:
        made_of = (accepted.runbook, accepted.facts, accepted.execution_id, language)
        if len(accepted.facts.workloads) > MANY_WORKLOADS:
            return await to_thread.run_sync(service.documents.render, *made_of)
        return service.documents.render(*made_of)
    asked = (service.documents, accepted.execution_id, accepted.number, language)
    rendered = await service.database.read_long(lambda connection: reading.at_hand(connection, *asked))
    if rendered is None:
        rendered = await service.database.compute(lambda connection: reading.at_version(connection, *asked))
    return rendered.body


def _created(body: bytes, accepted: Accepted, language: str, location: str) -> Response:
    replayed = {"Idempotency-Replayed": "true"} if accepted.replayed else {}
    return Response(body, 201, {**headers_for(accepted.number, language), "Location": location, **replayed}, JSON)


@router.get(
    "/executions",
    operation_id="list_executions",
    summary="List executions, newest first",
    responses=answers.found(shapes.ExecutionList, 422),
)
async def list_executions(
    *,
    request: Request,
    actor: Reader,  # noqa: ARG001 - names the permission
    service: TheService,
    status: answers.StatusFilter = None,
    mode: Literal["live", "drill"] | None = None,
    runbook: Annotated[str | None, Query(max_length=100)] = None,
    q: Annotated[str | None, Query(max_length=200, description="Part of the title or of a workload's name.")] = None,
    limit: answers.Limit = 50,
    cursor: answers.Cursor = None,
) -> Response:
    """List executions; follow `next` (or the Link header) for older ones."""
    filters = {"status": status, "mode": mode, "runbook": runbook, "q": q}
    before = id_after(cursor, filters)
    asked = {**filters, "before": before, "limit": limit + 1}
    items = await service.database.read_long(
        lambda connection: reading.listed(connection, service.definitions, **asked)
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
    actor: Follower,  # noqa: ARG001 - names the permission
    service: TheService,
    language: Language,
    if_none_match: Annotated[str | None, Header()] = None,
    prefer: Annotated[str | None, Header(description="`wait=N`: hold a 304 back for up to 30 seconds.")] = None,
) -> Response:
    """Read where an execution stands: a pure function of its version and the language."""
    identifier = execution_id_of(execution_id)
    known, wait = entity_tags(if_none_match) if if_none_match else [], seconds_to_wait(prefer)
    version: int | None = request.state.version
    if version is None:
        raise NotFound("There is no execution of that id.")
    if wait and _is_known(version, language, known):
        version = await service.changed(identifier, version, wait)
    if _is_known(version, language, known):
        return Response(None, 304, headers_for(version, language))
    kept = service.documents.get(identifier, version, language)
    if kept is None:
        asked = (service.documents, identifier, language)
        rendered = await service.database.read(lambda connection: reading.soon(connection, *asked))
        if rendered is None:
            rendered = await service.database.read_long(lambda connection: reading.current(connection, *asked))
        version, kept = rendered.version, rendered.body
    return Response(kept, 200, headers_for(version, language), JSON)


def _is_known(version: int, language: str, tags: list[str] | None) -> bool:
    return tags is None or etag(version, language).strip('"') in tags


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
    body = await guarded_json(request)
    _check_role(actor, body)
    identifier = execution_id_of(execution_id)
    posted = (await form(request, EVENT)).posted()
    key = request_key(idempotency_key, f"/executions/{identifier}/events", body)
    accepted = await service.writer.ask(
        executions.post(
            identifier,
            posted,
            actor=actor,
            key=key,
            versions=versions_of(if_match),
            definitions=service.definitions,
            language=language,
        )
    )
    document = await _document(service, accepted, language)
    line = accepted.line or await _line(service, accepted)
    both = b'{"event":%b,"execution":%b}' % (line.encode(), document)
    return _created(both, accepted, language, f"/api/v1/executions/{identifier}/events/{accepted.number}")


def _check_role(actor: Actor, body: Any) -> None:
    """Raise RoleRequired where no role of the token may ever post an event of the type; the rest is the machine's."""
    kind = body.get("type") if isinstance(body, dict) else None
    if not isinstance(kind, str) or kind not in POSTED:
        return
    breaks_glass = kind in BREAKS_GLASS and body.get("break_glass") is True
    roles = roles_for(EventType(kind), break_glass=breaks_glass)
    if not actor.roles & set(roles):
        raise RoleRequired(f"{kind} needs the role {' or '.join(roles)}.", required=[*roles])


async def _line(service: Service, accepted: Accepted) -> str:
    """Give the line of a replayed request as it was written."""
    where = (accepted.execution_id, accepted.number)
    return await service.database.read(lambda connection: queries.line(connection, *where) or "null")
