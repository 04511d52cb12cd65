"""The pages of runbooks: the list, and a whole procedure with everything that belongs to it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from app.domain.errors import NotFound
from app.domain.machine import machine_for
from app.domain.runbook import Runbook, RunbookKind
from app.services import clock
from app.services.runbook_document import runbook_document, runbook_summary
from app.services.service import Service
from app.storage import publications
from app.storage.database import Connection
from app.storage.rows import PublicationRow
from app.web import diagrams
from app.web.console import runbook_said
from app.web.console.pages import PageRoute
from app.web.console.rendering import page, reader_of
from app.web.console.visitors import Visitor
from app.web.deps import TheService

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Digest = Annotated[str, Query(pattern="^([0-9a-f]{64})?$")]
Mode = Literal["live", "drill"]


@router.get("/runbooks")
async def list_runbooks(*, request: Request, actor: Visitor, service: TheService) -> Response:
    """List the runbooks that an execution can begin with."""
    language = reader_of(request).language
    current = await service.database.read_long(service.definitions.current)
    return page(
        request,
        "runbooks.html",
        runbooks=[
            {**runbook_summary(one, language), "steps": [step.title.in_language(language) for step in one.steps]}
            for one in sorted(current.values(), key=lambda one: one.kind is not RunbookKind.PROCEDURE)
        ],
    )


@router.get("/runbooks/{runbook_id}")
async def show_runbook(
    *,
    request: Request,
    runbook_id: str,
    actor: Visitor,
    service: TheService,
    mode: Mode = "live",
    digest: Digest = "",
) -> Response:
    """Show a whole definition as executions of a mode walk it: the current one, or that of a digest."""
    speech = reader_of(request).speech

    def look(connection: Connection) -> tuple[Runbook, list[PublicationRow]]:
        runbook = found(connection, service, runbook_id, digest)
        return runbook, publications.publication_list(connection, runbook_id)[::-1]

    runbook, published = await service.database.read_long(look)
    course = runbook.for_mode(mode)
    return page(
        request,
        "runbook.html",
        book=runbook_document(course, speech.language),
        mode=mode,
        is_current=published[0].digest == runbook.digest,
        versions=[
            {
                "version": one.version,
                "digest": one.digest,
                "at": clock.stamp(one.published_at),
                "by": one.published_by_name,
            }
            for one in published
        ],
        losses=runbook_said.losses(course, speech),
        secondary_loss=runbook_said.secondary_loss(course, speech),
        symptoms=runbook_said.symptoms(course, speech),
        titles=runbook_said.titles(course, speech),
    )


@router.get("/runbooks/{runbook_id}/diagram.svg")
async def draw_runbook(
    *,
    request: Request,
    runbook_id: str,
    actor: Visitor,
    service: TheService,
    mode: Mode = "live",
    digest: Digest = "",
    profile: str = "",
) -> Response:
    """Draw the machine of a definition."""
    language = reader_of(request).language
    runbook = await service.database.read(lambda connection: found(connection, service, runbook_id, digest))
    chosen = profile or runbook.profile_ids[0]
    if chosen not in runbook.profile_ids:
        raise NotFound
    course = runbook.for_mode(mode)
    edges = [diagrams.Edge(*edge) for edge in machine_for(course, chosen).edges()]
    headers = {
        "Content-Security-Policy": diagrams.CONTENT_SECURITY_POLICY,
        "Content-Language": language,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Language, Cookie",
    }
    drawing = diagrams.svg(course, language=language, transitions=edges, mark=None)
    return Response(drawing, 200, headers, "image/svg+xml")


def found(connection: Connection, service: Service, runbook_id: str, digest: str) -> Runbook:
    """Give the current definition of that id, or the one of a digest; raises NotFound."""
    definitions = service.definitions
    runbook = definitions.by_digest(connection, digest) if digest else definitions.named(connection, runbook_id)
    if runbook is None or runbook.id != runbook_id:
        raise NotFound("There is no runbook of that id (and digest).")
    return runbook
