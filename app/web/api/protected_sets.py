"""Protected sets: make one, list them, read one and its history, revise one, ask how ready it is."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic_core import to_json

from app.services import clock, protected_sets
from app.services.protected_sets import Revised
from app.services.readiness import readiness_document
from app.services.service import Service
from app.storage import protected_sets as queries
from app.web.api import answers, calls, examples, shapes
from app.web.api.executions import IdempotencyKey
from app.web.bodies.protected_sets import PROTECTED_SET, REVISION, ProtectedSetBody, RevisionBody
from app.web.cursors import cursor_for, id_after
from app.web.deps import Language, Protector, Reader, TheService, set_id_of
from app.web.guard import guarded_json
from app.web.headers import versions_of

router = APIRouter(prefix="/protected-sets", tags=["protected sets"])

PRIVATE = {"Vary": "Authorization", "Cache-Control": "private, no-cache"}


@router.post(
    "",
    status_code=201,
    operation_id="make_protected_set",
    summary="Make a protected set",
    responses=answers.created(shapes.ProtectedSet, 403, 413, 415, 422),
    openapi_extra=examples.request_body(ProtectedSetBody, examples.PROTECTED_SETS),
)
async def make_protected_set(
    *, request: Request, actor: Protector, service: TheService, idempotency_key: IdempotencyKey = None
) -> Response:
    """Make a set: what is to be protected by which runbook, and what has to hold for it to be ready."""
    asked: ProtectedSetBody = await calls.form(request, PROTECTED_SET)
    key = calls.request_key(idempotency_key, "/protected-sets", await guarded_json(request))
    contents = asked.contents()
    protected_sets.check(await service.database.read(service.definitions.current), contents)
    return await _revised(
        service, await service.writer.ask(protected_sets.make(asked.name, contents, actor=actor, key=key))
    )


@router.get(
    "",
    operation_id="list_protected_sets",
    summary="List protected sets, newest first",
    responses=answers.found(shapes.ProtectedSetList, 422),
)
async def list_protected_sets(
    *,
    request: Request,
    actor: Reader,
    service: TheService,
    limit: answers.Limit = 50,
    cursor: answers.Cursor = None,
) -> Response:
    """List sets as they stand; follow `next` (or the Link header) for older ones."""
    before = id_after(cursor, {})
    rows = await service.database.read_long(
        lambda connection: queries.set_list(connection, before=before, limit=limit + 1)
    )
    following = cursor_for(rows[limit - 1].id, {}) if len(rows) > limit else None
    return answers.page(request, [protected_sets.document(row) for row in rows[:limit]], following)


@router.get(
    "/{protected_set_id}",
    operation_id="read_protected_set",
    summary="Read a protected set",
    responses=answers.found(shapes.ProtectedSet, 404, 422),
)
async def read_protected_set(
    *,
    protected_set_id: str,
    actor: Reader,
    service: TheService,
) -> Response:
    """Read a set as it stands; its tag is its revision."""
    identifier = set_id_of(protected_set_id)
    row = await service.database.read(lambda connection: protected_sets.current(connection, identifier))
    body = to_json(protected_sets.document(row))
    return Response(body, 200, {**PRIVATE, "ETag": f'"{row.number}"'}, calls.JSON)


@router.get(
    "/{protected_set_id}/revisions",
    operation_id="list_set_revisions",
    summary="List a set's revisions, oldest first",
    responses=answers.found(shapes.ProtectedSetList, 404, 422),
)
async def list_set_revisions(
    *,
    request: Request,
    protected_set_id: str,
    actor: Reader,
    service: TheService,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="`next` of the page before.")] = 0,
    limit: answers.Limit = 50,
) -> Response:
    """List everything that the set ever said, with who changed it and when."""
    identifier = set_id_of(protected_set_id)
    await service.database.read(lambda connection: protected_sets.current(connection, identifier))
    rows = await service.database.read_long(
        lambda connection: queries.revision_list(connection, identifier, after=after, limit=limit + 1)
    )
    following = str(rows[limit - 1].number) if len(rows) > limit else None
    items = [protected_sets.document(row) for row in rows[:limit]]
    return answers.page(request, items, following, name="after")


@router.post(
    "/{protected_set_id}/revisions",
    status_code=201,
    operation_id="revise_protected_set",
    summary="Revise a protected set",
    responses=answers.created(shapes.ProtectedSet, 403, 404, 412, 413, 415, 422),
    openapi_extra=examples.request_body(RevisionBody, examples.SET_REVISIONS),
)
async def revise_protected_set(
    *,
    request: Request,
    protected_set_id: str,
    actor: Protector,
    service: TheService,
    idempotency_key: IdempotencyKey = None,
    if_match: Annotated[str | None, Header(description="The tag of the revision you saw.")] = None,
) -> Response:
    """Say anew all that the set says; what it said before stays in its history. Executions keep what they took."""
    identifier = set_id_of(protected_set_id)
    asked: RevisionBody = await calls.form(request, REVISION)
    key = calls.request_key(idempotency_key, f"/protected-sets/{identifier}/revisions", await guarded_json(request))
    contents = asked.contents()
    protected_sets.check(await service.database.read(service.definitions.current), contents)
    job = protected_sets.revise(identifier, contents, actor=actor, key=key, versions=versions_of(if_match))
    return await _revised(service, await service.writer.ask(job))


async def _revised(service: Service, revised: Revised) -> Response:
    """Answer with the set at the revision that the request led to, also when it came again."""
    where = (revised.id, revised.number)
    row = await service.database.read(lambda connection: protected_sets.at_revision(connection, *where))
    headers = {**PRIVATE, "ETag": f'"{revised.number}"', "Location": f"/api/v1/protected-sets/{revised.id}"}
    replayed = {"Idempotency-Replayed": "true"} if revised.replayed else {}
    return Response(to_json(protected_sets.document(row)), 201, {**headers, **replayed}, calls.JSON)


@router.get(
    "/{protected_set_id}/readiness",
    operation_id="read_readiness",
    summary="Read how ready a protected set is, and why not",
    responses=answers.found(shapes.Readiness, 404, 422),
)
async def read_readiness(
    *,
    protected_set_id: str,
    actor: Reader,
    service: TheService,
    language: Language,
) -> Response:
    """Read whether checklists and drills hold for the set as it is now, each reason why not, and until when."""
    identifier = set_id_of(protected_set_id)
    asked = (service.definitions, identifier)
    found = await service.database.read_long(
        lambda connection: readiness_document(connection, *asked, language=language, now=clock.now())
    )
    return Response(to_json(found), 200, {**PRIVATE, "Vary": calls.VARY, "Content-Language": language}, calls.JSON)
