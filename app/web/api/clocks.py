"""The clocks of an execution."""

from fastapi import APIRouter, Response
from pydantic_core import to_json

from app.services.clocks import clocks_now
from app.web.api import answers
from app.web.api.shapes.clocks import ExecutionClocks
from app.web.deps import Reader, TheService, execution_id_of

router = APIRouter(tags=["clocks"])


@router.get(
    "/executions/{execution_id}/clocks",
    operation_id="read_clocks",
    summary="Read an execution's clocks at this moment",
    responses=answers.found(ExecutionClocks, 404),
)
async def read_clocks(
    *,
    execution_id: str,
    actor: Reader,
    service: TheService,
) -> Response:
    """Read outage, decision, waiting and hands-on times, what is unprotected and what is overdue, from the journal.

    What goes on is measured until `at`, the server's now: the answer is not a function of the version, so it has no
    tag and is not to be kept. Between two answers a client adds its own elapsed time to whatever is `running`.
    """
    found = await clocks_now(service.database, service.chronicles, execution_id_of(execution_id))
    return Response(to_json(found), 200, {"Cache-Control": "no-store"}, "application/json")
