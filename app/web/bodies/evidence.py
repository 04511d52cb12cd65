"""The body of a check of evidence that records nothing."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from app.web.bodies.fields import MAX_PIECES, Evidence, Form, Names, Position


class EvidenceBody(Form):
    """Evidence as an event would attach it, and what it would be attached to."""

    evidence: Annotated[list[Evidence], Field(min_length=1, max_length=MAX_PIECES)]
    at: Annotated[Position, Field(description="The action as step.action; by default where it stands.")] | None = None
    workloads: Names | None = None


EVIDENCE: TypeAdapter[EvidenceBody] = TypeAdapter(EvidenceBody)
