"""The body of a check of evidence that records nothing."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter

from app.web.bodies.fields import MAX_PIECES, Evidence, Form, Names, Position


def _pieces(value: Any) -> Any:
    """Give a bare text, alone or in a list, as the output that it is."""
    values = value if isinstance(value, list) else [value]
    return [{"kind": "output", "content": one} if isinstance(one, str) else one for one in values]


class EvidenceBody(Form):
    """Evidence as an event would attach it, and what it would be attached to."""

    evidence: Annotated[
        list[Evidence],
        BeforeValidator(_pieces, json_schema_input_type=str | list[str | Evidence]),
        Field(min_length=1, max_length=MAX_PIECES, description="What was printed, a list of such, or of evidence."),
    ]
    at: Annotated[Position, Field(description="The action as step.action; by default where it stands.")] | None = None
    workloads: Names | None = None


EVIDENCE: TypeAdapter[EvidenceBody] = TypeAdapter(EvidenceBody)
