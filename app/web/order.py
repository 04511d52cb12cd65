"""The contract's order of refusals, where a later fault is found first: who asks and what it is about go before it."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.domain.errors import (
    InvalidRequest,
    MalformedRequest,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Refusal,
    UnsupportedMediaType,
)
from app.services import protected_sets, reading
from app.web.deps import caller, execution_id_of, service_of, set_id_of
from app.web.faults import answer_refusal, refusal_of

BASE: Final = "/api/v1"
#: What is wrong with a request's form: checked once it is known who asks, and that what they ask about is there.
_OF_FORM: Final = (
    InvalidRequest, MalformedRequest, PayloadTooLarge, UnsupportedMediaType, RequestValidationError,
)  # fmt: skip


Say = Callable[[Request, Refusal], Awaitable[Response | None]]


def install(app: FastAPI, *, say: Say) -> None:
    """Make `app` answer in the contract's order; after `faults.install`, whose answers it gives.

    `say` is asked about each refusal outside the API, and answers with a page where a browser asks.
    """

    async def answer(request: Request, error: Exception) -> Response:
        found = await first_of(request, error)
        page = None if request.url.path.startswith(BASE + "/") else await say(request, refusal_of(found))
        return await answer_refusal(request, found) if page is None else page

    for kind in (Refusal, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)


async def answer_in_order(request: Request, error: Exception) -> Response:
    """Answer as the API does."""
    return await answer_refusal(request, await first_of(request, error))


async def first_of(request: Request, error: Exception) -> Exception:
    """Give what was raised, or what the contract checks before it. Costs only who made a mistake."""
    try:
        if isinstance(error, HTTPException):
            await _check_address(request, error)
        elif isinstance(error, _OF_FORM):
            await _check_place(request, error)
    except Refusal as earlier:
        return earlier
    return error


async def _check_address(request: Request, error: HTTPException) -> None:
    """Ask who it is where the router, which asks nobody, found no route; name every method the address takes."""
    if request.url.path.startswith(BASE + "/"):
        await caller(request)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        raise MethodNotAllowed(allow=_methods(request.app, request.url.path))


def _methods(app: FastAPI, path: str) -> list[str]:
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.methods and route.path_regex.match(path):
            found |= route.methods
    return sorted(found | {"HEAD"} if "GET" in found else found)


async def _check_place(request: Request, error: Exception) -> None:
    """Raise NotFound for an execution or a runbook that is not there, and for a path that can name nothing."""
    named = request.path_params
    if isinstance(error, RequestValidationError) and any(fault["loc"][0] == "path" for fault in error.errors()):
        raise NotFound
    service = await service_of(request)
    if "execution_id" in named:
        identifier = execution_id_of(named["execution_id"])
        await service.database.read(lambda connection: reading.version_of(connection, identifier))
    if "protected_set_id" in named:
        identifier = set_id_of(named["protected_set_id"])
        await service.database.read(lambda connection: protected_sets.current(connection, identifier))
    if "runbook_id" in named:
        runbook_id = named["runbook_id"]
        if await service.database.read(lambda connection: service.definitions.named(connection, runbook_id)) is None:
            raise NotFound("There is no runbook of that id.")
