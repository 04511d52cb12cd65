"""The system's own routes: who am I, is it alive, is it ready, its figures."""

import time

from anyio import fail_after, to_thread
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import to_json

from app.services.service import Service
from app.web.api import answers, shapes
from app.web.deps import Public, Reader, TheService
from app.web.figures import Figures

api = APIRouter(tags=["system"])
router = APIRouter(tags=["system"])

NEEDED = ("writable", "revision_current", "durable", "writer")
READY_SECONDS = 1.0  # how long one look at the database serves all who ask
LOOK_SECONDS = 2.5  # a database that hangs answers no look at all: nobody waits longer than this for it


@api.get("/me", operation_id="read_me", summary="Who does my token speak for?", responses=answers.found(shapes.Me))
async def read_me(actor: Reader) -> Response:
    """Give the operator and roles of the token."""
    body = {"id": actor.id, "name": actor.name, "roles": sorted(actor.roles)}
    return Response(to_json(body), 200, {"Cache-Control": "no-store"}, "application/json")


@router.get("/livez", operation_id="read_livez", summary="Is the process alive?")
async def read_livez(permission: Public) -> dict[str, str]:
    """Say so, and touch nothing."""
    return {"status": "alive"}


@router.get(
    "/readyz",
    operation_id="read_readyz",
    summary="Can it take events?",
    responses={503: {"description": "Not now; the body says what is wrong."}},
)
async def read_readyz(request: Request, permission: Public, service: TheService) -> Response:
    """Look at the database (at most once a second): writable, at this program's revision, durable."""
    state = request.app.state
    looked: float
    report: dict[str, str | bool]
    looked, report = getattr(state, "readiness", (0.0, {}))
    if not report or time.monotonic() - looked > READY_SECONDS:
        report = await _looked(service)
        state.readiness = (time.monotonic(), report)
    report |= {"writer": service.writer.alive, "stopping": service.stopping}  # known without looking at the database
    report = {"ready": all(report.get(name) for name in NEEDED) and not service.stopping, **report}
    state.figures.ready.set(report["ready"])
    return Response(to_json(report), 200 if report["ready"] else 503, {"Cache-Control": "no-store"}, "application/json")


async def _looked(service: Service) -> dict[str, str | bool]:
    try:
        with fail_after(LOOK_SECONDS):
            return dict(await to_thread.run_sync(service.database.health, abandon_on_cancel=True))
    except TimeoutError as error:
        return {"writable": False, "error": type(error).__name__}


@router.get("/metrics", operation_id="read_metrics", summary="Figures for Prometheus", response_class=Response)
async def read_metrics(request: Request, permission: Public, service: TheService) -> Response:
    """Give the figures of this process; nothing about an execution."""
    figures: Figures = request.app.state.figures
    figures.streams.set(service.places.taken)
    return Response(generate_latest(figures.registry), media_type=CONTENT_TYPE_LATEST)
