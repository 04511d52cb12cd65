"""Lines of the journal, what an accepted event is answered with, and the proof."""

from typing import Any, Literal

from pydantic import BaseModel

from app.domain.events import EventType, Role
from app.web.api.shapes.base import Answer, Hash, Named, Status, Time
from app.web.api.shapes.evidence import Check
from app.web.api.shapes.execution import Execution


class LineActor(Named):
    """Who posted, and the role it was allowed under."""

    role: Role


class KeptEvidence(BaseModel):
    """Something attached, with its SHA-256."""

    kind: Literal["text", "link", "output"]
    name: str | None
    media_type: str | None
    digest: Hash
    content: str | None = None
    href: str | None = None
    check: Check | None


class Event(Answer):
    """An accepted event: one line of the journal."""

    number: int
    id: str
    execution_id: str
    type: EventType
    position_before: str | None
    position_after: str
    status_after: Status
    attempt: int
    step: str | None
    action: str | None
    workloads: list[str]
    actor: LineActor
    recorded_at: Time
    performed_at: Time | None
    performed_by: str | None
    comment: str | None
    evidence: list[KeptEvidence]
    data: dict[str, Any]
    request_key_digest: Hash | None
    runbook_digest: Hash
    previous_hash: Hash
    hash: Hash


class EventList(Answer):
    """A page of the journal."""

    items: list[Event]
    next: str | None


class EventAnswer(Answer):
    """What an accepted event is answered with."""

    event: Event
    execution: Execution


class LineProblem(Answer):
    """Something wrong with a line; number 0: with the whole."""

    number: int
    problem: str


class Verification(Answer):
    """The proof, or what speaks against it; `mode` is there where it is a drill's."""

    mode: Literal["drill"] = "drill"

    ok: bool
    events: int
    head: Hash | None
    problems: list[LineProblem]
