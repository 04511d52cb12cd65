"""The stream: an execution's events as server-sent events, as they are committed."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import StreamingResponse

from app.domain.errors import Refusal, Unavailable
from app.services import reading
from app.services.reading import MAX_NUMBER
from app.services.service import Service
from app.storage import queries
from app.storage.rows import LineRow
from app.web.api import answers
from app.web.deps import Reader, TheService, caller, execution_id_of

router = APIRouter(tags=["journal"])

HEARTBEAT: Final = 15.0  # seconds
MAX_STREAMS: Final = 1_000  # of one process
_NUMBER: Final = re.compile("[0-9]{1,15}")


@router.get(
    "/executions/{execution_id}/stream",
    operation_id="stream_events",
    summary="Follow the journal as server-sent events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "One event a line of the journal: `id` its number, `event` its type, `data` the line.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **answers.problems(400, 401, 404, 422, 429, 503),
    },
)
async def stream_events(
    *,
    request: Request,
    execution_id: str,
    actor: Reader,  # noqa: ARG001
    service: TheService,
    after: Annotated[int, Query(ge=0, le=MAX_NUMBER, description="Lines above this number; default all.")] = 0,
    last_event_id: Annotated[str, Header(description="The last number you have; goes before `after`.")] = "",
) -> StreamingResponse:
    """Give the lines there are, then each new one; a comment every 15 seconds shows that the stream lives."""
    identifier = execution_id_of(execution_id)
    await service.database.read(lambda connection: reading.version_of(connection, identifier))
    if service.streams >= MAX_STREAMS:
        raise Unavailable("This process has as many streams as it takes; poll, or come again.", retry_after=10)
    told = int(last_event_id) if _NUMBER.fullmatch(last_event_id) else after
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        _follow(request, service, identifier, min(told, MAX_NUMBER)), 200, headers, "text/event-stream"
    )


async def _follow(request: Request, service: Service, execution_id: str, seen: int) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    service.streams += 1
    try:
        with service.feed.subscribe(execution_id) as subscription:
            yield b": follows the journal\nretry: 2000\n\n"
            beat = loop.time() + HEARTBEAT
            while not service.stopping:
                async for last, lines in _news(service, execution_id, seen):
                    seen = last
                    yield lines
                if loop.time() >= beat:
                    await caller(request)  # a token revoked meanwhile ends the stream, however much there is to tell
                    yield b": heartbeat\n\n"
                    beat = loop.time() + HEARTBEAT
                await subscription.wait(min(service.feed.recheck_seconds, max(0.05, beat - loop.time())))
    except Refusal:
        return  # the client comes again with its last id and is told then
    finally:
        service.streams -= 1


async def _news(service: Service, execution_id: str, seen: int) -> AsyncIterator[tuple[int, bytes]]:
    """Give the lines above a number, some at a time, each with the number it ends with."""
    while True:
        rows = await service.database.read(
            partial(queries.chunk, execution_id=execution_id, after=seen, until=MAX_NUMBER)
        )
        if not rows:
            return
        seen = rows[-1].number
        yield seen, b"".join(map(_encoded, rows))


def _encoded(row: LineRow) -> bytes:
    """Give a line as an event; canonical JSON has no line breaks, so it is one `data` field."""
    kind = json.loads(row.line)["type"]
    return f"id: {row.number}\nevent: {kind}\ndata: {row.line}\n\n".encode()
