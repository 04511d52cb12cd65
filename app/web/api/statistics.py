"""Statistics over executions."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime
from pydantic_core import to_json

from app.services.statistics import statistics
from app.web.api import answers
from app.web.api.shapes.statistics import Statistics
from app.web.deps import Reader, TheService

router = APIRouter(tags=["statistics"])


@router.get(
    "/statistics",
    operation_id="read_statistics",
    summary="How long steps and actions take, and what goes wrong; live and drill apart",
    responses=answers.found(Statistics, 422),
)
async def read_statistics(
    *,
    actor: Reader,
    service: TheService,
    runbook: Annotated[str | None, Query(max_length=100, description="A runbook's id.")] = None,
    mode: Annotated[Literal["live", "drill"] | None, Query(description="Without it both, apart.")] = None,
    since: Annotated[
        AwareDatetime | None, Query(description="Declared at this time or later, with an offset; else a year ago.")
    ] = None,
) -> Response:
    """Read the journals of the executions declared since then: counts, median and p90 of every step and action.

    At most 100,000 lines are read, those of the newest executions; `truncated` says that there were more.
    """
    begin = answers.sane(since, "since")
    found = await service.database.compute(
        lambda connection: statistics(connection, service.definitions, runbook=runbook, mode=mode, since=begin)
    )
    headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
    return Response(to_json(found), 200, headers, "application/json")
