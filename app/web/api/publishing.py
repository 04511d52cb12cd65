"""Publish a runbook's next version, and list its versions."""

from collections.abc import Mapping
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic_core import to_json

from app.domain.errors import FieldFault, InvalidRequest
from app.domain.machine import Machine
from app.domain.runbook import MODES, Runbook
from app.runbooks import RunbookFault, accept_content, parse_runbook
from app.services import publishing
from app.web.api import answers, calls, shapes
from app.web.api.example_runbook import BODY, YAML
from app.web.api.executions import IdempotencyKey
from app.web.deps import Publisher, Reader, TheService
from app.web.guard import JSON, guarded_bytes
from app.web.strict_json import MAX_FAULTS, decoded, parse, pointer

router = APIRouter(prefix="/runbooks", tags=["runbooks"])

MESSAGE = 300  # characters of one fault: it may repeat what was sent


@router.post(
    "",
    status_code=201,
    operation_id="publish_runbook",
    summary="Publish a runbook's next version",
    responses=answers.created(shapes.Publication, 403, 409, 413, 415, 422, tagged=False),
    openapi_extra=BODY,
)
async def publish_runbook(
    *, request: Request, actor: Publisher, service: TheService, idempotency_key: IdempotencyKey = None
) -> Response:
    """Make a definition the one that new executions begin with. Those that began keep theirs.

    The body is the YAML of docs/runbook-format.md, or the same as JSON. Its version comes after the current one's;
    the content that is current already is answered as it was, and nothing is stored.
    """
    media_type, sent = await guarded_bytes(request, YAML, JSON)
    body = parse(sent) if media_type == JSON else decoded(sent)
    content, runbook = await to_thread.run_sync(_definition, body)
    key = calls.request_key(idempotency_key, "/runbooks", body)
    made = await service.writer.ask(publishing.publish(content, runbook, actor=actor, key=key))
    where = (made.runbook_id, made.number)
    row = await service.database.read(lambda connection: publishing.published(connection, *where))
    headers = {
        "Vary": "Authorization",
        "Cache-Control": "private, no-cache",
        "Location": f"/api/v1/runbooks/{row.runbook_id}?digest={row.digest}",
        **({"Idempotency-Replayed": "true"} if made.replayed else {}),
    }
    return Response(to_json(publishing.document(row)), 201, headers, calls.JSON)


@router.get(
    "/{runbook_id}/versions",
    operation_id="list_runbook_versions",
    summary="List a runbook's versions, oldest first",
    responses=answers.found(shapes.RunbookVersionList, 404, 422),
)
async def list_runbook_versions(
    *,
    request: Request,
    runbook_id: str,
    actor: Reader,
    service: TheService,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="`next` of the page before.")] = 0,
    limit: answers.Limit = 50,
) -> Response:
    """List every definition that ever was current, with who published it and when."""
    items = await service.database.read_long(
        lambda connection: publishing.versions(connection, runbook_id, after=after, limit=limit + 1)
    )
    following = str(items[limit - 1]["number"]) if len(items) > limit else None
    return answers.page(request, items[:limit], following, name="after")


def _definition(body: Any) -> tuple[Mapping[str, Any], Runbook]:
    """Give the definition in YAML text or JSON data, whose machines can be built; raises InvalidRequest."""
    try:
        if isinstance(body, str):
            content, runbook = parse_runbook(body, file="")
        elif isinstance(body, dict):
            content, runbook = body, accept_content(body)
        else:
            raise InvalidRequest(FieldFault("", "should be an object"))
    except RunbookFault as fault:
        raise InvalidRequest(
            *(
                FieldFault(pointer(one.where), f"line {one.line}: {one.message}"[:MESSAGE] if one.line else one.message)
                for one in fault.faults[:MAX_FAULTS]
            )
        ) from None
    for mode in MODES:
        for profile in runbook.profile_ids:
            Machine(runbook.for_mode(mode), profile)  # not kept: it may be refused yet
    return content, runbook
