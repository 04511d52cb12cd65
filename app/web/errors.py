"""Refusals as HTTP answers: one table of status, title and way out, and the one shape of RFC 9457."""

import json
import math
from collections.abc import Iterable
from typing import Final, NamedTuple

from starlette.types import Send

from app.domain import errors


class Answer(NamedTuple):
    """How a refusal is answered: its status, its title, and what to do about it."""

    status: int
    title: str
    way_out: str


#: Own titles: the phrases of the standard library differ between versions of Python.
ANSWERS: Final[dict[type[errors.Refusal], Answer]] = {
    errors.MalformedRequest: Answer(
        400,
        "The request cannot be read",
        "Mend the place that detail names; send JSON in UTF-8.",
    ),
    errors.Unauthenticated: Answer(
        401,
        "Who are you?",
        "Send a valid token: Authorization: Bearer fbk_…. An administrator makes one.",
    ),
    errors.RoleRequired: Answer(
        403,
        "Not your role",
        "Ask somebody who has the role that detail names, or have it given to you.",
    ),
    errors.SecondPersonRequired: Answer(
        403,
        "A second person is required",
        "Ask somebody else to post it; in need, a coordinator can break the glass, with a reason.",
    ),
    errors.ForeignForm: Answer(
        403,
        "Sent from elsewhere",
        "Open the page here and send its form; a proxy in between has to pass Host, Origin and Sec-Fetch-Site on.",
    ),
    errors.NotFound: Answer(
        404,
        "Not found",
        "Check the address; lists are at /api/v1/executions and /api/v1/runbooks.",
    ),
    errors.MethodNotAllowed: Answer(
        405,
        "Method not allowed",
        "Use one of the methods in the Allow header. What was recorded wrongly is put right by a correct event.",
    ),
    errors.InFlight: Answer(
        409,
        "Being worked on",
        "Repeat the same request with the same Idempotency-Key after Retry-After seconds.",
    ),
    errors.PositionMoved: Answer(
        409,
        "The position has moved",
        "Read the execution again: moved_by names the event that was faster, position where it stands now.",
    ),
    errors.TransitionRefused: Answer(
        409,
        "Not allowed here",
        "reasons says why, allowed what can be posted at this position.",
    ),
    errors.VersionNotNewer: Answer(
        409,
        "The version is not newer",
        "Look at what is current, and send your changes to that under a higher version.",
    ),
    errors.VersionMismatch: Answer(
        412,
        "It has changed meanwhile",
        "Read it again and repeat with its new ETag, if the request still makes sense.",
    ),
    errors.PayloadTooLarge: Answer(
        413,
        "The body is too large",
        "Send less; attach large output as a link instead.",
    ),
    errors.UnsupportedMediaType: Answer(
        415,
        "Unsupported media type",
        "Send Content-Type: application/json (a runbook as application/yaml too), in UTF-8, not compressed.",
    ),
    errors.InvalidRequest: Answer(
        422,
        "The request is not valid",
        "errors names each field by its JSON pointer and says what it takes.",
    ),
    errors.IdempotencyKeyReused: Answer(
        422,
        "The Idempotency-Key was used before",
        "Take a new key for a new request, the old key only for the same request.",
    ),
    errors.TooManyRequests: Answer(
        429,
        "Too many requests",
        "Wait for Retry-After seconds.",
    ),
    errors.InternalError: Answer(
        500,
        "A fault of the service",
        "Repeat with the same Idempotency-Key: it takes effect once. Tell the administrator request_id.",
    ),
    errors.Unavailable: Answer(
        503,
        "Unavailable for now",
        "Repeat with the same Idempotency-Key after Retry-After seconds.",
    ),
}

#: Seconds to wait where the refusal does not say.
RETRY_AFTER: Final[dict[type[errors.Refusal], int]] = {
    errors.InFlight: 1,
    errors.TooManyRequests: 60,
    errors.Unavailable: 2,
}


def answer_of(refusal: type[errors.Refusal]) -> Answer:
    """Give the table's row of a refusal or of the nearest class it comes from (KeyError: the table lacks it)."""
    return ANSWERS[next(cls for cls in refusal.__mro__ if cls in ANSWERS or cls is errors.Refusal)]


def problem(refusal: errors.Refusal, *, instance: str | None = None) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Give status, headers and body of the RFC 9457 problem that answers `refusal`; `instance` is a URI reference."""
    answer = answer_of(type(refusal))
    document = {
        **refusal.members,
        "type": f"/problems/{refusal.slug}",
        "title": answer.title,
        "status": answer.status,
        "detail": refusal.detail,
    }
    if instance is not None:
        document["instance"] = instance
    headers = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
    if isinstance(refusal, errors.Unauthenticated):
        headers.append((b"www-authenticate", b"Bearer"))
    default_wait = next((RETRY_AFTER[cls] for cls in type(refusal).__mro__ if cls in RETRY_AFTER), None)
    wait = refusal.members.get("retry_after", default_wait)
    if wait is not None:
        document["retry_after"] = max(1, math.ceil(wait))
        headers.append((b"retry-after", str(document["retry_after"]).encode()))
    if isinstance(refusal, errors.MethodNotAllowed):
        headers.append((b"allow", ", ".join(refusal.members.get("allow", ())).encode()))
    # A lone surrogate that reached a sentence is replaced: the answer to bad text must not fail on it.
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "replace")
    headers.append((b"content-length", str(len(body)).encode()))
    return answer.status, headers, body


async def send_problem(
    refusal: errors.Refusal, send: Send, *, more_headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """Answer with the refusal's problem, over bare ASGI."""
    status, headers, body = problem(refusal)
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *more_headers]})
    await send({"type": "http.response.body", "body": body})
