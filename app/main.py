"""The application assembled: service, routes, guards; nothing is decided here."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends, FastAPI

from app.services.definitions import Definitions
from app.services.service import Service, prepare
from app.settings import VERSION, Settings
from app.storage.database import Database
from app.web import documentation, faults, order, problem_pages
from app.web.api import (
    clocks,
    evidence,
    executions,
    journal,
    protected_sets,
    publishing,
    runbooks,
    statistics,
    stream,
    system,
)
from app.web.api.short_way import ShortWay
from app.web.console import console, elsewhere
from app.web.deps import ANYONE, FailedAttempts
from app.web.ending import EndInOrder, told_of_the_end
from app.web.figures import CountAnswers, Figures
from app.web.guard import RequestGuard
from app.web.head import HeadAsGet

#: Python's own 700 made the collector run for two events in three, a tenth of their time.
YOUNG_OBJECTS = 50_000


def create_app(service: Service, settings: Settings) -> FastAPI:
    """Give the application of an unopened service; its start opens the service, its end closes it."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.open()
        with told_of_the_end(service):
            yield
        await asyncio.to_thread(service.close)

    app = FastAPI(
        title="Failback",
        version=VERSION,
        description=documentation.DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.failed_attempts = FailedAttempts()
    app.state.figures = Figures()
    app.state.behind_tls = settings.behind_tls
    app.add_middleware(ShortWay)
    faults.install(app)
    order.install(app, say=elsewhere.say)
    app.add_middleware(RequestGuard, allowed_hosts=settings.hosts, policies=documentation.POLICIES)
    app.add_middleware(HeadAsGet)
    app.add_middleware(CountAnswers, figures=app.state.figures)
    app.add_middleware(EndInOrder, stopping=lambda: service.stopping)
    api = APIRouter(prefix=order.BASE)
    for part in (executions, evidence, clocks, journal, stream, runbooks, publishing, protected_sets, statistics):
        api.include_router(part.router)
    api.include_router(system.api)
    app.include_router(api)
    app.include_router(system.router)
    app.include_router(problem_pages.router, dependencies=[Depends(ANYONE)])
    app.include_router(console)
    documentation.install(app)
    return app


def _spare_the_collector() -> None:
    """Leave alone what lives as long as the process, and look for rubbish less often: events leave no cycles behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 50, 100)


def application() -> FastAPI:
    """Give the application of the environment's settings; the factory that uvicorn calls in each process.

    Raises WrongRevision on a shared database at another revision, RunbookFault for a bad definition.
    """
    settings = Settings()
    database = Database(settings.database_url)
    prepare(database, settings.database_url)
    app = create_app(Service(database, Definitions()), settings)
    _spare_the_collector()
    return app
