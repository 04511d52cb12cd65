"""The live line: a page is told that something changed, never what; it then asks for itself again."""

import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from app.domain.events import Actor
from app.services import reading
from app.services.service import Service
from app.storage import queries
from app.storage.database import Connection
from app.web import following
from app.web.console.pages import PageRoute
from app.web.console.visitors import Visitor, still_signed_in
from app.web.deps import TheService, execution_id_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

NEWEST: Final = 50  # executions that the overview looks at


@router.get("/executions/{execution_id}/live")
async def follow_execution(request: Request, execution_id: str, actor: Visitor, service: TheService) -> Response:
    """Say an execution's version now and whenever it changes."""
    identifier = execution_id_of(execution_id)

    def version(connection: Connection) -> str:
        return str(reading.version_of(connection, identifier))

    await service.database.read(version)
    return _stream(request, service, actor, identifier, version)


@router.get("/live")
async def follow_all(request: Request, actor: Visitor, service: TheService) -> Response:
    """Say, now and whenever it changes, a digest of what the overview shows."""

    def newest(connection: Connection) -> str:
        rows = queries.execution_list(connection, limit=NEWEST)
        return hashlib.sha256(repr([(row.id, row.version) for row in rows]).encode()).hexdigest()[:16]

    return _stream(request, service, actor, None, newest)


def _stream(
    request: Request, service: Service, actor: Actor, execution_id: str | None, look: Callable[[Connection], str]
) -> StreamingResponse:
    told = ""

    async def news(first: bool) -> AsyncIterator[bytes]:  # noqa: FBT001 - as following.stream calls it
        nonlocal told
        found = await service.looks.look(execution_id, look)
        if found != told:
            told = found
            yield f"event: version\ndata: {found}\n\n".encode()

    return following.stream(
        service,
        operator_id=actor.id,
        execution_id=execution_id,
        news=news,
        still_valid=lambda: still_signed_in(request),
    )
