"""A journal taken away as a file, whichever face gives it: NDJSON that anyone can verify, or CSV for a spreadsheet."""

import csv
import io
import json
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, Final

from fastapi import Response
from starlette.responses import StreamingResponse

from app.services.service import Service
from app.storage import queries
from app.storage.rows import LineRow

NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
#: Spreadsheets run cells that begin with one of these, some the full-width ones too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
COLUMNS = (
    "number", "recorded_at", "performed_at", "type", "position_before", "position_after", "status_after", "attempt",
    "workloads", "actor", "role", "performed_by", "comment", "evidence", "data", "hash", "mode",
)  # fmt: skip


def export(service: Service, execution_id: str, until: int, media_type: str, *, vary: str) -> Response:
    """Give an execution's lines up to the number `until` as a file of this media type, streamed."""
    encode, suffix = (_ndjson, "ndjson") if media_type == NDJSON else (_csv, "csv")
    headers = {
        "Content-Disposition": f'attachment; filename="failback-{execution_id}.{suffix}"',
        "Cache-Control": "private, no-cache",
        "Vary": vary,
    }
    return StreamingResponse(_chunks(service, execution_id, until, encode), 200, headers, media_type)


async def _chunks(
    service: Service, execution_id: str, until: int, encode: Callable[[list[LineRow], bool, str], bytes]
) -> AsyncIterator[bytes]:
    """Give the journal up to a number, 200 lines a piece; what is appended meanwhile is left for the next export."""
    after, mode = 0, ""
    while after < until:
        found = await service.database.read_long(
            partial(queries.chunk, execution_id=execution_id, after=after, until=until)
        )
        if not found:
            return
        mode = mode or json.loads(found[0].line)["data"]["mode"]
        yield encode(found, after == 0, mode)
        after = found[-1].number


def _ndjson(rows: list[LineRow], first: bool, mode: str) -> bytes:  # noqa: ARG001, FBT001 - lines speak for themselves
    return "".join(row.line + "\n" for row in rows).encode()


def _csv(rows: list[LineRow], first: bool, mode: str) -> bytes:  # noqa: FBT001 - a heading before the first piece
    text = io.StringIO()
    writer = csv.writer(text)
    if first:
        writer.writerow(COLUMNS)
    for row in rows:
        line: dict[str, Any] = json.loads(row.line)
        line |= {"role": line["actor"]["role"], "actor": line["actor"]["name"], "mode": mode}
        writer.writerow([_cell(line[name]) for name in COLUMNS])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    """Give a value as a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "'" + text if text.startswith(_FORMULA) else text
