"""Runbooks: the definitions, and the machine drawn."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic_core import to_json

from app.domain.errors import FieldFault, InvalidRequest, NotFound
from app.domain.machine import machine_for
from app.domain.runbook import Runbook
from app.services import reading
from app.services.runbook_document import runbook_document, runbook_summary
from app.web import diagrams
from app.web.api import answers, shapes
from app.web.api.calls import headers_for
from app.web.deps import Language, Reader, TheService, execution_id_of
from app.web.headers import preferred

router = APIRouter(tags=["runbooks"])

MERMAID = "text/vnd.mermaid"
SVG = "image/svg+xml"
DIAGRAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The machine as Mermaid text, or as SVG where Accept asks for it.",
        "content": {MERMAID: {"schema": {"type": "string"}}, SVG: {"schema": {"type": "string"}}},
    },
    **answers.problems(400, 401, 404, 422, 429, 503),
}
Digest = Annotated[str | None, Query(pattern="^[0-9a-f]{64}$", description="An earlier version's digest.")]
Mode = Annotated[Literal["live", "drill"], Query(description="Whose course: a drill's has other commands.")]
Accept = Annotated[str, Header()]


@router.get(
    "/runbooks",
    operation_id="list_runbooks",
    summary="List the runbooks that an execution can begin with",
    responses=answers.found(shapes.RunbookList, 422),
)
async def list_runbooks(
    *,
    request: Request,
    actor: Reader,
    service: TheService,
    language: Language,
) -> Response:
    """List the current definitions."""
    current = await service.database.read(service.definitions.current)
    items = [runbook_summary(one, language) for one in current.values()]
    return answers.page(request, items, None, content_language=language, vary="Accept-Language, Authorization")


@router.get(
    "/runbooks/{runbook_id}",
    operation_id="read_runbook",
    summary="Read a definition: the current one, or that of a digest",
    responses=answers.found(shapes.Runbook, 404, 422),
)
async def read_runbook(
    *,
    runbook_id: str,
    actor: Reader,
    service: TheService,
    language: Language,
    digest: Digest = None,
    mode: Mode = "live",
) -> Response:
    """Read the whole procedure in one language, as live executions walk it, or drills."""
    runbook = await _runbook(service, runbook_id, digest)
    headers = {
        "Content-Language": language,
        "Vary": "Accept-Language, Authorization",
        "Cache-Control": "private, no-cache",
    }
    return Response(to_json(runbook_document(runbook.for_mode(mode), language)), 200, headers, "application/json")


async def _runbook(service: TheService, runbook_id: str, digest: str | None) -> Runbook:
    definitions = service.definitions
    if digest is None:
        runbook = await service.database.read(lambda connection: definitions.named(connection, runbook_id))
    else:
        runbook = await service.database.read(lambda connection: definitions.by_digest(connection, digest))
    if runbook is None or runbook.id != runbook_id:
        raise NotFound("There is no runbook of that id (and digest).")
    return runbook


@router.get(
    "/runbooks/{runbook_id}/diagram",
    operation_id="draw_runbook",
    summary="Draw a runbook's machine",
    response_class=Response,
    responses=DIAGRAM,
)
async def draw_runbook(
    *,
    runbook_id: str,
    actor: Reader,
    service: TheService,
    language: Language,
    digest: Digest = None,
    profile: Annotated[str | None, Query(max_length=100, description="A command profile; default the first.")] = None,
    mode: Mode = "live",
    accept: Accept = MERMAID,
) -> Response:
    """Draw the machine of a definition, as executions of a mode walk it."""
    runbook = await _runbook(service, runbook_id, digest)
    chosen = profile or runbook.profile_ids[0]
    if chosen not in runbook.profile_ids:
        raise InvalidRequest(FieldFault("/query/profile", f"no such profile; one of {', '.join(runbook.profile_ids)}"))
    return _drawn(runbook.for_mode(mode), chosen, language, accept, mark=None)


@router.get(
    "/executions/{execution_id}/diagram",
    operation_id="draw_execution",
    summary="Draw an execution's machine, marked where it stands",
    response_class=Response,
    responses=DIAGRAM,
)
async def draw_execution(
    *,
    execution_id: str,
    actor: Reader,
    service: TheService,
    language: Language,
    accept: Accept = MERMAID,
) -> Response:
    """Draw the machine of an execution's own definition and profile."""
    identifier = execution_id_of(execution_id)
    runbook, facts = await service.database.read(
        lambda connection: reading.standing(connection, service.definitions, identifier)
    )
    return _drawn(runbook, facts.profile, language, accept, mark=facts.position, version=facts.version)


def _drawn(
    runbook: Runbook, profile: str, language: str, accept: str, *, mark: str | None, version: int | None = None
) -> Response:
    edges = [diagrams.Edge(*edge) for edge in machine_for(runbook, profile).edges()]
    as_svg = preferred(accept, (MERMAID, SVG)) == SVG
    draw = diagrams.svg if as_svg else diagrams.mermaid
    headers = {
        "Vary": "Accept, Accept-Language, Authorization",
        "Content-Language": language,
        "Cache-Control": "private, no-cache",
    }
    if version is not None:
        headers |= {"ETag": headers_for(version, f"{language}-{'svg' if as_svg else 'mmd'}")["ETag"]}
    if as_svg:
        headers["Content-Security-Policy"] = diagrams.CONTENT_SECURITY_POLICY
    drawing = draw(runbook, language=language, transitions=edges, mark=mark)
    return Response(drawing, 200, headers, SVG if as_svg else f"{MERMAID}; charset=utf-8")
