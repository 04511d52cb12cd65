"""The application assembled: service, routes, guards; nothing is decided here."""

import asyncio
import contextlib
import hashlib
import re
import signal
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import fastapi_offline
from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from pydantic_core import to_json
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.services.definitions import Definitions
from app.services.service import Service, prepare
from app.settings import VERSION, Settings
from app.storage.database import Database
from app.web import faults, problem_pages
from app.web.api import answers, executions, journal, runbooks, stream, system
from app.web.deps import ANYONE, FailedAttempts
from app.web.guard import RequestGuard

BASE: Final = "/api/v1"
DOCS: Final = "/docs"
DOCS_FILES: Final = "/docs/files"
DESCRIPTION: Final = """Failover and failback runbooks as a persisted state machine with a journal that can be verified.

Send `Authorization: Bearer fbk_…`. Times are UTC. Every refusal is a problem document whose `type` has a page."""


def _swagger() -> tuple[bytes, str]:
    """Give the page of the API's documentation and the policy that lets its one script run; its files are served here."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Failback API",
        swagger_js_url=f"{DOCS_FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{DOCS_FILES}/swagger-ui.css",
        swagger_favicon_url=f"{DOCS_FILES}/favicon.png",
    )
    body = bytes(page.body)
    scripts = re.findall(rb"<script>(.*?)</script>", body, re.DOTALL)
    digests = " ".join(f"'sha256-{b64encode(hashlib.sha256(one).digest()).decode()}'" for one in scripts)
    policy = (
        f"default-src 'none'; script-src 'self' {digests}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return body, policy


class CountAnswers:
    """Pure ASGI middleware: counts answers by method and status."""

    def __init__(self, app: ASGIApp, figures: system.Figures) -> None:
        """Take the app inside and where to count."""
        self.app = app
        self.figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, count its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def counting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.figures.answers.labels(scope["method"], str(message["status"])).inc()
            await send(message)

        await self.app(scope, receive, counting_send)


def create_app(service: Service, settings: Settings) -> FastAPI:
    """Give the application of an unopened service; its start opens the service, its end closes it."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.open()
        with _told_of_the_end(service):
            yield
        await asyncio.to_thread(service.close)

    app = FastAPI(
        title="Failback",
        version=VERSION,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.state.failed_attempts = FailedAttempts()
    app.state.figures = system.Figures()
    faults.install(app)
    page, policy = _swagger()
    app.add_middleware(
        RequestGuard, allowed_hosts=settings.hosts, policies={DOCS: policy}
    )
    app.add_middleware(CountAnswers, figures=app.state.figures)
    api = APIRouter(prefix=BASE)
    for part in (executions.router, journal.router, stream.router, runbooks.router, system.api):
        api.include_router(part)
    app.include_router(api)
    app.include_router(system.router)
    app.include_router(problem_pages.router, dependencies=[Depends(ANYONE)])
    _add_documentation(app, page)
    return app


def _add_documentation(app: FastAPI, page: bytes) -> None:
    files = Path(fastapi_offline.__file__).parent / "static"
    app.mount(DOCS_FILES, StaticFiles(directory=files), name="docs-files")
    described: dict[str, Any] = {}

    @app.get("/openapi.json", include_in_schema=False, dependencies=[Depends(ANYONE)])
    async def openapi() -> Response:
        if not described:
            described["body"] = to_json(openapi_of(app))
        return Response(described["body"], 200, None, "application/json")

    @app.get(DOCS, include_in_schema=False, dependencies=[Depends(ANYONE)])
    async def docs() -> Response:
        return Response(page, 200, None, "text/html")


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """Give the API's description: FastAPI's own, with the token's scheme and without what it only guesses."""
    described = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, openapi_version="3.1.0"
    )
    schemas = described["components"]["schemas"]
    schemas["Problem"] = answers.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schemas["Problem"].pop("$defs", {})
    described["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, operations in described["paths"].items():
        for operation in operations.values():
            _mend(operation, schemas, open_to_all=not path.startswith(BASE))
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return described


def _mend(operation: dict[str, Any], schemas: dict[str, Any], *, open_to_all: bool) -> None:
    """Name the security, let 422 be the problem it is, and put a body's parts where all schemas are."""
    for body in operation.get("requestBody", {}).get("content", {}).values():
        schemas |= body["schema"].pop("$defs", {})
    operation["security"] = [] if open_to_all else [{"token": []}]
    told = operation["responses"].get("422")
    if told is not None and "application/json" in told.get("content", {}):
        operation["responses"] |= {str(status): one for status, one in answers.problems(422).items()}


@contextlib.contextmanager
def _told_of_the_end(service: Service) -> Any:
    """Tell the service at the first SIGTERM or SIGINT, before the server waits for open answers to end."""
    loop = asyncio.get_running_loop()
    before: dict[signal.Signals, Any] = {}

    def told(number: int, frame: Any, handler: Callable[[int, Any], Any]) -> None:
        service.stopping = True
        loop.call_soon_threadsafe(service.feed.close)
        handler(number, frame)

    for one in (signal.SIGTERM, signal.SIGINT):
        handler = signal.getsignal(one)
        if callable(handler):
            with contextlib.suppress(ValueError):  # not in the main thread: a test's server
                signal.signal(one, lambda number, frame, handler=handler: told(number, frame, handler))
                before[one] = handler
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def application() -> FastAPI:
    """Give the application of the environment's settings; the factory that uvicorn calls in each process.

    Raises WrongRevision on a shared database at another revision, RunbookFault for a bad definition.
    """
    settings = Settings()  # type: ignore[call-arg]
    definitions = Definitions()
    database = Database(settings.database_url)
    prepare(database, settings.database_url)
    return create_app(Service(database, definitions), settings)
