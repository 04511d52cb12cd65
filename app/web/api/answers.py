"""What routes answer with besides their documents: problems as OpenAPI describes them, pages of lists, their limits."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import BaseModel
from pydantic_core import to_json

from app.domain.errors import FieldFault, InvalidRequest
from app.web.api.shapes import Status
from app.web.api.shapes.base import Answer

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]
StatusFilter = Annotated[Status | None, Query()]


class Fault(Answer):
    """A field at fault."""

    pointer: str
    message: str


class Problem(BaseModel):
    """RFC 9457; more members say what the type's page explains."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None


_TITLES = {
    400: "The request cannot be read.",
    401: "No valid token.",
    403: "Not your role, or a second person is required.",
    404: "There is nothing by that name.",
    405: "Not with this method.",
    409: "The position has moved, the runbook does not allow it here, or the version is not newer; see `type`.",
    412: "It has changed since the version that If-Match names.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "A field is not valid; `errors` names each.",
    429: "Too many failed attempts.",
    503: "The database does not answer; repeat with the same key.",
}


_HEADERS = {
    name: {"description": text, "schema": {"type": "string"}, "required": name != "Idempotency-Replayed"}
    for name, text in (
        ("Location", "Where what was made is read."),
        ("ETag", "Tag of the version and language, for If-Match and If-None-Match."),
        ("Idempotency-Replayed", "`true`: the answer to the same request before."),
    )
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe these problem answers."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _TITLES[status], "content": content} for status in sorted(statuses)}


def found(model: type[BaseModel], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe a 200 with this model, and the problems a reader may meet."""
    return {200: {"model": model, "description": "Found."}, **problems(400, 401, 429, 503, *statuses)}


def created(model: type[BaseModel], *statuses: int, tagged: bool = True) -> dict[int | str, dict[str, Any]]:
    """Describe a 201 with this model, with an entity tag or without, and the problems a sender may meet."""
    headers = {name: one for name, one in _HEADERS.items() if tagged or name != "ETag"}
    accepted = {"model": model, "description": "Accepted.", "headers": headers}
    return {201: accepted, **problems(400, 401, 429, 503, *statuses)}


def page(request: Request, items: list[Any], following: str | None, *, name: str = "cursor", **more: str) -> Response:
    """Give a page of a list, with the Link to the next one; `more` are headers, `_` in their names stands for `-`."""
    headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
    headers |= {one.replace("_", "-").title(): value for one, value in more.items()}
    if following is not None:  # without the host: that is whatever the client, or a proxy, wrote
        there = request.url.include_query_params(**{name: following})
        headers["Link"] = f'<{there.path}?{there.query}>; rel="next"'
    return Response(to_json({"items": items, "next": following}), 200, headers, "application/json")


def sane(moment: datetime | None, name: str) -> datetime | None:
    """Give a time that UTC can write too; raises InvalidRequest."""
    if moment is not None and not 1990 <= moment.year <= 9000:  # noqa: PLR2004 - the edges leave the calendar
        raise InvalidRequest(FieldFault(f"/query/{name}", "is not a time of our age"))
    return moment
