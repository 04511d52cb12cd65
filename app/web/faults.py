"""What FastAPI, Starlette, pydantic, the database and our own slips raise, turned into refusals and answered."""

import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, cast

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain import errors
from app.storage.database import TROUBLE
from app.web.errors import problem, send_problem
from app.web.strict_json import MAX_FAULTS, pointer

log = structlog.get_logger(__name__)

_BY_STATUS: Final[dict[int, type[errors.Refusal]]] = {
    401: errors.Unauthenticated,
    403: errors.RoleRequired,
    404: errors.NotFound,
    413: errors.PayloadTooLarge,
    415: errors.UnsupportedMediaType,
    429: errors.TooManyRequests,
    503: errors.Unavailable,
}

_A_TIME: Final = "should be a time with an offset, such as 2026-11-23T03:12:00Z"
#: In place of pydantic's sentences: some would repeat what was sent, the others speak of Python, not of the way out.
_OWN_SENTENCES: Final = {
    "bool_type": "should be true or false",
    "datetime_from_date_parsing": _A_TIME,
    "datetime_parsing": _A_TIME,
    "dict_type": "should be an object",
    "extra_forbidden": "is no member of this; leave it out",
    "greater_than_equal": "should be {ge} or more",
    "int_from_float": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_parsing_size": "should be a whole number of a sane size",
    "int_type": "should be a whole number",
    "less_than_equal": "should be {le} or less",
    "list_type": "should be a list",
    "literal_error": "should be {expected}",
    "missing": "is required",
    "model_attributes_type": "should be an object",
    "model_type": "should be an object",
    "string_pattern_mismatch": "should match {pattern}",
    "string_too_long": "is longer than {max_length} characters; shorten it",
    "string_too_short": "should not be empty",
    "string_type": "should be a text",
    "timezone_aware": _A_TIME,
    "too_long": "has {actual_length} entries, at most {max_length} are taken",
    "too_short": "has {actual_length} entries, at least {min_length} is needed",
    "union_tag_invalid": "should be one of {expected_tags}",
    "union_tag_not_found": "is required",
    "url_parsing": "should be a URL",
    "uuid_parsing": "should be a UUID",
}


def invalid_request(
    faults: Sequence[Mapping[str, Any]] | ValidationError, *, body: object = None
) -> errors.InvalidRequest:
    """Turn pydantic's faults into the refusal that names each field, without what was sent.

    Places outside the body are `/query/NAME`, `/path/NAME` and `/header/NAME`. With `body`, the parsed JSON, what
    pydantic puts into a place but JSON does not have (a union's tag, a validator's name) is left out.
    """
    rows: Sequence[Mapping[str, Any]]
    if isinstance(faults, ValidationError):
        found = faults.errors(include_input=False, include_url=False)
        rows = [{**row, "loc": ("body", *row["loc"])} for row in found]
    else:
        rows = faults
    return errors.InvalidRequest(*[_field_fault(row, body) for row in rows[:MAX_FAULTS]])


def _field_fault(fault: Mapping[str, Any], body: object) -> errors.FieldFault:
    place = [part for part in fault["loc"] if not (isinstance(part, str) and "[" in part)]
    kind, context = str(fault["type"]), fault.get("ctx", {})
    if place and place[0] == "body":
        place = place[1:] if body is None else _place_in(body, place[1:], missing=kind == "missing")
    if kind.startswith("union_tag"):
        place.append(str(context.get("discriminator", "")).strip("'"))
    sentence = str(fault["msg"]).removeprefix("Value error, ")
    if kind in _OWN_SENTENCES:
        sentence = _OWN_SENTENCES[kind].format_map(context)
    return errors.FieldFault(pointer(place), sentence)


def _place_in(body: Any, place: Sequence[str | int], *, missing: bool) -> list[str | int]:
    found: list[str | int] = []
    for part in place:
        holds = part in body if isinstance(body, dict) else isinstance(body, list) and part in range(len(body))
        if holds:
            body = body[part]
            found.append(part)
    if missing and place:
        found.append(place[-1])
    return found


def refusal_of(error: Exception) -> errors.Refusal:
    """Say in the domain's words what FastAPI and Starlette raise."""
    if isinstance(error, errors.Refusal):
        return error
    if isinstance(error, RequestValidationError):
        rows = cast("Sequence[Mapping[str, Any]]", error.errors())
        if any(row["type"] == "json_invalid" for row in rows):
            return errors.MalformedRequest()
        return invalid_request(rows, body=error.body)
    if isinstance(error, HTTPException):
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = (error.headers or {}).get("Allow", "")
            return errors.MethodNotAllowed(allow=[method.strip() for method in allowed.split(",") if method.strip()])
        general = (
            errors.MalformedRequest if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else errors.InternalError
        )
        return _BY_STATUS.get(error.status_code, general)()
    return errors.InternalError()


async def answer_refusal(_: Request, error: Exception) -> Response:
    """Answer what was raised: a refusal, a validation error of FastAPI, an HTTPException of Starlette."""
    status, headers, body = problem(refusal_of(error))
    response = Response(body, status)
    response.raw_headers = headers
    return response


def last_resort(app: ASGIApp) -> ASGIApp:
    """Wrap `app` so that whatever it still raises becomes a problem: refusals, 503 for the database, else 500.

    It has to be the innermost middleware: FastAPI's own 500 handler answers outside all of them.
    """

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        started = False

        async def noting_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await app(scope, receive, noting_send)
        except ClientDisconnect:
            return  # nobody is left to be answered
        except Exception as error:
            refusal = last_refusal(error, scope)
            if started:
                raise  # the answer is half out: breaking it off is the only way to say that it is not whole
            await send_problem(refusal, send)

    return guarded


def last_refusal(error: Exception, scope: Scope) -> errors.Refusal:
    """Say what to answer to an exception that no handler knew, and log what is not the client's doing."""
    if isinstance(error, errors.Refusal):
        return error
    request_id = str(scope.get("state", {}).get("request_id") or uuid.uuid4())
    told = {"request_id": request_id, "method": scope["method"], "path": scope["path"], "exc_info": error}
    if isinstance(error, TROUBLE):
        log.warning("database_is_away", **told)
        return errors.Unavailable(request_id=request_id)
    log.error("unexpected_fault", **told)
    return errors.InternalError(request_id=request_id)


def install(app: FastAPI) -> None:
    """Make `app` answer every refusal and fault with a problem document; before any other middleware is added."""
    for kind in (errors.Refusal, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer_refusal)
    app.add_middleware(last_resort)
