"""What the calls about executions do once it is known who asks: parse, one call of a service, the answer."""

import hashlib
from typing import Any

from anyio import to_thread
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from app.domain.chain import written
from app.domain.errors import NotFound, RoleRequired
from app.domain.events import ROLES, Actor, EventType, roles_for
from app.services import executions, reading
from app.services.document import etag
from app.services.executions import Accepted
from app.services.keys import RequestKey
from app.services.reading import MANY_WORKLOADS
from app.services.service import Service
from app.storage import queries
from app.web.bodies.events import EVENT
from app.web.deps import execution_id_of
from app.web.faults import invalid_request
from app.web.guard import guarded_json
from app.web.headers import entity_tags, key_digest, seconds_to_wait, versions_of

JSON = "application/json"
VARY = "Accept-Language, Authorization"
POSTED = frozenset(ROLES) - {EventType.DECLARE}
#: The member by which an event sets a rule aside, which is the coordinator's alone.
ABOVE = {
    EventType.AUTHORIZE: "break_glass",
    EventType.SIGN_OFF: "break_glass",
    EventType.CONFIRM: "evidence_waived",
}


def headers_for(version: int, language: str) -> dict[str, str]:
    """Give the headers that every answer with an execution's document has."""
    return {
        "ETag": etag(version, language),
        "Content-Language": language,
        "Vary": VARY,
        "Cache-Control": "private, no-cache",
    }


async def form(request: Request, adapter: TypeAdapter[Any]) -> Any:
    """Give the body as its model; raises InvalidRequest with every fault."""
    body = await guarded_json(request)
    try:
        return adapter.validate_python(body)
    except ValidationError as error:
        raise invalid_request(error, body=body) from None


def request_key(field: str | None, path: str, body: Any) -> RequestKey | None:
    """Give the idempotency key with the digest of this request; raises InvalidRequest for a malformed key."""
    digest = key_digest(field)
    if digest is None:
        return None
    asked = hashlib.sha256(written([path, body])).hexdigest()
    return RequestKey(key_digest=digest, request_digest=asked)


async def document(service: Service, accepted: Accepted, language: str) -> bytes:
    """Give the document that an accepted request led to: of that version, also when it is replayed."""
    if accepted.runbook is not None and accepted.facts is not None:
        made_of = (accepted.runbook, accepted.facts, accepted.execution_id, language)
        if len(accepted.facts.workloads) > MANY_WORKLOADS:
            return await to_thread.run_sync(service.documents.render, *made_of)
        return service.documents.render(*made_of)
    asked = (service.documents, accepted.execution_id, accepted.number, language)
    rendered = await service.database.read_long(lambda connection: reading.at_hand(connection, *asked))
    if rendered is None:
        rendered = await service.database.compute(lambda connection: reading.at_version(connection, *asked))
    return rendered.body


def created(body: bytes, accepted: Accepted, language: str, location: str) -> Response:
    """Answer 201 with a document, its tag and where what was made is to be found."""
    replayed = {"Idempotency-Replayed": "true"} if accepted.replayed else {}
    return Response(body, 201, {**headers_for(accepted.number, language), "Location": location, **replayed}, JSON)


async def read(request: Request, service: Service, execution_id: str, *, language: str) -> Response:
    """Answer where an execution stands, or 304, held back for as long as the request prefers. Raises NotFound.

    Its version was noted in `request.state.version` when it was asked who reads.
    """
    identifier = execution_id_of(execution_id)
    field = request.headers.get("if-none-match")
    known, wait = entity_tags(field) if field else [], seconds_to_wait(request.headers.get("prefer"))
    version: int | None = request.state.version
    if version is None:
        raise NotFound("There is no execution of that id.")
    if wait and _is_known(version, language, known):
        version = await service.changed(identifier, version, wait)
    if _is_known(version, language, known):
        return Response(None, 304, headers_for(version, language))
    kept = service.documents.get(identifier, version, language)
    if kept is None:
        asked = (service.documents, identifier, language)
        rendered = await service.database.read(lambda connection: reading.soon(connection, *asked))
        if rendered is None:
            rendered = await service.database.read_long(lambda connection: reading.current(connection, *asked))
        version, kept = rendered.version, rendered.body
    return Response(kept, 200, headers_for(version, language), JSON)


def _is_known(version: int, language: str, tags: list[str] | None) -> bool:
    return tags is None or etag(version, language).strip('"') in tags


async def post(request: Request, service: Service, actor: Actor, execution_id: str, *, language: str) -> Response:
    """Post the event that the request's body holds and answer with its line and the document after it."""
    body = await guarded_json(request)
    _check_role(actor, body)
    identifier = execution_id_of(execution_id)
    posted = (await form(request, EVENT)).posted()
    key = request_key(request.headers.get("idempotency-key"), f"/executions/{identifier}/events", body)
    accepted = await service.writer.ask(
        executions.post(
            identifier,
            posted,
            actor=actor,
            key=key,
            versions=versions_of(request.headers.get("if-match")),
            definitions=service.definitions,
            language=language,
        )
    )
    body_after = await document(service, accepted, language)
    line = accepted.line or await _line(service, accepted)
    both = b'{"event":%b,"execution":%b}' % (line.encode(), body_after)
    return created(both, accepted, language, f"/api/v1/executions/{identifier}/events/{accepted.number}")


def _check_role(actor: Actor, body: Any) -> None:
    """Raise RoleRequired where no role of the token may ever post an event of the type; the rest is the machine's."""
    kind = body.get("type") if isinstance(body, dict) else None
    if not isinstance(kind, str) or kind not in POSTED:
        return
    above = body.get(ABOVE.get(EventType(kind), "")) is True
    roles = roles_for(EventType(kind), above=above)
    if not actor.roles & set(roles):
        raise RoleRequired(f"{kind} needs the role {' or '.join(roles)}.", required=[*roles])


async def _line(service: Service, accepted: Accepted) -> str:
    """Give the line of a replayed request as it was written."""
    where = (accepted.execution_id, accepted.number)
    return await service.database.read(lambda connection: queries.line(connection, *where) or "null")
