"""Evidence tried against what is expected, before it is sent with an event."""

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from app.services import reading
from app.services.evidence_checks import dry_run
from app.web.api import answers, calls, examples
from app.web.api.shapes.evidence import EvidenceChecks
from app.web.bodies.evidence import EVIDENCE, EvidenceBody
from app.web.deps import Reader, TheService, execution_id_of

router = APIRouter(tags=["evidence"])


@router.post(
    "/executions/{execution_id}/evidence-checks",
    operation_id="check_evidence",
    summary="Try evidence against what the action expects; nothing is recorded",
    responses=answers.found(EvidenceChecks, 404, 413, 415, 422),
    openapi_extra=examples.request_body(EvidenceBody, examples.EVIDENCE),
)
async def check_evidence(
    *,
    request: Request,
    execution_id: str,
    actor: Reader,
    service: TheService,
) -> Response:
    """Give the verdict that each output would get. Whoever may read the execution may ask: nothing comes of it."""
    asked: EvidenceBody = await calls.form(request, EVIDENCE)
    identifier = execution_id_of(execution_id)
    pieces = [one.kept() for one in asked.evidence]

    found = await service.database.read_long(  # in a thread: others are answered while a megabyte is read
        lambda connection: dry_run(
            *reading.standing(connection, service.definitions, identifier),
            evidence=pieces,
            at=asked.at,
            workloads=asked.workloads or (),
        )
    )
    return Response(to_json(found), 200, {"Cache-Control": "no-store"}, "application/json")
