"""The stream: an execution's events as server-sent events, as they are committed."""

import json
import re
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import StreamingResponse

from app.services import reading
from app.services.reading import MAX_NUMBER
from app.services.service import Service
from app.storage import queries
from app.storage.database import Connection
from app.storage.rows import LineRow
from app.web import following
from app.web.api import answers
from app.web.deps import Reader, TheService, caller, execution_id_of

router = APIRouter(tags=["journal"])

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
    actor: Reader,
    service: TheService,
    after: Annotated[int, Query(ge=0, le=MAX_NUMBER, description="Lines above this number; default all.")] = 0,
    last_event_id: Annotated[str, Header(description="The last number you have; goes before `after`.")] = "",
) -> StreamingResponse:
    """Give the lines there are, then each new one; a comment every 15 seconds shows that the stream lives."""
    identifier = execution_id_of(execution_id)
    await service.database.read(lambda connection: reading.version_of(connection, identifier))
    told = int(last_event_id) if _NUMBER.fullmatch(last_event_id) else after
    journal = _Journal(service, identifier, min(told, MAX_NUMBER))
    return following.stream(
        service,
        operator_id=actor.id,
        execution_id=identifier,
        news=journal.news,
        still_valid=lambda: caller(request),  # a token revoked meanwhile ends the stream
    )


class _Journal:
    """What one reader has of an execution's journal, and what is new to him."""

    def __init__(self, service: Service, execution_id: str, seen: int) -> None:
        self._service = service
        self._execution_id = execution_id
        self._seen = seen

    async def news(self, first: bool) -> AsyncIterator[bytes]:  # noqa: FBT001 - as following.stream calls it
        """Give the lines that are new, some at a time."""
        whole = False
        while not whole:
            query = partial(_lines_after, execution_id=self._execution_id, seen=self._seen)
            if first:  # everybody begins elsewhere, and what is shared is kept
                found = await self._service.database.read(query)
            else:
                found = await self._service.looks.look((self._execution_id, self._seen), query)
            self._seen, lines, whole = found
            if lines:
                yield lines


def _lines_after(connection: Connection, *, execution_id: str, seen: int) -> tuple[int, bytes, bool]:
    """Give the number of the last line, the lines as events, and whether these are all there were."""
    rows = queries.chunk(connection, execution_id, after=seen, until=MAX_NUMBER)
    last = rows[-1].number if rows else seen
    return last, b"".join(map(_encoded, rows)), len(rows) < queries.CHUNK


def _encoded(row: LineRow) -> bytes:
    """Give a line as an event; canonical JSON has no line breaks, so it is one `data` field."""
    kind = json.loads(row.line)["type"]
    return f"id: {row.number}\nevent: {kind}\ndata: {row.line}\n\n".encode()
