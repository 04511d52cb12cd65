"""Posting from a page: what the form showed has to hold still; a colleague's note in between does not matter."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from app.domain.chain import written
from app.domain.errors import Unavailable, VersionMismatch
from app.domain.events import REMARKS, Actor, EventType, Posted
from app.domain.facts import Facts
from app.services import executions, reading
from app.services.executions import Accepted
from app.services.keys import RequestKey
from app.services.service import Service
from app.web.headers import key_digest

#: Notes may arrive as fast as they like: so often is asked again before giving up.
_TRIES: Final = 5
_DIGITS: Final = 16  # a version has fewer
#: These decide about what was done as a whole, so that a failure reported meanwhile matters to them too.
_DECIDES: Final = frozenset({EventType.AUTHORIZE, EventType.SIGN_OFF})


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """What a form says of the page it stood on: the version, and a digest of what it showed."""

    version: int
    digest: str


def showing(version: object, digest: object) -> Showing:
    """Read what a form says that it showed; what is no number or was left out matches nothing."""
    number = int(version) if isinstance(version, str) and version.isdecimal() and len(version) < _DIGITS else 0
    return Showing(version=number, digest=digest if isinstance(digest, str) else "")


def shown(facts: Facts, kind: EventType) -> str:
    """Give the digest of what a form of this type shows and relies on.

    Not the outcomes: two people who confirm different workloads do not disturb each other, and the same one twice is
    refused by the rules.
    """
    seen: dict[str, Any] = {
        "position": facts.position,
        "attempt": facts.attempt,
        "profile": facts.profile,
        "workloads": {
            name: [one.waived_at, asdict(one.recovery_point) if one.recovery_point else None]
            for name, one in facts.workloads.items()
        },
    }
    if kind in _DECIDES:
        seen["failures"] = [failure.event for failure in facts.failures]
    return hashlib.sha256(written(seen)).hexdigest()


def request_key(path: str, body: Mapping[str, Any], key: str) -> RequestKey | None:
    """Give the form's key with the digest of what it sends; None for a form without; raises InvalidRequest."""
    digest = key_digest(key or None)
    if digest is None:
        return None
    return RequestKey(key_digest=digest, request_digest=hashlib.sha256(written([path, dict(body)])).hexdigest())


async def post(
    service: Service,
    execution_id: str,
    posted: Posted,
    body: Mapping[str, Any],
    *,
    actor: Actor,
    key: str,
    showing: Showing,
    language: str,
) -> Accepted:
    """Post an event as it was decided on, with the form's key; raises what `executions.post` does.

    VersionMismatch means that what the form showed is different now, and nothing less.
    """
    stored = request_key(f"/executions/{execution_id}", body, key)
    versions = None if posted.type in REMARKS else frozenset({showing.version})
    for _ in range(_TRIES):
        job = executions.post(
            execution_id,
            posted,
            actor=actor,
            key=stored,
            versions=versions,
            definitions=service.definitions,
            language=language,
        )
        try:
            return await service.writer.ask(job)
        except VersionMismatch:
            facts = await _facts(service, execution_id)
            stands = posted.at in (None, facts.position) and posted.attempt in (None, facts.attempt)
            if stands and shown(facts, posted.type) != showing.digest:
                raise
            versions = frozenset({facts.version}) if stands else None  # else the rules name who moved it
    raise Unavailable("The execution changes faster than this can be sent. Send it again.")


async def _facts(service: Service, execution_id: str) -> Facts:
    asked = (service.definitions, execution_id)
    return (await service.database.read_long(lambda connection: reading.standing(connection, *asked)))[1]
