"""The API's own description: /openapi.json, and /docs to read and try it, whose files come from a package."""

import hashlib
import re
from base64 import b64encode
from pathlib import Path
from typing import Any, Final

import fastapi_offline
from fastapi import Depends, FastAPI, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from pydantic_core import to_json
from starlette.staticfiles import StaticFiles

from app.web.api import answers
from app.web.api.answer_examples import ANSWERS
from app.web.deps import ANYONE
from app.web.order import BASE

DOCS: Final = "/docs"
FILES: Final = "/docs/files"
DESCRIPTION: Final = """Failover and failback runbooks as a persisted state machine with a journal that can be verified.

Send `Authorization: Bearer fbk_…`. Times are UTC. Every refusal is a problem document whose `type` has a page."""

_PAGE: Final = bytes(
    get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Failback API",
        swagger_js_url=f"{FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{FILES}/swagger-ui.css",
        swagger_favicon_url=f"{FILES}/favicon.png",
    ).body
)


def _policy() -> str:
    """Give the policy that lets the page's own script run, and its files, and nothing from elsewhere."""
    scripts = re.findall(rb"<script>(.*?)</script>", _PAGE, re.DOTALL)
    digests = " ".join(f"'sha256-{b64encode(hashlib.sha256(one).digest()).decode()}'" for one in scripts)
    return (
        f"default-src 'none'; script-src 'self' {digests}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


#: Content-Security-Policy by path, for pages that need more than the API's answers.
POLICIES: Final = {DOCS: _policy()}


def install(app: FastAPI) -> None:
    """Add the description of all that `app` has, its page and the page's files."""
    app.mount(FILES, StaticFiles(directory=Path(fastapi_offline.__file__).parent / "static"), name="docs-files")
    described: dict[str, bytes] = {}

    @app.get("/openapi.json", include_in_schema=False, dependencies=[Depends(ANYONE)])
    async def openapi() -> Response:
        if not described:
            described["body"] = to_json(openapi_of(app))
        return Response(described["body"], 200, None, "application/json")

    @app.get(DOCS, include_in_schema=False, dependencies=[Depends(ANYONE)])
    async def docs() -> Response:
        return Response(_PAGE, 200, None, "text/html")


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
    """Name the security, show an answer, let 422 be the problem it is, put a body's parts where all schemas are."""
    for body in operation.get("requestBody", {}).get("content", {}).values():
        schemas |= body["schema"].pop("$defs", {})
    operation["security"] = [] if open_to_all else [{"token": []}]
    if operation["operationId"] in ANSWERS:  # put in here: FastAPI would leave the nulls out
        operation["responses"]["200"]["content"]["application/json"]["example"] = ANSWERS[operation["operationId"]]
    told = operation["responses"].pop("422", None)
    if told is not None and not open_to_all:  # what is open to all takes nothing that could be invalid
        operation["responses"] |= {str(status): one for status, one in answers.problems(422).items()}
