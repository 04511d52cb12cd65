"""The live line: a page is told that something changed, never what; it then asks for itself again."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from app.domain.errors import Refusal, Unavailable
from app.services import reading
from app.services.service import Service
from app.storage import queries
from app.storage.database import Connection
from app.web.console.pages import PageRoute
from app.web.console.visitors import Visitor, still_signed_in
from app.web.deps import TheService, execution_id_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

HEARTBEAT: Final = 15.0  # seconds
MAX_STREAMS: Final = 1_000  # of one process, the API's included
NEWEST: Final = 50  # executions that the overview looks at
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/executions/{execution_id}/live")
async def follow_execution(request: Request, execution_id: str, actor: Visitor, service: TheService) -> Response:  # noqa: ARG001 - names the permission
    """Say an execution's version now and whenever it changes."""
    identifier = execution_id_of(execution_id)

    def version(connection: Connection) -> str:
        return str(reading.version_of(connection, identifier))

    await service.database.read(version)
    return _stream(request, service, identifier, version)


@router.get("/live")
async def follow_all(request: Request, actor: Visitor, service: TheService) -> Response:  # noqa: ARG001 - names the permission
    """Say, now and whenever it changes, a digest of what the overview shows."""

    def newest(connection: Connection) -> str:
        rows = queries.execution_list(connection, limit=NEWEST)
        return hashlib.sha256(repr([(row.id, row.version) for row in rows]).encode()).hexdigest()[:16]

    return _stream(request, service, None, newest)


def _stream(
    request: Request, service: Service, execution_id: str | None, look: Callable[[Connection], str]
) -> StreamingResponse:
    if service.streams >= MAX_STREAMS:
        raise Unavailable("This process has as many streams as it takes.", retry_after=10)
    return StreamingResponse(_changes(request, service, execution_id, look), 200, HEADERS, "text/event-stream")


async def _changes(
    request: Request, service: Service, execution_id: str | None, look: Callable[[Connection], str]
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    service.streams += 1
    seen = ""
    try:
        with service.feed.subscribe(execution_id) as subscription:
            yield b"retry: 2000\n\n"
            beat = loop.time() + HEARTBEAT
            while not service.stopping:
                found = await service.database.read(look)
                if found != seen:
                    seen = found
                    yield f"event: version\ndata: {found}\n\n".encode()
                if loop.time() >= beat:
                    await still_signed_in(request)
                    yield b": heartbeat\n\n"
                    beat = loop.time() + HEARTBEAT
                await subscription.wait(min(service.feed.recheck_seconds, max(0.05, beat - loop.time())))
    except Refusal:
        return  # the browser comes again, and is told then
    finally:
        service.streams -= 1
