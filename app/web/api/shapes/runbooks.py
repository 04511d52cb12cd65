"""Definitions: in a list, and whole in one language."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.web.api.shapes.base import Answer, Hash, Mode, Named, Time


class RunbookSummary(Answer):
    """A runbook in a list."""

    id: str
    version: str
    digest: Hash
    title: str
    kind: Literal["procedure", "checklist"]
    valid_days: Annotated[int | None, Field(description="How long a completed checklist holds; null: a procedure.")]


class RunbookList(Answer):
    """The runbooks."""

    items: list[RunbookSummary]
    next: str | None


class Runbook(RunbookSummary):
    """A whole definition in one language and mode; docs/runbook-format.md says what each member means."""

    mode: Mode
    parameters: list[dict[str, Any]]
    command_profiles: list[dict[str, Any]]
    phases: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    on_loss: dict[str, Any]
    errata: list[dict[str, Any]]
    sources: list[dict[str, Any]]


class Publication(Answer):
    """A definition that became current: what new executions of its runbook begin with, until the next one."""

    id: Annotated[str, Field(description="The runbook's.")]
    number: Annotated[int, Field(ge=1, description="Which of the runbook's publications this is.")]
    version: str
    digest: Hash
    published_by: Annotated[Named | None, Field(description="Null: it came with a release.")]
    published_at: Time


class RunbookVersion(Publication):
    """A publication in a list."""

    current: bool


class RunbookVersionList(Answer):
    """The versions of a runbook."""

    items: list[RunbookVersion]
    next: str | None
